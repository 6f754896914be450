// SPDX-License-Identifier: GPL-2.0
/*
 * timeline - the plan in force beside what its guests saw
 *
 * For plans whose guests are witnesses, started by partctl load. Shows frames
 * as bars, their windows as a table, and the worst of all windows; says at
 * the end whether every window held.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libsmartcols.h>

#include "alloc.h"
#include "vcpus.h"

#define NSEC_PER_SEC		1000000000ULL
#define START_TIMEOUT_NS	(10 * NSEC_PER_SEC)
#define SETTLE_FRAMES		2
#define BAR_CELLS		60

struct options {
	const char *ram_dir;
	uint64_t frames;
	uint64_t shown;
	uint64_t tolerance_ns;
	uint64_t threshold_ns;
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

/* Let the frames go by, with a word now and then: in exact time a second is long. */
static uint64_t watch(const struct bench_vcpus *vcpus, struct witness_clock *clock,
		      uint64_t frames)
{
	uint64_t frame_ns = vcpus->info.frame_ns, epoch_ns = vcpus->info.epoch_ns;
	uint64_t first = (now_ns() - epoch_ns) / frame_ns + SETTLE_FRAMES;
	uint64_t from_ns = epoch_ns + first * frame_ns, tenth = (frames + 9) / 10;

	sleep_until(from_ns);
	witness_clock_sample(clock);
	for (uint64_t i = 0; i < frames; i += tenth) {
		fprintf(stderr, "timeline: %" PRIu64 " of %" PRIu64 " frames\n", i, frames);
		sleep_until(from_ns + (i + tenth < frames ? i + tenth : frames) * frame_ns);
	}
	fprintf(stderr, "timeline: %" PRIu64 " of %" PRIu64 " frames\n", frames, frames);
	/* in one more the last windows' overrun would show */
	sleep_until(from_ns + (frames + 2) * frame_ns);
	witness_clock_sample(clock);
	return from_ns;
}

/* Guest time within a cell of a bar. */
static uint64_t cell_ran_ns(const struct witness_trace *trace, uint64_t from_ns, uint64_t to_ns)
{
	uint64_t sum_ns = 0;

	for (size_t i = 0; i < trace->nr && trace->runs[i].begin_ns < to_ns; i++) {
		const struct witness_run *run = &trace->runs[i];

		if (run->end_ns > from_ns)
			sum_ns += (run->end_ns < to_ns ? run->end_ns : to_ns) -
				(run->begin_ns > from_ns ? run->begin_ns : from_ns);
	}
	return sum_ns;
}

static uint64_t cell_planned_ns(const struct bench_vcpu *vcpu, uint64_t from_ns, uint64_t to_ns)
{
	uint64_t sum_ns = 0;

	for (size_t i = 0; i < vcpu->nr_windows; i++) {
		uint64_t begin_ns = vcpu->windows[i].offset_ns;
		uint64_t end_ns = begin_ns + vcpu->windows[i].duration_ns;

		if (begin_ns < to_ns && end_ns > from_ns)
			sum_ns += (end_ns < to_ns ? end_ns : to_ns) -
				(begin_ns > from_ns ? begin_ns : from_ns);
	}
	return sum_ns;
}

static void print_bars(const struct bench_vcpus *vcpus, uint64_t from_ns, uint64_t frame)
{
	uint64_t frame_ns = vcpus->info.frame_ns;
	char planned[BAR_CELLS + 1] = { 0 }, seen[BAR_CELLS + 1] = { 0 };

	for (size_t v = 0; v < vcpus->nr; v++) {
		const struct bench_vcpu *vcpu = &vcpus->list[v];

		for (uint64_t c = 0; c < BAR_CELLS; c++) {
			uint64_t a = c * frame_ns / BAR_CELLS, b = (c + 1) * frame_ns / BAR_CELLS;
			uint64_t start_ns = from_ns + frame * frame_ns;
			uint64_t ran_ns = cell_ran_ns(&vcpu->trace, start_ns + a, start_ns + b);

			planned[c] = 2 * cell_planned_ns(vcpu, a, b) >= b - a ? '-' : ' ';
			/* half of the cell; a hundredth of it */
			seen[c] = 2 * ran_ns >= b - a ? '#' : 100 * ran_ns >= b - a ? '.' : ' ';
		}
		printf("  %-12.12s CPU %-3u planned |%s|\n", vcpu->label, vcpu->cpu, planned);
		printf("  %-12s %-7s seen    |%s|\n", "", "", seen);
	}
}

