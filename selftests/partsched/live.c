// SPDX-License-Identifier: GPL-2.0
/*
 * live - the live page: what a guest knows of its window without an exit, and
 * what its device refuses
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <linux/partsched_device.h>
#include <linux/partsched_guest.h>

#include "partsched.h"

static int bind_to(int fd, const char *name)
{
	struct partsched_bind bind = { };

	snprintf(bind.name, sizeof(bind.name), "%s", name);
	return ioctl(fd, PARTSCHED_IOC_BIND, &bind) ? errno : 0;
}

static int map_errno(int fd, size_t size, int prot, int flags, off_t offset)
{
	void *page = mmap(NULL, size, prot, flags, fd, offset);

	if (page == MAP_FAILED)
		return errno;
	munmap(page, size);
	return 0;
}

FIXTURE(device) {
	struct ps_kernel *kernel;
	struct ps_error error;
	struct guest guest;
	int cpu;
	int fd;
};

FIXTURE_SETUP(device)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
	self->fd = open(PARTSCHED_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(device)
{
	guest_kill(&self->guest);
	close(self->fd);
	EXPECT_TRUE(session_close(self->kernel));
}

TEST_F(device, guest_knows_its_window_without_an_exit)
{
	LOAD_USUAL();
	ASSERT_EQ(0, guest_start(&self->guest, "live", "a", NULL));
	ASSERT_TRUE(guest_ended(&self->guest, TEST_PATIENCE_NS));
	ASSERT_TRUE(WIFEXITED(self->guest.status));
	EXPECT_EQ(0, WEXITSTATUS(self->guest.status));
}

TEST_F(device, binds_to_a_partition_in_force_only)
{
	struct partsched_bind endless;

	EXPECT_EQ(ENOENT, bind_to(self->fd, "a"));
	LOAD_USUAL();
	EXPECT_EQ(ENOENT, bind_to(self->fd, "nobody"));
	memset(&endless, 'a', sizeof(endless));
	EXPECT_EQ(-1, ioctl(self->fd, PARTSCHED_IOC_BIND, &endless));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, ioctl(self->fd, PARTSCHED_IOC_BIND, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->fd, _IO(PARTSCHED_IOC_MAGIC, 99), NULL));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(0, bind_to(self->fd, "a"));
	EXPECT_EQ(EBUSY, bind_to(self->fd, "b"));
}

TEST_F(device, maps_one_page_shared_and_read_only)
{
	long page = sysconf(_SC_PAGESIZE);
	const struct partsched_guest_live *live;

	EXPECT_EQ(ENXIO, map_errno(self->fd, page, PROT_READ, MAP_SHARED, 0));
	LOAD_USUAL();
	ASSERT_EQ(0, bind_to(self->fd, "a"));
	EXPECT_EQ(EACCES, map_errno(self->fd, page, PROT_READ | PROT_WRITE, MAP_SHARED, 0));
	EXPECT_EQ(EACCES, map_errno(self->fd, page, PROT_READ, MAP_PRIVATE, 0));
	EXPECT_EQ(EINVAL, map_errno(self->fd, 2 * page, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(EINVAL, map_errno(self->fd, page, PROT_READ, MAP_SHARED, page));

	live = mmap(NULL, page, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, live);
	EXPECT_EQ(-1, mprotect((void *)live, page, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	/* it moves, also after its page was dropped, and outlives the plan */
	EXPECT_TRUE(UNTIL(__atomic_load_n(&live->vcpu[0].seq, __ATOMIC_RELAXED), TEST_PATIENCE_NS));
	EXPECT_EQ(0, madvise((void *)live, page, MADV_DONTNEED));
	EXPECT_NE(0, live->vcpu[0].end_ns);
	ASSERT_DONE(ps_kernel_unload(self->kernel, false, &self->error));
	EXPECT_EQ(0, madvise((void *)live, page, MADV_DONTNEED));
	EXPECT_NE(0, live->vcpu[0].end_ns);
	munmap((void *)live, page);
}

PARTSCHED_MAIN
