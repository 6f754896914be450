// SPDX-License-Identifier: GPL-2.0
/*
 * channel - channels as parts of a plan: staged, checked, kept, counted, many
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <linux/partsched_channel.h>
#include <linux/partsched_device.h>

#include "ports.h"
#include "wire.h"

#define LIMIT_PARAMETER	"/sys/module/partsched/parameters/channel_mib"
#define MIB		(1024UL * 1024)

static struct ps_model *plan_channels(int cpu)
{
	struct ps_model *model = plan_usual(cpu);

	plan_sampling(model, "state", 64, 0, 0, 1);
	plan_queuing(model, "queue", 64, 4, 0, 1);
	return model;
}

/* Write into both channels. */
static bool fill(void)
{
	int state = port_open("a.state", O_WRONLY), queue = port_open("a.queue", O_WRONLY);
	bool done = write(state, "state", 5) == 5 && write(queue, "first", 5) == 5 &&
		write(queue, "next", 4) == 4;

	close(state);
	close(queue);
	return done;
}

static ssize_t read_port(const char *name, char *buffer, size_t size)
{
	int fd = port_open(name, O_RDONLY | O_NONBLOCK);
	ssize_t got = read(fd, buffer, size);
	int err = errno;

	close(fd);
	errno = err;
	return got;
}

