// SPDX-License-Identifier: GPL-2.0
/*
 * netlink - what the family takes, refuses and says
 */
#include <linux/capability.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sys/syscall.h>

#include "wire.h"

static void put_schedule(struct message *message)
{
	message_u32(message, PARTSCHED_A_SCHEDULE_ID, 1);
	message_u64(message, PARTSCHED_A_MAJOR_FRAME_NS, PLAN_FRAME_NS);
}

static void put_partition(struct message *message, uint32_t id, const char *name)
{
	message_u32(message, PARTSCHED_A_PARTITION_ID, id);
	message_string(message, PARTSCHED_A_PARTITION_NAME, name);
	message_u32(message, PARTSCHED_A_NR_VCPUS, 1);
}

/* The attributes of a window; without @without. */
static void put_window(struct message *message, int without)
{
	static const uint16_t numbers[] = {
		PARTSCHED_A_SCHEDULE_ID, PARTSCHED_A_PARTITION_ID, PARTSCHED_A_VCPU,
		PARTSCHED_A_CPU, PARTSCHED_A_WINDOW_ID,
	};
	static const uint32_t values[] = { 1, 1, 0, 1, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (numbers[i] != without)
			message_u32(message, numbers[i], values[i]);
	if (without != PARTSCHED_A_OFFSET_NS)
		message_u64(message, PARTSCHED_A_OFFSET_NS, 0);
	if (without != PARTSCHED_A_DURATION_NS)
		message_u64(message, PARTSCHED_A_DURATION_NS, PLAN_WINDOW_NS);
}

TEST_F(wire, plan_is_staged_and_committed)
{
	BEGIN(STAGE_BEGIN);
	SEND(0);
	BEGIN(STAGE_SCHEDULE);
	put_schedule(&self->message);
	SEND(0);
	BEGIN(STAGE_PARTITION);
	put_partition(&self->message, 1, "a");
	SEND(0);
	BEGIN(STAGE_WINDOW);
	put_window(&self->message, 0);
	SEND(0);
	BEGIN(STAGE_COMMIT);
	SEND(0);
	EXPECT_LT(0, self->answer.generation);
	EXPECT_FALSE(self->answer.unchanged);
	/* the commit has used it up */
	BEGIN(STAGE_COMMIT);
	SEND(EINVAL);
}

TEST_F(wire, nothing_is_staged_without_a_begin)
{
	BEGIN(STAGE_SCHEDULE);
	put_schedule(&self->message);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "STAGE_BEGIN"));
	BEGIN(STAGE_PARTITION);
	put_partition(&self->message, 1, "a");
	SEND(EINVAL);
	BEGIN(STAGE_WINDOW);
	put_window(&self->message, 0);
	SEND(EINVAL);
	BEGIN(STAGE_COMMIT);
	SEND(EINVAL);
}

TEST_F(wire, missing_attribute_is_named)
{
	static const struct {
		uint16_t attr;
		const char *name;
	} of_window[] = {
		{ PARTSCHED_A_SCHEDULE_ID, "SCHEDULE_ID" },
		{ PARTSCHED_A_PARTITION_ID, "PARTITION_ID" },
		{ PARTSCHED_A_VCPU, "VCPU" },
		{ PARTSCHED_A_CPU, "CPU" },
		{ PARTSCHED_A_WINDOW_ID, "WINDOW_ID" },
		{ PARTSCHED_A_OFFSET_NS, "OFFSET_NS" },
		{ PARTSCHED_A_DURATION_NS, "DURATION_NS" },
	};

	BEGIN(STAGE_BEGIN);
	SEND(0);
	BEGIN(STAGE_SCHEDULE);
	U32(SCHEDULE_ID, 1);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "MAJOR_FRAME_NS"));
	BEGIN(STAGE_SCHEDULE);
	put_schedule(&self->message);
	SEND(0);
	BEGIN(STAGE_PARTITION);
	U32(PARTITION_ID, 1);
	U32(NR_VCPUS, 1);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "PARTITION_NAME"));
	BEGIN(STAGE_PARTITION);
	put_partition(&self->message, 1, "a");
	SEND(0);
	for (size_t i = 0; i < ARRAY_SIZE(of_window); i++) {
		BEGIN(STAGE_WINDOW);
		put_window(&self->message, of_window[i].attr);
		SEND(EINVAL);
		EXPECT_NE(NULL, strstr(self->answer.text, of_window[i].name)) {
			TH_LOG("without %s: \"%s\"", of_window[i].name, self->answer.text);
		}
	}
	BEGIN(ATTACH);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "PARTITION_NAME"));
	BEGIN(DETACH);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "PARTITION_NAME"));
	/* all of it refused: no window is staged */
	BEGIN(STAGE_COMMIT);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "no window"));
}

