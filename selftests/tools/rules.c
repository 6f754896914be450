// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the model's rules: a sound model breaks none, and each rule is
 * broken by a model that differs from it in one thing.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "check.h"
#include "claim.h"
#include "findings.h"
#include "model.h"

#define MS 1000000ULL

static void add_partition(struct ps_model *m, const char *name, uint32_t id, uint32_t cpu)
{
	struct ps_partition *p = ps_model_add_partition(m);

	p->name = ps_strdup(name);
	p->id = id;
	p->line = (int)id * 10;
	p->cores_given = true;
	ps_partition_add_vcpu(p)->cpu = cpu;
}

static struct ps_window *add_window(struct ps_schedule *s, size_t partition, uint64_t offset_ns,
				    uint64_t duration_ns)
{
	struct ps_window *w = ps_schedule_add_window(s);

	w->partition = partition;
	w->offset_ns = offset_ns;
	w->duration_ns = duration_ns;
	w->line = 100 + (int)w->id;
	return w;
}

static struct ps_port *add_port(struct ps_partition *p, const char *name, bool source)
{
	struct ps_port *port = ps_partition_add_port(p);

	port->name = ps_strdup(name);
	port->source = source;
	port->message = 64;
	port->line = p->line + (int)p->nr_ports;
	return port;
}

/* A channel from partition 0 to partition 1, with a port of its name at each end. */
static struct ps_channel *add_channel(struct ps_model *m, const char *name, bool queuing)
{
	struct ps_channel *c = ps_model_add_channel(m);
	struct ps_end *from = ps_channel_add_source(c), *to = ps_channel_add_destination(c);
	size_t i;

	c->name = ps_strdup(name);
	c->line = 200 + (int)m->nr_channels * 3;
	from->partition = 0;
	to->partition = 1;
	from->port = ps_strdup(name);
	to->port = ps_strdup(name);
	from->line = c->line + 1;
	to->line = c->line + 2;
	for (i = 0; i < 2; i++) {
		struct ps_port *port = add_port(&m->partitions[i], name, !i);

		port->queuing = queuing;
		port->depth = queuing ? 4 : 0;
		port->refresh_ns = queuing ? 0 : 40 * MS;
	}
	return c;
}

static struct ps_health_table *add_health(struct ps_model *m, enum ps_health_kind kind,
					  uint32_t partition, uint32_t error)
{
	struct ps_health_table *t = ps_model_add_health(m);
	struct ps_health_entry *e = ps_health_add(t);

	t->kind = kind;
	t->partition = partition;
	t->line = 300 + (int)m->nr_health * 10;
	e->error = error;
	e->level = PS_ERROR_PARTITION;
	e->action = PS_RECOVERY_IGNORE;
	e->line = t->line + 1;
	return t;
}

/* Two partitions on CPU 1, 18 of 20 ms. */
static struct ps_model *sound(void)
{
	struct ps_model *m = ps_model_new("sound.xml");
	struct ps_schedule *s;

	m->line = 1;
	add_partition(m, "a", 1, 1);
	add_partition(m, "b", 2, 1);
	m->partitions[1].period_ns = 20 * MS;
	m->partitions[1].duration_ns = 9 * MS;
	m->partitions[1].period_line = 22;
	s = ps_model_add_schedule(m);
	s->id = 1;
	s->frame_ns = 20 * MS;
	s->initial = true;
	s->line = 50;
	add_window(s, 0, 0, 9 * MS);
	add_window(s, 1, 10 * MS, 9 * MS)->period_start = false;
	return m;
}

/* A second schedule like the first one. */
static struct ps_schedule *add_schedule(struct ps_model *m)
{
	struct ps_schedule *s = ps_model_add_schedule(m);

	s->id = (uint32_t)m->nr_schedules;
	s->frame_ns = 20 * MS;
	s->line = 50 + (int)s->id;
	add_window(s, 0, 0, 9 * MS);
	add_window(s, 1, 10 * MS, 9 * MS);
	return s;
}

/* Channels and health monitor, which are warned of in this version. */
static struct ps_model *rich(void)
{
	struct ps_model *m = sound();

	add_channel(m, "speed", false);
	add_channel(m, "queue", true);
	add_health(m, PS_HEALTH_SYSTEM, PS_NONE, 7);
	add_health(m, PS_HEALTH_PARTITION, 0, 7);
	return m;
}

static void rename_to(char **name, const char *to)
{
	free(*name);
	*name = ps_strdup(to);
}

/* @name: taken over */
static void add_nic(struct ps_model *m, size_t partition, char *name)
{
	struct ps_partition *p = &m->partitions[partition];
	struct ps_nic *nic = ps_partition_add_nic(p);

	nic->name = name;
	nic->network = ps_strdup("lan");
	ps_nic_default_mac(name, nic->mac);
	nic->line = p->line + (int)p->nr_nics;
}

static void qemu_with_disk(struct ps_model *m)
{
	m->partitions[0].launcher = PS_LAUNCHER_QEMU;
	m->partitions[0].kernel = ps_strdup("/proc/self/exe");
	m->partitions[0].disk = ps_strdup("/proc/self/exe");
}

