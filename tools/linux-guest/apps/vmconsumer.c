// SPDX-License-Identifier: GPL-2.0
/*
 * vmconsumer - shows each value that vmproducer sends
 *
 * vmconsumer [COUNT], without end if COUNT is not given or 0
 */
#include "hamr.h"

#define ME "vmconsumer"

/* If an event is lost, which none should be: look all the same. */
#define PATIENCE_MS	(60 * HAMR_PERIOD_MS)

static void tell_of_loss(const struct partsched_channel_message *message, uint64_t last)
{
	uint64_t lost = message->refused;

	if (last && message->number != last + 1)
		lost += message->number - last - 1;
	if (lost)
		printf(ME ": %llu values were lost\n", (unsigned long long)lost);
}

/* What was counted is at least what was sent. */
static void look_at_count(struct partsched_port *read_count, uint64_t number)
{
	struct partsched_channel_message message;
	static unsigned char buffer[HAMR_MESSAGE];
	hamr_count count;
	int ret = partsched_port_get(read_count, buffer, &message);

	if (ret || message.length != sizeof(count)) {
		printf(ME ": no count: status %d\n", ret);
		return;
	}
	if (message.validity != PARTSCHED_CHANNEL_VALID)
		printf(ME ": count is too old: %llu ms\n",
		       (unsigned long long)message.age_ns / 1000000);
	memcpy(&count, buffer, sizeof(count));
	if (count < number)
		printf(ME ": counted %llu, but there were %llu\n", (unsigned long long)count,
		       (unsigned long long)number);
}

int main(int argc, char **argv)
{
	unsigned long nr = argc > 1 ? hamr_number(ME, argv[1]) : 0, i = 0;
	struct partsched_channel_message message;
	struct partsched_port read_port, read_count;
	static unsigned char buffer[HAMR_MESSAGE];
	uint64_t last = 0;
	int ret, event = 1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("VM App " ME " started");
	hamr_open(ME, &read_count, "incoming data port", "read_count");
	hamr_open(ME, &read_port, "incoming event data port", "read_port");
	puts("Hello from " ME "'s run method");
	while (!nr || i < nr) {
		ret = partsched_port_get(&read_port, buffer, &message);
		if (ret == PARTSCHED_GUEST_NOT_AVAILABLE) {
			event = partsched_port_wait(&read_port, PATIENCE_MS);
			if (event < 0) {
				printf(ME ": event: %s\n", strerror(-event));
				return 1;
			}
			continue;
		}
		if (ret || message.length != sizeof(hamr_value)) {
			printf(ME ": nonsense on read_port: status %d\n", ret);
			continue;
		}
		if (!event)
			puts(ME ": a value came without an event");
		event = 1;
		tell_of_loss(&message, last);
		last = message.number;
		look_at_count(&read_count, message.number);
		printf(ME ": Received 8 bits on read_port: [ %02X ]\n\n", buffer[0]);
		i++;
	}
	puts(ME ": done");
	return 0;
}
