// SPDX-License-Identifier: GPL-2.0
/*
 * planner - windows found from periods and durations
 *
 * Documentation/planner.rst tells the methods, their bounds and what a refusal
 * proves.
 */
#include "planner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "error.h"
#include "planner-priv.h"

/*
 * As ps_model_complete() has it: the partitions of a schedule are those with
 * windows or an entry in it; all, if it is the only one or has no windows.
 */
static bool is_member(const struct ps_model *model, const struct ps_schedule *schedule,
		      size_t partition)
{
	return model->nr_schedules == 1 || !schedule->nr_windows ||
	       ps_schedule_entry(schedule, partition) || ps_schedule_has_windows(schedule, partition);
}

/* Does any schedule say when the partition runs? */
static bool runs_somewhere(const struct ps_model *model, size_t partition)
{
	size_t i;

	for (i = 0; i < model->nr_schedules; i++) {
		if (ps_periodicity(model, &model->schedules[i], partition).period_ns ||
		    ps_schedule_has_windows(&model->schedules[i], partition))
			return true;
	}
	return false;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int by_start(const void *a, const void *b)
{
	const struct plan_span *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->owner > y->owner) - (x->owner < y->owner);
}

static size_t line_of(const struct plan *plan, uint32_t cpu)
{
	size_t low = 0, high = plan->nr_lines;

	while (low + 1 < high) {
		size_t mid = low + (high - low) / 2;

		if (plan->lines[mid].cpu <= cpu)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* The CPUs of all partitions and windows, with the windows of the file on them. */
static void make_lines(struct plan *plan)
{
	const struct ps_schedule *s = plan->schedule;
	uint32_t *cpus = NULL, *cpu;
	size_t nr = 0, i, j;

	for (i = 0; i < plan->model->nr_partitions; i++) {
		for (j = 0; j < plan->model->partitions[i].nr_vcpus; j++) {
			cpu = ps_grow(&cpus, &nr, sizeof(*cpus));
			*cpu = plan->model->partitions[i].vcpus[j].cpu;
		}
	}
	for (i = 0; i < s->nr_windows; i++) {
		if (s->windows[i].cpu == PS_NONE)
			continue;
		cpu = ps_grow(&cpus, &nr, sizeof(*cpus));
		*cpu = s->windows[i].cpu;
	}
	if (nr)
		qsort(cpus, nr, sizeof(*cpus), by_number);
	plan->lines = ps_calloc(nr, sizeof(*plan->lines));
	for (i = 0; i < nr; i++) {
		if (!i || cpus[i] != cpus[i - 1])
			plan->lines[plan->nr_lines++].cpu = cpus[i];
	}
	free(cpus);
	for (i = 0; i < s->nr_windows; i++) {
		const struct ps_window *w = &s->windows[i];
		const struct ps_partition *p = &plan->model->partitions[w->partition];

		for (j = 0; j < p->nr_vcpus && ps_window_sound(s, w); j++) {
			struct plan_line *line;
			struct plan_span *span;

			if (!ps_window_opens(w, p->vcpus[j].index))
				continue;
			line = &plan->lines[line_of(plan, ps_window_cpu(w, &p->vcpus[j]))];
			span = ps_grow(&line->spans, &line->nr, sizeof(*span));
			*span = (struct plan_span){ w->offset_ns, w->offset_ns + w->duration_ns,
						    w->partition, true };
		}
	}
	for (i = 0; i < plan->nr_lines; i++) {
		struct plan_line *line = &plan->lines[i];
		size_t to = 0;

		if (line->nr)
			qsort(line->spans, line->nr, sizeof(*line->spans), by_start);
		/* what overlaps is told by the check; here it is just taken */
		for (j = 0; j < line->nr; j++) {
			if (!to || line->spans[j].start >= line->spans[to - 1].end)
				line->spans[to++] = line->spans[j];
			else if (line->spans[j].end > line->spans[to - 1].end)
				line->spans[to - 1].end = line->spans[j].end;
		}
		line->nr = line->size = to;
	}
}

static void add_task(struct plan *plan, size_t partition, const struct ps_periodicity *periodicity)
{
	const struct ps_partition *p = &plan->model->partitions[partition];
	struct plan_task *task = &plan->tasks[plan->nr_tasks++];
	size_t i;

	task->partition = partition;
	task->period = periodicity->period_ns;
	task->duration = periodicity->duration_ns;
	task->jobs = plan->frame / task->period;
	task->text_line = periodicity->line;
	task->lines = ps_calloc(p->nr_vcpus, sizeof(*task->lines));
	for (i = 0; i < p->nr_vcpus; i++)
		task->lines[i] = line_of(plan, p->vcpus[i].cpu);
	if (p->nr_vcpus)
		qsort(task->lines, p->nr_vcpus, sizeof(*task->lines), plan_by_index);
	for (i = 0; i < p->nr_vcpus; i++) {
		if (!task->nr_lines || task->lines[i] != task->lines[task->nr_lines - 1])
			task->lines[task->nr_lines++] = task->lines[i];
	}
}

/* Is the periodicity of a partition one that can be planned? Tells if not. */
static bool is_sound(const struct plan *plan, size_t partition, const struct ps_periodicity *p,
		     struct ps_findings *findings)
{
	char object[300];

	plan_name_partition(object, sizeof(object), plan, partition);
	if (!p->duration_ns)
		ps_find(findings, PS_NO_PERIODICITY, p->line, object, "give it a Duration",
			"has a Period, but no Duration");
	else if (p->duration_ns < plan->min)
		ps_find(findings, PS_GRAIN, p->line, object,
			"times are nanoseconds: is the unit right?",
			"Duration %" PRIu64 " ns is shorter than the %" PRIu64 " ns of the shortest window that a host can enforce",
			p->duration_ns, plan->min);
	else if (p->duration_ns > p->period_ns)
		ps_find(findings, PS_DURATION, p->line, object,
			"both are nanoseconds; are the two swapped?",
			"Duration %" PRIu64 " is longer than its Period %" PRIu64, p->duration_ns,
			p->period_ns);
	else if (plan->frame % p->period_ns)
		ps_find(findings, PS_PERIOD, p->line, object,
			"choose a frame that is a multiple of every period",
			"MajorFrameDuration %" PRIu64 " (line %d) is no multiple of its Period %" PRIu64,
			plan->frame, plan->schedule->line, p->period_ns);
	else
		return true;
	return false;
}

static bool make_tasks(struct plan *plan, const struct ps_schedule *original,
		       struct ps_findings *findings)
{
	size_t errors = findings->errors, i;
	bool idle = !plan->schedule->nr_windows;
	bool *done = ps_calloc(plan->model->nr_partitions, sizeof(*done));
	char object[300];

	for (i = 0; i < plan->schedule->nr_windows; i++)
		done[plan->schedule->windows[i].partition] = true;
	for (i = 0; i < plan->model->nr_partitions; i++) {
		struct ps_periodicity p = ps_periodicity(plan->model, plan->schedule, i);

		if (done[i] || !p.period_ns || !plan->model->partitions[i].nr_vcpus ||
		    !is_member(plan->model, original, i))
			continue;
		idle = false;
		if (is_sound(plan, i, &p, findings))
			add_task(plan, i, &p);
		done[i] = true;
	}
	for (i = 0; i < plan->model->nr_partitions; i++) {
		/* a partition may well rest in one schedule and run in another */
		if (done[i] || (!idle && !ps_schedule_has_windows(original, i) &&
				(!is_member(plan->model, original, i) ||
				 runs_somewhere(plan->model, i))))
			continue;
		plan_name_partition(object, sizeof(object), plan, i);
		ps_find(findings, PS_NO_PERIODICITY, plan->model->partitions[i].line, object,
			"give it a period and a duration, or windows",
			"has neither Period and Duration nor windows in schedule %" PRIu32,
			plan->schedule->id);
	}
	free(done);
	return findings->errors == errors;
}

static bool within_limits(const struct plan *plan, struct ps_findings *findings)
{
	unsigned __int128 windows = 0;
	size_t i;

	for (i = 0; i < plan->nr_lines; i++)
		windows += plan->lines[i].nr;
	for (i = 0; i < plan->nr_tasks; i++)
		windows += (unsigned __int128)plan->tasks[i].jobs * plan->tasks[i].nr_lines;
	if (windows <= PARTSCHED_MAX_WINDOWS)
		return true;
	if (windows > UINT64_MAX)
		windows = UINT64_MAX;
	ps_find(findings, PS_TOO_MANY, plan->schedule->line, "module",
		"use longer periods, or a shorter frame: a frame holds one window a period",
		"schedule %" PRIu32 " needs %" PRIu64 " windows, counted once for each vCPU; the module takes %d",
		plan->schedule->id, (uint64_t)windows, PARTSCHED_MAX_WINDOWS);
	return false;
}

/* Does each period of a task begin with a window? */
static bool starts_periods(const struct plan_task *task)
{
	uint64_t starts = 0;
	size_t i;

	for (i = 0; i < task->nr_pieces; i++)
		starts += !(task->pieces[i].start % task->period);
	return starts == task->jobs;
}

/* All windows of a schedule for which the given tasks have pieces. */
void plan_add_windows(const struct plan *plan, const struct plan_group *group,
			struct ps_schedule *s)
{
	struct plan_span *pieces;
	size_t nr = 0, i, j;

	for (i = 0; i < group->nr; i++)
		nr += group->tasks[i]->nr_pieces;
	pieces = ps_calloc(nr, sizeof(*pieces));
	for (i = nr = 0; i < group->nr; i++) {
		const struct plan_task *task = group->tasks[i];
		bool starts = starts_periods(task);

		for (j = 0; j < task->nr_pieces; j++, nr++) {
			pieces[nr] = task->pieces[j];
			/* borrowed: here it says that the window starts a period */
			pieces[nr].fixed = starts && !(task->pieces[j].start % task->period);
		}
	}
	if (nr)
		qsort(pieces, nr, sizeof(*pieces), by_start);
	for (i = 0; i < nr; i++) {
		struct ps_window *w = ps_schedule_add_window(s);

		w->partition = pieces[i].owner;
		w->vcpu = PS_NONE;
		w->cpu = PS_NONE;
		w->offset_ns = pieces[i].start;
		w->duration_ns = pieces[i].end - pieces[i].start;
		w->period_start = pieces[i].fixed;
		w->line = plan->model->partitions[w->partition].line;
	}
	free(pieces);
}

static void tell_splits(const struct plan *plan, struct ps_findings *findings)
{
	char object[300];
	size_t i, j, most, pieces, jobs;

	for (i = 0; i < plan->nr_tasks; i++) {
		const struct plan_task *task = &plan->tasks[i];

		if (task->nr_pieces <= task->jobs)
			continue;
		for (j = most = pieces = jobs = 0; j < task->nr_pieces; j++) {
			if (j && task->pieces[j].start / task->period ==
				 task->pieces[j - 1].start / task->period)
				pieces++;
			else
				pieces = 1;
			jobs += pieces == 2;
			most = pieces > most ? pieces : most;
		}
		plan_name_partition(object, sizeof(object), plan, task->partition);
		ps_find(findings, PS_SPLIT, task->text_line, object, NULL,
			"has its %" PRIu64 " ns in up to %zu windows in %zu of %" PRIu64 " periods of schedule %" PRIu32,
			task->duration, most, jobs, task->jobs, plan->schedule->id);
	}
}

static void free_plan(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nr_tasks; i++) {
		free(plan->tasks[i].lines);
		free(plan->tasks[i].pieces);
	}
	for (i = 0; i < plan->nr_lines; i++)
		free(plan->lines[i].spans);
	free(plan->tasks);
	free(plan->lines);
}

static int plan_it(struct plan *plan, const struct ps_schedule *original, bool split,
		   struct ps_findings *findings)
{
	if (!plan->frame || plan->frame > PARTSCHED_MAX_FRAME_NS) {
		ps_find(findings, PS_NO_FRAME, original->line, "schedule",
			"state a major frame that is a multiple of every period",
			"its major frame of %" PRIu64 " ns is none, or beyond the %llu ns that one may have",
			plan->frame, PARTSCHED_MAX_FRAME_NS);
		return PS_PLAN_NOT_FOUND;
	}
	if (plan->model->nr_partitions > PARTSCHED_MAX_PARTITIONS) {
		ps_find(findings, PS_TOO_MANY, plan->model->line, "module", NULL,
			"%zu partitions; the module takes %d", plan->model->nr_partitions,
			PARTSCHED_MAX_PARTITIONS);
		return PS_PLAN_NOT_FOUND;
	}
	make_lines(plan);
	if (!make_tasks(plan, original, findings) || !within_limits(plan, findings))
		return PS_PLAN_NOT_FOUND;
	if (!plan_possible(plan, findings))
		return PS_PLAN_IMPOSSIBLE;
	return plan_solve(plan, split, findings);
}

int ps_plan_schedule(struct ps_model *model, struct ps_schedule *schedule, unsigned int flags,
		     struct ps_findings *findings)
{
	struct ps_schedule kept = *schedule;
	struct plan plan = {
		.model = model,
		.schedule = &kept,
		.frame = schedule->frame_ns,
		.min = PARTSCHED_MIN_WINDOW_NS,
	};
	struct plan_group all;
	size_t i;
	int rc;

	if (flags & PS_PLAN_ALL) {
		kept.windows = NULL;
		kept.nr_windows = 0;
	}
	plan.tasks = ps_calloc(model->nr_partitions, sizeof(*plan.tasks));
	rc = plan_it(&plan, schedule, flags & PS_PLAN_SPLIT, findings);
	findings->reached |= 1U << PS_STAGE_PLAN;
	if (!rc) {
		tell_splits(&plan, findings);
		if (flags & PS_PLAN_ALL) {
			free(schedule->windows);
			schedule->windows = NULL;
			schedule->nr_windows = 0;
		}
		all.tasks = ps_calloc(plan.nr_tasks, sizeof(struct plan_task *));
		all.nr = plan.nr_tasks;
		for (i = 0; i < all.nr; i++)
			all.tasks[i] = &plan.tasks[i];
		plan_add_windows(&plan, &all, schedule);
		free(all.tasks);
	}
	free_plan(&plan);
	return rc;
}
