/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unruly - the record of the guest that calls any service with any arguments
 *
 * At UNRULY_RECORD; host programs read it through the file given to partvm --ram.
 */
#ifndef UNRULY_H
#define UNRULY_H

#include <stdint.h>

#define UNRULY_RECORD	0x100000ULL

/**
 * struct unruly_record - how far it is
 * @starts: how often it has begun since its memory was cleared
 * @calls: calls that have returned
 * @state: of its random numbers
 */
struct unruly_record {
	uint64_t starts;
	uint64_t calls;
	uint64_t state;
};

#endif /* UNRULY_H */
