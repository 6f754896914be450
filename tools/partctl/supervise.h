/* SPDX-License-Identifier: GPL-2.0 */
/*
 * supervise - the one process that starts launchers
 *
 * A partition in COLD_START or WARM_START without a thread wants a launcher. The
 * module says so by its mode, and never forgets it; so whoever supervises can be
 * killed and started again, and nothing is lost. Of the guests that run it knows
 * from their records (state.h).
 */
#ifndef PARTCTL_SUPERVISE_H
#define PARTCTL_SUPERVISE_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

/**
 * supervise_ensure() - have somebody supervise
 * @error: why not
 *
 * Starts a process of its own if there is none, and returns once it is there.
 *
 * Return: 0 or -1.
 */
int supervise_ensure(struct ps_error *error);

/**
 * supervise_stop() - end whoever supervises
 * @all: also one that somebody runs in its own right, as systemd does; else only
 *	one that supervise_ensure() has started
 * @error: why not
 *
 * Return: 0, also if nobody did, or -1.
 */
int supervise_stop(bool all, struct ps_error *error);

/**
 * supervise_pid() - who supervises?
 *
 * Return: the process, 0: none.
 */
pid_t supervise_pid(void);

/**
 * supervise_run() - supervise until SIGTERM or SIGINT
 * @daemon: started by supervise_ensure(): it ends with the plan, and its log is a
 *	file to be kept short
 * @error: why it ends otherwise
 *
 * Return: 0 after a signal, or -1.
 */
int supervise_run(bool daemon, struct ps_error *error);

#endif /* PARTCTL_SUPERVISE_H */
