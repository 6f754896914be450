/* SPDX-License-Identifier: GPL-2.0 */
/*
 * plan - plans of the tests, made by hand
 */
#ifndef TEST_PLAN_H
#define TEST_PLAN_H

#include <stdint.h>

#include "clock.h"
#include "kernel.h"

/* The usual plan: "a" in the first part of the frame, "b" in the second. */
#define PLAN_FRAME_NS	(40 * NSEC_PER_MSEC)
#define PLAN_WINDOW_NS	(16 * NSEC_PER_MSEC)

/**
 * plan_new() - an empty plan
 * @frame_ns: major frame
 *
 * Return: a model with one schedule; ps_model_free() it.
 */
struct ps_model *plan_new(uint64_t frame_ns);

/**
 * plan_partition() - add a partition, its identifier being its place from 1
 * @model: the plan
 * @name: its name
 * @nr_vcpus: its vCPUs
 * @cpu: CPU of all of them
 *
 * Return: its index.
 */
size_t plan_partition(struct ps_model *model, const char *name, uint32_t nr_vcpus, uint32_t cpu);

/**
 * plan_window() - add a window to the first schedule
 * @model: the plan
 * @partition: index
 * @offset_ns: start in the frame
 * @duration_ns: length
 */
void plan_window(struct ps_model *model, size_t partition, uint64_t offset_ns,
		 uint64_t duration_ns);

/**
 * plan_schedule() - add a module schedule, not the initial one
 * @model: the plan
 * @id: its identifier
 * @frame_ns: its major frame
 *
 * Return: its index.
 */
size_t plan_schedule(struct ps_model *model, uint32_t id, uint64_t frame_ns);

/**
 * plan_window_in() - add a window to any schedule
 * @model: the plan
 * @schedule: index
 * @partition: index
 * @offset_ns: start in the frame
 * @duration_ns: length
 *
 * Return: the window, good until the next one is added.
 */
struct ps_window *plan_window_in(struct ps_model *model, size_t schedule, size_t partition,
				 uint64_t offset_ns, uint64_t duration_ns);

/**
 * plan_usual() - the usual plan, see above
 * @cpu: CPU of both
 */
struct ps_model *plan_usual(int cpu);

/**
 * plan_load() - load a plan and free it
 * @kernel: connection
 * @model: the plan
 * @result: how it ended, may be NULL
 * @error: why not
 *
 * Return: 0 or -1.
 */
int plan_load(struct ps_kernel *kernel, struct ps_model *model, struct ps_load_result *result,
	      struct ps_error *error);

/**
 * plan_settled() - wait until the plan that was loaded is the one in force
 * @kernel: connection
 * @generation: of the load
 */
bool plan_settled(struct ps_kernel *kernel, uint32_t generation);

/**
 * plan_in_force() - load a plan, free it, and wait until it is the one in force
 * @kernel: connection
 * @model: the plan
 * @error: why not
 */
bool plan_in_force(struct ps_kernel *kernel, struct ps_model *model, struct ps_error *error);

/**
 * vcpu_info() - what the module says of a vCPU
 * @kernel: connection
 * @partition: name
 * @vcpu: index
 * @info: filled in
 *
 * Return: false if there is none.
 */
bool vcpu_info(struct ps_kernel *kernel, const char *partition, uint32_t vcpu,
	       struct ps_vcpu_info *info);

/**
 * attach_state() - how far the attachment of a vCPU is
 * @kernel: connection
 * @partition: name
 * @vcpu: index
 *
 * Return: enum partsched_attach_state, 0 for no thread.
 */
uint32_t attach_state(struct ps_kernel *kernel, const char *partition, uint32_t vcpu);

/**
 * run_state() - what a vCPU does
 * @kernel: connection
 * @partition: name
 * @vcpu: index
 *
 * Return: enum partsched_run_state, 0 for no such vCPU.
 */
uint32_t run_state(struct ps_kernel *kernel, const char *partition, uint32_t vcpu);

/**
 * windows_opened() - how many windows were opened with the thread attached
 * @kernel: connection
 * @partition: name
 * @vcpu: index
 */
uint64_t windows_opened(struct ps_kernel *kernel, const char *partition, uint32_t vcpu);

/**
 * frames_pass() - wait until a vCPU has had more windows
 * @kernel: connection
 * @partition: name
 * @nr: how many more
 */
bool frames_pass(struct ps_kernel *kernel, const char *partition, uint64_t nr);

#endif /* TEST_PLAN_H */
