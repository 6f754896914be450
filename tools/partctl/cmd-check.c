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

void print_findings_text(const struct ps_findings *findings)
{
	char *text = ps_findings_text(findings);

	fputs(text, stderr);
	free(text);
}

void print_findings_json(struct out *out, const struct ps_findings *all, size_t nr)
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
	char code[16];
	size_t i, j;

	out_list(out, "findings", "findings", columns, NR(columns));
	for (i = 0; i < nr; i++) {
		for (j = 0; j < all[i].nr; j++) {
			const struct ps_finding *f = &all[i].list[j];

			snprintf(code, sizeof(code), "PS%04d", (int)f->kind);
			out_cell_text(out, all[i].file);
			out_cell_u64(out, (uint64_t)f->line);
			out_cell_text(out, ps_severity_name(f->severity));
			out_cell_text(out, code);
			out_cell_text(out, f->object);
			out_cell_text(out, f->reason);
			out_cell_text(out, f->advice);
			out_row(out);
		}
	}
	out_list_end(out);
}

int cmd_check(const struct verb *verb, int argc, char **argv)
{
	bool json = false, host = false, no_slack = false;
	const struct option_spec specs[] = {
		{ "host", 0, NULL, &host },
		{ "no-slack", 0, NULL, &no_slack },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	size_t errors = 0, warnings = 0, nr, i;
	struct ps_findings *all;
	unsigned int flags = 0;
	struct out *out;
	int arg;

	arg = verb_options(verb, argc, argv, specs);
	flags |= host ? PS_CHECK_HOST : 0;
	flags |= no_slack ? PS_CHECK_NO_SLACK : 0;
	out = out_open(json, false);

	nr = (size_t)(argc - arg);
	all = ps_calloc(nr, sizeof(*all));
	for (i = 0; i < nr; i++) {
		ps_findings_init(&all[i], argv[arg + (int)i]);
		ps_model_free(ps_xml_check(argv[arg + (int)i], flags, &all[i]));
		errors += all[i].errors;
		warnings += all[i].warnings;
		if (!json)
			print_findings_text(&all[i]);
		if (!all[i].errors)
			out_say(out, "%s: valid", PS_SAFE(argv[arg + (int)i]));
	}
	out_flag(out, "valid", NULL, !errors);
	out_u64(out, "errors", NULL, errors);
	out_u64(out, "warnings", NULL, warnings);
	if (json)
		print_findings_json(out, all, nr);
	for (i = 0; i < nr; i++)
		ps_findings_free(&all[i]);
	free(all);
	if (out_flush(out))
		return PS_EXIT_REFUSED;
	return errors ? PS_EXIT_CONFIG : PS_EXIT_DONE;
}
