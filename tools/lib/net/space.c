// SPDX-License-Identifier: GPL-2.0
/*
 * space - the network namespace of virtual networks
 */
#include "space.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "bridge.h"

#define OWN	"/proc/self/ns/net"
#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif

static int fail(struct ps_error *error, const char *what, int err)
{
	bool rights = err == EPERM || err == EACCES;

	return ps_fail(error, rights ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED, err, "%s: %s",
		       what, strerror(err));
}

int net_space_enter(int space, struct ps_error *error)
{
	int back = open(OWN, O_RDONLY | O_CLOEXEC);

	if (back < 0)
		return fail(error, OWN, errno);
	if (setns(space, CLONE_NEWNET)) {
		fail(error, "the namespace of virtual networks", errno);
		close(back);
		return -1;
	}
	return back;
}

void net_space_leave(int back)
{
	if (setns(back, CLONE_NEWNET)) {
		perror("back from the namespace of virtual networks");
		abort();
	}
	close(back);
}

static void set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* a host without IPv6 has nothing to be told */
	if (fd < 0)
		return;
	(void)!write(fd, value, strlen(value));
	close(fd);
}

/* Of this namespace: a new one takes after the host in some of it. */
static void speak_no_ip(void)
{
	set("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
	set("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	set("/proc/sys/net/ipv6/conf/all/forwarding", "0");
	set("/proc/sys/net/ipv4/ip_forward", "0");
}

/* Is there a namespace at the file? Return: descriptor of it, or -1. */
static int find(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct statfs fs;

	if (fd < 0)
		return -1;
	if (!fstatfs(fd, &fs) && fs.f_type == NSFS_MAGIC)
		return fd;
	close(fd);
	return -1;
}

static int make(const char *path, struct ps_error *error)
{
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int back, rc = 0;

	if (fd < 0)
		return fail(error, path, errno);
	close(fd);
	back = open(OWN, O_RDONLY | O_CLOEXEC);
	if (back < 0)
		return fail(error, OWN, errno);
	if (unshare(CLONE_NEWNET)) {
		rc = fail(error, "a network namespace", errno);
		close(back);
		return rc;
	}
	speak_no_ip();
	if (mount(OWN, path, NULL, MS_BIND, NULL))
		rc = fail(error, path, errno);
	net_space_leave(back);
	return rc;
}

int net_space(const char *path, struct ps_error *error)
{
	int fd = find(path);

	if (fd >= 0)
		return fd;
	if (make(path, error))
		return -1;
	fd = find(path);
	return fd < 0 ? fail(error, path, errno) : fd;
}

void net_space_end(const char *path)
{
	/* one mount for each time that somebody has made it */
	while (!umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW))
		;
	unlink(path);
}
