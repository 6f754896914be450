// SPDX-License-Identifier: GPL-2.0
/*
 * planner-line - the occupied time of a CPU, and where a window fits
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "planner-priv.h"

void plan_line_add(struct plan_line *line, const struct plan_span *spans, size_t nr)
{
	size_t at, left;

	if (line->nr + nr > line->size) {
		size_t size = 2 * (line->nr + nr);
		struct plan_span *more = ps_calloc(size, sizeof(*more));

		if (line->nr)
			memcpy(more, line->spans, line->nr * sizeof(*more));
		free(line->spans);
		line->spans = more;
		line->size = size;
	}
	/* merged from behind: a task brings all of its windows in one go */
	at = line->nr + nr;
	left = line->nr;
	line->nr = at;
	while (nr) {
		if (left && line->spans[left - 1].start > spans[nr - 1].start)
			line->spans[--at] = line->spans[--left];
		else
			line->spans[--at] = spans[--nr];
	}
}

void plan_line_drop(struct plan_line *line, size_t owner)
{
	size_t from, to = 0;

	for (from = 0; from < line->nr; from++) {
		if (line->spans[from].fixed || line->spans[from].owner != owner)
			line->spans[to++] = line->spans[from];
	}
	line->nr = to;
}

size_t plan_line_after(const struct plan_line *line, uint64_t t)
{
	size_t low = 0, high = line->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (line->spans[mid].end > t)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

uint64_t plan_line_free(const struct plan_line *line, uint64_t from, uint64_t to)
{
	uint64_t sum = to - from;
	size_t i;

	for (i = plan_line_after(line, from); i < line->nr && line->spans[i].start < to; i++) {
		const struct plan_span *s = &line->spans[i];

		sum -= (s->end < to ? s->end : to) - (s->start > from ? s->start : from);
	}
	return sum;
}

/* The earliest start from @t on, on one CPU; never more than the frame away. */
static uint64_t line_fit(struct plan *plan, const struct plan_line *line, uint64_t t,
			 uint64_t length, uint64_t end)
{
	const struct plan_span *spans = line->spans;
	size_t nr = line->nr, i;
	uint64_t away;

	/* also where there is nothing to look at: the search is paid for by these */
	plan->steps -= !!plan->steps;
	if (!nr)
		return plan->steps ? t : PLAN_NEVER;
	while (t <= end - length && plan->steps) {
		plan->steps--;
		i = plan_line_after(line, t);
		away = i ? t - spans[i - 1].end : t + (plan->frame - spans[nr - 1].end);
		if (away && away < plan->gap) {
			t += plan->gap - away;
			continue;
		}
		if (i < nr && spans[i].start < t + length) {
			t = spans[i].end;
			continue;
		}
		away = i < nr ? spans[i].start - (t + length) :
		       plan->frame - (t + length) + spans[0].start;
		/* between here and where it touches, the gap is shorter yet */
		if (away && away < plan->gap) {
			t += away;
			continue;
		}
		return t;
	}
	return PLAN_NEVER;
}

uint64_t plan_task_fit(struct plan *plan, const struct plan_task *task, uint64_t t,
		       uint64_t length, uint64_t end, uint64_t last)
{
	uint64_t from;
	size_t i;

	if (length > end)
		return PLAN_NEVER;
	do {
		from = t;
		if (last != PLAN_NEVER && t > last && t - last < plan->gap)
			t = last + plan->gap;
		if (t > end - length)
			return PLAN_NEVER;
		for (i = 0; i < task->nr_lines; i++) {
			t = line_fit(plan, &plan->lines[task->lines[i]], t, length, end);
			if (t == PLAN_NEVER || t > end - length)
				return PLAN_NEVER;
		}
	} while (t != from);
	return t;
}

void plan_task_piece(struct plan_task *task, uint64_t start, uint64_t end)
{
	struct plan_span *piece = task->nr_pieces ? &task->pieces[task->nr_pieces - 1] : NULL;

	if (piece && piece->end == start && start % task->period) {
		piece->end = end;
		return;
	}
	piece = ps_grow(&task->pieces, &task->nr_pieces, sizeof(*piece));
	piece->start = start;
	piece->end = end;
	piece->owner = task->partition;
}

void plan_task_place(struct plan *plan, const struct plan_task *task)
{
	size_t i;

	for (i = 0; i < task->nr_lines; i++)
		plan_line_add(&plan->lines[task->lines[i]], task->pieces, task->nr_pieces);
}

void plan_task_lift(struct plan *plan, struct plan_task *task)
{
	size_t i;

	/* none: nothing was placed, and the lines need not be searched */
	for (i = 0; i < task->nr_lines && task->nr_pieces; i++)
		plan_line_drop(&plan->lines[task->lines[i]], task->partition);
	free(task->pieces);
	task->pieces = NULL;
	task->nr_pieces = 0;
}

int plan_by_index(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

bool plan_task_uses(const struct plan_task *task, size_t line)
{
	return bsearch(&line, task->lines, task->nr_lines, sizeof(line), plan_by_index);
}

void plan_name_partition(char *buf, size_t size, const struct plan *plan, size_t partition)
{
	snprintf(buf, size, "partition \"%s\"",
		 PS_SAFE(plan->model->partitions[partition].name));
}
