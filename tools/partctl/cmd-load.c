// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-load - partctl load: put a plan in force and start its guests
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "cmd-check.h"
#include "guest.h"
#include "kernel.h"
#include "partctl.h"
#include "state.h"
#include "supervise.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define BUSY_MS	5000		/* another change of the plan is on its way */
#define START_MS 5000		/* beyond the start that the module has named */
#define POLL_MS 20

/* One load. */
struct load {
	const char *file;
	bool no_start;
	struct ps_model *model;
	char *text;			/* the model as it is kept */
	struct ps_kernel *kernel;
	struct ps_load_result result;
	struct guests stop;		/* run, but may not go on */
	struct guests keep;		/* run, and go on */
	struct guests start;		/* do not run yet */
};

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

static void move(struct guests *to, struct guest *guest)
{
	*(struct guest *)ps_grow(&to->list, &to->nr, sizeof(*guest)) = *guest;
	memset(guest, 0, sizeof(*guest));
}

/* Does the plan have the partition of a guest, as it was when that was started? */
static bool same_guest(const struct load *load, const struct guest *running)
{
	long index = ps_model_find(load->model, running->name);
	struct guests defined = { 0 };
	bool same;

	if (index < 0 || !ps_partition_supervised(&load->model->partitions[index]))
		return false;
	guest_define(ps_grow(&defined.list, &defined.nr, sizeof(*defined.list)), load->model,
		     (size_t)index);
	same = !strcmp(defined.list[0].key, running->key);
	guests_free(&defined);
	return same;
}

/*
 * Sort guests into those that stop, go on, and start. One that the operator has
 * started goes on as well.
 */
static void sort_guests(struct load *load)
{
	struct guests running, wanted;
	size_t i;

	if (load->no_start)
		return;
	guests_running(&running);
	guests_wanted(load->model, &wanted);
	for (i = 0; i < running.nr; i++) {
		move(same_guest(load, &running.list[i]) ? &load->keep : &load->stop,
		     &running.list[i]);
	}
	for (i = 0; i < wanted.nr; i++) {
		if (!guests_find(&load->keep, wanted.list[i].name))
			move(&load->start, &wanted.list[i]);
	}
	/* those that were moved are empty; the rest is dropped */
	guests_free(&running);
	guests_free(&wanted);
}

static unsigned int flags_of(const struct load *load)
{
	return load->no_start ? PS_LOAD_NO_START : 0;
}

/* Commit, and wait while another change of the plan is on its way. */
static int commit(struct load *load, struct ps_error *error)
{
	long ms;

	for (ms = 0;; ms += POLL_MS) {
		if (!ps_kernel_load(load->kernel, load->model, flags_of(load), &load->result,
				    error))
			return 0;
		if (error->err != EBUSY || ms >= BUSY_MS)
			return -1;
		pause_ms(POLL_MS);
	}
}

/* Guests can come under a plan only when its first frame has begun. */
static int wait_started(struct load *load, struct ps_error *error)
{
	struct ps_module_info info;
	uint64_t limit_ns = 0;

	for (;;) {
		if (ps_kernel_module(load->kernel, &info, error))
			return -1;
		if (info.has_plan && info.generation >= load->result.generation &&
		    info.now_ns >= load->result.epoch_ns)
			return 0;
		if (!limit_ns) {
			limit_ns = info.now_ns > load->result.epoch_ns ? info.now_ns :
				   load->result.epoch_ns;
			limit_ns += START_MS * 1000000ULL;
		}
		if (info.now_ns > limit_ns)
			return ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT,
				       "the module has not started plan %" PRIu32 " at the time that it named",
				       load->result.generation);
		pause_ms(POLL_MS);
	}
}

/* The changes, in the order in which a failure leaves the least behind. */
static int change(struct load *load, struct ps_error *error)
{
	char said[sizeof(error->text)];
	struct ps_model *before;

	if (load->stop.nr && guests_stop(&load->stop, load->kernel, error))
		return -1;
	if (commit(load, error)) {
		if (load->stop.nr) {
			snprintf(said, sizeof(said), "%s", error->text);
			snprintf(error->text, sizeof(error->text),
				 "%.900s (the plan is what it was, but guests were stopped for the new one: %zu)",
				 said, load->stop.nr);
		}
		return -1;
	}
	state_forget_new();
	before = state_model();
	guest_net_end(before, load->model);
	ps_model_free(before);
	if (state_store(load->text, error))
		fprintf(stderr, "partctl: %s\n", error->text);
	return wait_started(load, error);
}

static void print_guests(struct out *out, const struct guests *guests)
{
	static const char *const fates[] = {
		[GUEST_KEPT] = "kept",
		[GUEST_STARTED] = "started",
		[GUEST_ENDED] = "ended",
		[GUEST_FAILED] = "failed",
		[GUEST_STOPPED] = "stopped",
	};
	size_t i;

	for (i = 0; i < guests->nr; i++) {
		const struct guest *guest = &guests->list[i];

		out_cell_text(out, guest->name);
		out_cell_text(out, fates[guest->fate]);
		if (guest->pid)
			out_cell_u64(out, (uint64_t)guest->pid);
		else
			out_cell_none(out);
		out_cell_text(out, guest->reason);
		out_row(out);
		if (guest->fate == GUEST_FAILED)
			fprintf(stderr, "partctl: partition \"%s\": %s\n", PS_SAFE(guest->name),
				guest->reason);
	}
}

