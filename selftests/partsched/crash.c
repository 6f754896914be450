// SPDX-License-Identifier: GPL-2.0
/*
 * crash - what comes of errors that end a guest's life, and of launchers that go
 */
#include "calling.h"

static const struct {
	uint32_t how;
	uint32_t source;
	uint64_t address;
} crashes[] = {
	{ CALLER_CRASH, PARTSCHED_ERROR_SHUTDOWN, 0 },
	{ CALLER_BAD_READ, PARTSCHED_ERROR_MEMORY, 0x5000000 },
	{ CALLER_BAD_WRITE, PARTSCHED_ERROR_READONLY, PARTSCHED_GUEST_INFO },
	{ CALLER_BAD_PORT, PARTSCHED_ERROR_MEMORY, 0 },
	{ CALLER_BAD_STRING, PARTSCHED_ERROR_MEMORY, 0x5000000 },
};

#define NR_CRASHES	(sizeof(crashes) / sizeof(crashes[0]))

TEST_F(calling, each_crash_is_followed_by_a_cold_start)
{
	volatile struct caller_record *record;
	size_t i;

	LOAD(plan_calling(self->cpu));
	ASSERT_TRUE(seen_start(&self->b, "starts", "b", NULL, NULL));
	START(NULL, NULL);
	record = record_of(&self->a);
	for (i = 0; i < NR_CRASHES; i++) {
		self->after = errors_last(self->kernel);
		record->text[0] = 'x';
		tell(&self->a, crashes[i].how, 0, 0, 0);
		ASSERT_TRUE(UNTIL(!record->text[0] && record->starts == 1, TEST_PATIENCE_NS))
		{ TH_LOG("crash %zu", i); }
		ASSERT_EQ(1, ERRORS(crashes[i].source)) { TH_LOG("crash %zu", i); }
		EXPECT_EQ(PARTSCHED_HM_COLD_START, self->entry.action);
		EXPECT_EQ(!!crashes[i].address, self->entry.has_address);
		EXPECT_EQ(crashes[i].address, self->entry.address);
	}
	EXPECT_TRUE(neighbour_runs(&self->b));
	if (exact())
		EXPECT_EQ(0, missed_by(self->kernel, "b"));
}

TEST_F(calling, each_crash_is_followed_by_a_warm_start_where_the_table_says_so)
{
	struct ps_model *model = plan_calling(self->cpu);
	volatile struct caller_record *record;
	size_t i;

	errors_do(model, 0, PARTSCHED_ERROR_SHUTDOWN, PS_RECOVERY_WARM_START);
	errors_do(model, 0, PARTSCHED_ERROR_MEMORY, PS_RECOVERY_WARM_START);
	errors_do(model, 0, PARTSCHED_ERROR_READONLY, PS_RECOVERY_WARM_START);
	LOAD(model);
	START("--services", "partition");
	record = record_of(&self->a);
	record->text[0] = 'x';
	for (i = 0; i < NR_CRASHES; i++) {
		tell(&self->a, crashes[i].how, 0, 0, 0);
		ASSERT_TRUE(UNTIL(record->starts == i + 2, TEST_PATIENCE_NS))
		{ TH_LOG("crash %zu", i); }
		ASSERT_EQ(PARTSCHED_GUEST_NO_ERROR, CALL(GET_PARTITION_STATUS, 0, 0, 0));
		EXPECT_EQ(PARTSCHED_GUEST_CONDITION_HM_PARTITION, record->value[1]);
	}
	EXPECT_EQ('x', record->text[0]);
}

TEST_F(calling, vcpu_whose_error_is_ignored_waits_for_a_start)
{
	struct ps_model *model = plan_calling(self->cpu);
	volatile struct caller_record *record;
	struct ps_mode_result result;
	size_t i;

	errors_do(model, 0, PARTSCHED_ERROR_SHUTDOWN, PS_RECOVERY_IGNORE);
	errors_do(model, 0, PARTSCHED_ERROR_MEMORY, PS_RECOVERY_IGNORE);
	errors_do(model, 0, PARTSCHED_ERROR_READONLY, PS_RECOVERY_IGNORE);
	LOAD(model);
	START(NULL, NULL);
	record = record_of(&self->a);
	for (i = 0; i < NR_CRASHES; i++) {
		self->after = errors_last(self->kernel);
		tell(&self->a, crashes[i].how, 0, 0, 0);
		ASSERT_TRUE(UNTIL(ERRORS(crashes[i].source), TEST_PATIENCE_NS));
		ASSERT_TRUE(UNTIL(run_state(self->kernel, "a", 0) == PARTSCHED_RUN_BLOCKED,
				  TEST_PATIENCE_NS))
		{ TH_LOG("crash %zu: state %u", i, run_state(self->kernel, "a", 0)); }
		EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_NORMAL,
				  TEST_PATIENCE_NS));
		EXPECT_EQ(1, ERRORS(crashes[i].source));
		ASSERT_DONE(ps_kernel_set_mode(self->kernel, "a", PARTSCHED_MODE_WARM_START,
					       PARTSCHED_BY_OPERATOR, &result, &self->error));
		ASSERT_TRUE(UNTIL(record->starts == i + 2, TEST_PATIENCE_NS))
		{ TH_LOG("crash %zu", i); }
	}
}

