// SPDX-License-Identifier: GPL-2.0
/*
 * read-part1 - Part 1 and Part 2 turned into the model
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "xml-priv.h"

static void read_partition(struct ps_place *p)
{
	struct ps_model *model = p->reader->model;
	struct ps_partition *part = ps_model_add_partition(model);
	struct ps_place child;

	part->line = p->line;
	snprintf(p->object, sizeof(p->object), "partition");
	part->name = ps_attr_title(p, "PartitionName", "partition");
	part->id = (uint32_t)ps_attr_number(p, "PartitionIdentifier",
					    ps_unread_id(model->nr_partitions - 1));
	if (!part->name) {
		part->name = ps_asprintf("partition%" PRIu32, part->id);
		snprintf(p->object, sizeof(p->object), "partition \"%s\"", part->name);
	}
	ps_read_guest(p, part);
	ps_for_each(&child, p, "Vcpu")
		ps_read_vcpu(&child, part, "Index", "Cpu");
	ps_read_vcpus_end(p, part, "Index",
			  "say where it runs: a ps:Vcpu with Index and Cpu for each vCPU");
	ps_for_each(&child, p, NULL) {
		if (ps_place_is(&child, "Sampling_Port"))
			ps_read_port(&child, part, false, NULL, "RefreshRateSeconds");
		else if (ps_place_is(&child, "Queuing_Port"))
			ps_read_port(&child, part, true, "MaxNbMessages", NULL);
	}
	ps_read_nics(p, part);
}

static void read_memory(struct ps_place *p)
{
	struct ps_place child;
	uint32_t index;

	snprintf(p->object, sizeof(p->object), "%s", p->element->name);
	index = ps_refer(p, "PartitionIdentifier", "PartitionName");
	ps_for_each(&child, p, "Memory_Requirements") {
		struct ps_region region = { .line = child.line };

		region.name = ps_attr_text(&child, "RegionName");
		region.type = ps_attr_text(&child, "Type");
		region.access = ps_attr_text(&child, "Access");
		region.bytes = ps_attr_number(&child, "SizeBytes", 0);
		region.has_address = ps_attr_given(&child, "PhysicalAddress");
		region.address = ps_attr_number(&child, "PhysicalAddress", 0);
		if (index != PS_NONE) {
			*ps_partition_add_region(&p->reader->model->partitions[index]) = region;
			continue;
		}
		free(region.name);
		free(region.type);
		free(region.access);
	}
}

static void read_partition_schedule(struct ps_place *p, struct ps_schedule *schedule,
				    size_t *windows)
{
	uint32_t index = ps_refer(p, "PartitionIdentifier", "PartitionName");
	struct ps_entry entry = { .partition = index, .line = p->line };
	struct ps_place child;

	entry.period_ns = ps_attr_number(p, "PeriodSeconds", 0);
	entry.duration_ns = ps_attr_number(p, "PeriodDurationSeconds", 0);
	entry.set_schedule = ps_attr_bool(p, "SetModuleSchedule");
	entry.has_action = ps_attr_given(p, "ScheduleChangeAction");
	entry.change_action = ps_attr_choice(p, "ScheduleChangeAction", PS_CHANGE_IGNORE);
	if (index != PS_NONE)
		*ps_schedule_add_entry(schedule) = entry;
	ps_for_each(&child, p, "Window_Schedule") {
		struct ps_window *w, got = { .partition = index, .line = child.line };

		snprintf(child.object, sizeof(child.object), "window %zu of schedule %" PRIu32,
			 ++*windows, schedule->id);
		got.offset_ns = ps_attr_number(&child, "WindowStartSeconds", UINT64_MAX);
		got.duration_ns = ps_attr_number(&child, "WindowDurationSeconds", 0);
		got.period_start = ps_attr_bool(&child, "PartitionPeriodStart");
		ps_read_window_cpu(&child, &got);
		if (index == PS_NONE)
			continue;
		w = ps_schedule_add_window(schedule);
		got.id = w->id;
		*w = got;
	}
}

static void read_schedule(struct ps_place *p)
{
	struct ps_schedule *schedule = ps_read_schedule(p, "MajorFrameSeconds");
	struct ps_place child;
	size_t windows = 0;

	ps_for_each(&child, p, "Partition_Schedule")
		read_partition_schedule(&child, schedule, &windows);
}

static void read_end(const struct ps_place *p, struct ps_end *end)
{
	end->line = p->line;
	end->pseudo = ps_place_is(p, "Pseudo_Partition");
	if (end->pseudo) {
		end->name = ps_attr_text(p, "Name");
		end->address = ps_attr_text(p, "PhysicalAddress");
		end->procedure = ps_attr_text(p, "Procedure");
	} else {
		end->partition = ps_refer(p, "PartitionIdentifier", "PartitionName");
		end->port = ps_attr_text(p, "PortName");
		end->kick = ps_attr_choice(p, "Kick", PS_KICK_NONE);
	}
}

static void read_channel(struct ps_place *p)
{
	struct ps_channel *channel = ps_model_add_channel(p->reader->model);
	struct ps_place side, child;

	snprintf(p->object, sizeof(p->object), "channel");
	channel->line = p->line;
	channel->has_id = ps_attr_given(p, "ChannelIdentifier");
	channel->id = (uint32_t)ps_attr_number(p, "ChannelIdentifier",
					       UINT32_MAX - p->reader->model->nr_channels);
	snprintf(p->object, sizeof(p->object), "channel %" PRIu32, channel->id);
	channel->name = ps_attr_title(p, "ChannelName", "channel");
	ps_for_each(&side, p, NULL) {
		bool source = ps_place_is(&side, "Source"), any = false;

		ps_for_each(&child, &side, NULL) {
			read_end(&child, source ? ps_channel_add_source(channel) :
				 ps_channel_add_destination(channel));
			any = true;
		}
		if (!any)
			ps_find(p->reader->findings, PS_NO_ELEMENT, side.line, side.object, NULL,
				"its %s has neither a Standard_Partition nor a Pseudo_Partition",
				source ? "Source" : "Destination");
	}
}

static void read_states(const struct ps_place *p, struct ps_health_table *table)
{
	struct ps_place state, child;

	ps_for_each(&state, p, "System_State_Entry") {
		uint32_t number = (uint32_t)ps_attr_number(&state, "SystemState", UINT32_MAX);
		char *description = ps_attr_text(&state, "Description");

		ps_for_each(&child, &state, NULL) {
			struct ps_health_entry *entry = ps_health_add(table);

			entry->line = child.line;
			entry->state = number;
			entry->has_state = true;
			entry->state_description = ps_strdup(description);
			entry->error = (uint32_t)ps_attr_number(&child, "ErrorIdentifier",
								UINT32_MAX);
			entry->description = ps_attr_text(&child, "Description");
			if (table->kind == PS_HEALTH_SYSTEM)
				ps_read_level(&child, entry);
			entry->action = ps_attr_choice(&child, "Action", PS_RECOVERY_NONE);
			entry->when = ps_read_when(&child);
		}
		free(description);
	}
}

static void read_health(struct ps_place *p, enum ps_health_kind kind)
{
	struct ps_health_table *table = ps_model_add_health(p->reader->model);

	snprintf(p->object, sizeof(p->object), "%s", p->element->name);
	table->line = p->line;
	table->kind = kind;
	if (kind == PS_HEALTH_MODULE)
		table->callback = ps_attr_text(p, "ModuleCallback");
	if (kind == PS_HEALTH_PARTITION) {
		table->callback = ps_attr_text(p, "PartitionCallback");
		table->partition = ps_refer(p, "PartitionIdentifier", "PartitionName");
	}
	read_states(p, table);
}

void ps_part1_read(struct ps_reader *reader, xmlNode *root)
{
	struct ps_model *model = reader->model;
	struct ps_place p, table, child;

	ps_place_root(&p, reader, root);
	model->name = ps_attr_text(&p, "ModuleName");
	model->version = ps_attr_text(&p, "ModuleVersion");
	model->identifier = ps_attr_text(&p, "ModuleId");
	ps_read_module(&p);
	ps_for_each(&child, &p, "Partition")
		read_partition(&child);
	ps_read_networks(&p);
	ps_refer_begin(reader);
	ps_for_each(&child, &p, NULL) {
		if (ps_place_is(&child, "Partition_Memory"))
			read_memory(&child);
		else if (ps_place_is(&child, "Module_Schedule"))
			read_schedule(&child);
		else if (ps_place_is(&child, "System_HM_Table"))
			read_health(&child, PS_HEALTH_SYSTEM);
		else if (ps_place_is(&child, "Module_HM_Table"))
			read_health(&child, PS_HEALTH_MODULE);
		else if (ps_place_is(&child, "Partition_HM_Table"))
			read_health(&child, PS_HEALTH_PARTITION);
	}
	if (ps_place_first(&table, &p, "Connection_Table")) {
		ps_for_each(&child, &table, "Channel")
			read_channel(&child);
	}
	ps_refer_end(reader);
}
