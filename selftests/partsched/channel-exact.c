// SPDX-License-Identifier: GPL-2.0
/*
 * channel-exact - what ports and kicks cost, as the guests see it
 *
 * In exact time a tick of the TSC is an instruction, and the claims are held to
 * their bounds; elsewhere the same is run, and nothing is said of times.
 */
#include <stdlib.h>

#include "guests.h"
#include "ports.h"
#include "../../tools/partvm/guest/bell.h"
#include "../../tools/partvm/guest/meter.h"

#define FRAME_NS	(20 * NSEC_PER_MSEC)
#define WINDOW_NS	(8 * NSEC_PER_MSEC)
#define SECOND_NS	(FRAME_NS / 2)
/* Both guests have it, each on its CPU. */
#define WIDE_NS		(18 * NSEC_PER_MSEC)

#define DEPTH		16

/* A write and a read together, beyond two copies. */
#define COST_MAX	120
/* Of each port. */
#define NOTES		(exact() ? 200 : 20)

/* Kicks to look at, and how much slower than without a plan half of them may be. */
#define KICKS		(exact() ? 1000 : 50)
#define SLOWER_PERCENT	10
/* The same of a kick that the module passes on to a window that is open. */
#define SOON_NS		20000

/* Deferred kicks. */
#define DEFERRED	(exact() ? 100 : 20)
/* A guest's clock against the host's, which is renewed once a second. */
#define CLOCK_NS	2000
/* From the edge to the handler, the worst. */
#define FIRST_NS	20000

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Of @nr values, in order afterwards. */
static void sort(int64_t *values, size_t nr)
{
	qsort(values, nr, sizeof(*values), by_value);
}

/* "a" and "b", one after the other on one CPU. */
static struct ps_model *plan_two(int cpu, uint64_t guard_ns)
{
	struct ps_model *model = plan_new(FRAME_NS);

	model->schedules[0].guard_ns = guard_ns;
	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "b", 1, cpu);
	plan_window(model, 0, 0, WINDOW_NS);
	plan_window(model, 1, SECOND_NS, WINDOW_NS);
	return model;
}

/* ------------------------------------------------------------------------- cost */

static const struct {
	const char *name;
	bool queuing;
	uint32_t bytes;
} metered[] = {
	{ "sampling 64", false, 64 },
	{ "sampling 4096", false, 4096 },
	{ "queuing 64", true, 64 },
	{ "queuing 4096", true, 4096 },
};

static struct ps_model *plan_metered(int cpu)
{
	struct ps_model *model = plan_two(cpu, 0);

	for (size_t i = 0; i < ARRAY_SIZE(metered); i++) {
		if (metered[i].queuing)
			plan_queuing(model, metered[i].name, metered[i].bytes, DEPTH, 0, 1);
		else
			plan_sampling(model, metered[i].name, metered[i].bytes, 0, 0, 1);
	}
	return model;
}

static const volatile struct meter_record *meter_of(const struct seen *seen)
{
	return (const volatile void *)(seen->memory + METER_RECORD);
}

static uint64_t metered_so_far(const struct seen *seen)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(metered); i++) {
		uint64_t nr = __atomic_load_n(&meter_of(seen)->nr[i], __ATOMIC_ACQUIRE);

		least = nr < least ? nr : least;
	}
	return least;
}

/* Half of the notes are no more than this. */
static struct meter_note middle(const struct seen *seen, size_t port)
{
	const volatile struct meter_record *record = meter_of(seen);
	int64_t copy[METER_NOTES], call[METER_NOTES], whole[METER_NOTES];
	size_t nr = record->nr[port];

	for (size_t i = 0; i < nr; i++) {
		copy[i] = record->note[port][i].copy;
		call[i] = record->note[port][i].call;
		whole[i] = record->note[port][i].whole;
	}
	sort(copy, nr);
	sort(call, nr);
	sort(whole, nr);
	return (struct meter_note){ copy[nr / 2], call[nr / 2], whole[nr / 2] };
}

