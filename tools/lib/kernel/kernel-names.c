// SPDX-License-Identifier: GPL-2.0
/*
 * kernel-names - words for the numbers of the netlink protocol
 */
#include <string.h>

#include "kernel-health.h"
#include "kernel-mode.h"
#include "kernel-priv.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static const char *name_of(const char *const *names, size_t nr, uint32_t value)
{
	return value < nr && names[value] ? names[value] : NULL;
}

const char *ps_attr_name(unsigned int attr)
{
#define A(name) [PARTSCHED_A_##name] = #name
	static const char *const names[] = {
		A(PARTITION_ID), A(PARTITION_NAME), A(NR_VCPUS), A(VCPU), A(VCPU_ID), A(CPU),
		A(SCHEDULE_ID), A(SCHEDULE_NAME), A(INITIAL), A(MAJOR_FRAME_NS), A(WINDOW_ID),
		A(OFFSET_NS), A(DURATION_NS), A(SLACK_PPM), A(FORCE_NO_SLACK), A(DRY_RUN),
		A(UNCHANGED), A(GENERATION), A(EPOCH_NS), A(FRAME), A(NOW_NS), A(FORCE), A(TID),
		A(START_TICKS), A(TIMEOUT_NS), A(ATTACH_STATE), A(REASON), A(COMM), A(VERSION),
		A(NR_PARTITIONS), A(NR_THREADS), A(OPEN_PRIORITY), A(MODE), A(RUN_STATE),
		A(STATS), A(OPENED), A(MISSED), A(LATE), A(OPEN_LATENCY), A(CLOSE_OVERRUN),
		A(EDGE_LATENCY), A(COUNT), A(MIN_NS), A(AVG_NS), A(MAX_NS), A(INSIDE_NS),
		A(OUTSIDE_NS), A(STEAL_NS), A(THEFT_NS), A(EDGES), A(EVENT_TYPE), A(TIME_NS),
		A(CURRENT), A(NR_WINDOWS), A(NO_ACTION), A(NEXT_SCHEDULE_ID), A(NEXT_EPOCH_NS),
		A(LAST_CHANGE_NS), A(NR_CHANGES), A(CLOCK), A(BASE_NS), A(CLOCK_OFFSET_NS),
		A(GRID_ERROR_NS), A(CLOCK_STEPS), A(LAST_STEP_NS), A(NR_RESUMES), A(CHANGE_ACTION),
		A(OVERRUNS), A(PREEMPTED), A(PREEMPTED_MAX_NS), A(PREEMPTOR), A(PREEMPTOR_PID),
		A(MIN_WINDOW_NS),
		A(GUARD_NS), A(GUARD_LATE), A(PRIORITY), A(QUANTUM_NS), A(READY_NS),
		A(CHANNEL_ID), A(CHANNEL_NAME), A(PORT_TYPE), A(PORT_NAME), A(PORT_DIRECTION),
		A(MAX_MESSAGE), A(DEPTH), A(REFRESH_NS), A(KICK), A(REGION_BYTES), A(NR_MESSAGES),
		A(LAST_NS), A(VALIDITY), A(PENDING), A(OVERFLOWS), A(HOST_MESSAGES), A(NR_OPEN),
		A(CHANNEL_BYTES), A(MAX_CHANNEL_BYTES),
		A(NR_KICKS), A(KICKS_DEFERRED), A(KICKS_DELIVERED),
		A(SUPERVISED), A(INITIALISES), A(RESTART_LIMIT), A(RESTART_PERIOD_NS),
		A(STEAL_LIMIT_NS), A(REQUESTER), A(START_CONDITION), A(NR_STARTS), A(HALTED),
		A(NR_ERRORS), A(ERROR_SOURCE), A(ERROR_ID), A(ERROR_CODE), A(ERROR_LEVEL),
		A(ERROR_STATES), A(HM_ACTION), A(HM_SEQ), A(ADDRESS), A(INJECTED), A(DAMPED),
		A(REPLACED),
	};
#undef A

	return name_of(names, NR(names), attr);
}

const char *ps_attach_state_name(uint32_t state)
{
	static const char *const names[] = {
		[PARTSCHED_ATTACH_PENDING] = "pending",
		[PARTSCHED_ATTACH_ATTACHED] = "attached",
		[PARTSCHED_ATTACH_DETACHING] = "detaching",
		[PARTSCHED_ATTACH_DETACHED] = "detached",
		[PARTSCHED_ATTACH_REFUSED] = "refused",
	};
	const char *name = name_of(names, NR(names), state);

	return name ? name : "unknown";
}