static int table_line(struct libscols_table *table, char **cells, size_t nr)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	int ret = line ? 0 : -1;

	for (size_t i = 0; i < nr; i++) {
		/* a cell that is taken over is freed by the table */
		if (!line || scols_line_refer_data(line, i, cells[i])) {
			free(cells[i]);
			ret = -1;
		}
	}
	return ret;
}

static struct libscols_table *table_new(const char *const *columns, size_t nr)
{
	struct libscols_table *table = scols_new_table();

	for (size_t i = 0; table && i < nr; i++)
		if (!scols_table_new_column(table, columns[i], 0, i ? SCOLS_FL_RIGHT : 0)) {
			scols_unref_table(table);
			table = NULL;
		}
	return table;
}

__attribute__((format(printf, 1, 2))) static char *text(const char *format, ...)
{
	char *result = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&result, format, args) < 0)
		result = NULL;
	va_end(args);
	return result;
}

/* Milliseconds within the frame, to the nanosecond. */
static char *ms_text(uint64_t ns)
{
	return text("%" PRIu64 ".%06" PRIu64, ns / 1000000, ns % 1000000);
}

static const struct witness_instance *find_instance(const struct bench_vcpu *vcpu, uint64_t frame,
						    size_t window)
{
	for (size_t i = 0; i < vcpu->result.nr; i++)
		if (vcpu->result.instances[i].frame == frame &&
		    vcpu->result.instances[i].window == window)
			return &vcpu->result.instances[i];
	return NULL;
}

static int window_line(struct libscols_table *table, const struct bench_vcpu *vcpu, size_t window,
		       const struct witness_instance *seen, uint64_t frame_start_ns)
{
	char *cells[] = {
		text("%u %s", vcpu->window_ids[window], vcpu->label),
		ms_text(seen->start_ns - frame_start_ns),
		seen->missed ? text("never") : ms_text(seen->first_ns - frame_start_ns),
		ms_text(seen->end_ns - frame_start_ns),
		seen->missed ? text("never") : ms_text(seen->last_ns - frame_start_ns),
		seen->missed ? text("missed") :
			text("+%" PRIu64 " / %+" PRId64, seen->open_ns,
			     (int64_t)(seen->last_ns - seen->end_ns)),
	};

	return table_line(table, cells, sizeof(cells) / sizeof(*cells));
}

/* Windows of all vCPUs, in the order of their offsets. */
static int next_window(const struct bench_vcpus *vcpus, uint64_t *offset_ns, size_t *vcpu,
		       size_t *window)
{
	uint64_t best_ns = UINT64_MAX;
	size_t best_vcpu = 0, best_window = 0;

	for (size_t v = 0; v < vcpus->nr; v++)
		for (size_t w = 0; w < vcpus->list[v].nr_windows; w++) {
			uint64_t at_ns = vcpus->list[v].windows[w].offset_ns;
			/* the same offset on another CPU: by the vCPU's place */
			bool later = *offset_ns == UINT64_MAX || at_ns > *offset_ns ||
				(at_ns == *offset_ns && v > *vcpu);

			if (later && at_ns < best_ns) {
				best_ns = at_ns;
				best_vcpu = v;
				best_window = w;
			}
		}
	if (best_ns == UINT64_MAX)
		return 0;
	*offset_ns = best_ns;
	*vcpu = best_vcpu;
	*window = best_window;
	return 1;
}

