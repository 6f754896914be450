// SPDX-License-Identifier: GPL-2.0
/*
 * talker - says words to listeners: fills its queues in each window
 *
 * A word's number is its place in the queue since that was made, so that a talker
 * that is started again goes on with the next one.
 */
#include "demo.h"

static struct guest_port port[TRAFFIC_PORTS];

static uint32_t open_all(const struct partsched_guest_info *info)
{
	const struct partsched_guest_channel *channel;
	uint32_t i = 0, nr = 0;

	while (nr < TRAFFIC_PORTS && (channel = guest_channel(info, i++))) {
		if (channel->type == PARTSCHED_GUEST_CHANNEL_QUEUING &&
		    channel->direction == PARTSCHED_GUEST_CHANNEL_SOURCE &&
		    guest_port_open(&port[nr], info, channel))
			nr++;
	}
	return nr;
}

static int say(struct guest_port *to, uint64_t number)
{
	struct demo_text text = { 0 };
	int ret;

	demo_add(&text, "word ");
	demo_add_number(&text, number);
	ret = guest_port_put(to, text.data, text.length);
	if (ret == PARTSCHED_GUEST_NO_ERROR)
		demo_got(demo_port(to), number, guest_time_ns(to->info), text.data,
			 text.length);
	return ret;
}

static void tell(const struct partsched_guest_info *info, uint64_t first, uint64_t last)
{
	struct demo_text text = { 0 };

	if (first > last) {
		demo_add(&text, "the queue is full");
	} else {
		demo_add(&text, "said words ");
		demo_add_number(&text, first);
		demo_add(&text, " to ");
		demo_add_number(&text, last);
	}
	demo_line(info, &text);
}

/* Fill a queue, and ring. Return: false if it cannot be written. */
static bool fill(struct guest_port *to, bool speak)
{
	uint64_t first = to->end.position + 1;
	int ret;

	while ((ret = say(to, to->end.position + 1)) == PARTSCHED_GUEST_NO_ERROR)
		;
	if (ret != PARTSCHED_GUEST_NOT_AVAILABLE)
		return false;
	demo_port(to)->refused = to->end.refused;
	demo_port(to)->nonsense = to->end.faults;
	/* once a window is enough: kicks are not counted anyway */
	guest_port_kick(to);
	if (speak)
		tell(to->info, first, to->end.position);
	return true;
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	volatile struct traffic_record *record = demo_begin();
	uint32_t nr_ports, i;

	if (vcpu)
		guest_idle();
	nr_ports = open_all(info);
	if (!nr_ports) {
		guest_print("no queue to talk into\n");
		return 1;
	}
	for (;; record->turns++) {
		demo_window(info);
		for (i = 0; i < nr_ports; i++) {
			if (!fill(&port[i], demo_speaks(record->turns)))
				return 2;
		}
	}
}
