// SPDX-License-Identifier: GPL-2.0
/*
 * services - what a guest may ask for, and what comes of its errors
 *
 * The guest "caller" does what the test tells it through its memory.
 */
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <linux/partsched_guest.h>

#include "errors.h"
#include "kernel-mode.h"
#include "partsched.h"
#include "seen.h"
#include "../../tools/partvm/guest/caller.h"
#include "../../tools/partvm/guest/starts.h"
#include "../../tools/partvm/guest/unruly.h"

#define FRAME_NS	(40 * NSEC_PER_MSEC)
#define WINDOW_NS	(10 * NSEC_PER_MSEC)
#define ALL_SERVICES	"schedule,mode,health,time,log,interrupt,partition"
#define UNRULY_NS	(5 * NSEC_PER_SEC)

static volatile struct caller_record *record_of(const struct seen *seen)
{
	return (volatile void *)(seen->memory + CALLER_RECORD);
}

static bool begun(const struct seen *seen)
{
	return UNTIL(record_of(seen)->magic == CALLER_MAGIC, TEST_PATIENCE_NS);
}

/* Tell it to do something, without waiting for it. */
static void tell(const struct seen *seen, uint32_t number, uint64_t first, uint64_t second,
		 uint64_t third)
{
	volatile struct caller_record *record = record_of(seen);

	record->number = number;
	record->argument[0] = first;
	record->argument[1] = second;
	record->argument[2] = third;
	__atomic_store_n(&record->asked, record->asked + 1, __ATOMIC_RELEASE);
}

static bool done(const struct seen *seen)
{
	volatile struct caller_record *record = record_of(seen);

	return UNTIL(__atomic_load_n(&record->done, __ATOMIC_ACQUIRE) == record->asked,
		     TEST_PATIENCE_NS);
}

/* Return: the service's code, UINT32_MAX if it does not come back. */
static uint32_t call(const struct seen *seen, uint32_t number, uint64_t first, uint64_t second,
		     uint64_t third)
{
	tell(seen, number, first, second, third);
	return done(seen) ? record_of(seen)->code : UINT32_MAX;
}

/* Two partitions on one CPU; their own starts are not damped. */
static struct ps_model *plan_calling(int cpu)
{
	struct ps_model *model = plan_new(FRAME_NS);
	size_t i;

	plan_partition(model, "a", 1, (uint32_t)cpu);
	plan_partition(model, "b", 1, (uint32_t)cpu);
	plan_window(model, 0, WINDOW_NS / 2, WINDOW_NS);
	plan_window(model, 1, 2 * WINDOW_NS, WINDOW_NS);
	for (i = 0; i < 2; i++)
		model->partitions[i].restart_limit = 0;
	return model;
}

static uint32_t mode_of(struct ps_kernel *kernel, const char *name)
{
	struct ps_partition_info info;

	return ps_kernel_partition(kernel, name, &info, NULL) ? 0 : info.mode;
}

static uint64_t missed_by(struct ps_kernel *kernel, const char *name)
{
	struct ps_vcpu_info info;

	return vcpu_info(kernel, name, 0, &info) ? info.stats.missed : UINT64_MAX;
}

static bool neighbour_runs(const struct seen *seen)
{
	const volatile struct starts_record *record =
		(const volatile void *)(seen->memory + STARTS_RECORD);
	uint64_t loops = record->vcpu[0].loops;

	return UNTIL(record->vcpu[0].loops > loops + 10, TEST_PATIENCE_NS) &&
	       record->vcpu[0].starts == 1;
}

FIXTURE(calling)
{
	struct ps_kernel *kernel;
	struct ps_error error;
	struct seen a;
	struct seen b;
	struct ps_hm_entry entry;
	uint64_t after;
	int cpu;
};

FIXTURE_SETUP(calling)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	self->after = errors_last(self->kernel);
}

FIXTURE_TEARDOWN(calling)
{
	seen_end(&self->a);
	seen_end(&self->b);
	EXPECT_TRUE(session_close(self->kernel));
}

#define START(_option, _value) do {						\
	ASSERT_TRUE(seen_start(&self->a, "caller", "a", _option, _value));	\
	ASSERT_TRUE(begun(&self->a));						\
} while (0)

#define ERRORS(_source) \
	errors_find(self->kernel, self->after, "a", _source, &self->entry)

