// SPDX-License-Identifier: GPL-2.0
/*
 * turns - what the guests themselves saw of a window that they share
 *
 * In exact time, where the figures are the same on every run; elsewhere a CPU
 * is away for milliseconds, and what is left of a quantum means nothing.
 */
#include <stdlib.h>

#include "partsched.h"

#include "witness.h"

#define RAM		"/dev/shm/partsched-turns-%s.%d"
#define FRAME_NS	(10 * NSEC_PER_MSEC)
#define WINDOW_NS	(4 * NSEC_PER_MSEC)
/* No divisor of the window: the last turn in it is cut short. */
#define QUANTUM_NS	300000
#define WINDOWS		20
#define VCPUS		2

/*
 * From a turn's end in one guest to the next one's beginning in the other; now
 * and then a tick of the host's, or of the emulator's second CPU, comes between.
 */
#define TURN_COST_NS		6000
#define TURN_COST_MAX_NS	50000
#define DISTURBED_PERCENT_MAX	5
/* What a neighbour's window may open later by than beside a lone vCPU. */
#define LATER_MAX_NS		0

struct seen {
	char ram[64];
	struct witness_trace trace[VCPUS];
	struct witness_result result[VCPUS];
};

FIXTURE(turns) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int cpu;
	struct guest guest;
	struct guest other;
	struct seen a;
	struct seen b;
	struct witness_clock clock;
	struct ps_load_result load;
	uint64_t from_ns;
	uint64_t to_ns;
};

FIXTURE_SETUP(turns)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	snprintf(self->a.ram, sizeof(self->a.ram), RAM, "a", getpid());
	snprintf(self->b.ram, sizeof(self->b.ram), RAM, "b", getpid());
}

static void forget(struct seen *seen)
{
	for (int i = 0; i < VCPUS; i++) {
		witness_trace_free(&seen->trace[i]);
		witness_result_free(&seen->result[i]);
	}
	memset(seen->trace, 0, sizeof(seen->trace));
	memset(seen->result, 0, sizeof(seen->result));
	unlink(seen->ram);
}

FIXTURE_TEARDOWN(turns)
{
	guest_kill(&self->guest);
	guest_kill(&self->other);
	EXPECT_TRUE(session_close(self->kernel));
	forget(&self->a);
	forget(&self->b);
}

#define NEED_EXACT_TIME() do {								\
	if (!exact())									\
		SKIP(return, "needs exact time");					\
} while (0)

/* "a" has the first window, "b" the one that it touches. */
static struct ps_model *plan_of(int cpu, uint32_t nr_vcpus, uint64_t quantum_ns, uint64_t guard_ns)
{
	struct ps_model *model = plan_new(FRAME_NS);

	plan_partition(model, "a", nr_vcpus, cpu);
	plan_partition(model, "b", 1, cpu);
	model->partitions[0].quantum_ns = quantum_ns;
	model->schedules[0].guard_ns = guard_ns;
	for (uint32_t i = 0; !quantum_ns && i < nr_vcpus; i++)
		model->partitions[0].vcpus[i].priority = nr_vcpus - i;
	plan_window(model, 0, 0, WINDOW_NS);
	plan_window(model, 1, WINDOW_NS, WINDOW_NS);
	return model;
}

static int start(struct guest *guest, const char *partition, const char *ram)
{
	const char *const options[] = { "--ram", ram, NULL };

	return guest_start(guest, "witness", partition, options);
}

/*
 * Have witnesses in both partitions run for some windows. Of those that share a
 * window by priority only the first one ever gets to write.
 */
