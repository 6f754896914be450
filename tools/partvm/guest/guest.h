/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest - what the guests of this directory share; freestanding
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/partsched_guest.h>

/* Where a guest keeps what a host program reads (see witness.h, sleeper.h). */
#define GUEST_RECORD	0x100000ULL

/**
 * guest_main() - each guest has its own
 * @vcpu: index of the vCPU that runs it; every vCPU does
 * @info: the information page
 *
 * Return: status to end the guest with. The first vCPU to return ends it.
 */
int guest_main(uint64_t vcpu, const struct partsched_guest_info *info);

/**
 * guest_exit() - end the guest
 * @status: 0 to 255
 */
void guest_exit(int status) __attribute__((noreturn));

/**
 * guest_idle() - do nothing for ever, at the price of the window
 *
 * Interrupts stay as they are.
 */
void guest_idle(void) __attribute__((noreturn));

/**
 * guest_print() - write a string to the console
 * @text: NUL-terminated
 */
void guest_print(const char *text);

/**
 * guest_print_number() - write a decimal number to the console
 * @value: the number
 */
void guest_print_number(uint64_t value);

/**
 * guest_print_name() - write the partition's name, or its number, to the console
 * @info: the information page
 */
void guest_print_name(const struct partsched_guest_info *info);

/**
 * guest_time_ns() - CLOCK_MONOTONIC of the host
 * @info: the information page
 *
 * Return: nanoseconds, at the instant of the call.
 */
uint64_t guest_time_ns(const struct partsched_guest_info *info);

/* x2APIC registers, for guest_write_msr() */
#define GUEST_APIC_EOI		0x80b
#define GUEST_APIC_TIMER	0x832
#define GUEST_APIC_COUNT	0x838
#define GUEST_APIC_DIVIDE	0x83e
#define GUEST_APIC_SELF_IPI	0x83f

#define GUEST_APIC_DIVIDE_BY_1	0xb

struct guest_interrupt;

/**
 * guest_on_interrupt() - say what a vector calls, and load the table
 * @vector: the vector
 * @handler: of attribute interrupt; all vCPUs share the table
 *
 * For the vCPU that calls it; interrupts stay as they are.
 */
void guest_on_interrupt(uint8_t vector, void (*handler)(struct guest_interrupt *frame));

/**
 * guest_apic_on() - switch this vCPU's local APIC on, as x2APIC
 */
void guest_apic_on(void);

static inline void guest_out(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint64_t guest_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static inline void guest_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline void guest_write_msr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

static inline uint64_t guest_read_msr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return (uint64_t)high << 32 | low;
}

#endif /* GUEST_H */
