/* SPDX-License-Identifier: GPL-2.0 */
/*
 * caller - the record of the guest that does what a host program tells it
 *
 * At CALLER_RECORD; host programs see it through the file given to partvm --ram.
 * The host fills in @number, @argument and @text, and adds 1 to @asked; the guest
 * does it, fills in what comes of it, and sets @done to @asked.
 */
#ifndef CALLER_H
#define CALLER_H

#include <stdint.h>

#define CALLER_RECORD	0x100000ULL
#define CALLER_VCPUS	4
/* Vector that all its vCPUs handle. */
#define CALLER_VECTOR	0x50
/* "CALLER01", little-endian. */
#define CALLER_MAGIC	0x313052454c4c4143ULL

/* Instead of a service's number. */
enum {
	CALLER_CRASH = 0x1000,	/* triple fault */
	CALLER_BAD_READ,	/* where nothing is */
	CALLER_BAD_WRITE,	/* to the information page */
	CALLER_BAD_PORT,
	CALLER_BAD_STRING,	/* a string instruction to where nothing is */
	CALLER_SPIN,		/* for ever */
};

/**
 * struct caller_record - what it was told to do, and what came of it
 * @magic: CALLER_MAGIC, once it has begun
 * @starts: how often it has begun since its memory was cleared
 * @asked: number of the latest request
 * @done: number of the latest request that was done, or given up by a start
 * @number: PARTSCHED_CALL_* or CALLER_*
 * @code: what the service returned
 * @argument: of the service
 * @value: what it told
 * @before_ns: start of the window in which it was called
 * @after_ns: start of the window in which it returned
 * @interrupts: how often CALLER_VECTOR came, by vCPU
 * @interrupt_ns: when the latest one did
 * @opened_ns: start of the window in which it did
 * @text: for services that take one
 */
struct caller_record {
	uint64_t magic;
	uint64_t starts;
	uint32_t asked;
	uint32_t done;
	uint32_t number;
	uint32_t code;
	uint64_t argument[4];
	uint64_t value[4];
	uint64_t before_ns;
	uint64_t after_ns;
	uint64_t interrupts[CALLER_VCPUS];
	uint64_t interrupt_ns[CALLER_VCPUS];
	uint64_t opened_ns[CALLER_VCPUS];
	char text[2048];
};

#define CALLER_TEXT	(CALLER_RECORD + __builtin_offsetof(struct caller_record, text))

#endif /* CALLER_H */