TEST_F(guests, port_costs_little_more_than_two_copies)
{
	LOAD(plan_metered(self->cpu));
	START(&self->b, "meter", "b");
	START(&self->a, "meter", "a");
	ASSERT_TRUE(UNTIL(metered_so_far(&self->a) >= NOTES && metered_so_far(&self->b) >= NOTES,
			  TEST_PATIENCE_NS));
	for (size_t i = 0; i < ARRAY_SIZE(metered); i++) {
		struct meter_note put = middle(&self->a, i), get = middle(&self->b, i);
		int64_t copies = (int64_t)put.copy + get.copy;
		int64_t more = (int64_t)put.call + get.call - copies;

		TH_LOG("%s: put %u, get %u, two copies %lld: %lld more; %lld with the time",
		       metered[i].name, put.call, get.call, (long long)copies, (long long)more,
		       (long long)put.whole + get.whole - copies);
		EXPECT_LT(0, copies);
		if (exact())
			EXPECT_GE(COST_MAX, more);
	}
}

/* ------------------------------------------------------------------------ kicks */

static volatile struct bell_record *bell_of(const struct seen *seen)
{
	return (volatile void *)(seen->memory + BELL_RECORD);
}

static uint64_t rings(const struct seen *seen)
{
	return __atomic_load_n(&bell_of(seen)->nr_rings, __ATOMIC_ACQUIRE);
}

static uint64_t kicks(const struct seen *seen)
{
	return __atomic_load_n(&bell_of(seen)->nr_kicks, __ATOMIC_ACQUIRE);
}

/* Both note anew, the one that is told first. */
static bool note_anew(struct seen *hears, struct seen *rings, uint64_t go)
{
	struct seen *both[] = { hears, rings };

	for (int i = 0; i < 2; i++) {
		bell_of(both[i])->go = go;
		if (!UNTIL(__atomic_load_n(&bell_of(both[i])->going, __ATOMIC_ACQUIRE) == go,
			   TEST_PATIENCE_NS))
			return false;
	}
	return true;
}

static struct ps_model *plan_side_by_side(int cpu, enum ps_kick kick)
{
	struct ps_model *model = plan_new(FRAME_NS);

	plan_partition(model, "a", 1, cpu - 1);
	plan_partition(model, "b", 1, cpu);
	plan_window(model, 0, 0, WIDE_NS);
	plan_window(model, 1, 0, WIDE_NS);
	plan_queuing(model, "bell", 64, DEPTH, 0, 1)->destinations[0].kick = kick;
	return model;
}

/* Ticks from a doorbell to its handler, and of the doorbell itself, each in order. */
struct latencies {
	size_t nr;
	int64_t kick[BELL_NOTES];
	int64_t ring[BELL_NOTES];
};

static struct latencies *latencies(const struct seen *a, const struct seen *b)
{
	static struct latencies result;
	const volatile struct bell_record *from = bell_of(a), *to = bell_of(b);
	size_t nr_rings = rings(a), nr_kicks = kicks(b), next = 0;

	result.nr = 0;
	for (size_t i = 0; i + 1 < nr_rings; i++) {
		while (next < nr_kicks && to->kicks[next].tsc < from->rings[i].tsc)
			next++;
		if (next == nr_kicks)
			break;
		/* none of its own: the handler was still at the one before */
		if (to->kicks[next].tsc >= from->rings[i + 1].tsc)
			continue;
		result.kick[result.nr] = to->kicks[next].tsc - from->rings[i].tsc;
		result.ring[result.nr++] = from->rings[i].done_tsc - from->rings[i].tsc;
	}
	sort(result.kick, result.nr);
	sort(result.ring, result.nr);
	return &result;
}

static bool pin(pid_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(tid, sizeof(set), &set);
}

#define TELL(_what, _l)									\
	TH_LOG("%s: %zu kicks, handler after p10 %lld, p50 %lld, p90 %lld, max %lld; doorbell p50 %lld, p90 %lld", \
	       _what, (_l)->nr, (long long)(_l)->kick[(_l)->nr / 10],			\
	       (long long)(_l)->kick[(_l)->nr / 2], (long long)(_l)->kick[(_l)->nr * 9 / 10], \
	       (long long)(_l)->kick[(_l)->nr - 1], (long long)(_l)->ring[(_l)->nr / 2], \
	       (long long)(_l)->ring[(_l)->nr * 9 / 10])

