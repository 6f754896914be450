// SPDX-License-Identifier: GPL-2.0
/*
 * restarts - a partition that is started over and over harms no neighbour
 *
 *   PARTSCHED_RESTARTS=N      how often, in each of the tests (10)
 *   PARTSCHED_RESTARTS_BY=W   only that test: order, kill or crash (all)
 *
 * What a restart costs the neighbours' windows is measured by scripts/bench, see
 * Documentation/storms.rst.
 */
#include <inttypes.h>

/* To look is a good part of the work where a kernel checks every access. */
#define UNTIL_STEP_NS	(15 * NSEC_PER_MSEC)

#include "errors.h"
#include "kernel-mode.h"
#include "partsched.h"
#include "seen.h"
#include "../../tools/partvm/guest/caller.h"
#include "../../tools/partvm/guest/starts.h"

#define FRAME_NS	(20 * NSEC_PER_MSEC)
#define WINDOW_NS	(5 * NSEC_PER_MSEC)

#define RESTARTS	10
/* As long as somebody wants it: what stands still is noticed by the test itself. */
#define RESTARTS_TIMEOUT_S (24 * 3600)

/* Of the launchers that are killed one in so many is so before its guest runs. */
#define EARLY		4
/* Within this time of its start. */
#define EARLY_NS	(100 * NSEC_PER_MSEC)

/* "a" is restarted, "b" is on its CPU, "c" on another one. */
FIXTURE(restarted) {
	struct ps_kernel *kernel;
	struct ps_error error;
	struct seen a, b, c;
	uint64_t nr;		/* how often */
	uint64_t seed;
	uint64_t b_loops;	/* of the neighbours, when last looked at */
	uint64_t c_loops;
};

FIXTURE_SETUP(restarted)
{
	const char *nr = getenv("PARTSCHED_RESTARTS");

	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->nr = nr ? strtoull(nr, NULL, 10) : RESTARTS;
	ASSERT_LT(0, self->nr);
	self->seed = 1;
}

FIXTURE_TEARDOWN(restarted)
{
	seen_end(&self->a);
	seen_end(&self->b);
	seen_end(&self->c);
	EXPECT_TRUE(session_close(self->kernel));
}

/* A fixed sequence; xorshift. */
static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed % below;
}

/* Any instant of the frame. */
static void some_phase(uint64_t *seed, uint64_t within_ns)
{
	const struct timespec time = { .tv_nsec = (long)draw(seed, within_ns) };

	nanosleep(&time, NULL);
}

static struct ps_model *plan_restarted(int cpu)
{
	struct ps_model *model = plan_new(FRAME_NS);

	plan_partition(model, "a", 1, (uint32_t)cpu);
	plan_partition(model, "b", 1, (uint32_t)cpu);
	plan_partition(model, "c", 1, (uint32_t)cpu - 1);
	/* its neighbour's window follows directly, and so does its own */
	plan_window(model, 0, WINDOW_NS, WINDOW_NS);
	plan_window(model, 1, 2 * WINDOW_NS, WINDOW_NS);
	plan_window(model, 2, WINDOW_NS + WINDOW_NS / 2, WINDOW_NS);
	model->partitions[0].restart_limit = 0;
	errors_do(model, 0, PARTSCHED_ERROR_SHUTDOWN, PS_RECOVERY_COLD_START);
	errors_do(model, 0, PARTSCHED_ERROR_LAUNCHER, PS_RECOVERY_COLD_START);
	return model;
}

static const volatile struct starts_vcpu *own(const struct seen *seen)
{
	const volatile struct starts_record *record =
		(const volatile void *)(seen->memory + STARTS_RECORD);

	return &record->vcpu[0];
}

static volatile struct caller_record *caller(const struct seen *seen)
{
	return (volatile void *)(seen->memory + CALLER_RECORD);
}

/* By its own count, and it has never been started again. */
static bool goes_on(const struct seen *seen, uint64_t *loops)
{
	bool moved = UNTIL(own(seen)->loops > *loops, TEST_PATIENCE_NS);

	*loops = own(seen)->loops;
	return moved && own(seen)->starts == 1;
}

#define NEIGHBOURS_GO_ON() do {							\
	ASSERT_TRUE(goes_on(&self->b, &self->b_loops));				\
	ASSERT_TRUE(goes_on(&self->c, &self->c_loops));				\
} while (0)

static uint64_t missed_by(struct ps_kernel *kernel, const char *name)
{
	struct ps_vcpu_info info;

	return vcpu_info(kernel, name, 0, &info) ? info.stats.missed : UINT64_MAX;
}

static uint64_t starts_of(struct ps_kernel *kernel)
{
	struct ps_partition_info info;

	return ps_kernel_partition(kernel, "a", &info, NULL) ? 0 : info.nr_starts;
}

static bool is_normal(struct ps_kernel *kernel)
{
	struct ps_partition_info info;

	return !ps_kernel_partition(kernel, "a", &info, NULL) &&
		info.mode == PARTSCHED_MODE_NORMAL;
}

static bool nothing_attached(struct ps_kernel *kernel)
{
	struct ps_module_info info;

	return !ps_kernel_module(kernel, &info, NULL) && !info.nr_threads;
}

