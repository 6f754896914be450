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

#include "health.h"
#include "network.h"

/* Memory of a lean guest when the XML names none (the classic 6 MiB). */
#define PS_DEFAULT_MEMORY	(6ULL << 20)
/* Message size of a mumu channel that names none: a page. */
#define PS_DEFAULT_MESSAGE	4096
/* A window's CPU or vCPU, a partition index: none is named. */
#define PS_NONE			UINT32_MAX
/* Refresh period "for ever": no message of the port grows old. */
#define PS_REFRESH_NONE		0
/* Guard of a schedule: to be measured when the plan is loaded. */
#define PS_GUARD_AUTO		UINT64_MAX

/**
 * enum ps_launcher - what starts a partition's guest
 * @PS_LAUNCHER_PARTVM: partctl starts partvm with the partition's binary
 * @PS_LAUNCHER_NONE: somebody else attaches threads
 * @PS_LAUNCHER_QEMU: partctl starts a stock QEMU with the partition's kernel
 */
enum ps_launcher {
	PS_LAUNCHER_PARTVM,
	PS_LAUNCHER_NONE,
	PS_LAUNCHER_QEMU,
};

/**
 * enum ps_criticality - design assurance level of a partition (ARINC 653)
 * @PS_LEVEL_NONE: not said
 * @PS_LEVEL_A: LEVEL_A, and so on
 */
enum ps_criticality {
	PS_LEVEL_NONE,
	PS_LEVEL_A,
	PS_LEVEL_B,
	PS_LEVEL_C,
	PS_LEVEL_D,
	PS_LEVEL_E,
};

/**
 * enum ps_change_action - what a partition does when the schedule changes
 * @PS_CHANGE_IGNORE: goes on (the default)
 * @PS_CHANGE_IDLE: becomes idle
 * @PS_CHANGE_WARM_START: starts again, memory kept
 * @PS_CHANGE_COLD_START: starts again, memory cleared
 */
enum ps_change_action {
	PS_CHANGE_IGNORE,
	PS_CHANGE_IDLE,
	PS_CHANGE_WARM_START,
	PS_CHANGE_COLD_START,
};

/**
 * enum ps_kick - when a destination is told of a message
 * @PS_KICK_NONE: never, it polls (the default)
 * @PS_KICK_NOW: at once
 * @PS_KICK_WINDOW: when its window opens
 */
enum ps_kick {
	PS_KICK_NONE,
	PS_KICK_NOW,
	PS_KICK_WINDOW,
};

/**
 * enum ps_time_base - clock that major frames are aligned to
 * @PS_TIME_MONOTONIC: CLOCK_MONOTONIC, frames begin when the plan is loaded
 * @PS_TIME_TAI: CLOCK_TAI, frames begin on the grid of a base time
 */
enum ps_time_base {
	PS_TIME_MONOTONIC,
	PS_TIME_TAI,
};

/* Services that a guest may be allowed to call; bits of ps_partition.services. */
#define PS_SERVICES(S) \
	S(0, SCHEDULE, "schedule") \
	S(1, MODE, "mode") \
	S(2, HEALTH, "health") \
	S(3, TIME, "time") \
	S(4, LOG, "log") \
	S(5, INTERRUPT, "interrupt") \
	S(6, PARTITION, "partition")

/* enum ps_service: PS_SERVICE_SCHEDULE and so on, these bits. */
enum ps_service {
#define S(bit, name, word) PS_SERVICE_##name = 1U << (bit),
	PS_SERVICES(S)
#undef S
};

/**
 * struct ps_vcpu - a virtual CPU of a partition
 * @index: number within the partition, from 0
 * @cpu: host CPU that it runs on where a window names no other
 * @priority: among vCPUs of the partition that share a window: the greater one
 *	runs; 0: none given
 * @line: XML line, 0 when implied
 */
struct ps_vcpu {
	uint32_t index;
	uint32_t cpu;
	uint32_t priority;
	int line;
};

/**
 * struct ps_region - a memory region of a partition, kept as it is written
 * @name: RegionName, or NULL
 * @type: Type (CODE, DATA, INPUT_OUTPUT and so on), or NULL
 * @access: Access (READ_ONLY, READ_WRITE), or NULL
 * @bytes: size
 * @address: physical address
 * @has_address: an address was given
 * @line: XML line
 */
struct ps_region {
	char *name;
	char *type;
	char *access;
	uint64_t bytes;
	uint64_t address;
	bool has_address;
	int line;
};

/**
 * struct ps_port - a sampling or queuing port of a partition
 * @name: name, unique in the partition
 * @queuing: queuing, otherwise sampling
 * @source: the partition writes it, otherwise it reads
 * @implied: not defined as such: a channel of mumu's dialect made it
 * @message: MaxMessageSize in bytes
 * @depth: MaxNbMessages; queuing only
 * @refresh_ns: refresh period; sampling only, PS_REFRESH_NONE: none
 * @line: XML line
 */
