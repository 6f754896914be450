// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the text layer: numbers, names, files good and bad.
 *
 *   parser DIRECTORY            KTAP on standard output, status 1 on a failure
 *   parser --update DIRECTORY   write what is found to NAME.expected instead;
 *                               read the difference before you commit it
 *
 * DIRECTORY holds good/ and bad/. Of each NAME.xml in them, all findings must
 * be those of NAME.expected, and errors must be among them in bad/ only.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "error.h"
#include "findings.h"
#include "units.h"
#include "xml-priv.h"
#include "xml.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* Claims of one test that did not hold; printed as they are found. */
static unsigned int broken;

#define CLAIM(condition, ...)						\
	do {								\
		if (!(condition)) {					\
			broken++;					\
			printf("# %s:%d: %s: ", __FILE__, __LINE__, #condition); \
			printf(__VA_ARGS__);				\
			putchar('\n');					\
		}							\
	} while (0)

static void numbers_are_exact_to_64_bits(void)
{
	static const struct {
		const char *text;
		enum ps_unit unit;
		uint64_t value;
	} cases[] = {
		{ "0", PS_UNIT_OK, 0 },
		{ "00", PS_UNIT_OK, 0 },
		{ "007", PS_UNIT_OK, 7 },
		{ "9223372036854775807", PS_UNIT_OK, INT64_MAX },
		{ "9223372036854775808", PS_UNIT_OK, 1ULL << 63 },
		{ "18446744073709551615", PS_UNIT_OK, UINT64_MAX },
		{ "18446744073709551616", PS_UNIT_RANGE, 0 },
		{ "18446744073709551620", PS_UNIT_RANGE, 0 },
		{ "99999999999999999999999999", PS_UNIT_RANGE, 0 },
		{ "99999999999999999999999999x", PS_UNIT_MALFORMED, 0 },
		{ "0x0", PS_UNIT_OK, 0 },
		{ "0xff", PS_UNIT_OK, 255 },
		{ "0XfF", PS_UNIT_OK, 255 },
		{ "0xffffffffffffffff", PS_UNIT_OK, UINT64_MAX },
		{ "0x00000000000000001", PS_UNIT_OK, 1 },
		{ "0x10000000000000000", PS_UNIT_RANGE, 0 },
		{ "0x", PS_UNIT_MALFORMED, 0 },
		{ "0xg", PS_UNIT_MALFORMED, 0 },
		{ "ff", PS_UNIT_MALFORMED, 0 },
		{ "-1", PS_UNIT_NEGATIVE, 0 },
		{ "-0x1", PS_UNIT_NEGATIVE, 0 },
		{ "-18446744073709551616", PS_UNIT_NEGATIVE, 0 },
		{ "-", PS_UNIT_MALFORMED, 0 },
		{ "--1", PS_UNIT_MALFORMED, 0 },
		{ "+1", PS_UNIT_MALFORMED, 0 },
		{ "1.0", PS_UNIT_MALFORMED, 0 },
		{ "1e3", PS_UNIT_MALFORMED, 0 },
		{ "1 2", PS_UNIT_MALFORMED, 0 },
		{ "1_000", PS_UNIT_MALFORMED, 0 },
		{ "\xd9\xa1", PS_UNIT_MALFORMED, 0 },	/* an Arabic digit */
		{ "", PS_UNIT_EMPTY, 0 },
		{ " \t\r\n", PS_UNIT_EMPTY, 0 },
		{ "\v1", PS_UNIT_MALFORMED, 0 },
	};
	size_t i;

	for (i = 0; i < NR(cases); i++) {
		uint64_t value = 0;
		enum ps_unit unit = ps_read_u64(cases[i].text, 0, UINT64_MAX, &value, NULL);

		CLAIM(unit == cases[i].unit, "\"%s\" gives %d", cases[i].text, unit);
		CLAIM(value == cases[i].value, "\"%s\" gives %llu", cases[i].text,
		      (unsigned long long)value);
	}
}

static void numbers_keep_to_their_range(void)
{
	uint64_t value = 77;

	CLAIM(ps_read_u64("4", 5, 9, &value, NULL) == PS_UNIT_RANGE, "below");
	CLAIM(ps_read_u64("10", 5, 9, &value, NULL) == PS_UNIT_RANGE, "above");
	CLAIM(value == 77, "a failure leaves the value alone");
	CLAIM(!ps_read_u64("5", 5, 9, &value, NULL) && value == 5, "least");
	CLAIM(!ps_read_u64("9", 5, 9, &value, NULL) && value == 9, "greatest");
}

static void blanks_are_passed_over_and_told(void)
{
	bool blanks = false, truth = false;
	uint64_t value = 0;

	CLAIM(!ps_read_u64("30", 0, 99, &value, &blanks) && !blanks, "none");
	CLAIM(!ps_read_u64("30 ", 0, 99, &value, &blanks) && blanks, "behind");
	blanks = false;
	CLAIM(!ps_read_u64("\n\t30", 0, 99, &value, &blanks) && blanks, "before");
	blanks = false;
	CLAIM(!ps_read_size(" 6M", 0, UINT64_MAX, &value, &blanks) && blanks, "size");
	blanks = false;
	CLAIM(!ps_read_bool("true ", &truth, &blanks) && blanks && truth, "boolean");
}

static void sizes_take_binary_suffixes(void)
{
	static const struct {
		const char *text;
		enum ps_unit unit;
		uint64_t value;
	} cases[] = {
		{ "6M", PS_UNIT_OK, 6 << 20 },
		{ "6m", PS_UNIT_OK, 6 << 20 },
		{ "0x10K", PS_UNIT_OK, 16 << 10 },
		{ "1G", PS_UNIT_OK, 1 << 30 },
		{ "17179869183G", PS_UNIT_OK, 17179869183ULL << 30 },
		{ "17179869184G", PS_UNIT_RANGE, 0 },
		{ "18446744073709551615", PS_UNIT_OK, UINT64_MAX },
		{ "18446744073709551615K", PS_UNIT_RANGE, 0 },
		{ "M", PS_UNIT_MALFORMED, 0 },
		{ "6 M", PS_UNIT_MALFORMED, 0 },
		{ "6MB", PS_UNIT_MALFORMED, 0 },
		{ "6T", PS_UNIT_MALFORMED, 0 },
		{ "-6M", PS_UNIT_NEGATIVE, 0 },
		{ "", PS_UNIT_EMPTY, 0 },
	};
	size_t i;

	for (i = 0; i < NR(cases); i++) {
		uint64_t value = 0;
		enum ps_unit unit = ps_read_size(cases[i].text, 0, UINT64_MAX, &value, NULL);

		CLAIM(unit == cases[i].unit && value == cases[i].value, "\"%s\" gives %d, %llu",
		      cases[i].text, unit, (unsigned long long)value);
	}
}

static void booleans_are_those_seen_in_the_wild(void)
{
	static const char *const yes[] = { "true", "1", "True", "TRUE" };
	static const char *const no[] = { "false", "0", "False", "FALSE" };
	static const char *const neither[] = { "yes", "tru", "truee", "2", "01", "-1", "t" };
	bool value;
	size_t i;

	for (i = 0; i < NR(yes); i++) {
		value = false;
		CLAIM(!ps_read_bool(yes[i], &value, NULL) && value, "%s", yes[i]);
		value = true;
		CLAIM(!ps_read_bool(no[i], &value, NULL) && !value, "%s", no[i]);
	}
	for (i = 0; i < NR(neither); i++)
		CLAIM(ps_read_bool(neither[i], &value, NULL) == PS_UNIT_MALFORMED, "%s",
		      neither[i]);
	CLAIM(ps_read_bool("  ", &value, NULL) == PS_UNIT_EMPTY, "blanks");
}

static void nearest_name_is_a_slip_of_the_pen(void)
{
	static const char *const known[] = { "flightControl", NULL, "display", "io" };
	char endless[5000];
	const char *near;

	near = ps_nearest("flightControls", known, NR(known));
	CLAIM(near && !strcmp(near, "flightControl"), "one letter more");
	near = ps_nearest("dispaly", known, NR(known));
	CLAIM(near && !strcmp(near, "display"), "two letters changed places");
	CLAIM(!ps_nearest("navigation", known, NR(known)), "another word");
	CLAIM(!ps_nearest("x", known, 0), "nothing known");
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	CLAIM(!ps_nearest(endless, known, NR(known)), "an endless word");
}

static void names_cannot_drive_a_terminal(void)
{
	static const struct {
		const char *name;
		const char *safe;
	} cases[] = {
		{ "plain", "plain" },
		{ "u\xc3\xa7u\xc5\x9f", "u\xc3\xa7u\xc5\x9f" },
		{ "\xf0\x9f\x9b\xa9", "\xf0\x9f\x9b\xa9" },
		{ "a\x1b[31m", "a\\x1b[31m" },
		{ "a\nb\x7f", "a\\x0ab\\x7f" },
		{ "\xc2\x9b", "\\xc2\\x9b" },		/* C1: CSI */
		{ "\xc0\x9b", "\\xc0\\x9b" },		/* overlong ESC */
		{ "\xe0\x80\x9b", "\\xe0\\x80\\x9b" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },	/* a surrogate */
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae" },	/* right-to-left override */
		{ "\xc3", "\\xc3" },			/* cut short */
		{ "\xff", "\\xff" },
	};
	char buf[256], small[12];
	size_t i;

	for (i = 0; i < NR(cases); i++) {
		ps_escape(buf, sizeof(buf), cases[i].name);
		CLAIM(!strcmp(buf, cases[i].safe), "\"%s\" for \"%s\"", buf, cases[i].safe);
	}
	ps_escape(small, sizeof(small), "abcdefghijklmnop");
	CLAIM(strlen(small) < sizeof(small) && !strcmp(small + strlen(small) - 3, "..."), "%s",
	      small);
	ps_escape(small, sizeof(small), "\x1b\x1b\x1b\x1b\x1b");
	CLAIM(!strcmp(small, "\\x1b\\x1b..."), "%s", small);
}

static void findings_are_sorted_and_summed_up(void)
{
	struct ps_findings findings;
	char *text, *line;
	int i, lines = 0;

	ps_findings_init(&findings, "f.xml");
	for (i = 25; i > 0; i--)
		ps_find(&findings, PS_OVERLAP, i, "window", NULL, "overlaps");
	ps_find(&findings, PS_NO_WINDOW, 3, "partition", "advice", "has none");
	ps_findings_sort(&findings);
	text = ps_findings_text(&findings);
	CLAIM(findings.errors == 25 && findings.warnings == 1, "counted");
	CLAIM(!strncmp(text, "f.xml:1: window: overlaps [error PS0042]\n", 41), "%s", text);
	CLAIM(strstr(text, "f.xml:3: partition: has none; advice [warning PS0034]\n"), "%s", text);
	CLAIM(strstr(text, "f.xml: 5 more of the same kind"), "%s", text);
	for (line = text; (line = strchr(line, '\n')); line++)
		lines++;
	CLAIM(lines == 22, "%d lines", lines);
	free(text);
	ps_findings_free(&findings);
}

static struct ps_model *check_file(const char *path, struct ps_findings *findings)
{
	ps_findings_init(findings, path);
	return ps_xml_check(path, 0, findings);
}

static void model_has_what_the_file_says(void)
{
	struct ps_findings findings;
	struct ps_model *m = check_file("good/extensions.xml", &findings);

	CLAIM(m && !findings.errors, "extensions.xml");
	if (!m)
		return;
	CLAIM(m->slack_ppm == 100000, "slack %u", m->slack_ppm);
	CLAIM(m->nr_partitions == 2 && m->nr_schedules == 1, "counts");
	CLAIM(m->partitions[0].memory == 8 << 20 && m->partitions[1].memory == 0x800000, "memory");
	CLAIM(m->partitions[0].halt_exits && !m->partitions[1].halt_exits, "halt_exits");
	CLAIM(m->partitions[0].launcher == PS_LAUNCHER_NONE, "launcher");
	CLAIM(m->partitions[0].auto_start && !m->partitions[1].auto_start, "auto_start");
	CLAIM(!strcmp(m->partitions[1].binary, "good/guest.img"), "%s", m->partitions[1].binary);
	CLAIM(!ps_partition_starts(&m->partitions[0]) && !ps_partition_starts(&m->partitions[1]),
	      "neither starts");
	CLAIM(m->schedules[0].frame_ns == 20000000, "frame");
	CLAIM(m->schedules[0].nr_windows == 2 && m->schedules[0].windows[1].partition == 1 &&
	      m->schedules[0].windows[1].offset_ns == 10000000 &&
	      m->schedules[0].windows[1].duration_ns == 9000000, "window");
	ps_model_free(m);
	ps_findings_free(&findings);

	m = check_file("good/several-vcpus.xml", &findings);
	CLAIM(m && m->partitions[0].nr_vcpus == 2 && m->partitions[0].vcpus[0].index == 0 &&
	      m->partitions[0].vcpus[0].cpu == 1 && m->partitions[0].vcpus[1].cpu == 2,
	      "vCPUs stand in order");
	ps_model_free(m);
	ps_findings_free(&findings);

	m = check_file("good/turkish-names.xml", &findings);
	CLAIM(m && ps_model_find(m, "uçuş-kontrolü") == 0, "name");
	ps_model_free(m);
	ps_findings_free(&findings);
}

static void odd_files_are_refused(void)
{
	char dir[] = "/tmp/partsched-parser-XXXXXX", path[64];
	struct ps_findings findings;
	struct timespec from, to;
	FILE *file;
	size_t i;

	CLAIM(mkdtemp(dir), "%s", dir);
	CLAIM(!check_file(dir, &findings) && findings.list[0].kind == PS_FILE, "a directory");
	ps_findings_free(&findings);

	snprintf(path, sizeof(path), "%s/fifo", dir);
	CLAIM(!mkfifo(path, 0600), "mkfifo");
	CLAIM(!check_file(path, &findings) && findings.errors, "a FIFO without a writer");
	ps_findings_free(&findings);
	unlink(path);

	snprintf(path, sizeof(path), "%s/large.xml", dir);
	file = fopen(path, "w");
	fputs("<ARINC_653_Module xmlns='ARINC_653_ModuleMC_NS'>", file);
	for (i = 0; i < (17 << 20) / 16; i++)
		fputs("                ", file);
	fclose(file);
	CLAIM(!check_file(path, &findings) && findings.list[0].kind == PS_SIZE, "17 MiB");
	ps_findings_free(&findings);

	/* as many windows as fit, each wrong in several ways: still quick */
	file = fopen(path, "w");
	fputs("<ARINC_653_Module xmlns='ARINC_653_ModuleMC_NS'><Partitions><Partition>\n"
	      "<PartitionDefinition Identifier='1' Name='a'/></Partition></Partitions>\n"
	      "<Schedules MajorFrameDuration='1000000000'>\n", file);
	for (i = 0; i < 100000; i++)
		fprintf(file, "<PartitionTimeWindow PartitionNameRef='a' Offset='%zu' Duration='99999999' Wrong='1'/>\n",
			i);
	fputs("</Schedules></ARINC_653_Module>\n", file);
	fclose(file);
	clock_gettime(CLOCK_MONOTONIC, &from);
	ps_model_free(check_file(path, &findings));
	clock_gettime(CLOCK_MONOTONIC, &to);
	CLAIM(findings.errors > 100000, "%zu errors", findings.errors);
	CLAIM(to.tv_sec - from.tv_sec < 60, "%ld s", (long)(to.tv_sec - from.tv_sec));
	ps_findings_free(&findings);
	unlink(path);
	rmdir(dir);
}

#define GRID_NS 10000000ULL
#define GRID_PER_S 100

/* A plan of one CPU on a grid of 10 ms, against the definition taken literally. */
static void slack_and_overlap_agree_with_brute_force(void)
{
	unsigned int seed = 1, round, disagreed = 0, refused = 0;

	for (round = 0; round < 3000; round++) {
		unsigned int frame = 20 + (unsigned int)rand_r(&seed) % 380, nr, i, t, u;
		struct ps_model *m = ps_model_new("random");
		struct ps_partition *p = ps_model_add_partition(m);
		struct ps_schedule *s = ps_model_add_schedule(m);
		unsigned int busy[400] = { 0 }, most = 0, interval, sum;
		bool overlap = false, slack, found_overlap = false, found_slack = false;
		struct ps_findings findings;

		p->name = ps_strdup("a");
		ps_partition_add_vcpu(p)->cpu = 1;
		s->frame_ns = frame * GRID_NS;
		m->slack_ppm = (unsigned int)rand_r(&seed) % 100 * 10000;
		nr = 1 + (unsigned int)rand_r(&seed) % 6;
		for (i = 0; i < nr; i++) {
			unsigned int start = (unsigned int)rand_r(&seed) % frame;
			unsigned int len = 1 + (unsigned int)rand_r(&seed) % (frame - start) / nr;
			struct ps_window *w = ps_schedule_add_window(s);

			w->offset_ns = start * GRID_NS;
			w->duration_ns = len * GRID_NS;
			for (t = start; t < start + len; t++)
				overlap |= busy[t]++ > 0;
		}
		interval = frame < GRID_PER_S ? frame : GRID_PER_S;
		for (t = 0; t < frame; t++) {
			for (sum = 0, u = 0; u < interval; u++)
				sum += busy[(t + u) % frame] > 0;
			most = sum > most ? sum : most;
		}
		slack = (uint64_t)most * 1000000 > (uint64_t)interval * (1000000 - m->slack_ppm);
		ps_findings_init(&findings, "random");
		ps_time_check(m, s, 0, &findings);
		for (i = 0; i < findings.nr; i++) {
			found_overlap |= findings.list[i].kind == PS_OVERLAP;
			found_slack |= findings.list[i].kind == PS_SLACK;
		}
		disagreed += overlap != found_overlap || slack != found_slack;
		refused += slack;
		ps_findings_free(&findings);
		ps_model_free(m);
	}
	CLAIM(!disagreed, "%u of %u plans", disagreed, round);
	CLAIM(refused > round / 10 && refused < round * 9 / 10, "%u refused: one-sided", refused);
}

static char *read_text(const char *path)
{
	FILE *file = fopen(path, "re"), *out;
	char *text = NULL;
	size_t size;
	int c;

	if (!file)
		return NULL;
	out = open_memstream(&text, &size);
	while ((c = getc(file)) != EOF)
		putc(c, out);
	fclose(out);
	fclose(file);
	return text;
}

/* Findings name the file without its directory, so that they fit any checkout. */
static void file_gives_what_is_expected(const char *dir, const char *name, bool update)
{
	char *expected_path = ps_asprintf("%.*s.expected", (int)strlen(name) - 4, name);
	struct ps_findings findings;
	char *got, *expected;
	FILE *file;

	if (chdir(dir)) {
		CLAIM(false, "chdir %s", dir);
		return;
	}
	ps_model_free(check_file(name, &findings));
	got = ps_findings_text(&findings);
	if (update) {
		file = fopen(expected_path, "we");
		if (file) {
			fputs(got, file);
			fclose(file);
		}
	}
	expected = read_text(expected_path);
	CLAIM(!findings.errors == !strcmp(dir, "good"), "%zu errors", findings.errors);
	CLAIM(expected && !strcmp(expected, got), "found is not what %s says:\n%s",
	      expected_path, got);
	free(expected);
	free(got);
	free(expected_path);
	ps_findings_free(&findings);
	if (chdir(".."))
		CLAIM(false, "chdir ..");
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
#define T(name) { #name, name }
	T(numbers_are_exact_to_64_bits),
	T(numbers_keep_to_their_range),
	T(blanks_are_passed_over_and_told),
	T(sizes_take_binary_suffixes),
	T(booleans_are_those_seen_in_the_wild),
	T(nearest_name_is_a_slip_of_the_pen),
	T(names_cannot_drive_a_terminal),
	T(findings_are_sorted_and_summed_up),
	T(model_has_what_the_file_says),
	T(odd_files_are_refused),
	T(slack_and_overlap_agree_with_brute_force),
#undef T
};

static int is_xml(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && !strcmp(entry->d_name + len - 4, ".xml");
}

static unsigned int number, failures;

static void verdict(const char *prefix, const char *name)
{
	printf("%s %u %s%s\n", broken ? "not ok" : "ok", ++number, prefix, name);
	failures += broken > 0;
	broken = 0;
}

int main(int argc, char **argv)
{
	bool update = argc == 3 && !strcmp(argv[1], "--update");
	static const char *const dirs[] = { "good", "bad" };
	struct dirent **files[NR(dirs)];
	int nr[NR(dirs)], j;
	size_t i;

	if (argc != 2 + update || chdir(argv[argc - 1])) {
		fprintf(stderr, "usage: %s [--update] DIRECTORY\n", argv[0]);
		return 2;
	}
	for (i = 0; i < NR(dirs); i++) {
		nr[i] = scandir(dirs[i], &files[i], is_xml, alphasort);
		if (nr[i] <= 0) {
			fprintf(stderr, "%s: no XML files in %s\n", argv[0], dirs[i]);
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%zu\n", NR(tests) + (size_t)(nr[0] + nr[1]));
	for (i = 0; i < NR(tests); i++) {
		tests[i].run();
		verdict("", tests[i].name);
	}
	for (i = 0; i < NR(dirs); i++) {
		for (j = 0; j < nr[i]; j++) {
			file_gives_what_is_expected(dirs[i], files[i][j]->d_name, update);
			verdict(i ? "refuses_" : "accepts_", files[i][j]->d_name);
			free(files[i][j]);
		}
		free(files[i]);
	}
	printf("# %u of %u failed\n", failures, number);
	return failures > 0;
}
