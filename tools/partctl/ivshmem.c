// SPDX-License-Identifier: GPL-2.0
/*
 * ivshmem - the server's side of what QEMU's ivshmem-doorbell speaks
 *
 * A message is a number, 64 bits little-endian, and sometimes a file descriptor
 * (docs/specs/ivshmem-spec of QEMU): version 0, the client's own number, -1 with
 * the shared memory; then the number of a peer with an eventfd, one for each of
 * its vectors. The client never says anything.
 */
#include "ivshmem.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define VERSION		0
#define MEMORY		(-1)
/* QEMU reads at once; who does not, is none. */
#define PATIENCE_S	5

/*
 * Is there a socket that nobody listens to? One of another type is not connected
 * to a server that is alive, and does not look like a client to it either.
 */
static bool is_left_over(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat st;
	bool dead;

	if (fd < 0)
		return false;
	dead = !lstat(address->sun_path, &st) && S_ISSOCK(st.st_mode) &&
	       connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
	       errno == ECONNREFUSED;
	close(fd);
	return dead;
}

int ivshmem_listen(const char *path, struct ps_error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(address.sun_path))
		return ps_fail(error, PS_EXIT_REFUSED, ENAMETOOLONG,
			       "%s: a socket's path has %zu bytes at most", PS_SAFE(path),
			       sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "socket: %s", strerror(errno));
	if (is_left_over(&address))
		unlink(path);
	if (!bind(fd, (const struct sockaddr *)&address, sizeof(address)) && !listen(fd, 8))
		return fd;
	err = errno;
	close(fd);
	return ps_fail(error, err == EACCES ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED, err,
		       "%s: %s", PS_SAFE(path), err == EADDRINUSE ?
		       "something is there already: another server, or no socket" :
		       strerror(err));
}

void ivshmem_unlisten(int fd, const char *path)
{
	unlink(path);
	close(fd);
}

int ivshmem_accept(int fd, int *pid)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	struct ucred peer = { .pid = 0 };
	socklen_t len = sizeof(peer);

	if (client < 0)
		return -1;
	setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	*pid = peer.pid;
	return client;
}

/* One message; @fd -1: without a descriptor. */
static int send_one(int client, int64_t number, int fd)
{
	uint64_t wire = htole64((uint64_t)number);
	struct iovec iov = { .iov_base = &wire, .iov_len = sizeof(wire) };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;
	ssize_t sent;

	if (fd >= 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	}
	do {
		sent = sendmsg(client, &msg, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	/* so few bytes are sent as a whole */
	return sent == sizeof(wire) ? 0 : -1;
}

int ivshmem_hand_over(int client, const struct ivshmem_handover *handover)
{
	size_t i;

	if (send_one(client, VERSION, -1) || send_one(client, handover->position, -1) ||
	    send_one(client, MEMORY, handover->memory))
		return -1;
	for (i = 0; i < handover->nr_peers; i++) {
		if (handover->peers[i] >= 0 &&
		    send_one(client, (int64_t)handover->first_peer + (int64_t)i,
			     handover->peers[i]))
			return -1;
	}
	return 0;
}
