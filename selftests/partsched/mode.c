// SPDX-License-Identifier: GPL-2.0
/*
 * mode - operating modes: who may ask for which, and what comes of it; halting
 */
#include "operate-fixture.h"

enum outcome { REFUSE, DO, NOTHING, COLD };

#define IDLE	PARTSCHED_MODE_IDLE
#define COLDST	PARTSCHED_MODE_COLD_START
#define WARMST	PARTSCHED_MODE_WARM_START
#define NORMAL	PARTSCHED_MODE_NORMAL

/* What is to become of a request for IDLE, COLD_START, WARM_START, NORMAL. */
static const enum outcome operators[5][5] = {
	[IDLE] =   { 0, NOTHING, DO, DO, REFUSE },
	[COLDST] = { 0, DO, DO, DO, REFUSE },
	[WARMST] = { 0, DO, DO, DO, REFUSE },
	[NORMAL] = { 0, DO, DO, DO, REFUSE },
};

static const enum outcome partitions[5][5] = {
	[IDLE] =   { 0, REFUSE, REFUSE, REFUSE, REFUSE },
	[COLDST] = { 0, DO, DO, REFUSE, DO },
	[WARMST] = { 0, DO, DO, DO, DO },
	[NORMAL] = { 0, DO, DO, DO, NOTHING },
};

/* Of the health monitor, by an error each; it never asks for NORMAL. */
static const enum outcome monitors[5][4] = {
	[IDLE] =   { 0, NOTHING, NOTHING, NOTHING },
	[COLDST] = { 0, DO, DO, COLD },
	[WARMST] = { 0, DO, DO, DO },
	[NORMAL] = { 0, DO, DO, DO },
};

/* Errors that are no request for a mode, but for one of all partitions. */
#define SHUTDOWN	(NORMAL + 1)
#define RESET		(NORMAL + 2)

static const struct operate_row monitor_rows[] = {
	{ IDLE, PARTSCHED_LEVEL_PARTITION, OPERATE_ALWAYS, PARTSCHED_HM_IDLE, 0, 0 },
	{ COLDST, PARTSCHED_LEVEL_PARTITION, OPERATE_ALWAYS, PARTSCHED_HM_COLD_START, 0, 0 },
	{ WARMST, PARTSCHED_LEVEL_PARTITION, OPERATE_ALWAYS, PARTSCHED_HM_WARM_START, 0, 0 },
	{ SHUTDOWN, PARTSCHED_LEVEL_MODULE, OPERATE_ALWAYS, PARTSCHED_HM_SHUTDOWN, 0, 0 },
	{ RESET, PARTSCHED_LEVEL_MODULE, OPERATE_ALWAYS, PARTSCHED_HM_RESET, 0, 0 },
};

static bool starting(uint32_t mode)
{
	return mode == COLDST || mode == WARMST;
}

/* What the partition is like after a request that had an outcome. */
#define EXPECT_OUTCOME(_outcome, _from, _to, _starts, _condition) do {		\
	uint32_t _now = (_outcome) == DO ? (_to) : (_outcome) == COLD ? COLDST : (_from); \
	bool _begins = ((_outcome) == DO || (_outcome) == COLD) && starting(_now); \
	struct operate_info _info;						\
										\
	ASSERT_TRUE(operate_info(&self->op, "a", &_info));			\
	EXPECT_EQ(_now, _info.mode) { TH_LOG("asked for %u in %u", _to, _from); } \
	EXPECT_EQ((_starts) + _begins, _info.starts)				\
	{ TH_LOG("asked for %u in %u", _to, _from); }				\
	if (_begins)								\
		EXPECT_EQ(_condition, _info.condition);				\
} while (0)

static uint64_t starts_of(struct operator *op)
{
	struct operate_info info;

	return operate_info(op, "a", &info) ? info.starts : 0;
}

