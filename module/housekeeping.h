/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The CPUs for all that is not a partition. See housekeeping.c.
 */
#ifndef PARTSCHED_HOUSEKEEPING_H
#define PARTSCHED_HOUSEKEEPING_H

#include <linux/types.h>

struct cpumask;
struct ps_schedule;

const struct cpumask *ps_housekeeping(void);
void ps_housekeeping_choose(const struct ps_schedule *running, u64 at_ns,
			    const struct ps_schedule *coming);
void ps_housekeeping_update(void);
bool ps_housekeeping_shared(void);
u64 ps_housekeeping_gap_ns(u64 from_ns);

#endif /* PARTSCHED_HOUSEKEEPING_H */
