/* SPDX-License-Identifier: GPL-2.0 */
/*
 * convert-print - all that a model holds, as text to compare
 *
 * For the unit test of what is written: what the writer forgets, this does not.
 */
#ifndef CONVERT_PRINT_H
#define CONVERT_PRINT_H

#include <stdio.h>

#include "model.h"

static void print_text(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=%s", name, text ? text : "(none)");
}

static void print_number(FILE *out, const char *name, uint64_t number)
{
	fprintf(out, " %s=%llu", name, (unsigned long long)number);
}

static void print_partition(FILE *out, const struct ps_partition *p)
{
	size_t i;

	fprintf(out, "partition");
	print_number(out, "id", p->id);
	print_text(out, "name", p->name);
	print_number(out, "criticality", p->criticality);
	print_number(out, "system", p->system);
	print_text(out, "entry_point", p->entry_point);
	print_text(out, "binary", p->binary);
	print_text(out, "kernel", p->kernel);
	print_text(out, "initrd", p->initrd);
	print_text(out, "command_line", p->command_line);
	print_text(out, "disk", p->disk);
	print_number(out, "disk_read_only", p->disk_read_only);
	print_text(out, "disk_serial", p->disk_serial);
	print_number(out, "auto_start", p->auto_start);
	print_number(out, "launcher", p->launcher);
	print_number(out, "set_schedule", p->set_schedule);
	print_number(out, "change_action", p->change_action);
	print_number(out, "services", p->services);
	print_number(out, "period", p->period_ns);
	print_number(out, "duration", p->duration_ns);
	print_number(out, "memory", p->memory);
	print_number(out, "halt_exits", p->halt_exits);
	print_number(out, "quantum", p->quantum_ns);
	print_number(out, "restart_limit", p->restart_limit);
	print_number(out, "restart_period", p->restart_period_ns);
	print_number(out, "steal_limit", p->steal_limit_ns);
	print_number(out, "cores_given", p->cores_given);
	for (i = 0; i < p->nr_vcpus; i++)
		fprintf(out, "\n  vcpu %u on %u priority %u", p->vcpus[i].index, p->vcpus[i].cpu,
			p->vcpus[i].priority);
	for (i = 0; i < p->nr_regions; i++) {
		fprintf(out, "\n  region");
		print_text(out, "name", p->regions[i].name);
		print_text(out, "type", p->regions[i].type);
		print_text(out, "access", p->regions[i].access);
		print_number(out, "bytes", p->regions[i].bytes);
		print_number(out, "address", p->regions[i].address);
		print_number(out, "has_address", p->regions[i].has_address);
	}
	for (i = 0; i < p->nr_nics; i++) {
		char mac[PS_MAC_TEXT];

		fprintf(out, "\n  nic");
		print_text(out, "name", p->nics[i].name);
		print_text(out, "network", p->nics[i].network);
		print_text(out, "mac", ps_mac_text(p->nics[i].mac, mac));
		print_number(out, "has_mac", p->nics[i].has_mac);
		print_number(out, "filter", p->nics[i].filter);
		print_number(out, "broadcast", p->nics[i].broadcast);
		print_number(out, "isolated", p->nics[i].isolated);
		print_number(out, "vhost", p->nics[i].vhost);
	}
	for (i = 0; i < p->nr_ports; i++) {
		fprintf(out, "\n  port");
		print_text(out, "name", p->ports[i].name);
		print_number(out, "queuing", p->ports[i].queuing);
		print_number(out, "source", p->ports[i].source);
		print_number(out, "message", p->ports[i].message);
		print_number(out, "depth", p->ports[i].depth);
		print_number(out, "refresh", p->ports[i].refresh_ns);
	}
	putc('\n', out);
}

