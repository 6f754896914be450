/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hm-log - the health monitor's log
 */
#ifndef PARTCTL_HM_LOG_H
#define PARTCTL_HM_LOG_H

#include "kernel-health.h"
#include "out.h"

/**
 * hm_log_print() - print the log
 * @kernel: the module
 * @out: the printer; not flushed
 * @count: so many entries at most, the newest ones
 * @error: why not
 *
 * Return: 0 or -1.
 */
int hm_log_print(struct ps_kernel *kernel, struct out *out, uint64_t count,
		 struct ps_error *error);

/**
 * hm_log_follow() - print the log, and what is added to it until a signal comes
 * @kernel: the module
 * @out: the printer, of one answer an entry
 * @count: so many of the old entries at most
 * @error: why not
 *
 * Return: 0 or -1.
 */
int hm_log_follow(struct ps_kernel *kernel, struct out *out, uint64_t count,
		  struct ps_error *error);

#endif /* PARTCTL_HM_LOG_H */
