// SPDX-License-Identifier: GPL-2.0
/*
 * hm-log - the health monitor's log, printed and followed
 */
#include "hm-log.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static const struct out_column columns[] = {
	{ "hm_seq", "NR", true, false },
	{ "time_ns", "TIME-NS", true, false },
	{ "generation", "", true, true },
	{ "partition", "PARTITION", false, false },
	{ "vcpu", "VCPU", true, false },
	{ "source", "SOURCE", false, false },
	{ "error_id", "ERROR", true, false },
	{ "code", "", false, true },
	{ "level", "LEVEL", false, false },
	{ "state", "STATE", false, false },
	{ "action", "ACTION", false, false },
	{ "damped", "DAMPED", false, false },
	{ "count", "COUNT", true, false },
	{ "address", "", true, true },
	{ "injected", "INJECTED", false, false },
	{ "reason", "REASON", false, false },
};

static void cell_given(struct out *out, bool given, uint64_t value)
{
	if (given)
		out_cell_u64(out, value);
	else
		out_cell_none(out);
}

static void print_row(struct out *out, const struct ps_hm_entry *e)
{
	out_cell_u64(out, e->seq);
	out_cell_u64(out, e->time_ns);
	out_cell_u64(out, e->generation);
	out_cell_text(out, e->partition[0] ? e->partition : NULL);
	cell_given(out, e->has_vcpu, e->vcpu);
	out_cell_text(out, ps_error_source_name(e->source));
	cell_given(out, e->id, e->id);
	out_cell_text(out, ps_error_code_name(e->code));
	out_cell_text(out, ps_error_level_name(e->level));
	out_cell_text(out, ps_error_states_name(e->states));
	out_cell_text(out, ps_hm_action_name(e->action));
	out_cell_flag(out, e->damped);
	out_cell_u64(out, e->count);
	cell_given(out, e->has_address, e->address);
	out_cell_flag(out, e->injected);
	out_cell_text(out, e->reason[0] ? e->reason : NULL);
	out_row(out);
}

int hm_log_print(struct ps_kernel *kernel, struct out *out, uint64_t count,
		 struct ps_error *error)
{
	struct ps_hm_entry *log;
	size_t nr, i;

	if (ps_kernel_hm_log(kernel, &log, &nr, error))
		return -1;
	out_list(out, "log", "log", columns, NR(columns));
	for (i = nr > count ? nr - (size_t)count : 0; i < nr; i++)
		print_row(out, &log[i]);
	out_list_end(out);
	free(log);
	return 0;
}

/* An entry for itself: fields for programs, a line for people. */
static int print_entry(struct out *out, const struct ps_hm_entry *e)
{
	char vcpu[24] = "", address[40] = "";

	out_u64(out, "hm_seq", NULL, e->seq);
	out_u64(out, "time_ns", NULL, e->time_ns);
	out_u64(out, "generation", NULL, e->generation);
	if (e->partition[0])
		out_text(out, "partition", NULL, e->partition);
	if (e->has_vcpu)
		out_u64(out, "vcpu", NULL, e->vcpu);
	out_text(out, "source", NULL, ps_error_source_name(e->source));
	out_u64(out, "error_id", NULL, e->id);
	out_text(out, "code", NULL, ps_error_code_name(e->code));
	out_text(out, "level", NULL, ps_error_level_name(e->level));
	out_text(out, "state", NULL, ps_error_states_name(e->states));
	out_text(out, "action", NULL, ps_hm_action_name(e->action));
	out_flag(out, "damped", NULL, e->damped);
	out_u64(out, "count", NULL, e->count);
	if (e->has_address)
		out_u64(out, "address", NULL, e->address);
	out_flag(out, "injected", NULL, e->injected);
	if (e->reason[0])
		out_text(out, "reason", NULL, e->reason);

	if (e->has_vcpu)
		snprintf(vcpu, sizeof(vcpu), " vcpu %" PRIu32, e->vcpu);
	if (e->has_address)
		snprintf(address, sizeof(address), " at 0x%" PRIx64, e->address);
	out_say(out, "%" PRIu64 " %" PRIu64 " partition \"%s\"%s: %s (error %" PRIu32 ", %s level, %s)%s; %s%s%s%s%s",
		e->seq, e->time_ns, PS_SAFE(e->partition), vcpu, ps_error_source_name(e->source),
		e->id, ps_error_level_name(e->level), ps_error_states_name(e->states), address,
		ps_hm_action_name(e->action), e->damped ? ", damped" : "",
		e->injected ? ", injected" : "", e->reason[0] ? ": " : "", PS_SAFE(e->reason));
	return out_flush(out);
}

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* All that is newer than what was printed last. */
static int print_newer(struct ps_kernel *kernel, struct out *out, uint64_t count, uint64_t *seq,
		       struct ps_error *error)
{
	struct ps_hm_entry *log;
	size_t nr, i;
	int rc = 0;

	if (ps_kernel_hm_log(kernel, &log, &nr, error))
		return -1;
	for (i = nr > count ? nr - (size_t)count : 0; !rc && i < nr; i++) {
		if (log[i].seq > *seq)
			rc = print_entry(out, &log[i]);
	}
	if (nr && log[nr - 1].seq > *seq)
		*seq = log[nr - 1].seq;
	free(log);
	if (rc)
		return ps_fail(error, PS_EXIT_REFUSED, EPIPE, "standard output cannot be written");
	return 0;
}

/*
 * Events only say that there is something: the log itself has all of it, in
 * order, also where events were lost.
 */
static int follow(struct ps_kernel *kernel, struct ps_kernel *events, struct out *out,
		  uint64_t count, struct ps_error *error)
{
	struct ps_event event;
	uint64_t seq = 0;
	int got;

	if (print_newer(kernel, out, count, &seq, error))
		return -1;
	while (!stopped) {
		got = ps_kernel_event(events, 500, &event, error);
		if (got < 0 && error->err != ENOBUFS)
			return -1;
		if ((got < 0 || (got && event.type == PARTSCHED_EVENT_ERROR &&
				 event.error.seq > seq)) &&
		    print_newer(kernel, out, UINT64_MAX, &seq, error))
			return -1;
	}
	return 0;
}

int hm_log_follow(struct ps_kernel *kernel, struct out *out, uint64_t count,
		  struct ps_error *error)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct ps_kernel *events = ps_kernel_open(error);
	int rc = -1;

	if (!events)
		return -1;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (!ps_kernel_subscribe(events, error))
		rc = follow(kernel, events, out, count, error);
	ps_kernel_close(events);
	return rc;
}
