// SPDX-License-Identifier: GPL-2.0
/*
 * write-2015 - a model written in the dialect of 2015, in mumu's, in our own
 *
 * All three have nanoseconds, the same partitions and the same flat windows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "write-2015.h"

static bool mumu(const struct ps_writer *w)
{
	return w->dialect == PS_DIALECT_MUMU;
}

/* Is what the dialect of 2015 lacks an attribute of ours? In the others it is plain. */
static bool own_in_2015(const struct ps_writer *w)
{
	return w->dialect == PS_DIALECT_2015;
}

/* The standard has one schedule; more stand only in our own words. */
static bool only_initial(const struct ps_writer *w)
{
	return own_in_2015(w) && ps_write_pure(w);
}

static void write_definition(struct ps_writer *w, const struct ps_partition *p)
{
	struct ps_subject subject = ps_subject_partition(p);
	bool own = own_in_2015(w);
	char *cpus = ps_strdup(""), *longer;
	size_t i;

	ps_write_open(w, "PartitionDefinition");
	ps_write_u64(w, "Identifier", p->id);
	ps_write_text(w, "Name", p->name);
	if (own && p->cores_given) {
		for (i = 0; i < p->nr_vcpus; i++) {
			longer = ps_asprintf("%s%s%" PRIu32, cpus, i ? " " : "", p->vcpus[i].cpu);
			free(cpus);
			cpus = longer;
		}
		ps_write_text(w, "Affinity", cpus);
	}
	free(cpus);
	ps_write_own(w, &subject, own, "Criticality",
		     ps_write_word(ps_level_words, p->criticality), "none");
	ps_write_own(w, &subject, own, "SystemPartition", p->system ? "true" : NULL, "false");
	ps_write_own(w, &subject, own, "EntryPoint", p->entry_point, "none");
	ps_write_own(w, &subject, own, "SetModuleSchedule", p->set_schedule ? "true" : NULL,
		     "false");
	if (p->change_action != PS_CHANGE_IGNORE)
		ps_write_own(w, &subject, own, "ScheduleChangeAction",
			     ps_write_word(ps_change_words, p->change_action), "IGNORE");
	ps_write_guest(w, p);
	ps_write_close(w);
}

static bool has_priority(const struct ps_partition *p)
{
	size_t i;

	for (i = 0; i < p->nr_vcpus; i++) {
		if (p->vcpus[i].priority)
			return true;
	}
	return false;
}

static void write_cores(struct ps_writer *w, const struct ps_partition *p)
{
	size_t i;

	if (!p->cores_given)
		return;
	ps_write_open(w, "CoreAffinity");
	for (i = 0; i < p->nr_vcpus; i++) {
		const struct ps_vcpu *v = &p->vcpus[i];
		struct ps_subject subject = ps_subject(v->line,
						       "vCPU %" PRIu32 " of partition \"%s\"",
						       v->index, PS_SAFE(p->name));

		ps_write_open(w, "CoreMapping");
		ps_write_u64(w, "LogicalCoreId", v->index);
		ps_write_u64(w, "PhysicalCoreId", v->cpu);
		if (v->priority)
			ps_write_own(w, &subject, true, "Priority", PS_DECIMAL(v->priority),
				     "none");
		ps_write_close(w);
	}
	ps_write_close(w);
}

static void write_ports(struct ps_writer *w, const struct ps_partition *p)
{
	size_t i;

	if (!p->nr_ports)
		return;
	ps_write_open(w, "PartitionPorts");
	for (i = 0; i < p->nr_ports; i++) {
		const struct ps_port *port = &p->ports[i];

		ps_write_open(w, "PartitionPort");
		ps_write_open(w, port->queuing ? "QueuingPort" : "SamplingPort");
		ps_write_text(w, "Name", port->name);
		ps_write_u64(w, "MaxMessageSize", port->message);
		ps_write_text(w, "Direction", ps_write_word(ps_direction_words, port->source));
		if (port->queuing)
			ps_write_u64(w, ps_write_native(w) ? "MaxNbMessages" : "MaxNbMessage",
				     port->depth);
		else if (port->refresh_ns != PS_REFRESH_NONE)
			ps_write_u64(w, "RefreshRate", port->refresh_ns);
		ps_write_close(w);
		ps_write_close(w);
	}
	ps_write_close(w);
}