#define EXPECT_TABLE(_table, _requester, _condition) do {			\
	for (uint32_t from = IDLE; from <= NORMAL; from++)			\
		for (uint32_t to = IDLE; to <= NORMAL; to++) {			\
			enum outcome outcome = (_table)[from][to];		\
			uint64_t starts;					\
			int err;						\
										\
			ASSERT_TRUE(bring_to(&self->op, &self->a, from));	\
			starts = starts_of(&self->op);				\
			err = operate_mode(&self->op, "a", to, _requester);	\
			/* refused as long as the former life might ask */	\
			if (err && outcome == DO && to == NORMAL)		\
				(void)UNTIL(!(err = operate_mode(&self->op, "a", to, \
							_requester)), TEST_PATIENCE_NS); \
			EXPECT_EQ(outcome == REFUSE ? EINVAL : 0, err)		\
			{ TH_LOG("%u in %u: %s", to, from, self->op.answer.text); } \
			if (!err)						\
				EXPECT_EQ(from, self->op.answer.mode);		\
			EXPECT_EQ(outcome == NOTHING, self->op.answer.no_action); \
			if (err) {						\
				EXPECT_STRNE("", self->op.answer.text);		\
				EXPECT_EQ(PARTSCHED_A_MODE, self->op.answer.attr); \
			}							\
			EXPECT_OUTCOME(outcome, from, to, starts, _condition);	\
		}								\
} while (0)

TEST_F(operated, operator_asks_for_all_but_normal)
{
	self->plan.initialises = true;
	LOAD_PLAN();
	BOTH_RUN();
	EXPECT_TABLE(operators, PARTSCHED_BY_OPERATOR, PARTSCHED_START_NORMAL);
	UNHARMED();
}

TEST_F(operated, partition_asks_for_what_arinc_lets_it)
{
	self->plan.initialises = true;
	LOAD_PLAN();
	BOTH_RUN();
	EXPECT_TABLE(partitions, PARTSCHED_BY_PARTITION, PARTSCHED_START_RESTART);
	UNHARMED();
}

TEST_F(operated, health_monitor_leaves_an_idle_partition_alone)
{
	self->plan.initialises = true;
	self->plan.has_limit = true;
	self->plan.rows = monitor_rows;
	self->plan.nr_rows = ARRAY_SIZE(monitor_rows);
	LOAD_PLAN();
	BOTH_RUN();
	for (uint32_t from = IDLE; from <= NORMAL; from++)
		for (uint32_t to = IDLE; to <= WARMST; to++) {
			uint64_t starts;

			ASSERT_TRUE(bring_to(&self->op, &self->a, from));
			starts = starts_of(&self->op);
			DONE(operate_raise(&self->op, "a", 0, to));
			EXPECT_OUTCOME(monitors[from][to], from, to, starts,
				       PARTSCHED_START_HM_PARTITION);
		}
	UNHARMED();
}

TEST_F(operated, health_monitor_of_the_module_leaves_an_idle_partition_alone)
{
	static const uint32_t modes[] = { [SHUTDOWN] = IDLE, [RESET] = COLDST };

	self->plan.initialises = true;
	self->plan.has_limit = true;
	self->plan.rows = monitor_rows;
	self->plan.nr_rows = ARRAY_SIZE(monitor_rows);
	LOAD_PLAN();
	BOTH_RUN();
	for (uint32_t from = IDLE; from <= NORMAL; from++)
		for (uint32_t error = SHUTDOWN; error <= RESET; error++) {
			uint64_t starts;

			ASSERT_TRUE(bring_to(&self->op, &self->a, from));
			starts = starts_of(&self->op);
			/* of its neighbour's */
			DONE(operate_raise(&self->op, "b", 0, error));
			EXPECT_OUTCOME(monitors[from][modes[error]], from, modes[error], starts,
				       PARTSCHED_START_HM_MODULE);
			if (error == SHUTDOWN) {
				EXPECT_EQ(IDLE, operate_mode_of(&self->op, "b"));
				DONE(operate_mode(&self->op, "b", COLDST, 0));
			}
			ASSERT_TRUE(comes_to(&self->op, "b", NORMAL));
		}
	EXPECT_TRUE(runs(&self->b, 0));
}

