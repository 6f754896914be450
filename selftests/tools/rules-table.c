// SPDX-License-Identifier: GPL-2.0
/*
 * Unit test of the rules: each is broken by a test, and each is documented.
 *
 *   rules-table DIRECTORY            KTAP, status 1 on a failure
 *   rules-table --update DIRECTORY   write Documentation/rules.rst
 *
 * DIRECTORY is that of the files that parser tests; what they break is taken
 * from their NAME.expected. The documentation and the tests are found from it.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "claim.h"
#include "rules.h"

#define DOCUMENT "../../Documentation/rules.rst"
/* The files of a rule that the document names; there may be many more. */
#define FILES_NAMED 10

/* What no file can show is shown by a test: its file, and its name there. */
static const struct {
	enum ps_rule rule;
	const char *file;
	const char *name;
} declared[] = {
	{ PS_FILE, "selftests/tools/limits.c", "odd_files_are_refused" },
	{ PS_SIZE, "selftests/tools/limits.c", "odd_files_are_refused" },
	{ PS_TOO_MANY, "selftests/tools/limits.c", "more_than_the_module_takes_is_refused" },
	{ PS_NO_CPU, "selftests/tools/host.c", "cpu_that_is_not_there_is_told" },
	{ PS_HOUSEKEEPING, "selftests/tools/host.c", "host_keeps_a_cpu_for_itself" },
	{ PS_NO_KVM, "selftests/tools/host.c", "guests_that_are_started_need_kvm" },
	{ PS_NO_KVM_YET, "selftests/tools/host.c", "guests_of_others_need_kvm_later" },
	{ PS_CLOCKSOURCE, "selftests/tools/host.c", "slow_clock_is_told" },
	{ PS_ISOLATED, "selftests/tools/host.c", "planned_cpus_are_better_isolated" },
	{ PS_EMPTY, "selftests/tools/limits.c", "empty_model_is_told" },
	{ PS_PORT_VALUE, "selftests/tools/limits.c", "port_without_its_values_is_told" },
	{ PS_LOST, "selftests/tools/limits.c", "what_a_dialect_cannot_say_is_told" },
};

static const char *const dirs[] = { "bad", "warned", "plan", "good" };

/* Files that break a rule, as "bad/name", in the order of dirs and names. */
struct breakers {
	char **names;
	size_t nr;
};

static struct breakers breakers[PS_NR_RULES];

static int is_expected(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".expected");
}

/* Each line of a NAME.expected ends in "[severity PS0042]". */
static void note_breaker(const char *dir, const char *file)
{
	char *path = ps_asprintf("%s/%s", dir, file), *text = claim_text_of(path), *s = text, *end;
	char *name = ps_asprintf("%.*s", (int)(strrchr(path, '.') - path), path);
	unsigned int rule;

	for (; s && *s; s = end + 1) {
		const char *code;
		struct breakers *b;
		char **slot;

		end = strchr(s, '\n');
		code = end ? end - strlen(" PS0000]") : NULL;
		if (!code || code < s || sscanf(code, " PS%4u]", &rule) != 1 ||
		    !ps_rule_info(rule)) {
			CLAIM(false, "%s: a line without a code", path);
			break;
		}
		b = &breakers[rule];
		if (b->nr && !strcmp(b->names[b->nr - 1], name))
			continue;
		slot = ps_grow(&b->names, &b->nr, sizeof(*slot));
		*slot = ps_strdup(name);
	}
	free(name);
	free(text);
	free(path);
}

static void collect(void)
{
	size_t i;

	for (i = 0; i < NR(dirs); i++) {
		struct dirent **files;
		int nr = scandir(dirs[i], &files, is_expected, alphasort), j;

		CLAIM(nr > 0, "%s: nothing expected", dirs[i]);
		for (j = 0; j < nr; j++) {
			note_breaker(dirs[i], files[j]->d_name);
			free(files[j]);
		}
		if (nr >= 0)
			free(files);
	}
}

static void each_rule_is_broken_by_a_test(void)
{
	unsigned int rule;
	size_t i;

	for (rule = 0; rule < PS_NR_RULES; rule++) {
		bool tested = breakers[rule].nr > 0;

		for (i = 0; i < NR(declared); i++)
			tested |= declared[i].rule == rule;
		CLAIM(tested || !ps_rule_info(rule), "PS%04u (%s): nothing breaks it", rule,
		      ps_rule_info(rule)->text);
	}
}

static void declared_tests_are_there(void)
{
	size_t i;

	for (i = 0; i < NR(declared); i++) {
		char *path = ps_asprintf("../../%s", declared[i].file), *text = claim_text_of(path);

		CLAIM(text && strstr(text, declared[i].name), "%s has no %s", declared[i].file,
		      declared[i].name);
		free(text);
		free(path);
	}
}

