// SPDX-License-Identifier: GPL-2.0
/*
 * A libFuzzer target over the whole path of a configuration: text, model,
 * checks, text of every dialect and back, windows found by the planner.
 *
 * The sanitizers see to memory. What is claimed here beyond that, of any text:
 * a text without a model has an error to show for it; findings cannot drive a
 * terminal; libxml2 says nothing behind the library's back; what is written
 * reads back the same; a plan that was found holds.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include "fuzz.h"
#include "flatten.h"
#include "planner.h"
#include "xml.h"

/* Of what one text may need: a plan of more windows than this is not looked for. */
#define MAX_PLANNED_WINDOWS	20000

/**
 * struct reading - a text that was read
 * @findings: what was found
 * @model: NULL: none
 * @dialect: of the text, if there is a model
 */
struct reading {
	struct ps_findings findings;
	struct ps_model *model;
	enum ps_dialect dialect;
};

__attribute__((format(printf, 1, 2), noreturn))
static void broken(const char *fmt, ...)
{
	va_list args;

	fputs("fuzz: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

__attribute__((format(printf, 2, 3)))
static void on_stray_message(void *arg, const char *fmt, ...)
{
	char text[256];
	va_list args;

	(void)arg;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	broken("libxml2 speaks for itself: %s", text);
}

/* FNV-1a: flags come of the text, so that a text alone repeats a run. */
static uint32_t hash_of(const uint8_t *data, size_t size)
{
	uint32_t hash = 2166136261U;

	while (size--)
		hash = (hash ^ *data++) * 16777619U;
	return hash ^ hash >> 15;
}

static void check_finding(const struct ps_finding *f)
{
	const struct ps_rule_info *info = ps_rule_info(f->rule);

	if (!info)
		broken("a finding of rule %d, which does not exist", (int)f->rule);
	if (f->severity != info->severity)
		broken("a finding of rule %d of severity %d", (int)f->rule, (int)f->severity);
	if (f->line < 0)
		broken("a finding of rule %d in line %d", (int)f->rule, f->line);
	if (!f->object || !f->reason || !*f->object || !*f->reason)
		broken("a finding of rule %d that says nothing", (int)f->rule);
}

/* Sorted, counted right, and as text fit for a terminal. */
static void check_findings(const struct ps_findings *findings)
{
	size_t errors = 0, i;
	char *text, *c;

	for (i = 0; i < findings->nr; i++) {
		check_finding(&findings->list[i]);
		errors += findings->list[i].severity == PS_ERROR;
		if (i && findings->list[i].line < findings->list[i - 1].line)
			broken("findings are not sorted");
	}
	if (!errors != !findings->errors)
		broken("%zu errors counted, %zu kept", findings->errors, errors);
	text = ps_findings_text(findings);
	if (!*text != !findings->nr)
		broken("%zu findings, as text \"%s\"", findings->nr, text);
	for (c = text; *c; c++) {
		if (((unsigned char)*c < 0x20 && *c != '\n') || *c == 0x7f)
			broken("a control character in \"%s\"", text);
		if (*c == '\xc2' && (c[1] & 0xe0) == 0x80)
			broken("a C1 control character in \"%s\"", text);
	}
	free(text);
}

static struct reading read_text(const char *text, size_t size, const char *path,
				unsigned int flags)
{
	struct reading r = { .model = NULL };

	ps_findings_init(&r.findings, path);
	r.model = ps_xml_check_memory(text, size, path, flags, &r.dialect, &r.findings);
	check_findings(&r.findings);
	if (!r.model && !r.findings.errors)
		broken("neither a model nor an error");
	return r;
}

static void free_reading(struct reading *r)
{
	ps_model_free(r->model);
	ps_findings_free(&r->findings);
}

/* NULL: the writer failed. @lost: receives the number of things left out. */
static char *write_text(const struct ps_model *model, enum ps_dialect dialect,
			unsigned int flags, size_t *size, size_t *lost)
{
	struct ps_findings findings;
	char *text = NULL;
	FILE *out = open_memstream(&text, size);
	int ret;

	if (!out)
		broken("no memory stream");
	ps_findings_init(&findings, model->file);
	ret = ps_xml_write(out, model, dialect, flags, &findings);
	fclose(out);
	ps_findings_sort(&findings);
	check_findings(&findings);
	if (findings.errors)
		broken("an error in writing dialect %s", ps_dialect_name(dialect));
	*lost = findings.counts[PS_LOST];
	ps_findings_free(&findings);
	if (!ret)
		return text;
	free(text);
	return NULL;
}

__attribute__((noreturn))
static void broken_round_trip(enum ps_dialect dialect, const char *what, const char *text,
			      const struct ps_findings *findings)
{
	char *found = ps_findings_text(findings);

	fprintf(stderr, "fuzz: written:\n%s\nfuzz: found in it:\n%s", text, found);
	broken("dialect %s, written and read back: %s", ps_dialect_name(dialect), what);
}

static int by_partition_and_start(const void *a, const void *b)
{
	const struct ps_window *v = a, *w = b;

	if (v->partition != w->partition)
		return v->partition < w->partition ? -1 : 1;
	if (v->offset_ns != w->offset_ns)
		return v->offset_ns < w->offset_ns ? -1 : 1;
	return v->id < w->id ? -1 : 1;
}

static int by_name(const void *a, const void *b)
{
	const struct ps_port *v = a, *w = b;

	return strcmp(v->name, w->name);
}

/*
 * Take away what dialects cannot but say each in its way: Part 1 has the windows
 * of each partition together, all numbered, and periods in the schedules; mumu's
 * dialect has no frame to derive, and its ports are in the order of the channels.
 */
static void normalise(struct ps_model *model)
{
	size_t i, j;

	flatten(model);
	for (i = 0; i < model->nr_schedules; i++) {
		struct ps_schedule *s = &model->schedules[i];

		if (s->nr_windows)
			qsort(s->windows, s->nr_windows, sizeof(*s->windows),
			      by_partition_and_start);
		for (j = 0; j < s->nr_windows; j++) {
			s->windows[j].id = (uint32_t)j;
			s->windows[j].has_identifier = false;
		}
	}
	for (i = 0; i < model->nr_channels; i++)
		model->channels[i].has_id = false;
	for (i = 0; i < model->nr_partitions; i++) {
		struct ps_partition *p = &model->partitions[i];

		if (p->nr_ports)
			qsort(p->ports, p->nr_ports, sizeof(*p->ports), by_name);
	}
}

/**
 * struct written - a model as text
 * @text: the text
 * @size: its bytes
 * @lost: things that it does not say
 */
struct written {
	char *text;
	size_t size;
	size_t lost;
};

static struct written write_text_of(const struct ps_model *model, enum ps_dialect dialect,
				    unsigned int flags)
{
	struct written w = { .text = NULL };

	w.text = write_text(model, dialect, flags, &w.size, &w.lost);
	if (!w.text)
		broken("dialect %s cannot be written", ps_dialect_name(dialect));
	if (w.lost && dialect == PS_DIALECT_NATIVE)
		broken("our own dialect loses %zu things", w.lost);
	return w;
}

/*
 * What is written is of the dialect asked for, has no errors, and says the same
 * but for what was told to be lost. @native: what it has to be in our dialect.
 */
static void read_back(const struct written *w, enum ps_dialect dialect, unsigned int write_flags,
		      const char *path, const char *native, unsigned int flags)
{
	struct reading back = read_text(w->text, w->size, path, flags);
	struct written again;

	if (!back.model)
		broken_round_trip(dialect, "no model", w->text, &back.findings);
	/* Part 1 is Part 2 that uses less */
	if (back.dialect != dialect &&
	    (back.dialect > PS_DIALECT_PART2 || dialect > PS_DIALECT_PART2))
		broken_round_trip(dialect, "another dialect", w->text, &back.findings);
	/* what is lost is lost once: after that the text stays as it is */
	if (!back.findings.errors) {
		again = write_text_of(back.model, dialect, write_flags);
		if (again.lost || strcmp(again.text, w->text)) {
			fprintf(stderr, "fuzz: before:\n%s\nfuzz: after:\n%s\n", w->text,
				again.text);
			broken_round_trip(dialect, "another text, or another loss", w->text,
					  &back.findings);
		}
		free(again.text);
	}
	if (!w->lost) {
		if (back.findings.errors)
			broken_round_trip(dialect, "errors", w->text, &back.findings);
		if (dialect != PS_DIALECT_NATIVE)
			normalise(back.model);
		again = write_text_of(back.model, PS_DIALECT_NATIVE, 0);
		if (strcmp(again.text, native)) {
			fprintf(stderr, "fuzz: before:\n%s\nfuzz: after:\n%s\n", native,
				again.text);
			broken_round_trip(dialect, "another model", w->text, &back.findings);
		}
		free(again.text);
	}
	free_reading(&back);
}

/* A model without errors goes through the writers. Changes its order. */
static void check_writers(struct ps_model *model, unsigned int flags, uint32_t hash)
{
	unsigned int pure = hash & 8 ? PS_WRITE_PURE : 0;
	struct written w[PS_NR_DIALECTS], native, normal;
	int d;

	for (d = 0; d < PS_NR_DIALECTS; d++)
		w[d] = write_text_of(model, (enum ps_dialect)d, pure);
	native = write_text_of(model, PS_DIALECT_NATIVE, 0);
	normalise(model);
	normal = write_text_of(model, PS_DIALECT_NATIVE, 0);
	for (d = 0; d < PS_NR_DIALECTS; d++) {
		read_back(&w[d], (enum ps_dialect)d, pure, model->file,
			  d == PS_DIALECT_NATIVE ? native.text : normal.text, flags);
		free(w[d].text);
	}
	free(native.text);
	free(normal.text);
}

/* How many windows at least would a plan have? Saturates. */
static uint64_t windows_of_plan(const struct ps_model *model, const struct ps_schedule *s)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < model->nr_partitions && sum < MAX_PLANNED_WINDOWS; i++) {
		uint64_t period = ps_periodicity(model, s, i).period_ns;

		sum += period ? s->frame_ns / period : 1;
	}
	return sum;
}

