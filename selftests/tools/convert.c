// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the text layer that writes: what is written reads back.
 *
 *   convert DIRECTORY    KTAP on standard output, status 1 on a failure
 *
 * Each file in DIRECTORY/good and DIRECTORY/warned is written in every dialect, once with our own
 * namespace and once without, and read back. Whatever is not the same then
 * must have been told as lost.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "claim.h"
#include "convert-models.h"
#include "convert-print.h"
#include "error.h"
#include "findings.h"
#include "flatten.h"
#include "units.h"
#include "write-priv.h"
#include "xml.h"

#define AS_IT_IS (PS_CHECK_NO_SLACK | PS_CHECK_UNPLANNED | PS_CHECK_NO_FILES)

/* A text of several lines, as a comment of KTAP. */
static void show(const char *title, const char *text)
{
	const char *line, *end;

	printf("# %s:\n", title);
	for (line = text; *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		printf("#   %.*s\n", (int)(end - line), line);
	}
}

static char *write_text(const struct ps_model *model, enum ps_dialect dialect, unsigned int flags,
			size_t *lost)
{
	struct ps_findings findings;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ps_findings_init(&findings, "written");
	CLAIM(!ps_xml_write(out, model, dialect, flags, &findings), "%s",
	      ps_dialect_name(dialect));
	fclose(out);
	*lost = findings.counts[PS_LOST];
	CLAIM(findings.nr == *lost, "only losses are told");
	ps_findings_free(&findings);
	return text;
}

/* Errors that the loss of CPUs makes: all vCPUs are on one then. */
static size_t crowding(const struct ps_findings *findings)
{
	return findings->counts[PS_OVERLAP] + findings->counts[PS_SAME_VCPU] +
	       findings->counts[PS_SLACK];
}

/*
 * Read what was written; NULL if it is not valid, which is told. Where @lost
 * is true, windows may have come to be on one CPU.
 */
static struct ps_model *read_text(const char *text, const char *path, enum ps_dialect expected,
				  bool lost, const char *what)
{
	enum ps_dialect dialect = PS_NR_DIALECTS;
	struct ps_findings findings;
	struct ps_model *model;
	char *said;

	ps_findings_init(&findings, path);
	model = ps_xml_check_memory(text, strlen(text), path, AS_IT_IS, &dialect, &findings);
	if (lost && findings.errors == crowding(&findings))
		findings.errors = 0;
	CLAIM(model && !findings.errors, "%s is not valid", what);
	CLAIM(dialect == expected, "%s is taken for %s", what,
	      dialect < PS_NR_DIALECTS ? ps_dialect_name(dialect) : "nothing");
	CLAIM(!findings.counts[PS_SPELLING] && !findings.counts[PS_BLANKS] &&
	      !findings.counts[PS_FOREIGN] && !findings.counts[PS_MISMATCH], "%s is untidy", what);
	if (findings.errors) {
		said = ps_findings_text(&findings);
		show("findings", said);
		show("text", text);
		free(said);
		ps_model_free(model);
		model = NULL;
	}
	ps_findings_free(&findings);
	return model;
}

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_place(const void *a, const void *b)
{
	const struct ps_window *x = a, *y = b;
	int by = order(x->offset_ns, y->offset_ns);

	by = by ? by : order(x->partition, y->partition);
	by = by ? by : order(x->vcpu, y->vcpu);
	return by ? by : order(x->cpu, y->cpu);
}

