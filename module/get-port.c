// SPDX-License-Identifier: GPL-2.0
/*
 * Answers about ports. See get.c.
 */
#include <net/genetlink.h>

#include "channel.h"
#include "get.h"
#include "lock.h"
#include "netlink.h"
#include "plan.h"

static bool put_status(struct sk_buff *skb,
		       const struct partsched_port_status *status)
{
	return !nla_put_u32(skb, PARTSCHED_A_PORT_TYPE, status->type) &&
	       !nla_put_u32(skb, PARTSCHED_A_MAX_MESSAGE,
			    status->max_message) &&
	       !nla_put_u32(skb, PARTSCHED_A_DEPTH, status->depth) &&
	       !put_u64(skb, PARTSCHED_A_REFRESH_NS, status->refresh_ns) &&
	       !put_u64(skb, PARTSCHED_A_REGION_BYTES, status->region_bytes) &&
	       !put_u64(skb, PARTSCHED_A_NR_MESSAGES, status->nr_messages) &&
	       !put_u64(skb, PARTSCHED_A_LAST_NS, status->last_ns) &&
	       !nla_put_u32(skb, PARTSCHED_A_VALIDITY, status->validity) &&
	       !nla_put_u32(skb, PARTSCHED_A_PENDING, status->pending) &&
	       !put_u64(skb, PARTSCHED_A_OVERFLOWS, status->overflows);
}

static bool put_kicks(struct sk_buff *skb, const struct ps_kick *kick)
{
	return !put_u64(skb, PARTSCHED_A_NR_KICKS,
			atomic64_read(&kick->nr_asked)) &&
	       !put_u64(skb, PARTSCHED_A_KICKS_DEFERRED,
			atomic64_read(&kick->nr_deferred)) &&
	       !put_u64(skb, PARTSCHED_A_KICKS_DELIVERED,
			atomic64_read(&kick->nr_delivered));
}

static bool put_port(struct sk_buff *skb, const struct ps_plan_port *port)
{
	struct ps_channel *channel = port->channel;
	struct ps_channel_port *counts = &channel->ports[port->end];
	struct partsched_port_status status;

	ps_channel_status(channel, &status);
	return !nla_put_string(skb, PARTSCHED_A_PARTITION_NAME,
			       counts->end.partition) &&
	       !nla_put_string(skb, PARTSCHED_A_PORT_NAME, counts->end.port) &&
	       !nla_put_u32(skb, PARTSCHED_A_PORT_DIRECTION,
			    port->end ? PARTSCHED_PORT_DESTINATION :
					PARTSCHED_PORT_SOURCE) &&
	       (port->pseudo || !nla_put_u32(skb, PARTSCHED_A_PARTITION_ID,
					     port->partition_id)) &&
	       !nla_put_u32(skb, PARTSCHED_A_CHANNEL_ID, port->channel_id) &&
	       !nla_put_string(skb, PARTSCHED_A_CHANNEL_NAME,
			       channel->spec.name) &&
	       !nla_put_u32(skb, PARTSCHED_A_KICK, port->kick) &&
	       put_status(skb, &status) &&
	       !put_u64(skb, PARTSCHED_A_HOST_MESSAGES,
			atomic64_read(&counts->messages)) &&
	       !nla_put_u32(skb, PARTSCHED_A_NR_OPEN,
			    atomic_read(&counts->nr_open)) &&
	       put_kicks(skb, &counts->kick);
}

/**
 * ps_get_ports() - GET_PORT
 * @skb: to be filled
 * @cb: args[0] is the next port
 *
 * Return: bytes, 0 at the end.
 */
int ps_get_ports(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct ps_plan *plan = ps_dump_begin(cb, NULL);

	for (; plan && cb->args[0] < plan->nr_ports; cb->args[0]++) {
		void *header = ps_dump_put(skb, cb, PARTSCHED_CMD_GET_PORT);

		if (!header)
			break;
		if (!put_port(skb, &plan->ports[cb->args[0]])) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
	}
	ps_unlock();
	return skb->len;
}
