/* SPDX-License-Identifier: GPL-2.0 */
/*
 * draw - a schedule as a picture in text
 */
#ifndef PARTCTL_DRAW_H
#define PARTCTL_DRAW_H

#include <stdint.h>
#include <stdio.h>

#include "model.h"

/**
 * draw_schedule() - one row a CPU, a time axis, and a legend
 * @out: where to; its width is taken if it is a terminal, otherwise 80 columns
 * @model: the model, without errors
 * @schedule: the schedule
 *
 * Plain text: no colours, and nothing but ASCII where the locale is not UTF-8.
 * A column shows the partition that has most of its time.
 *
 * Return: 0, or -1 if it could not be written.
 */
int draw_schedule(FILE *out, const struct ps_model *model, const struct ps_schedule *schedule);

/**
 * draw_busy() - how much of a frame the windows of a CPU take
 * @model: the model, without errors
 * @schedule: the schedule
 * @cpu: the CPU
 *
 * Return: nanoseconds.
 */
uint64_t draw_busy(const struct ps_model *model, const struct ps_schedule *schedule,
		   uint32_t cpu);

/**
 * draw_cpus() - the CPUs of a schedule
 * @model: the model
 * @schedule: the schedule
 * @nr: receives their number
 *
 * Return: the numbers in ascending order, to be freed; NULL for none.
 */
uint32_t *draw_cpus(const struct ps_model *model, const struct ps_schedule *schedule,
		    size_t *nr);

#endif /* PARTCTL_DRAW_H */
