/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel - the module as seen through generic netlink
 *
 * The third layer: model and plain structs on one side, netlink on the other.
 * Knows no XML and prints nothing. A connection belongs to one thread at a
 * time; threads that need the module at the same time open one each. All
 * calls may sleep. A failure is told by struct ps_error, whose text carries
 * the kernel's own sentence and the attribute that it objects to.
 *
 * Failures common to all: PS_EXIT_ABSENT (module not loaded),
 * PS_EXIT_PERMISSION (capability missing), PS_EXIT_REFUSED (anything else).
 */
#ifndef PS_KERNEL_H
#define PS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/partsched.h>

#include "error.h"
#include "hm-entry.h"
#include "model.h"

struct ps_kernel;

/**
 * struct ps_latency - distribution of a delay
 * @count: samples; the rest is 0 when there is none
 * @min_ns: shortest
 * @avg_ns: mean
 * @max_ns: longest
 */
struct ps_latency {
	uint64_t count;
	uint64_t min_ns;
	uint64_t avg_ns;
	uint64_t max_ns;
};

/**
 * struct ps_stats - what happened to a vCPU or a partition; see the uapi header
 * @opened: windows opened with a thread attached
 * @missed: windows whose start came too late
 * @late: windows opened late
 * @open: edge to thread running
 * @overrun: edge to thread off the CPU
 * @inside_ns: on the CPU inside its windows
 * @outside_ns: on the CPU outside them
 * @steal_ns: parked
 * @theft_ns: runnable in an open window, but not on the CPU
 * @overruns: times in the way of a window that was not its own
 * @preempted: times that a task took its CPU in a window
 * @preempted_max_ns: the longest of these
 * @ready_ns: the same where other vCPUs of the partition share the window
 */
struct ps_stats {
	uint64_t opened;
	uint64_t missed;
	uint64_t late;
	struct ps_latency open;
	struct ps_latency overrun;
	uint64_t inside_ns;
	uint64_t outside_ns;
	uint64_t steal_ns;
	uint64_t theft_ns;
	uint64_t overruns;
	uint64_t preempted;
	uint64_t preempted_max_ns;
	uint64_t ready_ns;
};

/**
 * struct ps_module_info - the module and its plan
 * @version: of the module
 * @generation: plans published so far
 * @nr_partitions: in the plan
 * @nr_threads: attached, or on the way in or out
 * @open_priority: SCHED_FIFO priority of open threads
 * @now_ns: CLOCK_MONOTONIC when the answer was made
 * @min_window_ns: the shortest window that is taken
 * @channel_bytes: memory of all channels, also of some that are still mapped
 * @max_channel_bytes: what it may be
 * @has_plan: a plan is in force; the rest is 0 when not
 * @schedule_id: schedule in force
 * @schedule_name: its name, "" for none
 * @frame_ns: its major frame
 * @epoch_ns: CLOCK_MONOTONIC start of frame 0
 * @frame: number of the current frame
 * @slack_ppm: share of each second kept for the host
 * @guard_ns: of the schedule, 0: none, PS_GUARD_AUTO: measured by each CPU
 * @next_schedule_id: schedule that was asked for; @schedule_id if none was
 * @next_epoch_ns: CLOCK_MONOTONIC instant when it comes into force, 0: none
 *	was asked for
 * @last_change_ns: CLOCK_MONOTONIC instant of the last change of schedule, 0:
 *	never
 * @nr_changes: changes of schedule since the plan began
 * @tai: frames are aligned to CLOCK_TAI
 * @base_ns: instant of it at which a frame begins
 * @clock_offset_ns: from CLOCK_MONOTONIC to it, as the frames have it
 * @grid_error_ns: how much later than its grid frames begin
 * @clock_steps: how often it was set since the plan began
 * @last_step_ns: by how much the last time
 * @nr_resumes: how often the plan went on after the machine slept
 */
