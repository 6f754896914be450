/* SPDX-License-Identifier: GPL-2.0 */
/*
 * partctl - what its commands share
 */
#ifndef PARTCTL_H
#define PARTCTL_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "out.h"
#include "xml.h"

/**
 * struct verb - a command
 * @name: as it is typed; there is no prefix matching
 * @min_args: least number of arguments that are no options
 * @max_args: greatest number, -1: any
 * @flags: VERB_*
 * @run: does it; argv[0] is the command's name
 * @synopsis: what stands behind the name in its help
 * @help: one line for the list of commands
 * @details: the rest of its help
 */
struct verb {
	const char *name;
	int min_args;
	int max_args;
	unsigned int flags;
	int (*run)(const struct verb *verb, int argc, char **argv);
	const char *synopsis;
	const char *help;
	const char *details;
};

#define VERB_DEFAULT	(1U << 0)	/* runs when no command is named */

/**
 * struct option_spec - an option of a command
 * @name: long name, without dashes
 * @letter: short form, 0 for none
 * @value: receives the argument of the option; NULL: it takes none
 * @given: set to true when it is given; may be NULL
 */
struct option_spec {
	const char *name;
	char letter;
	const char **value;
	bool *given;
};

/**
 * verb_options() - read a command's options
 * @verb: the command; its numbers of arguments are checked
 * @argc: from run()
 * @argv: from run(); arguments come to stand behind the options
 * @specs: its options; -h/--help is added, an entry without a name ends them
 *
 * Ends the program after --help (status 0), and after a mistake with a sentence
 * and status PS_EXIT_USAGE.
 *
 * Return: index in @argv of the first argument.
 */
int verb_options(const struct verb *verb, int argc, char **argv, const struct option_spec *specs);

/**
 * usage_error() - complain about the command line and end the program
 * @verb: the command, or NULL
 * @fmt: the sentence
 */
void usage_error(const struct verb *verb, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/**
 * fail_with() - print an error
 * @error: the error; after -j also as a JSON object on standard output
 *
 * Return: its exit status.
 */
int fail_with(const struct ps_error *error);

/**
 * option_u64() - read a number given on the command line
 * @verb: the command
 * @name: of the option, for the sentence
 * @text: what was given
 * @min: least legal value
 * @max: greatest legal value
 *
 * Return: the number; ends the program if there is none.
 */
uint64_t option_u64(const struct verb *verb, const char *name, const char *text, uint64_t min,
		    uint64_t max);

/**
 * option_dialect() - read the value of --to
 * @verb: the command
 * @text: what was given
 *
 * Return: the dialect; ends the program if there is none of that name.
 */
enum ps_dialect option_dialect(const struct verb *verb, const char *text);

int cmd_attach(const struct verb *verb, int argc, char **argv);
int cmd_check(const struct verb *verb, int argc, char **argv);
int cmd_console(const struct verb *verb, int argc, char **argv);
int cmd_convert(const struct verb *verb, int argc, char **argv);
int cmd_detach(const struct verb *verb, int argc, char **argv);
int cmd_events(const struct verb *verb, int argc, char **argv);
int cmd_dump(const struct verb *verb, int argc, char **argv);
int cmd_continue(const struct verb *verb, int argc, char **argv);
int cmd_halt(const struct verb *verb, int argc, char **argv);
int cmd_hm(const struct verb *verb, int argc, char **argv);
int cmd_interrupt(const struct verb *verb, int argc, char **argv);
int cmd_kill(const struct verb *verb, int argc, char **argv);
int cmd_list(const struct verb *verb, int argc, char **argv);
int cmd_load(const struct verb *verb, int argc, char **argv);
int cmd_new(const struct verb *verb, int argc, char **argv);
int cmd_open(const struct verb *verb, int argc, char **argv);
int cmd_plan(const struct verb *verb, int argc, char **argv);
int cmd_port(const struct verb *verb, int argc, char **argv);
int cmd_restart(const struct verb *verb, int argc, char **argv);
int cmd_schedule(const struct verb *verb, int argc, char **argv);
int cmd_schema(const struct verb *verb, int argc, char **argv);
int cmd_show(const struct verb *verb, int argc, char **argv);
int cmd_start(const struct verb *verb, int argc, char **argv);
int cmd_status(const struct verb *verb, int argc, char **argv);
int cmd_supervise(const struct verb *verb, int argc, char **argv);
int cmd_unload(const struct verb *verb, int argc, char **argv);

#endif /* PARTCTL_H */
