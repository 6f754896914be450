/* SPDX-License-Identifier: GPL-2.0 */
/*
 * free-time - time of a plan that no window has yet
 */
#ifndef PARTCTL_FREE_TIME_H
#define PARTCTL_FREE_TIME_H

#include "error.h"
#include "model.h"

/**
 * free_time_take() - give a partition a window in each schedule
 * @model: the plan
 * @partition: index of a partition without windows
 * @no_slack: leave nothing to the host's kernel threads
 * @error: why not
 *
 * The longest stretch of the major frame that all of its CPUs have free at one
 * time, but for what they owe the host.
 *
 * Return: 0 or -1.
 */
int free_time_take(struct ps_model *model, size_t partition, bool no_slack,
		   struct ps_error *error);

#endif /* PARTCTL_FREE_TIME_H */
