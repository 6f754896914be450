// SPDX-License-Identifier: GPL-2.0
/*
 * health - the health monitor: errors of each source, what is done about them, and
 * what is said of them
 */
#include <sys/prctl.h>

#include "health-fixture.h"

/* How it was before, and what the log says. */
struct raised {
	uint64_t starts;
	struct operate_error error;
};

/*
 * Each, and PARTSCHED_ERROR_OTHER, which is raised by its identifier. But for those
 * that a busy machine has by itself, at any time: they are in found.c.
 */
#define EACH_SOURCE(_source)							\
	uint32_t _source = PARTSCHED_ERROR_OTHER;				\
	_source <= SOURCES;							\
	_source = _source ? _source + 1 : PARTSCHED_ERROR_STEAL + 1

/* Both run, and "a" says itself when it is NORMAL. */
#define BEGIN_BOTH() do {							\
	self->plan.initialises = true;						\
	LOAD_PLAN();								\
	BOTH_RUN();								\
} while (0)

/* Raise a source's error in "a", which is NORMAL by then. */
#define RAISE(_source, _level, _action, _raised) do {				\
	struct operate_error *_error = &(_raised)->error;			\
	struct operate_row _row;						\
	uint64_t _seq;								\
										\
	do_always(&self->plan, &_row, _source, PARTSCHED_LEVEL_##_level,	\
		  PARTSCHED_HM_##_action);					\
	LOAD_PLAN();								\
	ASSERT_TRUE(bring_to(&self->op, &self->a, NORMAL));			\
	_seq = operate_newest(&self->op);					\
	(_raised)->starts = starts_of(&self->op, "a");				\
	DONE(operate_raise(&self->op, "a", _source, ANY_ERROR));		\
	EXPECT_EQ(ANY_ERROR, self->op.answer.error_id);				\
	EXPECT_EQ(PARTSCHED_LEVEL_##_level, self->op.answer.error_level);	\
	EXPECT_EQ(PARTSCHED_HM_##_action, self->op.answer.hm_action);		\
	ASSERT_TRUE(found_after(&self->op, _seq, _source, _error));		\
	EXPECT_EQ(ANY_ERROR, _error->id);					\
	EXPECT_EQ(PARTSCHED_LEVEL_##_level, _error->level);			\
	EXPECT_EQ(PARTSCHED_HM_##_action, _error->action);			\
	EXPECT_EQ(PARTSCHED_STATE_NORMAL, _error->state);			\
	EXPECT_EQ(1, _error->count);						\
	EXPECT_STREQ("a", _error->partition);					\
} while (0)

TEST_F(operated, each_source_can_be_ignored)
{
	struct raised raised;

	BEGIN_BOTH();
	for (EACH_SOURCE(source)) {
		RAISE(source, PARTITION, IGNORE, &raised);
		EXPECT_EQ(NORMAL, operate_mode_of(&self->op, "a"));
		EXPECT_EQ(raised.starts, starts_of(&self->op, "a"));
	}
	UNHARMED();
}

TEST_F(operated, each_source_can_make_its_partition_idle)
{
	struct raised raised;

	BEGIN_BOTH();
	for (EACH_SOURCE(source)) {
		RAISE(source, PARTITION, IDLE, &raised);
		EXPECT_EQ(IDLE, operate_mode_of(&self->op, "a"));
		EXPECT_EQ(PARTSCHED_RUN_HALTED, run_state(self->kernel, "a", 0));
		EXPECT_TRUE(stands(&self->a, self->kernel));
	}
	UNHARMED();
}

TEST_F(operated, each_source_can_start_its_partition_warm)
{
	struct raised raised;
	/* the first one of all is cold */
	uint64_t starts = 1;

	BEGIN_BOTH();
	for (EACH_SOURCE(source)) {
		RAISE(source, PARTITION, WARM_START, &raised);
		EXPECT_EQ(WARMST, operate_mode_of(&self->op, "a"));
		EXPECT_EQ(raised.starts + 1, starts_of(&self->op, "a"));
		EXPECT_EQ(PARTSCHED_START_HM_PARTITION, condition_of(&self->op, "a"));
		starts++;
		ASSERT_TRUE(UNTIL(vcpu_of(&self->a, 0)->starts == starts, TEST_PATIENCE_NS));
		ASSERT_TRUE(UNTIL(!operate_mode(&self->op, "a", NORMAL, PARTSCHED_BY_PARTITION),
				  TEST_PATIENCE_NS));
	}
	UNHARMED();
}

TEST_F(operated, each_source_can_start_its_partition_cold)
{
	struct raised raised;

	BEGIN_BOTH();
	for (EACH_SOURCE(source)) {
		RAISE(source, PROCESS, COLD_START, &raised);
		EXPECT_EQ(COLDST, operate_mode_of(&self->op, "a"));
		EXPECT_EQ(raised.starts + 1, starts_of(&self->op, "a"));
		EXPECT_EQ(PARTSCHED_START_HM_PARTITION, condition_of(&self->op, "a"));
		ASSERT_TRUE(UNTIL(vcpu_of(&self->a, 0)->began_ns > raised.error.time_ns,
				  TEST_PATIENCE_NS));
		EXPECT_EQ(1, vcpu_of(&self->a, 0)->starts);
	}
	UNHARMED();
}

TEST_F(operated, each_source_can_shut_all_partitions_down)
{
	struct raised raised;

	BEGIN_BOTH();
	for (EACH_SOURCE(source)) {
		RAISE(source, MODULE, SHUTDOWN, &raised);
		EXPECT_EQ(IDLE, operate_mode_of(&self->op, "a"));
		EXPECT_EQ(IDLE, operate_mode_of(&self->op, "b"));
		EXPECT_EQ(raised.starts, starts_of(&self->op, "a"));
		EXPECT_TRUE(stands(&self->a, self->kernel));
		DONE(operate_mode(&self->op, "b", WARMST, 0));
		EXPECT_TRUE(comes_to(&self->op, "b", NORMAL));
	}
	EXPECT_TRUE(runs(&self->b, 0));
}

TEST_F(operated, each_source_can_reset_the_module)
{
	struct raised raised;

	BEGIN_BOTH();
	for (EACH_SOURCE(source)) {
		RAISE(source, MODULE, RESET, &raised);
		EXPECT_EQ(raised.starts + 1, starts_of(&self->op, "a"));
		EXPECT_EQ(PARTSCHED_START_HM_MODULE, condition_of(&self->op, "a"));
		EXPECT_EQ(PARTSCHED_START_HM_MODULE, condition_of(&self->op, "b"));
		ASSERT_TRUE(UNTIL(vcpu_of(&self->a, 0)->began_ns > raised.error.time_ns,
				  TEST_PATIENCE_NS));
		ASSERT_TRUE(UNTIL(vcpu_of(&self->b, 0)->began_ns > raised.error.time_ns,
				  TEST_PATIENCE_NS));
	}
	/* who is idle stays so */
	ASSERT_TRUE(bring_to(&self->op, &self->a, NORMAL));
	DONE(operate_mode(&self->op, "b", IDLE, 0));
	DONE(operate_raise(&self->op, "a", SOURCES, 0));
	EXPECT_EQ(PARTSCHED_HM_RESET, self->op.answer.hm_action);
	EXPECT_EQ(IDLE, operate_mode_of(&self->op, "b"));
}

TEST_F(operated, what_no_table_says_is_done_by_default)
{
	static const struct {
		uint32_t level;
		uint32_t action;
	} defaults[SOURCES + 1] = {
		[PARTSCHED_ERROR_OVERRUN] = { PARTSCHED_LEVEL_PARTITION, PARTSCHED_HM_IGNORE },
		[PARTSCHED_ERROR_MISSED] = { PARTSCHED_LEVEL_MODULE, PARTSCHED_HM_IGNORE },
		[PARTSCHED_ERROR_STEAL] = { PARTSCHED_LEVEL_MODULE, PARTSCHED_HM_IGNORE },
		[PARTSCHED_ERROR_LAUNCHER] = { PARTSCHED_LEVEL_PARTITION, PARTSCHED_HM_IDLE },
		[PARTSCHED_ERROR_SHUTDOWN] = { PARTSCHED_LEVEL_PARTITION,
					       PARTSCHED_HM_COLD_START },
		[PARTSCHED_ERROR_KVM] = { PARTSCHED_LEVEL_PARTITION, PARTSCHED_HM_COLD_START },
		[PARTSCHED_ERROR_MEMORY] = { PARTSCHED_LEVEL_PARTITION,
					     PARTSCHED_HM_COLD_START },
		[PARTSCHED_ERROR_READONLY] = { PARTSCHED_LEVEL_PARTITION,
					       PARTSCHED_HM_COLD_START },
		[PARTSCHED_ERROR_SERVICE] = { PARTSCHED_LEVEL_PARTITION,
					      PARTSCHED_HM_COLD_START },
		[PARTSCHED_ERROR_APPLICATION] = { PARTSCHED_LEVEL_PROCESS, PARTSCHED_HM_IGNORE },
		[PARTSCHED_ERROR_START] = { PARTSCHED_LEVEL_PARTITION, PARTSCHED_HM_IDLE },
	};

	self->plan.has_limit = true;
	self->plan.initialises = true;
	LOAD_PLAN();
	BOTH_RUN();
	for (uint32_t source = 1; source <= SOURCES; source++) {
		ASSERT_TRUE(bring_to(&self->op, &self->a, NORMAL));
		DONE(operate_raise(&self->op, "a", source, 0));
		EXPECT_EQ(defaults[source].level, self->op.answer.error_level)
		{ TH_LOG("source %u", source); }
		EXPECT_EQ(defaults[source].action, self->op.answer.hm_action)
		{ TH_LOG("source %u", source); }
	}
	/* somebody starts another launcher */
	self->plan.supervised = true;
	LOAD_PLAN();
	ASSERT_TRUE(bring_to(&self->op, &self->a, NORMAL));
	DONE(operate_raise(&self->op, "a", PARTSCHED_ERROR_LAUNCHER, 0));
	EXPECT_EQ(PARTSCHED_HM_COLD_START, self->op.answer.hm_action);
	/* an identifier that nothing is said about */
	DONE(operate_raise(&self->op, "a", 0, 4711));
	EXPECT_EQ(4711, self->op.answer.error_id);
	EXPECT_EQ(PARTSCHED_HM_IGNORE, self->op.answer.hm_action);
	UNHARMED();
}

TEST_F(operated, partitions_row_comes_before_the_one_for_all_and_states_differ)
{
	static const struct operate_row rows[] = {
		{ 5, PARTSCHED_LEVEL_PARTITION, OPERATE_ALWAYS, PARTSCHED_HM_WARM_START, 0, 0 },
		{ 5, PARTSCHED_LEVEL_PARTITION, PARTSCHED_STATE_NORMAL, PARTSCHED_HM_IDLE,
		  PARTSCHED_CODE_NUMERIC_ERROR, 1 },
		{ 5, PARTSCHED_LEVEL_PARTITION, PARTSCHED_STATE_START, PARTSCHED_HM_COLD_START,
		  PARTSCHED_CODE_HARDWARE_FAULT, 1 },
		{ 6, PARTSCHED_LEVEL_PARTITION, PARTSCHED_STATE_START, PARTSCHED_HM_IDLE, 0, 0 },
	};
	uint64_t seq = operate_newest(&self->op);
	struct operate_error errors[5];

	self->plan.initialises = true;
	self->plan.ids[PARTSCHED_ERROR_MEMORY] = 5;
	self->plan.ids[PARTSCHED_ERROR_KVM] = 6;
	self->plan.rows = rows;
	self->plan.nr_rows = ARRAY_SIZE(rows);
	LOAD_PLAN();
	BOTH_RUN();
	/* COLD_START since it is attached: its own row for that state */
	DONE(operate_raise(&self->op, "a", 0, 5));
	EXPECT_EQ(PARTSCHED_HM_COLD_START, self->op.answer.hm_action);
	ASSERT_TRUE(bring_to(&self->op, &self->a, NORMAL));
	/* nothing about this state: the source's default */
	DONE(operate_raise(&self->op, "a", PARTSCHED_ERROR_KVM, 0));
	EXPECT_EQ(6, self->op.answer.error_id);
	EXPECT_EQ(PARTSCHED_HM_COLD_START, self->op.answer.hm_action);
	ASSERT_TRUE(bring_to(&self->op, &self->a, NORMAL));
	DONE(operate_raise(&self->op, "a", PARTSCHED_ERROR_MEMORY, 0));
	EXPECT_EQ(5, self->op.answer.error_id);
	EXPECT_EQ(PARTSCHED_HM_IDLE, self->op.answer.hm_action);
	/* "b" has no row of its own */
	DONE(operate_raise(&self->op, "b", PARTSCHED_ERROR_MEMORY, 0));
	EXPECT_EQ(PARTSCHED_HM_WARM_START, self->op.answer.hm_action);
	EXPECT_TRUE(UNTIL(vcpu_of(&self->b, 0)->starts == 2, TEST_PATIENCE_NS));
	/* the code is the row's, or what the finder says */
	ASSERT_EQ(4, raised_after(&self->op, errors, ARRAY_SIZE(errors), seq));
	EXPECT_EQ(PARTSCHED_CODE_HARDWARE_FAULT, errors[0].code);
	EXPECT_EQ(PARTSCHED_STATE_START, errors[0].state);
	EXPECT_EQ(PARTSCHED_CODE_NONE, errors[1].code);
	EXPECT_EQ(PARTSCHED_CODE_NUMERIC_ERROR, errors[2].code);
	EXPECT_EQ(PARTSCHED_STATE_NORMAL, errors[2].state);
	EXPECT_STREQ("b", errors[3].partition);
}

TEST_F(operated, all_that_is_known_of_an_error_is_logged_and_told)
{
	uint64_t seq = operate_newest(&self->op);
	struct operate_error error;
	struct operate_info info;
	struct message message;

	LOAD_PLAN();
	BOTH_RUN();
	operate_ask(&self->op, &message, PARTSCHED_CMD_RAISE_ERROR, "a");
	message_u32(&message, PARTSCHED_A_ERROR_SOURCE, PARTSCHED_ERROR_APPLICATION);
	message_u32(&message, PARTSCHED_A_ERROR_CODE, PARTSCHED_CODE_STACK_OVERFLOW);
	message_u32(&message, PARTSCHED_A_VCPU, 0);
	message_u64(&message, PARTSCHED_A_ADDRESS, 0x123456789aULL);
	message_string(&message, PARTSCHED_A_REASON, "three red lamps");
	message_flag(&message, PARTSCHED_A_INJECTED);
	DONE(operate_send(&self->op, &message));
	ASSERT_TRUE(found_after(&self->op, seq, PARTSCHED_ERROR_APPLICATION, &error));
	EXPECT_LT(seq, error.seq);
	EXPECT_EQ(PARTSCHED_CODE_STACK_OVERFLOW, error.code);
	EXPECT_EQ(0x123456789aULL, error.address);
	EXPECT_STREQ("three red lamps", error.reason);
	EXPECT_TRUE(error.injected);
	EXPECT_FALSE(error.damped);
	EXPECT_LT(error.time_ns, now_ns());
	ASSERT_TRUE(operate_info(&self->op, "a", &info));
	EXPECT_LE(1, info.errors);
	UNHARMED();
}

/* An event of an error of a source; then what it says. */
struct told {
	uint32_t source;
	struct operate_error error;
};

static bool no_error_of(const struct nlattr *const *attrs, void *arg)
{
	struct told *told = arg;

	if (message_get_u32(attrs, PARTSCHED_A_EVENT_TYPE) != PARTSCHED_EVENT_ERROR ||
	    message_get_u32(attrs, PARTSCHED_A_ERROR_SOURCE) != told->source)
		return true;
	operate_error(attrs, &told->error);
	return false;
}

TEST_F(operated, event_says_what_the_log_says)
{
	struct told told = { .source = PARTSCHED_ERROR_SHUTDOWN };
	uint64_t seq = operate_newest(&self->op);
	struct operate_error error;

	LOAD_PLAN();
	BOTH_RUN();
	DONE(operate_raise(&self->op, "a", PARTSCHED_ERROR_SHUTDOWN, 0));
	ASSERT_EQ(0, message_event(self->events, no_error_of, &told));
	ASSERT_TRUE(found_after(&self->op, seq, PARTSCHED_ERROR_SHUTDOWN, &error));
	/* the event was sent a moment later */
	EXPECT_LE(error.time_ns, told.error.time_ns);
	told.error.time_ns = error.time_ns;
	EXPECT_EQ(0, memcmp(&error, &told.error, sizeof(error)));
	EXPECT_EQ(PARTSCHED_HM_COLD_START, error.action);
}

TEST_F(operated, wrong_errors_are_refused)
{
	struct message message;

	REFUSED(ENOENT, 0, operate_raise(&self->op, "a", PARTSCHED_ERROR_KVM, 0));
	LOAD_PLAN();
	REFUSED(ENOENT, PARTSCHED_A_PARTITION_NAME,
		operate_raise(&self->op, "c", PARTSCHED_ERROR_KVM, 0));
	REFUSED(ERANGE, PARTSCHED_A_ERROR_SOURCE, operate_raise(&self->op, "a", SOURCES + 1, 0));
	operate_ask(&self->op, &message, PARTSCHED_CMD_RAISE_ERROR, "a");
	REFUSED(EINVAL, 0, operate_send(&self->op, &message));
	operate_ask(&self->op, &message, PARTSCHED_CMD_RAISE_ERROR, "a");
	message_u32(&message, PARTSCHED_A_ERROR_SOURCE, PARTSCHED_ERROR_KVM);
	message_u32(&message, PARTSCHED_A_ERROR_ID, 5);
	REFUSED(EINVAL, 0, operate_send(&self->op, &message));
	operate_ask(&self->op, &message, PARTSCHED_CMD_RAISE_ERROR, "a");
	message_u32(&message, PARTSCHED_A_ERROR_SOURCE, PARTSCHED_ERROR_OTHER);
	REFUSED(EINVAL, PARTSCHED_A_ERROR_SOURCE, operate_send(&self->op, &message));
	operate_ask(&self->op, &message, PARTSCHED_CMD_RAISE_ERROR, "a");
	message_u32(&message, PARTSCHED_A_ERROR_SOURCE, PARTSCHED_ERROR_KVM);
	message_u32(&message, PARTSCHED_A_VCPU, 1);
	REFUSED(EINVAL, PARTSCHED_A_VCPU, operate_send(&self->op, &message));
}

/* The launcher is killed, and nobody has said so before. */

TEST_F(operated, death_of_a_launcher_makes_its_partition_idle)
{
	uint64_t seq = operate_newest(&self->op);
	struct operate_error error;

	/* once for all of its threads */
	self->plan.vcpus = self->plan.cpu ? 2 : 1;
	LOAD_PLAN();
	BOTH_RUN();
	ASSERT_EQ(0, kill(self->a.guest.pid, SIGKILL));
	EXPECT_TRUE(comes_to(&self->op, "a", IDLE));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0) &&
			  (self->plan.vcpus == 1 || !attach_state(self->kernel, "a", 1)),
			  TEST_PATIENCE_NS));
	EXPECT_EQ(1, raised_after(&self->op, &error, 1, seq));
	EXPECT_EQ(PARTSCHED_ERROR_LAUNCHER, error.source);
	EXPECT_EQ(PARTSCHED_HM_IDLE, error.action);
	EXPECT_EQ(PARTSCHED_STATE_NORMAL, error.state);
	UNHARMED();
}

TEST_F(operated, dead_launcher_of_a_supervised_partition_is_replaced)
{
	self->plan.supervised = true;
	self->plan.has_limit = true;
	LOAD_PLAN();
	START(&self->b, "b");
	for (unsigned int i = 0; i < 5; i++) {
		struct operate_error error;
		uint64_t seq;

		START(&self->a, "a");
		ASSERT_TRUE(comes_to(&self->op, "a", NORMAL));
		seq = operate_newest(&self->op);
		ASSERT_EQ(0, kill(self->a.guest.pid, SIGKILL));
		ASSERT_TRUE(comes_to(&self->op, "a", COLDST));
		EXPECT_EQ(PARTSCHED_START_HM_PARTITION, condition_of(&self->op, "a"));
		ASSERT_TRUE(found_after(&self->op, seq, PARTSCHED_ERROR_LAUNCHER, &error));
		EXPECT_EQ(PARTSCHED_HM_COLD_START, error.action);
		/* it waits for the next one */
		EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), TEST_PATIENCE_NS));
		EXPECT_EQ(COLDST, operate_mode_of(&self->op, "a"));
		seen_end(&self->a);
	}
	EXPECT_EQ(6, starts_of(&self->op, "a"));
	UNHARMED();
}

