// SPDX-License-Identifier: GPL-2.0
/*
 * meter - measures what its ports cost beside plain copies
 *
 * Each port in turn, its longest message; the rest of the time it spins.
 */
#include "meter.h"
#include "port.h"

#define MESSAGE_MAX	8192

static volatile struct meter_record *const record = (void *)METER_RECORD;
static uint8_t from[MESSAGE_MAX] __attribute__((aligned(64)));
static uint8_t to[MESSAGE_MAX] __attribute__((aligned(64)));

/* The ports' own functions, and the time told beforehand. */
static __attribute__((noinline)) int call(struct guest_port *port, uint64_t now_ns)
{
	struct partsched_channel_message message;
	bool source = port->channel->direction == PARTSCHED_GUEST_CHANNEL_SOURCE;
	uint32_t bytes = port->end.geometry.max_message;

	if (port->channel->type == PARTSCHED_GUEST_CHANNEL_SAMPLING)
		return source ? partsched_sampling_write(&port->end, from, bytes, now_ns) :
				partsched_sampling_read(&port->end, to, now_ns, &message);
	return source ? partsched_queue_send(&port->end, from, bytes, now_ns) :
			partsched_queue_receive(&port->end, to, now_ns, &message);
}

static int whole(struct guest_port *port)
{
	struct partsched_channel_message message;

	if (port->channel->direction == PARTSCHED_GUEST_CHANNEL_SOURCE)
		return guest_port_put(port, from, port->end.geometry.max_message);
	return guest_port_get(port, to, &message);
}

static void measure(struct guest_port *port, uint32_t index)
{
	uint64_t i = record->nr[index], now_ns = guest_time_ns(port->info), at[6];
	volatile struct meter_note *note = &record->note[index][i];

	if (i == METER_NOTES)
		return;
	at[0] = guest_tsc();
	at[1] = guest_tsc();
	PARTSCHED_CHANNEL_COPY(to, from, port->end.geometry.max_message);
	at[2] = guest_tsc();
	if (call(port, now_ns))
		return;
	at[3] = guest_tsc();
	at[4] = guest_tsc();
	if (whole(port))
		return;
	at[5] = guest_tsc();
	note->copy = (at[2] - at[1]) - (at[1] - at[0]);
	note->call = (at[3] - at[2]) - (at[1] - at[0]);
	note->whole = (at[5] - at[4]) - (at[1] - at[0]);
	__atomic_store_n(&record->nr[index], i + 1, __ATOMIC_RELEASE);
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	static struct guest_port port[METER_PORTS];
	bool open[METER_PORTS];

	if (vcpu)
		guest_idle();
	for (uint32_t i = 0; i < METER_PORTS; i++)
		open[i] = guest_port_open(&port[i], info, guest_channel(info, i)) &&
			  port[i].end.geometry.max_message <= MESSAGE_MAX;
	__atomic_store_n(&record->magic, METER_MAGIC, __ATOMIC_RELEASE);
	for (;;) {
		for (uint32_t i = 0; i < METER_PORTS; i++)
			if (open[i])
				measure(&port[i], i);
		guest_pause();
	}
}
