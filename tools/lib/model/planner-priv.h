/* SPDX-License-Identifier: GPL-2.0 */
/*
 * planner-priv - what the parts of the planner share
 *
 * A task is a partition to be planned, a job one period of it, a piece a window
 * found for a job, a line the occupied time of one CPU over the major frame.
 * Tasks that share a CPU, be it by way of others, are a group; groups are planned
 * one by one, for nothing that happens in one concerns another.
 */
#ifndef PS_PLANNER_PRIV_H
#define PS_PLANNER_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner.h"

/* No place; later than every time. */
#define PLAN_NEVER		UINT64_MAX
/* Owner of time that is kept free for the host. */
#define PLAN_HOST		SIZE_MAX
/* Steps that one run of a method may cost; a step looks up one place on one CPU. */
#define PLAN_STEPS		20000000ULL
/* Nodes of one search for a common offset, and for an order of jobs. */
#define PLAN_OFFSET_NODES	2000U
#define PLAN_ORDER_NODES	50000U
/* Orders of tasks that first fit tries: who found no place goes first. */
#define PLAN_ROUNDS		24U

/**
 * struct plan_span - time that is taken on a CPU
 * @start: first nanosecond of the frame
 * @end: the one behind the last
 * @owner: index of the partition, PLAN_HOST
 * @fixed: not the planner's to move: a window of the file, the host's time
 */
struct plan_span {
	uint64_t start;
	uint64_t end;
	size_t owner;
	bool fixed;
};

/**
 * struct plan_line - one CPU over the major frame
 * @cpu: its number
 * @spans: what is taken, in order, disjoint
 * @nr: number of them
 * @size: room in @spans
 */
struct plan_line {
	uint32_t cpu;
	struct plan_span *spans;
	size_t nr;
	size_t size;
};

/**
 * struct plan_task - a partition to be planned
 * @partition: its index in the model
 * @period: its period; the frame is a multiple
 * @duration: what it needs in each
 * @jobs: number of periods in a frame
 * @text_line: XML line of the periodicity
 * @lines: indices of the lines that a window takes, all at once
 * @nr_lines: number of them, at least one
 * @pieces: windows found, in order
 * @nr_pieces: number of them
 */
struct plan_task {
	size_t partition;
	uint64_t period;
	uint64_t duration;
	uint64_t jobs;
	int text_line;
	size_t *lines;
	size_t nr_lines;
	struct plan_span *pieces;
	size_t nr_pieces;
};

/**
 * struct plan_failure - the job that found no place
 * @task: the task, NULL: none
 * @job: number of the period
 * @occupied: what stood in its way, as text
 */
struct plan_failure {
	const struct plan_task *task;
	uint64_t job;
	char *occupied;
};

/**
 * struct plan - one schedule being planned
 * @model: the model
 * @schedule: the schedule
 * @frame: its major frame
 * @min: shortest piece
 * @gap: shortest gap that may be left, 0: any
 * @lines: CPUs
 * @nr_lines: number of them
 * @tasks: partitions to plan
 * @nr_tasks: number of them
 * @steps: steps left
 * @failure: what first fit could not place
 */
struct plan {
	const struct ps_model *model;
	const struct ps_schedule *schedule;
	uint64_t frame;
	uint64_t min;
	uint64_t gap;
	struct plan_line *lines;
	size_t nr_lines;
	struct plan_task *tasks;
	size_t nr_tasks;
	uint64_t steps;
	struct plan_failure failure;
};

/**
 * struct plan_group - tasks that share CPUs
 * @tasks: the tasks, shortest period first
 * @nr: number of them
 */
struct plan_group {
	struct plan_task **tasks;
	size_t nr;
};

/**
 * enum plan_outcome - how a method ended
 * @PLAN_FOUND: pieces are in the tasks
 * @PLAN_NONE: there is no such plan: all were looked at
 * @PLAN_GAVE_UP: none was found
 */
enum plan_outcome {
	PLAN_FOUND,
	PLAN_NONE,
	PLAN_GAVE_UP,
};

/**
 * struct plan_demand - an interval that is asked for more than it has
 * @from: its start
 * @to: its end
 * @needed: what the jobs that lie in it need
 * @free: what the fixed spans leave of it
 */
struct plan_demand {
	uint64_t from;
	uint64_t to;
	uint64_t needed;
	uint64_t free;
};

/* planner-line.c */

/**
 * plan_line_add() - take time on a CPU
 * @line: the CPU
 * @spans: in order, disjoint, free on @line
 * @nr: number of them
 */
void plan_line_add(struct plan_line *line, const struct plan_span *spans, size_t nr);

/**
 * plan_line_drop() - free a task's time
 * @line: the CPU
 * @owner: index of the partition
 */
void plan_line_drop(struct plan_line *line, size_t owner);

/**
 * plan_line_after() - the first span that ends after an instant
 * @line: the CPU
 * @t: the instant
 *
 * Return: its index, line->nr if there is none.
 */
size_t plan_line_after(const struct plan_line *line, uint64_t t);

/**
 * plan_line_free() - free time in an interval
 * @line: the CPU
 * @from: its start
 * @to: its end
 *
 * Return: the free nanoseconds.
 */
uint64_t plan_line_free(const struct plan_line *line, uint64_t from, uint64_t to);

