/* SPDX-License-Identifier: GPL-2.0 */
/*
 * state - what load leaves behind for the next load and for unload
 *
 *   /run/partsched/lock            held while a load or an unload runs
 *   /run/partsched/system.xml      the file that was loaded
 *   /run/partsched/NAME.guest      process, and what it was started with
 *   /run/partsched/NAME.console    what the guest says
 *   /run/partsched/NAME.log        what its launcher says
 *   /run/partsched/NAME.ram        its memory
 *   /run/partsched/NAME.pid        written by the launcher
 */
#ifndef PARTCTL_STATE_H
#define PARTCTL_STATE_H

#include <stdbool.h>

#include "error.h"

#define STATE_DIR "/run/partsched"

/**
 * state_lock() - make the directory and wait for our turn
 * @error: why not
 *
 * The lock goes with the process; guests do not inherit it.
 *
 * Return: 0 or -1.
 */
int state_lock(struct ps_error *error);

/**
 * state_path() - path of a file in the directory
 * @name: partition, or NULL
 * @suffix: ".guest" and the like, or the whole name
 *
 * Return: the path, to be freed.
 */
char *state_path(const char *name, const char *suffix);

/**
 * state_holds() - is this the file that was loaded last?
 * @file: path
 *
 * Return: true if the two are equal byte for byte.
 */
bool state_holds(const char *file);

/**
 * state_store() - keep a copy of the file that was loaded
 * @file: path
 * @error: why not
 *
 * Return: 0 or -1.
 */
int state_store(const char *file, struct ps_error *error);

/**
 * state_forget() - nothing is loaded any more
 */
void state_forget(void);

#endif /* PARTCTL_STATE_H */