TEST_F(operated, launcher_that_leaves_in_order_is_no_error)
{
	uint64_t seq = operate_newest(&self->op);

	LOAD_PLAN();
	START(&self->a, "a");
	ASSERT_DONE(detach(self->kernel, "a", &self->error));
	EXPECT_TRUE(comes_to(&self->op, "a", IDLE));
	seen_end(&self->a);
	/* it says so, and ends */
	START(&self->a, "a");
	DONE(operate_mode(&self->op, "a", IDLE, PARTSCHED_BY_PARTITION));
	ASSERT_EQ(0, kill(self->a.guest.pid, SIGKILL));
	EXPECT_TRUE(guest_ended(&self->a.guest, bound_ns()));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), TEST_PATIENCE_NS));
	seen_end(&self->a);
	/* the plan goes */
	START(&self->a, "a");
	ASSERT_DONE(ps_kernel_unload(self->kernel, true, &self->error));
	seen_end(&self->a);
	EXPECT_EQ(0, raised_after(&self->op, NULL, 0, seq));
}

TEST_F(operated, launcher_that_is_replaced_is_no_error)
{
	uint64_t seq = operate_newest(&self->op);

	self->plan.supervised = true;
	self->plan.initialises = true;
	LOAD_PLAN();
	START(&self->a, "a");
	ASSERT_TRUE(frames_pass(self->kernel, "a", 4));
	DONE(operate_mode(&self->op, "a", NORMAL, PARTSCHED_BY_PARTITION));
	/* it does not start: there is nothing that another one could do */
	EXPECT_REFUSED(EINVAL, ps_kernel_replace(self->kernel, "a", &self->error));
	DONE(operate_mode(&self->op, "a", COLDST, 0));
	ASSERT_DONE(ps_kernel_replace(self->kernel, "a", &self->error));
	ASSERT_EQ(0, kill(self->a.guest.pid, SIGKILL));
	EXPECT_TRUE(guest_ended(&self->a.guest, bound_ns()));
	EXPECT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), TEST_PATIENCE_NS));
	seen_end(&self->a);
	/* it waits for the other one, which is no start of its own */
	EXPECT_EQ(COLDST, operate_mode_of(&self->op, "a"));
	START(&self->a, "a");
	EXPECT_EQ(2, starts_of(&self->op, "a"));
	EXPECT_EQ(0, raised_after(&self->op, NULL, 0, seq));
}

