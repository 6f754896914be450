// SPDX-License-Identifier: GPL-2.0
/*
 * channel-guest - guests that exchange messages with each other and with the host
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include <linux/partsched_channel.h>
#include <linux/partsched_device.h>
#include <linux/partsched_guest.h>

#include "errors.h"
#include "guests.h"
#include "ports.h"

#define FRAME_NS	(exact() ? 4 * NSEC_PER_MSEC : 40 * NSEC_PER_MSEC)
#define WINDOW_NS	(FRAME_NS * 3 / 10)
#define SECOND_NS	(FRAME_NS / 3)
#define THIRD_NS	(FRAME_NS * 2 / 3)

#define MESSAGE		64
#define DEPTH		16
#define MESSAGES	(exact() ? 200 : 1000)
#define KICKS		20

/* A guest's clock against the host's, which is renewed once a second. */
#define CLOCK_NS	2000
/* From a window's edge to the first instruction of a handler whose kick waited. */
#define FIRST_NS	20000

/* "a", "b" and "c", one after the other on one CPU. */
static struct ps_model *plan_three(int cpu)
{
	struct ps_model *model = plan_new(FRAME_NS);

	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "b", 1, cpu);
	plan_partition(model, "c", 1, cpu);
	plan_window(model, 0, 0, WINDOW_NS);
	plan_window(model, 1, SECOND_NS, WINDOW_NS);
	plan_window(model, 2, THIRD_NS, WINDOW_NS);
	return model;
}

/* The partition's first port has another reader, whose port is called the same. */
static void add_reader(struct ps_model *model, struct ps_channel *channel, size_t partition)
{
	const struct ps_end *first = &channel->destinations[0];
	struct ps_port like = *ps_partition_port(&model->partitions[first->partition], first->port);
	struct ps_port *port = ps_partition_add_port(&model->partitions[partition]);
	char *name = strdup(first->port);
	struct ps_end *end;

	*port = like;
	port->name = name;
	end = ps_channel_add_destination(channel);
	end->partition = partition;
	end->port = strdup(name);
}

static struct ps_model *plan_sampled(int cpu, uint32_t message)
{
	struct ps_model *model = plan_three(cpu);
	struct ps_channel *channel;

	channel = plan_sampling(model, "speed", message, 3600 * NSEC_PER_SEC, 0, 1);
	add_reader(model, channel, 2);
	return model;
}

static struct ps_model *plan_queued(int cpu, enum ps_kick kick)
{
	struct ps_model *model = plan_three(cpu);
	struct ps_channel *channel = plan_queuing(model, "words", MESSAGE, DEPTH, 0, 1);

	channel->destinations[0].kick = kick;
	return model;
}

static uint64_t kicks(const struct seen *seen)
{
	return __atomic_load_n(&record_of(seen)->kicks, __ATOMIC_ACQUIRE);
}

/* A guest has written, sent, read or received so many. */
#define HAS_HAD(_seen, _port, _nr)							\
	ASSERT_TRUE(UNTIL(messages(_seen, _port) >= (_nr), TEST_PATIENCE_NS))		\
	{ TH_LOG("%llu messages of %llu", (unsigned long long)messages(_seen, _port),	\
		 (unsigned long long)(_nr)); }

/* What a guest has received is all that was sent, in its order. */
#define IN_ORDER(_seen, _port) do {							\
	EXPECT_EQ(0, port_of(_seen, _port)->disorder);					\
	EXPECT_EQ(0, port_of(_seen, _port)->nonsense);					\
} while (0)

static ssize_t get_text(int fd, char *text, size_t size)
{
	ssize_t length = read(fd, text, size - 1);

	text[length < 0 ? 0 : length] = '\0';
	return length;
}

TEST_F(guests, host_reads_what_a_guest_samples)
{
	unsigned int number, last = 0;
	char text[MESSAGE + 1] = "";
	int fd;

	LOAD(plan_sampled(self->cpu, MESSAGE));
	fd = port_open("b.speed", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, get_text(fd, text, sizeof(text)));
	EXPECT_EQ(ENODATA, errno);
	START(&self->a, "sensor", "a");
	for (int i = 0; i < 5; i++) {
		number = last;
		ASSERT_TRUE(UNTIL(get_text(fd, text, sizeof(text)) > 0 &&
				  sscanf(text, "speed %*u kt, sample %u", &number) == 1 &&
				  number > last, TEST_PATIENCE_NS)) {
			TH_LOG("%s", text);
		}
		last = number;
	}
	close(fd);
}

