/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Partitions and their vCPUs. They outlive the plan that brought them when the
 * next plan names them again, so that attached threads keep running.
 */
#ifndef PARTSCHED_PARTITION_H
#define PARTSCHED_PARTITION_H

#include <linux/atomic.h>
#include <linux/partsched.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>

#include "reaper.h"
#include "stats.h"

struct file;
struct partsched_guest_live;
struct ps_thread;

/**
 * struct ps_vcpu - a place for one vCPU thread
 * @window: last edge as ``edge_ns << 1 | open``, moved forward only. Two CPUs
 *	may handle a close and an open of the same instant in either order:
 *	the open is the greater number and wins.
 * @thread: the thread the timers see; RCU, written by the bouncer
 * @holder: the thread that has this place, also while it comes and goes;
 *	under ps_mutex
 * @partition: whose it is
 * @index: its number within the partition
 * @id: unique in the module, recycled
 * @cpu: the CPU of its windows in the schedule in force, -1: it has none;
 *	constant while @holder is set
 * @next_cpu: likewise, in a plan that asks to be published; under ps_mutex
 * @has_windows: whether the schedule in force has any for it; with a @holder
 *	it keeps its CPU without them, and waits; under ps_mutex
 * @stats: see struct ps_stats
 */
struct ps_vcpu {
	atomic64_t window;
	struct ps_thread __rcu *thread;
	struct ps_thread *holder;
	struct ps_partition *partition;
	u32 index;
	u32 id;
	int cpu;
	int next_cpu;
	bool has_windows;
	struct ps_stats stats;
};

/**
 * struct ps_partition - an ARINC 653 partition
 * @refs: one a plan that names it, one an attached thread
 * @reap: for the free after the last RCU reader
 * @id: PartitionIdentifier
 * @name: PartitionName
 * @live: the page that the guest reads; see live.h
 * @live_file: the file it is of
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
	u32 nr_vcpus;
	struct ps_vcpu vcpus[];
};

struct ps_partition *ps_partition_new(u32 id, const char *name, u32 nr_vcpus);
struct ps_partition *ps_partition_get(struct ps_partition *partition);
void ps_partition_put(struct ps_partition *partition);
void ps_partition_exit(void);

/**
 * ps_vcpu_move() - move a vCPU's window state forward
 * @vcpu: the vCPU
 * @edge_ns: the planned edge, CLOCK_MONOTONIC
 * @open: whether the window opens or closes at it
 *
 * Context: any, hard irq included. Full barrier in any case: what the caller
 * reads afterwards is ordered against the gate's test of this state.
 *
 * Return: whether the state moved; false for an edge that is already past.
 */
static inline bool ps_vcpu_move(struct ps_vcpu *vcpu, u64 edge_ns, bool open)
{
	s64 next = (s64)(edge_ns << 1 | open);
	s64 old = atomic64_read(&vcpu->window);

	do {
		if (old >= next) {
			smp_mb();
			return false;
		}
	} while (!atomic64_try_cmpxchg(&vcpu->window, &old, next));
	return true;
}

static inline bool ps_window_open(u64 window)
{
	return window & 1;
}

static inline u64 ps_window_edge_ns(u64 window)
{
	return window >> 1;
}

static inline bool ps_vcpu_open(const struct ps_vcpu *vcpu)
{
	return ps_window_open(atomic64_read(&vcpu->window));
}

#endif /* PARTSCHED_PARTITION_H */
