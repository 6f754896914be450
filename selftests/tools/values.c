// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the base layer: numbers, times, names, findings.
 *
 *   values [DIRECTORY]          KTAP on standard output, status 1 on a failure
 *
 * DIRECTORY is passed over: all unit tests are called alike.
 */
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "error.h"
#include "findings.h"
#include "units.h"

static void numbers_are_exact_to_64_bits(void)
{
	static const struct {
		const char *text;
		enum ps_unit unit;
		uint64_t value;
	} cases[] = {
		{ "0", PS_UNIT_OK, 0 },
		{ "00", PS_UNIT_OK, 0 },
		{ "007", PS_UNIT_OK, 7 },
		{ "9223372036854775807", PS_UNIT_OK, INT64_MAX },
		{ "9223372036854775808", PS_UNIT_OK, 1ULL << 63 },
		{ "18446744073709551615", PS_UNIT_OK, UINT64_MAX },
		{ "18446744073709551616", PS_UNIT_RANGE, 0 },
		{ "18446744073709551620", PS_UNIT_RANGE, 0 },
		{ "99999999999999999999999999", PS_UNIT_RANGE, 0 },
		{ "99999999999999999999999999x", PS_UNIT_MALFORMED, 0 },
		{ "0x0", PS_UNIT_OK, 0 },
		{ "0xff", PS_UNIT_OK, 255 },
		{ "0XfF", PS_UNIT_OK, 255 },
		{ "0xffffffffffffffff", PS_UNIT_OK, UINT64_MAX },
		{ "0x00000000000000001", PS_UNIT_OK, 1 },
		{ "0x10000000000000000", PS_UNIT_RANGE, 0 },
		{ "0x", PS_UNIT_MALFORMED, 0 },
		{ "0xg", PS_UNIT_MALFORMED, 0 },
		{ "ff", PS_UNIT_MALFORMED, 0 },
		{ "-1", PS_UNIT_NEGATIVE, 0 },
		{ "-0x1", PS_UNIT_NEGATIVE, 0 },
		{ "-18446744073709551616", PS_UNIT_NEGATIVE, 0 },
		{ "-", PS_UNIT_MALFORMED, 0 },
		{ "--1", PS_UNIT_MALFORMED, 0 },
		{ "+1", PS_UNIT_MALFORMED, 0 },
		{ "1.0", PS_UNIT_MALFORMED, 0 },
		{ "1e3", PS_UNIT_MALFORMED, 0 },
		{ "1 2", PS_UNIT_MALFORMED, 0 },
		{ "1_000", PS_UNIT_MALFORMED, 0 },
		{ "\xd9\xa1", PS_UNIT_MALFORMED, 0 },	/* an Arabic digit */
		{ "", PS_UNIT_EMPTY, 0 },
		{ " \t\r\n", PS_UNIT_EMPTY, 0 },
		{ "\v1", PS_UNIT_MALFORMED, 0 },
	};
	size_t i;

	for (i = 0; i < NR(cases); i++) {
		uint64_t value = 0;
		enum ps_unit unit = ps_read_u64(cases[i].text, 0, UINT64_MAX, &value, NULL);

		CLAIM(unit == cases[i].unit, "\"%s\" gives %d", cases[i].text, unit);
		CLAIM(value == cases[i].value, "\"%s\" gives %llu", cases[i].text,
		      (unsigned long long)value);
	}
}

static void numbers_keep_to_their_range(void)
{
	uint64_t value = 77;

	CLAIM(ps_read_u64("4", 5, 9, &value, NULL) == PS_UNIT_RANGE, "below");
	CLAIM(ps_read_u64("10", 5, 9, &value, NULL) == PS_UNIT_RANGE, "above");
	CLAIM(value == 77, "a failure leaves the value alone");
	CLAIM(!ps_read_u64("5", 5, 9, &value, NULL) && value == 5, "least");
	CLAIM(!ps_read_u64("9", 5, 9, &value, NULL) && value == 9, "greatest");
}