/* A network of both partitions. */
static void networked(struct ps_model *m)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		m->partitions[i].launcher = PS_LAUNCHER_QEMU;
		m->partitions[i].kernel = ps_strdup("/proc/self/exe");
		add_nic(m, i, ps_asprintf("lan%zu", i));
	}
	ps_model_add_network(m)->name = ps_strdup("lan");
}

#define SPOIL(name) static void name(struct ps_model *m)

SPOIL(same_name) { free(m->partitions[1].name); m->partitions[1].name = ps_strdup("a"); }
SPOIL(same_id) { m->partitions[1].id = 1; }
SPOIL(same_schedule) { add_schedule(m)->id = 1; }
SPOIL(same_schedule_name)
{
	add_schedule(m)->name = ps_strdup("s");
	m->schedules[0].name = ps_strdup("s");
}
SPOIL(no_such_vcpu) { m->schedules[0].windows[1].vcpu = 1; }
SPOIL(no_window) { add_partition(m, "c", 3, 1); }
SPOIL(same_cpu)
{
	struct ps_vcpu *v = ps_partition_add_vcpu(&m->partitions[0]);

	v->cpu = 1;
	v->index = 1;
}
SPOIL(same_cpu_in_window)
{
	struct ps_vcpu *v = ps_partition_add_vcpu(&m->partitions[0]);

	v->cpu = 2;
	v->index = 1;
	m->schedules[0].windows[0].cpu = 1;
}
SPOIL(same_priority)
{
	same_cpu(m);
	m->partitions[0].vcpus[0].priority = m->partitions[0].vcpus[1].priority = 7;
}
SPOIL(halts_inside)
{
	same_cpu(m);
	m->partitions[0].vcpus[1].priority = 7;
	m->partitions[0].binary = ps_strdup("/dev/null");
}
SPOIL(long_quantum) { m->partitions[0].quantum_ns = 20 * MS + 1; }
SPOIL(many_partitions)
{
	char name[16];
	uint32_t i;

	for (i = 3; i <= 1025; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		add_partition(m, name, i, i);
		add_window(&m->schedules[0], i - 1, 0, MS);
	}
}
SPOIL(many_schedules)
{
	while (m->nr_schedules < 65)
		add_schedule(m);
}
SPOIL(short_window) { m->schedules[0].windows[0].duration_ns = 49999; }
SPOIL(beyond_frame) { m->schedules[0].windows[0].offset_ns = 20 * MS; }
SPOIL(wraps) { m->schedules[0].windows[0].offset_ns = 19 * MS; }
SPOIL(overlap) { m->schedules[0].windows[0].duration_ns = 10 * MS + 1; }
SPOIL(short_gap) { m->schedules[0].windows[0].duration_ns = 10 * MS - 49999; m->slack_ppm = 0; }
SPOIL(long_duration) { m->partitions[1].duration_ns = 21 * MS; }
SPOIL(no_multiple) { m->partitions[1].period_ns = 15 * MS; }
SPOIL(small_budget) { m->partitions[1].duration_ns = 9 * MS + 1; }
SPOIL(no_slack) { m->slack_ppm = 100001; }
SPOIL(crosses_period) { m->partitions[1].period_ns = 4 * MS; m->partitions[1].duration_ns = 0; }
SPOIL(period_start) { m->schedules[0].windows[1].period_start = true; }
SPOIL(same_vcpu)
{
	struct ps_schedule *s = &m->schedules[0];

	/* the same partition's one vCPU, half a window later on another CPU */
	add_window(s, 0, 5 * MS, 9 * MS)->cpu = 2;
}
SPOIL(no_time_to_move)
{
	add_window(&m->schedules[0], 0, 9 * MS + PARTSCHED_MIN_MOVE_NS - 1, 5 * MS)->cpu = 2;
}
SPOIL(no_time_to_move_back) { add_window(&m->schedules[0], 0, 15 * MS, 5 * MS)->cpu = 2; }
SPOIL(no_initial) { add_schedule(m); m->schedules[0].initial = false; }
SPOIL(two_initial) { add_schedule(m)->initial = true; }
SPOIL(windowless) { add_schedule(m)->nr_windows = 0; }
SPOIL(same_window)
{
	add_window(&m->schedules[0], 0, 9 * MS, MS)->has_identifier = true;
	m->schedules[0].windows[0].has_identifier = true;
	m->schedules[0].windows[1].has_identifier = true;	/* of another partition */
}
SPOIL(same_entry)
{
	ps_schedule_add_entry(&m->schedules[0])->period_ns = 20 * MS;
	ps_schedule_add_entry(&m->schedules[0])->period_ns = 10 * MS;
}
SPOIL(no_binary) { m->partitions[0].binary = ps_strdup("/no/such/image"); }
SPOIL(directory_binary) { m->partitions[0].binary = ps_strdup("/"); }
SPOIL(unused_binary) { no_binary(m); m->partitions[0].launcher = PS_LAUNCHER_NONE; }
SPOIL(qemu_without_kernel) { m->partitions[0].launcher = PS_LAUNCHER_QEMU; }
SPOIL(disk_without_qemu) { m->partitions[0].disk = ps_strdup("/proc/self/exe"); }
SPOIL(read_only_nothing) { m->partitions[0].disk_read_only = true; }
SPOIL(long_serial)
{
	qemu_with_disk(m);
	m->partitions[0].disk_serial = ps_strdup("123456789012345678901");
}
SPOIL(serial_not_ascii)
{
	qemu_with_disk(m);
	m->partitions[0].disk_serial = ps_strdup("ş");
}
SPOIL(nic_without_qemu)
{
	networked(m);
	m->partitions[1].launcher = PS_LAUNCHER_NONE;
	free(m->partitions[1].kernel);
	m->partitions[1].kernel = NULL;
}
SPOIL(nic_of_no_network) { networked(m); rename_to(&m->partitions[1].nics[0].network, "LAN"); }
SPOIL(interface_name)
{
	networked(m);
	rename_to(&m->partitions[1].nics[0].name, "sixteen-bytes-ab");
}
SPOIL(interface_of_the_kernel) { networked(m); rename_to(&m->partitions[1].nics[0].name, "all"); }
SPOIL(nic_called_as_a_network) { networked(m); rename_to(&m->partitions[1].nics[0].name, "lan"); }
SPOIL(nics_of_one_name)
{
	networked(m);
	rename_to(&m->partitions[1].nics[0].name, "lan0");
	ps_nic_default_mac("lan0", m->partitions[1].nics[0].mac);
}
SPOIL(nics_of_one_address)
{
	networked(m);
	memcpy(m->partitions[1].nics[0].mac, m->partitions[0].nics[0].mac, PS_MAC_BYTES);
}
SPOIL(lone_nic) { networked(m); ps_model_add_network(m)->name = ps_strdup("wan"); }
SPOIL(too_many_nics)
{
	size_t i;

	networked(m);
	for (i = 1; i <= PS_MAX_NICS; i++)
		add_nic(m, 0, ps_asprintf("more%zu", i));
}
SPOIL(command_line_alone) { m->partitions[0].command_line = ps_strdup("quiet"); }
SPOIL(large_regions)
{
	ps_partition_add_region(&m->partitions[0])->bytes = UINT64_MAX;
	ps_partition_add_region(&m->partitions[0])->bytes = UINT64_MAX;
}
SPOIL(no_schedule) { m->schedules[0].nr_windows = m->nr_schedules = 0; }
SPOIL(qemu_with_services)
{
	m->partitions[0].launcher = PS_LAUNCHER_QEMU;
	m->partitions[0].kernel = ps_strdup("/proc/self/exe");
	m->partitions[0].services = PS_SERVICE_TIME;
}
SPOIL(guard)
{
	struct ps_window *w = &m->schedules[0].windows[0];

	m->schedules[0].guard_ns = PS_GUARD_AUTO;
	w->duration_ns = PARTSCHED_MIN_WINDOW_NS + PARTSCHED_GUARD_AUTO_MAX_NS - 1;
}

