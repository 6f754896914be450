/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guard: a window opens exactly at its edge. See guard.c.
 */
#ifndef PARTSCHED_GUARD_H
#define PARTSCHED_GUARD_H

#include <linux/compiler.h>
#include <linux/types.h>

struct ps_schedule;
struct ps_thread;

/**
 * struct ps_guard_info - what is known of a CPU's guard
 * @guard_ns: how long before an edge the switch begins
 * @late: windows whose thread was parked, and not at its guest's entry by
 *	the edge
 */
struct ps_guard_info {
	u64 guard_ns;
	u64 late;
};

extern bool ps_guard_on;

/**
 * ps_guard_armed() - whether the last stretch before an edge is waited for
 *
 * While it is not, no window may be opened ahead of its edge.
 *
 * Context: any.
 */
static inline bool ps_guard_armed(void)
{
	return READ_ONCE(ps_guard_on);
}

u64 ps_guard_ns(const struct ps_schedule *schedule);
void ps_guard_begin(u64 edge_ns, u64 now_ns, bool shared);
void ps_guard_missed(void);
u64 ps_guard_wait(struct ps_thread *thread, u64 edge_ns, bool guest,
		  bool parked);
void ps_guard_info(int cpu, const struct ps_schedule *schedule,
		   struct ps_guard_info *info);
void ps_guard_update(void);

#endif /* PARTSCHED_GUARD_H */
