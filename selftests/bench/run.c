// SPDX-License-Identifier: GPL-2.0
/*
 * run - run scenarios, print a line of JSON for each witness
 *
 * Runs on the machine that is measured: in the lab, or on any host with KVM.
 * For each scenario the module is loaded anew, the plan is staged through the
 * library, the guests are started by partvm; what is printed comes from the
 * guests' own logs, not from the module.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "../../tools/partvm/guest/witness.h"
#include "../lib/witness.h"
#include "guests.h"
#include "insmod.h"
#include "kernel.h"
#include "linux-guest.h"
#include "outside.h"
#include "restarts.h"
#include "scenario.h"

#define NSEC_PER_SEC		1000000000ULL
#define POLL_NS			20000000ULL
/* Start of a guest and its launcher, in the time of the machine that is measured. */
#define START_TIMEOUT_NS	(20 * NSEC_PER_SEC)
/* Frames that go by before the first one counts, and after the last one. */
#define SETTLE_FRAMES		10
#define AFTER_FRAMES		2
/* When the host's task of the highest priority comes, and for how long. */
#define RT_FRAMES		3
#define RT_OFFSET_NS		2000000
#define RT_SPIN_NS		200000

#define FAIR_SERVER		"/sys/kernel/debug/sched/fair_server/cpu%u/runtime"
#define FAIR_SERVER_ON		"50000000"

struct options {
	const char *module;
	const char *parameters;
	const char *partvm;
	const char *partctl;
	const char *guests;
	const char *ram_dir;
	uint32_t cpu;
	size_t worst;
};

