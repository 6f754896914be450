// SPDX-License-Identifier: GPL-2.0
/*
 * sensor - writes a sampling port once in each window
 *
 * In a large message the text is followed by copies of its number up to the end,
 * so that a reader can tell a whole message from a torn one.
 */
#include "demo.h"

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	volatile struct traffic_record *record;
	static union {
		char bytes[DEMO_MESSAGE];
		uint64_t words[DEMO_MESSAGE / sizeof(uint64_t)];
	} sample;
	struct guest_port port;
	uint32_t max;

	if (vcpu)
		guest_idle();
	record = demo_begin();
	if (!guest_port_find(&port, info, PARTSCHED_GUEST_CHANNEL_SAMPLING,
			     PARTSCHED_GUEST_CHANNEL_SOURCE)) {
		guest_print("no port to write\n");
		return 1;
	}
	max = port.end.geometry.max_message;
	if (max > DEMO_MESSAGE)
		max = DEMO_MESSAGE;
	for (;; record->turns++) {
		uint64_t number = port.end.position + 1;
		struct demo_text text = { 0 };

		demo_window(info);
		demo_add(&text, "speed ");
		demo_add_number(&text, 200 + number % 50);
		demo_add(&text, " kt, sample ");
		demo_add_number(&text, number);
		for (uint32_t i = 0; i < DEMO_MESSAGE / sizeof(uint64_t); i++)
			sample.words[i] = number;
		for (uint32_t i = 0; i < DEMO_HEAD; i++)
			sample.bytes[i] = i < text.length ? text.data[i] : '\0';
		if (guest_port_put(&port, sample.bytes, max <= DEMO_TEXT_ONLY ? text.length : max))
			return 2;
		demo_got(demo_port(&port), number, guest_time_ns(info), text.data, text.length);
		guest_port_kick(&port);
		if (demo_speaks(record->turns))
			demo_line(info, &text);
	}
}
