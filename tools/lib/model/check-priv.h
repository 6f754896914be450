/* SPDX-License-Identifier: GPL-2.0 */
/*
 * check-priv - shared by the files of the check only
 */
#ifndef PS_CHECK_PRIV_H
#define PS_CHECK_PRIV_H

#include "check.h"

/* Room for the name of an object, with two of the longest PS_SAFE() in it. */
#define PS_OBJECT	600

/**
 * struct ps_told - lines whose faults were told when the file was read
 * @lines: the lines, sorted
 * @nr: number of them
 * @unsure: there were more findings than are kept: any line may be one
 *
 * A value that could not be read is replaced. What follows from the
 * replacement alone must not be told as well.
 */
struct ps_told {
	int *lines;
	size_t nr;
	bool unsure;
};

/**
 * ps_told_init() - gather the lines
 * @told: filled in; end with ps_told_free()
 * @findings: of the reading
 */
void ps_told_init(struct ps_told *told, const struct ps_findings *findings);

/**
 * ps_told() - was a fault told in a range of lines?
 * @told: the lines
 * @from: first line
 * @to: line after the last
 *
 * Return: true if one was, or may have been.
 */
bool ps_told(const struct ps_told *told, int from, int to);

/**
 * ps_told_free() - free what it holds
 * @told: the lines
 */
void ps_told_free(struct ps_told *told);

/**
 * ps_name_partition() - the object of a finding about a partition
 * @buf: PS_OBJECT bytes
 * @partition: the partition
 */
void ps_name_partition(char *buf, const struct ps_partition *partition);

/**
 * ps_name_schedule() - the object of a finding about a schedule
 * @buf: PS_OBJECT bytes
 * @schedule: the schedule
 */
void ps_name_schedule(char *buf, const struct ps_schedule *schedule);

/**
 * ps_name_window() - the object of a finding about a window
 * @buf: PS_OBJECT bytes
 * @model: the model
 * @window: the window
 */
void ps_name_window(char *buf, const struct ps_model *model, const struct ps_window *window);

/**
 * ps_name_health_table() - the object of a finding about a health monitor table
 * @buf: PS_OBJECT bytes
 * @model: the model
 * @t: the table
 */
void ps_name_health_table(char *buf, const struct ps_model *model,
			  const struct ps_health_table *t);

/**
 * ps_periods_new() - the periodicity of every partition in a schedule
 * @model: the model
 * @schedule: the schedule
 *
 * As ps_periodicity() gives it for one.
 *
 * Return: an array by the index of the partition, to be freed.
 */
struct ps_periodicity *ps_periods_new(const struct ps_model *model,
				      const struct ps_schedule *schedule);

/**
 * ps_port_size_check() - is the channel of a port one that the module makes?
 * @port: a port with a message size, a queue with a depth as well
 * @object: what to call it
 * @findings: where to
 */
void ps_port_size_check(const struct ps_port *port, const char *object,
			struct ps_findings *findings);

/**
 * ps_end_check() - numbers of channels and ports, and the names of their devices
 * @model: the model
 * @queuing: which of its channels are queues
 * @findings: where to
 */
void ps_end_check(const struct ps_model *model, const bool *queuing,
		  struct ps_findings *findings);

/**
 * ps_network_check() - virtual networks and the guests' interfaces in them
 * @model: the model
 * @findings: where to
 */
void ps_network_check(const struct ps_model *model, struct ps_findings *findings);

#endif /* PS_CHECK_PRIV_H */
