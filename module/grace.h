/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Grace: how long a closed thread that runs may take to its gate. See grace.c.
 */
#ifndef PARTSCHED_GRACE_H
#define PARTSCHED_GRACE_H

struct ps_thread;

void ps_grace_watch(struct ps_thread *thread);
void ps_grace_stop(int cpu);
void ps_grace_forget(struct ps_thread *thread);
void ps_grace_init(void);

#endif /* PARTSCHED_GRACE_H */
