// SPDX-License-Identifier: GPL-2.0
/*
 * hostile - writes nonsense over all of its ports that it may write, rings all
 * doorbells, and never ends
 *
 * What others believe of a port is written most often: positions, numbers, lengths,
 * near each other and near the limits, and of any value now and then. Every other
 * time it forges a message whose number is right, so that the rest is looked at.
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

/* As a source does it, but for the length, the time, the content, and the order. */
static void forge(const struct partsched_guest_channel *channel, uint64_t near)
{
	struct partsched_channel_end end = { .region = (void *)channel->address };
	bool samples = channel->type == PARTSCHED_GUEST_CHANNEL_SAMPLING;
	volatile struct partsched_channel_slot *slot;
	volatile struct partsched_channel_source *source = partsched_channel_source(&end);
	uint64_t number = near + random() % 3;

	if (partsched_channel_geometry_init(&end.geometry, channel->type, channel->max_message,
					    channel->depth, channel->refresh_ns))
		return;
	number += !number;
	slot = partsched_channel_slot(&end, (number - !samples) % end.geometry.slots);
	slot->timestamp_ns = nonsense(guest_time_ns((void *)PARTSCHED_GUEST_INFO));
	slot->length = random() & 1 ? nonsense(channel->max_message) :
				      1 + random() % channel->max_message;
	slot->number = number;
	source->position = number;
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

			if (channel->direction == PARTSCHED_GUEST_CHANNEL_SOURCE && random() & 1)
				forge(channel, ack ? ack->position : source->position);
			else if (channel->direction == PARTSCHED_GUEST_CHANNEL_SOURCE)
				scribble((void *)channel->address, channel->size,
					 ack ? ack->position : source->position);
			else if (ack)
				scribble((void *)ack, PARTSCHED_CHANNEL_ACK_SIZE,
					 source->position);
			ring(channel);
		}
	}
}
