/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guests - partvm and other children of the benchmark
 */
#ifndef BENCH_GUESTS_H
#define BENCH_GUESTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "launcher.h"

/**
 * struct bench_guest - what to start, and what became of it
 * @partition: name of the partition that it is attached to
 * @image: path of the guest
 * @ram: file that its memory is mapped from, "": none, so that it dies with it
 * @halt_exits: its HLT leaves to the host
 * @quiet: what its launcher says of it is not wanted
 * @pid: process; 0 when none runs
 */
struct bench_guest {
	const char *partition;
	char image[512];
	char ram[512];
	bool halt_exits;
	bool quiet;
	pid_t pid;
};

/**
 * guest_start() - start partvm
 * @guest: what to start; @pid is filled in
 * @partvm: path of the launcher
 * @error: why not
 *
 * Return: 0 or -1.
 */
int guest_start(struct bench_guest *guest, const char *partvm, struct ps_error *error);

/**
 * guest_alive() - does it run still?
 * @guest: the guest
 * @error: receives how it ended
 *
 * Return: 0 or -1.
 */
int guest_alive(struct bench_guest *guest, struct ps_error *error);

/**
 * guest_stop() - end it, and wait until it is gone
 * @guest: the guest; nothing is done when none runs
 */
void guest_stop(struct bench_guest *guest);

/**
 * launcher_start() - start a launcher that disturbs
 * @guest: its partition and pid; no image
 * @name: of its storm
 * @marks: shared memory
 * @error: why not
 *
 * Return: 0 or -1.
 */
int launcher_start(struct bench_guest *guest, const char *name, struct launcher_marks *marks,
		   struct ps_error *error);

/**
 * rt_start() - start a task of SCHED_FIFO 99 that takes its time now and then
 * @cpu: host CPU that it is bound to
 * @from_ns: CLOCK_MONOTONIC of its first time
 * @every_ns: period
 * @spin_ns: how long it takes
 * @pid: receives the process
 * @error: why not
 *
 * Return: 0 or -1.
 */
int rt_start(unsigned int cpu, uint64_t from_ns, uint64_t every_ns, uint64_t spin_ns, pid_t *pid,
	     struct ps_error *error);

/**
 * busy_start() - start a task of normal priority that spins
 * @cpu: host CPU that it is bound to
 * @pid: receives the process
 * @error: why not
 *
 * Return: 0 or -1.
 */
int busy_start(unsigned int cpu, pid_t *pid, struct ps_error *error);

/**
 * child_stop() - kill a child and wait for it
 * @pid: process; 0 becomes it
 */
void child_stop(pid_t *pid);

#endif /* BENCH_GUESTS_H */
