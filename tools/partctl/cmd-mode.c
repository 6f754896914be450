// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-mode - partctl start, restart, halt, continue: what becomes of a partition
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel-mode.h"
#include "partctl.h"
#include "supervise.h"

#define NS_PER_S	UINT64_C(1000000000)
#define POLL_NS		5000000L

/* What the four have in common. */
struct order {
	const char *name;
	bool wait;
	uint64_t timeout_ns;
	struct out *out;
	struct ps_kernel *kernel;
};

/* @specs: room for three behind the command's own. */
static void read_order(const struct verb *verb, int argc, char **argv,
		       struct option_spec *specs, struct order *order)
{
	const char *timeout = NULL;
	bool json = false;
	size_t nr = 0;

	while (specs[nr].name)
		nr++;
	specs[nr++] = (struct option_spec){ "wait", 'w', NULL, &order->wait };
	specs[nr++] = (struct option_spec){ "timeout", 't', &timeout, &order->wait };
	specs[nr++] = (struct option_spec){ "json", 'j', NULL, &json };
	order->name = argv[verb_options(verb, argc, argv, specs)];
	order->timeout_ns = option_u64(verb, "--timeout", timeout ? timeout : "10", 0, 3600) *
			    NS_PER_S;
	order->out = out_open(json, false);
}

static int finish(struct order *order, int failed, const struct ps_error *error)
{
	ps_kernel_close(order->kernel);
	if (failed)
		return fail_with(error);
	return out_flush(order->out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}

/* Somebody must start its launcher: threads are there, or it is supervised. */
static int have_launcher(struct order *order, const struct ps_partition_info *info,
			 struct ps_error *error)
{
	struct ps_vcpu_info *vcpus;
	bool threads = false;
	size_t nr, i;

	if (info->supervised)
		return supervise_ensure(error);
	if (ps_kernel_vcpus(order->kernel, &vcpus, &nr, error))
		return -1;
	for (i = 0; i < nr; i++)
		threads |= vcpus[i].tid && !strcmp(vcpus[i].partition, order->name);
	free(vcpus);
	if (threads)
		return 0;
	return ps_fail(error, PS_EXIT_REFUSED, ENOENT,
		       "partition \"%s\": has no thread, and nobody starts a launcher for it: it has no image that partvm or QEMU starts, or was loaded with --no-start",
		       PS_SAFE(order->name));
}

/* Order a start, and wait for it. */
static int start(struct order *order, uint32_t mode, bool only_idle, struct ps_error *error)
{
	struct ps_partition_info info;
	struct ps_mode_result result;

	if (ps_kernel_partition(order->kernel, order->name, &info, error))
		return -1;
	if (only_idle && info.mode != PARTSCHED_MODE_IDLE)
		return ps_fail(error, PS_EXIT_REFUSED, EEXIST,
			       "partition \"%s\": is %s already; partctl restart starts it again",
			       PS_SAFE(order->name), ps_mode_name(info.mode));
	if (have_launcher(order, &info, error) ||
	    ps_kernel_set_mode(order->kernel, order->name, mode, PARTSCHED_BY_OPERATOR, &result,
			       error))
		return -1;
	if (order->wait &&
	    ps_kernel_wait_mode(order->kernel, order->name, PARTSCHED_MODE_NORMAL,
				info.nr_starts + 1, order->timeout_ns, error))
		return -1;
	if (ps_kernel_partition(order->kernel, order->name, &info, error))
		return -1;
	out_text(order->out, "partition", NULL, info.name);
	out_text(order->out, "mode_before", NULL, ps_mode_name(result.before));
	out_text(order->out, "mode", NULL, ps_mode_name(info.mode));
	out_u64(order->out, "nr_starts", NULL, info.nr_starts);
	out_flag(order->out, "halted", NULL, info.halted);
	out_say(order->out, "partition \"%s\": was %s, is %s, start number %" PRIu64 "%s",
		PS_SAFE(info.name), ps_mode_name(result.before), ps_mode_name(info.mode),
		info.nr_starts, info.halted ? "; it is halted" : "");
	return 0;
}

int cmd_start(const struct verb *verb, int argc, char **argv)
{
	struct option_spec specs[4] = { { 0 } };
	struct order order = { 0 };
	struct ps_error error;
	int failed;

	read_order(verb, argc, argv, specs, &order);
	order.kernel = ps_kernel_open(&error);
	failed = !order.kernel || start(&order, PARTSCHED_MODE_COLD_START, true, &error);
	return finish(&order, failed, &error);
}

int cmd_restart(const struct verb *verb, int argc, char **argv)
{
	bool cold = false, warm = false;
	struct option_spec specs[6] = {
		{ "cold", 0, NULL, &cold },
		{ "warm", 0, NULL, &warm },
		{ 0 },
	};
	struct order order = { 0 };
	struct ps_error error;
	int failed;

	read_order(verb, argc, argv, specs, &order);
	if (cold == warm)
		usage_error(verb, "restart: say --cold (its memory is cleared) or --warm (it is kept)");
	order.kernel = ps_kernel_open(&error);
	failed = !order.kernel || start(&order, warm ? PARTSCHED_MODE_WARM_START :
					PARTSCHED_MODE_COLD_START, false, &error);
	return finish(&order, failed, &error);
}

/* Until none of its threads runs any more. */
static int wait_halted(struct order *order, struct ps_error *error)
{
	struct ps_vcpu_info *vcpus;
	uint64_t waited_ns = 0;
	bool running;
	size_t nr, i;

	for (;; waited_ns += POLL_NS) {
		if (ps_kernel_vcpus(order->kernel, &vcpus, &nr, error))
			return -1;
		running = false;
		for (i = 0; i < nr; i++)
			running |= !strcmp(vcpus[i].partition, order->name) &&
				   vcpus[i].run_state == PARTSCHED_RUN_RUNNING;
		free(vcpus);
		if (!running)
			return 0;
		if (waited_ns > order->timeout_ns)
			return ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT,
				       "partition \"%s\": runs still after %" PRIu64 " s",
				       PS_SAFE(order->name), order->timeout_ns / NS_PER_S);
		nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
	}
}

