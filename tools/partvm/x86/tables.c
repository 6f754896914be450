// SPDX-License-Identifier: GPL-2.0
/*
 * tables - page tables, GDT and TSS that a guest starts with
 */
#include <string.h>

#include "../arch.h"
#include "x86.h"

#define PAGE_PRESENT	0x001ULL
#define PAGE_WRITE	0x002ULL
#define PAGE_ACCESSED	0x020ULL
#define PAGE_DIRTY	0x040ULL
#define PAGE_LARGE	0x080ULL

#define NR_PD		(PARTSCHED_GUEST_MAPPED >> 30)
#define ENTRIES		512

_Static_assert(PARTSCHED_GUEST_MAPPED % (1ULL << 30) == 0, "whole page directories");
_Static_assert(PARTSCHED_GUEST_MAPPED >= PARTSCHED_GUEST_RAM_HIGH + PARTSCHED_GUEST_RAM_MAX,
	       "all RAM is mapped");
_Static_assert(X86_PD + NR_PD * 0x1000 <= X86_GDT, "the slot holds it all");

static uint64_t *at(void *slot, uint64_t gpa)
{
	return (uint64_t *)((uint8_t *)slot + (gpa - PARTSCHED_GUEST_TABLES));
}

/* Accessed and dirty are set already: the processor need not write here. */
static void fill_pages(void *slot)
{
	const uint64_t table = PAGE_PRESENT | PAGE_WRITE | PAGE_ACCESSED;
	uint64_t *pd = at(slot, X86_PD);

	*at(slot, X86_PML4) = X86_PDPT | table;
	for (uint64_t i = 0; i < NR_PD; i++)
		at(slot, X86_PDPT)[i] = (X86_PD + i * 0x1000) | table;
	for (uint64_t i = 0; i < NR_PD * ENTRIES; i++)
		pd[i] = i << 21 | table | PAGE_DIRTY | PAGE_LARGE;
}

/* One TSS for all vCPUs: it is read only when the privilege level changes. */
static void fill_gdt(void *slot)
{
	uint64_t *gdt = at(slot, X86_GDT);

	gdt[PARTSCHED_GUEST_SEL_CODE / 8] = 0x00af9b000000ffffULL;
	gdt[PARTSCHED_GUEST_SEL_DATA / 8] = 0x00cf93000000ffffULL;
	/* Busy 64-bit TSS, base X86_TSS (below 4 GiB), two entries. */
	gdt[PARTSCHED_GUEST_SEL_TSS / 8] = (X86_TSS_BYTES - 1) | (X86_TSS & 0xffffff) << 16 |
					   0x8bULL << 40 | (X86_TSS >> 24 & 0xff) << 56;
}

int arch_memory_create(struct memory *memory)
{
	void *slot = memory_add(memory, PARTSCHED_GUEST_TABLES, PARTSCHED_GUEST_TABLES_SIZE,
				false, "the page tables");

	if (!slot)
		return -1;
	fill_pages(slot);
	fill_gdt(slot);
	return 0;
}

void arch_memory_reset(struct memory *memory)
{
	const struct memory_area *area = memory_area_at(memory, PARTSCHED_GUEST_TABLES);

	memset(area->host, 0, area->size);
	fill_pages(area->host);
	fill_gdt(area->host);
}
