/* SPDX-License-Identifier: GPL-2.0 */
/*
 * channel - the ports of our partition: their memory, given to the guest
 */
#ifndef PARTVM_CHANNEL_H
#define PARTVM_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include <linux/partsched_channel.h>

#include "memory.h"
#include "plan.h"

/**
 * struct channel - one port of our partition
 * @port: what the module says of it
 * @geometry: of its channel
 * @device: path of its device
 * @name: for messages about its memory
 * @fd: the device
 * @data: what the source writes
 * @ack: what the destination of a queue writes, or NULL
 * @doorbell: first I/O port of a source, 0: none
 * @nr_doorbells: number of them
 * @kick_vector: of a destination, 0: none
 */
struct channel {
	struct ps_port_info port;
	struct partsched_channel_geometry geometry;
	char device[192];
	char name[192];
	int fd;
	void *data;
	void *ack;
	uint32_t doorbell;
	uint32_t nr_doorbells;
	uint32_t kick_vector;
};

/**
 * struct channels - the ports of our partition
 * @list: in the order of the plan, which is that of the channel table
 * @nr: number of them
 */
struct channels {
	struct channel *list;
	uint32_t nr;
};

/**
 * channels_open() - find our ports and map their memory
 * @channels: zeroed object
 * @plan: with our partition
 *
 * Return: 0, or -1 with a message printed.
 */
int channels_open(struct channels *channels, const struct plan *plan);

/**
 * channels_add() - put the ports' memory into the guest's address space
 * @channels: the ports; must stay where it is
 * @memory: not registered yet
 *
 * Return: 0, or -1 with a message printed.
 */
int channels_add(const struct channels *channels, struct memory *memory);

/**
 * channels_fill() - fill the channel table of the information page
 * @channels: the ports
 * @table: channels->nr entries
 */
void channels_fill(const struct channels *channels, struct partsched_guest_channel *table);

#endif /* PARTVM_CHANNEL_H */
