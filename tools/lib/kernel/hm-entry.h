/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hm-entry - what the health monitor says of an error, in its log and in events
 */
#ifndef PS_HM_ENTRY_H
#define PS_HM_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/partsched.h>

/**
 * struct ps_hm_entry - an entry of the log
 * @seq: number, from 1; a gap: entries were overwritten, or lost on the way
 * @time_ns: CLOCK_MONOTONIC
 * @generation: of the plan that was in force
 * @source: enum partsched_error_source
 * @id: ErrorIdentifier, 0: none
 * @code: enum partsched_error_code
 * @level: enum partsched_error_level
 * @states: enum partsched_error_state that the partition was in
 * @action: enum partsched_hm_action that was done
 * @count: how many errors this stands for
 * @partition: "" where it concerns none
 * @has_vcpu: @vcpu is given
 * @vcpu: index within the partition
 * @has_address: @address is given
 * @address: guest-physical
 * @reason: a sentence, "" for none
 * @injected: a test
 * @damped: too many restarts: it was made idle instead
 */
struct ps_hm_entry {
	uint64_t seq;
	uint64_t time_ns;
	uint32_t generation;
	uint32_t source;
	uint32_t id;
	uint32_t code;
	uint32_t level;
	uint32_t states;
	uint32_t action;
	uint64_t count;
	char partition[PARTSCHED_NAME_MAX];
	bool has_vcpu;
	uint32_t vcpu;
	bool has_address;
	uint64_t address;
	char reason[PARTSCHED_REASON_MAX];
	bool injected;
	bool damped;
};

#endif /* PS_HM_ENTRY_H */
