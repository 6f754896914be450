/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs from kernel to kernel in a driver's mmap() below UIO
 *
 * Linux 6.3 made vm_flags read-only for drivers. The years after 6.16 replace the
 * mmap hooks, that of UIO among them, by mmap_prepare hooks, which are given a
 * description of the mapping to come; Kbuild looks which one there is.
 */
#ifndef UIO_PARTSCHED_COMPAT_H
#define UIO_PARTSCHED_COMPAT_H

#include <linux/mm.h>
#include <linux/uio_driver.h>
#include <linux/version.h>

#ifdef UIO_HAS_MMAP_PREPARE

#define uio_vma vm_area_desc
#define UIO_MMAP mmap_prepare

static inline unsigned long uio_vma_map(const struct uio_vma *vma)
{
	return vma->pgoff;
}

static inline bool uio_vma_is_shared(const struct uio_vma *vma)
{
	return vma_desc_test(vma, VMA_MAYSHARE_BIT);
}

static inline bool uio_vma_is_writable(const struct uio_vma *vma)
{
	return vma_desc_test(vma, VMA_WRITE_BIT);
}

static inline void uio_vma_never_writable(struct uio_vma *vma)
{
	vma_desc_clear_flags(vma, VMA_MAYWRITE_BIT);
}

static inline int uio_vma_remap(struct uio_vma *vma, unsigned long pfn,
				pgprot_t (*prot)(pgprot_t prot))
{
	vma->page_prot = prot(vma->page_prot);
	mmap_action_remap_full(vma, pfn);
	return 0;
}

#else /* !UIO_HAS_MMAP_PREPARE */

#define uio_vma vm_area_struct
#define UIO_MMAP mmap

static inline unsigned long uio_vma_map(const struct uio_vma *vma)
{
	return vma->vm_pgoff;
}

/* not VM_SHARED, which one that is not open for writing does not have */
static inline bool uio_vma_is_shared(const struct uio_vma *vma)
{
	return vma->vm_flags & VM_MAYSHARE;
}

static inline bool uio_vma_is_writable(const struct uio_vma *vma)
{
	return vma->vm_flags & VM_WRITE;
}

static inline void uio_vma_never_writable(struct uio_vma *vma)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	vma->vm_flags &= ~VM_MAYWRITE;
#else
	vm_flags_clear(vma, VM_MAYWRITE);
#endif
}

static inline int uio_vma_remap(struct uio_vma *vma, unsigned long pfn,
				pgprot_t (*prot)(pgprot_t prot))
{
	vma->vm_page_prot = prot(vma->vm_page_prot);
	return remap_pfn_range(vma, vma->vm_start, pfn,
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

#endif /* !UIO_HAS_MMAP_PREPARE */

#endif /* UIO_PARTSCHED_COMPAT_H */