static int print_frame(const struct bench_vcpus *vcpus, uint64_t from_ns, uint64_t frame)
{
	static const char *const columns[] = {
		"WINDOW", "PLANNED START", "FIRST INSTRUCTION", "PLANNED END",
		"LAST INSTRUCTION", "DEVIATION (NS)",
	};
	uint64_t start_ns = from_ns + frame * vcpus->info.frame_ns, offset_ns = UINT64_MAX;
	uint64_t number = (start_ns - vcpus->info.epoch_ns) / vcpus->info.frame_ns;
	struct libscols_table *table = table_new(columns, sizeof(columns) / sizeof(*columns));
	size_t vcpu = 0, window = 0;
	int ret = table ? 0 : -1;

	printf("\nFrame %" PRIu64 "; '-' planned, '#' the guest ran, '.' for a moment; a column is %"
	       PRIu64 " us; times in ms\n", number, vcpus->info.frame_ns / BAR_CELLS / 1000);
	print_bars(vcpus, from_ns, frame);
	while (!ret && next_window(vcpus, &offset_ns, &vcpu, &window)) {
		const struct witness_instance *seen =
			find_instance(&vcpus->list[vcpu], number, window);

		if (seen)
			ret = window_line(table, &vcpus->list[vcpu], window, seen, start_ns);
	}
	if (!ret)
		ret = scols_print_table(table);
	scols_unref_table(table);
	return ret;
}

/* The worst of all instances of a window. */
struct worst {
	size_t nr;
	size_t missed;
	uint64_t first_min_ns;
	uint64_t first_max_ns;
	uint64_t overrun_ns;
	uint64_t early_ns;
};

static void worst_add(struct worst *worst, const struct witness_instance *instance)
{
	if (instance->missed) {
		worst->missed++;
	} else {
		if (!worst->nr || instance->open_ns < worst->first_min_ns)
			worst->first_min_ns = instance->open_ns;
		if (instance->open_ns > worst->first_max_ns)
			worst->first_max_ns = instance->open_ns;
		worst->nr++;
	}
	if (instance->overrun_ns > worst->overrun_ns)
		worst->overrun_ns = instance->overrun_ns;
	if (instance->early_ns > worst->early_ns)
		worst->early_ns = instance->early_ns;
}