struct ps_port {
	char *name;
	bool queuing;
	bool source;
	bool implied;
	uint32_t message;
	uint32_t depth;
	uint64_t refresh_ns;
	int line;
};

/**
 * struct ps_partition - a partition
 * @id: ARINC identifier
 * @name: name, UTF-8
 * @criticality: assurance level
 * @system: SystemPartition
 * @entry_point: EntryPoint as written, or NULL
 * @binary: path of the image of a lean guest, resolved against the XML file's
 *	directory, or NULL
 * @kernel: path of a guest kernel (QEMU), resolved likewise, or NULL
 * @initrd: path of its initial ram disk, resolved likewise, or NULL
 * @command_line: of the guest kernel, or NULL
 * @disk: path of the image of a QEMU guest's disk, resolved likewise, or NULL
 * @disk_read_only: the guest may not write it
 * @disk_serial: serial number that the guest sees, or NULL
 * @auto_start: start the guest when the plan is loaded
 * @launcher: what starts it
 * @set_schedule: SetModuleSchedule: may change the module schedule
 * @change_action: at a change of schedule, unless the schedule says otherwise
 * @services: what its guest may call, bits of PS_SERVICES
 * @period_ns: period, 0 when none is given; a schedule may have its own
 * @duration_ns: time that it needs in each period, 0 when none is given
 * @memory: bytes of guest memory
 * @halt_exits: let the guest's HLT leave to the host
 * @quantum_ns: after how long vCPUs of one priority that share a window take
 *	turns, 0: never
 * @restart_limit: how often the health monitor starts it again within
 *	@restart_period_ns, 0: no limit
 * @restart_period_ns: in what time
 * @steal_limit_ns: what the host may take of a window, 0: no limit
 * @vcpus: virtual CPUs, ordered by index, at least one
 * @nr_vcpus: number of them
 * @cores_given: the file says which CPUs; otherwise they are a default
 * @regions: memory regions
 * @nr_regions: number of them
 * @ports: ports
 * @nr_ports: number of them
 * @nics: network interfaces of a QEMU guest
 * @nr_nics: number of them
 * @line: XML line of the definition
 * @period_line: XML line of the periodicity
 */
struct ps_partition {
	uint32_t id;
	char *name;
	enum ps_criticality criticality;
	bool system;
	char *entry_point;
	char *binary;
	char *kernel;
	char *initrd;
	char *command_line;
	char *disk;
	bool disk_read_only;
	char *disk_serial;
	bool auto_start;
	enum ps_launcher launcher;
	bool set_schedule;
	enum ps_change_action change_action;
	uint32_t services;
	uint64_t period_ns;
	uint64_t duration_ns;
	uint64_t memory;
	bool halt_exits;
	uint64_t quantum_ns;
	uint32_t restart_limit;
	uint64_t restart_period_ns;
	uint64_t steal_limit_ns;
	struct ps_vcpu *vcpus;
	size_t nr_vcpus;
	bool cores_given;
	struct ps_region *regions;
	size_t nr_regions;
	struct ps_port *ports;
	size_t nr_ports;
	struct ps_nic *nics;
	size_t nr_nics;
	int line;
	int period_line;
};

/**
 * struct ps_window - a window: vCPUs of one partition are open
 * @id: number within the schedule, from 0, in the order of the file
 * @identifier: WindowIdentifier, if @has_identifier; unique in its partition
 * @has_identifier: the file gives one
 * @partition: index into the model's partitions
 * @vcpu: the only vCPU that it opens, PS_NONE: all of them
 * @cpu: host CPU, PS_NONE: each vCPU's own
 * @period_start: PartitionPeriodStart, PeriodicProcessingStart
 * @offset_ns: start, from the start of the major frame
 * @duration_ns: length
 * @line: XML line
 */
struct ps_window {
	uint32_t id;
	uint32_t identifier;
	bool has_identifier;
	size_t partition;
	uint32_t vcpu;
	uint32_t cpu;
	bool period_start;
	uint64_t offset_ns;
	uint64_t duration_ns;
	int line;
};

/**
 * struct ps_entry - what one schedule says about one partition (Part 1 and 2)
 * @partition: index into the model's partitions
 * @period_ns: period, 0: the partition's own
 * @duration_ns: duration in each period, 0: the partition's own
 * @set_schedule: SetModuleSchedule, in this schedule
 * @change_action: ScheduleChangeAction, if @has_action
 * @has_action: the file gives one
 * @line: XML line
 */
struct ps_entry {
	size_t partition;
	uint64_t period_ns;
	uint64_t duration_ns;
	bool set_schedule;
	enum ps_change_action change_action;
	bool has_action;
	int line;
};

