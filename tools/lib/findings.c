// SPDX-License-Identifier: GPL-2.0
/*
 * findings - everything that is wrong with a file, at once
 */
#include "findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"

/* After so many of one kind the rest is counted, not listed. */
#define SHOWN_OF_A_KIND 20
/* A hostile file must not fill memory with its own faults. */
#define KEPT 100000

static const struct {
	enum ps_severity severity;
	const char *title;
} kinds[] = {
#define K(number, name, severity, title) [number] = { PS_##severity, title },
	PS_KINDS(K)
#undef K
};

#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

void ps_findings_init(struct ps_findings *findings, const char *file)
{
	memset(findings, 0, sizeof(*findings));
	findings->file = ps_strdup(file);
}

void ps_findings_free(struct ps_findings *findings)
{
	size_t i;

	for (i = 0; i < findings->nr; i++) {
		free(findings->list[i].object);
		free(findings->list[i].reason);
		free(findings->list[i].advice);
	}
	free(findings->list);
	free(findings->file);
	memset(findings, 0, sizeof(*findings));
}

void ps_find(struct ps_findings *findings, enum ps_kind kind, int line, const char *object,
	     const char *advice, const char *fmt, ...)
{
	enum ps_severity severity = kinds[kind].severity;
	struct ps_finding *f;
	va_list ap;

	findings->errors += severity == PS_ERROR;
	findings->warnings += severity == PS_WARNING;
	if (findings->nr >= KEPT)
		return;
	f = ps_grow(&findings->list, &findings->nr, sizeof(*f));
	f->order = findings->nr;
	f->line = line;
	f->kind = kind;
	f->severity = severity;
	f->object = ps_strdup(object);
	f->advice = ps_strdup(advice);
	va_start(ap, fmt);
	if (vasprintf(&f->reason, fmt, ap) < 0)
		f->reason = ps_strdup(kinds[kind].title);
	va_end(ap);
}

static int by_line(const void *a, const void *b)
{
	const struct ps_finding *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void ps_findings_sort(struct ps_findings *findings)
{
	if (findings->nr)
		qsort(findings->list, findings->nr, sizeof(*findings->list), by_line);
}

const char *ps_severity_name(enum ps_severity severity)
{
	static const char *const names[] = {
		[PS_NOTE] = "note",
		[PS_WARNING] = "warning",
		[PS_ERROR] = "error",
	};

	return names[severity];
}

char *ps_findings_text(const struct ps_findings *findings)
{
	size_t counts[NR_KINDS] = { 0 }, size, i;
	char file[1024], *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return ps_strdup("");
	ps_escape(file, sizeof(file), findings->file);
	for (i = 0; i < findings->nr; i++) {
		const struct ps_finding *f = &findings->list[i];

		if (++counts[f->kind] > SHOWN_OF_A_KIND)
			continue;
		fprintf(out, "%s:%d: %s: %s%s%s [%s PS%04d]\n", file, f->line ? f->line : 1,
			f->object, f->reason, f->advice ? "; " : "", f->advice ? f->advice : "",
			ps_severity_name(f->severity), (int)f->kind);
	}
	for (i = 0; i < NR_KINDS; i++) {
		if (counts[i] > SHOWN_OF_A_KIND)
			fprintf(out, "%s: %zu more of the same kind: %s [%s PS%04zu]\n", file,
				counts[i] - SHOWN_OF_A_KIND, kinds[i].title,
				ps_severity_name(kinds[i].severity), i);
	}
	if (findings->nr >= KEPT)
		fprintf(out, "%s: more findings than can be kept\n", file);
	fclose(out);
	return text;
}
