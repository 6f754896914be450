// SPDX-License-Identifier: GPL-2.0
/*
 * witness - what the guests themselves saw of their windows
 *
 * The witness guest writes down every gap in its time. No counter of the
 * module's has a say in this. Where a CPU is emulated beside other load, the
 * times mean little: what is held here is the order of things, that each guest
 * ran in its windows and hardly ever outside of them.
 */
#include "partsched.h"

#include "witness.h"

#define RAM	"/dev/shm/partsched-witness-%s.%d"
/* Windows to look at. */
#define WINDOWS	20

/*
 * A close is as late as the emulated timer, which on a busy machine is by many
 * milliseconds. The share of a guest's time that may fall outside for that, in
 * a million: without the gate it would be the share of the frame that is not
 * its window, 600000. In exact time the benchmark demands 0.
 */
#define OUTSIDE_PPM_MAX	300000

struct seen {
	char ram[64];
	struct witness_trace trace;
	struct witness_result result;
};

FIXTURE(witness) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int cpu;
	struct guest guest;
	struct guest other;
	struct seen a;
	struct seen b;
	struct witness_clock clock;
};

FIXTURE_SETUP(witness)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	snprintf(self->a.ram, sizeof(self->a.ram), RAM, "a", getpid());
	snprintf(self->b.ram, sizeof(self->b.ram), RAM, "b", getpid());
}

FIXTURE_TEARDOWN(witness)
{
	guest_kill(&self->guest);
	guest_kill(&self->other);
	EXPECT_TRUE(session_close(self->kernel));
	unlink(self->a.ram);
	unlink(self->b.ram);
	witness_trace_free(&self->a.trace);
	witness_trace_free(&self->b.trace);
	witness_result_free(&self->a.result);
	witness_result_free(&self->b.result);
}

static int start(struct guest *guest, const char *partition, const char *ram)
{
	const char *const options[] = { "--ram", ram, NULL };

	return guest_start(guest, "witness", partition, options);
}

/* Both have begun to write; their clock has its first pairs then. */
static bool both_alive(struct witness_clock *clock, const char *a, const char *b)
{
	witness_clock_sample(clock);
	return UNTIL((witness_clock_sample(clock),
		      witness_alive_ns(a, 0, clock) && witness_alive_ns(b, 0, clock)),
		     TEST_PATIENCE_NS);
}

/* Two witnesses in the windows of a plan, each held against its own. */
#define WATCH_BOTH(_model, _windows) do {						\
	struct seen *const _seen[] = { &self->a, &self->b };				\
	struct ps_load_result _result;							\
	uint64_t _from_ns, _to_ns;							\
											\
	ASSERT_DONE(plan_load(self->kernel, _model, &_result, &self->error));		\
	ASSERT_EQ(0, start(&self->guest, "a", self->a.ram));				\
	ASSERT_EQ(0, start(&self->other, "b", self->b.ram));				\
	ASSERT_TRUE(attached(self->kernel, "a"));					\
	ASSERT_TRUE(attached(self->kernel, "b"));					\
	ASSERT_TRUE(both_alive(&self->clock, self->a.ram, self->b.ram));		\
	_from_ns = now_ns();								\
	ASSERT_TRUE(frames_pass(self->kernel, "a", WINDOWS));				\
	ASSERT_TRUE(frames_pass(self->kernel, "b", WINDOWS));				\
	_to_ns = now_ns();								\
	witness_clock_sample(&self->clock);						\
	for (int _i = 0; _i < 2; _i++) {						\
		const struct witness_plan _plan = {					\
			.epoch_ns = _result.epoch_ns,					\
			.frame_ns = PLAN_FRAME_NS,					\
			.windows = &(_windows)[_i],					\
			.nr = 1,							\
		};									\
											\
		ASSERT_DONE(witness_read(_seen[_i]->ram, 0, &self->clock,		\
					 &_seen[_i]->trace, &self->error));		\
		ASSERT_DONE(witness_measure(&_seen[_i]->trace, &_plan, _from_ns,	\
					    _to_ns, &_seen[_i]->result, &self->error));	\
		EXPECT_LT(WINDOWS / 2, _seen[_i]->result.nr);				\
	}										\
} while (0)

