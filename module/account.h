/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose time it was: accounting of attached threads by preempt notifiers.
 */
#ifndef PARTSCHED_ACCOUNT_H
#define PARTSCHED_ACCOUNT_H

#include <linux/preempt.h>
#include <linux/types.h>

struct ps_thread;

extern struct preempt_ops ps_account_ops;

void ps_account_edge(struct ps_thread *thread, u64 edge_ns, bool opens);
void ps_account_start(struct ps_thread *thread);

#endif /* PARTSCHED_ACCOUNT_H */
