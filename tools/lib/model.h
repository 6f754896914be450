/* SPDX-License-Identifier: GPL-2.0 */
/*
 * model - a plan as plain data: partitions, schedules, windows
 *
 * What every dialect of XML is turned into and what goes to the kernel.
 * Times are nanoseconds, intervals half-open: [offset, offset + duration).
 * A line is that of the XML element, 0 when there is none.
 */
#ifndef PS_MODEL_H
#define PS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/partsched.h>

/* Memory of a lean guest when the XML names none (the classic 6 MiB). */
#define PS_DEFAULT_MEMORY	(6ULL << 20)

/**
 * enum ps_launcher - what starts a partition's guest
 * @PS_LAUNCHER_PARTVM: partctl starts partvm with the partition's binary
 * @PS_LAUNCHER_NONE: somebody else attaches threads
 */
enum ps_launcher {
	PS_LAUNCHER_PARTVM,
	PS_LAUNCHER_NONE,
};

/**
 * struct ps_vcpu - a virtual CPU of a partition
 * @index: number within the partition, from 0
 * @cpu: host CPU that it runs on
 * @line: XML line, 0 when implied
 */
struct ps_vcpu {
	uint32_t index;
	uint32_t cpu;
	int line;
};

/**
 * struct ps_partition - a partition
 * @id: ARINC identifier
 * @name: name, UTF-8
 * @binary: path of the guest image, resolved against the XML file's directory,
 *	or NULL
 * @auto_start: start the guest when the plan is loaded
 * @launcher: what starts it
 * @period_ns: period, 0 when none is given
 * @duration_ns: time that it needs in each period, 0 when none is given
 * @memory: bytes of guest memory
 * @halt_exits: let the guest's HLT leave to the host
 * @vcpus: virtual CPUs, ordered by index, at least one
 * @nr_vcpus: number of them
 * @line: XML line of the definition
 * @period_line: XML line of the periodicity
 */
struct ps_partition {
	uint32_t id;
	char *name;
	char *binary;
	bool auto_start;
	enum ps_launcher launcher;
	uint64_t period_ns;
	uint64_t duration_ns;
	uint64_t memory;
	bool halt_exits;
	struct ps_vcpu *vcpus;
	size_t nr_vcpus;
	int line;
	int period_line;
};

/**
 * struct ps_window - a window: all vCPUs of one partition are open
 * @id: number within the schedule, from 0, in the order of the file
 * @partition: index into the model's partitions
 * @offset_ns: start, from the start of the major frame
 * @duration_ns: length
 * @line: XML line
 */
struct ps_window {
	uint32_t id;
	size_t partition;
	uint64_t offset_ns;
	uint64_t duration_ns;
	int line;
};

/**
 * struct ps_schedule - a module schedule
 * @id: ARINC identifier
 * @name: name, or NULL
 * @frame_ns: major frame
 * @initial: InitialModuleSchedule
 * @windows: windows in the order of the file
 * @nr_windows: number of them
 * @line: XML line
 */
struct ps_schedule {
	uint32_t id;
	char *name;
	uint64_t frame_ns;
	bool initial;
	struct ps_window *windows;
	size_t nr_windows;
	int line;
};

/**
 * struct ps_channel - a channel; read and kept, not created yet
 * @name: name, or NULL
 * @queuing: queuing, otherwise sampling
 * @line: XML line
 */
struct ps_channel {
	char *name;
	bool queuing;
	int line;
};

/**
 * struct ps_model - a whole plan
 * @file: path of the XML file as the user gave it
 * @name: name of the module, or NULL
 * @slack_ppm: share of each second that a planned CPU keeps for the host
 * @no_slack: load even if the share is not kept
 * @partitions: partitions, in the order of the file
 * @nr_partitions: number of them
 * @schedules: module schedules, in the order of the file
 * @nr_schedules: number of them
 * @channels: channels, in the order of the file
 * @nr_channels: number of them
 * @line: XML line of the root
 */
struct ps_model {
	char *file;
	char *name;
	uint32_t slack_ppm;
	bool no_slack;
	struct ps_partition *partitions;
	size_t nr_partitions;
	struct ps_schedule *schedules;
	size_t nr_schedules;
	struct ps_channel *channels;
	size_t nr_channels;
	int line;
};

/**
 * ps_model_new() - an empty model
 * @file: path of the file it will come from; copied
 *
 * Return: the model; ends the program when memory is exhausted.
 */
struct ps_model *ps_model_new(const char *file);

/**
 * ps_model_free() - free a model and all that it holds
 * @model: the model, or NULL
 */
void ps_model_free(struct ps_model *model);

/**
 * ps_model_add_partition() - append a zeroed partition
 * @model: the model; pointers to its other partitions become stale
 *
 * Return: the partition, with the defaults of an XML file that says nothing.
 */
struct ps_partition *ps_model_add_partition(struct ps_model *model);

/**
 * ps_partition_add_vcpu() - append a vCPU
 * @partition: the partition
 *
 * Return: the vCPU, zeroed.
 */
struct ps_vcpu *ps_partition_add_vcpu(struct ps_partition *partition);

/**
 * ps_model_add_schedule() - append a zeroed schedule
 * @model: the model; pointers to its other schedules become stale
 *
 * Return: the schedule.
 */
struct ps_schedule *ps_model_add_schedule(struct ps_model *model);

/**
 * ps_schedule_add_window() - append a window, numbered in order
 * @schedule: the schedule
 *
 * Return: the window, zeroed but for its id.
 */
struct ps_window *ps_schedule_add_window(struct ps_schedule *schedule);

/**
 * ps_model_add_channel() - append a zeroed channel
 * @model: the model
 *
 * Return: the channel.
 */
struct ps_channel *ps_model_add_channel(struct ps_model *model);

/**
 * ps_model_find() - find a partition by name
 * @model: the model
 * @name: exact name
 *
 * Return: its index, or -1.
 */
long ps_model_find(const struct ps_model *model, const char *name);

/**
 * ps_partition_equal() - would the same guest run for both?
 * @a: a partition
 * @b: another
 *
 * Compares what a guest is started with (not its windows, which may change
 * under a running guest). The binary is compared by path only.
 *
 * Return: true if a running guest of @a serves for @b.
 */
bool ps_partition_equal(const struct ps_partition *a, const struct ps_partition *b);

/**
 * ps_partition_starts() - does loading the plan start this guest?
 * @partition: the partition
 *
 * Return: true if it has a binary, a launcher and AutoStart.
 */
bool ps_partition_starts(const struct ps_partition *partition);

#endif /* PS_MODEL_H */
