// SPDX-License-Identifier: GPL-2.0
#include "operate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool operate_begin(struct operator *operator)
{
	operator->fd = message_socket(&operator->family);
	return operator->fd >= 0;
}

void operate_end(struct operator *operator)
{
	if (operator->fd > 0)
		close(operator->fd);
	operator->fd = -1;
}

void operate_ask(const struct operator *operator, struct message *message, uint8_t command,
		 const char *partition)
{
	message_begin(message, operator->family, command, 0);
	if (partition)
		message_string(message, PARTSCHED_A_PARTITION_NAME, partition);
}

int operate_send(struct operator *operator, struct message *message)
{
	if (message_send(operator->fd, message, &operator->answer))
		return operator->answer.err ? operator->answer.err : EIO;
	return operator->answer.err;
}

static int stage_schedule(struct operator *operator, const struct operate_plan *plan, uint32_t id)
{
	struct message message;

	operate_ask(operator, &message, PARTSCHED_CMD_STAGE_SCHEDULE, NULL);
	message_u32(&message, PARTSCHED_A_SCHEDULE_ID, id);
	message_u64(&message, PARTSCHED_A_MAJOR_FRAME_NS, plan->frame_ns);
	if (id == 1)
		message_flag(&message, PARTSCHED_A_INITIAL);
	return operate_send(operator, &message);
}

static void stage_limit(struct message *message, const struct operate_plan *plan)
{
	if (!plan->has_limit)
		return;
	message_u32(message, PARTSCHED_A_RESTART_LIMIT, plan->restart_limit);
	message_u64(message, PARTSCHED_A_RESTART_PERIOD_NS, plan->restart_period_ns);
}

static int stage_a(struct operator *operator, const struct operate_plan *plan)
{
	struct message message;

	operate_ask(operator, &message, PARTSCHED_CMD_STAGE_PARTITION, "a");
	message_u32(&message, PARTSCHED_A_PARTITION_ID, 1);
	message_u32(&message, PARTSCHED_A_NR_VCPUS, plan->vcpus ? plan->vcpus : 1);
	if (plan->supervised)
		message_flag(&message, PARTSCHED_A_SUPERVISED);
	if (plan->initialises)
		message_flag(&message, PARTSCHED_A_INITIALISES);
	stage_limit(&message, plan);
	if (plan->steal_limit_ns)
		message_u64(&message, PARTSCHED_A_STEAL_LIMIT_NS, plan->steal_limit_ns);
	return operate_send(operator, &message);
}

static int stage_b(struct operator *operator, const struct operate_plan *plan)
{
	struct message message;

	operate_ask(operator, &message, PARTSCHED_CMD_STAGE_PARTITION, "b");
	message_u32(&message, PARTSCHED_A_PARTITION_ID, 2);
	message_u32(&message, PARTSCHED_A_NR_VCPUS, 1);
	stage_limit(&message, plan);
	return operate_send(operator, &message);
}

static int stage_window(struct operator *operator, const struct operate_plan *plan,
			uint32_t schedule, uint32_t partition, uint32_t vcpu)
{
	struct message message;

	operate_ask(operator, &message, PARTSCHED_CMD_STAGE_WINDOW, NULL);
	message_u32(&message, PARTSCHED_A_SCHEDULE_ID, schedule);
	message_u32(&message, PARTSCHED_A_PARTITION_ID, partition);
	message_u32(&message, PARTSCHED_A_VCPU, vcpu);
	message_u32(&message, PARTSCHED_A_CPU, vcpu ? 0 : (uint32_t)plan->cpu);
	message_u32(&message, PARTSCHED_A_WINDOW_ID, partition);
	message_u64(&message, PARTSCHED_A_OFFSET_NS, (partition - 1) * plan->frame_ns / 2);
	message_u64(&message, PARTSCHED_A_DURATION_NS, plan->window_ns);
	if (partition == 1 && schedule > 1)
		message_u32(&message, PARTSCHED_A_CHANGE_ACTION, schedule - 1);
	return operate_send(operator, &message);
}

