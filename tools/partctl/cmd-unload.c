// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-unload - partctl unload: stop the guests that load started, and the plan
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guest.h"
#include "kernel.h"
#include "partctl.h"
#include "state.h"
#include "supervise.h"

#define WAIT_MS	10000
#define POLL_MS	20

static void pause_poll(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000 }, NULL);
}

/* Threads that load did not start are somebody else's: name them and stop. */
static int find_strangers(struct ps_kernel *kernel, const struct guests *guests,
			  struct ps_error *error)
{
	struct ps_vcpu_info *vcpus;
	size_t nr, i, strangers = 0;

	if (ps_kernel_vcpus(kernel, &vcpus, &nr, error))
		return -1;
	for (i = 0; i < nr; i++) {
		const struct ps_vcpu_info *v = &vcpus[i];

		if (!v->tid || v->attach_state == PARTSCHED_ATTACH_DETACHED ||
		    v->attach_state == PARTSCHED_ATTACH_REFUSED || guests_own(guests, v->tid))
			continue;
		fprintf(stderr,
			"partctl: partition \"%s\", vCPU %" PRIu32 ": thread %" PRIu32 " (%s) is %s\n",
			PS_SAFE(v->partition), v->vcpu, v->tid, PS_SAFE(v->comm),
			ps_attach_state_name(v->attach_state));
		strangers++;
	}
	free(vcpus);
	if (strangers)
		return ps_fail(error, PS_EXIT_REFUSED, EBUSY,
			       "not unloaded: threads that load did not start are attached (%zu); detach them (partctl detach), or use --force",
			       strangers);
	return 0;
}

static int unload(struct ps_kernel *kernel, bool force, struct ps_error *error)
{
	struct ps_module_info info;
	long ms;

	/* threads of guests that have ended leave the plan a moment later */
	for (ms = 0; ps_kernel_unload(kernel, force, error); ms += POLL_MS) {
		if (error->err != EBUSY || ms >= WAIT_MS)
			return -1;
		pause_poll();
	}
	for (ms = 0; ms < WAIT_MS; ms += POLL_MS) {
		if (ps_kernel_module(kernel, &info, error))
			return -1;
		if (!info.has_plan && !info.nr_threads)
			return 0;
		pause_poll();
	}
	return ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT,
		       "the plan is stopped, but %" PRIu32 " threads have not left it after %d s",
		       info.nr_threads, WAIT_MS / 1000);
}

int cmd_unload(const struct verb *verb, int argc, char **argv)
{
	bool json = false, force = false;
	const struct option_spec specs[] = {
		{ "force", 0, NULL, &force },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct ps_error error, ignored;
	struct guests guests = { 0 };
	struct ps_module_info info;
	struct ps_kernel *kernel;
	struct out *out;
	int rc;

	verb_options(verb, argc, argv, specs);
	out = out_open(json, false);
	kernel = ps_kernel_open(&error);
	if (!kernel)
		return fail_with(&error);
	if (state_lock(&error))
		goto fail;
	guests_running(&guests);
	if (!force && find_strangers(kernel, &guests, &error))
		goto fail;
	if (supervise_stop(false, &error) || guests_stop(&guests, kernel, &error) ||
	    unload(kernel, force, &error)) {
		/* what goes on is to be supervised as before */
		if (!ps_kernel_module(kernel, &info, &ignored) && info.has_plan)
			supervise_ensure(&ignored);
		goto fail;
	}
	guest_net_end(NULL, NULL);
	state_forget();
	out_flag(out, "unloaded", NULL, true);
	out_u64(out, "guests_stopped", NULL, guests.nr);
	out_say(out, "unloaded; guests stopped: %zu", guests.nr);
	rc = out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
	guests_free(&guests);
	ps_kernel_close(kernel);
	return rc;

fail:
	rc = fail_with(&error);
	guests_free(&guests);
	ps_kernel_close(kernel);
	return rc;
}
