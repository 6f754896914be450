// SPDX-License-Identifier: GPL-2.0
/*
 * out-table - answers for people: lines and tables
 */
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "error.h"
#include "out.h"

struct table_out {
	struct out out;
	const struct out_column *columns;
	size_t nr;
	size_t column;			/* of the next cell */
	size_t shown;			/* columns shown to people, so far in this row */
	struct libscols_table *table;
	struct libscols_line *line;
	bool rows;			/* the list has a row */
	int failed;
};

static struct table_out *self(struct out *out)
{
	return (struct table_out *)out;
}

static void table_u64(struct out *out, const char *key, const char *label, uint64_t value)
{
	(void)out;
	(void)key;
	if (label)
		printf("%-14s %" PRIu64 "\n", label, value);
}

static void table_s64(struct out *out, const char *key, const char *label, int64_t value)
{
	(void)out;
	(void)key;
	if (label)
		printf("%-14s %" PRId64 "\n", label, value);
}

static void table_text(struct out *out, const char *key, const char *label, const char *value)
{
	(void)out;
	(void)key;
	if (label)
		printf("%-14s %s\n", label, PS_SAFE(value));
}

static void table_flag(struct out *out, const char *key, const char *label, bool value)
{
	table_text(out, key, label, value ? "yes" : "no");
}

static void table_say(struct out *out, const char *sentence)
{
	(void)out;
	puts(sentence);
}

static void table_list(struct out *out, const char *key, const char *title,
		       const struct out_column *columns, size_t nr)
{
	struct table_out *t = self(out);
	size_t i;

	(void)key;
	(void)title;
	t->columns = columns;
	t->nr = nr;
	t->column = t->shown = 0;
	t->line = NULL;
	t->rows = false;
	t->table = scols_new_table();
	if (!t->table) {
		t->failed = -1;
		return;
	}
	for (i = 0; i < nr; i++) {
		if (!columns[i].json_only &&
		    !scols_table_new_column(t->table, columns[i].label, 0,
					    columns[i].right ? SCOLS_FL_RIGHT : 0))
			t->failed = -1;
	}
}

static void cell(struct table_out *t, const char *value)
{
	if (t->column >= t->nr || !t->table)
		return;
	if (!t->columns[t->column++].json_only) {
		if (!t->line) {
			t->line = scols_table_new_line(t->table, NULL);
			t->rows = true;
		}
		if (!t->line || scols_line_set_data(t->line, t->shown++, value))
			t->failed = -1;
	}
}

static void table_cell_u64(struct out *out, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	cell(self(out), text);
}

static void table_cell_text(struct out *out, const char *value)
{
	cell(self(out), PS_SAFE(value));
}

static void table_cell_ppm(struct out *out, uint64_t ppm)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64 ".%04" PRIu64, ppm / 10000, ppm % 10000);
	cell(self(out), text);
}

static void table_cell_flag(struct out *out, bool value)
{
	cell(self(out), value ? "yes" : "no");
}

/* Not in a table; what follows would be taken for cells of the outer row. */
static void table_cell_list(struct out *out, const struct out_column *columns, size_t nr)
{
	(void)columns;
	(void)nr;
	self(out)->failed = -1;
}

static void table_cell_none(struct out *out)
{
	cell(self(out), "-");
}

static void table_row(struct out *out)
{
	struct table_out *t = self(out);

	t->column = t->shown = 0;
	t->line = NULL;
}

static void table_list_end(struct out *out)
{
	struct table_out *t = self(out);

	if (t->table && t->rows) {
		putchar('\n');
		if (scols_print_table(t->table))
			t->failed = -1;
	}
	scols_unref_table(t->table);
	t->table = NULL;
}

static int table_flush(struct out *out)
{
	return self(out)->failed;
}

static const struct out_ops table_ops = {
	.u64 = table_u64,
	.s64 = table_s64,
	.text = table_text,
	.flag = table_flag,
	.say = table_say,
	.list = table_list,
	.cell_u64 = table_cell_u64,
	.cell_text = table_cell_text,
	.cell_ppm = table_cell_ppm,
	.cell_flag = table_cell_flag,
	.cell_list = table_cell_list,
	.cell_none = table_cell_none,
	.row = table_row,
	.list_end = table_list_end,
	.flush = table_flush,
};

struct out *out_table_open(void)
{
	static struct table_out table = { .out = { .ops = &table_ops } };

	return &table.out;
}