TEST_F(operated, loop_of_restarts_ends_in_idle)
{
	uint64_t seq = operate_newest(&self->op);
	struct operate_error errors[8];

	self->plan.has_limit = true;
	self->plan.restart_limit = 3;
	self->plan.restart_period_ns = 3600 * NSEC_PER_SEC;
	LOAD_PLAN();
	BOTH_RUN();
	for (unsigned int i = 0; i < 4; i++) {
		ASSERT_TRUE(comes_to(&self->op, "a", NORMAL));
		DONE(operate_raise(&self->op, "a", PARTSCHED_ERROR_SHUTDOWN, 0));
		EXPECT_EQ(i < 3 ? PARTSCHED_HM_COLD_START : PARTSCHED_HM_IDLE,
			  self->op.answer.hm_action);
	}
	EXPECT_EQ(IDLE, operate_mode_of(&self->op, "a"));
	EXPECT_TRUE(stands(&self->a, self->kernel));
	ASSERT_EQ(4, raised_after(&self->op, errors, ARRAY_SIZE(errors), seq));
	EXPECT_FALSE(errors[2].damped);
	EXPECT_TRUE(errors[3].damped);
	EXPECT_EQ(PARTSCHED_HM_IDLE, errors[3].action);
	/* nothing is done to an idle partition */
	DONE(operate_raise(&self->op, "a", PARTSCHED_ERROR_SHUTDOWN, 0));
	EXPECT_EQ(PARTSCHED_HM_IGNORE, self->op.answer.hm_action);
	EXPECT_EQ(IDLE, operate_mode_of(&self->op, "a"));
	/* whoever starts it gives it as many again */
	for (unsigned int i = 0; i < 4; i++) {
		if (!i) {
			DONE(operate_mode(&self->op, "a", COLDST, 0));
		}
		ASSERT_TRUE(comes_to(&self->op, "a", NORMAL));
		DONE(operate_raise(&self->op, "a", PARTSCHED_ERROR_SHUTDOWN, 0));
		EXPECT_EQ(i < 3 ? PARTSCHED_HM_COLD_START : PARTSCHED_HM_IDLE,
			  self->op.answer.hm_action);
	}
	UNHARMED();
}

