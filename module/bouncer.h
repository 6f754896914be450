/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bouncer: does to threads, from outside, what the timers may not.
 */
#ifndef PARTSCHED_BOUNCER_H
#define PARTSCHED_BOUNCER_H

#include <linux/cpumask.h>

void ps_bouncer_kick(void);
void ps_bouncer_kick_atomic(void);
void ps_bouncer_bind(const struct cpumask *housekeeping);
int ps_bouncer_init(void);
void ps_bouncer_exit(void);

#endif /* PARTSCHED_BOUNCER_H */
