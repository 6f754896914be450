/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reaper frees what timers, gates and probes may still be looking at.
 */
#ifndef PARTSCHED_REAPER_H
#define PARTSCHED_REAPER_H

#include <linux/cpumask.h>
#include <linux/llist.h>

/**
 * struct ps_reap - embedded in what is to be freed
 * @node: the reaper's
 * @free: called in the reaper, may sleep
 */
struct ps_reap {
	struct llist_node node;
	void (*free)(struct ps_reap *reap);
};

void ps_reap(struct ps_reap *reap, void (*free)(struct ps_reap *reap));
void ps_reaper_bind(const struct cpumask *housekeeping);
int ps_reaper_init(void);
void ps_reaper_exit(void);

#endif /* PARTSCHED_REAPER_H */
