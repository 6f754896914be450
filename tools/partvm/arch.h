/* SPDX-License-Identifier: GPL-2.0 */
/*
 * arch - what depends on the processor
 *
 * Each architecture has a directory of its own with these functions.
 */
#ifndef PARTVM_ARCH_H
#define PARTVM_ARCH_H

#include <stddef.h>
#include <stdint.h>

#include "memory.h"
#include "vcpu.h"
#include "vm.h"

/* e_machine of a guest's ELF file. */
extern const uint16_t arch_elf_machine;

/* KVM's requests that a vCPU's own thread makes, other than arch_vcpu_create(). */
extern const unsigned long arch_vcpu_requests[];
extern const size_t arch_nr_vcpu_requests;

/**
 * arch_vm_create() - set up a VM before its first vCPU
 * @vm: KVM's VM is there, its memory is not
 *
 * Interrupt controller, exits that the guest shall not make.
 *
 * Return: 0, or -1 with a message printed.
 */
int arch_vm_create(struct vm *vm);

/**
 * arch_memory_create() - add the page tables and what else the processor needs
 * @memory: the address space
 *
 * Return: 0, or -1 with a message printed.
 */
int arch_memory_create(struct memory *memory);

/**
 * arch_memory_reset() - put what arch_memory_create() added to its first state
 * @memory: the address space
 *
 * Context: no vCPU runs.
 */
void arch_memory_reset(struct memory *memory);

/**
 * arch_vm_reset() - put the interrupt controllers to their first state
 * @vm: the VM, its vCPUs created
 *
 * Context: no vCPU runs.
 *
 * Return: 0 or -1.
 */
int arch_vm_reset(struct vm *vm);

/**
 * arch_doorbell() - have KVM signal an eventfd when the guest writes to a port
 * @vm: the VM
 * @port: I/O port, of no other use
 * @fd: the eventfd
 *
 * Return: 0, or -1 with errno set.
 */
int arch_doorbell(const struct vm *vm, unsigned int port, int fd);

/**
 * arch_route_interrupts() - say what KVM's interrupts 0 to @nr - 1 are
 * @vm: the VM, its interrupt controllers created
 * @vectors: of each, at the first vCPU
 * @nr: up to PARTSCHED_GUEST_CHANNELS_MAX; those of an earlier call are gone
 *
 * Return: 0, or -1 with errno set.
 */
int arch_route_interrupts(const struct vm *vm, const uint8_t *vectors, uint32_t nr);

/**
 * arch_vcpu_create() - put a vCPU's registers to the guest's entry
 * @vcpu: KVM's vCPU is there; called by the main thread
 * @entry: address of the first instruction
 *
 * Return: 0, or -1 with a message printed.
 */
int arch_vcpu_create(struct vcpu *vcpu, uint64_t entry);

/**
 * arch_vcpu_reset() - put a vCPU to the guest's entry again
 * @vcpu: the calling thread's; nothing that it left the guest for is unfinished
 * @entry: address of the first instruction
 *
 * Its counter goes on, which is the host's.
 *
 * Return: 0 or -1.
 */
int arch_vcpu_reset(struct vcpu *vcpu, uint64_t entry);

/**
 * arch_vcpu_finish() - bring to an end what a vCPU left the guest for
 * @vcpu: the calling thread's; its registers are to be set anew
 *
 * KVM would otherwise finish an instruction with the new ones.
 */
void arch_vcpu_finish(struct vcpu *vcpu);

/**
 * arch_vcpu_halt() - have a vCPU sleep in KVM_RUN, whatever may interrupt it
 * @vcpu: the calling thread's; what it left the guest for is abandoned
 *
 * Until arch_vcpu_reset().
 *
 * Return: 0 or -1.
 */
int arch_vcpu_halt(struct vcpu *vcpu);

/* Arguments of a service, and values that it tells. */
#define ARCH_CALL_VALUES	4

/**
 * arch_call_begin() - read the arguments of a service
 * @vcpu: the calling thread's; it has left the guest to call it
 * @value: filled in
 *
 * Return: 0 or -1.
 */
int arch_call_begin(struct vcpu *vcpu, uint64_t *value);

/**
 * arch_call_end() - tell the guest what has become of its call
 * @vcpu: the calling thread's
 * @code: PARTSCHED_GUEST_NO_ERROR and so on
 * @value: values, or the arguments as they were
 *
 * Return: 0 or -1.
 */
int arch_call_end(struct vcpu *vcpu, uint32_t code, const uint64_t *value);

/**
 * arch_interrupt() - interrupt a vCPU
 * @vm: the VM; any thread
 * @vcpu: index, checked already
 * @vector: checked already
 *
 * KVM keeps it until the vCPU runs. It is no line: nobody lowers it.
 *
 * Return: 1; 0: the vCPU's local APIC takes none; -1 with errno set.
 */
int arch_interrupt(const struct vm *vm, uint32_t vcpu, uint8_t vector);

/**
 * arch_vcpu_exit() - handle an exit that only this architecture has
 * @vcpu: vCPU that left the guest; called by its own thread
 *
 * Return: 0 to go on; -1 when the VM ends, after vcpu_end().
 */
int arch_vcpu_exit(struct vcpu *vcpu);

/**
 * arch_vcpu_where() - say where a vCPU stands
 * @vcpu: vCPU outside the guest; called by its own thread
 * @buf: receives " at rip 0x..." or the like, "" if it is not known
 * @size: bytes of @buf
 */
void arch_vcpu_where(struct vcpu *vcpu, char *buf, size_t size);

/**
 * arch_counter() - read the counter that host and guest share
 *
 * Return: ticks.
 */
uint64_t arch_counter(void);

/**
 * arch_counter_khz() - rate of that counter as KVM knows it
 * @vcpu: any vCPU
 *
 * Return: kHz, 0: not known.
 */
uint64_t arch_counter_khz(const struct vcpu *vcpu);

#endif /* PARTVM_ARCH_H */
