// SPDX-License-Identifier: GPL-2.0
/*
 * detach - threads are given back as they came, wherever they are
 */
#include <fcntl.h>
#include <sys/resource.h>

#include "partsched.h"

TEST_F(session, policy_nice_and_mask_come_back)
{
	const struct sched_param zero = { 0 };
	struct proc_task task;
	cpu_set_t mask, after;
	pid_t tid;

	LOAD_USUAL();
	tid = START_VM(VM_SPIN);
	ASSERT_NE(0, tid);
	ASSERT_EQ(0, sched_setscheduler(tid, SCHED_BATCH, &zero));
	ASSERT_EQ(0, setpriority(PRIO_PROCESS, tid, 5));
	CPU_ZERO(&mask);
	CPU_SET(0, &mask);
	CPU_SET(self->cpu, &mask);
	ASSERT_EQ(0, sched_setaffinity(tid, sizeof(mask), &mask));

	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	/* but for a moment where a window's end has found it in the kernel */
	EXPECT_TRUE(UNTIL(sched_getscheduler(tid) == (SCHED_FIFO | SCHED_RESET_ON_FORK),
			  TEST_PATIENCE_NS));
	ASSERT_DONE(detach(self->kernel, "a", &self->error));
	ASSERT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));

	ASSERT_TRUE(proc_task(tid, &task));
	EXPECT_EQ(SCHED_BATCH, sched_getscheduler(tid));
	EXPECT_EQ(5, getpriority(PRIO_PROCESS, tid));
	EXPECT_EQ(0, task.flags & PROC_NO_SETAFFINITY);
	ASSERT_EQ(0, sched_getaffinity(tid, sizeof(after), &after));
	EXPECT_TRUE(CPU_EQUAL(&mask, &after));
	/* and may be changed again */
	CPU_CLR(self->cpu, &mask);
	EXPECT_EQ(0, sched_setaffinity(tid, sizeof(mask), &mask));
}

TEST_F(session, real_time_policy_comes_back)
{
	const struct sched_param before = { .sched_priority = 7 }, zero = { 0 };
	struct proc_task task;
	cpu_set_t mask;
	pid_t tid;

	LOAD_USUAL();
	tid = START_VM(VM_EXIT);
	ASSERT_NE(0, tid);
	/* it has a CPU for itself, and that one is not ours */
	CPU_ZERO(&mask);
	CPU_SET(self->cpu, &mask);
	ASSERT_EQ(0, sched_setaffinity(tid, sizeof(mask), &mask));
	ASSERT_EQ(0, sched_setscheduler(tid, SCHED_RR, &before));
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(UNTIL(sched_getscheduler(tid) == (SCHED_FIFO | SCHED_RESET_ON_FORK),
			  TEST_PATIENCE_NS));
	ASSERT_DONE(detach(self->kernel, "a", &self->error));
	ASSERT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
	ASSERT_TRUE(proc_task(tid, &task));
	EXPECT_EQ(SCHED_RR, task.policy);
	EXPECT_EQ(7, task.priority);
	/* for itself it would starve its CPU, and so the end of the test */
	ASSERT_EQ(0, sched_setscheduler(tid, SCHED_OTHER, &zero));
}

TEST_F(session, halted_guest_leaves)
{
	pid_t tid;

	LOAD_USUAL();
	tid = START_VM(VM_SPIN);
	ASSERT_NE(0, tid);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	vm_halt(&self->vm);
	/* blocked in its window, not in the gate */
	ASSERT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_BLOCKED,
			  TEST_PATIENCE_NS));
	ASSERT_DONE(detach(self->kernel, "a", &self->error));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
	EXPECT_EQ(SCHED_OTHER, sched_getscheduler(tid));
}

struct reader {
	int pipe[2];
	_Atomic ssize_t got;
	_Atomic int err;
	atomic_bool reads;
};

static void read_byte(void *arg)
{
	struct reader *reader = arg;
	sigset_t kick;
	char byte;

	/* the kicks that brought us here must not end the call */
	sigemptyset(&kick);
	sigaddset(&kick, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &kick, NULL);
	atomic_store(&reader->reads, true);
	atomic_store(&reader->got, read(reader->pipe[0], &byte, 1));
	atomic_store(&reader->err, errno);
	pthread_sigmask(SIG_UNBLOCK, &kick, NULL);
}