TEST_F(operated, change_of_schedule_does_as_the_operator)
{
	self->plan.initialises = true;
	self->plan.acting = true;
	LOAD_PLAN();
	BOTH_RUN();
	for (uint32_t from = IDLE; from <= NORMAL; from++)
		/* schedules 2 to 4: made idle, started warm, started cold */
		for (uint32_t schedule = 2; schedule <= 4; schedule++) {
			static const uint32_t modes[] = { 0, 0, IDLE, WARMST, COLDST };
			uint32_t to = modes[schedule];
			uint64_t starts;

			CHANGE_TO(1, NULL);
			ASSERT_TRUE(bring_to(&self->op, &self->a, from));
			starts = starts_of(&self->op);
			CHANGE_TO(schedule, NULL);
			/* a window of its own has passed */
			ASSERT_TRUE(frames_pass(self->kernel, "a", 2));
			EXPECT_OUTCOME(operators[from][to] == NOTHING ? NOTHING : DO, from, to,
				       starts, PARTSCHED_START_NORMAL);
		}
	UNHARMED();
}

TEST_F(operated, module_alone_speaks_for_monitor_and_schedule)
{
	LOAD_PLAN();
	for (uint32_t requester = PARTSCHED_BY_HEALTH; requester <= PARTSCHED_BY_SCHEDULE + 1;
	     requester++)
		REFUSED(requester > PARTSCHED_BY_SCHEDULE ? ERANGE : EINVAL, PARTSCHED_A_REQUESTER,
			operate_mode(&self->op, "a", COLDST, requester));
	REFUSED(ERANGE, PARTSCHED_A_MODE, operate_mode(&self->op, "a", 0, 0));
	REFUSED(ERANGE, PARTSCHED_A_MODE, operate_mode(&self->op, "a", NORMAL + 1, 0));
	REFUSED(ENOENT, PARTSCHED_A_PARTITION_NAME, operate_mode(&self->op, "c", COLDST, 0));
	REFUSED(ENOENT, PARTSCHED_A_PARTITION_NAME, operate_halt(&self->op, "c", true));
	REFUSED(ENOENT, PARTSCHED_A_PARTITION_NAME, operate_halt(&self->op, "c", false));
	REFUSED(EINVAL, 0, operate_mode(&self->op, NULL, COLDST, 0));
	REFUSED(EINVAL, 0, operate_halt(&self->op, NULL, true));
	ASSERT_DONE(ps_kernel_unload(self->kernel, true, &self->error));
	REFUSED(ENOENT, 0, operate_mode(&self->op, "a", COLDST, 0));
}

TEST_F(operated, warm_start_wants_a_former_life)
{
	self->plan.supervised = true;
	LOAD_PLAN();
	EXPECT_EQ(IDLE, operate_mode_of(&self->op, "a"));
	REFUSED(EINVAL, PARTSCHED_A_MODE, operate_mode(&self->op, "a", WARMST, 0));
	EXPECT_EQ(IDLE, operate_mode_of(&self->op, "a"));
	EXPECT_EQ(0, starts_of(&self->op));
}

TEST_F(operated, start_without_a_launcher_waits_for_one)
{
	self->plan.supervised = true;
	LOAD_PLAN();
	DONE(operate_mode(&self->op, "a", COLDST, 0));
	EXPECT_EQ(COLDST, operate_mode_of(&self->op, "a"));
	START(&self->a, "a");
	EXPECT_TRUE(comes_to(&self->op, "a", NORMAL));
	/* it has begun by itself: that was the one that was asked for */
	ASSERT_TRUE(frames_pass(self->kernel, "a", 3));
	EXPECT_EQ(1, vcpu_of(&self->a, 0)->starts);
	EXPECT_EQ(1, starts_of(&self->op));
}