struct ps_module_info {
	char version[PARTSCHED_VERSION_MAX];
	uint32_t generation;
	uint32_t nr_partitions;
	uint32_t nr_threads;
	uint32_t open_priority;
	uint64_t now_ns;
	uint64_t min_window_ns;
	uint64_t channel_bytes;
	uint64_t max_channel_bytes;
	bool has_plan;
	uint32_t schedule_id;
	char schedule_name[PARTSCHED_NAME_MAX];
	uint64_t frame_ns;
	uint64_t epoch_ns;
	uint64_t frame;
	uint32_t slack_ppm;
	uint64_t guard_ns;
	uint32_t next_schedule_id;
	uint64_t next_epoch_ns;
	uint64_t last_change_ns;
	uint64_t nr_changes;
	bool tai;
	uint64_t base_ns;
	int64_t clock_offset_ns;
	int64_t grid_error_ns;
	uint64_t clock_steps;
	int64_t last_step_ns;
	uint64_t nr_resumes;
};

/**
 * struct ps_change_result - what became of a request for another schedule
 * @no_action: it is in force, and nothing else was asked for
 * @epoch_ns: CLOCK_MONOTONIC instant when it takes, or took, effect
 */
struct ps_change_result {
	bool no_action;
	uint64_t epoch_ns;
};

/**
 * struct ps_partition_info - a partition of the plan in force
 * @id: ARINC identifier
 * @name: name
 * @nr_vcpus: number of its vCPUs
 * @mode: enum partsched_mode
 * @quantum_ns: of the turns of equal vCPUs that share a window, 0: none
 * @start_condition: enum partsched_start_condition of its last start
 * @nr_starts: how often it was started
 * @halted: by the operator
 * @supervised: somebody starts its launcher when it is to start
 * @initialises: its guest says when it is NORMAL
 * @restart_limit: restarts within @restart_period_ns, 0: no limit
 * @restart_period_ns: in what time
 * @steal_limit_ns: what the host may take of a window, 0: no limit
 * @nr_errors: errors of the partition
 * @stats: summed over its vCPUs
 */
struct ps_partition_info {
	uint32_t id;
	char name[PARTSCHED_NAME_MAX];
	uint32_t nr_vcpus;
	uint32_t mode;
	uint64_t quantum_ns;
	uint32_t start_condition;
	uint64_t nr_starts;
	bool halted;
	bool supervised;
	bool initialises;
	uint32_t restart_limit;
	uint64_t restart_period_ns;
	uint64_t steal_limit_ns;
	uint64_t nr_errors;
	struct ps_stats stats;
};

/**
 * struct ps_vcpu_info - a vCPU of the plan in force
 * @vcpu_id: unique in the module
 * @partition_id: ARINC identifier of its partition
 * @partition: name of its partition
 * @vcpu: index within the partition
 * @cpu: host CPU
 * @run_state: enum partsched_run_state
 * @priority: among those that share a window, 0: none was given
 * @stats: what happened to it
 * @tid: attached thread, 0 for none
 * @comm: the thread's name, "" when there is none
 * @attach_state: enum partsched_attach_state, 0 when nothing was ever attached
 * @reason: why the last attachment ended or failed, "" for nothing to say
 * @preemptor: name of the task that last took its CPU in a window, "" for none
 * @preemptor_pid: its id in the initial pid namespace, 0 for none
 */
struct ps_vcpu_info {
	uint32_t vcpu_id;
	uint32_t partition_id;
	char partition[PARTSCHED_NAME_MAX];
	uint32_t vcpu;
	uint32_t cpu;
	uint32_t run_state;
	uint32_t priority;
	struct ps_stats stats;
	uint32_t tid;
	char comm[PARTSCHED_NAME_MAX];
	uint32_t attach_state;
	char reason[PARTSCHED_REASON_MAX];
	char preemptor[PARTSCHED_NAME_MAX];
	uint32_t preemptor_pid;
};

/**
 * struct ps_schedule_info - a module schedule of the plan in force
 * @id: ARINC identifier
 * @name: name, "" for none
 * @frame_ns: major frame
 * @initial: the plan began with it
 * @current: it is in force
 * @nr_windows: its windows, counted once for each vCPU
 * @guard_ns: its guard, 0: none, PS_GUARD_AUTO: measured by each CPU
 */
struct ps_schedule_info {
	uint32_t id;
	char name[PARTSCHED_NAME_MAX];
	uint64_t frame_ns;
	bool initial;
	bool current;
	uint32_t nr_windows;
	uint64_t guard_ns;
};

