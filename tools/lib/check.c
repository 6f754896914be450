// SPDX-License-Identifier: GPL-2.0
/*
 * check - what no schema can express: identity, references, the host
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "error.h"
#include "xml-priv.h"

static void name_partition(char *buf, size_t size, const struct ps_partition *p)
{
	snprintf(buf, size, "partition \"%s\"", PS_SAFE(p->name));
}

static int by_name(const void *a, const void *b)
{
	const struct ps_partition *x = *(struct ps_partition *const *)a;
	const struct ps_partition *y = *(struct ps_partition *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int by_id(const void *a, const void *b)
{
	const struct ps_partition *x = *(struct ps_partition *const *)a;
	const struct ps_partition *y = *(struct ps_partition *const *)b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

/* Names and identifiers are each unique; sorted, for a file of many thousands. */
static void check_identity(struct ps_model *model, struct ps_findings *findings)
{
	struct ps_partition **sorted = ps_calloc(model->nr_partitions, sizeof(*sorted));
	char object[300];
	size_t i;

	for (i = 0; i < model->nr_partitions; i++)
		sorted[i] = &model->partitions[i];
	qsort(sorted, model->nr_partitions, sizeof(*sorted), by_name);
	for (i = 1; i < model->nr_partitions; i++) {
		if (!*sorted[i]->name || strcmp(sorted[i]->name, sorted[i - 1]->name))
			continue;
		name_partition(object, sizeof(object), sorted[i]);
		ps_find(findings, PS_SAME_NAME, sorted[i]->line, object, "rename one of them",
			"line %d has a partition of the same name", sorted[i - 1]->line);
	}
	qsort(sorted, model->nr_partitions, sizeof(*sorted), by_id);
	for (i = 1; i < model->nr_partitions; i++) {
		if (sorted[i]->id != sorted[i - 1]->id)
			continue;
		name_partition(object, sizeof(object), sorted[i]);
		ps_find(findings, PS_SAME_ID, sorted[i]->line, object,
			"give each partition an identifier of its own",
			"Identifier %" PRIu32 " is also that of \"%s\" in line %d", sorted[i]->id,
			PS_SAFE(sorted[i - 1]->name), sorted[i - 1]->line);
	}
	free(sorted);
}

/* Windows open all vCPUs at once, so each needs a CPU to itself. */
static void check_vcpus(const struct ps_partition *p, unsigned int flags,
			struct ps_findings *findings)
{
	char object[300], path[80], state[8] = "1";
	size_t i, j;
	FILE *file;

	name_partition(object, sizeof(object), p);
	for (i = 0; i < p->nr_vcpus; i++) {
		const struct ps_vcpu *v = &p->vcpus[i];
		int line = v->line ? v->line : p->line;

		for (j = 0; j < i; j++) {
			if (p->vcpus[j].cpu != v->cpu)
				continue;
			ps_find(findings, PS_SAME_CPU, line, object,
				"a window opens all vCPUs of a partition at once: give each a CPU of its own",
				"vCPUs %" PRIu32 " and %" PRIu32 " are both on CPU %" PRIu32,
				p->vcpus[j].index, v->index, v->cpu);
			break;
		}
		if (!(flags & PS_CHECK_HOST))
			continue;
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%" PRIu32, v->cpu);
		if (access(path, F_OK)) {
			ps_find(findings, PS_NO_CPU, line, object,
				"see /sys/devices/system/cpu/online",
				"vCPU %" PRIu32 " is on CPU %" PRIu32 ", which this host does not have",
				v->index, v->cpu);
			continue;
		}
		/* CPUs that cannot go offline have no such file */
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%" PRIu32 "/online",
			 v->cpu);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(state, sizeof(state), file) && state[0] == '0')
			ps_find(findings, PS_NO_CPU, line, object,
				"bring it online, or choose another",
				"vCPU %" PRIu32 " is on CPU %" PRIu32 ", which is offline",
				v->index, v->cpu);
		fclose(file);
	}
}