SPOIL(pseudo_only)
{
	m->channels[0].sources[0].pseudo = true;
	m->channels[0].destinations[0].pseudo = true;
}
SPOIL(port_too_large) { m->partitions[0].ports[0].message = 1048577; }
SPOIL(long_queue) { m->partitions[0].ports[1].depth = 65537; }
SPOIL(large_queue)
{
	m->partitions[0].ports[1].message = 1048576;
	m->partitions[0].ports[1].depth = m->partitions[1].ports[1].depth = 16;
}
SPOIL(same_device)
{
	rename_to(&m->partitions[1].name, "a.b");
	rename_to(&m->partitions[0].ports[0].name, "b.speed");
	rename_to(&m->channels[0].sources[0].port, "b.speed");
}
SPOIL(same_device_of_queue)
{
	rename_to(&m->partitions[0].ports[0].name, "queue.ack");
	rename_to(&m->channels[0].sources[0].port, "queue.ack");
}
static void add_pseudo(struct ps_model *m, const char *name)
{
	struct ps_end *end = ps_channel_add_destination(&m->channels[0]);

	end->pseudo = true;
	end->name = name ? ps_strdup(name) : NULL;
}
SPOIL(same_device_of_pseudo)
{
	add_pseudo(m, NULL);
	add_pseudo(m, "host");
}
SPOIL(same_device_of_odd_names)
{
	add_pseudo(m, "x/y");
	add_pseudo(m, "x_y");
}
SPOIL(pseudo_name_taken) { add_pseudo(m, "b"); }
SPOIL(pseudo_name_of_default)
{
	add_pseudo(m, "");
	rename_to(&m->partitions[1].name, "host");
}
SPOIL(same_channel) { m->channels[0].has_id = m->channels[1].has_id = true; }
SPOIL(same_channel_name) { free(m->channels[1].name); m->channels[1].name = ps_strdup("speed"); }
SPOIL(same_port) { add_port(&m->partitions[0], "speed", true); }
SPOIL(no_port) { m->channels[0].sources[0].port[0] = 'S'; }
SPOIL(two_sources) { ps_channel_add_source(&m->channels[0])->pseudo = true; }
SPOIL(no_source)
{
	free(m->channels[0].sources[0].port);
	m->channels[0].nr_sources = 0;
}
SPOIL(two_destinations) { ps_channel_add_destination(&m->channels[1])->pseudo = true; }
SPOIL(direction) { m->partitions[1].ports[0].source = true; }
SPOIL(port_size) { m->partitions[1].ports[0].message = 65; }
SPOIL(port_kind) { m->partitions[1].ports[0].queuing = true; m->partitions[1].ports[0].depth = 4; }
SPOIL(port_depth) { m->partitions[1].ports[1].depth = 5; }
SPOIL(unused_port) { add_port(&m->partitions[0], "spare", true); }
SPOIL(port_twice)
{
	struct ps_end *e = ps_channel_add_destination(&m->channels[0]);

	e->partition = 1;
	e->port = ps_strdup("speed");
}
SPOIL(refresh) { m->partitions[1].ports[0].refresh_ns = 50 * MS; }
SPOIL(self)
{
	add_port(&m->partitions[0], "back", false)->refresh_ns = 40 * MS;
	m->channels[0].destinations[0].partition = 0;
	free(m->channels[0].destinations[0].port);
	m->channels[0].destinations[0].port = ps_strdup("back");
}
SPOIL(stale)
{
	m->schedules[0].frame_ns = 80 * MS;
	m->partitions[0].period_ns = 80 * MS;
	m->partitions[1].duration_ns = 0;
}
SPOIL(port_value) { m->partitions[1].ports[1].depth = 0; }

