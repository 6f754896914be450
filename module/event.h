/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Multicast events. See event.c.
 */
#ifndef PARTSCHED_EVENT_H
#define PARTSCHED_EVENT_H

#include <linux/types.h>

struct ps_hm_entry;
struct ps_partition;
struct ps_plan;
struct ps_schedule;
struct ps_thread;

void ps_event_plan(u32 type, const struct ps_plan *plan, const char *reason);
void ps_event_schedule(u32 type, const struct ps_schedule *schedule, u64 at_ns);
void ps_event_clock(const struct ps_schedule *schedule, u64 at_ns, s64 step_ns);
void ps_event_thread(u32 type, const struct ps_thread *thread,
		     const char *reason);
void ps_event_action(const struct ps_thread *thread, u32 action);
void ps_event_mode(const struct ps_partition *partition, u32 mode,
		   u32 condition, const char *reason);
void ps_event_partition(u32 type, const struct ps_partition *partition);
void ps_event_error(const struct ps_hm_entry *entry);
void ps_event_preempted(const struct ps_thread *thread, u64 count,
			const char *reason);
void ps_event_missed(int cpu, u64 count);

#endif /* PARTSCHED_EVENT_H */
