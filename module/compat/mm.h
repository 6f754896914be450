/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux 6.3 made vm_flags read-only for drivers and gave them vm_flags_set()
 * and vm_flags_clear(). 6.17 renamed call_mmap(), which since 6.16 knows a
 * second hook, to vfs_mmap(). 7.0 passes flags of a mapping as a bitmap.
 */
#ifndef PARTSCHED_COMPAT_MM_H
#define PARTSCHED_COMPAT_MM_H

#include <linux/fs.h>
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

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
static inline int vfs_mmap(struct file *file, struct vm_area_struct *vma)
{
	return call_mmap(file, vma);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#define PS_VMA_NORESERVE VM_NORESERVE
#else
#define PS_VMA_NORESERVE mk_vma_flags(VMA_NORESERVE_BIT)
#endif

#endif /* PARTSCHED_COMPAT_MM_H */