SPOIL(hm_error) { ps_health_add(&m->health[1])->error = 8; }
SPOIL(hm_no_system) { m->health[0].kind = PS_HEALTH_PARTITION; m->health[0].partition = 1; }
SPOIL(hm_same) { ps_health_add(&m->health[1])->error = 7; }
SPOIL(hm_level) { m->health[0].entries[0].level = PS_ERROR_MODULE; }
SPOIL(hm_code) { m->health[0].entries[0].level = PS_ERROR_PROCESS; }
SPOIL(hm_action)
{
	struct ps_health_entry *e = ps_health_add(&m->health[0]);

	e->error = 8;
	e->level = PS_ERROR_PARTITION;
}
/* Twice in system states that the module does not know, and not the same. */
static void add_state(struct ps_health_table *t, uint32_t state)
{
	struct ps_health_entry *e = ps_health_add(t), *first = t->entries;
	int line = e[-1].line + 1;

	*e = *first;
	first->has_state = true;
	first->state = state;
	e->has_state = true;
	e->state = state + 1;
	e->line = line;
}

SPOIL(hm_levels)
{
	add_state(&m->health[0], 1);
	m->health[0].entries[1].level = PS_ERROR_PROCESS;
	m->health[0].entries[1].code = PS_CODE_NUMERIC_ERROR;
}
SPOIL(hm_actions)
{
	add_state(&m->health[0], 1);
	add_state(&m->health[1], 1);
	m->health[1].entries[1].action = PS_RECOVERY_IDLE;
}
SPOIL(hm_source)
{
	struct ps_health_entry *e = ps_health_add(&m->health[0]);

	*e = m->health[0].entries[0];
	e->error = 8;
	e->line++;
	m->health[0].entries[0].sources = 1U << 4;
	e->sources = 1U << 4 | 1U << 5;
	e = ps_health_add(&m->health[1]);
	*e = m->health[1].entries[0];
	e->error = 8;
	e->line++;
}
SPOIL(hm_table) { add_health(m, PS_HEALTH_PARTITION, 0, 7); }