static void say_halted(struct order *order, bool halted, bool no_action)
{
	out_text(order->out, "partition", NULL, order->name);
	out_flag(order->out, "halted", NULL, halted);
	out_flag(order->out, "no_action", NULL, no_action);
	out_say(order->out, "partition \"%s\": %s%s", PS_SAFE(order->name),
		halted ? "is halted" : no_action ? "is not halted" : "goes on in its next window",
		halted && no_action ? " already" : "");
}

int cmd_halt(const struct verb *verb, int argc, char **argv)
{
	struct option_spec specs[4] = { { 0 } };
	struct order order = { 0 };
	struct ps_error error;
	bool no_action;
	int failed;

	read_order(verb, argc, argv, specs, &order);
	order.kernel = ps_kernel_open(&error);
	failed = !order.kernel || ps_kernel_halt(order.kernel, order.name, &no_action, &error) ||
		 (order.wait && wait_halted(&order, &error));
	if (!failed)
		say_halted(&order, true, no_action);
	return finish(&order, failed, &error);
}

int cmd_continue(const struct verb *verb, int argc, char **argv)
{
	struct option_spec specs[4] = { { 0 } };
	struct order order = { 0 };
	struct ps_error error;
	bool no_action;
	int failed;

	read_order(verb, argc, argv, specs, &order);
	order.kernel = ps_kernel_open(&error);
	failed = !order.kernel ||
		 ps_kernel_continue(order.kernel, order.name, &no_action, &error) ||
		 (order.wait && ps_kernel_wait_mode(order.kernel, order.name,
						    PARTSCHED_MODE_NORMAL, 0, order.timeout_ns,
						    &error));
	if (!failed)
		say_halted(&order, false, no_action);
	return finish(&order, failed, &error);
}