TEST_F(operated, restarts_long_ago_do_not_count)
{
	self->plan.has_limit = true;
	self->plan.restart_limit = 1;
	self->plan.restart_period_ns = 1;
	LOAD_PLAN();
	BOTH_RUN();
	for (unsigned int i = 0; i < 200; i++) {
		DONE(operate_raise(&self->op, "a", PARTSCHED_ERROR_SHUTDOWN, 0));
		EXPECT_EQ(PARTSCHED_HM_COLD_START, self->op.answer.hm_action);
	}
	EXPECT_TRUE(comes_to(&self->op, "a", NORMAL));
	UNHARMED();
}

TEST_F(operated, log_keeps_the_newest_and_outlives_plans)
{
	static struct operate_error entries[PARTSCHED_HM_LOG_ENTRIES + 1];
	uint64_t first = operate_newest(&self->op), newest;
	size_t nr;

	LOAD_PLAN();
	for (uint32_t i = 0; i < PARTSCHED_HM_LOG_ENTRIES + 100; i++) {
		DONE(operate_raise(&self->op, "a", 0, 1000 + i));
	}
	newest = operate_newest(&self->op);
	EXPECT_EQ(first + PARTSCHED_HM_LOG_ENTRIES + 100, newest);
	ASSERT_DONE(ps_kernel_unload(self->kernel, true, &self->error));
	for (unsigned int i = 0; i < 2; i++) {
		nr = operate_log(&self->op, entries, ARRAY_SIZE(entries), 0);
		ASSERT_EQ(PARTSCHED_HM_LOG_ENTRIES, nr);
		for (size_t k = 0; k < nr; k++) {
			EXPECT_EQ(newest - nr + 1 + k, entries[k].seq);
			EXPECT_EQ(1100 + k, entries[k].id);
		}
		EXPECT_EQ(newest, entries[nr - 1].seq);
		/* once more, with another plan */
		self->plan.supervised = true;
		LOAD_PLAN();
	}
}

