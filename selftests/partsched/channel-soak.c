// SPDX-License-Identifier: GPL-2.0
/*
 * channel-soak - many messages, and a hostile guest for long
 *
 *   PARTSCHED_MESSAGES=N    reads of each of two threads, and messages through a queue
 *   PARTSCHED_GUEST_MESSAGES=N
 *                           the same of guests, each in its windows
 *   PARTSCHED_HOSTILE_S=N   seconds beside a guest that writes nonsense
 *
 * All are short without these.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <linux/partsched_device.h>
#include <linux/partsched_queuing.h>
#include <linux/partsched_sampling.h>

#include "guests.h"
#include "ports.h"

/* As long as somebody wants it: what stands still is noticed by the test itself. */
#define SOAK_TIMEOUT_S	(24 * 3600)

#define MESSAGE		64
#define DEPTH		64

static uint64_t wanted(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

/* -------------------------------------------------- threads, by the devices alone */

struct party {
	pthread_t thread;
	struct partsched_channel_end end;
	uint64_t nr;		/* to do */
	uint64_t done;
	bool stop;
	/* of a destination */
	uint64_t torn, disorder, busy, nonsense, different;
};

static uint64_t done(const struct party *party)
{
	return __atomic_load_n(&party->done, __ATOMIC_RELAXED);
}

static bool stopped(const struct party *party)
{
	return __atomic_load_n(&party->stop, __ATOMIC_RELAXED);
}

/* The session has this thread on one CPU, and its threads are to be on all. */
static void cpu_everywhere(void)
{
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
}

/* A device, whole; NULL: it cannot be mapped. Its descriptor stays open. */
static void *map(const char *name, bool write, size_t size)
{
	int fd = port_open(name, write ? O_RDWR : O_RDONLY);
	void *memory = mmap(NULL, size, PROT_READ | (write ? PROT_WRITE : 0), MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static void message_fill(uint64_t *words, uint64_t number)
{
	for (uint64_t i = 0; i < MESSAGE / 8; i++)
		words[i] = number * 0x9e3779b97f4a7c15ULL ^ i;
}

static bool message_whole(const uint64_t *words, const struct partsched_channel_message *message)
{
	uint64_t wrong = message->length ^ MESSAGE;

	for (uint64_t i = 0; i < MESSAGE / 8; i++)
		wrong |= words[i] ^ message->number * 0x9e3779b97f4a7c15ULL ^ i;
	return !wrong;
}

static void *writes(void *arg)
{
	struct party *party = arg;
	uint64_t words[MESSAGE / 8];

	while (!stopped(party)) {
		message_fill(words, party->end.position + 1);
		partsched_sampling_write(&party->end, words, MESSAGE, 0);
	}
	return NULL;
}

static void *reads(void *arg)
{
	struct party *party = arg;
	struct partsched_channel_message message;
	uint64_t words[MESSAGE / 8], last = 0;

	while (done(party) < party->nr && !stopped(party)) {
		int ret = partsched_sampling_read(&party->end, words, 0, &message);

		if (ret == PARTSCHED_GUEST_NO_ACTION && !last)
			continue;
		__atomic_store_n(&party->done, party->done + 1, __ATOMIC_RELAXED);
		party->busy += ret == PARTSCHED_CHANNEL_BUSY;
		party->nonsense += ret && ret != PARTSCHED_CHANNEL_BUSY;
		if (ret)
			continue;
		party->torn += !message_whole(words, &message);
		party->disorder += message.number < last;
		party->different += message.number != last;
		last = message.number;
	}
	return NULL;
}

static void *sends(void *arg)
{
	struct party *party = arg;
	uint64_t words[MESSAGE / 8];

	while (party->end.position < party->nr && !stopped(party)) {
		message_fill(words, party->end.position + 1);
		while (partsched_queue_send(&party->end, words, MESSAGE, 0) && !stopped(party))
			sched_yield();
	}
	return NULL;
}

static void *receives(void *arg)
{
	struct party *party = arg;
	struct partsched_channel_message message;
	uint64_t words[MESSAGE / 8];

	while (done(party) < party->nr && !stopped(party)) {
		int ret = partsched_queue_receive(&party->end, words, 0, &message);

		if (ret == PARTSCHED_GUEST_NOT_AVAILABLE) {
			sched_yield();
			continue;
		}
		__atomic_store_n(&party->done, party->done + 1, __ATOMIC_RELAXED);
		party->nonsense += !!ret;
		if (ret)
			continue;
		party->torn += !message_whole(words, &message);
		party->disorder += message.number != party->done;
	}
	return NULL;
}

/* Wait until all of them have done their number; false: one stands still. */
static bool all_done(struct party *parties, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		uint64_t before;

		do {
			before = done(&parties[i]);
			if (!UNTIL(done(&parties[i]) != before || before == parties[i].nr,
				   TEST_PATIENCE_NS))
				return false;
		} while (before != parties[i].nr);
	}
	return true;
}

static void end_all(struct party *parties, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		__atomic_store_n(&parties[i].stop, true, __ATOMIC_RELAXED);
	for (size_t i = 0; i < nr; i++)
		pthread_join(parties[i].thread, NULL);
}

static struct ps_model *plan_threads(int cpu)
{
	struct ps_model *model = plan_usual(cpu);

	plan_sampling(model, "state", MESSAGE, 0, 0, 1);
	plan_queuing(model, "queue", MESSAGE, DEPTH, 0, 1);
	return model;
}

#define GEOMETRY(_geometry, _type)							\
	ASSERT_EQ(0, partsched_channel_geometry_init(_geometry,				\
			PARTSCHED_CHANNEL_##_type, MESSAGE, DEPTH, 0))

#define MAP(_name, _write, _size) ({							\
	void *_memory = map(_name, _write, _size);					\
											\
	ASSERT_NE(NULL, _memory);							\
	_memory;									\
})

TEST_F_TIMEOUT(session, threads_read_whole_samples_only, SOAK_TIMEOUT_S)
{
	const uint64_t nr = wanted("PARTSCHED_MESSAGES", 100000);
	struct partsched_channel_geometry geometry;
	/* two readers, and the writer */
	struct party parties[3] = { { .nr = nr }, { .nr = nr } };

	LOAD(plan_threads(self->cpu));
	cpu_everywhere();
	GEOMETRY(&geometry, SAMPLING);
	partsched_sampling_writer_init(&parties[2].end, &geometry,
				       MAP("a.state", true, geometry.region_size));
	for (int i = 0; i < 2; i++)
		partsched_sampling_reader_init(&parties[i].end, &geometry,
					       MAP("b.state", false, geometry.region_size));
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_create(&parties[i].thread, NULL, i < 2 ? reads : writes,
					    &parties[i]));
	EXPECT_TRUE(all_done(parties, 2));
	end_all(parties, 3);
	for (int i = 0; i < 2; i++) {
		TH_LOG("%llu reads of %llu messages, %llu busy",
		       (unsigned long long)parties[i].done,
		       (unsigned long long)parties[i].different,
		       (unsigned long long)parties[i].busy);
		EXPECT_EQ(0, parties[i].torn);
		EXPECT_EQ(0, parties[i].disorder);
		EXPECT_EQ(0, parties[i].nonsense);
	}
}

TEST_F_TIMEOUT(session, threads_receive_each_message_once_and_in_order, SOAK_TIMEOUT_S)
{
	const uint64_t nr = wanted("PARTSCHED_MESSAGES", 100000);
	struct partsched_channel_geometry geometry;
	struct party parties[2] = { { .nr = nr }, { .nr = nr } };

	LOAD(plan_threads(self->cpu));
	cpu_everywhere();
	GEOMETRY(&geometry, QUEUING);
	partsched_queue_receiver_init(&parties[0].end, &geometry,
				      MAP("b.queue", false, geometry.region_size),
				      MAP("b.queue.ack", true, PARTSCHED_CHANNEL_ACK_SIZE));
	partsched_queue_sender_init(&parties[1].end, &geometry,
				    MAP("a.queue", true, geometry.region_size),
				    MAP("b.queue.ack", false, PARTSCHED_CHANNEL_ACK_SIZE));
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&parties[i].thread, NULL, i ? sends : receives,
					    &parties[i]));
	EXPECT_TRUE(all_done(parties, 1));
	end_all(parties, 2);
	TH_LOG("%llu messages, %llu times full", (unsigned long long)parties[0].done,
	       (unsigned long long)parties[1].end.refused);
	EXPECT_EQ(nr, parties[1].end.position);
	EXPECT_EQ(0, parties[0].torn);
	EXPECT_EQ(0, parties[0].disorder);
	EXPECT_EQ(0, parties[0].nonsense);
	EXPECT_EQ(0, parties[0].end.faults);
	EXPECT_EQ(0, parties[1].end.faults);
}