TEST_F(wire, attribute_of_another_command_is_refused)
{
	BEGIN(STAGE_BEGIN);
	U32(TID, 1);
	SEND(EINVAL);
	EXPECT_EQ(PARTSCHED_A_TID, self->answer.attr);
	EXPECT_STRNE("", self->answer.text);
	BEGIN(GET_MODULE);
	U32(CPU, 0);
	SEND(EINVAL);
	BEGIN(STAGE_BEGIN);
	message_put(&self->message, PARTSCHED_A_PAD, NULL, 0);
	SEND(EINVAL);
	BEGIN(STAGE_BEGIN);
	message_put(&self->message, 0, NULL, 0);
	SEND(EINVAL);
}

TEST_F(wire, unknown_attribute_is_refused)
{
	BEGIN(STAGE_BEGIN);
	message_u32(&self->message, PARTSCHED_A_MAX + 1, 1);
	SEND(EINVAL);
	EXPECT_STRNE("", self->answer.text);
	BEGIN(UNLOAD);
	message_u32(&self->message, (uint16_t)NLA_TYPE_MASK, 1);
	SEND(EINVAL);
}

TEST_F(wire, doubled_attribute_counts_once)
{
	BEGIN(STAGE_BEGIN);
	SEND(0);
	BEGIN(STAGE_SCHEDULE);
	put_schedule(&self->message);
	SEND(0);
	/* the last one counts, as everywhere in netlink */
	BEGIN(STAGE_PARTITION);
	U32(PARTITION_ID, 7);
	put_partition(&self->message, 1, "a");
	SEND(0);
	BEGIN(STAGE_WINDOW);
	put_window(&self->message, 0);
	SEND(0);
	BEGIN(STAGE_COMMIT);
	SEND(0);
}

TEST_F(wire, attribute_of_a_wrong_size_or_type_is_refused)
{
	const uint8_t bytes[128] = { 'x' };
	char name[PARTSCHED_NAME_MAX + 1];

	/* a number too short, too long, empty */
	for (size_t size = 0; size <= 8; size++) {
		if (size == 4)
			continue;
		BEGIN(STAGE_BEGIN);
		message_put(&self->message, PARTSCHED_A_SLACK_PPM, bytes, size);
		ASSERT_EQ(0, message_send(self->fd, &self->message, &self->answer));
		EXPECT_NE(0, self->answer.err) { TH_LOG("u32 of %zu bytes was taken", size); }
		EXPECT_EQ(PARTSCHED_A_SLACK_PPM, self->answer.attr);
	}
	/* a flag with a payload, a number that says it is a nest */
	BEGIN(STAGE_BEGIN);
	U32(FORCE_NO_SLACK, 1);
	ASSERT_EQ(0, message_send(self->fd, &self->message, &self->answer));
	EXPECT_NE(0, self->answer.err);
	BEGIN(STAGE_BEGIN);
	message_u32(&self->message, PARTSCHED_A_SLACK_PPM | NLA_F_NESTED, 50000);
	ASSERT_EQ(0, message_send(self->fd, &self->message, &self->answer));
	EXPECT_NE(0, self->answer.err);

	BEGIN(STAGE_BEGIN);
	SEND(0);
	/* a name without its end, with the longest allowed, and one more */
	BEGIN(STAGE_PARTITION);
	U32(PARTITION_ID, 1);
	U32(NR_VCPUS, 1);
	message_put(&self->message, PARTSCHED_A_PARTITION_NAME, "abc", 3);
	SEND(EINVAL);
	EXPECT_EQ(PARTSCHED_A_PARTITION_NAME, self->answer.attr);
	memset(name, 'n', sizeof(name));
	name[PARTSCHED_NAME_MAX - 1] = '\0';
	BEGIN(STAGE_PARTITION);
	put_partition(&self->message, 1, name);
	SEND(0);
	name[PARTSCHED_NAME_MAX - 1] = 'n';
	name[PARTSCHED_NAME_MAX] = '\0';
	BEGIN(STAGE_PARTITION);
	put_partition(&self->message, 2, name);
	SEND(EINVAL);
}

