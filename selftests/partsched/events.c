// SPDX-License-Identifier: GPL-2.0
/*
 * events - who listens hears of everything, in order
 */
#include <sys/prctl.h>

#include "partsched.h"

FIXTURE(listener) {
	struct ps_kernel *kernel;
	struct ps_kernel *events;
	struct ps_error error;
	int cpu;
	struct guest guest;
};

FIXTURE_SETUP(listener)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	self->events = ps_kernel_open(&self->error);
	ASSERT_NE(NULL, self->events);
	ASSERT_DONE(ps_kernel_subscribe(self->events, &self->error));
}

FIXTURE_TEARDOWN(listener)
{
	guest_kill(&self->guest);
	EXPECT_TRUE(session_close(self->kernel));
	ps_kernel_close(self->events);
}

/*
 * The next event that is no counter's, and is not about a mode: those come as
 * they like, and these have tests of their own.
 */
static bool next(struct ps_kernel *events, struct ps_event *event)
{
	struct ps_error error;

	do {
		if (ps_kernel_event(events, TEST_PATIENCE_NS / NSEC_PER_MSEC, event, &error) != 1) {
			printf("# no event came: %s\n", error.text);
			return false;
		}
	} while (event->type == PARTSCHED_EVENT_MISSED || event->type == PARTSCHED_EVENT_OVERRUN ||
		 event->type == PARTSCHED_EVENT_PREEMPTED ||
		 event->type == PARTSCHED_EVENT_MODE || event->type == PARTSCHED_EVENT_ERROR);
	return true;
}

TEST_F(listener, hears_a_guests_life)
{
	struct ps_load_result result;
	struct ps_event event;
	uint64_t last_ns = 0;
	pid_t tid;

	ASSERT_DONE(plan_load(self->kernel, plan_usual(self->cpu), &result, &self->error));
	ASSERT_TRUE(next(self->events, &event));
	EXPECT_EQ(PARTSCHED_EVENT_PLAN_STARTED, event.type);
	EXPECT_EQ(result.generation, event.generation);
	last_ns = event.time_ns;

	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	ASSERT_TRUE(next(self->events, &event));
	EXPECT_EQ(PARTSCHED_EVENT_ATTACHED, event.type);
	EXPECT_EQ(tid, (pid_t)event.tid);
	EXPECT_STREQ("a", event.partition);
	EXPECT_TRUE(event.has_vcpu);
	EXPECT_EQ(0, event.vcpu);
	EXPECT_EQ(self->cpu, (int)event.cpu);
	EXPECT_LE(last_ns, event.time_ns);
	last_ns = event.time_ns;

	ASSERT_DONE(detach(self->kernel, "a", &self->error));
	do {
		/* a signal may have exiled it in between: told as well */
		ASSERT_TRUE(next(self->events, &event));
	} while (event.type == PARTSCHED_EVENT_EXILED || event.type == PARTSCHED_EVENT_RECALLED);
	EXPECT_EQ(PARTSCHED_EVENT_DETACHED, event.type);
	EXPECT_EQ(tid, (pid_t)event.tid);
	EXPECT_STRNE("", event.reason);
	EXPECT_LE(last_ns, event.time_ns);

	ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
	ASSERT_TRUE(next(self->events, &event));
	EXPECT_EQ(PARTSCHED_EVENT_PLAN_STOPPED, event.type);
	EXPECT_STRNE("", event.reason);
}

TEST_F(listener, hears_of_exile_and_recall)
{
	struct ps_event event;
	pid_t tid;

	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	/* it needs a signal that finds the window closed: a few tries */
	for (int i = 0; i < 50; i++) {
		ASSERT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_SUSPENDED,
				  TEST_PATIENCE_NS));
		ASSERT_EQ(0, kill(self->guest.pid, SIGSTOP));
		ASSERT_TRUE(UNTIL(proc_state(tid) == 'T', bound_ns()));
		ASSERT_EQ(0, kill(self->guest.pid, SIGCONT));
		ASSERT_TRUE(UNTIL(run_state(self->kernel, "a", 0) != PARTSCHED_RUN_EXILED,
				  TEST_PATIENCE_NS));
	}
	do {
		ASSERT_TRUE(next(self->events, &event));
	} while (event.type != PARTSCHED_EVENT_EXILED);
	EXPECT_EQ(tid, (pid_t)event.tid);
	EXPECT_STRNE("", event.reason);
	do {
		ASSERT_TRUE(next(self->events, &event));
	} while (event.type != PARTSCHED_EVENT_RECALLED);
	EXPECT_EQ(tid, (pid_t)event.tid);
}

TEST_F(listener, hears_of_a_death)
{
	struct ps_event event;
	pid_t tid;

	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	ASSERT_EQ(0, kill(self->guest.pid, SIGKILL));
	do {
		ASSERT_TRUE(next(self->events, &event));
	} while (event.type != PARTSCHED_EVENT_DETACHED);
	EXPECT_EQ(tid, (pid_t)event.tid);
}

PARTSCHED_MAIN
