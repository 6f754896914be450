// SPDX-License-Identifier: GPL-2.0
#include "demo.h"

#define FREE_TURN_NS	10000000

void demo_add(struct demo_text *text, const char *more)
{
	while (*more && text->length < sizeof(text->data) - 1)
		text->data[text->length++] = *more++;
	text->data[text->length] = '\0';
}

void demo_add_number(struct demo_text *text, uint64_t value)
{
	char digits[21], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do {
		*--at = '0' + value % 10;
		value /= 10;
	} while (value);
	demo_add(text, at);
}

volatile struct traffic_record *demo_begin(void)
{
	volatile struct traffic_record *record = (void *)TRAFFIC_RECORD;

	__atomic_store_n(&record->magic, TRAFFIC_MAGIC, __ATOMIC_RELEASE);
	return record;
}

volatile struct traffic_port *demo_port(const struct guest_port *port)
{
	volatile struct traffic_record *record = (void *)TRAFFIC_RECORD;
	uint64_t index = (port->channel->address - PARTSCHED_GUEST_CHANNEL) /
			 PARTSCHED_GUEST_CHANNEL_STRIDE;

	return &record->port[index < TRAFFIC_PORTS ? index : TRAFFIC_PORTS - 1];
}

void demo_got(volatile struct traffic_port *port, uint64_t number, uint64_t time_ns,
	      const char *text, uint32_t length)
{
	uint32_t i;

	for (i = 0; i < length && i < TRAFFIC_TEXT - 1 && text[i]; i++)
		port->text[i] = text[i];
	port->text[i] = '\0';
	port->number = number;
	port->time_ns = time_ns;
	/* who sees it counted sees the rest, too */
	__atomic_store_n(&port->messages, port->messages + 1, __ATOMIC_RELEASE);
}

void demo_window(const struct partsched_guest_info *info)
{
	const volatile struct partsched_guest_live *live =
		(const void *)((const uint8_t *)info + info->live_offset);
	static uint32_t seq;
	uint64_t until_ns;

	if (!info->live_offset) {
		until_ns = guest_time_ns(info) + FREE_TURN_NS;
		while (guest_time_ns(info) < until_ns)
			guest_pause();
		return;
	}
	/* even: the window is open, and the page tells of it */
	while (live->vcpu[0].seq == seq || live->vcpu[0].seq & 1)
		guest_pause();
	seq = live->vcpu[0].seq;
}

void demo_line(const struct partsched_guest_info *info, const struct demo_text *text)
{
	guest_print_name(info);
	guest_print(": ");
	guest_print(text->data);
	guest_print("\n");
}