static int print_worst(const struct bench_vcpus *vcpus, uint64_t frames)
{
	static const char *const columns[] = {
		"WINDOW", "CPU", "START", "END", "HELD", "FIRST INSTRUCTION (NS)",
		"PAST ITS END (NS)",
	};
	struct libscols_table *table = table_new(columns, sizeof(columns) / sizeof(*columns));
	uint64_t offset_ns = UINT64_MAX;
	size_t v = 0, w = 0;
	int ret = table ? 0 : -1;

	printf("\nWorst of %" PRIu64 " frames\n", frames);
	while (!ret && next_window(vcpus, &offset_ns, &v, &w)) {
		const struct bench_vcpu *vcpu = &vcpus->list[v];
		struct worst worst = { 0 };

		for (size_t i = 0; i < vcpu->result.nr; i++)
			if (vcpu->result.instances[i].window == w)
				worst_add(&worst, &vcpu->result.instances[i]);
		ret = table_line(table, (char *[]){
			text("%u %s", vcpu->window_ids[w], vcpu->label),
			text("%u", vcpu->window_cpus[w]),
			ms_text(vcpu->windows[w].offset_ns),
			ms_text(vcpu->windows[w].offset_ns + vcpu->windows[w].duration_ns),
			text("%zu of %zu", worst.nr, worst.nr + worst.missed),
			text("+%" PRIu64 " to +%" PRIu64, worst.first_min_ns, worst.first_max_ns),
			text("%" PRIu64, worst.overrun_ns),
		}, sizeof(columns) / sizeof(*columns));
	}
	if (!ret)
		ret = scols_print_table(table);
	scols_unref_table(table);
	return ret;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* First instructions at one edge of one frame, on all CPUs that open then. */
struct opening {
	size_t cpus;
	uint64_t first_ns;
	uint64_t last_ns;
};

static struct opening opening_at(const struct bench_vcpus *vcpus, uint64_t frame,
				 uint64_t offset_ns)
{
	struct opening opening = { .first_ns = UINT64_MAX };

	for (size_t v = 0; v < vcpus->nr; v++)
		for (size_t w = 0; w < vcpus->list[v].nr_windows; w++) {
			const struct witness_instance *seen;

			if (vcpus->list[v].windows[w].offset_ns != offset_ns)
				continue;
			seen = find_instance(&vcpus->list[v], frame, w);
			if (!seen || seen->missed || seen->touches)
				continue;
			opening.cpus++;
			if (seen->open_ns < opening.first_ns)
				opening.first_ns = seen->open_ns;
			if (seen->open_ns > opening.last_ns)
				opening.last_ns = seen->open_ns;
		}
	return opening;
}

static int cores_line(struct libscols_table *table, const struct bench_vcpus *vcpus,
		      uint64_t first_frame, uint64_t frames, uint64_t offset_ns)
{
	uint64_t *spread_ns = ps_calloc(frames, sizeof(*spread_ns));
	size_t nr = 0, cpus = 0;
	int ret = 0;

	for (uint64_t i = 0; i < frames; i++) {
		struct opening opening = opening_at(vcpus, first_frame + i, offset_ns);

		if (opening.cpus < 2)
			continue;
		if (opening.cpus > cpus)
			cpus = opening.cpus;
		spread_ns[nr++] = opening.last_ns - opening.first_ns;
	}
	if (nr) {
		qsort(spread_ns, nr, sizeof(*spread_ns), by_value);
		ret = table_line(table, (char *[]){
			ms_text(offset_ns), text("%zu", cpus), text("%zu", nr),
			text("%" PRIu64, spread_ns[0]), text("%" PRIu64, spread_ns[nr / 2]),
			text("%" PRIu64, spread_ns[nr * 99 / 100]),
			text("%" PRIu64, spread_ns[nr - 1]),
		}, 7);
	}
	free(spread_ns);
	return ret;
}

/* How far apart the CPUs are that open at the same instant. */
static int print_cores(const struct bench_vcpus *vcpus, uint64_t from_ns, uint64_t frames)
{
	static const char *const columns[] = {
		"EDGE", "CPUS", "FRAMES", "APART (NS), LEAST", "MEDIAN", "99 %", "MOST",
	};
	struct libscols_table *table = table_new(columns, sizeof(columns) / sizeof(*columns));
	uint64_t first = (from_ns - vcpus->info.epoch_ns) / vcpus->info.frame_ns;
	uint64_t offset_ns = UINT64_MAX, last_ns = UINT64_MAX;
	size_t v = 0, w = 0;
	int ret = table ? 0 : -1;

	while (!ret && next_window(vcpus, &offset_ns, &v, &w)) {
		if (offset_ns != last_ns)
			ret = cores_line(table, vcpus, first, frames, offset_ns);
		last_ns = offset_ns;
	}
	if (!ret && !scols_table_is_empty(table)) {
		printf("\nCPUs that open at the same instant: their first instructions\n");
		ret = scols_print_table(table);
	}
	scols_unref_table(table);
	return ret;
}

/* One line; true: every window held. */
static bool verdict(const struct bench_vcpus *vcpus, const struct options *options)
{
	struct worst worst = { 0 };
	uint64_t outside_ns = 0;

	for (size_t v = 0; v < vcpus->nr; v++) {
		const struct witness_result *result = &vcpus->list[v].result;

		for (size_t i = 0; i < result->nr; i++)
			worst_add(&worst, &result->instances[i]);
		outside_ns += result->outside_ns;
	}
	printf("\n");
	if (worst.missed)
		printf("FAILED: %zu of %zu windows passed without one guest instruction\n",
		       worst.missed, worst.nr + worst.missed);
	else if (worst.overrun_ns > options->tolerance_ns || worst.early_ns > options->tolerance_ns)
		printf("FAILED: a guest ran outside its window: %" PRIu64 " ns past the end, %"
		       PRIu64 " ns before the start at worst (%" PRIu64 " ns are allowed)\n",
		       worst.overrun_ns, worst.early_ns, options->tolerance_ns);
	else
		printf("every window held: %zu windows in %" PRIu64
		       " frames; worst first instruction +%" PRIu64
		       " ns after the planned start, worst last instruction %" PRIu64
		       " ns past the planned end\n",
		       worst.nr, options->frames, worst.first_max_ns, worst.overrun_ns);
	return !worst.missed && worst.overrun_ns <= options->tolerance_ns &&
		worst.early_ns <= options->tolerance_ns;
}

static int show(struct ps_kernel *kernel, const struct options *options, struct ps_error *error)
{
	struct witness_clock clock = { 0 };
	struct bench_vcpus vcpus;
	uint64_t from_ns;
	int ret = -1;

	if (vcpus_get(&vcpus, kernel, options->ram_dir, error) ||
	    vcpus_wait(&vcpus, kernel, START_TIMEOUT_NS, error))
		goto out;
	if (options->threshold_ns) {
		witness_clock_sample(&clock);
		sleep_until(now_ns() + 10000000);
		witness_clock_sample(&clock);
		if (vcpus_threshold(&vcpus, &clock, options->threshold_ns, error))
			goto out;
		clock.nr = 0;
	}
	from_ns = watch(&vcpus, &clock, options->frames);
	if (vcpus_measure(&vcpus, &clock, from_ns, options->frames, error))
		goto out;
	for (uint64_t i = 0; i < options->shown && i < options->frames; i++)
		if (print_frame(&vcpus, from_ns, i))
			goto no_table;
	if (print_worst(&vcpus, options->frames) ||
	    print_cores(&vcpus, from_ns, options->frames))
		goto no_table;
	ret = verdict(&vcpus, options) ? 0 : 1;
out:
	vcpus_free(&vcpus);
	return ret;
no_table:
	ps_fail(error, PS_EXIT_REFUSED, ENOMEM, "a table could not be printed: out of memory");
	goto out;
}

static void usage(void)
{
	printf("usage: timeline [options]\n\n"
	       "Shows the plan in force beside what the witnesses in its partitions saw.\n\n"
	       "  --frames N        major frames to watch (default 20)\n"
	       "  --show N          frames to show one by one (default 2)\n"
	       "  --tolerance NS    how long after its window's end a guest may be seen, for\n"
	       "                    the time that the timer takes (default 1000)\n"
	       "  --threshold NS    gaps up to this length are not looked at: where emulated\n"
	       "                    CPUs take turns (default: those of the witness)\n"
	       "  --ram DIR         where the guests' memory is (default /run/partsched)\n\n"
	       "exit status: 0 every window held, 1 one did not, 2 usage, 3 it could not be seen\n");
}

static const struct option long_options[] = {
	{ "frames", required_argument, NULL, 'f' },
	{ "show", required_argument, NULL, 's' },
	{ "tolerance", required_argument, NULL, 't' },
	{ "threshold", required_argument, NULL, 'g' },
	{ "ram", required_argument, NULL, 'r' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

int main(int argc, char **argv)
{
	struct options options = {
		.ram_dir = "/run/partsched", .frames = 20, .shown = 2, .tolerance_ns = 1000,
	};
	struct ps_error error = { 0 };
	struct ps_kernel *kernel;
	int opt, ret;

	while ((opt = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (opt) {
		case 'f':
			options.frames = strtoull(optarg, NULL, 10);
			break;
		case 's':
			options.shown = strtoull(optarg, NULL, 10);
			break;
		case 't':
			options.tolerance_ns = strtoull(optarg, NULL, 10);
			break;
		case 'g':
			options.threshold_ns = strtoull(optarg, NULL, 10);
			break;
		case 'r':
			options.ram_dir = optarg;
			break;
		case 'h':
			usage();
			return 0;
		default:
			return 2;
		}
	}
	if (!options.frames || optind != argc) {
		fprintf(stderr, "timeline: --frames is 1 or more, and there are no arguments; see --help\n");
		return 2;
	}
	kernel = ps_kernel_open(&error);
	ret = kernel ? show(kernel, &options, &error) : -1;
	ps_kernel_close(kernel);
	if (ret < 0) {
		fprintf(stderr, "timeline: %s\n", error.text);
		return 3;
	}
	return ret;
}
