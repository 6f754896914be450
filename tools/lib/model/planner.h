/* SPDX-License-Identifier: GPL-2.0 */
/*
 * planner - windows found from periods and durations
 */
#ifndef PS_PLANNER_H
#define PS_PLANNER_H

#include "findings.h"
#include "model.h"

/* flags of ps_plan_schedule() */
#define PS_PLAN_SPLIT		(1U << 0)	/* windows may be split */
#define PS_PLAN_ALL		(1U << 1)	/* throw the windows of the file away */

/* what ps_plan_schedule() returns instead of 0; both are negative */
#define PS_PLAN_NOT_FOUND	(-1)	/* none was found, or the input is unfit */
#define PS_PLAN_IMPOSSIBLE	(-2)	/* it is proved that there is none */

/**
 * ps_plan_schedule() - find the windows that a schedule lacks
 * @model: the model; partitions with windows in @schedule keep them
 * @schedule: the schedule, with its major frame; windows are appended
 * @flags: PS_PLAN_*
 * @findings: where findings go; PS_NO_PERIODICITY, PS_UTILISATION, PS_NO_PLACE,
 *	PS_SPLIT, PS_GRAIN; PS_DURATION, PS_PERIOD, PS_NO_FRAME and PS_TOO_MANY where
 *	nothing can be planned for them
 *
 * A window takes all vCPUs of its partition at once, each on its own CPU. The
 * host's share stays free as model->slack_ppm and model->no_slack have it. The
 * result holds against ps_time_check(). It is the same for the same input, and
 * the work is bounded; see Documentation/planner.rst.
 *
 * Return: 0, PS_PLAN_NOT_FOUND or PS_PLAN_IMPOSSIBLE: @schedule is as it was
 * then, and @findings say why.
 */
int ps_plan_schedule(struct ps_model *model, struct ps_schedule *schedule, unsigned int flags,
		     struct ps_findings *findings);

#endif /* PS_PLANNER_H */
