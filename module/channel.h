/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Channels: the memory of a source and its destinations. See channel.c.
 */
#ifndef PARTSCHED_CHANNEL_H
#define PARTSCHED_CHANNEL_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/partsched.h>
#include <linux/partsched_channel.h>
#include <linux/partsched_device.h>
#include <linux/refcount.h>
#include <linux/wait.h>

#include "kick.h"
#include "region.h"

#define PS_ACK_SUFFIX		PARTSCHED_PORT_ACK
/* "PARTITION.PORT.ack", the NUL included. */
#define PS_DEVICE_NAME_MAX	(2 * PARTSCHED_NAME_MAX + sizeof(PS_ACK_SUFFIX) - 1)

/**
 * struct ps_end - the name of a port
 * @partition: PartitionName, or the name of a pseudo-partition
 * @port: PortName
 */
struct ps_end {
	char partition[PARTSCHED_NAME_MAX];
	char port[PARTSCHED_NAME_MAX];
};

/**
 * struct ps_channel_spec - what a channel is, but for its ends
 * @name: ChannelName, may be empty
 * @type: enum partsched_port_type
 * @max_message: bytes of the longest message
 * @depth: messages that a queue holds, 0: it is none
 * @refresh_ns: how long a sampling message is valid, 0: for ever
 */
struct ps_channel_spec {
	char name[PARTSCHED_NAME_MAX];
	u32 type;
	u32 max_message;
	u32 depth;
	u64 refresh_ns;
};

/**
 * struct ps_channel_port - an end of a channel
 * @end: its name
 * @messages: read or written by programs of the host
 * @nr_open: files open on its devices
 * @kick: how a destination is told of messages
 */
struct ps_channel_port {
	struct ps_end end;
	atomic64_t messages;
	atomic_t nr_open;
	struct ps_kick kick;
};

/**
 * struct ps_channel - a channel
 * @refs: one for each port of a plan that has it, of a draft that will, of a
 *	device and of an open file
 * @spec: what it is
 * @geometry: what its memory looks like
 * @data: what the source writes
 * @ack: what the destination of a queue writes
 * @write_mutex: programs of the host that write; one after the other
 * @read_mutex: those that take messages out of a queue
 * @wait: those that wait for a message, or for room
 * @retired: no plan has it any more
 * @planned: the plan that is being committed has it; port.c's
 * @nr_ports: number of @ports
 * @ports: the source, then the destinations
 */
struct ps_channel {
	refcount_t refs;
	struct ps_channel_spec spec;
	struct partsched_channel_geometry geometry;
	struct ps_region data;
	struct ps_region ack;
	struct mutex write_mutex;
	struct mutex read_mutex;
	wait_queue_head_t wait;
	bool retired;
	bool planned;
	u32 nr_ports;
	struct ps_channel_port ports[];
};

const char *ps_channel_spec_check(const struct ps_channel_spec *spec);
void ps_end_device(const struct ps_end *end, bool ack, char *name);

struct ps_channel *ps_channel_new(const struct ps_channel_spec *spec,
				  const struct ps_end *ends, u32 nr_ends);
struct ps_channel *ps_channel_get(struct ps_channel *channel);
void ps_channel_put(struct ps_channel *channel);
u64 ps_channel_cost(const struct ps_channel_spec *spec);
bool ps_channel_is(const struct ps_channel *channel,
		   const struct ps_channel_spec *spec, u32 nr_ends);
bool ps_channel_end_is(const struct ps_channel *channel, u32 i,
		       const struct ps_end *end);
void ps_channel_retire(struct ps_channel *channel, bool retired);

static inline bool ps_channel_queuing(const struct ps_channel *channel)
{
	return channel->spec.type == PARTSCHED_PORT_QUEUING;
}

int ps_channel_write(struct ps_channel *channel, const void *message,
		     size_t size);
int ps_channel_read(struct ps_channel *channel, void *buffer, size_t size,
		    struct partsched_channel_message *message);
void ps_channel_status(struct ps_channel *channel,
		       struct partsched_port_status *status);

#endif /* PARTSCHED_CHANNEL_H */
