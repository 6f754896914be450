// SPDX-License-Identifier: GPL-2.0
/*
 * steal - a guest is told how long its windows were closed
 *
 * By KVM's record of steal time, in the memory of a guest that is always busy. It is
 * held against the time that the scheduler has of the thread, which the module has no
 * say in; and in exact time against the plan.
 */
#include <fcntl.h>
#include <stdlib.h>

#include "partsched.h"

#include "../../tools/partvm/guest/stolen.h"
#include "seen.h"

#define OBSERVED_NS	((exact() ? 5 : 30) * NSEC_PER_SEC)
/* It may be off by a hundredth of the time. */
#define SHARE		100
/* Two readings are of one instant if they are not further apart. */
#define TOGETHER_NS	(5 * NSEC_PER_MSEC)

struct reading {
	uint64_t at_ns;
	uint64_t ran_ns;
	uint64_t steal_ns;
};

FIXTURE(steal) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int cpu;
	struct seen seen;
};

FIXTURE_SETUP(steal)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
}

FIXTURE_TEARDOWN(steal)
{
	seen_end(&self->seen);
	EXPECT_TRUE(session_close(self->kernel));
}

FIXTURE_VARIANT(steal) {
	uint64_t frame_ns;
	uint64_t window_ns;
};

FIXTURE_VARIANT_ADD(steal, ten_of_a_hundred) {
	.frame_ns = 100 * NSEC_PER_MSEC,
	.window_ns = 10 * NSEC_PER_MSEC,
};

FIXTURE_VARIANT_ADD(steal, two_of_twenty) {
	.frame_ns = 20 * NSEC_PER_MSEC,
	.window_ns = 2 * NSEC_PER_MSEC,
};

/* Time on a CPU, 0 if the thread is gone. */
static uint64_t ran_ns(pid_t tid)
{
	char path[64], text[64];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	return strtoull(text, NULL, 10);
}

/*
 * Both of one instant: as a window begins, which is when KVM has told of the time before
 * it, and the scheduler has what was on the CPU up to there.
 */
static bool take_reading(struct reading *reading, const struct seen *seen, pid_t tid)
{
	const volatile struct kvm_steal_time *record =
		(const volatile struct kvm_steal_time *)(seen->memory + STOLEN_RECORD);
	uint64_t deadline_ns = now_ns() + TEST_PATIENCE_NS, before_ns, steal_ns;

	while (now_ns() < deadline_ns) {
		steal_ns = record->steal;
		if (!UNTIL(record->steal != steal_ns, TEST_PATIENCE_NS))
			return false;
		before_ns = now_ns();
		reading->ran_ns = ran_ns(tid);
		reading->steal_ns = record->steal;
		reading->at_ns = now_ns();
		if (reading->ran_ns && reading->at_ns - before_ns < TOGETHER_NS)
			return true;
	}
	return false;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

TEST_F(steal, busy_guest_is_told_what_it_does_not_have)
{
	struct ps_model *model = plan_new(variant->frame_ns);
	struct reading from, to;
	uint64_t all_ns, away_ns, steal_ns;
	pid_t tid;

	plan_window(model, plan_partition(model, "a", 1, self->cpu), 0, variant->window_ns);
	ASSERT_TRUE(plan_in_force(self->kernel, model, &self->error))
	{ TH_LOG("%s", self->error.text); }
	ASSERT_TRUE(seen_start(&self->seen, "stolen", "a", NULL, NULL));
	ASSERT_TRUE(attached(self->kernel, "a"));
	tid = guest_vcpu(&self->seen.guest, 0);
	ASSERT_NE(0, tid);
	ASSERT_TRUE(take_reading(&from, &self->seen, tid));
	/* what is measured is the length of time */
	ASSERT_TRUE(UNTIL(now_ns() >= from.at_ns + OBSERVED_NS, OBSERVED_NS + TEST_PATIENCE_NS));
	ASSERT_TRUE(take_reading(&to, &self->seen, tid));

	all_ns = to.at_ns - from.at_ns;
	away_ns = all_ns - (to.ran_ns - from.ran_ns);
	steal_ns = to.steal_ns - from.steal_ns;
	TH_LOG("of %llu ns it was away for %llu, and steal time is %llu",
	       (unsigned long long)all_ns, (unsigned long long)away_ns,
	       (unsigned long long)steal_ns);
	EXPECT_GE(all_ns / SHARE, apart(steal_ns, away_ns));
	/* elsewhere windows are as late as the emulated CPUs */
	if (exact())
		EXPECT_GE(all_ns / SHARE,
			  apart(steal_ns, all_ns / variant->frame_ns *
				(variant->frame_ns - variant->window_ns)));
}

PARTSCHED_MAIN
