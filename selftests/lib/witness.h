/* SPDX-License-Identifier: GPL-2.0 */
/*
 * witness - what a guest saw of its own time, held against the plan
 *
 * The witness guest (tools/partvm/guest/witness.c) writes down every gap in its
 * TSC. Here its log is turned into runs: stretches of CLOCK_MONOTONIC in which
 * the guest executed without a gap; and the runs are measured against planned
 * windows. No counter of the module takes part.
 *
 *	struct witness_clock clock = { 0 };
 *
 *	witness_clock_sample(&clock);		(before)
 *	... the guest runs under the plan ...
 *	witness_clock_sample(&clock);		(after)
 *	witness_read("/run/partsched/a.ram", 0, &clock, &trace, &error);
 *	witness_measure(&trace, &plan, from_ns, to_ns, &result, &error);
 *
 * All times are nanoseconds of CLOCK_MONOTONIC, all intervals half-open. What a
 * guest does within one turn of its loop (witness_trace.resolution_ns) cannot
 * be told apart; gaps shorter than its threshold are not seen.
 *
 * Works where the guest's TSC equals the host's, which partvm sees to.
 */
#ifndef SELFTESTS_WITNESS_H
#define SELFTESTS_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define WITNESS_CLOCK_MAX	64
/* Window instances at either end that are compared for the drift. */
#define WITNESS_DRIFT_SPAN	100

/**
 * struct witness_clock - pairs of TSC and CLOCK_MONOTONIC
 * @nr: number of them
 * @tsc: TSC, ascending
 * @ns: CLOCK_MONOTONIC at that TSC
 * @within: ticks that the two may be apart
 *
 * The kernel's idea of the TSC's rate is off by up to a millionth, so the rate
 * is taken from the pairs: between two of them by interpolation, outside by
 * that of the nearest two. Zeroed, it is empty.
 */
struct witness_clock {
	size_t nr;
	uint64_t tsc[WITNESS_CLOCK_MAX];
	uint64_t ns[WITNESS_CLOCK_MAX];
	uint64_t within[WITNESS_CLOCK_MAX];
};

/**
 * witness_clock_sample() - add a pair, taken now
 * @clock: the clock; when it is full, the latest pair is replaced
 *
 * Takes the best of a few tries; not shorter than some microseconds.
 */
void witness_clock_sample(struct witness_clock *clock);

/**
 * witness_clock_ns() - CLOCK_MONOTONIC of a TSC value
 * @clock: at least two pairs
 * @tsc: TSC value
 *
 * Return: nanoseconds; 0 for what lies before the clock's own start.
 */
uint64_t witness_clock_ns(const struct witness_clock *clock, uint64_t tsc);

/**
 * witness_clock_within_ns() - how far off the clock may be
 * @clock: at least two pairs
 *
 * Return: nanoseconds, those of its worst pair.
 */
uint64_t witness_clock_within_ns(const struct witness_clock *clock);

/**
 * struct witness_run - the guest ran without a gap
 * @begin_ns: first reading of the TSC
 * @end_ns: just after the last one, or up to one turn of the loop after that
 */
struct witness_run {
	uint64_t begin_ns;
	uint64_t end_ns;
};

/**
 * struct witness_trace - all that one vCPU's log tells
 * @runs: ascending, disjoint
 * @nr: number of them
 * @from_ns: from here on the log is whole
 * @to_ns: up to here
 * @resolution_ns: the guest's fastest loop, rounded up
 * @threshold_ns: gaps up to this length are not seen
 * @gaps: gaps that the guest counted
 * @overwritten: of these, the oldest, which the log no longer holds
 */
struct witness_trace {
	struct witness_run *runs;
	size_t nr;
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t resolution_ns;
	uint64_t threshold_ns;
	uint64_t gaps;
	uint64_t overwritten;
};

/**
 * witness_read() - read one vCPU's log
 * @path: file given to partvm --ram
 * @vcpu: index of the vCPU
 * @clock: at least two pairs, the last not older than what is to be measured
 * @trace: receives it; to be given to witness_trace_free()
 * @error: why not
 *
 * The guest may run meanwhile.
 *
 * Return: 0 or -1 (no witness has run in that memory, say).
 */
int witness_read(const char *path, unsigned int vcpu, const struct witness_clock *clock,
		 struct witness_trace *trace, struct ps_error *error);

/**
 * witness_trace_free() - free what a trace holds
 * @trace: the trace, or NULL
 */
void witness_trace_free(struct witness_trace *trace);

/**
 * witness_alive_ns() - when did the guest last run?
 * @path: file given to partvm --ram
 * @vcpu: index of the vCPU
 * @clock: at least two pairs
 *
 * Return: CLOCK_MONOTONIC of its latest reading, 0 if it has not begun.
 */
uint64_t witness_alive_ns(const char *path, unsigned int vcpu, const struct witness_clock *clock);

