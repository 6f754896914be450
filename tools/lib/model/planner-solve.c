// SPDX-License-Identifier: GPL-2.0
/*
 * planner-solve - groups of tasks, the methods one after the other
 *
 * Every result is held against ps_time_check(), the very rules that a plan is
 * loaded by; a method that breaks one has not found a plan.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "error.h"
#include "planner-priv.h"

#define NS_PER_S	1000000000ULL

/* What the check itself says of the windows of the file and of a group. */
static void judge(const struct plan *plan, const struct plan_group *group,
		  struct ps_findings *findings)
{
	unsigned int flags = PS_CHECK_UNPLANNED | PS_CHECK_NO_FILES;
	struct ps_schedule trial = *plan->schedule;
	size_t i;

	flags |= plan->model->no_slack ? PS_CHECK_NO_SLACK : 0;
	trial.windows = NULL;
	trial.nr_windows = 0;
	for (i = 0; i < plan->schedule->nr_windows; i++)
		*(struct ps_window *)ps_grow(&trial.windows, &trial.nr_windows,
					     sizeof(*trial.windows)) = plan->schedule->windows[i];
	plan_add_windows(plan, group, &trial);
	ps_time_check(plan->model, &trial, flags, findings);
	free(trial.windows);
}

static bool is_valid(const struct plan *plan, const struct plan_group *group)
{
	const struct plan_group none = { 0 };
	struct ps_findings before, after;
	size_t windows = 0, i;
	bool valid;

	for (i = 0; i < group->nr; i++)
		windows += group->tasks[i]->nr_pieces * group->tasks[i]->nr_lines;
	if (windows > PARTSCHED_MAX_WINDOWS)
		return false;
	ps_findings_init(&before, "");
	ps_findings_init(&after, "");
	judge(plan, &none, &before);
	judge(plan, group, &after);
	valid = after.errors <= before.errors &&
		(!plan->gap || after.counts[PS_SHORT_GAP] <= before.counts[PS_SHORT_GAP]);
	ps_findings_free(&before);
	ps_findings_free(&after);
	return valid;
}

/*
 * How often the host's share is set aside so that any second holds all of it: a
 * distance that divides the frame, and makes the share a gap that is of use.
 * The share of each must be that of the whole distances in a second, so some is
 * lost. @fine: windows may be cut, so a fraction of the shortest period is
 * taken that loses less. 0: there is no such distance.
 */
static uint64_t host_distance(const struct plan *plan, uint64_t shortest, bool fine,
			      uint64_t *share)
{
	uint64_t limit, interval = plan_host_interval(plan, &limit), need = interval - limit;
	uint64_t best = 0, factor, every, part;

	/* multiples, where the share of one period would be too short */
	for (factor = 1; factor <= interval / shortest && !fine; factor++) {
		every = shortest * factor;
		part = (need + interval / every - 1) / (interval / every);
		if (plan->frame % every || part < plan->min)
			continue;
		*share = part;
		return every;
	}
	/* fractions: as few as will do, or those that lose least */
	for (factor = 1; factor <= 1000; factor++) {
		every = shortest / factor;
		if (shortest % factor || every > interval || every < 2 * plan->min)
			continue;
		part = (need + interval / every - 1) / (interval / every);
		if (part < plan->min || part >= every)
			break;
		if (best && (unsigned __int128)part * best >= (unsigned __int128)*share * every)
			continue;
		best = every;
		*share = part;
		/* within a hundredth of what it has to be */
		if (!fine || (unsigned __int128)part * interval * 100 <=
			     (unsigned __int128)need * every * 101)
			break;
	}
	return best || !fine ? best : host_distance(plan, shortest, false, share);
}

static void reserve_line(struct plan *plan, const struct plan_group *group, size_t index,
			 bool fine)
{
	struct plan_line *line = &plan->lines[index];
	struct plan_span *spans = NULL, *span;
	uint64_t shortest = plan->frame, every, share, at;
	size_t nr = 0, i;

	for (i = 0; i < group->nr; i++) {
		if (plan_task_uses(group->tasks[i], index) && group->tasks[i]->period < shortest)
			shortest = group->tasks[i]->period;
	}
	every = host_distance(plan, shortest, fine, &share);
	if (!every || plan->frame / every > PARTSCHED_MAX_WINDOWS)
		return;
	for (at = every - share; at < plan->frame; at += every) {
		uint64_t from = at, to = at + share;

		for (i = plan_line_after(line, at);
		     i < line->nr && line->spans[i].start < to; i++) {
			if (line->spans[i].start > from) {
				span = ps_grow(&spans, &nr, sizeof(*spans));
				*span = (struct plan_span){ from, line->spans[i].start, PLAN_HOST,
							    true };
			}
			from = line->spans[i].end;
		}
		if (from < to) {
			span = ps_grow(&spans, &nr, sizeof(*spans));
			*span = (struct plan_span){ from, to, PLAN_HOST, true };
		}
	}
	plan_line_add(line, spans, nr);
	free(spans);
}

