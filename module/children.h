/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that attached threads make. See children.c.
 */
#ifndef PARTSCHED_CHILDREN_H
#define PARTSCHED_CHILDREN_H

void ps_children_evict(void);
int ps_children_init(void);
void ps_children_exit(void);

#endif /* PARTSCHED_CHILDREN_H */
