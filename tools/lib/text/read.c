// SPDX-License-Identifier: GPL-2.0
/*
 * read - what the readers of all dialects share
 */
#include <inttypes.h>
#include <stdlib.h>

#include "alloc.h"
#include "xml-priv.h"

void ps_read_module(const struct ps_place *place)
{
	struct ps_model *model = place->reader->model;

	model->line = place->line;
	model->slack_ppm = (uint32_t)ps_attr_number(place, "SlackPpm", model->slack_ppm);
	model->time_base = ps_attr_choice(place, "TimeBase", model->time_base);
	model->base_ns = ps_attr_number(place, "BaseTimeNs", 0);
	if (model->base_ns && model->time_base != PS_TIME_TAI)
		ps_find(place->reader->findings, PS_ATTRIBUTE, place->line, place->object,
			"write TimeBase=\"tai\" as well, or take it away",
			"BaseTimeNs says nothing unless the time base is TAI");
}

void ps_read_guest(const struct ps_place *place, struct ps_partition *part)
{
	part->criticality = ps_attr_choice(place, "Criticality", PS_LEVEL_NONE);
	part->system = ps_attr_bool(place, "SystemPartition");
	part->entry_point = ps_attr_text(place, "EntryPoint");
	part->binary = ps_attr_path(place, "BinaryPath");
	part->auto_start = ps_attr_bool(place, "AutoStart");
	part->memory = ps_attr_number(place, "Memory", part->memory);
	part->halt_exits = ps_attr_bool(place, "HaltExits");
	part->quantum_ns = ps_attr_number(place, "Quantum", 0);
	part->restart_limit = (uint32_t)ps_attr_number(place, "RestartLimit",
						       part->restart_limit);
	part->restart_period_ns = ps_attr_number(place, "RestartPeriodNs",
						 part->restart_period_ns);
	part->steal_limit_ns = ps_attr_number(place, "StealLimitNs", 0);
	part->kernel = ps_attr_path(place, "Kernel");
	part->initrd = ps_attr_path(place, "Initrd");
	part->command_line = ps_attr_text(place, "CommandLine");
	part->disk = ps_attr_path(place, "Disk");
	part->disk_read_only = ps_attr_bool(place, "DiskReadOnly");
	part->disk_serial = ps_attr_text(place, "DiskSerial");
	part->services = ps_attr_words(place, "Services");
	part->launcher = ps_attr_choice(place, "Launcher", part->kernel ? PS_LAUNCHER_QEMU :
					PS_LAUNCHER_PARTVM);
}

void ps_read_vcpu(const struct ps_place *place, struct ps_partition *part, const char *index,
		  const char *cpu)
{
	struct ps_vcpu *vcpu;

	if (part->nr_vcpus >= PARTSCHED_MAX_VCPUS) {
		ps_find(place->reader->findings, PS_TOO_MANY, place->line, place->object,
			"take the others out, or give them to another partition",
			"has more than %d vCPUs", PARTSCHED_MAX_VCPUS);
		return;
	}
	vcpu = ps_partition_add_vcpu(part);
	vcpu->line = place->line;
	vcpu->index = (uint32_t)ps_attr_number(place, index, part->nr_vcpus - 1);
	vcpu->cpu = (uint32_t)ps_attr_number(place, cpu, part->nr_vcpus - 1);
	vcpu->priority = (uint32_t)ps_attr_number(place, "Priority", 0);
}

