/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel-mode - operating modes of partitions, halting and going on
 *
 * See kernel.h for what all of these share.
 */
#ifndef PS_KERNEL_MODE_H
#define PS_KERNEL_MODE_H

#include "kernel.h"

/**
 * struct ps_mode_result - what became of a request for another mode
 * @before: enum partsched_mode that the partition was in
 * @no_action: it is in that mode already, and nothing was done
 */
struct ps_mode_result {
	uint32_t before;
	bool no_action;
};

/**
 * ps_kernel_set_mode() - change a partition's operating mode
 * @kernel: connection
 * @name: of the partition
 * @mode: enum partsched_mode
 * @requester: enum partsched_requester: the operator or the partition
 * @result: what became of it
 * @error: why not: among other things, not allowed from the mode that it is in
 *
 * Return: 0 or -1.
 */
int ps_kernel_set_mode(struct ps_kernel *kernel, const char *name, uint32_t mode,
		       uint32_t requester, struct ps_mode_result *result, struct ps_error *error);

/**
 * ps_kernel_halt() - stop a partition at once, its state kept
 * @kernel: connection
 * @name: of the partition
 * @no_action: receives whether it was halted already
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_halt(struct ps_kernel *kernel, const char *name, bool *no_action,
		   struct ps_error *error);

/**
 * ps_kernel_continue() - let a halted partition go on in its next window
 * @kernel: connection
 * @name: of the partition
 * @no_action: receives whether it was not halted
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_continue(struct ps_kernel *kernel, const char *name, bool *no_action,
		       struct ps_error *error);

/**
 * ps_kernel_partition() - one partition of the plan in force
 * @kernel: connection
 * @name: of the partition
 * @info: receives it
 * @error: why not, also when there is none of this name
 *
 * Return: 0 or -1.
 */
int ps_kernel_partition(struct ps_kernel *kernel, const char *name,
			struct ps_partition_info *info, struct ps_error *error);

/**
 * ps_kernel_wait_mode() - wait until a partition is in a mode
 * @kernel: connection
 * @name: of the partition
 * @mode: enum partsched_mode
 * @starts: of NORMAL: its number of starts from which on it counts, 0: any. So
 *	a partition that is NORMAL still is not taken for one that is so again
 * @timeout_ns: how long to wait
 * @error: why not: also if it becomes idle while it is to start
 *
 * Return: 0 when it is, or -1.
 */
int ps_kernel_wait_mode(struct ps_kernel *kernel, const char *name, uint32_t mode,
			uint64_t starts, uint64_t timeout_ns, struct ps_error *error);

/**
 * ps_start_condition_name() - a word for enum partsched_start_condition
 * @condition: value
 *
 * Return: a static string.
 */
const char *ps_start_condition_name(uint32_t condition);

#endif /* PS_KERNEL_MODE_H */