/* What the module tells "a", mapped as its launcher does. */
static const struct partsched_guest_live *live_page(void)
{
	int fd = open(PARTSCHED_DEVICE, O_RDWR | O_CLOEXEC);
	struct partsched_bind bind = { .name = "a" };
	void *page = MAP_FAILED;

	if (fd >= 0 && !ioctl(fd, PARTSCHED_IOC_BIND, &bind))
		page = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	return page == MAP_FAILED ? NULL : page;
}

static uint32_t live_mode(const struct partsched_guest_live *live)
{
	return __atomic_load_n(&live->vcpu[0].mode, __ATOMIC_RELAXED);
}

TEST_F(operated, cold_start_ends_the_life_and_clears_memory)
{
	const struct partsched_guest_live *live;
	uint64_t began_ns, asked_ns;

	LOAD_PLAN();
	BOTH_RUN();
	live = live_page();
	ASSERT_NE(NULL, live);
	EXPECT_TRUE(UNTIL(live_mode(live) == PARTSCHED_GUEST_MODE_NORMAL, TEST_PATIENCE_NS));
	EXPECT_EQ(PARTSCHED_GUEST_CONDITION_NORMAL, live->vcpu[0].start_condition);
	EXPECT_EQ(1, live->vcpu[0].nr_starts);
	began_ns = vcpu_of(&self->a, 0)->began_ns;
	asked_ns = now_ns();
	DONE(operate_mode(&self->op, "a", COLDST, 0));
	EXPECT_EQ(NORMAL, self->op.answer.mode);
	EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 0)->began_ns > began_ns, TEST_PATIENCE_NS));
	EXPECT_LT(asked_ns, vcpu_of(&self->a, 0)->began_ns);
	EXPECT_TRUE(runs(&self->a, 0));
	EXPECT_EQ(1, vcpu_of(&self->a, 0)->starts);
	EXPECT_EQ(0, vcpu_of(&self->a, 0)->former_ns);
	EXPECT_TRUE(comes_to(&self->op, "a", NORMAL));
	EXPECT_TRUE(UNTIL(live_mode(live) == PARTSCHED_GUEST_MODE_NORMAL, TEST_PATIENCE_NS));
	EXPECT_EQ(2, live->vcpu[0].nr_starts);
	EXPECT_EQ(PARTSCHED_GUEST_START_COLD, live->vcpu[0].start_action);
	EXPECT_EQ(2, starts_of(&self->op));
	UNHARMED();
	munmap((void *)live, sysconf(_SC_PAGESIZE));
}

TEST_F(operated, warm_start_keeps_memory_and_the_former_life_ends_first)
{
	LOAD_PLAN();
	BOTH_RUN();
	for (unsigned int i = 2; i < 12; i++) {
		uint64_t done_ns;

		DONE(operate_mode(&self->op, "a", WARMST, 0));
		done_ns = now_ns();
		ASSERT_TRUE(UNTIL(vcpu_of(&self->a, 0)->starts == i, TEST_PATIENCE_NS));
		EXPECT_LT(vcpu_of(&self->a, 0)->former_ns, vcpu_of(&self->a, 0)->began_ns);
		EXPECT_LT(vcpu_of(&self->a, 0)->former_ns, done_ns + bound_ns());
		ASSERT_TRUE(runs(&self->a, 0));
		ASSERT_TRUE(comes_to(&self->op, "a", NORMAL));
	}
	UNHARMED();
}

TEST_F(operated, halted_guest_hears_of_a_start)
{
	LOAD_PLAN();
	ASSERT_TRUE(seen_start(&self->a, "naps", "a", "--halt-exits", "--"));
	for (unsigned int i = 2; i < 8; i++) {
		EXPECT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_BLOCKED,
				  TEST_PATIENCE_NS));
		DONE(operate_mode(&self->op, "a", WARMST, 0));
		EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 0)->starts == i, TEST_PATIENCE_NS));
		EXPECT_TRUE(comes_to(&self->op, "a", NORMAL));
	}
}

