/* SPDX-License-Identifier: GPL-2.0 */
/*
 * units - numbers, times, sizes and booleans as they are written in XML and
 * options
 *
 * Exact to 64 bits, without floating point. Integers are decimal or 0x
 * hexadecimal. Blanks around a value are passed over and told, so that the
 * caller can note them.
 */
#ifndef PS_UNITS_H
#define PS_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum ps_unit - how the reading of a value went
 * @PS_UNIT_OK: read
 * @PS_UNIT_EMPTY: nothing but blanks
 * @PS_UNIT_NEGATIVE: a minus sign before an integer
 * @PS_UNIT_MALFORMED: not of this form
 * @PS_UNIT_RANGE: of this form, but outside the range
 * @PS_UNIT_PRECISION: a time that is no whole number of nanoseconds
 */
enum ps_unit {
	PS_UNIT_OK,
	PS_UNIT_EMPTY,
	PS_UNIT_NEGATIVE,
	PS_UNIT_MALFORMED,
	PS_UNIT_RANGE,
	PS_UNIT_PRECISION,
};

/**
 * ps_read_u64() - read an unsigned integer
 * @text: decimal, or hexadecimal after 0x; a plus sign is not taken
 * @min: least legal value
 * @max: greatest legal value
 * @value: receives it; untouched on failure
 * @blanks: set to true if there were blanks around it; may be NULL
 *
 * Return: PS_UNIT_OK or what is wrong.
 */
enum ps_unit ps_read_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value,
			 bool *blanks);

/**
 * ps_read_size() - read a number of bytes
 * @text: as ps_read_u64(), with an optional suffix K, M or G (powers of 1024)
 * @min: least legal value, in bytes
 * @max: greatest legal value, in bytes
 * @value: receives the bytes; untouched on failure
 * @blanks: as ps_read_u64()
 *
 * Return: PS_UNIT_OK or what is wrong.
 */
enum ps_unit ps_read_size(const char *text, uint64_t min, uint64_t max, uint64_t *value,
			  bool *blanks);

/**
 * ps_read_seconds() - read a time in seconds, exactly
 * @text: decimal digits, at most one point among them; no sign, no exponent
 * @min: least legal value, in nanoseconds
 * @max: greatest legal value, in nanoseconds
 * @ns: receives the nanoseconds; untouched on failure
 * @blanks: as ps_read_u64()
 *
 * Digits behind the ninth of the fraction must be zeros.
 *
 * Return: PS_UNIT_OK or what is wrong.
 */
enum ps_unit ps_read_seconds(const char *text, uint64_t min, uint64_t max, uint64_t *ns,
			     bool *blanks);

/**
 * ps_seconds_text() - a time as the shortest exact decimal number of seconds
 * @buf: receives it
 * @size: bytes in @buf, at least 24
 * @ns: the time
 *
 * Return: @buf.
 */
char *ps_seconds_text(char *buf, size_t size, uint64_t ns);

/**
 * ps_read_bool() - read a boolean
 * @text: true, false, 1, 0, and True, False, TRUE, FALSE as seen in the wild
 * @value: receives it; untouched on failure
 * @blanks: as ps_read_u64()
 *
 * Return: PS_UNIT_OK, PS_UNIT_EMPTY or PS_UNIT_MALFORMED.
 */
enum ps_unit ps_read_bool(const char *text, bool *value, bool *blanks);

/**
 * ps_unit_reason() - say what is wrong with a value
 * @unit: how the reading went
 *
 * Return: a static string such as "is negative".
 */
const char *ps_unit_reason(enum ps_unit unit);

/**
 * ps_nearest() - which of several words was meant?
 * @word: the word that is unknown
 * @known: the words that are known; NULL entries are passed over
 * @nr: number of them
 *
 * Return: the nearest by edit distance if it is near enough to be a slip of
 * the pen (at most a third of the letters), or NULL.
 */
const char *ps_nearest(const char *word, const char *const *known, size_t nr);

#endif /* PS_UNITS_H */
