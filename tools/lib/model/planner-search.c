// SPDX-License-Identifier: GPL-2.0
/*
 * planner-search - the orders in which jobs can run, one piece each
 *
 * Each node of the search appends one job: the next of some task, as early as
 * its period, what was appended on its CPUs, and the fixed spans allow. Whatever
 * plan there is, appending its jobs in the order of their starts puts none of
 * them later; so a search that ends has seen all there is to see. Of these
 * orders one that leaves a hole, in which another job's whole window would have
 * fitted, needs no look: that job could as well go first.
 *
 * Nearest first: what can start first, then what has to end first. The first
 * descent is the list schedule by earliest deadline.
 */
#include <stdlib.h>

#include "alloc.h"
#include "planner-priv.h"

/* One appended job, and where the choice at its node goes on. */
struct node {
	size_t task;			/* index in the group, group->nr: none yet */
	uint64_t start;
	uint64_t deadline;
	bool later;			/* there was one that could start earlier */
	uint64_t *ends;			/* of its CPUs, before it was appended */
};

struct search {
	struct plan *plan;
	const struct plan_group *group;
	uint64_t *next;			/* number of each task's next job */
	uint64_t *starts;		/* where it could start: this node */
	uint64_t *ends;			/* of each line, what was appended so far */
	bool *within;			/* [i * nr + j]: all CPUs of i are j's, too */
};

static uint64_t deadline_of(const struct search *s, size_t task)
{
	return (s->next[task] + 1) * s->group->tasks[task]->period;
}

static uint64_t earliest(struct search *s, size_t i)
{
	const struct plan_task *task = s->group->tasks[i];
	uint64_t t = s->next[i] * task->period, from;
	size_t j;

	do {
		from = t;
		for (j = 0; j < task->nr_lines; j++) {
			uint64_t end = s->ends[task->lines[j]];

			if (t < end)
				t = end;
			else if (end && t > end && t - end < s->plan->gap)
				t = end + s->plan->gap;
		}
		t = plan_task_fit(s->plan, task, t, task->duration, deadline_of(s, i), PLAN_NEVER);
	} while (t != PLAN_NEVER && t != from);
	return t;
}

/* Is choice a before choice b at one node? */
static bool before(const struct node *a, const struct node *b)
{
	if (a->later != b->later)
		return b->later;
	if (a->deadline != b->deadline)
		return a->deadline < b->deadline;
	return a->task < b->task;
}

static bool hole_for_another(const struct search *s, size_t task)
{
	size_t nr = s->group->nr, i;

	for (i = 0; i < nr; i++) {
		if (i != task && s->starts[i] != PLAN_NEVER && s->within[i * nr + task] &&
		    s->starts[i] + s->group->tasks[i]->duration <= s->starts[task])
			return true;
	}
	return false;
}

/* The choice after @last at this node; false if there is none. */
static bool choose(struct search *s, const struct node *last, struct node *chosen)
{
	size_t nr = s->group->nr, i;
	uint64_t first = PLAN_NEVER;

	for (i = 0; i < nr; i++) {
		s->starts[i] = PLAN_NEVER;
		if (s->next[i] == s->group->tasks[i]->jobs)
			continue;
		s->starts[i] = earliest(s, i);
		if (s->starts[i] == PLAN_NEVER)
			return false;	/* too late for this one, whatever comes next */
		if (s->starts[i] < first)
			first = s->starts[i];
	}
	chosen->task = nr;
	for (i = 0; i < nr; i++) {
		struct node node = { i, s->starts[i], 0, s->starts[i] > first, chosen->ends };

		if (node.start == PLAN_NEVER)
			continue;
		node.deadline = deadline_of(s, i);
		if (last->task != nr && !before(last, &node))
			continue;
		if ((chosen->task == nr || before(&node, chosen)) && !hole_for_another(s, i))
			*chosen = node;
	}
	return chosen->task != nr;
}

static void append(struct search *s, struct node *node)
{
	const struct plan_task *task = s->group->tasks[node->task];
	size_t i;

	node->ends = ps_calloc(task->nr_lines, sizeof(*node->ends));
	for (i = 0; i < task->nr_lines; i++) {
		node->ends[i] = s->ends[task->lines[i]];
		s->ends[task->lines[i]] = node->start + task->duration;
	}
	s->next[node->task]++;
}

static void take_back(struct search *s, struct node *node)
{
	const struct plan_task *task = s->group->tasks[node->task];
	size_t i;

	for (i = 0; i < task->nr_lines; i++)
		s->ends[task->lines[i]] = node->ends[i];
	free(node->ends);
	node->ends = NULL;
	s->next[node->task]--;
}

/* Are all of a's CPUs also b's? Both are sorted. */
static bool is_within(const struct plan_task *a, const struct plan_task *b)
{
	size_t i = 0, j;

	for (j = 0; i < a->nr_lines && j < b->nr_lines; j++)
		i += a->lines[i] == b->lines[j];
	return i == a->nr_lines;
}

enum plan_outcome plan_search(struct plan *plan, const struct plan_group *group)
{
	struct search s = { .plan = plan, .group = group };
	uint64_t jobs = 0, nodes = 0;
	enum plan_outcome outcome;
	struct node *path, chosen;
	size_t depth = 0, i;

	for (i = 0; i < group->nr; i++)
		jobs += group->tasks[i]->jobs;
	s.next = ps_calloc(group->nr, sizeof(*s.next));
	s.starts = ps_calloc(group->nr, sizeof(*s.starts));
	s.ends = ps_calloc(plan->nr_lines, sizeof(*s.ends));
	s.within = ps_calloc(group->nr * group->nr, sizeof(*s.within));
	path = ps_calloc(jobs + 1, sizeof(*path));
	for (i = 0; i < group->nr * group->nr; i++)
		s.within[i] = is_within(group->tasks[i / group->nr], group->tasks[i % group->nr]);
	path[0].task = group->nr;
	for (;;) {
		if (depth == jobs) {
			outcome = PLAN_FOUND;
			break;
		}
		/* at least one whole descent; then as many nodes again as are granted */
		if (nodes++ > jobs + PLAN_ORDER_NODES || !plan->steps) {
			outcome = PLAN_GAVE_UP;
			break;
		}
		chosen = path[depth];
		if (choose(&s, &path[depth], &chosen)) {
			path[depth] = chosen;
			append(&s, &path[depth]);
			path[++depth].task = group->nr;
		} else if (depth) {
			take_back(&s, &path[--depth]);
		} else {
			/* a fit that ran out of steps is no proof */
			outcome = plan->steps ? PLAN_NONE : PLAN_GAVE_UP;
			break;
		}
	}
	for (i = 0; i < depth; i++) {
		struct plan_task *task = group->tasks[path[i].task];

		if (outcome == PLAN_FOUND)
			plan_task_piece(task, path[i].start, path[i].start + task->duration);
		free(path[i].ends);
	}
	free(path);
	free(s.within);
	free(s.ends);
	free(s.starts);
	free(s.next);
	return outcome;
}
