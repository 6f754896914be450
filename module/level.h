/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Levels: how the vCPUs of a partition share the CPU inside a window that
 * several of them have. The host's scheduler does it, by their threads'
 * SCHED_FIFO priorities; so one that waits is runnable, and KVM tells its guest
 * that it was preempted.
 *
 * From the top: the open band's priority is that of vCPUs that have each window
 * alone (rank 0). Those that share one come below it, rank by rank: one that is
 * not in the gate when its window closes, for it was waiting, is preempted by
 * whoever opens. Lowest are threads that are demoted; see band.c.
 */
#ifndef PARTSCHED_LEVEL_H
#define PARTSCHED_LEVEL_H

#include <linux/types.h>

/**
 * struct ps_level - a vCPU's place among those of its partition
 * @priority: as it was asked for; the greater one runs
 * @rank: 0: it shares no window; else it runs before those of a greater rank
 * @shares: it has a window in some schedule that another one has, too
 * @quantum_ns: after how long it lets the others of its rank run, 0: never
 */
struct ps_level {
	u32 priority;
	u32 rank;
	bool shares;
	u64 quantum_ns;
};

u32 ps_levels_rank(struct ps_level *levels, u32 nr, u64 quantum_ns);

#endif /* PARTSCHED_LEVEL_H */
