// SPDX-License-Identifier: GPL-2.0
/*
 * kernel-get - the module's state read into plain structs
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/genl/genl.h>

#include "kernel-priv.h"

void *ps_list_add(struct ps_list *list)
{
	char *item;

	if (list->nr == list->room) {
		size_t room = list->room ? list->room * 2 : 16;
		void *items = realloc(list->items, room * list->size);

		if (!items)
			return NULL;
		list->items = items;
		list->room = room;
	}
	item = (char *)list->items + list->nr++ * list->size;
	memset(item, 0, list->size);
	return item;
}

int ps_dump(struct ps_kernel *kernel, int cmd, const char *what, size_t size,
	    ps_parse_fn parse, void **items, size_t *nr, struct ps_error *error)
{
	struct ps_error failed = { .err = 0 };
	int tries;

	*items = NULL;
	*nr = 0;
	for (tries = 0; tries < 5; tries++) {
		struct ps_list list = { .size = size };

		if (!ps_request_run(kernel, ps_request_new(kernel, cmd, NLM_F_DUMP), what, parse,
				    &list, &failed)) {
			*items = list.items;
			*nr = list.nr;
			return 0;
		}
		free(list.items);
		if (failed.err != EAGAIN)	/* not a plan that changed under way */
			break;
	}
	if (error)
		*error = failed;
	return -1;
}

static void parse_latency(struct nlattr **outer, int attr, struct ps_latency *latency)
{
	struct nlattr *tb[PARTSCHED_A_MAX + 1];

	if (!outer[attr] || nla_parse_nested(tb, PARTSCHED_A_MAX, outer[attr], NULL) < 0)
		return;
	latency->count = ps_get_u64(tb, PARTSCHED_A_COUNT);
	latency->min_ns = ps_get_u64(tb, PARTSCHED_A_MIN_NS);
	latency->avg_ns = ps_get_u64(tb, PARTSCHED_A_AVG_NS);
	latency->max_ns = ps_get_u64(tb, PARTSCHED_A_MAX_NS);
}

static void parse_stats(struct nlattr **outer, struct ps_stats *stats)
{
	struct nlattr *tb[PARTSCHED_A_MAX + 1];

	if (!outer[PARTSCHED_A_STATS] ||
	    nla_parse_nested(tb, PARTSCHED_A_MAX, outer[PARTSCHED_A_STATS], NULL) < 0)
		return;
	stats->opened = ps_get_u64(tb, PARTSCHED_A_OPENED);
	stats->missed = ps_get_u64(tb, PARTSCHED_A_MISSED);
	stats->late = ps_get_u64(tb, PARTSCHED_A_LATE);
	parse_latency(tb, PARTSCHED_A_OPEN_LATENCY, &stats->open);
	parse_latency(tb, PARTSCHED_A_CLOSE_OVERRUN, &stats->overrun);
	stats->inside_ns = ps_get_u64(tb, PARTSCHED_A_INSIDE_NS);
	stats->outside_ns = ps_get_u64(tb, PARTSCHED_A_OUTSIDE_NS);
	stats->steal_ns = ps_get_u64(tb, PARTSCHED_A_STEAL_NS);
	stats->theft_ns = ps_get_u64(tb, PARTSCHED_A_THEFT_NS);
	stats->overruns = ps_get_u64(tb, PARTSCHED_A_OVERRUNS);
	stats->preempted = ps_get_u64(tb, PARTSCHED_A_PREEMPTED);
	stats->preempted_max_ns = ps_get_u64(tb, PARTSCHED_A_PREEMPTED_MAX_NS);
	stats->ready_ns = ps_get_u64(tb, PARTSCHED_A_READY_NS);
}

