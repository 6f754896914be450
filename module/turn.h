/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Turns: round robin among vCPUs of one rank. See turn.c.
 */
#ifndef PARTSCHED_TURN_H
#define PARTSCHED_TURN_H

#include <linux/types.h>

struct callback_head;
struct ps_thread;

void ps_turn(struct callback_head *work);
void ps_turn_begin(struct ps_thread *thread);
void ps_turn_end(struct ps_thread *thread, bool ready);
void ps_turn_pause(void);
void ps_turn_forget(struct ps_thread *thread);
void ps_turn_init(void);

#endif /* PARTSCHED_TURN_H */
