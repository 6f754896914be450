/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clock that major frames are aligned to. See clock.c.
 */
#ifndef PARTSCHED_CLOCK_H
#define PARTSCHED_CLOCK_H

#include <linux/time64.h>
#include <linux/types.h>

/* A change lies at least this far ahead when it is announced. */
#define PS_LEAD_NS (10 * NSEC_PER_MSEC)

struct ps_schedule;
struct ps_switch;

s64 ps_clock_offset_ns(const struct ps_schedule *schedule);
void ps_clock_begin(struct ps_switch *change, u64 from_ns);
void ps_clock_begin_soon(struct ps_switch *change);
s64 ps_clock_error_ns(const struct ps_switch *change, s64 offset_ns);
u64 ps_clock_spare_ns(const struct ps_schedule *schedule);
void ps_clock_watch(bool watch);

#endif /* PARTSCHED_CLOCK_H */
