/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vcpus - the plan in force, one vCPU at a time, with what its witness saw
 */
#ifndef BENCH_VCPUS_H
#define BENCH_VCPUS_H

#include <stddef.h>
#include <stdint.h>

#include "../lib/witness.h"
#include "kernel.h"

/**
 * struct bench_vcpu - a vCPU of the plan, and its measured windows
 * @label: partition, and index if it has several
 * @partition: name
 * @vcpu: index within the partition
 * @cpu: host CPU of the first one
 * @ram: file of its guest's memory
 * @windows: as planned, ascending
 * @window_ids: number of each in its schedule
 * @window_cpus: host CPU of each
 * @nr_windows: number of them
 * @trace: what it saw
 * @result: that, held against the windows
 */
struct bench_vcpu {
	char label[PARTSCHED_NAME_MAX + 12];
	char partition[PARTSCHED_NAME_MAX];
	uint32_t vcpu;
	uint32_t cpu;
	char ram[512];
	struct witness_window *windows;
	uint32_t *window_ids;
	uint32_t *window_cpus;
	size_t nr_windows;
	struct witness_trace trace;
	struct witness_result result;
};

/**
 * struct bench_vcpus - all that have a witness in them
 * @list: array
 * @nr: number of them
 * @info: the module and its plan
 */
struct bench_vcpus {
	struct bench_vcpu *list;
	size_t nr;
	struct ps_module_info info;
};

/**
 * vcpus_get() - ask the module for its plan
 * @vcpus: receives it; to be given to vcpus_free()
 * @kernel: connection
 * @ram_dir: where the guests' memory is, NAME.ram
 * @error: why not
 *
 * vCPUs without a window are left out.
 *
 * Return: 0 or -1.
 */
int vcpus_get(struct bench_vcpus *vcpus, struct ps_kernel *kernel, const char *ram_dir,
	      struct ps_error *error);

/**
 * vcpus_wait() - wait until all are attached and their witnesses count
 * @vcpus: which
 * @kernel: connection
 * @timeout_ns: how long
 * @error: why not: names one that is not there
 *
 * Return: 0 or -1.
 */
int vcpus_wait(const struct bench_vcpus *vcpus, struct ps_kernel *kernel, uint64_t timeout_ns,
	       struct ps_error *error);

/**
 * vcpus_threshold() - have the witnesses note longer gaps only
 * @vcpus: which, all running
 * @clock: two pairs
 * @threshold_ns: gaps up to this length are not to be noted
 * @error: why not
 *
 * Where several emulated CPUs take turns on one real one, each turn of another
 * is a gap, and the log would be full of them.
 *
 * Return: 0 or -1.
 */
int vcpus_threshold(const struct bench_vcpus *vcpus, const struct witness_clock *clock,
		    uint64_t threshold_ns, struct ps_error *error);

/**
 * vcpus_measure() - read all logs and hold them against the plan
 * @vcpus: which; traces and results are filled in
 * @clock: pairs from before @from_ns and after @to_ns
 * @from_ns: start of the first frame
 * @frames: how many; one more must have gone by
 * @error: why not
 *
 * Return: 0 or -1.
 */
int vcpus_measure(struct bench_vcpus *vcpus, const struct witness_clock *clock, uint64_t from_ns,
		  uint64_t frames, struct ps_error *error);

/**
 * vcpus_free() - free all
 * @vcpus: what vcpus_get() gave
 */
void vcpus_free(struct bench_vcpus *vcpus);

#endif /* BENCH_VCPUS_H */
