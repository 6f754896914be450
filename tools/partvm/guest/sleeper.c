// SPDX-License-Identifier: GPL-2.0
/*
 * sleeper - sleep by HLT, wake by the local APIC's periodic timer
 */
#include "guest.h"
#include "sleeper.h"

#define TIMER_PERIODIC	(1U << 17)
#define TIMER_VECTOR	0x40

/* The index is the APIC's identifier, but a register is quicker than an exit. */
static __attribute__((always_inline)) inline struct sleeper_record *record_of(uint64_t vcpu)
{
	return (struct sleeper_record *)SLEEPER_RECORD + vcpu;
}

/* Which vCPU is this? By its stack: they are STACK_SIZE apart. */
static __attribute__((always_inline)) inline struct sleeper_record *this_record(void)
{
	uint64_t depth = PARTSCHED_GUEST_STACK_TOP - (uint64_t)__builtin_frame_address(0);

	return record_of(depth / PARTSCHED_GUEST_STACK_SIZE);
}

static __attribute__((interrupt)) void on_timer(struct guest_interrupt *frame)
{
	volatile struct sleeper_record *record = this_record();

	(void)frame;
	record->last_tsc = guest_tsc();
	record->ticks++;
	guest_write_msr(GUEST_APIC_EOI, 0);
}

/* KVM's APIC timer counts nanoseconds. */
static void start_timer(void)
{
	guest_apic_on();
	guest_write_msr(GUEST_APIC_DIVIDE, GUEST_APIC_DIVIDE_BY_1);
	guest_write_msr(GUEST_APIC_TIMER, TIMER_PERIODIC | TIMER_VECTOR);
	guest_write_msr(GUEST_APIC_COUNT, SLEEPER_PERIOD_NS);
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	volatile struct sleeper_record *record = record_of(vcpu);

	(void)info;
	guest_on_interrupt(TIMER_VECTOR, on_timer);
	start_timer();
	record->period_ns = SLEEPER_PERIOD_NS;
	record->first_tsc = guest_tsc();
	__atomic_store_n(&record->magic, SLEEPER_MAGIC, __ATOMIC_RELEASE);
	for (;;) {
		__asm__ volatile("sti\n	hlt" : : : "memory");
		record->wakeups++;
	}
}
