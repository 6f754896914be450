/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sleeper - the record of the guest that sleeps and is woken by its timer
 *
 * One record a vCPU, at SLEEPER_RECORD + index * sizeof(struct sleeper_record);
 * host programs read it through the file given to partvm --ram.
 */
#ifndef SLEEPER_H
#define SLEEPER_H

#include <stdint.h>

#define SLEEPER_RECORD	0x100000ULL
/* "SLEEPER1", little-endian. */
#define SLEEPER_MAGIC	0x3152455045454c53ULL

/* KVM lets no periodic timer be faster than this (min_timer_period_us). */
#ifndef SLEEPER_PERIOD_NS
#define SLEEPER_PERIOD_NS	200000
#endif

/**
 * struct sleeper_record - what happened to one vCPU
 * @magic: SLEEPER_MAGIC, written last: the record counts from then on
 * @period_ns: period of its timer
 * @ticks: timer interrupts taken
 * @wakeups: times that HLT returned
 * @first_tsc: TSC before the first HLT
 * @last_tsc: TSC in the latest timer interrupt
 * @pad: zero
 */
struct sleeper_record {
	uint64_t magic;
	uint64_t period_ns;
	uint64_t ticks;
	uint64_t wakeups;
	uint64_t first_tsc;
	uint64_t last_tsc;
	uint64_t pad[2];
};

#endif /* SLEEPER_H */
