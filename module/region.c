// SPDX-License-Identifier: GPL-2.0
/*
 * Regions: pages that the module owns and hands out as mappings.
 *
 * Unlike the live page, which is of a tmpfs file, a mapping of a region is one
 * of our device, and holds its file and with it the module. A tmpfs file would
 * outlive the module, but has doors that we do not guard: a mapping can be
 * opened again by /proc/PID/map_files, for writing too, whoever the port belongs
 * to, and who may write can punch holes, after which kernel and guests would
 * look at different pages. Nothing is lost by it: while a guest maps its ports
 * its threads hold the module anyway.
 *
 * A region's size is a power of two, since that is what QEMU takes for a
 * device's memory. Only what the channel needs is there from the beginning, so
 * that no guest ever waits for a page in its window; the rest comes page by page
 * if somebody is so curious as to touch it.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "compat/mm.h"
#include "param.h"
#include "region.h"

/* A fault may be unlucky, but must not end other people's programs. */
#define PS_REGION_GFP \
	(GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

static atomic_long_t total_pages;

/**
 * ps_region_limit() - how many bytes all regions together may have
 */
u64 ps_region_limit(void)
{
	u64 mib = READ_ONCE(ps_channel_mib);

	return mib ? mib << 20 : (u64)(totalram_pages() / 4) << PAGE_SHIFT;
}

/**
 * ps_region_total() - how many bytes all regions together have
 */
u64 ps_region_total(void)
{
	return (u64)atomic_long_read(&total_pages) << PAGE_SHIFT;
}

/**
 * ps_region_cost() - what a region costs from the beginning
 * @bytes: used ones
 */
u64 ps_region_cost(u64 bytes)
{
	return PAGE_ALIGN(bytes);
}

/**
 * ps_region_room() - whether so much more is within the limit
 * @cost: bytes
 */
bool ps_region_room(u64 cost)
{
	return ps_region_total() + cost <= ps_region_limit();
}

static bool charge(long nr)
{
	long pages = atomic_long_add_return(nr, &total_pages);

	if ((u64)pages << PAGE_SHIFT <= ps_region_limit())
		return true;
	atomic_long_sub(nr, &total_pages);
	return false;
}

static void uncharge(long nr)
{
	atomic_long_sub(nr, &total_pages);
}

static void free_pages_of(struct ps_region *region)
{
	u32 i, nr = 0;

	for (i = 0; i < region->nr_pages; i++) {
		if (!region->pages[i])
			continue;
		__free_page(region->pages[i]);
		nr++;
		cond_resched();
	}
	uncharge(nr);
	kvfree(region->pages);
}

static int get_pages_for(struct ps_region *region)
{
	u32 i;

	for (i = 0; i < region->nr_used; i++) {
		region->pages[i] = alloc_page(PS_REGION_GFP);
		if (!region->pages[i]) {
			/* those that are missing were charged, too */
			uncharge(region->nr_used - i);
			return -ENOMEM;
		}
		cond_resched();
	}
	region->memory = vmap(region->pages, region->nr_used, VM_MAP,
			      PAGE_KERNEL);
	return region->memory ? 0 : -ENOMEM;
}

/**
 * ps_region_init() - make a region, all zeroes
 * @region: to be filled in
 * @bytes: how many are used, at least 1
 *
 * Context: may sleep, for long.
 * Return: 0; -ENOSPC beyond the limit of all regions; -ENOMEM.
 */
int ps_region_init(struct ps_region *region, u64 bytes)
{
	int err;

	region->nr_used = PAGE_ALIGN(bytes) >> PAGE_SHIFT;
	region->nr_pages = roundup_pow_of_two(region->nr_used);
	region->memory = NULL;
	if (!charge(region->nr_used))
		return -ENOSPC;
	region->pages = kvcalloc(region->nr_pages, sizeof(*region->pages),
				 GFP_KERNEL_ACCOUNT);
	if (!region->pages) {
		uncharge(region->nr_used);
		return -ENOMEM;
	}
	err = get_pages_for(region);
	if (err) {
		free_pages_of(region);
		region->pages = NULL;
	}
	return err;
}

/**
 * ps_region_destroy() - free a region that nobody maps
 * @region: may be one that was never made, if it is all zeroes
 *
 * Context: may sleep.
 */
void ps_region_destroy(struct ps_region *region)
{
	if (!region->pages)
		return;
	vunmap(region->memory);
	free_pages_of(region);
	region->pages = NULL;
}

/**
 * ps_region_bytes() - a region's size
 * @region: the region
 *
 * Return: bytes, a power of two.
 */
u64 ps_region_bytes(const struct ps_region *region)
{
	return (u64)region->nr_pages << PAGE_SHIFT;
}

/* A page that is not used, which nobody has touched before. */
static vm_fault_t get_more(struct ps_region *region, u32 index)
{
	struct page *page;

	if (!charge(1))
		return VM_FAULT_SIGBUS;
	page = alloc_page(PS_REGION_GFP);
	if (!page) {
		uncharge(1);
		return VM_FAULT_OOM;
	}
	if (cmpxchg(&region->pages[index], NULL, page)) {
		/* somebody else was faster */
		__free_page(page);
		uncharge(1);
	}
	return 0;
}

/* What was unmapped (MADV_DONTNEED) or never used; all else is mapped already. */
static vm_fault_t region_fault(struct vm_fault *vmf)
{
	struct ps_region *region = vmf->vma->vm_private_data;
	struct page *page;
	vm_fault_t ret;

	if (vmf->pgoff >= region->nr_pages)
		return VM_FAULT_SIGBUS;
	page = READ_ONCE(region->pages[vmf->pgoff]);
	if (!page) {
		ret = get_more(region, vmf->pgoff);
		if (ret)
			return ret;
		page = READ_ONCE(region->pages[vmf->pgoff]);
	}
	get_page(page);
	vmf->page = page;
	return 0;
}

/*
 * Neither ->open nor ->close: each piece of a mapping that was split or
 * inherited holds the file, and the file holds the region.
 */
static const struct vm_operations_struct region_ops = {
	.fault = region_fault,
};

/**
 * ps_region_map() - map a region, or a part of it
 * @region: lives as long as the mapping's file
 * @vma: the mapping
 * @writable: whether whoever maps it may write, now or later
 *
 * An O_RDONLY mapping has lost VM_SHARED by the time that it comes here, so
 * what was asked for shows in VM_MAYSHARE. A private mapping would be a copy
 * that nobody keeps up.
 *
 * Context: in ->mmap().
 * Return: 0; -EACCES for a private mapping or one with more rights than
 * @writable gives; -EINVAL beyond the end; -ENOMEM.
 */
int ps_region_map(struct ps_region *region, struct vm_area_struct *vma,
		  bool writable)
{
	unsigned long nr = vma_pages(vma), first = vma->vm_pgoff;

	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EACCES;
	if (!writable && vma->vm_flags & VM_WRITE)
		return -EACCES;
	if (first >= region->nr_pages || nr > region->nr_pages - first)
		return -EINVAL;
	if (!writable)
		vm_flags_clear(vma, VM_MAYWRITE);
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_private_data = region;
	vma->vm_ops = &region_ops;
	if (first >= region->nr_used)
		return 0;
	nr = min_t(unsigned long, nr, region->nr_used - first);
	return vm_insert_pages(vma, vma->vm_start, &region->pages[first], &nr);
}
