// SPDX-License-Identifier: GPL-2.0
#include "partsched-clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What ptp_kvm calls itself. */
#define CLOCK_NAME	"KVM virtual PTP"
/* How long the guest's own clock does, which may go a little faster or slower. */
#define RENEW_NS	1000000000ULL
/* The guest may be stopped while it looks at both clocks: take the best of some. */
#define LOOKS		5

static bool is_the_hosts(const char *ptp_dir, const char *entry)
{
	char path[512], name[64] = "";
	FILE *file;

	if (snprintf(path, sizeof(path), "%s/%s/clock_name", ptp_dir, entry) >= (int)sizeof(path))
		return false;
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	name[strcspn(name, "\n")] = '\0';
	return !strcmp(name, CLOCK_NAME);
}

void partsched_clock_open(struct partsched_clock *clock, const char *ptp_dir, const char *dev_dir)
{
	struct dirent *entry;
	char path[512];
	DIR *dir;

	*clock = (struct partsched_clock){ .fd = -1 };
	dir = opendir(ptp_dir);
	if (!dir)
		return;
	while (clock->fd < 0 && (entry = readdir(dir))) {
		if (is_the_hosts(ptp_dir, entry->d_name) &&
		    snprintf(path, sizeof(path), "%s/%s", dev_dir, entry->d_name) <
		    (int)sizeof(path))
			clock->fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	closedir(dir);
}

void partsched_clock_close(struct partsched_clock *clock)
{
	if (clock->fd >= 0)
		close(clock->fd);
	clock->fd = -1;
}

static bool read_ns(clockid_t clock, uint64_t *ns)
{
	struct timespec now;

	if (clock_gettime(clock, &now))
		return false;
	*ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	return true;
}

/* The clock of a descriptor, as the kernel's dynamic clocks have it. */
static clockid_t clock_of(int fd)
{
	return (clockid_t)(~(unsigned int)fd << 3 | 3);
}

static bool renew(struct partsched_clock *clock)
{
	uint64_t best = UINT64_MAX, before, realtime, after;
	int i;

	for (i = 0; i < LOOKS; i++) {
		if (!read_ns(CLOCK_MONOTONIC_RAW, &before) ||
		    !read_ns(clock_of(clock->fd), &realtime) ||
		    !read_ns(CLOCK_MONOTONIC_RAW, &after))
			return false;
		if (after - before >= best)
			continue;
		best = after - before;
		clock->raw_ns = before + best / 2;
		clock->realtime_ns = realtime;
	}
	return true;
}

uint64_t partsched_clock_ns(struct partsched_clock *clock, uint64_t offset_ns)
{
	uint64_t raw_ns;

	if (!offset_ns || clock->fd < 0 || !read_ns(CLOCK_MONOTONIC_RAW, &raw_ns))
		return 0;
	if ((!clock->realtime_ns || raw_ns - clock->raw_ns >= RENEW_NS) &&
	    (!renew(clock) || !read_ns(CLOCK_MONOTONIC_RAW, &raw_ns)))
		return 0;
	return clock->realtime_ns + (raw_ns - clock->raw_ns) - offset_ns;
}
