// SPDX-License-Identifier: GPL-2.0
/*
 * out-json - answers for programs: one JSON object, or one a line
 *
 * json-c 0.16 carries unsigned 64-bit integers exactly.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "out.h"

/* A list and how far it has come. */
struct json_list {
	struct json_object *list;
	struct json_object *row;
	const struct out_column *columns;
	size_t nr;
	size_t column;
};

struct json_out {
	struct out out;
	bool lines;
	struct json_object *root;
	struct json_list now;
	struct json_list outer;		/* the list that @now is a cell of */
};

static struct json_out *self(struct out *out)
{
	return (struct json_out *)out;
}

static struct json_object *root(struct out *out)
{
	struct json_out *j = self(out);

	if (!j->root)
		j->root = json_object_new_object();
	return j->root;
}

static void json_u64(struct out *out, const char *key, const char *label, uint64_t value)
{
	(void)label;
	json_object_object_add(root(out), key, json_object_new_uint64(value));
}

static void json_s64(struct out *out, const char *key, const char *label, int64_t value)
{
	(void)label;
	json_object_object_add(root(out), key, json_object_new_int64(value));
}

/* Text that is not UTF-8 would make the whole answer unreadable: escape it. */
static struct json_object *text(const char *value)
{
	const unsigned char *s;

	for (s = (const unsigned char *)value; *s; s++) {
		if (*s >= 0x80) {
			size_t size = 4 * strlen(value) + 8;
			char *safe = ps_calloc(size, 1);
			struct json_object *object;

			object = json_object_new_string(ps_escape(safe, size, value));
			free(safe);
			return object;
		}
	}
	return json_object_new_string(value);
}

static void json_text(struct out *out, const char *key, const char *label, const char *value)
{
	(void)label;
	json_object_object_add(root(out), key, text(value));
}

static void json_flag(struct out *out, const char *key, const char *label, bool value)
{
	(void)label;
	json_object_object_add(root(out), key, json_object_new_boolean(value));
}

static void json_say(struct out *out, const char *sentence)
{
	(void)out;
	(void)sentence;
}

static void begin_list(struct json_out *j, struct json_object *list,
		       const struct out_column *columns, size_t nr)
{
	j->now = (struct json_list){ .list = list, .columns = columns, .nr = nr };
}

static void json_list(struct out *out, const char *key, const char *title,
		      const struct out_column *columns, size_t nr)
{
	struct json_object *list = json_object_new_array();

	(void)title;
	json_object_object_add(root(out), key, list);
	begin_list(self(out), list, columns, nr);
}

static void cell(struct json_out *j, struct json_object *value)
{
	struct json_list *l = &j->now;

	if (l->column >= l->nr) {
		json_object_put(value);
		return;
	}
	if (!l->row) {
		l->row = json_object_new_object();
		json_object_array_add(l->list, l->row);
	}
	json_object_object_add(l->row, l->columns[l->column++].key, value);
}

static void json_cell_u64(struct out *out, uint64_t value)
{
	cell(self(out), json_object_new_uint64(value));
}

static void json_cell_text(struct out *out, const char *value)
{
	cell(self(out), text(value));
}

static void json_cell_flag(struct out *out, bool value)
{
	cell(self(out), json_object_new_boolean(value));
}

static void json_cell_list(struct out *out, const struct out_column *columns, size_t nr)
{
	struct json_object *list = json_object_new_array();
	struct json_out *j = self(out);

	cell(j, list);
	j->outer = j->now;
	begin_list(j, list, columns, nr);
}

static void json_cell_none(struct out *out)
{
	cell(self(out), NULL);
}

static void json_row(struct out *out)
{
	struct json_list *l = &self(out)->now;

	l->row = NULL;
	l->column = 0;
}

static void json_list_end(struct out *out)
{
	struct json_out *j = self(out);

	j->now = j->outer;
	memset(&j->outer, 0, sizeof(j->outer));
}

static int json_flush(struct out *out)
{
	struct json_out *j = self(out);
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *s;
	int rc;

	if (!j->lines)
		flags |= JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
	s = json_object_to_json_string_ext(root(out), flags);
	rc = s && puts(s) >= 0 ? 0 : -1;
	json_object_put(j->root);
	j->root = NULL;
	return rc;
}

static const struct out_ops json_ops = {
	.u64 = json_u64,
	.s64 = json_s64,
	.text = json_text,
	.flag = json_flag,
	.say = json_say,
	.list = json_list,
	.cell_u64 = json_cell_u64,
	.cell_text = json_cell_text,
	.cell_ppm = json_cell_u64,
	.cell_flag = json_cell_flag,
	.cell_list = json_cell_list,
	.cell_none = json_cell_none,
	.row = json_row,
	.list_end = json_list_end,
	.flush = json_flush,
};

static struct json_out json = { .out = { .ops = &json_ops, .json = true } };

struct out *out_json_open(bool lines)
{
	json.lines = lines;
	return &json.out;
}

struct out *out_fresh_json(void)
{
	json_object_put(json.root);
	json.root = NULL;
	return &json.out;
}
