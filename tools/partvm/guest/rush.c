// SPDX-License-Identifier: GPL-2.0
/*
 * rush - writes and reads all of its ports as fast as it can
 *
 * A message is as long as can be, and its words say which one it is, each of them.
 */
#include <stdint.h>

/*
 * A copy that can be interrupted at each word: an emulated processor may well do a
 * "rep movs" as one.
 */
#define PARTSCHED_CHANNEL_COPY(to, from, bytes)	copy_words(to, from, bytes)

static inline void copy_words(void *to, const void *from, uint64_t bytes)
{
	volatile uint64_t *t = to;
	const volatile uint64_t *f = from;

	while (bytes >= sizeof(*t)) {
		*t++ = *f++;
		bytes -= sizeof(*t);
	}
}

#include "demo.h"

static struct guest_port port[TRAFFIC_PORTS];
static uint64_t words[DEMO_MESSAGE / 8];

static bool samples(const struct guest_port *port)
{
	return port->channel->type == PARTSCHED_GUEST_CHANNEL_SAMPLING;
}

/* The next one. Return: whether there was room. */
static bool put(struct guest_port *to)
{
	volatile struct traffic_port *seen = demo_port(to);
	uint64_t bytes = to->end.geometry.max_message & ~7, number = to->end.position + 1;
	uint64_t now_ns = guest_time_ns(to->info);

	for (uint64_t i = 0; i < bytes / 8; i++)
		words[i] = number + i;
	if (samples(to) ? partsched_sampling_write(&to->end, words, bytes, now_ns) :
			  partsched_queue_send(&to->end, words, bytes, now_ns)) {
		seen->refused = to->end.refused;
		return false;
	}
	seen->number = number;
	__atomic_store_n(&seen->messages, seen->messages + 1, __ATOMIC_RELEASE);
	return true;
}

/* Return: whether there was one. */
static bool get(struct guest_port *from)
{
	volatile struct traffic_port *seen = demo_port(from);
	uint64_t wrong = 0, now_ns = guest_time_ns(from->info);
	struct partsched_channel_message message;

	if (samples(from) ? partsched_sampling_read(&from->end, words, now_ns, &message) :
			    partsched_queue_receive(&from->end, words, now_ns, &message)) {
		seen->nonsense = from->end.faults;
		return false;
	}
	for (uint64_t i = 0; i < message.length / 8; i++)
		wrong |= words[i] ^ (message.number + i);
	seen->torn += wrong || message.length != (from->end.geometry.max_message & ~7);
	/* of a queue from the first one on: it was there before that */
	seen->disorder += samples(from) ? message.number < seen->number :
					  message.number != seen->messages + 1;
	seen->number = message.number;
	__atomic_store_n(&seen->messages, seen->messages + 1, __ATOMIC_RELEASE);
	return true;
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	volatile struct traffic_record *record = demo_begin();
	uint32_t nr = 0;

	if (vcpu)
		guest_idle();
	while (nr < TRAFFIC_PORTS && guest_port_open(&port[nr], info, guest_channel(info, nr)))
		if (port[nr++].end.geometry.max_message > DEMO_MESSAGE)
			return 1;
	for (;; record->turns++) {
		for (uint32_t i = 0; i < nr; i++) {
			/* as many as a queue has, at most, then it is another's turn */
			uint32_t left = port[i].end.geometry.depth;

			if (port[i].channel->direction == PARTSCHED_GUEST_CHANNEL_SOURCE)
				while (left-- && put(&port[i]))
					;
			else
				while (left-- && get(&port[i]))
					;
		}
	}
}