/* ------------------------------------------------------------------------- guests */

static uint64_t turns(const struct seen *seen)
{
	return __atomic_load_n(&record_of(seen)->turns, __ATOMIC_ACQUIRE);
}

/* "a" and "b", at a time if there is a CPU for each. */
static struct ps_model *plan_guests(int cpu)
{
	const uint64_t window_ns = cpu > 1 ? 36 * NSEC_PER_MSEC : PLAN_WINDOW_NS;
	struct ps_model *model = plan_new(PLAN_FRAME_NS);

	plan_partition(model, "a", 1, cpu > 1 ? cpu - 1 : cpu);
	plan_partition(model, "b", 1, cpu);
	plan_window(model, 0, 0, window_ns);
	plan_window(model, 1, cpu > 1 ? NSEC_PER_MSEC : PLAN_FRAME_NS / 2, window_ns);
	return model;
}

/* What "b" has received of its only port is what "a" has sent. */
#define GUESTS_EXCHANGE(_model, _nr) do {						\
	uint64_t _before;								\
											\
	LOAD(_model);									\
	START(&self->b, "rush", "b");							\
	START(&self->a, "rush", "a");							\
	do {										\
		_before = messages(&self->b, 0);					\
		ASSERT_TRUE(UNTIL(messages(&self->b, 0) != _before, TEST_PATIENCE_NS));	\
	} while (_before < (_nr));							\
	TH_LOG("%llu of %llu messages", (unsigned long long)messages(&self->b, 0),	\
	       (unsigned long long)messages(&self->a, 0));				\
	EXPECT_EQ(0, port_of(&self->b, 0)->torn);					\
	EXPECT_EQ(0, port_of(&self->b, 0)->disorder);					\
	EXPECT_EQ(0, port_of(&self->b, 0)->nonsense);					\
	EXPECT_EQ(0, port_of(&self->a, 0)->nonsense);					\
} while (0)

