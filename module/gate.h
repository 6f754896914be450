/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The gate: where a vCPU thread waits for its window. See gate.c.
 */
#ifndef PARTSCHED_GATE_H
#define PARTSCHED_GATE_H

#include <linux/types.h>

struct callback_head;
struct hrtimer;
struct ps_thread;

void ps_gate(struct callback_head *work);
void ps_gate_hold(struct ps_thread *thread);
bool ps_gate_queue(struct ps_thread *thread);
bool ps_gate_wake(struct ps_thread *thread);
enum hrtimer_restart ps_gate_recheck(struct hrtimer *timer);
void ps_gate_watch(struct ps_thread *thread);

#endif /* PARTSCHED_GATE_H */
