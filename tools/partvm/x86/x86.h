/* SPDX-License-Identifier: GPL-2.0 */
/*
 * x86 - what the files of this directory share
 */
#ifndef PARTVM_X86_H
#define PARTVM_X86_H

#include <stdint.h>

#include <linux/partsched_guest.h>

/* Within the slot at PARTSCHED_GUEST_TABLES. */
#define X86_PML4	PARTSCHED_GUEST_TABLES
#define X86_PDPT	(PARTSCHED_GUEST_TABLES + 0x1000)
#define X86_PD		(PARTSCHED_GUEST_TABLES + 0x2000)
#define X86_GDT		(PARTSCHED_GUEST_TABLES + PARTSCHED_GUEST_TABLES_SIZE - 0x1000)
#define X86_GDT_BYTES	40
#define X86_TSS		(X86_GDT + 0x800)
#define X86_TSS_BYTES	104

/* Interrupts are off. */
#define RFLAGS_ONE	(1U << 1)

struct vcpu;

/**
 * x86_set_registers() - put the general registers to the guest's entry
 * @vcpu: KVM's vCPU is there
 * @entry: address of the first instruction
 *
 * Return: 0, or -1 with errno set.
 */
int x86_set_registers(const struct vcpu *vcpu, uint64_t entry);

/**
 * x86_keep_state() - remember a vCPU's state for arch_vcpu_reset()
 * @vcpu: ready to enter the guest for the first time
 *
 * Return: 0, or -1 with a message printed.
 */
int x86_keep_state(struct vcpu *vcpu);

#endif /* PARTVM_X86_H */