TEST_F_TIMEOUT(guests, guest_reads_whole_samples_only, SOAK_TIMEOUT_S)
{
	struct ps_model *model = plan_guests(self->cpu);

	plan_sampling(model, "state", MESSAGE, 0, 0, 1);
	GUESTS_EXCHANGE(model, wanted("PARTSCHED_GUEST_MESSAGES", 10000));
}

TEST_F_TIMEOUT(guests, guest_receives_each_message_once_and_in_order, SOAK_TIMEOUT_S)
{
	struct ps_model *model = plan_guests(self->cpu);

	plan_queuing(model, "queue", MESSAGE, 1024, 0, 1);
	GUESTS_EXCHANGE(model, wanted("PARTSCHED_GUEST_MESSAGES", 10000));
}

/* ------------------------------------------------------------------ hostile guest */

#define HOSTILE_FRAME_NS	(100 * NSEC_PER_MSEC)
#define HOSTILE_WINDOW_NS	(18 * NSEC_PER_MSEC)
#define HOSTILE_DEPTH		16
#define SAMPLE			4096

/*
 * "c" is hostile: a source for "b", "d" and the host, a destination of "e"'s and of
 * the host's. "a" talks to "b" past it.
 */
static struct ps_model *plan_hostile(int cpu)
{
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	struct ps_model *model = plan_new(HOSTILE_FRAME_NS);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		plan_partition(model, names[i], 1, cpu);
		plan_window(model, i, i * HOSTILE_FRAME_NS / ARRAY_SIZE(names),
			    HOSTILE_WINDOW_NS);
	}
	plan_queuing(model, "words", MESSAGE, HOSTILE_DEPTH, 0, 1)->destinations[0].kick =
		PS_KICK_WINDOW;
	plan_queuing(model, "noise", MESSAGE, HOSTILE_DEPTH, 2, 1)->destinations[0].kick =
		PS_KICK_NOW;
	plan_sampling(model, "nonsense", SAMPLE, 0, 2, 3)->destinations[0].kick =
		PS_KICK_WINDOW;
	plan_queuing(model, "prey", MESSAGE, HOSTILE_DEPTH, 4, 2);
	plan_pseudo(&plan_queuing(model, "lies", MESSAGE, HOSTILE_DEPTH, 2, 0)->destinations[0],
		    "lab");
	plan_pseudo(&plan_queuing(model, "orders", MESSAGE, HOSTILE_DEPTH, 0, 2)->sources[0],
		    "lab");
	return model;
}

