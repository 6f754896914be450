// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-port-serve - a port's kicks for QEMU's ivshmem-doorbell
 *
 * Only the kicks: QEMU maps what a server gives it for writing, which the module
 * refuses a destination, and takes its size from fstat(), which knows none of a
 * device. Messages go through an ivshmem-plain; see Documentation/qemu.rst.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <linux/partsched_device.h>
#include <linux/partsched_doorbell.h>

#include "alloc.h"
#include "ivshmem.h"
#include "port.h"
#include "port-page.h"

#define SOURCE_POSITION		0
#define DESTINATION_POSITION	1
#define FIRST_DESTINATION	1
/* A time that does not come, which the kernel still knows. */
#define NEVER_S			9000000000LL

struct server {
	const struct port_call *call;
	struct ps_port_info info;
	struct ps_error *error;
	struct partsched_doorbell *page;	/* of the client; NULL: there is none */
	int port;		/* the port's device */
	int clock;		/* ends a wait when the clock is set */
	int listener;
	int client;		/* -1: none is connected */
	int pid;		/* of the client */
};

/* The eventfds of a port's kicks. */
struct bells {
	int *fds;		/* of each destination, -1: it has no kick */
	size_t nr;
	size_t nr_kicked;
};

static bool is_source(const struct server *server)
{
	return server->info.direction == PARTSCHED_PORT_SOURCE;
}

static void free_bells(struct bells *bells)
{
	size_t i;

	for (i = 0; i < bells->nr; i++)
		if (bells->fds[i] >= 0)
			close(bells->fds[i]);
	free(bells->fds);
	*bells = (struct bells){ 0 };
}

/* Ask the module for an eventfd; -1 with errno. */
static int ask(const struct server *server, uint32_t end)
{
	int own = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), err;
	struct partsched_port_kick kick = { .end = end, .fd = own };

	if (own < 0)
		return -1;
	if (!ioctl(server->port, PARTSCHED_IOC_PORT_KICK, &kick)) {
		/* the module keeps that of whoever came first */
		if (kick.fd != own)
			close(own);
		return kick.fd;
	}
	err = errno;
	close(own);
	errno = err;
	return -1;
}

static int ask_all(const struct server *server, struct bells *bells)
{
	uint32_t end;
	int fd;

	*bells = (struct bells){ 0 };
	for (end = FIRST_DESTINATION; is_source(server) || end == FIRST_DESTINATION; end++) {
		fd = ask(server, is_source(server) ? end : 0);
		/* there is none of this number */
		if (fd < 0 && errno == EINVAL && end > FIRST_DESTINATION)
			break;
		if (fd < 0 && errno != EOPNOTSUPP) {
			free_bells(bells);
			return ps_fail(server->error, PS_EXIT_REFUSED, errno, "%s: kick: %s",
				       PS_SAFE(server->call->name), errno == ENODEV ?
				       "the plan that had it is gone" : strerror(errno));
		}
		*(int *)ps_grow(&bells->fds, &bells->nr, sizeof(*bells->fds)) = fd;
		bells->nr_kicked += fd >= 0;
	}
	if (bells->nr_kicked)
		return 0;
	free_bells(bells);
	return ps_fail(server->error, PS_EXIT_REFUSED, EOPNOTSUPP,
		       "%s: the plan has no kicks here: write Kick=\"window\" or \"now\" at %s; without kicks a guest needs no server",
		       PS_SAFE(server->call->name),
		       is_source(server) ? "a destination of its channel" : "this end of its channel");
}

static void drop_page(struct server *server)
{
	if (server->page)
		munmap(server->page, PARTSCHED_DOORBELL_SIZE);
	server->page = NULL;
}

