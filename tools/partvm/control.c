// SPDX-License-Identifier: GPL-2.0
#include "control.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/partsched_guest.h>

#include "arch.h"
#include "error.h"
#include "report.h"
#include "vm.h"

#define REQUEST_MAX	128

static int open_socket(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Left behind by somebody who was killed? */
static bool is_dead(const struct sockaddr_un *address)
{
	int fd = open_socket();
	bool dead;

	if (fd < 0)
		return false;
	dead = connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
	       errno == ECONNREFUSED;
	close(fd);
	return dead;
}

static int bind_to(int fd, const struct sockaddr_un *address)
{
	mode_t mask = umask(0177);
	int ret = bind(fd, (const struct sockaddr *)address, sizeof(*address));

	if (ret && errno == EADDRINUSE && is_dead(address) && !unlink(address->sun_path))
		ret = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	umask(mask);
	return ret;
}

static int watch(const struct control *control, int fd, uint32_t index)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = index };

	return epoll_ctl(control->fd, EPOLL_CTL_ADD, fd, &event);
}

int control_listen(struct control *control, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;

	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++)
		control->client[i] = -1;
	if (strlen(path) >= sizeof(address.sun_path)) {
		report_error("--control %s: a socket's path has up to %zu bytes", PS_SAFE(path),
			     sizeof(address.sun_path) - 1);
		return -1;
	}
	strcpy(address.sun_path, path);
	control->fd = epoll_create1(EPOLL_CLOEXEC);
	control->listener = open_socket();
	if (control->fd < 0 || control->listener < 0) {
		report_error("--control: cannot make a socket: %s", strerror(errno));
		return -1;
	}
	if (bind_to(control->listener, &address)) {
		report_error("--control %s: %s", PS_SAFE(path), strerror(errno));
		return -1;
	}
	control->path = path;
	if (!stat(path, &st))
		control->inode = st.st_ino;
	if (listen(control->listener, CONTROL_CLIENTS) ||
	    watch(control, control->listener, CONTROL_CLIENTS)) {
		report_error("--control %s: %s", PS_SAFE(path), strerror(errno));
		return -1;
	}
	return 0;
}

static void take_client(struct control *control)
{
	int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		if (control->client[i] >= 0)
			continue;
		if (watch(control, fd, i))
			break;
		control->client[i] = fd;
		return;
	}
	close(fd);
}

static const char *interrupt(const struct vm *vm, unsigned int vcpu, unsigned int vector)
{
	int ret;

	if (vcpu >= vm->nr_vcpus)
		return "error the guest has no such vCPU";
	if (vector < PARTSCHED_GUEST_VECTOR_MIN || vector > 0xff)
		return "error a vector is a number from 32 to 255";
	ret = arch_interrupt(vm, vcpu, vector);
	if (ret > 0)
		return "ok";
	return ret ? "error KVM refuses it" : "error the vCPU's local APIC is off";
}

static const char *answer_to(const struct vm *vm, const char *request)
{
	unsigned int vcpu, vector;
	char more;

	if (sscanf(request, "interrupt %4u %4u %c", &vcpu, &vector, &more) == 2)
		return interrupt(vm, vcpu, vector);
	return "error it is none of: interrupt VCPU VECTOR";
}

static void drop_client(struct control *control, unsigned int i)
{
	close(control->client[i]);
	control->client[i] = -1;
}

static void serve_client(struct control *control, struct vm *vm, unsigned int i)
{
	char request[REQUEST_MAX];
	const char *answer;
	ssize_t len;

	len = recv(control->client[i], request, sizeof(request) - 1, MSG_TRUNC);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {
		drop_client(control, i);
		return;
	}
	if ((size_t)len >= sizeof(request)) {
		answer = "error it is too long";
	} else {
		request[len] = '\0';
		answer = answer_to(vm, request);
	}
	/* who does not read its answers is not waited for */
	if (send(control->client[i], answer, strlen(answer), MSG_NOSIGNAL) < 0)
		drop_client(control, i);
}

void control_serve(struct control *control, struct vm *vm)
{
	struct epoll_event events[CONTROL_CLIENTS + 1];
	int nr = epoll_wait(control->fd, events, CONTROL_CLIENTS + 1, 0);

	for (int i = 0; i < nr; i++) {
		if (events[i].data.u32 == CONTROL_CLIENTS)
			take_client(control);
		else
			serve_client(control, vm, events[i].data.u32);
	}
}

void control_close(struct control *control)
{
	struct stat st;

	if (control->path && !stat(control->path, &st) && st.st_ino == control->inode)
		unlink(control->path);
}
