/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operating modes of partitions (ARINC 653). See mode.c.
 */
#ifndef PARTSCHED_MODE_H
#define PARTSCHED_MODE_H

#include <linux/types.h>

#include "partition.h"

/**
 * struct ps_mode_request - a change of mode that is asked for
 * @mode: enum partsched_mode
 * @requester: enum partsched_requester
 * @condition: enum partsched_start_condition, of a start; 0: as the requester
 *	has it
 * @before: answer: the mode before
 * @no_action: answer: it stays as it is
 * @why_not: answer: a sentence, after a refusal
 */
struct ps_mode_request {
	u32 mode;
	u32 requester;
	u32 condition;
	u32 before;
	bool no_action;
	const char *why_not;
};

int ps_mode_set(struct ps_partition *partition,
		struct ps_mode_request *request);
u32 ps_mode_allowed(const struct ps_partition *partition, u32 mode,
		    u32 requester);
bool ps_mode_halt(struct ps_partition *partition);
bool ps_mode_continue(struct ps_partition *partition);
void ps_mode_attached(struct ps_partition *partition);
void ps_mode_left(struct ps_partition *partition);
bool ps_mode_replace(struct ps_partition *partition);
void ps_mode_tell(struct ps_partition *partition);

#endif /* PARTSCHED_MODE_H */