static void reserve(struct plan *plan, const struct plan_group *group, bool on, bool fine)
{
	size_t i, from, to;

	for (i = 0; i < plan->nr_lines; i++) {
		struct plan_line *line = &plan->lines[i];
		bool ours = false;

		for (from = to = 0; from < line->nr; from++) {
			if (line->spans[from].owner != PLAN_HOST)
				line->spans[to++] = line->spans[from];
		}
		line->nr = to;
		for (to = 0; to < group->nr && on && !ours; to++)
			ours = plan_task_uses(group->tasks[to], i);
		if (ours)
			reserve_line(plan, group, i, fine);
	}
}

static void lift_group(struct plan *plan, const struct plan_group *group)
{
	size_t i;

	for (i = 0; i < group->nr; i++)
		plan_task_lift(plan, group->tasks[i]);
}

static enum plan_outcome run_method(struct plan *plan, const struct plan_group *group,
				    unsigned int method, bool split)
{
	plan->steps = PLAN_STEPS;
	if (split)
		return method ? plan_edf(plan, group) : plan_first_fit(plan, group, true);
	switch (method) {
	case 0:
		return plan_strict(plan, group);
	case 1:
		return plan_first_fit(plan, group, false);
	default:
		return plan_search(plan, group);
	}
}

/* All methods, the one with the best plans first. Sets *none on a proof. */
static bool try_all(struct plan *plan, const struct plan_group *group, bool split, bool *none)
{
	bool may_reserve = plan->frame > NS_PER_S && !plan->model->no_slack;
	unsigned int methods = split ? 2 : 3, way, method;

	/* gaps of use and no reserved time first, then the one or the other */
	for (way = 0; way < 4; way++) {
		bool reserved = way & 2;

		if (reserved && !may_reserve)
			break;
		plan->gap = way & 1 ? 0 : plan->min;
		reserve(plan, group, reserved, split);
		for (method = 0; method < methods; method++) {
			enum plan_outcome outcome = run_method(plan, group, method, split);

			if (outcome == PLAN_FOUND && is_valid(plan, group))
				return true;
			lift_group(plan, group);
			if (outcome == PLAN_NONE && !plan->gap && !reserved) {
				*none = true;
				return false;
			}
		}
	}
	return false;
}

/* The failure of first fit, as the finding that is nearest to the reader's file. */
static void tell_no_place(const struct plan *plan, bool none, bool split, bool splits,
			  struct ps_findings *findings)
{
	const struct plan_task *task = plan->failure.task;
	uint64_t from = plan->failure.job * task->period;
	char object[300], *cpus = NULL;
	const char *advice, *verdict;
	size_t size, i;
	FILE *out = open_memstream(&cpus, &size);

	for (i = 0; out && i < task->nr_lines; i++)
		fprintf(out, "%s%" PRIu32, i ? ", " : "", plan->lines[task->lines[i]].cpu);
	if (out)
		fclose(out);
	advice = splits ? "let windows be split (--split): a plan was found that way" :
		 "shorten durations, move partitions to other CPUs, or choose periods that are multiples of each other";
	if (none)
		verdict = "all orders of windows were tried: without splitting there is no such plan";
	else if (split)
		verdict = "the search has ended there, which is no proof that there is none";
	else
		verdict = "the search has ended there, which is no proof that there is none in one piece";
	plan_name_partition(object, sizeof(object), plan, task->partition);
	ps_find(findings, PS_NO_PLACE, task->text_line, object, advice,
		"no place for %" PRIu64 " ns on CPU%s %s in [%" PRIu64 ", %" PRIu64 ") of schedule %" PRIu32 "; occupied are %s; %s",
		task->duration, task->nr_lines > 1 ? "s" : "", cpus ? cpus : "", from,
		from + task->period, plan->schedule->id,
		plan->failure.occupied && *plan->failure.occupied ? plan->failure.occupied :
		"none of it", verdict);
	free(cpus);
}