TEST_F(session, dump_tells_of_ports)
{
	struct ps_model *model = plan_channels(self->cpu);
	struct ps_port_info info, *list;
	size_t nr;
	int fd;

	model->channels[1].has_id = true;
	model->channels[1].id = 1;
	model->channels[1].destinations[0].kick = PS_KICK_WINDOW;
	LOAD(model);
	ASSERT_TRUE(fill());
	ASSERT_DONE(ps_kernel_ports(self->kernel, &list, &nr, &self->error));
	EXPECT_EQ(4, nr);
	free(list);
	ASSERT_TRUE(port_info(self->kernel, "a", "state", &info));
	EXPECT_EQ(PARTSCHED_PORT_SOURCE, info.direction);
	EXPECT_EQ(PARTSCHED_PORT_SAMPLING, info.type);
	EXPECT_STREQ("state", info.channel);
	/* the file gives this one no number, and 1 to the other */
	EXPECT_EQ(2, info.channel_id);
	EXPECT_EQ(1, info.partition_id);
	EXPECT_FALSE(info.pseudo);
	EXPECT_EQ(1, info.nr_messages);
	EXPECT_EQ(1, info.host_messages);
	EXPECT_EQ(PARTSCHED_VALIDITY_VALID, info.validity);
	EXPECT_EQ(0, info.nr_open);

	fd = port_open("b.queue", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(port_info(self->kernel, "b", "queue", &info));
	EXPECT_EQ(PARTSCHED_PORT_DESTINATION, info.direction);
	EXPECT_EQ(PARTSCHED_PORT_QUEUING, info.type);
	EXPECT_EQ(PARTSCHED_KICK_WINDOW, info.kick);
	EXPECT_EQ(64, info.max_message);
	EXPECT_EQ(4, info.depth);
	EXPECT_EQ(2, info.pending);
	EXPECT_EQ(2, info.nr_messages);
	EXPECT_EQ(0, info.overflows);
	EXPECT_EQ(0, info.host_messages);
	EXPECT_EQ(1, info.nr_open);
	EXPECT_LT(0, info.last_ns);
	close(fd);
}

TEST_F(session, next_plan_keeps_the_messages)
{
	struct ps_load_result first, second;
	struct ps_model *model;
	char buffer[64];
	int fd;

	ASSERT_DONE(plan_load(self->kernel, plan_channels(self->cpu), &first, &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, first.generation));
	ASSERT_TRUE(fill());
	fd = port_open("b.queue", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, fd);
	EXPECT_EQ(5, read(fd, buffer, sizeof(buffer)));

	/* the same again */
	ASSERT_DONE(plan_load(self->kernel, plan_channels(self->cpu), &second, &self->error));
	EXPECT_TRUE(second.unchanged);

	/* other windows, another kick, another number, another order, one more */
	model = plan_usual(self->cpu);
	model->schedules[0].windows[0].duration_ns /= 2;
	plan_sampling(model, "more", 64, 0, 1, 0);
	plan_queuing(model, "queue", 64, 4, 0, 1)->destinations[0].kick = PS_KICK_NOW;
	plan_sampling(model, "state", 64, 0, 0, 1);
	ASSERT_DONE(plan_load(self->kernel, model, &second, &self->error));
	EXPECT_FALSE(second.unchanged);
	/* what was open goes on, before the boundary and after it */
	EXPECT_EQ(4, read(fd, buffer, sizeof(buffer))) { TH_LOG("%s", strerror(errno)); }
	EXPECT_EQ(0, memcmp(buffer, "next", 4));
	ASSERT_TRUE(plan_settled(self->kernel, second.generation));
	EXPECT_EQ(5, read_port("b.state", buffer, sizeof(buffer)));
	EXPECT_EQ(-1, read(fd, buffer, sizeof(buffer)));
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_TRUE(fill());
	EXPECT_EQ(5, read(fd, buffer, sizeof(buffer)));
	EXPECT_EQ(-1, read_port("a.more", buffer, sizeof(buffer)));
	EXPECT_EQ(ENODATA, errno);
	close(fd);
}

/* Each is another channel than that of plan_channels(). */
static struct ps_model *changed_plan(int which, int cpu)
{
	struct ps_model *model = plan_usual(cpu);
	struct ps_channel *channel;

	channel = plan_sampling(model, which == 0 ? "other" : "state", which == 1 ? 65 : 64,
				which == 2 ? 1000000000 : 0, which == 3 ? 1 : 0, which == 3 ? 0 : 1);
	/* the channel's name is another, those of the ports are not */
	if (which == 0) {
		free(channel->sources[0].port);
		free(channel->destinations[0].port);
		channel->sources[0].port = strdup("state");
		channel->destinations[0].port = strdup("state");
		for (int i = 0; i < 2; i++) {
			free(model->partitions[i].ports[0].name);
			model->partitions[i].ports[0].name = strdup("state");
		}
	}
	return model;
}

TEST_F(session, another_channel_of_the_same_ports_is_empty)
{
	char buffer[64];
	struct stat st;

	for (int which = 0; which < 4; which++) {
		bool turned = which == 3;
		int fd;

		LOAD(plan_channels(self->cpu));
		ASSERT_TRUE(fill());
		fd = port_open("b.state", O_RDONLY);
		EXPECT_EQ(5, read(fd, buffer, sizeof(buffer)));
		LOAD(changed_plan(which, self->cpu));
		EXPECT_EQ(-1, read(fd, buffer, sizeof(buffer)));
		EXPECT_EQ(ENODEV, errno) { TH_LOG("change %d", which); }
		close(fd);
		EXPECT_EQ(-1, read_port(turned ? "a.state" : "b.state", buffer, sizeof(buffer)));
		EXPECT_EQ(ENODATA, errno) { TH_LOG("change %d", which); }
		/* the devices are those of the new one */
		ASSERT_EQ(0, stat(PARTSCHED_PORT_DEVICES "a.state", &st));
		EXPECT_EQ(turned ? 0440 : 0660, st.st_mode & 07777);
		ASSERT_EQ(0, stat(PARTSCHED_PORT_DEVICES "b.state", &st));
		EXPECT_EQ(turned ? 0660 : 0440, st.st_mode & 07777);
		fd = port_open("a.state", O_RDWR);
		EXPECT_EQ(turned, fd < 0);
		close(fd);
		EXPECT_NE(0, stat(PARTSCHED_PORT_DEVICES "a.queue", &st));
	}
	ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
	EXPECT_TRUE(UNTIL(!channel_bytes(self->kernel), TEST_PATIENCE_NS));
}

TEST_F(session, dry_run_makes_no_channel)
{
	struct ps_model *model = plan_channels(self->cpu);
	struct ps_load_result result;
	struct stat st;

	/* an earlier plan may just be on its way out */
	ASSERT_TRUE(UNTIL(!channel_bytes(self->kernel), TEST_PATIENCE_NS));
	ASSERT_DONE(ps_kernel_load(self->kernel, model, PS_LOAD_DRY_RUN, &result, &self->error));
	EXPECT_EQ(0, channel_bytes(self->kernel));
	EXPECT_NE(0, stat(PARTSCHED_PORT_DEVICES "a.state", &st));
	ASSERT_DONE(ps_kernel_load(self->kernel, model, 0, &result, &self->error));
	ASSERT_TRUE(plan_settled(self->kernel, result.generation));
	ASSERT_TRUE(fill());
	/* one of the same plan, or of another one, touches nothing of it */
	ASSERT_DONE(ps_kernel_load(self->kernel, model, PS_LOAD_DRY_RUN, &result, &self->error));
	EXPECT_TRUE(result.unchanged);
	ps_model_free(model);
	model = plan_usual(self->cpu);
	ASSERT_DONE(ps_kernel_load(self->kernel, model, PS_LOAD_DRY_RUN, &result, &self->error));
	EXPECT_FALSE(result.unchanged);
	ps_model_free(model);
	ASSERT_TRUE(fill());
}

TEST_F(session, channels_beyond_the_limit_are_refused)
{
	struct ps_model *model = plan_channels(self->cpu);
	struct ps_load_result result;
	struct ps_module_info info;

	LOAD(plan_channels(self->cpu));
	ASSERT_TRUE(fill());
	ASSERT_EQ(0, file_write(LIMIT_PARAMETER, "1"));
	MODULE(&info);
	EXPECT_EQ(MIB, info.max_channel_bytes);
	plan_sampling(model, "large", MIB, 0, 0, 1);
	for (unsigned int flags = 0; flags <= PS_LOAD_DRY_RUN; flags += PS_LOAD_DRY_RUN) {
		EXPECT_REFUSED(ENOSPC, ps_kernel_load(self->kernel, model, flags, &result,
						      &self->error));
		EXPECT_NE(NULL, strstr(self->error.text, "channel_mib")) {
			TH_LOG("%s", self->error.text);
		}
	}
	/* all is as it was */
	ASSERT_TRUE(fill());
	ASSERT_EQ(0, file_write(LIMIT_PARAMETER, "0"));
	ASSERT_DONE(ps_kernel_load(self->kernel, model, 0, &result, &self->error));
	ps_model_free(model);
}

/* What is free now, in KiB. */
static long available_kib(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	long kib = 0;

	while (file && !kib && fgets(line, sizeof(line), file))
		sscanf(line, "MemAvailable: %ld", &kib);
	if (file)
		fclose(file);
	return kib;
}

/* A kernel that looks at each byte itself takes its time over so many. */
TEST_F_TIMEOUT(session, many_large_channels_come_and_go, 3 * TEST_TIMEOUT_S)
{
	const size_t partitions = 16, nr = 256, slots = PARTSCHED_SAMPLING_SLOTS;
	/* a sampling channel takes many times its message: as many as there is room for */
	const char *given = getenv("PARTSCHED_CHANNELS_MIB");
	size_t most_mib = given ? strtoul(given, NULL, 10) :
			  access("/sys/kernel/debug/kmemleak", F_OK) ? 1200 : 400;
	size_t room_mib = available_kib() / 1024 * 6 / 10;
	size_t sampling;
	struct ps_model *model = plan_new(PLAN_FRAME_NS);
	char limit[32];
	struct ps_load_result result;
	struct ps_port_info *list;
	char *message, *buffer;
	size_t got;
	long free_kib;

	room_mib = room_mib < most_mib ? room_mib : most_mib;
	sampling = room_mib < nr ? 0 : (room_mib - nr) / (slots - 1);
	sampling = sampling < nr ? sampling : nr;
	TH_LOG("%zu sampling and %zu queuing channels", sampling, nr - sampling);
	/* and a few pages for each */
	snprintf(limit, sizeof(limit), "%zu", sampling * slots + (nr - sampling) + 10);
	ASSERT_EQ(0, file_write(LIMIT_PARAMETER, limit));
	message = malloc(MIB);
	buffer = malloc(MIB);
	for (size_t i = 0; i < partitions; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%zu", i);
		plan_partition(model, name, 1, self->cpu);
		plan_window(model, i, i * 2 * NSEC_PER_MSEC, NSEC_PER_MSEC);
	}
	for (size_t i = 0; i < nr; i++) {
		size_t from = i % partitions, to = (from + 1 + i / partitions % (partitions - 1)) %
			partitions;
		char name[16];

		snprintf(name, sizeof(name), "c%zu", i);
		if (i < sampling)
			plan_sampling(model, name, MIB, 0, from, to);
		else
			plan_queuing(model, name, MIB, 1, from, to);
	}
	free_kib = available_kib();
	for (int round = 0; round < 2; round++) {
		ASSERT_DONE(ps_kernel_load(self->kernel, model, 0, &result, &self->error));
		ASSERT_TRUE(plan_settled(self->kernel, result.generation));
		ASSERT_DONE(ps_kernel_ports(self->kernel, &list, &got, &self->error));
		ASSERT_EQ(2 * nr, got);
		for (size_t i = 0; i < got; i++) {
			char name[2 * PARTSCHED_NAME_MAX];
			bool source = list[i].direction == PARTSCHED_PORT_SOURCE;
			int fd;

			snprintf(name, sizeof(name), "%s.%s", list[i].partition, list[i].port);
			fd = port_open(name, source ? O_WRONLY : O_RDONLY);
			ASSERT_LE(0, fd);
			if (source) {
				memset(message, (int)i, MIB);
				EXPECT_EQ(MIB, write(fd, message, MIB));
			} else {
				EXPECT_EQ(MIB, read(fd, buffer, MIB));
				EXPECT_EQ(0, memcmp(message, buffer, MIB));
			}
			close(fd);
		}
		free(list);
		EXPECT_LE(nr * MIB, channel_bytes(self->kernel));
		ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
		EXPECT_TRUE(UNTIL(!channel_bytes(self->kernel), TEST_PATIENCE_NS));
	}
	/* the counter is not alone in saying so */
	EXPECT_TRUE(UNTIL(available_kib() > free_kib - 64 * 1024, TEST_PATIENCE_NS)) {
		TH_LOG("%ld KiB free, %ld before", available_kib(), free_kib);
	}
	ASSERT_EQ(0, file_write(LIMIT_PARAMETER, "0"));
	ps_model_free(model);
	free(message);
	free(buffer);
}

/* Programs that use ports while plans come and go. */
struct crowd {
	bool stop;
	unsigned long calls;
	unsigned long strange;
};

static void *use_ports(void *arg)
{
	static const char *const names[] = { "a.state", "b.state", "a.queue", "b.queue" };
	struct crowd *crowd = arg;
	char buffer[64];

	for (unsigned int i = 0; !__atomic_load_n(&crowd->stop, __ATOMIC_RELAXED); i++) {
		bool source = i % 2 == 0;
		int fd = port_open(names[i % 4], (source ? O_RDWR : O_RDONLY) | O_NONBLOCK);
		void *memory;
		ssize_t ret;

		if (fd < 0) {
			/* a.state is a destination in one of the plans */
			crowd->strange += errno != ENOENT && errno != ENODEV && errno != ENXIO &&
				errno != EACCES;
			continue;
		}
		memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		ret = source ? write(fd, "x", 1) : read(fd, buffer, sizeof(buffer));
		if (ret < 0)
			crowd->strange += errno != ENODEV && errno != EAGAIN && errno != ENODATA &&
				(source || errno != EINVAL);
		close(fd);
		if (memory != MAP_FAILED) {
			ret = *(volatile char *)memory;
			munmap(memory, 4096);
		}
		crowd->calls++;
	}
	return NULL;
}

TEST_F(session, ports_are_used_while_plans_come_and_go)
{
	struct crowd crowds[2] = { { .stop = false } };
	pthread_t threads[2];
	struct ps_load_result result;

	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, use_ports, &crowds[i]));
	for (int i = 0; i < 20; i++) {
		struct ps_model *model = i % 3 ? changed_plan(i % 4, self->cpu) :
						 plan_channels(self->cpu);

		ASSERT_DONE(plan_load(self->kernel, model, &result, &self->error));
		ASSERT_TRUE(plan_settled(self->kernel, result.generation));
		if (i % 5 == 4)
			ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
	}
	for (int i = 0; i < 2; i++) {
		__atomic_store_n(&crowds[i].stop, true, __ATOMIC_RELAXED);
		pthread_join(threads[i], NULL);
		EXPECT_LT(0, crowds[i].calls);
		EXPECT_EQ(0, crowds[i].strange);
	}
	ps_kernel_unload(self->kernel, false, &self->error);
	EXPECT_TRUE(UNTIL(!channel_bytes(self->kernel), TEST_PATIENCE_NS));
}

