/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux 6.8 took the number away from eventfd_signal(): it always adds one.
 */
#ifndef PARTSCHED_COMPAT_EVENTFD_H
#define PARTSCHED_COMPAT_EVENTFD_H

#include <linux/eventfd.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define ps_eventfd_signal(ctx) eventfd_signal(ctx, 1)
#else
#define ps_eventfd_signal(ctx) eventfd_signal(ctx)
#endif

#endif /* PARTSCHED_COMPAT_EVENTFD_H */
