/* SPDX-License-Identifier: GPL-2.0 */
/*
 * units - numbers, sizes and booleans as they are written in XML and options
 *
 * Integers only, decimal or 0x hexadecimal, exact to 64 bits. Blanks around a
 * value are passed over and told, so that the caller can note them.
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
 */
enum ps_unit {
	PS_UNIT_OK,
	PS_UNIT_EMPTY,
	PS_UNIT_NEGATIVE,
	PS_UNIT_MALFORMED,
	PS_UNIT_RANGE,
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
