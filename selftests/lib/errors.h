/* SPDX-License-Identifier: GPL-2.0 */
/*
 * errors - health monitor tables of the tests' plans, and the module's log
 */
#ifndef TEST_ERRORS_H
#define TEST_ERRORS_H

#include <stdint.h>

#include "kernel-health.h"

/**
 * errors_do() - what is done about a source's errors
 * @model: the plan
 * @partition: index, of this partition alone
 * @source: enum partsched_error_source, not OTHER
 * @action: the action, in all states
 *
 * The identifier of the source's errors is 100 + @source.
 */
void errors_do(struct ps_model *model, size_t partition, uint32_t source,
	       enum ps_recovery action);

/**
 * errors_last() - number of the newest entry of the log
 * @kernel: connection
 */
uint64_t errors_last(struct ps_kernel *kernel);

/**
 * errors_find() - look for an error in the log
 * @kernel: connection
 * @after: number of an entry: only newer ones
 * @partition: name
 * @source: enum partsched_error_source
 * @entry: filled in, with the oldest one
 *
 * Return: how many there are.
 */
size_t errors_find(struct ps_kernel *kernel, uint64_t after, const char *partition,
		   uint32_t source, struct ps_hm_entry *entry);

#endif /* TEST_ERRORS_H */
