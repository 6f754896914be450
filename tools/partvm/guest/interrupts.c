// SPDX-License-Identifier: GPL-2.0
/*
 * interrupts - prints how often each of the vectors 64 to 79 has come
 *
 * Send some: partctl interrupt PARTITION --vector 64
 */
#include "demo.h"

#define FIRST	0x40
#define NR	16

static volatile uint32_t counts[NR];

#define HANDLER(i)								\
static __attribute__((interrupt)) void on_##i(struct guest_interrupt *frame)	\
{										\
	(void)frame;								\
	counts[i]++;								\
	guest_write_msr(GUEST_APIC_EOI, 0);					\
}

#define ALL(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) \
	DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14) DO(15)

ALL(HANDLER)

#define SET(i) guest_on_interrupt(FIRST + (i), on_##i);

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	uint32_t told[NR] = { };

	if (vcpu)
		guest_idle();
	ALL(SET)
	guest_apic_on();
	__asm__ volatile("sti");
	for (;;) {
		for (uint32_t i = 0; i < NR; i++) {
			struct demo_text text = { };

			if (counts[i] == told[i])
				continue;
			told[i] = counts[i];
			demo_add(&text, "vector ");
			demo_add_number(&text, FIRST + i);
			demo_add(&text, " has come ");
			demo_add_number(&text, told[i]);
			demo_add(&text, told[i] == 1 ? " time" : " times");
			demo_line(info, &text);
		}
		guest_pause();
	}
}
