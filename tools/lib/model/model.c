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

static void free_ends(struct ps_end *ends, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		free(ends[i].port);
		free(ends[i].name);
		free(ends[i].address);
		free(ends[i].procedure);
	}
	free(ends);
}

static void free_channel(struct ps_channel *channel)
{
	free_ends(channel->sources, channel->nr_sources);
	free_ends(channel->destinations, channel->nr_destinations);
	free(channel->name);
}

void ps_partition_free(struct ps_partition *p)
{
	size_t i;

	for (i = 0; i < p->nr_regions; i++) {
		free(p->regions[i].name);
		free(p->regions[i].type);
		free(p->regions[i].access);
	}
	for (i = 0; i < p->nr_ports; i++)
		free(p->ports[i].name);
	for (i = 0; i < p->nr_nics; i++)
		ps_nic_free(&p->nics[i]);
	free(p->regions);
	free(p->ports);
	free(p->nics);
	free(p->vcpus);
	free(p->name);
	free(p->entry_point);
	free(p->binary);
	free(p->kernel);
	free(p->initrd);
	free(p->command_line);
	free(p->disk);
	free(p->disk_serial);
}

void ps_model_free(struct ps_model *model)
{
	size_t i;

	if (!model)
		return;
	for (i = 0; i < model->nr_health; i++)
		ps_health_free(&model->health[i]);
	for (i = 0; i < model->nr_networks; i++)
		ps_network_free(&model->networks[i]);
	for (i = 0; i < model->nr_channels; i++)
		free_channel(&model->channels[i]);
	for (i = 0; i < model->nr_schedules; i++) {
		free(model->schedules[i].name);
		free(model->schedules[i].entries);
		free(model->schedules[i].windows);
	}
	for (i = 0; i < model->nr_partitions; i++)
		ps_partition_free(&model->partitions[i]);
	free(model->health);
	free(model->networks);
	free(model->channels);
	free(model->schedules);
	free(model->partitions);
	free(model->identifier);
	free(model->version);
	free(model->name);
	free(model->dir);
	free(model->file);
	free(model);
}

struct ps_partition *ps_model_add_partition(struct ps_model *model)
{
	struct ps_partition *p = ps_grow(&model->partitions, &model->nr_partitions, sizeof(*p));

	p->auto_start = true;
	p->memory = PS_DEFAULT_MEMORY;
	p->restart_limit = PARTSCHED_DEFAULT_RESTART_LIMIT;
	p->restart_period_ns = PARTSCHED_DEFAULT_RESTART_PERIOD_NS;
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
	w->vcpu = PS_NONE;
	w->cpu = PS_NONE;
	return w;
}

struct ps_entry *ps_schedule_add_entry(struct ps_schedule *schedule)
{
	return ps_grow(&schedule->entries, &schedule->nr_entries, sizeof(struct ps_entry));
}

struct ps_port *ps_partition_add_port(struct ps_partition *partition)
{
	return ps_grow(&partition->ports, &partition->nr_ports, sizeof(struct ps_port));
}

struct ps_network *ps_model_add_network(struct ps_model *model)
{
	return ps_grow(&model->networks, &model->nr_networks, sizeof(struct ps_network));
}

struct ps_nic *ps_partition_add_nic(struct ps_partition *partition)
{
	struct ps_nic *nic = ps_grow(&partition->nics, &partition->nr_nics, sizeof(*nic));

	nic->filter = true;
	nic->broadcast = true;
	return nic;
}

struct ps_region *ps_partition_add_region(struct ps_partition *partition)
{
	return ps_grow(&partition->regions, &partition->nr_regions, sizeof(struct ps_region));
}

struct ps_end *ps_channel_add_source(struct ps_channel *channel)
{
	struct ps_end *end = ps_grow(&channel->sources, &channel->nr_sources, sizeof(*end));

	end->partition = PS_NONE;
	return end;
}