TEST_F(operated, tables_in_force_are_told_as_they_were_staged)
{
	struct operate_info info;

	self->plan.supervised = true;
	self->plan.initialises = true;
	self->plan.has_limit = true;
	self->plan.restart_limit = PARTSCHED_MAX_RESTART_LIMIT;
	self->plan.restart_period_ns = 5;
	self->plan.steal_limit_ns = 12345;
	LOAD_PLAN();
	ASSERT_TRUE(operate_info(&self->op, "a", &info));
	EXPECT_TRUE(info.supervised);
	EXPECT_TRUE(info.initialises);
	EXPECT_EQ(PARTSCHED_MAX_RESTART_LIMIT, info.restart_limit);
	EXPECT_EQ(5, info.restart_period_ns);
	EXPECT_EQ(12345, info.steal_limit_ns);
	ASSERT_TRUE(operate_info(&self->op, "b", &info));
	EXPECT_FALSE(info.supervised);
	EXPECT_FALSE(info.initialises);
	EXPECT_EQ(0, info.steal_limit_ns);
	/* each of it makes another plan; nothing new does not */
	DONE(operate_load(&self->op, &self->plan));
	EXPECT_TRUE(self->op.answer.unchanged);
	self->plan.steal_limit_ns++;
	LOAD_PLAN();
	EXPECT_FALSE(self->op.answer.unchanged);
	self->plan.ids[PARTSCHED_ERROR_KVM] = 7;
	LOAD_PLAN();
	EXPECT_FALSE(self->op.answer.unchanged);
	self->plan.has_limit = false;
	LOAD_PLAN();
	EXPECT_FALSE(self->op.answer.unchanged);
	ASSERT_TRUE(operate_info(&self->op, "a", &info));
	EXPECT_EQ(PARTSCHED_DEFAULT_RESTART_LIMIT, info.restart_limit);
	EXPECT_EQ(PARTSCHED_DEFAULT_RESTART_PERIOD_NS, info.restart_period_ns);
}