static int parse_module(struct nlattr **tb, void *arg)
{
	struct ps_module_info *info = arg;

	ps_get_str(tb, PARTSCHED_A_VERSION, info->version, sizeof(info->version));
	info->generation = ps_get_u32(tb, PARTSCHED_A_GENERATION);
	info->nr_partitions = ps_get_u32(tb, PARTSCHED_A_NR_PARTITIONS);
	info->nr_threads = ps_get_u32(tb, PARTSCHED_A_NR_THREADS);
	info->open_priority = ps_get_u32(tb, PARTSCHED_A_OPEN_PRIORITY);
	info->now_ns = ps_get_u64(tb, PARTSCHED_A_NOW_NS);
	info->min_window_ns = ps_get_u64(tb, PARTSCHED_A_MIN_WINDOW_NS);
	info->channel_bytes = ps_get_u64(tb, PARTSCHED_A_CHANNEL_BYTES);
	info->max_channel_bytes = ps_get_u64(tb, PARTSCHED_A_MAX_CHANNEL_BYTES);
	info->has_plan = tb[PARTSCHED_A_MAJOR_FRAME_NS];
	info->schedule_id = ps_get_u32(tb, PARTSCHED_A_SCHEDULE_ID);
	ps_get_str(tb, PARTSCHED_A_SCHEDULE_NAME, info->schedule_name,
		   sizeof(info->schedule_name));
	info->frame_ns = ps_get_u64(tb, PARTSCHED_A_MAJOR_FRAME_NS);
	info->epoch_ns = ps_get_u64(tb, PARTSCHED_A_EPOCH_NS);
	info->frame = ps_get_u64(tb, PARTSCHED_A_FRAME);
	info->slack_ppm = ps_get_u32(tb, PARTSCHED_A_SLACK_PPM);
	info->guard_ns = ps_get_u64(tb, PARTSCHED_A_GUARD_NS);
	info->next_schedule_id = ps_get_u32(tb, PARTSCHED_A_NEXT_SCHEDULE_ID);
	info->next_epoch_ns = ps_get_u64(tb, PARTSCHED_A_NEXT_EPOCH_NS);
	info->last_change_ns = ps_get_u64(tb, PARTSCHED_A_LAST_CHANGE_NS);
	info->nr_changes = ps_get_u64(tb, PARTSCHED_A_NR_CHANGES);
	info->tai = ps_get_u32(tb, PARTSCHED_A_CLOCK) == PARTSCHED_CLOCK_TAI;
	info->base_ns = ps_get_u64(tb, PARTSCHED_A_BASE_NS);
	info->clock_offset_ns = (int64_t)ps_get_u64(tb, PARTSCHED_A_CLOCK_OFFSET_NS);
	info->grid_error_ns = (int64_t)ps_get_u64(tb, PARTSCHED_A_GRID_ERROR_NS);
	info->clock_steps = ps_get_u64(tb, PARTSCHED_A_CLOCK_STEPS);
	info->last_step_ns = (int64_t)ps_get_u64(tb, PARTSCHED_A_LAST_STEP_NS);
	info->nr_resumes = ps_get_u64(tb, PARTSCHED_A_NR_RESUMES);
	return 0;
}

int ps_kernel_module(struct ps_kernel *kernel, struct ps_module_info *info,
		     struct ps_error *error)
{
	memset(info, 0, sizeof(*info));
	return ps_request_run(kernel, ps_request_new(kernel, PARTSCHED_CMD_GET_MODULE, 0),
			      "state of the module", parse_module, info, error);
}

static int parse_partition(struct nlattr **tb, void *arg)
{
	struct ps_partition_info *info = ps_list_add(arg);

	if (!info)
		return -1;
	info->id = ps_get_u32(tb, PARTSCHED_A_PARTITION_ID);
	ps_get_str(tb, PARTSCHED_A_PARTITION_NAME, info->name, sizeof(info->name));
	info->nr_vcpus = ps_get_u32(tb, PARTSCHED_A_NR_VCPUS);
	info->mode = ps_get_u32(tb, PARTSCHED_A_MODE);
	info->quantum_ns = ps_get_u64(tb, PARTSCHED_A_QUANTUM_NS);
	info->start_condition = ps_get_u32(tb, PARTSCHED_A_START_CONDITION);
	info->nr_starts = ps_get_u64(tb, PARTSCHED_A_NR_STARTS);
	info->halted = tb[PARTSCHED_A_HALTED];
	info->supervised = tb[PARTSCHED_A_SUPERVISED];
	info->initialises = tb[PARTSCHED_A_INITIALISES];
	info->restart_limit = ps_get_u32(tb, PARTSCHED_A_RESTART_LIMIT);
	info->restart_period_ns = ps_get_u64(tb, PARTSCHED_A_RESTART_PERIOD_NS);
	info->steal_limit_ns = ps_get_u64(tb, PARTSCHED_A_STEAL_LIMIT_NS);
	info->nr_errors = ps_get_u64(tb, PARTSCHED_A_NR_ERRORS);
	parse_stats(tb, &info->stats);
	return 0;
}