static int by_name(const void *a, const void *b)
{
	const struct ps_port *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Part 1 groups windows by partition; mumu's channels have the ports in their order. */
static void sort(struct ps_model *m)
{
	size_t i, j;

	for (i = 0; i < m->nr_schedules; i++) {
		struct ps_schedule *s = &m->schedules[i];

		if (s->nr_windows)
			qsort(s->windows, s->nr_windows, sizeof(*s->windows), by_place);
		for (j = 0; j < s->nr_windows; j++)
			s->windows[j].id = (uint32_t)j;
	}
	for (i = 0; i < m->nr_partitions; i++) {
		if (m->partitions[i].nr_ports)
			qsort(m->partitions[i].ports, m->partitions[i].nr_ports,
			      sizeof(*m->partitions[i].ports), by_name);
	}
}

/* Identifiers that had to be given where there were none mean nothing. */
static void forget_identifiers(struct ps_model *after, const struct ps_model *before)
{
	size_t i, j;

	for (i = 0; i < before->nr_schedules && i < after->nr_schedules; i++) {
		const struct ps_schedule *b = &before->schedules[i];
		struct ps_schedule *a = &after->schedules[i];

		for (j = 0; j < a->nr_windows && j < b->nr_windows; j++)
			a->windows[j].has_identifier &= b->windows[j].has_identifier;
	}
	for (i = 0; i < before->nr_channels && i < after->nr_channels; i++)
		after->channels[i].has_id &= before->channels[i].has_id;
}

/* @text: what stands in the file, NULL: read it. */
static struct ps_model *read_file(const char *path, const char *text)
{
	struct ps_findings findings;
	struct ps_model *model;
	char *said;

	ps_findings_init(&findings, path);
	if (text)
		model = ps_xml_check_memory(text, strlen(text), path, AS_IT_IS, NULL, &findings);
	else
		model = ps_xml_check(path, AS_IT_IS, NULL, &findings);
	CLAIM(model && !findings.errors, "%s", path);
	if (findings.errors) {
		said = ps_findings_text(&findings);
		show("findings", said);
		if (text)
			show("text", text);
		free(said);
		ps_model_free(model);
		model = NULL;
	}
	ps_findings_free(&findings);
	return model;
}

/* Both models are spoilt by the comparison. */
static void same_meaning(struct ps_model *before, struct ps_model *after, const char *what)
{
	char *a, *b;

	flatten(before);
	flatten(after);
	sort(before);
	sort(after);
	forget_identifiers(after, before);
	a = print_model(before);
	b = print_model(after);
	if (strcmp(a, b)) {
		CLAIM(false, "%s: something was lost, and that was not told", what);
		show("before", a);
		show("after", b);
	}
	free(a);
	free(b);
}

static void reads_back(const char *path, const char *original, enum ps_dialect dialect,
		       unsigned int flags)
{
	struct ps_model *before = read_file(path, original), *after;
	char *what = ps_asprintf("%s in %s%s", path, ps_dialect_name(dialect),
				 flags & PS_WRITE_PURE ? ", pure" : "");
	char *text, *again;
	size_t lost, later;

	if (!before) {
		free(what);
		return;
	}
	text = write_text(before, dialect, flags, &lost);
	CLAIM(dialect != PS_DIALECT_NATIVE || !lost, "%s: native loses nothing", what);
	if (flags & PS_WRITE_PURE && dialect != PS_DIALECT_NATIVE)
		CLAIM(!strstr(text, PS_XML_NAMESPACE), "%s: has our namespace", what);
	after = read_text(text, path, dialect, lost && flags & PS_WRITE_PURE, what);
	if (after) {
		again = write_text(after, dialect, flags, &later);
		CLAIM(!later, "%s: %zu things are lost the second time", what, later);
		if (strcmp(text, again)) {
			CLAIM(false, "%s: is written in another way the second time", what);
			show("first", text);
			show("second", again);
		}
		free(again);
		if (!lost)
			same_meaning(before, after, what);
	}
	free(text);
	free(what);
	ps_model_free(after);
	ps_model_free(before);
}

/* One claim a file: every dialect reads back what was written in it. */
static void every_dialect(const char *path, const char *original)
{
	size_t dialect;

	for (dialect = 0; dialect < PS_NR_DIALECTS; dialect++) {
		reads_back(path, original, (enum ps_dialect)dialect, 0);
		reads_back(path, original, (enum ps_dialect)dialect, PS_WRITE_PURE);
	}
}

static void one_time(uint64_t ns)
{
	enum ps_unit unit;
	uint64_t got = 0;
	char text[32];
	size_t len;

	ps_seconds_text(text, sizeof(text), ns);
	unit = ps_read_seconds(text, 0, UINT64_MAX, &got, NULL);
	CLAIM(!unit && got == ns, "%llu is written as %s and read as %llu",
	      (unsigned long long)ns, text, (unsigned long long)got);
	len = strlen(text);
	CLAIM(!strchr(text, '.') || (text[len - 1] != '0' && text[len - 1] != '.'),
	      "%s is not the shortest form", text);
}

static void seconds_are_exact_to_the_nanosecond(void)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 1, "0.000000001" },
		{ 10, "0.00000001" },
		{ 65000, "0.000065" },
		{ 64999, "0.000064999" },
		{ 999999999, "0.999999999" },
		{ 1000000000, "1" },
		{ 1000000001, "1.000000001" },
		{ 1500000000, "1.5" },
		{ 3600000000000, "3600" },
		{ INT64_MAX, "9223372036.854775807" },
	};
	uint64_t power, ns, state = 1;
	char text[32];
	size_t i;
	int bits;

	for (i = 0; i < NR(cases); i++) {
		ps_seconds_text(text, sizeof(text), cases[i].ns);
		CLAIM(!strcmp(text, cases[i].text), "%s for %s", text, cases[i].text);
		one_time(cases[i].ns);
	}
	for (power = 1; power < 1000000000000000000; power *= 10) {
		one_time(power - 1);
		one_time(power);
		one_time(power + 1);
		one_time(9 * power);
	}
	for (i = 0; i < 10000; i++) {
		/* a multiplicative generator: the same times on every machine */
		state = state * 6364136223846793005 + 1442695040888963407;
		bits = 1 + (int)(state >> 58);
		ns = state >> (64 - (bits < 63 ? bits : 63));
		one_time(ns);
	}
}

