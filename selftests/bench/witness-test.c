// SPDX-License-Identifier: GPL-2.0
/*
 * witness-test - the yardstick measured: traces made by hand, whose figures are
 * known, and logs that a guest has spoilt
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tools/partvm/guest/witness.h"
#include "../lib/witness.h"
#include "../unit/ktap.h"

#define EPOCH	1000000ULL
#define FRAME	10000ULL
#define RAM	(WITNESS_LOG + 0x10000)

/* A complaint is a failure: ktap_main() counts them. */
#define EXPECT_EQ(got, want) do {						\
	long long got_ = (long long)(got), want_ = (long long)(want);		\
	if (got_ != want_)							\
		ktap_fail("line %d: %s is %lld, expected %lld", __LINE__,	\
			  #got, got_, want_);					\
} while (0)

#define EXPECT(good, reason) do {						\
	if (!(good))								\
		ktap_fail("line %d: %s", __LINE__, reason);			\
} while (0)

/* One window of 4000 at 1000 in frames of 10000, unless a test says otherwise. */
static const struct witness_window one_window = { 1000, 4000 };
static const struct witness_plan one = { EPOCH, FRAME, &one_window, 1 };

static int measure(const struct witness_plan *plan, const struct witness_run *runs, size_t nr,
		   uint64_t frames, struct witness_result *result)
{
	const struct witness_trace trace = {
		.runs = (struct witness_run *)runs,
		.nr = nr,
		.from_ns = EPOCH,
		.to_ns = EPOCH + 1000 * FRAME,
		.threshold_ns = 40,
	};

	return witness_measure(&trace, plan, EPOCH,
			       EPOCH + frames * FRAME + plan->windows[0].offset_ns, result, NULL);
}

#define AT(frame, ns)	(EPOCH + (frame) * FRAME + (ns))

static bool windows_that_hold_show_their_latencies_and_nothing_else(void)
{
	const struct witness_run runs[] = {
		{ AT(0, 1005), AT(0, 5000) },
		{ AT(1, 1010), AT(1, 4990) },	/* shorter by less than can be seen */
		{ AT(2, 1300), AT(2, 5000) },
	};
	struct witness_result r;

	EXPECT_EQ(measure(&one, runs, 3, 3, &r), 0);
	EXPECT_EQ(r.nr, 3);
	EXPECT_EQ(r.missed, 0);
	EXPECT_EQ(r.open_min_ns, 5);
	EXPECT_EQ(r.open_p50_ns, 10);
	EXPECT_EQ(r.open_p99_ns, 300);
	EXPECT_EQ(r.open_max_ns, 300);
	EXPECT_EQ(r.overrun_max_ns, 0);
	EXPECT_EQ(r.outside_ns, 0);
	EXPECT_EQ(r.outside_ppm, 0);
	EXPECT_EQ(r.gap_max_ns, 0);
	witness_result_free(&r);
	return true;
}

static bool one_instruction_after_the_end_is_an_overrun(void)
{
	const struct witness_run runs[] = {
		{ AT(0, 1000), AT(0, 5030) },
		{ AT(1, 1000), AT(1, 5000) },
		{ AT(1, 8000), AT(1, 8001) },	/* one instruction, long after */
		{ AT(2, 1000), AT(2, 5000) },
	};
	struct witness_result r;

	EXPECT_EQ(measure(&one, runs, 4, 3, &r), 0);
	EXPECT_EQ(r.instances[0].overrun_ns, 30);
	EXPECT_EQ(r.instances[1].overrun_ns, 3001);
	EXPECT_EQ(r.overrun_max_ns, 3001);
	EXPECT_EQ(r.outside_ns, 31);
	EXPECT_EQ(r.inside_ns, 12000);
	EXPECT_EQ(r.outside_ppm, 2577);
	EXPECT_EQ(r.early_max_ns, 0);
	witness_result_free(&r);
	return true;
}

