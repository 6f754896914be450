// SPDX-License-Identifier: GPL-2.0
/*
 * port - the devices of ports: who may open and map what, and what programs of
 * the host read and write through them
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <linux/partsched_device.h>
#include <linux/partsched_queuing.h>
#include <linux/partsched_sampling.h>

#include "ports.h"
#include "partsched.h"

/* Bytes of a message: with those, half of the region is used by messages. */
#define MESSAGE	4096
#define DEPTH	4
#define HOUR_NS	(3600 * NSEC_PER_SEC)

/* "a" tells "b" its state, and sends it a queue; a device tells "b", too. */
static struct ps_model *plan_ports(int cpu)
{
	struct ps_model *model = plan_usual(cpu);
	struct ps_channel *channel;
	struct ps_end *end;

	plan_sampling(model, "state", MESSAGE, HOUR_NS, 0, 1);
	plan_sampling(model, "brief", 64, 1, 0, 1);
	plan_queuing(model, "queue", 64, DEPTH, 0, 1);
	channel = plan_sampling(model, "sensor", 64, 0, 0, 1);
	end = &channel->sources[0];
	free(end->port);
	end->port = NULL;
	end->pseudo = true;
	end->partition = PS_NONE;
	end->name = strdup("the lab");
	return model;
}

FIXTURE(port) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int cpu;
	long page;
	int source, destination;	/* of "state" */
	int sender, receiver;		/* of "queue", nonblocking */
};

FIXTURE_SETUP(port)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	self->page = sysconf(_SC_PAGESIZE);
	/* channels are counted: none of an earlier plan */
	ASSERT_TRUE(UNTIL(!channel_bytes(self->kernel), TEST_PATIENCE_NS));
	LOAD(plan_ports(self->cpu));
	self->source = port_open("a.state", O_RDWR);
	ASSERT_LE(0, self->source);
	self->destination = port_open("b.state", O_RDONLY);
	ASSERT_LE(0, self->destination);
	self->sender = port_open("a.queue", O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->sender);
	self->receiver = port_open("b.queue", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, self->receiver);
}

FIXTURE_TEARDOWN(port)
{
	close(self->source);
	close(self->destination);
	close(self->sender);
	close(self->receiver);
	EXPECT_TRUE(session_close(self->kernel));
}

TEST_F(port, devices_have_names_and_modes)
{
	static const struct {
		const char *name;
		mode_t mode;
	} devices[] = {
		{ "a.state", 0660 }, { "b.state", 0440 },
		{ "a.queue", 0660 }, { "a.queue.ack", 0440 },
		{ "b.queue", 0440 }, { "b.queue.ack", 0660 },
		{ "the lab.sensor", 0660 }, { "b.sensor", 0440 },
	};
	char path[256];
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		snprintf(path, sizeof(path), PARTSCHED_PORT_DEVICES "%s", devices[i].name);
		ASSERT_EQ(0, stat(path, &st)) { TH_LOG("%s", path); }
		EXPECT_TRUE(S_ISCHR(st.st_mode));
		EXPECT_EQ(devices[i].mode, st.st_mode & 07777) { TH_LOG("%s", path); }
		EXPECT_EQ(0, st.st_uid);
	}
	EXPECT_EQ(-1, port_open("a.state.ack", O_RDONLY));
	EXPECT_EQ(ENOENT, errno);
}

static int open_errno(const char *name, int flags)
{
	int fd = port_open(name, flags);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

TEST_F(port, nobody_opens_for_writing_what_is_not_its_own)
{
	static const char *const others[] = { "b.state", "b.queue", "a.queue.ack", "b.sensor" };
	static const char *const own[] = { "a.state", "a.queue", "b.queue.ack",
					   "the lab.sensor" };

	/* root, too */
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		EXPECT_EQ(EACCES, open_errno(others[i], O_RDWR)) { TH_LOG("%s", others[i]); }
		EXPECT_EQ(EACCES, open_errno(others[i], O_WRONLY)) { TH_LOG("%s", others[i]); }
		EXPECT_EQ(0, open_errno(others[i], O_RDONLY)) { TH_LOG("%s", others[i]); }
	}
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		EXPECT_EQ(0, open_errno(own[i], O_RDWR)) { TH_LOG("%s", own[i]); }
		EXPECT_EQ(0, open_errno(own[i], O_WRONLY)) { TH_LOG("%s", own[i]); }
	}
}

