// SPDX-License-Identifier: GPL-2.0
/*
 * The benchmark's plans and neighbours.
 */
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/partvm/guest/witness.h"
#include "../lib/errors.h"

#define MS	1000000ULL

static const struct bench_plan plans[] = {
	{
		.name = "two",
		.text = "5 + 4.5 of 10 ms",
		.frame_ns = 10 * MS,
		.nr = 2,
		.windows = { { 0, 5 * MS }, { 5 * MS, 4 * MS + MS / 2 } },
	}, {
		.name = "three",
		.text = "1 + 3 + 2 of 10 ms",
		.frame_ns = 10 * MS,
		.nr = 3,
		.windows = { { 0, 1 * MS }, { 1 * MS, 3 * MS }, { 4 * MS, 2 * MS } },
	}, {
		.name = "guard",
		.text = "5 + 4.5 of 10 ms, guard",
		.parameters = "entry_ns=250",
		.frame_ns = 10 * MS,
		.guard_ns = PS_GUARD_AUTO,
		.nr = 2,
		.windows = { { 0, 5 * MS }, { 5 * MS, 4 * MS + MS / 2 } },
	}, {
		.name = "after",
		.text = "b 4.5, then a 5 of 10 ms",
		.frame_ns = 10 * MS,
		.nr = 2,
		.windows = { { 4 * MS + MS / 2, 5 * MS }, { 0, 4 * MS + MS / 2 } },
	}, {
		.name = "after-guard",
		.text = "b 4.5, then a 5 of 10 ms, guard",
		.parameters = "entry_ns=250",
		.frame_ns = 10 * MS,
		.guard_ns = PS_GUARD_AUTO,
		.nr = 2,
		.windows = { { 4 * MS + MS / 2, 5 * MS }, { 0, 4 * MS + MS / 2 } },
	}, {
		.name = "after-guard-60",
		.text = "b 4.5, then a 5 of 10 ms, guard 60 us",
		.parameters = "entry_ns=250",
		.frame_ns = 10 * MS,
		.guard_ns = 60000,
		.nr = 2,
		.windows = { { 4 * MS + MS / 2, 5 * MS }, { 0, 4 * MS + MS / 2 } },
	}, {
		.name = "after-guard-150",
		.text = "b 4.5, then a 5 of 10 ms, guard 150 us",
		.parameters = "entry_ns=250",
		.frame_ns = 10 * MS,
		.guard_ns = 150000,
		.nr = 2,
		.windows = { { 4 * MS + MS / 2, 5 * MS }, { 0, 4 * MS + MS / 2 } },
	}, {
		.name = "few",
		.text = "5 + 5 of 1000 ms",
		.frame_ns = 1000 * MS,
		.nr = 2,
		.windows = { { 0, 5 * MS }, { 5 * MS, 5 * MS } },
	}, {
		.name = "thousand",
		.text = "the same among 10,000 windows",
		.frame_ns = 1000 * MS,
		.nr = 2,
		.windows = { { 0, 5 * MS }, { 5 * MS, 5 * MS } },
		.crowd = 998,
		.crowd_windows = 9998,
		.crowd_offset_ns = 10 * MS,
		.crowd_ns = 60000,
	},
};

