// SPDX-License-Identifier: GPL-2.0
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/partsched_guest.h>

#include "error.h"
#include "report.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23	/* Linux 5.14 */
#endif

#define PAGE_BYTES	4096ULL
#define HUGE_BYTES	(2ULL << 20)

/*
 * A page that the guest touches first while its window is open costs the guest
 * a fault in the host: have them all now. Where the file system cannot do it,
 * the guest pays; nothing breaks.
 */
static int populate(void *start, uint64_t size, const char *name)
{
	if (!madvise(start, size, MADV_POPULATE_WRITE) || errno == EINVAL)
		return 0;
	report_error("%s: cannot get %llu bytes of memory: %s; give the host more or the guest less",
		     name, (unsigned long long)size, strerror(errno));
	return -1;
}

/*
 * The lock tells whether another partvm has this file as its RAM: truncating it
 * then would kill that guest with SIGBUS.
 */
static int open_ram(const char *path, uint64_t size, bool keep)
{
	int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	struct stat st;
	int fd, err;

	fd = open(path, keep ? flags : flags | O_CREAT, 0600);
	if (fd < 0) {
		report_error("--ram %s: cannot open: %s", PS_SAFE(path),
			     errno == ELOOP ? "it is a symbolic link, which is not followed" :
			     strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		report_error("--ram %s: not a regular file", PS_SAFE(path));
		goto out_close;
	}
	if (st.st_uid != geteuid()) {
		report_error("--ram %s: belongs to user %u, not to the caller; remove it or name another file",
			     PS_SAFE(path), st.st_uid);
		goto out_close;
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		report_error("--ram %s: another partvm has it as its RAM", PS_SAFE(path));
		goto out_close;
	}
	/* looked at under the lock: another partvm may be about to make it */
	if (keep && (fstat(fd, &st) || (uint64_t)st.st_size != size)) {
		report_error("--start warm: %s has %lld bytes, not the %llu of the guest that is to go on; start it cold",
			     PS_SAFE(path), (long long)st.st_size, (unsigned long long)size);
		goto out_close;
	}
	if (fchmod(fd, 0600) || (!keep && ftruncate(fd, 0)) || ftruncate(fd, size)) {
		report_error("--ram %s: cannot set its size to %llu bytes: %s", PS_SAFE(path),
			     (unsigned long long)size, strerror(errno));
		goto out_close;
	}
	/* A hole that the file system cannot fill later is a SIGBUS in mid-flight. */
	err = posix_fallocate(fd, 0, size);
	if (err) {
		report_error("--ram %s: cannot get %llu bytes: %s", PS_SAFE(path),
			     (unsigned long long)size, strerror(err));
		goto out_close;
	}
	return fd;

out_close:
	close(fd);
	return -1;
}

/*
 * Two-megabyte pages halve the depth of the nested page walk and spare the
 * guest most of its first-touch faults: align so that they are possible.
 */
static void *map_anonymous(uint64_t size)
{
	uint8_t *start, *aligned;

	/* Without MAP_NORESERVE: what the host has not got is refused here. */
	start = mmap(NULL, size + HUGE_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (start == MAP_FAILED)
		return MAP_FAILED;
	aligned = start + (-(uintptr_t)start & (HUGE_BYTES - 1));
	if (aligned != start)
		munmap(start, aligned - start);
	munmap(aligned + size, start + HUGE_BYTES - aligned);
	madvise(aligned, size, MADV_HUGEPAGE);
	return aligned;
}

static void add_area(struct memory *memory, const struct memory_area *area)
{
	memory->area[memory->nr_areas++] = *area;
}

int memory_create(struct memory *memory, uint64_t size, const char *path, bool keep)
{
	memory->ram_fd = -1;
	if (path) {
		memory->ram_fd = open_ram(path, size, keep);
		if (memory->ram_fd < 0)
			return -1;
		memory->ram = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
				   memory->ram_fd, 0);
	} else {
		memory->ram = map_anonymous(size);
	}
	if (memory->ram == MAP_FAILED) {
		report_error("cannot map %llu bytes of RAM: %s", (unsigned long long)size,
			     strerror(errno));
		return -1;
	}
	/* Not in a core dump of the launcher, not in a child of it. */
	madvise(memory->ram, size, MADV_DONTDUMP);
	madvise(memory->ram, size, MADV_DONTFORK);
	if (populate(memory->ram, size, "RAM"))
		return -1;

	memory->ram_size = size;
	memory->ram_low = size < PARTSCHED_GUEST_RAM_LOW_END ? size : PARTSCHED_GUEST_RAM_LOW_END;
	add_area(memory, &(struct memory_area){
		.gpa = 0, .size = memory->ram_low, .host = memory->ram, .name = "RAM",
	});
	if (size > memory->ram_low)
		add_area(memory, &(struct memory_area){
			.gpa = PARTSCHED_GUEST_RAM_HIGH, .size = size - memory->ram_low,
			.host = (uint8_t *)memory->ram + memory->ram_low, .name = "high RAM",
		});
	return 0;
}

void *memory_add(struct memory *memory, uint64_t gpa, uint64_t size, bool readonly,
		 const char *name)
{
	void *host;

	size = (size + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	/*
	 * Shared, so that a device's page can later take the place of one of
	 * these without a new memory slot.
	 */
	host = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (host == MAP_FAILED) {
		report_error("%s: cannot map %llu bytes: %s", name, (unsigned long long)size,
			     strerror(errno));
		return NULL;
	}
	if (populate(host, size, name) ||
	    memory_add_mapping(memory, gpa, size, host, readonly, name))
		return NULL;
	return host;
}

int memory_add_mapping(struct memory *memory, uint64_t gpa, uint64_t size, void *host,
		       bool readonly, const char *name)
{
	if (memory->nr_areas == MEMORY_AREAS_MAX) {
		report_error("%s: no memory slot left", name);
		return -1;
	}
	add_area(memory, &(struct memory_area){
		.gpa = gpa, .size = size, .host = host, .name = name, .readonly = readonly,
	});
	return 0;
}

int memory_register(const struct memory *memory, int vm_fd)
{
	for (unsigned int i = 0; i < memory->nr_areas; i++) {
		const struct memory_area *area = &memory->area[i];
		struct kvm_userspace_memory_region region = {
			.slot = i,
			.flags = area->readonly ? KVM_MEM_READONLY : 0,
			.guest_phys_addr = area->gpa,
			.memory_size = area->size,
			.userspace_addr = (uintptr_t)area->host,
		};

		if (ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region)) {
			report_error("KVM refused the memory slot of %s at %#llx: %s", area->name,
				     (unsigned long long)area->gpa, strerror(errno));
			return -1;
		}
	}
	return 0;
}

void *memory_ram_at(const struct memory *memory, uint64_t gpa, uint64_t size)
{
	uint64_t high_size = memory->ram_size - memory->ram_low;

	if (gpa < memory->ram_low && size <= memory->ram_low - gpa)
		return (uint8_t *)memory->ram + gpa;
	if (gpa < PARTSCHED_GUEST_RAM_HIGH)
		return NULL;
	gpa -= PARTSCHED_GUEST_RAM_HIGH;
	if (gpa < high_size && size <= high_size - gpa)
		return (uint8_t *)memory->ram + memory->ram_low + gpa;
	return NULL;
}

const struct memory_area *memory_area_at(const struct memory *memory, uint64_t gpa)
{
	const struct memory_area *area = memory->area;

	while (area->gpa != gpa)
		area++;
	return area;
}

void memory_clear(const struct memory *memory)
{
	memset(memory->ram, 0, memory->ram_size);
}

const char *memory_readonly_at(const struct memory *memory, uint64_t gpa)
{
	for (unsigned int i = 0; i < memory->nr_areas; i++) {
		const struct memory_area *area = &memory->area[i];

		if (area->readonly && gpa >= area->gpa && gpa - area->gpa < area->size)
			return area->name;
	}
	return NULL;
}
