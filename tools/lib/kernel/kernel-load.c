// SPDX-License-Identifier: GPL-2.0
/*
 * kernel-load - a plan staged, committed, stopped
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/genl/genl.h>

#include "channel.h"
#include "health-rows.h"
#include "kernel-health.h"
#include "kernel-priv.h"

/* What a request is about, for its error: "file:12: window of partition a". */
struct subject {
	char text[640];
};

static const char *subject(struct subject *s, const struct ps_model *model, int line,
			   const char *what)
{
	char file[200];

	ps_escape(file, sizeof(file), model->file);
	if (line > 0)
		snprintf(s->text, sizeof(s->text), "%s:%d: %s", file, line, what);
	else
		snprintf(s->text, sizeof(s->text), "%s: %s", file, what);
	return s->text;
}

/* What a request of the batch stages: the last of these that is set, or the plan. */
struct piece {
	const struct ps_schedule *schedule;
	const struct ps_partition *partition;
	const struct ps_window *window;
	const struct ps_vcpu *vcpu;
	const struct ps_channel *channel;
	const struct ps_end *end;
	const struct ps_health_row *row;
	const struct ps_health_source *source;
};

/* A plan on its way into the kernel. */
struct loader {
	struct ps_kernel *kernel;
	const struct ps_model *model;
	struct ps_error *error;
	struct subject subject;
	struct piece pieces[PS_BATCH_MAX];
	struct ps_batch batch;
	unsigned int flags;
	struct ps_health_rows health;
};

static const char *describe(uint32_t place, void *arg)
{
	struct loader *loader = arg;
	const struct piece *piece = &loader->pieces[place];
	int line = loader->model->line;
	char what[400] = "plan";

	if (piece->window) {
		line = piece->window->line;
		snprintf(what, sizeof(what),
			 "window of partition \"%s\" at offset %" PRIu64 ", vCPU %" PRIu32 " on CPU %" PRIu32,
			 PS_SAFE(piece->partition->name), piece->window->offset_ns,
			 piece->vcpu->index, ps_window_cpu(piece->window, piece->vcpu));
	} else if (piece->end) {
		char *owner = ps_end_owner(loader->model, piece->end);

		line = piece->end->line;
		snprintf(what, sizeof(what), "port of \"%s\" at channel \"%s\"", PS_SAFE(owner),
			 PS_SAFE(piece->channel->name ? piece->channel->name : ""));
		free(owner);
	} else if (piece->channel) {
		line = piece->channel->line;
		snprintf(what, sizeof(what), "channel \"%s\"",
			 PS_SAFE(piece->channel->name ? piece->channel->name : ""));
	} else if (piece->row) {
		line = piece->row->line;
		snprintf(what, sizeof(what), "health monitor, action on error %" PRIu32,
			 piece->row->error);
	} else if (piece->source) {
		line = piece->source->line;
		snprintf(what, sizeof(what), "health monitor, source of error %" PRIu32,
			 piece->source->error);
	} else if (piece->partition) {
		line = piece->partition->line;
		snprintf(what, sizeof(what), "partition \"%s\"", PS_SAFE(piece->partition->name));
	} else if (piece->schedule) {
		line = piece->schedule->line;
		snprintf(what, sizeof(what), "schedule %" PRIu32, piece->schedule->id);
	}
	return subject(&loader->subject, loader->model, line, what);
}

static int flush(struct loader *loader)
{
	return ps_batch_run(loader->kernel, &loader->batch, describe, loader, loader->error);
}

/* Queue a request about @piece; a refusal may come with a later one. */
static int stage(struct loader *loader, struct nl_msg *msg, struct piece piece)
{
	if (!msg)
		return ps_fail(loader->error, PS_EXIT_REFUSED, ENOMEM, "out of memory");
	if (!ps_batch_add(loader->kernel, &loader->batch, msg)) {
		if (flush(loader)) {
			nlmsg_free(msg);
			return -1;
		}
		ps_batch_add(loader->kernel, &loader->batch, msg);
	}
	loader->pieces[loader->batch.nr - 1] = piece;
	return 0;
}

