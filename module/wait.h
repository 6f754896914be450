/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting for an instant, to within a few instructions.
 */
#ifndef PARTSCHED_WAIT_H
#define PARTSCHED_WAIT_H

#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/processor.h>
#include <linux/timekeeping.h>

#ifdef CONFIG_X86
#include <asm/tsc.h>
#endif

/**
 * ps_wait_until() - wait for an instant, never to before it
 * @until_ns: CLOCK_MONOTONIC, some microseconds ahead
 * @now_ns: CLOCK_MONOTONIC, just read
 *
 * Reading the clock takes some fifty instructions, which is how far off a wait
 * by it would be. So the rest is counted in the TSC's own ticks where it can
 * be, and a five-hundredth more: the clock may be slewed, the TSC is not.
 *
 * Context: any.
 */
static inline void ps_wait_until(u64 until_ns, u64 now_ns)
{
#ifdef CONFIG_X86
	if (likely(!check_tsc_unstable())) {
		u64 left_ns = until_ns - now_ns;
		u64 end = rdtsc_ordered() + 1 +
			div_u64((left_ns + (left_ns >> 9)) * tsc_khz, 1000000);

		while (rdtsc() < end)
			cpu_relax();
		return;
	}
#endif
	while (ktime_get_ns() < until_ns)
		cpu_relax();
}

#endif /* PARTSCHED_WAIT_H */
