// SPDX-License-Identifier: GPL-2.0
/*
 * write-part1 - a model written in the dialects of ARINC 653 Part 1 and Part 2
 *
 * Both have seconds and no namespace. Part 2 adds further schedules and the
 * rights that a schedule gives.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "units.h"
#include "write-priv.h"

static bool part2(const struct ps_writer *w)
{
	return w->dialect == PS_DIALECT_PART2;
}

static void write_partition_ref(struct ps_writer *w, const struct ps_partition *p)
{
	ps_write_u64(w, "PartitionIdentifier", p->id);
	ps_write_text(w, "PartitionName", p->name);
}

static void write_port(struct ps_writer *w, const struct ps_port *port)
{
	ps_write_open(w, port->queuing ? "Queuing_Port" : "Sampling_Port");
	ps_write_text(w, "Name", port->name);
	ps_write_u64(w, "MaxMessageSize", port->message);
	ps_write_text(w, "Direction", ps_write_word(ps_direction_words, port->source));
	if (port->queuing)
		ps_write_u64(w, "MaxNbMessages", port->depth);
	else
		ps_write_seconds(w, "RefreshRateSeconds", port->refresh_ns);
	ps_write_close(w);
}

static void write_partition(struct ps_writer *w, const struct ps_partition *p)
{
	struct ps_subject subject = ps_subject_partition(p);
	size_t i;

	ps_write_open(w, "Partition");
	write_partition_ref(w, p);
	ps_write_text(w, "Criticality", ps_write_word(ps_level_words, p->criticality));
	ps_write_true(w, "SystemPartition", p->system);
	ps_write_text(w, "EntryPoint", p->entry_point);
	ps_write_guest(w, p);
	for (i = 0; i < p->nr_ports; i++)
		write_port(w, &p->ports[i]);
	if (!ps_write_pure(w))
		ps_write_vcpus(w, p);
	else if (p->cores_given)
		ps_write_lost(w, &subject, "one vCPU on CPU 1",
			      "on which CPUs its vCPUs run is lost");
	ps_write_nics(w, p);
	ps_write_close(w);
}

/* Entries of one state stand in one element; runs keep the order of the file. */
static bool same_state(const struct ps_health_entry *a, const struct ps_health_entry *b)
{
	const char *x = a->state_description, *y = b->state_description;

	return a->has_state == b->has_state && a->state == b->state &&
	       (x && y ? !strcmp(x, y) : x == y);
}

static void write_health_entries(struct ps_writer *w, const struct ps_health_table *table)
{
	struct ps_subject subject = ps_subject(table->line, "health monitor table");
	bool system = table->kind == PS_HEALTH_SYSTEM, stateless = false;
	size_t i;

	for (i = 0; i < table->nr_entries; i++) {
		const struct ps_health_entry *e = &table->entries[i];
		struct ps_subject of = ps_subject(e->line, "error %" PRIu32, e->error);

		if (!i || !same_state(e, e - 1)) {
			if (i)
				ps_write_close(w);
			ps_write_open(w, "System_State_Entry");
			ps_write_u64(w, "SystemState", e->has_state ? e->state : 0);
			ps_write_text(w, "Description", e->state_description);
		}
		stateless |= !e->has_state;
		ps_write_open(w, system ? "Error_ID_Level" : "Error_ID_Action");
		ps_write_u64(w, "ErrorIdentifier", e->error);
		ps_write_text(w, "Description", e->description);
		ps_write_health_words(w, &of, table->kind, e, "Action");
		ps_write_close(w);
	}
	if (table->nr_entries)
		ps_write_close(w);
	if (stateless)
		ps_write_lost(w, &subject, "state 0", "that its errors are of no state is lost");
	if (table->name)
		ps_write_lost(w, &subject, "none", "TableName \"%s\" is lost",
			      PS_SAFE(table->name));
}

static void write_health_table(struct ps_writer *w, const struct ps_health_table *table)
{
	static const char *const names[] = {
		[PS_HEALTH_SYSTEM] = "System_HM_Table",
		[PS_HEALTH_MODULE] = "Module_HM_Table",
		[PS_HEALTH_PARTITION] = "Partition_HM_Table",
	};

	ps_write_open(w, names[table->kind]);
	if (table->kind == PS_HEALTH_PARTITION)
		write_partition_ref(w, &w->model->partitions[table->partition]);
	ps_write_text(w, table->kind == PS_HEALTH_MODULE ? "ModuleCallback" : "PartitionCallback",
		      table->callback);
	write_health_entries(w, table);
	ps_write_close(w);
}

