// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-schema - partctl schema: the XML schema of a dialect, for editors
 */
#include <stdio.h>
#include <stdlib.h>

#include "partctl.h"
#include "xml.h"

int cmd_schema(const struct verb *verb, int argc, char **argv)
{
	static const struct option_spec specs[] = { { 0 } };
	int arg = verb_options(verb, argc, argv, specs);
	int dialect = PS_DIALECT_NATIVE;
	struct out *out;
	char *text;

	if (arg < argc) {
		dialect = ps_dialect_find(argv[arg]);
		if (dialect < 0)
			usage_error(verb, "\"%s\" is not a dialect: A, B, C, M or native",
				    PS_SAFE(argv[arg]));
	}
	/* the text is the output: nothing is said besides, in JSON neither */
	out = out_open(false, false);
	text = ps_xml_schema((enum ps_dialect)dialect);
	fputs(text, stdout);
	free(text);
	return out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}
