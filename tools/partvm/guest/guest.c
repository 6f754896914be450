// SPDX-License-Identifier: GPL-2.0
#include "guest.h"

void guest_exit(int status)
{
	guest_out(PARTSCHED_GUEST_PORT_EXIT, status);
	/* Another vCPU may have ended the guest first. */
	guest_idle();
}

void guest_idle(void)
{
	for (;;)
		guest_pause();
}

void guest_print(const char *text)
{
	while (*text)
		guest_out(PARTSCHED_GUEST_PORT_CONSOLE, *text++);
}

void guest_print_number(uint64_t value)
{
	char text[21], *at = text + sizeof(text) - 1;

	*at = '\0';
	do {
		*--at = '0' + value % 10;
		value /= 10;
	} while (value);
	guest_print(at);
}

void guest_print_name(const struct partsched_guest_info *info)
{
	if (info->name[0]) {
		guest_print(info->name);
		return;
	}
	guest_print("partition ");
	guest_print_number(info->partition_id);
}

uint64_t guest_time_ns(const struct partsched_guest_info *info)
{
	const volatile struct partsched_guest_clock *clock = &info->clock;
	uint64_t delta, time_ns;
	uint32_t seq, mul;
	int shift;

	do {
		while ((seq = clock->seq) & 1)
			guest_pause();
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		delta = guest_tsc() - clock->tsc;
		time_ns = clock->time_ns;
		mul = clock->mul;
		shift = clock->shift;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (clock->seq != seq);

	delta = shift >= 0 ? delta << shift : delta >> -shift;
	return time_ns + (uint64_t)(((unsigned __int128)delta * mul) >> 32);
}

#define MSR_APIC_BASE	0x1b
#define APIC_BASE_X2	(1ULL << 10)
#define APIC_BASE_ON	(1ULL << 11)
#define MSR_APIC_SPIV	0x80f
#define SPIV_ON		(1U << 8)
#define SPIV_VECTOR	0xff

void guest_apic_on(void)
{
	guest_write_msr(MSR_APIC_BASE, guest_read_msr(MSR_APIC_BASE) | APIC_BASE_ON | APIC_BASE_X2);
	guest_write_msr(MSR_APIC_SPIV, SPIV_ON | SPIV_VECTOR);
}

struct gate {
	uint16_t low;
	uint16_t selector;
	uint16_t type;
	uint16_t middle;
	uint32_t high;
	uint32_t zero;
};

/* Shared: all vCPUs write the same into it. */
static struct gate idt[256] __attribute__((aligned(16)));

void guest_on_interrupt(uint8_t vector, void (*handler)(struct guest_interrupt *frame))
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = { sizeof(idt) - 1, (uint64_t)idt };
	uint64_t at = (uint64_t)handler;

	idt[vector] = (struct gate){
		.low = at,
		.selector = PARTSCHED_GUEST_SEL_CODE,
		.type = 0x8e00,
		.middle = at >> 16,
		.high = at >> 32,
	};
	__asm__ volatile("lidt %0" : : "m"(pointer) : "memory");
}

/* The compiler calls it for copies, freestanding or not. */
void *memcpy(void *to, const void *from, size_t size);
void *memcpy(void *to, const void *from, size_t size)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	while (size--)
		*t++ = *f++;
	return to;
}
