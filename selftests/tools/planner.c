// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the planner: what it finds against what there is.
 *
 * Small systems are looked through whole: with pieces by matching units of time
 * to jobs, in one piece by trying all places on all CPUs (planner-systems.h). Both
 * know nothing of the planner's methods. Every plan is held against ps_model_check().
 */
#include "planner-systems.h"

/* --- small systems, looked through whole --- */

static bool one_cpu_in_pieces_is_planned_exactly_where_it_exists(void)
{
	unsigned int round, found = 0, rounds = 3000;

	for (round = 0; round < rounds; round++) {
		struct ps_model *model = small_model(1);
		struct job jobs[32 * MAX_UNITS];
		uint32_t taken[MAX_UNITS];
		size_t nr = jobs_of(model, jobs, taken);
		bool exists = leaves_slack(model, jobs, nr, taken) &&
			      exists_in_pieces(jobs, nr, taken);
		int rc = plan_only(model, PS_PLAN_SPLIT);

		if (exists != !rc)
			ktap_fail("round %u: %s, but %d", round, exists ? "exists" : "none", rc);
		if (rc && rc != PS_PLAN_IMPOSSIBLE)
			ktap_fail("round %u: refused without a proof", round);
		found += !rc;
		ps_model_free(model);
	}
	ktap_note("%u of %u systems have a plan, all found", found, rounds);
	return found > rounds / 4 && found < rounds * 9 / 10;
}

/* Returns false on a plan or a proof that is wrong; misses are counted. */
static bool against_all_places(unsigned int nr_cpus, unsigned int rounds)
{
	unsigned int round, found = 0, missed = 0, proved = 0, none = 0;

	for (round = 0; round < rounds; round++) {
		struct ps_model *model = small_model(nr_cpus);
		struct job jobs[32 * MAX_UNITS];
		uint32_t taken[MAX_UNITS];
		size_t nr = jobs_of(model, jobs, taken);
		bool exists = leaves_slack(model, jobs, nr, taken);
		int rc = plan_only(model, 0);

		qsort(jobs, nr, sizeof(*jobs), by_length);
		exists = exists && exists_in_one_piece(jobs, nr, taken);
		if (!rc && !exists)
			ktap_fail("round %u: planned what does not exist", round);
		if (rc == PS_PLAN_IMPOSSIBLE && exists)
			ktap_fail("round %u: proved that there is none, but there is", round);
		found += !rc;
		missed += rc && exists;
		none += !exists;
		proved += rc == PS_PLAN_IMPOSSIBLE;
		ps_model_free(model);
	}
	ktap_note("%u CPUs, %u systems: %u found, %u missed; %u have none, of these %u proved",
		  nr_cpus, rounds, found, missed, none, proved);
	return found && none && missed * 100 <= rounds;
}

static bool one_piece_on_one_cpu_is_never_wrong(void)
{
	return against_all_places(1, 2000);
}

static bool one_piece_of_gangs_is_never_wrong(void)
{
	return against_all_places(2, 1000) & against_all_places(3, 1000);
}

/* --- larger systems: valid, and how fast --- */

/* Partitions by turns on CPUs, some on two; a load in percent on each CPU. */
static struct ps_model *large_model(unsigned int partitions, unsigned int cpus,
				    unsigned int percent, bool gangs, bool harmonic)
{
	static const uint64_t periods[2][6] = {
		{ 8, 10, 15, 20, 30, 40 }, { 10, 20, 20, 40, 40, 80 },
	};
	struct ps_model *model = new_model((harmonic ? 80 : 120) * MS, 50000);
	unsigned int each = (partitions + cpus - 1) / cpus, i;
	uint64_t more[32];

	for (i = 0; i < partitions; i++) {
		uint64_t period = periods[harmonic][any(6)] * MS, share;
		bool gang = gangs && !any(8);
		uint32_t mask = 1U << (i % cpus);

		/* what one partition of a CPU has more, the next has less */
		if (i / cpus % 2 == 0)
			more[i % cpus] = any(60);
		share = period * percent / 100 / each *
			(i / cpus % 2 ? 130 - more[i % cpus] : 70 + more[i % cpus]) / 100;
		if (gang) {
			mask |= 1U << ((i + 1) % cpus);
			share /= 2;
		}
		/* whole microseconds */
		share -= share % 1000;
		add(model, period, share < UNIT ? UNIT : share, mask);
	}
	return model;
}

