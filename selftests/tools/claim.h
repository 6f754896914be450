/* SPDX-License-Identifier: GPL-2.0 */
/*
 * claim - unit tests as functions that claim things, told as KTAP
 *
 * A program's main() calls claim_begin(), then claim_run() for each test, and
 * returns claim_end(). A test's name is a claim, too: numbers_are_exact.
 */
#ifndef PS_CLAIM_H
#define PS_CLAIM_H

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* Claims of the test that runs which did not hold; printed as they are found. */
static unsigned int claim_broken;
static unsigned int claim_number, claim_failures;

#define CLAIM(condition, ...)						\
	do {								\
		if (!(condition)) {					\
			claim_broken++;					\
			printf("# %s:%d: %s: ", __FILE__, __LINE__, #condition); \
			printf(__VA_ARGS__);				\
			putchar('\n');					\
		}							\
	} while (0)

/**
 * struct claim_test - a test
 * @name: its name
 * @run: makes its claims
 */
struct claim_test {
	const char *name;
	void (*run)(void);
};

#define CLAIM_TEST(name) { #name, name }

/**
 * claim_begin() - print the plan
 * @nr: number of tests
 */
static inline void claim_begin(size_t nr)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%zu\n", nr);
}

/**
 * claim_verdict() - the test that ran is over
 * @prefix: printed before the name
 * @name: its name
 */
static inline void claim_verdict(const char *prefix, const char *name)
{
	printf("%s %u %s%s\n", claim_broken ? "not ok" : "ok", ++claim_number, prefix, name);
	claim_failures += claim_broken > 0;
	claim_broken = 0;
}

/**
 * claim_run() - run tests in order
 * @tests: the tests
 * @nr: number of them
 */
static inline void claim_run(const struct claim_test *tests, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		tests[i].run();
		claim_verdict("", tests[i].name);
	}
}

/**
 * claim_end() - print the sum
 *
 * Return: the exit status.
 */
static inline int claim_end(void)
{
	printf("# %u of %u failed\n", claim_failures, claim_number);
	return claim_failures > 0;
}

/**
 * claim_text_of() - a whole file
 * @path: the file
 *
 * Return: its text, to be freed, or NULL.
 */
static inline char *claim_text_of(const char *path)
{
	FILE *file = fopen(path, "re"), *out;
	char *text = NULL;
	size_t size;
	int c;

	if (!file)
		return NULL;
	out = open_memstream(&text, &size);
	while ((c = getc(file)) != EOF)
		putc(c, out);
	fclose(out);
	fclose(file);
	return text;
}

/**
 * claim_is_xml() - for scandir(): the XML files
 * @entry: a name in a directory
 *
 * Return: not 0 for *.xml.
 */
static inline int claim_is_xml(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && !strcmp(entry->d_name + len - 4, ".xml");
}

#endif /* PS_CLAIM_H */