TEST_F(wire, value_out_of_range_is_refused)
{
	BEGIN(STAGE_BEGIN);
	U32(SLACK_PPM, 1000000);
	SEND(EINVAL);
	EXPECT_EQ(PARTSCHED_A_SLACK_PPM, self->answer.attr);
	BEGIN(STAGE_BEGIN);
	U32(SLACK_PPM, 999999);
	SEND(0);
	for (uint32_t nr = 0; nr <= PARTSCHED_MAX_VCPUS + 1; nr += PARTSCHED_MAX_VCPUS + 1) {
		BEGIN(STAGE_PARTITION);
		U32(PARTITION_ID, 1);
		STRING(PARTITION_NAME, "a");
		U32(NR_VCPUS, nr);
		SEND(ERANGE);
		EXPECT_EQ(PARTSCHED_A_NR_VCPUS, self->answer.attr);
	}
	BEGIN(STAGE_SCHEDULE);
	put_schedule(&self->message);
	SEND(0);
	BEGIN(STAGE_SCHEDULE);
	put_schedule(&self->message);
	SEND(EINVAL);
	EXPECT_EQ(PARTSCHED_A_SCHEDULE_ID, self->answer.attr);
	BEGIN(STAGE_PARTITION);
	put_partition(&self->message, 1, "a");
	SEND(0);
	BEGIN(STAGE_PARTITION);
	put_partition(&self->message, 1, "b");
	SEND(EINVAL);
	EXPECT_EQ(PARTSCHED_A_PARTITION_ID, self->answer.attr);
	BEGIN(STAGE_PARTITION);
	put_partition(&self->message, 2, "a");
	SEND(EINVAL);
	EXPECT_EQ(PARTSCHED_A_PARTITION_NAME, self->answer.attr);
}

TEST_F(wire, name_that_is_no_file_name_is_refused)
{
	static const char *const names[] = { "", ".", "..", "a/b", "/", "a\nb", "\x1b[31m", "a\x7f" };

	BEGIN(STAGE_BEGIN);
	SEND(0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		BEGIN(STAGE_PARTITION);
		put_partition(&self->message, i, names[i]);
		SEND(EINVAL);
		EXPECT_EQ(PARTSCHED_A_PARTITION_NAME, self->answer.attr);
	}
	BEGIN(STAGE_PARTITION);
	put_partition(&self->message, 1, "Flugf\xc3\xbchrung 1.2");
	SEND(0);
}

TEST_F(wire, truncated_message_is_refused)
{
	BEGIN(STAGE_BEGIN);
	SEND(0);
	/* cut anywhere, the last attribute's length then tells a lie */
	for (size_t cut = 1; cut < 60; cut++) {
		BEGIN(STAGE_WINDOW);
		put_window(&self->message, 0);
		self->message.len -= cut;
		ASSERT_EQ(0, message_send(self->fd, &self->message, &self->answer));
		EXPECT_NE(0, self->answer.err) { TH_LOG("cut by %zu it was taken", cut); }
	}
	/* an attribute that claims more than there is */
	BEGIN(STAGE_BEGIN);
	U32(SLACK_PPM, 1);
	self->message.bytes[self->message.len - 8] = 200;
	ASSERT_EQ(0, message_send(self->fd, &self->message, &self->answer));
	EXPECT_NE(0, self->answer.err);
}

TEST_F(wire, unknown_command_and_wrong_kind_are_refused)
{
	message_begin(&self->message, self->family, PARTSCHED_CMD_MAX + 1, 0);
	SEND(EOPNOTSUPP);
	message_begin(&self->message, self->family, PARTSCHED_CMD_EVENT, 0);
	SEND(EOPNOTSUPP);
	/* a dump of what has none, a single answer of what is a dump */
	message_begin(&self->message, self->family, PARTSCHED_CMD_GET_MODULE, NLM_F_DUMP);
	SEND(EOPNOTSUPP);
	message_begin(&self->message, self->family, PARTSCHED_CMD_GET_CPU, 0);
	SEND(EOPNOTSUPP);
}