TEST_F(witness, window_never_runs_outside)
{
	const struct witness_window windows[] = {
		{ 0, PLAN_WINDOW_NS }, { PLAN_FRAME_NS / 2, PLAN_WINDOW_NS },
	};
	struct seen *const seen[] = { &self->a, &self->b };

	WATCH_BOTH(plan_usual(self->cpu), windows);
	for (int i = 0; i < 2; i++) {
		TH_LOG("%zu windows, %zu missed; outside %u ppm, worst overrun %llu ns",
		       seen[i]->result.nr, seen[i]->result.missed,
		       (unsigned int)seen[i]->result.outside_ppm,
		       (unsigned long long)seen[i]->result.overrun_max_ns);
		EXPECT_LT(0, seen[i]->result.inside_ns);
		EXPECT_GT(OUTSIDE_PPM_MAX, seen[i]->result.outside_ppm);
		/* an emulated CPU may sleep through many, but not all */
		EXPECT_GT(seen[i]->result.nr, seen[i]->result.missed);
	}
}

/*
 * Held against the plan by a clock that is read in pairs, so that its own error
 * is all that a guest may be seen early by; the guard is the longest.
 */
TEST_F(witness, guard_never_opens_before_the_edge)
{
	/* b's window begins where a's ends, and a's begins in a gap */
	const struct witness_window windows[] = {
		{ 0, PLAN_WINDOW_NS }, { PLAN_WINDOW_NS, PLAN_WINDOW_NS },
	};
	struct seen *const seen[] = { &self->a, &self->b };
	struct ps_model *model;

	/*
	 * One that stands still as a window ends goes on in the gap, until its
	 * timer comes, late as well: to the guest's log that is an early one.
	 */
	if (getenv("PARTSCHED_LAB") && !exact())
		SKIP(return, "an emulated CPU may stand still: in exact time only, as in scripts/bench");
	model = plan_new(PLAN_FRAME_NS);
	plan_partition(model, "a", 1, self->cpu);
	plan_partition(model, "b", 1, self->cpu);
	for (size_t i = 0; i < 2; i++)
		plan_window(model, i, windows[i].offset_ns, windows[i].duration_ns);
	model->schedules[0].guard_ns = PARTSCHED_MAX_GUARD_NS;
	WATCH_BOTH(model, windows);
	for (int i = 0; i < 2; i++) {
		TH_LOG("%zu windows; first instruction %llu to %llu ns after the edge, %llu before",
		       seen[i]->result.nr, (unsigned long long)seen[i]->result.open_min_ns,
		       (unsigned long long)seen[i]->result.open_max_ns,
		       (unsigned long long)seen[i]->result.early_max_ns);
		/* as far as one can tell: a busy machine reads its clocks badly */
		EXPECT_GE(witness_clock_within_ns(&self->clock), seen[i]->result.early_max_ns);
	}
}

TEST_F(witness, guests_never_run_at_one_time)
{
	struct ps_load_result result;
	uint64_t both_ns = 0, all_ns = 0;
	size_t i = 0, j = 0;

	ASSERT_DONE(plan_load(self->kernel, plan_usual(self->cpu), &result, &self->error));
	ASSERT_EQ(0, start(&self->guest, "a", self->a.ram));
	ASSERT_EQ(0, start(&self->other, "b", self->b.ram));
	ASSERT_TRUE(attached(self->kernel, "a"));
	ASSERT_TRUE(attached(self->kernel, "b"));
	ASSERT_TRUE(both_alive(&self->clock, self->a.ram, self->b.ram));
	ASSERT_TRUE(frames_pass(self->kernel, "b", WINDOWS));
	witness_clock_sample(&self->clock);
	ASSERT_DONE(witness_read(self->a.ram, 0, &self->clock, &self->a.trace, &self->error));
	ASSERT_DONE(witness_read(self->b.ram, 0, &self->clock, &self->b.trace, &self->error));

	/* one CPU: any overlap of the two is a fault of the measurement or worse */
	while (i < self->a.trace.nr && j < self->b.trace.nr) {
		const struct witness_run *a = &self->a.trace.runs[i], *b = &self->b.trace.runs[j];
		uint64_t begin = a->begin_ns > b->begin_ns ? a->begin_ns : b->begin_ns;
		uint64_t end = a->end_ns < b->end_ns ? a->end_ns : b->end_ns;

		if (begin < end)
			both_ns += end - begin;
		all_ns += a->end_ns < b->end_ns ? a->end_ns - a->begin_ns : 0;
		if (a->end_ns < b->end_ns)
			i++;
		else
			j++;
	}
	TH_LOG("%llu ns in common of %llu", (unsigned long long)both_ns,
	       (unsigned long long)all_ns);
	EXPECT_LT(0, all_ns);
	/* a run's end is known to one turn of the guest's loop */
	EXPECT_LE(both_ns, all_ns / 100);
}

PARTSCHED_MAIN