TEST_F(guests, guest_reads_what_the_host_samples)
{
	static const char text[] = "from the host";
	int fd;

	LOAD(plan_sampled(self->cpu, MESSAGE));
	START(&self->b, "display", "b");
	fd = port_open("a.speed", O_WRONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(text), write(fd, text, sizeof(text)));
	HAS_HAD(&self->b, 0, 1);
	EXPECT_STREQ(text, (const char *)port_of(&self->b, 0)->text);
	EXPECT_EQ(1, port_of(&self->b, 0)->number);
	EXPECT_EQ(0, port_of(&self->b, 0)->invalid);
	close(fd);
}

TEST_F(guests, one_source_is_sampled_by_two_destinations)
{
	const struct seen *readers[] = { &self->b, &self->c };

	LOAD(plan_sampled(self->cpu, 4096));
	START(&self->b, "display", "b");
	START(&self->c, "display", "c");
	START(&self->a, "sensor", "a");
	HAS_HAD(&self->a, 0, 20);
	for (int i = 0; i < 2; i++) {
		HAS_HAD(readers[i], 0, 1000);
		ASSERT_TRUE(UNTIL(port_of(readers[i], 0)->number >= 20, TEST_PATIENCE_NS));
		IN_ORDER(readers[i], 0);
		EXPECT_EQ(0, port_of(readers[i], 0)->torn);
		EXPECT_EQ(0, port_of(readers[i], 0)->invalid);
	}
}

/* It writes all the time, so its window ends in the middle of a message of pages. */
TEST_F(guests, sample_is_whole_though_its_writer_was_stopped_in_the_middle)
{
	LOAD(plan_sampled(self->cpu, 4096));
	START(&self->b, "rush", "b");
	START(&self->a, "rush", "a");
	for (int i = 0; i < 10; i++) {
		uint64_t written = messages(&self->a, 0), read;

		HAS_HAD(&self->a, 0, written + 1);
		read = messages(&self->b, 0);
		HAS_HAD(&self->b, 0, read + 2);
	}
	ASSERT_TRUE(UNTIL(port_of(&self->b, 0)->number >= 10, TEST_PATIENCE_NS));
	IN_ORDER(&self->b, 0);
	EXPECT_EQ(0, port_of(&self->b, 0)->torn);
}

TEST_F(guests, queued_messages_arrive_in_order_and_none_is_lost)
{
	LOAD(plan_queued(self->cpu, PS_KICK_NONE));
	START(&self->b, "listener", "b");
	START(&self->a, "talker", "a");
	HAS_HAD(&self->b, 0, MESSAGES);
	IN_ORDER(&self->b, 0);
	/* it was there before the first one */
	EXPECT_EQ(port_of(&self->b, 0)->messages, port_of(&self->b, 0)->number);
	EXPECT_EQ(0, kicks(&self->b));
	/* the talker has filled the queue each time, and was told so */
	EXPECT_LT(0, port_of(&self->a, 0)->refused);
	EXPECT_EQ(0, port_of(&self->a, 0)->nonsense);
}

TEST_F(guests, host_receives_what_a_guest_sends)
{
	char text[MESSAGE + 1], want[MESSAGE];
	int fd;

	LOAD(plan_queued(self->cpu, PS_KICK_NONE));
	START(&self->a, "talker", "a");
	fd = port_open("b.words", O_RDONLY);
	ASSERT_LE(0, fd);
	for (int i = 1; i <= 10 * DEPTH; i++) {
		ASSERT_LT(0, get_text(fd, text, sizeof(text)));
		snprintf(want, sizeof(want), "word %d", i);
		ASSERT_STREQ(want, text);
	}
	close(fd);
}

