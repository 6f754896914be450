// SPDX-License-Identifier: GPL-2.0
/*
 * The health monitor's log: a ring of the newest errors. It is the module's, so
 * that it tells of a plan that is not there any more.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/netlink.h>

#include "get.h"
#include "health-log.h"
#include "lock.h"

/* Both under ps_mutex. */
static struct ps_hm_entry *ring;
static u64 newest;

static struct ps_hm_entry *place_of(u64 seq)
{
	return &ring[seq % PARTSCHED_HM_LOG_ENTRIES];
}

/**
 * ps_hm_log_add() - log an error
 * @entry: copied; its number and its time are filled in
 *
 * Context: ps_mutex held.
 */
void ps_hm_log_add(struct ps_hm_entry *entry)
{
	ps_assert_locked();
	entry->seq = ++newest;
	entry->time_ns = ktime_get_ns();
	*place_of(entry->seq) = *entry;
}

/**
 * ps_hm_log_next() - the oldest entry that is not older than another one
 * @seq: number of that one
 *
 * Context: ps_mutex held.
 * Return: the entry, NULL: there is none yet.
 */
const struct ps_hm_entry *ps_hm_log_next(u64 seq)
{
	ps_assert_locked();
	if (newest >= PARTSCHED_HM_LOG_ENTRIES)
		seq = max(seq, newest + 1 - PARTSCHED_HM_LOG_ENTRIES);
	seq = max_t(u64, seq, 1);
	return seq > newest ? NULL : place_of(seq);
}

/**
 * ps_hm_log_put() - put what there is to say of an entry into a message
 * @skb: the message
 * @entry: the entry
 *
 * But for its time, which an event has already and a dump puts by itself.
 *
 * Return: 0 or -EMSGSIZE.
 */
int ps_hm_log_put(struct sk_buff *skb, const struct ps_hm_entry *entry)
{
	if (put_u64(skb, PARTSCHED_A_HM_SEQ, entry->seq) ||
	    nla_put_u32(skb, PARTSCHED_A_GENERATION, entry->generation) ||
	    nla_put_u32(skb, PARTSCHED_A_ERROR_SOURCE, entry->source) ||
	    nla_put_u32(skb, PARTSCHED_A_ERROR_ID, entry->id) ||
	    nla_put_u32(skb, PARTSCHED_A_ERROR_CODE, entry->code) ||
	    nla_put_u32(skb, PARTSCHED_A_ERROR_LEVEL, entry->level) ||
	    nla_put_u32(skb, PARTSCHED_A_ERROR_STATES, entry->state) ||
	    nla_put_u32(skb, PARTSCHED_A_HM_ACTION, entry->action) ||
	    put_u64(skb, PARTSCHED_A_COUNT, entry->count) ||
	    nla_put_string(skb, PARTSCHED_A_PARTITION_NAME,
			   entry->partition) ||
	    (entry->has_vcpu &&
	     nla_put_u32(skb, PARTSCHED_A_VCPU, entry->vcpu)) ||
	    (entry->has_address &&
	     put_u64(skb, PARTSCHED_A_ADDRESS, entry->address)) ||
	    (*entry->reason &&
	     nla_put_string(skb, PARTSCHED_A_REASON, entry->reason)) ||
	    (entry->injected && nla_put_flag(skb, PARTSCHED_A_INJECTED)) ||
	    (entry->damped && nla_put_flag(skb, PARTSCHED_A_DAMPED)))
		return -EMSGSIZE;
	return 0;
}

/**
 * ps_hm_log_init() - make the ring
 *
 * Return: 0 or a negative error.
 */
int ps_hm_log_init(void)
{
	ring = kvcalloc(PARTSCHED_HM_LOG_ENTRIES, sizeof(*ring), GFP_KERNEL);
	return ring ? 0 : -ENOMEM;
}

/**
 * ps_hm_log_exit() - free it; nobody logs any more
 */
void ps_hm_log_exit(void)
{
	kvfree(ring);
}
