/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The channels of a draft. See draft-channel.c.
 */
#ifndef PARTSCHED_DRAFT_CHANNEL_H
#define PARTSCHED_DRAFT_CHANNEL_H

#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/partsched.h>

#include "channel.h"

struct ps_draft;
struct ps_plan;

/**
 * struct ps_draft_port - a staged end of a channel
 * @node: in the channel's list: the source first, then the destinations
 * @by_device: in the draft's hash table
 * @end: whose it is and what it is called; the device's name
 * @direction: enum partsched_port_direction
 * @kick: enum partsched_kick
 * @pseudo: of a pseudo-partition
 * @partition_id: of a partition otherwise
 * @queuing: its channel is a queuing one, so that it has a second device
 */
struct ps_draft_port {
	struct list_head node;
	struct hlist_node by_device;
	struct ps_end end;
	u32 direction;
	u32 kick;
	bool pseudo;
	u32 partition_id;
	bool queuing;
};

/**
 * struct ps_draft_channel - a staged channel
 * @node: in the draft's list, in the order of staging
 * @by_id: in the draft's hash table
 * @id: ChannelIdentifier
 * @spec: what it is
 * @ports: its ends
 * @has_source: the first of them is the source
 * @nr_destinations: how many are behind that
 * @channel: what it becomes, or goes on as; NULL until then
 */
struct ps_draft_channel {
	struct list_head node;
	struct hlist_node by_id;
	u32 id;
	struct ps_channel_spec spec;
	struct list_head ports;
	bool has_source;
	u32 nr_destinations;
	struct ps_channel *channel;
};

/**
 * struct ps_draft_channels - the channels of a draft
 * @list: in order
 * @by_id: the same, hashed
 * @by_device: ports by the names of their devices
 * @nr: how many
 * @nr_ports: their ends
 */
struct ps_draft_channels {
	struct list_head list;
	DECLARE_HASHTABLE(by_id, 8);
	DECLARE_HASHTABLE(by_device, 8);
	u32 nr;
	u32 nr_ports;
};

void ps_draft_channels_init(struct ps_draft_channels *channels);
void ps_draft_channels_free(struct ps_draft_channels *channels);
struct ps_draft_channel *ps_draft_channel(const struct ps_draft *draft, u32 id);
bool ps_draft_device(const struct ps_draft *draft, const struct ps_end *end,
		     bool queuing);
struct ps_draft_channel *
ps_draft_add_channel(struct ps_draft *draft, u32 id,
		     const struct ps_channel_spec *spec);
int ps_draft_add_port(struct ps_draft *draft, struct ps_draft_channel *channel,
		      const struct ps_draft_port *port);
const char *ps_draft_check_channels(const struct ps_draft *draft);
int ps_draft_make_channels(struct ps_draft *draft, bool dry);
int ps_draft_build_ports(const struct ps_draft *draft,
			 struct ps_plan *plan);

#endif /* PARTSCHED_DRAFT_CHANNEL_H */
