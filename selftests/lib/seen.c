// SPDX-License-Identifier: GPL-2.0
#include "seen.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/partsched_guest.h>

#define RAM_BYTES	PARTSCHED_GUEST_RAM_MIN

bool seen_start(struct seen *seen, const char *image, const char *partition, const char *option,
		const char *value)
{
	const char *options[] = { "--ram", seen->ram, option, value, NULL };
	void *memory;
	int fd;

	snprintf(seen->ram, sizeof(seen->ram), "/dev/shm/partsched-%d-%s.ram", getpid(), partition);
	unlink(seen->ram);
	if (guest_start(&seen->guest, image, partition, options) || !guest_vcpu(&seen->guest, 0))
		return false;
	fd = open(seen->ram, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	memory = mmap(NULL, RAM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		return false;
	seen->memory = memory;
	return true;
}

void seen_end(struct seen *seen)
{
	guest_kill(&seen->guest);
	if (seen->memory)
		munmap((void *)seen->memory, RAM_BYTES);
	seen->memory = NULL;
	unlink(seen->ram);
}
