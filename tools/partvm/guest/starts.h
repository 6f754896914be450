/* SPDX-License-Identifier: GPL-2.0 */
/*
 * starts - the record of the guest that tells how often it was started
 *
 * At STARTS_RECORD; host programs read it through the file given to partvm
 * --ram.
 */
#ifndef STARTS_H
#define STARTS_H

#include <stdint.h>

#define STARTS_RECORD	0x100000ULL
#define STARTS_VCPUS	8

/**
 * struct starts_vcpu - one vCPU
 * @starts: how often it came to its entry since the memory was cleared
 * @loops: counted up while it runs
 * @last_ns: CLOCK_MONOTONIC, renewed while it runs
 * @former_ns: what @last_ns was when it came to its entry last
 * @began_ns: when that was
 * @pad: zero
 */
struct starts_vcpu {
	uint64_t starts;
	uint64_t loops;
	uint64_t last_ns;
	uint64_t former_ns;
	uint64_t began_ns;
	uint64_t pad[3];
};

/**
 * struct starts_record - all of them
 * @vcpu: by index
 */
struct starts_record {
	struct starts_vcpu vcpu[STARTS_VCPUS];
};

#endif /* STARTS_H */