static bool bench(unsigned int partitions, unsigned int cpus, unsigned int percent, bool gangs,
		  bool harmonic, uint64_t limit_ms)
{
	struct ps_model *model = large_model(partitions, cpus, percent, gangs, harmonic);
	uint64_t began = now_us();
	struct ps_findings findings;
	int rc;

	ps_findings_init(&findings, "test.xml");
	rc = ps_plan_schedule(model, &model->schedules[0], 0, &findings);
	began = now_us() - began;
	ktap_note("%u partitions on %u CPUs, load %u %%, %s periods%s: %s, %zu windows, %" PRIu64 ".%03" PRIu64 " ms",
		  partitions, cpus, percent, harmonic ? "harmonic" : "mixed",
		  gangs ? ", gangs" : "", rc ? "refused" : "found",
		  model->schedules[0].nr_windows, began / 1000, began % 1000);
	if (rc && harmonic) {
		char *text = ps_findings_text(&findings);

		ktap_fail("refused: %s", text);
		free(text);
	}
	ps_findings_free(&findings);
	drop_windows(model);
	plan_only(model, 0);
	ps_model_free(model);
	if (began / 1000 > limit_ms)
		return ktap_fail("%" PRIu64 " ms", began / 1000);
	return true;
}

static bool sixty_four_partitions_take_less_than_a_second(void)
{
	/* five with the sanitizers */
	return bench(64, 4, 90, false, true, 5000) & bench(64, 4, 75, true, true, 5000) &
	       bench(64, 4, 75, false, false, 5000) & bench(64, 4, 70, true, false, 5000);
}

static bool a_thousand_partitions_take_seconds(void)
{
	return bench(1000, 16, 85, false, true, 30000) & bench(1000, 16, 80, true, true, 30000) &
	       bench(1000, 16, 75, false, false, 30000) & bench(1000, 16, 70, true, false, 30000);
}

static bool times_of_any_nanosecond_are_planned_validly(void)
{
	unsigned int round, found = 0, split = 0, refused = 0, proved = 0, rounds = 300;

	for (round = 0; round < rounds; round++) {
		unsigned int cpus = 1 + (unsigned int)any(4), nr = 2 + (unsigned int)any(10), i;
		uint64_t base = 1000003 + any(5 * MS);
		struct ps_model *model = new_model(base * 12, 50000);
		int rc;

		for (i = 0; i < nr; i++) {
			static const uint64_t parts[] = { 1, 2, 3, 4, 6, 12 };
			uint64_t period = base * parts[any(NR(parts))];
			uint32_t mask = 1U << any(cpus) | (any(4) ? 0 : 1U << any(cpus));

			uint64_t share = period * cpus / nr;

			share = share * 3 / 2 > period / 2 ? period / 2 : share * 3 / 2;
			add(model, period, UNIT + any(share), mask);
		}
		rc = plan_only(model, 0);
		found += !rc;
		proved += rc == PS_PLAN_IMPOSSIBLE;
		if (rc == PS_PLAN_NOT_FOUND) {
			rc = plan_only(model, PS_PLAN_SPLIT);
			split += !rc;
			refused += !!rc;
		}
		ps_model_free(model);
	}
	ktap_note("%u systems: %u in one piece, %u split, %u proved to have none so, %u refused",
		  rounds, found, split, proved, refused);
	return found && split;
}

/* --- single claims --- */

static bool windows_keep_one_offset_where_periods_are_harmonic(void)
{
	struct ps_model *model = large_model(32, 2, 70, false, true);
	const struct ps_schedule *s = &model->schedules[0];
	uint64_t offsets[32];
	size_t i;

	memset(offsets, 0xff, sizeof(offsets));
	if (plan_only(model, 0))
		ktap_fail("refused");
	for (i = 0; i < s->nr_windows; i++) {
		const struct ps_window *w = &s->windows[i];
		uint64_t offset = w->offset_ns % model->partitions[w->partition].period_ns;

		if (offsets[w->partition] != UINT64_MAX && offsets[w->partition] != offset)
			ktap_fail("p%zu at %" PRIu64 " and %" PRIu64, w->partition, offset,
				  offsets[w->partition]);
		offsets[w->partition] = offset;
	}
	ps_model_free(model);
	return true;
}

