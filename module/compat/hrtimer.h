/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux 6.13 replaced hrtimer_init() and the assignment of ->function by
 * hrtimer_setup(); 6.15 removed the old form.
 */
#ifndef PARTSCHED_COMPAT_HRTIMER_H
#define PARTSCHED_COMPAT_HRTIMER_H

#include <linux/hrtimer.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#endif /* PARTSCHED_COMPAT_HRTIMER_H */