TEST_F(wire, staged_plan_is_dropped_with_its_socket)
{
	uint16_t family;
	int many[20], nr = 0;

	/* more than the module keeps at one time: each must be dropped */
	for (int i = 0; i < 40; i++) {
		int fd = message_socket(&family);

		ASSERT_LE(0, fd);
		BEGIN(STAGE_BEGIN);
		ASSERT_EQ(0, message_send(fd, &self->message, &self->answer));
		ASSERT_EQ(0, self->answer.err) { TH_LOG("socket %d: %s", i, self->answer.text); }
		close(fd);
	}
	/* what is kept is bounded */
	for (; nr < (int)ARRAY_SIZE(many); nr++) {
		many[nr] = message_socket(&family);
		ASSERT_LE(0, many[nr]);
		BEGIN(STAGE_BEGIN);
		ASSERT_EQ(0, message_send(many[nr], &self->message, &self->answer));
		if (self->answer.err)
			break;
	}
	ASSERT_LT(nr, (int)ARRAY_SIZE(many));
	EXPECT_EQ(EBUSY, self->answer.err);
	/* nobody's stage is another's */
	BEGIN(STAGE_SCHEDULE);
	put_schedule(&self->message);
	SEND(EINVAL);
	for (int i = 0; i <= nr; i++)
		close(many[i]);
	BEGIN(STAGE_BEGIN);
	SEND(0);
	/* to begin again drops what was staged */
	BEGIN(STAGE_SCHEDULE);
	put_schedule(&self->message);
	SEND(0);
	BEGIN(STAGE_BEGIN);
	SEND(0);
	BEGIN(STAGE_SCHEDULE);
	put_schedule(&self->message);
	SEND(0);
}

/* xorshift: the same on every run */
TEST_F(wire, priority_is_that_of_a_staged_vcpu)
{
	static const struct {
		uint32_t partition, vcpu;
		int err;
		unsigned int attr;
	} cases[] = {
		{ 1, 0, 0, 0 },
		{ 2, 0, EINVAL, PARTSCHED_A_PARTITION_ID },
		{ 1, 1, EINVAL, PARTSCHED_A_VCPU },
		{ 1, PARTSCHED_MAX_VCPUS, ERANGE, PARTSCHED_A_VCPU },
	};

	BEGIN(STAGE_VCPU);
	U32(PARTITION_ID, 1);
	U32(VCPU, 0);
	U32(PRIORITY, 1);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "STAGE_BEGIN"));
	BEGIN(STAGE_BEGIN);
	SEND(0);
	BEGIN(STAGE_PARTITION);
	put_partition(&self->message, 1, "a");
	SEND(0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		BEGIN(STAGE_VCPU);
		U32(PARTITION_ID, cases[i].partition);
		U32(VCPU, cases[i].vcpu);
		U32(PRIORITY, UINT32_MAX);
		SEND(cases[i].err);
		EXPECT_EQ(cases[i].attr, self->answer.attr);
	}
	BEGIN(STAGE_VCPU);
	U32(PARTITION_ID, 1);
	U32(VCPU, 0);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "PRIORITY"));
}