TEST_F(operated, no_vcpu_outlives_the_start_of_another)
{
	if (self->plan.cpu < 1)
		SKIP(return, "only one CPU is online");
	self->plan.vcpus = 2;
	LOAD_PLAN();
	START(&self->b, "b");
	ASSERT_TRUE(seen_start(&self->a, "starts", "a", NULL, NULL));
	for (unsigned int i = 0; i < 25; i++) {
		ASSERT_TRUE(runs(&self->a, 0));
		ASSERT_TRUE(runs(&self->a, 1));
		DONE(operate_mode(&self->op, "a", COLDST, 0));
		ASSERT_TRUE(comes_to(&self->op, "a", NORMAL));
		ASSERT_TRUE(UNTIL(vcpu_of(&self->a, 0)->starts && vcpu_of(&self->a, 1)->starts,
				  TEST_PATIENCE_NS));
		/* memory was cleared, and only by then written to */
		for (unsigned int vcpu = 0; vcpu < 2; vcpu++) {
			EXPECT_EQ(1, vcpu_of(&self->a, vcpu)->starts);
			EXPECT_EQ(0, vcpu_of(&self->a, vcpu)->former_ns);
		}
	}
	UNHARMED();
}

TEST_F(operated, partition_that_initialises_says_when_it_is_normal)
{
	const struct partsched_guest_live *live;

	self->plan.initialises = true;
	LOAD_PLAN();
	BOTH_RUN();
	live = live_page();
	ASSERT_NE(NULL, live);
	ASSERT_TRUE(frames_pass(self->kernel, "a", 4));
	EXPECT_EQ(COLDST, operate_mode_of(&self->op, "a"));
	EXPECT_EQ(PARTSCHED_GUEST_MODE_COLD_START, live_mode(live));
	DONE(operate_mode(&self->op, "a", NORMAL, PARTSCHED_BY_PARTITION));
	EXPECT_EQ(COLDST, self->op.answer.mode);
	EXPECT_EQ(NORMAL, operate_mode_of(&self->op, "a"));
	EXPECT_TRUE(UNTIL(live_mode(live) == PARTSCHED_GUEST_MODE_NORMAL, TEST_PATIENCE_NS));
	DONE(operate_mode(&self->op, "a", WARMST, PARTSCHED_BY_PARTITION));
	EXPECT_TRUE(UNTIL(live_mode(live) == PARTSCHED_GUEST_MODE_WARM_START, TEST_PATIENCE_NS));
	EXPECT_EQ(PARTSCHED_GUEST_CONDITION_RESTART, live->vcpu[0].start_condition);
	EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 0)->starts == 2, TEST_PATIENCE_NS));
	ASSERT_TRUE(frames_pass(self->kernel, "a", 4));
	EXPECT_EQ(WARMST, operate_mode_of(&self->op, "a"));
	munmap((void *)live, sysconf(_SC_PAGESIZE));
	UNHARMED();
}

TEST_F(operated, former_life_cannot_say_that_it_is_normal)
{
	self->plan.initialises = true;
	LOAD_PLAN();
	BOTH_RUN();
	/* the order waits until it goes on */
	DONE(operate_halt(&self->op, "a", true));
	EXPECT_TRUE(stands(&self->a, self->kernel));
	DONE(operate_mode(&self->op, "a", COLDST, 0));
	REFUSED(EINVAL, PARTSCHED_A_MODE,
		operate_mode(&self->op, "a", NORMAL, PARTSCHED_BY_PARTITION));
	EXPECT_EQ(COLDST, operate_mode_of(&self->op, "a"));
	DONE(operate_halt(&self->op, "a", false));
	EXPECT_TRUE(UNTIL(!operate_mode(&self->op, "a", NORMAL, PARTSCHED_BY_PARTITION),
			  TEST_PATIENCE_NS));
	UNHARMED();
}

