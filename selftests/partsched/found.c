// SPDX-License-Identifier: GPL-2.0
/*
 * found - errors that the module finds by itself, with each action of the tables
 */
#include "health-fixture.h"

static const struct verdict {
	uint32_t level;
	uint32_t action;
	uint32_t mode;		/* that a NORMAL partition comes to */
	uint32_t condition;	/* of its start, 0: there is none */
} verdicts[] = {
	{ PARTSCHED_LEVEL_PARTITION, PARTSCHED_HM_IGNORE, NORMAL, 0 },
	{ PARTSCHED_LEVEL_PARTITION, PARTSCHED_HM_IDLE, IDLE, 0 },
	{ PARTSCHED_LEVEL_PARTITION, PARTSCHED_HM_WARM_START, WARMST,
	  PARTSCHED_START_HM_PARTITION },
	{ PARTSCHED_LEVEL_PROCESS, PARTSCHED_HM_COLD_START, COLDST, PARTSCHED_START_HM_PARTITION },
	{ PARTSCHED_LEVEL_MODULE, PARTSCHED_HM_SHUTDOWN, IDLE, 0 },
	{ PARTSCHED_LEVEL_MODULE, PARTSCHED_HM_RESET, COLDST, PARTSCHED_START_HM_MODULE },
};

#define EACH_VERDICT(_verdict)							\
	const struct verdict *_verdict = verdicts;				\
	_verdict < verdicts + ARRAY_SIZE(verdicts);				\
	_verdict++

static bool for_all(const struct verdict *verdict)
{
	return verdict->action == PARTSCHED_HM_SHUTDOWN || verdict->action == PARTSCHED_HM_RESET;
}

/* As they were before the errors: "a", which says so itself, and "b". */
static bool both_normal(struct operator *op)
{
	if (operate_mode(op, "a", COLDST, 0) ||
	    !UNTIL(!operate_mode(op, "a", NORMAL, PARTSCHED_BY_PARTITION), TEST_PATIENCE_NS))
		return false;
	if (operate_mode_of(op, "b") == IDLE && operate_mode(op, "b", COLDST, 0))
		return false;
	return comes_to(op, "b", NORMAL);
}

/* The first error of "a" that the row of do_always() was about. */
static bool handled_after(struct operator *op, uint64_t seq, uint32_t source,
			  struct operate_error *error)
{
	struct operate_error entries[64];
	size_t nr = operate_log(op, entries, ARRAY_SIZE(entries), seq);

	for (size_t i = 0; i < nr && i < ARRAY_SIZE(entries); i++) {
		if (entries[i].source != source || entries[i].id != ANY_ERROR ||
		    entries[i].state != PARTSCHED_STATE_NORMAL || strcmp(entries[i].partition, "a"))
			continue;
		*error = entries[i];
		return true;
	}
	return false;
}

/*
 * What causes the errors goes on all the time. Nothing is done about them until
 * the plan says what.
 */