#define CALL(_number, _first, _second, _third) \
	call(&self->a, PARTSCHED_CALL_##_number, _first, _second, _third)

TEST_F(calling, time_is_the_hosts)
{
	uint64_t before, time_ns;

	LOAD(plan_calling(self->cpu));
	START("--services", "time");
	before = now_ns();
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, CALL(GET_TIME, 0, 0, 0));
	time_ns = record_of(&self->a)->value[0];
	EXPECT_LE(before, time_ns);
	EXPECT_GE(now_ns(), time_ns);
	EXPECT_EQ(0, ERRORS(PARTSCHED_ERROR_SERVICE));
}

TEST_F(calling, ended_window_goes_on_in_the_next_one)
{
	volatile struct caller_record *record;
	unsigned int i;

	LOAD(plan_calling(self->cpu));
	START("--services", "time");
	record = record_of(&self->a);
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(PARTSCHED_GUEST_NO_ERROR, CALL(END_WINDOW, 0, 0, 0));
		EXPECT_GE(record->after_ns, record->before_ns + FRAME_NS);
	}
	if (getenv("PARTSCHED_LAB_EXACT"))
		EXPECT_EQ(record->before_ns + FRAME_NS, record->after_ns);
}

TEST_F(calling, partition_knows_its_status)
{
	volatile struct caller_record *record;

	LOAD(plan_calling(self->cpu));
	START("--services", "partition");
	record = record_of(&self->a);
	ASSERT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_NORMAL, TEST_PATIENCE_NS));
	ASSERT_TRUE(frames_pass(self->kernel, "a", 2));
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, CALL(GET_PARTITION_STATUS, 0, 0, 0));
	EXPECT_EQ(PARTSCHED_GUEST_MODE_NORMAL, record->value[0]);
	EXPECT_EQ(PARTSCHED_GUEST_CONDITION_NORMAL, record->value[1]);
	EXPECT_EQ(1, record->value[2]);
	EXPECT_EQ(1, record->value[3]);
}

TEST_F(calling, partition_that_initialises_is_normal_when_it_says_so)
{
	struct ps_model *model = plan_calling(self->cpu);
	volatile struct caller_record *record;

	model->partitions[0].launcher = PS_LAUNCHER_PARTVM;
	model->partitions[0].services = 1 << 1;
	LOAD(model);
	START("--services", "mode,partition");
	record = record_of(&self->a);
	EXPECT_EQ(PARTSCHED_MODE_COLD_START, mode_of(self->kernel, "a"));
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, CALL(GET_PARTITION_STATUS, 0, 0, 0));
	EXPECT_EQ(PARTSCHED_GUEST_MODE_COLD_START, record->value[0]);
	/* there is no memory yet that it could keep */
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_MODE,
		  CALL(SET_PARTITION_MODE, PARTSCHED_GUEST_MODE_WARM_START, 0, 0));
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR,
		  CALL(SET_PARTITION_MODE, PARTSCHED_GUEST_MODE_NORMAL, 0, 0));
	EXPECT_EQ(PARTSCHED_MODE_NORMAL, mode_of(self->kernel, "a"));
	/* at once, not in the next window */
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, CALL(GET_PARTITION_STATUS, 0, 0, 0));
	EXPECT_EQ(PARTSCHED_GUEST_MODE_NORMAL, record->value[0]);
	EXPECT_EQ(PARTSCHED_GUEST_NO_ACTION,
		  CALL(SET_PARTITION_MODE, PARTSCHED_GUEST_MODE_NORMAL, 0, 0));
	EXPECT_EQ(1, record->starts);
}

TEST_F(calling, partition_starts_itself_warm_and_cold)
{
	volatile struct caller_record *record;

	LOAD(plan_calling(self->cpu));
	START("--services", "mode,partition");
	record = record_of(&self->a);
	tell(&self->a, PARTSCHED_CALL_SET_PARTITION_MODE, PARTSCHED_GUEST_MODE_WARM_START, 0, 0);
	EXPECT_TRUE(UNTIL(record->starts == 2, TEST_PATIENCE_NS));
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, CALL(GET_PARTITION_STATUS, 0, 0, 0));
	EXPECT_EQ(PARTSCHED_GUEST_CONDITION_RESTART, record->value[1]);
	EXPECT_EQ(2, record->value[2]);
	record->text[0] = 'x';
	tell(&self->a, PARTSCHED_CALL_SET_PARTITION_MODE, PARTSCHED_GUEST_MODE_COLD_START, 0, 0);
	EXPECT_TRUE(UNTIL(!record->text[0] && record->starts == 1, TEST_PATIENCE_NS));
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, CALL(GET_PARTITION_STATUS, 0, 0, 0));
	EXPECT_EQ(3, record->value[2]);
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM, CALL(SET_PARTITION_MODE, 0, 0, 0));
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM, CALL(SET_PARTITION_MODE, 5, 0, 0));
}