/**
 * struct ps_window_info - a window of one vCPU
 * @schedule_id: schedule
 * @window_id: number of the window
 * @partition_id: ARINC identifier of the partition
 * @vcpu: vCPU that it opens
 * @cpu: host CPU
 * @offset_ns: start within the major frame
 * @duration_ns: length
 * @opened: times opened, whenever the schedule was in force
 * @missed: times missed; likewise
 * @change_action: what the partition does when the schedule comes into force by
 *	a change, enum partsched_change_action
 */
struct ps_window_info {
	uint32_t schedule_id;
	uint32_t window_id;
	uint32_t partition_id;
	uint32_t vcpu;
	uint32_t cpu;
	uint64_t offset_ns;
	uint64_t duration_ns;
	uint64_t opened;
	uint64_t missed;
	uint32_t change_action;
};

/**
 * struct ps_cpu_info - a planned host CPU
 * @cpu: number
 * @edges: window edges handled
 * @missed: window edges missed
 * @slack_ppm: share that the plan leaves free on it
 * @edge: edge to timer handler
 * @guard_ns: guard in force, 0: none
 * @guard_late: windows whose thread was not at its guest's entry by the edge
 */
struct ps_cpu_info {
	uint32_t cpu;
	uint64_t edges;
	uint64_t missed;
	uint32_t slack_ppm;
	struct ps_latency edge;
	uint64_t guard_ns;
	uint64_t guard_late;
};

/**
 * struct ps_port_info - a port of the plan in force
 * @partition: name of its partition or pseudo-partition
 * @port: name
 * @pseudo: of a pseudo-partition
 * @partition_id: ARINC identifier of its partition otherwise
 * @direction: enum partsched_port_direction
 * @channel_id: identifier of its channel
 * @channel: name of its channel, "" for none
 * @type: enum partsched_port_type
 * @max_message: bytes of the longest message
 * @depth: messages that a queue holds, 0: it is none
 * @refresh_ns: how long a sampling message is valid, 0: for ever
 * @kick: enum partsched_kick
 * @region_bytes: size of its device
 * @nr_messages: written or sent so far; like the rest of what the channel's
 *	memory tells only as true as its parties are
 * @last_ns: when the newest one was, CLOCK_MONOTONIC, 0: never
 * @validity: enum partsched_validity
 * @pending: messages in the queue
 * @overflows: messages that found the queue full
 * @host_messages: written or read through the port's device
 * @nr_open: files open on its devices
 * @nr_kicks: kicks of a destination that the module was asked for; of those with
 *	PARTSCHED_KICK_NOW it knows only what programs of the host have asked
 * @kicks_deferred: of these, those that waited for the window
 * @kicks_delivered: interrupts that the module has signalled for them
 */
struct ps_port_info {
	char partition[PARTSCHED_NAME_MAX];
	char port[PARTSCHED_NAME_MAX];
	bool pseudo;
	uint32_t partition_id;
	uint32_t direction;
	uint32_t channel_id;
	char channel[PARTSCHED_NAME_MAX];
	uint32_t type;
	uint32_t max_message;
	uint32_t depth;
	uint64_t refresh_ns;
	uint32_t kick;
	uint64_t region_bytes;
	uint64_t nr_messages;
	uint64_t last_ns;
	uint32_t validity;
	uint32_t pending;
	uint64_t overflows;
	uint64_t host_messages;
	uint32_t nr_open;
	uint64_t nr_kicks;
	uint64_t kicks_deferred;
	uint64_t kicks_delivered;
};

/**
 * struct ps_load_result - how a load ended
 * @unchanged: the plan in force is the same already
 * @generation: number of the plan
 * @epoch_ns: CLOCK_MONOTONIC start of its frame 0
 */
struct ps_load_result {
	bool unchanged;
	uint32_t generation;
	uint64_t epoch_ns;
};

/**
 * struct ps_attach_result - how an attachment or a detachment stands
 * @vcpu_id: unique number of the vCPU; 0 from a detachment
 * @state: enum partsched_attach_state
 * @tid: the thread; 0 from a detachment
 * @reason: the kernel's remark, "" for none
 */
struct ps_attach_result {
	uint32_t vcpu_id;
	uint32_t state;
	uint32_t tid;
	char reason[PARTSCHED_REASON_MAX];
};

