/* SPDX-License-Identifier: GPL-2.0 */
/*
 * convert-models - models of chance: every field has some value in some of them
 *
 * For the unit test of what is written.
 */
#ifndef CONVERT_MODELS_H
#define CONVERT_MODELS_H

#include <stdlib.h>

#include "alloc.h"
#include "model.h"
#include "write-priv.h"

#define SLOT_NS 10000000ULL
#define SLOTS 10

static unsigned int seed;

/* Most dialects can say all of a tame model, so that nothing excuses a difference. */
static bool tame;

static unsigned int below(unsigned int limit)
{
	return (unsigned int)rand_r(&seed) / 7 % limit;
}

static char *any_text(void)
{
	static const char *const texts[] = {
		"a", "uçuş & <kontrol>", "it's \"quoted\"", "x=1 y=2", "🛩", "0x10",
	};

	return below(3) ? ps_strdup(texts[below(NR(texts))]) : NULL;
}

static char *any_path(void)
{
	static const char *const paths[] = {
		"good/guest.img", "good/a b/<&>.img", "/boot/vmlinuz", "good/../x",
	};

	return below(2) ? ps_strdup(paths[below(NR(paths))]) : NULL;
}

static void any_nic(struct ps_model *m, struct ps_partition *p)
{
	struct ps_nic *nic = ps_partition_add_nic(p);

	nic->name = ps_asprintf("p%zu-%zu", m->nr_partitions, p->nr_nics);
	nic->network = ps_strdup("lan");
	ps_nic_default_mac(nic->name, nic->mac);
	nic->has_mac = below(2);
	if (nic->has_mac)
		nic->mac[5] = (uint8_t)below(256);
	nic->filter = below(2);
	nic->broadcast = below(2);
	nic->isolated = below(2);
	nic->vhost = below(2);
	if (!m->nr_networks)
		ps_model_add_network(m)->name = ps_strdup("lan");
}

static void any_partition(struct ps_model *m)
{
	struct ps_partition *p = ps_model_add_partition(m);
	struct ps_region *r;
	struct ps_vcpu *v;
	size_t i, nr;

	p->id = below(2) ? (uint32_t)m->nr_partitions : UINT32_MAX - (uint32_t)m->nr_partitions;
	p->name = ps_asprintf("%s %zu", below(2) ? "ş&" : "p", m->nr_partitions);
	p->criticality = below(6);
	p->system = below(2);
	p->entry_point = any_text();
	p->auto_start = below(2);
	p->kernel = any_path();
	p->binary = p->kernel ? NULL : any_path();
	p->launcher = p->kernel ? PS_LAUNCHER_QEMU : PS_LAUNCHER_PARTVM;
	if (!below(3))
		p->launcher = PS_LAUNCHER_NONE;
	p->initrd = p->kernel ? any_path() : NULL;
	p->command_line = p->kernel ? any_text() : NULL;
	p->disk = p->launcher == PS_LAUNCHER_QEMU ? any_path() : NULL;
	p->disk_read_only = p->disk && below(2);
	p->disk_serial = p->disk && below(2) ? ps_strdup("a, \"b\"") : NULL;
	for (nr = p->launcher == PS_LAUNCHER_QEMU ? below(3) : 0; nr; nr--)
		any_nic(m, p);
	p->set_schedule = below(2);
	p->change_action = below(4);
	p->services = below(128);
	p->memory = PS_DEFAULT_MEMORY + 4096ULL * below(1000);
	p->halt_exits = below(2);
	if (below(2)) {
		p->restart_limit = below(10);
		p->restart_period_ns = 1 + below(1000000);
		p->steal_limit_ns = below(1000000);
	}
	p->quantum_ns = below(2) ? PARTSCHED_MIN_QUANTUM_NS + below(1000000) : 0;
	p->cores_given = below(4);
	nr = p->cores_given ? 1 + below(3) : 1;
	for (i = 0; i < nr; i++) {
		v = ps_partition_add_vcpu(p);
		v->index = (uint32_t)i;
		v->cpu = p->cores_given ? (uint32_t)(i * 3 + below(3)) : 1;
		v->priority = p->cores_given && below(2) ? 1 + below(99) : 0;
	}
	for (nr = tame ? 0 : below(3); nr; nr--) {
		r = ps_partition_add_region(p);
		r->name = any_text();
		r->type = any_text();
		r->access = any_text();
		r->bytes = below(1000000);
		r->has_address = below(2);
		r->address = r->has_address ? below(1000000) : 0;
	}
}

