/* SPDX-License-Identifier: GPL-2.0 */
/*
 * operate-fixture - a fixture of two partitions with guests that count their starts
 */
#ifndef TEST_PARTSCHED_OPERATE_H
#define TEST_PARTSCHED_OPERATE_H

#include <fcntl.h>
#include <inttypes.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <linux/partsched_device.h>
#include <linux/partsched_guest.h>

#include "operate.h"
#include "partsched.h"
#include "seen.h"
#include "../../tools/partvm/guest/starts.h"

/* Where no CPU is ever away a tenth of it does, and the emulator is done sooner. */
#define FRAME_NS	((exact() ? 4 : 40) * NSEC_PER_MSEC)
#define WINDOW_NS	(FRAME_NS / 4)

FIXTURE(operated) {
	struct ps_kernel *kernel;
	struct ps_error error;
	struct operator op;
	struct operate_plan plan;
	struct seen a;
	struct seen b;
	int events;
};

FIXTURE_SETUP(operated)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	ASSERT_TRUE(operate_begin(&self->op));
	self->events = message_listen();
	ASSERT_LE(0, self->events);
	self->plan = (struct operate_plan){
		.cpu = session_cpu(), .frame_ns = FRAME_NS, .window_ns = WINDOW_NS,
	};
}

FIXTURE_TEARDOWN(operated)
{
	seen_end(&self->a);
	seen_end(&self->b);
	close(self->events);
	operate_end(&self->op);
	EXPECT_TRUE(session_close(self->kernel));
}

/* Have the fixture's plan in force. */
static inline int put_in_force(struct operator *op, const struct operate_plan *plan,
			       struct ps_kernel *kernel)
{
	int err = operate_load(op, plan);

	if (err || op->answer.unchanged)
		return err;
	return plan_settled(kernel, op->answer.generation) ? 0 : ETIME;
}

#define LOAD_PLAN()								\
	ASSERT_EQ(0, put_in_force(&self->op, &self->plan, self->kernel))	\
	{ TH_LOG("%s", self->op.answer.text); }

/* Hold a request to success; say what the module said. */
#define DONE(_request)	ASSERT_EQ(0, _request) { TH_LOG("%s", self->op.answer.text); }

/* Hold it to a refusal with a sentence about an attribute. */
#define REFUSED(_err, _attr, _request) do {					\
	EXPECT_EQ(_err, _request);						\
	EXPECT_EQ(_attr, self->op.answer.attr);					\
	EXPECT_STRNE("", self->op.answer.text);					\
} while (0)

static inline const volatile struct starts_vcpu *vcpu_of(const struct seen *seen,
							 unsigned int vcpu)
{
	const volatile struct starts_record *record =
		(const volatile void *)(seen->memory + STARTS_RECORD);

	return &record->vcpu[vcpu];
}

/* Whether a vCPU's guest runs: its count moves on. */
static inline bool runs(const struct seen *seen, unsigned int vcpu)
{
	uint64_t loops = vcpu_of(seen, vcpu)->loops;

	/* a cold start begins anew */
	return UNTIL(vcpu_of(seen, vcpu)->loops > loops + 10 ||
		     vcpu_of(seen, vcpu)->loops < loops, TEST_PATIENCE_NS);
}

/* Whether it stands still while its windows pass. */
static inline bool stands(const struct seen *seen, struct ps_kernel *kernel)
{
	uint64_t loops;

	if (!frames_pass(kernel, "a", 1))
		return false;
	loops = vcpu_of(seen, 0)->loops;
	return frames_pass(kernel, "a", 4) && vcpu_of(seen, 0)->loops == loops;
}

static inline bool comes_to(struct operator *op, const char *partition, uint32_t mode)
{
	return UNTIL(operate_mode_of(op, partition) == mode, TEST_PATIENCE_NS);
}

static inline uint64_t missed_by(struct ps_kernel *kernel, const char *name)
{
	struct ps_vcpu_info info;

	return vcpu_info(kernel, name, 0, &info) ? info.stats.missed : UINT64_MAX;
}

#define START(_seen, _name)						\
	ASSERT_TRUE(seen_start(_seen, "starts", _name, NULL, NULL));	\
	ASSERT_TRUE(runs(_seen, 0))

#define BOTH_RUN() do {							\
	START(&self->a, "a");						\
	START(&self->b, "b");						\
} while (0)

/* The neighbour has seen nothing of it. */
#define UNHARMED() do {							\
	EXPECT_EQ(1, vcpu_of(&self->b, 0)->starts);			\
	EXPECT_TRUE(runs(&self->b, 0));					\
	EXPECT_EQ(PARTSCHED_MODE_NORMAL, operate_mode_of(&self->op, "b")); \
	if (exact())				\
		EXPECT_EQ(0, missed_by(self->kernel, "b"));		\
} while (0)

/* Have "a" start, and wait until its guest has begun. */
static inline bool start_guest(struct operator *op, const struct seen *a, uint32_t mode)
{
	uint64_t asked_ns = now_ns();

	return !operate_mode(op, "a", mode, 0) &&
		UNTIL(vcpu_of(a, 0)->began_ns > asked_ns, TEST_PATIENCE_NS);
}

/* Have "a", which initialises and whose guest never says that it is NORMAL, in a mode. */
static inline bool bring_to(struct operator *op, const struct seen *a, uint32_t mode)
{
	if (mode == PARTSCHED_MODE_IDLE)
		return !operate_mode(op, "a", mode, 0) && operate_mode_of(op, "a") == mode;
	if (mode == PARTSCHED_MODE_WARM_START || mode == PARTSCHED_MODE_COLD_START)
		return start_guest(op, a, mode) && operate_mode_of(op, "a") == mode;
	if (operate_mode_of(op, "a") == mode)
		return true;
	/* refused as long as the former life might ask */
	return start_guest(op, a, PARTSCHED_MODE_COLD_START) &&
		UNTIL(!operate_mode(op, "a", mode, PARTSCHED_BY_PARTITION), TEST_PATIENCE_NS) &&
		operate_mode_of(op, "a") == mode;
}

#endif /* TEST_PARTSCHED_OPERATE_H */
