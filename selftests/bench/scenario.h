/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scenario - what the benchmark runs: a plan, and a neighbour to disturb it
 *
 * All partitions lie on one CPU and have one vCPU and one window each. The
 * first one is a witness always; what the others run is the neighbour.
 */
#ifndef BENCH_SCENARIO_H
#define BENCH_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "model.h"

#define SCENARIO_PARTITIONS_MAX	3

/**
 * struct bench_window - a partition's window
 * @offset_ns: start within the frame
 * @duration_ns: length
 */
struct bench_window {
	uint64_t offset_ns;
	uint64_t duration_ns;
};

/**
 * struct bench_plan - a plan by name
 * @name: name
 * @text: the same for people
 * @parameters: of the module, besides those asked for; NULL: none
 * @frame_ns: major frame
 * @guard_ns: of its schedule, PS_GUARD_AUTO: to be measured
 * @nr: partitions
 * @windows: a window each
 * @crowd: more partitions, without a guest, behind the last of these
 * @crowd_windows: their windows, in turn, from @crowd_offset_ns on
 * @crowd_offset_ns: the first
 * @crowd_ns: the length of each
 */
struct bench_plan {
	const char *name;
	const char *text;
	const char *parameters;
	uint64_t frame_ns;
	uint64_t guard_ns;
	size_t nr;
	struct bench_window windows[SCENARIO_PARTITIONS_MAX];
	size_t crowd;
	size_t crowd_windows;
	uint64_t crowd_offset_ns;
	uint64_t crowd_ns;
};

/**
 * enum bench_restart - how a neighbour is restarted while we measure
 * @BENCH_RESTART_NONE: it is not
 * @BENCH_RESTART_ORDER: the operator orders cold starts
 * @BENCH_RESTART_KILL: its launcher gets SIGKILL, and another one comes
 * @BENCH_RESTART_CRASH: its guest crashes, and the health monitor starts it again
 */
enum bench_restart {
	BENCH_RESTART_NONE,
	BENCH_RESTART_ORDER,
	BENCH_RESTART_KILL,
	BENCH_RESTART_CRASH,
};

/**
 * enum bench_nic - who moves the frames of a Linux guest's network interface
 * @BENCH_NIC_NONE: it has none
 * @BENCH_NIC_QEMU: QEMU's main loop
 * @BENCH_NIC_VHOST: the kernel's vhost thread
 */
enum bench_nic { BENCH_NIC_NONE, BENCH_NIC_QEMU, BENCH_NIC_VHOST };

/**
 * struct bench_neighbour - what surrounds the first partition
 * @name: name
 * @text: the same for people
 * @guest: image of the other partitions, below build/guest
 * @witness: it is a witness, too
 * @halt_exits: its HLT leaves to the host
 * @busy_host: a normal-priority task of the host spins on the planned CPU
 * @storm: what the witness in it does besides, enum witness_storm
 * @launcher: a launcher of launcher.h instead of a guest; NULL: none
 * @rt_host: a task of the host's, SCHED_FIFO 99, takes its time now and then
 * @fair_server: the kernel's fair server is on, where it has one
 * @restart: it is restarted, see restarts.h
 * @linux_guest: a Linux guest in QEMU, see linux-guest.h
 * @unconfined: QEMU's other threads are on the planned CPU, too
 * @nic: it sends as much as it can, see linux-guest.h
 * @traced: its time in the guest and in user mode is measured, see outside.h
 */
struct bench_neighbour {
	const char *name;
	const char *text;
	const char *guest;
	bool witness;
	bool halt_exits;
	bool busy_host;
	uint64_t storm;
	const char *launcher;
	bool rt_host;
	bool fair_server;
	enum bench_restart restart;
	bool linux_guest;
	bool unconfined;
	enum bench_nic nic;
	bool traced;
};

/* Whether a neighbour is there to break something: it has targets of its own. */
static inline bool neighbour_is_storm(const struct bench_neighbour *neighbour)
{
	return neighbour->storm || neighbour->launcher || neighbour->fair_server ||
		neighbour->restart || neighbour->linux_guest;
}

/**
 * struct bench_scenario - one run
 * @plan: what is planned
 * @neighbour: who disturbs
 * @frames: major frames to measure
 * @restarts: measure until the neighbour was restarted so often instead, 0: not
 */
struct bench_scenario {
	const struct bench_plan *plan;
	const struct bench_neighbour *neighbour;
	uint64_t frames;
	uint64_t restarts;
};

/**
 * scenario_read() - read a scenario
 * @text: PLAN/NEIGHBOUR/FRAMES, or PLAN/NEIGHBOUR/Nx: N restarts
 * @scenario: receives it
 * @error: why not
 *
 * Return: 0 or -1.
 */
int scenario_read(const char *text, struct bench_scenario *scenario, struct ps_error *error);

/**
 * scenario_list() - print all plans and neighbours, for the help
 */
void scenario_list(void);

/**
 * scenario_gap_ns() - the middle of the gap at a frame's end
 * @plan: the plan
 * @frame_start_ns: when the next frame begins
 *
 * A timer of our own disturbs nobody there.
 */
uint64_t scenario_gap_ns(const struct bench_plan *plan, uint64_t frame_start_ns);

/**
 * scenario_model() - a plan as the module takes it
 * @plan: the plan
 * @cpu: host CPU of all partitions
 *
 * Starts are not limited, and the second one, when its launcher is gone, waits for
 * another. The partitions are called a, b, c, those of the crowd crowd-1 and so on.
 *
 * Return: the model, to be given to ps_model_free().
 */
struct ps_model *scenario_model(const struct bench_plan *plan, uint32_t cpu);

#endif /* BENCH_SCENARIO_H */
