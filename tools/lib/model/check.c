// SPDX-License-Identifier: GPL-2.0
/*
 * check - what no schema can express: identity, references, limits
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check-priv.h"
#include "error.h"

/* Beyond so many, each vCPU counted, windows are refused unseen. */
#define SEEN_WINDOWS (16UL * PARTSCHED_MAX_WINDOWS)

/* A partition or a schedule, for sorting by name and by identifier. */
struct item {
	const char *name;
	uint32_t id;
	int line;
};

static int by_name(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int by_id(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

/* Names and identifiers are each unique; sorted, for a file of many thousands. */
static void check_partition_identity(const struct ps_model *model, struct ps_findings *findings)
{
	size_t nr = model->nr_partitions, i;
	struct item *items = ps_calloc(nr, sizeof(*items));
	char object[PS_OBJECT];

	for (i = 0; i < nr; i++) {
		const struct ps_partition *p = &model->partitions[i];

		items[i] = (struct item){ p->name ? p->name : "", p->id, p->line };
	}
	qsort(items, nr, sizeof(*items), by_name);
	for (i = 1; i < nr; i++) {
		if (!*items[i].name || strcmp(items[i].name, items[i - 1].name))
			continue;
		snprintf(object, sizeof(object), "partition \"%s\"", PS_SAFE(items[i].name));
		ps_find(findings, PS_SAME_NAME, items[i].line, object, "rename one of them",
			"line %d has a partition of the same name", items[i - 1].line);
	}
	qsort(items, nr, sizeof(*items), by_id);
	for (i = 1; i < nr; i++) {
		if (items[i].id != items[i - 1].id)
			continue;
		snprintf(object, sizeof(object), "partition \"%s\"", PS_SAFE(items[i].name));
		ps_find(findings, PS_SAME_ID, items[i].line, object,
			"give each partition an identifier of its own",
			"Identifier %" PRIu32 " is also that of \"%s\" in line %d", items[i].id,
			PS_SAFE(items[i - 1].name), items[i - 1].line);
	}
	free(items);
}

static void check_schedule_identity(const struct ps_model *model, struct ps_findings *findings)
{
	size_t nr = model->nr_schedules, i;
	struct item *items = ps_calloc(nr, sizeof(*items));
	char object[PS_OBJECT];

	for (i = 0; i < nr; i++) {
		const struct ps_schedule *s = &model->schedules[i];

		items[i] = (struct item){ s->name ? s->name : "", s->id, s->line };
	}
	qsort(items, nr, sizeof(*items), by_id);
	for (i = 1; i < nr; i++) {
		if (items[i].id != items[i - 1].id)
			continue;
		snprintf(object, sizeof(object), "schedule %" PRIu32, items[i].id);
		ps_find(findings, PS_SAME_SCHEDULE, items[i].line, object,
			"give each schedule an identifier of its own",
			"line %d has a schedule of the same identifier", items[i - 1].line);
	}
	qsort(items, nr, sizeof(*items), by_name);
	for (i = 1; i < nr; i++) {
		if (!*items[i].name || strcmp(items[i].name, items[i - 1].name))
			continue;
		snprintf(object, sizeof(object), "schedule %" PRIu32, items[i].id);
		ps_find(findings, PS_SAME_SCHEDULE_NAME, items[i].line, object,
			"rename one of them",
			"its name \"%s\" is also that of schedule %" PRIu32 " in line %d",
			PS_SAFE(items[i].name), items[i - 1].id, items[i - 1].line);
	}
	free(items);
}

static int by_identifier(const void *a, const void *b)
{
	const struct ps_window *x = *(const struct ps_window *const *)a;
	const struct ps_window *y = *(const struct ps_window *const *)b;

	if (x->partition != y->partition)
		return x->partition < y->partition ? -1 : 1;
	if (x->identifier != y->identifier)
		return x->identifier < y->identifier ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* Identifiers of windows are unique in their partition; they name its vCPUs. */
static void check_window_identity(const struct ps_model *model, const struct ps_schedule *s,
				  struct ps_findings *findings)
{
	const struct ps_window **sorted = ps_calloc(s->nr_windows, sizeof(*sorted));
	char object[PS_OBJECT];
	size_t nr = 0, i, j;

	for (i = 0; i < s->nr_windows; i++) {
		const struct ps_window *w = &s->windows[i];
		const struct ps_partition *p = &model->partitions[w->partition];

		if (w->has_identifier)
			sorted[nr++] = w;
		for (j = 0; j < p->nr_vcpus && p->vcpus[j].index != w->vcpu; j++)
			;
		if (w->vcpu == PS_NONE || j < p->nr_vcpus)
			continue;
		ps_name_window(object, model, w);
		ps_find(findings, PS_DANGLING, w->line, object,
			"name a vCPU that the partition has, or give it one more",
			"opens vCPU %" PRIu32 ", but its partition (line %d) has %zu vCPU%s, numbered from 0",
			w->vcpu, p->line, p->nr_vcpus, p->nr_vcpus == 1 ? "" : "s");
	}
	if (nr)
		qsort(sorted, nr, sizeof(*sorted), by_identifier);
	for (i = 1; i < nr; i++) {
		if (sorted[i]->partition != sorted[i - 1]->partition ||
		    sorted[i]->identifier != sorted[i - 1]->identifier)
			continue;
		ps_name_window(object, model, sorted[i]);
		ps_find(findings, PS_SAME_WINDOW, sorted[i]->line, object,
			"give each window of a partition an identifier of its own",
			"WindowIdentifier %" PRIu32 " is also that of the window at %" PRIu64 " in line %d",
			sorted[i]->identifier, sorted[i - 1]->offset_ns, sorted[i - 1]->line);
	}
	free(sorted);
}

static int by_partition(const void *a, const void *b)
{
	const struct ps_entry *x = *(const struct ps_entry *const *)a;
	const struct ps_entry *y = *(const struct ps_entry *const *)b;

	if (x->partition != y->partition)
		return x->partition < y->partition ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void check_entries(const struct ps_model *model, const struct ps_schedule *s,
			  struct ps_findings *findings)
{
	const struct ps_entry **sorted = ps_calloc(s->nr_entries, sizeof(*sorted));
	char object[PS_OBJECT];
	size_t i;

	for (i = 0; i < s->nr_entries; i++)
		sorted[i] = &s->entries[i];
	if (s->nr_entries)
		qsort(sorted, s->nr_entries, sizeof(*sorted), by_partition);
	for (i = 1; i < s->nr_entries; i++) {
		if (sorted[i]->partition != sorted[i - 1]->partition)
			continue;
		ps_name_partition(object, &model->partitions[sorted[i]->partition]);
		ps_find(findings, PS_SAME_ENTRY, sorted[i]->line, object,
			"put all its windows into one of them",
			"schedule %" PRIu32 " has it in line %d already", s->id,
			sorted[i - 1]->line);
	}
	free(sorted);
}

static void check_duration(const struct ps_partition *p, uint64_t period_ns, uint64_t duration_ns,
			   int line, const struct ps_told *told, struct ps_findings *findings)
{
	char object[PS_OBJECT];

	if (duration_ns <= period_ns)
		return;
	ps_name_partition(object, p);
	if (period_ns)
		ps_find(findings, PS_DURATION, line, object,
			"are the two swapped, or is one of another unit?",
			"Duration %" PRIu64 " ns is longer than its Period %" PRIu64 " ns",
			duration_ns, period_ns);
	else if (!ps_told(told, line, line + 1))
		ps_find(findings, PS_DURATION, line, object, "give it a Period, too",
			"has a Duration of %" PRIu64 " ns, but no Period", duration_ns);
}

static void check_durations(const struct ps_model *model, const struct ps_told *told,
			    struct ps_findings *findings)
{
	size_t i, j;

	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];

		check_duration(p, p->period_ns, p->duration_ns, p->period_line, told, findings);
	}
	for (i = 0; i < model->nr_schedules; i++) {
		const struct ps_schedule *s = &model->schedules[i];

		for (j = 0; j < s->nr_entries; j++) {
			const struct ps_entry *e = &s->entries[j];

			check_duration(&model->partitions[e->partition], e->period_ns,
				       e->duration_ns, e->line, told, findings);
		}
	}
}

/* Returns the number of windows, each counted once for each vCPU. */
static size_t check_planned(const struct ps_model *model, unsigned int flags,
			    const struct ps_told *told, struct ps_findings *findings)
{
	bool *used = ps_calloc(model->nr_partitions, sizeof(*used));
	size_t windows = 0, i, j;
	char object[PS_OBJECT];

	for (i = 0; i < model->nr_schedules; i++) {
		const struct ps_schedule *s = &model->schedules[i];
		int end = i + 1 < model->nr_schedules ? model->schedules[i + 1].line : INT32_MAX;

		for (j = 0; j < s->nr_windows; j++) {
			const struct ps_window *w = &s->windows[j];

			used[w->partition] = true;
			windows += w->vcpu == PS_NONE ?
				   model->partitions[w->partition].nr_vcpus : 1;
		}
		if (s->nr_windows || !model->nr_partitions || flags & PS_CHECK_UNPLANNED ||
		    ps_told(told, s->line, end > s->line ? end : s->line + 1))
			continue;
		ps_name_schedule(object, s);
		ps_find(findings, PS_NO_WINDOWS, s->line, object,
			"write windows, or let \"partctl plan\" find them from periods and durations",
			"has no windows: no partition would ever run");
	}
	if (flags & PS_CHECK_UNPLANNED)
		ps_findings_skip(findings, PS_NO_WINDOWS);
	/* without any window the schedules were told, not each partition */
	for (i = 0; i < model->nr_partitions && windows; i++) {
		const struct ps_partition *p = &model->partitions[i];

		if (used[i] || flags & PS_CHECK_UNPLANNED || !p->name || !*p->name)
			continue;	/* no window can name the nameless */
		ps_name_partition(object, p);
		ps_find(findings, PS_NO_WINDOW, p->line, object,
			"give it a window, or take it out", "has no window: it will never run");
	}
	if (flags & PS_CHECK_UNPLANNED)
		ps_findings_skip(findings, PS_NO_WINDOW);
	free(used);
	return windows;
}

/* Elements that are missing were told as such, unless others stand for them. */
static void check_empty(const struct ps_model *model, struct ps_findings *findings)
{
	if (findings->counts[PS_NO_ELEMENT])
		return;
	if (!model->nr_partitions)
		ps_find(findings, PS_EMPTY, model->line, "module", "add partitions",
			"has no partition");
	if (!model->nr_schedules)
		ps_find(findings, PS_EMPTY, model->line, "module", "add a schedule",
			"has no schedule");
}

static void check_initial(const struct ps_model *model, const struct ps_told *told,
			  struct ps_findings *findings)
{
	const struct ps_schedule *first = NULL;
	char object[PS_OBJECT];
	bool unsure = false;
	size_t i;

	for (i = 0; i < model->nr_schedules; i++) {
		const struct ps_schedule *s = &model->schedules[i];

		unsure |= ps_told(told, s->line, s->line + 1);
		if (!s->initial)
			continue;
		if (first) {
			ps_name_schedule(object, s);
			ps_find(findings, PS_INITIAL, s->line, object,
				"set InitialModuleSchedule in one of them only",
				"has InitialModuleSchedule, as schedule %" PRIu32 " in line %d has",
				first->id, first->line);
		} else {
			first = s;
		}
	}
	if (model->nr_schedules > 1 && !first && !unsure)
		ps_find(findings, PS_INITIAL, model->schedules[0].line, "module",
			"set InitialModuleSchedule=\"true\" in one of them",
			"none of %zu schedules has InitialModuleSchedule", model->nr_schedules);
}

static void check_limits(const struct ps_model *model, size_t windows,
			 struct ps_findings *findings)
{
	char object[PS_OBJECT];
	size_t i;

	if (model->nr_partitions > PARTSCHED_MAX_PARTITIONS)
		ps_find(findings, PS_TOO_MANY, model->line, "module", "split the configuration",
			"has %zu partitions; the module takes %d", model->nr_partitions,
			PARTSCHED_MAX_PARTITIONS);
	if (model->nr_schedules > PARTSCHED_MAX_SCHEDULES)
		ps_find(findings, PS_TOO_MANY, model->line, "module",
			"take some away; windows of the first ones only are looked at",
			"has %zu schedules; the module takes %d", model->nr_schedules,
			PARTSCHED_MAX_SCHEDULES);
	if (windows > PARTSCHED_MAX_WINDOWS)
		ps_find(findings, PS_TOO_MANY, model->line, "module",
			"a window counts once for each vCPU that it opens: take some away",
			"has %zu windows; the module takes %d", windows, PARTSCHED_MAX_WINDOWS);
	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];

		if (p->nr_vcpus <= PARTSCHED_MAX_VCPUS)
			continue;
		ps_name_partition(object, p);
		ps_find(findings, PS_TOO_MANY, p->line, object, "split the partition",
			"has %zu vCPUs; the module takes %d", p->nr_vcpus, PARTSCHED_MAX_VCPUS);
	}
}