/**
 * struct ps_schedule - a module schedule
 * @id: ARINC identifier
 * @name: name, or NULL
 * @frame_ns: major frame, 0: not stated and not derived yet
 * @derived: the frame was taken from the periods
 * @initial: InitialModuleSchedule
 * @guard_ns: time to wait at each edge, 0: none, PS_GUARD_AUTO: measure it
 * @entries: partitions with periods and rights of this schedule alone
 * @nr_entries: number of them
 * @windows: windows in the order of the file
 * @nr_windows: number of them
 * @line: XML line
 */
struct ps_schedule {
	uint32_t id;
	char *name;
	uint64_t frame_ns;
	bool derived;
	bool initial;
	uint64_t guard_ns;
	struct ps_entry *entries;
	size_t nr_entries;
	struct ps_window *windows;
	size_t nr_windows;
	int line;
};

/**
 * struct ps_end - one end of a channel
 * @partition: index into the model's partitions, PS_NONE: a pseudo-partition,
 *	or one that could not be found (told already)
 * @port: name of the port, or NULL
 * @pseudo: a pseudo-partition (ARINC 653: a device or a host program)
 * @name: name of the pseudo-partition, or NULL
 * @address: PhysicalAddress as written, or NULL
 * @procedure: Procedure, or NULL
 * @kick: when a destination is told
 * @line: XML line
 */
struct ps_end {
	uint32_t partition;
	char *port;
	bool pseudo;
	char *name;
	char *address;
	char *procedure;
	enum ps_kick kick;
	int line;
};

/**
 * struct ps_channel - a channel
 * @id: ChannelIdentifier, if @has_id
 * @has_id: the file gives one
 * @name: name, or NULL
 * @sources: a valid channel has one
 * @nr_sources: number of them
 * @destinations: a valid channel has one or more
 * @nr_destinations: number of them
 * @line: XML line
 */
struct ps_channel {
	uint32_t id;
	bool has_id;
	char *name;
	struct ps_end *sources;
	size_t nr_sources;
	struct ps_end *destinations;
	size_t nr_destinations;
	int line;
};

/**
 * struct ps_model - a whole plan
 * @file: path of the XML file as the user gave it
 * @dir: its directory, NULL: the current one; paths in it begin with this
 * @name: name of the module, or NULL
 * @version: ModuleVersion, or NULL
 * @identifier: ModuleId, or NULL
 * @slack_ppm: share of each second that a planned CPU keeps for the host
 * @no_slack: load even if the share is not kept
 * @time_base: clock of the major frames
 * @base_ns: PS_TIME_TAI: instant at which a frame begins
 * @partitions: partitions, in the order of the file
 * @nr_partitions: number of them
 * @schedules: module schedules, in the order of the file
 * @nr_schedules: number of them
 * @channels: channels, in the order of the file
 * @nr_channels: number of them
 * @networks: virtual networks, in the order of the file
 * @nr_networks: number of them
 * @health: health monitor tables, in the order of the file
 * @nr_health: number of them
 * @line: XML line of the root
 */