static void blanks_are_passed_over_and_told(void)
{
	bool blanks = false, truth = false;
	uint64_t value = 0;

	CLAIM(!ps_read_u64("30", 0, 99, &value, &blanks) && !blanks, "none");
	CLAIM(!ps_read_u64("30 ", 0, 99, &value, &blanks) && blanks, "behind");
	blanks = false;
	CLAIM(!ps_read_u64("\n\t30", 0, 99, &value, &blanks) && blanks, "before");
	blanks = false;
	CLAIM(!ps_read_size(" 6M", 0, UINT64_MAX, &value, &blanks) && blanks, "size");
	blanks = false;
	CLAIM(!ps_read_bool("true ", &truth, &blanks) && blanks && truth, "boolean");
}

static void sizes_take_binary_suffixes(void)
{
	static const struct {
		const char *text;
		enum ps_unit unit;
		uint64_t value;
	} cases[] = {
		{ "6M", PS_UNIT_OK, 6 << 20 },
		{ "6m", PS_UNIT_OK, 6 << 20 },
		{ "0x10K", PS_UNIT_OK, 16 << 10 },
		{ "1G", PS_UNIT_OK, 1 << 30 },
		{ "17179869183G", PS_UNIT_OK, 17179869183ULL << 30 },
		{ "17179869184G", PS_UNIT_RANGE, 0 },
		{ "18446744073709551615", PS_UNIT_OK, UINT64_MAX },
		{ "18446744073709551615K", PS_UNIT_RANGE, 0 },
		{ "M", PS_UNIT_MALFORMED, 0 },
		{ "6 M", PS_UNIT_MALFORMED, 0 },
		{ "6MB", PS_UNIT_MALFORMED, 0 },
		{ "6T", PS_UNIT_MALFORMED, 0 },
		{ "-6M", PS_UNIT_NEGATIVE, 0 },
		{ "", PS_UNIT_EMPTY, 0 },
	};
	size_t i;

	for (i = 0; i < NR(cases); i++) {
		uint64_t value = 0;
		enum ps_unit unit = ps_read_size(cases[i].text, 0, UINT64_MAX, &value, NULL);

		CLAIM(unit == cases[i].unit && value == cases[i].value, "\"%s\" gives %d, %llu",
		      cases[i].text, unit, (unsigned long long)value);
	}
}

