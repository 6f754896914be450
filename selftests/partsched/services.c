// SPDX-License-Identifier: GPL-2.0
/*
 * services - what a guest may ask for, with the right to and without
 *
 *   PARTSCHED_UNRULY_S=N    seconds beside a guest that calls anything
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "calling.h"
#include "../../tools/partvm/guest/unruly.h"

#define ALL_SERVICES	"schedule,mode,health,time,log,interrupt,partition"
/* As long as somebody wants it: what stands still is noticed by the test itself. */
#define UNRULY_TIMEOUT_S	(24 * 3600)

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
	if (exact())
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
	if (exact()) {
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

static const volatile struct unruly_record *unruly(const struct seen *seen)
{
	return (const volatile void *)(seen->memory + UNRULY_RECORD);
}

static uint64_t unruly_ns(uint64_t otherwise_ns)
{
	const char *text = getenv("PARTSCHED_UNRULY_S");

	return text ? strtoull(text, NULL, 10) * NSEC_PER_SEC : otherwise_ns;
}

/* Nothing that is counted in the module is about the neighbour. */
#define NEIGHBOUR_UNHARMED() do {						\
	EXPECT_TRUE(neighbour_runs(&self->b));					\
	EXPECT_EQ(PARTSCHED_MODE_NORMAL, mode_of(self->kernel, "b"));		\
	if (exact())								\
		EXPECT_EQ(0, missed_by(self->kernel, "b"));			\
} while (0)

TEST_F_TIMEOUT(calling, random_calls_come_to_errors_and_to_nothing_else, UNRULY_TIMEOUT_S)
{
	struct ps_model *model = plan_calling(self->cpu);
	uint64_t until_ns, calls;

	errors_do(model, 0, PARTSCHED_ERROR_SERVICE, PS_RECOVERY_IGNORE);
	LOAD(model);
	ASSERT_TRUE(seen_start(&self->b, "starts", "b", NULL, NULL));
	/* all that it may do without ending its own life */
	ASSERT_TRUE(seen_start(&self->a, "unruly", "a", "--services",
			       "schedule,health,log,interrupt,partition"));
	until_ns = now_ns() + unruly_ns(5 * NSEC_PER_SEC);
	do {
		calls = unruly(&self->a)->calls;
		ASSERT_TRUE(UNTIL(unruly(&self->a)->calls > calls + 10, TEST_PATIENCE_NS));
		ASSERT_EQ(1, unruly(&self->a)->starts);
		ASSERT_TRUE(neighbour_runs(&self->b));
		/* of which there is enough by then, however slow the machine is */
	} while (calls < 200 || now_ns() < until_ns);
	TH_LOG("%" PRIu64 " calls", calls);
	EXPECT_EQ(PARTSCHED_MODE_NORMAL, mode_of(self->kernel, "a"));
	EXPECT_LT(0, ERRORS(PARTSCHED_ERROR_SERVICE));
	NEIGHBOUR_UNHARMED();
}

TEST_F_TIMEOUT(calling, random_calls_with_all_rights_end_in_starts_of_the_caller_alone,
	       UNRULY_TIMEOUT_S)
{
	struct ps_mode_result result;
	unsigned int lives = 0;
	uint64_t until_ns;

	LOAD(plan_calling(self->cpu));
	ASSERT_TRUE(seen_start(&self->b, "starts", "b", NULL, NULL));
	ASSERT_TRUE(seen_start(&self->a, "unruly", "a", "--services", ALL_SERVICES));
	until_ns = now_ns() + unruly_ns(0);
	do {
		if (lives++)
			ASSERT_DONE(ps_kernel_set_mode(self->kernel, "a", PARTSCHED_MODE_COLD_START,
						       PARTSCHED_BY_OPERATOR, &result,
						       &self->error));
		/* until it makes itself idle, as it will */
		ASSERT_TRUE(UNTIL(mode_of(self->kernel, "a") == PARTSCHED_MODE_IDLE,
				  TEST_PATIENCE_NS));
		ASSERT_TRUE(neighbour_runs(&self->b));
	} while (now_ns() < until_ns);
	TH_LOG("idle %u times", lives);
	NEIGHBOUR_UNHARMED();
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
	if (exact())
		EXPECT_INSIDE(record_of(&self->a), 0);
	close(fd);
	kill(self->a.guest.pid, SIGTERM);
	EXPECT_TRUE(guest_ended(&self->a.guest, TEST_PATIENCE_NS));
	EXPECT_EQ(-1, access(address.sun_path, F_OK));
}

PARTSCHED_MAIN