TEST_F(calling, partition_that_makes_itself_idle_runs_no_more_until_the_operator_starts_it)
{
	volatile struct caller_record *record;
	struct ps_mode_result result;

	LOAD(plan_calling(self->cpu));
	START("--services", "mode");
	record = record_of(&self->a);
	tell(&self->a, PARTSCHED_CALL_SET_PARTITION_MODE, PARTSCHED_GUEST_MODE_IDLE, 0, 0);
	EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_IDLE, TEST_PATIENCE_NS));
	ASSERT_TRUE(frames_pass(self->kernel, "a", 5));
	EXPECT_NE(record->asked, record->done);
	ASSERT_DONE(ps_kernel_set_mode(self->kernel, "a", PARTSCHED_MODE_WARM_START,
				       PARTSCHED_BY_OPERATOR, &result, &self->error));
	EXPECT_TRUE(UNTIL(record->starts == 2, TEST_PATIENCE_NS));
	EXPECT_EQ(0, ERRORS(PARTSCHED_ERROR_LAUNCHER));
}

static struct ps_model *plan_two_schedules(int cpu)
{
	struct ps_model *model = plan_calling(cpu);

	plan_schedule(model, 2, FRAME_NS);
	plan_window_in(model, 1, 0, WINDOW_NS, WINDOW_NS);
	plan_window_in(model, 1, 1, 3 * WINDOW_NS, WINDOW_NS / 2);
	return model;
}

TEST_F(calling, module_schedule_is_told_and_changed)
{
	volatile struct caller_record *record;

	LOAD(plan_two_schedules(self->cpu));
	START("--services=schedule", "--set-schedule=always");
	record = record_of(&self->a);
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, CALL(GET_MODULE_SCHEDULE_STATUS, 0, 0, 0));
	EXPECT_EQ(1, record->value[0]);
	EXPECT_EQ(1, record->value[1]);
	EXPECT_EQ(0, record->value[2]);
	EXPECT_EQ(PARTSCHED_GUEST_NO_ACTION, CALL(SET_MODULE_SCHEDULE, 1, 0, 0));
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM, CALL(SET_MODULE_SCHEDULE, 99, 0, 0));
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM, CALL(SET_MODULE_SCHEDULE, 1ULL << 32, 0, 0));
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, CALL(SET_MODULE_SCHEDULE, 2, 0, 0));
	EXPECT_TRUE(UNTIL(CALL(GET_MODULE_SCHEDULE_STATUS, 0, 0, 0) == PARTSCHED_GUEST_NO_ERROR &&
			  record->value[0] == 2, TEST_PATIENCE_NS));
	EXPECT_NE(0, record->value[2]);
}

TEST_F(calling, service_does_not_give_the_right_of_the_partition)
{
	LOAD(plan_two_schedules(self->cpu));
	START("--services", "schedule");
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_CONFIG, CALL(SET_MODULE_SCHEDULE, 2, 0, 0));
	EXPECT_EQ(0, ERRORS(PARTSCHED_ERROR_SERVICE));
}

TEST_F(calling, error_of_the_guest_is_logged_with_its_text)
{
	static const char text[] = "oil pressure\x1b[2J low";
	volatile struct caller_record *record;
	size_t i;

	LOAD(plan_calling(self->cpu));
	START("--services", "health");
	record = record_of(&self->a);
	for (i = 0; i < sizeof(text); i++)
		record->text[i] = text[i];
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR,
		  CALL(RAISE_APPLICATION_ERROR, PARTSCHED_GUEST_CODE_NUMERIC_ERROR, CALLER_TEXT,
		       sizeof(text) - 1));
	EXPECT_EQ(PARTSCHED_LEVEL_PROCESS, record->value[0]);
	EXPECT_EQ(PARTSCHED_HM_IGNORE, record->value[1]);
	ASSERT_EQ(1, ERRORS(PARTSCHED_ERROR_APPLICATION));
	EXPECT_EQ(PARTSCHED_CODE_NUMERIC_ERROR, self->entry.code);
	/* a terminal is not to be told what to do */
	EXPECT_STREQ("oil pressure\\x1b[2J low", self->entry.reason);
	EXPECT_TRUE(self->entry.has_vcpu);
}