/* ------------------------------------------------------------ attributes, hostile */

static void put_channel(struct message *message, uint32_t id, uint32_t type, uint32_t size)
{
	message_u32(message, PARTSCHED_A_CHANNEL_ID, id);
	message_u32(message, PARTSCHED_A_PORT_TYPE, type);
	message_u32(message, PARTSCHED_A_MAX_MESSAGE, size);
}

static void put_port(struct message *message, uint32_t channel, uint32_t partition,
		     const char *port, uint32_t direction)
{
	message_u32(message, PARTSCHED_A_CHANNEL_ID, channel);
	message_u32(message, PARTSCHED_A_PARTITION_ID, partition);
	message_string(message, PARTSCHED_A_PORT_NAME, port);
	message_u32(message, PARTSCHED_A_PORT_DIRECTION, direction);
}

#define ATTR_IS(_attr) EXPECT_EQ(PARTSCHED_A_##_attr, self->answer.attr)	\
	{ TH_LOG("%s", self->answer.text); }					\
	EXPECT_STRNE("", self->answer.text)

#define STAGE_PARTITION(_id, _name) do {					\
	BEGIN(STAGE_PARTITION);							\
	U32(PARTITION_ID, _id);							\
	STRING(PARTITION_NAME, _name);						\
	U32(NR_VCPUS, 1);							\
	SEND(0);								\
} while (0)

