// SPDX-License-Identifier: GPL-2.0
/*
 * storms - who takes what is another's is named; how much it costs the other is
 * measured by scripts/bench --storms
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "partsched.h"

#define RT_NAME		"test-rt"
#define RT_PRIORITY	99
#define RT_SPIN_NS	(2 * NSEC_PER_MSEC)
#define RT_PAUSE_NS	(3 * NSEC_PER_MSEC)
#define CALL_BYTES	(64UL << 20)

/* A task of the administrator's on the windows' CPU, above them all or below. */
struct rt {
	pthread_t thread;
	bool ordinary;
	int cpu;
	_Atomic pid_t tid;
	atomic_bool stop;
};

static void *run_rt(void *arg)
{
	const struct sched_param param = { .sched_priority = RT_PRIORITY };
	struct rt *rt = arg;
	cpu_set_t set;

	prctl(PR_SET_NAME, RT_NAME);
	CPU_ZERO(&set);
	CPU_SET(rt->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) ||
	    (!rt->ordinary && sched_setscheduler(0, SCHED_FIFO, &param)))
		return NULL;
	atomic_store(&rt->tid, gettid());
	while (!atomic_load(&rt->stop)) {
		uint64_t until_ns = now_ns() + RT_SPIN_NS;

		while (now_ns() < until_ns)
			;
		nanosleep(&(struct timespec){ .tv_nsec = RT_PAUSE_NS }, NULL);
	}
	return NULL;
}

static bool named(struct ps_kernel *kernel, struct ps_vcpu_info *info)
{
	return vcpu_info(kernel, "a", 0, info) && !strcmp(info->preemptor, RT_NAME);
}

TEST_F(session, task_above_the_windows_is_named)
{
	struct rt rt = { .cpu = self->cpu };
	struct ps_kernel *events;
	struct ps_vcpu_info info;
	struct ps_event event;
	int mark, came;

	LOAD_USUAL();
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	ASSERT_TRUE(vcpu_info(self->kernel, "a", 0, &info));
	EXPECT_STRNE(RT_NAME, info.preemptor);
	events = ps_kernel_open(&self->error);
	ASSERT_NE(NULL, events);
	ASSERT_DONE(ps_kernel_subscribe(events, &self->error));
	mark = kernel_log_mark();

	ASSERT_EQ(0, pthread_create(&rt.thread, NULL, run_rt, &rt));
	EXPECT_TRUE(UNTIL(named(self->kernel, &info), TEST_PATIENCE_NS));
	EXPECT_LT(0, info.stats.preempted);
	EXPECT_LT(0, info.stats.preempted_max_ns);
	EXPECT_LE(info.stats.preempted_max_ns, info.stats.theft_ns);
	EXPECT_EQ(atomic_load(&rt.tid), (pid_t)info.preemptor_pid);
	do {
		came = ps_kernel_event(events, TEST_PATIENCE_NS / NSEC_PER_MSEC, &event,
				       &self->error);
	} while (came == 1 && (event.type != PARTSCHED_EVENT_PREEMPTED ||
			       !strstr(event.reason, RT_NAME)));
	EXPECT_EQ(1, came);
	EXPECT_STREQ("a", event.partition);
	EXPECT_LT(0, event.count);
	EXPECT_TRUE(kernel_log_has(mark, RT_NAME));

	atomic_store(&rt.stop, true);
	pthread_join(rt.thread, NULL);
	ps_kernel_close(events);
	close(mark);
}

TEST_F(session, ordinary_task_takes_nothing_and_is_not_named)
{
	struct rt task = { .cpu = self->cpu, .ordinary = true };
	struct ps_vcpu_info info;

	LOAD_USUAL();
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "a"));
	ASSERT_EQ(0, pthread_create(&task.thread, NULL, run_rt, &task));
	ASSERT_TRUE(UNTIL(atomic_load(&task.tid), TEST_PATIENCE_NS));
	ASSERT_TRUE(frames_pass(self->kernel, "a", 20));
	ASSERT_TRUE(vcpu_info(self->kernel, "a", 0, &info));
	EXPECT_STRNE(RT_NAME, info.preemptor);
	EXPECT_NE(atomic_load(&task.tid), (pid_t)info.preemptor_pid);
	atomic_store(&task.stop, true);
	pthread_join(task.thread, NULL);
}

/* Somewhere in a long call of the kernel when its window ends. */
struct caller {
	void *memory;
	int fd;
};

