// SPDX-License-Identifier: GPL-2.0
/*
 * sleeper - sleep by HLT, wake by the local APIC's periodic timer
 */
#include "guest.h"
#include "sleeper.h"

#define MSR_APIC_BASE	0x1b
#define APIC_BASE_X2	(1ULL << 10)
#define APIC_BASE_ON	(1ULL << 11)

/* x2APIC registers */
#define MSR_APIC_EOI	0x80b
#define MSR_APIC_SPIV	0x80f
#define MSR_APIC_TIMER	0x832
#define MSR_APIC_COUNT	0x838
#define MSR_APIC_DIVIDE	0x83e

#define SPIV_ON		(1U << 8)
#define SPIV_VECTOR	0xff
#define TIMER_PERIODIC	(1U << 17)
#define TIMER_VECTOR	0x40
#define DIVIDE_BY_1	0xb

struct gate {
	uint16_t low;
	uint16_t selector;
	uint16_t type;
	uint16_t middle;
	uint32_t high;
	uint32_t zero;
};

/* Shared: all vCPUs write the same into it. */
static struct gate idt[TIMER_VECTOR + 1] __attribute__((aligned(16)));

struct interrupt_frame;

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

static __attribute__((interrupt)) void on_timer(struct interrupt_frame *frame)
{
	volatile struct sleeper_record *record = this_record();

	(void)frame;
	record->last_tsc = guest_tsc();
	record->ticks++;
	guest_write_msr(MSR_APIC_EOI, 0);
}

static void load_idt(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = { sizeof(idt) - 1, (uint64_t)idt };
	uint64_t handler = (uint64_t)on_timer;

	idt[TIMER_VECTOR] = (struct gate){
		.low = handler,
		.selector = PARTSCHED_GUEST_SEL_CODE,
		.type = 0x8e00,
		.middle = handler >> 16,
		.high = handler >> 32,
	};
	__asm__ volatile("lidt %0" : : "m"(pointer) : "memory");
}

/* KVM's APIC timer counts nanoseconds. */
static void start_timer(void)
{
	guest_write_msr(MSR_APIC_BASE, guest_read_msr(MSR_APIC_BASE) | APIC_BASE_ON | APIC_BASE_X2);
	guest_write_msr(MSR_APIC_SPIV, SPIV_ON | SPIV_VECTOR);
	guest_write_msr(MSR_APIC_DIVIDE, DIVIDE_BY_1);
	guest_write_msr(MSR_APIC_TIMER, TIMER_PERIODIC | TIMER_VECTOR);
	guest_write_msr(MSR_APIC_COUNT, SLEEPER_PERIOD_NS);
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	volatile struct sleeper_record *record = record_of(vcpu);

	(void)info;
	load_idt();
	start_timer();
	record->period_ns = SLEEPER_PERIOD_NS;
	record->first_tsc = guest_tsc();
	__atomic_store_n(&record->magic, SLEEPER_MAGIC, __ATOMIC_RELEASE);
	for (;;) {
		__asm__ volatile("sti\n	hlt" : : : "memory");
		record->wakeups++;
	}
}