/**
 * struct ps_event - one event
 * @type: enum partsched_event
 * @time_ns: CLOCK_MONOTONIC
 * @partition: "" when the event concerns none
 * @has_vcpu: @vcpu was given
 * @vcpu: index within the partition
 * @has_cpu: @cpu was given
 * @cpu: host CPU
 * @tid: thread, 0 for none
 * @count: how many, 0 when not counted
 * @generation: of a plan, 0 when not given
 * @reason: why, "" for nothing to say
 * @has_schedule: the two below were given
 * @schedule_id: of a schedule
 * @epoch_ns: since when it is in force, CLOCK_MONOTONIC
 * @change_action: of a partition, enum partsched_change_action, 0: none
 * @step_ns: by how much the plan's clock was set, 0: it was not
 * @mode: enum partsched_mode that a partition is in now, 0: not given
 * @start_condition: enum partsched_start_condition, 0: not given
 * @error: the entry in the health monitor's log; its seq is 0 where this is no error
 */
struct ps_event {
	uint32_t type;
	uint64_t time_ns;
	char partition[PARTSCHED_NAME_MAX];
	bool has_vcpu;
	uint32_t vcpu;
	bool has_cpu;
	uint32_t cpu;
	uint32_t tid;
	uint64_t count;
	uint32_t generation;
	char reason[PARTSCHED_REASON_MAX];
	bool has_schedule;
	uint32_t schedule_id;
	uint64_t epoch_ns;
	uint32_t change_action;
	int64_t step_ns;
	uint32_t mode;
	uint32_t start_condition;
	struct ps_hm_entry error;
};

/* flags of ps_kernel_load() */
#define PS_LOAD_DRY_RUN		(1U << 0)	/* validate, publish nothing */
#define PS_LOAD_NO_START	(1U << 1)	/* nobody starts launchers */

/* ps_kernel_detach(): every vCPU of the partition */
#define PS_ALL_VCPUS		UINT32_MAX

/**
 * ps_kernel_open() - connect to the module
 * @error: why not
 *
 * Return: the connection, or NULL (PS_EXIT_ABSENT when the family does not
 * exist, also after the kernel has tried to load the module).
 */
struct ps_kernel *ps_kernel_open(struct ps_error *error);

/**
 * ps_kernel_close() - drop a connection, and with it what was staged on it
 * @kernel: connection, or NULL
 */
void ps_kernel_close(struct ps_kernel *kernel);

/**
 * ps_kernel_load() - stage a whole plan and commit it
 * @kernel: connection
 * @model: plan with one schedule or several; the caller has checked it
 * @flags: PS_LOAD_*
 * @result: how it ended
 * @error: why not: names the object, its line and the kernel's reason
 *
 * All or nothing: after a failure the plan in force is what it was.
 *
 * Return: 0 or -1.
 */
int ps_kernel_load(struct ps_kernel *kernel, const struct ps_model *model, unsigned int flags,
		   struct ps_load_result *result, struct ps_error *error);

/**
 * ps_kernel_unload() - stop the plan
 * @kernel: connection
 * @force: detach the threads that are attached
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_unload(struct ps_kernel *kernel, bool force, struct ps_error *error);

/**
 * ps_kernel_attach() - put a thread under the plan
 * @kernel: connection
 * @partition: name of the partition
 * @vcpu: index within the partition
 * @tid: the thread, or 0: the calling thread itself
 * @start_ticks: field 22 of /proc/TID/stat, so that a recycled tid is not
 *	taken for the thread; 0: not compared
 * @timeout_ns: how long the thread may take to show that it is a vCPU;
 *	0: the module's default
 * @result: how it stands; usually PARTSCHED_ATTACH_PENDING, see
 *	ps_kernel_wait_attached()
 * @error: why not
 *
 * Return: 0 when the module took the request, or -1.
 */
int ps_kernel_attach(struct ps_kernel *kernel, const char *partition, uint32_t vcpu, uint32_t tid,
		     uint64_t start_ticks, uint64_t timeout_ns, struct ps_attach_result *result,
		     struct ps_error *error);