struct rows {
	struct operate_row rows[8];
	size_t nr;
	uint32_t sources;
	uint32_t ids[SOURCES + 1];
};

static bool take_row(const struct nlattr *const *attrs, void *arg)
{
	struct rows *rows = arg;

	if (rows->nr < ARRAY_SIZE(rows->rows))
		rows->rows[rows->nr] = (struct operate_row){
			.id = message_get_u32(attrs, PARTSCHED_A_ERROR_ID),
			.level = message_get_u32(attrs, PARTSCHED_A_ERROR_LEVEL),
			.states = message_get_u32(attrs, PARTSCHED_A_ERROR_STATES),
			.action = message_get_u32(attrs, PARTSCHED_A_HM_ACTION),
			.code = message_get_u32(attrs, PARTSCHED_A_ERROR_CODE),
			.partition = message_get_u32(attrs, PARTSCHED_A_PARTITION_ID),
		};
	rows->nr++;
	return true;
}

static bool take_source(const struct nlattr *const *attrs, void *arg)
{
	uint32_t source = message_get_u32(attrs, PARTSCHED_A_ERROR_SOURCE);
	struct rows *rows = arg;

	rows->sources++;
	if (source <= SOURCES)
		rows->ids[source] = message_get_u32(attrs, PARTSCHED_A_ERROR_ID);
	return true;
}

