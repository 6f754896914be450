/* SPDX-License-Identifier: GPL-2.0 */
/*
 * state - what load leaves behind for the next load and for unload
 *
 *   /run/partsched/lock            held while guests or the plan are changed
 *   /run/partsched/system.xml      the plan that was loaded, in the native dialect
 *                                  and with absolute paths
 *   /run/partsched/NAME.guest      process, and what it was started with
 *   /run/partsched/NAME.console    what the guest says
 *   /run/partsched/NAME.log        what its launcher says
 *   /run/partsched/NAME.ram        its memory
 *   /run/partsched/NAME.hvc-console  what it says on its virtio console, with QEMU
 *   /run/partsched/NAME.qmp, .monitor, .tty, .hvc  sockets of a QEMU: its monitor, once
 *                                  for the supervisor and once for others; consoles
 *   /run/partsched/NAME.PORT.kicks socket where a QEMU is told of kicks; .server, the
 *                                  process that does it; .kicks.log, what it says
 *   /run/partsched/NAME.PORT.page  of one without kicks: what a Linux is told of it
 *   /run/partsched/NAME.pid        written by the launcher
 *   /run/partsched/NAME.control    its socket for requests
 *   /run/partsched/NAME.vmm        process that somebody else has started, and that
 *                                  was attached as a whole
 *   /run/partsched/NAME.new        the partition was made at run time: whose
 *                                  windows it has got
 *   /run/partsched/net             the network namespace of virtual networks: on it,
 *                                  that is mounted
 *   /run/partsched/supervise.pid   the process that starts launchers; it holds a
 *                                  lock on it
 *   /run/partsched/supervise.log   what it says
 */
#ifndef PARTCTL_STATE_H
#define PARTCTL_STATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"
#include "model.h"

#define STATE_DIR "/run/partsched"

/**
 * state_dir() - make the directory
 * @error: why not
 *
 * Return: 0 or -1.
 */
int state_dir(struct ps_error *error);

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
 * state_try_lock() - the same without waiting
 * @error: why not; its err is EWOULDBLOCK if it is not our turn
 *
 * Return: 0 or -1.
 */
int state_try_lock(struct ps_error *error);

/**
 * state_unlock() - it is somebody else's turn
 */
void state_unlock(void);

/**
 * state_locked() - is it our turn?
 *
 * Return: true between state_lock() and state_unlock().
 */
bool state_locked(void);

/**
 * state_path() - path of a file in the directory
 * @name: partition, or NULL
 * @suffix: ".guest" and the like, or the whole name
 *
 * Return: the path, to be freed.
 */
char *state_path(const char *name, const char *suffix);

/**
 * state_record() - write a small file that others read at any time
 * @path: the file
 * @text: what it is to hold
 * @error: why not
 *
 * Whoever reads it finds what was there before, or all of this.
 *
 * Return: 0 or -1.
 */
int state_record(const char *path, const char *text, struct ps_error *error);

/**
 * state_record_process() - write a record that names a process
 * @path: the file
 * @pid: the process
 * @error: why not
 *
 * Return: 0 or -1.
 */
int state_record_process(const char *path, pid_t pid, struct ps_error *error);

/**
 * state_process() - the process of such a record
 * @path: the file
 *
 * Return: the process, 0: there is no record, or it has ended.
 */
pid_t state_process(const char *path);

/**
 * state_text() - a plan as it is kept
 * @model: the plan
 *
 * It says all that the file says and nothing of where that stood: files of
 * any dialect that mean the same plan have the same text.
 *
 * Return: the text, to be freed.
 */
char *state_text(const struct ps_model *model);

/**
 * state_holds() - is this the plan that was loaded last?
 * @text: from state_text()
 *
 * Return: true if it is.
 */
bool state_holds(const char *text);

/**
 * state_store() - keep the plan that was loaded
 * @text: from state_text()
 * @error: why not
 *
 * Return: 0 or -1.
 */
int state_store(const char *text, struct ps_error *error);

/**
 * state_model() - the plan that was loaded last
 *
 * Return: the plan, to be freed, or NULL if none is kept.
 */
struct ps_model *state_model(void);

/**
 * state_forget_new() - no partition was made at run time any more
 *
 * For a plan that comes from a file: what it has stays.
 */
void state_forget_new(void);

/**
 * state_forget() - nothing is loaded any more
 */
void state_forget(void);

#endif /* PARTCTL_STATE_H */