static const struct bench_neighbour neighbours[] = {
	{
		.name = "witness",
		.text = "reads its TSC in a loop",
		.guest = "witness.bin",
		.witness = true,
	}, {
		.name = "hog",
		.text = "spins, interrupts off",
		.guest = "hog.bin",
	}, {
		.name = "sleeper",
		.text = "sleeps by HLT inside the guest, timer of 200 us",
		.guest = "sleeper.bin",
	}, {
		.name = "sleeper-exits",
		.text = "sleeps by HLT in the host, timer of 200 us",
		.guest = "sleeper.bin",
		.halt_exits = true,
	}, {
		.name = "busy-host",
		.text = "witness, and a normal task of the host that spins",
		.guest = "witness.bin",
		.witness = true,
		.busy_host = true,
	}, {
		.name = "fair-server",
		.text = "the same, and the kernel's fair server on (6.12)",
		.guest = "witness.bin",
		.witness = true,
		.busy_host = true,
		.fair_server = true,
	}, {
		.name = "rt-host",
		.text = "witness, and a task of the host at SCHED_FIFO 99 every 30 ms",
		.guest = "witness.bin",
		.witness = true,
		.rt_host = true,
	}, {
		.name = "cpuid",
		.text = "guest: exits to the host's kernel",
		.guest = "witness.bin",
		.witness = true,
		.storm = WITNESS_STORM_CPUID,
	}, {
		.name = "out",
		.text = "guest: exits to its launcher",
		.guest = "witness.bin",
		.witness = true,
		.storm = WITNESS_STORM_OUT,
	}, {
		.name = "ipi",
		.text = "guest: interrupts itself",
		.guest = "witness.bin",
		.witness = true,
		.storm = WITNESS_STORM_IPI,
	}, {
		.name = "apic-timer",
		.text = "guest: sets its timer to the shortest time",
		.guest = "witness.bin",
		.witness = true,
		.storm = WITNESS_STORM_TIMER,
	}, {
		.name = "aimed",
		.text = "guest: its timer aimed at the end of its window",
		.guest = "witness.bin",
		.witness = true,
		.storm = WITNESS_STORM_AIMED,
	}, {
		.name = "mmio",
		.text = "guest: exits to its launcher by MMIO",
		.launcher = "mmio",
	}, {
		.name = "user",
		.text = "launcher: spins in user mode",
		.launcher = "user",
	}, {
		.name = "faults",
		.text = "launcher: page faults",
		.launcher = "faults",
	}, {
		.name = "memslots",
		.text = "launcher: adds and removes a memory slot",
		.launcher = "memslots",
	}, {
		.name = "call",
		.text = "launcher: reads 8 MiB of /dev/zero in one call",
		.launcher = "call",
	}, {
		.name = "populate",
		.text = "launcher: maps and unmaps 8 MiB of new memory",
		.launcher = "populate",
	}, {
		.name = "sleep",
		.text = "launcher: sleeps for 1 ns, over and over",
		.launcher = "sleep",
	}, {
		.name = "signals",
		.text = "launcher: a signal every 5 us for its vCPU thread",
		.launcher = "signals",
	}, {
		.name = "timers",
		.text = "launcher: 64 timers round the edge of the first partition",
		.launcher = "timers",
	}, {
		.name = "dying",
		.text = "launcher: dies with 512 MiB when its window ends",
		.launcher = "dying",
	}, {
		.name = "cold-starts",
		.text = "partvm: ordered to start cold, over and over",
		.guest = "witness.bin",
		.restart = BENCH_RESTART_ORDER,
	}, {
		.name = "killed",
		.text = "partvm: SIGKILL, over and over, and another one comes",
		.guest = "witness.bin",
		.restart = BENCH_RESTART_KILL,
	}, {
		.name = "triple-faults",
		.text = "guest: a triple fault as it begins, and a cold start after it",
		.guest = "triplefault.bin",
		.restart = BENCH_RESTART_CRASH,
	}, {
		.name = "linux",
		.text = "a Linux in QEMU that forks, faults and does I/O",
		.linux_guest = true,
	}, {
		.name = "linux-unconfined",
		.text = "the same, QEMU's other threads on that CPU, too",
		.linux_guest = true,
		.unconfined = true,
	}, {
		.name = "linux-network",
		.text = "the same as linux, and it sends; QEMU moves the frames",
		.linux_guest = true,
		.nic = BENCH_NIC_QEMU,
	}, {
		.name = "linux-vhost",
		.text = "the same, vhost moves the frames",
		.linux_guest = true,
		.nic = BENCH_NIC_VHOST,
	}, {
		.name = "linux-traced",
		.text = "the same as linux, held against its windows by a trace",
		.linux_guest = true,
		.traced = true,
	},
};

static const struct bench_plan *find_plan(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(plans) / sizeof(*plans); i++)
		if (!strncmp(plans[i].name, name, length) && !plans[i].name[length])
			return &plans[i];
	return NULL;
}

static const struct bench_neighbour *find_neighbour(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(neighbours) / sizeof(*neighbours); i++)
		if (!strncmp(neighbours[i].name, name, length) && !neighbours[i].name[length])
			return &neighbours[i];
	return NULL;
}