static const struct spoiled {
	const char *name;
	void (*spoil)(struct ps_model *m);
	enum ps_rule rule;
	enum ps_rule also;		/* follows from it */
	bool rich;
} cases[] = {
#define C(spoil, rule, also) { #spoil, spoil, rule, also, false }
#define R(spoil, rule, also) { #spoil, spoil, rule, also, true }
	C(same_name, PS_SAME_NAME, 0),
	C(same_id, PS_SAME_ID, 0),
	C(same_schedule, PS_SAME_SCHEDULE, 0),
	C(same_schedule_name, PS_SAME_SCHEDULE_NAME, 0),
	C(no_such_vcpu, PS_DANGLING, 0),
	C(no_window, PS_NO_WINDOW, 0),
	C(same_cpu, PS_SAME_CPU, 0),
	C(same_cpu_in_window, PS_SAME_CPU, 0),
	C(same_priority, PS_SAME_CPU, 0),
	C(halts_inside, PS_NO_HALT, PS_BINARY),
	C(long_quantum, PS_QUANTUM, 0),
	C(many_partitions, PS_TOO_MANY, 0),
	C(many_schedules, PS_TOO_MANY, 0),
	C(short_window, PS_SHORT_WINDOW, 0),
	C(beyond_frame, PS_BEYOND_FRAME, 0),
	C(wraps, PS_BEYOND_FRAME, 0),
	C(overlap, PS_OVERLAP, 0),
	C(short_gap, PS_SHORT_GAP, 0),
	C(long_duration, PS_DURATION, 0),
	C(no_multiple, PS_PERIOD, 0),
	C(small_budget, PS_BUDGET, 0),
	C(no_slack, PS_SLACK, 0),
	C(crosses_period, PS_CROSSES_PERIOD, 0),
	C(period_start, PS_PERIOD_START, 0),
	C(same_vcpu, PS_SAME_VCPU, 0),
	C(no_time_to_move, PS_MOVING_VCPU, 0),
	C(no_time_to_move_back, PS_MOVING_VCPU, 0),
	C(no_initial, PS_INITIAL, 0),
	C(two_initial, PS_INITIAL, 0),
	C(windowless, PS_NO_WINDOWS, 0),
	C(same_window, PS_SAME_WINDOW, 0),
	C(same_entry, PS_SAME_ENTRY, 0),
	C(no_binary, PS_BINARY, 0),
	C(directory_binary, PS_BINARY, 0),
	C(unused_binary, PS_UNUSED_BINARY, 0),
	C(qemu_without_kernel, PS_LAUNCHER, 0),
	C(disk_without_qemu, PS_LAUNCHER, 0),
	C(read_only_nothing, PS_LAUNCHER, 0),
	C(long_serial, PS_DISK_SERIAL, 0),
	C(serial_not_ascii, PS_DISK_SERIAL, 0),
	C(nic_without_qemu, PS_LAUNCHER, 0),
	C(nic_of_no_network, PS_NO_NETWORK, PS_LONE_NIC),
	C(interface_name, PS_INTERFACE, 0),
	C(interface_of_the_kernel, PS_INTERFACE, 0),
	C(nic_called_as_a_network, PS_SAME_INTERFACE, 0),
	C(nics_of_one_name, PS_SAME_INTERFACE, 0),
	C(nics_of_one_address, PS_SAME_MAC, 0),
	C(lone_nic, PS_LONE_NIC, 0),
	C(too_many_nics, PS_TOO_MANY, 0),
	C(command_line_alone, PS_LAUNCHER, 0),
	C(large_regions, PS_MEMORY, 0),
	C(no_schedule, PS_EMPTY, 0),
	C(qemu_with_services, PS_NOT_YET, 0),
	C(guard, PS_SHORT_WINDOW, 0),
	R(same_channel, PS_SAME_CHANNEL, 0),
	R(same_channel_name, PS_SAME_CHANNEL, 0),
	R(same_port, PS_SAME_PORT, 0),
	R(no_port, PS_NO_PORT, PS_UNUSED_PORT),
	R(two_sources, PS_SOURCES, 0),
	R(no_source, PS_SOURCES, PS_UNUSED_PORT),
	R(two_destinations, PS_DESTINATIONS, 0),
	R(direction, PS_DIRECTION, 0),
	R(port_size, PS_PORT_SIZE, 0),
	R(port_kind, PS_PORT_KIND, 0),
	R(port_depth, PS_PORT_DEPTH, 0),
	R(unused_port, PS_UNUSED_PORT, 0),
	R(port_twice, PS_PORT_TWICE, 0),
	R(refresh, PS_REFRESH, 0),
	R(self, PS_SELF, PS_UNUSED_PORT),
	R(stale, PS_STALE, 0),
	R(port_value, PS_PORT_VALUE, 0),
	R(hm_error, PS_HM_ERROR, 0),
	R(hm_no_system, PS_HM_ERROR, 0),
	R(hm_same, PS_HM_SAME, 0),
	R(hm_level, PS_HM_LEVEL, PS_HM_ACTION),
	R(hm_code, PS_HM_CODE, 0),
	R(hm_action, PS_HM_ACTION, 0),
	R(hm_table, PS_HM_TABLE, 0),
	R(pseudo_only, PS_CHANNELS, PS_UNUSED_PORT),
	R(port_too_large, PS_PORT_LARGE, PS_PORT_SIZE),
	R(long_queue, PS_PORT_LARGE, PS_PORT_DEPTH),
	R(large_queue, PS_PORT_LARGE, PS_PORT_SIZE),
	R(same_device, PS_SAME_DEVICE, 0),
	R(same_device_of_queue, PS_SAME_DEVICE, 0),
	R(same_device_of_pseudo, PS_SAME_DEVICE, 0),
	R(same_device_of_odd_names, PS_SAME_DEVICE, 0),
	R(pseudo_name_taken, PS_PSEUDO_NAME_TAKEN, 0),
	R(pseudo_name_of_default, PS_PSEUDO_NAME_TAKEN, 0),
	R(hm_levels, PS_HM_STATE, 0),
	R(hm_actions, PS_HM_STATE, 0),
	R(hm_source, PS_HM_SOURCE, 0),
	R(no_window, PS_NO_WINDOW, 0),
#undef C
#undef R
};

/* Rules that the reader tells: a model has lost what they are about. */
static bool of_the_reader(unsigned int rule)
{
	return rule == PS_NO_CORES || rule == PS_VCPU || rule == PS_MISMATCH;
}

static void sound_models_break_no_rule(void)
{
	static const unsigned int flags[] = { 0, PS_CHECK_NO_SLACK, PS_CHECK_UNPLANNED };
	struct ps_findings findings;
	struct ps_model *m;
	char *text;
	size_t i;

	for (i = 0; i < 2 * NR(flags); i++) {
		m = i < NR(flags) ? sound() : rich();
		ps_findings_init(&findings, "sound.xml");
		ps_model_complete(m, &findings);
		ps_model_check(m, flags[i % NR(flags)], &findings);
		text = ps_findings_text(&findings);
		CLAIM(!findings.errors && !findings.nr, "%s", text);
		free(text);
		ps_model_free(m);
		ps_findings_free(&findings);
	}
}