TEST_F(calling, texts_outside_the_memory_are_refused)
{
	static const struct {
		uint64_t address;
		uint64_t bytes;
	} bad[] = {
		{ CALLER_TEXT, PARTSCHED_GUEST_ERROR_TEXT_MAX + 1 },
		{ CALLER_TEXT, UINT64_MAX },
		{ PARTSCHED_GUEST_RAM_MIN - 1, 2 },
		{ PARTSCHED_GUEST_RAM_MIN, 1 },
		{ PARTSCHED_GUEST_INFO, 8 },
		{ PARTSCHED_GUEST_RAM_HIGH, 1 },
		{ UINT64_MAX, 1 },
		{ UINT64_MAX - 3, 100 },
	};
	size_t i;

	LOAD(plan_calling(self->cpu));
	START("--services", "health,log");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM,
			  CALL(RAISE_APPLICATION_ERROR, PARTSCHED_GUEST_CODE_APPLICATION_ERROR,
			       bad[i].address, bad[i].bytes))
		{ TH_LOG("case %zu", i); }
		if (bad[i].bytes == PARTSCHED_GUEST_ERROR_TEXT_MAX + 1)
			continue;
		EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM,
			  CALL(REPORT_APPLICATION_MESSAGE, bad[i].address, bad[i].bytes, 0))
		{ TH_LOG("case %zu", i); }
	}
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM,
		  CALL(RAISE_APPLICATION_ERROR, 0, CALLER_TEXT, 1));
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM,
		  CALL(RAISE_APPLICATION_ERROR, 9, CALLER_TEXT, 1));
	EXPECT_EQ(0, ERRORS(PARTSCHED_ERROR_APPLICATION));
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR,
		  CALL(RAISE_APPLICATION_ERROR, PARTSCHED_GUEST_CODE_APPLICATION_ERROR,
		       PARTSCHED_GUEST_RAM_MIN, 0));
}

TEST_F(calling, message_is_a_line_of_the_console)
{
	static const char text[] = "one line\n";
	char console[64] = "";
	size_t i;

	LOAD(plan_calling(self->cpu));
	START("--services", "log");
	for (i = 0; i < sizeof(text); i++)
		record_of(&self->a)->text[i] = text[i];
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR,
		  CALL(REPORT_APPLICATION_MESSAGE, CALLER_TEXT, sizeof(text) - 1, 0));
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR,
		  CALL(REPORT_APPLICATION_MESSAGE, CALLER_TEXT, 3, 0));
	EXPECT_TRUE(UNTIL(file_read(self->a.guest.console, console, sizeof(console)) == 13,
			  TEST_PATIENCE_NS));
	EXPECT_STREQ("one line\none\n", console);
}

/* An interrupt is seen in a window of the vCPU, which was open then. */
#define EXPECT_INSIDE(_record, _vcpu) do {					\
	EXPECT_LE((_record)->opened_ns[_vcpu], (_record)->interrupt_ns[_vcpu]);	\
	EXPECT_GT((_record)->opened_ns[_vcpu] + WINDOW_NS,			\
		  (_record)->interrupt_ns[_vcpu]);				\
} while (0)

