// SPDX-License-Identifier: GPL-2.0
/*
 * display - reads a sampling port, over and over, and shows it once a window
 */
#include "demo.h"

static char buffer[DEMO_MESSAGE] __attribute__((aligned(8)));
static struct guest_port port;

static void show(const struct partsched_guest_info *info, int ret,
		 const struct partsched_channel_message *message)
{
	struct demo_text text = { 0 };

	if (ret == PARTSCHED_GUEST_NO_ACTION) {
		demo_add(&text, "nothing was ever written");
	} else if (ret) {
		demo_add(&text, "no message: status ");
		demo_add_number(&text, ret);
	} else {
		buffer[message->length < DEMO_HEAD ? message->length : DEMO_HEAD - 1] = '\0';
		demo_add(&text, buffer);
		demo_add(&text, message->validity == PARTSCHED_CHANNEL_VALID ?
			 ", valid, " : ", too old, ");
		demo_add_number(&text, message->age_ns / 1000);
		demo_add(&text, " us old");
	}
	demo_line(info, &text);
}

/* Behind its text a sensor's sample is nothing but its number. */
static bool whole(const struct partsched_channel_message *message)
{
	const uint64_t *words = (const uint64_t *)buffer;

	for (uint32_t i = DEMO_HEAD / 8; i < message->length / 8; i++)
		if (words[i] != message->number)
			return false;
	return true;
}

static int look(struct partsched_channel_message *message)
{
	volatile struct traffic_port *seen = demo_port(&port);
	int ret = guest_port_get(&port, buffer, message);

	seen->nonsense = port.end.faults;
	if (ret)
		return ret;
	seen->disorder += message->number < seen->number;
	seen->torn += !whole(message);
	seen->invalid += message->validity != PARTSCHED_CHANNEL_VALID;
	demo_got(seen, message->number, message->timestamp_ns, buffer, message->length);
	return 0;
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	volatile struct traffic_record *record;
	struct partsched_channel_message message;
	int ret;

	if (vcpu)
		guest_idle();
	record = demo_begin();
	if (!guest_port_find(&port, info, PARTSCHED_GUEST_CHANNEL_SAMPLING,
			     PARTSCHED_GUEST_CHANNEL_DESTINATION) ||
	    port.end.geometry.max_message > DEMO_MESSAGE) {
		guest_print("no port to read\n");
		return 1;
	}
	for (;; record->turns++) {
		demo_window(info);
		for (int i = 0; i < 100; i++)
			ret = look(&message);
		if (demo_speaks(record->turns))
			show(info, ret, &message);
	}
}