int scenario_read(const char *text, struct bench_scenario *scenario, struct ps_error *error)
{
	const char *second = strchr(text, '/'), *third;
	char *end;

	third = second ? strchr(second + 1, '/') : NULL;
	if (!third)
		return ps_fail(error, PS_EXIT_USAGE, 0,
			       "%s: a scenario is PLAN/NEIGHBOUR/FRAMES", text);
	scenario->plan = find_plan(text, (size_t)(second - text));
	if (!scenario->plan)
		return ps_fail(error, PS_EXIT_USAGE, 0, "%s: no such plan; --help lists them",
			       text);
	scenario->neighbour = find_neighbour(second + 1, (size_t)(third - second - 1));
	if (!scenario->neighbour)
		return ps_fail(error, PS_EXIT_USAGE, 0, "%s: no such neighbour; --help lists them",
			       text);
	scenario->frames = strtoull(third + 1, &end, 10);
	scenario->restarts = 0;
	if (*end == 'x' && scenario->neighbour->restart) {
		scenario->restarts = scenario->frames;
		end++;
	}
	if (scenario->neighbour->linux_guest && scenario->plan->nr != 2)
		return ps_fail(error, PS_EXIT_USAGE, 0, "%s: a Linux guest is the second of two",
			       text);
	if (*end || scenario->frames < 1 || scenario->frames > 1000000)
		return ps_fail(error, PS_EXIT_USAGE, 0, "%s: 1 to 1000000 frames, or 1x to 1000000x of a neighbour that is restarted",
			       text);
	return 0;
}

void scenario_list(void)
{
	printf("plans:\n");
	for (size_t i = 0; i < sizeof(plans) / sizeof(*plans); i++)
		printf("  %-16s %s\n", plans[i].name, plans[i].text);
	printf("neighbours:\n");
	for (size_t i = 0; i < sizeof(neighbours) / sizeof(*neighbours); i++)
		printf("  %-16s %s\n", neighbours[i].name, neighbours[i].text);
}

static char *copy_text(const char *text)
{
	char *copy = strdup(text);

	/* as in the library: memory that is out ends the program */
	if (!copy)
		abort();
	return copy;
}

uint64_t scenario_gap_ns(const struct bench_plan *plan, uint64_t frame_start_ns)
{
	uint64_t end_ns = 0;

	for (size_t i = 0; i < plan->nr; i++)
		if (plan->windows[i].offset_ns + plan->windows[i].duration_ns > end_ns)
			end_ns = plan->windows[i].offset_ns + plan->windows[i].duration_ns;
	return frame_start_ns - (plan->frame_ns - end_ns) / 2;
}

struct ps_model *scenario_model(const struct bench_plan *plan, uint32_t cpu)
{
	struct ps_model *model = ps_model_new("bench");
	struct ps_schedule *schedule;

	for (size_t i = 0; i < plan->nr; i++) {
		struct ps_partition *partition = ps_model_add_partition(model);

		partition->id = (uint32_t)i + 1;
		partition->name = copy_text((char[]){ (char)('a' + i), 0 });
		ps_partition_add_vcpu(partition)->cpu = cpu;
		partition->restart_limit = 0;
	}
	errors_do(model, 1, PARTSCHED_ERROR_SHUTDOWN, PS_RECOVERY_COLD_START);
	errors_do(model, 1, PARTSCHED_ERROR_LAUNCHER, PS_RECOVERY_COLD_START);
	for (size_t i = 0; i < plan->crowd; i++) {
		struct ps_partition *partition = ps_model_add_partition(model);
		char name[32];

		snprintf(name, sizeof(name), "crowd-%zu", i + 1);
		partition->id = (uint32_t)(plan->nr + i) + 1;
		partition->name = copy_text(name);
		ps_partition_add_vcpu(partition)->cpu = cpu;
	}
	schedule = ps_model_add_schedule(model);
	schedule->id = 1;
	schedule->name = copy_text(plan->name);
	schedule->frame_ns = plan->frame_ns;
	schedule->guard_ns = plan->guard_ns;
	schedule->initial = true;
	for (size_t i = 0; i < plan->nr; i++) {
		struct ps_window *window = ps_schedule_add_window(schedule);

		window->partition = i;
		window->offset_ns = plan->windows[i].offset_ns;
		window->duration_ns = plan->windows[i].duration_ns;
	}
	for (size_t i = 0; i < plan->crowd_windows; i++) {
		struct ps_window *window = ps_schedule_add_window(schedule);

		window->partition = plan->nr + i % plan->crowd;
		window->offset_ns = plan->crowd_offset_ns + i * plan->crowd_ns;
		window->duration_ns = plan->crowd_ns;
	}
	return model;
}
