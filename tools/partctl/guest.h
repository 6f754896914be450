/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest - guests that load starts, finds again, and stops
 */
#ifndef PARTCTL_GUEST_H
#define PARTCTL_GUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "guest-net.h"
#include "kernel.h"
#include "model.h"

/**
 * enum guest_fate - what became of a guest in this run
 * @GUEST_KEPT: it goes on
 * @GUEST_STARTED: it was started, and is under the plan
 * @GUEST_ENDED: it was started, and has ended itself with status 0
 * @GUEST_FAILED: it could not be started, see its reason
 * @GUEST_STOPPED: it was stopped
 */
enum guest_fate {
	GUEST_KEPT,
	GUEST_STARTED,
	GUEST_ENDED,
	GUEST_FAILED,
	GUEST_STOPPED,
};

/**
 * struct guest - a guest's process
 * @name: its partition
 * @key: what it is started with; equal keys, equal guests
 * @set_schedule: schedules in which it may ask for another one, or NULL
 * @partition: its definition; NULL for one that is only to be stopped
 * @qemu: it is a QEMU, not a partvm
 * @pid: its launcher, 0 if none runs
 * @ticks: when that started
 * @child: we started it ourselves
 * @fate: what became of it
 * @reason: why it failed, or NULL
 */
struct guest {
	char *name;
	char *key;
	char *set_schedule;
	const struct ps_partition *partition;
	bool qemu;
	pid_t pid;
	uint64_t ticks;
	bool child;
	enum guest_fate fate;
	char *reason;
};

/**
 * struct guests - several of them
 * @list: the guests
 * @nr: number of them
 */
struct guests {
	struct guest *list;
	size_t nr;
};

/**
 * guests_running() - guests that earlier loads started and that still run
 * @guests: receives them
 */
void guests_running(struct guests *guests);

/**
 * guest_define() - what a partition's guest is started with
 * @guest: receives it, not running; freed as a member of guests
 * @model: the plan
 * @partition: index of a partition with a binary
 */
void guest_define(struct guest *guest, const struct ps_model *model, size_t partition);

/**
 * guests_wanted() - guests that a plan wants to run
 * @model: the plan
 * @guests: receives them, none running
 */
void guests_wanted(const struct ps_model *model, struct guests *guests);

/**
 * guest_ports() - a sum over all that a guest's ports are when it is started
 * @model: the plan
 * @partition: index of its partition
 * @sum: receives it: one that is another means that the guest has to start again
 *	to find its ports as the plan says
 *
 * Return: whether the partition has ports.
 */
bool guest_ports(const struct ps_model *model, size_t partition, uint64_t *sum);

/**
 * guests_find() - find a guest by its partition's name
 * @guests: where to look
 * @name: the name
 *
 * Return: the guest, or NULL.
 */
struct guest *guests_find(const struct guests *guests, const char *name);

/**
 * guests_own() - does a thread belong to one of these guests?
 * @guests: the guests
 * @tid: the thread
 *
 * Return: true if it does.
 */
bool guests_own(const struct guests *guests, uint32_t tid);

/**
 * guests_stop() - stop guests: ask, wait, kill, wait
 * @guests: those to stop
 * @kernel: the module, which is waited for to let their threads go
 * @error: which did not stop
 *
 * Return: 0 or -1.
 */
int guests_stop(struct guests *guests, struct ps_kernel *kernel, struct ps_error *error);

/**
 * guest_program() - find the program that runs a partition's guest
 * @partition: the partition
 * @error: why not
 *
 * Return: its path, to be freed, or NULL.
 */
char *guest_program(const struct ps_partition *partition, struct ps_error *error);

/**
 * guest_qemu_args() - what a guest's QEMU is started with
 * @guest: with its definition
 * @program: the QEMU
 * @kernel: the module, which knows the sizes of ports
 * @net: its network interfaces
 * @error: why not
 *
 * Return: arguments for execv(), to be freed with qemu_args_free(), or NULL.
 */
char **guest_qemu_args(const struct guest *guest, const char *program, struct ps_kernel *kernel,
		       const struct guest_net *net, struct ps_error *error);

/**
 * guest_spawn() - start a guest's process, and remember it
 * @guest: with its definition; receives the process
 * @kernel: the module
 * @warm: keep what is left of its memory; a QEMU has none
 * @error: why not
 *
 * The caller has state_lock(), so that two do not start the same.
 *
 * Return: 0 or -1.
 */
int guest_spawn(struct guest *guest, struct ps_kernel *kernel, bool warm, struct ps_error *error);

/**
 * guest_last_words() - the last line that a launcher has left in its log
 * @name: of its partition
 *
 * Return: the line, made safe, to be freed; NULL for none.
 */
char *guest_last_words(const char *name);

/**
 * guest_how_ended() - what became of a launcher
 * @name: of its partition
 * @status: from waitpid()
 *
 * Return: a phrase, to be freed.
 */
char *guest_how_ended(const char *name, int status);

/**
 * guests_start() - have guests started, and wait until the plan has them
 * @guests: those to start; their partitions are supervised
 * @kernel: the module
 *
 * Whoever supervises starts their processes. Each guest's fate says how it went;
 * one that fails in its first windows has failed, too.
 *
 * Context: state_lock() must not be held.
 * Return: number of those that failed.
 */
size_t guests_start(struct guests *guests, struct ps_kernel *kernel);

/**
 * guests_free() - free what the list holds
 * @guests: the guests
 */
void guests_free(struct guests *guests);

#endif /* PARTCTL_GUEST_H */
