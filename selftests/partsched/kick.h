/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kick - a plan with channels that kick, and eventfds at their ends
 */
#ifndef TEST_KICK_H
#define TEST_KICK_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include <linux/partsched_device.h>

#include "ports.h"
#include "partsched.h"

#define MESSAGE		64

static inline struct ps_channel *with_kick(struct ps_channel *channel, enum ps_kick kick)
{
	channel->destinations[0].kick = kick;
	return channel;
}

static inline void add_channels(struct ps_model *model, enum ps_kick window)
{
	with_kick(plan_sampling(model, "soon", MESSAGE, 0, 0, 1), PS_KICK_NOW);
	with_kick(plan_sampling(model, "later", MESSAGE, 0, 0, 1), window);
	with_kick(plan_sampling(model, "back", MESSAGE, 0, 1, 0), window);
	with_kick(plan_queuing(model, "queue", MESSAGE, 4, 0, 1), window);
	plan_sampling(model, "quiet", MESSAGE, 0, 0, 1);
	plan_pseudo(&with_kick(plan_sampling(model, "news", MESSAGE, 0, 0, 1), window)->sources[0],
		    "lab");
	plan_pseudo(&with_kick(plan_sampling(model, "log", MESSAGE, 0, 0, 1),
			       window)->destinations[0], "lab");
}

static inline struct ps_model *plan_kicks(int cpu)
{
	struct ps_model *model = plan_usual(cpu);

	add_channels(model, PS_KICK_WINDOW);
	return model;
}

/* "b" waits for long. */
static inline struct ps_model *plan_rare(int cpu)
{
	struct ps_model *model = plan_new(300 * NSEC_PER_MSEC);

	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "b", 1, cpu);
	plan_window(model, 0, 0, 10 * NSEC_PER_MSEC);
	plan_window(model, 1, 20 * NSEC_PER_MSEC, 10 * NSEC_PER_MSEC);
	add_channels(model, PS_KICK_WINDOW);
	return model;
}

/* "b" has nearly all of the time. */
static inline struct ps_model *plan_wide(int cpu)
{
	struct ps_model *model = plan_new(NSEC_PER_SEC);

	plan_partition(model, "a", 1, cpu);
	plan_partition(model, "b", 1, cpu);
	plan_window(model, 0, 0, 10 * NSEC_PER_MSEC);
	plan_window(model, 1, 20 * NSEC_PER_MSEC, 900 * NSEC_PER_MSEC);
	add_channels(model, PS_KICK_WINDOW);
	return model;
}

/* Ask for a descriptor; the one to use, or -1 with errno. */
static inline int ask(int port, uint32_t end, int fd, uint32_t *mode)
{
	struct partsched_port_kick kick = { .end = end, .fd = fd };

	if (ioctl(port, PARTSCHED_IOC_PORT_KICK, &kick))
		return -1;
	if (mode)
		*mode = kick.mode;
	return kick.fd;
}

static inline int ask_errno(int port, uint32_t end, int fd)
{
	return ask(port, end, fd, NULL) < 0 ? errno : 0;
}

static inline int new_eventfd(void)
{
	return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static inline bool ring(int fd)
{
	const uint64_t one = 1;

	return write(fd, &one, sizeof(one)) == sizeof(one);
}

/* What an eventfd was signalled since it was last read. */
static inline uint64_t taken(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static inline bool readable(int fd, int timeout_ms)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	return poll(&poller, 1, timeout_ms) == 1 && poller.revents & POLLIN;
}

static inline bool comes(int fd)
{
	return readable(fd, TEST_PATIENCE_NS / NSEC_PER_MSEC);
}

static inline uint64_t asked(struct ps_kernel *kernel, const char *port)
{
	struct ps_port_info info;

	return port_info(kernel, "b", port, &info) ? info.nr_kicks : 0;
}

static inline uint64_t delivered(struct ps_kernel *kernel, const char *port)
{
	struct ps_port_info info;

	return port_info(kernel, "b", port, &info) ? info.kicks_delivered : 0;
}

/**
 * struct ends - a channel with eventfds at both ends
 * @source: file of the source's device
 * @destination: of the destination's
 * @bell: what the source rings
 * @line: what the destination listens to
 * @mode: of both
 */
struct ends {
	int source, destination;
	int bell, line;
	uint32_t mode;
};

static inline bool join(struct ends *ends, const char *channel)
{
	char source[32], destination[32];

	snprintf(source, sizeof(source), "a.%s", channel);
	snprintf(destination, sizeof(destination), "b.%s", channel);
	*ends = (struct ends){
		.source = port_open(source, O_RDWR),
		.destination = port_open(destination, O_RDONLY),
	};
	ends->bell = ask(ends->source, 1, new_eventfd(), NULL);
	ends->line = ask(ends->destination, 0, new_eventfd(), &ends->mode);
	return ends->bell >= 0 && ends->line >= 0;
}

static inline void part(struct ends *ends)
{
	close(ends->bell);
	close(ends->line);
	close(ends->source);
	close(ends->destination);
}

FIXTURE(kick) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int cpu;
	struct vm vm;
	bool has_vm;
	struct ends ends;
};

FIXTURE_SETUP(kick)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	LOAD(plan_kicks(self->cpu));
	self->ends = (struct ends){ -1, -1, -1, -1 };
}

FIXTURE_TEARDOWN(kick)
{
	part(&self->ends);
	EXPECT_TRUE(session_close(self->kernel));
	if (self->has_vm)
		vm_stop(&self->vm);
}

#define ATTACH(_guest) do {						\
	self->has_vm = true;						\
	ASSERT_NE(0, vm_start(&self->vm, _guest));			\
	ASSERT_DONE(attach(self->kernel, "b", self->vm.tid, &self->error)); \
	ASSERT_TRUE(attached(self->kernel, "b"));			\
} while (0)

#define JOIN(_channel)	ASSERT_TRUE(join(&self->ends, _channel))

#endif /* TEST_KICK_H */