/* A program of the host that uses a port of the hostile guest's over and over. */
struct host {
	pthread_t thread;
	const char *port;
	const struct partsched_channel_geometry *geometry;
	void *region;		/* of a sampling channel, looked at by its code, too */
	bool stop;
	uint64_t calls;
	uint64_t good;
	uint64_t strange;
	int last_errno;
};

static void account(struct host *host, ssize_t ret)
{
	host->good += ret > 0;
	if (ret < 0 && errno != EAGAIN && errno != EBADMSG && errno != ENODATA) {
		host->strange++;
		host->last_errno = errno;
	}
	__atomic_store_n(&host->calls, host->calls + 1, __ATOMIC_RELAXED);
}

static void look_inside(struct host *host, char *buffer)
{
	struct partsched_channel_message message;
	struct partsched_channel_geometry unsure;
	struct partsched_channel_end end;

	partsched_sampling_reader_init(&end, host->geometry, host->region);
	if (!partsched_sampling_read(&end, buffer, now_ns(), &message))
		host->strange += message.length > SAMPLE || !message.length;
	/* whatever the header says by now, it is nothing that could be dangerous */
	if (!partsched_channel_header_read(&unsure, host->region, host->geometry->region_size))
		host->strange += unsure.region_size > host->geometry->region_size;
}

static void *uses_port(void *arg)
{
	struct host *host = arg;
	bool source = !strcmp(host->port, "lab.orders");
	struct pollfd poller = {
		.fd = port_open(host->port, (source ? O_WRONLY : O_RDONLY) | O_NONBLOCK),
		.events = source ? POLLOUT : POLLIN,
	};
	struct partsched_port_status status;
	char buffer[SAMPLE];

	while (!__atomic_load_n(&host->stop, __ATOMIC_RELAXED)) {
		account(host, source ? write(poller.fd, "order", 5) :
				       read(poller.fd, buffer, sizeof(buffer)));
		if (ioctl(poller.fd, PARTSCHED_IOC_PORT_STATUS, &status) ||
		    (status.depth && status.pending > status.depth))
			host->strange++;
		if (host->region)
			look_inside(host, buffer);
		poll(&poller, 1, 1);
	}
	close(poller.fd);
	return NULL;
}

