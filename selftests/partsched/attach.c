// SPDX-License-Identifier: GPL-2.0
/*
 * attach - which threads come under the plan, and what becomes of them
 */
#include <linux/sched.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "partsched.h"

/* A thread of this process that is no vCPU. */
struct bystander {
	pthread_t thread;
	_Atomic pid_t tid;
	bool spins;
	atomic_bool stop;
	int pipe[2];
};

static void *stand_by(void *arg)
{
	struct bystander *bystander = arg;
	char byte;

	atomic_store(&bystander->tid, gettid());
	while (bystander->spins && !atomic_load(&bystander->stop))
		;
	/* asleep until the other end is closed */
	while (read(bystander->pipe[0], &byte, 1) < 0)
		;
	return NULL;
}

static pid_t bystander_start(struct bystander *bystander, bool spins)
{
	*bystander = (struct bystander){ .spins = spins };
	if (pipe(bystander->pipe) ||
	    pthread_create(&bystander->thread, NULL, stand_by, bystander))
		return 0;
	(void)UNTIL(atomic_load(&bystander->tid), TEST_PATIENCE_NS);
	return atomic_load(&bystander->tid);
}

static void bystander_stop(struct bystander *bystander)
{
	atomic_store(&bystander->stop, true);
	close(bystander->pipe[1]);
	pthread_join(bystander->thread, NULL);
	close(bystander->pipe[0]);
}

FIXTURE(bystander) {
	struct ps_kernel *kernel;
	struct ps_kernel *events;
	struct ps_error error;
	int cpu;
	struct bystander thread;
};

FIXTURE_VARIANT(bystander) {
	bool spins;
};

FIXTURE_VARIANT_ADD(bystander, spinning) {
	.spins = true,
};

FIXTURE_VARIANT_ADD(bystander, sleeping) {
	.spins = false,
};

FIXTURE_SETUP(bystander)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	self->events = ps_kernel_open(&self->error);
	ASSERT_NE(NULL, self->events);
	ASSERT_DONE(ps_kernel_subscribe(self->events, &self->error));
}

FIXTURE_TEARDOWN(bystander)
{
	EXPECT_TRUE(session_close(self->kernel));
	ps_kernel_close(self->events);
}

TEST_F(bystander, that_is_no_vcpu_is_refused)
{
	struct ps_attach_result result;
	struct ps_event event;
	struct proc_task task;
	int ret;
	pid_t tid;

	LOAD_USUAL();
	tid = bystander_start(&self->thread, variant->spins);
	ASSERT_NE(0, tid);
	ASSERT_DONE(ps_kernel_attach(self->kernel, "a", 0, tid, 0, 300 * NSEC_PER_MSEC, &result,
				     &self->error));
	EXPECT_EQ(tid, (pid_t)result.tid);
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), bound_ns()));
	do {
		ret = ps_kernel_event(self->events, TEST_PATIENCE_NS / NSEC_PER_MSEC, &event,
				      &self->error);
		ASSERT_EQ(1, ret);
		ASSERT_NE(PARTSCHED_EVENT_ATTACHED, event.type);
	} while (event.type != PARTSCHED_EVENT_REFUSED);
	EXPECT_EQ(tid, (pid_t)event.tid);
	EXPECT_NE(NULL, strstr(event.reason, "no vCPU")) { TH_LOG("%s", event.reason); }

	/* it is as it was */
	ASSERT_TRUE(proc_task(tid, &task));
	EXPECT_EQ(SCHED_OTHER, task.policy);
	EXPECT_EQ(0, task.flags & PROC_NO_SETAFFINITY);
	EXPECT_EQ(0, proc_only_cpu(tid));
	EXPECT_EQ(0, windows_opened(self->kernel, "a", 0));
	bystander_stop(&self->thread);
}

TEST_F(session, thread_that_is_gone_is_refused)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	LOAD_USUAL();
	EXPECT_REFUSED(ESRCH, attach(self->kernel, "a", pid, &self->error));
	EXPECT_EQ(PARTSCHED_A_TID, self->error.attr);
	EXPECT_REFUSED(ESRCH, attach(self->kernel, "a", 0x7fffffff, &self->error));
}

TEST_F(session, recycled_tid_is_not_taken_for_the_thread)
{
	struct ps_attach_result result;
	struct proc_task task;
	pid_t tid;

	LOAD_USUAL();
	tid = START_VM(VM_SPIN);
	ASSERT_TRUE(proc_task(tid, &task));
	EXPECT_REFUSED(ESRCH, ps_kernel_attach(self->kernel, "a", 0, tid, task.start_ticks - 1,
					       TEST_PATIENCE_NS, &result, &self->error));
	ASSERT_DONE(ps_kernel_attach(self->kernel, "a", 0, tid, task.start_ticks,
				     TEST_PATIENCE_NS, &result, &self->error));
	EXPECT_TRUE(attached(self->kernel, "a"));
}