TEST_F(guests, guest_receives_what_the_host_sends)
{
	char text[MESSAGE];
	int fd, length;

	LOAD(plan_queued(self->cpu, PS_KICK_NONE));
	START(&self->b, "listener", "b");
	fd = port_open("a.words", O_WRONLY);
	ASSERT_LE(0, fd);
	for (int i = 1; i <= 10 * DEPTH; i++) {
		length = snprintf(text, sizeof(text), "word %d", i);
		/* waits for room */
		ASSERT_EQ(length, write(fd, text, length));
	}
	HAS_HAD(&self->b, 0, 10 * DEPTH);
	IN_ORDER(&self->b, 0);
	EXPECT_EQ(10 * DEPTH, messages(&self->b, 0));
	EXPECT_STREQ(text, (const char *)port_of(&self->b, 0)->text);
	close(fd);
}

/* What the health monitor is told of a scribbler. Return: how many there were. */
static size_t error_of(struct ps_kernel *kernel, struct seen *seen, const char *partition,
		       struct ps_hm_entry *entry)
{
	uint64_t after = errors_last(kernel);
	size_t nr = 0;

	if (!guest_start(&seen->guest, "scribbler", partition, NULL))
		(void)UNTIL((nr = errors_find(kernel, after, partition, PARTSCHED_ERROR_READONLY,
					      entry)), TEST_PATIENCE_NS);
	return nr;
}

TEST_F(guests, write_to_a_read_only_channel_is_an_error)
{
	struct ps_hm_entry entry;

	LOAD(plan_sampled(self->cpu, MESSAGE));
	ASSERT_LT(0, error_of(self->kernel, &self->b, "b", &entry));
	EXPECT_EQ(0x6000000, entry.address);
	EXPECT_NE(NULL, strstr(entry.reason, "write to port \"speed\", which is read-only"))
	{ TH_LOG("%s", entry.reason); }
}

TEST_F(guests, write_to_the_ack_page_of_another_is_an_error)
{
	struct ps_hm_entry entry;

	LOAD(plan_queued(self->cpu, PS_KICK_NONE));
	ASSERT_LT(0, error_of(self->kernel, &self->a, "a", &entry));
	EXPECT_EQ(0x7000000, entry.address);
	EXPECT_NE(NULL, strstr(entry.reason, "write to port \"words\", which is read-only"))
	{ TH_LOG("%s", entry.reason); }
}

/*
 * Each kick was handled in a window of its destination, which is what its page
 * says; in exact time also by the plan.
 */
#define KICKS_IN_WINDOWS(_seen) do {							\
	const volatile struct traffic_record *_record = record_of(_seen);		\
	struct ps_module_info _module;							\
											\
	MODULE(&_module);								\
	for (int _i = 0; _i < KICKS; _i++) {						\
		uint64_t _kick_ns = _record->kick_ns[_i];				\
		uint64_t _window_ns = _record->window_ns[_i];				\
		uint64_t _into_ns = _kick_ns - _window_ns;				\
											\
		EXPECT_EQ(SECOND_NS, (_window_ns - _module.epoch_ns) % FRAME_NS);	\
		EXPECT_LE(_window_ns, _kick_ns + CLOCK_NS);				\
		if (!exact())								\
			continue;							\
		EXPECT_GT(FIRST_NS, _into_ns);						\
		TH_LOG("kick %d: %llu ns after the edge", _i,				\
		       (unsigned long long)_into_ns);					\
	}										\
} while (0)

#define KICKS_ARRIVE(_mode) do {							\
	LOAD(plan_queued(self->cpu, _mode));						\
	START(&self->b, "listener", "b");						\
	START(&self->a, "talker", "a");							\
	ASSERT_TRUE(UNTIL(kicks(&self->b) >= KICKS, TEST_PATIENCE_NS));			\
	KICKS_IN_WINDOWS(&self->b);							\
	HAS_HAD(&self->b, 0, KICKS * DEPTH / 2);					\
	IN_ORDER(&self->b, 0);								\
} while (0)

TEST_F(guests, kick_at_once_arrives)
{
	KICKS_ARRIVE(PS_KICK_NOW);
}

TEST_F(guests, deferred_kick_arrives_as_the_window_opens)
{
	KICKS_ARRIVE(PS_KICK_WINDOW);
}

