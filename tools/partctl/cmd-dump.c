// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-dump - partctl dump: the plan in force as a configuration
 *
 * What runs when and where is asked of the module; what it does not know
 * comes from the plan that load has kept.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd-check.h"
#include "in-force.h"
#include "kernel.h"
#include "partctl.h"
#include "save.h"
#include "state.h"

static void warn(const char *text)
{
	fprintf(stderr, "partctl: warning: %s\n", text);
}

/* The plan in force, with all that is known of it; NULL: see @error. */
static struct ps_model *plan_in_force(struct ps_error *error)
{
	struct ps_kernel *kernel = ps_kernel_open(error);
	struct ps_model *kept, *model;
	struct in_force plan;
	int rc;

	if (!kernel)
		return NULL;
	rc = in_force_get(kernel, &plan, error);
	ps_kernel_close(kernel);
	if (rc)
		return NULL;
	kept = state_model();
	if (kept && in_force_is(&plan, kept)) {
		in_force_free(&plan);
		return kept;
	}
	model = in_force_model(&plan, STATE_DIR "/system.xml");
	if (!kept) {
		warn("images, memory, periods, ports, channels, health monitor tables and what else the module does not know are missing: partctl load has kept no plan");
	} else {
		warn("the plan in force is not the one that partctl load has kept: the windows are those in force");
		in_force_adopt(model, kept, warn);
	}
	ps_model_free(kept);
	in_force_free(&plan);
	return model;
}

int cmd_dump(const struct verb *verb, int argc, char **argv)
{
	const char *to = "native", *output = NULL;
	const struct option_spec specs[] = {
		{ "to", 0, &to, NULL },
		{ "output", 'o', &output, NULL },
		{ 0 },
	};
	enum ps_dialect dialect;
	struct ps_findings lost;
	struct ps_model *model;
	struct ps_error error;
	int rc = PS_EXIT_DONE;
	char *text;

	verb_options(verb, argc, argv, specs);
	dialect = option_dialect(verb, to);
	model = plan_in_force(&error);
	if (!model)
		return fail_with(&error);
	ps_findings_init(&lost, model->file);
	text = save_text(model, dialect, PS_WRITE_ABSOLUTE, &lost);
	if (save_file(output, text, &error))
		rc = fail_with(&error);
	print_findings_text(&lost);
	free(text);
	ps_findings_free(&lost);
	ps_model_free(model);
	return rc;
}