static void each_rule_is_broken_by_its_model(void)
{
	bool tested[PS_NR_RULES] = { false };
	struct ps_findings findings;
	size_t schedules, i;
	unsigned int rule;

	for (i = 0; i < NR(cases); i++) {
		const struct spoiled *c = &cases[i];
		struct ps_model *m = c->rich ? rich() : sound();
		char *text;

		schedules = m->nr_schedules;
		c->spoil(m);
		ps_findings_init(&findings, "spoiled.xml");
		ps_model_check(m, 0, &findings);
		/* what was hidden is freed as well */
		if (m->nr_schedules < schedules)
			m->nr_schedules = schedules;
		text = ps_findings_text(&findings);
		CLAIM(findings.counts[c->rule], "%s: not found in:\n%s", c->name, text);
		for (rule = 0; rule < PS_NR_RULES; rule++) {
			bool expected = rule == c->rule || (c->also && rule == c->also);

			CLAIM(expected || !findings.counts[rule], "%s: found as well:\n%s",
			      c->name, text);
		}
		tested[c->rule] = true;
		free(text);
		ps_model_free(m);
		ps_findings_free(&findings);
	}
	for (rule = 0; rule < PS_NR_RULES; rule++) {
		const struct ps_rule_info *info = ps_rule_info(rule);

		/* frames are derived, see below */
		if (!info || info->stage != PS_STAGE_MODEL || of_the_reader(rule) ||
		    rule == PS_DERIVED_FRAME || rule == PS_NO_FRAME)
			continue;
		CLAIM(tested[rule], "PS%04u has no test", rule);
	}
}

static size_t completed(struct ps_model *m, enum ps_rule rule)
{
	struct ps_findings findings;
	size_t nr;

	ps_findings_init(&findings, "derived.xml");
	ps_model_complete(m, &findings);
	nr = findings.counts[rule];
	CLAIM(nr == findings.nr, "other findings");
	ps_findings_free(&findings);
	return nr;
}

static void frames_are_derived_from_periods(void)
{
	struct ps_findings findings;
	struct ps_model *m = sound();

	m->schedules[0].frame_ns = 0;
	m->partitions[0].period_ns = 30 * MS;
	CLAIM(completed(m, PS_DERIVED_FRAME) == 1, "told");
	CLAIM(m->schedules[0].frame_ns == 60 * MS && m->schedules[0].derived, "%llu",
	      (unsigned long long)m->schedules[0].frame_ns);
	ps_model_free(m);

	m = sound();
	m->schedules[0].frame_ns = 0;
	m->partitions[1].period_ns = 0;
	CLAIM(completed(m, PS_NO_FRAME) == 1 && !m->schedules[0].frame_ns, "no periods");
	ps_model_free(m);

	m = sound();
	m->schedules[0].frame_ns = 0;
	m->partitions[0].period_ns = 3600000000000ULL;
	m->partitions[1].period_ns = 3600000000000ULL - 1;
	CLAIM(completed(m, PS_NO_FRAME) == 1 && !m->schedules[0].frame_ns, "beyond an hour");
	ps_model_free(m);

	m = sound();
	m->schedules[0].frame_ns = 0;
	m->partitions[0].period_ns = UINT64_MAX;
	m->partitions[1].period_ns = UINT64_MAX - 1;
	CLAIM(completed(m, PS_NO_FRAME) == 1 && !m->schedules[0].frame_ns, "overflow");
	ps_model_free(m);

	/* a frame that could not be read was told by the reader */
	m = sound();
	m->schedules[0].frame_ns = 0;
	ps_findings_init(&findings, "bad.xml");
	ps_find(&findings, PS_SECONDS, m->schedules[0].line, "schedule 1", NULL, "bad");
	ps_model_complete(m, &findings);
	ps_model_check(m, 0, &findings);
	CLAIM(findings.nr == 1 && !m->schedules[0].frame_ns, "%zu findings", findings.nr);
	ps_findings_free(&findings);
	ps_model_free(m);
}

static void add_entry(struct ps_schedule *s, size_t partition, uint64_t period_ns)
{
	struct ps_entry *e = ps_schedule_add_entry(s);

	e->partition = partition;
	e->period_ns = period_ns;
	e->duration_ns = 5 * MS;
	e->set_schedule = true;
	e->has_action = true;
	e->change_action = PS_CHANGE_IDLE;
	e->line = 77;
}