#define EXPECT_EACH_VERDICT(_source) do {					\
	for (EACH_VERDICT(verdict)) {						\
		uint64_t seq, starts[2];					\
		struct operate_error error;					\
		struct operate_row row;						\
										\
		memset(self->plan.ids, 0, sizeof(self->plan.ids));		\
		self->plan.nr_rows = 0;						\
		LOAD_PLAN();							\
		ASSERT_TRUE(both_normal(&self->op));				\
		seq = operate_newest(&self->op);				\
		starts[0] = starts_of(&self->op, "a");				\
		starts[1] = starts_of(&self->op, "b");				\
		do_always(&self->plan, &row, _source, verdict->level, verdict->action);	\
		LOAD_PLAN();							\
		ASSERT_TRUE(UNTIL(handled_after(&self->op, seq, _source, &error),	\
				  TEST_PATIENCE_NS))				\
		{ TH_LOG("action %u", verdict->action); }			\
		EXPECT_EQ(verdict->level, error.level);				\
		EXPECT_EQ(verdict->action, error.action);			\
		EXPECT_LE(1, error.count);					\
		EXPECT_FALSE(error.injected);					\
		EXPECT_EQ(verdict->mode, operate_mode_of(&self->op, "a"))	\
		{ TH_LOG("action %u", verdict->action); }			\
		EXPECT_EQ(starts[0] + !!verdict->condition, starts_of(&self->op, "a"))	\
		{ TH_LOG("action %u", verdict->action); }			\
		if (verdict->condition)						\
			EXPECT_EQ(verdict->condition, condition_of(&self->op, "a"));	\
		EXPECT_EQ(starts[1] + (verdict->action == PARTSCHED_HM_RESET),	\
			  starts_of(&self->op, "b"));				\
		if (!for_all(verdict))						\
			EXPECT_EQ(NORMAL, operate_mode_of(&self->op, "b"));	\
		if (verdict->action == PARTSCHED_HM_SHUTDOWN)			\
			EXPECT_EQ(IDLE, operate_mode_of(&self->op, "b"));	\
	}									\
} while (0)

/* A task of the administrator's in "a"'s windows. */
struct thief {
	pthread_t thread;
	int cpu;
	atomic_bool stop;
};

static void *steal(void *arg)
{
	const struct sched_param param = { .sched_priority = 99 };
	struct thief *thief = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(thief->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) || sched_setscheduler(0, SCHED_FIFO, &param))
		return NULL;
	while (!atomic_load(&thief->stop)) {
		uint64_t until_ns = now_ns() + 3 * NSEC_PER_MSEC;

		while (now_ns() < until_ns)
			;
		nanosleep(&(struct timespec){ .tv_nsec = 5 * NSEC_PER_MSEC }, NULL);
	}
	return NULL;
}

TEST_F(operated, theft_beyond_the_limit_is_an_error_with_any_action)
{
	struct thief thief = { .cpu = self->plan.cpu };
	struct operate_error error;
	uint64_t seq;

	self->plan.initialises = true;
	self->plan.steal_limit_ns = 3600 * NSEC_PER_SEC;
	LOAD_PLAN();
	BOTH_RUN();
	seq = operate_newest(&self->op);
	ASSERT_EQ(0, pthread_create(&thief.thread, NULL, steal, &thief));
	ASSERT_TRUE(frames_pass(self->kernel, "a", 20));
	/* none comes to an hour */
	EXPECT_FALSE(found_after(&self->op, seq, PARTSCHED_ERROR_STEAL, &error));
	self->plan.steal_limit_ns = WINDOW_NS / 10;
	EXPECT_EACH_VERDICT(PARTSCHED_ERROR_STEAL);
	atomic_store(&thief.stop, true);
	pthread_join(thief.thread, NULL);
}

#define CALL_BYTES	(64UL << 20)

/* Somewhere in a long call of the kernel when its window ends. */
struct caller {
	void *memory;
	int fd;
};

static void call(void *arg)
{
	const struct caller *caller = arg;

	if (read(caller->fd, caller->memory, CALL_BYTES) < 0)
		abort();
}

TEST_F(operated, overrun_is_an_error_with_any_action)
{
	struct caller caller = { .fd = open("/dev/zero", O_RDONLY | O_CLOEXEC) };
	struct vm vm;
	pid_t tid;

	self->plan.initialises = true;
	/* they touch: nobody else has the time after the end */
	self->plan.window_ns = FRAME_NS / 2 - WINDOW_NS / 5;
	LOAD_PLAN();
	caller.memory = mmap(NULL, CALL_BYTES, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, caller.memory);
	START(&self->b, "b");
	tid = vm_start(&vm, VM_EXIT);
	ASSERT_NE(0, tid);
	ASSERT_DONE(attach(self->kernel, "a", tid, &self->error));
	ASSERT_TRUE(attached(self->kernel, "a"));
	vm.seen = &caller;
	atomic_store(&vm.observe, call);
	EXPECT_EACH_VERDICT(PARTSCHED_ERROR_OVERRUN);
	atomic_store(&vm.observe, NULL);
	ASSERT_DONE(detach(self->kernel, "a", &self->error));
	vm_stop(&vm);
	close(caller.fd);
	munmap(caller.memory, CALL_BYTES);
}