TEST_F(session, thread_and_vcpu_are_taken_once)
{
	struct ps_attach_result result;
	struct vm second;
	pid_t tid, other;

	LOAD_USUAL();
	tid = START_VM(VM_SPIN);
	ASSERT_NE(0, tid);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	/* on the way in is enough */
	EXPECT_REFUSED(EEXIST, attach(self->kernel, "b", tid, &self->error));
	EXPECT_EQ(PARTSCHED_A_TID, self->error.attr);
	ASSERT_TRUE(attached(self->kernel, "a"));
	EXPECT_REFUSED(EEXIST, attach(self->kernel, "b", tid, &self->error));
	EXPECT_REFUSED(EEXIST, attach(self->kernel, "a", tid, &self->error));

	other = vm_start(&second, VM_SPIN);
	EXPECT_NE(0, other);
	EXPECT_REFUSED(EBUSY, attach(self->kernel, "a", other, &self->error));
	EXPECT_EQ(PARTSCHED_A_VCPU, self->error.attr);
	EXPECT_REFUSED(ENOENT, ps_kernel_attach(self->kernel, "a", 1, other, 0, 0, &result,
						&self->error));
	EXPECT_EQ(PARTSCHED_A_VCPU, self->error.attr);
	EXPECT_REFUSED(ENOENT, attach(self->kernel, "nobody", other, &self->error));
	EXPECT_EQ(PARTSCHED_A_PARTITION_NAME, self->error.attr);
	vm_stop(&second);
}

TEST_F(session, without_a_plan_nothing_is_attached)
{
	pid_t tid = START_VM(VM_SPIN);

	EXPECT_REFUSED(ENOENT, attach(self->kernel, "a", tid, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "no plan"));
}

TEST_F(session, kernel_thread_is_refused)
{
	pid_t tid = proc_find_any("kthreadd");

	ASSERT_NE(0, tid);
	LOAD_USUAL();
	EXPECT_REFUSED(EINVAL, attach(self->kernel, "a", tid, &self->error));
	EXPECT_EQ(PARTSCHED_A_TID, self->error.attr);
}

TEST_F(session, thread_with_a_limit_of_real_time_is_refused)
{
	struct rlimit limit = { .rlim_cur = 1000000, .rlim_max = RLIM_INFINITY };
	pid_t tid = START_VM(VM_SPIN);

	LOAD_USUAL();
	ASSERT_EQ(0, setrlimit(RLIMIT_RTTIME, &limit));
	EXPECT_REFUSED(EINVAL, attach(self->kernel, "a", tid, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "RLIMIT_RTTIME"));
	limit.rlim_cur = RLIM_INFINITY;
	ASSERT_EQ(0, setrlimit(RLIMIT_RTTIME, &limit));
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	EXPECT_TRUE(attached(self->kernel, "a"));
}

struct deadline_attr {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime;
	uint64_t deadline;
	uint64_t period;
};

TEST_F(session, deadline_thread_is_refused)
{
	struct deadline_attr attr = {
		.size = sizeof(attr), .policy = SCHED_DEADLINE, .runtime = 10000000,
		.deadline = 100000000, .period = 100000000,
	};
	pid_t tid = START_VM(VM_HALT);
	cpu_set_t all;

	ASSERT_NE(0, tid);
	/* it must be free to run anywhere to become one */
	memset(&all, 0xff, sizeof(all));
	ASSERT_EQ(0, sched_setaffinity(tid, sizeof(all), &all));
	if (syscall(SYS_sched_setattr, tid, &attr, 0))
		SKIP(return, "this kernel gives no SCHED_DEADLINE: %s", strerror(errno));
	LOAD_USUAL();
	EXPECT_REFUSED(EINVAL, attach(self->kernel, "a", tid, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "SCHED_DEADLINE"));
}

TEST_F(session, timeout_of_more_than_an_hour_is_refused)
{
	struct ps_attach_result result;
	pid_t tid = START_VM(VM_SPIN);

	LOAD_USUAL();
	EXPECT_REFUSED(ERANGE, ps_kernel_attach(self->kernel, "a", 0, tid, 0,
						3600 * NSEC_PER_SEC + 1, &result, &self->error));
	EXPECT_EQ(PARTSCHED_A_TIMEOUT_NS, self->error.attr);
}

