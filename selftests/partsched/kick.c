// SPDX-License-Identifier: GPL-2.0
/*
 * kick - a doorbell becomes an interrupt of the destination's, at once or when
 * its window opens
 *
 * Both are eventfds of the test's here: it rings as KVM's ioeventfd does, and
 * reads what KVM's irqfd would listen to.
 */
#include <sys/mman.h>

#include <linux/partsched_sampling.h>

#include "kick.h"

/* Kicks that must tell, of those that a claim about windows is tried on. */
#define CONCLUSIVE	10

TEST_F(kick, at_once_is_one_eventfd_for_both)
{
	int first = new_eventfd(), second = new_eventfd(), third = new_eventfd();
	int source = port_open("a.soon", O_WRONLY), destination = port_open("b.soon", O_RDONLY);
	uint32_t mode = 0;
	int bell, line;

	EXPECT_EQ(first, ask(destination, 0, first, &mode));
	EXPECT_EQ(PARTSCHED_KICK_NOW, mode);
	/* the second to come is given that of the first */
	bell = ask(source, 1, second, &mode);
	EXPECT_EQ(PARTSCHED_KICK_NOW, mode);
	ASSERT_LE(0, bell);
	EXPECT_NE(second, bell);
	EXPECT_EQ(FD_CLOEXEC, fcntl(bell, F_GETFD));
	EXPECT_TRUE(ring(bell));
	EXPECT_EQ(1, taken(first));
	EXPECT_EQ(0, taken(second));
	/* and so is whoever comes in the place of the first */
	close(first);
	line = ask(destination, 1, third, NULL);
	ASSERT_LE(0, line);
	EXPECT_TRUE(ring(bell));
	EXPECT_EQ(1, taken(line));
	/* who asks with the very same has it already */
	EXPECT_EQ(line, ask(destination, 1, line, NULL));
	EXPECT_EQ(0, asked(self->kernel, "soon"));
	close(line);
	close(bell);
	close(second);
	close(third);
	close(source);
	close(destination);
}

TEST_F(kick, at_once_does_not_ask_who_comes_first)
{
	JOIN("soon");
	EXPECT_EQ(PARTSCHED_KICK_NOW, self->ends.mode);
	EXPECT_TRUE(ring(self->ends.bell));
	EXPECT_EQ(1, taken(self->ends.line));
}

/*
 * Ring while the window is closed: then the signal comes with a later window,
 * and not before one has opened. A window that opens meanwhile tells nothing;
 * so this goes on until enough have told. Receives how often it rang.
 */
#define EXPECT_SIGNALLED_IN_WINDOWS(_rung) do {				\
	uint64_t _deadline_ns = now_ns() + TEST_PATIENCE_NS, _opened, _then; \
	int _told = 0;							\
	bool _closed;							\
									\
	for (_rung = 0; _told < CONCLUSIVE && now_ns() < _deadline_ns; _rung++) { \
		ASSERT_TRUE(UNTIL(run_state(self->kernel, "b", 0) ==	\
				  PARTSCHED_RUN_SUSPENDED, TEST_PATIENCE_NS)); \
		_opened = windows_opened(self->kernel, "b", 0);		\
		_closed = run_state(self->kernel, "b", 0) == PARTSCHED_RUN_SUSPENDED; \
		ASSERT_TRUE(ring(self->ends.bell));			\
		_closed = _closed &&					\
			run_state(self->kernel, "b", 0) == PARTSCHED_RUN_SUSPENDED; \
		_then = windows_opened(self->kernel, "b", 0);		\
		ASSERT_TRUE(comes(self->ends.line));			\
		EXPECT_EQ(1, taken(self->ends.line));			\
		if (!_closed || _then != _opened)			\
			continue;					\
		ASSERT_LT(_opened, windows_opened(self->kernel, "b", 0)); \
		_told++;						\
	}								\
	EXPECT_EQ(CONCLUSIVE, _told);					\
} while (0)

TEST_F(kick, later_is_signalled_in_windows_only)
{
	struct ps_port_info info;
	uint64_t rung;

	LOAD(plan_rare(self->cpu));
	ATTACH(VM_SPIN);
	JOIN("later");
	EXPECT_EQ(PARTSCHED_KICK_WINDOW, self->ends.mode);
	EXPECT_SIGNALLED_IN_WINDOWS(rung);
	ASSERT_TRUE(port_info(self->kernel, "b", "later", &info));
	EXPECT_EQ(rung, info.nr_kicks);
	EXPECT_EQ(rung, info.kicks_delivered);
	EXPECT_LE(CONCLUSIVE, info.kicks_deferred);
	EXPECT_GE(rung, info.kicks_deferred);
}