/* A plan with two partitions and a window, and as yet no channel. */
#define STAGE_PLAN() do {							\
	BEGIN(STAGE_BEGIN);							\
	SEND(0);								\
	BEGIN(STAGE_SCHEDULE);							\
	U32(SCHEDULE_ID, 1);							\
	U64(MAJOR_FRAME_NS, PLAN_FRAME_NS);					\
	SEND(0);								\
	STAGE_PARTITION(1, "a");						\
	STAGE_PARTITION(2, "a.b");						\
	BEGIN(STAGE_WINDOW);							\
	U32(SCHEDULE_ID, 1);							\
	U32(PARTITION_ID, 1);							\
	U32(VCPU, 0);								\
	U32(CPU, session_cpu());						\
	U32(WINDOW_ID, 0);							\
	U64(OFFSET_NS, 0);							\
	U64(DURATION_NS, PLAN_WINDOW_NS);					\
	SEND(0);								\
} while (0)

#define CHANNEL(_id, _type, _size) do {						\
	BEGIN(STAGE_CHANNEL);							\
	put_channel(&self->message, _id, PARTSCHED_PORT_##_type, _size);	\
} while (0)

#define PORT(_channel, _partition, _port, _direction) do {			\
	BEGIN(STAGE_PORT);							\
	put_port(&self->message, _channel, _partition, _port,			\
		 PARTSCHED_PORT_##_direction);					\
} while (0)

