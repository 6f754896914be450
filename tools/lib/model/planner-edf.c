// SPDX-License-Identifier: GPL-2.0
/*
 * planner-edf - earliest deadline first, with preemption
 *
 * Time runs from event to event: releases, ends of pieces, edges of fixed spans.
 * At each, tasks get their CPUs in the order of their deadlines. Two rules keep
 * pieces from being too short: a piece is not ended before plan->min, and not
 * so that less than plan->min of its job remains. With a plan->min of one
 * nanosecond they say nothing, and on one CPU this is then the textbook's
 * algorithm, which finds a plan wherever there is one. The same holds where
 * all times are multiples of plan->min: so are all events then.
 */
#include <stdlib.h>

#include "alloc.h"
#include "planner-priv.h"

/* A task as it runs. */
struct run {
	struct plan_task *task;
	const size_t *lines;
	size_t nr_lines;
	uint64_t job;			/* number of the next, or of the one at work */
	uint64_t rest;			/* of the job at work; 0: not released */
	uint64_t began;			/* start of the piece */
	uint64_t until;			/* where the piece ends by itself */
	bool running;
	bool chosen;
};

/* What ran, for the proof of a miss. */
struct ran {
	uint64_t start;
	uint64_t end;
	uint64_t deadline;
};

struct edf {
	struct plan *plan;
	uint64_t min;
	struct run *runs;
	struct run **order;		/* by deadline */
	size_t nr;
	bool *taken;			/* of each line */
	struct ran *log;		/* where the caller wants one */
	size_t nr_log;
	bool keep_log;
	uint64_t now;
};

static uint64_t deadline(const struct run *run)
{
	return (run->job + 1) * run->task->period;
}

static bool is_before(const struct run *a, const struct run *b)
{
	if (!a->rest != !b->rest)
		return a->rest;
	if (deadline(a) != deadline(b))
		return deadline(a) < deadline(b);
	if (a->running != b->running)
		return a->running;
	if (a->nr_lines != b->nr_lines)
		return a->nr_lines > b->nr_lines;
	return a < b;
}

/* Nearly sorted from the event before: insertion is linear. */
static void sort_runs(struct edf *e)
{
	size_t i, j;

	for (i = 1; i < e->nr; i++) {
		struct run *run = e->order[i];

		for (j = i; j && is_before(run, e->order[j - 1]); j--)
			e->order[j] = e->order[j - 1];
		e->order[j] = run;
	}
}

static bool may_stop(const struct edf *e, const struct run *run)
{
	return e->now - run->began >= e->min && run->rest >= e->min;
}

/* Can a piece begin now, and how far would it go? */
static bool may_start(const struct edf *e, const struct run *run, uint64_t *until)
{
	uint64_t end = e->plan->frame, take;
	size_t i;

	for (i = 0; i < run->nr_lines; i++) {
		const struct plan_line *line = &e->plan->lines[run->lines[i]];
		size_t next = plan_line_after(line, e->now);

		if (next < line->nr && line->spans[next].start < end)
			end = line->spans[next].start;
	}
	if (end <= e->now)
		return false;
	take = end - e->now;
	if (take >= run->rest) {
		take = run->rest;
	} else {
		if (run->rest - take < e->min)
			take = run->rest > e->min ? run->rest - e->min : 0;
		if (take < e->min)
			return false;
	}
	*until = e->now + take;
	return true;
}

static bool take_lines(struct edf *e, struct run *run)
{
	size_t i;

	for (i = 0; i < run->nr_lines; i++) {
		if (e->taken[run->lines[i]])
			return false;
	}
	for (i = 0; i < run->nr_lines; i++)
		e->taken[run->lines[i]] = true;
	run->chosen = true;
	return true;
}

static void give_lines(struct edf *e, struct run *run)
{
	size_t i;

	for (i = 0; i < run->nr_lines; i++)
		e->taken[run->lines[i]] = false;
	run->chosen = false;
}

static void choose(struct edf *e)
{
	uint64_t until;
	size_t i;

	for (i = 0; i < e->nr; i++) {
		if (e->runs[i].running && !may_stop(e, &e->runs[i]))
			take_lines(e, &e->runs[i]);
	}
	for (i = 0; i < e->nr && e->order[i]->rest; i++) {
		struct run *run = e->order[i];

		if (run->chosen || !take_lines(e, run) || run->running)
			continue;
		if (may_start(e, run, &until)) {
			run->began = e->now;
			run->until = until;
		} else {
			give_lines(e, run);
		}
	}
}

static void sooner(uint64_t *next, uint64_t t, uint64_t now)
{
	if (t > now && t < *next)
		*next = t;
}

/* When there is something to decide again. */
static uint64_t next_event(const struct edf *e)
{
	uint64_t next = e->plan->frame;
	size_t i, j;

	for (i = 0; i < e->nr; i++) {
		const struct run *run = &e->runs[i];

		if (!run->rest) {
			if (run->job < run->task->jobs)
				sooner(&next, run->job * run->task->period, e->now);
		} else if (run->chosen) {
			sooner(&next, run->until, e->now);
			if (e->min > 1)
				sooner(&next, run->began + e->min, e->now);
		} else {
			for (j = 0; j < run->nr_lines; j++) {
				const struct plan_line *line = &e->plan->lines[run->lines[j]];
				size_t at = plan_line_after(line, e->now);

				if (at < line->nr)
					sooner(&next, line->spans[at].end, e->now);
			}
		}
	}
	return next;
}

