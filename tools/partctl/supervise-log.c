// SPDX-License-Identifier: GPL-2.0
/*
 * supervise-log - what the process that supervises says
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "supervise-priv.h"

#define NS_PER_S	UINT64_C(1000000000)
#define LOG_BYTES	(1 << 20)

static bool file;

void supervise_log(bool is_file)
{
	file = is_file;
}

uint64_t supervise_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* A log of its own begins anew when it is long; the one before is kept. */
static void shorten_log(void)
{
	struct stat st;
	int fd;

	if (!file || fstat(STDERR_FILENO, &st) || !S_ISREG(st.st_mode) || st.st_size < LOG_BYTES)
		return;
	rename(SUPERVISE_LOG, SUPERVISE_LOG ".1");
	fd = open(SUPERVISE_LOG, O_WRONLY | O_CREAT | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0)
		return;
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
}

void supervise_say(const char *fmt, ...)
{
	uint64_t now = supervise_now_ns();
	va_list ap;

	shorten_log();
	fprintf(stderr, "[%6" PRIu64 ".%06" PRIu64 "] ", now / NS_PER_S, now % NS_PER_S / 1000);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