TEST_F(wire, channel_that_cannot_be_is_refused)
{
	static const uint32_t sizes[] = { 0, MIB + 1, UINT32_MAX };

	CHANNEL(1, SAMPLING, 64);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "STAGE_BEGIN"));
	STAGE_PLAN();
	BEGIN(STAGE_CHANNEL);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "CHANNEL_ID"));
	for (uint32_t type = 0; type <= 3; type += 3) {
		BEGIN(STAGE_CHANNEL);
		put_channel(&self->message, 1, type, 64);
		SEND(ERANGE);
		ATTR_IS(PORT_TYPE);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		CHANNEL(1, SAMPLING, sizes[i]);
		SEND(EINVAL);
		ATTR_IS(MAX_MESSAGE);
	}
	CHANNEL(1, SAMPLING, 64);
	U32(DEPTH, 1);
	SEND(EINVAL);
	ATTR_IS(DEPTH);
	CHANNEL(1, QUEUING, 64);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "DEPTH"));
	for (uint32_t depth = 0; depth <= 65537; depth += 65537) {
		CHANNEL(1, QUEUING, 64);
		U32(DEPTH, depth);
		SEND(EINVAL);
		ATTR_IS(DEPTH);
	}
	CHANNEL(1, QUEUING, 64);
	U32(DEPTH, 4);
	U64(REFRESH_NS, 1);
	SEND(EINVAL);
	ATTR_IS(REFRESH_NS);
	/* a product that would come round to little in 32 bits */
	CHANNEL(1, QUEUING, MIB);
	U32(DEPTH, 65536);
	SEND(EINVAL);
	ATTR_IS(MAX_MESSAGE);
	CHANNEL(1, SAMPLING, 64);
	SEND(0);
	CHANNEL(1, SAMPLING, 64);
	SEND(EINVAL);
	ATTR_IS(CHANNEL_ID);
}