/**
 * ps_kernel_wait_attached() - wait until an attachment is decided
 * @kernel: connection
 * @events: another connection, which subscribed before ps_kernel_attach(): a
 *	thread that is refused leaves its reason there only. NULL: no reason
 * @partition: name of the partition
 * @vcpu: index within the partition
 * @tid: the thread
 * @timeout_ns: how long to wait
 * @result: PARTSCHED_ATTACH_ATTACHED on success; the state that was seen last
 *	otherwise
 * @error: why not: the module's reason, or that time has run out
 *
 * Must not be called by the thread that is being attached.
 *
 * Return: 0 when attached, or -1.
 */
int ps_kernel_wait_attached(struct ps_kernel *kernel, struct ps_kernel *events,
			    const char *partition, uint32_t vcpu, uint32_t tid,
			    uint64_t timeout_ns, struct ps_attach_result *result,
			    struct ps_error *error);

/**
 * ps_kernel_detach() - give threads back to the host's scheduler
 * @kernel: connection
 * @partition: name of the partition, or NULL: by @tid
 * @vcpu: index within the partition, or PS_ALL_VCPUS
 * @tid: the thread, when @partition is NULL
 * @result: how it stands; usually PARTSCHED_ATTACH_DETACHING
 * @error: why not
 *
 * Return: 0 when the module took the request, or -1.
 */
int ps_kernel_detach(struct ps_kernel *kernel, const char *partition, uint32_t vcpu, uint32_t tid,
		     struct ps_attach_result *result, struct ps_error *error);

/**
 * ps_kernel_replace() - take a launcher's threads from a partition that is to start
 * @kernel: connection
 * @partition: its name
 * @error: why not: among other things, it is not to start, or has no thread
 *
 * The partition goes on waiting for a launcher, and the end of this one is no
 * error any more.
 *
 * Return: 0 when the module took the request, or -1.
 */
int ps_kernel_replace(struct ps_kernel *kernel, const char *partition, struct ps_error *error);

/**
 * ps_kernel_event_fd() - what becomes readable when an event comes
 * @kernel: connection, subscribed
 *
 * Return: a file descriptor, to be waited for only.
 */
int ps_kernel_event_fd(const struct ps_kernel *kernel);

/**
 * ps_kernel_wait_detached() - wait until threads have left the plan
 * @kernel: connection
 * @partition: name of the partition, or NULL: by @tid
 * @vcpu: index, or PS_ALL_VCPUS
 * @tid: the thread, when @partition is NULL
 * @timeout_ns: how long to wait
 * @error: why not: names a thread that is still there
 *
 * Return: 0 when none is left, or -1.
 */
int ps_kernel_wait_detached(struct ps_kernel *kernel, const char *partition, uint32_t vcpu,
			    uint32_t tid, uint64_t timeout_ns, struct ps_error *error);

/**
 * ps_kernel_change_schedule() - ask for another schedule of the plan in force
 * @kernel: connection
 * @id: its identifier
 * @result: when it takes effect, or that it is in force already
 * @error: why not
 *
 * Replaces an earlier request that has not come near.
 *
 * Return: 0 or -1.
 */
int ps_kernel_change_schedule(struct ps_kernel *kernel, uint32_t id,
			      struct ps_change_result *result, struct ps_error *error);

/**
 * ps_kernel_wait_schedule() - wait until a change that was asked for has happened
 * @kernel: connection
 * @id: of the schedule
 * @epoch_ns: when it takes effect, from ps_kernel_change_schedule()
 * @timeout_ns: how long to wait beyond that instant
 * @error: why not: also if another request has replaced it
 *
 * Return: 0 when all CPUs run that schedule, or -1.
 */
int ps_kernel_wait_schedule(struct ps_kernel *kernel, uint32_t id, uint64_t epoch_ns,
			    uint64_t timeout_ns, struct ps_error *error);