int ps_kernel_partitions(struct ps_kernel *kernel, struct ps_partition_info **list, size_t *nr,
			 struct ps_error *error)
{
	void *items;
	int rc = ps_dump(kernel, PARTSCHED_CMD_GET_PARTITION, "list of partitions", sizeof(**list),
		      parse_partition, &items, nr, error);

	*list = items;
	return rc;
}

static int parse_vcpu(struct nlattr **tb, void *arg)
{
	struct ps_vcpu_info *info = ps_list_add(arg);

	if (!info)
		return -1;
	info->vcpu_id = ps_get_u32(tb, PARTSCHED_A_VCPU_ID);
	info->partition_id = ps_get_u32(tb, PARTSCHED_A_PARTITION_ID);
	ps_get_str(tb, PARTSCHED_A_PARTITION_NAME, info->partition, sizeof(info->partition));
	info->vcpu = ps_get_u32(tb, PARTSCHED_A_VCPU);
	info->cpu = ps_get_u32(tb, PARTSCHED_A_CPU);
	info->run_state = ps_get_u32(tb, PARTSCHED_A_RUN_STATE);
	info->priority = ps_get_u32(tb, PARTSCHED_A_PRIORITY);
	parse_stats(tb, &info->stats);
	info->tid = ps_get_u32(tb, PARTSCHED_A_TID);
	ps_get_str(tb, PARTSCHED_A_COMM, info->comm, sizeof(info->comm));
	info->attach_state = ps_get_u32(tb, PARTSCHED_A_ATTACH_STATE);
	ps_get_str(tb, PARTSCHED_A_REASON, info->reason, sizeof(info->reason));
	ps_get_str(tb, PARTSCHED_A_PREEMPTOR, info->preemptor, sizeof(info->preemptor));
	info->preemptor_pid = ps_get_u32(tb, PARTSCHED_A_PREEMPTOR_PID);
	return 0;
}

int ps_kernel_vcpus(struct ps_kernel *kernel, struct ps_vcpu_info **list, size_t *nr,
		    struct ps_error *error)
{
	void *items;
	int rc = ps_dump(kernel, PARTSCHED_CMD_GET_VCPU, "list of vCPUs", sizeof(**list), parse_vcpu,
		      &items, nr, error);

	*list = items;
	return rc;
}

static int parse_window(struct nlattr **tb, void *arg)
{
	struct ps_window_info *info = ps_list_add(arg);

	if (!info)
		return -1;
	info->schedule_id = ps_get_u32(tb, PARTSCHED_A_SCHEDULE_ID);
	info->window_id = ps_get_u32(tb, PARTSCHED_A_WINDOW_ID);
	info->partition_id = ps_get_u32(tb, PARTSCHED_A_PARTITION_ID);
	info->vcpu = ps_get_u32(tb, PARTSCHED_A_VCPU);
	info->cpu = ps_get_u32(tb, PARTSCHED_A_CPU);
	info->offset_ns = ps_get_u64(tb, PARTSCHED_A_OFFSET_NS);
	info->duration_ns = ps_get_u64(tb, PARTSCHED_A_DURATION_NS);
	info->opened = ps_get_u64(tb, PARTSCHED_A_OPENED);
	info->missed = ps_get_u64(tb, PARTSCHED_A_MISSED);
	info->change_action = ps_get_u32(tb, PARTSCHED_A_CHANGE_ACTION);
	return 0;
}

int ps_kernel_windows(struct ps_kernel *kernel, struct ps_window_info **list, size_t *nr,
		      struct ps_error *error)
{
	void *items;
	int rc = ps_dump(kernel, PARTSCHED_CMD_GET_WINDOW, "list of windows", sizeof(**list),
		      parse_window, &items, nr, error);

	*list = items;
	return rc;
}

static int parse_schedule(struct nlattr **tb, void *arg)
{
	struct ps_schedule_info *info = ps_list_add(arg);

	if (!info)
		return -1;
	info->id = ps_get_u32(tb, PARTSCHED_A_SCHEDULE_ID);
	ps_get_str(tb, PARTSCHED_A_SCHEDULE_NAME, info->name, sizeof(info->name));
	info->frame_ns = ps_get_u64(tb, PARTSCHED_A_MAJOR_FRAME_NS);
	info->initial = tb[PARTSCHED_A_INITIAL];
	info->current = tb[PARTSCHED_A_CURRENT];
	info->nr_windows = ps_get_u32(tb, PARTSCHED_A_NR_WINDOWS);
	info->guard_ns = ps_get_u64(tb, PARTSCHED_A_GUARD_NS);
	return 0;
}