/* Find windows; what is found must pass the checks that the windows of a file pass. */
static void check_plan(struct ps_model *model, struct ps_schedule *s, unsigned int plan_flags,
		       unsigned int flags)
{
	size_t before = s->nr_windows;
	struct ps_findings findings;
	int ret;

	if (windows_of_plan(model, s) >= MAX_PLANNED_WINDOWS)
		return;
	ps_findings_init(&findings, model->file);
	ret = ps_plan_schedule(model, s, plan_flags, &findings);
	ps_findings_sort(&findings);
	check_findings(&findings);
	if (ret && s->nr_windows != before)
		broken("a schedule that was not planned has %zu windows, had %zu", s->nr_windows,
		       before);
	if (!ret && findings.errors)
		broken("a schedule was planned, with errors");
	ps_findings_free(&findings);
	if (ret)
		return;
	ps_findings_init(&findings, model->file);
	ps_time_check(model, s, flags, &findings);
	ps_findings_sort(&findings);
	if (findings.errors) {
		fputs(ps_findings_text(&findings), stderr);
		broken("the plan that was found does not hold");
	}
	ps_findings_free(&findings);
}

/* And through the planner, which changes it. */
static void check_planner(struct ps_model *model, unsigned int flags, uint32_t hash)
{
	unsigned int plan_flags = 0;
	size_t i;

	plan_flags |= hash & 16 ? PS_PLAN_SPLIT : 0;
	plan_flags |= hash & 32 ? PS_PLAN_ALL : 0;
	for (i = 0; i < model->nr_schedules; i++)
		check_plan(model, &model->schedules[i], plan_flags, flags);
}

/* PARTSCHED_FUZZ=check: text, model and checks alone, some times as fast. */
static bool check_only;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *part = getenv("PARTSCHED_FUZZ");

	(void)argc, (void)argv;
	check_only = part && !strcmp(part, "check");
	xmlInitParser();
	xmlSetGenericErrorFunc(NULL, on_stray_message);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t hash = hash_of(data, size);
	unsigned int flags = PS_CHECK_NO_FILES;
	struct reading r;

	flags |= hash & 1 ? PS_CHECK_NO_SLACK : 0;
	flags |= hash & 2 ? PS_CHECK_UNPLANNED : 0;
	r = read_text((const char *)data, size, hash & 4 ? "fuzz.xml" : "plans/fuzz.xml", flags);
	if (r.model && !r.findings.errors)
		fuzz_valid(data, size);
	if (!r.model || r.findings.errors || check_only) {
		free_reading(&r);
		return 0;
	}
	check_writers(r.model, flags, hash);
	free_reading(&r);
	/* the writers have had it normalised: once more */
	r = read_text((const char *)data, size, "fuzz.xml", flags);
	check_planner(r.model, flags, hash);
	free_reading(&r);
	return 0;
}