/* Windows one after another: no two are open at one time. */
static void any_schedule(struct ps_model *m)
{
	struct ps_schedule *s = ps_model_add_schedule(m);
	struct ps_partition *p;
	struct ps_window *w;
	struct ps_entry *e;
	uint64_t least;
	size_t i;

	s->id = below(2) ? (uint32_t)m->nr_schedules : 100 - (uint32_t)m->nr_schedules;
	s->name = below(2) ? ps_asprintf("ş%zu", m->nr_schedules) : NULL;
	s->frame_ns = SLOTS * SLOT_NS;
	s->initial = m->nr_schedules == 1;
	s->guard_ns = below(2) ? below(1000) : below(2) ? PS_GUARD_AUTO : 0;
	for (i = 0; i < SLOTS; i++) {
		if (!below(4))
			continue;
		w = ps_schedule_add_window(s);
		w->partition = below((unsigned int)m->nr_partitions);
		p = &m->partitions[w->partition];
		w->offset_ns = i * SLOT_NS;
		w->duration_ns = SLOT_NS / 2 - 1 - below(1000000);
		w->has_identifier = below(2);
		w->identifier = w->has_identifier ? (uint32_t)i + below(2) * 100 : 0;
		w->period_start = !w->offset_ns && below(2);
		w->vcpu = below(2) ? below((unsigned int)p->nr_vcpus) : PS_NONE;
		w->cpu = w->vcpu != PS_NONE && below(2) ? below(8) : PS_NONE;
	}
	if (!s->nr_windows)
		ps_schedule_add_window(s)->duration_ns = 5000000;
	for (i = 0; i < m->nr_partitions; i++) {
		least = ps_write_windows_ns(m, s, i);
		if (!least || (!tame && below(2)))
			continue;
		e = ps_schedule_add_entry(s);
		e->partition = i;
		e->period_ns = tame || below(2) ? s->frame_ns : 0;
		e->duration_ns = e->period_ns ? 1 + below((unsigned int)least) : 0;
		e->set_schedule = below(2);
		e->has_action = below(2);
		e->change_action = e->has_action ? below(4) : 0;
	}
}

static struct ps_port *any_port(struct ps_model *m, uint32_t partition, const struct ps_port *as)
{
	struct ps_partition *p = &m->partitions[partition];
	struct ps_port *port = ps_partition_add_port(p);

	*port = *as;
	port->name = ps_asprintf("port %zu", p->nr_ports);
	return port;
}

/* A name of its own: two ports of one device are an error. */
static char *any_pseudo_name(const struct ps_model *m)
{
	const struct ps_channel *c = &m->channels[m->nr_channels - 1];
	char *text = any_text(), *name = NULL;

	if (text || c->nr_destinations)
		name = ps_asprintf("%s %zu", text ? text : "end", c->nr_destinations);
	free(text);
	return name;
}

static void any_end(struct ps_model *m, struct ps_end *end, const struct ps_port *as)
{
	end->pseudo = !tame && !below(4);
	if (end->pseudo) {
		end->name = any_pseudo_name(m);
		end->address = any_text();
		end->procedure = any_text();
		return;
	}
	end->partition = below((unsigned int)m->nr_partitions);
	end->port = ps_strdup(any_port(m, end->partition, as)->name);
	end->kick = as->source ? PS_KICK_NONE : below(3);
}

