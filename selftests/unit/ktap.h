/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ktap - results of a unit test as KTAP, version 1
 *
 * For tests that need neither a kernel nor its kselftest.h. A test is a
 * function that returns whether its claim holds; what it found wrong it has
 * told by ktap_fail().
 */
#ifndef UNIT_KTAP_H
#define UNIT_KTAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* After so many complaints of one test the rest adds nothing. */
#define KTAP_MAX_COMPLAINTS	10

/**
 * struct ktap_test - a test
 * @claim: what it shows, an identifier
 * @run: true when the claim holds
 */
struct ktap_test {
	const char *claim;
	bool (*run)(void);
};

#define KTAP_TEST(_function)	{ .claim = #_function, .run = _function }

static unsigned int ktap_complaints;

/**
 * ktap_fail() - say what is wrong
 * @fmt: one line without a newline
 *
 * Return: false, so that a test can end with it.
 */
__attribute__((format(printf, 1, 2), unused))
static bool ktap_fail(const char *fmt, ...)
{
	va_list args;

	if (ktap_complaints++ >= KTAP_MAX_COMPLAINTS)
		return false;
	fputs("# ", stdout);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	return false;
}

/**
 * ktap_note() - say how much was looked at
 * @fmt: one line without a newline
 */
__attribute__((format(printf, 1, 2), unused))
static void ktap_note(const char *fmt, ...)
{
	va_list args;

	fputs("# ", stdout);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

/**
 * ktap_main() - run all tests
 * @tests: the tests
 * @nr: how many
 *
 * Return: the program's exit status.
 */
static int ktap_main(const struct ktap_test *tests, unsigned int nr)
{
	unsigned int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%u\n", nr);
	for (unsigned int i = 0; i < nr; i++) {
		ktap_complaints = 0;
		/* a test that complained has failed, whatever it returns */
		bool ok = tests[i].run() && !ktap_complaints;

		printf("%sok %u %s\n", ok ? "" : "not ", i + 1, tests[i].claim);
		failed += !ok;
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif /* UNIT_KTAP_H */