static void any_model_reads_back(void)
{
	unsigned int round, before;
	size_t lost;

	for (round = 0; round < 100 && claim_broken < 5; round++) {
		struct ps_model *m = any_model(round), *after;
		struct ps_findings findings;
		char *text;

		before = claim_broken;
		/* as if it came from a file: what schedules agree on is the partitions' */
		ps_findings_init(&findings, m->file);
		ps_model_complete(m, &findings);
		ps_findings_free(&findings);
		text = write_text(m, PS_DIALECT_NATIVE, 0, &lost);
		CLAIM(!lost, "%zu", lost);
		every_dialect("good/any.xml", text);
		after = read_file("good/any.xml", text);
		if (after)
			same_meaning(m, after, "a model of chance");
		ps_model_free(after);
		CLAIM(claim_broken == before, "model %u", round);
		free(text);
		ps_model_free(m);
	}
}

static struct ps_model *small_model(const char *file)
{
	struct ps_model *m = ps_model_new(file);
	struct ps_partition *p = ps_model_add_partition(m);
	struct ps_schedule *s;

	p->id = 1;
	p->name = ps_strdup("a");
	p->cores_given = true;
	ps_partition_add_vcpu(p)->cpu = 1;
	s = ps_model_add_schedule(m);
	s->id = 1;
	s->initial = true;
	s->frame_ns = 20000000;
	ps_schedule_add_window(s)->duration_ns = 5000000;
	return m;
}