/* Every window fits, but they leave the host too little of some second. */
static void tell_no_slack(const struct plan *plan, const struct plan_group *group, bool splits,
			  struct ps_findings *findings)
{
	uint64_t limit, interval = plan_host_interval(plan, &limit);
	const struct plan_task *task = group->tasks[0];
	char object[300];
	size_t i;

	for (i = 1; i < group->nr; i++) {
		if (group->tasks[i]->duration > task->duration)
			task = group->tasks[i];
	}
	plan_name_partition(object, sizeof(object), plan, task->partition);
	ps_find(findings, PS_NO_PLACE, task->text_line, object,
		splits ? "let windows be split (--split): a plan was found that way" :
		"shorten durations, or lower ps:SlackPpm",
		"its windows of %" PRIu64 " ns, and those of the %zu other partitions around it, leave less than %" PRIu64 " of some %" PRIu64 " ns to the host in schedule %" PRIu32 "%s",
		task->duration, group->nr - 1, interval - limit, interval, plan->schedule->id,
		!splits && task->duration > limit ?
		": a window as long as this always does" :
		"; the search has ended there, which is no proof that there is no plan");
}

static int solve(struct plan *plan, const struct plan_group *group, bool split,
		 struct ps_findings *findings)
{
	bool none = false, splits = false;
	struct plan_failure failure;

	if (try_all(plan, group, false, &none))
		return 0;
	/* the finding tells of the first failure, the advice whether splitting helps */
	failure = plan->failure;
	memset(&plan->failure, 0, sizeof(plan->failure));
	splits = try_all(plan, group, true, &none);
	if (splits && split) {
		free(failure.occupied);
		return 0;
	}
	lift_group(plan, group);
	if (split || !failure.task) {
		free(failure.occupied);
	} else {
		free(plan->failure.occupied);
		plan->failure = failure;
	}
	if (plan->failure.task)
		tell_no_place(plan, none && !split, split, splits && !split, findings);
	else
		tell_no_slack(plan, group, splits && !split, findings);
	return none && !split ? PS_PLAN_IMPOSSIBLE : PS_PLAN_NOT_FOUND;
}

static int by_period(const void *a, const void *b)
{
	const struct plan_task *x = *(struct plan_task *const *)a;
	const struct plan_task *y = *(struct plan_task *const *)b;

	if (x->period != y->period)
		return x->period < y->period ? -1 : 1;
	if (x->nr_lines != y->nr_lines)
		return x->nr_lines > y->nr_lines ? -1 : 1;
	if (x->duration != y->duration)
		return x->duration > y->duration ? -1 : 1;
	return (x->partition > y->partition) - (x->partition < y->partition);
}

static size_t root_of(size_t *parent, size_t line)
{
	while (parent[line] != line)
		line = parent[line] = parent[parent[line]];
	return line;
}

/* Group by group. Goes on after a failure: all groups tell what is wrong. */
int plan_solve(struct plan *plan, bool split, struct ps_findings *findings)
{
	size_t *parent = ps_calloc(plan->nr_lines, sizeof(*parent)), i, j;
	struct plan_group group = { ps_calloc(plan->nr_tasks, sizeof(struct plan_task *)), 0 };
	int rc = 0;

	for (i = 0; i < plan->nr_lines; i++)
		parent[i] = i;
	for (i = 0; i < plan->nr_tasks; i++) {
		const struct plan_task *task = &plan->tasks[i];

		for (j = 1; j < task->nr_lines; j++)
			parent[root_of(parent, task->lines[j])] = root_of(parent, task->lines[0]);
	}
	for (i = 0; i < plan->nr_lines; i++) {
		int failed;

		if (parent[i] != i)
			continue;
		group.nr = 0;
		for (j = 0; j < plan->nr_tasks; j++) {
			if (root_of(parent, plan->tasks[j].lines[0]) == i)
				group.tasks[group.nr++] = &plan->tasks[j];
		}
		if (!group.nr)
			continue;
		qsort(group.tasks, group.nr, sizeof(struct plan_task *), by_period);
		failed = solve(plan, &group, split, findings);
		free(plan->failure.occupied);
		memset(&plan->failure, 0, sizeof(plan->failure));
		/* one group without a plan is proof enough */
		rc = failed < rc ? failed : rc;
	}
	free(parent);
	free(group.tasks);
	return rc;
}
