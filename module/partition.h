/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Partitions and their vCPUs. They outlive the plan that brought them when the
 * next plan names them again, so that attached threads keep running.
 */
#ifndef PARTSCHED_PARTITION_H
#define PARTSCHED_PARTITION_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/list.h>
#include <linux/partsched.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/threads.h>

#include "reaper.h"
#include "state.h"
#include "stats.h"

struct file;
struct partsched_guest_live;
struct ps_thread;

/**
 * struct ps_told - what the health monitor has been told of a vCPU
 * @overruns: of its counter
 * @overrun_ns: when
 * @stolen: likewise
 * @stolen_ns: when
 * @missed: windows missed
 * @missed_now: room for the sum, while it is made
 */
struct ps_told {
	u64 overruns;
	u64 overrun_ns;
	u64 stolen;
	u64 stolen_ns;
	u64 missed;
	u64 missed_now;
};

/**
 * struct ps_vcpu - a place for one vCPU thread
 * @window: last edge, whether it opened or closed, and the CPU of the window
 *	that is open, or else of the next one; see PS_WINDOW_CPU_BITS. Moved
 *	forward only. Two CPUs may handle a close and an open of the same
 *	instant in either order: the open is the greater number and wins.
 * @open_ns: the planned start of the last window, for statistics
 * @thread: the thread the timers see; RCU, written by the bouncer
 * @holder: the thread that has this place, also while it comes and goes;
 *	under ps_mutex
 * @partition: whose it is
 * @index: its number within the partition
 * @id: unique in the module, recycled
 * @next_cpu: the CPU of its first window in a plan that asks to be published,
 *	-1: it has none; under ps_mutex
 * @coming_cpu: the same of a schedule that is announced; read by the timers
 * @change: number of the last change of schedule that it had a window after
 * @start: number of the order that it was started by last, 0: none; by it and
 *	@start_action the launcher knows an order. Both are written on the CPU
 *	of its window, see start.c
 * @start_action: PARTSCHED_CHANGE_WARM_START or _COLD_START
 * @preemptor: name of the task that last took the CPU in its window, read as
 *	it may be
 * @preemptor_pid: its id in the initial pid namespace, 0: none has
 * @rank: its place below the open band's top; see level.h. Written under
 *	ps_mutex
 * @quantum_ns: after how long it gives the CPU to its equals, 0: never;
 *	likewise
 * @theft_before_ns: theft_ns when its window opened; written by the timers
 * @stolen: how many windows the host took more of than the partition's limit;
 *	likewise
 * @told: what the health monitor knows already; under ps_mutex
 * @crowd: how many vCPUs have its window, 1 or 0: it alone; written by the
 *	timers
 * @place: in which order they were let in, 0: the first or the only one;
 *	likewise
 * @stats: see struct ps_stats
 */
struct ps_vcpu {
	atomic64_t window;
	u64 open_ns;
	struct ps_thread __rcu *thread;
	struct ps_thread *holder;
	struct ps_partition *partition;
	u32 index;
	u32 id;
	int next_cpu;
	int coming_cpu;
	u32 change;
	u32 start;
	u32 start_action;
	char preemptor[TASK_COMM_LEN];
	pid_t preemptor_pid;
	u32 rank;
	u32 crowd;
	u32 place;
	u64 quantum_ns;
	u64 theft_before_ns;
	u64 stolen;
	struct ps_told told;
	struct ps_stats stats;
};

/**
 * enum ps_hold - bits of &struct ps_partition.holds: why it is not to run
 * @PS_HOLD_HALTED: by the operator
 * @PS_HOLD_STOPPING: until none of its threads is in its former life any more
 */
enum ps_hold {
	PS_HOLD_HALTED,
	PS_HOLD_STOPPING,
};

/**
 * struct ps_traits - what a plan says of a partition, besides windows
 * @supervised: somebody starts its launcher when it is to start
 * @initialises: its guest says when it is in mode NORMAL
 * @restart_limit: how often the health monitor may start it in that period, 0:
 *	as often as it likes
 * @restart_period_ns: the period
 * @steal_limit_ns: how much the host may take of a window, 0: all
 */
struct ps_traits {
	bool supervised;
	bool initialises;
	u32 restart_limit;
	u64 restart_period_ns;
	u64 steal_limit_ns;
};

/**
 * struct ps_kicks - interrupts that a partition's gate is to signal; see kick.c
 * @lock: of the list; no timer takes it; held for a few instructions
 * @due: struct ps_kick.due
 */
struct ps_kicks {
	raw_spinlock_t lock;
	struct list_head due;
};

/**
 * struct ps_partition - an ARINC 653 partition
 * @refs: one a plan that names it, one an attached thread
 * @reap: for the free after the last RCU reader
 * @id: PartitionIdentifier
 * @name: PartitionName
 * @live: the page that the guest reads; see live.h
 * @live_file: the file it is of
 * @state: mode and orders to start, see state.h
 * @holds: bits of enum ps_hold, atomic
 * @nr_starts: how often it was started
 * @stopping_ns: since when it has been PS_HOLD_STOPPING; under ps_mutex
 * @told_state: what others have been told of @state; like all below under
 *	ps_mutex, but for @kicks
 * @traits: as the plan in force has them; the timers read the limit
 * @bereaved: its launcher is gone, as the health monitor or the operator knows
 * @nr_errors: errors of it, logged
 * @restarts: when the health monitor started it, the last times; a ring
 * @nr_restarts: how often it did
 * @kicks: what it is to be told of in its next window
 * @nr_vcpus: number of @vcpus
 * @vcpus: its vCPUs
 */