/**
 * witness_storm() - tell a witness to do more than to watch
 * @path: file given to partvm --ram
 * @vcpu: index of the vCPU
 * @storm: enum witness_storm of the guest's witness.h
 * @error: why not
 *
 * From its next gap on it writes down long gaps only, for its storm is full of
 * short ones.
 *
 * Return: 0 or -1.
 */
int witness_storm(const char *path, unsigned int vcpu, uint64_t storm, struct ps_error *error);

/**
 * struct witness_window - a planned window of the vCPU
 * @offset_ns: start within the frame
 * @duration_ns: length
 */
struct witness_window {
	uint64_t offset_ns;
	uint64_t duration_ns;
};

/**
 * struct witness_plan - one vCPU's windows
 * @epoch_ns: CLOCK_MONOTONIC start of frame 0
 * @frame_ns: major frame
 * @windows: ascending, disjoint; of touching ones all but the first are open
 *	from the start and add nothing to the latencies
 * @nr: number of them, at least one
 */
struct witness_plan {
	uint64_t epoch_ns;
	uint64_t frame_ns;
	const struct witness_window *windows;
	size_t nr;
};

/**
 * struct witness_instance - one window in one frame
 * @frame: number of the frame
 * @window: index of the window
 * @touches: it begins where the vCPU's window before it ends
 * @start_ns: planned start
 * @end_ns: planned end
 * @missed: the guest did not run in it at all; the following are 0 then
 * @first_ns: first guest instruction at or after @start_ns
 * @last_ns: end of the last run of this window, or of the overrun
 * @open_ns: @first_ns - @start_ns
 * @overrun_ns: @last_ns - @end_ns where that is positive
 * @early_ns: the guest ran on into the window from that long before its start
 * @gap_ns: longest gap after @first_ns and before @end_ns
 * @gap_at_ns: where that one began
 * @gap_sum_ns: all of these
 */
struct witness_instance {
	uint64_t frame;
	size_t window;
	bool touches;
	uint64_t start_ns;
	uint64_t end_ns;
	bool missed;
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t open_ns;
	uint64_t overrun_ns;
	uint64_t early_ns;
	uint64_t gap_ns;
	uint64_t gap_at_ns;
	uint64_t gap_sum_ns;
};

/**
 * struct witness_result - a vCPU against its plan
 * @from_ns: start of the first instance that counts
 * @to_ns: start of the first one that does not
 * @instances: those that the log covers from start to the next one's start
 * @nr: number of them
 * @uncovered: instances of the range asked for that the log does not cover
 * @missed: instances without a guest instruction
 * @open_min_ns: first guest instruction after the planned start; like the
 *	next three of the instances that are neither missed nor touching
 * @open_p50_ns: median
 * @open_p99_ns: 99th percentile (nearest rank)
 * @open_p999_ns: 99.9th percentile (nearest rank)
 * @open_max_ns: worst
 * @overrun_max_ns: worst; a guest instruction anywhere between a window's end
 *	and the next one's start counts, unless it leads into that one
 * @early_max_ns: worst start before the planned one
 * @inside_ns: guest time inside its windows
 * @outside_ns: guest time outside
 * @outside_ppm: share of the guest's time that was outside, rounded up
 * @gap_max_ns: longest gap inside a window
 * @gap_ppm: share of the windows' time that gaps took, rounded up
 * @drift_ns: how far the latencies of the last WITNESS_DRIFT_SPAN instances (or
 *	half of all) have moved from those of the first: the least that the 10th,
 *	50th and 90th percentiles have all moved by in one direction, 0 if they
 *	have not. Latencies gather round several values, so that a median alone
 *	may jump from one to another where nothing drifts
 */
struct witness_result {
	uint64_t from_ns;
	uint64_t to_ns;
	struct witness_instance *instances;
	size_t nr;
	size_t uncovered;
	size_t missed;
	uint64_t open_min_ns;
	uint64_t open_p50_ns;
	uint64_t open_p99_ns;
	uint64_t open_p999_ns;
	uint64_t open_max_ns;
	uint64_t overrun_max_ns;
	uint64_t early_max_ns;
	uint64_t inside_ns;
	uint64_t outside_ns;
	uint64_t outside_ppm;
	uint64_t gap_max_ns;
	uint64_t gap_ppm;
	int64_t drift_ns;
};

/**
 * witness_measure() - hold a trace against a plan
 * @trace: what the guest saw
 * @plan: what was planned
 * @from_ns: instances that start here or later
 * @to_ns: and whose successor starts here or earlier
 * @result: receives it; to be given to witness_result_free()
 * @error: why not
 *
 * Return: 0, or -1: the plan is malformed, or no instance is covered.
 */
int witness_measure(const struct witness_trace *trace, const struct witness_plan *plan,
		    uint64_t from_ns, uint64_t to_ns, struct witness_result *result,
		    struct ps_error *error);

/**
 * witness_result_free() - free what a result holds
 * @result: the result, or NULL
 */
void witness_result_free(struct witness_result *result);

#endif /* SELFTESTS_WITNESS_H */
