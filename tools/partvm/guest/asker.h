/* SPDX-License-Identifier: GPL-2.0 */
/*
 * asker - the record of the guest that asks for other module schedules
 *
 * At ASKER_RECORD; host programs read it through the file given to partvm --ram.
 */
#ifndef ASKER_H
#define ASKER_H

#include <stdint.h>

#define ASKER_RECORD	0x100000ULL

/* The questions, in order. */
enum {
	ASKER_CURRENT,	/* the schedule in force, which is 1 */
	ASKER_UNKNOWN,	/* one that the plan has not */
	ASKER_OTHER,	/* 2 */
	ASKER_BACK,	/* 1, while 2 is in force */
	ASKER_QUESTIONS,
};

/**
 * struct asker_record - what it was told
 * @nr: answers so far
 * @answer: PARTSCHED_GUEST_NO_ERROR and so on
 */
struct asker_record {
	uint32_t nr;
	uint32_t answer[ASKER_QUESTIONS];
};

#endif /* ASKER_H */
