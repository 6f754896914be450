// SPDX-License-Identifier: GPL-2.0
/*
 * read-2015 - the schema of 2015, mumu's dialect and our own turned into the
 * model: partitions and schedules
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "xml-priv.h"

static void read_ports(const struct ps_place *p, struct ps_partition *part,
		       enum ps_dialect dialect)
{
	const char *depth = dialect == PS_DIALECT_2015 ? "MaxNbMessage" : "MaxNbMessages";
	struct ps_place port, child;

	ps_for_each(&port, p, "PartitionPort") {
		ps_for_each(&child, &port, NULL)
			ps_read_port(&child, part, ps_place_is(&child, "QueuingPort"), depth,
				     "RefreshRate");
	}
}

static void read_regions(const struct ps_place *p, struct ps_partition *part)
{
	struct ps_place child;

	ps_for_each(&child, p, "MemoryRegion") {
		struct ps_region *region = ps_partition_add_region(part);

		region->line = child.line;
		region->name = ps_attr_text(&child, "Name");
		region->type = ps_attr_text(&child, "Type");
		region->access = ps_attr_text(&child, "AccessRights");
		region->bytes = ps_attr_number(&child, "Size", 0);
		region->has_address = ps_attr_given(&child, "Address");
		region->address = ps_attr_number(&child, "Address", 0);
	}
}

static void read_vcpus(const struct ps_place *p, const struct ps_place *definition,
		       struct ps_partition *part)
{
	struct ps_place affinity, child;

	if (p->reader->dialect != PS_DIALECT_MUMU) {
		ps_for_each(&child, p, "Vcpu")
			ps_read_vcpu(&child, part, "Index", "Cpu");
		ps_read_vcpus_end(definition, part, "Index",
				  p->reader->dialect == PS_DIALECT_NATIVE ?
				  "say where it runs: a Vcpu with Index and Cpu for each vCPU" :
				  "say where it runs: Affinity, or a ps:Vcpu for each vCPU");
		return;
	}
	if (ps_place_first(&affinity, p, "CoreAffinity")) {
		ps_for_each(&child, &affinity, "CoreMapping")
			ps_read_vcpu(&child, part, "LogicalCoreId", "PhysicalCoreId");
	}
	ps_read_vcpus_end(definition, part, "LogicalCoreId",
			  "say where it runs: CoreAffinity with a CoreMapping for each vCPU");
}

static void read_partition(struct ps_place *p)
{
	struct ps_model *model = p->reader->model;
	struct ps_place definition, child;
	struct ps_partition *part;

	if (!ps_place_first(&definition, p, "PartitionDefinition"))
		return;
	part = ps_model_add_partition(model);
	part->line = definition.line;
	snprintf(definition.object, sizeof(definition.object), "partition");
	part->name = ps_attr_title(&definition, "Name", "partition");
	if (!part->name)
		part->name = ps_strdup("");
	snprintf(p->object, sizeof(p->object), "%s", definition.object);
	part->id = (uint32_t)ps_attr_number(&definition, "Identifier",
					    ps_unread_id(model->nr_partitions - 1));
	part->set_schedule = ps_attr_bool(&definition, "SetModuleSchedule");
	part->change_action = ps_attr_choice(&definition, "ScheduleChangeAction",
					     PS_CHANGE_IGNORE);
	ps_read_guest(&definition, part);
	if (ps_place_first(&child, p, "PartitionPeriodicity")) {
		part->period_line = child.line;
		part->period_ns = ps_attr_number(&child, "Period", 0);
		part->duration_ns = ps_attr_number(&child, "Duration", 0);
	}
	read_vcpus(p, &definition, part);
	if (ps_place_first(&child, p, "PartitionPorts"))
		read_ports(&child, part, p->reader->dialect);
	if (ps_place_first(&child, p, "MemoryRegions"))
		read_regions(&child, part);
	ps_read_nics(p, part);
}

static void read_entry(const struct ps_place *p, struct ps_schedule *schedule)
{
	uint32_t index = ps_refer(p, NULL, "PartitionNameRef");
	struct ps_entry entry = { .partition = index, .line = p->line };

	entry.period_ns = ps_attr_number(p, "Period", 0);
	entry.duration_ns = ps_attr_number(p, "Duration", 0);
	entry.set_schedule = ps_attr_bool(p, "SetModuleSchedule");
	entry.has_action = ps_attr_given(p, "ScheduleChangeAction");
	entry.change_action = ps_attr_choice(p, "ScheduleChangeAction", PS_CHANGE_IGNORE);
	if (index != PS_NONE)
		*ps_schedule_add_entry(schedule) = entry;
}

static void read_window(const struct ps_place *p, struct ps_schedule *schedule)
{
	struct ps_window *w, got = { .line = p->line };
	uint32_t index;

	got.offset_ns = ps_attr_number(p, "Offset", UINT64_MAX);
	got.duration_ns = ps_attr_number(p, "Duration", 0);
	got.period_start = ps_attr_bool(p, "PeriodicProcessingStart");
	ps_read_window_cpu(p, &got);
	index = ps_refer(p, NULL, "PartitionNameRef");
	if (index == PS_NONE)
		return;
	w = ps_schedule_add_window(schedule);
	got.id = w->id;
	got.partition = index;
	*w = got;
}

static void read_schedule(struct ps_place *p)
{
	struct ps_schedule *schedule = ps_read_schedule(p, "MajorFrameDuration");
	struct ps_place child;
	size_t windows = 0;

	ps_for_each(&child, p, NULL) {
		if (ps_place_is(&child, "ScheduleEntry")) {
			read_entry(&child, schedule);
			continue;
		}
		snprintf(child.object, sizeof(child.object), "window %zu of schedule %" PRIu32,
			 ++windows, schedule->id);
		read_window(&child, schedule);
	}
}

static void read_root(const struct ps_place *p)
{
	struct ps_model *model = p->reader->model;

	if (p->reader->dialect == PS_DIALECT_MUMU) {
		model->name = ps_attr_text(p, "ModuleName");
		if (!model->name)
			model->name = ps_attr_text(p, "Name");
		model->version = ps_attr_text(p, "ModuleVersion");
		model->identifier = ps_attr_text(p, "ModuleId");
	} else {
		model->name = ps_attr_text(p, "Name");
		model->version = ps_attr_text(p, "Version");
		model->identifier = ps_attr_text(p, "Identifier");
	}
	ps_read_module(p);
}

void ps_2015_read(struct ps_reader *reader, xmlNode *root)
{
	struct ps_place p, list, child;

	ps_place_root(&p, reader, root);
	read_root(&p);
	if (ps_place_first(&list, &p, "Partitions")) {
		ps_for_each(&child, &list, "Partition")
			read_partition(&child);
	}
	ps_read_networks(&p);
	ps_refer_begin(reader);
	ps_for_each(&child, &p, "Schedules")
		read_schedule(&child);
	ps_2015_read_channels(&p);
	ps_2015_read_health(&p);
	ps_refer_end(reader);
}
