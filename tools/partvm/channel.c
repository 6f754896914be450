// SPDX-License-Identifier: GPL-2.0
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/partsched_device.h>

#include "error.h"
#include "report.h"

_Static_assert((int)PARTSCHED_PORT_SAMPLING == PARTSCHED_GUEST_CHANNEL_SAMPLING &&
	       (int)PARTSCHED_PORT_QUEUING == PARTSCHED_GUEST_CHANNEL_QUEUING &&
	       (int)PARTSCHED_PORT_SOURCE == PARTSCHED_GUEST_CHANNEL_SOURCE &&
	       (int)PARTSCHED_PORT_DESTINATION == PARTSCHED_GUEST_CHANNEL_DESTINATION,
	       "the contracts agree");
_Static_assert(PARTSCHED_GUEST_CHANNEL + PARTSCHED_GUEST_CHANNELS_MAX *
	       PARTSCHED_GUEST_CHANNEL_STRIDE <= PARTSCHED_GUEST_CHANNEL_END, "all have a place");
_Static_assert(PARTSCHED_CHANNEL_ACK_OFFSET + PARTSCHED_CHANNEL_ACK_SIZE <=
	       PARTSCHED_GUEST_CHANNEL_STRIDE, "a channel fits into its place");

static bool is_source(const struct channel *channel)
{
	return channel->port.direction == PARTSCHED_PORT_SOURCE;
}

static bool is_queue(const struct channel *channel)
{
	return channel->port.type == PARTSCHED_PORT_QUEUING;
}

static uint64_t address_of(uint32_t index)
{
	return PARTSCHED_GUEST_CHANNEL + index * PARTSCHED_GUEST_CHANNEL_STRIDE;
}

/*
 * The used pages are there as soon as they are mapped; what the module keeps
 * behind them nobody needs.
 */
static int map_device(struct channel *channel, bool ack, uint64_t size)
{
	bool writable = ack != is_source(channel);
	char path[sizeof(channel->device) + sizeof(PARTSCHED_PORT_ACK)];
	struct stat st;
	void *memory;
	off_t end;
	int fd;

	snprintf(path, sizeof(path), "%s%s", channel->device, ack ? PARTSCHED_PORT_ACK : "");
	fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (fd < 0) {
		report_error("%s: cannot open: %s", PS_SAFE(path), strerror(errno));
		return -1;
	}
	end = lseek(fd, 0, SEEK_END);
	if (fstat(fd, &st) || !S_ISCHR(st.st_mode) || end < 0 || (uint64_t)end != size) {
		report_error("%s: is not the device of a port of %llu bytes", PS_SAFE(path),
			     (unsigned long long)size);
		close(fd);
		return -1;
	}
	memory = mmap(NULL, size, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		report_error("%s: cannot map %llu bytes: %s", PS_SAFE(path),
			     (unsigned long long)size, strerror(errno));
		close(fd);
		return -1;
	}
	if (ack) {
		channel->ack = memory;
		/* the mapping keeps the file */
		close(fd);
	} else {
		channel->data = memory;
		channel->fd = fd;
	}
	return 0;
}

static int open_channel(struct channel *channel)
{
	const struct ps_port_info *port = &channel->port;
	char safe[PARTSCHED_NAME_MAX];

	snprintf(channel->device, sizeof(channel->device), PARTSCHED_PORT_DEVICES "%s.%s",
		 port->partition, port->port);
	snprintf(channel->name, sizeof(channel->name), "port \"%s\"",
		 ps_escape(safe, sizeof(safe), port->port));
	if (partsched_channel_geometry_init(&channel->geometry, port->type, port->max_message,
					    port->depth, port->refresh_ns)) {
		report_error("%s: the module tells of a channel that cannot be", channel->name);
		return -1;
	}
	if (map_device(channel, false, channel->geometry.region_size))
		return -1;
	return is_queue(channel) ? map_device(channel, true, PARTSCHED_CHANNEL_ACK_SIZE) : 0;
}

/* Keep those of @list that are ours. */
static int choose(struct channels *channels, const struct ps_port_info *list, size_t nr,
		  const char *partition)
{
	for (size_t i = 0; i < nr; i++) {
		if (list[i].pseudo || strcmp(list[i].partition, partition))
			continue;
		if (channels->nr == PARTSCHED_GUEST_CHANNELS_MAX) {
			report_error("the plan gives this partition more than %u ports, which is all that a guest can have",
				     PARTSCHED_GUEST_CHANNELS_MAX);
			return -1;
		}
		channels->list[channels->nr++] = (struct channel){ .port = list[i], .fd = -1 };
	}
	return 0;
}

int channels_open(struct channels *channels, const struct plan *plan)
{
	int ret;

	channels->list = calloc(PARTSCHED_GUEST_CHANNELS_MAX, sizeof(*channels->list));
	if (!channels->list) {
		report_error("no memory for ports");
		return -1;
	}
	ret = choose(channels, plan->ports, plan->nr_ports, plan->partition.name);
	for (uint32_t i = 0; !ret && i < channels->nr; i++)
		ret = open_channel(&channels->list[i]);
	return ret;
}

int channels_add(const struct channels *channels, struct memory *memory)
{
	for (uint32_t i = 0; i < channels->nr; i++) {
		const struct channel *channel = &channels->list[i];
		uint64_t gpa = address_of(i);

		if (memory_add_mapping(memory, gpa, channel->geometry.region_size, channel->data,
				       !is_source(channel), channel->name))
			return -1;
		if (channel->ack &&
		    memory_add_mapping(memory, gpa + PARTSCHED_CHANNEL_ACK_OFFSET,
				       PARTSCHED_CHANNEL_ACK_SIZE, channel->ack,
				       is_source(channel), channel->name))
			return -1;
	}
	return 0;
}

void channels_fill(const struct channels *channels, struct partsched_guest_channel *table)
{
	for (uint32_t i = 0; i < channels->nr; i++) {
		const struct channel *channel = &channels->list[i];

		table[i] = (struct partsched_guest_channel){
			.address = address_of(i),
			.size = channel->geometry.region_size,
			.type = channel->geometry.type,
			.direction = channel->port.direction,
			.max_message = channel->geometry.max_message,
			.depth = channel->geometry.depth,
			.refresh_ns = channel->geometry.refresh_ns,
			.kick_line = PARTSCHED_GUEST_NO_KICK,
			.ack_address = channel->ack ? address_of(i) + PARTSCHED_CHANNEL_ACK_OFFSET : 0,
			.doorbell = channel->doorbell,
			.nr_doorbells = channel->nr_doorbells,
			.kick_vector = channel->kick_vector,
		};
		snprintf(table[i].name, sizeof(table[i].name), "%s", channel->port.port);
	}
}
