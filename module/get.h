/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files share that answer requests: get.c, get-port.c,
 * get-health.c.
 */
#ifndef PARTSCHED_GET_H
#define PARTSCHED_GET_H

#include <linux/partsched.h>
#include <net/genetlink.h>

struct ps_plan;
struct ps_schedule;

static inline int put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, PARTSCHED_A_PAD);
}

const struct ps_plan *ps_dump_begin(struct netlink_callback *cb,
				    const struct ps_schedule **in_force);
void *ps_dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd);

#endif /* PARTSCHED_GET_H */
