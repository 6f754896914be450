// SPDX-License-Identifier: GPL-2.0
/*
 * witness - write down every gap in our own time
 *
 * An observer that no counter of the host can flatter: what lies between two
 * of its readings it did not run.
 */
#include "guest.h"
#include "witness.h"

#define HEADER_STRIDE	128ULL
#define CALIBRATION	2000
#define PAGE_BYTES	4096

_Static_assert(sizeof(struct witness_log) <= HEADER_STRIDE, "headers do not overlap");

static uint64_t min_loop(volatile uint64_t *last)
{
	uint64_t before = guest_tsc(), now, min = UINT64_MAX;

	for (unsigned int i = 0; i < CALIBRATION; i++) {
		now = guest_tsc();
		if (now - before < min)
			min = now - before;
		*last = now;
		before = now;
	}
	return min;
}

/*
 * The RAM from the headers to the stacks, or what lies above the stacks if that
 * is more; divided among the vCPUs.
 */
static void place_log(volatile struct witness_log *log, uint64_t vcpu,
		      const struct partsched_guest_info *info)
{
	uint64_t start = WITNESS_LOG + HEADER_STRIDE * PARTSCHED_GUEST_VCPUS_MAX;
	uint64_t end = PARTSCHED_GUEST_STACK_TOP - info->nr_vcpus * PARTSCHED_GUEST_STACK_SIZE;

	if (info->ram_low > PARTSCHED_GUEST_STACK_TOP &&
	    info->ram_low - PARTSCHED_GUEST_STACK_TOP > end - start) {
		start = PARTSCHED_GUEST_STACK_TOP;
		end = info->ram_low;
	}
	log->capacity = (end - start) / info->nr_vcpus / sizeof(struct witness_entry);
	log->entries = start + vcpu * log->capacity * sizeof(struct witness_entry);
}

/* A page that is touched first within the loop would be a gap of its own. */
static void touch_log(const volatile struct witness_log *log)
{
	uint64_t end = log->entries + log->capacity * sizeof(struct witness_entry);

	for (uint64_t page = log->entries; page < end; page += PAGE_BYTES)
		*(volatile uint64_t *)page = 0;
	*(volatile uint64_t *)(end - sizeof(uint64_t)) = 0;
}

#define STORM_VECTOR	0x41
#define STORM_TIMER_NS	1
/* Aimed as much before and behind the end, in steps from window to window. */
#define AIM_SPREAD_NS	4000
#define AIM_STEP_NS	130

static __attribute__((interrupt)) void on_storm(struct guest_interrupt *frame)
{
	(void)frame;
	guest_write_msr(GUEST_APIC_EOI, 0);
}

static void begin_storm(void)
{
	guest_apic_on();
	guest_write_msr(GUEST_APIC_DIVIDE, GUEST_APIC_DIVIDE_BY_1);
	guest_write_msr(GUEST_APIC_TIMER, STORM_VECTOR);
	guest_on_interrupt(STORM_VECTOR, on_storm);
	__asm__ volatile("sti" : : : "memory");
}

/*
 * Have the timer fire when the host has left us already, about where somebody
 * else's window begins. KVM's timer counts nanoseconds.
 */
static void aim(const struct partsched_guest_info *info)
{
	static uint64_t aimed_ns, spread_ns;
	const struct partsched_guest_window *window =
		(const void *)((const uint8_t *)info + info->windows_offset);
	uint64_t now_ns = guest_time_ns(info), end_ns;

	if (!info->nr_windows || now_ns < info->epoch_ns)
		return;
	end_ns = now_ns - (now_ns - info->epoch_ns) % info->major_frame_ns + window->offset_ns +
		window->duration_ns;
	/* once a window; after its end there is nothing left to aim at */
	if (end_ns == aimed_ns || end_ns < now_ns + 2 * AIM_SPREAD_NS)
		return;
	aimed_ns = end_ns;
	guest_write_msr(GUEST_APIC_COUNT, end_ns - now_ns - AIM_SPREAD_NS + spread_ns);
	spread_ns = (spread_ns + AIM_STEP_NS) % (2 * AIM_SPREAD_NS);
}

static void storm(uint64_t kind, const struct partsched_guest_info *info)
{
	uint32_t a = 0, c = 0;

	switch (kind) {
	case WITNESS_STORM_CPUID:
		__asm__ volatile("cpuid" : "+a"(a), "+c"(c) : : "ebx", "edx", "memory");
		break;
	case WITNESS_STORM_OUT:
		guest_out(PARTSCHED_GUEST_PORT_DELAY, 0);
		break;
	case WITNESS_STORM_IPI:
		guest_write_msr(GUEST_APIC_SELF_IPI, STORM_VECTOR);
		break;
	case WITNESS_STORM_TIMER:
		guest_write_msr(GUEST_APIC_COUNT, STORM_TIMER_NS);
		break;
	case WITNESS_STORM_AIMED:
		aim(info);
		break;
	}
}

static struct witness_entry *add_gap(volatile struct witness_log *log, struct witness_entry *entry,
				     uint64_t before, uint64_t now)
{
	entry->before = before;
	entry->after = now;
	if (++entry == (struct witness_entry *)log->entries + log->capacity)
		entry = (struct witness_entry *)log->entries;
	if (log->count >= log->capacity)
		log->lost++;
	__atomic_store_n(&log->count, log->count + 1, __ATOMIC_RELEASE);
	return entry;
}

static void watch(volatile struct witness_log *log, const struct partsched_guest_info *info)
	__attribute__((noreturn));
static void watch(volatile struct witness_log *log, const struct partsched_guest_info *info)
{
	struct witness_entry *entry = (void *)log->entries;
	uint64_t before, now;

	before = guest_tsc();
	log->first_tsc = before;
	log->last_tsc = before;
	__atomic_store_n(&log->magic, WITNESS_MAGIC, __ATOMIC_RELEASE);
	for (;;) {
		now = guest_tsc();
		log->last_tsc = now;
		if (__builtin_expect(now - before <= log->threshold, 1)) {
			before = now;
			continue;
		}
		entry = add_gap(log, entry, before, now);
		before = now;
		/* asked here alone, so that the calm loop is the shortest */
		if (__builtin_expect(log->storm, 0))
			break;
	}
	begin_storm();
	for (;;) {
		now = guest_tsc();
		log->last_tsc = now;
		if (now - before > log->threshold)
			entry = add_gap(log, entry, before, now);
		before = now;
		storm(log->storm, info);
	}
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	volatile struct witness_log *log = (void *)(WITNESS_LOG + vcpu * HEADER_STRIDE);

	log->version = WITNESS_VERSION;
	log->entry_size = sizeof(struct witness_entry);
	log->stride = HEADER_STRIDE;
	log->vcpu = vcpu;
	log->nr_vcpus = info->nr_vcpus;
	place_log(log, vcpu, info);
	touch_log(log);
	log->min_loop = min_loop(&log->last_tsc);
	log->threshold = log->min_loop * WITNESS_SLOW_FACTOR;
	if (log->threshold < WITNESS_THRESHOLD)
		log->threshold = WITNESS_THRESHOLD;
	watch(log, info);
}
