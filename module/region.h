/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that the kernel, programs and guests share. See region.c.
 */
#ifndef PARTSCHED_REGION_H
#define PARTSCHED_REGION_H

#include <linux/types.h>

struct page;
struct vm_area_struct;

/**
 * struct ps_region - a power of two of bytes, of which the first ones are used
 * @nr_pages: pages of it
 * @nr_used: those that hold something: there from the beginning
 * @pages: all; of those that are not used only the ones that somebody touched
 * @memory: the used ones as the kernel sees them
 */
struct ps_region {
	u32 nr_pages;
	u32 nr_used;
	struct page **pages;
	void *memory;
};

int ps_region_init(struct ps_region *region, u64 bytes);
void ps_region_destroy(struct ps_region *region);
u64 ps_region_bytes(const struct ps_region *region);
u64 ps_region_cost(u64 bytes);
bool ps_region_room(u64 cost);
u64 ps_region_total(void);
u64 ps_region_limit(void);
int ps_region_map(struct ps_region *region, struct vm_area_struct *vma,
		  bool writable);

#endif /* PARTSCHED_REGION_H */