static void write_regions(struct ps_writer *w, const struct ps_partition *p)
{
	struct ps_subject subject = ps_subject_partition(p);
	char address[24];
	size_t i;

	if (!p->nr_regions)
		return;
	if (mumu(w)) {
		ps_write_lost(w, &subject, "none", "its memory regions (%zu) are lost",
			      p->nr_regions);
		return;
	}
	ps_write_open(w, "MemoryRegions");
	for (i = 0; i < p->nr_regions; i++) {
		const struct ps_region *r = &p->regions[i];

		ps_write_open(w, "MemoryRegion");
		ps_write_text(w, "Name", r->name);
		ps_write_text(w, "Type", r->type);
		ps_write_u64(w, "Size", r->bytes);
		ps_write_text(w, "AccessRights", r->access);
		snprintf(address, sizeof(address), "0x%08" PRIx64, r->address);
		ps_write_text(w, "Address", r->has_address ? address : NULL);
		ps_write_close(w);
	}
	ps_write_close(w);
}

static void write_partition(struct ps_writer *w, const struct ps_partition *p,
			    const struct ps_periodicity *need)
{
	struct ps_subject subject = ps_subject_partition(p);

	ps_write_open(w, "Partition");
	write_definition(w, p);
	if (need->period_ns) {
		ps_write_open(w, "PartitionPeriodicity");
		ps_write_u64(w, "Period", need->period_ns);
		ps_write_u64(w, "Duration", need->duration_ns);
		ps_write_close(w);
	}
	if (mumu(w)) {
		write_cores(w, p);
	} else {
		write_ports(w, p);
		write_regions(w, p);
		if (ps_write_native(w) || (has_priority(p) && !ps_write_pure(w)))
			ps_write_vcpus(w, p);
		else if (has_priority(p))
			ps_write_lost(w, &subject, "none", "priorities of its vCPUs are lost");
	}
	if (mumu(w))
		write_regions(w, p);
	ps_write_nics(w, p);
	ps_write_close(w);
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* The frame that a reader derives; it need not be right beyond the real one. */
static uint64_t common_multiple(const struct ps_periodicity *needs, size_t nr, uint64_t most)
{
	uint64_t frame = 0;
	size_t i;

	for (i = 0; i < nr && frame <= most; i++) {
		if (!needs[i].period_ns)
			continue;
		frame = frame ? frame / gcd(frame, needs[i].period_ns) * needs[i].period_ns :
			needs[i].period_ns;
	}
	return frame;
}

/* Without windows a period need not divide the frame, but a reader would count it. */
static void drop_periods(const struct ps_writer *w, const struct ps_schedule *s,
			 struct ps_periodicity *needs)
{
	size_t i;

	for (i = 0; i < w->model->nr_partitions; i++) {
		struct ps_subject subject = ps_subject_partition(&w->model->partitions[i]);

		if (!needs[i].period_ns || !(s->frame_ns % needs[i].period_ns))
			continue;
		ps_write_lost(w, &subject, "none",
			      "Period %" PRIu64 ", which does not divide the major frame, is lost",
			      needs[i].period_ns);
		needs[i].period_ns = 0;
		needs[i].duration_ns = 0;
	}
}

/*
 * The standard of 2015 has no major frame: a reader takes the least common
 * multiple of the periods. Where that is another one, a partition has to
 * demand the same share of time once a frame.
 */
static void keep_frame(const struct ps_writer *w, const struct ps_schedule *s,
		       struct ps_periodicity *needs)
{
	const struct ps_model *m = w->model;
	struct ps_subject subject;
	size_t i, chosen = m->nr_partitions;
	bool has_windows = false;
	uint64_t given_ns;
	char *seen;

	if (common_multiple(needs, m->nr_partitions, s->frame_ns) == s->frame_ns)
		return;
	drop_periods(w, s, needs);
	subject = ps_subject_schedule(s);
	/* one with windows, best one that demands nothing yet; else one with a period */
	for (i = 0; i < m->nr_partitions; i++) {
		given_ns = ps_write_windows_ns(m, s, i);
		if (!given_ns && (has_windows || !needs[i].period_ns))
			continue;
		if (chosen == m->nr_partitions || (given_ns && !has_windows) ||
		    (needs[chosen].period_ns && !needs[i].period_ns))
			chosen = i;
		has_windows |= given_ns;
	}
	if (chosen == m->nr_partitions) {
		ps_write_lost(w, &subject, "none, and no period to derive one from",
			      "MajorFrameDuration %" PRIu64 " is lost",
			      s->frame_ns);
		return;
	}
	given_ns = ps_write_windows_ns(m, s, chosen);
	if (needs[chosen].period_ns)
		given_ns = needs[chosen].duration_ns * (s->frame_ns / needs[chosen].period_ns);
	needs[chosen].period_ns = s->frame_ns;
	needs[chosen].duration_ns = given_ns;
	seen = ps_asprintf("it only as the Period of partition \"%s\", with Duration %" PRIu64,
			   PS_SAFE(m->partitions[chosen].name), given_ns);
	ps_write_lost(w, &subject, seen, "MajorFrameDuration %" PRIu64 " is lost", s->frame_ns);
	free(seen);
}

/*
 * What a partition demands, without entries of ours: what all schedules agree
 * on. A period that one of them breaks would make the file invalid.
 */
static struct ps_periodicity agreed(const struct ps_writer *w, size_t partition)
{
	const struct ps_model *m = w->model;
	const struct ps_partition *p = &m->partitions[partition];
	struct ps_periodicity all = { p->period_ns, p->duration_ns, p->period_line }, one;
	struct ps_subject subject;
	size_t i;

	if (only_initial(w) || m->nr_schedules == 1)
		return ps_periodicity(m, ps_model_initial(m), partition);
	for (i = 0; i < m->nr_schedules; i++) {
		one = ps_periodicity(m, &m->schedules[i], partition);
		if (one.period_ns == all.period_ns && one.duration_ns == all.duration_ns)
			continue;
		subject = ps_subject_partition(p);
		ps_write_lost(w, &subject, "none",
			      "its periods, which differ between the schedules, are lost");
		return (struct ps_periodicity){ 0 };
	}
	return all;
}

static void write_partitions(struct ps_writer *w)
{
	const struct ps_model *m = w->model;
	const struct ps_schedule *initial = ps_model_initial(m);
	struct ps_periodicity *needs = ps_calloc(m->nr_partitions, sizeof(*needs));
	size_t i;

	for (i = 0; i < m->nr_partitions; i++) {
		const struct ps_partition *p = &m->partitions[i];

		needs[i] = initial && ps_write_pure(w) ? agreed(w, i) :
			   (struct ps_periodicity){ p->period_ns, p->duration_ns, p->period_line };
	}
	if (initial && only_initial(w))
		keep_frame(w, initial, needs);
	ps_write_open(w, "Partitions");
	for (i = 0; i < m->nr_partitions; i++)
		write_partition(w, &m->partitions[i], &needs[i]);
	ps_write_close(w);
	free(needs);
}

static void write_entry(struct ps_writer *w, const struct ps_schedule *s,
			const struct ps_entry *entry)
{
	const struct ps_partition *p = &w->model->partitions[entry->partition];
	struct ps_subject subject = ps_subject(entry->line ? entry->line : s->line,
					       "partition \"%s\" in schedule %" PRIu32,
					       PS_SAFE(p->name), s->id);

	if (ps_write_pure(w)) {
		/* its periods were looked at with the partitions */
		if (entry->set_schedule || entry->has_action)
			ps_write_lost(w, &subject, "the partition's own",
				      "rights and actions in this schedule alone are lost");
		return;
	}
	ps_write_open_own(w, "ScheduleEntry");
	ps_write_text(w, "PartitionNameRef", p->name);
	if (entry->period_ns)
		ps_write_u64(w, "Period", entry->period_ns);
	if (entry->duration_ns)
		ps_write_u64(w, "Duration", entry->duration_ns);
	ps_write_true(w, "SetModuleSchedule", entry->set_schedule);
	if (entry->has_action)
		ps_write_text(w, "ScheduleChangeAction",
			      ps_write_word(ps_change_words, entry->change_action));
	ps_write_close(w);
}

static void write_schedule(struct ps_writer *w, const struct ps_schedule *s, size_t index)
{
	struct ps_subject subject = ps_subject_schedule(s);
	bool own = own_in_2015(w);
	/* a reader derives the same from the same periods */
	bool derived = s->derived && w->model->nr_schedules == 1 && !mumu(w);
	size_t i;

	ps_write_open(w, "Schedules");
	if (!only_initial(w) && !derived)
		ps_write_own(w, &subject, own, "MajorFrameDuration", PS_DECIMAL(s->frame_ns),
			     NULL);
	/* what a reader would take anyway is not worth a word of ours */
	if (!own || s->id != index + 1)
		ps_write_own(w, &subject, own, "ScheduleIdentifier", PS_DECIMAL(s->id), "1");
	ps_write_own(w, &subject, own, "ScheduleName", s->name, "none");
	if (s->initial && !only_initial(w) && (!own || w->model->nr_schedules > 1))
		ps_write_own(w, &subject, own, "InitialModuleSchedule", "true", NULL);
	ps_write_guard(w, s);
	for (i = 0; i < s->nr_entries; i++)
		write_entry(w, s, &s->entries[i]);
	for (i = 0; i < s->nr_windows; i++) {
		const struct ps_window *window = &s->windows[i];

		ps_write_open(w, "PartitionTimeWindow");
		ps_write_text(w, "PartitionNameRef", w->model->partitions[window->partition].name);
		ps_write_u64(w, "Offset", window->offset_ns);
		ps_write_u64(w, "Duration", window->duration_ns);
		ps_write_true(w, "PeriodicProcessingStart", window->period_start);
		if (window->has_identifier)
			ps_write_u64(w, "WindowIdentifier", window->identifier);
		ps_write_window_place(w, s, window);
		ps_write_close(w);
	}
	ps_write_close(w);
}

static void write_schedules(struct ps_writer *w)
{
	const struct ps_model *m = w->model;
	const struct ps_schedule *initial = ps_model_initial(m);
	size_t i;

	for (i = 0; i < m->nr_schedules; i++) {
		const struct ps_schedule *s = &m->schedules[i];
		struct ps_subject subject = ps_subject_schedule(s);

		if (!only_initial(w) || s == initial)
			write_schedule(w, s, only_initial(w) ? 0 : i);
		else
			ps_write_lost(w, &subject, "the initial schedule only",
				      "a further schedule is lost");
	}
}

void ps_write_2015(struct ps_writer *w)
{
	const struct ps_model *m = w->model;
	struct ps_subject subject = ps_subject(m->line, "module");

	ps_write_root(w);
	if (mumu(w)) {
		ps_write_text(w, "xmlns:xmi", "http://www.omg.org/XMI");
		ps_write_text(w, "xmi:version", "2.0");
		ps_write_text(w, "ModuleName", m->name);
		ps_write_text(w, "ModuleVersion", m->version);
		ps_write_text(w, "ModuleId", m->identifier);
	} else {
		ps_write_text(w, "Name", m->name);
		ps_write_own(w, &subject, true, "Version", m->version, "none");
		ps_write_own(w, &subject, true, "Identifier", m->identifier, "none");
	}
	ps_write_plan(w);
	ps_write_networks(w);
	write_partitions(w);
	write_schedules(w);
	if (mumu(w))
		ps_write_connections(w);
	else
		ps_write_channels(w);
	ps_write_health(w);
	ps_write_close(w);
}