static bool a_guest_that_is_never_stopped_is_outside_all_the_time_between(void)
{
	const struct witness_run runs[] = { { AT(0, 1000), AT(5, 0) } };
	struct witness_result r;

	EXPECT_EQ(measure(&one, runs, 1, 3, &r), 0);
	EXPECT_EQ(r.overrun_max_ns, 6000);
	EXPECT_EQ(r.early_max_ns, 0);
	EXPECT_EQ(r.inside_ns, 12000);
	EXPECT_EQ(r.outside_ns, 18000);
	EXPECT_EQ(r.open_max_ns, 0);
	witness_result_free(&r);
	return true;
}

static bool a_run_that_leads_into_a_window_is_early_and_no_overrun(void)
{
	const struct witness_run runs[] = {
		{ AT(0, 1000), AT(0, 5000) },
		{ AT(1, 700), AT(1, 5000) },
		{ AT(2, 1000), AT(2, 5000) },
	};
	struct witness_result r;

	EXPECT_EQ(measure(&one, runs, 3, 3, &r), 0);
	EXPECT_EQ(r.early_max_ns, 300);
	EXPECT_EQ(r.overrun_max_ns, 0);
	EXPECT_EQ(r.outside_ns, 300);
	EXPECT_EQ(r.instances[1].open_ns, 0);
	witness_result_free(&r);
	return true;
}

static bool a_window_without_an_instruction_is_missed(void)
{
	const struct witness_run runs[] = {
		{ AT(0, 1000), AT(0, 5000) },
		{ AT(1, 5000), AT(1, 5100) },	/* only after the end */
		{ AT(2, 4999), AT(2, 5000) },	/* its last instant */
	};
	struct witness_result r;

	EXPECT_EQ(measure(&one, runs, 3, 4, &r), 0);
	EXPECT_EQ(r.nr, 4);
	EXPECT_EQ(r.missed, 2);
	EXPECT_EQ(r.instances[1].missed, true);
	EXPECT_EQ(r.instances[1].overrun_ns, 100);
	EXPECT_EQ(r.instances[2].missed, false);
	EXPECT_EQ(r.instances[2].open_ns, 3999);
	EXPECT_EQ(r.instances[3].missed, true);
	witness_result_free(&r);
	return true;
}

static bool gaps_count_from_the_first_instruction_to_the_planned_end(void)
{
	const struct witness_run runs[] = {
		{ AT(0, 1200), AT(0, 2000) },
		{ AT(0, 2050), AT(0, 3000) },
		{ AT(0, 3500), AT(0, 4000) },	/* ends early by 1000 */
		{ AT(1, 1000), AT(1, 4800) },
		{ AT(1, 5100), AT(1, 5200) },	/* the gap counts to the end only */
	};
	struct witness_result r;

	EXPECT_EQ(measure(&one, runs, 5, 2, &r), 0);
	EXPECT_EQ(r.instances[0].gap_sum_ns, 50 + 500 + 1000);
	EXPECT_EQ(r.instances[0].gap_ns, 1000);
	EXPECT_EQ(r.instances[0].gap_at_ns, AT(0, 4000));
	EXPECT_EQ(r.instances[1].gap_ns, 200);
	EXPECT_EQ(r.gap_max_ns, 1000);
	EXPECT_EQ(r.gap_ppm, (1750 * 1000000 + 7999) / 8000);
	witness_result_free(&r);
	return true;
}

static bool windows_that_touch_are_one(void)
{
	static const struct witness_window windows[] = { { 1000, 2000 }, { 3000, 1000 } };
	static const struct witness_plan plan = { EPOCH, FRAME, windows, 2 };
	const struct witness_run runs[] = {
		{ AT(0, 1007), AT(0, 4000) },
		{ AT(1, 1007), AT(1, 4000) },
	};
	struct witness_result r;

	EXPECT_EQ(measure(&plan, runs, 2, 2, &r), 0);
	EXPECT_EQ(r.nr, 4);
	EXPECT_EQ(r.open_min_ns, 7);
	EXPECT_EQ(r.open_max_ns, 7);
	EXPECT_EQ(r.overrun_max_ns, 0);
	EXPECT_EQ(r.early_max_ns, 0);
	EXPECT_EQ(r.outside_ns, 0);
	witness_result_free(&r);
	return true;
}