/* All tables of a kind; System_HM_Table and Module_HM_Table stand once. */
static void write_health(struct ps_writer *w, enum ps_health_kind kind)
{
	size_t i, nr = 0;

	for (i = 0; i < w->model->nr_health; i++) {
		const struct ps_health_table *table = &w->model->health[i];
		struct ps_subject subject = ps_subject(table->line, "health monitor table");

		if (table->kind != kind)
			continue;
		nr++;
		if (kind == PS_HEALTH_MULTI)
			ps_write_lost(w, &subject, "no table",
				      "a table of a group of partitions is lost");
		else if (kind == PS_HEALTH_PARTITION && table->partition == PS_NONE)
			ps_write_lost(w, &subject, "no table", "a table of no partition is lost");
		else if (kind != PS_HEALTH_PARTITION && nr > 1)
			ps_write_lost(w, &subject, "the first one", "a second table is lost");
		else
			write_health_table(w, table);
	}
}

static void write_regions(struct ps_writer *w, const struct ps_partition *p)
{
	char address[24];
	size_t i;

	if (!p->nr_regions)
		return;
	ps_write_open(w, "Partition_Memory");
	write_partition_ref(w, p);
	for (i = 0; i < p->nr_regions; i++) {
		const struct ps_region *r = &p->regions[i];
		struct ps_subject subject = ps_subject(r->line, "memory region of partition \"%s\"",
						       PS_SAFE(p->name));

		ps_write_open(w, "Memory_Requirements");
		ps_write_text(w, "RegionName", r->name);
		ps_write_text(w, "Type", r->type ? r->type : "DATA");
		ps_write_u64(w, "SizeBytes", r->bytes);
		snprintf(address, sizeof(address), "0x%08" PRIx64, r->address);
		ps_write_text(w, "PhysicalAddress", r->has_address ? address : NULL);
		ps_write_text(w, "Access", r->access ? r->access : "READ_WRITE");
		ps_write_close(w);
		if (!r->type)
			ps_write_lost(w, &subject, "DATA", "that no Type is given is lost");
		if (!r->access)
			ps_write_lost(w, &subject, "READ_WRITE",
				      "that no access is given is lost");
	}
	ps_write_close(w);
}

/* What the partition demands; it must be said, so what it gets is taken. */
static struct ps_periodicity demand(const struct ps_writer *w, const struct ps_schedule *s,
				    size_t partition)
{
	const struct ps_partition *p = &w->model->partitions[partition];
	struct ps_periodicity need = ps_periodicity(w->model, s, partition);
	uint64_t given_ns = ps_write_windows_ns(w->model, s, partition);
	struct ps_subject subject;
	char period[32], duration[32];
	char *seen;

	if (!given_ns || (need.period_ns && need.duration_ns))
		return need;
	if (!need.period_ns)
		need.period_ns = s->frame_ns;
	need.duration_ns = given_ns;
	subject = ps_subject(p->line, "partition \"%s\" in schedule %" PRIu32, PS_SAFE(p->name),
			     s->id);
	seen = ps_asprintf("%s s every %s s, as its windows give it",
			   ps_seconds_text(duration, sizeof(duration), need.duration_ns),
			   ps_seconds_text(period, sizeof(period), need.period_ns));
	ps_write_lost(w, &subject, seen, "that it demands no time is lost");
	free(seen);
	return need;
}

/* The next identifier that is not @taken; those that the file gives stay. */
static uint32_t free_identifier(const bool *taken, size_t nr, uint32_t *next)
{
	while (*next < nr && taken[*next])
		(*next)++;
	return (*next)++;
}

