// SPDX-License-Identifier: GPL-2.0
/*
 * options - reading a command line, telling what is wrong with it
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel.h"
#include "partctl.h"
#include "units.h"

#define MAX_OPTIONS 16

static void print_help(const struct verb *verb)
{
	printf("usage: partctl %s %s\n\n%s.\n\n%s", verb->name, verb->synopsis, verb->help,
	       verb->details);
}

void usage_error(const struct verb *verb, const char *fmt, ...)
{
	va_list ap;

	fputs("partctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	if (verb)
		fprintf(stderr, "\nusage: partctl %s %s\n", verb->name, verb->synopsis);
	else
		fputs("\ntry: partctl --help\n", stderr);
	exit(PS_EXIT_USAGE);
}

static bool json_given;

int fail_with(const struct ps_error *error)
{
	struct out *out;

	if (json_given) {
		out = out_fresh_json();
		out_text(out, "error", NULL, error->text);
		out_u64(out, "exit_status", NULL, error->exit);
		out_u64(out, "errno", NULL, (uint64_t)error->err);
		if (ps_attr_name(error->attr))
			out_text(out, "attribute", NULL, ps_attr_name(error->attr));
		out_flush(out);
	}
	fprintf(stderr, "partctl: %s\n", error->text);
	return error->exit;
}

uint64_t option_u64(const struct verb *verb, const char *name, const char *text, uint64_t min,
		    uint64_t max)
{
	enum ps_unit unit;
	uint64_t value;

	unit = ps_read_u64(text, min, max, &value, NULL);
	if (unit)
		usage_error(verb, "%s: \"%s\" %s; a number from %" PRIu64 " to %" PRIu64
			    " is wanted", name, PS_SAFE(text), ps_unit_reason(unit), min, max);
	return value;
}

enum ps_dialect option_dialect(const struct verb *verb, const char *text)
{
	int dialect = ps_dialect_find(text);

	if (dialect < 0)
		usage_error(verb, "--to: \"%s\" is none of A, B, C, M, native", PS_SAFE(text));
	return (enum ps_dialect)dialect;
}

int verb_options(const struct verb *verb, int argc, char **argv, const struct option_spec *specs)
{
	struct option longs[MAX_OPTIONS + 2] = { 0 };
	char shorts[3 * MAX_OPTIONS] = ":h";
	size_t nr, used = 2;
	int got, args;

	for (nr = 0; specs[nr].name; nr++) {
		longs[nr].name = specs[nr].name;
		longs[nr].has_arg = specs[nr].value ? required_argument : no_argument;
		longs[nr].val = 256 + (int)nr;
		if (!specs[nr].letter)
			continue;
		shorts[used++] = specs[nr].letter;
		if (specs[nr].value)
			shorts[used++] = ':';
	}
	shorts[used] = '\0';
	longs[nr] = (struct option){ .name = "help", .val = 'h' };

	optind = 0;		/* also forget what an earlier scan has left */
	while ((got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		size_t i = 0;

		switch (got) {
		case 'h':
			print_help(verb);
			exit(fflush(stdout) ? PS_EXIT_REFUSED : PS_EXIT_DONE);
		case ':':
			usage_error(verb, "%s wants a value", PS_SAFE(argv[optind - 1]));
		case '?':
			usage_error(verb, "%s: no such option", PS_SAFE(argv[optind - 1]));
		}
		if (got >= 256)
			i = (size_t)(got - 256);
		else
			while (i < nr && specs[i].letter != got)
				i++;
		if (specs[i].value)
			*specs[i].value = optarg;
		if (specs[i].given)
			*specs[i].given = true;
		json_given |= specs[i].letter == 'j';
	}
	args = argc - optind;
	if (args < verb->min_args)
		usage_error(verb, "%s: an argument is missing", verb->name);
	if (verb->max_args >= 0 && args > verb->max_args)
		usage_error(verb, "%s: \"%s\" is one argument too many", verb->name,
			    PS_SAFE(argv[optind + verb->max_args]));
	return optind;
}
