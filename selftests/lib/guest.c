// SPDX-License-Identifier: GPL-2.0
#include "guest.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "plan.h"
#include "proc.h"

#define MAX_ARGUMENTS	24

static const char *path_of(const char *variable, const char *otherwise)
{
	const char *path = getenv(variable);

	return path ? path : otherwise;
}

int guest_start(struct guest *guest, const char *image, const char *partition,
		const char *const *options)
{
	const char *argv[MAX_ARGUMENTS] = { path_of("PARTSCHED_PARTVM", TEST_TOP "/tools/partvm/partvm") };
	const char *guests = path_of("PARTSCHED_GUESTS", TEST_TOP "/build/guest");
	static unsigned int nr_guests;
	char path[PATH_MAX];
	int argc = 1;

	*guest = (struct guest){ 0 };
	snprintf(path, sizeof(path), "%s/%s.elf", guests, image);
	snprintf(guest->console, sizeof(guest->console), "/tmp/partsched-%d-%u.console", getpid(),
		 nr_guests++);
	unlink(guest->console);
	if (access(argv[0], X_OK) || access(path, R_OK)) {
		printf("# no launcher %s or no guest %s: build them by make\n", argv[0], path);
		return -1;
	}
	argv[argc++] = "--console";
	argv[argc++] = guest->console;
	if (partition) {
		argv[argc++] = "--attach";
		argv[argc++] = partition;
	}
	while (options && *options && argc < MAX_ARGUMENTS - 2)
		argv[argc++] = *options++;
	argv[argc++] = path;

	fflush(stdout);
	guest->pid = fork();
	if (guest->pid < 0)
		return -1;
	if (!guest->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* what it says belongs to the test's diagnostics */
		dup2(STDOUT_FILENO, STDERR_FILENO);
		execv(argv[0], (char **)argv);
		_exit(127);
	}
	return 0;
}

pid_t guest_vcpu(const struct guest *guest, unsigned int vcpu)
{
	char comm[16];
	pid_t tid = 0;

	snprintf(comm, sizeof(comm), "partvm-vcpu%u", vcpu);
	(void)UNTIL((tid = proc_find(guest->pid, comm)), TEST_PATIENCE_NS);
	return tid;
}

pid_t guest_attached(struct guest *guest, struct ps_kernel *kernel, const char *image,
		     const char *partition)
{
	pid_t tid;

	if (guest_start(guest, image, partition, NULL))
		return 0;
	tid = guest_vcpu(guest, 0);
	if (!tid || !UNTIL(attach_state(kernel, partition, 0) == PARTSCHED_ATTACH_ATTACHED,
			   TEST_PATIENCE_NS))
		return 0;
	/* placed, and at home in the plan */
	if (!frames_pass(kernel, partition, 2))
		return 0;
	return tid;
}

bool guest_ended(struct guest *guest, unsigned long long timeout_ns)
{
	pid_t pid = guest->pid;

	if (!pid)
		return true;
	if (!UNTIL(waitpid(pid, &guest->status, WNOHANG) == pid, timeout_ns))
		return false;
	guest->pid = 0;
	unlink(guest->console);
	return true;
}

void guest_kill(struct guest *guest)
{
	if (!guest->pid)
		return;
	kill(guest->pid, SIGKILL);
	if (!guest_ended(guest, TEST_PATIENCE_NS))
		printf("# launcher %d does not end\n", guest->pid);
}
