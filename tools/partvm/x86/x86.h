/* SPDX-License-Identifier: GPL-2.0 */
/*
 * x86 - what the files of this directory share
 */
#ifndef PARTVM_X86_H
#define PARTVM_X86_H

#include <linux/partsched_guest.h>

/* Within the slot at PARTSCHED_GUEST_TABLES. */
#define X86_PML4	PARTSCHED_GUEST_TABLES
#define X86_PDPT	(PARTSCHED_GUEST_TABLES + 0x1000)
#define X86_PD		(PARTSCHED_GUEST_TABLES + 0x2000)
#define X86_GDT		(PARTSCHED_GUEST_TABLES + PARTSCHED_GUEST_TABLES_SIZE - 0x1000)
#define X86_GDT_BYTES	40
#define X86_TSS		(X86_GDT + 0x800)
#define X86_TSS_BYTES	104

#endif /* PARTVM_X86_H */