TEST_F(session, vcpu_thread_is_fifo_on_one_cpu_and_bound_to_it)
{
	struct ps_module_info info;
	struct proc_task task;
	pid_t tid;

	LOAD_USUAL();
	tid = guest_attached(&self->guest, self->kernel, "hog", "a");
	ASSERT_NE(0, tid);
	ASSERT_DONE(ps_kernel_module(self->kernel, &info, &self->error));
	EXPECT_EQ(50, info.open_priority);
	/* but where a window's end has found it in the kernel, and in a suspect's window */
	EXPECT_TRUE(UNTIL(proc_task(tid, &task) && task.policy == SCHED_FIFO &&
			  task.priority == 50, TEST_PATIENCE_NS));
	EXPECT_EQ(self->cpu, proc_only_cpu(tid));
	EXPECT_EQ(PROC_NO_SETAFFINITY, task.flags & PROC_NO_SETAFFINITY);
	EXPECT_EQ(self->cpu, task.cpu);
	EXPECT_TRUE(UNTIL(sched_getscheduler(tid) == (SCHED_RESET_ON_FORK | SCHED_FIFO),
			  TEST_PATIENCE_NS));
	/* its launcher is not */
	EXPECT_EQ(SCHED_OTHER, sched_getscheduler(self->guest.pid));
}

TEST_F(session, running_guest_is_attached_by_its_tid)
{
	pid_t tid;

	LOAD_USUAL();
	ASSERT_EQ(0, guest_start(&self->guest, "hog", NULL, NULL));
	tid = guest_vcpu(&self->guest, 0);
	ASSERT_NE(0, tid);
	EXPECT_TRUE(UNTIL(proc_runtime_ns(tid) > 10 * NSEC_PER_MSEC, TEST_PATIENCE_NS));
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	EXPECT_TRUE(attached(self->kernel, "a"));
	EXPECT_EQ(self->cpu, proc_only_cpu(tid));
}

TEST_F(session, halted_guest_is_attached_by_its_tid)
{
	struct proc_task task;
	pid_t tid;

	LOAD_USUAL();
	tid = START_VM(VM_HALT);
	ASSERT_TRUE(UNTIL(proc_state(tid) == 'S', TEST_PATIENCE_NS));
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	EXPECT_TRUE(UNTIL(attach_state(self->kernel, "a", 0) == PARTSCHED_ATTACH_ATTACHED,
			  TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(proc_only_cpu(tid) == self->cpu, TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(proc_task(tid, &task) && task.policy == SCHED_FIFO,
			  TEST_PATIENCE_NS));
}

TEST_F(session, stopped_thread_is_attached_when_it_continues)
{
	struct ps_attach_result result;
	pid_t tid;

	LOAD_USUAL();
	ASSERT_EQ(0, guest_start(&self->guest, "hog", NULL, NULL));
	tid = guest_vcpu(&self->guest, 0);
	ASSERT_EQ(0, kill(self->guest.pid, SIGSTOP));
	ASSERT_TRUE(UNTIL(proc_state(tid) == 'T', TEST_PATIENCE_NS));
	ASSERT_DONE(ps_kernel_attach(self->kernel, "a", 0, tid, 0, TEST_PATIENCE_NS, &result,
				     &self->error));
	EXPECT_EQ(PARTSCHED_ATTACH_PENDING, result.state);
	EXPECT_NE(NULL, strstr(result.reason, "stopped")) { TH_LOG("%s", result.reason); }
	EXPECT_EQ(PARTSCHED_ATTACH_PENDING, attach_state(self->kernel, "a", 0));
	ASSERT_EQ(0, kill(self->guest.pid, SIGCONT));
	EXPECT_TRUE(attached(self->kernel, "a"));
}

TEST_F(session, two_partitions_have_their_windows_in_turn)
{
	struct ps_vcpu_info a, b;

	LOAD_USUAL();
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	ASSERT_NE(0, guest_attached(&self->other, self->kernel, "hog", "b"));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 5));
	EXPECT_TRUE(frames_pass(self->kernel, "b", 5));
	ASSERT_TRUE(vcpu_info(self->kernel, "a", 0, &a));
	ASSERT_TRUE(vcpu_info(self->kernel, "b", 0, &b));
	EXPECT_LT(0, a.stats.inside_ns);
	EXPECT_LT(0, b.stats.inside_ns);
	EXPECT_LT(0, a.stats.steal_ns);
	/* both states are seen, in one guest's life */
	EXPECT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_SUSPENDED,
			  TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_RUNNING,
			  TEST_PATIENCE_NS));
}

PARTSCHED_MAIN