#define SIDE_BY_SIDE(_mode) do {							\
	if (self->cpu < 2)								\
		SKIP(return, "only two CPUs are online");				\
	LOAD(plan_side_by_side(self->cpu, _mode));					\
	START(&self->b, "bell", "b");							\
	START(&self->a, "bell", "a");							\
	ASSERT_TRUE(attached(self->kernel, "a"));					\
	ASSERT_TRUE(attached(self->kernel, "b"));					\
	/* elsewhere a kick may take as long as some frames */				\
	if (!exact())									\
		bell_of(&self->a)->pause_ns = FRAME_NS;					\
} while (0)

/* Receives the latencies. */
#define MEASURE_KICKS(_l, _what, _go) do {						\
	ASSERT_TRUE(note_anew(&self->b, &self->a, _go));				\
	ASSERT_TRUE(UNTIL(rings(&self->a) >= KICKS, TEST_PATIENCE_NS));			\
	_l = latencies(&self->a, &self->b);						\
	ASSERT_LT(exact() ? KICKS / 2 : 0, _l->nr);					\
	TELL(_what, _l);								\
} while (0)

/*
 * First by the plan, then the same two guests with the same eventfds and no plan:
 * ioeventfd and irqfd, and nothing else.
 */
TEST_F(guests, kick_to_an_open_window_is_as_fast_as_without_partsched)
{
	const struct latencies *l;
	int64_t planned;

	SIDE_BY_SIDE(PS_KICK_NOW);
	MEASURE_KICKS(l, "planned", 1);
	planned = l->kick[l->nr / 2];
	ASSERT_DONE(ps_kernel_unload(self->kernel, true, &self->error));
	/* once each has left */
	EXPECT_TRUE(UNTIL(pin(guest_vcpu(&self->a.guest, 0), self->cpu - 1), TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(pin(guest_vcpu(&self->b.guest, 0), self->cpu), TEST_PATIENCE_NS));
	MEASURE_KICKS(l, "bare", 2);
	if (exact())
		EXPECT_GE(l->kick[l->nr / 2] * (100 + SLOWER_PERCENT) / 100, planned);
}

/* By way of the module, which sees to it that the window is open. */
TEST_F(guests, kick_that_may_wait_reaches_an_open_window_soon)
{
	const struct latencies *l;

	SIDE_BY_SIDE(PS_KICK_WINDOW);
	MEASURE_KICKS(l, "may wait", 1);
	if (exact())
		EXPECT_GT(SOON_NS, l->kick[l->nr / 2]);
}

/* -------------------------------------------------------------- deferred kicks */

/* From one to the next, so that there are frames without. */
#define SELDOM_NS	(3 * FRAME_NS)
#define SELDOM		20

static struct ps_model *plan_deferred(int cpu, uint64_t guard_ns)
{
	struct ps_model *model = plan_two(cpu, guard_ns);

	plan_queuing(model, "bell", 64, DEPTH, 0, 1)->destinations[0].kick = PS_KICK_WINDOW;
	return model;
}

/*
 * The guest last ran in a window before, and its handler runs at this one's
 * beginning: so it is the first that runs.
 */
#define HANDLER_IS_FIRST(_guard_ns) do {						\
	int64_t _into_ns[BELL_NOTES];							\
	struct ps_module_info _module;							\
	size_t _nr;									\
											\
	LOAD(plan_deferred(self->cpu, _guard_ns));					\
	MODULE(&_module);								\
	START(&self->b, "bell", "b");							\
	START(&self->a, "bell", "a");							\
	ASSERT_TRUE(attached(self->kernel, "a"));					\
	ASSERT_TRUE(attached(self->kernel, "b"));					\
	ASSERT_TRUE(note_anew(&self->b, &self->a, 1));					\
	ASSERT_TRUE(UNTIL(kicks(&self->b) >= DEFERRED, TEST_PATIENCE_NS));		\
	_nr = kicks(&self->b);								\
	for (size_t _i = 0; _i < _nr; _i++) {						\
		const volatile struct bell_kick *_kick = &bell_of(&self->b)->kicks[_i];	\
											\
		_into_ns[_i] = _kick->time_ns - _kick->window_ns;			\
		EXPECT_EQ(SECOND_NS, (_kick->window_ns - _module.epoch_ns) % FRAME_NS);	\
		EXPECT_LE(_kick->window_ns, _kick->time_ns + CLOCK_NS);			\
		if (!exact())								\
			continue;							\
		EXPECT_GT(_kick->window_ns, _kick->spin_ns);				\
		EXPECT_GT(FIRST_NS, _into_ns[_i]);					\
	}										\
	sort(_into_ns, _nr);								\
	TH_LOG("%zu kicks: after the edge min %lld, p50 %lld, p90 %lld, max %lld ns", _nr, \
	       (long long)_into_ns[0], (long long)_into_ns[_nr / 2],			\
	       (long long)_into_ns[_nr * 9 / 10], (long long)_into_ns[_nr - 1]);	\
} while (0)