TEST_F(kick, guest_that_is_halted_is_told_in_windows_only)
{
	uint64_t rung;

	LOAD(plan_rare(self->cpu));
	ATTACH(VM_HALT);
	JOIN("later");
	EXPECT_SIGNALLED_IN_WINDOWS(rung);
	EXPECT_EQ(rung, delivered(self->kernel, "later"));
}

TEST_F(kick, launcher_that_exits_all_the_time_is_told_in_windows_only)
{
	uint64_t rung;

	LOAD(plan_rare(self->cpu));
	ATTACH(VM_EXIT);
	JOIN("later");
	EXPECT_SIGNALLED_IN_WINDOWS(rung);
	EXPECT_EQ(rung, delivered(self->kernel, "later"));
}

/* Ring until a signal has come with no window's opening in between. */
#define EXPECT_SIGNALLED_AT_ONCE() do {					\
	uint64_t _deadline_ns = now_ns() + TEST_PATIENCE_NS;		\
	bool _at_once = false;						\
									\
	while (!_at_once && now_ns() < _deadline_ns) {			\
		uint64_t _opened = windows_opened(self->kernel, "b", 0); \
									\
		if (run_state(self->kernel, "b", 0) == PARTSCHED_RUN_SUSPENDED)	\
			continue;					\
		ASSERT_TRUE(ring(self->ends.bell));			\
		ASSERT_TRUE(comes(self->ends.line));			\
		EXPECT_EQ(1, taken(self->ends.line));			\
		_at_once = windows_opened(self->kernel, "b", 0) == _opened; \
	}								\
	EXPECT_TRUE(_at_once);						\
} while (0)

TEST_F(kick, kick_in_the_open_window_comes_at_once)
{
	LOAD(plan_wide(self->cpu));
	ATTACH(VM_SPIN);
	JOIN("later");
	EXPECT_SIGNALLED_AT_ONCE();
}

TEST_F(kick, guest_that_is_halted_in_its_window_is_told_at_once)
{
	LOAD(plan_wide(self->cpu));
	ATTACH(VM_HALT);
	JOIN("later");
	ASSERT_TRUE(UNTIL(run_state(self->kernel, "b", 0) == PARTSCHED_RUN_BLOCKED,
			  TEST_PATIENCE_NS));
	EXPECT_SIGNALLED_AT_ONCE();
}

TEST_F(kick, many_kicks_are_one)
{
	struct ps_port_info info;

	JOIN("later");
	/* nobody is there to be told */
	for (int i = 0; i < 1000; i++)
		ASSERT_TRUE(ring(self->ends.bell));
	ASSERT_TRUE(port_info(self->kernel, "b", "later", &info));
	EXPECT_EQ(1000, info.nr_kicks);
	EXPECT_EQ(0, info.kicks_delivered);
	EXPECT_EQ(0, taken(self->ends.line));
	/* the module has taken what was rung */
	EXPECT_EQ(0, taken(self->ends.bell));

	ATTACH(VM_SPIN);
	EXPECT_TRUE(comes(self->ends.line));
	ASSERT_TRUE(frames_pass(self->kernel, "b", 3));
	EXPECT_EQ(1, taken(self->ends.line));
	EXPECT_EQ(1, delivered(self->kernel, "later"));
}

TEST_F(kick, kick_waits_for_whoever_listens)
{
	int bell = new_eventfd(), line = new_eventfd();

	ATTACH(VM_SPIN);
	self->ends.source = port_open("a.later", O_RDWR);
	self->ends.destination = port_open("b.later", O_RDONLY);
	/* rung before the module knows of it, and before anybody listens */
	ASSERT_TRUE(ring(bell));
	self->ends.bell = ask(self->ends.source, 1, bell, NULL);
	ASSERT_EQ(bell, self->ends.bell);
	EXPECT_EQ(1, asked(self->kernel, "later"));
	ASSERT_TRUE(frames_pass(self->kernel, "b", 2));
	EXPECT_EQ(0, delivered(self->kernel, "later"));
	self->ends.line = ask(self->ends.destination, 0, line, NULL);
	ASSERT_EQ(line, self->ends.line);
	EXPECT_TRUE(comes(line));
	EXPECT_EQ(1, taken(line));
}

