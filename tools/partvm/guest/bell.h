/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bell - the record of a guest that rings doorbells and notes interrupts
 *
 * At BELL_RECORD; host programs read it through the file given to partvm --ram.
 */
#ifndef BELL_H
#define BELL_H

#include <stdint.h>

#define BELL_RECORD	0x100000ULL
/* "BELLBELL", little-endian. */
#define BELL_MAGIC	0x4c4c45424c4c4542ULL
/* Rings and interrupts that are noted. */
#define BELL_NOTES	2048
/* From one ring to the next: so long, and up to as long again, if the host says nothing. */
#define BELL_PAUSE_NS	200000ULL

/**
 * struct bell_kick - an interrupt, noted as its handler's first act
 * @tsc: when it began
 * @spin_ns: when the guest was last seen to run anything else, CLOCK_MONOTONIC
 * @time_ns: when it began, CLOCK_MONOTONIC
 * @window_ns: when the window was to start that it came in, 0: there is no plan
 */
struct bell_kick {
	uint64_t tsc;
	uint64_t spin_ns;
	uint64_t time_ns;
	uint64_t window_ns;
};

/**
 * struct bell_ring - a write to a doorbell
 * @time_ns: before it, CLOCK_MONOTONIC
 * @tsc: before it
 * @done_tsc: after it
 * @done_ns: after it, CLOCK_MONOTONIC
 */
struct bell_ring {
	uint64_t time_ns;
	uint64_t tsc;
	uint64_t done_tsc;
	uint64_t done_ns;
};

/**
 * struct bell_record - what the guest has done
 * @magic: BELL_MAGIC once it runs
 * @pause_ns: in place of BELL_PAUSE_NS; written by the host
 * @go: what the host wants to have noted, any number but 0; another one: begin anew
 * @going: what the guest notes: all below is of that
 * @nr_rings: times that it has rung
 * @nr_kicks: interrupts
 * @rings: each
 * @kicks: each
 */
struct bell_record {
	uint64_t magic;
	uint64_t pause_ns;
	uint64_t go;
	uint64_t going;
	uint64_t nr_rings;
	uint64_t nr_kicks;
	struct bell_ring rings[BELL_NOTES];
	struct bell_kick kicks[BELL_NOTES];
};

#endif /* BELL_H */