static bool windows_of_the_file_are_kept_unless_all_are_replanned(void)
{
	struct ps_model *model = new_model(10 * MS, 50000);
	const struct ps_schedule *s = &model->schedules[0];

	add(model, 10 * MS, 2 * MS, 1);
	add(model, 5 * MS, 2 * MS, 1);
	add_window(model, 0, 1 * MS, 2 * MS);
	plan_only(model, 0);
	if (s->nr_windows != 3 || s->windows[0].offset_ns != 1 * MS || s->windows[0].line != 500)
		ktap_fail("%zu windows, first at %" PRIu64, s->nr_windows, s->windows[0].offset_ns);
	if (s->windows[1].offset_ns != 3 * MS || s->windows[2].offset_ns != 8 * MS)
		ktap_fail("at %" PRIu64 " and %" PRIu64, s->windows[1].offset_ns,
			  s->windows[2].offset_ns);
	plan_only(model, PS_PLAN_ALL);
	if (s->nr_windows != 3 || s->windows[0].partition != 1 || s->windows[0].offset_ns)
		ktap_fail("replanned: %zu windows", s->nr_windows);
	ps_model_free(model);
	return true;
}

/* Plans and compares one finding, word by word. */
static void says(struct ps_model *model, unsigned int flags, int rc, enum ps_rule rule, int line,
		 const char *object, const char *reason)
{
	struct ps_findings findings;
	const struct ps_finding *f;
	int got;

	ps_findings_init(&findings, "test.xml");
	got = plan(model, flags, &findings);
	f = finding(&findings, rule);
	if (got != rc)
		ktap_fail("%s: %d", reason, got);
	if (!f)
		ktap_fail("%s: not said", reason);
	else if (f->line != line || strcmp(f->object, object) || strcmp(f->reason, reason))
		ktap_fail("%d: %s: %s", f->line, f->object, f->reason);
	ps_findings_free(&findings);
	ps_model_free(model);
}

static bool a_refusal_gives_the_sums(void)
{
	struct ps_model *model = new_model(10 * MS, 50000);

	add(model, 5 * MS, 3 * MS, 1 << 2);
	add(model, 10 * MS, 3600000, 1 << 2);
	says(model, 0, PS_PLAN_IMPOSSIBLE, PS_UTILISATION, 2, "CPU 2 in schedule 1",
	     "its partitions need 9600000 of 10000000 ns (\"p0\" 2 times 3000000, \"p1\" 1 times 3600000; windows of the file 0), and 500000 of each 10000000 ns must stay free for the host: there is no such plan");

	model = new_model(12 * MS, 0);
	add(model, 6 * MS, 3 * MS, 1);
	add(model, 4 * MS, 1 * MS, 3);
	add(model, 0, 0, 1);
	add_window(model, 2, 6 * MS, 2200000);
	says(model, PS_PLAN_SPLIT, PS_PLAN_IMPOSSIBLE, PS_NO_PLACE, 2, "CPU 0 in schedule 1",
	     "in [6000000, 12000000) its partitions need 4000000 ns (\"p0\" 1 times 3000000, \"p1\" 1 times 1000000), but only 3800000 ns are free: there is no such plan, split or not");
	return true;
}

static bool a_refusal_names_the_place_and_what_occupies_it(void)
{
	struct ps_model *model = new_model(10 * MS, 50000);

	add(model, 0, 0, 1);
	add_window(model, 0, 4 * MS, 2 * MS);
	add(model, 10 * MS, 5 * MS, 1);
	says(model, 0, PS_PLAN_IMPOSSIBLE, PS_NO_PLACE, 11, "partition \"p1\"",
	     "no place for 5000000 ns on CPU 0 in [0, 10000000) of schedule 1; occupied are [4000000, 6000000) on CPU 0 by \"p0\"; all orders of windows were tried: without splitting there is no such plan");
	return true;
}

static bool a_split_is_noted(void)
{
	struct ps_model *model = new_model(20 * MS, 50000);

	add(model, 0, 0, 1);
	add_window(model, 0, 4 * MS, 2 * MS);
	add(model, 10 * MS, 7 * MS, 1);
	says(model, PS_PLAN_SPLIT, 0, PS_SPLIT, 11, "partition \"p1\"",
	     "has its 7000000 ns in up to 2 windows in 1 of 2 periods of schedule 1");
	return true;
}

static bool what_cannot_be_planned_is_named(void)
{
	struct ps_model *model = new_model(10 * MS, 50000);

	add(model, 0, 0, 1);
	add(model, 10 * MS, 1 * MS, 1);
	says(model, 0, PS_PLAN_NOT_FOUND, PS_NO_PERIODICITY, 10, "partition \"p0\"",
	     "has neither Period and Duration nor windows in schedule 1");
	model = new_model(10 * MS, 50000);
	add(model, 10 * MS, 0, 1);
	says(model, 0, PS_PLAN_NOT_FOUND, PS_NO_PERIODICITY, 10, "partition \"p0\"",
	     "has a Period, but no Duration");
	model = new_model(10 * MS, 50000);
	add(model, 10 * MS, 49999, 1);
	says(model, 0, PS_PLAN_NOT_FOUND, PS_GRAIN, 10, "partition \"p0\"",
	     "Duration 49999 ns is shorter than the 50000 ns of the shortest window that a host can enforce");
	model = new_model(10 * MS, 50000);
	add(model, 3 * MS, 1 * MS, 1);
	says(model, 0, PS_PLAN_NOT_FOUND, PS_PERIOD, 10, "partition \"p0\"",
	     "MajorFrameDuration 10000000 (line 2) is no multiple of its Period 3000000");
	model = new_model(10 * MS, 50000);
	add(model, 5 * MS, 6 * MS, 1);
	says(model, 0, PS_PLAN_NOT_FOUND, PS_DURATION, 10, "partition \"p0\"",
	     "Duration 6000000 is longer than its Period 5000000");
	return true;
}

