/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux 6.3 made vm_flags read-only for drivers and gave them vm_flags_set()
 * and vm_flags_clear().
 */
#ifndef PARTSCHED_COMPAT_MM_H
#define PARTSCHED_COMPAT_MM_H

#include <linux/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma,
				  unsigned long flags)
{
	vma->vm_flags &= ~flags;
}
#endif

#endif /* PARTSCHED_COMPAT_MM_H */