const char *ps_run_state_name(uint32_t state)
{
	static const char *const names[] = {
		[PARTSCHED_RUN_IDLE] = "idle",
		[PARTSCHED_RUN_RUNNING] = "running",
		[PARTSCHED_RUN_READY] = "ready",
		[PARTSCHED_RUN_SUSPENDED] = "suspended",
		[PARTSCHED_RUN_BLOCKED] = "blocked",
		[PARTSCHED_RUN_HALTED] = "halted",
		[PARTSCHED_RUN_EXILED] = "exiled",
	};
	const char *name = name_of(names, NR(names), state);

	return name ? name : "unknown";
}

const char *ps_change_action_name(uint32_t action)
{
	static const char *const names[] = {
		[PARTSCHED_CHANGE_IGNORE] = "ignore",
		[PARTSCHED_CHANGE_IDLE] = "idle",
		[PARTSCHED_CHANGE_WARM_START] = "warm_start",
		[PARTSCHED_CHANGE_COLD_START] = "cold_start",
	};
	const char *name = name_of(names, NR(names), action);

	return name ? name : "unknown";
}

const char *ps_port_type_name(uint32_t type)
{
	static const char *const names[] = {
		[PARTSCHED_PORT_SAMPLING] = "sampling",
		[PARTSCHED_PORT_QUEUING] = "queuing",
	};
	const char *name = name_of(names, NR(names), type);

	return name ? name : "unknown";
}

const char *ps_port_direction_name(uint32_t direction)
{
	static const char *const names[] = {
		[PARTSCHED_PORT_SOURCE] = "source",
		[PARTSCHED_PORT_DESTINATION] = "destination",
	};
	const char *name = name_of(names, NR(names), direction);

	return name ? name : "unknown";
}

const char *ps_kick_name(uint32_t kick)
{
	static const char *const names[] = {
		[PARTSCHED_KICK_NONE] = "none",
		[PARTSCHED_KICK_NOW] = "now",
		[PARTSCHED_KICK_WINDOW] = "window",
	};
	const char *name = name_of(names, NR(names), kick);

	return name ? name : "unknown";
}

const char *ps_validity_name(uint32_t validity)
{
	static const char *const names[] = {
		[PARTSCHED_VALIDITY_NONE] = "none",
		[PARTSCHED_VALIDITY_INVALID] = "invalid",
		[PARTSCHED_VALIDITY_VALID] = "valid",
	};
	const char *name = name_of(names, NR(names), validity);

	return name ? name : "unknown";
}

const char *ps_mode_name(uint32_t mode)
{
	static const char *const names[] = {
		[PARTSCHED_MODE_IDLE] = "idle",
		[PARTSCHED_MODE_COLD_START] = "cold_start",
		[PARTSCHED_MODE_WARM_START] = "warm_start",
		[PARTSCHED_MODE_NORMAL] = "normal",
	};
	const char *name = name_of(names, NR(names), mode);

	return name ? name : "unknown";
}

const char *ps_start_condition_name(uint32_t condition)
{
	static const char *const names[] = {
		[PARTSCHED_START_NORMAL] = "normal",
		[PARTSCHED_START_RESTART] = "partition_restart",
		[PARTSCHED_START_HM_MODULE] = "hm_module_restart",
		[PARTSCHED_START_HM_PARTITION] = "hm_partition_restart",
	};
	const char *name = name_of(names, NR(names), condition);

	return name ? name : "unknown";
}

/* Words of the configuration. */
static const char *const sources[] = {
	[PARTSCHED_ERROR_OTHER] = "other",
	[PARTSCHED_ERROR_OVERRUN] = "overrun",
	[PARTSCHED_ERROR_MISSED] = "missed",
	[PARTSCHED_ERROR_STEAL] = "steal",
	[PARTSCHED_ERROR_LAUNCHER] = "launcher",
	[PARTSCHED_ERROR_SHUTDOWN] = "shutdown",
	[PARTSCHED_ERROR_KVM] = "kvm",
	[PARTSCHED_ERROR_MEMORY] = "memory",
	[PARTSCHED_ERROR_READONLY] = "readonly",
	[PARTSCHED_ERROR_SERVICE] = "service",
	[PARTSCHED_ERROR_APPLICATION] = "application",
	[PARTSCHED_ERROR_START] = "start",
};

