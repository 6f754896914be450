/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The priority bands. See band.c.
 */
#ifndef PARTSCHED_BAND_H
#define PARTSCHED_BAND_H

#include <linux/types.h>

struct ps_thread;

void ps_band_raise(struct ps_thread *thread);
void ps_band_leave(struct ps_thread *thread, int policy, int priority, int nice,
		   bool reset);
void ps_band_demote(struct ps_thread *thread);
void ps_band_rehearse(void);
int ps_band_init(void);
void ps_band_exit(void);

#endif /* PARTSCHED_BAND_H */