static int stage_begin(struct loader *loader)
{
	struct nl_msg *msg = ps_request_new(loader->kernel, PARTSCHED_CMD_STAGE_BEGIN, 0);

	msg = ps_put_u32(msg, PARTSCHED_A_SLACK_PPM, loader->model->slack_ppm);
	msg = ps_put_flag(msg, PARTSCHED_A_FORCE_NO_SLACK, loader->model->no_slack);
	if (loader->model->time_base == PS_TIME_TAI) {
		msg = ps_put_u32(msg, PARTSCHED_A_CLOCK, PARTSCHED_CLOCK_TAI);
		msg = ps_put_u64(msg, PARTSCHED_A_BASE_NS, loader->model->base_ns);
	}
	return stage(loader, msg, (struct piece){ 0 });
}

static int stage_schedule(struct loader *loader, const struct ps_schedule *schedule)
{
	struct nl_msg *msg = ps_request_new(loader->kernel, PARTSCHED_CMD_STAGE_SCHEDULE, 0);

	msg = ps_put_u32(msg, PARTSCHED_A_SCHEDULE_ID, schedule->id);
	msg = ps_put_u64(msg, PARTSCHED_A_MAJOR_FRAME_NS, schedule->frame_ns);
	if (schedule->name)
		msg = ps_put_str(msg, PARTSCHED_A_SCHEDULE_NAME, schedule->name);
	msg = ps_put_flag(msg, PARTSCHED_A_INITIAL, schedule == ps_model_initial(loader->model));
	if (schedule->guard_ns)
		msg = ps_put_u64(msg, PARTSCHED_A_GUARD_NS, schedule->guard_ns);
	return stage(loader, msg, (struct piece){ .schedule = schedule });
}

static int stage_partition(struct loader *loader, const struct ps_partition *partition)
{
	struct nl_msg *msg = ps_request_new(loader->kernel, PARTSCHED_CMD_STAGE_PARTITION, 0);

	msg = ps_put_u32(msg, PARTSCHED_A_PARTITION_ID, partition->id);
	msg = ps_put_str(msg, PARTSCHED_A_PARTITION_NAME, partition->name);
	msg = ps_put_u32(msg, PARTSCHED_A_NR_VCPUS, (uint32_t)partition->nr_vcpus);
	if (partition->quantum_ns)
		msg = ps_put_u64(msg, PARTSCHED_A_QUANTUM_NS, partition->quantum_ns);
	msg = ps_put_flag(msg, PARTSCHED_A_SUPERVISED, ps_partition_supervised(partition) &&
			  !(loader->flags & PS_LOAD_NO_START));
	msg = ps_put_flag(msg, PARTSCHED_A_INITIALISES, ps_partition_initialises(partition));
	if (partition->restart_limit != PARTSCHED_DEFAULT_RESTART_LIMIT ||
	    partition->restart_period_ns != PARTSCHED_DEFAULT_RESTART_PERIOD_NS) {
		msg = ps_put_u32(msg, PARTSCHED_A_RESTART_LIMIT, partition->restart_limit);
		msg = ps_put_u64(msg, PARTSCHED_A_RESTART_PERIOD_NS,
				 partition->restart_period_ns);
	}
	if (partition->steal_limit_ns)
		msg = ps_put_u64(msg, PARTSCHED_A_STEAL_LIMIT_NS, partition->steal_limit_ns);
	return stage(loader, msg, (struct piece){ .partition = partition });
}

static int stage_vcpus(struct loader *loader, const struct ps_partition *partition)
{
	size_t i;

	for (i = 0; i < partition->nr_vcpus; i++) {
		const struct ps_vcpu *vcpu = &partition->vcpus[i];
		struct nl_msg *msg;

		if (!vcpu->priority)
			continue;
		msg = ps_request_new(loader->kernel, PARTSCHED_CMD_STAGE_VCPU, 0);
		msg = ps_put_u32(msg, PARTSCHED_A_PARTITION_ID, partition->id);
		msg = ps_put_u32(msg, PARTSCHED_A_VCPU, vcpu->index);
		msg = ps_put_u32(msg, PARTSCHED_A_PRIORITY, vcpu->priority);
		if (stage(loader, msg, (struct piece){ .partition = partition }))
			return -1;
	}
	return 0;
}