static bool only_windows_that_the_log_covers_count(void)
{
	struct witness_run runs[] = { { AT(2, 500), AT(2, 5000) }, { AT(3, 1001), AT(3, 5000) } };
	const struct witness_trace trace = {
		.runs = runs, .nr = 2, .from_ns = AT(2, 500), .to_ns = AT(4, 500),
	};
	struct witness_result r;
	struct ps_error error = { 0 };

	EXPECT_EQ(witness_measure(&trace, &one, EPOCH, AT(6, 1000), &r, NULL), 0);
	EXPECT_EQ(r.nr, 1);		/* frame 2; frame 3's successor is not known */
	EXPECT_EQ(r.uncovered, 5);
	EXPECT_EQ(r.missed, 0);
	witness_result_free(&r);
	EXPECT_EQ(witness_measure(&trace, &one, AT(8, 0), AT(9, 0), &r, &error), -1);
	EXPECT(*error.text, "no reason is given");
	return true;
}

static bool a_latency_that_grows_is_drift(void)
{
	struct witness_run runs[400];
	struct witness_result r;

	for (uint64_t i = 0; i < 400; i++)
		runs[i] = (struct witness_run){ AT(i, 1000 + 2 * i), AT(i, 5000) };
	EXPECT_EQ(measure(&one, runs, 400, 400, &r), 0);
	EXPECT_EQ(r.drift_ns, 600);
	EXPECT_EQ(r.open_p99_ns, 2 * 395);
	witness_result_free(&r);

	for (uint64_t i = 0; i < 400; i++)
		runs[i].begin_ns = AT(i, 2000 - 2 * i);
	EXPECT_EQ(measure(&one, runs, 400, 400, &r), 0);
	EXPECT_EQ(r.drift_ns, -600);
	witness_result_free(&r);

	/* two values, of which the second comes more often at the end */
	for (uint64_t i = 0; i < 400; i++)
		runs[i].begin_ns = AT(i, i % 5 < (i < 200 ? 2 : 3) ? 2000 : 1400);
	EXPECT_EQ(measure(&one, runs, 400, 400, &r), 0);
	EXPECT_EQ(r.open_max_ns - r.open_min_ns, 600);
	EXPECT_EQ(r.drift_ns, 0);
	witness_result_free(&r);
	return true;
}

static bool a_malformed_plan_is_refused(void)
{
	static const struct witness_window cases[][2] = {
		{ { 0, 20 }, { 10, 20 } },
		{ { 0, 0 }, { 10, 20 } },
		{ { 0, 10 }, { 9000, 1001 } },
		{ { 0, 10 }, { 20, UINT64_MAX } },
	};
	const struct witness_run run = { AT(0, 0), AT(1, 0) };
	struct witness_result r;

	for (size_t i = 0; i < 4; i++) {
		const struct witness_plan plan = { EPOCH, FRAME, cases[i], 2 };

		EXPECT_EQ(measure(&plan, &run, 1, 2, &r), -1);
	}
	return true;
}

static bool the_clock_interpolates_between_its_pairs(void)
{
	/* 2 TSC a nanosecond, then 2.5; and a rate that no double holds */
	const struct witness_clock bent = {
		.nr = 3, .tsc = { 1000, 3000, 5500 }, .ns = { 500, 1500, 2500 },
	};
	const struct witness_clock fine = {
		.nr = 2, .tsc = { 1ULL << 62, (1ULL << 62) + 999999000000 },
		.ns = { 7, 1000000000007 },
	};

	EXPECT_EQ(witness_clock_ns(&bent, 1000), 500);
	EXPECT_EQ(witness_clock_ns(&bent, 2000), 1000);
	EXPECT_EQ(witness_clock_ns(&bent, 3000), 1500);
	EXPECT_EQ(witness_clock_ns(&bent, 5500), 2500);
	EXPECT_EQ(witness_clock_ns(&bent, 8000), 3500);
	EXPECT_EQ(witness_clock_ns(&bent, 400), 200);
	EXPECT_EQ(witness_clock_ns(&bent, 0), 0);
	EXPECT_EQ(witness_clock_ns(&fine, (1ULL << 62) + 999999000000), 1000000000007);
	EXPECT_EQ(witness_clock_ns(&fine, (1ULL << 62) + 999999), 7 + 1000000);
	return true;
}