TEST_F(session, thread_in_a_system_call_leaves_and_the_call_goes_on)
{
	struct reader reader = { 0 };
	pid_t tid;

	ASSERT_EQ(0, pipe(reader.pipe));
	atomic_store(&reader.got, -2);
	LOAD_USUAL();
	tid = START_VM(VM_SPIN);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	/* begins the action and does not come back from it: no vm_do() */
	self->vm.arg = &reader;
	atomic_store(&self->vm.action, read_byte);
	ASSERT_TRUE(UNTIL((pthread_kill(self->vm.thread, SIGUSR1),
			   atomic_load(&reader.reads)), TEST_PATIENCE_NS));
	/* asleep in the call, not in the gate, be it at home or in exile */
	ASSERT_TRUE(UNTIL(proc_state(tid) == 'S', TEST_PATIENCE_NS));
	ASSERT_DONE(detach(self->kernel, "a", &self->error));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
	EXPECT_EQ(-2, atomic_load(&reader.got)) { TH_LOG("errno %d", reader.err); }
	ASSERT_EQ(1, write(reader.pipe[1], "x", 1));
	EXPECT_TRUE(UNTIL(atomic_load(&reader.got) == 1, TEST_PATIENCE_NS));
}

TEST_F(session, stopped_thread_leaves)
{
	pid_t tid;

	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	ASSERT_EQ(0, kill(self->guest.pid, SIGSTOP));
	ASSERT_TRUE(UNTIL(proc_state(tid) == 'T', bound_ns()));
	ASSERT_DONE(detach(self->kernel, "a", &self->error));
	/* told at once, done when it continues: never a hang of the request */
	EXPECT_TRUE(UNTIL(attach_state(self->kernel, "a", 0) != PARTSCHED_ATTACH_ATTACHED,
			  bound_ns()));
	/* stopped in its own window it was not in exile: the bouncer comes after the answer */
	EXPECT_TRUE(UNTIL(sched_getscheduler(tid) == SCHED_OTHER, bound_ns()));
	ASSERT_EQ(0, kill(self->guest.pid, SIGCONT));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
}

TEST_F(session, second_detach_finds_nobody)
{
	struct ps_attach_result result;
	pid_t tid;

	LOAD_USUAL();
	EXPECT_REFUSED(ENOENT, detach(self->kernel, "a", &self->error));
	EXPECT_REFUSED(ENOENT, detach(self->kernel, "nobody", &self->error));
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	ASSERT_DONE(ps_kernel_detach(self->kernel, NULL, 0, tid, &result, &self->error));
	ASSERT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
	EXPECT_REFUSED(ENOENT, ps_kernel_detach(self->kernel, NULL, 0, tid, &result,
						&self->error));
	EXPECT_REFUSED(ESRCH, ps_kernel_detach(self->kernel, NULL, 0, 0x7fffffff, &result,
					       &self->error));
}

TEST_F(session, thread_comes_and_goes_many_times)
{
	struct ps_module_info info;
	pid_t tid;

	LOAD_USUAL();
	tid = START_VM(VM_EXIT);
	ASSERT_NE(0, tid);
	for (int i = 0; i < 20; i++) {
		ASSERT_DONE(attach(self->kernel, i & 1 ? "b" : "a", tid, &self->error));
		ASSERT_TRUE(UNTIL(attach_state(self->kernel, i & 1 ? "b" : "a", 0) ==
				  PARTSCHED_ATTACH_ATTACHED, TEST_PATIENCE_NS));
		ASSERT_DONE(detach(self->kernel, i & 1 ? "b" : "a", &self->error));
		ASSERT_TRUE(UNTIL(!ps_kernel_module(self->kernel, &info, &self->error) &&
				  !info.nr_threads, bound_ns()));
	}
	EXPECT_EQ(SCHED_OTHER, sched_getscheduler(tid));
	EXPECT_EQ(0, proc_only_cpu(tid));
}

TEST_F(session, launcher_that_ends_leaves_its_place)
{
	LOAD_USUAL();
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	ASSERT_EQ(0, kill(self->guest.pid, SIGTERM));
	EXPECT_TRUE(guest_ended(&self->guest, bound_ns()));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
}

PARTSCHED_MAIN