TEST_F(operated, missed_windows_are_an_error_with_any_action)
{
	uint64_t seq = operate_newest(&self->op);
	struct operate_error error;

	if (exact())
		SKIP(return, "a machine that is never late misses none");
	self->plan.initialises = true;
	/* so short that a machine that emulates CPUs cannot but miss some */
	self->plan.window_ns = PARTSCHED_MIN_WINDOW_NS;
	self->plan.frame_ns = 4 * PARTSCHED_MIN_WINDOW_NS;
	LOAD_PLAN();
	ASSERT_NE(0, guest_attached(&self->a.guest, self->kernel, "hog", "a"));
	ASSERT_NE(0, guest_attached(&self->b.guest, self->kernel, "hog", "b"));
	EXPECT_TRUE(UNTIL(found_after(&self->op, seq, PARTSCHED_ERROR_MISSED, &error),
			  TEST_PATIENCE_NS));
	EXPECT_EQ(PARTSCHED_LEVEL_MODULE, error.level);
	EXPECT_EQ(PARTSCHED_HM_IGNORE, error.action);
	EXPECT_LE(1, error.count);
	EXPECT_EACH_VERDICT(PARTSCHED_ERROR_MISSED);
}

/* Each with another launcher: a minute on a slow host. */
TEST_F_TIMEOUT(operated, death_of_a_launcher_is_an_error_with_any_action, 3 * TEST_TIMEOUT_S)
{
	self->plan.initialises = true;
	LOAD_PLAN();
	START(&self->b, "b");
	for (EACH_VERDICT(verdict)) {
		/* nobody is there who could run */
		uint32_t mode = verdict->mode == NORMAL ? IDLE : verdict->mode;
		struct operate_error error;
		struct operate_row row;
		uint64_t seq;

		START(&self->a, "a");
		ASSERT_TRUE(both_normal(&self->op));
		do_always(&self->plan, &row, PARTSCHED_ERROR_LAUNCHER, verdict->level,
			  verdict->action);
		LOAD_PLAN();
		seq = operate_newest(&self->op);
		ASSERT_EQ(0, kill(self->a.guest.pid, SIGKILL));
		ASSERT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), TEST_PATIENCE_NS));
		ASSERT_TRUE(handled_after(&self->op, seq, PARTSCHED_ERROR_LAUNCHER, &error));
		EXPECT_EQ(verdict->level, error.level);
		EXPECT_EQ(verdict->action, error.action);
		EXPECT_EQ(1, error.count);
		/* a start waits for the next launcher */
		EXPECT_TRUE(comes_to(&self->op, "a", mode)) {
			TH_LOG("action %u: in %u", verdict->action, operate_mode_of(&self->op, "a"));
		}
		if (verdict->condition)
			EXPECT_EQ(verdict->condition, condition_of(&self->op, "a"));
		if (verdict->action == PARTSCHED_HM_RESET) {
			EXPECT_TRUE(UNTIL(vcpu_of(&self->b, 0)->began_ns > error.time_ns,
					  TEST_PATIENCE_NS));
			EXPECT_EQ(PARTSCHED_START_HM_MODULE, condition_of(&self->op, "b"));
		} else {
			EXPECT_EQ(verdict->action == PARTSCHED_HM_SHUTDOWN ? IDLE : NORMAL,
				  operate_mode_of(&self->op, "b"));
		}
		seen_end(&self->a);
	}
	if (exact())
		EXPECT_EQ(0, missed_by(self->kernel, "b"));
}

PARTSCHED_MAIN
