/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The health monitor. See health.c.
 */
#ifndef PARTSCHED_HEALTH_H
#define PARTSCHED_HEALTH_H

#include <linux/types.h>

struct ps_hm_entry;
struct ps_partition;
struct ps_thread;

/**
 * struct ps_hm_default - what is done where the tables say nothing
 * @level: enum partsched_error_level
 * @action: enum partsched_hm_action
 */
struct ps_hm_default {
	u32 level;
	u32 action;
};

void ps_health_default(u32 source, struct ps_hm_default *what);
void ps_health_raise(struct ps_partition *partition, struct ps_hm_entry *entry);
void ps_health_lost(const struct ps_thread *thread);
void ps_health_look(struct ps_thread *thread);
void ps_health_missed(bool some);

#endif /* PARTSCHED_HEALTH_H */