TEST_F(operated, idle_partition_stops_at_once_and_starts_again)
{
	LOAD_PLAN();
	BOTH_RUN();
	for (unsigned int i = 0; i < 5; i++) {
		uint64_t done_ns;

		DONE(operate_mode(&self->op, "a", IDLE, 0));
		done_ns = now_ns();
		EXPECT_EQ(PARTSCHED_RUN_HALTED, run_state(self->kernel, "a", 0));
		EXPECT_TRUE(stands(&self->a, self->kernel));
		EXPECT_LT(vcpu_of(&self->a, 0)->last_ns, done_ns + bound_ns());
		DONE(operate_mode(&self->op, "a", COLDST, 0));
		EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 0)->began_ns > done_ns, TEST_PATIENCE_NS));
		EXPECT_TRUE(runs(&self->a, 0));
		EXPECT_TRUE(comes_to(&self->op, "a", NORMAL));
	}
	UNHARMED();
}

TEST_F(operated, halt_stops_at_once_and_keeps_the_state)
{
	LOAD_PLAN();
	BOTH_RUN();
	for (unsigned int i = 0; i < 10; i++) {
		struct operate_info info;
		uint64_t done_ns;

		/* half of the time in its window */
		if (i % 2)
			ASSERT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_RUNNING,
					  TEST_PATIENCE_NS));
		DONE(operate_halt(&self->op, "a", true));
		done_ns = now_ns();
		EXPECT_FALSE(self->op.answer.no_action);
		EXPECT_TRUE(stands(&self->a, self->kernel));
		EXPECT_LT(vcpu_of(&self->a, 0)->last_ns, done_ns + bound_ns());
		EXPECT_EQ(PARTSCHED_RUN_HALTED, run_state(self->kernel, "a", 0));
		ASSERT_TRUE(operate_info(&self->op, "a", &info));
		EXPECT_TRUE(info.halted);
		EXPECT_EQ(NORMAL, info.mode);
		DONE(operate_halt(&self->op, "a", true));
		EXPECT_TRUE(self->op.answer.no_action);
		DONE(operate_halt(&self->op, "a", false));
		EXPECT_FALSE(self->op.answer.no_action);
		EXPECT_TRUE(runs(&self->a, 0));
		DONE(operate_halt(&self->op, "a", false));
		EXPECT_TRUE(self->op.answer.no_action);
	}
	EXPECT_EQ(1, vcpu_of(&self->a, 0)->starts);
	EXPECT_EQ(1, starts_of(&self->op));
	UNHARMED();
}

TEST_F(operated, time_halted_is_no_latency)
{
	struct ps_vcpu_info info;
	uint64_t windows;

	/* nearly always open */
	self->plan.window_ns = FRAME_NS / 2 - WINDOW_NS / 5;
	LOAD_PLAN();
	START(&self->a, "a");
	ASSERT_TRUE(vcpu_info(self->kernel, "a", 0, &info));
	windows = info.stats.opened;
	for (unsigned int i = 0; i < 20; i++) {
		DONE(operate_halt(&self->op, "a", true));
		EXPECT_TRUE(stands(&self->a, self->kernel));
		DONE(operate_halt(&self->op, "a", false));
		EXPECT_TRUE(runs(&self->a, 0));
	}
	ASSERT_TRUE(vcpu_info(self->kernel, "a", 0, &info));
	/* none of these windows, which were opened while it was halted, counts */
	EXPECT_LE(info.stats.open.count + 4 * 20, info.stats.opened);
	EXPECT_LT(windows, info.stats.opened);
}

