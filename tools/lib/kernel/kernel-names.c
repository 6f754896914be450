// SPDX-License-Identifier: GPL-2.0
/*
 * kernel-names - words for the numbers of the netlink protocol
 */
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
	};
	const char *name = name_of(names, NR(names), type);

	return name ? name : "unknown";
}
