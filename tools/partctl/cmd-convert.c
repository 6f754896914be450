// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-convert - partctl convert: a configuration in another dialect
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd-check.h"
#include "partctl.h"
#include "save.h"

/* Where the file is used is no business of a conversion. */
#define AS_IT_IS (PS_CHECK_NO_SLACK | PS_CHECK_UNPLANNED | PS_CHECK_NO_FILES)

/* One conversion, as the command line has it. */
struct convert {
	const char *file;
	const char *output;
	enum ps_dialect to;
	bool pure;
	bool strict;
};

/*
 * What was lost may have been what made the file valid: without CPUs, all
 * windows are on one. Another reader may know better, so it is written.
 */
static void read_back(const struct convert *c, const char *text)
{
	struct ps_findings findings;

	ps_findings_init(&findings, c->output ? c->output : "standard output");
	ps_model_free(ps_xml_check_memory(text, strlen(text), c->file, AS_IT_IS, NULL,
					  &findings));
	if (findings.errors)
		fprintf(stderr, "partctl: warning: without what is lost, %s is not valid: %zu error%s\n",
			c->output ? PS_SAFE(c->output) : "the result", findings.errors,
			findings.errors == 1 ? "" : "s");
	ps_findings_free(&findings);
}

/* All that is told at the end; @text is written unless it must not be. */
static int finish(const struct convert *c, struct out *out, const char *text,
		  enum ps_dialect from, const struct ps_findings *lost)
{
	bool refused = c->strict && lost->counts[PS_LOST];
	struct ps_error error;

	if (!refused && save_file(c->output, text, &error)) {
		print_findings_text(lost);
		return fail_with(&error);
	}
	if (!out->json)
		print_findings_text(lost);
	if (!refused)
		read_back(c, text);
	else if (!out->json)
		fprintf(stderr, "partctl: %s: not written: %zu thing%s would be lost\n",
			PS_SAFE(c->file), lost->counts[PS_LOST],
			lost->counts[PS_LOST] == 1 ? "" : "s");
	if (out->json) {
		out_flag(out, "written", NULL, !refused);
		out_text(out, "output", NULL, c->output);
		out_text(out, "from", NULL, ps_dialect_name(from));
		out_text(out, "to", NULL, ps_dialect_name(c->to));
		out_u64(out, "lost", NULL, lost->counts[PS_LOST]);
		print_findings_json(out, lost, 1);
		if (out_flush(out))
			return PS_EXIT_REFUSED;
	}
	return refused ? PS_EXIT_CONFIG : PS_EXIT_DONE;
}

static int convert(const struct convert *c, struct out *out)
{
	struct ps_findings wrong, lost;
	enum ps_dialect from = PS_DIALECT_NATIVE;
	struct ps_model *model;
	unsigned int flags = c->pure ? PS_WRITE_PURE : 0;
	char *text;
	int rc = PS_EXIT_CONFIG;

	ps_findings_init(&wrong, c->file);
	ps_findings_init(&lost, c->file);
	model = ps_xml_check(c->file, AS_IT_IS, &from, &wrong);
	if (model && !wrong.errors) {
		/* relative paths count from the file in which they stand */
		if (c->output && !save_beside(c->file, c->output))
			flags |= PS_WRITE_ABSOLUTE;
		text = save_text(model, c->to, flags, &lost);
		rc = finish(c, out, text, from, &lost);
		free(text);
	} else {
		if (out->json) {
			out_flag(out, "written", NULL, false);
			print_findings_json(out, &wrong, 1);
			out_flush(out);
		} else {
			print_findings_text(&wrong);
			fprintf(stderr, "partctl: %s: not converted: %zu error%s\n",
				PS_SAFE(c->file), wrong.errors, wrong.errors == 1 ? "" : "s");
		}
	}
	ps_model_free(model);
	ps_findings_free(&lost);
	ps_findings_free(&wrong);
	return rc;
}

int cmd_convert(const struct verb *verb, int argc, char **argv)
{
	bool json = false, pure = false, strict = false;
	const char *to = NULL, *output = NULL;
	const struct option_spec specs[] = {
		{ "to", 0, &to, NULL },
		{ "pure", 0, NULL, &pure },
		{ "strict", 0, NULL, &strict },
		{ "output", 'o', &output, NULL },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct convert c = { 0 };

	c.file = argv[verb_options(verb, argc, argv, specs)];
	c.output = output;
	c.pure = pure;
	c.strict = strict;
	if (!to)
		usage_error(verb, "--to is missing: A, B, C, M or native");
	c.to = option_dialect(verb, to);
	if (json && !output)
		usage_error(verb, "--json goes with --output only: standard output has the configuration");
	return convert(&c, out_open(json, false));
}
