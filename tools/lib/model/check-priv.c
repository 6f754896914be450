// SPDX-License-Identifier: GPL-2.0
/*
 * check-priv - shared by the files of the check only
 */
#include "check-priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "error.h"

static int by_number(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Is it of a kind that leaves a value, or a window, out of the model? */
static bool leaves_out(enum ps_rule rule)
{
	const struct ps_rule_info *info = ps_rule_info((unsigned int)rule);

	return rule == PS_DANGLING ||
	       (info && info->stage == PS_STAGE_FORM && info->severity == PS_ERROR);
}

void ps_told_init(struct ps_told *told, const struct ps_findings *findings)
{
	size_t i;

	told->lines = ps_calloc(findings->nr, sizeof(*told->lines));
	told->nr = 0;
	told->unsure = false;
	for (i = 0; i < findings->nr; i++) {
		if (leaves_out(findings->list[i].rule))
			told->lines[told->nr++] = findings->list[i].line;
	}
	for (i = 0; i < PS_NR_RULES; i++)
		told->unsure |= leaves_out((enum ps_rule)i) &&
				ps_findings_dropped(findings, (enum ps_rule)i);
	qsort(told->lines, told->nr, sizeof(*told->lines), by_number);
}

bool ps_told(const struct ps_told *told, int from, int to)
{
	size_t low = 0, high = told->nr;

	while (low < high) {		/* the first at or after from */
		size_t mid = low + (high - low) / 2;

		if (told->lines[mid] < from)
			low = mid + 1;
		else
			high = mid;
	}
	return told->unsure || (low < told->nr && told->lines[low] < to);
}

void ps_told_free(struct ps_told *told)
{
	free(told->lines);
}

void ps_name_partition(char *buf, const struct ps_partition *partition)
{
	snprintf(buf, PS_OBJECT, "partition \"%s\"", PS_SAFE(partition->name));
}

void ps_name_schedule(char *buf, const struct ps_schedule *schedule)
{
	snprintf(buf, PS_OBJECT, "schedule %" PRIu32, schedule->id);
}

void ps_name_window(char *buf, const struct ps_model *model, const struct ps_window *window)
{
	const char *name = model->partitions[window->partition].name;

	/* an offset that could not be read */
	if (window->offset_ns == UINT64_MAX)
		snprintf(buf, PS_OBJECT, "window of \"%s\"", PS_SAFE(name));
	else
		snprintf(buf, PS_OBJECT, "window of \"%s\" at %" PRIu64, PS_SAFE(name),
			 window->offset_ns);
}

struct ps_periodicity *ps_periods_new(const struct ps_model *model,
				      const struct ps_schedule *schedule)
{
	struct ps_periodicity *periods = ps_calloc(model->nr_partitions, sizeof(*periods));
	size_t i;

	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];

		periods[i] = (struct ps_periodicity){ p->period_ns, p->duration_ns,
						      p->period_line };
	}
	/* backwards: of two entries for a partition the first one counts */
	for (i = schedule->nr_entries; i-- > 0;) {
		const struct ps_entry *e = &schedule->entries[i];

		if (e->period_ns)
			periods[e->partition] = (struct ps_periodicity){
				e->period_ns, e->duration_ns, e->line };
	}
	return periods;
}