#define RUN(_nr_vcpus, _quantum_ns, _guard_ns) do {					\
	ASSERT_DONE(plan_load(self->kernel, plan_of(self->cpu, _nr_vcpus, _quantum_ns,	\
						    _guard_ns), &self->load, &self->error)); \
	ASSERT_TRUE(plan_settled(self->kernel, self->load.generation));			\
	ASSERT_EQ(0, start(&self->guest, "a", self->a.ram));				\
	ASSERT_EQ(0, start(&self->other, "b", self->b.ram));				\
	for (uint32_t _i = 0; _i < (_nr_vcpus); _i++)					\
		ASSERT_TRUE(UNTIL(attach_state(self->kernel, "a", _i) ==		\
				  PARTSCHED_ATTACH_ATTACHED, TEST_PATIENCE_NS));	\
	ASSERT_TRUE(attached(self->kernel, "b"));					\
	witness_clock_sample(&self->clock);						\
	ASSERT_TRUE(UNTIL((witness_clock_sample(&self->clock),				\
			   witness_alive_ns(self->a.ram, 0, &self->clock) &&		\
			   witness_alive_ns(self->b.ram, 0, &self->clock) &&		\
			   (!(_quantum_ns) ||						\
			    witness_alive_ns(self->a.ram, (_nr_vcpus) - 1, &self->clock))), \
			  TEST_PATIENCE_NS));						\
	ASSERT_TRUE(frames_pass(self->kernel, "a", 2));					\
	self->from_ns = now_ns();							\
	ASSERT_TRUE(frames_pass(self->kernel, "a", WINDOWS));				\
	ASSERT_TRUE(frames_pass(self->kernel, "b", 2));					\
	self->to_ns = now_ns();								\
	witness_clock_sample(&self->clock);						\
} while (0)

/* One guest against its plan. */
#define MEASURE(_seen, _vcpu, _offset_ns) do {						\
	const struct witness_window _window = { _offset_ns, WINDOW_NS };		\
	const struct witness_plan _plan = {						\
		.epoch_ns = self->load.epoch_ns, .frame_ns = FRAME_NS,			\
		.windows = &_window, .nr = 1,						\
	};										\
											\
	ASSERT_DONE(witness_read((_seen)->ram, _vcpu, &self->clock,			\
				 &(_seen)->trace[_vcpu], &self->error));		\
	ASSERT_DONE(witness_measure(&(_seen)->trace[_vcpu], &_plan, self->from_ns,	\
				    self->to_ns, &(_seen)->result[_vcpu], &self->error)); \
	TH_LOG("%s vCPU %u: %zu windows, open %llu/%llu/%llu ns, outside %llu ppm, early %llu ns, overrun %llu ns", \
	       (_seen) == &self->a ? "a" : "b", _vcpu, (_seen)->result[_vcpu].nr,	\
	       (unsigned long long)(_seen)->result[_vcpu].open_min_ns,			\
	       (unsigned long long)(_seen)->result[_vcpu].open_p50_ns,			\
	       (unsigned long long)(_seen)->result[_vcpu].open_max_ns,			\
	       (unsigned long long)(_seen)->result[_vcpu].outside_ppm,			\
	       (unsigned long long)(_seen)->result[_vcpu].early_max_ns,			\
	       (unsigned long long)(_seen)->result[_vcpu].overrun_max_ns);		\
	EXPECT_EQ(0, (_seen)->result[_vcpu].outside_ns);				\
} while (0)

static uint64_t in_window(uint64_t ns, uint64_t epoch_ns)
{
	return (ns - epoch_ns) / FRAME_NS;
}

/* The switches from one guest's run to the other's within a window. */
struct switches {
	uint64_t nr;
	uint64_t cost_min_ns;
	uint64_t cost_max_ns;
	uint64_t disturbed;	/* cost more than TURN_COST_NS */
	uint64_t turn_max_ns;
};

/*
 * Walk both guests' runs in the order of time. A turn is all that one runs
 * before the other one does, ticks and all.
 */
static void find_switches(const struct witness_trace *traces, uint64_t epoch_ns, uint64_t from_ns,
			  uint64_t to_ns, struct switches *found)
{
	size_t at[VCPUS] = { 0 };
	uint64_t began_ns = 0, ended_ns = 0;
	int last = -1;

	*found = (struct switches){ .cost_min_ns = UINT64_MAX };
	while (at[0] < traces[0].nr && at[1] < traces[1].nr) {
		int who = traces[1].runs[at[1]].begin_ns < traces[0].runs[at[0]].begin_ns;
		const struct witness_run *run = &traces[who].runs[at[who]++];

		if (run->begin_ns < from_ns || run->begin_ns >= to_ns)
			continue;
		if (last >= 0 && who != last &&
		    in_window(ended_ns, epoch_ns) == in_window(run->begin_ns, epoch_ns)) {
			uint64_t cost_ns = run->begin_ns - ended_ns;

			found->nr++;
			if (cost_ns < found->cost_min_ns)
				found->cost_min_ns = cost_ns;
			found->disturbed += cost_ns > TURN_COST_NS;
			if (cost_ns > found->cost_max_ns)
				found->cost_max_ns = cost_ns;
		}
		if (who != last || in_window(ended_ns, epoch_ns) !=
		    in_window(run->begin_ns, epoch_ns))
			began_ns = run->begin_ns;
		ended_ns = run->end_ns;
		if (ended_ns - began_ns > found->turn_max_ns)
			found->turn_max_ns = ended_ns - began_ns;
		last = who;
	}
}

