/* SPDX-License-Identifier: GPL-2.0 */
/*
 * witness - the log of the guest that watches its own time
 *
 * Each vCPU reads its TSC in a tight loop and writes down every two successive
 * readings that lie further apart than a threshold. Host programs read the log
 * through the file given to partvm --ram, at the guest-physical address as
 * offset (RAM at address 0 starts the file).
 *
 * The header of vCPU i lies at WITNESS_LOG + i * stride (stride is in the header
 * of vCPU 0), its entries at the address in @entries. A host program reads
 * @count (acquire), then entries, then @count again: entry n lies at index
 * n % capacity, and is whole and valid if, by the second reading,
 * n < first count and n + capacity > second count.
 */
#ifndef WITNESS_H
#define WITNESS_H

#include <stdint.h>

#define WITNESS_LOG	0x100000ULL
/* "WITNESS1", little-endian. */
#define WITNESS_MAGIC	0x315353454e544957ULL
#define WITNESS_VERSION	2

/*
 * The loop takes some 10 to 60 cycles with the counter it reads, the cheapest
 * VM exit more than 700 on any processor so far: 200 lies between. Where the
 * counter itself is slow (a virtual machine in software), the guest takes
 * WITNESS_SLOW_FACTOR times its fastest loop instead.
 */
#define WITNESS_THRESHOLD	200
#define WITNESS_SLOW_FACTOR	4

/**
 * enum witness_storm - what a witness does at every turn of its loop besides
 * @WITNESS_CALM: nothing
 * @WITNESS_STORM_CPUID: an exit that the host's kernel answers
 * @WITNESS_STORM_OUT: an exit to the launcher
 * @WITNESS_STORM_IPI: an interrupt to itself
 * @WITNESS_STORM_TIMER: its timer, set to the shortest time
 * @WITNESS_STORM_AIMED: its timer, once a window, for where its window ends
 *
 * With a storm only gaps above WITNESS_STORM_THRESHOLD are written down, if the
 * host program sets that too: the storm makes shorter ones itself.
 */
enum witness_storm {
	WITNESS_CALM,
	WITNESS_STORM_CPUID,
	WITNESS_STORM_OUT,
	WITNESS_STORM_IPI,
	WITNESS_STORM_TIMER,
	WITNESS_STORM_AIMED,
};

#define WITNESS_STORM_THRESHOLD	100000

/**
 * struct witness_entry - a gap
 * @before: last reading before it
 * @after: first reading after it
 */
struct witness_entry {
	uint64_t before;
	uint64_t after;
};

/**
 * struct witness_log - header of one vCPU's log
 * @magic: WITNESS_MAGIC, written last: the log counts from then on
 * @version: WITNESS_VERSION
 * @entry_size: bytes of an entry
 * @capacity: entries that the log holds; the oldest are overwritten
 * @count: gaps ever seen; the entry is there before it is counted
 * @threshold: cycles; a host program may change it at any time
 * @first_tsc: first reading
 * @last_tsc: latest reading, stored at every turn: shows that the guest lives
 * @lost: entries overwritten: @count - @capacity if that is positive
 * @min_loop: cycles of the fastest turn when it was measured at the start
 * @entries: guest-physical address of the first entry
 * @stride: bytes from one vCPU's header to the next
 * @vcpu: index of the vCPU
 * @nr_vcpus: number of them
 * @storm: enum witness_storm; a host program may set it at any time, it counts
 *	from the next gap on, and stays
 */
struct witness_log {
	uint64_t magic;
	uint32_t version;
	uint32_t entry_size;
	uint64_t capacity;
	uint64_t count;
	uint64_t threshold;
	uint64_t first_tsc;
	uint64_t last_tsc;
	uint64_t lost;
	uint64_t min_loop;
	uint64_t entries;
	uint64_t stride;
	uint32_t vcpu;
	uint32_t nr_vcpus;
	uint64_t storm;
};

#endif /* WITNESS_H */