static void check_binary(const struct ps_partition *p, struct ps_findings *findings)
{
	const char *why = NULL;
	char object[300];
	struct stat st;

	if (!p->binary)
		return;
	name_partition(object, sizeof(object), p);
	if (p->launcher == PS_LAUNCHER_NONE) {
		ps_find(findings, PS_UNUSED_BINARY, p->line, object, NULL,
			"has a BinaryPath, but ps:Launcher=\"none\": nothing starts it");
		return;
	}
	if (stat(p->binary, &st) || access(p->binary, R_OK))
		why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = "not a regular file";
	if (why)
		ps_find(findings, PS_BINARY, p->line, object,
			"BinaryPath counts from the directory of the XML file",
			"its binary \"%s\": %s", PS_SAFE(p->binary), why);
}

static void check_partitions(struct ps_model *model, unsigned int flags,
			     struct ps_findings *findings)
{
	bool *used = ps_calloc(model->nr_partitions, sizeof(*used));
	size_t i, j;

	for (i = 0; i < model->nr_schedules; i++) {
		for (j = 0; j < model->schedules[i].nr_windows; j++)
			used[model->schedules[i].windows[j].partition] = true;
	}
	for (i = 0; i < model->nr_partitions; i++) {
		const struct ps_partition *p = &model->partitions[i];
		char object[300];

		name_partition(object, sizeof(object), p);
		if (!used[i] && *p->name)	/* no window can name the nameless */
			ps_find(findings, PS_NO_WINDOW, p->line, object,
				"give it a PartitionTimeWindow, or take it out",
				"has no window: it will never run");
		if (p->period_ns && p->duration_ns > p->period_ns)
			ps_find(findings, PS_DURATION, p->period_line, object,
				"both are nanoseconds; are the two swapped?",
				"Duration %" PRIu64 " is longer than its Period %" PRIu64,
				p->duration_ns, p->period_ns);
		check_vcpus(p, flags, findings);
		check_binary(p, findings);
	}
	free(used);
}

static void check_schedules(struct ps_model *model, struct ps_findings *findings)
{
	size_t i, j, initial = 0, windows = 0;
	char object[64];

	for (i = 0; i < model->nr_schedules; i++) {
		const struct ps_schedule *s = &model->schedules[i];

		snprintf(object, sizeof(object), "schedule %" PRIu32, s->id);
		initial += s->initial;
		for (j = 0; j < i && j < 1000; j++) {
			if (model->schedules[j].id != s->id)
				continue;
			ps_find(findings, PS_SAME_SCHEDULE, s->line, object,
				"give each schedule an identifier of its own",
				"line %d has a schedule of the same identifier",
				model->schedules[j].line);
			break;
		}
		if (s->initial && initial == 2)
			ps_find(findings, PS_INITIAL, s->line, object,
				"set InitialModuleSchedule in one of them only",
				"is the second one with InitialModuleSchedule");
		for (j = 0; j < s->nr_windows; j++)
			windows += model->partitions[s->windows[j].partition].nr_vcpus;
	}
	if (model->nr_schedules > 1) {
		if (!initial)
			ps_find(findings, PS_INITIAL, model->schedules[0].line, "module",
				"set InitialModuleSchedule=\"true\" in one of them",
				"none of %zu schedules has InitialModuleSchedule",
				model->nr_schedules);
		ps_find(findings, PS_SCHEDULES, model->schedules[1].line, "module",
			"keep one schedule in the file",
			"several module schedules are not supported yet");
	}
	if (model->nr_partitions > PARTSCHED_MAX_PARTITIONS)
		ps_find(findings, PS_TOO_MANY, model->line, "module", NULL,
			"%zu partitions; the module takes %d", model->nr_partitions,
			PARTSCHED_MAX_PARTITIONS);
	if (windows > PARTSCHED_MAX_WINDOWS)
		ps_find(findings, PS_TOO_MANY, model->line, "module", NULL,
			"%zu windows, counted once for each vCPU; the module takes %d", windows,
			PARTSCHED_MAX_WINDOWS);
}

void ps_model_check(struct ps_model *model, unsigned int flags, struct ps_findings *findings)
{
	size_t i;

	model->no_slack = flags & PS_CHECK_NO_SLACK;
	check_identity(model, findings);
	check_partitions(model, flags, findings);
	check_schedules(model, findings);
	for (i = 0; i < model->nr_schedules; i++)
		ps_time_check(model, &model->schedules[i], flags, findings);
}