/* What a launcher does that was started again: all anew. */
static bool restart(int *port, const char *name, int flags, uint32_t end, int *fd)
{
	int own = new_eventfd();

	close(*port);
	close(*fd);
	*port = port_open(name, flags);
	*fd = ask(*port, end, own, NULL);
	return *fd >= 0 && *fd != own && !close(own);
}

TEST_F(kick, launchers_come_and_go)
{
	struct ends *ends = &self->ends;

	ATTACH(VM_SPIN);
	JOIN("later");
	for (int i = 0; i < 3; i++) {
		ASSERT_TRUE(restart(&ends->source, "a.later", O_RDWR, 1, &ends->bell));
		ASSERT_TRUE(ring(ends->bell));
		EXPECT_TRUE(comes(ends->line));
		EXPECT_EQ(1, taken(ends->line));
		/* this one goes when it has been asked for */
		ASSERT_TRUE(ring(ends->bell));
		ASSERT_TRUE(restart(&ends->destination, "b.later", O_RDONLY, 0, &ends->line));
		EXPECT_TRUE(comes(ends->line));
		EXPECT_EQ(1, taken(ends->line));
	}
	EXPECT_EQ(6, delivered(self->kernel, "later"));
}

TEST_F(kick, plan_with_another_mode_begins_anew)
{
	struct ps_model *model = plan_usual(self->cpu);
	struct ends now;

	JOIN("later");
	add_channels(model, PS_KICK_NOW);
	LOAD(model);
	ASSERT_TRUE(join(&now, "later"));
	EXPECT_EQ(PARTSCHED_KICK_NOW, now.mode);
	EXPECT_TRUE(ring(now.bell));
	EXPECT_EQ(1, taken(now.line));
	/* what was there before leads nowhere any more */
	EXPECT_TRUE(ring(self->ends.bell));
	EXPECT_EQ(0, taken(self->ends.line));
	EXPECT_EQ(0, taken(now.line));
	part(&now);

	LOAD(plan_kicks(self->cpu));
	ASSERT_TRUE(join(&now, "later"));
	EXPECT_EQ(PARTSCHED_KICK_WINDOW, now.mode);
	part(&now);
}

TEST_F(kick, plan_with_the_same_channel_keeps_what_was_asked)
{
	JOIN("later");
	ASSERT_TRUE(ring(self->ends.bell));
	LOAD(plan_wide(self->cpu));
	ATTACH(VM_SPIN);
	EXPECT_TRUE(comes(self->ends.line));
	EXPECT_EQ(1, taken(self->ends.line));
}

TEST_F(kick, arguments_are_checked)
{
	struct partsched_port_kick kick = { .end = 1 };
	int source = port_open("a.later", O_RDWR), destination = port_open("b.later", O_RDONLY);
	int reader = port_open("a.later", O_RDONLY), quiet = port_open("a.quiet", O_RDWR);
	int ack = port_open("b.queue.ack", O_RDWR), fd = new_eventfd();
	int pipes[2];

	ASSERT_LE(0, source);
	ASSERT_LE(0, destination);
	ASSERT_LE(0, reader);
	ASSERT_LE(0, ack);
	ASSERT_EQ(0, pipe2(pipes, O_CLOEXEC));
	EXPECT_EQ(EINVAL, ask_errno(source, 0, fd));
	EXPECT_EQ(EINVAL, ask_errno(source, 2, fd));
	EXPECT_EQ(EINVAL, ask_errno(source, UINT32_MAX, fd));
	EXPECT_EQ(EINVAL, ask_errno(destination, 2, fd));
	EXPECT_EQ(EBADF, ask_errno(source, 1, -1));
	EXPECT_EQ(EBADF, ask_errno(source, 1, 1000));
	EXPECT_EQ(EINVAL, ask_errno(source, 1, pipes[0]));
	EXPECT_EQ(EINVAL, ask_errno(source, 1, source));
	EXPECT_EQ(EACCES, ask_errno(reader, 1, fd));
	EXPECT_EQ(EOPNOTSUPP, ask_errno(quiet, 1, fd));
	EXPECT_EQ(EINVAL, ask_errno(ack, 0, fd));
	EXPECT_EQ(-1, ioctl(source, PARTSCHED_IOC_PORT_KICK, NULL));
	EXPECT_EQ(EFAULT, errno);
	kick.fd = fd;
	kick.pad = 1;
	EXPECT_EQ(-1, ioctl(source, PARTSCHED_IOC_PORT_KICK, &kick));
	EXPECT_EQ(EINVAL, errno);
	kick.pad = 0;
	kick.mode = PARTSCHED_KICK_NOW;
	EXPECT_EQ(-1, ioctl(source, PARTSCHED_IOC_PORT_KICK, &kick));
	EXPECT_EQ(EINVAL, errno);
	/* none of them has left anything */
	EXPECT_EQ(fd, ask(source, 1, fd, NULL));

	ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
	EXPECT_EQ(ENODEV, ask_errno(source, 1, fd));
	EXPECT_EQ(ENODEV, ask_errno(destination, 0, fd));
	close(pipes[0]);
	close(pipes[1]);
	close(fd);
	close(ack);
	close(quiet);
	close(reader);
	close(destination);
	close(source);
}

