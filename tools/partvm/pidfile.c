// SPDX-License-Identifier: GPL-2.0
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "report.h"

/* Written aside and renamed: a reader finds a whole number or none. */
int pidfile_write(const char *path)
{
	char aside[PATH_MAX], text[16];
	int fd, len;

	if (snprintf(aside, sizeof(aside), "%s.%d", path, getpid()) >= (int)sizeof(aside)) {
		report_error("--pid-file %s: the path is too long", PS_SAFE(path));
		return -1;
	}
	fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0) {
		report_error("--pid-file %s: cannot create: %s", PS_SAFE(path), strerror(errno));
		return -1;
	}
	len = snprintf(text, sizeof(text), "%d\n", getpid());
	if (write(fd, text, len) != len || rename(aside, path)) {
		report_error("--pid-file %s: cannot write: %s", PS_SAFE(path), strerror(errno));
		unlink(aside);
		close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

void pidfile_remove(const char *path)
{
	char text[16] = "";
	ssize_t len;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len > 0 && atoi(text) == getpid())
		unlink(path);
}
