// SPDX-License-Identifier: GPL-2.0
/*
 * planner-prove - what no plan can do, found before one is looked for
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "error.h"
#include "planner-priv.h"

#define NS_PER_S	1000000000ULL
#define PPM		1000000ULL

/* The tasks of a CPU and what each asks for, as text; of those in [from, to). */
static char *askers(const struct plan *plan, size_t line, uint64_t from, uint64_t to)
{
	size_t shown = 0, size, i;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return ps_strdup("");
	for (i = 0; i < plan->nr_tasks; i++) {
		const struct plan_task *task = &plan->tasks[i];
		uint64_t first = from / task->period + !!(from % task->period);
		uint64_t behind = to / task->period;

		if (behind <= first || !plan_task_uses(task, line))
			continue;
		if (shown++ < 8)
			fprintf(out, "%s\"%s\" %" PRIu64 " times %" PRIu64, shown > 1 ? ", " : "",
				PS_SAFE(plan->model->partitions[task->partition].name),
				behind - first, task->duration);
	}
	if (shown > 8)
		fprintf(out, " and %zu more", shown - 8);
	fclose(out);
	return text;
}

uint64_t plan_host_interval(const struct plan *plan, uint64_t *limit)
{
	uint64_t interval = plan->frame < NS_PER_S ? plan->frame : NS_PER_S;

	*limit = interval;
	if (!plan->model->no_slack)
		*limit -= interval * plan->model->slack_ppm / PPM;
	return interval;
}

/*
 * What no plan can do, CPU by CPU: both conditions are necessary, whatever the
 * other CPUs do and however short the pieces are.
 */
bool plan_possible(struct plan *plan, struct ps_findings *findings)
{
	size_t errors = findings->errors, i, j;
	uint64_t limit, interval = plan_host_interval(plan, &limit);
	char object[64], *text;

	for (i = 0; i < plan->nr_lines; i++) {
		struct plan_line *line = &plan->lines[i];
		uint64_t kept = plan->frame - plan_line_free(line, 0, plan->frame), sum = kept;
		struct plan_demand demand;
		bool asked = false;

		for (j = 0; j < plan->nr_tasks; j++) {
			if (!plan_task_uses(&plan->tasks[j], i))
				continue;
			asked = true;
			sum += plan->tasks[j].jobs * plan->tasks[j].duration;
		}
		if (!asked)
			continue;
		snprintf(object, sizeof(object), "CPU %" PRIu32 " in schedule %" PRIu32, line->cpu,
			 plan->schedule->id);
		/* the mean over all intervals cannot be more than the most of one */
		if ((unsigned __int128)sum * interval > (unsigned __int128)limit * plan->frame) {
			text = askers(plan, i, 0, plan->frame);
			ps_find(findings, PS_UTILISATION, plan->schedule->line, object,
				"shorten durations, lengthen periods, move partitions to other CPUs, or lower ps:SlackPpm",
				"its partitions need %" PRIu64 " of %" PRIu64 " ns (%s; windows of the file %" PRIu64 "), and %" PRIu64 " of each %" PRIu64 " ns must stay free for the host: there is no such plan",
				sum, plan->frame, text, kept, interval - limit, interval);
			free(text);
		} else if (!plan_demand(plan, i, &demand)) {
			text = askers(plan, i, demand.from, demand.to);
			ps_find(findings, PS_NO_PLACE, plan->schedule->line, object,
				"shorten durations, lengthen periods, or move windows or partitions away",
				"in [%" PRIu64 ", %" PRIu64 ") its partitions need %" PRIu64 " ns (%s), but only %" PRIu64 " ns are free: there is no such plan, split or not",
				demand.from, demand.to, demand.needed, text, demand.free);
			free(text);
		}
	}
	return findings->errors == errors;
}