static void seconds_are_exact_to_the_nanosecond(void)
{
	static const struct {
		const char *text;
		enum ps_unit unit;
		uint64_t ns;
	} cases[] = {
		{ "0", PS_UNIT_OK, 0 },
		{ "1", PS_UNIT_OK, 1000000000 },
		{ "1.0000", PS_UNIT_OK, 1000000000 },
		{ "0.000065", PS_UNIT_OK, 65000 },	/* as a double: 64999 */
		{ "0.000000001", PS_UNIT_OK, 1 },
		{ "0.0000000010000", PS_UNIT_OK, 1 },
		{ "0.3", PS_UNIT_OK, 300000000 },
		{ "1.1", PS_UNIT_OK, 1100000000 },
		{ "0.007", PS_UNIT_OK, 7000000 },
		{ "4.35", PS_UNIT_OK, 4350000000 },
		{ ".5", PS_UNIT_OK, 500000000 },
		{ "5.", PS_UNIT_OK, 5000000000 },
		{ "007.50", PS_UNIT_OK, 7500000000 },
		{ "9007199.254740993", PS_UNIT_OK, 9007199254740993 },	/* 2^53 + 1 */
		{ "9223372036.854775807", PS_UNIT_OK, INT64_MAX },
		{ "9223372036.854775808", PS_UNIT_RANGE, 0 },
		{ "18446744073.709551615", PS_UNIT_RANGE, 0 },
		{ "18446744073.709551616", PS_UNIT_RANGE, 0 },
		{ "18446744073.709551617", PS_UNIT_RANGE, 0 },	/* 2^64 + 1 */
		{ "18446744074", PS_UNIT_RANGE, 0 },
		{ "18446744073709551617", PS_UNIT_RANGE, 0 },
		{ "99999999999999999999999999999999", PS_UNIT_RANGE, 0 },
		{ "0.0000000001", PS_UNIT_PRECISION, 0 },
		{ "0.0000650001", PS_UNIT_PRECISION, 0 },
		{ "1e-3", PS_UNIT_MALFORMED, 0 },
		{ "1E3", PS_UNIT_MALFORMED, 0 },
		{ "+1", PS_UNIT_MALFORMED, 0 },
		{ "0,5", PS_UNIT_MALFORMED, 0 },
		{ "1.2.3", PS_UNIT_MALFORMED, 0 },
		{ ".", PS_UNIT_MALFORMED, 0 },
		{ "0x1", PS_UNIT_MALFORMED, 0 },
		{ "1 s", PS_UNIT_MALFORMED, 0 },
		{ "1. 5", PS_UNIT_MALFORMED, 0 },
		{ "inf", PS_UNIT_MALFORMED, 0 },
		{ "nan", PS_UNIT_MALFORMED, 0 },
		{ "0.0000000001x", PS_UNIT_MALFORMED, 0 },
		{ "99999999999999999999999999999999x", PS_UNIT_MALFORMED, 0 },
		{ "\xd9\xa1.5", PS_UNIT_MALFORMED, 0 },	/* an Arabic digit */
		{ "-1", PS_UNIT_NEGATIVE, 0 },
		{ "-0.000000001", PS_UNIT_NEGATIVE, 0 },
		{ "", PS_UNIT_EMPTY, 0 },
		{ " ", PS_UNIT_EMPTY, 0 },
	};
	bool blanks = false;
	uint64_t ns = 77;
	size_t i;

	for (i = 0; i < NR(cases); i++) {
		uint64_t got = 0;
		enum ps_unit unit = ps_read_seconds(cases[i].text, 0, INT64_MAX, &got, NULL);

		CLAIM(unit == cases[i].unit && got == cases[i].ns, "\"%s\" gives %d, %llu",
		      cases[i].text, unit, (unsigned long long)got);
	}
	CLAIM(ps_read_seconds("0", 1, 9, &ns, NULL) == PS_UNIT_RANGE && ns == 77, "below");
	CLAIM(ps_read_seconds("0.00000001", 1, 9, &ns, NULL) == PS_UNIT_RANGE && ns == 77, "above");
	CLAIM(!ps_read_seconds("\t0.000000009 ", 1, 9, &ns, &blanks) && ns == 9 && blanks, "blanks");
}

/* All nanoseconds of a second but for a stride, written out and read back. */
static void seconds_read_back(void)
{
	uint64_t ns, got, wrong = 0;
	char text[32];

	for (ns = 0; ns < 2000000000; ns += 9973) {
		snprintf(text, sizeof(text), "%llu.%09llu", (unsigned long long)(ns / 1000000000),
			 (unsigned long long)(ns % 1000000000));
		got = ~ns;
		if (ps_read_seconds(text, 0, INT64_MAX, &got, NULL) || got != ns)
			wrong++;
	}
	CLAIM(!wrong, "%llu values", (unsigned long long)wrong);
}

static void booleans_are_those_seen_in_the_wild(void)
{
	static const char *const yes[] = { "true", "1", "True", "TRUE" };
	static const char *const no[] = { "false", "0", "False", "FALSE" };
	static const char *const neither[] = { "yes", "tru", "truee", "2", "01", "-1", "t" };
	bool value;
	size_t i;

	for (i = 0; i < NR(yes); i++) {
		value = false;
		CLAIM(!ps_read_bool(yes[i], &value, NULL) && value, "%s", yes[i]);
		value = true;
		CLAIM(!ps_read_bool(no[i], &value, NULL) && !value, "%s", no[i]);
	}
	for (i = 0; i < NR(neither); i++)
		CLAIM(ps_read_bool(neither[i], &value, NULL) == PS_UNIT_MALFORMED, "%s",
		      neither[i]);
	CLAIM(ps_read_bool("  ", &value, NULL) == PS_UNIT_EMPTY, "blanks");
}