static int stage_windows(struct operator *operator, const struct operate_plan *plan,
			 uint32_t schedule)
{
	uint32_t vcpu;
	int err;

	for (vcpu = 0; vcpu < (plan->vcpus ? plan->vcpus : 1); vcpu++) {
		err = stage_window(operator, plan, schedule, 1, vcpu);
		if (err)
			return err;
	}
	return stage_window(operator, plan, schedule, 2, 0);
}

static int stage_row(struct operator *operator, const struct operate_row *row)
{
	struct message message;

	operate_ask(operator, &message, PARTSCHED_CMD_STAGE_ERROR, NULL);
	message_u32(&message, PARTSCHED_A_ERROR_ID, row->id);
	message_u32(&message, PARTSCHED_A_ERROR_LEVEL, row->level);
	message_u32(&message, PARTSCHED_A_ERROR_STATES, row->states);
	message_u32(&message, PARTSCHED_A_HM_ACTION, row->action);
	if (row->code)
		message_u32(&message, PARTSCHED_A_ERROR_CODE, row->code);
	if (row->partition)
		message_u32(&message, PARTSCHED_A_PARTITION_ID, row->partition);
	return operate_send(operator, &message);
}

static int stage_tables(struct operator *operator, const struct operate_plan *plan)
{
	struct message message;
	uint32_t source;
	size_t i;
	int err;

	for (source = 1; source <= PARTSCHED_ERROR_START; source++) {
		if (!plan->ids[source])
			continue;
		operate_ask(operator, &message, PARTSCHED_CMD_STAGE_ERROR_SOURCE, NULL);
		message_u32(&message, PARTSCHED_A_ERROR_SOURCE, source);
		message_u32(&message, PARTSCHED_A_ERROR_ID, plan->ids[source]);
		err = operate_send(operator, &message);
		if (err)
			return err;
	}
	for (i = 0; i < plan->nr_rows; i++) {
		err = stage_row(operator, &plan->rows[i]);
		if (err)
			return err;
	}
	return 0;
}

int operate_load(struct operator *operator, const struct operate_plan *plan)
{
	uint32_t nr_schedules = plan->acting ? 4 : 1, i;
	struct message message;
	int err;

	operate_ask(operator, &message, PARTSCHED_CMD_STAGE_BEGIN, NULL);
	err = operate_send(operator, &message);
	for (i = 1; !err && i <= nr_schedules; i++)
		err = stage_schedule(operator, plan, i);
	if (!err)
		err = stage_a(operator, plan);
	if (!err)
		err = stage_b(operator, plan);
	for (i = 1; !err && i <= nr_schedules; i++)
		err = stage_windows(operator, plan, i);
	if (!err)
		err = stage_tables(operator, plan);
	if (err)
		return err;
	operate_ask(operator, &message, PARTSCHED_CMD_STAGE_COMMIT, NULL);
	return operate_send(operator, &message);
}

int operate_mode(struct operator *operator, const char *partition, uint32_t mode,
		 uint32_t requester)
{
	struct message message;

	operate_ask(operator, &message, PARTSCHED_CMD_SET_MODE, partition);
	message_u32(&message, PARTSCHED_A_MODE, mode);
	if (requester)
		message_u32(&message, PARTSCHED_A_REQUESTER, requester);
	return operate_send(operator, &message);
}

int operate_halt(struct operator *operator, const char *partition, bool halt)
{
	struct message message;

	operate_ask(operator, &message, halt ? PARTSCHED_CMD_HALT : PARTSCHED_CMD_CONTINUE,
		    partition);
	return operate_send(operator, &message);
}

int operate_raise(struct operator *operator, const char *partition, uint32_t source, uint32_t id)
{
	struct message message;

	operate_ask(operator, &message, PARTSCHED_CMD_RAISE_ERROR, partition);
	if (source)
		message_u32(&message, PARTSCHED_A_ERROR_SOURCE, source);
	else
		message_u32(&message, PARTSCHED_A_ERROR_ID, id);
	return operate_send(operator, &message);
}

struct partition_search {
	const char *name;
	struct operate_info *info;
	bool found;
};

