/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The health monitor's log. See health-log.c.
 */
#ifndef PARTSCHED_HEALTH_LOG_H
#define PARTSCHED_HEALTH_LOG_H

#include <linux/partsched.h>
#include <linux/types.h>

struct sk_buff;

/**
 * struct ps_hm_entry - an error, and what was done about it
 * @seq: its number, from 1; given by ps_hm_log_add()
 * @time_ns: CLOCK_MONOTONIC; likewise
 * @generation: of the plan
 * @source: enum partsched_error_source
 * @id: ErrorIdentifier, 0: none
 * @code: enum partsched_error_code
 * @level: enum partsched_error_level
 * @state: enum partsched_error_state, the one that the partition was in
 * @action: enum partsched_hm_action, what was done
 * @has_vcpu: @vcpu is known
 * @vcpu: index within the partition
 * @has_address: @address is known
 * @address: guest-physical
 * @count: how often it was found
 * @injected: a test
 * @damped: @action is instead of one restart too many
 * @partition: its name
 * @reason: what its finder says, may be empty
 */
struct ps_hm_entry {
	u64 seq;
	u64 time_ns;
	u32 generation;
	u32 source;
	u32 id;
	u32 code;
	u32 level;
	u32 state;
	u32 action;
	bool has_vcpu;
	u32 vcpu;
	bool has_address;
	u64 address;
	u64 count;
	bool injected;
	bool damped;
	char partition[PARTSCHED_NAME_MAX];
	char reason[PARTSCHED_REASON_MAX];
};

void ps_hm_log_add(struct ps_hm_entry *entry);
const struct ps_hm_entry *ps_hm_log_next(u64 seq);
int ps_hm_log_put(struct sk_buff *skb, const struct ps_hm_entry *entry);
int ps_hm_log_init(void);
void ps_hm_log_exit(void);

#endif /* PARTSCHED_HEALTH_LOG_H */
