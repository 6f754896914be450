// SPDX-License-Identifier: GPL-2.0
/*
 * kernel-load - a plan staged, committed, stopped
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <netlink/genl/genl.h>

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

/* Add an attribute; a full message is told once, by the NULL that comes back. */
static struct nl_msg *put_u32(struct nl_msg *msg, int attr, uint32_t value)
{
	if (msg && nla_put_u32(msg, attr, value)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static struct nl_msg *put_u64(struct nl_msg *msg, int attr, uint64_t value)
{
	if (msg && nla_put_u64(msg, attr, value)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static struct nl_msg *put_str(struct nl_msg *msg, int attr, const char *value)
{
	if (msg && nla_put_string(msg, attr, value)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static struct nl_msg *put_flag(struct nl_msg *msg, int attr, bool value)
{
	if (msg && value && nla_put_flag(msg, attr)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int stage_begin(struct ps_kernel *kernel, const struct ps_model *model,
		       struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_STAGE_BEGIN, 0);
	struct subject s;

	msg = put_u32(msg, PARTSCHED_A_SLACK_PPM, model->slack_ppm);
	msg = put_flag(msg, PARTSCHED_A_FORCE_NO_SLACK, model->no_slack);
	return ps_request_run(kernel, msg, subject(&s, model, model->line, "plan"), NULL, NULL,
			      error);
}

static int stage_schedule(struct ps_kernel *kernel, const struct ps_model *model,
			  const struct ps_schedule *sched, struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_STAGE_SCHEDULE, 0);
	struct subject s;
	char what[64];

	msg = put_u32(msg, PARTSCHED_A_SCHEDULE_ID, sched->id);
	msg = put_u64(msg, PARTSCHED_A_MAJOR_FRAME_NS, sched->frame_ns);
	if (sched->name)
		msg = put_str(msg, PARTSCHED_A_SCHEDULE_NAME, sched->name);
	/* a single schedule is the initial one, whether it says so or not */
	msg = put_flag(msg, PARTSCHED_A_INITIAL, sched->initial || model->nr_schedules == 1);
	snprintf(what, sizeof(what), "schedule %" PRIu32, sched->id);
	return ps_request_run(kernel, msg, subject(&s, model, sched->line, what), NULL, NULL,
			      error);
}

static int stage_partition(struct ps_kernel *kernel, const struct ps_model *model,
			   const struct ps_partition *p, struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_STAGE_PARTITION, 0);
	struct subject s;
	char what[300];

	msg = put_u32(msg, PARTSCHED_A_PARTITION_ID, p->id);
	msg = put_str(msg, PARTSCHED_A_PARTITION_NAME, p->name);
	msg = put_u32(msg, PARTSCHED_A_NR_VCPUS, (uint32_t)p->nr_vcpus);
	snprintf(what, sizeof(what), "partition \"%s\"", PS_SAFE(p->name));
	return ps_request_run(kernel, msg, subject(&s, model, p->line, what), NULL, NULL, error);
}

/* A window of the model opens every vCPU of its partition: one message each. */
static int stage_window(struct ps_kernel *kernel, const struct ps_model *model,
			const struct ps_schedule *sched, const struct ps_window *w,
			struct ps_error *error)
{
	const struct ps_partition *p = &model->partitions[w->partition];
	struct subject s;
	char what[400];
	size_t i;

	for (i = 0; i < p->nr_vcpus; i++) {
		struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_STAGE_WINDOW, 0);

		msg = put_u32(msg, PARTSCHED_A_SCHEDULE_ID, sched->id);
		msg = put_u32(msg, PARTSCHED_A_PARTITION_ID, p->id);
		msg = put_u32(msg, PARTSCHED_A_VCPU, p->vcpus[i].index);
		msg = put_u32(msg, PARTSCHED_A_CPU, p->vcpus[i].cpu);
		msg = put_u32(msg, PARTSCHED_A_WINDOW_ID, w->id);
		msg = put_u64(msg, PARTSCHED_A_OFFSET_NS, w->offset_ns);
		msg = put_u64(msg, PARTSCHED_A_DURATION_NS, w->duration_ns);
		snprintf(what, sizeof(what),
			 "window of partition \"%s\" at offset %" PRIu64 ", vCPU %" PRIu32 " on CPU %" PRIu32,
			 PS_SAFE(p->name), w->offset_ns, p->vcpus[i].index, p->vcpus[i].cpu);
		if (ps_request_run(kernel, msg, subject(&s, model, w->line, what), NULL, NULL,
				   error))
			return -1;
	}
	return 0;
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
	struct nl_msg *msg;
	struct subject s;
	size_t i, j;

	memset(result, 0, sizeof(*result));
	if (stage_begin(kernel, model, error))
		return -1;
	for (i = 0; i < model->nr_schedules; i++) {
		if (stage_schedule(kernel, model, &model->schedules[i], error))
			return -1;
	}
	for (i = 0; i < model->nr_partitions; i++) {
		if (stage_partition(kernel, model, &model->partitions[i], error))
			return -1;
	}
	for (i = 0; i < model->nr_schedules; i++) {
		const struct ps_schedule *sched = &model->schedules[i];

		for (j = 0; j < sched->nr_windows; j++) {
			if (stage_window(kernel, model, sched, &sched->windows[j], error))
				return -1;
		}
	}
	msg = ps_request_new(kernel, PARTSCHED_CMD_STAGE_COMMIT, 0);
	msg = put_flag(msg, PARTSCHED_A_DRY_RUN, flags & PS_LOAD_DRY_RUN);
	return ps_request_run(kernel, msg, subject(&s, model, 0, "plan"), parse_commit, result,
			      error);
}

int ps_kernel_unload(struct ps_kernel *kernel, bool force, struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_UNLOAD, 0);

	msg = put_flag(msg, PARTSCHED_A_FORCE, force);
	return ps_request_run(kernel, msg, "unload", NULL, NULL, error);
}