static int map_errno(int fd, size_t size, int prot, int flags, off_t offset)
{
	void *memory = mmap(NULL, size, prot, flags, fd, offset);

	if (memory == MAP_FAILED)
		return errno;
	munmap(memory, size);
	return 0;
}

TEST_F(port, destination_maps_shared_and_read_only)
{
	long page = self->page;
	char path[128];
	void *memory;
	int fd;

	EXPECT_EQ(EACCES, map_errno(self->destination, page, PROT_READ | PROT_WRITE, MAP_SHARED, 0));
	EXPECT_EQ(EACCES, map_errno(self->destination, page, PROT_READ, MAP_PRIVATE, 0));
	EXPECT_EQ(EACCES, map_errno(self->source, page, PROT_READ, MAP_PRIVATE, 0));
	memory = mmap(NULL, page, PROT_READ, MAP_SHARED, self->destination, 0);
	ASSERT_NE(MAP_FAILED, memory);
	EXPECT_EQ(-1, mprotect(memory, page, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	/* the ways round: by the descriptor, by the mapping, by other memory of it */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->destination);
	EXPECT_EQ(-1, open(path, O_RDWR | O_CLOEXEC));
	EXPECT_EQ(EACCES, errno);
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", (unsigned long)memory,
		 (unsigned long)memory + page);
	EXPECT_EQ(-1, open(path, O_RDWR | O_CLOEXEC));
	EXPECT_EQ(EACCES, errno);
	fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, pwrite(fd, "x", 1, (off_t)(unsigned long)memory));
	close(fd);
	munmap(memory, page);
	/* the source's mapping may begin read-only */
	memory = mmap(NULL, page, PROT_READ, MAP_SHARED, self->source, 0);
	ASSERT_NE(MAP_FAILED, memory);
	EXPECT_EQ(0, mprotect(memory, page, PROT_READ | PROT_WRITE));
	munmap(memory, page);
	/* and is that of an end which opened it for reading only */
	fd = port_open("a.state", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(EACCES, map_errno(fd, page, PROT_READ | PROT_WRITE, MAP_SHARED, 0));
	close(fd);
}