TEST_F(calling, crash_makes_the_partition_idle_where_the_table_says_so)
{
	struct ps_model *model = plan_calling(self->cpu);
	struct ps_mode_result result;

	errors_do(model, 0, PARTSCHED_ERROR_SHUTDOWN, PS_RECOVERY_IDLE);
	LOAD(model);
	START(NULL, NULL);
	tell(&self->a, CALLER_CRASH, 0, 0, 0);
	EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_IDLE, TEST_PATIENCE_NS));
	/* its launcher is there still, and starts it when it is told to */
	ASSERT_DONE(ps_kernel_set_mode(self->kernel, "a", PARTSCHED_MODE_WARM_START,
				       PARTSCHED_BY_OPERATOR, &result, &self->error));
	EXPECT_TRUE(UNTIL(record_of(&self->a)->starts == 2, TEST_PATIENCE_NS));
	tell(&self->a, CALLER_CRASH, 0, 0, 0);
	EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_IDLE, TEST_PATIENCE_NS));
	kill(self->a.guest.pid, SIGTERM);
	EXPECT_TRUE(guest_ended(&self->a.guest, TEST_PATIENCE_NS));
	EXPECT_EQ(0, ERRORS(PARTSCHED_ERROR_LAUNCHER));
}

TEST_F(calling, guest_that_kvm_cannot_run_is_an_error)
{
	struct ps_model *model = plan_calling(self->cpu);

	errors_do(model, 0, PARTSCHED_ERROR_KVM, PS_RECOVERY_IDLE);
	LOAD(model);
	ASSERT_TRUE(seen_start(&self->b, "starts", "b", NULL, NULL));
	START(NULL, NULL);
	/* its memory is gone */
	ASSERT_EQ(0, truncate(self->a.ram, 0));
	EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_IDLE, TEST_PATIENCE_NS));
	ASSERT_EQ(1, ERRORS(PARTSCHED_ERROR_KVM));
	EXPECT_EQ(PARTSCHED_HM_IDLE, self->entry.action);
	EXPECT_EQ(0, ERRORS(PARTSCHED_ERROR_LAUNCHER));
	EXPECT_TRUE(neighbour_runs(&self->b));
}

/* A copy of a guest, to be removed. @name: for guest_start(), which looks elsewhere. */
static bool copy_guest(const char *image, char *path, char *name, size_t size)
{
	const char *guests = getenv("PARTSCHED_GUESTS");
	char command[512];

	snprintf(path, size, "/tmp/partsched-%d-copy.elf", getpid());
	snprintf(name, size, "../../../../../../../../../../tmp/partsched-%d-copy", getpid());
	snprintf(command, sizeof(command), "cp %s/%s.elf %s",
		 guests ? guests : TEST_TOP "/build/guest", image, path);
	return !system(command);
}

TEST_F(calling, guest_that_cannot_be_loaded_again_is_idle)
{
	char path[128], name[128];
	struct ps_mode_result result;

	LOAD(plan_calling(self->cpu));
	ASSERT_TRUE(copy_guest("caller", path, name, sizeof(path)));
	ASSERT_TRUE(seen_start(&self->a, name, "a", NULL, NULL));
	ASSERT_TRUE(begun(&self->a));
	unlink(path);
	ASSERT_DONE(ps_kernel_set_mode(self->kernel, "a", PARTSCHED_MODE_COLD_START,
				       PARTSCHED_BY_OPERATOR, &result, &self->error));
	EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_IDLE, TEST_PATIENCE_NS));
	EXPECT_EQ(1, ERRORS(PARTSCHED_ERROR_START));
	EXPECT_EQ(PARTSCHED_HM_IDLE, self->entry.action);
}

TEST_F(calling, launcher_that_ends_in_order_is_no_error)
{
	LOAD(plan_calling(self->cpu));
	START(NULL, NULL);
	kill(self->a.guest.pid, SIGTERM);
	EXPECT_TRUE(guest_ended(&self->a.guest, TEST_PATIENCE_NS));
	EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_IDLE, TEST_PATIENCE_NS));
	/* and so is a guest that ends itself */
	ASSERT_EQ(0, guest_start(&self->a.guest, "status", "a", NULL));
	EXPECT_TRUE(guest_ended(&self->a.guest, TEST_PATIENCE_NS));
	EXPECT_EQ(5, WEXITSTATUS(self->a.guest.status));
	EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_IDLE, TEST_PATIENCE_NS));
	EXPECT_EQ(0, ERRORS(PARTSCHED_ERROR_LAUNCHER));
}