TEST_F(calling, interrupt_of_its_own_waits_for_the_vcpus_window)
{
	struct ps_model *model = plan_new(FRAME_NS);
	volatile struct caller_record *record;

	plan_partition(model, "a", 2, (uint32_t)self->cpu);
	plan_window_in(model, 0, 0, WINDOW_NS / 2, WINDOW_NS)->vcpu = 0;
	plan_window_in(model, 0, 0, 2 * WINDOW_NS, WINDOW_NS)->vcpu = 1;
	LOAD(model);
	START("--services", "interrupt");
	record = record_of(&self->a);
	ASSERT_TRUE(frames_pass(self->kernel, "a", 3));
	/* to itself, and to one whose window is closed now */
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, CALL(SEND_INTERRUPT, 0, CALLER_VECTOR, 0));
	EXPECT_TRUE(UNTIL(record->interrupts[0] == 1, TEST_PATIENCE_NS));
	EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR, CALL(SEND_INTERRUPT, 1, CALLER_VECTOR, 0));
	EXPECT_TRUE(UNTIL(record->interrupts[1] == 1, TEST_PATIENCE_NS));
	if (getenv("PARTSCHED_LAB_EXACT")) {
		EXPECT_INSIDE(record, 0);
		EXPECT_INSIDE(record, 1);
	}
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM, CALL(SEND_INTERRUPT, 2, CALLER_VECTOR, 0));
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM, CALL(SEND_INTERRUPT, 0, 31, 0));
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM, CALL(SEND_INTERRUPT, 0, 256, 0));
	EXPECT_EQ(1, record->interrupts[0]);
}

static const struct {
	uint32_t number;
	const char *others;	/* all words but that which grants it */
} services[] = {
	{ PARTSCHED_CALL_GET_TIME, "schedule,mode,health,log,interrupt,partition" },
	{ PARTSCHED_CALL_END_WINDOW, "schedule,mode,health,log,interrupt,partition" },
	{ PARTSCHED_CALL_GET_PARTITION_STATUS, "schedule,mode,health,time,log,interrupt" },
	{ PARTSCHED_CALL_SET_PARTITION_MODE, "schedule,health,time,log,interrupt,partition" },
	{ PARTSCHED_CALL_GET_MODULE_SCHEDULE_STATUS, "mode,health,time,log,interrupt,partition" },
	{ PARTSCHED_CALL_SET_MODULE_SCHEDULE, "mode,health,time,log,interrupt,partition" },
	{ PARTSCHED_CALL_RAISE_APPLICATION_ERROR,
	  "schedule,mode,time,log,interrupt,partition" },
	{ PARTSCHED_CALL_REPORT_APPLICATION_MESSAGE,
	  "schedule,mode,health,time,interrupt,partition" },
	{ PARTSCHED_CALL_SEND_INTERRUPT, "schedule,mode,health,time,log,partition" },
};

TEST_F(calling, each_service_without_its_right_is_an_error)
{
	struct ps_model *model = plan_calling(self->cpu);
	size_t i;

	errors_do(model, 0, PARTSCHED_ERROR_SERVICE, PS_RECOVERY_IGNORE);
	LOAD(model);
	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		self->after = errors_last(self->kernel);
		START("--services", services[i].others);
		EXPECT_EQ(PARTSCHED_GUEST_INVALID_CONFIG,
			  call(&self->a, services[i].number, 1, 0, 0))
		{ TH_LOG("service %u", services[i].number); }
		EXPECT_EQ(1, ERRORS(PARTSCHED_ERROR_SERVICE));
		EXPECT_EQ(PARTSCHED_HM_IGNORE, self->entry.action);
		EXPECT_EQ(1, record_of(&self->a)->starts);
		seen_end(&self->a);
	}
}

TEST_F(calling, service_that_is_none_is_an_error)
{
	struct ps_model *model = plan_calling(self->cpu);

	errors_do(model, 0, PARTSCHED_ERROR_SERVICE, PS_RECOVERY_IGNORE);
	LOAD(model);
	START("--services", ALL_SERVICES);
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM, call(&self->a, 0, 0, 0, 0));
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM, call(&self->a, 10, 0, 0, 0));
	EXPECT_EQ(PARTSCHED_GUEST_INVALID_PARAM, call(&self->a, 999, 0, 0, 0));
	EXPECT_EQ(3, ERRORS(PARTSCHED_ERROR_SERVICE));
	EXPECT_STREQ("calls service 0, which is none", self->entry.reason);
}

TEST_F(calling, illegal_service_starts_the_partition_cold_where_nothing_is_said)
{
	volatile struct caller_record *record;

	LOAD(plan_calling(self->cpu));
	ASSERT_TRUE(seen_start(&self->b, "starts", "b", NULL, NULL));
	START(NULL, NULL);
	record = record_of(&self->a);
	record->text[0] = 'x';
	tell(&self->a, PARTSCHED_CALL_GET_TIME, 0, 0, 0);
	EXPECT_TRUE(UNTIL(!record->text[0] && record->starts == 1, TEST_PATIENCE_NS));
	ASSERT_EQ(1, ERRORS(PARTSCHED_ERROR_SERVICE));
	EXPECT_EQ(PARTSCHED_HM_COLD_START, self->entry.action);
	EXPECT_TRUE(neighbour_runs(&self->b));
}

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
	if (getenv("PARTSCHED_LAB_EXACT"))
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