TEST_F(operated, halted_partition_starts_when_it_may_go_on)
{
	LOAD_PLAN();
	BOTH_RUN();
	DONE(operate_halt(&self->op, "a", true));
	EXPECT_TRUE(stands(&self->a, self->kernel));
	DONE(operate_mode(&self->op, "a", WARMST, 0));
	EXPECT_TRUE(stands(&self->a, self->kernel));
	EXPECT_EQ(1, vcpu_of(&self->a, 0)->starts);
	EXPECT_EQ(WARMST, operate_mode_of(&self->op, "a"));
	DONE(operate_halt(&self->op, "a", false));
	EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 0)->starts == 2, TEST_PATIENCE_NS));
	EXPECT_TRUE(comes_to(&self->op, "a", NORMAL));
	UNHARMED();
}

TEST_F(operated, halted_partition_is_killed_all_the_same)
{
	struct operate_info info;

	LOAD_PLAN();
	BOTH_RUN();
	DONE(operate_halt(&self->op, "a", true));
	EXPECT_TRUE(stands(&self->a, self->kernel));
	ASSERT_EQ(0, kill(self->a.guest.pid, SIGKILL));
	EXPECT_TRUE(guest_ended(&self->a.guest, bound_ns()));
	EXPECT_TRUE(comes_to(&self->op, "a", IDLE));
	/* it stays halted, also with another launcher, until somebody says so */
	ASSERT_TRUE(operate_info(&self->op, "a", &info));
	EXPECT_TRUE(info.halted);
	DONE(operate_halt(&self->op, "a", false));
	seen_end(&self->a);
	START(&self->a, "a");
	UNHARMED();
}

TEST_F(operated, halted_guest_stays_halted_over_a_stop)
{
	LOAD_PLAN();
	BOTH_RUN();
	DONE(operate_halt(&self->op, "a", true));
	EXPECT_TRUE(stands(&self->a, self->kernel));
	ASSERT_EQ(0, kill(self->a.guest.pid, SIGSTOP));
	EXPECT_TRUE(UNTIL(proc_state(guest_vcpu(&self->a.guest, 0)) == 'T', bound_ns()));
	ASSERT_EQ(0, kill(self->a.guest.pid, SIGCONT));
	EXPECT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_HALTED,
			  TEST_PATIENCE_NS));
	EXPECT_TRUE(stands(&self->a, self->kernel));
	DONE(operate_halt(&self->op, "a", false));
	EXPECT_TRUE(runs(&self->a, 0));
	EXPECT_EQ(1, vcpu_of(&self->a, 0)->starts);
}

