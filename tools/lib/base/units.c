// SPDX-License-Identifier: GPL-2.0
/*
 * units - numbers, times, sizes and booleans as they are written in XML and
 * options
 */
#include "units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* XML's white space, whatever the locale says. */
static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The text without blanks around it: its start, and its length in @len. */
static const char *trim(const char *text, size_t *len, bool *blanks)
{
	size_t n = strlen(text);
	const char *start = text;

	while (n && blank(*start)) {
		start++;
		n--;
	}
	while (n && blank(start[n - 1]))
		n--;
	if (blanks && n && n != strlen(text))
		*blanks = true;
	*len = n;
	return start;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Read @len bytes as one integer, without regard to any range but 64 bits. */
static enum ps_unit read_integer(const char *s, size_t len, uint64_t *value)
{
	bool negative = false, overflow = false;
	unsigned int base = 10;
	uint64_t sum = 0;
	size_t i;

	if (len && *s == '-') {
		negative = true;
		s++;
		len--;
	}
	if (len > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
		len -= 2;
	}
	if (!len)
		return PS_UNIT_MALFORMED;
	for (i = 0; i < len; i++) {
		unsigned int d = (unsigned int)digit(s[i]);

		if (d >= base)
			return PS_UNIT_MALFORMED;
		/* go on after an overflow: letters further on make it malformed */
		overflow |= __builtin_mul_overflow(sum, base, &sum);
		overflow |= __builtin_add_overflow(sum, d, &sum);
	}
	if (negative)
		return PS_UNIT_NEGATIVE;
	if (overflow)
		return PS_UNIT_RANGE;
	*value = sum;
	return PS_UNIT_OK;
}

static enum ps_unit in_range(uint64_t got, uint64_t min, uint64_t max, uint64_t *value)
{
	if (got < min || got > max)
		return PS_UNIT_RANGE;
	*value = got;
	return PS_UNIT_OK;
}

enum ps_unit ps_read_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value,
			 bool *blanks)
{
	enum ps_unit unit;
	const char *s;
	uint64_t got;
	size_t len;

	s = trim(text, &len, blanks);
	if (!len)
		return PS_UNIT_EMPTY;
	unit = read_integer(s, len, &got);
	return unit ? unit : in_range(got, min, max, value);
}

enum ps_unit ps_read_size(const char *text, uint64_t min, uint64_t max, uint64_t *value,
			  bool *blanks)
{
	unsigned int shift = 0;
	enum ps_unit unit;
	const char *s;
	uint64_t got;
	size_t len;

	s = trim(text, &len, blanks);
	if (!len)
		return PS_UNIT_EMPTY;
	switch (s[len - 1]) {
	case 'K': case 'k': shift = 10; break;
	case 'M': case 'm': shift = 20; break;
	case 'G': case 'g': shift = 30; break;
	}
	if (shift)
		len--;
	unit = read_integer(s, len, &got);
	if (unit)
		return unit;
	if (got > UINT64_MAX >> shift)
		return PS_UNIT_RANGE;
	return in_range(got << shift, min, max, value);
}

#define NS_PER_S UINT64_C(1000000000)

enum ps_unit ps_read_seconds(const char *text, uint64_t min, uint64_t max, uint64_t *ns,
			     bool *blanks)
{
	bool negative, point = false, overflow = false, finer = false;
	uint64_t whole = 0, fraction = 0, weight = NS_PER_S;
	size_t len, i, digits = 0;
	const char *s;

	s = trim(text, &len, blanks);
	if (!len)
		return PS_UNIT_EMPTY;
	negative = *s == '-';
	for (i = negative; i < len; i++) {
		unsigned int d = (unsigned int)digit(s[i]);

		if (s[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (d > 9)
			return PS_UNIT_MALFORMED;
		digits++;
		if (!point) {
			/* as read_integer(): letters further on make it malformed */
			overflow |= __builtin_mul_overflow(whole, 10, &whole);
			overflow |= __builtin_add_overflow(whole, d, &whole);
		} else {
			weight /= 10;
			fraction += d * weight;
			finer |= !weight && d;
		}
	}
	if (!digits)
		return PS_UNIT_MALFORMED;
	if (negative)
		return PS_UNIT_NEGATIVE;
	overflow |= __builtin_mul_overflow(whole, NS_PER_S, &whole);
	overflow |= __builtin_add_overflow(whole, fraction, &whole);
	if (overflow)
		return PS_UNIT_RANGE;
	if (finer)
		return PS_UNIT_PRECISION;
	return in_range(whole, min, max, ns);
}

char *ps_seconds_text(char *buf, size_t size, uint64_t ns)
{
	size_t len = (size_t)snprintf(buf, size, "%" PRIu64 ".%09" PRIu64, ns / NS_PER_S,
				      ns % NS_PER_S);

	while (buf[len - 1] == '0')
		buf[--len] = '\0';
	if (buf[len - 1] == '.')
		buf[--len] = '\0';
	return buf;
}

enum ps_unit ps_read_bool(const char *text, bool *value, bool *blanks)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "true", true }, { "false", false }, { "1", true }, { "0", false },
		{ "True", true }, { "False", false }, { "TRUE", true }, { "FALSE", false },
	};
	const char *s;
	size_t len, i;

	s = trim(text, &len, blanks);
	if (!len)
		return PS_UNIT_EMPTY;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].word) == len && !memcmp(words[i].word, s, len)) {
			*value = words[i].value;
			return PS_UNIT_OK;
		}
	}
	return PS_UNIT_MALFORMED;
}

const char *ps_unit_reason(enum ps_unit unit)
{
	switch (unit) {
	case PS_UNIT_OK: return "is right";
	case PS_UNIT_EMPTY: return "is empty";
	case PS_UNIT_NEGATIVE: return "is negative";
	case PS_UNIT_MALFORMED: return "is not of this form";
	case PS_UNIT_RANGE: return "is out of range";
	case PS_UNIT_PRECISION: return "is finer than a nanosecond";
	}
	return "is wrong";
}

#define NEAREST_MAX 64

/* Levenshtein distance, bytes; words longer than NEAREST_MAX are far apart. */
static size_t distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), row[NEAREST_MAX + 1], i, j;

	if (la > NEAREST_MAX || lb > NEAREST_MAX)
		return SIZE_MAX;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[lb];
}

const char *ps_nearest(const char *word, const char *const *known, size_t nr)
{
	const char *nearest = NULL;
	size_t best = SIZE_MAX, i;

	for (i = 0; i < nr; i++) {
		size_t d = known[i] ? distance(word, known[i]) : SIZE_MAX;

		if (d < best) {
			best = d;
			nearest = known[i];
		}
	}
	return nearest && best <= (strlen(word) + 2) / 3 ? nearest : NULL;
}