TEST_F(wire, port_that_cannot_be_is_refused)
{
	static const char *const names[] = { "", ".", "..", "a/b", "../x", "tab\t", "\x7f" };

	STAGE_PLAN();
	CHANNEL(1, SAMPLING, 64);
	SEND(0);
	CHANNEL(2, QUEUING, 64);
	U32(DEPTH, 1);
	SEND(0);
	BEGIN(STAGE_PORT);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "CHANNEL_ID"));
	PORT(3, 1, "x", SOURCE);
	SEND(EINVAL);
	ATTR_IS(CHANNEL_ID);
	PORT(1, 9, "x", SOURCE);
	SEND(EINVAL);
	ATTR_IS(PARTITION_ID);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		PORT(1, 1, names[i], SOURCE);
		SEND(EINVAL);
		ATTR_IS(PORT_NAME);
		BEGIN(STAGE_PORT);
		U32(CHANNEL_ID, 1);
		U32(PORT_DIRECTION, PARTSCHED_PORT_SOURCE);
		STRING(PORT_NAME, "x");
		STRING(PARTITION_NAME, names[i]);
		SEND(EINVAL);
		ATTR_IS(PARTITION_NAME);
	}
	PORT(1, 1, "x", SOURCE);
	STRING(PARTITION_NAME, "host");
	SEND(EINVAL);
	ATTR_IS(PARTITION_NAME);
	BEGIN(STAGE_PORT);
	put_port(&self->message, 1, 1, "x", 3);
	SEND(ERANGE);
	ATTR_IS(PORT_DIRECTION);
	PORT(1, 1, "x", SOURCE);
	U32(KICK, PARTSCHED_KICK_NOW);
	SEND(EINVAL);
	ATTR_IS(KICK);
	PORT(1, 1, "x", DESTINATION);
	U32(KICK, PARTSCHED_KICK_WINDOW + 1);
	SEND(ERANGE);
	ATTR_IS(KICK);
	PORT(1, 1, "out", SOURCE);
	SEND(0);
	PORT(1, 2, "out2", SOURCE);
	SEND(EINVAL);
	ATTR_IS(PORT_DIRECTION);
	PORT(2, 1, "queue", DESTINATION);
	SEND(0);
	PORT(2, 2, "queue", DESTINATION);
	SEND(EINVAL);
	ATTR_IS(PORT_DIRECTION);
}

