/* SPDX-License-Identifier: GPL-2.0 */
/*
 * out - answers for people (tables) and for programs (JSON)
 *
 * A command says what it has, never how it looks. One answer is a set of
 * fields and lists; keys are JSON's, labels are for people. Times are integer
 * nanoseconds in both, keys of times end in _ns.
 */
#ifndef PS_OUT_H
#define PS_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct out;

/**
 * struct out_column - a column of a list
 * @key: JSON key
 * @label: heading
 * @right: align right
 * @json_only: not shown to people
 */
struct out_column {
	const char *key;
	const char *label;
	bool right;
	bool json_only;
};

/**
 * struct out_ops - one way to print; see the functions of the same names
 * @u64: field with a number
 * @s64: field with a number that may be negative
 * @text: field with a text
 * @flag: field with a boolean
 * @say: a sentence
 * @list: begin a list
 * @cell_u64: next cell, a number
 * @cell_text: next cell, a text
 * @cell_ppm: next cell, a share
 * @cell_flag: next cell, a boolean
 * @cell_list: next cell, a list
 * @cell_none: next cell, nothing
 * @row: end a row
 * @list_end: end the list
 * @flush: end one answer
 */
struct out_ops {
	void (*u64)(struct out *out, const char *key, const char *label, uint64_t value);
	void (*s64)(struct out *out, const char *key, const char *label, int64_t value);
	void (*text)(struct out *out, const char *key, const char *label, const char *value);
	void (*flag)(struct out *out, const char *key, const char *label, bool value);
	void (*say)(struct out *out, const char *sentence);
	void (*list)(struct out *out, const char *key, const char *title,
		     const struct out_column *columns, size_t nr);
	void (*cell_u64)(struct out *out, uint64_t value);
	void (*cell_text)(struct out *out, const char *value);
	void (*cell_ppm)(struct out *out, uint64_t ppm);
	void (*cell_flag)(struct out *out, bool value);
	void (*cell_list)(struct out *out, const struct out_column *columns, size_t nr);
	void (*cell_none)(struct out *out);
	void (*row)(struct out *out);
	void (*list_end)(struct out *out);
	int (*flush)(struct out *out);
};

/**
 * struct out - a printer
 * @ops: how it prints
 * @json: it prints JSON
 */
struct out {
	const struct out_ops *ops;
	bool json;
};

/* the two printers; the caller ends with out_flush(), which does not free them */
struct out *out_table_open(void);
struct out *out_json_open(bool lines);

/**
 * out_open() - choose a printer
 * @json: JSON, otherwise tables
 * @lines: JSON: one object a line, for answers that never end
 *
 * Return: the printer; it lives as long as the program.
 */
struct out *out_open(bool json, bool lines);

/**
 * out_fresh_json() - a JSON printer that has nothing to say yet
 *
 * What an unfinished answer has gathered is dropped: an error takes its place.
 *
 * Return: the printer; it lives as long as the program.
 */
struct out *out_fresh_json(void);

/** out_u64() - a number with a name; @label NULL: for programs only */
void out_u64(struct out *out, const char *key, const char *label, uint64_t value);

/** out_s64() - likewise, a number that may be negative */
void out_s64(struct out *out, const char *key, const char *label, int64_t value);

/** out_text() - a text with a name; control characters are made safe */
void out_text(struct out *out, const char *key, const char *label, const char *value);

/** out_flag() - a boolean with a name; @label NULL: for programs only */
void out_flag(struct out *out, const char *key, const char *label, bool value);

/** out_say() - a sentence for people; programs do not see it */
void out_say(struct out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** out_list() - begin a list; then cells in the order of @columns, and rows */
void out_list(struct out *out, const char *key, const char *title,
	      const struct out_column *columns, size_t nr);

/** out_cell_u64() - the next cell is a number */
void out_cell_u64(struct out *out, uint64_t value);

/** out_cell_text() - the next cell is a text; NULL for none */
void out_cell_text(struct out *out, const char *value);

/** out_cell_ppm() - the next cell is a share in millionths: shown in percent */
void out_cell_ppm(struct out *out, uint64_t ppm);

/** out_cell_flag() - the next cell is a boolean */
void out_cell_flag(struct out *out, bool value);

/**
 * out_cell_list() - the next cell is a list
 * @out: the printer, of JSON: tables have no room for tables in them
 * @columns: its columns
 * @nr: number of them
 *
 * Then its cells and rows; after its out_list_end() the outer row goes on.
 */
void out_cell_list(struct out *out, const struct out_column *columns, size_t nr);

/** out_cell_none() - the next cell has nothing to say ("-", null) */
void out_cell_none(struct out *out);

/** out_row() - end a row */
void out_row(struct out *out);

/** out_list_end() - end a list */
void out_list_end(struct out *out);

/**
 * out_flush() - end one answer and write it
 * @out: the printer
 *
 * Return: 0, or -1 if standard output could not be written.
 */
int out_flush(struct out *out);

#endif /* PS_OUT_H */
