// SPDX-License-Identifier: GPL-2.0
#include "port.h"

const struct partsched_guest_channel *guest_channel(const struct partsched_guest_info *info,
						    uint32_t index)
{
	const uint8_t *table = (const uint8_t *)info + info->channels_offset;

	if (index >= info->nr_channels ||
	    info->channel_size < sizeof(struct partsched_guest_channel))
		return NULL;
	return (const void *)(table + (uint64_t)index * info->channel_size);
}

/* The header in the channel's memory is not asked: its source may write there. */
bool guest_port_open(struct guest_port *port, const struct partsched_guest_info *info,
		     const struct partsched_guest_channel *channel)
{
	bool source = channel && channel->direction == PARTSCHED_GUEST_CHANNEL_SOURCE;
	struct partsched_channel_geometry geometry;
	struct partsched_channel_ack *ack;
	void *region;

	if (!channel ||
	    partsched_channel_geometry_init(&geometry, channel->type, channel->max_message,
					    channel->depth, channel->refresh_ns) ||
	    geometry.region_size > channel->size)
		return false;
	port->info = info;
	port->channel = channel;
	region = (void *)channel->address;
	ack = (void *)channel->ack_address;
	if (channel->type == PARTSCHED_GUEST_CHANNEL_SAMPLING && source)
		partsched_sampling_writer_init(&port->end, &geometry, region);
	else if (channel->type == PARTSCHED_GUEST_CHANNEL_SAMPLING)
		partsched_sampling_reader_init(&port->end, &geometry, region);
	else if (source)
		partsched_queue_sender_init(&port->end, &geometry, region, ack);
	else
		partsched_queue_receiver_init(&port->end, &geometry, region, ack);
	return true;
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool guest_port_named(struct guest_port *port, const struct partsched_guest_info *info,
		      const char *name)
{
	const struct partsched_guest_channel *channel;
	uint32_t i = 0;

	while ((channel = guest_channel(info, i++)))
		if (same(channel->name, name))
			return guest_port_open(port, info, channel);
	return false;
}

bool guest_port_find(struct guest_port *port, const struct partsched_guest_info *info,
		     uint32_t type, uint32_t direction)
{
	const struct partsched_guest_channel *channel;
	uint32_t i = 0;

	while ((channel = guest_channel(info, i++)))
		if (channel->type == type && channel->direction == direction)
			return guest_port_open(port, info, channel);
	return false;
}

static bool samples(const struct guest_port *port)
{
	return port->channel->type == PARTSCHED_GUEST_CHANNEL_SAMPLING;
}

int guest_port_put(struct guest_port *port, const void *message, uint64_t length)
{
	uint64_t now_ns = guest_time_ns(port->info);

	return samples(port) ? partsched_sampling_write(&port->end, message, length, now_ns) :
			       partsched_queue_send(&port->end, message, length, now_ns);
}

int guest_port_get(struct guest_port *port, void *buffer,
		   struct partsched_channel_message *message)
{
	uint64_t now_ns = guest_time_ns(port->info);

	return samples(port) ? partsched_sampling_read(&port->end, buffer, now_ns, message) :
			       partsched_queue_receive(&port->end, buffer, now_ns, message);
}

void guest_port_kick(const struct guest_port *port)
{
	for (uint32_t i = 0; i < port->channel->nr_doorbells; i++)
		guest_out(port->channel->doorbell + i, 1);
}

bool guest_port_on_kick(const struct guest_port *port,
			void (*handler)(struct guest_interrupt *frame))
{
	if (!port->channel->kick_vector)
		return false;
	guest_apic_on();
	guest_on_interrupt(port->channel->kick_vector, handler);
	return true;
}