static void write_windows(struct ps_writer *w, const struct ps_schedule *s, size_t partition)
{
	/* of so many windows one of so many identifiers is free */
	size_t nr = s->nr_windows + 2, i;
	bool *taken = ps_calloc(nr, sizeof(*taken));
	uint32_t next = 1;

	for (i = 0; i < s->nr_windows; i++) {
		const struct ps_window *window = &s->windows[i];

		if (window->partition == partition && window->has_identifier &&
		    window->identifier < nr)
			taken[window->identifier] = true;
	}
	for (i = 0; i < s->nr_windows; i++) {
		const struct ps_window *window = &s->windows[i];

		if (window->partition != partition)
			continue;
		ps_write_open(w, "Window_Schedule");
		/* one must be given, but it means nothing */
		ps_write_u64(w, "WindowIdentifier", window->has_identifier ? window->identifier :
			     free_identifier(taken, nr, &next));
		ps_write_seconds(w, "WindowStartSeconds", window->offset_ns);
		ps_write_seconds(w, "WindowDurationSeconds", window->duration_ns);
		ps_write_true(w, "PartitionPeriodStart", window->period_start);
		ps_write_window_place(w, s, window);
		ps_write_close(w);
	}
	free(taken);
}

static bool set_schedule(const struct ps_partition *p, const struct ps_entry *entry)
{
	return p->set_schedule || (entry && entry->set_schedule);
}

static enum ps_change_action change_action(const struct ps_partition *p,
					   const struct ps_entry *entry)
{
	return entry && entry->has_action ? entry->change_action : p->change_action;
}

/* Part 1 has no rights and actions; nor has a partition that stands nowhere. */
static void lose_rights(const struct ps_writer *w, const struct ps_partition *p,
			const struct ps_entry *entry)
{
	struct ps_subject subject = ps_subject_partition(p);

	if (entry && entry->line)
		subject.line = entry->line;
	if (set_schedule(p, entry))
		ps_write_lost(w, &subject, "false",
			      "SetModuleSchedule, the right to change the schedule, is lost");
	if (change_action(p, entry) != PS_CHANGE_IGNORE)
		ps_write_lost(w, &subject, "IGNORE", "ScheduleChangeAction %s is lost",
			      ps_write_word(ps_change_words, change_action(p, entry)));
}

/*
 * Has the partition a place in the schedule? One that has its windows in other
 * schedules only has not: its period need not suit this one.
 */
static bool belongs(const struct ps_model *m, const struct ps_schedule *s, size_t partition)
{
	size_t i;

	if (!s->nr_windows || ps_schedule_has_windows(s, partition) || ps_schedule_entry(s, partition))
		return true;
	for (i = 0; i < m->nr_schedules; i++) {
		if (ps_schedule_has_windows(&m->schedules[i], partition) ||
		    ps_schedule_entry(&m->schedules[i], partition))
			return false;
	}
	return true;
}

static void write_partition_schedule(struct ps_writer *w, const struct ps_schedule *s,
				     size_t partition, bool *written)
{
	const struct ps_partition *p = &w->model->partitions[partition];
	const struct ps_entry *entry = ps_schedule_entry(s, partition);
	struct ps_periodicity need = demand(w, s, partition);
	struct ps_subject subject;

	if (!part2(w))
		lose_rights(w, p, entry);
	if (!need.period_ns || !need.duration_ns || !belongs(w->model, s, partition))
		return;
	/* in its only schedule the period counts, windows or not */
	if (!part2(w) && s->frame_ns % need.period_ns) {
		subject = ps_subject_partition(p);
		ps_write_lost(w, &subject, "none",
			      "Period %" PRIu64 " ns, which does not divide the major frame, is lost",
			      need.period_ns);
		return;
	}
	*written = true;
	ps_write_open(w, "Partition_Schedule");
	write_partition_ref(w, p);
	ps_write_seconds(w, "PeriodSeconds", need.period_ns);
	ps_write_seconds(w, "PeriodDurationSeconds", need.duration_ns);
	if (part2(w)) {
		ps_write_true(w, "SetModuleSchedule", set_schedule(p, entry));
		if (change_action(p, entry) != PS_CHANGE_IGNORE)
			ps_write_text(w, "ScheduleChangeAction",
				      ps_write_word(ps_change_words, change_action(p, entry)));
	}
	write_windows(w, s, partition);
	ps_write_close(w);
}