static const char *const codes[] = {
	[PARTSCHED_CODE_NONE] = "none",
	[PARTSCHED_CODE_DEADLINE_MISSED] = "deadline_missed",
	[PARTSCHED_CODE_APPLICATION_ERROR] = "application_error",
	[PARTSCHED_CODE_NUMERIC_ERROR] = "numeric_error",
	[PARTSCHED_CODE_ILLEGAL_REQUEST] = "illegal_request",
	[PARTSCHED_CODE_STACK_OVERFLOW] = "stack_overflow",
	[PARTSCHED_CODE_MEMORY_VIOLATION] = "memory_violation",
	[PARTSCHED_CODE_HARDWARE_FAULT] = "hardware_fault",
	[PARTSCHED_CODE_POWER_FAILURE] = "power_failure",
};

static int find(const char *const *names, size_t nr, const char *word)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!strcmp(names[i], word))
			return (int)i;
	}
	return -1;
}

const char *ps_error_source_name(uint32_t source)
{
	const char *name = name_of(sources, NR(sources), source);

	return name ? name : "unknown";
}

int ps_error_source_find(const char *word)
{
	return find(sources, NR(sources), word);
}

const char *ps_error_code_name(uint32_t code)
{
	const char *name = name_of(codes, NR(codes), code);

	return name ? name : "unknown";
}

int ps_error_code_find(const char *word)
{
	return find(codes, NR(codes), word);
}

const char *ps_error_level_name(uint32_t level)
{
	static const char *const names[] = {
		[PARTSCHED_LEVEL_MODULE] = "module",
		[PARTSCHED_LEVEL_PARTITION] = "partition",
		[PARTSCHED_LEVEL_PROCESS] = "process",
	};
	const char *name = name_of(names, NR(names), level);

	return name ? name : "unknown";
}

const char *ps_error_states_name(uint32_t states)
{
	static const char *const names[] = {
		"none", "idle", "start", "idle start", "normal", "idle normal", "start normal",
		"idle start normal",
	};

	return names[states & 7];
}

const char *ps_hm_action_name(uint32_t action)
{
	static const char *const names[] = {
		[PARTSCHED_HM_IGNORE] = "ignore",
		[PARTSCHED_HM_IDLE] = "idle",
		[PARTSCHED_HM_WARM_START] = "warm_start",
		[PARTSCHED_HM_COLD_START] = "cold_start",
		[PARTSCHED_HM_SHUTDOWN] = "shutdown",
		[PARTSCHED_HM_RESET] = "reset",
	};
	const char *name = name_of(names, NR(names), action);

	return name ? name : "unknown";
}

const char *ps_event_name(uint32_t type)
{
	static const char *const names[] = {
		[PARTSCHED_EVENT_PLAN_STARTED] = "plan_started",
		[PARTSCHED_EVENT_PLAN_STOPPED] = "plan_stopped",
		[PARTSCHED_EVENT_ATTACHED] = "attached",
		[PARTSCHED_EVENT_DETACHED] = "detached",
		[PARTSCHED_EVENT_REFUSED] = "refused",
		[PARTSCHED_EVENT_MISSED] = "missed",
		[PARTSCHED_EVENT_OVERRUN] = "overrun",
		[PARTSCHED_EVENT_EXILED] = "exiled",
		[PARTSCHED_EVENT_RECALLED] = "recalled",
		[PARTSCHED_EVENT_SCHEDULE_CHANGED] = "schedule_changed",
		[PARTSCHED_EVENT_CHANGE_ACTION] = "change_action",
		[PARTSCHED_EVENT_PLAN_RESUMED] = "plan_resumed",
		[PARTSCHED_EVENT_CLOCK_STEPPED] = "clock_stepped",
		[PARTSCHED_EVENT_PREEMPTED] = "preempted",
		[PARTSCHED_EVENT_MODE] = "mode",
		[PARTSCHED_EVENT_HALTED] = "halted",
		[PARTSCHED_EVENT_CONTINUED] = "continued",
		[PARTSCHED_EVENT_ERROR] = "error",
	};
	const char *name = name_of(names, NR(names), type);

	return name ? name : "unknown";
}
