/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Module parameters.
 */
#ifndef PARTSCHED_PARAM_H
#define PARTSCHED_PARAM_H

#include <linux/types.h>

extern unsigned int ps_open_priority;
extern unsigned long ps_late_ns;
extern unsigned long ps_lead_ns;
extern unsigned long ps_entry_ns;
extern unsigned int ps_poll_ms;
extern unsigned long ps_channel_mib;

#endif /* PARTSCHED_PARAM_H */