/**
 * plan_task_fit() - the earliest place for a window on all CPUs of a task
 * @plan: the plan; loses steps
 * @task: the task
 * @t: not before this
 * @length: of the window
 * @end: it ends by then
 * @last: end of the task's window before, PLAN_NEVER: none
 *
 * No gap shorter than plan->gap is left before or behind it, round the end of
 * the frame included.
 *
 * Return: its start, or PLAN_NEVER.
 */
uint64_t plan_task_fit(struct plan *plan, const struct plan_task *task, uint64_t t,
		       uint64_t length, uint64_t end, uint64_t last);

/**
 * plan_task_piece() - note a window of a task
 * @task: the task
 * @start: its start
 * @end: its end; a piece of the same job that ends at @start is lengthened
 */
void plan_task_piece(struct plan_task *task, uint64_t start, uint64_t end);

/**
 * plan_task_place() - take the time of a task's pieces on its CPUs
 * @plan: the plan
 * @task: the task
 */
void plan_task_place(struct plan *plan, const struct plan_task *task);

/**
 * plan_task_lift() - forget a task's pieces and free their time
 * @plan: the plan
 * @task: the task
 */
void plan_task_lift(struct plan *plan, struct plan_task *task);

/**
 * plan_by_index() - qsort() order of indices
 * @a: address of one
 * @b: address of another
 *
 * Return: as qsort() wants it.
 */
int plan_by_index(const void *a, const void *b);

/**
 * plan_task_uses() - does a task run on a CPU?
 * @task: the task
 * @line: index of the CPU
 *
 * Return: true if it does.
 */
bool plan_task_uses(const struct plan_task *task, size_t line);

/**
 * plan_name_partition() - the object of a finding
 * @buf: receives the text
 * @size: bytes in @buf
 * @plan: the plan
 * @partition: index of the partition
 */
void plan_name_partition(char *buf, size_t size, const struct plan *plan, size_t partition);

/* planner-prove.c */

/**
 * plan_host_interval() - the host's share of a CPU
 * @plan: the plan
 * @limit: receives what windows may take of any interval of this length
 *
 * Return: the length: a second, or the frame where that is shorter.
 */
uint64_t plan_host_interval(const struct plan *plan, uint64_t *limit);

/**
 * plan_possible() - look for what no plan can do, CPU by CPU
 * @plan: the plan; lines hold fixed spans only
 * @findings: receives PS_UTILISATION and PS_NO_PLACE, with the sums
 *
 * Both conditions are necessary whatever happens on other CPUs, and however
 * short the pieces are.
 *
 * Return: false if it is proved that there is no plan.
 */
bool plan_possible(struct plan *plan, struct ps_findings *findings);

/* planner-solve.c */

/**
 * plan_solve() - find pieces for all tasks
 * @plan: the plan, possible
 * @split: windows may be split
 * @findings: receives PS_NO_PLACE for each group without a plan
 *
 * Return: 0, PS_PLAN_NOT_FOUND or PS_PLAN_IMPOSSIBLE.
 */
int plan_solve(struct plan *plan, bool split, struct ps_findings *findings);

/* planner.c */

/**
 * plan_add_windows() - make windows of pieces
 * @plan: the plan
 * @group: the tasks
 * @s: the schedule that they are appended to, in order of time
 */
void plan_add_windows(const struct plan *plan, const struct plan_group *group,
		      struct ps_schedule *s);

/* planner-fit.c */

/**
 * plan_strict() - one offset for all windows of each task
 * @plan: the plan
 * @group: the tasks, without pieces
 *
 * Return: PLAN_FOUND or PLAN_GAVE_UP.
 */
enum plan_outcome plan_strict(struct plan *plan, const struct plan_group *group);

/**
 * plan_first_fit() - task by task, each job where it fits first
 * @plan: the plan; plan->failure is set where a job fits nowhere
 * @group: the tasks, without pieces
 * @split: a job that fits nowhere in one piece may have several
 *
 * Return: PLAN_FOUND or PLAN_GAVE_UP.
 */
enum plan_outcome plan_first_fit(struct plan *plan, const struct plan_group *group, bool split);

/* planner-search.c */

/**
 * plan_search() - look through the orders of jobs, earliest deadline first
 * @plan: the plan
 * @group: the tasks, without pieces
 *
 * Return: PLAN_FOUND; PLAN_NONE (a proof only if plan->gap is 0); PLAN_GAVE_UP.
 */
enum plan_outcome plan_search(struct plan *plan, const struct plan_group *group);

/* planner-edf.c */

/**
 * plan_edf() - earliest deadline first, windows in pieces
 * @plan: the plan
 * @group: the tasks, without pieces
 *
 * Return: PLAN_FOUND or PLAN_GAVE_UP.
 */
enum plan_outcome plan_edf(struct plan *plan, const struct plan_group *group);

/**
 * plan_demand() - can a CPU do its work at all?
 * @plan: the plan; lines hold fixed spans only
 * @line: index of the CPU
 * @demand: receives the interval that is asked for too much
 *
 * Exact for the CPU taken alone, pieces being as short as a nanosecond.
 *
 * Return: false if it cannot.
 */
bool plan_demand(struct plan *plan, size_t line, struct plan_demand *demand);

#endif /* PS_PLANNER_PRIV_H */