struct ps_partition {
	refcount_t refs;
	struct ps_reap reap;
	u32 id;
	char name[PARTSCHED_NAME_MAX];
	struct partsched_guest_live *live;
	struct file *live_file;
	atomic64_t state;
	unsigned long holds;
	atomic_t nr_starts;
	u64 stopping_ns;
	u64 told_state;
	struct ps_traits traits;
	bool bereaved;
	u64 nr_errors;
	u64 restarts[PARTSCHED_MAX_RESTART_LIMIT];
	u32 nr_restarts;
	struct ps_kicks kicks;
	u32 nr_vcpus;
	struct ps_vcpu vcpus[];
};

struct ps_partition *ps_partition_new(u32 id, const char *name, u32 nr_vcpus);
struct ps_partition *ps_partition_get(struct ps_partition *partition);
void ps_partition_put(struct ps_partition *partition);
void ps_partition_exit(void);

/*
 * A window state is one word, so that nobody ever sees an open of one CPU with
 * the number of another: from the top the edge in units of 2^PS_WINDOW_SHIFT ns
 * (49 bits: 36 years of CLOCK_MONOTONIC), whether it opened, and the CPU + 1.
 * An open and a close of one window are PARTSCHED_MIN_WINDOW_NS apart, so they
 * never share a unit; a close and the next open may, in the right order.
 */
#define PS_WINDOW_CPU_BITS	14
#define PS_WINDOW_OPEN		BIT_ULL(PS_WINDOW_CPU_BITS)
#define PS_WINDOW_EDGE_BIT	(PS_WINDOW_CPU_BITS + 1)
#define PS_WINDOW_SHIFT		11

static_assert(NR_CPUS < 1 << PS_WINDOW_CPU_BITS);
static_assert(PARTSCHED_MIN_WINDOW_NS > 2 << PS_WINDOW_SHIFT);

static inline u64 ps_window_state(u64 edge_ns, bool open, int cpu)
{
	return edge_ns >> PS_WINDOW_SHIFT << PS_WINDOW_EDGE_BIT |
	       (open ? PS_WINDOW_OPEN : 0) | (u64)(cpu + 1);
}

static inline bool ps_window_open(u64 window)
{
	return window & PS_WINDOW_OPEN;
}

/* The CPU of the window that is open, or else of the next one; -1: none. */
static inline int ps_window_cpu(u64 window)
{
	return (int)(window & (PS_WINDOW_OPEN - 1)) - 1;
}

/* Whether a window is open on this very CPU. */
static inline bool ps_window_open_on(u64 window, int cpu)
{
	return ps_window_open(window) && ps_window_cpu(window) == cpu;
}

/**
 * ps_vcpu_move() - move a vCPU's window state forward
 * @vcpu: the vCPU
 * @edge_ns: the planned edge, CLOCK_MONOTONIC
 * @open: whether the window opens or closes at it
 * @cpu: the CPU of the window that opens, or of the one that is next
 *
 * Context: any, hard irq included. Full barrier in any case: what the caller
 * reads afterwards is ordered against the gate's test of this state.
 *
 * Return: whether the state moved; false for an edge that is already past.
 */
static inline bool ps_vcpu_move(struct ps_vcpu *vcpu, u64 edge_ns, bool open,
				int cpu)
{
	u64 next = ps_window_state(edge_ns, open, cpu);
	s64 old = atomic64_read(&vcpu->window);

	do {
		if ((u64)old >> PS_WINDOW_CPU_BITS >=
		    next >> PS_WINDOW_CPU_BITS) {
			smp_mb();
			return false;
		}
	} while (!atomic64_try_cmpxchg(&vcpu->window, &old, (s64)next));
	return true;
}

/**
 * ps_vcpu_assign() - tell a vCPU where its first window in a schedule is
 * @vcpu: the vCPU
 * @epoch_ns: the schedule's
 * @cpu: the CPU, -1: it has no window there
 *
 * Changes nothing once the schedule's timers have moved the state, for they
 * know better. What the schedule before said of the next window goes, also if
 * it closed in the same unit of time.
 *
 * Context: any.
 */
static inline void ps_vcpu_assign(struct ps_vcpu *vcpu, u64 epoch_ns, int cpu)
{
	u64 next = ps_window_state(epoch_ns, false, cpu);
	s64 old = atomic64_read(&vcpu->window);

	do {
		if ((u64)old >> PS_WINDOW_CPU_BITS >
		    next >> PS_WINDOW_CPU_BITS)
			return;
	} while (!atomic64_try_cmpxchg(&vcpu->window, &old, (s64)next));
}

/**
 * ps_vcpu_redirect() - tell a vCPU whose window is closed where its next one is
 * @vcpu: the vCPU
 * @cpu: the CPU
 *
 * Context: any.
 */
static inline void ps_vcpu_redirect(struct ps_vcpu *vcpu, int cpu)
{
	s64 old = atomic64_read(&vcpu->window);

	do {
		if ((u64)old & PS_WINDOW_OPEN)
			return;
	} while (!atomic64_try_cmpxchg(&vcpu->window, &old,
				       (s64)(((u64)old & ~(PS_WINDOW_OPEN - 1)) |
					     (u64)(cpu + 1))));
}

static inline bool ps_vcpu_open(const struct ps_vcpu *vcpu)
{
	return ps_window_open(atomic64_read(&vcpu->window));
}

static inline bool ps_vcpu_open_on(const struct ps_vcpu *vcpu, int cpu)
{
	return ps_window_open_on(atomic64_read(&vcpu->window), cpu);
}

static inline int ps_vcpu_cpu(const struct ps_vcpu *vcpu)
{
	return ps_window_cpu(atomic64_read(&vcpu->window));
}

#endif /* PARTSCHED_PARTITION_H */