/* A scenario while it runs; torn down by tear_down(), however far it came. */
struct bench {
	const struct options *options;
	const struct bench_scenario *scenario;
	bool inserted;
	struct ps_kernel *kernel;
	struct ps_load_result load;
	struct bench_guest guests[SCENARIO_PARTITIONS_MAX];
	pid_t busy;
	pid_t rt;
	struct launcher_marks *marks;
	struct restarts restarts;
	struct linux_guest linux_guest;
	struct outside_result outside;
	struct witness_trace traces[SCENARIO_PARTITIONS_MAX];
	char said[256];
	bool fair_server;
	struct witness_clock clock;
	uint64_t from_ns;
	uint64_t to_ns;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
	const struct timespec until = {
		.tv_sec = (time_t)(ns / NSEC_PER_SEC),
		.tv_nsec = (long)(ns % NSEC_PER_SEC),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

static bool is_witness(const struct bench *bench, size_t partition)
{
	return !partition || bench->scenario->neighbour->witness;
}

static int load(struct bench *bench, struct ps_error *error)
{
	const char *own = bench->scenario->plan->parameters;
	struct ps_model *model;
	char parameters[512];
	int ret;

	/* of one given twice the last counts: what was asked for */
	snprintf(parameters, sizeof(parameters), "%s %s", own ? own : "",
		 bench->options->parameters);
	if (module_insert(bench->options->module, parameters, error))
		return -1;
	bench->inserted = true;
	bench->kernel = ps_kernel_open(error);
	if (!bench->kernel)
		return -1;
	if (bench->scenario->neighbour->linux_guest) {
		bench->linux_guest = (struct linux_guest){
			.partctl = bench->options->partctl,
			.guests = bench->options->guests,
			.cpu = bench->options->cpu,
			.plan = bench->scenario->plan,
			.nic = bench->scenario->neighbour->nic,
		};
		return linux_load(&bench->linux_guest, error);
	}
	model = scenario_model(bench->scenario->plan, bench->options->cpu);
	ret = ps_kernel_load(bench->kernel, model, 0, &bench->load, error);
	ps_model_free(model);
	return ret;
}

static int set_fair_server(const struct bench *bench, const char *runtime, struct ps_error *error)
{
	char path[128];
	ssize_t written;
	int fd;

	snprintf(path, sizeof(path), FAIR_SERVER, bench->options->cpu);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", path, strerror(errno));
	written = write(fd, runtime, strlen(runtime));
	close(fd);
	return written < 0 ? ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", path,
				     strerror(errno)) : 0;
}

static int start_launcher(struct bench *bench, size_t partition, struct ps_error *error)
{
	const struct bench_plan *plan = bench->scenario->plan;

	if (!bench->marks) {
		bench->marks = mmap(NULL, sizeof(*bench->marks), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (bench->marks == MAP_FAILED) {
			bench->marks = NULL;
			return ps_fail(error, PS_EXIT_REFUSED, errno, "mmap: %s", strerror(errno));
		}
	}
	*bench->marks = (struct launcher_marks){
		.epoch_ns = bench->load.epoch_ns,
		.frame_ns = plan->frame_ns,
		.offset_ns = plan->windows[partition].offset_ns,
		.duration_ns = plan->windows[partition].duration_ns,
		.guard_ns = plan->guard_ns == PS_GUARD_AUTO ? 0 : plan->guard_ns,
	};
	return launcher_start(&bench->guests[partition], bench->scenario->neighbour->launcher,
			      bench->marks, error);
}

/* What goes on beside the guests. */
static int start_host(struct bench *bench, struct ps_error *error)
{
	const struct bench_neighbour *neighbour = bench->scenario->neighbour;
	const struct bench_plan *plan = bench->scenario->plan;
	uint32_t cpu = bench->options->cpu;

	if (neighbour->fair_server) {
		if (set_fair_server(bench, FAIR_SERVER_ON, error))
			return -1;
		bench->fair_server = true;
	}
	if (neighbour->rt_host &&
	    rt_start(cpu, bench->load.epoch_ns + RT_OFFSET_NS, RT_FRAMES * plan->frame_ns,
		     RT_SPIN_NS, &bench->rt, error))
		return -1;
	return neighbour->busy_host ? busy_start(cpu, &bench->busy, error) : 0;
}

/* Both run already: now in the windows of the plan. */
static int change_to_plan(struct bench *bench, struct ps_error *error)
{
	bench->guests[0].partition = "a";
	bench->guests[1].partition = "b";
	snprintf(bench->guests[0].ram, sizeof(bench->guests[0].ram), LINUX_WITNESS_RAM);
	return linux_change(&bench->linux_guest, bench->kernel,
			    bench->scenario->neighbour->unconfined, &bench->load.epoch_ns, error);
}

static int start_guests(struct bench *bench, struct ps_error *error)
{
	static const char *const names[SCENARIO_PARTITIONS_MAX] = { "a", "b", "c" };
	const struct bench_neighbour *neighbour = bench->scenario->neighbour;

	if (neighbour->linux_guest)
		return change_to_plan(bench, error);
	for (size_t i = 0; i < bench->scenario->plan->nr; i++) {
		struct bench_guest *guest = &bench->guests[i];

		guest->partition = names[i];
		/* one at most: the storms are for plans of two */
		if (i && neighbour->launcher) {
			if (start_launcher(bench, i, error))
				return -1;
			continue;
		}
		guest->halt_exits = i && neighbour->halt_exits;
		/* a line for each crash */
		guest->quiet = i && neighbour->restart == BENCH_RESTART_CRASH;
		snprintf(guest->image, sizeof(guest->image), "%s/%s", bench->options->guests,
			 i ? neighbour->guest : "witness.bin");
		if (!i || !neighbour->restart)
			snprintf(guest->ram, sizeof(guest->ram), "%s/bench-%s.ram",
				 bench->options->ram_dir, names[i]);
		if (guest_start(guest, bench->options->partvm, error))
			return -1;
	}
	return start_host(bench, error);
}

/* All threads under the plan, and all witnesses in their loops? */
static int guests_ready(struct bench *bench, bool *ready, struct ps_error *error)
{
	struct ps_vcpu_info *vcpus;
	size_t nr;

	if (ps_kernel_vcpus(bench->kernel, &vcpus, &nr, error))
		return -1;
	*ready = true;
	for (size_t i = 0; i < nr; i++)
		/* the crowd has no guests, and longer names */
		if (!vcpus[i].partition[1] &&
		    vcpus[i].attach_state != PARTSCHED_ATTACH_ATTACHED)
			*ready = false;
	free(vcpus);
	for (size_t i = 0; i < bench->scenario->plan->nr; i++) {
		if (guest_alive(&bench->guests[i], error))
			return -1;
		if (is_witness(bench, i) &&
		    !witness_alive_ns(bench->guests[i].ram, 0, &bench->clock))
			*ready = false;
	}
	return 0;
}

static int wait_ready(struct bench *bench, struct ps_error *error)
{
	uint64_t deadline_ns = now_ns() + START_TIMEOUT_NS;
	bool ready = false;

	witness_clock_sample(&bench->clock);
	for (;;) {
		sleep_until(now_ns() + POLL_NS);
		/* the log is looked for only, so this pair is thrown away */
		bench->clock.nr = 1;
		witness_clock_sample(&bench->clock);
		if (guests_ready(bench, &ready, error))
			return -1;
		if (ready)
			break;
		if (now_ns() > deadline_ns)
			return ps_fail(error, PS_EXIT_REFUSED, 0,
				       "a guest is not attached, or does not run, after %" PRIu64 " s",
				       (uint64_t)(START_TIMEOUT_NS / NSEC_PER_SEC));
	}
	bench->clock.nr = 0;
	return 0;
}

/* The storms begin when the measuring does. */
static int begin_storms(struct bench *bench, struct ps_error *error)
{
	const struct bench_neighbour *neighbour = bench->scenario->neighbour;

	if (bench->marks) {
		bench->marks->to_ns = bench->to_ns;
		__atomic_store_n(&bench->marks->from_ns, bench->from_ns, __ATOMIC_RELEASE);
	}
	if (neighbour->linux_guest)
		linux_said(bench->said, sizeof(bench->said));
	for (size_t i = 1; neighbour->storm && i < bench->scenario->plan->nr; i++)
		if (witness_storm(bench->guests[i].ram, 0, neighbour->storm, error))
			return -1;
	return 0;
}

static int restart_neighbour(struct bench *bench, struct ps_error *error)
{
	bench->restarts = (struct restarts){
		.scenario = bench->scenario,
		.kernel = bench->kernel,
		.guest = &bench->guests[1],
		.partvm = bench->options->partvm,
		.epoch_ns = bench->load.epoch_ns,
	};
	return restarts_run(&bench->restarts, bench->from_ns, &bench->to_ns, error);
}

static int measure(struct bench *bench, struct ps_error *error)
{
	const struct bench_plan *plan = bench->scenario->plan;
	uint64_t first;

	/* takes many a frame on a machine with one CPU */
	if (bench->scenario->neighbour->traced &&
	    outside_begin(linux_thread(bench->kernel), error))
		return -1;
	first = (now_ns() - bench->load.epoch_ns) / plan->frame_ns + SETTLE_FRAMES;
	bench->from_ns = bench->load.epoch_ns + first * plan->frame_ns;
	bench->to_ns = bench->from_ns + bench->scenario->frames * plan->frame_ns;
	if (begin_storms(bench, error))
		return -1;
	sleep_until(scenario_gap_ns(plan, bench->from_ns));
	witness_clock_sample(&bench->clock);
	if (bench->scenario->neighbour->restart && restart_neighbour(bench, error))
		return -1;
	sleep_until(scenario_gap_ns(plan, bench->to_ns + AFTER_FRAMES * plan->frame_ns));
	witness_clock_sample(&bench->clock);
	if (bench->scenario->neighbour->traced)
		outside_stop();
	/* a launcher may have died: that is what some are for */
	for (size_t i = 0; i < bench->scenario->plan->nr; i++)
		if (is_witness(bench, i) && guest_alive(&bench->guests[i], error))
			return -1;
	return 0;
}

/* Of all witnesses, before anything else is done: their logs are rings. */
static int read_logs(struct bench *bench, struct ps_error *error)
{
	for (size_t i = 0; i < bench->scenario->plan->nr; i++)
		if (is_witness(bench, i) && witness_read(bench->guests[i].ram, 0, &bench->clock,
							 &bench->traces[i], error))
			return -1;
	return 0;
}

/* The neighbour's share, held against its own window. */
static int measure_outside(struct bench *bench, struct ps_error *error)
{
	const struct bench_window *planned = &bench->scenario->plan->windows[1];
	const struct witness_window window = { planned->offset_ns, planned->duration_ns };
	const struct witness_plan plan = {
		.epoch_ns = bench->load.epoch_ns,
		.frame_ns = bench->scenario->plan->frame_ns,
		.windows = &window,
		.nr = 1,
	};

	if (!bench->scenario->neighbour->traced)
		return 0;
	return outside_measure(linux_thread(bench->kernel), &bench->clock, &plan, &bench->outside,
			       error);
}

static void add_u64(struct json_object *object, const char *key, uint64_t value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

static void add_text(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

static int by_latency(const void *a, const void *b)
{
	const struct witness_instance *x = a, *y = b;

	return (x->open_ns < y->open_ns) - (x->open_ns > y->open_ns);
}

static int by_gap(const void *a, const void *b)
{
	const struct witness_instance *x = a, *y = b;

	return (x->gap_ns < y->gap_ns) - (x->gap_ns > y->gap_ns);
}

/*
 * The latest openings and the longest gaps: when, so that one can see what they
 * have in common. Instants count from the epoch.
 */
static struct json_object *worst_json(struct witness_result *result, uint64_t epoch_ns, size_t nr,
				      bool gaps)
{
	struct json_object *list = json_object_new_array();

	qsort(result->instances, result->nr, sizeof(*result->instances),
	      gaps ? by_gap : by_latency);
	for (size_t i = 0; i < nr && i < result->nr; i++) {
		const struct witness_instance *instance = &result->instances[i];
		struct json_object *one;

		if (gaps && !instance->gap_ns)
			break;
		one = json_object_new_object();
		add_u64(one, "frame", instance->frame);
		add_u64(one, "at", (gaps ? instance->gap_at_ns : instance->start_ns) - epoch_ns);
		add_u64(one, gaps ? "gap" : "open", gaps ? instance->gap_ns : instance->open_ns);
		json_object_array_add(list, one);
	}
	return list;
}

/* The most that was taken of one window. */
static uint64_t gap_window_max_ns(const struct witness_result *result)
{
	uint64_t max_ns = 0;

	for (size_t i = 0; i < result->nr; i++)
		if (result->instances[i].gap_sum_ns > max_ns)
			max_ns = result->instances[i].gap_sum_ns;
	return max_ns;
}

/* What the module counted of all partitions: beside the figures, not among them. */
static int add_counters(const struct bench *bench, struct json_object *line,
			struct ps_error *error)
{
	struct json_object *list = json_object_new_object();
	struct ps_vcpu_info *vcpus;
	size_t nr;

	json_object_object_add(line, "module", list);
	if (ps_kernel_vcpus(bench->kernel, &vcpus, &nr, error))
		return -1;
	for (size_t i = 0; i < nr && i < bench->scenario->plan->nr; i++) {
		const struct ps_stats *stats = &vcpus[i].stats;
		struct json_object *one = json_object_new_object();

		add_u64(one, "open_latency_avg", stats->open.avg_ns);
		add_u64(one, "close_overrun_avg", stats->overrun.avg_ns);
		add_u64(one, "overruns", stats->overruns);
		add_u64(one, "preempted", stats->preempted);
		add_u64(one, "preempted_max", stats->preempted_max_ns);
		add_text(one, "preemptor", vcpus[i].preemptor);
		json_object_object_add(list, vcpus[i].partition, one);
	}
	free(vcpus);
	return 0;
}

/* A share in a million, rounded up, so that 0 means none at all. */
static uint64_t ppm(const struct outside_share *share)
{
	return share->all_ns ? (share->outside_ns * 1000000 + share->all_ns - 1) / share->all_ns : 0;
}

static void add_linux(const struct bench *bench, struct json_object *line)
{
	const struct outside_result *outside = &bench->outside;
	char said[256];

	linux_said(said, sizeof(said));
	add_text(line, "guest_said_before", bench->said);
	add_text(line, "guest_said", said);
	if (!bench->scenario->neighbour->traced)
		return;
	add_u64(line, "traced_events", outside->events);
	add_u64(line, "traced_guest", outside->guest.all_ns);
	add_u64(line, "traced_guest_outside_ppm", ppm(&outside->guest));
	add_u64(line, "traced_guest_overrun_max", outside->guest.overrun_ns);
	add_u64(line, "traced_user", outside->user.all_ns);
	add_u64(line, "traced_user_outside_ppm", ppm(&outside->user));
	add_u64(line, "traced_user_overrun_max", outside->user.overrun_ns);
}

static struct json_object *result_json(const struct bench *bench, size_t partition,
				       struct witness_result *result)
{
	const struct bench_scenario *scenario = bench->scenario;
	const struct witness_trace *trace = &bench->traces[partition];
	struct json_object *line = json_object_new_object();
	struct utsname host;

	uname(&host);
	add_text(line, "method", "partsched");
	add_text(line, "kernel", host.release);
	add_u64(line, "cpus", (uint64_t)sysconf(_SC_NPROCESSORS_ONLN));
	add_u64(line, "guests", scenario->plan->nr);
	add_text(line, "neighbour", scenario->neighbour->name);
	add_text(line, "plan", scenario->plan->text);
	json_object_object_add(line, "guard", json_object_new_boolean(scenario->plan->guard_ns));
	add_text(line, "partition", bench->guests[partition].partition);
	add_u64(line, "frames", (bench->to_ns - bench->from_ns) / scenario->plan->frame_ns);
	add_u64(line, "windows", result->nr);
	add_u64(line, "open_min", result->open_min_ns);
	add_u64(line, "open_p50", result->open_p50_ns);
	add_u64(line, "open_p99", result->open_p99_ns);
	add_u64(line, "open_p999", result->open_p999_ns);
	add_u64(line, "open_max", result->open_max_ns);
	add_u64(line, "overrun_max", result->overrun_max_ns);
	add_u64(line, "early_max", result->early_max_ns);
	add_u64(line, "outside_ppm", result->outside_ppm);
	add_u64(line, "outside", result->outside_ns);
	add_u64(line, "missed", result->missed);
	json_object_object_add(line, "drift", json_object_new_int64(result->drift_ns));
	add_u64(line, "gap_max", result->gap_max_ns);
	add_u64(line, "gap_ppm", result->gap_ppm);
	add_u64(line, "gap_window_max", gap_window_max_ns(result));
	json_object_object_add(line, "storm",
			       json_object_new_boolean(neighbour_is_storm(scenario->neighbour)));
	/* what its guest does itself leaves gaps that are not the host's */
	json_object_object_add(line, "storming",
			       json_object_new_boolean(partition && scenario->neighbour->storm));
	if (bench->marks) {
		add_u64(line, "user_turns", bench->marks->turns);
		add_u64(line, "user_outside", bench->marks->outside);
		add_u64(line, "user_overrun_max", bench->marks->overrun_ns);
	}
	if (scenario->neighbour->restart) {
		add_u64(line, "restarts", bench->restarts.nr);
		add_u64(line, "starts", bench->restarts.starts);
	}
	if (scenario->neighbour->linux_guest)
		add_linux(bench, line);
	add_u64(line, "uncovered", result->uncovered);
	add_u64(line, "resolution", trace->resolution_ns);
	add_u64(line, "overwritten", trace->overwritten);
	if (bench->options->worst) {
		uint64_t epoch_ns = bench->load.epoch_ns;

		json_object_object_add(line, "latest",
				       worst_json(result, epoch_ns, bench->options->worst, false));
		json_object_object_add(line, "longest_gaps",
				       worst_json(result, epoch_ns, bench->options->worst, true));
	}
	return line;
}

static int report_one(const struct bench *bench, size_t partition, struct ps_error *error)
{
	const struct bench_window *planned = &bench->scenario->plan->windows[partition];
	const struct witness_window window = { planned->offset_ns, planned->duration_ns };
	const struct witness_plan plan = {
		.epoch_ns = bench->load.epoch_ns,
		.frame_ns = bench->scenario->plan->frame_ns,
		.windows = &window,
		.nr = 1,
	};
	/* the last instance ends where its successor begins */
	uint64_t to_ns = bench->to_ns + planned->offset_ns;
	struct witness_result result;
	struct json_object *line;
	int ret;

	if (witness_measure(&bench->traces[partition], &plan, bench->from_ns, to_ns, &result,
			    error))
		return -1;
	line = result_json(bench, partition, &result);
	ret = add_counters(bench, line, error);
	if (!ret) {
		puts(json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN));
		fflush(stdout);
	}
	json_object_put(line);
	witness_result_free(&result);
	return ret;
}

static int report(const struct bench *bench, struct ps_error *error)
{
	for (size_t i = 0; i < bench->scenario->plan->nr; i++)
		if (is_witness(bench, i) && report_one(bench, i, error))
			return -1;
	return 0;
}

static int tear_down(struct bench *bench, struct ps_error *error)
{
	int ret = 0;

	child_stop(&bench->busy);
	child_stop(&bench->rt);
	if (bench->fair_server)
		set_fair_server(bench, "0", NULL);
	if (bench->marks)
		munmap(bench->marks, sizeof(*bench->marks));
	for (size_t i = 0; i < SCENARIO_PARTITIONS_MAX; i++) {
		witness_trace_free(&bench->traces[i]);
		if (bench->guests[i].partition)
			guest_stop(&bench->guests[i]);
	}
	if (bench->linux_guest.plan)
		ret = linux_unload(&bench->linux_guest, error);
	else if (bench->kernel)
		ret = ps_kernel_unload(bench->kernel, true, error);
	if (bench->kernel)
		ps_kernel_close(bench->kernel);
	if (bench->inserted && module_remove("partsched", ret ? NULL : error))
		ret = -1;
	return ret;
}

static int run(const struct options *options, const struct bench_scenario *scenario)
{
	struct bench bench = { .options = options, .scenario = scenario };
	struct ps_error error = { 0 }, after = { 0 };
	int ret;

	ret = load(&bench, &error) || start_guests(&bench, &error) ||
		wait_ready(&bench, &error) || measure(&bench, &error) ||
		read_logs(&bench, &error) || measure_outside(&bench, &error) ||
		report(&bench, &error);
	if (ret)
		fprintf(stderr, "bench: %s/%s: %s\n", scenario->plan->name,
			scenario->neighbour->name, error.text);
	if (tear_down(&bench, &after)) {
		fprintf(stderr, "bench: %s/%s: at the end: %s\n", scenario->plan->name,
			scenario->neighbour->name, after.text);
		ret = -1;
	}
	return ret;
}

static void usage(void)
{
	printf("usage: run [options] PLAN/NEIGHBOUR/FRAMES...\n"
	       "       run [options] PLAN/NEIGHBOUR/Nx...    until it was restarted N times\n\n"
	       "Runs each scenario and prints a line of JSON for each witness in it.\n\n"
	       "  --module FILE      partsched.ko, loaded anew for each scenario\n"
	       "  --parameters TEXT  of the module\n"
	       "  --partvm FILE      the launcher\n"
	       "  --partctl FILE     the tool, for Linux guests\n"
	       "  --guests DIR       folder of the guest images\n"
	       "  --ram DIR          folder for the guests' memory (default /dev/shm)\n"
	       "  --cpu N            host CPU of all partitions (default 0)\n"
	       "  --worst N          add the N latest openings and longest gaps\n\n");
	scenario_list();
	printf("\nexit status: 0 done, 1 a scenario failed, 2 usage\n");
}

static const struct option long_options[] = {
	{ "module", required_argument, NULL, 'm' },
	{ "parameters", required_argument, NULL, 'P' },
	{ "partvm", required_argument, NULL, 'p' },
	{ "partctl", required_argument, NULL, 't' },
	{ "guests", required_argument, NULL, 'g' },
	{ "ram", required_argument, NULL, 'r' },
	{ "cpu", required_argument, NULL, 'c' },
	{ "worst", required_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

int main(int argc, char **argv)
{
	struct options options = { .parameters = "", .ram_dir = "/dev/shm" };
	struct bench_scenario scenario;
	struct ps_error error = { 0 };
	int opt, failed = 0;

	while ((opt = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (opt) {
		case 'm':
			options.module = optarg;
			break;
		case 'P':
			options.parameters = optarg;
			break;
		case 'p':
			options.partvm = optarg;
			break;
		case 't':
			options.partctl = optarg;
			break;
		case 'g':
			options.guests = optarg;
			break;
		case 'r':
			options.ram_dir = optarg;
			break;
		case 'c':
			options.cpu = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'w':
			options.worst = strtoul(optarg, NULL, 10);
			break;
		case 'h':
			usage();
			return 0;
		default:
			return 2;
		}
	}
	if (!options.module || !options.partvm || !options.guests || optind == argc) {
		fprintf(stderr, "run: --module, --partvm, --guests and a scenario are needed; see --help\n");
		return 2;
	}
	for (int i = optind; i < argc; i++) {
		if (scenario_read(argv[i], &scenario, &error)) {
			fprintf(stderr, "run: %s\n", error.text);
			return 2;
		}
		if (scenario.neighbour->linux_guest && !options.partctl) {
			fprintf(stderr, "run: %s: a Linux guest needs --partctl\n", argv[i]);
			return 2;
		}
	}
	for (int i = optind; i < argc; i++) {
		scenario_read(argv[i], &scenario, NULL);
		fprintf(stderr, "bench: %s\n", argv[i]);
		if (run(&options, &scenario))
			failed = 1;
	}
	return failed;
}
