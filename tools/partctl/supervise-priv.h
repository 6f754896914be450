/* SPDX-License-Identifier: GPL-2.0 */
/*
 * supervise-priv - shared by the files that supervise only
 */
#ifndef PARTCTL_SUPERVISE_PRIV_H
#define PARTCTL_SUPERVISE_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "state.h"

#define SUPERVISE_PID STATE_DIR "/supervise.pid"
/* after the process and its start in there: it is one that load has started */
#define SUPERVISE_DAEMON " daemon"
#define SUPERVISE_LOG STATE_DIR "/supervise.log"

/**
 * supervise_log() - where standard error goes
 * @is_file: to a log of ours, which is kept short
 */
void supervise_log(bool is_file);

/**
 * supervise_say() - a line for the log, with the time
 * @fmt: the sentence
 */
void supervise_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * supervise_now_ns() - the time
 *
 * Return: CLOCK_MONOTONIC.
 */
uint64_t supervise_now_ns(void);

#endif /* PARTCTL_SUPERVISE_PRIV_H */