_Static_assert(PS_CHANGE_IDLE == (int)PARTSCHED_CHANGE_IDLE &&
	       PS_CHANGE_WARM_START == (int)PARTSCHED_CHANGE_WARM_START &&
	       PS_CHANGE_COLD_START == (int)PARTSCHED_CHANGE_COLD_START, "the module's words");

/* A window of the model opens one vCPU of its partition or all: one request each. */
static int stage_window(struct loader *loader, const struct ps_schedule *schedule,
			const struct ps_window *window)
{
	struct piece piece = {
		.schedule = schedule,
		.partition = &loader->model->partitions[window->partition],
		.window = window,
	};
	enum ps_change_action action = ps_change_action(loader->model, schedule,
							window->partition);
	size_t i;

	for (i = 0; i < piece.partition->nr_vcpus; i++) {
		struct nl_msg *msg;

		piece.vcpu = &piece.partition->vcpus[i];
		if (!ps_window_opens(window, piece.vcpu->index))
			continue;
		msg = ps_request_new(loader->kernel, PARTSCHED_CMD_STAGE_WINDOW, 0);
		msg = ps_put_u32(msg, PARTSCHED_A_SCHEDULE_ID, schedule->id);
		msg = ps_put_u32(msg, PARTSCHED_A_PARTITION_ID, piece.partition->id);
		msg = ps_put_u32(msg, PARTSCHED_A_VCPU, piece.vcpu->index);
		msg = ps_put_u32(msg, PARTSCHED_A_CPU, ps_window_cpu(window, piece.vcpu));
		msg = ps_put_u32(msg, PARTSCHED_A_WINDOW_ID, window->id);
		msg = ps_put_u64(msg, PARTSCHED_A_OFFSET_NS, window->offset_ns);
		msg = ps_put_u64(msg, PARTSCHED_A_DURATION_NS, window->duration_ns);
		if (action != PS_CHANGE_IGNORE)
			msg = ps_put_u32(msg, PARTSCHED_A_CHANGE_ACTION, action);
		if (stage(loader, msg, piece))
			return -1;
	}
	return 0;
}

_Static_assert(PS_KICK_NOW == (int)PARTSCHED_KICK_NOW &&
	       PS_KICK_WINDOW == (int)PARTSCHED_KICK_WINDOW, "the module's words");

static int stage_end(struct loader *loader, const struct ps_channel *channel, uint32_t id,
		     const struct ps_end *end, bool source)
{
	struct nl_msg *msg = ps_request_new(loader->kernel, PARTSCHED_CMD_STAGE_PORT, 0);
	char *owner = ps_end_owner(loader->model, end), *port = ps_end_port(channel, id, end);

	msg = ps_put_u32(msg, PARTSCHED_A_CHANNEL_ID, id);
	msg = ps_put_str(msg, PARTSCHED_A_PORT_NAME, port);
	msg = ps_put_u32(msg, PARTSCHED_A_PORT_DIRECTION,
		      source ? PARTSCHED_PORT_SOURCE : PARTSCHED_PORT_DESTINATION);
	if (end->pseudo)
		msg = ps_put_str(msg, PARTSCHED_A_PARTITION_NAME, owner);
	else
		msg = ps_put_u32(msg, PARTSCHED_A_PARTITION_ID,
			      loader->model->partitions[end->partition].id);
	if (!source && end->kick != PS_KICK_NONE)
		msg = ps_put_u32(msg, PARTSCHED_A_KICK, end->kick);
	free(port);
	free(owner);
	return stage(loader, msg, (struct piece){ .channel = channel, .end = end });
}

