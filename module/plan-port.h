/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ports of a plan. See plan-port.c.
 */
#ifndef PARTSCHED_PLAN_PORT_H
#define PARTSCHED_PLAN_PORT_H

#include <linux/types.h>

struct ps_channel;
struct ps_plan;

/**
 * struct ps_plan_port - an end of a channel, and what this plan says of it
 * @channel: with a reference; NULL in a plan that is only looked at, if the
 *	plan in force has no such channel
 * @end: which end of it, 0: the source
 * @channel_id: ChannelIdentifier
 * @kick: enum partsched_kick
 * @pseudo: of a pseudo-partition
 * @partition_id: of a partition otherwise
 *
 * What another plan may say differently without touching the messages is here;
 * the rest is the channel's.
 */
struct ps_plan_port {
	struct ps_channel *channel;
	u32 end;
	u32 channel_id;
	u32 kick;
	bool pseudo;
	u32 partition_id;
};

void ps_plan_free_ports(struct ps_plan *plan);
bool ps_plan_ports_equal(const struct ps_plan *a, const struct ps_plan *b);

#endif /* PARTSCHED_PLAN_PORT_H */