TEST_F(wire, two_devices_never_have_one_name)
{
	STAGE_PLAN();
	CHANNEL(1, SAMPLING, 64);
	SEND(0);
	CHANNEL(2, QUEUING, 64);
	U32(DEPTH, 1);
	SEND(0);
	PORT(1, 1, "b.c", SOURCE);
	SEND(0);
	PORT(1, 1, "b.c", DESTINATION);
	SEND(EINVAL);
	ATTR_IS(PORT_NAME);
	/* a + b.c, a.b + c */
	PORT(1, 2, "c", DESTINATION);
	SEND(EINVAL);
	ATTR_IS(PORT_NAME);
	/* the second device of a queue, before it and after it */
	PORT(1, 1, "q.ack", DESTINATION);
	SEND(0);
	PORT(2, 1, "q", SOURCE);
	SEND(EINVAL);
	ATTR_IS(PORT_NAME);
	PORT(2, 1, "r", SOURCE);
	SEND(0);
	PORT(1, 1, "r.ack", DESTINATION);
	SEND(EINVAL);
	ATTR_IS(PORT_NAME);
	/* a sampling port has none */
	PORT(1, 1, "b.c.ack", DESTINATION);
	SEND(0);
	PORT(2, 1, "r.ack.ack", DESTINATION);
	SEND(0);
	BEGIN(STAGE_COMMIT);
	SEND(0);
}

TEST_F(wire, channel_without_both_ends_is_refused)
{
	STAGE_PLAN();
	CHANNEL(1, SAMPLING, 64);
	SEND(0);
	PORT(1, 1, "in", DESTINATION);
	SEND(0);
	BEGIN(STAGE_COMMIT);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "source"));
	STAGE_PLAN();
	CHANNEL(1, SAMPLING, 64);
	SEND(0);
	PORT(1, 1, "out", SOURCE);
	SEND(0);
	BEGIN(STAGE_COMMIT);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "destination"));
	/* a pseudo-partition that turns out to be a partition */
	STAGE_PLAN();
	CHANNEL(1, SAMPLING, 64);
	SEND(0);
	PORT(1, 1, "out", SOURCE);
	SEND(0);
	BEGIN(STAGE_PORT);
	U32(CHANNEL_ID, 1);
	STRING(PARTITION_NAME, "late");
	STRING(PORT_NAME, "in");
	U32(PORT_DIRECTION, PARTSCHED_PORT_DESTINATION);
	SEND(0);
	STAGE_PARTITION(3, "late");
	BEGIN(STAGE_COMMIT);
	SEND(EINVAL);
	EXPECT_NE(NULL, strstr(self->answer.text, "pseudo-partition"));
	/* an earlier plan may just be on its way out */
	EXPECT_TRUE(UNTIL(!channel_bytes(self->kernel), TEST_PATIENCE_NS));
}

TEST_F(wire, more_channels_and_ports_than_there_may_be_are_refused)
{
	char name[16];

	STAGE_PLAN();
	for (uint32_t i = 0; i < PARTSCHED_MAX_CHANNELS; i++) {
		CHANNEL(i, SAMPLING, 64);
		SEND(0);
	}
	CHANNEL(PARTSCHED_MAX_CHANNELS, SAMPLING, 64);
	SEND(E2BIG);
	for (uint32_t i = 0; i < PARTSCHED_MAX_PORTS; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		PORT(0, 1, name, DESTINATION);
		SEND(0);
	}
	PORT(0, 1, "one-more", DESTINATION);
	SEND(E2BIG);
	EXPECT_STRNE("", self->answer.text);
}

PARTSCHED_MAIN