static void nearest_name_is_a_slip_of_the_pen(void)
{
	static const char *const known[] = { "flightControl", NULL, "display", "io" };
	char endless[5000];
	const char *near;

	near = ps_nearest("flightControls", known, NR(known));
	CLAIM(near && !strcmp(near, "flightControl"), "one letter more");
	near = ps_nearest("dispaly", known, NR(known));
	CLAIM(near && !strcmp(near, "display"), "two letters changed places");
	CLAIM(!ps_nearest("navigation", known, NR(known)), "another word");
	CLAIM(!ps_nearest("x", known, 0), "nothing known");
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	CLAIM(!ps_nearest(endless, known, NR(known)), "an endless word");
}

static void names_cannot_drive_a_terminal(void)
{
	static const struct {
		const char *name;
		const char *safe;
	} cases[] = {
		{ "plain", "plain" },
		{ "u\xc3\xa7u\xc5\x9f", "u\xc3\xa7u\xc5\x9f" },
		{ "\xf0\x9f\x9b\xa9", "\xf0\x9f\x9b\xa9" },
		{ "a\x1b[31m", "a\\x1b[31m" },
		{ "a\nb\x7f", "a\\x0ab\\x7f" },
		{ "\xc2\x9b", "\\xc2\\x9b" },		/* C1: CSI */
		{ "\xc0\x9b", "\\xc0\\x9b" },		/* overlong ESC */
		{ "\xe0\x80\x9b", "\\xe0\\x80\\x9b" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },	/* a surrogate */
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae" },	/* right-to-left override */
		{ "\xc3", "\\xc3" },			/* cut short */
		{ "\xff", "\\xff" },
	};
	char buf[256], small[12];
	size_t i;

	for (i = 0; i < NR(cases); i++) {
		ps_escape(buf, sizeof(buf), cases[i].name);
		CLAIM(!strcmp(buf, cases[i].safe), "\"%s\" for \"%s\"", buf, cases[i].safe);
	}
	ps_escape(small, sizeof(small), "abcdefghijklmnop");
	CLAIM(strlen(small) < sizeof(small) && !strcmp(small + strlen(small) - 3, "..."), "%s",
	      small);
	ps_escape(small, sizeof(small), "\x1b\x1b\x1b\x1b\x1b");
	CLAIM(!strcmp(small, "\\x1b\\x1b..."), "%s", small);
}

static void findings_are_sorted_and_summed_up(void)
{
	struct ps_findings findings;
	char *text, *line;
	int i, lines = 0;

	ps_findings_init(&findings, "f.xml");
	for (i = 25; i > 0; i--)
		ps_find(&findings, PS_OVERLAP, i, "window", NULL, "overlaps");
	ps_find(&findings, PS_NO_WINDOW, 3, "partition", "advice", "has none");
	ps_findings_sort(&findings);
	text = ps_findings_text(&findings);
	CLAIM(findings.errors == 25 && findings.warnings == 1, "counted");
	CLAIM(!strncmp(text, "f.xml:1: window: overlaps [error PS0042]\n", 41), "%s", text);
	CLAIM(strstr(text, "f.xml:3: partition: has none; advice [warning PS0034]\n"), "%s", text);
	CLAIM(strstr(text, "f.xml: 5 more of the same kind"), "%s", text);
	for (line = text; (line = strchr(line, '\n')); line++)
		lines++;
	CLAIM(lines == 22, "%d lines", lines);
	free(text);
	ps_findings_free(&findings);
}

static const struct claim_test tests[] = {
	CLAIM_TEST(numbers_are_exact_to_64_bits),
	CLAIM_TEST(numbers_keep_to_their_range),
	CLAIM_TEST(blanks_are_passed_over_and_told),
	CLAIM_TEST(sizes_take_binary_suffixes),
	CLAIM_TEST(seconds_are_exact_to_the_nanosecond),
	CLAIM_TEST(seconds_read_back),
	CLAIM_TEST(booleans_are_those_seen_in_the_wild),
	CLAIM_TEST(nearest_name_is_a_slip_of_the_pen),
	CLAIM_TEST(names_cannot_drive_a_terminal),
	CLAIM_TEST(findings_are_sorted_and_summed_up),
};

int main(void)
{
	claim_begin(NR(tests));
	claim_run(tests, NR(tests));
	return claim_end();
}