static bool can_call(struct caller *caller)
{
	caller->fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	caller->memory = mmap(NULL, CALL_BYTES, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	return caller->fd >= 0 && caller->memory != MAP_FAILED;
}

static void call(void *arg)
{
	const struct caller *caller = arg;

	if (read(caller->fd, caller->memory, CALL_BYTES) < 0)
		abort();
}

static bool has_priority(pid_t tid, int priority)
{
	struct proc_task task;

	return proc_task(tid, &task) && task.priority == priority;
}

static bool in_the_open_band(pid_t tid)
{
	return has_priority(tid, 50);
}

static bool overran(struct ps_kernel *kernel, struct ps_vcpu_info *info)
{
	return vcpu_info(kernel, "a", 0, info) && info->stats.overruns;
}

TEST_F(session, thread_in_the_way_of_a_window_is_named_and_goes_on)
{
	struct caller caller;
	struct ps_kernel *events;
	struct ps_vcpu_info info;
	struct ps_event event;
	uint64_t exits;
	pid_t tid;
	int came;

	LOAD_USUAL();
	ASSERT_TRUE(can_call(&caller));
	events = ps_kernel_open(&self->error);
	ASSERT_NE(NULL, events);
	ASSERT_DONE(ps_kernel_subscribe(events, &self->error));
	tid = START_VM(VM_EXIT);
	ASSERT_NE(0, tid);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "b"));

	self->vm.seen = &caller;
	atomic_store(&self->vm.observe, call);
	EXPECT_TRUE(UNTIL(overran(self->kernel, &info), TEST_PATIENCE_NS));
	do {
		came = ps_kernel_event(events, TEST_PATIENCE_NS / NSEC_PER_MSEC, &event,
				       &self->error);
	} while (came == 1 && event.type != PARTSCHED_EVENT_OVERRUN);
	EXPECT_EQ(1, came);
	EXPECT_STREQ("a", event.partition);

	/* back in its band, and no worse for it */
	atomic_store(&self->vm.observe, NULL);
	exits = atomic_load(&self->vm.exits);
	EXPECT_TRUE(UNTIL(atomic_load(&self->vm.exits) > exits + 100, TEST_PATIENCE_NS));
	EXPECT_TRUE(frames_pass(self->kernel, "a", 3));
	EXPECT_TRUE(UNTIL(in_the_open_band(tid), TEST_PATIENCE_NS));
	ps_kernel_close(events);
}

/* Looked at as its window has just opened. */
static bool is_in_the_open_band_for(struct ps_kernel *kernel, pid_t tid, int windows)
{
	while (windows--)
		if (!frames_pass(kernel, "a", 1) || !in_the_open_band(tid))
			return false;
	return true;
}

enum mending { NO_CHANCE, SUSPECTED_STILL, MENDED };

/*
 * 64 windows that end in the guest are to a thread's credit whatever it did. A
 * slow host that does something itself as every tenth window ends gives it no
 * chance of that.
 */
static enum mending mends(struct ps_kernel *kernel, pid_t tid)
{
	uint64_t deadline_ns = now_ns() + TEST_PATIENCE_NS;
	struct ps_vcpu_info before, after;
	bool back;

	do {
		if (!vcpu_info(kernel, "a", 0, &before) || !frames_pass(kernel, "a", 128))
			return SUSPECTED_STILL;
		back = is_in_the_open_band_for(kernel, tid, 5);
		if (!vcpu_info(kernel, "a", 0, &after))
			return SUSPECTED_STILL;
		if (before.stats.overruns == after.stats.overruns)
			return back ? MENDED : SUSPECTED_STILL;
	} while (now_ns() < deadline_ns);
	return NO_CHANCE;
}

TEST_F(session, suspect_runs_below_the_open_band_until_it_has_mended)
{
	struct caller caller;
	struct ps_vcpu_info info;
	enum mending mending;
	uint64_t overruns;
	pid_t tid;

	LOAD_USUAL();
	ASSERT_TRUE(can_call(&caller));
	tid = START_VM(VM_SPIN);
	ASSERT_NE(0, tid);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	ASSERT_NE(0, guest_attached(&self->guest, self->kernel, "hog", "b"));

	/* however many calls of the kernel it takes for a third overrun */
	ASSERT_TRUE(vcpu_info(self->kernel, "a", 0, &info));
	overruns = info.stats.overruns;
	do {
		ASSERT_TRUE(vm_do(&self->vm, call, &caller));
		ASSERT_TRUE(vcpu_info(self->kernel, "a", 0, &info));
	} while (info.stats.overruns < overruns + 3);
	EXPECT_TRUE(UNTIL(has_priority(tid, 49), TEST_PATIENCE_NS));
	/* it takes that back each time that it parks */
	EXPECT_TRUE(UNTIL(in_the_open_band(tid), TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(has_priority(tid, 49), TEST_PATIENCE_NS));

	mending = mends(self->kernel, tid);
	if (mending == NO_CHANCE)
		SKIP(return, "no 133 windows on end without the host itself in the thread's way");
	EXPECT_EQ(MENDED, mending);
}

PARTSCHED_MAIN