static bool long_frames_keep_the_hosts_share_of_each_second(void)
{
	static const uint64_t parts[] = { 90, 100, 90, 80, 72, 60, 96 };
	struct ps_model *model = new_model(4 * S, 50000);
	size_t i;

	/* two partitions that fill 1.9 s of each two, one after the other */
	add(model, 4 * S, 1900 * MS, 1);
	add(model, 4 * S, 1900 * MS, 1);
	if (!plan_only(model, 0))
		ktap_fail("a window of 1.9 s leaves nothing to the host");
	if (plan_only(model, PS_PLAN_SPLIT))
		ktap_fail("refused, though it may be split");
	drop_windows(model);
	model->partitions[1].period_ns = 20 * MS;
	model->partitions[1].duration_ns = 8 * MS;
	if (plan_only(model, PS_PLAN_SPLIT))
		ktap_fail("refused with a short period");
	ps_model_free(model);

	/* hardly more room than the share: what is set aside must not be more */
	model = new_model(36 * S, 50000);
	for (i = 0; i < NR(parts); i++)
		add(model, 36 * S / parts[i], 36 * S / parts[i] * 134 / 1000, 1);
	if (plan_only(model, PS_PLAN_SPLIT))
		ktap_fail("refused at a load of 94 %%");
	ps_model_free(model);

	/* in one piece: the share must be spread, which first fit does not */
	model = new_model(10 * S, 50000);
	add(model, 10 * S, 900 * MS, 1);
	add(model, 10 * S, 900 * MS, 1);
	add(model, 5 * S, 800 * MS, 1);
	add(model, 5 * S, 800 * MS, 1);
	if (plan_only(model, 0))
		ktap_fail("refused, though there is room");
	ps_model_free(model);
	return true;
}

static bool partitions_may_rest_in_one_of_several_schedules(void)
{
	struct ps_model *model = new_model(10 * MS, 50000);
	struct ps_schedule *s = ps_model_add_schedule(model);
	struct ps_findings findings;

	s->id = 2;
	s->frame_ns = 10 * MS;
	add(model, 10 * MS, 2 * MS, 1);
	add(model, 10 * MS, 2 * MS, 1);
	add_window(model, 0, 0, 2 * MS);
	ps_findings_init(&findings, "test.xml");
	if (ps_plan_schedule(model, &model->schedules[0], 0, &findings) ||
	    model->schedules[0].nr_windows != 1)
		ktap_fail("p1 has no entry in a schedule that has windows");
	if (ps_plan_schedule(model, &model->schedules[1], 0, &findings) ||
	    model->schedules[1].nr_windows != 2)
		ktap_fail("all belong to a schedule without windows");
	ps_findings_free(&findings);
	ps_model_free(model);
	return true;
}

static bool hostile_times_are_refused_at_once(void)
{
	static const struct {
		uint64_t frame, period, duration;
		enum ps_rule rule;
	} cases[] = {
		{ 3600 * S, 1, 1, PS_GRAIN },
		{ 3600 * S, 50000, 50000, PS_TOO_MANY },
		{ 3600 * S, 100000, 50000, PS_TOO_MANY },
		{ 0, 10 * MS, 1 * MS, PS_NO_FRAME },
		{ UINT64_MAX, 10 * MS, 1 * MS, PS_NO_FRAME },
		{ UINT64_MAX, UINT64_MAX, UINT64_MAX, PS_NO_FRAME },
		{ 10 * MS, UINT64_MAX, 1 * MS, PS_PERIOD },
		{ 10 * MS, 10 * MS, UINT64_MAX, PS_DURATION },
		{ 3600 * S, 3600 * S, 3600 * S, PS_UTILISATION },
	};
	uint64_t began = now_us();
	size_t i;

	for (i = 0; i < NR(cases); i++) {
		struct ps_model *model = new_model(cases[i].frame, 50000);
		struct ps_findings findings;

		add(model, cases[i].period, cases[i].duration, 1);
		ps_findings_init(&findings, "test.xml");
		if (!plan(model, PS_PLAN_SPLIT, &findings) || !findings.counts[cases[i].rule])
			ktap_fail("case %zu", i);
		ps_findings_free(&findings);
		ps_model_free(model);
	}
	return now_us() - began < 1000000 || ktap_fail("it took too long");
}

