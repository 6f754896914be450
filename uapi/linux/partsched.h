/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * partsched - hard time partitioning for KVM virtual machines
 *
 * The generic netlink protocol, whole. Family "partsched", version 1,
 * multicast group "events". All times are nanoseconds (suffix _NS), all
 * intervals are half-open: [offset, offset + duration).
 *
 * A plan is staged piece by piece on one socket and takes effect at
 * STAGE_COMMIT, whole or not at all. Closing the socket drops what was staged.
 * It has one module schedule or several, each with windows of its own. One of
 * several is INITIAL, which is the one that the plan begins with; a single one
 * is, anyway.
 *
 *  request (do)        attributes                            answer
 *  ------------------  ------------------------------------  ----------------
 *  STAGE_BEGIN         [SLACK_PPM u32] [FORCE_NO_SLACK flag] ack
 *                      [CLOCK u32] [BASE_NS u64]
 *  STAGE_SCHEDULE      SCHEDULE_ID u32, MAJOR_FRAME_NS u64   ack
 *                      [SCHEDULE_NAME str] [INITIAL flag]
 *                      [GUARD_NS u64]
 *  STAGE_PARTITION     PARTITION_ID u32, PARTITION_NAME str  ack
 *                      NR_VCPUS u32 [QUANTUM_NS u64]
 *                      [SUPERVISED flag] [INITIALISES flag]
 *                      [RESTART_LIMIT u32 RESTART_PERIOD_NS
 *                      u64] [STEAL_LIMIT_NS u64]
 *  STAGE_VCPU          PARTITION_ID u32, VCPU u32            ack
 *                      PRIORITY u32
 *  STAGE_WINDOW        SCHEDULE_ID u32, PARTITION_ID u32     ack
 *                      VCPU u32, CPU u32, WINDOW_ID u32
 *                      OFFSET_NS u64, DURATION_NS u64
 *                      [CHANGE_ACTION u32] (the same in all of
 *                      a partition's in the schedule)
 *  STAGE_CHANNEL       CHANNEL_ID u32, PORT_TYPE u32         ack
 *                      MAX_MESSAGE u32 [CHANNEL_NAME str]
 *                      [DEPTH u32] (of a queuing one)
 *                      [REFRESH_NS u64] (of a sampling one)
 *  STAGE_PORT          CHANNEL_ID u32, PORT_NAME str         ack
 *                      PORT_DIRECTION u32
 *                      PARTITION_ID u32 | PARTITION_NAME str
 *                      (a name: of a pseudo-partition)
 *                      [KICK u32] (of a destination)
 *  STAGE_ERROR         ERROR_ID u32, ERROR_LEVEL u32         ack
 *                      ERROR_STATES u32, HM_ACTION u32
 *                      [ERROR_CODE u32] [PARTITION_ID u32]
 *                      (none: for those not named)
 *  STAGE_ERROR_SOURCE  ERROR_SOURCE u32, ERROR_ID u32        ack
 *  STAGE_COMMIT        [DRY_RUN flag]                        GENERATION u32
 *                                                            [UNCHANGED flag]
 *                                                            EPOCH_NS u64
 *  UNLOAD              [FORCE flag]                          ack
 *  ATTACH              PARTITION_NAME str, VCPU u32          VCPU_ID u32
 *                      [TID u32] [START_TICKS u64]           ATTACH_STATE u32
 *                      [TIMEOUT_NS u64]                      TID u32
 *                      (no TID: the calling thread itself)   [REASON str]
 *  DETACH              TID u32 | PARTITION_NAME str          VCPU_ID u32
 *                      [VCPU u32] [REPLACED flag]            ATTACH_STATE u32
 *                      (REPLACED: of a whole partition)      TID u32
 *                                                            [REASON str]
 *  SET_SCHEDULE        SCHEDULE_ID u32                       EPOCH_NS u64
 *                                                            [NO_ACTION flag]
 *  SET_MODE            PARTITION_NAME str, MODE u32          MODE u32 (before)
 *                      [REQUESTER u32]                       [NO_ACTION flag]
 *                      (none: the operator)
 *  HALT                PARTITION_NAME str                    [NO_ACTION flag]
 *  CONTINUE            PARTITION_NAME str                    [NO_ACTION flag]
 *  RAISE_ERROR         PARTITION_NAME str                    ERROR_ID u32
 *                      ERROR_SOURCE u32 | ERROR_ID u32       ERROR_LEVEL u32
 *                      [ERROR_CODE u32] [VCPU u32]           HM_ACTION u32
 *                      [ADDRESS u64] [REASON str]
 *                      [INJECTED flag]
 *  GET_MODULE          -                                     VERSION str
 *                                                            GENERATION u32
 *                                                            NR_PARTITIONS u32
 *                                                            NR_THREADS u32
 *                                                            OPEN_PRIORITY u32
 *                                                            NOW_NS u64
 *                                                            MIN_WINDOW_NS u64
 *                                                            CHANNEL_BYTES u64
 *                                                            MAX_CHANNEL_BYTES u64
 *                                                            [SCHEDULE_ID u32
 *                                                             SCHEDULE_NAME str
 *                                                             MAJOR_FRAME_NS u64
 *                                                             EPOCH_NS u64
 *                                                             FRAME u64
 *                                                             SLACK_PPM u32
 *                                                             GUARD_NS u64
 *                                                             NEXT_SCHEDULE_ID u32
 *                                                             LAST_CHANGE_NS u64
 *                                                             NR_CHANGES u64
 *                                                             CLOCK u32
 *                                                             BASE_NS u64
 *                                                             CLOCK_OFFSET_NS s64
 *                                                             GRID_ERROR_NS s64
 *                                                             CLOCK_STEPS u64
 *                                                             LAST_STEP_NS s64
 *                                                             NR_RESUMES u64]
 *                                                            [NEXT_EPOCH_NS u64]
 *
 *  request (dump)      answer, one message an object
 *  ------------------  -----------------------------------------------------
 *  GET_PARTITION       PARTITION_ID u32, PARTITION_NAME str, NR_VCPUS u32,
 *                      MODE u32, STATS {}, QUANTUM_NS u64,
 *                      START_CONDITION u32, NR_STARTS u64,
 *                      [HALTED flag], [SUPERVISED flag], [INITIALISES flag],
 *                      RESTART_LIMIT u32, RESTART_PERIOD_NS u64,
 *                      STEAL_LIMIT_NS u64, NR_ERRORS u64
 *  GET_VCPU            VCPU_ID u32, PARTITION_ID u32, PARTITION_NAME str,
 *                      VCPU u32, CPU u32, RUN_STATE u32, STATS {},
 *                      PRIORITY u32,
 *                      [TID u32, COMM str, ATTACH_STATE u32, REASON str]
 *                      [PREEMPTOR str, PREEMPTOR_PID u32]
 *  GET_WINDOW          SCHEDULE_ID u32, WINDOW_ID u32, PARTITION_ID u32,
 *                      VCPU u32, CPU u32, OFFSET_NS u64, DURATION_NS u64,
 *                      OPENED u64, MISSED u64, CHANGE_ACTION u32
 *                      (of all schedules; those not current keep their counts)
 *  GET_CPU             CPU u32, EDGES u64, MISSED u64, SLACK_PPM u32,
 *                      EDGE_LATENCY {}, GUARD_NS u64, GUARD_LATE u64
 *                      (the guard as it is at present)
 *  GET_SCHEDULE        SCHEDULE_ID u32, SCHEDULE_NAME str,
 *                      MAJOR_FRAME_NS u64, [INITIAL flag], [CURRENT flag],
 *                      NR_WINDOWS u32, GUARD_NS u64
 *  GET_PORT            PARTITION_NAME str, PORT_NAME str,
 *                      PORT_DIRECTION u32, [PARTITION_ID u32],
 *                      CHANNEL_ID u32, CHANNEL_NAME str, PORT_TYPE u32,
 *                      MAX_MESSAGE u32, DEPTH u32, REFRESH_NS u64, KICK u32,
 *                      REGION_BYTES u64, NR_MESSAGES u64, LAST_NS u64,
 *                      VALIDITY u32, PENDING u32, OVERFLOWS u64,
 *                      HOST_MESSAGES u64, NR_OPEN u32, NR_KICKS u64,
 *                      KICKS_DEFERRED u64, KICKS_DELIVERED u64
 *                      (no PARTITION_ID: a pseudo-partition's; NR_MESSAGES to
 *                      OVERFLOWS are what the ports' owners have written into
 *                      their memory, and only as true as they are)
 *
 *  GET_ERROR           ERROR_ID u32, ERROR_LEVEL u32, ERROR_STATES u32,
 *                      HM_ACTION u32, ERROR_CODE u32, [PARTITION_ID u32]
 *                      (the table in force, as it was staged)
 *  GET_ERROR_SOURCE    ERROR_SOURCE u32, ERROR_LEVEL u32, HM_ACTION u32,
 *                      [ERROR_ID u32]
 *                      (what is done where the table says nothing)
 *  GET_HM_LOG          HM_SEQ u64, TIME_NS u64, GENERATION u32,
 *                      ERROR_SOURCE u32, ERROR_ID u32, ERROR_CODE u32,
 *                      ERROR_LEVEL u32, ERROR_STATES u32, HM_ACTION u32,
 *                      COUNT u64, [PARTITION_NAME str, VCPU u32,
 *                      ADDRESS u64, REASON str, INJECTED flag, DAMPED flag]
 *                      (oldest first; a gap in HM_SEQ: overwritten)
 *
 *  STATS {}            OPENED u64, MISSED u64, LATE u64,
 *                      OPEN_LATENCY {}, CLOSE_OVERRUN {}, INSIDE_NS u64,
 *                      OUTSIDE_NS u64, STEAL_NS u64, THEFT_NS u64,
 *                      OVERRUNS u64, PREEMPTED u64, PREEMPTED_MAX_NS u64,
 *                      READY_NS u64
 *  OPEN_LATENCY {}, CLOSE_OVERRUN {}, EDGE_LATENCY {}
 *                      COUNT u64, MIN_NS u64, AVG_NS u64, MAX_NS u64
 *
 *  multicast "events"  EVENT: EVENT_TYPE u32, TIME_NS u64, [PARTITION_NAME
 *                      str, VCPU u32, CPU u32, TID u32, COUNT u64,
 *                      GENERATION u32, REASON str, SCHEDULE_ID u32,
 *                      EPOCH_NS u64, LAST_STEP_NS s64,
 *                      CHANGE_ACTION u32, MODE u32, START_CONDITION u32,
 *                      HM_SEQ u64, ERROR_SOURCE u32, ERROR_ID u32,
 *                      ERROR_CODE u32, ERROR_LEVEL u32, ERROR_STATES u32,
 *                      HM_ACTION u32, ADDRESS u64, INJECTED flag,
 *                      DAMPED flag]
 *
 * Several windows of one partition on one CPU with the same interval and
 * WINDOW_ID are one window that these vCPUs share. Inside it the one of the
 * greatest PRIORITY that is not halted has the CPU (0 where none is staged);
 * those of equal priority run one after the other, or, if the partition has a
 * QUANTUM_NS, take turns of that length. Outside it none of them runs.
 *
 * SET_SCHEDULE asks for another schedule of the plan in force. It comes into
 * force at the end of a major frame (EPOCH_NS: when), on all CPUs at the same
 * instant, which is the start of its own frame 0. A later request replaces one
 * that has not come near; one for the schedule in force takes it back; and
 * without anything to take back that is NO_ACTION. NEXT_EPOCH_NS is there while
 * a change is on its way; NEXT_SCHEDULE_ID is SCHEDULE_ID when none is.
 *
 * A channel has one SOURCE and one or more DESTINATIONs, a queuing one exactly
 * one. Each is a port: a device PARTITION_NAME.PORT_NAME, see partsched_device.h.
 * A pseudo-partition (ARINC 653) has ports, too, but neither vCPUs nor windows:
 * programs of the host use them. A channel that the next plan has as well, with
 * the same name, type, sizes and ends in the same order, keeps its messages.
 *
 * A plan's CLOCK is CLOCK_MONOTONIC unless it says otherwise. Frames of a plan of
 * CLOCK_TAI begin at BASE_NS + k * MAJOR_FRAME_NS of that clock, for each of its
 * schedules and for any integer k; EPOCH_NS and all other instants are
 * CLOCK_MONOTONIC all the same. A schedule of such a plan comes into force at
 * the end of a frame of the one before, and begins with the next frame of its
 * own grid: no window is open in between, for less than a frame of its own. When
 * the clock is set, frames get back to the grid in the same way; GRID_ERROR_NS is
 * how much later than the grid they begin until then.
 *
 * A partition's MODE is ARINC 653's. COLD_START and WARM_START have each of its
 * vCPU threads leave KVM_RUN before one more guest instruction, and its launcher
 * start the guest; where none is attached, whoever supervises a SUPERVISED one
 * starts a launcher. The mode is NORMAL once all have done so, or, of one that
 * INITIALISES, when its guest says so (SET_MODE, REQUESTER PARTITION). IDLE: it
 * runs in none of its windows. Which change who may ask for stands in one table
 * of the module; what is not allowed is refused. HALT stops a partition at once
 * and keeps its mode and state, whatever mode it is; CONTINUE lets it go on in the
 * window that it has then, or in its next one.
 *
 * An error comes from one of the module's or a launcher's ERROR_SOURCEs, or from
 * RAISE_ERROR by its ERROR_ID. STAGE_ERROR_SOURCE says which identifier a source
 * has, STAGE_ERROR what is done about an identifier in which states: by the row
 * of the partition, else by the one for all, else as GET_ERROR_SOURCE has it. An
 * action of MODULE level concerns all partitions: SHUTDOWN makes them idle, RESET
 * starts them cold. WARM_START and COLD_START more than RESTART_LIMIT times within
 * RESTART_PERIOD_NS become IDLE (DAMPED); a limit of 0 is none. The log outlives
 * plans.
 *
 * Every change (STAGE_*, UNLOAD, ATTACH, DETACH, SET_SCHEDULE, SET_MODE, HALT,
 * CONTINUE, RAISE_ERROR) needs CAP_NET_ADMIN and CAP_SYS_NICE, since it decides
 * when other users' threads run. Every refusal carries an extended
 * acknowledgement: a sentence and, where one attribute is at fault, its position.
 */
#ifndef _UAPI_LINUX_PARTSCHED_H
#define _UAPI_LINUX_PARTSCHED_H

#define PARTSCHED_GENL_NAME		"partsched"
#define PARTSCHED_GENL_VERSION		1
#define PARTSCHED_GENL_MCGRP_EVENTS	"events"

/* Bytes of a name, the terminating NUL included; UTF-8, no '/'. */
#define PARTSCHED_NAME_MAX		64
/* Bytes of a reason or a version string, the NUL included. */
#define PARTSCHED_REASON_MAX		128
#define PARTSCHED_VERSION_MAX		32

#define PARTSCHED_MAX_PARTITIONS	1024
#define PARTSCHED_MAX_VCPUS		64	/* of one partition */
#define PARTSCHED_MAX_SCHEDULES		64
#define PARTSCHED_MAX_WINDOWS		131072	/* of all schedules */
#define PARTSCHED_MAX_FRAME_NS		3600000000000ULL	/* an hour */
#define PARTSCHED_MAX_CHANNELS		1024
#define PARTSCHED_MAX_PORTS		4096	/* of all channels */

/*
 * The shortest window and the shortest gap that any host can enforce; windows of
 * this one may have to be longer: MIN_WINDOW_NS.
 */
#define PARTSCHED_MIN_WINDOW_NS		50000ULL

/*
 * The shortest quantum: a turn costs about what the switch between two windows
 * does. The longest is the longest major frame of the plan.
 */
#define PARTSCHED_MIN_QUANTUM_NS	50000ULL

/*
 * The longest guard that may be given; the one that is to be measured, and the
 * most that it comes to, which it begins with. A window is as long as
 * PARTSCHED_MIN_WINDOW_NS and the guard together at least, whose most counts if
 * it is to be measured.
 */
#define PARTSCHED_MAX_GUARD_NS		200000ULL
#define PARTSCHED_GUARD_AUTO		0xffffffffffffffffULL
#define PARTSCHED_GUARD_AUTO_MAX_NS	20000ULL

/*
 * The shortest time between two windows of one vCPU on different CPUs: its
 * thread parks, and is moved before the second one opens.
 */
#define PARTSCHED_MIN_MOVE_NS		200000ULL

/* Rows of a plan's health monitor tables, and entries that the log keeps. */
#define PARTSCHED_MAX_ERRORS		4096
#define PARTSCHED_HM_LOG_ENTRIES	1024

/* How often a partition is started again by the health monitor, and in what time. */
#define PARTSCHED_DEFAULT_RESTART_LIMIT		5
#define PARTSCHED_DEFAULT_RESTART_PERIOD_NS	10000000000ULL
#define PARTSCHED_MAX_RESTART_LIMIT		64

/* Share of each second that a planned CPU keeps for its own kernel threads. */
#define PARTSCHED_DEFAULT_SLACK_PPM	50000

/**
 * enum partsched_cmd - netlink commands
 * @PARTSCHED_CMD_STAGE_BEGIN: start a plan on this socket (drops a staged one)
 * @PARTSCHED_CMD_STAGE_SCHEDULE: add a module schedule
 * @PARTSCHED_CMD_STAGE_PARTITION: add a partition
 * @PARTSCHED_CMD_STAGE_WINDOW: add a window of one vCPU on one CPU
 * @PARTSCHED_CMD_STAGE_COMMIT: validate and publish what was staged
 * @PARTSCHED_CMD_UNLOAD: stop the plan; refused while threads are attached
 *	unless PARTSCHED_A_FORCE is given, which detaches them
 * @PARTSCHED_CMD_ATTACH: put a vCPU thread under the plan
 * @PARTSCHED_CMD_DETACH: give a vCPU thread back to the host's scheduler
 * @PARTSCHED_CMD_GET_MODULE: version, plan, clock
 * @PARTSCHED_CMD_GET_PARTITION: dump of partitions
 * @PARTSCHED_CMD_GET_VCPU: dump of vCPUs and their threads
 * @PARTSCHED_CMD_GET_WINDOW: dump of windows, of all schedules
 * @PARTSCHED_CMD_GET_CPU: dump of planned CPUs
 * @PARTSCHED_CMD_EVENT: multicast only
 * @PARTSCHED_CMD_GET_SCHEDULE: dump of module schedules
 * @PARTSCHED_CMD_SET_SCHEDULE: change to another module schedule
 * @PARTSCHED_CMD_STAGE_VCPU: say more of a staged partition's vCPU
 * @PARTSCHED_CMD_STAGE_CHANNEL: add a channel
 * @PARTSCHED_CMD_STAGE_PORT: add an end of a staged channel
 * @PARTSCHED_CMD_GET_PORT: dump of ports
 * @PARTSCHED_CMD_STAGE_ERROR: add a row of a health monitor table
 * @PARTSCHED_CMD_STAGE_ERROR_SOURCE: say which identifier a source's errors have
 * @PARTSCHED_CMD_SET_MODE: change a partition's operating mode
 * @PARTSCHED_CMD_HALT: stop a partition at once, its state kept
 * @PARTSCHED_CMD_CONTINUE: let a halted partition go on
 * @PARTSCHED_CMD_RAISE_ERROR: report an error to the health monitor
 * @PARTSCHED_CMD_GET_ERROR: dump of the health monitor tables in force
 * @PARTSCHED_CMD_GET_ERROR_SOURCE: dump of sources and their defaults
 * @PARTSCHED_CMD_GET_HM_LOG: dump of the health monitor's log
 */
enum partsched_cmd {
	PARTSCHED_CMD_STAGE_BEGIN = 1,
	PARTSCHED_CMD_STAGE_SCHEDULE,
	PARTSCHED_CMD_STAGE_PARTITION,
	PARTSCHED_CMD_STAGE_WINDOW,
	PARTSCHED_CMD_STAGE_COMMIT,
	PARTSCHED_CMD_UNLOAD,
	PARTSCHED_CMD_ATTACH,
	PARTSCHED_CMD_DETACH,
	PARTSCHED_CMD_GET_MODULE,
	PARTSCHED_CMD_GET_PARTITION,
	PARTSCHED_CMD_GET_VCPU,
	PARTSCHED_CMD_GET_WINDOW,
	PARTSCHED_CMD_GET_CPU,
	PARTSCHED_CMD_EVENT,
	PARTSCHED_CMD_GET_SCHEDULE,
	PARTSCHED_CMD_SET_SCHEDULE,
	PARTSCHED_CMD_STAGE_VCPU,
	PARTSCHED_CMD_STAGE_CHANNEL,
	PARTSCHED_CMD_STAGE_PORT,
	PARTSCHED_CMD_GET_PORT,
	PARTSCHED_CMD_STAGE_ERROR,
	PARTSCHED_CMD_STAGE_ERROR_SOURCE,
	PARTSCHED_CMD_SET_MODE,
	PARTSCHED_CMD_HALT,
	PARTSCHED_CMD_CONTINUE,
	PARTSCHED_CMD_RAISE_ERROR,
	PARTSCHED_CMD_GET_ERROR,
	PARTSCHED_CMD_GET_ERROR_SOURCE,
	PARTSCHED_CMD_GET_HM_LOG,

	__PARTSCHED_CMD_MAX,
	PARTSCHED_CMD_MAX = __PARTSCHED_CMD_MAX - 1
};

/**
 * enum partsched_attr - netlink attributes, one set for all commands
 *
 * Which command takes and gives which is in the tree at the top of this file;
 * an attribute that a command does not take is refused.
 */
enum partsched_attr {
	PARTSCHED_A_PAD = 1,
	PARTSCHED_A_PARTITION_ID,	/* u32, ARINC's PartitionIdentifier */
	PARTSCHED_A_PARTITION_NAME,	/* string */
	PARTSCHED_A_NR_VCPUS,		/* u32, 1..PARTSCHED_MAX_VCPUS */
	PARTSCHED_A_VCPU,		/* u32, index within the partition */
	PARTSCHED_A_VCPU_ID,		/* u32, unique in the module */
	PARTSCHED_A_CPU,		/* u32, host CPU; a vCPU's: of its open or next window */
	PARTSCHED_A_SCHEDULE_ID,	/* u32 */
	PARTSCHED_A_SCHEDULE_NAME,	/* string */
	PARTSCHED_A_INITIAL,		/* flag: the plan begins with it */
	PARTSCHED_A_MAJOR_FRAME_NS,	/* u64 */
	PARTSCHED_A_WINDOW_ID,		/* u32 */
	PARTSCHED_A_OFFSET_NS,		/* u64, from the frame's start */
	PARTSCHED_A_DURATION_NS,	/* u64 */
	PARTSCHED_A_SLACK_PPM,		/* u32, of every second */
	PARTSCHED_A_FORCE_NO_SLACK,	/* flag: load a plan that starves the host */
	PARTSCHED_A_DRY_RUN,		/* flag: validate, do not publish */
	PARTSCHED_A_UNCHANGED,		/* flag: the running plan is the same */
	PARTSCHED_A_GENERATION,		/* u32, counts published plans, 0: none */
	PARTSCHED_A_EPOCH_NS,		/* u64, CLOCK_MONOTONIC start of frame 0 */
	PARTSCHED_A_FRAME,		/* u64, number of the current frame */
	PARTSCHED_A_NOW_NS,		/* u64, CLOCK_MONOTONIC */
	PARTSCHED_A_FORCE,		/* flag */
	PARTSCHED_A_TID,		/* u32, in the caller's pid namespace */
	PARTSCHED_A_START_TICKS,	/* u64, field 22 of /proc/TID/stat */
	PARTSCHED_A_TIMEOUT_NS,		/* u64, 0: the default, 2 s */
	PARTSCHED_A_ATTACH_STATE,	/* u32, enum partsched_attach_state */
	PARTSCHED_A_REASON,		/* string */
	PARTSCHED_A_COMM,		/* string, the thread's name */
	PARTSCHED_A_VERSION,		/* string */
	PARTSCHED_A_NR_PARTITIONS,	/* u32 */
	PARTSCHED_A_NR_THREADS,		/* u32, threads that hold the module */
	PARTSCHED_A_OPEN_PRIORITY,	/* u32, SCHED_FIFO priority of open threads */
	PARTSCHED_A_MODE,		/* u32, enum partsched_mode */
	PARTSCHED_A_RUN_STATE,		/* u32, enum partsched_run_state */
	PARTSCHED_A_STATS,		/* nest */
	PARTSCHED_A_OPENED,		/* u64, windows opened with a thread attached */
	PARTSCHED_A_MISSED,		/* u64, windows whose start came too late */
	PARTSCHED_A_LATE,		/* u64, windows opened later than late_ns */
	PARTSCHED_A_OPEN_LATENCY,	/* nest, edge to thread running */
	PARTSCHED_A_CLOSE_OVERRUN,	/* nest, edge to thread off the CPU */
	PARTSCHED_A_EDGE_LATENCY,	/* nest, edge to timer handler */
	PARTSCHED_A_COUNT,		/* u64 */
	PARTSCHED_A_MIN_NS,		/* u64 */
	PARTSCHED_A_AVG_NS,		/* u64 */
	PARTSCHED_A_MAX_NS,		/* u64 */
	PARTSCHED_A_INSIDE_NS,		/* u64, on the CPU inside windows */
	PARTSCHED_A_OUTSIDE_NS,		/* u64, on the CPU outside windows */
	PARTSCHED_A_STEAL_NS,		/* u64, parked, told to the guest as steal */
	PARTSCHED_A_THEFT_NS,		/* u64, runnable in an open window, not on the CPU */
	PARTSCHED_A_EDGES,		/* u64, edges handled */
	PARTSCHED_A_EVENT_TYPE,		/* u32, enum partsched_event */
	PARTSCHED_A_TIME_NS,		/* u64, CLOCK_MONOTONIC */
	PARTSCHED_A_CURRENT,		/* flag: the schedule in force */
	PARTSCHED_A_NR_WINDOWS,		/* u32 */
	PARTSCHED_A_GUARD_NS,		/* u64, before each opening, 0: none */
	PARTSCHED_A_GUARD_LATE,		/* u64, threads not there by the edge */
	PARTSCHED_A_NO_ACTION,		/* flag: that schedule is in force already */
	PARTSCHED_A_NEXT_SCHEDULE_ID,	/* u32 */
	PARTSCHED_A_NEXT_EPOCH_NS,	/* u64, when the next schedule takes effect */
	PARTSCHED_A_LAST_CHANGE_NS,	/* u64, CLOCK_MONOTONIC, 0: never */
	PARTSCHED_A_NR_CHANGES,		/* u64, of the schedule, of this plan */
	PARTSCHED_A_CHANGE_ACTION,	/* u32, enum partsched_change_action */
	PARTSCHED_A_CLOCK,		/* u32, enum partsched_clock */
	PARTSCHED_A_BASE_NS,		/* u64, CLOCK_TAI, 0 without it */
	PARTSCHED_A_CLOCK_OFFSET_NS,	/* s64, from CLOCK_MONOTONIC to CLOCK, as frames have it */
	PARTSCHED_A_GRID_ERROR_NS,	/* s64, of the frames' starts, now */
	PARTSCHED_A_CLOCK_STEPS,	/* u64, how often CLOCK was set, in this plan */
	PARTSCHED_A_LAST_STEP_NS,	/* s64, by how much */
	PARTSCHED_A_NR_RESUMES,		/* u64, of this plan, after the machine slept */
	PARTSCHED_A_OVERRUNS,		/* u64, times in the way of another's window */
	PARTSCHED_A_PREEMPTED,		/* u64, times that a task took its CPU in a window */
	PARTSCHED_A_PREEMPTED_MAX_NS,	/* u64, the longest of these */
	PARTSCHED_A_PREEMPTOR,		/* string, the name of the last of these tasks */
	PARTSCHED_A_PREEMPTOR_PID,	/* u32, in the initial pid namespace */
	PARTSCHED_A_MIN_WINDOW_NS,	/* u64, the shortest window that is taken */
	PARTSCHED_A_PRIORITY,		/* u32, among vCPUs that share a window */
	PARTSCHED_A_QUANTUM_NS,		/* u64, of a turn of equal ones, 0: none */
	PARTSCHED_A_READY_NS,		/* u64, runnable in a shared window, not on the CPU */
	PARTSCHED_A_CHANNEL_ID,		/* u32, unique in the plan */
	PARTSCHED_A_CHANNEL_NAME,	/* string, may be empty */
	PARTSCHED_A_PORT_TYPE,		/* u32, enum partsched_port_type */
	PARTSCHED_A_PORT_NAME,		/* string */
	PARTSCHED_A_PORT_DIRECTION,	/* u32, enum partsched_port_direction */
	PARTSCHED_A_MAX_MESSAGE,	/* u32, bytes of the longest message */
	PARTSCHED_A_DEPTH,		/* u32, messages that a queue holds, 0: it is none */
	PARTSCHED_A_REFRESH_NS,		/* u64, how long a sampling message is valid, 0: for ever */
	PARTSCHED_A_KICK,		/* u32, enum partsched_kick */
	PARTSCHED_A_REGION_BYTES,	/* u64, size of the port's device, a power of two */
	PARTSCHED_A_NR_MESSAGES,	/* u64, written or sent so far */
	PARTSCHED_A_LAST_NS,		/* u64, CLOCK_MONOTONIC, of the newest message, 0: none */
	PARTSCHED_A_VALIDITY,		/* u32, enum partsched_validity */
	PARTSCHED_A_PENDING,		/* u32, messages in the queue */
	PARTSCHED_A_OVERFLOWS,		/* u64, messages that found the queue full */
	PARTSCHED_A_HOST_MESSAGES,	/* u64, written or read through the port's device */
	PARTSCHED_A_NR_OPEN,		/* u32, files open on the port's devices */
	PARTSCHED_A_CHANNEL_BYTES,	/* u64, memory of all channels, also of some still mapped */
	PARTSCHED_A_MAX_CHANNEL_BYTES,	/* u64, what it may be */
	PARTSCHED_A_NR_KICKS,		/* u64, asked of the module */
	PARTSCHED_A_KICKS_DEFERRED,	/* u64, of these, those that waited for the window */
	PARTSCHED_A_KICKS_DELIVERED,	/* u64, signalled by the module */
	PARTSCHED_A_SUPERVISED,		/* flag: somebody starts its launcher when it is to start */
	PARTSCHED_A_INITIALISES,	/* flag: its guest says when it is NORMAL */
	PARTSCHED_A_RESTART_LIMIT,	/* u32, restarts in a period, 0: no limit */
	PARTSCHED_A_RESTART_PERIOD_NS,	/* u64 */
	PARTSCHED_A_STEAL_LIMIT_NS,	/* u64, of a window, taken by the host; 0: no limit */
	PARTSCHED_A_REQUESTER,		/* u32, enum partsched_requester */
	PARTSCHED_A_START_CONDITION,	/* u32, enum partsched_start_condition */
	PARTSCHED_A_NR_STARTS,		/* u64, since the partition has been in force */
	PARTSCHED_A_HALTED,		/* flag: by the operator */
	PARTSCHED_A_NR_ERRORS,		/* u64, of the partition */
	PARTSCHED_A_ERROR_SOURCE,	/* u32, enum partsched_error_source */
	PARTSCHED_A_ERROR_ID,		/* u32, ARINC's ErrorIdentifier; in the log 0: none */
	PARTSCHED_A_ERROR_CODE,		/* u32, enum partsched_error_code */
	PARTSCHED_A_ERROR_LEVEL,	/* u32, enum partsched_error_level */
	PARTSCHED_A_ERROR_STATES,	/* u32, bits of enum partsched_error_state */
	PARTSCHED_A_HM_ACTION,		/* u32, enum partsched_hm_action */
	PARTSCHED_A_HM_SEQ,		/* u64, number of a log entry, from 1 */
	PARTSCHED_A_ADDRESS,		/* u64, guest-physical */
	PARTSCHED_A_INJECTED,		/* flag: a test, not an error */
	PARTSCHED_A_DAMPED,		/* flag: too many restarts; IDLE instead */
	PARTSCHED_A_REPLACED,		/* flag: another launcher carries out the start */

	__PARTSCHED_A_MAX,
	PARTSCHED_A_MAX = __PARTSCHED_A_MAX - 1
};

/**
 * enum partsched_clock - what a plan's frames are aligned to
 * @PARTSCHED_CLOCK_MONOTONIC: nothing; they begin when the plan does
 * @PARTSCHED_CLOCK_TAI: CLOCK_TAI, which machines can share
 */
enum partsched_clock {
	PARTSCHED_CLOCK_MONOTONIC = 1,
	PARTSCHED_CLOCK_TAI,
};

/**
 * enum partsched_mode - operating mode of a partition (ARINC 653)
 * @PARTSCHED_MODE_IDLE: no thread attached, or a change of schedule says so
 * @PARTSCHED_MODE_COLD_START: initialising, memory cleared
 * @PARTSCHED_MODE_WARM_START: initialising, memory kept
 * @PARTSCHED_MODE_NORMAL: running
 */
enum partsched_mode {
	PARTSCHED_MODE_IDLE = 1,
	PARTSCHED_MODE_COLD_START,
	PARTSCHED_MODE_WARM_START,
	PARTSCHED_MODE_NORMAL,
};

/**
 * enum partsched_requester - who asks for another mode
 * @PARTSCHED_BY_OPERATOR: a person or a program of the host
 * @PARTSCHED_BY_PARTITION: the partition's guest, through its launcher
 * @PARTSCHED_BY_HEALTH: the health monitor; nobody else may say so
 * @PARTSCHED_BY_SCHEDULE: a change of schedule; likewise
 */
enum partsched_requester {
	PARTSCHED_BY_OPERATOR = 1,
	PARTSCHED_BY_PARTITION,
	PARTSCHED_BY_HEALTH,
	PARTSCHED_BY_SCHEDULE,
};

/**
 * enum partsched_start_condition - why a partition was started last (ARINC 653)
 * @PARTSCHED_START_NORMAL: it has been attached, or the operator or a change of
 *	schedule has started it
 * @PARTSCHED_START_RESTART: it has started itself again
 * @PARTSCHED_START_HM_MODULE: an error of module level
 * @PARTSCHED_START_HM_PARTITION: an error of its own
 */
enum partsched_start_condition {
	PARTSCHED_START_NORMAL = 1,
	PARTSCHED_START_RESTART,
	PARTSCHED_START_HM_MODULE,
	PARTSCHED_START_HM_PARTITION,
};

/**
 * enum partsched_error_source - who has found an error
 * @PARTSCHED_ERROR_OTHER: none of those below; raised by its identifier
 * @PARTSCHED_ERROR_OVERRUN: a thread was in the way of its successor's window
 * @PARTSCHED_ERROR_MISSED: windows were not opened
 * @PARTSCHED_ERROR_STEAL: the host took more than STEAL_LIMIT_NS of a window
 * @PARTSCHED_ERROR_LAUNCHER: a vCPU thread is gone, and nobody has said so before
 * @PARTSCHED_ERROR_SHUTDOWN: a vCPU shut down (triple fault)
 * @PARTSCHED_ERROR_KVM: KVM cannot go on
 * @PARTSCHED_ERROR_MEMORY: an access where nothing is
 * @PARTSCHED_ERROR_READONLY: a write to what is read-only
 * @PARTSCHED_ERROR_SERVICE: a service that does not exist or is not granted
 * @PARTSCHED_ERROR_APPLICATION: raised by the guest
 * @PARTSCHED_ERROR_START: the launcher cannot start the guest
 */
enum partsched_error_source {
	PARTSCHED_ERROR_OTHER = 0,
	PARTSCHED_ERROR_OVERRUN,
	PARTSCHED_ERROR_MISSED,
	PARTSCHED_ERROR_STEAL,
	PARTSCHED_ERROR_LAUNCHER,
	PARTSCHED_ERROR_SHUTDOWN,
	PARTSCHED_ERROR_KVM,
	PARTSCHED_ERROR_MEMORY,
	PARTSCHED_ERROR_READONLY,
	PARTSCHED_ERROR_SERVICE,
	PARTSCHED_ERROR_APPLICATION,
	PARTSCHED_ERROR_START,
};

/**
 * enum partsched_error_code - what kind of error it is (ARINC 653)
 * @PARTSCHED_CODE_NONE: not said
 * @PARTSCHED_CODE_DEADLINE_MISSED: and so on, by ARINC's names
 */
enum partsched_error_code {
	PARTSCHED_CODE_NONE = 0,
	PARTSCHED_CODE_DEADLINE_MISSED,
	PARTSCHED_CODE_APPLICATION_ERROR,
	PARTSCHED_CODE_NUMERIC_ERROR,
	PARTSCHED_CODE_ILLEGAL_REQUEST,
	PARTSCHED_CODE_STACK_OVERFLOW,
	PARTSCHED_CODE_MEMORY_VIOLATION,
	PARTSCHED_CODE_HARDWARE_FAULT,
	PARTSCHED_CODE_POWER_FAILURE,
};

/**
 * enum partsched_error_level - who handles an error (ARINC 653)
 * @PARTSCHED_LEVEL_MODULE: the module; it concerns all partitions
 * @PARTSCHED_LEVEL_PARTITION: the partition
 * @PARTSCHED_LEVEL_PROCESS: the partition's own error handler, told by its
 *	launcher; of one that has none, the partition
 */
enum partsched_error_level {
	PARTSCHED_LEVEL_MODULE = 1,
	PARTSCHED_LEVEL_PARTITION,
	PARTSCHED_LEVEL_PROCESS,
};

/**
 * enum partsched_error_state - in which state of a partition an error is found
 * @PARTSCHED_STATE_IDLE: it is idle
 * @PARTSCHED_STATE_START: it starts, cold or warm
 * @PARTSCHED_STATE_NORMAL: it runs
 */
enum partsched_error_state {
	PARTSCHED_STATE_IDLE = 1,
	PARTSCHED_STATE_START = 2,
	PARTSCHED_STATE_NORMAL = 4,
};

/**
 * enum partsched_hm_action - what is done about an error (ARINC 653)
 * @PARTSCHED_HM_IGNORE: it is logged
 * @PARTSCHED_HM_IDLE: the partition becomes idle
 * @PARTSCHED_HM_WARM_START: the partition starts again, its memory kept
 * @PARTSCHED_HM_COLD_START: the partition starts again, its memory cleared
 * @PARTSCHED_HM_SHUTDOWN: all partitions become idle
 * @PARTSCHED_HM_RESET: all partitions that are not idle start cold
 */
enum partsched_hm_action {
	PARTSCHED_HM_IGNORE = 1,
	PARTSCHED_HM_IDLE,
	PARTSCHED_HM_WARM_START,
	PARTSCHED_HM_COLD_START,
	PARTSCHED_HM_SHUTDOWN,
	PARTSCHED_HM_RESET,
};

/**
 * enum partsched_change_action - what a partition does at its first window
 *	after a change to a schedule (ScheduleChangeAction of ARINC 653 part 2)
 * @PARTSCHED_CHANGE_IGNORE: goes on
 * @PARTSCHED_CHANGE_IDLE: runs no more, until it is started
 * @PARTSCHED_CHANGE_WARM_START: starts again, its memory kept
 * @PARTSCHED_CHANGE_COLD_START: starts again, its memory cleared
 */
enum partsched_change_action {
	PARTSCHED_CHANGE_IGNORE = 0,
	PARTSCHED_CHANGE_IDLE,
	PARTSCHED_CHANGE_WARM_START,
	PARTSCHED_CHANGE_COLD_START,
};

/**
 * enum partsched_run_state - what a vCPU does now
 * @PARTSCHED_RUN_IDLE: no thread attached
 * @PARTSCHED_RUN_RUNNING: window open, on the CPU
 * @PARTSCHED_RUN_READY: window open, waiting for the CPU
 * @PARTSCHED_RUN_SUSPENDED: window closed
 * @PARTSCHED_RUN_BLOCKED: window open, asleep (halted guest or system call)
 * @PARTSCHED_RUN_HALTED: by the operator, or its partition is idle
 * @PARTSCHED_RUN_EXILED: on a housekeeping CPU, to die, stop or leave
 */
enum partsched_run_state {
	PARTSCHED_RUN_IDLE = 1,
	PARTSCHED_RUN_RUNNING,
	PARTSCHED_RUN_READY,
	PARTSCHED_RUN_SUSPENDED,
	PARTSCHED_RUN_BLOCKED,
	PARTSCHED_RUN_HALTED,
	PARTSCHED_RUN_EXILED,
};

/**
 * enum partsched_attach_state - how far an attachment has come
 * @PARTSCHED_ATTACH_PENDING: waiting for the thread to show that it is a vCPU
 * @PARTSCHED_ATTACH_ATTACHED: gated by the plan
 * @PARTSCHED_ATTACH_DETACHING: asked to leave, has not passed the gate yet
 * @PARTSCHED_ATTACH_DETACHED: gone
 * @PARTSCHED_ATTACH_REFUSED: no vCPU, or died before it showed itself
 */
enum partsched_attach_state {
	PARTSCHED_ATTACH_PENDING = 1,
	PARTSCHED_ATTACH_ATTACHED,
	PARTSCHED_ATTACH_DETACHING,
	PARTSCHED_ATTACH_DETACHED,
	PARTSCHED_ATTACH_REFUSED,
};

/**
 * enum partsched_event - what a multicast message tells
 * @PARTSCHED_EVENT_PLAN_STARTED: a plan is in force (GENERATION)
 * @PARTSCHED_EVENT_PLAN_STOPPED: no plan is in force (REASON)
 * @PARTSCHED_EVENT_ATTACHED: a thread came under the plan
 * @PARTSCHED_EVENT_DETACHED: a thread left it (REASON)
 * @PARTSCHED_EVENT_REFUSED: an attachment failed (REASON)
 * @PARTSCHED_EVENT_MISSED: windows were missed since the last one (COUNT)
 * @PARTSCHED_EVENT_OVERRUN: a thread was not parked when its successor's window opened
 * @PARTSCHED_EVENT_EXILED: a thread was moved off its planned CPU (REASON)
 * @PARTSCHED_EVENT_RECALLED: it came back
 * @PARTSCHED_EVENT_SCHEDULE_CHANGED: all CPUs run another schedule (SCHEDULE_ID,
 *	EPOCH_NS: since when)
 * @PARTSCHED_EVENT_CHANGE_ACTION: a vCPU's partition does what the schedule says
 *	that has come into force (CHANGE_ACTION)
 * @PARTSCHED_EVENT_PLAN_RESUMED: the machine slept and the plan goes on, with
 *	another epoch (SCHEDULE_ID, EPOCH_NS, GENERATION)
 * @PARTSCHED_EVENT_CLOCK_STEPPED: the plan's clock was set (LAST_STEP_NS: by how
 *	much, EPOCH_NS: from when on frames are on its grid, SCHEDULE_ID)
 * @PARTSCHED_EVENT_PREEMPTED: a task of the host's took the CPU of an open window
 *	(COUNT: how often since the last one, REASON: who)
 * @PARTSCHED_EVENT_MODE: a partition is in another mode (MODE, START_CONDITION,
 *	REASON: who asked for it)
 * @PARTSCHED_EVENT_HALTED: a partition was halted by the operator
 * @PARTSCHED_EVENT_CONTINUED: it may go on
 * @PARTSCHED_EVENT_ERROR: the health monitor has logged an error (HM_SEQ and all
 *	that GET_HM_LOG says of it)
 */
enum partsched_event {
	PARTSCHED_EVENT_PLAN_STARTED = 1,
	PARTSCHED_EVENT_PLAN_STOPPED,
	PARTSCHED_EVENT_ATTACHED,
	PARTSCHED_EVENT_DETACHED,
	PARTSCHED_EVENT_REFUSED,
	PARTSCHED_EVENT_MISSED,
	PARTSCHED_EVENT_OVERRUN,
	PARTSCHED_EVENT_EXILED,
	PARTSCHED_EVENT_RECALLED,
	PARTSCHED_EVENT_SCHEDULE_CHANGED,
	PARTSCHED_EVENT_CHANGE_ACTION,
	PARTSCHED_EVENT_PLAN_RESUMED,
	PARTSCHED_EVENT_CLOCK_STEPPED,
	PARTSCHED_EVENT_PREEMPTED,
	PARTSCHED_EVENT_MODE,
	PARTSCHED_EVENT_HALTED,
	PARTSCHED_EVENT_CONTINUED,
	PARTSCHED_EVENT_ERROR,
};

/**
 * enum partsched_port_type - what a port does with messages
 * @PARTSCHED_PORT_SAMPLING: keeps the newest one
 * @PARTSCHED_PORT_QUEUING: hands each on once, in their order
 */
enum partsched_port_type {
	PARTSCHED_PORT_SAMPLING = 1,
	PARTSCHED_PORT_QUEUING,
};

/**
 * enum partsched_port_direction - which end of its channel a port is
 * @PARTSCHED_PORT_SOURCE: writes
 * @PARTSCHED_PORT_DESTINATION: reads
 */
enum partsched_port_direction {
	PARTSCHED_PORT_SOURCE = 1,
	PARTSCHED_PORT_DESTINATION,
};

/**
 * enum partsched_kick - when a destination is told of a message
 * @PARTSCHED_KICK_NONE: never, it polls
 * @PARTSCHED_KICK_NOW: at once
 * @PARTSCHED_KICK_WINDOW: when its window opens
 */
enum partsched_kick {
	PARTSCHED_KICK_NONE = 0,
	PARTSCHED_KICK_NOW,
	PARTSCHED_KICK_WINDOW,
};

/**
 * enum partsched_validity - what a sampling port's newest message is worth
 * @PARTSCHED_VALIDITY_NONE: nothing was written yet, or it is no sampling port
 * @PARTSCHED_VALIDITY_INVALID: older than the refresh period
 * @PARTSCHED_VALIDITY_VALID: not older
 */
enum partsched_validity {
	PARTSCHED_VALIDITY_NONE = 0,
	PARTSCHED_VALIDITY_INVALID,
	PARTSCHED_VALIDITY_VALID,
};

#endif /* _UAPI_LINUX_PARTSCHED_H */