static int by_index(const void *a, const void *b)
{
	const struct ps_vcpu *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

/* Affinity: the n-th CPU is that of the n-th vCPU. False: unreadable, and told. */
static bool read_affinity(const struct ps_place *place, struct ps_partition *part)
{
	size_t errors = place->reader->findings->errors;
	uint32_t cpus[PARTSCHED_MAX_VCPUS];
	size_t nr = ps_attr_cpus(place, "Affinity", cpus), i;

	/* where the vCPUs are listed one by one it was only read for its form */
	for (i = 0; !part->cores_given && i < nr; i++) {
		struct ps_vcpu *vcpu = ps_partition_add_vcpu(part);

		vcpu->index = (uint32_t)i;
		vcpu->cpu = cpus[i];
		vcpu->line = place->line;
	}
	part->cores_given = part->nr_vcpus > 0;
	return place->reader->findings->errors == errors;
}

void ps_read_vcpus_end(const struct ps_place *place, struct ps_partition *part,
		       const char *index, const char *advice)
{
	bool readable;
	size_t i;

	part->cores_given = part->nr_vcpus > 0;
	readable = read_affinity(place, part);
	if (!part->nr_vcpus) {
		ps_partition_add_vcpu(part)->cpu = 1;
		if (readable)
			ps_find(place->reader->findings, PS_NO_CORES, part->line, place->object,
				advice, "names no CPU; it gets one vCPU, on CPU 1");
	}
	qsort(part->vcpus, part->nr_vcpus, sizeof(*part->vcpus), by_index);
	for (i = 0; i < part->nr_vcpus; i++) {
		if (part->vcpus[i].index == i)
			continue;
		ps_find(place->reader->findings, PS_VCPU, part->vcpus[i].line, place->object,
			"number the vCPUs 0, 1, 2 and so on, each once",
			"%s %" PRIu32 " stands where %zu is due", index, part->vcpus[i].index, i);
		break;
	}
}

struct ps_schedule *ps_read_schedule(struct ps_place *place, const char *frame)
{
	struct ps_model *model = place->reader->model;
	struct ps_schedule *schedule = ps_model_add_schedule(model);

	snprintf(place->object, sizeof(place->object), "schedule");
	schedule->line = place->line;
	schedule->id = (uint32_t)ps_attr_number(place, "ScheduleIdentifier", model->nr_schedules);
	snprintf(place->object, sizeof(place->object), "schedule %" PRIu32, schedule->id);
	schedule->name = ps_attr_text(place, "ScheduleName");
	schedule->initial = ps_attr_bool(place, "InitialModuleSchedule");
	schedule->frame_ns = ps_attr_number(place, frame, 0);
	schedule->guard_ns = ps_attr_number(place, "Guard", 0);
	return schedule;
}

void ps_read_port(const struct ps_place *place, struct ps_partition *part, bool queuing,
		  const char *depth, const char *refresh)
{
	struct ps_port *port = ps_partition_add_port(part);

	port->line = place->line;
	port->queuing = queuing;
	port->name = ps_attr_text(place, "Name");
	if (!port->name)
		port->name = ps_strdup("");
	port->message = (uint32_t)ps_attr_number(place, "MaxMessageSize", 0);
	port->source = ps_attr_choice(place, "Direction", true);
	if (queuing)
		port->depth = (uint32_t)ps_attr_number(place, depth, 0);
	else
		port->refresh_ns = ps_attr_number(place, refresh, PS_REFRESH_NONE);
}

void ps_read_level(const struct ps_place *place, struct ps_health_entry *entry)
{
	size_t errors = place->reader->findings->errors;

	entry->level = ps_attr_choice(place, "ErrorLevel", PS_ERROR_PARTITION);
	entry->level_implied = !ps_attr_given(place, "ErrorLevel") ||
			       place->reader->findings->errors != errors;
	entry->code = ps_attr_choice(place, "ErrorCode", PS_CODE_NONE);
	entry->sources = ps_attr_words(place, "Source");
}

uint32_t ps_read_when(const struct ps_place *place)
{
	uint32_t when = ps_attr_words(place, "When");

	return when == PS_WHEN_ALL ? 0 : when;
}

void ps_read_window_cpu(const struct ps_place *place, struct ps_window *window)
{
	window->cpu = (uint32_t)ps_attr_number(place, "Cpu", PS_NONE);
	window->vcpu = (uint32_t)ps_attr_number(place, "Vcpu", PS_NONE);
	if (ps_attr_given(place, "WindowIdentifier")) {
		uint64_t id = ps_attr_number(place, "WindowIdentifier", UINT64_MAX);

		window->has_identifier = id <= UINT32_MAX;
		window->identifier = window->has_identifier ? (uint32_t)id : 0;
	}
}
