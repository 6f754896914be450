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

/* After so many of one rule the rest is counted, not listed. */
#define SHOWN_OF_A_RULE 20
/* A hostile file must not fill memory with its own faults. */
#define KEPT_OF_A_RULE 1000

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

void ps_find(struct ps_findings *findings, enum ps_rule rule, int line, const char *object,
	     const char *advice, const char *fmt, ...)
{
	enum ps_severity severity = ps_rule_info(rule)->severity;
	struct ps_finding *f;
	va_list ap;

	findings->errors += severity == PS_ERROR;
	findings->warnings += severity == PS_WARNING;
	findings->counts[rule]++;
	if (findings->counts[rule] > KEPT_OF_A_RULE)
		return;
	f = ps_grow(&findings->list, &findings->nr, sizeof(*f));
	f->order = findings->nr;
	f->line = line;
	f->rule = rule;
	f->severity = severity;
	f->object = ps_strdup(object);
	f->advice = ps_strdup(advice);
	va_start(ap, fmt);
	if (vasprintf(&f->reason, fmt, ap) < 0)
		f->reason = ps_strdup(ps_rule_info(rule)->title);
	va_end(ap);
}

void ps_findings_skip(struct ps_findings *findings, enum ps_rule rule)
{
	findings->skipped[rule] = true;
}

bool ps_findings_dropped(const struct ps_findings *findings, enum ps_rule rule)
{
	return findings->counts[rule] > KEPT_OF_A_RULE;
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

enum ps_rule_verdict ps_findings_verdict(const struct ps_findings *findings, enum ps_rule rule)
{
	if (findings->counts[rule])
		return PS_RULE_BROKEN;
	if (findings->skipped[rule])
		return PS_RULE_UNCHECKED;
	return findings->reached & 1U << ps_rule_info(rule)->stage ? PS_RULE_HOLDS :
	       PS_RULE_UNCHECKED;
}

char *ps_findings_text(const struct ps_findings *findings)
{
	size_t shown[PS_NR_RULES] = { 0 }, size, i;
	char file[1024], *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return ps_strdup("");
	ps_escape(file, sizeof(file), findings->file);
	for (i = 0; i < findings->nr; i++) {
		const struct ps_finding *f = &findings->list[i];

		if (++shown[f->rule] > SHOWN_OF_A_RULE)
			continue;
		fprintf(out, "%s:%d: %s: %s%s%s [%s PS%04d]\n", file, f->line ? f->line : 1,
			f->object, f->reason, f->advice ? "; " : "", f->advice ? f->advice : "",
			ps_severity_name(f->severity), (int)f->rule);
	}
	for (i = 0; i < PS_NR_RULES; i++) {
		const struct ps_rule_info *info = ps_rule_info((unsigned int)i);
		size_t more = findings->counts[i] - shown[i];

		if (shown[i] > SHOWN_OF_A_RULE)
			more = findings->counts[i] - SHOWN_OF_A_RULE;
		if (more)
			fprintf(out, "%s: %zu more of the same kind: %s [%s PS%04zu]\n", file, more,
				info->title, ps_severity_name(info->severity), i);
	}
	fclose(out);
	return text;
}
