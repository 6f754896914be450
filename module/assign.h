/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which CPU each vCPU's next window is on, at changes of schedule. See
 * assign.c.
 */
#ifndef PARTSCHED_ASSIGN_H
#define PARTSCHED_ASSIGN_H

#include <linux/types.h>

struct ps_plan;
struct ps_schedule;

void ps_assign_cpus(const struct ps_schedule *schedule, u64 at_ns);
bool ps_assign_coming(const struct ps_schedule *from,
		      const struct ps_schedule *to);
void ps_assign_levels(const struct ps_plan *plan);
void ps_assign_traits(const struct ps_plan *plan);
void ps_assign_again(const struct ps_schedule *schedule, u64 at_ns);

#endif /* PARTSCHED_ASSIGN_H */
