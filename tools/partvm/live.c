// SPDX-License-Identifier: GPL-2.0
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/partsched_device.h>

#include "report.h"

#define LIVE_OFFSET	(PARTSCHED_GUEST_LIVE - PARTSCHED_GUEST_INFO)

void live_map(struct partsched_guest_info *info, const char *partition)
{
	struct partsched_bind bind = { };
	void *page;
	int fd;

	snprintf(bind.name, sizeof(bind.name), "%s", partition);
	fd = open(PARTSCHED_DEVICE, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, PARTSCHED_IOC_BIND, &bind)) {
		report_warning("%s: %s; the guest has no live page", PARTSCHED_DEVICE,
			       strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	page = mmap((uint8_t *)info + LIVE_OFFSET, sizeof(struct partsched_guest_live),
		    PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0);
	if (page == MAP_FAILED) {
		report_warning("%s: cannot map it: %s; the guest has no live page",
			       PARTSCHED_DEVICE, strerror(errno));
	} else {
		info->live_offset = LIVE_OFFSET;
		info->live_size = sizeof(struct partsched_guest_live);
	}
	/* the mapping keeps the file */
	close(fd);
}

const struct partsched_guest_live_vcpu *live_vcpu(const struct partsched_guest_info *info,
						  uint32_t vcpu)
{
	const struct partsched_guest_live *live;

	if (!info->live_offset)
		return NULL;
	live = (const void *)((const uint8_t *)info + info->live_offset);
	return &live->vcpu[vcpu];
}

bool live_read(const struct partsched_guest_info *info, uint32_t vcpu,
	       struct partsched_guest_live_vcpu *live)
{
	const struct partsched_guest_live_vcpu *from = live_vcpu(info, vcpu);
	uint32_t seq;

	if (!from)
		return false;
	do {
		/* odd for some stores of a timer's handler */
		do {
			seq = __atomic_load_n(&from->seq, __ATOMIC_ACQUIRE);
		} while (seq & 1);
		*live = *(const volatile struct partsched_guest_live_vcpu *)from;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (__atomic_load_n(&from->seq, __ATOMIC_RELAXED) != seq);
	return true;
}
