/* SPDX-License-Identifier: GPL-2.0 */
/*
 * operate - what is asked of partitions, and what the health monitor says
 *
 * Byte by byte, as message.h has it: the tools' library is not what is tested.
 */
#ifndef TEST_OPERATE_H
#define TEST_OPERATE_H

#include <linux/partsched.h>

#include "message.h"

/**
 * struct operator - a connection
 * @fd: its socket
 * @family: number of the family
 * @answer: the last answer
 */
struct operator {
	int fd;
	uint16_t family;
	struct answer answer;
};

/**
 * struct operate_row - a row of a health monitor table
 * @id: ErrorIdentifier
 * @level: enum partsched_error_level
 * @states: bits of enum partsched_error_state
 * @action: enum partsched_hm_action
 * @code: enum partsched_error_code
 * @partition: PartitionIdentifier, 0: of all
 */
struct operate_row {
	uint32_t id;
	uint32_t level;
	uint32_t states;
	uint32_t action;
	uint32_t code;
	uint32_t partition;
};

/* In each state. */
#define OPERATE_ALWAYS (PARTSCHED_STATE_IDLE | PARTSCHED_STATE_START | PARTSCHED_STATE_NORMAL)

/**
 * struct operate_plan - "a" in the first part of the frame, "b" in the second
 * @cpu: CPU of both
 * @frame_ns: major frame
 * @window_ns: each one's window
 * @vcpus: of "a", from 2 on on CPU 0
 * @supervised: of "a", like the following
 * @initialises: likewise
 * @has_limit: the two below are staged, of both
 * @restart_limit: how many
 * @restart_period_ns: in what time
 * @steal_limit_ns: of "a"
 * @acting: there are schedules 2 to 4, in which it is made idle, started warm
 *	and started cold
 * @ids: ErrorIdentifier of each source, 0: none
 * @rows: tables, or NULL
 * @nr_rows: number of them
 */
struct operate_plan {
	int cpu;
	uint64_t frame_ns;
	uint64_t window_ns;
	uint32_t vcpus;
	bool supervised;
	bool initialises;
	bool has_limit;
	uint32_t restart_limit;
	uint64_t restart_period_ns;
	uint64_t steal_limit_ns;
	bool acting;
	uint32_t ids[PARTSCHED_ERROR_START + 1];
	const struct operate_row *rows;
	size_t nr_rows;
};

/**
 * struct operate_info - what the module says of a partition
 * @mode: enum partsched_mode
 * @condition: enum partsched_start_condition
 * @starts: how often it was started
 * @errors: of it
 * @halted: by the operator
 * @supervised: as staged, like the following
 * @initialises: likewise
 * @restart_limit: likewise
 * @restart_period_ns: likewise
 * @steal_limit_ns: likewise
 */
struct operate_info {
	uint32_t mode;
	uint32_t condition;
	uint64_t starts;
	uint64_t errors;
	bool halted;
	bool supervised;
	bool initialises;
	uint32_t restart_limit;
	uint64_t restart_period_ns;
	uint64_t steal_limit_ns;
};

/**
 * struct operate_error - an entry of the log, or an event of it
 * @seq: its number
 * @time_ns: CLOCK_MONOTONIC
 * @source: enum partsched_error_source
 * @id: ErrorIdentifier
 * @code: enum partsched_error_code
 * @level: enum partsched_error_level
 * @state: enum partsched_error_state
 * @action: enum partsched_hm_action
 * @count: how often
 * @address: guest-physical
 * @vcpu: index
 * @injected: a test
 * @damped: idle instead
 * @partition: its name
 * @reason: what was said
 */
struct operate_error {
	uint64_t seq;
	uint64_t time_ns;
	uint32_t source;
	uint32_t id;
	uint32_t code;
	uint32_t level;
	uint32_t state;
	uint32_t action;
	uint64_t count;
	uint64_t address;
	uint32_t vcpu;
	bool injected;
	bool damped;
	char partition[PARTSCHED_NAME_MAX];
	char reason[PARTSCHED_REASON_MAX];
};

/**
 * operate_begin() - connect
 * @operator: filled in
 */
bool operate_begin(struct operator *operator);

/**
 * operate_end() - disconnect
 * @operator: also one that is not connected
 */
void operate_end(struct operator *operator);

/**
 * operate_ask() - begin a request, to be ended by operate_send()
 * @operator: connection
 * @message: filled in
 * @command: PARTSCHED_CMD_*
 * @partition: its name, or NULL
 */
void operate_ask(const struct operator *operator, struct message *message, uint8_t command,
		 const char *partition);

/**
 * operate_send() - send a request
 * @operator: connection; its answer is filled in
 * @message: the request
 *
 * Return: 0 or a positive errno.
 */
int operate_send(struct operator *operator, struct message *message);

/**
 * operate_load() - stage a plan and commit it
 * @operator: connection
 * @plan: the plan
 *
 * Return: 0 or a positive errno; the answer is about what was refused.
 */
int operate_load(struct operator *operator, const struct operate_plan *plan);

/**
 * operate_mode() - SET_MODE
 * @operator: connection
 * @partition: its name
 * @mode: enum partsched_mode
 * @requester: enum partsched_requester, 0: not said
 *
 * Return: 0 or a positive errno.
 */
int operate_mode(struct operator *operator, const char *partition, uint32_t mode,
		 uint32_t requester);

/**
 * operate_halt() - HALT or CONTINUE
 * @operator: connection
 * @partition: its name
 * @halt: which of them
 *
 * Return: 0 or a positive errno.
 */
int operate_halt(struct operator *operator, const char *partition, bool halt);

/**
 * operate_raise() - RAISE_ERROR
 * @operator: connection
 * @partition: its name
 * @source: enum partsched_error_source, 0: by its identifier
 * @id: ErrorIdentifier
 *
 * Return: 0 or a positive errno.
 */
int operate_raise(struct operator *operator, const char *partition, uint32_t source, uint32_t id);

/**
 * operate_info() - what the module says of a partition
 * @operator: connection
 * @partition: its name
 * @info: filled in
 *
 * Return: false if there is no such partition.
 */
bool operate_info(struct operator *operator, const char *partition, struct operate_info *info);

/**
 * operate_mode_of() - its mode
 * @operator: connection
 * @partition: its name
 *
 * Return: enum partsched_mode, 0: there is no such partition.
 */
uint32_t operate_mode_of(struct operator *operator, const char *partition);

/**
 * operate_log() - the health monitor's log
 * @operator: connection
 * @entries: filled in with those after @seq, oldest first; may be NULL
 * @max: how many there is room for
 * @seq: number of an entry, 0: before the first
 *
 * Return: how many there are, also beyond @max.
 */
size_t operate_log(struct operator *operator, struct operate_error *entries, size_t max,
		   uint64_t seq);

/**
 * operate_newest() - the number of the log's newest entry
 * @operator: connection
 */
uint64_t operate_newest(struct operator *operator);

/**
 * operate_error() - read an entry, or an event
 * @attrs: its attributes
 * @error: filled in
 */
void operate_error(const struct nlattr *const *attrs, struct operate_error *error);

#endif /* TEST_OPERATE_H */