/* The page that says whose kicks they are: a copy for each client. */
static int make_page(struct server *server, const struct bells *bells)
{
	int fd = memfd_create("partsched-doorbell", MFD_CLOEXEC | MFD_ALLOW_SEALING), err;
	void *page = MAP_FAILED;

	drop_page(server);
	if (fd < 0)
		return -1;
	if (!ftruncate(fd, PARTSCHED_DOORBELL_SIZE) &&
	    !fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		page = mmap(NULL, PARTSCHED_DOORBELL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    0);
	if (page != MAP_FAILED) {
		server->page = page;
		port_page_fill(server->page, &server->info, true,
			       is_source(server) ? (uint32_t)bells->nr : 0);
		return fd;
	}
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/* The host's clock was set: the guest is to know the new time. */
static void tell_time(const struct server *server)
{
	uint64_t expired;

	/* ECANCELED, once each time; the timer stays as it is */
	if (read(server->clock, &expired, sizeof(expired)) < 0 && errno != ECANCELED)
		return;
	if (server->page)
		__atomic_store_n(&server->page->realtime_ns, port_page_realtime_ns(),
				 __ATOMIC_RELEASE);
}

static int open_clock(void)
{
	const struct itimerspec never = { .it_value.tv_sec = NEVER_S };
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0)
		timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
	return fd;
}

static int hand_over(struct server *server)
{
	struct ivshmem_handover handover = {
		.position = is_source(server) ? SOURCE_POSITION : DESTINATION_POSITION,
		.first_peer = is_source(server) ? FIRST_DESTINATION : DESTINATION_POSITION,
	};
	struct bells bells;
	int rc;

	/* anew for each client: another plan may have another mode */
	if (ask_all(server, &bells))
		return -1;
	handover.peers = bells.fds;
	handover.nr_peers = bells.nr;
	handover.memory = make_page(server, &bells);
	if (handover.memory < 0) {
		rc = ps_fail(server->error, PS_EXIT_REFUSED, errno, "memfd: %s", strerror(errno));
	} else {
		rc = ivshmem_hand_over(server->client, &handover);
		/* that is the client's affair, and the next one is served all the same */
		if (rc)
			fprintf(stderr, "partctl: %s: process %d: %s\n",
				PS_SAFE(server->call->name), server->pid, strerror(errno));
		close(handover.memory);
		rc = rc ? 1 : 0;
	}
	free_bells(&bells);
	return rc;
}

static int tell(const struct server *server, const char *event)
{
	struct out *out = server->call->out;

	out_text(out, "event", NULL, event);
	out_text(out, "port", NULL, server->call->name);
	if (server->pid) {
		out_u64(out, "pid", NULL, (uint64_t)server->pid);
		out_say(out, "%s: process %d %s", PS_SAFE(server->call->name), server->pid, event);
	} else {
		out_say(out, "%s: %s at %s", PS_SAFE(server->call->name), event,
			PS_SAFE(server->call->socket));
	}
	return out_flush(out) || fflush(stdout) ? -1 : 0;
}

static void drop_client(struct server *server)
{
	close(server->client);
	server->client = -1;
	drop_page(server);
	tell(server, "left");
	server->pid = 0;
}

/* A client says nothing: what can be read is that it has gone. */
static bool has_gone(const struct server *server)
{
	char byte;

	return server->client >= 0 &&
	       recv(server->client, &byte, sizeof(byte), MSG_DONTWAIT) == 0;
}

/* Exit status, or -1 with an error, that end the server; PS_EXIT_DONE: it goes on. */
static int serve_next(struct server *server)
{
	int pid, client = ivshmem_accept(server->listener, &pid), rc;

	if (client < 0)
		return PS_EXIT_DONE;
	/* two would take each other's kicks; the first may have gone just now */
	if (has_gone(server))
		drop_client(server);
	if (server->client >= 0) {
		fprintf(stderr, "partctl: %s: process %d is refused: process %d has the port\n",
			PS_SAFE(server->call->name), pid, server->pid);
		close(client);
		return PS_EXIT_DONE;
	}
	server->client = client;
	server->pid = pid;
	rc = hand_over(server);
	if (rc) {
		close(client);
		server->client = -1;
		server->pid = 0;
		return rc < 0 ? -1 : PS_EXIT_DONE;
	}
	return tell(server, "connected") ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}

static volatile sig_atomic_t ended;

static void on_signal(int signo)
{
	(void)signo;
	ended = 1;
}

static int serve(struct server *server)
{
	const struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked, before;
	int rc = PS_EXIT_DONE;

	/* they come while it waits, and at no other time */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (tell(server, "served"))
		return PS_EXIT_REFUSED;
	while (!ended && !rc) {
		struct pollfd fds[] = {
			{ .fd = server->port },
			{ .fd = server->listener, .events = POLLIN },
			{ .fd = server->client, .events = POLLIN },
			{ .fd = server->clock, .events = POLLIN },
		};

		if (ppoll(fds, sizeof(fds) / sizeof(fds[0]), NULL, &before) < 0)
			continue;
		if (fds[0].revents)
			return ps_fail(server->error, PS_EXIT_REFUSED, ENODEV,
				       "%s: the plan that had it is gone",
				       PS_SAFE(server->call->name));
		if (fds[3].revents)
			tell_time(server);
		if (fds[2].revents)
			drop_client(server);
		if (fds[1].revents)
			rc = serve_next(server);
	}
	return rc;
}

int port_serve(const struct port_call *call, struct ps_error *error)
{
	struct server server = { .call = call, .error = error, .client = -1 };
	struct bells bells;
	int rc = -1;

	if (!call->socket)
		usage_error(call->verb, "port serve: --socket says where");
	if (port_find(call, &server.info, error))
		return -1;
	server.port = port_open(&server.info, is_source(&server) ? O_RDWR : O_RDONLY, error);
	if (server.port < 0)
		return -1;
	/* what cannot be served is told now, and not to the first client */
	if (!ask_all(&server, &bells)) {
		free_bells(&bells);
		server.listener = ivshmem_listen(call->socket, error);
		if (server.listener >= 0) {
			server.clock = open_clock();
			rc = serve(&server);
			if (server.client >= 0)
				close(server.client);
			if (server.clock >= 0)
				close(server.clock);
			drop_page(&server);
			ivshmem_unlisten(server.listener, call->socket);
		}
	}
	close(server.port);
	return rc;
}
