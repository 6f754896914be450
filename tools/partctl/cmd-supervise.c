// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-supervise - partctl supervise: start launchers of partitions that want one
 */
#include <stdio.h>

#include "partctl.h"
#include "supervise.h"

int cmd_supervise(const struct verb *verb, int argc, char **argv)
{
	bool daemon = false, stop = false, json = false;
	const struct option_spec specs[] = {
		{ "daemon", 0, NULL, &daemon },
		{ "stop", 0, NULL, &stop },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct ps_error error;
	struct out *out;

	verb_options(verb, argc, argv, specs);
	if (stop && daemon)
		usage_error(verb, "supervise: --stop ends what --daemon is");
	if (!stop)
		return supervise_run(daemon, &error) ? fail_with(&error) : PS_EXIT_DONE;
	if (supervise_stop(true, &error))
		return fail_with(&error);
	out = out_open(json, false);
	out_flag(out, "supervised", NULL, false);
	out_say(out, "nobody supervises");
	return out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}
