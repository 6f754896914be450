// SPDX-License-Identifier: GPL-2.0
/*
 * talker - says words to a listener: fills a queue in each window
 *
 * A word's number is its place in the queue since that was made, so that a talker
 * that is started again goes on with the next one.
 */
#include "demo.h"

static struct guest_port port;

static int say(uint64_t number)
{
	struct demo_text text = { 0 };
	int ret;

	demo_add(&text, "word ");
	demo_add_number(&text, number);
	ret = guest_port_put(&port, text.data, text.length);
	if (ret == PARTSCHED_GUEST_NO_ERROR)
		demo_got(demo_port(&port), number, guest_time_ns(port.info), text.data,
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

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	volatile struct traffic_record *record = demo_begin();
	uint64_t first;
	int ret;

	if (vcpu)
		guest_idle();
	if (!guest_port_find(&port, info, PARTSCHED_GUEST_CHANNEL_QUEUING,
			     PARTSCHED_GUEST_CHANNEL_SOURCE)) {
		guest_print("no queue to talk into\n");
		return 1;
	}
	for (;; record->turns++) {
		demo_window(info);
		first = port.end.position + 1;
		while ((ret = say(port.end.position + 1)) == PARTSCHED_GUEST_NO_ERROR)
			;
		if (ret != PARTSCHED_GUEST_NOT_AVAILABLE)
			return 2;
		demo_port(&port)->refused = port.end.refused;
		demo_port(&port)->nonsense = port.end.faults;
		/* once a window is enough: kicks are not counted anyway */
		guest_port_kick(&port);
		if (demo_speaks(record->turns))
			tell(info, first, port.end.position);
	}
}
