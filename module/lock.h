/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one lock of the module. It covers the plan's life, the list of threads
 * and the staged plans; the timers and the gate never take it.
 *
 * It is an rt_mutex because its holder may be an ordinary process on a planned
 * CPU: without priority inheritance the bouncer would wait for that process,
 * and it for a gap between windows.
 */
#ifndef PARTSCHED_LOCK_H
#define PARTSCHED_LOCK_H

#include <linux/rtmutex.h>

extern struct rt_mutex ps_mutex;

static inline void ps_lock(void)
{
	rt_mutex_lock(&ps_mutex);
}

static inline void ps_unlock(void)
{
	rt_mutex_unlock(&ps_mutex);
}

#define ps_assert_locked() lockdep_assert_held(&ps_mutex)

#endif /* PARTSCHED_LOCK_H */
