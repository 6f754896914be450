/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The priority bands. See band.c.
 */
#ifndef PARTSCHED_BAND_H
#define PARTSCHED_BAND_H

#include <linux/types.h>

#include "thread.h"

/*
 * What it adds to the suspicion of a thread to be in the kernel when its window
 * ends. One that ends in its guest takes one off.
 */
#define PS_OVERRUN_SUSPICION 32

/**
 * ps_band_suspects() - whether a thread is to run its windows below the band
 * @thread: the thread; more than one overrun is held against it
 *
 * Context: any.
 */
static inline bool ps_band_suspects(const struct ps_thread *thread)
{
	return READ_ONCE(thread->suspicion) > PS_OVERRUN_SUSPICION;
}

void ps_band_raise(struct ps_thread *thread);
void ps_band_leave(struct ps_thread *thread, int policy, int priority, int nice,
		   bool reset);
void ps_band_lower(struct ps_thread *thread);
void ps_band_return(struct ps_thread *thread);
bool ps_band_gives_way(const struct ps_thread *thread,
		       const struct ps_thread *next);
void ps_band_overran(struct ps_thread *thread);
void ps_band_demote(struct ps_thread *thread, const struct ps_thread *next);
void ps_band_rehearse(void);
int ps_band_init(void);
void ps_band_exit(void);

#endif /* PARTSCHED_BAND_H */