static void what_schedules_agree_on_is_the_partitions_own(void)
{
	struct ps_model *m = sound();
	struct ps_partition *a = &m->partitions[0];

	add_entry(&m->schedules[0], 0, 20 * MS);
	completed(m, PS_NOT_YET);
	CLAIM(a->period_ns == 20 * MS && a->duration_ns == 5 * MS && a->period_line == 77, "period");
	CLAIM(a->set_schedule && a->change_action == PS_CHANGE_IDLE, "rights");
	CLAIM(!m->schedules[0].nr_entries, "%zu entries left", m->schedules[0].nr_entries);
	ps_model_free(m);

	m = sound();
	add_schedule(m);
	add_entry(&m->schedules[0], 0, 20 * MS);
	add_entry(&m->schedules[1], 0, 10 * MS);
	add_entry(&m->schedules[1], 1, 20 * MS);	/* its own period, but not alone */
	m->schedules[1].entries[1].duration_ns = 9 * MS;
	completed(m, PS_NOT_YET);
	a = &m->partitions[0];
	CLAIM(!a->period_ns && m->schedules[0].nr_entries == 1 && m->schedules[1].nr_entries == 2,
	      "%zu, %zu entries", m->schedules[0].nr_entries, m->schedules[1].nr_entries);
	CLAIM(a->set_schedule && !m->schedules[0].entries[0].set_schedule, "rights agree");
	CLAIM(!m->partitions[1].set_schedule && m->schedules[1].entries[1].set_schedule, "alone");
	CLAIM(!m->schedules[1].entries[1].period_ns, "the same as its own");
	ps_model_free(m);

	/* a schedule with windows of it, but without an entry, says something else */
	m = sound();
	add_schedule(m);
	add_entry(&m->schedules[0], 0, 20 * MS);
	completed(m, PS_NOT_YET);
	CLAIM(!m->partitions[0].period_ns && m->schedules[0].nr_entries == 1, "not hoisted");
	ps_model_free(m);
}

/* Findings of a rule, of a model on a host of two CPUs. */
static size_t on_host(struct ps_model *m, const struct ps_host *host, enum ps_rule rule)
{
	struct ps_findings findings;
	size_t nr;

	ps_findings_init(&findings, "host.xml");
	ps_host_check(m, host, 0, &findings);
	nr = findings.nr == findings.counts[rule] ? findings.nr : 1000;
	ps_findings_free(&findings);
	return nr;
}

static void hosts_are_compared(void)
{
	struct ps_host *host = ps_calloc(1, sizeof(*host));
	struct ps_model *m = sound();

	host->online[0] = host->online[1] = true;
	host->present[0] = host->present[1] = host->present[2] = true;
	host->isolated[1] = true;
	host->kvm = true;
	strcpy(host->clocksource, "tsc");
	CLAIM(on_host(m, host, PS_FILE) == 0, "fits");

	host->isolated[1] = false;
	CLAIM(on_host(m, host, PS_ISOLATED) == 1, "not isolated");
	host->isolated[1] = true;
	strcpy(host->clocksource, "hpet");
	CLAIM(on_host(m, host, PS_CLOCKSOURCE) == 1, "hpet");
	host->clocksource[0] = '\0';
	CLAIM(on_host(m, host, PS_CLOCKSOURCE) == 0, "not known");
	host->online[0] = false;
	CLAIM(on_host(m, host, PS_HOUSEKEEPING) == 1, "no CPU left");
	host->online[0] = true;

	host->kvm = false;
	CLAIM(on_host(m, host, PS_NO_KVM) == 0, "nothing starts");
	m->partitions[0].binary = ps_strdup("guest.img");
	CLAIM(on_host(m, host, PS_NO_KVM) == 1, "a guest starts");
	m->partitions[0].launcher = PS_LAUNCHER_NONE;
	CLAIM(on_host(m, host, PS_NO_KVM_YET) == 1, "somebody starts it");
	host->kvm = true;

	m->partitions[0].vcpus[0].cpu = 2;
	CLAIM(on_host(m, host, PS_NO_CPU) == 1, "offline");
	m->partitions[0].vcpus[0].cpu = UINT32_MAX - 1;
	CLAIM(on_host(m, host, PS_NO_CPU) == 1, "no such CPU");
	m->partitions[0].vcpus[0].cpu = 1;

	ps_model_free(m);
	free(host);
}

static size_t moves_told(struct ps_model *m)
{
	struct ps_findings findings;
	size_t nr;

	ps_findings_init(&findings, "move.xml");
	ps_model_check(m, 0, &findings);
	nr = findings.counts[PS_MOVING_VCPU];
	CLAIM(findings.nr == nr, "%zu findings, %zu of them of moves", findings.nr, nr);
	ps_findings_free(&findings);
	return nr;
}

