// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-events - partctl events: follow what happens
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "kernel-health.h"
#include "kernel-mode.h"
#include "partctl.h"

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* What the health monitor has logged, for programs. */
static void print_error(struct out *out, const struct ps_hm_entry *error)
{
	out_u64(out, "hm_seq", NULL, error->seq);
	out_text(out, "error_source", NULL, ps_error_source_name(error->source));
	out_u64(out, "error_id", NULL, error->id);
	out_text(out, "error_code", NULL, ps_error_code_name(error->code));
	out_text(out, "error_level", NULL, ps_error_level_name(error->level));
	out_text(out, "state", NULL, ps_error_states_name(error->states));
	out_text(out, "action", NULL, ps_hm_action_name(error->action));
	if (error->has_address)
		out_u64(out, "address", NULL, error->address);
	out_flag(out, "injected", NULL, error->injected);
	out_flag(out, "damped", NULL, error->damped);
}

static int print_event(struct out *out, const struct ps_event *event)
{
	const struct ps_hm_entry *error = &event->error;
	char line[900];
	size_t used = 0;

	out_text(out, "event", NULL, ps_event_name(event->type));
	out_u64(out, "time_ns", NULL, event->time_ns);
	if (event->partition[0])
		out_text(out, "partition", NULL, event->partition);
	if (event->has_vcpu)
		out_u64(out, "vcpu", NULL, event->vcpu);
	if (event->has_cpu)
		out_u64(out, "cpu", NULL, event->cpu);
	if (event->tid)
		out_u64(out, "tid", NULL, event->tid);
	if (event->count)
		out_u64(out, "count", NULL, event->count);
	if (event->generation)
		out_u64(out, "generation", NULL, event->generation);
	if (event->has_schedule) {
		out_u64(out, "schedule_id", NULL, event->schedule_id);
		out_u64(out, "epoch_ns", NULL, event->epoch_ns);
	}
	if (event->change_action)
		out_text(out, "change_action", NULL, ps_change_action_name(event->change_action));
	if (event->step_ns)
		out_s64(out, "step_ns", NULL, event->step_ns);
	if (event->mode)
		out_text(out, "mode", NULL, ps_mode_name(event->mode));
	if (event->start_condition)
		out_text(out, "start_condition", NULL,
			 ps_start_condition_name(event->start_condition));
	if (error->seq)
		print_error(out, error);
	if (event->reason[0])
		out_text(out, "reason", NULL, event->reason);

#define ADD(...) (used += (size_t)snprintf(line + used, sizeof(line) - used, __VA_ARGS__))
	ADD("%" PRIu64 " %s", event->time_ns, ps_event_name(event->type));
	if (event->partition[0])
		ADD(" partition \"%s\"", PS_SAFE(event->partition));
	if (event->has_vcpu)
		ADD(" vcpu %" PRIu32, event->vcpu);
	if (event->has_cpu)
		ADD(" cpu %" PRIu32, event->cpu);
	if (event->tid)
		ADD(" tid %" PRIu32, event->tid);
	if (event->count)
		ADD(" count %" PRIu64, event->count);
	if (event->generation)
		ADD(" generation %" PRIu32, event->generation);
	if (event->change_action)
		ADD(" action %s", ps_change_action_name(event->change_action));
	if (event->has_schedule)
		ADD(" schedule %" PRIu32 " from %" PRIu64, event->schedule_id, event->epoch_ns);
	if (event->mode)
		ADD(" mode %s", ps_mode_name(event->mode));
	if (event->start_condition)
		ADD(" last start %s", ps_start_condition_name(event->start_condition));
	if (error->seq)
		ADD(" number %" PRIu64 " source %s level %s action %s%s%s", error->seq,
		    ps_error_source_name(error->source), ps_error_level_name(error->level),
		    ps_hm_action_name(error->action), error->damped ? " damped" : "",
		    error->injected ? " injected" : "");
	if (event->step_ns)
		ADD(" set by %" PRId64, event->step_ns);
	/* 64 + 128 bytes of names, escaped fourfold in the worst case */
	if (event->reason[0] && used < sizeof(line) - 140)
		ADD(": %.120s", PS_SAFE(event->reason));
#undef ADD
	out_say(out, "%s", line);
	return out_flush(out);
}

int cmd_events(const struct verb *verb, int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = {
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	const struct sigaction action = { .sa_handler = on_signal };
	struct ps_kernel *kernel;
	struct ps_event event;
	struct ps_error error;
	struct out *out;
	int rc = PS_EXIT_DONE, got;

	verb_options(verb, argc, argv, specs);
	out = out_open(json, true);
	kernel = ps_kernel_open(&error);
	if (!kernel)
		return fail_with(&error);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (ps_kernel_subscribe(kernel, &error))
		rc = fail_with(&error);
	while (!rc && !stopped) {
		/* a signal between the test and the wait costs half a second at most */
		got = ps_kernel_event(kernel, 500, &event, &error);
		if (got < 0) {
			got = fail_with(&error);
			if (error.err != ENOBUFS)
				rc = got;
		} else if (got && print_event(out, &event)) {
			rc = PS_EXIT_REFUSED;
		}
	}
	ps_kernel_close(kernel);
	return rc;
}