static const struct operate_row some_rows[] = {
	{ 1, PARTSCHED_LEVEL_MODULE, OPERATE_ALWAYS, PARTSCHED_HM_RESET, 0, 0 },
	{ 1, PARTSCHED_LEVEL_PROCESS, PARTSCHED_STATE_IDLE, PARTSCHED_HM_IGNORE,
	  PARTSCHED_CODE_POWER_FAILURE, 2 },
	{ 1, PARTSCHED_LEVEL_PARTITION, PARTSCHED_STATE_NORMAL, PARTSCHED_HM_WARM_START, 0, 2 },
};

#define EXPECT_ROWS(_rows) do {							\
	EXPECT_EQ(0, message_dump(self->op.fd, self->op.family, PARTSCHED_CMD_GET_ERROR, \
				  take_row, _rows));				\
	ASSERT_EQ(ARRAY_SIZE(some_rows), (_rows)->nr);				\
	EXPECT_EQ(0, memcmp(some_rows, (_rows)->rows, sizeof(some_rows)));	\
	EXPECT_EQ(0, message_dump(self->op.fd, self->op.family,			\
				  PARTSCHED_CMD_GET_ERROR_SOURCE, take_source, _rows)); \
	EXPECT_EQ(SOURCES + 1, (_rows)->sources);				\
	EXPECT_EQ(9, (_rows)->ids[PARTSCHED_ERROR_STEAL]);			\
	EXPECT_EQ(0, (_rows)->ids[PARTSCHED_ERROR_KVM]);			\
} while (0)