TEST_F(port, any_part_is_mapped_and_nothing_beyond)
{
	off_t size = lseek(self->destination, 0, SEEK_END);
	struct partsched_channel_geometry geometry;
	long page = self->page;

	ASSERT_EQ(PARTSCHED_GUEST_NO_ERROR,
		  partsched_channel_geometry_init(&geometry, PARTSCHED_CHANNEL_SAMPLING, MESSAGE,
						  0, HOUR_NS));
	EXPECT_EQ(geometry.region_size, size);
	EXPECT_EQ(0, size & (size - 1));
	EXPECT_EQ(size, lseek(self->source, 0, SEEK_END));
	EXPECT_EQ(page, lseek(self->sender, 0, SEEK_END));
	EXPECT_EQ(0, map_errno(self->destination, size, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(0, map_errno(self->destination, page, PROT_READ, MAP_SHARED, size - page));
	EXPECT_EQ(0, map_errno(self->destination, 3 * page, PROT_READ, MAP_SHARED, 3 * page));
	EXPECT_EQ(EINVAL, map_errno(self->destination, size + page, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(EINVAL, map_errno(self->destination, page, PROT_READ, MAP_SHARED, size));
	EXPECT_EQ(EINVAL, map_errno(self->destination, 2 * page, PROT_READ, MAP_SHARED,
				    size - page));
	/* an offset and a length whose sum comes round to 0 */
	EXPECT_NE(0, map_errno(self->destination, 2 * page, PROT_READ, MAP_SHARED, -page));
	EXPECT_NE(0, map_errno(self->destination, page, PROT_READ, MAP_SHARED,
			       INT64_MAX & -page));
}

TEST_F(port, memory_is_the_same_for_all_and_stays)
{
	off_t size = lseek(self->destination, 0, SEEK_END);
	uint64_t bytes = channel_bytes(self->kernel);
	char *source, *destination;
	int status;
	pid_t pid;

	source = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, self->source, 0);
	ASSERT_NE(MAP_FAILED, source);
	destination = mmap(NULL, size, PROT_READ, MAP_SHARED, self->destination, 0);
	ASSERT_NE(MAP_FAILED, destination);
	EXPECT_EQ(bytes, channel_bytes(self->kernel));
	/* dropped from the map, and there again */
	source[self->page + 1] = 'x';
	EXPECT_EQ('x', destination[self->page + 1]);
	EXPECT_EQ(0, madvise(destination, size, MADV_DONTNEED));
	EXPECT_EQ('x', destination[self->page + 1]);
	EXPECT_EQ(0, madvise(source, size, MADV_DONTNEED));
	EXPECT_EQ('x', source[self->page + 1]);
	/* no hole can be punched, nor can it grow */
	EXPECT_EQ(-1, madvise(source, size, MADV_REMOVE));
	EXPECT_EQ(MAP_FAILED, mremap(destination, size, 2 * size, MREMAP_MAYMOVE));
	/* what no message needs comes when it is touched, for all the same */
	EXPECT_EQ(bytes, channel_bytes(self->kernel));
	source[size - 1] = 'y';
	EXPECT_EQ('y', destination[size - 1]);
	EXPECT_EQ(0, destination[size - self->page - 1]);
	EXPECT_EQ(bytes + 2 * self->page, channel_bytes(self->kernel));
	/* a child has it, too */
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		madvise(destination, size, MADV_DONTNEED);
		_exit(destination[self->page + 1] == 'x' && destination[size - 1] == 'y' ? 0 : 1);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	munmap(source, size);
	munmap(destination, size);
}

TEST_F(port, sampling_port_gives_the_newest_message)
{
	void *nothing = mmap(NULL, self->page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char buffer[MESSAGE + 1] = { 0 };

	EXPECT_EQ(-1, read(self->destination, buffer, sizeof(buffer)));
	EXPECT_EQ(ENODATA, errno);
	EXPECT_EQ(3, write(self->source, "one", 3));
	EXPECT_EQ(6, write(self->source, "second", 6));
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(6, read(self->destination, buffer, sizeof(buffer)));
		EXPECT_EQ(0, memcmp(buffer, "second", 6));
	}
	EXPECT_EQ(-1, read(self->destination, buffer, 5));
	EXPECT_EQ(EMSGSIZE, errno);
	/* the longest, one longer, none */
	EXPECT_EQ(MESSAGE, write(self->source, buffer, MESSAGE));
	EXPECT_EQ(MESSAGE, read(self->destination, buffer, sizeof(buffer)));
	EXPECT_EQ(-1, write(self->source, buffer, MESSAGE + 1));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(-1, write(self->source, buffer, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->source, nothing, 16));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(MESSAGE, read(self->destination, buffer, sizeof(buffer)));
}

TEST_F(port, messages_go_one_way)
{
	char buffer[64];
	int fd;

	EXPECT_EQ(-1, read(self->source, buffer, sizeof(buffer)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->destination, "x", 1));
	EXPECT_EQ(EBADF, errno);
	fd = port_open("b.queue.ack", O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, read(fd, buffer, sizeof(buffer)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(fd, "x", 1));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
}

TEST_F(port, message_is_valid_for_its_refresh_period)
{
	struct partsched_port_status status;
	int brief, reader;

	brief = port_open("a.brief", O_WRONLY);
	ASSERT_LE(0, brief);
	reader = port_open("b.brief", O_RDONLY);
	ASSERT_LE(0, reader);
	ASSERT_EQ(0, ioctl(reader, PARTSCHED_IOC_PORT_STATUS, &status));
	EXPECT_EQ(PARTSCHED_VALIDITY_NONE, status.validity);
	EXPECT_EQ(0, status.nr_messages);
	EXPECT_EQ(0, status.last_ns);
	/* an hour has not passed, a nanosecond has */
	EXPECT_EQ(1, write(self->source, "x", 1));
	EXPECT_EQ(1, write(brief, "x", 1));
	ASSERT_EQ(0, ioctl(self->destination, PARTSCHED_IOC_PORT_STATUS, &status));
	EXPECT_EQ(PARTSCHED_VALIDITY_VALID, status.validity);
	EXPECT_EQ(HOUR_NS, status.refresh_ns);
	EXPECT_EQ(1, status.nr_messages);
	EXPECT_LT(0, status.last_ns);
	EXPECT_GE(now_ns(), status.last_ns);
	ASSERT_TRUE(UNTIL(!ioctl(reader, PARTSCHED_IOC_PORT_STATUS, &status) &&
			  status.age_ns > 1, TEST_PATIENCE_NS));
	EXPECT_EQ(PARTSCHED_VALIDITY_INVALID, status.validity);
	EXPECT_EQ(PARTSCHED_PORT_SAMPLING, status.type);
	EXPECT_EQ(PARTSCHED_PORT_DESTINATION, status.direction);
	EXPECT_EQ(64, status.max_message);
	EXPECT_EQ(-1, ioctl(reader, PARTSCHED_IOC_PORT_STATUS, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(reader, _IO(PARTSCHED_IOC_MAGIC, 99), NULL));
	EXPECT_EQ(ENOTTY, errno);
	close(brief);
	close(reader);
}

TEST_F(port, queue_is_first_in_first_out_and_says_when_it_is_full)
{
	struct partsched_port_status status;
	char buffer[64];

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < DEPTH; i++)
			EXPECT_EQ(i + 1, write(self->sender, "abcdefgh", i + 1));
		EXPECT_EQ(-1, write(self->sender, "x", 1));
		EXPECT_EQ(EAGAIN, errno);
		ASSERT_EQ(0, ioctl(self->receiver, PARTSCHED_IOC_PORT_STATUS, &status));
		EXPECT_EQ(DEPTH, status.pending);
		EXPECT_EQ(DEPTH, status.depth);
		EXPECT_EQ(round + 1, status.overflows);
		EXPECT_EQ((round + 1) * DEPTH, status.nr_messages);
		/* too long for the buffer: it stays */
		EXPECT_EQ(-1, read(self->receiver, buffer, 0));
		EXPECT_EQ(EMSGSIZE, errno);
		for (int i = 0; i < DEPTH; i++) {
			EXPECT_EQ(i + 1, read(self->receiver, buffer, sizeof(buffer)));
			EXPECT_EQ(0, memcmp(buffer, "abcdefgh", i + 1));
		}
		EXPECT_EQ(-1, read(self->receiver, buffer, sizeof(buffer)));
		EXPECT_EQ(EAGAIN, errno);
	}
}

TEST_F(port, message_of_a_queue_outlives_a_read_into_nothing)
{
	char *nothing = mmap(NULL, self->page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char buffer[64];

	ASSERT_NE(MAP_FAILED, nothing);
	EXPECT_EQ(5, write(self->sender, "first", 5));
	EXPECT_EQ(6, write(self->sender, "second", 6));
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(-1, read(self->receiver, nothing, sizeof(buffer)));
		EXPECT_EQ(EFAULT, errno);
	}
	EXPECT_EQ(-1, read(self->receiver, buffer, 4));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(5, read(self->receiver, buffer, sizeof(buffer)));
	EXPECT_EQ(0, memcmp(buffer, "first", 5));
	EXPECT_EQ(6, read(self->receiver, buffer, sizeof(buffer)));
	EXPECT_EQ(0, memcmp(buffer, "second", 6));
	EXPECT_EQ(-1, read(self->receiver, buffer, sizeof(buffer)));
	EXPECT_EQ(EAGAIN, errno);
	munmap(nothing, self->page);
}

static short events_of(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&pollfd, 1, 0) < 0 ? -1 : pollfd.revents;
}

TEST_F(port, poll_tells_of_messages_and_of_room)
{
	char buffer[MESSAGE];

	EXPECT_EQ(POLLOUT, events_of(self->source));
	EXPECT_EQ(0, events_of(self->destination));
	EXPECT_EQ(1, write(self->source, "x", 1));
	EXPECT_EQ(POLLIN, events_of(self->destination));
	EXPECT_EQ(1, read(self->destination, buffer, sizeof(buffer)));
	/* it is there, but read already */
	EXPECT_EQ(0, events_of(self->destination));
	EXPECT_EQ(1, write(self->source, "y", 1));
	EXPECT_EQ(POLLIN, events_of(self->destination));

	EXPECT_EQ(POLLOUT, events_of(self->sender));
	EXPECT_EQ(0, events_of(self->receiver));
	for (int i = 0; i < DEPTH; i++)
		EXPECT_EQ(1, write(self->sender, "x", 1));
	EXPECT_EQ(0, events_of(self->sender));
	EXPECT_EQ(POLLIN, events_of(self->receiver));
	EXPECT_EQ(1, read(self->receiver, buffer, sizeof(buffer)));
	EXPECT_EQ(POLLOUT, events_of(self->sender));
}

/* A thread that waits in read(). */
struct reader {
	int fd;
	char buffer[64];
	ssize_t got;
	int err;
	pid_t tid;
	pthread_t thread;
};

static void *read_one(void *arg)
{
	struct reader *reader = arg;

	__atomic_store_n(&reader->tid, gettid(), __ATOMIC_RELEASE);
	reader->got = read(reader->fd, reader->buffer, sizeof(reader->buffer));
	reader->err = errno;
	return NULL;
}

static bool reader_waits(struct reader *reader)
{
	pid_t tid = __atomic_load_n(&reader->tid, __ATOMIC_ACQUIRE);

	return tid && proc_state(tid) == 'S';
}

TEST_F(port, reader_waits_for_a_message_from_a_program_or_a_guest)
{
	struct partsched_channel_geometry geometry;
	struct partsched_channel_end end;
	void *region, *ack;
	int fd;

	/* what a guest does: write into its memory, and no word of it */
	region = mmap(NULL, self->page, PROT_READ | PROT_WRITE, MAP_SHARED, self->sender, 0);
	ASSERT_NE(MAP_FAILED, region);
	fd = port_open("a.queue.ack", O_RDONLY);
	ASSERT_LE(0, fd);
	ack = mmap(NULL, self->page, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, ack);
	ASSERT_EQ(PARTSCHED_GUEST_NO_ERROR,
		  partsched_channel_header_read(&geometry, region, self->page));
	EXPECT_EQ(DEPTH, geometry.depth);
	partsched_queue_sender_init(&end, &geometry, region, ack);

	for (int guest = 0; guest < 2; guest++) {
		struct reader reader = { .fd = port_open("b.queue", O_RDONLY) };

		ASSERT_LE(0, reader.fd);
		ASSERT_EQ(0, pthread_create(&reader.thread, NULL, read_one, &reader));
		ASSERT_TRUE(UNTIL(reader_waits(&reader), TEST_PATIENCE_NS));
		if (guest) {
			EXPECT_EQ(PARTSCHED_GUEST_NO_ERROR,
				  partsched_queue_send(&end, "from within", 11, now_ns()));
		} else {
			EXPECT_EQ(7, write(self->sender, "outside", 7));
		}
		ASSERT_EQ(0, pthread_join(reader.thread, NULL));
		EXPECT_EQ(guest ? 11 : 7, reader.got) { TH_LOG("%s", strerror(reader.err)); }
		EXPECT_EQ(0, memcmp(reader.buffer, guest ? "from within" : "outside",
				    guest ? 11 : 7));
		close(reader.fd);
		/* the program has written since the guest began */
		partsched_queue_sender_init(&end, &geometry, region, ack);
	}
	munmap(ack, self->page);
	munmap(region, self->page);
	close(fd);
}

TEST_F(port, what_is_written_through_the_device_is_in_the_memory)
{
	off_t size = lseek(self->destination, 0, SEEK_END);
	struct partsched_channel_geometry geometry;
	struct partsched_channel_message message;
	struct partsched_channel_end end;
	char buffer[MESSAGE];
	void *region;

	region = mmap(NULL, size, PROT_READ, MAP_SHARED, self->destination, 0);
	ASSERT_NE(MAP_FAILED, region);
	ASSERT_EQ(PARTSCHED_GUEST_NO_ERROR,
		  partsched_channel_header_read(&geometry, region, size));
	EXPECT_EQ(MESSAGE, geometry.max_message);
	partsched_sampling_reader_init(&end, &geometry, region);
	EXPECT_EQ(PARTSCHED_GUEST_NO_ACTION,
		  partsched_sampling_read(&end, buffer, now_ns(), &message));
	EXPECT_EQ(5, write(self->source, "hello", 5));
	ASSERT_EQ(PARTSCHED_GUEST_NO_ERROR,
		  partsched_sampling_read(&end, buffer, now_ns(), &message));
	EXPECT_EQ(5, message.length);
	EXPECT_EQ(0, memcmp(buffer, "hello", 5));
	EXPECT_EQ(PARTSCHED_CHANNEL_VALID, message.validity);
	munmap(region, size);
}

/* Whatever it reads of it, the module must neither fall over it nor hang. */
TEST_F(port, nonsense_in_the_memory_harms_only_the_channel)
{
	off_t size = lseek(self->source, 0, SEEK_END);
	struct partsched_port_status status;
	struct ps_port_info info;
	char buffer[MESSAGE];
	unsigned int seed = 1;
	void *state, *queue, *ack;
	int fd;

	state = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, self->source, 0);
	ASSERT_NE(MAP_FAILED, state);
	queue = mmap(NULL, self->page, PROT_READ | PROT_WRITE, MAP_SHARED, self->sender, 0);
	ASSERT_NE(MAP_FAILED, queue);
	fd = port_open("b.queue.ack", O_RDWR);
	ASSERT_LE(0, fd);
	ack = mmap(NULL, self->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, ack);
	for (int i = 0; i < 300; i++) {
		uint64_t *words = i % 3 == 0 ? state : i % 3 == 1 ? queue : ack;

		/* all of one value, or none like another */
		for (size_t j = 0; j < 64; j++)
			words[j] = i % 5 ? (uint64_t)rand_r(&seed) * rand_r(&seed) :
				   -(uint64_t)(i % 2);
		ioctl(self->receiver, PARTSCHED_IOC_PORT_STATUS, &status);
		EXPECT_GE(DEPTH, status.pending);
		(void)!read(self->receiver, buffer, sizeof(buffer));
		(void)!read(self->destination, buffer, sizeof(buffer));
		(void)!write(self->sender, "x", 1);
		(void)!write(self->source, "x", 1);
		EXPECT_LE(0, events_of(self->receiver));
		EXPECT_TRUE(port_info(self->kernel, "b", "state", &info));
	}
	/* and an honest source makes it whole again */
	EXPECT_EQ(4, write(self->source, "good", 4));
	EXPECT_EQ(4, read(self->destination, buffer, sizeof(buffer)));
	EXPECT_EQ(0, memcmp(buffer, "good", 4));
	munmap(ack, self->page);
	munmap(queue, self->page);
	munmap(state, size);
	close(fd);
}

TEST_F(port, port_says_that_its_plan_is_gone)
{
	struct partsched_port_status status;
	struct reader reader = { .fd = port_open("b.queue", O_RDONLY) };
	char buffer[MESSAGE];
	char *memory;

	ASSERT_LE(0, reader.fd);
	memory = mmap(NULL, self->page, PROT_READ | PROT_WRITE, MAP_SHARED, self->source, 0);
	ASSERT_NE(MAP_FAILED, memory);
	ASSERT_EQ(0, pthread_create(&reader.thread, NULL, read_one, &reader));
	ASSERT_TRUE(UNTIL(reader_waits(&reader), TEST_PATIENCE_NS));
	ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));

	ASSERT_EQ(0, pthread_join(reader.thread, NULL));
	EXPECT_EQ(-1, reader.got);
	EXPECT_EQ(ENODEV, reader.err);
	close(reader.fd);
	EXPECT_EQ(-1, read(self->destination, buffer, sizeof(buffer)));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-1, write(self->source, "x", 1));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-1, ioctl(self->source, PARTSCHED_IOC_PORT_STATUS, &status));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(ENODEV, map_errno(self->source, self->page, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(POLLHUP | POLLERR, events_of(self->destination));
	EXPECT_EQ(ENOENT, open_errno("a.state", O_RDONLY));
	/* what is mapped is there, also after it was dropped */
	memory[100] = 'x';
	EXPECT_EQ(0, madvise(memory, self->page, MADV_DONTNEED));
	EXPECT_EQ('x', memory[100]);
	munmap(memory, self->page);
}

TEST_F(port, module_stays_while_a_port_is_mapped)
{
	char *memory = mmap(NULL, self->page, PROT_READ | PROT_WRITE, MAP_SHARED, self->source, 0);

	ASSERT_NE(MAP_FAILED, memory);
	close(self->source);
	close(self->destination);
	close(self->sender);
	close(self->receiver);
	self->source = self->destination = self->sender = self->receiver = -1;
	ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
	/* some of it is still there, and so is the module */
	EXPECT_LT(0, channel_bytes(self->kernel));
	EXPECT_EQ(-EWOULDBLOCK, module_remove());
	memory[0] = 'x';
	munmap(memory, self->page);
	EXPECT_TRUE(UNTIL(!channel_bytes(self->kernel), TEST_PATIENCE_NS));
	ps_kernel_close(self->kernel);
	self->kernel = NULL;
	EXPECT_TRUE(UNTIL(!module_remove(), TEST_PATIENCE_NS));
	EXPECT_EQ(ENOENT, open_errno("a.state", O_RDONLY));
}

PARTSCHED_MAIN
