// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-check - partctl check: all that is wrong with configuration files
 */
#include "cmd-check.h"

#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "partctl.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* One file, checked. */
struct checked {
	const char *file;
	struct ps_findings findings;
	enum ps_dialect dialect;	/* if @model */
	bool model;			/* there is one, with these numbers */
	size_t partitions;
	size_t schedules;
	size_t windows;
	bool valid;
};

void print_findings_text(const struct ps_findings *findings)
{
	char *text = ps_findings_text(findings);

	fputs(text, stderr);
	free(text);
}

static void list_findings(struct out *out)
{
	static const struct out_column columns[] = {
		{ "file", "FILE", false, false },
		{ "line", "LINE", true, false },
		{ "severity", "SEVERITY", false, false },
		{ "code", "CODE", false, false },
		{ "object", "OBJECT", false, false },
		{ "reason", "REASON", false, false },
		{ "advice", "ADVICE", false, false },
	};

	out_list(out, "findings", "findings", columns, NR(columns));
}

static void cell_code(struct out *out, unsigned int rule)
{
	char code[16];

	snprintf(code, sizeof(code), "PS%04u", rule);
	out_cell_text(out, code);
}

static void add_findings(struct out *out, const struct ps_findings *findings)
{
	size_t i;

	for (i = 0; i < findings->nr; i++) {
		const struct ps_finding *f = &findings->list[i];

		out_cell_text(out, findings->file);
		out_cell_u64(out, (uint64_t)f->line);
		out_cell_text(out, ps_severity_name(f->severity));
		cell_code(out, f->rule);
		out_cell_text(out, f->object);
		out_cell_text(out, f->reason);
		out_cell_text(out, f->advice);
		out_row(out);
	}
}

void print_findings_json(struct out *out, const struct ps_findings *all, size_t nr)
{
	size_t i;

	list_findings(out);
	for (i = 0; i < nr; i++)
		add_findings(out, &all[i]);
	out_list_end(out);
}

static const struct out_column rule_columns[] = {
	{ "code", "CODE", false, false },
	{ "verdict", "VERDICT", false, false },
	{ "findings", "FINDINGS", true, false },
	{ "rule", "RULE", false, false },
};

static const char *verdict_name(const struct ps_findings *findings, unsigned int rule)
{
	static const char *const broken[] = {
		[PS_NOTE] = "noted",
		[PS_WARNING] = "warned",
		[PS_ERROR] = "broken",
	};

	switch (ps_findings_verdict(findings, (enum ps_rule)rule)) {
	case PS_RULE_HOLDS:
		return "holds";
	case PS_RULE_BROKEN:
		return broken[ps_rule_info(rule)->severity];
	case PS_RULE_UNCHECKED:
		break;
	}
	return "not checked";
}

/* Every rule that a file is held against, and what came of it. */
static void add_rules(struct out *out, const struct ps_findings *findings)
{
	unsigned int rule;

	for (rule = 0; rule < PS_NR_RULES; rule++) {
		const struct ps_rule_info *info = ps_rule_info(rule);

		if (!info || info->stage > PS_STAGE_HOST)
			continue;
		cell_code(out, rule);
		out_cell_text(out, verdict_name(findings, rule));
		out_cell_u64(out, findings->counts[rule]);
		out_cell_text(out, info->text);
		out_row(out);
	}
}

static const char *plural(size_t nr)
{
	return nr == 1 ? "" : "s";
}

static void print_text(struct out *out, const struct checked *c, bool quiet)
{
	const struct ps_findings *findings = &c->findings;
	char what[200] = "";

	print_findings_text(findings);
	if (c->model)
		snprintf(what, sizeof(what), "%s, %zu partition%s, %zu schedule%s, %zu window%s; ",
			 ps_dialect_title(c->dialect), c->partitions, plural(c->partitions),
			 c->schedules, plural(c->schedules), c->windows, plural(c->windows));
	out_say(out, "%s: %s (%s%zu error%s, %zu warning%s)", PS_SAFE(c->file),
		c->valid ? "valid" : "not valid", what, findings->errors,
		plural(findings->errors), findings->warnings, plural(findings->warnings));
	if (!quiet) {
		out_list(out, "rules", "rules", rule_columns, NR(rule_columns));
		add_rules(out, findings);
		out_list_end(out);
	}
	/* the next file's findings come after this list where both go to one place */
	fflush(stdout);
}

