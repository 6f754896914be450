/* SPDX-License-Identifier: GPL-2.0 */
/*
 * launcher - a launcher that disturbs its neighbours as best it can
 *
 * A process with a guest of one vCPU, whose thread is attached as any other and
 * then does, between two KVM_RUNs, what a malicious or careless launcher might
 * do. It is a witness of its own user mode: it reads the clock as it goes, and
 * counts the readings that lie outside its windows.
 */
#ifndef BENCH_LAUNCHER_H
#define BENCH_LAUNCHER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"

/**
 * struct launcher_marks - what the launcher saw of itself, in shared memory
 * @from_ns: since when it counts, CLOCK_MONOTONIC, 0: not yet
 * @to_ns: until when
 * @epoch_ns: of the plan
 * @frame_ns: major frame
 * @offset_ns: start of its window
 * @duration_ns: length of it
 * @guard_ns: how long before its end the next one's switch begins, 0: not known
 * @turns: times that it did what it does
 * @outside: readings of the clock in user mode, outside its windows
 * @overrun_ns: of these, the one furthest behind the window's end
 */
struct launcher_marks {
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t epoch_ns;
	uint64_t frame_ns;
	uint64_t offset_ns;
	uint64_t duration_ns;
	uint64_t guard_ns;
	uint64_t turns;
	uint64_t outside;
	uint64_t overrun_ns;
};

struct launcher_storm;

/**
 * launcher_find() - a launcher by name
 * @name: name
 *
 * Return: the storm, or NULL.
 */
const struct launcher_storm *launcher_find(const char *name);

/**
 * launcher_run() - be the launcher
 * @storm: what to do
 * @partition: name of the partition, in force
 * @marks: shared with who wants to know
 *
 * Returns only if it cannot: says why on standard error.
 */
void launcher_run(const struct launcher_storm *storm, const char *partition,
		  struct launcher_marks *marks);

#endif /* BENCH_LAUNCHER_H */