static void work(struct edf *e, uint64_t next)
{
	size_t i;

	for (i = 0; i < e->nr; i++) {
		struct run *run = &e->runs[i];

		run->running = run->chosen;
		if (!run->chosen)
			continue;
		if (e->keep_log) {
			struct ran *ran = ps_grow(&e->log, &e->nr_log, sizeof(*ran));

			*ran = (struct ran){ e->now, next, deadline(run) };
		} else {
			plan_task_piece(run->task, e->now, next);
		}
		run->rest -= next - e->now;
		run->running = run->rest && next < run->until;
		if (!run->rest)
			run->job++;
		give_lines(e, run);
	}
}

/* Returns the run that misses its deadline, or NULL. */
static const struct run *edf_run(struct edf *e)
{
	size_t i;

	for (e->now = 0; e->now < e->plan->frame;) {
		uint64_t next;

		for (i = 0; i < e->nr; i++) {
			struct run *run = &e->runs[i];

			if (!run->rest && run->job < run->task->jobs &&
			    run->job * run->task->period <= e->now)
				run->rest = run->task->duration;
			if (run->rest && (deadline(run) < e->now ||
					  deadline(run) - e->now < run->rest))
				return run;
		}
		sort_runs(e);
		choose(e);
		next = next_event(e);
		work(e, next);
		e->now = next;
	}
	for (i = 0; i < e->nr; i++) {
		if (e->runs[i].rest)
			return &e->runs[i];
	}
	return NULL;
}

static void edf_init(struct edf *e, struct plan *plan, size_t nr, uint64_t min)
{
	*e = (struct edf){ .plan = plan, .min = min };
	e->runs = ps_calloc(nr, sizeof(*e->runs));
	e->order = ps_calloc(nr, sizeof(struct run *));
	e->taken = ps_calloc(plan->nr_lines, sizeof(*e->taken));
}

static void edf_add(struct edf *e, struct plan_task *task, const size_t *lines, size_t nr_lines)
{
	struct run *run = &e->runs[e->nr];

	*run = (struct run){ .task = task, .lines = lines, .nr_lines = nr_lines };
	e->order[e->nr++] = run;
}

static void edf_free(struct edf *e)
{
	free(e->runs);
	free(e->order);
	free(e->taken);
	free(e->log);
}

enum plan_outcome plan_edf(struct plan *plan, const struct plan_group *group)
{
	enum plan_outcome outcome;
	struct edf e;
	size_t i;

	edf_init(&e, plan, group->nr, plan->min);
	for (i = 0; i < group->nr; i++)
		edf_add(&e, group->tasks[i], group->tasks[i]->lines, group->tasks[i]->nr_lines);
	outcome = edf_run(&e) ? PLAN_GAVE_UP : PLAN_FOUND;
	edf_free(&e);
	return outcome;
}

/*
 * Back from the miss as long as the CPU was taken or worked for deadlines no
 * later: all of that work came up within the interval, and fills it.
 */
static uint64_t busy_since(const struct edf *e, const struct plan_line *line, uint64_t to)
{
	uint64_t t = e->now;
	size_t log = e->nr_log;

	while (t) {
		size_t before = plan_line_after(line, t - 1);

		if (before < line->nr && line->spans[before].start < t) {
			t = line->spans[before].start;
			continue;
		}
		while (log && e->log[log - 1].start >= t)
			log--;
		if (!log || e->log[log - 1].end < t || e->log[log - 1].deadline > to)
			break;
		t = e->log[log - 1].start;
	}
	return t;
}

bool plan_demand(struct plan *plan, size_t line, struct plan_demand *demand)
{
	const struct run *missed;
	struct edf e;
	size_t i, j;

	edf_init(&e, plan, plan->nr_tasks, 1);
	e.keep_log = true;
	for (i = 0; i < plan->nr_tasks; i++) {
		struct plan_task *task = &plan->tasks[i];

		for (j = 0; j < task->nr_lines; j++) {
			if (task->lines[j] == line)
				edf_add(&e, task, &task->lines[j], 1);
		}
	}
	missed = edf_run(&e);
	if (missed) {
		demand->to = deadline(missed);
		demand->from = busy_since(&e, &plan->lines[line], demand->to);
		demand->needed = 0;
		for (i = 0; i < e.nr; i++) {
			uint64_t period = e.runs[i].task->period;
			uint64_t first = demand->from / period + !!(demand->from % period);
			uint64_t behind = demand->to / period;

			if (behind > first)
				demand->needed += (behind - first) * e.runs[i].task->duration;
		}
		demand->free = plan_line_free(&plan->lines[line], demand->from, demand->to);
	}
	edf_free(&e);
	return !missed;
}
