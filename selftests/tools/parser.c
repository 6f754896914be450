// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the text layer: files good, doubtful, bad and to be planned.
 *
 *   parser DIRECTORY            KTAP on standard output, status 1 on a failure
 *   parser --update DIRECTORY   write what is found to NAME.expected instead;
 *                               read the difference before you commit it
 *
 * Of each NAME.xml in a directory of DIRECTORY all findings must be those of
 * NAME.expected. Findings of the severity "error" are wanted
 *   good/     never; and warnings only of what this version lacks
 *   warned/   never; but other findings are
 *   bad/      always
 *   plan/     where no windows can be found: these files have none, and are
 *             planned; windows may be split if the name begins with "split-"
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "claim.h"
#include "error.h"
#include "findings.h"
#include "planner.h"
#include "xml.h"

static struct ps_model *check_file(const char *path, struct ps_findings *findings)
{
	ps_findings_init(findings, path);
	return ps_xml_check(path, 0, NULL, findings);
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

static void names_in_other_encodings_are_one(void)
{
	static const char *const files[] = {
		"good/mumu-utf16.xml", "good/native-latin5.xml", "good/2015-byte-order-mark.xml",
		"good/part1-no-declaration.xml",
	};
	struct ps_findings findings;
	struct ps_model *m;
	size_t i;

	for (i = 0; i < NR(files); i++) {
		m = check_file(files[i], &findings);
		CLAIM(m && ps_model_find(m, "uçuş") == 0 && ps_model_find(m, "gösterge") == 1, "%s",
		      files[i]);
		ps_model_free(m);
		ps_findings_free(&findings);
	}
}

/* The same plan in five dialects; what differs is only how it is written. */
static void dialects_say_the_same(void)
{
	static const struct {
		const char *file;
		enum ps_dialect dialect;
	} files[] = {
		{ "good/part1-two-partitions.xml", PS_DIALECT_PART1 },
		{ "good/part2-one-schedule.xml", PS_DIALECT_PART2 },
		{ "good/2015-two-partitions.xml", PS_DIALECT_2015 },
		{ "good/mumu-turkish-path.xml", PS_DIALECT_MUMU },
		{ "good/native-two-partitions.xml", PS_DIALECT_NATIVE },
	};
	struct ps_findings findings;
	struct ps_model *m;
	size_t i;

	for (i = 0; i < NR(files); i++) {
		enum ps_dialect dialect = PS_NR_DIALECTS;
		const struct ps_schedule *s;

		ps_findings_init(&findings, files[i].file);
		m = ps_xml_check(files[i].file, 0, &dialect, &findings);
		CLAIM(m && dialect == files[i].dialect, "%s: dialect %d", files[i].file, dialect);
		ps_findings_free(&findings);
		if (!m)
			continue;
		s = &m->schedules[0];
		CLAIM(m->nr_partitions == 2 && ps_model_find(m, "control") == 0 &&
		      ps_model_find(m, "display") == 1 && ps_model_index(m, 2) == 1, "%s",
		      files[i].file);
		CLAIM(s->initial && s->frame_ns == 20000000 && s->nr_windows == 2 &&
		      s->windows[0].partition == 0 && s->windows[0].offset_ns == 0 &&
		      s->windows[0].duration_ns == 8000000 && s->windows[1].partition == 1 &&
		      s->windows[1].offset_ns == 10000000 && s->windows[1].duration_ns == 9000000,
		      "%s", files[i].file);
		CLAIM(ps_periodicity(m, s, 0).period_ns == 20000000 &&
		      ps_periodicity(m, s, 0).duration_ns == 8000000, "%s", files[i].file);
		CLAIM(m->partitions[0].nr_vcpus == 1 && m->partitions[0].vcpus[0].cpu == 1, "%s",
		      files[i].file);
		ps_model_free(m);
	}
}

/* The format that editors know: file:line: object: reason [severity PSnnnn]. */
static void findings_are_well_formed(const struct ps_findings *findings, const char *name,
				     const char *text)
{
	char *source = claim_text_of(name);
	int lines = 1;
	const char *s;
	size_t i, j;

	for (s = source; s && (s = strchr(s, '\n')); s++)
		lines++;
	for (s = text; *s; s = strchr(s, '\n') + 1)
		CLAIM(!strncmp(s, name, strlen(name)) && s[strlen(name)] == ':', "begins \"%.40s\"",
		      s);
	for (i = 0; i < findings->nr; i++) {
		const struct ps_finding *f = &findings->list[i];

		/* a NUL in a file hides the lines behind it from strchr() */
		CLAIM(f->line >= 0 && (f->line <= lines || f->rule == PS_SYNTAX ||
				       strstr(name, "utf16")), "line %d of %d", f->line, lines);
		CLAIM(*f->object && *f->reason && !strchr(f->reason, '\n'), "PS%04d", f->rule);
		for (j = i + 1; j < findings->nr && j < i + 100 &&
		     findings->list[j].line == f->line; j++)
			CLAIM(findings->list[j].rule != f->rule ||
			      strcmp(findings->list[j].object, f->object) ||
			      strcmp(findings->list[j].reason, f->reason),
			      "line %d: told twice: %s", f->line, f->reason);
	}
	free(source);
}

/* Warnings that a sound file gets as well: of what this version lacks. */
static bool of_this_version(enum ps_rule rule)
{
	return rule == PS_NOT_YET;
}

static void verdict_fits_the_directory(const char *dir, const struct ps_findings *findings)
{
	size_t i, others = 0;

	if (!strcmp(dir, "plan"))
		return;
	CLAIM(!findings->errors == !!strcmp(dir, "bad"), "%zu errors", findings->errors);
	for (i = 0; i < findings->nr; i++)
		others += !of_this_version(findings->list[i].rule);
	if (!strcmp(dir, "good"))
		CLAIM(!others, "%zu findings", others);
	if (!strcmp(dir, "warned"))
		CLAIM(findings->nr, "no findings");
}

/* Find windows; what is found must hold against all rules. */
static void plan(struct ps_model *m, const char *name, struct ps_findings *findings)
{
	unsigned int flags = strncmp(name, "split-", 6) ? 0 : PS_PLAN_SPLIT;
	struct ps_findings again;
	size_t i, errors;

	for (i = 0; i < m->nr_schedules; i++) {
		errors = findings->errors;
		CLAIM(!ps_plan_schedule(m, &m->schedules[i], flags, findings) ==
		      (findings->errors == errors), "returns other than what it finds");
	}
	ps_findings_sort(findings);
	if (findings->errors)
		return;
	ps_findings_init(&again, name);
	ps_model_check(m, PS_CHECK_NO_FILES, &again);
	for (i = 0; i < again.nr; i++)
		CLAIM(again.list[i].severity == PS_NOTE || of_this_version(again.list[i].rule),
		      "planned, but: %s: %s", again.list[i].object, again.list[i].reason);
	ps_findings_free(&again);
}

/* Findings name the file without its directory, so that they fit any checkout. */
static void file_gives_what_is_expected(const char *dir, const char *name, bool update)
{
	char *expected_path = ps_asprintf("%.*s.expected", (int)strlen(name) - 4, name);
	bool to_plan = !strcmp(dir, "plan");
	struct ps_findings findings;
	struct ps_model *m;
	char *got, *expected;
	FILE *file;

	if (chdir(dir)) {
		CLAIM(false, "chdir %s", dir);
		return;
	}
	ps_findings_init(&findings, name);
	m = ps_xml_check(name, to_plan ? PS_CHECK_UNPLANNED : 0, NULL, &findings);
	if (to_plan && m && !findings.errors)
		plan(m, name, &findings);
	ps_model_free(m);
	got = ps_findings_text(&findings);
	if (update) {
		file = fopen(expected_path, "we");
		if (file) {
			fputs(got, file);
			fclose(file);
		}
	}
	expected = claim_text_of(expected_path);
	findings_are_well_formed(&findings, name, got);
	verdict_fits_the_directory(dir, &findings);
	CLAIM(expected && !strcmp(expected, got), "found is not what %s says:\n%s",
	      expected_path, got);
	free(expected);
	free(got);
	free(expected_path);
	ps_findings_free(&findings);
	if (chdir(".."))
		CLAIM(false, "chdir ..");
}

static const struct claim_test tests[] = {
	CLAIM_TEST(model_has_what_the_file_says),
	CLAIM_TEST(names_in_other_encodings_are_one),
	CLAIM_TEST(dialects_say_the_same),
};

int main(int argc, char **argv)
{
	bool update = argc == 3 && !strcmp(argv[1], "--update");
	static const struct {
		const char *name;
		const char *verb;
	} dirs[] = {
		{ "good", "accepts_" },
		{ "warned", "doubts_" },
		{ "bad", "refuses_" },
		{ "plan", "plans_" },
	};
	struct dirent **files[NR(dirs)];
	int nr[NR(dirs)], j;
	size_t i, sum = NR(tests);

	if (argc != 2 + update || chdir(argv[argc - 1])) {
		fprintf(stderr, "usage: %s [--update] DIRECTORY\n", argv[0]);
		return 2;
	}
	for (i = 0; i < NR(dirs); i++) {
		nr[i] = scandir(dirs[i].name, &files[i], claim_is_xml, alphasort);
		if (nr[i] <= 0) {
			fprintf(stderr, "%s: no XML files in %s\n", argv[0], dirs[i].name);
			return 2;
		}
		sum += (size_t)nr[i];
	}
	claim_begin(sum);
	claim_run(tests, NR(tests));
	for (i = 0; i < NR(dirs); i++) {
		for (j = 0; j < nr[i]; j++) {
			file_gives_what_is_expected(dirs[i].name, files[i][j]->d_name, update);
			claim_verdict(dirs[i].verb, files[i][j]->d_name);
			free(files[i][j]);
		}
		free(files[i]);
	}
	return claim_end();
}
