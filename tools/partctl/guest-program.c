// SPDX-License-Identifier: GPL-2.0
/*
 * guest-program - the programs that run guests: where they are
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "guest.h"

#define QEMU "qemu-system-x86_64"

static char *executable(char *path)
{
	if (!access(path, X_OK))
		return path;
	free(path);
	return NULL;
}

static char *in_path(const char *program)
{
	char *path = ps_strdup(getenv("PATH")), *found = NULL, *dir, *save = NULL;

	for (dir = path ? strtok_r(path, ":", &save) : NULL; dir && !found;
	     dir = strtok_r(NULL, ":", &save)) {
		/* an empty or relative entry would depend on where we stand */
		if (*dir == '/')
			found = executable(ps_asprintf("%s/%s", dir, program));
	}
	free(path);
	return found;
}

static char *find_partvm(void)
{
	char self[4096], *found;
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len > 0) {
		self[len] = '\0';
		*strrchr(self, '/') = '\0';
		found = executable(ps_asprintf("%s/../partvm/partvm", self));
		if (!found)
			found = executable(ps_asprintf("%s/partvm", self));
		if (found)
			return found;
	}
	found = executable(ps_strdup(PARTSCHED_LIBEXECDIR "/partvm"));
	return found ? found : in_path("partvm");
}

char *guest_program(const struct ps_partition *partition, struct ps_error *error)
{
	bool qemu = partition->launcher == PS_LAUNCHER_QEMU;
	char *found = qemu ? in_path(QEMU) : find_partvm();

	if (!found)
		ps_fail(error, PS_EXIT_REFUSED, ENOENT, "partition \"%s\": %s",
			PS_SAFE(partition->name), qemu ?
			"no " QEMU ", which runs it, is in PATH; with --no-start it is not needed" :
			"partvm, which runs it, is neither beside partctl nor in " PARTSCHED_LIBEXECDIR " nor in PATH; with --no-start it is not needed");
	return found;
}