TEST_F(operated, bad_tables_are_refused_and_change_nothing)
{
	static const struct {
		struct operate_row row;
		uint16_t attr;
		int err;
	} bad[] = {
		{ { 1, PARTSCHED_LEVEL_PARTITION, 4, PARTSCHED_HM_RESET, 0, 0 },
		  PARTSCHED_A_HM_ACTION, EINVAL },
		{ { 1, PARTSCHED_LEVEL_PROCESS, 4, PARTSCHED_HM_SHUTDOWN, 0, 0 },
		  PARTSCHED_A_HM_ACTION, EINVAL },
		{ { 1, PARTSCHED_LEVEL_MODULE, 4, PARTSCHED_HM_IDLE, 0, 0 },
		  PARTSCHED_A_HM_ACTION, EINVAL },
		{ { 1, PARTSCHED_LEVEL_MODULE, 4, PARTSCHED_HM_IGNORE, 0, 3 },
		  PARTSCHED_A_PARTITION_ID, EINVAL },
		{ { 1, PARTSCHED_LEVEL_MODULE, 0, PARTSCHED_HM_IGNORE, 0, 0 },
		  PARTSCHED_A_ERROR_STATES, ERANGE },
		{ { 1, PARTSCHED_LEVEL_MODULE, 8, PARTSCHED_HM_IGNORE, 0, 0 },
		  PARTSCHED_A_ERROR_STATES, ERANGE },
		{ { 1, 0, 4, PARTSCHED_HM_IGNORE, 0, 0 }, PARTSCHED_A_ERROR_LEVEL, ERANGE },
		{ { 1, PARTSCHED_LEVEL_PROCESS + 1, 4, PARTSCHED_HM_IGNORE, 0, 0 },
		  PARTSCHED_A_ERROR_LEVEL, ERANGE },
		{ { 1, PARTSCHED_LEVEL_MODULE, 4, PARTSCHED_HM_RESET + 1, 0, 0 },
		  PARTSCHED_A_HM_ACTION, ERANGE },
		{ { 1, PARTSCHED_LEVEL_MODULE, 4, PARTSCHED_HM_IGNORE, 99, 0 },
		  PARTSCHED_A_ERROR_CODE, ERANGE },
	};
	struct operate_row twice[2] = {
		{ 1, PARTSCHED_LEVEL_PARTITION, 6, PARTSCHED_HM_IDLE, 0, 1 },
		{ 1, PARTSCHED_LEVEL_PARTITION, 3, PARTSCHED_HM_IGNORE, 0, 1 },
	};
	struct operate_plan plan;
	struct message message;
	struct rows rows = { };
	uint32_t generation;

	self->plan.ids[PARTSCHED_ERROR_STEAL] = 9;
	self->plan.rows = some_rows;
	self->plan.nr_rows = ARRAY_SIZE(some_rows);
	LOAD_PLAN();
	EXPECT_ROWS(&rows);
	generation = self->op.answer.generation;
	plan = self->plan;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		plan.rows = &bad[i].row;
		plan.nr_rows = 1;
		REFUSED(bad[i].err, bad[i].attr, operate_load(&self->op, &plan));
	}
	plan.rows = twice;
	plan.nr_rows = 2;
	REFUSED(EINVAL, PARTSCHED_A_ERROR_ID, operate_load(&self->op, &plan));
	plan.nr_rows = 0;
	plan.has_limit = true;
	plan.restart_limit = PARTSCHED_MAX_RESTART_LIMIT + 1;
	plan.restart_period_ns = 1;
	REFUSED(EINVAL, PARTSCHED_A_RESTART_LIMIT, operate_load(&self->op, &plan));
	plan.restart_limit = 1;
	plan.restart_period_ns = 0;
	REFUSED(EINVAL, PARTSCHED_A_RESTART_PERIOD_NS, operate_load(&self->op, &plan));
	/* of what is staged by now: a source twice, and one that is none */
	operate_ask(&self->op, &message, PARTSCHED_CMD_STAGE_BEGIN, NULL);
	DONE(operate_send(&self->op, &message));
	for (uint32_t i = 0; i < 4; i++) {
		static const uint32_t sources[] = {
			PARTSCHED_ERROR_KVM, PARTSCHED_ERROR_KVM, PARTSCHED_ERROR_OTHER,
			PARTSCHED_ERROR_START + 1,
		};
		static const int errors[] = { 0, EINVAL, EINVAL, ERANGE };

		operate_ask(&self->op, &message, PARTSCHED_CMD_STAGE_ERROR_SOURCE, NULL);
		message_u32(&message, PARTSCHED_A_ERROR_SOURCE, sources[i]);
		message_u32(&message, PARTSCHED_A_ERROR_ID, 1);
		EXPECT_EQ(errors[i], operate_send(&self->op, &message));
		EXPECT_EQ(errors[i] ? PARTSCHED_A_ERROR_SOURCE : 0, self->op.answer.attr);
	}
	/* half of a limit */
	operate_ask(&self->op, &message, PARTSCHED_CMD_STAGE_PARTITION, "a");
	message_u32(&message, PARTSCHED_A_PARTITION_ID, 1);
	message_u32(&message, PARTSCHED_A_NR_VCPUS, 1);
	message_u32(&message, PARTSCHED_A_RESTART_LIMIT, 1);
	REFUSED(EINVAL, PARTSCHED_A_RESTART_LIMIT, operate_send(&self->op, &message));
	/* what is missing is named */
	operate_ask(&self->op, &message, PARTSCHED_CMD_STAGE_ERROR, NULL);
	message_u32(&message, PARTSCHED_A_ERROR_ID, 1);
	REFUSED(EINVAL, 0, operate_send(&self->op, &message));
	EXPECT_NE(NULL, strstr(self->op.answer.text, "ERROR_LEVEL"));
	/* the plan in force is what it was */
	rows = (struct rows){ };
	EXPECT_ROWS(&rows);
	DONE(operate_load(&self->op, &self->plan));
	EXPECT_TRUE(self->op.answer.unchanged);
	EXPECT_EQ(generation, self->op.answer.generation);
}

TEST_F(operated, too_many_rows_are_refused)
{
	struct operate_row *rows = calloc(PARTSCHED_MAX_ERRORS + 1, sizeof(*rows));

	ASSERT_NE(NULL, rows);
	for (uint32_t i = 0; i <= PARTSCHED_MAX_ERRORS; i++)
		rows[i] = (struct operate_row){ i, PARTSCHED_LEVEL_PARTITION, OPERATE_ALWAYS,
						PARTSCHED_HM_IDLE, 0, 0 };
	self->plan.rows = rows;
	self->plan.nr_rows = PARTSCHED_MAX_ERRORS + 1;
	EXPECT_EQ(E2BIG, operate_load(&self->op, &self->plan));
	EXPECT_STRNE("", self->op.answer.text);
	self->plan.nr_rows = PARTSCHED_MAX_ERRORS;
	LOAD_PLAN();
	DONE(operate_raise(&self->op, "a", 0, PARTSCHED_MAX_ERRORS - 1));
	EXPECT_EQ(PARTSCHED_LEVEL_PARTITION, self->op.answer.error_level);
	free(rows);
}

PARTSCHED_MAIN
