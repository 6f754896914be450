/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The schedule engine: tables of windows, their validation, and the walk from
 * edge to edge. Pure C without kernel calls, compiled into the module and into
 * the user-space unit tests and fuzzers alike.
 *
 * Times are nanoseconds. A window is the half-open interval
 * [offset, offset + duration) of each major frame; frame 0 starts at the
 * epoch. A table holds the windows of one CPU, sorted by offset.
 *
 * A shared window is one that several vCPUs of a partition have on one CPU: a
 * window for each of them, all with the same interval and identifier. In a
 * table they stand one after the other, the highest priority first. The first
 * one stands for all of them wherever time is looked at.
 */
#ifndef PARTSCHED_SCHEDULE_H
#define PARTSCHED_SCHEDULE_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
typedef uint64_t u64;
typedef uint32_t u32;
#endif

/**
 * struct ps_window - one window of one vCPU on one CPU
 * @offset_ns: start, from the frame's start
 * @duration_ns: length, at least PARTSCHED_MIN_WINDOW_NS
 * @id: WindowIdentifier, unique within its partition only
 * @partition: index into the plan's partitions
 * @vcpu: index within the partition
 * @cpu: host CPU
 * @slot: index into the plan's vCPUs; filled in by the plan
 * @priority: of the vCPU, among those that share the window
 * @shared: how many share it, 1: the vCPU has it alone; 0: another one of them
 *	is the first; filled in by the check
 * @next_cpu: the CPU of the vCPU's next window; filled in by the check
 * @last: that one is in the next frame, its first there; likewise
 * @action: what the partition does at its first window after a change to this
 *	schedule, PARTSCHED_CHANGE_*
 */
struct ps_window {
	u64 offset_ns;
	u64 duration_ns;
	u32 id;
	u32 partition;
	u32 vcpu;
	u32 cpu;
	u32 slot;
	u32 priority;
	u32 shared;
	u32 next_cpu;
	bool last;
	uint8_t action;
};

/**
 * struct ps_table - the windows of one CPU
 * @frame_ns: major frame
 * @windows: sorted by offset, not overlapping but for shared ones
 * @nr: how many, at least 1
 * @cpu: the CPU
 */
struct ps_table {
	u64 frame_ns;
	const struct ps_window *windows;
	u32 nr;
	u32 cpu;
};

/**
 * struct ps_cursor - where a CPU stands in its table
 * @frame: number of the frame that @index belongs to
 * @index: the open window, or the next one to open; the first of a shared one
 * @open: whether it is open
 */
struct ps_cursor {
	u64 frame;
	u32 index;
	bool open;
};

/**
 * struct ps_advance - what changed between two instants
 * @close: index of the window that was open and is not any more, or -1; the
 *	first of a shared one
 * @close_ns: its planned end; undefined if there is none
 * @open: index of the window that is open now and was not, or -1; likewise
 * @open_ns: its planned start; undefined if there is none
 * @skipped: windows that began and ended between the two instants, a shared one
 *	counted once for each vCPU
 */
struct ps_advance {
	int close;
	int open;
	u64 close_ns;
	u64 open_ns;
	u64 skipped;
};

/**
 * enum ps_verdict - why a set of windows is no schedule
 * @PS_OK: it is one
 * @PS_FRAME_ZERO: the major frame is 0
 * @PS_FRAME_LONG: the major frame exceeds PARTSCHED_MAX_FRAME_NS
 * @PS_NO_WINDOW: there is no window
 * @PS_WINDOW_SHORT: a window is shorter than PARTSCHED_MIN_WINDOW_NS
 * @PS_WINDOW_BEYOND: a window does not end within the frame
 * @PS_WINDOW_OVERLAP: two windows on one CPU overlap, and are not one that vCPUs
 *	of a partition share
 * @PS_VCPU_TWICE: a vCPU has two windows at one time
 * @PS_VCPU_MOVES: a vCPU has less than PARTSCHED_MIN_MOVE_NS between windows on
 *	two CPUs
 * @PS_NO_SLACK: a CPU keeps less than the slack for the host
 * @PS_GUARD_LONG: a window is not PARTSCHED_MIN_WINDOW_NS longer than the guard
 * @PS_ACTIONS_DIFFER: two windows of a partition have another action each
 */
enum ps_verdict {
	PS_OK,
	PS_FRAME_ZERO,
	PS_FRAME_LONG,
	PS_NO_WINDOW,
	PS_WINDOW_SHORT,
	PS_WINDOW_BEYOND,
	PS_WINDOW_OVERLAP,
	PS_VCPU_TWICE,
	PS_VCPU_MOVES,
	PS_NO_SLACK,
	PS_GUARD_LONG,
	PS_ACTIONS_DIFFER,
};

/**
 * struct ps_finding - what a verdict is about
 * @window: position in the sorted array of the window at fault
 * @other: position of the other one, for overlaps
 * @busy_ns: for PS_NO_SLACK: the planned time found in @span_ns
 * @span_ns: for PS_NO_SLACK: the interval looked at, a second or a frame
 */
struct ps_finding {
	u32 window;
	u32 other;
	u64 busy_ns;
	u64 span_ns;
};

void ps_windows_sort(struct ps_window *windows, u32 nr);
enum ps_verdict ps_windows_check(struct ps_window *windows, u32 nr,
				 u64 frame_ns, u32 slack_ppm,
				 struct ps_finding *finding);
enum ps_verdict ps_guard_check(const struct ps_window *windows, u32 nr,
			       u64 guard_ns);
u64 ps_table_busiest_ns(const struct ps_table *table, u64 span_ns);
const char *ps_verdict_text(enum ps_verdict verdict);

void ps_cursor_seek(const struct ps_table *table, u64 since_epoch_ns,
		    struct ps_cursor *cursor);
u64 ps_cursor_next_ns(const struct ps_table *table,
		      const struct ps_cursor *cursor);
void ps_cursor_advance(const struct ps_table *table, struct ps_cursor *cursor,
		       u64 since_epoch_ns, struct ps_advance *advance);
u64 ps_cursor_due(const struct ps_table *table, const struct ps_cursor *cursor,
		  u32 index);

#endif /* PARTSCHED_SCHEDULE_H */