#define GOES_ON(_value) do {								\
	uint64_t _before = (_value);							\
											\
	ASSERT_TRUE(UNTIL((_value) > _before, TEST_PATIENCE_NS))			\
	{ TH_LOG("%s stays at %llu", #_value, (unsigned long long)_before); }		\
} while (0)

TEST_F_TIMEOUT(guests, hostile_one_harms_nobody, SOAK_TIMEOUT_S)
{
	static const char *const ports[] = { "words", "noise" };
	struct host hosts[] = {
		{ .port = "d.nonsense" }, { .port = "lab.lies" }, { .port = "lab.orders" },
	};
	uint64_t until_ns, seconds = wanted("PARTSCHED_HOSTILE_S", 5), number;
	struct partsched_channel_geometry geometry;
	char text[SAMPLE] = "";
	struct ps_port_info info;
	int fd;

	LOAD(plan_hostile(self->cpu));
	ASSERT_EQ(0, partsched_channel_geometry_init(&geometry, PARTSCHED_CHANNEL_SAMPLING,
						     SAMPLE, 0, 0));
	hosts[0].geometry = &geometry;
	hosts[0].region = MAP("d.nonsense", false, geometry.region_size);
	START(&self->c, "hostile", "c");
	START(&self->b, "listener", "b");
	START(&self->d, "display", "d");
	START(&self->e, "talker", "e");
	START(&self->a, "talker", "a");
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		ASSERT_EQ(0, pthread_create(&hosts[i].thread, NULL, uses_port, &hosts[i]));

	until_ns = now_ns() + seconds * NSEC_PER_SEC;
	do {
		GOES_ON(turns(&self->c));
		GOES_ON(messages(&self->b, 0));
		GOES_ON(turns(&self->d));
		GOES_ON(turns(&self->e));
		for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
			GOES_ON(__atomic_load_n(&hosts[i].calls, __ATOMIC_RELAXED));
		for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
			ASSERT_TRUE(port_info(self->kernel, "b", ports[i], &info));
			EXPECT_LE(info.pending, HOSTILE_DEPTH);
		}
		ASSERT_EQ(0, port_of(&self->b, 0)->disorder);
		ASSERT_EQ(0, port_of(&self->b, 0)->nonsense);
	} while (now_ns() < until_ns);
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		__atomic_store_n(&hosts[i].stop, true, __ATOMIC_RELAXED);
		pthread_join(hosts[i].thread, NULL);
		TH_LOG("%s: %llu calls, %llu of them moved a message", hosts[i].port,
		       (unsigned long long)hosts[i].calls, (unsigned long long)hosts[i].good);
		EXPECT_EQ(0, hosts[i].strange) { TH_LOG("%s", strerror(hosts[i].last_errno)); }
	}
	TH_LOG("%llu s: hostile %llu turns; words: %llu in order; noise: %llu, nonsense %llu; display %llu turns, nonsense %llu",
	       (unsigned long long)seconds, (unsigned long long)turns(&self->c),
	       (unsigned long long)messages(&self->b, 0),
	       (unsigned long long)messages(&self->b, 1),
	       (unsigned long long)port_of(&self->b, 1)->nonsense,
	       (unsigned long long)turns(&self->d),
	       (unsigned long long)port_of(&self->d, 0)->nonsense);
	EXPECT_EQ(port_of(&self->b, 0)->messages, port_of(&self->b, 0)->number);
	/* it was heard, and taken for what it is */
	EXPECT_LT(0, port_of(&self->b, 1)->nonsense);
	EXPECT_LT(0, port_of(&self->d, 0)->nonsense);

	/* honest parties in its place, and all is well again */
	seen_end(&self->c);
	fd = port_open("c.nonsense", O_WRONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(6, write(fd, "honest", 6));
	close(fd);
	fd = port_open("d.nonsense", O_RDONLY);
	EXPECT_EQ(6, read(fd, text, sizeof(text)));
	EXPECT_EQ(0, strcmp(text, "honest"));
	close(fd);
	fd = port_open("c.prey", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(UNTIL(read(fd, text, sizeof(text)) > 0 &&
			  sscanf(text, "word %" SCNu64, &number) == 1,
			  TEST_PATIENCE_NS));
	close(fd);
	START(&self->c, "talker", "c");
	number = messages(&self->b, 1);
	EXPECT_TRUE(UNTIL(messages(&self->b, 1) > number + 10 * HOSTILE_DEPTH, TEST_PATIENCE_NS));
	GOES_ON(messages(&self->b, 0));
}

PARTSCHED_MAIN
