// SPDX-License-Identifier: GPL-2.0
/*
 * Answers about the health monitor: its tables and its log. See get.c.
 */
#include <net/genetlink.h>

#include "get.h"
#include "health.h"
#include "health-log.h"
#include "lock.h"
#include "netlink.h"
#include "plan.h"

static bool put_row(struct sk_buff *skb, const struct ps_hm_row *row)
{
	return !nla_put_u32(skb, PARTSCHED_A_ERROR_ID, row->id) &&
	       !nla_put_u32(skb, PARTSCHED_A_ERROR_LEVEL, row->level) &&
	       !nla_put_u32(skb, PARTSCHED_A_ERROR_STATES, row->states) &&
	       !nla_put_u32(skb, PARTSCHED_A_HM_ACTION, row->action) &&
	       !nla_put_u32(skb, PARTSCHED_A_ERROR_CODE, row->code) &&
	       (row->common || !nla_put_u32(skb, PARTSCHED_A_PARTITION_ID,
					    row->partition_id));
}

/**
 * ps_get_errors() - GET_ERROR
 * @skb: to be filled
 * @cb: args[0] is the next row
 *
 * Return: bytes, 0 at the end.
 */
int ps_get_errors(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct ps_plan *plan = ps_dump_begin(cb, NULL);

	for (; plan && cb->args[0] < plan->hm.nr_rows; cb->args[0]++) {
		void *header = ps_dump_put(skb, cb, PARTSCHED_CMD_GET_ERROR);

		if (!header)
			break;
		if (!put_row(skb, &plan->hm.rows[cb->args[0]])) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
	}
	ps_unlock();
	return skb->len;
}

static bool put_source(struct sk_buff *skb, const struct ps_plan *plan,
		       u32 source)
{
	struct ps_hm_default what;

	ps_health_default(source, &what);
	return !nla_put_u32(skb, PARTSCHED_A_ERROR_SOURCE, source) &&
	       !nla_put_u32(skb, PARTSCHED_A_ERROR_LEVEL, what.level) &&
	       !nla_put_u32(skb, PARTSCHED_A_HM_ACTION, what.action) &&
	       !(plan && test_bit(source, &plan->hm.known) &&
		 nla_put_u32(skb, PARTSCHED_A_ERROR_ID, plan->hm.ids[source]));
}

/**
 * ps_get_error_sources() - GET_ERROR_SOURCE
 * @skb: to be filled
 * @cb: args[0] is the next source
 *
 * Return: bytes, 0 at the end.
 */
int ps_get_error_sources(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct ps_plan *plan = ps_dump_begin(cb, NULL);

	for (; cb->args[0] < PS_NR_ERROR_SOURCES; cb->args[0]++) {
		void *header = ps_dump_put(skb, cb,
					   PARTSCHED_CMD_GET_ERROR_SOURCE);

		if (!header)
			break;
		if (!put_source(skb, plan, cb->args[0])) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
	}
	ps_unlock();
	return skb->len;
}

/* Numbers of entries are 64 bits, and a long may have 32. */
struct log_place {
	u64 seq;
};

static_assert(sizeof(struct log_place) <=
	      sizeof_field(struct netlink_callback, ctx));

/**
 * ps_get_hm_log() - GET_HM_LOG
 * @skb: to be filled
 * @cb: its context is the number of the next entry
 *
 * What is logged meanwhile comes as well. A plan that changes does not matter.
 *
 * Return: bytes, 0 at the end.
 */
int ps_get_hm_log(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct log_place *place = (struct log_place *)cb->ctx;
	const struct ps_hm_entry *entry;

	ps_lock();
	cb->seq = 1;
	while ((entry = ps_hm_log_next(place->seq))) {
		void *header = ps_dump_put(skb, cb, PARTSCHED_CMD_GET_HM_LOG);

		if (!header)
			break;
		if (put_u64(skb, PARTSCHED_A_TIME_NS, entry->time_ns) ||
		    ps_hm_log_put(skb, entry)) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
		place->seq = entry->seq + 1;
	}
	ps_unlock();
	return skb->len;
}