static bool kicked_in(const struct seen *seen, uint64_t window_ns)
{
	const volatile struct bell_record *record = bell_of(seen);
	uint64_t nr = kicks(seen);

	for (uint64_t i = 0; i < nr; i++)
		if (record->kicks[i].window_ns == window_ns)
			return true;
	return false;
}

/*
 * Not at the end of a window, either, for the guest would then have it a frame later.
 * Where time is not exact a window may be missed, which is counted, and a ring may be
 * late for the one that it was begun before.
 */
TEST_F(guests, deferred_kick_comes_with_the_very_next_window)
{
	uint64_t nr, before, asked = 0, soon = 0;
	struct ps_module_info module;
	struct ps_vcpu_info vcpu;
	struct ps_port_info info;

	LOAD(plan_deferred(self->cpu, 0));
	MODULE(&module);
	START(&self->b, "bell", "b");
	START(&self->a, "bell", "a");
	bell_of(&self->a)->pause_ns = SELDOM_NS;
	ASSERT_TRUE(vcpu_info(self->kernel, "b", 0, &vcpu));
	before = vcpu.stats.missed;
	ASSERT_TRUE(note_anew(&self->b, &self->a, 1));
	ASSERT_TRUE(UNTIL(kicks(&self->b) >= SELDOM, TEST_PATIENCE_NS));
	nr = rings(&self->a);
	/* one interrupt each, by both counts; the last one may be on its way */
	EXPECT_TRUE(UNTIL(port_info(self->kernel, "b", "bell", &info) &&
			  info.kicks_delivered == kicks(&self->b), TEST_PATIENCE_NS))
	{ TH_LOG("%llu signalled", (unsigned long long)info.kicks_delivered); }
	ASSERT_TRUE(vcpu_info(self->kernel, "b", 0, &vcpu));
	for (uint64_t i = 0; i < nr; i++) {
		const volatile struct bell_ring *ring = &bell_of(&self->a)->rings[i];
		uint64_t frame = (ring->time_ns - module.epoch_ns) / FRAME_NS;
		uint64_t window_ns = module.epoch_ns + frame * FRAME_NS + SECOND_NS;

		if (ring->done_ns >= window_ns)
			continue;
		asked++;
		soon += kicked_in(&self->b, window_ns);
	}
	TH_LOG("%llu of %llu kicks in the frame that they were asked for in, %llu windows missed",
	       (unsigned long long)soon, (unsigned long long)asked,
	       (unsigned long long)(vcpu.stats.missed - before));
	EXPECT_LT(0, asked);
	EXPECT_LE(asked, soon + vcpu.stats.missed - before);
	if (exact())
		EXPECT_EQ(nr, soon);
}

TEST_F(guests, deferred_kick_is_the_first_thing_in_the_window)
{
	HANDLER_IS_FIRST(0);
}

TEST_F(guests, deferred_kick_is_the_first_thing_in_a_guarded_window)
{
	HANDLER_IS_FIRST(PS_GUARD_AUTO);
}

PARTSCHED_MAIN