static uint32_t random_u32(void)
{
	static uint32_t state = 20250711;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* What a command takes, in order. */
static void put_whole(struct message *message, uint8_t command)
{
	switch (command) {
	case PARTSCHED_CMD_STAGE_BEGIN:
		message_u32(message, PARTSCHED_A_SLACK_PPM, 50000);
		break;
	case PARTSCHED_CMD_STAGE_SCHEDULE:
		put_schedule(message);
		break;
	case PARTSCHED_CMD_STAGE_PARTITION:
		put_partition(message, 1 + random_u32() % 4, random_u32() % 2 ? "a" : "b");
		break;
	case PARTSCHED_CMD_STAGE_WINDOW:
		put_window(message, 0);
		break;
	case PARTSCHED_CMD_ATTACH:
		/* without TID it would be this very thread */
		message_u32(message, PARTSCHED_A_TID, 0x7fffffff);
		message_u32(message, PARTSCHED_A_VCPU, 0);
		message_string(message, PARTSCHED_A_PARTITION_NAME, "a");
		break;
	case PARTSCHED_CMD_DETACH:
		message_string(message, PARTSCHED_A_PARTITION_NAME, "a");
		break;
	}
}

TEST_F(wire, spoiled_messages_do_no_harm)
{
	struct ps_module_info info;
	unsigned int taken = 0;

	for (int i = 0; i < 3000; i++) {
		uint8_t command = 1 + random_u32() % PARTSCHED_CMD_DETACH;
		/* of the first attribute of ATTACH nothing is spoiled: see above */
		size_t from = command == PARTSCHED_CMD_ATTACH ? 28 : 20;

		message_begin(&self->message, self->family, command, 0);
		put_whole(&self->message, command);
		for (int n = random_u32() % 4; n && self->message.len > from; n--)
			self->message.bytes[from + random_u32() % (self->message.len - from)] =
				random_u32();
		if (self->message.len > from && random_u32() % 8 == 0)
			self->message.len -= random_u32() % (self->message.len - from);
		ASSERT_EQ(0, message_send(self->fd, &self->message, &self->answer));
		taken += !self->answer.err;
	}
	TH_LOG("%u were taken", taken);
	EXPECT_LT(0, taken);
	ASSERT_DONE(ps_kernel_module(self->kernel, &info, &self->error));
}

TEST_F(wire, clock_that_is_none_is_refused)
{
	BEGIN(STAGE_BEGIN);
	U32(CLOCK, 0);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "CLOCK_TAI"));
	BEGIN(STAGE_BEGIN);
	U32(CLOCK, PARTSCHED_CLOCK_TAI + 1);
	SEND(EINVAL);
	/* a base wants its clock, and fits it */
	BEGIN(STAGE_BEGIN);
	U64(BASE_NS, 1);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "base time"));
	BEGIN(STAGE_BEGIN);
	U32(CLOCK, PARTSCHED_CLOCK_TAI);
	U64(BASE_NS, 1ULL << 63);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "beyond"));
	/* nothing was begun by any of them */
	BEGIN(STAGE_COMMIT);
	SEND(EINVAL);
	BEGIN(STAGE_BEGIN);
	U32(CLOCK, PARTSCHED_CLOCK_TAI);
	U64(BASE_NS, (1ULL << 63) - 1);
	SEND(0);
}

/* Drop one capability, for good: call it in a child. */
static int drop(int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -1;
	data[0].effective &= ~(1U << capability);
	data[0].permitted &= ~(1U << capability);
	data[0].inheritable &= ~(1U << capability);
	return syscall(SYS_capset, &header, data);
}

/* In a child: a change is refused, @text is part of why; reading is not. */
static int without(int capability, const char *text)
{
	struct ps_partition_info *list;
	struct ps_module_info info;
	struct message message;
	struct ps_kernel *kernel;
	struct ps_error error;
	struct answer answer;
	uint16_t family;
	size_t nr;
	int fd;

	if (drop(capability))
		return 1;
	fd = message_socket(&family);
	for (uint8_t command = PARTSCHED_CMD_STAGE_BEGIN; command <= PARTSCHED_CMD_DETACH;
	     command++) {
		message_begin(&message, family, command, 0);
		if (message_send(fd, &message, &answer) || answer.err != EPERM ||
		    !strstr(answer.text, text)) {
			printf("# command %u: %d, \"%s\"\n", command, answer.err, answer.text);
			return 2;
		}
	}
	kernel = ps_kernel_open(&error);
	if (!kernel || ps_kernel_module(kernel, &info, &error) ||
	    ps_kernel_partitions(kernel, &list, &nr, &error))
		return 3;
	if (capability == CAP_NET_ADMIN && !ps_kernel_subscribe(kernel, &error))
		return 4;
	return ps_kernel_unload(kernel, true, &error) && error.exit == PS_EXIT_PERMISSION ? 0 : 5;
}

static int in_child(int capability, const char *text)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(without(capability, text));
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

TEST_F(wire, without_cap_net_admin_nothing_is_changed)
{
	EXPECT_EQ(0, in_child(CAP_NET_ADMIN, ""));
}

TEST_F(wire, without_cap_sys_nice_nothing_is_changed)
{
	EXPECT_EQ(0, in_child(CAP_SYS_NICE, "CAP_SYS_NICE"));
}

PARTSCHED_MAIN