int ps_kernel_schedules(struct ps_kernel *kernel, struct ps_schedule_info **list, size_t *nr,
			struct ps_error *error)
{
	void *items;
	int rc = ps_dump(kernel, PARTSCHED_CMD_GET_SCHEDULE, "list of schedules", sizeof(**list),
		      parse_schedule, &items, nr, error);

	*list = items;
	return rc;
}

static int parse_cpu(struct nlattr **tb, void *arg)
{
	struct ps_cpu_info *info = ps_list_add(arg);

	if (!info)
		return -1;
	info->cpu = ps_get_u32(tb, PARTSCHED_A_CPU);
	info->edges = ps_get_u64(tb, PARTSCHED_A_EDGES);
	info->missed = ps_get_u64(tb, PARTSCHED_A_MISSED);
	info->slack_ppm = ps_get_u32(tb, PARTSCHED_A_SLACK_PPM);
	parse_latency(tb, PARTSCHED_A_EDGE_LATENCY, &info->edge);
	info->guard_ns = ps_get_u64(tb, PARTSCHED_A_GUARD_NS);
	info->guard_late = ps_get_u64(tb, PARTSCHED_A_GUARD_LATE);
	return 0;
}

int ps_kernel_cpus(struct ps_kernel *kernel, struct ps_cpu_info **list, size_t *nr,
		   struct ps_error *error)
{
	void *items;
	int rc = ps_dump(kernel, PARTSCHED_CMD_GET_CPU, "list of CPUs", sizeof(**list), parse_cpu,
		      &items, nr, error);

	*list = items;
	return rc;
}

static int parse_port(struct nlattr **tb, void *arg)
{
	struct ps_port_info *info = ps_list_add(arg);

	if (!info)
		return -1;
	ps_get_str(tb, PARTSCHED_A_PARTITION_NAME, info->partition, sizeof(info->partition));
	ps_get_str(tb, PARTSCHED_A_PORT_NAME, info->port, sizeof(info->port));
	info->pseudo = !tb[PARTSCHED_A_PARTITION_ID];
	info->partition_id = ps_get_u32(tb, PARTSCHED_A_PARTITION_ID);
	info->direction = ps_get_u32(tb, PARTSCHED_A_PORT_DIRECTION);
	info->channel_id = ps_get_u32(tb, PARTSCHED_A_CHANNEL_ID);
	ps_get_str(tb, PARTSCHED_A_CHANNEL_NAME, info->channel, sizeof(info->channel));
	info->type = ps_get_u32(tb, PARTSCHED_A_PORT_TYPE);
	info->max_message = ps_get_u32(tb, PARTSCHED_A_MAX_MESSAGE);
	info->depth = ps_get_u32(tb, PARTSCHED_A_DEPTH);
	info->refresh_ns = ps_get_u64(tb, PARTSCHED_A_REFRESH_NS);
	info->kick = ps_get_u32(tb, PARTSCHED_A_KICK);
	info->region_bytes = ps_get_u64(tb, PARTSCHED_A_REGION_BYTES);
	info->nr_messages = ps_get_u64(tb, PARTSCHED_A_NR_MESSAGES);
	info->last_ns = ps_get_u64(tb, PARTSCHED_A_LAST_NS);
	info->validity = ps_get_u32(tb, PARTSCHED_A_VALIDITY);
	info->pending = ps_get_u32(tb, PARTSCHED_A_PENDING);
	info->overflows = ps_get_u64(tb, PARTSCHED_A_OVERFLOWS);
	info->host_messages = ps_get_u64(tb, PARTSCHED_A_HOST_MESSAGES);
	info->nr_open = ps_get_u32(tb, PARTSCHED_A_NR_OPEN);
	info->nr_kicks = ps_get_u64(tb, PARTSCHED_A_NR_KICKS);
	info->kicks_deferred = ps_get_u64(tb, PARTSCHED_A_KICKS_DEFERRED);
	info->kicks_delivered = ps_get_u64(tb, PARTSCHED_A_KICKS_DELIVERED);
	return 0;
}

int ps_kernel_ports(struct ps_kernel *kernel, struct ps_port_info **list, size_t *nr,
		    struct ps_error *error)
{
	void *items;
	int rc = ps_dump(kernel, PARTSCHED_CMD_GET_PORT, "list of ports", sizeof(**list), parse_port,
		      &items, nr, error);

	*list = items;
	return rc;
}
