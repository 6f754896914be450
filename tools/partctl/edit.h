/* SPDX-License-Identifier: GPL-2.0 */
/*
 * edit - a change of the plan that is kept, put in force
 *
 * Partitions that the change does not concern run on: they are the same in both
 * plans.
 */
#ifndef PARTCTL_EDIT_H
#define PARTCTL_EDIT_H

#include "guest.h"
#include "kernel.h"
#include "model.h"

/**
 * struct edit - a change on its way
 * @kernel: the module
 * @model: the plan kept, to be changed
 * @locked: we have state_lock()
 * @no_slack: even if the plan starves the host's kernel threads
 */
struct edit {
	struct ps_kernel *kernel;
	struct ps_model *model;
	bool locked;
	bool no_slack;
};

/**
 * edit_begin() - take the plan that is kept
 * @edit: filled in; to be given to edit_end() in any case
 * @error: why not: none is kept, or it is not the one in force
 *
 * Return: 0 or -1.
 */
int edit_begin(struct edit *edit, struct ps_error *error);

/**
 * edit_commit() - check what has become of it, put it in force and keep it
 * @edit: the change
 * @error: why not; what the check has found is on standard error then
 *
 * All or nothing.
 *
 * Return: 0 or -1.
 */
int edit_commit(struct edit *edit, struct ps_error *error);

/**
 * edit_start() - have the guest of one partition started
 * @edit: a change that is in force; gives state_lock() back
 * @partition: index of the partition
 * @guest: receives how it went; its name, key, set_schedule and reason are to be
 *	freed by guests_free()
 *
 * Return: 0, or -1 if the guest has failed.
 */
int edit_start(struct edit *edit, size_t partition, struct guests *guest);

/**
 * edit_remove() - take a partition out of a plan, and its windows
 * @model: the plan
 * @partition: index of the partition
 * @to: index of the partition that gets its windows, or PS_NONE
 */
void edit_remove(struct ps_model *model, size_t partition, uint32_t to);

/**
 * edit_end() - drop what it holds
 * @edit: the change
 */
void edit_end(struct edit *edit);

#endif /* PARTCTL_EDIT_H */
