/* SPDX-License-Identifier: GPL-2.0 */
/*
 * check - the rules that no schema can express
 */
#ifndef PS_CHECK_H
#define PS_CHECK_H

#include "findings.h"
#include "model.h"

/* flags of ps_model_check() and ps_xml_check() */
#define PS_CHECK_HOST		(1U << 0)	/* compare with this host and its module */
#define PS_CHECK_NO_SLACK	(1U << 1)	/* do not demand slack */
#define PS_CHECK_UNPLANNED	(1U << 2)	/* schedules may lack windows: for partctl plan */
#define PS_CHECK_NO_FILES	(1U << 3)	/* do not look for guests' images */
#define PS_CHECK_NO_START	(1U << 4)	/* no guest is going to be started */

/**
 * ps_model_complete() - fill in what the file leaves to be derived
 * @model: as it was read
 * @findings: where findings go
 *
 * A single schedule is initial. A schedule without a major frame gets the least
 * common multiple of its periods (the 2015 schema has no major frame). What all
 * schedules say alike about a partition becomes the partition's own, so that
 * Part 1, which has periods in its one schedule, gives the model that the
 * others give; entries of schedules that say nothing more are dropped.
 */
void ps_model_complete(struct ps_model *model, struct ps_findings *findings);

/**
 * ps_model_check() - hold a model against all rules of the stages MODEL and HOST
 * @model: completed
 * @flags: PS_CHECK_*
 * @findings: where findings go; gets the stages that were reached
 */
void ps_model_check(struct ps_model *model, unsigned int flags, struct ps_findings *findings);

/**
 * ps_time_check() - overlap, gaps, periods and slack of one schedule
 * @model: the model
 * @schedule: the schedule
 * @flags: PS_CHECK_*
 * @findings: where findings go
 */
void ps_time_check(const struct ps_model *model, const struct ps_schedule *schedule,
		   unsigned int flags, struct ps_findings *findings);

/**
 * ps_guest_check() - vCPUs, images and memory of the partitions
 * @model: the model
 * @flags: PS_CHECK_*
 * @findings: where findings go
 */
void ps_guest_check(const struct ps_model *model, unsigned int flags,
		    struct ps_findings *findings);

/**
 * ps_effect_check() - what is read and kept, but has no effect in this version
 * @model: the model
 * @findings: where findings go
 */
void ps_effect_check(const struct ps_model *model, struct ps_findings *findings);

/**
 * ps_channel_check() - ports and channels
 * @model: the model
 * @findings: where findings go
 */
void ps_channel_check(const struct ps_model *model, struct ps_findings *findings);

/**
 * ps_health_check() - health monitor tables
 * @model: the model
 * @findings: where findings go
 */
void ps_health_check(const struct ps_model *model, struct ps_findings *findings);

/* Most CPUs that a host may have. */
#define PS_MAX_CPUS	8192

/**
 * struct ps_host - what a plan meets on a machine
 * @online: by CPU number: it is there and runs
 * @present: by CPU number: it is there, maybe offline
 * @isolated: by CPU number: the scheduler leaves it alone (isolcpus=)
 * @clocksource: its name, or "" where it is not known or does not matter
 * @kvm: there is /dev/kvm
 */
struct ps_host {
	bool online[PS_MAX_CPUS];
	bool present[PS_MAX_CPUS];
	bool isolated[PS_MAX_CPUS];
	char clocksource[32];
	bool kvm;
};

/**
 * ps_host_read() - look at this machine
 * @host: filled in
 */
void ps_host_read(struct ps_host *host);

/**
 * ps_host_check() - what a machine and its module cannot do
 * @model: the model
 * @host: the machine
 * @flags: PS_CHECK_*
 * @findings: where findings go
 */
void ps_host_check(const struct ps_model *model, const struct ps_host *host,
		   unsigned int flags, struct ps_findings *findings);

/**
 * ps_window_sound() - can a window be reasoned about?
 * @schedule: its schedule
 * @window: the window
 *
 * Return: true if it has a length and lies within the frame.
 */
bool ps_window_sound(const struct ps_schedule *schedule, const struct ps_window *window);

#endif /* PS_CHECK_H */
