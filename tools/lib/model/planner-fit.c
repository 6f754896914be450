// SPDX-License-Identifier: GPL-2.0
/*
 * planner-fit - first fit: task by task, shortest period first
 *
 * First with one offset for all windows of a task (strictly periodic), then job
 * by job. Both move windows only to instants where they touch something, or keep
 * plan->gap from it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "planner-priv.h"

/* Spans that a failure lists before it says "and N more". */
#define SHOWN_SPANS	6U

/* The least offset from @t on that suits all periods. */
static uint64_t strict_fit(struct plan *plan, const struct plan_task *task, uint64_t t)
{
	uint64_t quiet = 0, job = 0;

	/* until a whole round of periods has not moved it */
	while (quiet < task->jobs) {
		uint64_t base = job * task->period;
		uint64_t at = plan_task_fit(plan, task, base + t, task->duration,
					    base + task->period, PLAN_NEVER);

		if (at == PLAN_NEVER || !plan->steps)
			return PLAN_NEVER;
		plan->steps--;
		quiet = at - base == t ? quiet + 1 : 1;
		t = at - base;
		job = job + 1 < task->jobs ? job + 1 : 0;
	}
	return t;
}

static void strict_place(struct plan *plan, struct plan_task *task, uint64_t offset)
{
	uint64_t job;

	for (job = 0; job < task->jobs; job++) {
		uint64_t start = job * task->period + offset;

		plan_task_piece(task, start, start + task->duration);
	}
	plan_task_place(plan, task);
}

enum plan_outcome plan_strict(struct plan *plan, const struct plan_group *group)
{
	uint64_t *from = ps_calloc(group->nr, sizeof(*from));
	size_t nodes = group->nr + PLAN_OFFSET_NODES, at = 0;

	/*
	 * Depth first. The next offset to try for a task is its own length away
	 * from the last: nearer ones stand in the way of much the same others.
	 */
	while (at < group->nr) {
		struct plan_task *task = group->tasks[at];
		uint64_t offset = PLAN_NEVER;

		if (nodes-- && plan->steps)
			offset = strict_fit(plan, task, from[at]);
		else
			at = 0;
		if (offset != PLAN_NEVER) {
			strict_place(plan, task, offset);
			from[at] = offset + task->duration;
			if (++at < group->nr)
				from[at] = 0;
			continue;
		}
		if (!at)
			break;
		plan_task_lift(plan, group->tasks[--at]);
	}
	free(from);
	return at == group->nr ? PLAN_FOUND : PLAN_GAVE_UP;
}

/* Name what is taken in the job's period, for the finding. */
static void note_failure(struct plan *plan, const struct plan_task *task, uint64_t job)
{
	uint64_t from = job * task->period, to = from + task->period;
	size_t shown = 0, size, i, j;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	for (i = 0; i < task->nr_lines; i++) {
		const struct plan_line *line = &plan->lines[task->lines[i]];

		for (j = plan_line_after(line, from);
		     j < line->nr && line->spans[j].start < to; j++) {
			const struct plan_span *s = &line->spans[j];

			if (shown++ >= SHOWN_SPANS)
				continue;
			fprintf(out, "%s[%" PRIu64 ", %" PRIu64 ") on CPU %" PRIu32 " by %s%s%s",
				shown > 1 ? ", " : "", s->start, s->end, line->cpu,
				s->owner == PLAN_HOST ? "the host" : "\"",
				s->owner == PLAN_HOST ? "" :
				PS_SAFE(plan->model->partitions[s->owner].name),
				s->owner == PLAN_HOST ? "" : "\"");
		}
	}
	if (shown > SHOWN_SPANS)
		fprintf(out, " and %zu more", shown - SHOWN_SPANS);
	fclose(out);
	free(plan->failure.occupied);
	plan->failure = (struct plan_failure){ task, job, text };
}