/* One between pseudo-partitions only has no size, and does not come about. */
static int stage_channel(struct loader *loader, const struct ps_channel *channel, uint32_t id)
{
	struct ps_channel_kind kind;
	struct nl_msg *msg;
	size_t i;

	if (!ps_channel_kind(loader->model, channel, &kind))
		return 0;
	msg = ps_request_new(loader->kernel, PARTSCHED_CMD_STAGE_CHANNEL, 0);
	msg = ps_put_u32(msg, PARTSCHED_A_CHANNEL_ID, id);
	msg = ps_put_u32(msg, PARTSCHED_A_PORT_TYPE,
		      kind.queuing ? PARTSCHED_PORT_QUEUING : PARTSCHED_PORT_SAMPLING);
	msg = ps_put_u32(msg, PARTSCHED_A_MAX_MESSAGE, kind.message);
	if (channel->name)
		msg = ps_put_str(msg, PARTSCHED_A_CHANNEL_NAME, channel->name);
	if (kind.queuing)
		msg = ps_put_u32(msg, PARTSCHED_A_DEPTH, kind.depth);
	else if (kind.refresh_ns != PS_REFRESH_NONE)
		msg = ps_put_u64(msg, PARTSCHED_A_REFRESH_NS, kind.refresh_ns);
	if (stage(loader, msg, (struct piece){ .channel = channel }))
		return -1;
	for (i = 0; i < channel->nr_sources; i++)
		if (stage_end(loader, channel, id, &channel->sources[i], true))
			return -1;
	for (i = 0; i < channel->nr_destinations; i++)
		if (stage_end(loader, channel, id, &channel->destinations[i], false))
			return -1;
	return 0;
}

static int stage_channels(struct loader *loader)
{
	const struct ps_model *model = loader->model;
	uint32_t *ids = ps_channel_ids(model);
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < model->nr_channels; i++)
		rc = stage_channel(loader, &model->channels[i], ids[i]);
	free(ids);
	return rc;
}

uint32_t ps_hm_level(enum ps_error_level level)
{
	static const uint32_t levels[] = {
		[PS_ERROR_MODULE] = PARTSCHED_LEVEL_MODULE,
		[PS_ERROR_PARTITION] = PARTSCHED_LEVEL_PARTITION,
		[PS_ERROR_PROCESS] = PARTSCHED_LEVEL_PROCESS,
	};

	return levels[level];
}

uint32_t ps_hm_action(enum ps_recovery action)
{
	static const uint32_t actions[] = {
		[PS_RECOVERY_NONE] = PARTSCHED_HM_IGNORE,
		[PS_RECOVERY_IGNORE] = PARTSCHED_HM_IGNORE,
		[PS_RECOVERY_SHUTDOWN] = PARTSCHED_HM_SHUTDOWN,
		[PS_RECOVERY_RESET] = PARTSCHED_HM_RESET,
		[PS_RECOVERY_IDLE] = PARTSCHED_HM_IDLE,
		[PS_RECOVERY_WARM_START] = PARTSCHED_HM_WARM_START,
		[PS_RECOVERY_COLD_START] = PARTSCHED_HM_COLD_START,
	};

	return actions[action];
}

_Static_assert(PS_WHEN_IDLE == (int)PARTSCHED_STATE_IDLE &&
	       PS_WHEN_START == (int)PARTSCHED_STATE_START &&
	       PS_WHEN_NORMAL == (int)PARTSCHED_STATE_NORMAL, "the module's bits");
_Static_assert(PS_CODE_DEADLINE_MISSED == (int)PARTSCHED_CODE_DEADLINE_MISSED &&
	       PS_CODE_POWER_FAILURE == (int)PARTSCHED_CODE_POWER_FAILURE, "the module's codes");