TEST_F(guests, kick_of_a_program_of_the_host_arrives)
{
	int fd;

	LOAD(plan_queued(self->cpu, PS_KICK_WINDOW));
	START(&self->b, "listener", "b");
	/* its interrupts are on: a kick before that would be lost, as is said */
	ASSERT_TRUE(UNTIL(record_of(&self->b)->turns, TEST_PATIENCE_NS));
	fd = port_open("a.words", O_WRONLY);
	ASSERT_LE(0, fd);
	for (int i = 1; i <= 5; i++) {
		ASSERT_EQ(4, write(fd, "word", 4));
		HAS_HAD(&self->b, 0, i);
		/* none is left that the next one could be one with */
		ASSERT_TRUE(UNTIL(kicks(&self->b) >= i, TEST_PATIENCE_NS));
	}
	EXPECT_EQ(5, kicks(&self->b));
	IN_ORDER(&self->b, 0);
	close(fd);
}

static void kill_and_start(struct seen *seen, const char *image, const char *partition)
{
	seen_end(seen);
	if (!seen_start(seen, image, partition, NULL, NULL))
		printf("# %s in %s does not start again\n", image, partition);
}

/* Both launchers are killed and started again, in turn; @_kick: of the channel. */
#define RESTARTS(_kick) do {								\
	uint64_t _number;								\
											\
	LOAD(plan_queued(self->cpu, _kick));						\
	START(&self->b, "listener", "b");						\
	START(&self->a, "talker", "a");							\
	HAS_HAD(&self->b, 0, 5 * DEPTH);						\
	kill_and_start(&self->a, "talker", "a");					\
	_number = port_of(&self->b, 0)->number;						\
	ASSERT_TRUE(UNTIL(port_of(&self->b, 0)->number >= _number + 5 * DEPTH,		\
			  TEST_PATIENCE_NS));						\
	IN_ORDER(&self->b, 0);								\
	EXPECT_EQ(port_of(&self->b, 0)->messages, port_of(&self->b, 0)->number);	\
	_number = port_of(&self->b, 0)->number;						\
	kill_and_start(&self->b, "listener", "b");					\
	HAS_HAD(&self->b, 0, 5 * DEPTH);						\
	IN_ORDER(&self->b, 0);								\
	EXPECT_LE(_number, port_of(&self->b, 0)->number);				\
} while (0)

TEST_F(guests, launcher_started_again_goes_on_with_the_channel)
{
	RESTARTS(PS_KICK_NONE);
}

TEST_F(guests, launcher_started_again_goes_on_with_kicks_at_once)
{
	RESTARTS(PS_KICK_NOW);
	EXPECT_TRUE(UNTIL(kicks(&self->b), TEST_PATIENCE_NS));
}

TEST_F(guests, launcher_started_again_goes_on_with_deferred_kicks)
{
	RESTARTS(PS_KICK_WINDOW);
	EXPECT_TRUE(UNTIL(kicks(&self->b), TEST_PATIENCE_NS));
}

/* "c" is hostile: sends noise to "b", and receives from "a". */
static struct ps_model *plan_hostile(int cpu)
{
	struct ps_model *model = plan_queued(cpu, PS_KICK_WINDOW);
	struct ps_channel *channel;

	channel = plan_queuing(model, "noise", MESSAGE, DEPTH, 2, 1);
	channel->destinations[0].kick = PS_KICK_NOW;
	plan_sampling(model, "nonsense", MESSAGE, 0, 2, 1);
	plan_queuing(model, "complaint", MESSAGE, DEPTH, 1, 2);
	return model;
}

TEST_F(guests, hostile_guest_does_not_reach_another_channel)
{
	struct ps_port_info info;
	uint64_t turns;

	LOAD(plan_hostile(self->cpu));
	START(&self->c, "hostile", "c");
	START(&self->b, "listener", "b");
	START(&self->a, "talker", "a");
	ASSERT_TRUE(UNTIL(record_of(&self->c)->turns, TEST_PATIENCE_NS));
	turns = record_of(&self->c)->turns;
	HAS_HAD(&self->b, 0, MESSAGES);
	IN_ORDER(&self->b, 0);
	EXPECT_EQ(port_of(&self->b, 0)->messages, port_of(&self->b, 0)->number);
	EXPECT_LT(turns, record_of(&self->c)->turns);
	/* it was heard, and taken for what it is */
	EXPECT_LT(0, port_of(&self->b, 1)->nonsense);
	EXPECT_TRUE(port_info(self->kernel, "b", "noise", &info));
	EXPECT_LE(info.pending, DEPTH);
}

PARTSCHED_MAIN
