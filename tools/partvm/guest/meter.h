/* SPDX-License-Identifier: GPL-2.0 */
/*
 * meter - the record of a guest that measures what its ports cost
 *
 * At METER_RECORD; host programs read it through the file given to partvm --ram.
 */
#ifndef METER_H
#define METER_H

#include <stdint.h>

#define METER_RECORD	0x100000ULL
/* "METER001", little-endian. */
#define METER_MAGIC	0x3130305245544540ULL
#define METER_PORTS	8
#define METER_NOTES	256

/**
 * struct meter_note - TSC ticks of one message, each without those of a look at the TSC
 * @copy: of a plain copy of it by the routine that the port uses
 * @call: of the call that writes, reads, sends or receives it
 * @whole: the same with the time that the guest tells it
 */
struct meter_note {
	uint32_t copy;
	uint32_t call;
	uint32_t whole;
};

/**
 * struct meter_record - what the guest has measured
 * @magic: METER_MAGIC once it runs
 * @nr: notes of each port, by its index in the channel table
 * @note: each
 */
struct meter_record {
	uint64_t magic;
	uint64_t nr[METER_PORTS];
	struct meter_note note[METER_PORTS][METER_NOTES];
};

#endif /* METER_H */
