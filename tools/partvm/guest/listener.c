// SPDX-License-Identifier: GPL-2.0
/*
 * listener - takes what comes from all its queues, and sleeps until it is kicked
 *
 * It sleeps if it is told of messages at every queue, and looks over and over
 * otherwise.
 */
#include "demo.h"

static struct guest_port port[TRAFFIC_PORTS];
static const struct partsched_guest_info *page;

static __attribute__((interrupt)) void on_kick(struct guest_interrupt *frame)
{
	volatile struct traffic_record *record = (void *)TRAFFIC_RECORD;
	const volatile struct partsched_guest_live *live =
		(const void *)((const uint8_t *)page + page->live_offset);
	static volatile bool inside;
	uint64_t i;

	(void)frame;
	/*
	 * QEMU's software emulation of SVM delivers an injected interrupt once more,
	 * within its own handler, if it has to stop at that moment.
	 */
	if (inside)
		return;
	inside = true;
	i = record->kicks % TRAFFIC_KICKS;
	record->kick_ns[i] = guest_time_ns(page);
	record->window_ns[i] = page->live_offset ? live->vcpu[0].start_ns : 0;
	__atomic_store_n(&record->kicks, record->kicks + 1, __ATOMIC_RELEASE);
	inside = false;
	guest_write_msr(GUEST_APIC_EOI, 0);
}

/* Open all queues; a kick finds us asleep only if all of them kick. */
static uint32_t open_all(const struct partsched_guest_info *info, bool *kicked)
{
	const struct partsched_guest_channel *channel;
	uint32_t i = 0, nr = 0;

	*kicked = true;
	while (nr < TRAFFIC_PORTS && (channel = guest_channel(info, i++))) {
		if (channel->type != PARTSCHED_GUEST_CHANNEL_QUEUING ||
		    channel->direction != PARTSCHED_GUEST_CHANNEL_DESTINATION ||
		    !guest_port_open(&port[nr], info, channel))
			continue;
		*kicked &= guest_port_on_kick(&port[nr], on_kick);
		nr++;
	}
	return nr;
}

static void tell(uint64_t first, uint64_t last, const char *message, uint32_t length,
		 uint64_t age_ns)
{
	struct demo_text text = { 0 };

	demo_add(&text, "heard ");
	demo_add_number(&text, first);
	demo_add(&text, " to ");
	demo_add_number(&text, last);
	demo_add(&text, ", the last one \"");
	for (uint32_t i = 0; i < length && i < 32; i++)
		demo_add(&text, (char[]){ message[i], '\0' });
	demo_add(&text, "\", ");
	demo_add_number(&text, age_ns / 1000);
	demo_add(&text, " us old");
	demo_line(page, &text);
}

/* All that a queue holds now. Return: messages taken. */
static uint64_t drain(struct guest_port *from, bool speak)
{
	volatile struct traffic_port *seen = demo_port(from);
	struct partsched_channel_message message;
	static char buffer[DEMO_MESSAGE];
	uint64_t first = 0, nr = 0;
	/* a hostile source keeps it full for ever: others have their turn */
	uint32_t left = from->end.geometry.depth;
	int ret = PARTSCHED_GUEST_NO_ERROR;
	struct partsched_channel_message last = { 0 };

	if (from->end.geometry.max_message > sizeof(buffer))
		return 0;
	while (left-- && ret != PARTSCHED_GUEST_NOT_AVAILABLE) {
		ret = guest_port_get(from, buffer, &message);
		if (ret != PARTSCHED_GUEST_NO_ERROR)
			continue;
		seen->disorder += seen->messages && message.number != seen->number + 1;
		seen->refused += message.refused;
		demo_got(seen, message.number, message.timestamp_ns, buffer, message.length);
		first = first ?: message.number;
		last = message;
		nr++;
	}
	seen->nonsense = from->end.faults;
	if (nr && speak)
		tell(first, last.number, buffer, last.length, last.age_ns);
	return nr;
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	volatile struct traffic_record *record;
	uint64_t spoken = 0, nr;
	uint32_t nr_ports;
	bool kicked;

	if (vcpu)
		guest_idle();
	page = info;
	record = demo_begin();
	nr_ports = open_all(info, &kicked);
	if (!nr_ports) {
		guest_print("no queue to listen to\n");
		return 1;
	}
	for (;; record->turns++) {
		nr = 0;
		for (uint32_t i = 0; i < nr_ports; i++)
			nr += drain(&port[i], demo_speaks(spoken));
		spoken += !!nr;
		/*
		 * Interrupts are off but here: a kick that comes after the look at
		 * the queue is still pending, and ends the sleep.
		 */
		if (nr)
			continue;
		if (kicked)
			__asm__ volatile("sti\n	hlt\n	cli" : : : "memory");
		else
			guest_pause();
	}
}