static const volatile struct unruly_record *unruly(const struct seen *seen)
{
	return (const volatile void *)(seen->memory + UNRULY_RECORD);
}

TEST_F(calling, random_calls_come_to_errors_and_to_nothing_else)
{
	struct ps_model *model = plan_calling(self->cpu);
	uint64_t until_ns, calls;

	errors_do(model, 0, PARTSCHED_ERROR_SERVICE, PS_RECOVERY_IGNORE);
	LOAD(model);
	ASSERT_TRUE(seen_start(&self->b, "starts", "b", NULL, NULL));
	/* all that it may do without ending its own life */
	ASSERT_TRUE(seen_start(&self->a, "unruly", "a", "--services",
			       "schedule,health,log,interrupt,partition"));
	/* of which there is enough by then, however slow the machine is */
	until_ns = now_ns() + UNRULY_NS;
	EXPECT_TRUE(UNTIL(unruly(&self->a)->calls > 200 && now_ns() > until_ns,
			  TEST_PATIENCE_NS));
	calls = unruly(&self->a)->calls;
	EXPECT_TRUE(UNTIL(unruly(&self->a)->calls > calls + 10, TEST_PATIENCE_NS));
	TH_LOG("%" PRIu64 " calls", calls);
	EXPECT_EQ(1, unruly(&self->a)->starts);
	EXPECT_LT(0, ERRORS(PARTSCHED_ERROR_SERVICE));
	EXPECT_TRUE(neighbour_runs(&self->b));
	if (getenv("PARTSCHED_LAB_EXACT"))
		EXPECT_EQ(0, missed_by(self->kernel, "b"));
}

TEST_F(calling, random_calls_with_all_rights_end_in_starts_of_the_caller_alone)
{
	LOAD(plan_calling(self->cpu));
	ASSERT_TRUE(seen_start(&self->b, "starts", "b", NULL, NULL));
	/* until it makes itself idle, as it will */
	ASSERT_TRUE(seen_start(&self->a, "unruly", "a", "--services", ALL_SERVICES));
	EXPECT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_IDLE, TEST_PATIENCE_NS));
	EXPECT_TRUE(neighbour_runs(&self->b));
}

TEST_F(calling, control_socket_interrupts_a_vcpu_in_its_window)
{
	static const struct {
		const char *request;
		const char *answer;
	} talk[] = {
		{ "interrupt 0 80", "ok" },
		{ "interrupt 1 80", "error the guest has no such vCPU" },
		{ "interrupt 0 31", "error a vector is a number from 32 to 255" },
		{ "interrupt 0 256", "error a vector is a number from 32 to 255" },
		{ "interrupt 0 80 x", "error it is none of: interrupt VCPU VECTOR" },
		{ "frog", "error it is none of: interrupt VCPU VECTOR" },
	};
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char answer[256];
	ssize_t len;
	size_t i;
	int fd;

	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/partsched-%d.sock", getpid());
	LOAD(plan_calling(self->cpu));
	START("--control", address.sun_path);
	/* it listens before its guest begins */
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, connect(fd, (struct sockaddr *)&address, sizeof(address)));
	for (i = 0; i < sizeof(talk) / sizeof(talk[0]); i++) {
		ASSERT_LT(0, send(fd, talk[i].request, strlen(talk[i].request), 0));
		len = recv(fd, answer, sizeof(answer) - 1, 0);
		ASSERT_LT(0, len);
		answer[len] = '\0';
		EXPECT_STREQ(talk[i].answer, answer);
	}
	EXPECT_TRUE(UNTIL(record_of(&self->a)->interrupts[0] == 1, TEST_PATIENCE_NS));
	if (getenv("PARTSCHED_LAB_EXACT"))
		EXPECT_INSIDE(record_of(&self->a), 0);
	close(fd);
	kill(self->a.guest.pid, SIGTERM);
	EXPECT_TRUE(guest_ended(&self->a.guest, TEST_PATIENCE_NS));
	EXPECT_EQ(-1, access(address.sun_path, F_OK));
}

PARTSCHED_MAIN