static bool samples_ascend_and_the_last_is_kept(void)
{
	struct witness_clock clock = { 0 };

	witness_clock_sample(&clock);
	usleep(1000);
	witness_clock_sample(&clock);
	EXPECT_EQ(clock.nr, 2);
	EXPECT(clock.tsc[1] > clock.tsc[0], "the TSC stands still");
	EXPECT(clock.ns[1] - clock.ns[0] >= 1000000, "the clock is too slow");
	for (int i = 0; i < WITNESS_CLOCK_MAX; i++)
		witness_clock_sample(&clock);
	EXPECT_EQ(clock.nr, WITNESS_CLOCK_MAX);
	return true;
}

/* A guest's memory in a file. */
static char path[] = "/tmp/witness-test-XXXXXX";
static const struct witness_clock straight = {
	.nr = 2, .tsc = { 0, 1000000000 }, .ns = { 0, 1000000000 },
};

static void write_ram(const struct witness_log *log, const struct witness_entry *entries)
{
	int fd = open(path, O_RDWR | O_TRUNC);

	if (fd < 0 || ftruncate(fd, RAM) ||
	    pwrite(fd, log, sizeof(*log), WITNESS_LOG) != sizeof(*log) ||
	    pwrite(fd, entries, 4 * sizeof(*entries), WITNESS_LOG + 0x1000) !=
	    4 * sizeof(*entries)) {
		printf("Bail out! %s cannot be written\n", path);
		exit(1);
	}
	close(fd);
}

static const struct witness_log good_log = {
	.magic = WITNESS_MAGIC, .version = WITNESS_VERSION,
	.entry_size = sizeof(struct witness_entry), .capacity = 4, .count = 2,
	.threshold = 200, .first_tsc = 100, .last_tsc = 9000, .min_loop = 10,
	.entries = WITNESS_LOG + 0x1000, .stride = 128, .nr_vcpus = 1,
};
static const struct witness_entry good_entries[4] = {
	{ 1000, 2000 }, { 3000, 4000 }, { 5000, 6000 }, { 7000, 8000 },
};

static bool a_log_becomes_runs(void)
{
	struct witness_log log = good_log;
	struct witness_trace trace;

	write_ram(&log, good_entries);
	EXPECT_EQ(witness_read(path, 0, &straight, &trace, NULL), 0);
	EXPECT_EQ(trace.nr, 3);
	EXPECT_EQ(trace.runs[0].begin_ns, 100);
	EXPECT_EQ(trace.runs[0].end_ns, 1001);
	EXPECT_EQ(trace.runs[2].begin_ns, 4000);
	EXPECT_EQ(trace.runs[2].end_ns, 9001);
	EXPECT_EQ(trace.from_ns, 100);
	EXPECT_EQ(trace.overwritten, 0);
	witness_trace_free(&trace);
	EXPECT_EQ(witness_alive_ns(path, 0, &straight), 9000);
	return true;
}