static void any_text_reads_back_as_it_was(void)
{
	static const char *const texts[] = {
		"a<b>&\"c'", "uçuş-kontrolü", "&amp;", "<!-- -->", "]]>", "🛩", "a  b",
	};
	struct ps_model *m, *after;
	size_t i, dialect, lost;
	char *text;

	for (i = 0; i < NR(texts); i++) {
		for (dialect = 0; dialect < PS_NR_DIALECTS; dialect++) {
			m = small_model("x.xml");
			free(m->partitions[0].name);
			m->partitions[0].name = ps_strdup(texts[i]);
			m->partitions[0].binary = ps_asprintf("%s/%s", texts[i], texts[i]);
			m->name = ps_strdup(texts[i]);
			text = write_text(m, (enum ps_dialect)dialect, 0, &lost);
			after = read_text(text, "x.xml", (enum ps_dialect)dialect, false,
					  texts[i]);
			if (after) {
				CLAIM(!strcmp(after->partitions[0].name, texts[i]), "%s",
				      after->partitions[0].name);
				CLAIM(!strcmp(after->partitions[0].binary,
					      m->partitions[0].binary), "%s",
				      after->partitions[0].binary);
				CLAIM(after->name && !strcmp(after->name, texts[i]), "%s", text);
			}
			free(text);
			ps_model_free(after);
			ps_model_free(m);
		}
	}
}

static void text_that_xml_cannot_hold_is_told(void)
{
	static const char *const texts[] = { "a\xffz", "a\001b", "\xef\xbf\xbf" };
	struct ps_model *m, *after;
	size_t i, lost;
	char *text;

	for (i = 0; i < NR(texts); i++) {
		m = small_model("x.xml");
		m->partitions[0].binary = ps_strdup(texts[i]);
		text = write_text(m, PS_DIALECT_NATIVE, 0, &lost);
		CLAIM(lost == 1, "case %zu: %zu lost", i, lost);
		after = read_text(text, "x.xml", PS_DIALECT_NATIVE, true, "text");
		CLAIM(!after || !after->partitions[0].binary, "case %zu", i);
		free(text);
		ps_model_free(after);
		ps_model_free(m);
	}
}

/* What an attribute is written as, up to its quote. */
static bool says(const char *text, const char *attr, const char *value)
{
	char *wanted = ps_asprintf("%s=\"%s\"", attr, value);
	bool found = strstr(text, wanted);

	free(wanted);
	return found;
}

static void paths_count_from_the_directory_of_the_file(void)
{
	static const struct {
		const char *dir;
		const char *path;
		const char *text;
		const char *absolute;
	} cases[] = {
		{ "/", "//x.img", "x.img", "/x.img" },
		{ "/usr", "/usr/x.img", "x.img", "/usr/x.img" },
		{ "/usr", "/usr//x.img", "/usr//x.img", "/usr//x.img" },
		{ "/usr", "/usr/", "/usr/", "/usr/" },
		{ "/usr", "/usrx/x.img", "/usrx/x.img", "/usrx/x.img" },
		{ "/usr/./bin/..", "/usr/./bin/../x.img", "x.img", "/usr/x.img" },
		{ "/usr", "/usr/../x.img", "../x.img", "/usr/../x.img" },
		{ NULL, "/x.img", "/x.img", "/x.img" },
	};
	struct ps_model *m;
	size_t i, lost;
	char *text;

	for (i = 0; i < NR(cases); i++) {
		m = small_model("x.xml");
		m->dir = ps_strdup(cases[i].dir);
		m->partitions[0].binary = ps_strdup(cases[i].path);
		text = write_text(m, PS_DIALECT_MUMU, 0, &lost);
		CLAIM(says(text, "BinaryPath", cases[i].text), "case %zu: %s", i, text);
		free(text);
		text = write_text(m, PS_DIALECT_MUMU, PS_WRITE_ABSOLUTE, &lost);
		CLAIM(says(text, "BinaryPath", cases[i].absolute), "case %zu: %s", i, text);
		free(text);
		ps_model_free(m);
	}
}

static void our_namespace_is_declared_only_where_it_is_used(void)
{
	struct ps_model *m = small_model("x.xml");
	size_t lost;
	char *text;

	text = write_text(m, PS_DIALECT_MUMU, 0, &lost);
	CLAIM(!strstr(text, PS_XML_NAMESPACE), "%s", text);
	free(text);
	m->partitions[0].memory = 2 * PS_DEFAULT_MEMORY;
	text = write_text(m, PS_DIALECT_MUMU, 0, &lost);
	CLAIM(says(text, "xmlns:ps", PS_XML_NAMESPACE), "%s", text);
	CLAIM(says(text, " ps:Memory", "12582912"), "%s", text);
	free(text);
	text = write_text(m, PS_DIALECT_MUMU, PS_WRITE_PURE, &lost);
	CLAIM(lost == 1 && !strstr(text, "Memory"), "%zu lost: %s", lost, text);
	free(text);
	ps_model_free(m);
}

