// SPDX-License-Identifier: GPL-2.0
/*
 * caller - does what a host program tells it: calls services, crashes
 */
#include <linux/partsched_services.h>

#include "caller.h"
#include "guest.h"

static volatile struct caller_record *const record = (void *)CALLER_RECORD;

static const struct partsched_guest_info *const page = (void *)PARTSCHED_GUEST_INFO;

static __attribute__((always_inline)) inline uint64_t window_ns(uint64_t vcpu)
{
	const volatile struct partsched_guest_live *live = (const void *)PARTSCHED_GUEST_LIVE;

	return page->live_offset ? live->vcpu[vcpu].start_ns : 0;
}

/* Which vCPU is this? By its stack. */
static __attribute__((always_inline)) inline uint64_t this_vcpu(void)
{
	uint64_t depth = PARTSCHED_GUEST_STACK_TOP - (uint64_t)__builtin_frame_address(0);

	return depth / PARTSCHED_GUEST_STACK_SIZE % CALLER_VCPUS;
}

static __attribute__((interrupt)) void on_interrupt(struct guest_interrupt *frame)
{
	uint64_t vcpu = this_vcpu();

	(void)frame;
	record->interrupt_ns[vcpu] = guest_time_ns(page);
	record->opened_ns[vcpu] = window_ns(vcpu);
	record->interrupts[vcpu]++;
	guest_write_msr(GUEST_APIC_EOI, 0);
}

static void crash(uint32_t how)
{
	static const char text[64];
	volatile uint64_t *nowhere = (void *)0x5000000;
	const void *from = text;
	uint64_t left = sizeof(text);

	switch (how) {
	case CALLER_CRASH:
		/* with a table of no length any exception is one too many */
		__asm__ volatile("lidt %0\n	ud2" : : "m"(*(const char (*)[10])text));
		break;
	case CALLER_BAD_READ:
		(void)*nowhere;
		break;
	case CALLER_BAD_WRITE:
		*(volatile uint32_t *)PARTSCHED_GUEST_INFO = 0;
		break;
	case CALLER_BAD_PORT:
		guest_out(0x12, 0);
		break;
	case CALLER_BAD_STRING:
		__asm__ volatile("rep movsb" : "+S"(from), "+D"(nowhere), "+c"(left) : : "memory");
		break;
	case CALLER_SPIN:
		guest_idle();
	}
}

static void call(void)
{
	struct partsched_call values;

	for (int i = 0; i < 4; i++)
		values.value[i] = record->argument[i];
	record->before_ns = window_ns(0);
	record->code = partsched_call(record->number, &values);
	record->after_ns = window_ns(0);
	for (int i = 0; i < 4; i++)
		record->value[i] = values.value[i];
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	(void)info;
	guest_on_interrupt(CALLER_VECTOR, on_interrupt);
	guest_apic_on();
	__asm__ volatile("sti");
	if (vcpu)
		guest_idle();
	/* what was asked for in a former life is not done again */
	record->done = record->asked;
	record->starts++;
	record->magic = CALLER_MAGIC;
	for (;;) {
		uint32_t asked = __atomic_load_n(&record->asked, __ATOMIC_ACQUIRE);

		if (asked == record->done) {
			guest_pause();
			continue;
		}
		if (record->number >= CALLER_CRASH)
			crash(record->number);
		else
			call();
		__atomic_store_n(&record->done, asked, __ATOMIC_RELEASE);
	}
}
