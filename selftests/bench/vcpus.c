// SPDX-License-Identifier: GPL-2.0
/*
 * The plan in force as the module tells it, and the witnesses in it.
 */
#include "vcpus.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "../../tools/partvm/guest/witness.h"

#define NSEC_PER_SEC	1000000000ULL
#define POLL_NS		20000000L

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

/* Keep the windows sorted; there are few. */
static void add_window(struct bench_vcpu *vcpu, const struct ps_window_info *info)
{
	size_t nr_ids = vcpu->nr_windows, nr_cpus = nr_ids, i;

	ps_grow(&vcpu->windows, &vcpu->nr_windows, sizeof(*vcpu->windows));
	ps_grow(&vcpu->window_ids, &nr_ids, sizeof(*vcpu->window_ids));
	ps_grow(&vcpu->window_cpus, &nr_cpus, sizeof(*vcpu->window_cpus));
	for (i = vcpu->nr_windows - 1;
	     i && vcpu->windows[i - 1].offset_ns > info->offset_ns; i--) {
		vcpu->windows[i] = vcpu->windows[i - 1];
		vcpu->window_ids[i] = vcpu->window_ids[i - 1];
		vcpu->window_cpus[i] = vcpu->window_cpus[i - 1];
	}
	vcpu->windows[i].offset_ns = info->offset_ns;
	vcpu->windows[i].duration_ns = info->duration_ns;
	vcpu->window_ids[i] = info->window_id;
	vcpu->window_cpus[i] = info->cpu;
	vcpu->cpu = vcpu->window_cpus[0];
}

static void add_vcpu(struct bench_vcpus *vcpus, const struct ps_vcpu_info *info,
		     const struct ps_window_info *windows, size_t nr_windows,
		     const char *ram_dir)
{
	struct bench_vcpu vcpu = { .vcpu = info->vcpu, .cpu = info->cpu };

	for (size_t i = 0; i < nr_windows; i++)
		if (windows[i].partition_id == info->partition_id &&
		    windows[i].vcpu == info->vcpu &&
		    windows[i].schedule_id == vcpus->info.schedule_id)
			add_window(&vcpu, &windows[i]);
	if (!vcpu.nr_windows)
		return;
	snprintf(vcpu.partition, sizeof(vcpu.partition), "%s", info->partition);
	if (info->vcpu)
		snprintf(vcpu.label, sizeof(vcpu.label), "%s.%u", info->partition, info->vcpu);
	else
		snprintf(vcpu.label, sizeof(vcpu.label), "%s", info->partition);
	snprintf(vcpu.ram, sizeof(vcpu.ram), "%s/%s.ram", ram_dir, info->partition);
	*(struct bench_vcpu *)ps_grow(&vcpus->list, &vcpus->nr, sizeof(vcpu)) = vcpu;
}

int vcpus_get(struct bench_vcpus *vcpus, struct ps_kernel *kernel, const char *ram_dir,
	      struct ps_error *error)
{
	struct ps_vcpu_info *list;
	struct ps_window_info *windows;
	size_t nr, nr_windows;

	*vcpus = (struct bench_vcpus){ 0 };
	if (ps_kernel_module(kernel, &vcpus->info, error))
		return -1;
	if (!vcpus->info.has_plan)
		return ps_fail(error, PS_EXIT_REFUSED, 0,
			       "no plan is in force: load one first (partctl load FILE)");
	if (ps_kernel_vcpus(kernel, &list, &nr, error))
		return -1;
	if (ps_kernel_windows(kernel, &windows, &nr_windows, error)) {
		free(list);
		return -1;
	}
	for (size_t i = 0; i < nr; i++)
		add_vcpu(vcpus, &list[i], windows, nr_windows, ram_dir);
	free(windows);
	free(list);
	return 0;
}

/* The first vCPU that is not ready; NULL: all are. */
static int find_unready(const struct bench_vcpus *vcpus, struct ps_kernel *kernel,
			const struct witness_clock *clock, const struct bench_vcpu **unready,
			struct ps_error *error)
{
	struct ps_vcpu_info *list;
	size_t nr;

