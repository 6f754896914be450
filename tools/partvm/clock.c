// SPDX-License-Identifier: GPL-2.0
#include "clock.h"

#include <stdatomic.h>
#include <time.h>

#include "arch.h"

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL
#define MEASURE_NS	20000000L
#define SAMPLES		5

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* Both clocks at one instant: the closest of a few tries. */
static void sample(uint64_t *tsc, uint64_t *time_ns)
{
	uint64_t best = UINT64_MAX;

	for (unsigned int i = 0; i < SAMPLES; i++) {
		uint64_t before = arch_counter();
		uint64_t ns = now_ns();
		uint64_t width = arch_counter() - before;

		if (width >= best)
			continue;
		best = width;
		*tsc = before + width / 2;
		*time_ns = ns;
	}
}

/*
 * The guest may run on another CPU and read at any moment: the sequence count
 * is odd while the fields change.
 */
static void publish(struct clock *clock, uint64_t delta_ns, uint64_t delta_tsc)
{
	struct partsched_guest_clock *page = clock->page;
	/* Nanoseconds a tick, 64 bits after the point. */
	unsigned __int128 ratio = ((unsigned __int128)delta_ns << 64) / delta_tsc;
	uint32_t seq = page->seq;
	int bits = 0;

	while (ratio >> bits)
		bits++;
	/* The 32 leading bits are the multiplier: 2^-32 of the rate is the error. */
	if (bits < 34 || bits > 96)
		return;
	__atomic_store_n(&page->seq, seq + 1, __ATOMIC_RELAXED);
	atomic_thread_fence(memory_order_release);
	__atomic_store_n(&page->tsc, clock->tsc, __ATOMIC_RELAXED);
	__atomic_store_n(&page->time_ns, clock->time_ns, __ATOMIC_RELAXED);
	__atomic_store_n(&page->mul, (uint32_t)(ratio >> (bits - 32)), __ATOMIC_RELAXED);
	__atomic_store_n(&page->shift, (__s8)(bits - 64), __ATOMIC_RELAXED);
	__atomic_store_n(&page->seq, seq + 2, __ATOMIC_RELEASE);
}

void clock_start(struct clock *clock, struct partsched_guest_clock *page, uint64_t khz)
{
	clock->page = page;
	sample(&clock->tsc, &clock->time_ns);
	if (khz) {
		publish(clock, NSEC_PER_MSEC, khz);
	} else {
		nanosleep(&(struct timespec){ .tv_nsec = MEASURE_NS }, NULL);
		clock_renew(clock);
	}
}

void clock_renew(struct clock *clock)
{
	uint64_t tsc = clock->tsc, time_ns = clock->time_ns;

	sample(&clock->tsc, &clock->time_ns);
	/* A host that was suspended or migrated: keep the rate, move the anchor. */
	if (clock->tsc <= tsc || clock->time_ns <= time_ns)
		return;
	publish(clock, clock->time_ns - time_ns, clock->tsc - tsc);
}
