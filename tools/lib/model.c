// SPDX-License-Identifier: GPL-2.0
/*
 * model - a plan as plain data
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

struct ps_model *ps_model_new(const char *file)
{
	struct ps_model *model = ps_calloc(1, sizeof(*model));

	model->file = ps_strdup(file);
	model->slack_ppm = PARTSCHED_DEFAULT_SLACK_PPM;
	return model;
}

void ps_model_free(struct ps_model *model)
{
	size_t i;

	if (!model)
		return;
	for (i = 0; i < model->nr_channels; i++)
		free(model->channels[i].name);
	for (i = 0; i < model->nr_schedules; i++) {
		free(model->schedules[i].name);
		free(model->schedules[i].windows);
	}
	for (i = 0; i < model->nr_partitions; i++) {
		free(model->partitions[i].name);
		free(model->partitions[i].binary);
		free(model->partitions[i].vcpus);
	}
	free(model->channels);
	free(model->schedules);
	free(model->partitions);
	free(model->name);
	free(model->file);
	free(model);
}

struct ps_partition *ps_model_add_partition(struct ps_model *model)
{
	struct ps_partition *p = ps_grow(&model->partitions, &model->nr_partitions, sizeof(*p));

	p->auto_start = true;
	p->memory = PS_DEFAULT_MEMORY;
	return p;
}

struct ps_vcpu *ps_partition_add_vcpu(struct ps_partition *partition)
{
	return ps_grow(&partition->vcpus, &partition->nr_vcpus, sizeof(struct ps_vcpu));
}

struct ps_schedule *ps_model_add_schedule(struct ps_model *model)
{
	return ps_grow(&model->schedules, &model->nr_schedules, sizeof(struct ps_schedule));
}

struct ps_window *ps_schedule_add_window(struct ps_schedule *schedule)
{
	uint32_t id = (uint32_t)schedule->nr_windows;
	struct ps_window *w = ps_grow(&schedule->windows, &schedule->nr_windows, sizeof(*w));

	w->id = id;
	return w;
}

struct ps_channel *ps_model_add_channel(struct ps_model *model)
{
	return ps_grow(&model->channels, &model->nr_channels, sizeof(struct ps_channel));
}

long ps_model_find(const struct ps_model *model, const char *name)
{
	size_t i;

	for (i = 0; i < model->nr_partitions; i++) {
		if (model->partitions[i].name && !strcmp(model->partitions[i].name, name))
			return (long)i;
	}
	return -1;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool ps_partition_equal(const struct ps_partition *a, const struct ps_partition *b)
{
	size_t i;

	if (a->id != b->id || !same_text(a->name, b->name) || !same_text(a->binary, b->binary) ||
	    a->auto_start != b->auto_start || a->launcher != b->launcher ||
	    a->memory != b->memory || a->halt_exits != b->halt_exits ||
	    a->nr_vcpus != b->nr_vcpus)
		return false;
	for (i = 0; i < a->nr_vcpus; i++) {
		if (a->vcpus[i].index != b->vcpus[i].index || a->vcpus[i].cpu != b->vcpus[i].cpu)
			return false;
	}
	return true;
}

bool ps_partition_starts(const struct ps_partition *partition)
{
	return partition->binary && partition->auto_start &&
	       partition->launcher == PS_LAUNCHER_PARTVM;
}