/**
 * ps_kernel_module() - the module and its plan
 * @kernel: connection
 * @info: receives it
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_module(struct ps_kernel *kernel, struct ps_module_info *info,
		     struct ps_error *error);

/**
 * ps_kernel_partitions() - the partitions of the plan in force
 * @kernel: connection
 * @list: receives an array, to be freed; NULL when there is none
 * @nr: receives the number
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_partitions(struct ps_kernel *kernel, struct ps_partition_info **list, size_t *nr,
			 struct ps_error *error);

/**
 * ps_kernel_vcpus() - the vCPUs of the plan in force
 * @kernel: connection
 * @list: receives an array, to be freed; NULL when there is none
 * @nr: receives the number
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_vcpus(struct ps_kernel *kernel, struct ps_vcpu_info **list, size_t *nr,
		    struct ps_error *error);

/**
 * ps_kernel_schedules() - the module schedules of the plan in force
 * @kernel: connection
 * @list: receives an array, to be freed; NULL when there is none
 * @nr: receives the number
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_schedules(struct ps_kernel *kernel, struct ps_schedule_info **list, size_t *nr,
			struct ps_error *error);

/**
 * ps_kernel_windows() - the windows of the plan in force, of all its schedules
 * @kernel: connection
 * @list: receives an array, to be freed; NULL when there is none
 * @nr: receives the number
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_windows(struct ps_kernel *kernel, struct ps_window_info **list, size_t *nr,
		      struct ps_error *error);

/**
 * ps_kernel_cpus() - the CPUs of the plan in force
 * @kernel: connection
 * @list: receives an array, to be freed; NULL when there is none
 * @nr: receives the number
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_cpus(struct ps_kernel *kernel, struct ps_cpu_info **list, size_t *nr,
		   struct ps_error *error);

/**
 * ps_kernel_ports() - the ports of the plan in force
 * @kernel: connection
 * @list: receives an array, to be freed; NULL when there is none
 * @nr: receives the number
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_ports(struct ps_kernel *kernel, struct ps_port_info **list, size_t *nr,
		    struct ps_error *error);

/**
 * ps_kernel_subscribe() - join the group of events
 * @kernel: connection; serves for events only from now on
 * @error: why not (CAP_NET_ADMIN is needed)
 *
 * Return: 0 or -1.
 */
int ps_kernel_subscribe(struct ps_kernel *kernel, struct ps_error *error);

/**
 * ps_kernel_event() - wait for the next event
 * @kernel: connection that has subscribed
 * @timeout_ms: how long, -1: for ever
 * @event: receives it
 * @error: why not
 *
 * Return: 1 for an event, 0 when time ran out or a signal came, -1 on failure
 * (err ENOBUFS: events were lost, the next call goes on with later ones).
 */
int ps_kernel_event(struct ps_kernel *kernel, int timeout_ms, struct ps_event *event,
		    struct ps_error *error);

/**
 * ps_attach_state_name() - a word for enum partsched_attach_state
 * @state: value, of any version of the module
 *
 * Return: a static string, "unknown" for what this version does not know.
 */
const char *ps_attach_state_name(uint32_t state);

/**
 * ps_run_state_name() - a word for enum partsched_run_state
 * @state: value
 *
 * Return: a static string.
 */
const char *ps_run_state_name(uint32_t state);

/**
 * ps_change_action_name() - a word for enum partsched_change_action
 * @action: value
 *
 * Return: a static string.
 */
const char *ps_change_action_name(uint32_t action);

/**
 * ps_port_type_name() - a word for enum partsched_port_type
 * @type: value
 *
 * Return: a static string.
 */
const char *ps_port_type_name(uint32_t type);

/**
 * ps_port_direction_name() - a word for enum partsched_port_direction
 * @direction: value
 *
 * Return: a static string.
 */
const char *ps_port_direction_name(uint32_t direction);

/**
 * ps_kick_name() - a word for enum partsched_kick
 * @kick: value
 *
 * Return: a static string.
 */
const char *ps_kick_name(uint32_t kick);

/**
 * ps_validity_name() - a word for enum partsched_validity
 * @validity: value
 *
 * Return: a static string.
 */
const char *ps_validity_name(uint32_t validity);

/**
 * ps_mode_name() - a word for enum partsched_mode
 * @mode: value
 *
 * Return: a static string.
 */
const char *ps_mode_name(uint32_t mode);

/**
 * ps_event_name() - a word for enum partsched_event
 * @type: value
 *
 * Return: a static string.
 */
const char *ps_event_name(uint32_t type);

/**
 * ps_attr_name() - name of an attribute, without its prefix
 * @attr: enum partsched_attr
 *
 * Return: a static string, NULL for what this version does not know.
 */
const char *ps_attr_name(unsigned int attr);

#endif /* PS_KERNEL_H */
