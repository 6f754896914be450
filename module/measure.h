/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shortest window that this host can enforce. See measure.c.
 */
#ifndef PARTSCHED_MEASURE_H
#define PARTSCHED_MEASURE_H

#include <linux/types.h>

u64 ps_measure_min_window_ns(void);
const char *ps_measure_refusal(void);
void ps_measure_init(void);

#endif /* PARTSCHED_MEASURE_H */
