/* SPDX-License-Identifier: GPL-2.0 */
/*
 * restarts - a neighbour that is started again and again while we measure
 *
 * At instants of the frame from a fixed sequence. On a machine with one CPU these
 * lie outside the first partition's window: who orders a start, or kills, needs the
 * CPU himself, and would take it from whom is measured.
 */
#ifndef BENCH_RESTARTS_H
#define BENCH_RESTARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "guests.h"
#include "kernel.h"
#include "scenario.h"

/**
 * struct restarts - one that is restarted, while it is
 * @scenario: with a neighbour that is restarted
 * @kernel: connection
 * @guest: the guest, running
 * @partvm: its launcher
 * @epoch_ns: of the plan
 * @seed: state of the sequence
 * @expected: its module's count of starts from which on it has begun again
 * @before: the same, when the measuring began
 * @nr: starts ordered, or launchers killed, or triple faults, since then
 * @starts: of these, starts that the module has counted
 */
struct restarts {
	const struct bench_scenario *scenario;
	struct ps_kernel *kernel;
	struct bench_guest *guest;
	const char *partvm;
	uint64_t epoch_ns;
	uint64_t seed;
	uint64_t expected;
	uint64_t before;
	uint64_t nr;
	uint64_t starts;
};

/**
 * restarts_run() - restart it until the frames are over
 * @restarts: @scenario to @epoch_ns given; the rest is filled in
 * @from_ns: CLOCK_MONOTONIC, start of the first frame that counts
 * @to_ns: receives the end of the last one
 * @error: why not
 *
 * Returns in the last frame's gap, or some frames later.
 *
 * Return: 0 or -1.
 */
int restarts_run(struct restarts *restarts, uint64_t from_ns, uint64_t *to_ns,
		 struct ps_error *error);

#endif /* BENCH_RESTARTS_H */
