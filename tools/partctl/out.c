// SPDX-License-Identifier: GPL-2.0
/*
 * out - answers for people and for programs: the choice between them
 */
#include "out.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct out *out_open(bool json, bool lines)
{
	return json ? out_json_open(lines) : out_table_open();
}

void out_u64(struct out *out, const char *key, const char *label, uint64_t value)
{
	out->ops->u64(out, key, label, value);
}

void out_s64(struct out *out, const char *key, const char *label, int64_t value)
{
	out->ops->s64(out, key, label, value);
}

void out_text(struct out *out, const char *key, const char *label, const char *value)
{
	out->ops->text(out, key, label, value);
}

void out_flag(struct out *out, const char *key, const char *label, bool value)
{
	out->ops->flag(out, key, label, value);
}

void out_say(struct out *out, const char *fmt, ...)
{
	char *sentence = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&sentence, fmt, ap);
	va_end(ap);
	if (len >= 0)
		out->ops->say(out, sentence);
	free(len < 0 ? NULL : sentence);
}

void out_list(struct out *out, const char *key, const char *title,
	      const struct out_column *columns, size_t nr)
{
	out->ops->list(out, key, title, columns, nr);
}

void out_cell_u64(struct out *out, uint64_t value)
{
	out->ops->cell_u64(out, value);
}

void out_cell_text(struct out *out, const char *value)
{
	if (value)
		out->ops->cell_text(out, value);
	else
		out->ops->cell_none(out);
}

void out_cell_ppm(struct out *out, uint64_t ppm)
{
	out->ops->cell_ppm(out, ppm);
}

void out_cell_flag(struct out *out, bool value)
{
	out->ops->cell_flag(out, value);
}

void out_cell_list(struct out *out, const struct out_column *columns, size_t nr)
{
	out->ops->cell_list(out, columns, nr);
}

void out_cell_none(struct out *out)
{
	out->ops->cell_none(out);
}

void out_row(struct out *out)
{
	out->ops->row(out);
}

void out_list_end(struct out *out)
{
	out->ops->list_end(out);
}

int out_flush(struct out *out)
{
	int rc = out->ops->flush(out);

	if (rc || fflush(stdout) || ferror(stdout)) {
		perror("partctl: standard output");
		return -1;
	}
	return 0;
}