/* Where the time that is free from @t on ends, on all CPUs of the task. */
static uint64_t free_until(const struct plan *plan, const struct plan_task *task, uint64_t t,
			   uint64_t end)
{
	size_t i;

	for (i = 0; i < task->nr_lines; i++) {
		const struct plan_line *line = &plan->lines[task->lines[i]];
		size_t next = plan_line_after(line, t);

		if (next < line->nr && line->spans[next].start < end)
			end = line->spans[next].start;
	}
	return end;
}

/* A job in pieces, each as long as it can be. */
static bool fit_pieces(struct plan *plan, struct plan_task *task, uint64_t job)
{
	uint64_t t = job * task->period, end = t + task->period, rest = task->duration;
	uint64_t last = task->nr_pieces ? task->pieces[task->nr_pieces - 1].end : PLAN_NEVER;

	while (rest) {
		uint64_t room, take;

		t = plan_task_fit(plan, task, t, rest < plan->min ? rest : plan->min, end, last);
		if (t == PLAN_NEVER)
			return false;
		room = free_until(plan, task, t, end) - t;
		take = rest < room ? rest : room;
		/* what remains has to make a window, and the gap has to be of use */
		if (take < rest && rest - take < plan->min)
			take = rest - plan->min;
		if (take < room && room - take < plan->gap)
			take = room > plan->gap ? room - plan->gap : 0;
		if (take < plan->min || (take < rest && rest - take < plan->min)) {
			t += room;
			continue;
		}
		plan_task_piece(task, t, t + take);
		last = t += take;
		rest -= take;
	}
	return true;
}

static bool fit_jobs(struct plan *plan, struct plan_task *task, bool split)
{
	uint64_t phase = 0, job;

	for (job = 0; job < task->jobs; job++) {
		uint64_t base = job * task->period, end = base + task->period, at;
		uint64_t last = task->nr_pieces ? task->pieces[task->nr_pieces - 1].end :
			PLAN_NEVER;

		/* as in the period before, if that is free: less jitter */
		at = plan_task_fit(plan, task, base + phase, task->duration, end, last);
		if (phase && (at == PLAN_NEVER || at != base + phase))
			at = plan_task_fit(plan, task, base, task->duration, end, last);
		if (at != PLAN_NEVER) {
			plan_task_piece(task, at, at + task->duration);
			phase = at - base;
			continue;
		}
		if (split && fit_pieces(plan, task, job))
			continue;
		note_failure(plan, task, job);
		return false;
	}
	return true;
}

static bool fit_group(struct plan *plan, struct plan_task **order, size_t nr, bool split,
		      size_t *failed)
{
	uint64_t offset;
	size_t i;

	for (i = 0; i < nr; i++) {
		offset = strict_fit(plan, order[i], 0);
		if (offset != PLAN_NEVER) {
			strict_place(plan, order[i], offset);
			continue;
		}
		if (!fit_jobs(plan, order[i], split)) {
			*failed = i;
			return false;
		}
		plan_task_place(plan, order[i]);
	}
	return true;
}

enum plan_outcome plan_first_fit(struct plan *plan, const struct plan_group *group, bool split)
{
	struct plan_task **order = ps_calloc(group->nr, sizeof(struct plan_task *)), *first;
	unsigned int round;
	bool found = false;
	size_t failed = 0, i;

	memcpy(order, group->tasks, group->nr * sizeof(struct plan_task *));
	for (round = 0; round < PLAN_ROUNDS && plan->steps; round++) {
		found = fit_group(plan, order, group->nr, split, &failed);
		if (found)
			break;
		for (i = 0; i < group->nr; i++)
			plan_task_lift(plan, group->tasks[i]);
		if (!failed)
			break;		/* no place even where it was first */
		first = order[failed];
		memmove(order + 1, order, failed * sizeof(struct plan_task *));
		order[0] = first;
	}
	free(order);
	return found ? PLAN_FOUND : PLAN_GAVE_UP;
}