static int stage_row(struct loader *loader, const struct ps_health_row *row)
{
	struct nl_msg *msg = ps_request_new(loader->kernel, PARTSCHED_CMD_STAGE_ERROR, 0);

	msg = ps_put_u32(msg, PARTSCHED_A_ERROR_ID, row->error);
	msg = ps_put_u32(msg, PARTSCHED_A_ERROR_LEVEL, ps_hm_level(row->level));
	msg = ps_put_u32(msg, PARTSCHED_A_ERROR_STATES, row->states);
	msg = ps_put_u32(msg, PARTSCHED_A_HM_ACTION, ps_hm_action(row->action));
	if (row->code != PS_CODE_NONE)
		msg = ps_put_u32(msg, PARTSCHED_A_ERROR_CODE, row->code);
	if (row->partition != PS_NONE)
		msg = ps_put_u32(msg, PARTSCHED_A_PARTITION_ID,
				 loader->model->partitions[row->partition].id);
	return stage(loader, msg, (struct piece){ .row = row });
}

static int stage_health(struct loader *loader)
{
	const struct ps_health_rows *health = &loader->health;
	size_t i;

	for (i = 0; i < health->nr; i++)
		if (stage_row(loader, &health->list[i]))
			return -1;
	for (i = 0; i < health->nr_sources; i++) {
		const struct ps_health_source *source = &health->sources[i];
		struct nl_msg *msg = ps_request_new(loader->kernel,
						    PARTSCHED_CMD_STAGE_ERROR_SOURCE, 0);

		msg = ps_put_u32(msg, PARTSCHED_A_ERROR_SOURCE, source->source);
		msg = ps_put_u32(msg, PARTSCHED_A_ERROR_ID, source->error);
		if (stage(loader, msg, (struct piece){ .source = source }))
			return -1;
	}
	return 0;
}

static int stage_all(struct loader *loader)
{
	const struct ps_model *model = loader->model;
	size_t i, j;

	if (stage_begin(loader))
		return -1;
	for (i = 0; i < model->nr_schedules; i++)
		if (stage_schedule(loader, &model->schedules[i]))
			return -1;
	for (i = 0; i < model->nr_partitions; i++)
		if (stage_partition(loader, &model->partitions[i]) ||
		    stage_vcpus(loader, &model->partitions[i]))
			return -1;
	for (i = 0; i < model->nr_schedules; i++) {
		const struct ps_schedule *schedule = &model->schedules[i];

		for (j = 0; j < schedule->nr_windows; j++)
			if (stage_window(loader, schedule, &schedule->windows[j]))
				return -1;
	}
	if (stage_channels(loader) || stage_health(loader))
		return -1;
	return flush(loader);
}

static int parse_commit(struct nlattr **tb, void *arg)
{
	struct ps_load_result *result = arg;

	result->generation = ps_get_u32(tb, PARTSCHED_A_GENERATION);
	result->epoch_ns = ps_get_u64(tb, PARTSCHED_A_EPOCH_NS);
	result->unchanged = tb[PARTSCHED_A_UNCHANGED];
	return 0;
}

int ps_kernel_load(struct ps_kernel *kernel, const struct ps_model *model, unsigned int flags,
		   struct ps_load_result *result, struct ps_error *error)
{
	struct loader *loader;
	struct nl_msg *msg;
	struct subject s;
	int rc;

	memset(result, 0, sizeof(*result));
	loader = calloc(1, sizeof(*loader));
	if (!loader)
		return ps_fail(error, PS_EXIT_REFUSED, ENOMEM, "out of memory");
	loader->kernel = kernel;
	loader->model = model;
	loader->error = error;
	loader->flags = flags;
	ps_health_rows(model, &loader->health, NULL, NULL);
	rc = stage_all(loader);
	ps_health_rows_free(&loader->health);
	free(loader);
	if (rc)
		return -1;
	msg = ps_request_new(kernel, PARTSCHED_CMD_STAGE_COMMIT, 0);
	msg = ps_put_flag(msg, PARTSCHED_A_DRY_RUN, flags & PS_LOAD_DRY_RUN);
	return ps_request_run(kernel, msg, subject(&s, model, 0, "plan"), parse_commit, result,
			      error);
}

int ps_kernel_unload(struct ps_kernel *kernel, bool force, struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_UNLOAD, 0);

	msg = ps_put_flag(msg, PARTSCHED_A_FORCE, force);
	return ps_request_run(kernel, msg, "unload", NULL, NULL, error);
}