/* Overlap, gaps, budgets: of windows as many as can be a plan at all. */
static void check_times(const struct ps_model *model, size_t windows, unsigned int flags,
			struct ps_findings *findings)
{
	static const enum ps_rule rules[] = {
		PS_SHORT_WINDOW, PS_BEYOND_FRAME, PS_OVERLAP, PS_SHORT_GAP, PS_PERIOD, PS_BUDGET,
		PS_SLACK, PS_CROSSES_PERIOD, PS_SAME_VCPU, PS_PERIOD_START, PS_MOVING_VCPU,
	};
	size_t i;

	if (windows > SEEN_WINDOWS) {
		for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
			ps_findings_skip(findings, rules[i]);
		return;
	}
	for (i = 0; i < model->nr_schedules && i < PARTSCHED_MAX_SCHEDULES; i++)
		ps_time_check(model, &model->schedules[i], flags, findings);
	if (flags & PS_CHECK_NO_SLACK)
		ps_findings_skip(findings, PS_SLACK);
}

void ps_model_check(struct ps_model *model, unsigned int flags, struct ps_findings *findings)
{
	struct ps_told told;
	size_t windows, i;

	model->no_slack = flags & PS_CHECK_NO_SLACK;
	ps_told_init(&told, findings);
	check_partition_identity(model, findings);
	check_schedule_identity(model, findings);
	for (i = 0; i < model->nr_schedules; i++) {
		check_window_identity(model, &model->schedules[i], findings);
		check_entries(model, &model->schedules[i], findings);
	}
	check_durations(model, &told, findings);
	windows = check_planned(model, flags, &told, findings);
	check_empty(model, findings);
	check_initial(model, &told, findings);
	check_limits(model, windows, findings);
	ps_told_free(&told);
	ps_guest_check(model, flags, findings);
	ps_network_check(model, findings);
	ps_effect_check(model, findings);
	check_times(model, windows, flags, findings);
	ps_channel_check(model, findings);
	ps_health_check(model, findings);
	findings->reached |= 1U << PS_STAGE_MODEL;
	if (flags & PS_CHECK_HOST) {
		struct ps_host *host = ps_calloc(1, sizeof(*host));

		ps_host_read(host);
		ps_host_check(model, host, flags, findings);
		free(host);
		findings->reached |= 1U << PS_STAGE_HOST;
	}
}