static bool hard_searches_end(void)
{
	uint64_t all = now_us(), began = all;
	unsigned int i;
	int rc;

	/* as many windows as the module takes, periods that hinder each other */
	struct ps_model *model = new_model(3600 * S, 0);

	model->no_slack = true;
	for (i = 0; i < 7; i++) {
		static const uint64_t parts[] = { 9000, 10000, 9000, 8000, 7200, 6000, 9600 };

		add(model, 3600 * S / parts[i], 3600 * S / parts[i] / 8 + i, 1);
	}
	rc = plan_only(model, PS_PLAN_SPLIT);
	ktap_note("58,800 windows on one CPU, seven periods: %d in %" PRIu64 " ms", rc,
		  (now_us() - began) / 1000);
	ps_model_free(model);

	/* the same with hardly any room, and the host's share to be kept in each second */
	began = now_us();
	model = new_model(3600 * S, 50000);
	for (i = 0; i < 7; i++) {
		static const uint64_t parts[] = { 9000, 10000, 9000, 8000, 7200, 6000, 9600 };

		add(model, 3600 * S / parts[i], 3600 * S / parts[i] * 134 / 1000, 1);
	}
	rc = plan_only(model, 0);
	ktap_note("the same with a load of 94 %%: %d in %" PRIu64 " ms", rc,
		  (now_us() - began) / 1000);
	ps_model_free(model);

	/* one group of a thousand gangs, with more than there is room for in one piece */
	began = now_us();
	model = new_model(60 * MS * 17, 0);
	model->no_slack = true;
	for (i = 0; i < 1000; i++) {
		uint64_t period = 60 * MS * (any(2) ? 17 : 1);

		add(model, period, UNIT + any(period / 100), 1U << i % 16 | 1U << any(16));
	}
	rc = plan_only(model, 0);
	ktap_note("a thousand gangs on 16 CPUs: %d in %" PRIu64 " ms", rc,
		  (now_us() - began) / 1000);
	ps_model_free(model);
	return now_us() - all < 120000000 || ktap_fail("it took too long");
}

static bool the_same_input_gives_the_same_plan(void)
{
	struct ps_model *model = large_model(64, 4, 70, true, false);
	struct ps_schedule *s = &model->schedules[0];
	struct ps_window *first;
	size_t nr;

	plan_only(model, PS_PLAN_SPLIT);
	nr = s->nr_windows;
	first = s->windows;
	s->windows = NULL;
	s->nr_windows = 0;
	plan_only(model, PS_PLAN_SPLIT);
	if (nr != s->nr_windows || memcmp(first, s->windows, nr * sizeof(*first)))
		ktap_fail("%zu and %zu windows", nr, s->nr_windows);
	free(first);
	ps_model_free(model);
	return true;
}

int main(void)
{
	static const struct ktap_test tests[] = {
		KTAP_TEST(one_cpu_in_pieces_is_planned_exactly_where_it_exists),
		KTAP_TEST(one_piece_on_one_cpu_is_never_wrong),
		KTAP_TEST(one_piece_of_gangs_is_never_wrong),
		KTAP_TEST(times_of_any_nanosecond_are_planned_validly),
		KTAP_TEST(windows_keep_one_offset_where_periods_are_harmonic),
		KTAP_TEST(windows_of_the_file_are_kept_unless_all_are_replanned),
		KTAP_TEST(a_refusal_gives_the_sums),
		KTAP_TEST(a_refusal_names_the_place_and_what_occupies_it),
		KTAP_TEST(a_split_is_noted),
		KTAP_TEST(what_cannot_be_planned_is_named),
		KTAP_TEST(long_frames_keep_the_hosts_share_of_each_second),
		KTAP_TEST(partitions_may_rest_in_one_of_several_schedules),
		KTAP_TEST(hostile_times_are_refused_at_once),
		KTAP_TEST(hard_searches_end),
		KTAP_TEST(the_same_input_gives_the_same_plan),
		KTAP_TEST(sixty_four_partitions_take_less_than_a_second),
		KTAP_TEST(a_thousand_partitions_take_seconds),
	};

	return ktap_main(tests, NR(tests));
}