static void write_tests(FILE *out, unsigned int rule)
{
	const struct breakers *b = &breakers[rule];
	const char *between = "";
	size_t i;

	for (i = 0; i < b->nr && i < FILES_NAMED; i++) {
		fprintf(out, "%s%s", between, b->names[i]);
		between = ", ";
	}
	if (b->nr > FILES_NAMED)
		fprintf(out, " and %zu more", b->nr - FILES_NAMED);
	for (i = 0; i < NR(declared); i++) {
		if (declared[i].rule != rule)
			continue;
		fprintf(out, "%s``%s`` in %s", between, declared[i].name, declared[i].file);
		between = ", ";
	}
	fputs(*between ? "\n" : "none\n", out);
}

static char *document(void)
{
	static const char *const stages[PS_NR_STAGES][2] = {
		[PS_STAGE_FILE] = { "The file", "As bytes and as XML." },
		[PS_STAGE_FORM] = { "Form", "Elements, attributes and values, each for itself." },
		[PS_STAGE_MODEL] = { "The plan", "What the whole says." },
		[PS_STAGE_HOST] = { "The host", "What this machine can do; only where asked for." },
		[PS_STAGE_PLAN] = { "Planning", "Windows are found; ``partctl plan`` only." },
		[PS_STAGE_CONVERT] = { "Conversion", "A dialect is written; ``partctl convert`` only." },
	};
	unsigned int stage, rule;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs(".. SPDX-License-Identifier: GPL-2.0\n"
	      ".. Made by selftests/tools/rules-table.c --update; changes here are lost.\n\n"
	      "Rules\n=====\n\n"
	      "What ``partctl check`` holds a file against. A finding ends in the severity and\n"
	      "the code of its rule, as in ``[error PS0042]``. Codes are stable: none is used\n"
	      "again, and gaps are rules that are gone. A file with an error is not valid;\n"
	      "warnings and notes do not keep a plan from being loaded.\n\n"
	      "The last column names files of ``selftests/xml`` (without ``.xml``) that break\n"
	      "the rule, or a test where no file can; ``grep -l PS0042 selftests/xml/*/*.expected``\n"
	      "lists all of a rule.\n", out);
	for (stage = 0; stage < PS_NR_STAGES; stage++) {
		size_t i;

		fprintf(out, "\n%s\n", stages[stage][0]);
		for (i = 0; i < strlen(stages[stage][0]); i++)
			putc('-', out);
		fprintf(out, "\n\n%s\n\n.. list-table::\n   :header-rows: 1\n   :widths: 8 8 44 40\n\n"
			"   * - Code\n     - Severity\n     - Rule\n     - Tested by\n",
			stages[stage][1]);
		for (rule = 0; rule < PS_NR_RULES; rule++) {
			const struct ps_rule_info *info = ps_rule_info(rule);

			if (!info || info->stage != stage)
				continue;
			fprintf(out, "   * - PS%04u\n     - %s\n     - %s\n     - ", rule,
				ps_severity_name(info->severity), info->text);
			write_tests(out, rule);
		}
	}
	fclose(out);
	return text;
}

static void document_is_up_to_date(void)
{
	char *wanted = document(), *there = claim_text_of(DOCUMENT);

	CLAIM(there && !strcmp(there, wanted),
	      "run rules-table --update on selftests/xml and read what changes in %s", DOCUMENT);
	free(there);
	free(wanted);
}

static int update(void)
{
	FILE *file = fopen(DOCUMENT, "we");
	char *text = document();

	if (!file || fputs(text, file) == EOF || fclose(file)) {
		perror(DOCUMENT);
		return 1;
	}
	free(text);
	return 0;
}

static const struct claim_test tests[] = {
	CLAIM_TEST(each_rule_is_broken_by_a_test),
	CLAIM_TEST(declared_tests_are_there),
	CLAIM_TEST(document_is_up_to_date),
};

static void forget(void)
{
	size_t rule, i;

	for (rule = 0; rule < PS_NR_RULES; rule++) {
		for (i = 0; i < breakers[rule].nr; i++)
			free(breakers[rule].names[i]);
		free(breakers[rule].names);
	}
}

int main(int argc, char **argv)
{
	bool updates = argc == 3 && !strcmp(argv[1], "--update");
	int status;

	if (argc != 2 + updates || chdir(argv[argc - 1])) {
		fprintf(stderr, "usage: %s [--update] DIRECTORY\n", argv[0]);
		return 2;
	}
	if (updates) {
		collect();
		status = update();
	} else {
		claim_begin(NR(tests) + 1);
		collect();
		claim_verdict("", "expectations_have_codes");
		claim_run(tests, NR(tests));
		status = claim_end();
	}
	forget();
	return status;
}