static void any_channel(struct ps_model *m)
{
	struct ps_channel *c = ps_model_add_channel(m);
	struct ps_port port = { .queuing = below(2), .source = true };
	size_t i, nr;

	c->has_id = below(2);
	c->id = c->has_id ? (uint32_t)(m->nr_channels + below(2) * 100) : 0;
	c->name = below(2) ? ps_asprintf("c%zu", m->nr_channels) : NULL;
	port.message = below(2) ? PS_DEFAULT_MESSAGE : 1 + below(1000);
	port.depth = port.queuing ? 1 + below(3) : 0;
	port.refresh_ns = !port.queuing && below(2) ? below(3) * SLOT_NS : PS_REFRESH_NONE;
	any_end(m, ps_channel_add_source(c), &port);
	port.source = false;
	nr = port.queuing ? 1 : 1 + below(3);
	for (i = 0; i < nr; i++)
		any_end(m, ps_channel_add_destination(c), &port);
}

static struct ps_health_entry *any_error(struct ps_health_table *table, uint32_t error,
					 bool states, uint32_t state)
{
	struct ps_health_entry *e = ps_health_add(table);

	e->error = error;
	e->has_state = states;
	e->state = states ? state : 0;
	e->description = any_text();
	e->state_description = states && state ? ps_strdup("state & mode") : NULL;
	return e;
}

/* Errors 1 to 3 are of level MODULE, 4 to 6 PARTITION, 7 to 9 PROCESS. */
static void any_health(struct ps_model *m)
{
	static const enum ps_health_kind kinds[] = {
		PS_HEALTH_SYSTEM, PS_HEALTH_MODULE, PS_HEALTH_MULTI, PS_HEALTH_PARTITION,
	};
	bool states = tame || below(2);
	uint32_t error, state;
	size_t i;

	for (i = 0; i < NR(kinds); i++) {
		struct ps_health_table *table;

		if (i && (!below(3) || (tame && kinds[i] == PS_HEALTH_MULTI)))
			continue;
		table = ps_model_add_health(m);
		table->kind = kinds[i];
		table->name = i && !(tame && below(2)) ? any_text() : NULL;
		table->callback = i && kinds[i] != PS_HEALTH_MULTI ? any_text() : NULL;
		if (kinds[i] == PS_HEALTH_PARTITION)
			table->partition = below((unsigned int)m->nr_partitions);
		if (kinds[i] == PS_HEALTH_MULTI)
			*(uint32_t *)ps_grow(&table->members, &table->nr_members,
					     sizeof(uint32_t)) = 0;
		for (state = 0; state < (states ? 2 : 1); state++) {
			for (error = 1; error < 10; error++) {
				enum ps_error_level level = (error - 1) / 3;
				struct ps_health_entry *e;

				if (kinds[i] == PS_HEALTH_SYSTEM) {
					e = any_error(table, error, states, state);
					e->level = level;
					e->code = level == PS_ERROR_PROCESS ? 1 + below(8) : 0;
					e->sources = below(2) ? 1U << error : 0;
					e->when = states ? 1 + state * 2 : below(7);
				} else if (level == (kinds[i] == PS_HEALTH_PARTITION)) {
					e = any_error(table, error, states, state);
					e->action = PS_RECOVERY_IGNORE;
				}
			}
		}
	}
}

/* A valid model, the same for the same number; odd ones are tame. */
static struct ps_model *any_model(unsigned int number)
{
	struct ps_model *m = ps_model_new("good/any.xml");
	size_t i;

	seed = number;
	tame = number % 2;
	m->dir = ps_strdup("good");
	m->name = any_text();
	m->version = any_text();
	m->identifier = any_text();
	m->slack_ppm = below(2) ? PARTSCHED_DEFAULT_SLACK_PPM : below(1000000);
	m->time_base = below(2);
	m->base_ns = m->time_base ? below(1000000) : 0;
	for (i = 1 + below(4); i; i--)
		any_partition(m);
	for (i = 1 + below(tame ? 2 : 3); i; i--)
		any_schedule(m);
	for (i = below(4); i; i--)
		any_channel(m);
	if (below(2))
		any_health(m);
	return m;
}

#endif /* CONVERT_MODELS_H */
