// SPDX-License-Identifier: GPL-2.0
/*
 * bell - rings the doorbells of its first source now and then, and notes when;
 * spins, and notes when its first destination's interrupts begin
 */
#include "bell.h"
#include "port.h"

static volatile struct bell_record *const record = (void *)BELL_RECORD;
static const struct partsched_guest_info *page;
static volatile uint64_t spin_ns;

/*
 * QEMU's software emulation of SVM delivers an injected interrupt once more if its
 * handler has to stop. The guest has run nothing else in between then: it is one
 * note, of the earlier one, which may go on after the later one has ended.
 */
static __attribute__((interrupt)) void on_kick(struct guest_interrupt *frame)
{
	uint64_t tsc = guest_tsc(), time_ns = guest_time_ns(page), i = record->nr_kicks;
	const volatile struct partsched_guest_live *live =
		(const void *)((const uint8_t *)page + page->live_offset);
	volatile struct bell_kick *kick;

	(void)frame;
	if (i && record->kicks[i - 1].spin_ns == spin_ns)
		i--;
	kick = &record->kicks[i];
	if (i < BELL_NOTES && (i == record->nr_kicks || tsc < kick->tsc)) {
		kick->tsc = tsc;
		kick->time_ns = time_ns;
		kick->spin_ns = spin_ns;
		kick->window_ns = page->live_offset ? live->vcpu[0].start_ns : 0;
		__atomic_store_n(&record->nr_kicks, i + 1, __ATOMIC_RELEASE);
	}
	guest_write_msr(GUEST_APIC_EOI, 0);
}

static uint64_t random(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void ring(const struct guest_port *port)
{
	uint64_t i = record->nr_rings, from_ns = guest_time_ns(page), from = guest_tsc();

	guest_port_kick(port);
	if (i >= BELL_NOTES)
		return;
	record->rings[i].time_ns = from_ns;
	record->rings[i].tsc = from;
	record->rings[i].done_tsc = guest_tsc();
	record->rings[i].done_ns = guest_time_ns(page);
	__atomic_store_n(&record->nr_rings, i + 1, __ATOMIC_RELEASE);
}

static void spin(void)
{
	uint64_t pause_ns = record->pause_ns ?: BELL_PAUSE_NS;
	uint64_t until_ns = guest_time_ns(page) + pause_ns + random() % pause_ns;

	do {
		spin_ns = guest_time_ns(page);
	} while (spin_ns < until_ns);
}

static void begin(void)
{
	record->nr_rings = 0;
	record->nr_kicks = 0;
	__atomic_store_n(&record->going, record->go, __ATOMIC_RELEASE);
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	const struct partsched_guest_channel *channel;
	struct guest_port source, destination;
	bool rings = false;

	if (vcpu)
		guest_idle();
	page = info;
	for (uint32_t i = 0; (channel = guest_channel(info, i)); i++) {
		if (channel->direction == PARTSCHED_GUEST_CHANNEL_SOURCE)
			rings |= channel->nr_doorbells && guest_port_open(&source, info, channel);
		else if (guest_port_open(&destination, info, channel) &&
			 guest_port_on_kick(&destination, on_kick))
			__asm__ volatile("sti" : : : "memory");
	}
	__atomic_store_n(&record->magic, BELL_MAGIC, __ATOMIC_RELEASE);
	for (;;) {
		spin();
		if (record->go != record->going)
			begin();
		else if (rings && record->go)
			ring(&source);
	}
}