static void print_schedule(FILE *out, const struct ps_schedule *s)
{
	size_t i;

	fprintf(out, "schedule");
	print_number(out, "id", s->id);
	print_text(out, "name", s->name);
	print_number(out, "frame", s->frame_ns);
	print_number(out, "initial", s->initial);
	print_number(out, "guard", s->guard_ns);
	for (i = 0; i < s->nr_entries; i++) {
		fprintf(out, "\n  entry");
		print_number(out, "partition", s->entries[i].partition);
		print_number(out, "period", s->entries[i].period_ns);
		print_number(out, "duration", s->entries[i].duration_ns);
		print_number(out, "set_schedule", s->entries[i].set_schedule);
		print_number(out, "change_action", s->entries[i].change_action);
		print_number(out, "has_action", s->entries[i].has_action);
	}
	for (i = 0; i < s->nr_windows; i++) {
		fprintf(out, "\n  window");
		if (s->windows[i].has_identifier)
			print_number(out, "identifier", s->windows[i].identifier);
		print_number(out, "partition", s->windows[i].partition);
		print_number(out, "vcpu", s->windows[i].vcpu);
		print_number(out, "cpu", s->windows[i].cpu);
		print_number(out, "period_start", s->windows[i].period_start);
		print_number(out, "offset", s->windows[i].offset_ns);
		print_number(out, "duration", s->windows[i].duration_ns);
	}
	putc('\n', out);
}

static void print_ends(FILE *out, const char *what, const struct ps_end *ends, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		fprintf(out, "\n  %s", what);
		print_number(out, "partition", ends[i].partition);
		print_text(out, "port", ends[i].port);
		print_number(out, "pseudo", ends[i].pseudo);
		print_text(out, "name", ends[i].name);
		print_text(out, "address", ends[i].address);
		print_text(out, "procedure", ends[i].procedure);
		print_number(out, "kick", ends[i].kick);
	}
}

static void print_table(FILE *out, const struct ps_health_table *table)
{
	size_t i;

	fprintf(out, "table");
	print_number(out, "kind", table->kind);
	print_number(out, "partition", table->partition);
	print_text(out, "name", table->name);
	print_text(out, "callback", table->callback);
	for (i = 0; i < table->nr_members; i++)
		print_number(out, "member", table->members[i]);
	for (i = 0; i < table->nr_entries; i++) {
		const struct ps_health_entry *e = &table->entries[i];

		fprintf(out, "\n  error");
		print_number(out, "id", e->error);
		print_number(out, "state", e->state);
		print_number(out, "has_state", e->has_state);
		print_text(out, "description", e->description);
		print_text(out, "state_description", e->state_description);
		print_number(out, "level", e->level);
		print_number(out, "code", e->code);
		print_number(out, "action", e->action);
		print_number(out, "sources", e->sources);
		print_number(out, "when", e->when);
	}
	putc('\n', out);
}

/* All that a model holds but lines; knows nothing of the writer under test. */
static char *print_model(const struct ps_model *m)
{
	char *text = NULL;
	size_t size, kind, i;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "module");
	print_text(out, "name", m->name);
	print_text(out, "version", m->version);
	print_text(out, "identifier", m->identifier);
	print_number(out, "slack", m->slack_ppm);
	print_number(out, "time_base", m->time_base);
	print_number(out, "base", m->base_ns);
	putc('\n', out);
	for (i = 0; i < m->nr_partitions; i++)
		print_partition(out, &m->partitions[i]);
	for (i = 0; i < m->nr_schedules; i++)
		print_schedule(out, &m->schedules[i]);
	for (i = 0; i < m->nr_channels; i++) {
		fprintf(out, "channel");
		if (m->channels[i].has_id)
			print_number(out, "id", m->channels[i].id);
		print_text(out, "name", m->channels[i].name);
		print_ends(out, "source", m->channels[i].sources, m->channels[i].nr_sources);
		print_ends(out, "destination", m->channels[i].destinations,
			   m->channels[i].nr_destinations);
		putc('\n', out);
	}
	/* tables of different kinds have no order among them */
	for (kind = PS_HEALTH_SYSTEM; kind <= PS_HEALTH_PARTITION; kind++) {
		for (i = 0; i < m->nr_health; i++) {
			if (m->health[i].kind == kind)
				print_table(out, &m->health[i]);
		}
	}
	fclose(out);
	return text;
}

#endif /* CONVERT_PRINT_H */
