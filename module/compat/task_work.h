/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux 6.12 gave task_work_add() the flag TWAF_NO_ALLOC (mm: "task_work: add
 * TWAF_NO_ALLOC"), which keeps KASAN from allocating in hard irq context; 6.14
 * made that the only behaviour and dropped the flag. Before 6.12 the allocation
 * is tolerated unless PROVE_RAW_LOCK_NESTING is on.
 */
#ifndef PARTSCHED_COMPAT_TASK_WORK_H
#define PARTSCHED_COMPAT_TASK_WORK_H

#include <linux/task_work.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define PS_TWA_RESUME_NOALLOC (TWA_RESUME | TWAF_NO_ALLOC)
#else
#define PS_TWA_RESUME_NOALLOC TWA_RESUME
#endif

#endif /* PARTSCHED_COMPAT_TASK_WORK_H */
