// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "clock.h"

bool session_in_lab(void)
{
	return getenv("PARTSCHED_LAB");
}

bool exact(void)
{
	return getenv("PARTSCHED_LAB_EXACT");
}

static const char *module_path(void)
{
	static char path[PATH_MAX];
	const char *given = getenv("PARTSCHED_MODULE");
	struct utsname uts;

	if (given)
		return given;
	uname(&uts);
	snprintf(path, sizeof(path), TEST_TOP "/build/module/%s/partsched.ko", uts.release);
	return path;
}

const char *session_missing(void)
{
	static char text[PATH_MAX + 100];

	if (geteuid())
		return "not root";
	/* in exact time one CPU does: nothing is late there, and more take turns */
	if (session_cpu() < 1 && !exact())
		return "only one CPU is online";
	if (access("/dev/kvm", R_OK | W_OK))
		return "no access to /dev/kvm";
	if (access("/sys/module/partsched", F_OK) && access(module_path(), R_OK)) {
		snprintf(text, sizeof(text), "no module for this kernel: %s", module_path());
		return text;
	}
	return NULL;
}

int session_cpu(void)
{
	return (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
}

int module_insert(const char *parameters)
{
	int fd = open(module_path(), O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, parameters, 0))
		err = -errno;
	close(fd);
	return err;
}

int module_remove(void)
{
	return syscall(SYS_delete_module, "partsched", O_NONBLOCK) ? -errno : 0;
}

int kernel_log_mark(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

bool kernel_log_has(int mark, const char *text)
{
	char line[8192];
	ssize_t len;

	/* a record a read; EPIPE: the oldest were overwritten, go on */
	while ((len = read(mark, line, sizeof(line) - 1)) >= 0 || errno == EPIPE) {
		line[len > 0 ? len : 0] = '\0';
		if (strstr(line, text))
			return true;
	}
	return false;
}

static uint32_t nr_threads(struct ps_kernel *kernel)
{
	struct ps_module_info info;
	struct ps_error error;

	return ps_kernel_module(kernel, &info, &error) ? UINT32_MAX : info.nr_threads;
}

bool session_close(struct ps_kernel *kernel)
{
	struct ps_error error;
	bool gone;

	if (!kernel)
		return true;
	/* refused when nothing is loaded, which is as good */
	ps_kernel_unload(kernel, true, &error);
	/* a module that is gone has no thread, either */
	gone = UNTIL(access("/sys/module/partsched", F_OK) || !nr_threads(kernel),
		     TEST_PATIENCE_NS);
	if (!gone)
		printf("# %u threads did not leave\n", nr_threads(kernel));
	ps_kernel_close(kernel);
	return gone;
}

struct ps_kernel *session_open(void)
{
	struct ps_kernel *kernel;
	struct ps_error error;
	cpu_set_t first;
	int err;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
	if (access("/sys/module/partsched", F_OK)) {
		err = module_insert(SESSION_PARAMETERS);
		if (err) {
			printf("# insmod %s: %s\n", module_path(), strerror(-err));
			return NULL;
		}
	}
	kernel = ps_kernel_open(&error);
	if (!kernel) {
		printf("# %s\n", error.text);
		return NULL;
	}
	ps_kernel_unload(kernel, true, &error);
	if (!UNTIL(!nr_threads(kernel), TEST_PATIENCE_NS)) {
		printf("# an earlier test left threads that do not go\n");
		ps_kernel_close(kernel);
		return NULL;
	}
	return kernel;
}