/* "a" has [0, 9) ms on CPU 1 and another window on CPU 2. */
static void moves_need_their_time_to_the_nanosecond(void)
{
	static const struct {
		uint64_t offset;
		uint64_t duration;
		size_t told;
	} cases[] = {
		{ 9 * MS + PARTSCHED_MIN_MOVE_NS, MS, 0 },
		{ 9 * MS + PARTSCHED_MIN_MOVE_NS - 1, MS, 1 },
		{ 9 * MS, MS, 1 },
		{ 19 * MS, MS - PARTSCHED_MIN_MOVE_NS, 0 },	/* and back to CPU 1 */
		{ 19 * MS, MS - PARTSCHED_MIN_MOVE_NS + 1, 1 },
		{ 9 * MS, 11 * MS, 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_model *m = sound();
		struct ps_window *w;

		m->slack_ppm = 0;
		w = add_window(&m->schedules[0], 0, cases[i].offset, cases[i].duration);
		w->cpu = 2;
		CLAIM(moves_told(m) == cases[i].told, "case %zu: %zu told", i, moves_told(m));
		w->cpu = 1;
		if (cases[i].offset >= 19 * MS)
			CLAIM(moves_told(m) == 0, "case %zu: on one CPU", i);
		ps_model_free(m);
	}
}

static void rules_left_out_do_not_hold(void)
{
	struct ps_findings findings;
	struct ps_model *m = sound();

	ps_findings_init(&findings, "sound.xml");
	ps_model_check(m, PS_CHECK_NO_SLACK | PS_CHECK_NO_FILES | PS_CHECK_UNPLANNED, &findings);
	CLAIM(ps_findings_verdict(&findings, PS_OVERLAP) == PS_RULE_HOLDS, "checked");
	CLAIM(ps_findings_verdict(&findings, PS_SLACK) == PS_RULE_UNCHECKED, "slack");
	CLAIM(ps_findings_verdict(&findings, PS_BINARY) == PS_RULE_UNCHECKED, "files");
	CLAIM(ps_findings_verdict(&findings, PS_NO_WINDOWS) == PS_RULE_UNCHECKED, "windows");
	CLAIM(ps_findings_verdict(&findings, PS_NO_CPU) == PS_RULE_UNCHECKED, "host");
	CLAIM(ps_findings_verdict(&findings, PS_SYNTAX) == PS_RULE_UNCHECKED, "file");
	ps_findings_free(&findings);
	ps_model_free(m);
}

static void unplanned_models_wait_for_their_windows(void)
{
	struct ps_findings findings;
	struct ps_model *m = sound();

	m->schedules[0].nr_windows = 1;		/* "b", which has a duration, has none */
	ps_findings_init(&findings, "unplanned.xml");
	ps_model_check(m, PS_CHECK_UNPLANNED, &findings);
	CLAIM(!findings.nr, "%zu findings", findings.nr);
	m->schedules[0].nr_windows = 0;
	ps_model_check(m, PS_CHECK_UNPLANNED, &findings);
	CLAIM(!findings.nr, "%zu findings", findings.nr);
	m->partitions[1].period_ns = 15 * MS;
	ps_model_check(m, PS_CHECK_UNPLANNED, &findings);
	CLAIM(findings.nr == 1 && findings.counts[PS_PERIOD] == 1, "%zu findings", findings.nr);
	ps_findings_free(&findings);
	ps_model_free(m);
}

/* As large as files may be, and wrong everywhere: no rule is quadratic. */
static void large_models_are_checked_in_seconds(void)
{
	struct ps_model *m = ps_model_new("large.xml");
	struct ps_findings findings;
	struct timespec from, to;
	struct ps_schedule *s;
	char name[32];
	uint32_t i;

	for (i = 0; i < 1024; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		add_partition(m, name, i + 1, i % 16);
		m->partitions[i].period_ns = 1000000;
		m->partitions[i].duration_ns = 100;
	}
	s = ps_model_add_schedule(m);
	s->frame_ns = 3600000000000ULL;
	for (i = 0; i < 100000; i++) {
		struct ps_window *w = add_window(s, i % 1024, i * 1000ULL, 2000000);

		w->cpu = i % 3;
		w->has_identifier = true;
		w->period_start = true;
	}
	for (i = 0; i < 1024; i++)
		add_entry(s, i, 2000000);
	for (i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		add_channel(m, name, i & 1);
		m->partitions[1].ports[i].message = i;
	}
	for (i = 0; i < 1000; i++)
		add_health(m, i ? PS_HEALTH_PARTITION : PS_HEALTH_SYSTEM, i, i);
	for (i = 0; i < 100000; i++) {
		struct ps_health_entry *e = ps_health_add(&m->health[i & 1 ? 0 : i % 1000]);

		e->error = i;
		e->has_state = i & 2;
		e->level = i & 4 ? PS_ERROR_PARTITION : PS_ERROR_PROCESS;
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	ps_findings_init(&findings, "large.xml");
	ps_model_complete(m, &findings);
	ps_model_check(m, 0, &findings);
	ps_findings_sort(&findings);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	CLAIM(findings.errors > 100000, "%zu errors", findings.errors);
	CLAIM(to.tv_sec - from.tv_sec < 20, "%ld s", (long)(to.tv_sec - from.tv_sec));
	printf("# %zu errors in %ld ms\n", findings.errors,
	       (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000);
	ps_findings_free(&findings);
	ps_model_free(m);
}

int main(void)
{
	static const struct claim_test tests[] = {
		CLAIM_TEST(sound_models_break_no_rule),
		CLAIM_TEST(each_rule_is_broken_by_its_model),
		CLAIM_TEST(frames_are_derived_from_periods),
		CLAIM_TEST(what_schedules_agree_on_is_the_partitions_own),
		CLAIM_TEST(hosts_are_compared),
		CLAIM_TEST(moves_need_their_time_to_the_nanosecond),
		CLAIM_TEST(rules_left_out_do_not_hold),
		CLAIM_TEST(unplanned_models_wait_for_their_windows),
		CLAIM_TEST(large_models_are_checked_in_seconds),
	};

	claim_begin(NR(tests));
	claim_run(tests, NR(tests));
	return claim_end();
}