	if (ps_kernel_vcpus(kernel, &list, &nr, error))
		return -1;
	*unready = NULL;
	for (size_t i = 0; i < vcpus->nr && !*unready; i++) {
		const struct bench_vcpu *vcpu = &vcpus->list[i];
		uint32_t state = 0;

		for (size_t k = 0; k < nr; k++)
			if (!strcmp(list[k].partition, vcpu->partition) &&
			    list[k].vcpu == vcpu->vcpu)
				state = list[k].attach_state;
		if (state != PARTSCHED_ATTACH_ATTACHED ||
		    !witness_alive_ns(vcpu->ram, vcpu->vcpu, clock))
			*unready = vcpu;
	}
	free(list);
	return 0;
}

int vcpus_wait(const struct bench_vcpus *vcpus, struct ps_kernel *kernel, uint64_t timeout_ns,
	       struct ps_error *error)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };
	uint64_t deadline_ns = now_ns() + timeout_ns;
	const struct bench_vcpu *unready;
	struct witness_clock clock = { 0 };

	/* good enough to tell "ran" from "never ran" */
	witness_clock_sample(&clock);
	for (;;) {
		nanosleep(&pause, NULL);
		clock.nr = 1;
		witness_clock_sample(&clock);
		if (find_unready(vcpus, kernel, &clock, &unready, error))
			return -1;
		if (!unready)
			return 0;
		if (now_ns() > deadline_ns)
			return ps_fail(error, PS_EXIT_REFUSED, 0,
				       "%s: its guest is not attached, or is no witness, after %llu s (memory in %s)",
				       unready->label,
				       (unsigned long long)(timeout_ns / NSEC_PER_SEC),
				       unready->ram);
	}
}

static int set_threshold(const struct bench_vcpu *vcpu, uint64_t ticks)
{
	const size_t at = offsetof(struct witness_log, threshold);
	int fd = open(vcpu->ram, O_RDWR | O_CLOEXEC), ret = -1;
	struct witness_log first;
	off_t log = WITNESS_LOG;

	if (fd < 0)
		return -1;
	if (pread(fd, &first, sizeof(first), log) == sizeof(first)) {
		log += (off_t)(vcpu->vcpu * first.stride + at);
		ret = pwrite(fd, &ticks, sizeof(ticks), log) == sizeof(ticks) ? 0 : -1;
	}
	close(fd);
	return ret;
}

int vcpus_threshold(const struct bench_vcpus *vcpus, const struct witness_clock *clock,
		    uint64_t threshold_ns, struct ps_error *error)
{
	size_t last = clock->nr - 1;
	unsigned __int128 ticks = threshold_ns;

	ticks = ticks * (clock->tsc[last] - clock->tsc[0]) / (clock->ns[last] - clock->ns[0]);
	for (size_t i = 0; i < vcpus->nr; i++)
		if (set_threshold(&vcpus->list[i], (uint64_t)ticks))
			return ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s",
				       vcpus->list[i].ram, strerror(errno));
	return 0;
}

int vcpus_measure(struct bench_vcpus *vcpus, const struct witness_clock *clock, uint64_t from_ns,
		  uint64_t frames, struct ps_error *error)
{
	uint64_t frame_ns = vcpus->info.frame_ns;

	for (size_t i = 0; i < vcpus->nr; i++) {
		struct bench_vcpu *vcpu = &vcpus->list[i];
		const struct witness_plan plan = {
			.epoch_ns = vcpus->info.epoch_ns,
			.frame_ns = frame_ns,
			.windows = vcpu->windows,
			.nr = vcpu->nr_windows,
		};
		/* the last instance ends where the next frame's first begins */
		uint64_t to_ns = from_ns + frames * frame_ns + vcpu->windows[0].offset_ns;

		if (witness_read(vcpu->ram, vcpu->vcpu, clock, &vcpu->trace, error) ||
		    witness_measure(&vcpu->trace, &plan, from_ns, to_ns, &vcpu->result, error))
			return -1;
	}
	return 0;
}

void vcpus_free(struct bench_vcpus *vcpus)
{
	for (size_t i = 0; i < vcpus->nr; i++) {
		witness_trace_free(&vcpus->list[i].trace);
		witness_result_free(&vcpus->list[i].result);
		free(vcpus->list[i].windows);
		free(vcpus->list[i].window_ids);
		free(vcpus->list[i].window_cpus);
	}
	free(vcpus->list);
	*vcpus = (struct bench_vcpus){ 0 };
}