static void write_schedule(struct ps_writer *w, const struct ps_schedule *s, bool *written)
{
	struct ps_subject subject = ps_subject_schedule(s);
	size_t i;

	ps_write_open(w, "Module_Schedule");
	if (part2(w)) {
		ps_write_text(w, "ScheduleName", s->name);
		ps_write_u64(w, "ScheduleIdentifier", s->id);
		ps_write_true(w, "InitialModuleSchedule", s->initial);
	} else {
		if (s->name)
			ps_write_lost(w, &subject, "none", "ScheduleName \"%s\" is lost",
				      PS_SAFE(s->name));
		if (s->id != 1)
			ps_write_lost(w, &subject, "1", "ScheduleIdentifier %" PRIu32 " is lost",
				      s->id);
	}
	ps_write_seconds(w, "MajorFrameSeconds", s->frame_ns);
	ps_write_guard(w, s);
	for (i = 0; i < w->model->nr_partitions; i++)
		write_partition_schedule(w, s, i, &written[i]);
	ps_write_close(w);
}

static void write_schedules(struct ps_writer *w)
{
	const struct ps_model *m = w->model;
	const struct ps_schedule *initial = ps_model_initial(m);
	bool *written = ps_calloc(m->nr_partitions, sizeof(*written));
	size_t i;

	for (i = 0; i < m->nr_schedules; i++) {
		const struct ps_schedule *s = &m->schedules[i];
		struct ps_subject subject = ps_subject_schedule(s);

		if (part2(w) || s == initial)
			write_schedule(w, s, written);
		else
			ps_write_lost(w, &subject, "the initial schedule only",
				      "a further schedule is lost");
	}
	for (i = 0; part2(w) && i < m->nr_partitions; i++) {
		if (!written[i])
			lose_rights(w, &m->partitions[i], NULL);
	}
	free(written);
}

static void write_end(struct ps_writer *w, const char *name, const struct ps_end *end)
{
	struct ps_subject subject = ps_subject(end->line, "end of a channel");

	ps_write_open(w, name);
	if (end->pseudo) {
		ps_write_open(w, "Pseudo_Partition");
		ps_write_text(w, "Name", end->name);
		ps_write_text(w, "PhysicalAddress", end->address);
		ps_write_text(w, "Procedure", end->procedure);
	} else {
		ps_write_open(w, "Standard_Partition");
		write_partition_ref(w, &w->model->partitions[end->partition]);
		ps_write_text(w, "PortName", end->port);
		ps_write_own(w, &subject, true, "Kick", ps_write_kick(end->kick), "none");
	}
	ps_write_close(w);
	ps_write_close(w);
}

static void write_channels(struct ps_writer *w)
{
	const struct ps_model *m = w->model;
	size_t nr = m->nr_channels + 2, i, j;
	bool *taken = ps_calloc(nr, sizeof(*taken));
	uint32_t next = 1;

	for (i = 0; i < m->nr_channels; i++) {
		if (m->channels[i].has_id && m->channels[i].id < nr)
			taken[m->channels[i].id] = true;
	}
	if (m->nr_channels)
		ps_write_open(w, "Connection_Table");
	for (i = 0; i < m->nr_channels; i++) {
		const struct ps_channel *c = &m->channels[i];

		ps_write_open(w, "Channel");
		/* one must be given, but it means nothing */
		ps_write_u64(w, "ChannelIdentifier",
			     c->has_id ? c->id : free_identifier(taken, nr, &next));
		ps_write_text(w, "ChannelName", c->name);
		for (j = 0; j < c->nr_sources; j++)
			write_end(w, "Source", &c->sources[j]);
		for (j = 0; j < c->nr_destinations; j++)
			write_end(w, "Destination", &c->destinations[j]);
		ps_write_close(w);
	}
	if (m->nr_channels)
		ps_write_close(w);
	free(taken);
}

void ps_write_part1(struct ps_writer *w)
{
	const struct ps_model *m = w->model;
	size_t i;

	ps_write_root(w);
	ps_write_text(w, "ModuleName", m->name);
	ps_write_text(w, "ModuleVersion", m->version);
	ps_write_text(w, "ModuleId", m->identifier);
	ps_write_plan(w);
	ps_write_networks(w);
	write_health(w, PS_HEALTH_SYSTEM);
	write_health(w, PS_HEALTH_MODULE);
	write_health(w, PS_HEALTH_MULTI);
	for (i = 0; i < m->nr_partitions; i++)
		write_partition(w, &m->partitions[i]);
	write_health(w, PS_HEALTH_PARTITION);
	for (i = 0; i < m->nr_partitions; i++)
		write_regions(w, &m->partitions[i]);
	write_schedules(w);
	write_channels(w);
	ps_write_close(w);
}
