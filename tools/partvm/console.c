// SPDX-License-Identifier: GPL-2.0
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "report.h"

/* All rings together, as long as each gets at least RING_MIN. */
#define RINGS_BYTES	(1ULL << 20)
#define RING_MIN	(64ULL << 10)

/* See drain(). */
#define LINE_TIMEOUT_MS	100
#define LINE_WAITS	10

/* A reader that takes nothing for so long is given up at the end. */
#define FINISH_STEP_MS	10
#define FINISH_STEPS	500

#define WRITER_STACK	(128 << 10)

static int open_output(const char *path)
{
	int fd, flags;

	/* O_NONBLOCK: a FIFO without a reader is told, not waited for. */
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	if (fd < 0) {
		report_error("--console %s: cannot open: %s", PS_SAFE(path),
			     errno == ENXIO ? "a FIFO without a reader" : strerror(errno));
		return -1;
	}
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK)) {
		report_error("--console %s: cannot set its mode: %s", PS_SAFE(path),
			     strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

int console_open(struct console *console, const char *path, uint32_t nr_vcpus)
{
	console->name = path ? path : "standard output";
	console->fd = path ? open_output(path) : STDOUT_FILENO;
	if (console->fd < 0)
		return -1;
	console->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	console->ring = aligned_alloc(64, nr_vcpus * sizeof(*console->ring));
	if (console->wake_fd < 0 || !console->ring)
		goto nomem;
	memset(console->ring, 0, nr_vcpus * sizeof(*console->ring));
	console->nr_rings = nr_vcpus;
	console->ring_size = RINGS_BYTES;
	while (console->ring_size > RING_MIN && console->ring_size * nr_vcpus > RINGS_BYTES)
		console->ring_size /= 2;
	for (uint32_t i = 0; i < nr_vcpus; i++) {
		console->ring[i].data = malloc(console->ring_size);
		if (!console->ring[i].data)
			goto nomem;
	}
	return 0;

nomem:
	report_error("no memory for the console");
	return -1;
}

void console_put(struct console *console, uint32_t vcpu, uint8_t byte)
{
	struct console_ring *ring = &console->ring[vcpu];
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);

	if (head - tail == console->ring_size) {
		atomic_fetch_add_explicit(&ring->lost, 1, memory_order_relaxed);
		return;
	}
	ring->data[head & (console->ring_size - 1)] = byte;
	/*
	 * Full barrier between this store and the load of asleep; the writer
	 * has one between its store of asleep and its look at head. One of the
	 * two sees the other.
	 */
	atomic_store(&ring->head, head + 1);
	if (atomic_load(&console->asleep) && atomic_exchange(&console->asleep, false))
		eventfd_write(console->wake_fd, 1);
}

/* Write it all, unless the output is gone: then the bytes go nowhere. */
static void write_all(struct console *console, const uint8_t *data, uint64_t size)
{
	ssize_t ret;

	while (size && !atomic_load(&console->error)) {
		ret = write(console->fd, data, size);
		if (ret < 0) {
			if (errno == EAGAIN) {
				/* Somebody else made our standard output non-blocking. */
				poll(&(struct pollfd){ .fd = console->fd, .events = POLLOUT }, 1,
				     -1);
				continue;
			}
			if (errno != EINTR)
				atomic_store(&console->error, errno);
			continue;
		}
		data += ret;
		size -= ret;
		atomic_fetch_add(&console->written, ret);
	}
}

/* Bytes from @tail up to and with the last newline before @head. */
static uint64_t whole_lines(const struct console *console, const struct console_ring *ring,
			    uint64_t tail, uint64_t head)
{
	while (head != tail && ring->data[(head - 1) & (console->ring_size - 1)] != '\n')
		head--;
	return head - tail;
}

/* Is nobody printing? */
static bool quiet(struct console *console)
{
	for (uint32_t i = 0; i < console->nr_rings; i++)
		if (atomic_load(&console->ring[i].head) != console->ring[i].seen)
			return false;
	return true;
}

/*
 * An unfinished line is written when nobody has printed for a while, a prompt
 * for one; when others print, only after LINE_WAITS, since theirs would end up
 * in the middle of it.
 *
 * @waited: LINE_TIMEOUT_MS have passed since the last call
 * @all: write everything
 *
 * Return: bytes that were left behind.
 */
static uint64_t drain(struct console *console, bool waited, bool all)
{
	bool idle = waited && quiet(console);
	uint64_t left = 0;

	for (uint32_t i = 0; i < console->nr_rings; i++) {
		struct console_ring *ring = &console->ring[i];
		uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
		uint64_t head = atomic_load(&ring->head);
		uint64_t size = head - tail;

		if (head != ring->seen)
			ring->waits = 0;
		else if (waited)
			ring->waits++;
		/* A line as long as half the ring is written in pieces. */
		if (!all && !idle && ring->waits < LINE_WAITS && size < console->ring_size / 2) {
			size = whole_lines(console, ring, tail, head);
			left += head - tail - size;
		}
		ring->seen = head;
		while (size) {
			uint64_t at = tail & (console->ring_size - 1);
			uint64_t step = console->ring_size - at;

			if (step > size)
				step = size;
			write_all(console, ring->data + at, step);
			tail += step;
			size -= step;
			atomic_store_explicit(&ring->tail, tail, memory_order_release);
		}
	}
	return left;
}

static void *write_console(void *arg)
{
	struct console *console = arg;
	struct pollfd pollfd = { .fd = console->wake_fd, .events = POLLIN };
	bool waited = false;
	uint64_t value;

	while (!atomic_load(&console->closing)) {
		atomic_store(&console->asleep, true);
		if (drain(console, waited, false)) {
			/*
			 * A line is under way: give it time without being woken
			 * at each of its bytes.
			 */
			atomic_store(&console->asleep, false);
			waited = !poll(&pollfd, 1, LINE_TIMEOUT_MS);
		} else {
			waited = false;
			poll(&pollfd, 1, -1);
		}
		eventfd_read(console->wake_fd, &value);
	}
	/* Whole lines of all first, so that no unfinished one gets between them. */
	drain(console, false, false);
	drain(console, false, true);
	return NULL;
}

int console_start(struct console *console)
{
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WRITER_STACK);
	err = pthread_create(&console->writer, &attr, write_console, console);
	pthread_attr_destroy(&attr);
	if (err) {
		report_error("cannot start the console's thread: %s", strerror(err));
		return -1;
	}
	pthread_setname_np(console->writer, "partvm-console");
	console->started = true;
	return 0;
}