TEST_F(operated, mode_counts_and_halt_outlive_a_reload)
{
	struct operate_info info;
	uint64_t loops;

	LOAD_PLAN();
	BOTH_RUN();
	DONE(operate_mode(&self->op, "a", WARMST, 0));
	EXPECT_TRUE(comes_to(&self->op, "a", NORMAL));
	DONE(operate_halt(&self->op, "a", true));
	EXPECT_TRUE(stands(&self->a, self->kernel));
	loops = vcpu_of(&self->a, 0)->loops;
	self->plan.frame_ns = FRAME_NS / 2;
	self->plan.window_ns = WINDOW_NS / 2;
	LOAD_PLAN();
	ASSERT_TRUE(operate_info(&self->op, "a", &info));
	EXPECT_TRUE(info.halted);
	EXPECT_EQ(NORMAL, info.mode);
	EXPECT_EQ(2, info.starts);
	EXPECT_TRUE(stands(&self->a, self->kernel));
	EXPECT_EQ(loops, vcpu_of(&self->a, 0)->loops);
	DONE(operate_halt(&self->op, "a", false));
	EXPECT_TRUE(runs(&self->a, 0));
	DONE(operate_mode(&self->op, "a", IDLE, 0));
	self->plan.frame_ns = FRAME_NS;
	LOAD_PLAN();
	EXPECT_EQ(IDLE, operate_mode_of(&self->op, "a"));
	EXPECT_TRUE(stands(&self->a, self->kernel));
	DONE(operate_mode(&self->op, "a", WARMST, 0));
	EXPECT_TRUE(UNTIL(vcpu_of(&self->a, 0)->starts == 3, TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(vcpu_of(&self->b, 0)->starts == 1 && runs(&self->b, 0),
			  TEST_PATIENCE_NS));
}

TEST_F(operated, partition_without_threads_is_idle)
{
	LOAD_PLAN();
	EXPECT_EQ(IDLE, operate_mode_of(&self->op, "a"));
	START(&self->a, "a");
	EXPECT_EQ(NORMAL, operate_mode_of(&self->op, "a"));
	ASSERT_DONE(detach(self->kernel, "a", &self->error));
	EXPECT_TRUE(comes_to(&self->op, "a", IDLE));
	EXPECT_EQ(1, starts_of(&self->op));
}

/* An event that is waited for. */
struct wanted {
	uint32_t type;
	uint32_t mode;
	uint32_t condition;
	const char *reason;
};

static bool other_than(const struct nlattr *const *attrs, void *arg)
{
	const struct wanted *wanted = arg;

	return message_get_u32(attrs, PARTSCHED_A_EVENT_TYPE) != wanted->type ||
		message_get_u32(attrs, PARTSCHED_A_MODE) != wanted->mode ||
		message_get_u32(attrs, PARTSCHED_A_START_CONDITION) != wanted->condition ||
		strcmp(message_get_string(attrs, PARTSCHED_A_PARTITION_NAME), "a") ||
		!strstr(message_get_string(attrs, PARTSCHED_A_REASON), wanted->reason);
}

#define EXPECT_EVENT(_type, ...) do {						\
	struct wanted _wanted = { PARTSCHED_EVENT_##_type, __VA_ARGS__ };	\
										\
	EXPECT_EQ(0, message_event(self->events, other_than, &_wanted));	\
} while (0)

TEST_F(operated, events_tell_of_each_mode_in_turn)
{
	LOAD_PLAN();
	START(&self->a, "a");
	EXPECT_EVENT(MODE, NORMAL, PARTSCHED_START_NORMAL, "by itself");
	DONE(operate_mode(&self->op, "a", COLDST, 0));
	EXPECT_EVENT(MODE, COLDST, PARTSCHED_START_NORMAL, "operator");
	EXPECT_EVENT(MODE, NORMAL, PARTSCHED_START_NORMAL, "operator");
	DONE(operate_halt(&self->op, "a", true));
	EXPECT_EVENT(HALTED, 0, 0, "");
	DONE(operate_halt(&self->op, "a", false));
	EXPECT_EVENT(CONTINUED, 0, 0, "");
	DONE(operate_mode(&self->op, "a", WARMST, PARTSCHED_BY_PARTITION));
	EXPECT_EVENT(MODE, WARMST, PARTSCHED_START_RESTART, "by itself");
	EXPECT_EVENT(MODE, NORMAL, PARTSCHED_START_RESTART, "by itself");
	DONE(operate_mode(&self->op, "a", IDLE, 0));
	EXPECT_EVENT(MODE, IDLE, PARTSCHED_START_RESTART, "operator");
}

TEST_F(operated, neighbour_loses_no_window_to_starts_and_halts)
{
	LOAD_PLAN();
	BOTH_RUN();
	for (unsigned int i = 0; i < 50; i++) {
		DONE(operate_mode(&self->op, "a", i % 2 ? COLDST : WARMST, 0));
		DONE(operate_halt(&self->op, "a", true));
		if (i % 3)
			DONE(operate_mode(&self->op, "a", IDLE, 0));
		DONE(operate_halt(&self->op, "a", false));
	}
	DONE(operate_mode(&self->op, "a", COLDST, 0));
	EXPECT_TRUE(comes_to(&self->op, "a", NORMAL));
	EXPECT_TRUE(runs(&self->a, 0));
	UNHARMED();
}

PARTSCHED_MAIN
