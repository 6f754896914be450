/* SPDX-License-Identifier: GPL-2.0 */
/*
 * in-force - the plan in force, as the module tells it
 */
#ifndef PARTCTL_IN_FORCE_H
#define PARTCTL_IN_FORCE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "kernel-health.h"
#include "kernel.h"
#include "model.h"

/**
 * struct in_force - one consistent view of the plan in force
 * @info: the module
 * @partitions: its partitions
 * @nr_partitions: number of them
 * @schedules: its schedules
 * @nr_schedules: number of them
 * @vcpus: the partitions' vCPUs
 * @nr_vcpus: number of them
 * @windows: windows, one for each vCPU that a window opens; ordered by
 *	schedule, number and vCPU
 * @nr_windows: number of them
 * @rows: rows of the health monitor's tables
 * @nr_rows: number of them
 */
struct in_force {
	struct ps_module_info info;
	struct ps_partition_info *partitions;
	size_t nr_partitions;
	struct ps_schedule_info *schedules;
	size_t nr_schedules;
	struct ps_vcpu_info *vcpus;
	size_t nr_vcpus;
	struct ps_window_info *windows;
	size_t nr_windows;
	struct ps_hm_row *rows;
	size_t nr_rows;
};

/**
 * in_force_get() - ask the module
 * @kernel: connection
 * @plan: receives the plan, to be freed; nothing on failure
 * @error: why not; no plan is in force: PS_EXIT_REFUSED
 *
 * Return: 0 or -1.
 */
int in_force_get(struct ps_kernel *kernel, struct in_force *plan, struct ps_error *error);

/**
 * in_force_free() - free what it holds
 * @plan: the plan
 */
void in_force_free(struct in_force *plan);

/**
 * in_force_is() - does a model say what is in force?
 * @plan: the plan in force
 * @model: the model
 *
 * Return: true if loading the model would change nothing.
 */
bool in_force_is(const struct in_force *plan, const struct ps_model *model);

/**
 * in_force_model() - a model of what the module knows
 * @plan: the plan in force
 * @file: name of the model's file, for findings
 *
 * Return: the model, to be freed.
 */
struct ps_model *in_force_model(const struct in_force *plan, const char *file);

/**
 * in_force_adopt() - take over what the module does not know
 * @model: from in_force_model()
 * @kept: another plan; what is taken is missing in it then
 * @warn: told what could not be taken over
 *
 * Partitions are the same if identifier and name are.
 */
void in_force_adopt(struct ps_model *model, struct ps_model *kept, void (*warn)(const char *text));

#endif /* PARTCTL_IN_FORCE_H */
