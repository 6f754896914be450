/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The live part of the information page, which the module writes.
 */
#ifndef PARTVM_LIVE_H
#define PARTVM_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/partsched_guest.h>

/**
 * live_map() - put the module's live page into the information area
 * @info: the information page, with room for it behind
 * @partition: name of the partition, in the plan in force
 *
 * Without the page the guest runs all the same: @info says that it is absent,
 * and a warning is printed. The page replaces memory of the launcher's, at the
 * same address and in the same memory slot.
 */
void live_map(struct partsched_guest_info *info, const char *partition);

/**
 * live_vcpu() - what the module tells a vCPU
 * @info: the information page
 * @vcpu: index
 *
 * Return: the vCPU's part of the live page, which changes; NULL: there is none.
 */
const struct partsched_guest_live_vcpu *live_vcpu(const struct partsched_guest_info *info,
						  uint32_t vcpu);

/**
 * live_read() - read what the module tells a vCPU, all of one window
 * @info: the information page
 * @vcpu: index
 * @live: filled in
 *
 * Return: whether there is a live page.
 */
bool live_read(const struct partsched_guest_info *info, uint32_t vcpu,
	       struct partsched_guest_live_vcpu *live);

#endif /* PARTVM_LIVE_H */
