// SPDX-License-Identifier: GPL-2.0
/*
 * hostile - writes nonsense over all of its ports that it may write, rings all
 * doorbells, and never ends
 *
 * What others believe of a port is written most often: positions, numbers, lengths,
 * near each other and near the limits, and of any value now and then.
 */
#include "demo.h"

static uint64_t state = 0x9e3779b97f4a7c15ULL;

static uint64_t random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t nonsense(uint64_t near)
{
	uint64_t r = random();

	switch (r & 7) {
	case 0:
		return random();
	case 1:
		return ~0ULL - (r >> 8 & 15);
	case 2:
		return r >> 8 & 0xffff;
	default:
		return near + (int8_t)(r >> 8) / 8;
	}
}

static void scribble(volatile uint64_t *memory, uint64_t bytes, uint64_t near)
{
	/* the words that matter are the first ones */
	for (int i = 0; i < 8; i++)
		memory[random() % 32] = nonsense(near);
	for (int i = 0; i < 32; i++)
		memory[random() % (bytes / sizeof(*memory))] = nonsense(near);
}

static void ring(const struct partsched_guest_channel *channel)
{
	if (channel->nr_doorbells)
		guest_out(channel->doorbell + random() % channel->nr_doorbells, random());
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	volatile struct traffic_record *record = demo_begin();
	const struct partsched_guest_channel *channel;

	if (vcpu)
		guest_idle();
	guest_print("hello from ");
	guest_print_name(info);
	guest_print("\n");
	for (;; record->turns++) {
		for (uint32_t i = 0; (channel = guest_channel(info, i)); i++) {
			volatile struct partsched_channel_source *source =
				(void *)(channel->address + sizeof(struct partsched_channel_header));
			volatile struct partsched_channel_ack *ack = (void *)channel->ack_address;

			if (channel->direction == PARTSCHED_GUEST_CHANNEL_SOURCE)
				scribble((void *)channel->address, channel->size,
					 ack ? ack->position : source->position);
			else if (ack)
				scribble((void *)ack, PARTSCHED_CHANNEL_ACK_SIZE,
					 source->position);
			ring(channel);
		}
	}
}
