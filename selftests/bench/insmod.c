// SPDX-License-Identifier: GPL-2.0
/*
 * The module in and out. A shell would do no better, but it would have to be
 * copied into the lab's memory.
 */
#include "insmod.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define REMOVE_TRIES	200
#define REMOVE_PAUSE_NS	10000000L

int module_insert(const char *path, const char *parameters, struct ps_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "%s: %s", path, strerror(errno));
	if (syscall(SYS_finit_module, fd, parameters, 0))
		err = errno;
	close(fd);
	if (err)
		return ps_fail(error, PS_EXIT_REFUSED, err, "%s: the kernel refused it: %s", path,
			       strerror(err));
	return 0;
}

int module_remove(const char *name, struct ps_error *error)
{
	const struct timespec pause = { .tv_nsec = REMOVE_PAUSE_NS };

	for (int i = 0; syscall(SYS_delete_module, name, O_NONBLOCK); i++) {
		if (errno != EWOULDBLOCK || i == REMOVE_TRIES)
			return ps_fail(error, PS_EXIT_REFUSED, errno, "rmmod %s: %s", name,
				       strerror(errno));
		nanosleep(&pause, NULL);
	}
	return 0;
}