TEST_F(kick, doorbell_that_would_ring_itself_is_refused)
{
	int source = port_open("b.back", O_RDWR), destination = port_open("a.back", O_RDONLY);

	JOIN("later");
	EXPECT_EQ(ELOOP, ask_errno(source, 1, self->ends.line));
	EXPECT_EQ(ELOOP, ask_errno(destination, 0, self->ends.bell));
	/* one interrupt for two channels is nobody's harm */
	EXPECT_EQ(self->ends.line, ask(destination, 0, self->ends.line, NULL));
	EXPECT_EQ(self->ends.bell, ask(source, 1, self->ends.bell, NULL));
	close(source);
	close(destination);
}

TEST_F(kick, program_of_the_host_kicks_when_it_writes)
{
	int source = port_open("lab.news", O_WRONLY), destination = port_open("b.news", O_RDONLY);
	int line = new_eventfd();

	ASSERT_LE(0, source);
	ASSERT_LE(0, destination);
	ATTACH(VM_SPIN);
	ASSERT_EQ(line, ask(destination, 0, line, NULL));
	EXPECT_EQ(3, write(source, "one", 3));
	EXPECT_TRUE(comes(line));
	EXPECT_EQ(1, taken(line));
	EXPECT_EQ(1, asked(self->kernel, "news"));

	JOIN("soon");
	EXPECT_EQ(3, write(self->ends.source, "two", 3));
	EXPECT_EQ(1, taken(self->ends.line));
	EXPECT_EQ(1, asked(self->kernel, "soon"));
	EXPECT_EQ(1, delivered(self->kernel, "soon"));
	close(line);
	close(source);
	close(destination);
}

/* As a guest does that has a channel mapped: nobody is told of it. */
static bool write_as_guest(int source)
{
	size_t size = lseek(source, 0, SEEK_END);
	void *region = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, source, 0);
	struct partsched_channel_end end;
	struct partsched_channel_geometry geometry;
	bool done;

	if (region == MAP_FAILED)
		return false;
	done = !partsched_channel_header_read(&geometry, region, size);
	if (done) {
		partsched_sampling_writer_init(&end, &geometry, region);
		done = !partsched_sampling_write(&end, "guest", 5, now_ns());
	}
	munmap(region, size);
	return done;
}

static void *wait_for_message(void *arg)
{
	return readable(*(int *)arg, -1) ? arg : NULL;
}

TEST_F(kick, program_of_the_host_that_waits_is_woken)
{
	static const char *const channels[] = { "later", "soon" };

	for (int i = 0; i < 2; i++) {
		pthread_t thread;
		void *woken = NULL;

		JOIN(channels[i]);
		/* poll() without an end */
		ASSERT_EQ(0, pthread_create(&thread, NULL, wait_for_message,
					    &self->ends.destination));
		ASSERT_TRUE(write_as_guest(self->ends.source));
		ASSERT_TRUE(UNTIL((ring(self->ends.bell),
				   !pthread_tryjoin_np(thread, &woken)), TEST_PATIENCE_NS));
		EXPECT_EQ(&self->ends.destination, woken);
		part(&self->ends);
	}
	self->ends = (struct ends){ -1, -1, -1, -1 };
}