static int report(struct out *out, const struct load *load, bool dry, size_t failed,
		  const struct ps_findings *findings)
{
	static const struct out_column columns[] = {
		{ "partition", "PARTITION", false, false },
		{ "action", "GUEST", false, false },
		{ "pid", "PID", true, false },
		{ "reason", "REASON", false, true },
	};

	bool same = load->result.unchanged && !load->stop.nr && !load->start.nr;

	out_flag(out, "dry_run", NULL, dry);
	out_flag(out, "unchanged", NULL, same);
	out_flag(out, "plan_unchanged", NULL, load->result.unchanged);
	out_u64(out, "generation", NULL, load->result.generation);
	out_u64(out, "epoch_ns", NULL, load->result.epoch_ns);
	if (dry)
		out_say(out, load->result.unchanged ? "%s: the same plan is in force" :
			"%s: the module would take this plan", PS_SAFE(load->file));
	else if (load->result.unchanged)
		out_say(out, "%s: %s, plan %" PRIu32 " goes on", PS_SAFE(load->file),
			same ? "unchanged" : "windows unchanged, guests not",
			load->result.generation);
	else
		out_say(out, "%s: plan %" PRIu32 " is in force since %" PRIu64 " ns",
			PS_SAFE(load->file), load->result.generation, load->result.epoch_ns);
	if (!dry) {
		out_list(out, "guests", "guests", columns, NR(columns));
		print_guests(out, &load->stop);
		print_guests(out, &load->keep);
		print_guests(out, &load->start);
		out_list_end(out);
	}
	if (out->json)
		print_findings_json(out, findings, 1);
	if (out_flush(out))
		return PS_EXIT_REFUSED;
	return failed ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}

static bool supervised(const struct ps_model *model)
{
	size_t i;

	for (i = 0; i < model->nr_partitions; i++) {
		if (ps_partition_supervised(&model->partitions[i]))
			return true;
	}
	return false;
}

/* With a valid model: talk to the module, then to the guests. */
static int load_model(struct load *load, bool dry, struct out *out,
		      const struct ps_findings *findings)
{
	struct ps_error error;
	size_t failed = 0, i;
	char *program;

	load->kernel = ps_kernel_open(&error);
	if (!load->kernel)
		return fail_with(&error);
	if (!dry) {
		if (state_lock(&error))
			return fail_with(&error);
		sort_guests(load);
		for (i = 0; i < load->start.nr; i++) {
			program = guest_program(load->start.list[i].partition, &error);
			if (!program)
				return fail_with(&error);
			free(program);
		}
	}
	/*
	 * Ask first: what the module refuses must not cost a guest its life. Only
	 * "busy" may come from guests that are about to be stopped.
	 */
	if (ps_kernel_load(load->kernel, load->model, PS_LOAD_DRY_RUN | flags_of(load),
			   &load->result, &error) &&
	    (dry || error.err != EBUSY || !load->stop.nr))
		return fail_with(&error);
	if (dry)
		return report(out, load, dry, 0, findings);
	load->text = state_text(load->model);
	if (!load->result.unchanged || load->stop.nr || !state_holds(load->text)) {
		if (change(load, &error))
			return fail_with(&error);
	}
	/* whoever supervises needs the lock now: it starts them */
	state_unlock();
	if (!load->no_start && supervised(load->model) && supervise_ensure(&error))
		return fail_with(&error);
	failed = guests_start(&load->start, load->kernel);
	return report(out, load, dry, failed, findings);
}

int cmd_load(const struct verb *verb, int argc, char **argv)
{
	bool json = false, no_start = false, no_slack = false, dry = false;
	const struct option_spec specs[] = {
		{ "no-start", 0, NULL, &no_start },
		{ "no-slack", 0, NULL, &no_slack },
		{ "dry-run", 0, NULL, &dry },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct load load = { 0 };
	unsigned int flags = PS_CHECK_HOST;
	struct ps_findings findings;
	struct out *out;
	int rc;

	load.file = argv[verb_options(verb, argc, argv, specs)];
	load.no_start = no_start;
	out = out_open(json, false);

	ps_findings_init(&findings, load.file);
	flags |= no_slack ? PS_CHECK_NO_SLACK : 0;
	flags |= no_start ? PS_CHECK_NO_START : 0;
	load.model = ps_xml_check(load.file, flags, NULL, &findings);
	if (!json)
		print_findings_text(&findings);
	if (!findings.errors && load.model) {
		rc = load_model(&load, dry, out, &findings);
	} else {
		rc = PS_EXIT_CONFIG;
		if (json) {
			print_findings_json(out, &findings, 1);
			out_flush(out);
		} else {
			fprintf(stderr, "partctl: %s: not loaded: %zu error%s\n",
				PS_SAFE(load.file), findings.errors,
				findings.errors == 1 ? "" : "s");
		}
	}
	guests_free(&load.stop);
	guests_free(&load.keep);
	guests_free(&load.start);
	free(load.text);
	ps_kernel_close(load.kernel);
	ps_model_free(load.model);
	ps_findings_free(&findings);
	return rc;
}
