/* SPDX-License-Identifier: GPL-2.0 */
/*
 * info - the guest's information page and its tables
 */
#ifndef PARTVM_INFO_H
#define PARTVM_INFO_H

#include "channel.h"
#include "config.h"
#include "memory.h"
#include "plan.h"

/**
 * info_create() - make and fill the information page
 * @memory: gets the area; the guest may only read it
 * @config: name and flags
 * @plan: our partition, or NULL when the guest runs free
 * @channels: its ports
 * @nr_vcpus: number of vCPUs
 *
 * The clock is left for clock_start().
 *
 * Return: the page in this process, or NULL with a message printed.
 */
struct partsched_guest_info *info_create(struct memory *memory, const struct config *config,
					 const struct plan *plan, const struct channels *channels,
					 uint32_t nr_vcpus);

#endif /* PARTVM_INFO_H */