static bool a_log_that_went_round_begins_where_it_is_whole(void)
{
	static const struct witness_entry entries[4] = {
		{ 9000, 10000 }, { 11000, 12000 }, { 5000, 6000 }, { 7000, 8000 },
	};
	struct witness_log log = good_log;
	struct witness_trace trace;

	log.count = 6;
	log.last_tsc = 13000;
	write_ram(&log, entries);
	EXPECT_EQ(witness_read(path, 0, &straight, &trace, NULL), 0);
	/* two were overwritten, the third may be at this moment */
	EXPECT_EQ(trace.overwritten, 3);
	EXPECT_EQ(trace.nr, 3);
	EXPECT_EQ(trace.from_ns, 8000);
	EXPECT_EQ(trace.runs[0].begin_ns, 8000);
	EXPECT_EQ(trace.runs[0].end_ns, 9001);
	EXPECT_EQ(trace.runs[2].end_ns, 13001);
	witness_trace_free(&trace);
	return true;
}

static bool refused(const struct witness_log *log, const struct witness_entry *entries)
{
	struct ps_error error = { 0 };
	struct witness_trace trace;

	write_ram(log, entries);
	return witness_read(path, 0, &straight, &trace, &error) == -1 &&
		strstr(error.text, path);
}

static bool a_log_that_the_guest_has_spoilt_is_refused(void)
{
	static const struct witness_entry back[4] = { { 3000, 4000 }, { 1000, 2000 } };
	struct witness_log log = good_log;

	log.magic = 0;
	EXPECT(refused(&log, good_entries), "taken for a log");
	log = good_log;
	log.version = 9;
	EXPECT(refused(&log, good_entries), "taken for a log");
	log = good_log;
	log.capacity = 0;
	EXPECT(refused(&log, good_entries), "taken for a log");
	log = good_log;
	log.capacity = UINT64_MAX / 8;
	EXPECT(refused(&log, good_entries), "taken for a log");
	log = good_log;
	log.entries = UINT64_MAX - 7;
	EXPECT(refused(&log, good_entries), "taken for a log");
	EXPECT(refused(&good_log, back), "taken for a log");
	return true;
}

static bool a_file_without_a_log_is_refused(void)
{
	struct ps_error error = { 0 };
	struct witness_trace trace;

	EXPECT_EQ(witness_read("/nonexistent", 0, &straight, &trace, &error), -1);
	EXPECT_EQ(truncate(path, 100), 0);
	EXPECT_EQ(witness_read(path, 0, &straight, &trace, &error), -1);
	write_ram(&good_log, good_entries);
	EXPECT_EQ(witness_read(path, 511, &straight, &trace, &error), -1);
	EXPECT_EQ(witness_read(path, 100000, &straight, &trace, &error), -1);
	EXPECT_EQ(witness_alive_ns(path, 7, &straight), 0);
	return true;
}

static const struct ktap_test tests[] = {
	KTAP_TEST(windows_that_hold_show_their_latencies_and_nothing_else),
	KTAP_TEST(one_instruction_after_the_end_is_an_overrun),
	KTAP_TEST(a_guest_that_is_never_stopped_is_outside_all_the_time_between),
	KTAP_TEST(a_run_that_leads_into_a_window_is_early_and_no_overrun),
	KTAP_TEST(a_window_without_an_instruction_is_missed),
	KTAP_TEST(gaps_count_from_the_first_instruction_to_the_planned_end),
	KTAP_TEST(windows_that_touch_are_one),
	KTAP_TEST(only_windows_that_the_log_covers_count),
	KTAP_TEST(a_latency_that_grows_is_drift),
	KTAP_TEST(a_malformed_plan_is_refused),
	KTAP_TEST(the_clock_interpolates_between_its_pairs),
	KTAP_TEST(samples_ascend_and_the_last_is_kept),
	KTAP_TEST(a_log_becomes_runs),
	KTAP_TEST(a_log_that_went_round_begins_where_it_is_whole),
	KTAP_TEST(a_log_that_the_guest_has_spoilt_is_refused),
	KTAP_TEST(a_file_without_a_log_is_refused),
};

int main(void)
{
	int fd = mkstemp(path), ret;

	if (fd < 0) {
		printf("Bail out! %s cannot be made\n", path);
		return EXIT_FAILURE;
	}
	close(fd);
	ret = ktap_main(tests, sizeof(tests) / sizeof(*tests));
	unlink(path);
	return ret;
}