TEST_F(turns, equal_ones_switch_at_the_quantum_and_never_outside)
{
	struct switches found;
	uint64_t inside[VCPUS], all, apart;

	NEED_EXACT_TIME();
	RUN(VCPUS, QUANTUM_NS, 0);
	for (uint32_t i = 0; i < VCPUS; i++) {
		MEASURE(&self->a, i, 0);
		inside[i] = self->a.result[i].inside_ns;
	}
	MEASURE(&self->b, 0, WINDOW_NS);
	find_switches(self->a.trace, self->load.epoch_ns, self->a.result[0].from_ns,
		      self->a.result[0].to_ns, &found);
	all = inside[0] + inside[1];
	apart = inside[0] > inside[1] ? inside[0] - inside[1] : inside[1] - inside[0];
	TH_LOG("%llu ns and %llu ns; %llu switches, each %llu to %llu ns, %llu over %d ns; longest turn %llu ns",
	       (unsigned long long)inside[0], (unsigned long long)inside[1],
	       (unsigned long long)found.nr, (unsigned long long)found.cost_min_ns,
	       (unsigned long long)found.cost_max_ns, (unsigned long long)found.disturbed,
	       TURN_COST_NS, (unsigned long long)found.turn_max_ns);
	/* a turn at most, however many windows */
	EXPECT_LE(apart, QUANTUM_NS);
	EXPECT_LT(all * 9 / 10 / QUANTUM_NS, found.nr + self->a.result[0].nr);
	EXPECT_GE(TURN_COST_MAX_NS, found.cost_max_ns);
	EXPECT_LE(found.disturbed, found.nr * DISTURBED_PERCENT_MAX / 100);
	EXPECT_LE(found.turn_max_ns, QUANTUM_NS + TURN_COST_NS);
}

/* b's opening beside an "a" with so many vCPUs. */
#define OPENING(_result, _nr_vcpus, _quantum_ns, _guard_ns) do {			\
	RUN(_nr_vcpus, _quantum_ns, _guard_ns);						\
	MEASURE(&self->b, 0, WINDOW_NS);						\
	(_result) = self->b.result[0];							\
	(_result).instances = NULL;							\
	guest_kill(&self->guest);							\
	guest_kill(&self->other);							\
	ASSERT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));		\
	ASSERT_DONE(ps_kernel_unload(self->kernel, true, &self->error));		\
	ASSERT_TRUE(UNTIL(!attach_state(self->kernel, "b", 0), bound_ns()));		\
	forget(&self->a);								\
	forget(&self->b);								\
	memset(&self->clock, 0, sizeof(self->clock));					\
} while (0)

TEST_F(turns, neighbour_opens_as_early_as_beside_a_lone_vcpu)
{
	struct witness_result lone, ranked, taking_turns;

	NEED_EXACT_TIME();
	OPENING(lone, 1, 0, 0);
	OPENING(ranked, VCPUS, 0, 0);
	OPENING(taking_turns, VCPUS, QUANTUM_NS, 0);
	EXPECT_LE(ranked.open_p50_ns, lone.open_p50_ns + LATER_MAX_NS);
	EXPECT_LE(taking_turns.open_p50_ns, lone.open_p50_ns + LATER_MAX_NS);
}

TEST_F(turns, guard_holds_all_of_a_shared_window_before_its_edge)
{
	NEED_EXACT_TIME();
	RUN(VCPUS, QUANTUM_NS, PARTSCHED_MAX_GUARD_NS);
	for (uint32_t i = 0; i < VCPUS; i++) {
		MEASURE(&self->a, i, 0);
		EXPECT_EQ(0, self->a.result[i].early_max_ns);
	}
	MEASURE(&self->b, 0, WINDOW_NS);
	EXPECT_EQ(0, self->b.result[0].early_max_ns);
}

PARTSCHED_MAIN