struct ps_end *ps_channel_add_destination(struct ps_channel *channel)
{
	struct ps_end *end = ps_grow(&channel->destinations, &channel->nr_destinations,
				     sizeof(*end));

	end->partition = PS_NONE;
	return end;
}

struct ps_health_table *ps_model_add_health(struct ps_model *model)
{
	struct ps_health_table *table = ps_grow(&model->health, &model->nr_health, sizeof(*table));

	table->partition = PS_NONE;
	return table;
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

long ps_model_index(const struct ps_model *model, uint32_t id)
{
	size_t i;

	for (i = 0; i < model->nr_partitions; i++) {
		if (model->partitions[i].id == id)
			return (long)i;
	}
	return -1;
}

const struct ps_port *ps_partition_port(const struct ps_partition *partition, const char *name)
{
	size_t i;

	for (i = 0; i < partition->nr_ports; i++) {
		if (partition->ports[i].name && !strcmp(partition->ports[i].name, name))
			return &partition->ports[i];
	}
	return NULL;
}

const struct ps_entry *ps_schedule_entry(const struct ps_schedule *schedule, size_t partition)
{
	size_t i;

	for (i = 0; i < schedule->nr_entries; i++) {
		if (schedule->entries[i].partition == partition)
			return &schedule->entries[i];
	}
	return NULL;
}

enum ps_change_action ps_change_action(const struct ps_model *model,
				       const struct ps_schedule *schedule, size_t partition)
{
	const struct ps_entry *entry = ps_schedule_entry(schedule, partition);

	return entry && entry->has_action ? entry->change_action :
	       model->partitions[partition].change_action;
}

bool ps_may_set_schedule(const struct ps_model *model, const struct ps_schedule *schedule,
			 size_t partition)
{
	const struct ps_entry *entry = ps_schedule_entry(schedule, partition);

	return model->partitions[partition].set_schedule || (entry && entry->set_schedule);
}

bool ps_schedule_has_windows(const struct ps_schedule *schedule, size_t partition)
{
	size_t i;

	for (i = 0; i < schedule->nr_windows; i++) {
		if (schedule->windows[i].partition == partition)
			return true;
	}
	return false;
}

struct ps_periodicity ps_periodicity(const struct ps_model *model,
				     const struct ps_schedule *schedule, size_t partition)
{
	const struct ps_entry *entry = ps_schedule_entry(schedule, partition);
	const struct ps_partition *p = &model->partitions[partition];

	if (entry && entry->period_ns)
		return (struct ps_periodicity){ entry->period_ns, entry->duration_ns,
						entry->line };
	return (struct ps_periodicity){ p->period_ns, p->duration_ns, p->period_line };
}

bool ps_window_opens(const struct ps_window *window, uint32_t vcpu)
{
	return window->vcpu == PS_NONE || window->vcpu == vcpu;
}

uint32_t ps_window_cpu(const struct ps_window *window, const struct ps_vcpu *vcpu)
{
	return window->cpu == PS_NONE ? vcpu->cpu : window->cpu;
}

const struct ps_schedule *ps_model_initial(const struct ps_model *model)
{
	size_t i;

	for (i = 0; i < model->nr_schedules; i++) {
		if (model->schedules[i].initial)
			return &model->schedules[i];
	}
	return model->nr_schedules ? &model->schedules[0] : NULL;
}

bool ps_partition_supervised(const struct ps_partition *partition)
{
	switch (partition->launcher) {
	case PS_LAUNCHER_PARTVM:
		return partition->binary;
	case PS_LAUNCHER_QEMU:
		return partition->kernel;
	default:
		return false;
	}
}

bool ps_partition_starts(const struct ps_partition *partition)
{
	return ps_partition_supervised(partition) && partition->auto_start;
}

bool ps_partition_initialises(const struct ps_partition *partition)
{
	return partition->services & PS_SERVICE_MODE || (ps_partition_supervised(partition) &&
		partition->launcher == PS_LAUNCHER_QEMU);
}