static bool take_partition(const struct nlattr *const *attrs, void *arg)
{
	struct partition_search *search = arg;

	if (strcmp(message_get_string(attrs, PARTSCHED_A_PARTITION_NAME), search->name))
		return true;
	search->found = true;
	*search->info = (struct operate_info){
		.mode = message_get_u32(attrs, PARTSCHED_A_MODE),
		.condition = message_get_u32(attrs, PARTSCHED_A_START_CONDITION),
		.starts = message_get_u64(attrs, PARTSCHED_A_NR_STARTS),
		.errors = message_get_u64(attrs, PARTSCHED_A_NR_ERRORS),
		.halted = attrs[PARTSCHED_A_HALTED],
		.supervised = attrs[PARTSCHED_A_SUPERVISED],
		.initialises = attrs[PARTSCHED_A_INITIALISES],
		.restart_limit = message_get_u32(attrs, PARTSCHED_A_RESTART_LIMIT),
		.restart_period_ns = message_get_u64(attrs, PARTSCHED_A_RESTART_PERIOD_NS),
		.steal_limit_ns = message_get_u64(attrs, PARTSCHED_A_STEAL_LIMIT_NS),
	};
	return true;
}

bool operate_info(struct operator *operator, const char *partition, struct operate_info *info)
{
	struct partition_search search = { .name = partition, .info = info };

	return !message_dump(operator->fd, operator->family, PARTSCHED_CMD_GET_PARTITION,
			     take_partition, &search) && search.found;
}

uint32_t operate_mode_of(struct operator *operator, const char *partition)
{
	struct operate_info info;

	return operate_info(operator, partition, &info) ? info.mode : 0;
}

void operate_error(const struct nlattr *const *attrs, struct operate_error *error)
{
	*error = (struct operate_error){
		.seq = message_get_u64(attrs, PARTSCHED_A_HM_SEQ),
		.time_ns = message_get_u64(attrs, PARTSCHED_A_TIME_NS),
		.source = message_get_u32(attrs, PARTSCHED_A_ERROR_SOURCE),
		.id = message_get_u32(attrs, PARTSCHED_A_ERROR_ID),
		.code = message_get_u32(attrs, PARTSCHED_A_ERROR_CODE),
		.level = message_get_u32(attrs, PARTSCHED_A_ERROR_LEVEL),
		.state = message_get_u32(attrs, PARTSCHED_A_ERROR_STATES),
		.action = message_get_u32(attrs, PARTSCHED_A_HM_ACTION),
		.count = message_get_u64(attrs, PARTSCHED_A_COUNT),
		.address = message_get_u64(attrs, PARTSCHED_A_ADDRESS),
		.vcpu = message_get_u32(attrs, PARTSCHED_A_VCPU),
		.injected = attrs[PARTSCHED_A_INJECTED],
		.damped = attrs[PARTSCHED_A_DAMPED],
	};
	snprintf(error->partition, sizeof(error->partition), "%s",
		 message_get_string(attrs, PARTSCHED_A_PARTITION_NAME));
	snprintf(error->reason, sizeof(error->reason), "%s",
		 message_get_string(attrs, PARTSCHED_A_REASON));
}

struct log_search {
	struct operate_error *entries;
	size_t max;
	size_t nr;
	uint64_t seq;
	uint64_t newest;
};

static bool take_entry(const struct nlattr *const *attrs, void *arg)
{
	struct log_search *search = arg;
	struct operate_error error;

	operate_error(attrs, &error);
	search->newest = error.seq;
	if (error.seq <= search->seq)
		return true;
	if (search->entries && search->nr < search->max)
		search->entries[search->nr] = error;
	search->nr++;
	return true;
}

size_t operate_log(struct operator *operator, struct operate_error *entries, size_t max,
		   uint64_t seq)
{
	struct log_search search = { .entries = entries, .max = max, .seq = seq };

	message_dump(operator->fd, operator->family, PARTSCHED_CMD_GET_HM_LOG, take_entry,
		     &search);
	return search.nr;
}

uint64_t operate_newest(struct operator *operator)
{
	struct log_search search = { .seq = UINT64_MAX };

	message_dump(operator->fd, operator->family, PARTSCHED_CMD_GET_HM_LOG, take_entry,
		     &search);
	return search.newest;
}