static void each_loss_is_told_once_with_its_line(void)
{
	struct ps_model *m = small_model("x.xml");
	struct ps_findings findings;
	struct ps_schedule *s;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	m->schedules[0].line = 20;
	m->partitions[0].line = 10;
	m->partitions[0].period_ns = 20000000;
	m->partitions[0].duration_ns = 5000000;
	m->partitions[0].set_schedule = true;
	s = ps_model_add_schedule(m);
	s->id = 2;
	s->frame_ns = 20000000;
	s->line = 30;
	ps_schedule_add_window(s)->duration_ns = 5000000;

	ps_findings_init(&findings, "x.xml");
	CLAIM(!ps_xml_write(out, m, PS_DIALECT_PART1, 0, &findings), "written");
	ps_findings_sort(&findings);
	CLAIM(findings.nr == 2 && findings.counts[PS_LOST] == 2, "%zu findings", findings.nr);
	CLAIM(findings.nr == 2 && findings.list[0].line == 10 && findings.list[1].line == 30,
	      "lines of the original");
	CLAIM(findings.reached & 1U << PS_STAGE_CONVERT, "the stage was reached");
	fclose(out);
	free(text);
	ps_findings_free(&findings);
	ps_model_free(m);
}

static void a_full_device_is_told(void)
{
	struct ps_model *m = small_model("x.xml");
	FILE *full = fopen("/dev/full", "we");
	struct ps_findings findings;

	ps_findings_init(&findings, "x.xml");
	CLAIM(full && ps_xml_write(full, m, PS_DIALECT_NATIVE, 0, &findings) == -1, "/dev/full");
	if (full)
		fclose(full);
	ps_findings_free(&findings);
	ps_model_free(m);
}

static const struct claim_test tests[] = {
	CLAIM_TEST(seconds_are_exact_to_the_nanosecond),
	CLAIM_TEST(any_model_reads_back),
	CLAIM_TEST(any_text_reads_back_as_it_was),
	CLAIM_TEST(text_that_xml_cannot_hold_is_told),
	CLAIM_TEST(paths_count_from_the_directory_of_the_file),
	CLAIM_TEST(our_namespace_is_declared_only_where_it_is_used),
	CLAIM_TEST(each_loss_is_told_once_with_its_line),
	CLAIM_TEST(a_full_device_is_told),
};

int main(int argc, char **argv)
{
	/* files that are valid, with and without warnings */
	static const char *const dirs[] = { "good", "warned" };
	struct dirent **files[NR(dirs)];
	size_t i, sum = NR(tests);
	int nr[NR(dirs)], j;
	char *path;

	if (argc != 2 || chdir(argv[1])) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	for (i = 0; i < NR(dirs); i++) {
		nr[i] = scandir(dirs[i], &files[i], claim_is_xml, alphasort);
		if (nr[i] <= 0) {
			fprintf(stderr, "%s: no XML files in %s\n", argv[0], dirs[i]);
			return 2;
		}
		sum += (size_t)nr[i];
	}
	claim_begin(sum);
	claim_run(tests, NR(tests));
	for (i = 0; i < NR(dirs); i++) {
		for (j = 0; j < nr[i]; j++) {
			path = ps_asprintf("%s/%s", dirs[i], files[i][j]->d_name);
			every_dialect(path, NULL);
			claim_verdict("every_dialect_reads_back_", files[i][j]->d_name);
			free(path);
			free(files[i][j]);
		}
		free(files[i]);
	}
	return claim_end();
}