static void print_json(struct out *out, const struct checked *all, size_t nr)
{
	static const struct out_column columns[] = {
		{ "file", "FILE", false, false },
		{ "dialect", "DIALECT", false, false },
		{ "valid", "VALID", false, false },
		{ "errors", "ERRORS", true, false },
		{ "warnings", "WARNINGS", true, false },
		{ "partitions", "PARTITIONS", true, false },
		{ "schedules", "SCHEDULES", true, false },
		{ "windows", "WINDOWS", true, false },
		{ "rules", "RULES", false, true },
	};
	size_t errors = 0, warnings = 0, i;
	bool valid = true;

	for (i = 0; i < nr; i++) {
		errors += all[i].findings.errors;
		warnings += all[i].findings.warnings;
		valid &= all[i].valid;
	}
	out_flag(out, "valid", NULL, valid);
	out_u64(out, "errors", NULL, errors);
	out_u64(out, "warnings", NULL, warnings);
	out_list(out, "files", "files", columns, NR(columns));
	for (i = 0; i < nr; i++) {
		const struct checked *c = &all[i];

		out_cell_text(out, c->file);
		out_cell_text(out, c->model ? ps_dialect_name(c->dialect) : NULL);
		out_cell_flag(out, c->valid);
		out_cell_u64(out, c->findings.errors);
		out_cell_u64(out, c->findings.warnings);
		out_cell_u64(out, c->partitions);
		out_cell_u64(out, c->schedules);
		out_cell_u64(out, c->windows);
		out_cell_list(out, rule_columns, NR(rule_columns));
		add_rules(out, &c->findings);
		out_list_end(out);
		out_row(out);
	}
	out_list_end(out);
	list_findings(out);
	for (i = 0; i < nr; i++)
		add_findings(out, &all[i].findings);
	out_list_end(out);
}

static void check(struct checked *c, const char *file, unsigned int flags, bool strict)
{
	struct ps_model *model;
	size_t i;

	c->file = file;
	ps_findings_init(&c->findings, file);
	model = ps_xml_check(file, flags, &c->dialect, &c->findings);
	c->model = model;
	if (model) {
		c->partitions = model->nr_partitions;
		c->schedules = model->nr_schedules;
		for (i = 0; i < model->nr_schedules; i++)
			c->windows += model->schedules[i].nr_windows;
	}
	ps_model_free(model);
	c->valid = !c->findings.errors && !(strict && c->findings.warnings);
}

int cmd_check(const struct verb *verb, int argc, char **argv)
{
	bool json = false, host = false, no_slack = false, strict = false, quiet = false;
	const struct option_spec specs[] = {
		{ "host", 0, NULL, &host },
		{ "no-slack", 0, NULL, &no_slack },
		{ "strict", 0, NULL, &strict },
		{ "quiet", 'q', NULL, &quiet },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	unsigned int flags = 0;
	struct checked *all;
	bool valid = true;
	struct out *out;
	size_t nr, i;
	int arg;

	arg = verb_options(verb, argc, argv, specs);
	flags |= host ? PS_CHECK_HOST : 0;
	flags |= no_slack ? PS_CHECK_NO_SLACK : 0;
	out = out_open(json, false);

	nr = (size_t)(argc - arg);
	all = ps_calloc(nr, sizeof(*all));
	for (i = 0; i < nr; i++) {
		check(&all[i], argv[arg + (int)i], flags, strict);
		valid &= all[i].valid;
		if (!json)
			print_text(out, &all[i], quiet);
	}
	if (json)
		print_json(out, all, nr);
	for (i = 0; i < nr; i++)
		ps_findings_free(&all[i].findings);
	free(all);
	if (out_flush(out))
		return PS_EXIT_REFUSED;
	return valid ? PS_EXIT_DONE : PS_EXIT_CONFIG;
}