/* The guest's memory has outlived its launcher. */
static bool warm_again(struct seen *seen)
{
	const char *options[] = { "--ram", seen->ram, "--start", "warm", NULL };

	return !guest_start(&seen->guest, "caller", "a", options) &&
	       UNTIL(record_of(seen)->starts == 2, TEST_PATIENCE_NS);
}

TEST_F(calling, launcher_that_is_killed_is_an_error_and_its_guest_can_be_kept)
{
	LOAD(plan_calling(self->cpu));
	ASSERT_TRUE(seen_start(&self->b, "starts", "b", NULL, NULL));
	START(NULL, NULL);
	record_of(&self->a)->text[0] = 'x';
	guest_kill(&self->a.guest);
	EXPECT_TRUE(UNTIL(ERRORS(PARTSCHED_ERROR_LAUNCHER) == 1, TEST_PATIENCE_NS));
	/* nobody would start another one */
	EXPECT_EQ(PARTSCHED_HM_IDLE, self->entry.action);
	EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_IDLE, TEST_PATIENCE_NS));
	EXPECT_TRUE(warm_again(&self->a));
	EXPECT_EQ('x', record_of(&self->a)->text[0]);
	EXPECT_TRUE(neighbour_runs(&self->b));
}

/* A launcher that does not come to start its guest. Return: its exit status. */
static int fails_to_start(struct guest *guest)
{
	static const char *const options[] = {
		"--ram", "/dev/shm/no-such-file", "--start", "warm", NULL
	};

	if (guest_start(guest, "caller", "a", options) || !guest_ended(guest, TEST_PATIENCE_NS))
		return -1;
	return WEXITSTATUS(guest->status);
}

TEST_F(calling, supervised_guest_that_cannot_be_started_is_idle)
{
	struct ps_model *model = plan_calling(self->cpu);

	errors_do(model, 0, PARTSCHED_ERROR_LAUNCHER, PS_RECOVERY_COLD_START);
	LOAD(model);
	START(NULL, NULL);
	guest_kill(&self->a.guest);
	EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_COLD_START,
			  TEST_PATIENCE_NS));
	/* nobody need try again */
	EXPECT_EQ(1, fails_to_start(&self->a.guest));
	EXPECT_EQ(PARTSCHED_MODE_IDLE, mode_of(self->kernel, "a"));
	EXPECT_EQ(1, ERRORS(PARTSCHED_ERROR_START));
}

TEST_F(calling, launcher_that_fails_beside_another_one_harms_nobody)
{
	struct guest second;

	LOAD(plan_calling(self->cpu));
	START(NULL, NULL);
	ASSERT_TRUE(frames_pass(self->kernel, "a", 2));
	EXPECT_EQ(1, fails_to_start(&second));
	/* nor does one that comes as far as the module */
	ASSERT_EQ(0, guest_start(&second, "caller", "a", NULL));
	EXPECT_TRUE(guest_ended(&second, TEST_PATIENCE_NS));
	EXPECT_EQ(4, WEXITSTATUS(second.status));
	EXPECT_EQ(PARTSCHED_MODE_NORMAL, mode_of(self->kernel, "a"));
	EXPECT_EQ(0, ERRORS(PARTSCHED_ERROR_START));
	EXPECT_EQ(1, record_of(&self->a)->starts);
}

TEST_F(calling, error_without_a_plan_ends_the_guest)
{
	ASSERT_EQ(0, guest_start(&self->a.guest, "triplefault", NULL, NULL));
	EXPECT_TRUE(guest_ended(&self->a.guest, TEST_PATIENCE_NS));
	EXPECT_EQ(3, WEXITSTATUS(self->a.guest.status));
	/* the first service that it calls, without a right to any */
	ASSERT_EQ(0, guest_start(&self->a.guest, "services", NULL, NULL));
	EXPECT_TRUE(guest_ended(&self->a.guest, TEST_PATIENCE_NS));
	EXPECT_EQ(3, WEXITSTATUS(self->a.guest.status));
}

TEST_F(calling, error_after_a_detach_ends_the_guest)
{
	LOAD(plan_calling(self->cpu));
	START("--services", "health");
	/* its launcher knows that it is attached */
	ASSERT_EQ(PARTSCHED_GUEST_NO_ERROR,
		  CALL(RAISE_APPLICATION_ERROR, PARTSCHED_GUEST_CODE_APPLICATION_ERROR, 0, 0));
	ASSERT_DONE(detach(self->kernel, "a", &self->error));
	ASSERT_TRUE(UNTIL(!attach_state(self->kernel, "a", 0), TEST_PATIENCE_NS));
	tell(&self->a, CALLER_CRASH, 0, 0, 0);
	EXPECT_TRUE(guest_ended(&self->a.guest, TEST_PATIENCE_NS));
	EXPECT_EQ(3, WEXITSTATUS(self->a.guest.status));
	EXPECT_EQ(0, ERRORS(PARTSCHED_ERROR_SHUTDOWN));
}

PARTSCHED_MAIN