#define BEGIN(_image, _by) do {							\
	const char *_only = getenv("PARTSCHED_RESTARTS_BY");			\
										\
	if (_only && strcmp(_only, _by))					\
		SKIP(return, "PARTSCHED_RESTARTS_BY is %s", _only);		\
	LOAD(plan_restarted(session_cpu()));					\
	ASSERT_TRUE(seen_start(&self->b, "starts", "b", NULL, NULL));		\
	ASSERT_TRUE(seen_start(&self->c, "starts", "c", NULL, NULL));		\
	ASSERT_TRUE(seen_start(&self->a, _image, "a", NULL, NULL));		\
	NEIGHBOURS_GO_ON();							\
} while (0)

/* All have run to the end, and nothing is left of them. */
#define END() do {								\
	NEIGHBOURS_GO_ON();							\
	/* an emulated machine beside others misses some itself */		\
	if (exact()) {								\
		EXPECT_EQ(0, missed_by(self->kernel, "b"));			\
		EXPECT_EQ(0, missed_by(self->kernel, "c"));			\
	}									\
	seen_end(&self->a);							\
	seen_end(&self->b);							\
	seen_end(&self->c);							\
	EXPECT_TRUE(UNTIL(nothing_attached(self->kernel), TEST_PATIENCE_NS));	\
	ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));	\
	EXPECT_TRUE(UNTIL(!module_remove(), TEST_PATIENCE_NS));			\
} while (0)

/* Ordered at any instant of the frame, when the start before is over. */
TEST_F_TIMEOUT(restarted, neighbours_go_on_beside_cold_starts, RESTARTS_TIMEOUT_S)
{
	struct ps_mode_result result;
	uint64_t i, asked_ns;

	BEGIN("starts", "order");
	ASSERT_TRUE(UNTIL(own(&self->a)->starts == 1, TEST_PATIENCE_NS));
	for (i = 0; i < self->nr; i++) {
		ASSERT_TRUE(UNTIL(is_normal(self->kernel), TEST_PATIENCE_NS))
		{ TH_LOG("start %" PRIu64, i); }
		some_phase(&self->seed, FRAME_NS);
		asked_ns = now_ns();
		ASSERT_DONE(ps_kernel_set_mode(self->kernel, "a", PARTSCHED_MODE_COLD_START,
					       PARTSCHED_BY_OPERATOR, &result, &self->error));
		ASSERT_TRUE(UNTIL(own(&self->a)->began_ns > asked_ns, TEST_PATIENCE_NS))
		{ TH_LOG("start %" PRIu64, i); }
		/* its memory was cleared */
		ASSERT_TRUE(UNTIL(own(&self->a)->starts == 1, TEST_PATIENCE_NS));
		ASSERT_EQ(0, own(&self->a)->former_ns);
		NEIGHBOURS_GO_ON();
	}
	EXPECT_EQ(1 + self->nr, starts_of(self->kernel));
	END();
}

/* By SIGKILL, at any instant of the frame; another one comes as it is gone. */
TEST_F_TIMEOUT(restarted, neighbours_go_on_beside_launchers_that_are_killed, RESTARTS_TIMEOUT_S)
{
	uint64_t i, early = 0;

	BEGIN("starts", "kill");
	for (i = 0; i < self->nr; i++) {
		if (draw(&self->seed, EARLY)) {
			ASSERT_TRUE(UNTIL(own(&self->a)->loops, TEST_PATIENCE_NS))
			{ TH_LOG("launcher %" PRIu64, i); }
			some_phase(&self->seed, FRAME_NS);
		} else {
			some_phase(&self->seed, EARLY_NS);
			early++;
		}
		seen_end(&self->a);
		ASSERT_TRUE(seen_start(&self->a, "starts", "a", NULL, NULL))
		{ TH_LOG("launcher %" PRIu64, i); }
		NEIGHBOURS_GO_ON();
	}
	ASSERT_TRUE(UNTIL(own(&self->a)->loops, TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(is_normal(self->kernel), TEST_PATIENCE_NS));
	/* one for each launcher that was attached, when it was killed */
	EXPECT_LE(1 + self->nr - early, starts_of(self->kernel));
	EXPECT_GE(1 + self->nr, starts_of(self->kernel));
	END();
}

/* Told to crash at any instant of the frame, it does in its window. */
TEST_F_TIMEOUT(restarted, neighbours_go_on_beside_triple_faults, RESTARTS_TIMEOUT_S)
{
	volatile struct caller_record *record;
	struct ps_hm_entry entry;
	uint64_t i, after;

	BEGIN("caller", "crash");
	record = caller(&self->a);
	for (i = 0; i < self->nr; i++) {
		ASSERT_TRUE(UNTIL(record->magic == CALLER_MAGIC, TEST_PATIENCE_NS))
		{ TH_LOG("crash %" PRIu64, i); }
		ASSERT_TRUE(UNTIL(is_normal(self->kernel), TEST_PATIENCE_NS));
		some_phase(&self->seed, FRAME_NS);
		after = errors_last(self->kernel);
		record->text[0] = 'x';
		record->number = CALLER_CRASH;
		__atomic_store_n(&record->asked, record->asked + 1, __ATOMIC_RELEASE);
		ASSERT_TRUE(UNTIL(!record->text[0] && record->starts == 1, TEST_PATIENCE_NS))
		{ TH_LOG("crash %" PRIu64, i); }
		ASSERT_EQ(1, errors_find(self->kernel, after, "a", PARTSCHED_ERROR_SHUTDOWN, &entry));
		ASSERT_EQ(PARTSCHED_HM_COLD_START, entry.action);
		NEIGHBOURS_GO_ON();
	}
	EXPECT_EQ(1 + self->nr, starts_of(self->kernel));
	END();
}

PARTSCHED_MAIN