static void add_ms(struct timespec *time, long ms)
{
	time->tv_nsec += ms * 1000000;
	if (time->tv_nsec >= 1000000000) {
		time->tv_nsec -= 1000000000;
		time->tv_sec++;
	}
}

void console_finish(struct console *console)
{
	uint64_t written = 0, lost = 0;
	unsigned int idle = 0;
	struct timespec until;
	bool joined = false;

	if (!console->started)
		return;
	atomic_store(&console->closing, true);
	eventfd_write(console->wake_fd, 1);
	while (idle++ < FINISH_STEPS) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		add_ms(&until, FINISH_STEP_MS);
		if (!pthread_clockjoin_np(console->writer, NULL, CLOCK_MONOTONIC, &until)) {
			joined = true;
			break;
		}
		if (atomic_load(&console->written) != written) {
			written = atomic_load(&console->written);
			idle = 0;
		}
	}
	for (uint32_t i = 0; i < console->nr_rings; i++) {
		lost += atomic_load(&console->ring[i].lost);
		if (!joined)
			lost += atomic_load(&console->ring[i].head) -
				atomic_load(&console->ring[i].tail);
	}
	if (atomic_load(&console->error))
		report_warning("console %s: cannot write: %s; output is missing from there on",
			       PS_SAFE(console->name), strerror(atomic_load(&console->error)));
	if (lost)
		report_warning("console %s: %llu bytes lost: the guest prints faster than they are read",
			       PS_SAFE(console->name), (unsigned long long)lost);
}