TEST_F(kick, pseudo_partition_is_told_at_once)
{
	int source = port_open("a.log", O_WRONLY), destination = port_open("lab.log", O_RDONLY);
	int line = new_eventfd();

	ASSERT_EQ(line, ask(destination, 0, line, &self->ends.mode));
	EXPECT_EQ(PARTSCHED_KICK_NOW, self->ends.mode);
	EXPECT_EQ(3, write(source, "one", 3));
	EXPECT_EQ(1, taken(line));
	close(line);
	close(source);
	close(destination);
}

#define RINGERS	4
#define RINGS	500

struct ringer {
	pthread_t thread;
	int bell;
	int times;		/* 0: until @stop */
	atomic_bool *stop;
};

static void *ring_often(void *arg)
{
	struct ringer *ringer = arg;

	for (int i = 0; ringer->times ? i < ringer->times : !atomic_load(ringer->stop); i++)
		if (!ring(ringer->bell))
			return NULL;
	return arg;
}

TEST_F(kick, kicks_from_many_threads_are_not_lost)
{
	struct ringer ringers[RINGERS];
	struct ps_port_info info;
	uint64_t before;

	LOAD(plan_wide(self->cpu));
	ATTACH(VM_SPIN);
	JOIN("later");
	for (int i = 0; i < RINGERS; i++) {
		ringers[i] = (struct ringer){ .bell = self->ends.bell, .times = RINGS };
		ASSERT_EQ(0, pthread_create(&ringers[i].thread, NULL, ring_often, &ringers[i]));
	}
	for (int i = 0; i < RINGERS; i++) {
		void *done;

		pthread_join(ringers[i].thread, &done);
		EXPECT_EQ(&ringers[i], done);
	}
	/* two windows later nothing is due any more */
	ASSERT_TRUE(frames_pass(self->kernel, "b", 2));
	ASSERT_TRUE(port_info(self->kernel, "b", "later", &info));
	EXPECT_EQ(RINGERS * RINGS, info.nr_kicks);
	EXPECT_LE(1, info.kicks_delivered);
	EXPECT_EQ(info.kicks_delivered, taken(self->ends.line));
	/* nor is it stuck */
	before = info.kicks_delivered;
	ASSERT_TRUE(ring(self->ends.bell));
	EXPECT_TRUE(comes(self->ends.line));
	EXPECT_EQ(before + 1, delivered(self->kernel, "later"));
}

TEST_F(kick, plans_come_and_go_while_it_rings)
{
	atomic_bool stop = false;
	struct ringer ringer = { .stop = &stop };
	void *done;

	ATTACH(VM_SPIN);
	JOIN("later");
	ringer.bell = self->ends.bell;
	ASSERT_EQ(0, pthread_create(&ringer.thread, NULL, ring_often, &ringer));
	for (int i = 0; i < 5; i++) {
		LOAD(plan_wide(self->cpu));
		LOAD(plan_kicks(self->cpu));
	}
	/* the thread, too */
	ASSERT_DONE(ps_kernel_unload(self->kernel, true, &self->error));
	LOAD(plan_kicks(self->cpu));
	atomic_store(&stop, true);
	pthread_join(ringer.thread, &done);
	EXPECT_EQ(&ringer, done);
	/* what is open is of a channel that no plan has */
	EXPECT_EQ(ENODEV, ask_errno(self->ends.source, 1, self->ends.bell));
}

TEST_F(kick, channel_goes_with_everything_in_use)
{
	struct ps_module_info info;

	ATTACH(VM_SPIN);
	JOIN("later");
	ASSERT_DONE(ps_kernel_unload(self->kernel, true, &self->error));
	(void)taken(self->ends.line);
	EXPECT_TRUE(ring(self->ends.bell));
	EXPECT_EQ(0, taken(self->ends.line));
	/* its eventfds stay, and nobody listens */
	close(self->ends.source);
	close(self->ends.destination);
	self->ends.source = self->ends.destination = -1;
	EXPECT_TRUE(UNTIL((ps_kernel_module(self->kernel, &info, &self->error), !info.channel_bytes),
			  TEST_PATIENCE_NS));
	EXPECT_TRUE(ring(self->ends.bell));
	EXPECT_EQ(1, taken(self->ends.bell));
	EXPECT_EQ(0, taken(self->ends.line));
	/* nor do they hold the module */
	ps_kernel_close(self->kernel);
	self->kernel = NULL;
	EXPECT_TRUE(UNTIL(!module_remove(), TEST_PATIENCE_NS));
	EXPECT_TRUE(ring(self->ends.bell));
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
}

PARTSCHED_MAIN
