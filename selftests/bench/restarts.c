// SPDX-License-Identifier: GPL-2.0
/*
 * A neighbour that is started again and again. See restarts.h.
 */
#include "restarts.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../lib/clock.h"
#include "kernel-mode.h"

/* What an order or a SIGKILL may take of the CPU of the one who gives it. */
#define STRIKE_NS	200000
/* Above the windows: who strikes at an instant has to be there. */
#define STRIKE_PRIORITY	99
/* Frames in which a restart may come to nothing before the run is a failure. */
#define PATIENCE_FRAMES	1000
/* Of the launchers that are killed one in so many is so while it starts. */
#define EARLY		4
#define EARLY_FRAMES	8

static void sleep_until(uint64_t ns)
{
	const struct timespec until = {
		.tv_sec = (time_t)(ns / NSEC_PER_SEC),
		.tv_nsec = (long)(ns % NSEC_PER_SEC),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

/* The sequence; xorshift. */
static uint64_t draw(struct restarts *restarts, uint64_t below)
{
	restarts->seed ^= restarts->seed << 13;
	restarts->seed ^= restarts->seed >> 7;
	restarts->seed ^= restarts->seed << 17;
	return restarts->seed % below;
}

static bool alone(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) == 1;
}

/* An instant within the frame. */
static uint64_t draw_phase_ns(struct restarts *restarts)
{
	const struct bench_plan *plan = restarts->scenario->plan;
	const struct bench_window *first = &plan->windows[0];
	uint64_t place_ns;

	for (;;) {
		uint64_t phase_ns = draw(restarts, plan->frame_ns);

		if (!alone())
			return phase_ns;
		/* since the window's end, to the next one's start and no further */
		place_ns = (phase_ns + plan->frame_ns - first->offset_ns - first->duration_ns) %
			plan->frame_ns;
		if (place_ns + STRIKE_NS <
		    plan->frame_ns - first->duration_ns)
			return phase_ns;
	}
}

static uint64_t next_frame_ns(const struct restarts *restarts)
{
	uint64_t frame_ns = restarts->scenario->plan->frame_ns;

	return restarts->epoch_ns + ((now_ns() - restarts->epoch_ns) / frame_ns + 1) * frame_ns;
}

static int set_priority(int priority, struct ps_error *error)
{
	const struct sched_param param = { .sched_priority = priority };

	if (sched_setscheduler(0, priority ? SCHED_FIFO : SCHED_OTHER, &param))
		return ps_fail(error, PS_EXIT_REFUSED, errno, "sched_setscheduler: %s",
			       strerror(errno));
	return 0;
}

static int strike(struct restarts *restarts, struct ps_error *error)
{
	struct ps_mode_result result;

	if (restarts->scenario->neighbour->restart == BENCH_RESTART_ORDER)
		return ps_kernel_set_mode(restarts->kernel, restarts->guest->partition,
					  PARTSCHED_MODE_COLD_START, PARTSCHED_BY_OPERATOR,
					  &result, error);
	kill(restarts->guest->pid, SIGKILL);
	return 0;
}

/* At an instant of a frame to come, after @frames more of them. */
static int strike_then(struct restarts *restarts, uint64_t frames, struct ps_error *error)
{
	uint64_t at_ns = next_frame_ns(restarts) + draw_phase_ns(restarts) +
		frames * restarts->scenario->plan->frame_ns;
	int ret;

	if (set_priority(STRIKE_PRIORITY, error))
		return -1;
	sleep_until(at_ns);
	ret = strike(restarts, error);
	if (set_priority(0, error))
		return -1;
	restarts->nr++;
	return ret;
}

static int count_starts(struct restarts *restarts, struct ps_partition_info *info,
			struct ps_error *error)
{
	if (ps_kernel_partition(restarts->kernel, restarts->guest->partition, info, error))
		return -1;
	restarts->starts = info->nr_starts - restarts->before;
	return 0;
}

/* Another launcher as soon as the one before is gone; some of them are killed as they start. */
static int kill_launcher(struct restarts *restarts, struct ps_error *error)
{
	uint64_t frames = 0;

	for (;;) {
		if (strike_then(restarts, frames, error))
			return -1;
		while (waitpid(restarts->guest->pid, NULL, 0) < 0 && errno == EINTR)
			;
		restarts->guest->pid = 0;
		if (guest_start(restarts->guest, restarts->partvm, error))
			return -1;
		if (draw(restarts, EARLY))
			return 0;
		frames = draw(restarts, EARLY_FRAMES);
	}
}

/* In the gap of a frame. Return: 1 if something was done, 0 if not, or -1. */
static int restart(struct restarts *restarts, struct ps_error *error)
{
	enum bench_restart kind = restarts->scenario->neighbour->restart;
	struct ps_partition_info info;

	if (count_starts(restarts, &info, error) || guest_alive(restarts->guest, error))
		return -1;
	if (kind == BENCH_RESTART_CRASH) {
		bool more = restarts->starts > restarts->nr;

		restarts->nr = restarts->starts;
		return more;
	}
	if (info.mode != PARTSCHED_MODE_NORMAL || info.nr_starts < restarts->expected)
		return 0;
	restarts->expected = info.nr_starts + 1;
	if (kind == BENCH_RESTART_ORDER ? strike_then(restarts, 0, error) :
					  kill_launcher(restarts, error))
		return -1;
	return 1;
}

/* With several CPUs we have no business on that of the windows, nor have launchers. */
static void keep_off(void)
{
	cpu_set_t set;

	if (alone())
		return;
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static bool over(const struct restarts *restarts, uint64_t from_ns, uint64_t frame_ns)
{
	const struct bench_scenario *scenario = restarts->scenario;

	if (scenario->restarts)
		return restarts->nr >= scenario->restarts;
	return frame_ns >= from_ns + scenario->frames * scenario->plan->frame_ns;
}

int restarts_run(struct restarts *restarts, uint64_t from_ns, uint64_t *to_ns,
		 struct ps_error *error)
{
	const struct bench_plan *plan = restarts->scenario->plan;
	struct ps_partition_info info;
	uint64_t idle = 0, frame_ns;
	int ret;

	restarts->seed = 1;
	keep_off();
	if (ps_kernel_partition(restarts->kernel, restarts->guest->partition, &info, error))
		return -1;
	restarts->before = info.nr_starts;
	for (;;) {
		frame_ns = next_frame_ns(restarts);
		sleep_until(scenario_gap_ns(plan, frame_ns));
		if (over(restarts, from_ns, frame_ns))
			break;
		ret = restart(restarts, error);
		if (ret < 0)
			return -1;
		idle = ret ? 0 : idle + 1;
		if (idle == PATIENCE_FRAMES)
			return ps_fail(error, PS_EXIT_REFUSED, 0,
				       "partition %s does not start any more, after %" PRIu64 " times",
				       restarts->guest->partition, restarts->nr);
	}
	*to_ns = restarts->scenario->restarts ? frame_ns :
		from_ns + restarts->scenario->frames * plan->frame_ns;
	return count_starts(restarts, &info, error);
}