struct ps_model {
	char *file;
	char *dir;
	char *name;
	char *version;
	char *identifier;
	uint32_t slack_ppm;
	bool no_slack;
	enum ps_time_base time_base;
	uint64_t base_ns;
	struct ps_partition *partitions;
	size_t nr_partitions;
	struct ps_schedule *schedules;
	size_t nr_schedules;
	struct ps_channel *channels;
	size_t nr_channels;
	struct ps_network *networks;
	size_t nr_networks;
	struct ps_health_table *health;
	size_t nr_health;
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
 * ps_partition_free() - free what a partition holds
 * @p: the partition, which no model has any more; not freed itself
 */
void ps_partition_free(struct ps_partition *p);

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
 * ps_schedule_add_entry() - append a zeroed entry
 * @schedule: the schedule
 *
 * Return: the entry.
 */
struct ps_entry *ps_schedule_add_entry(struct ps_schedule *schedule);

/**
 * ps_partition_add_port() - append a zeroed port
 * @partition: the partition
 *
 * Return: the port.
 */
struct ps_port *ps_partition_add_port(struct ps_partition *partition);

/**
 * ps_model_add_network() - append a zeroed network
 * @model: the model
 *
 * Return: the network.
 */
struct ps_network *ps_model_add_network(struct ps_model *model);

/**
 * ps_partition_add_nic() - append a network interface
 * @partition: the partition
 *
 * Return: the interface, filtered, zeroed otherwise.
 */
struct ps_nic *ps_partition_add_nic(struct ps_partition *partition);

/**
 * ps_partition_add_region() - append a zeroed memory region
 * @partition: the partition
 *
 * Return: the region.
 */
struct ps_region *ps_partition_add_region(struct ps_partition *partition);

/**
 * ps_channel_add_source() - append a source without a partition
 * @channel: the channel
 *
 * Return: the end.
 */
struct ps_end *ps_channel_add_source(struct ps_channel *channel);

/**
 * ps_channel_add_destination() - append a destination without a partition
 * @channel: the channel
 *
 * Return: the end.
 */
struct ps_end *ps_channel_add_destination(struct ps_channel *channel);

/**
 * ps_model_add_health() - append a zeroed health monitor table
 * @model: the model
 *
 * Return: the table, of no partition.
 */
struct ps_health_table *ps_model_add_health(struct ps_model *model);

/**
 * ps_partition_port() - find a port by name
 * @partition: the partition
 * @name: exact name
 *
 * Return: the first port of this name, or NULL.
 */
const struct ps_port *ps_partition_port(const struct ps_partition *partition, const char *name);

/**
 * ps_schedule_entry() - what a schedule says about a partition
 * @schedule: the schedule
 * @partition: index of the partition
 *
 * Return: the first entry, or NULL.
 */
const struct ps_entry *ps_schedule_entry(const struct ps_schedule *schedule, size_t partition);

/**
 * ps_change_action() - what a partition does when a schedule comes into force
 * @model: the plan
 * @schedule: the schedule
 * @partition: index of the partition
 *
 * Return: what the schedule says, or else the partition itself.
 */
enum ps_change_action ps_change_action(const struct ps_model *model,
				       const struct ps_schedule *schedule, size_t partition);

/**
 * ps_may_set_schedule() - may a partition ask for another schedule?
 * @model: the plan
 * @schedule: while this one is in force
 * @partition: index of the partition
 */
bool ps_may_set_schedule(const struct ps_model *model, const struct ps_schedule *schedule,
			 size_t partition);

/**
 * ps_schedule_has_windows() - has a partition windows in a schedule?
 * @schedule: the schedule
 * @partition: index of the partition
 *
 * Return: true if it has one or more.
 */
bool ps_schedule_has_windows(const struct ps_schedule *schedule, size_t partition);

/**
 * struct ps_periodicity - time that a partition needs in a schedule
 * @period_ns: period, 0: none given
 * @duration_ns: duration, 0: none given
 * @line: XML line that says so
 */
struct ps_periodicity {
	uint64_t period_ns;
	uint64_t duration_ns;
	int line;
};

/**
 * ps_periodicity() - time that a partition needs in a schedule
 * @model: the model
 * @schedule: the schedule
 * @partition: index of the partition
 *
 * The schedule's own entry goes before the partition's periodicity.
 *
 * Return: the periodicity.
 */
struct ps_periodicity ps_periodicity(const struct ps_model *model,
				     const struct ps_schedule *schedule, size_t partition);

/**
 * ps_window_opens() - does a window open a vCPU?
 * @window: the window
 * @vcpu: number of the vCPU within the window's partition
 *
 * Return: true if it does.
 */
bool ps_window_opens(const struct ps_window *window, uint32_t vcpu);

/**
 * ps_window_cpu() - where a window opens a vCPU
 * @window: the window
 * @vcpu: a vCPU of the window's partition
 *
 * Return: the host CPU.
 */
uint32_t ps_window_cpu(const struct ps_window *window, const struct ps_vcpu *vcpu);

/**
 * ps_model_initial() - the schedule that is in force first
 * @model: the model
 *
 * Return: the initial schedule, the only one, or the first; NULL without any.
 */
const struct ps_schedule *ps_model_initial(const struct ps_model *model);

/**
 * ps_model_index() - find a partition by identifier
 * @model: the model
 * @id: ARINC identifier
 *
 * Return: its index, or -1.
 */
long ps_model_index(const struct ps_model *model, uint32_t id);

/**
 * ps_model_find() - find a partition by name
 * @model: the model
 * @name: exact name
 *
 * Return: its index, or -1.
 */
long ps_model_find(const struct ps_model *model, const char *name);

/**
 * ps_partition_starts() - does loading the plan start this guest?
 * @partition: the partition
 *
 * Return: true if it has an image, a launcher and AutoStart.
 */
bool ps_partition_starts(const struct ps_partition *partition);

/**
 * ps_partition_supervised() - is there somebody who starts this guest's launcher?
 * @partition: the partition
 *
 * Return: true if it has an image and a launcher, also if loading the plan does
 * not start it.
 */
bool ps_partition_supervised(const struct ps_partition *partition);

/**
 * ps_partition_initialises() - does somebody say when this guest is NORMAL?
 * @partition: the partition
 *
 * Return: true if it may call the service that says so itself, and for a guest of
 * QEMU: whoever supervises that says so, once it has carried out a start.
 */
bool ps_partition_initialises(const struct ps_partition *partition);

#endif /* PS_MODEL_H */
