// SPDX-License-Identifier: GPL-2.0
/*
 * Children of the benchmark: started, watched, ended.
 */
#include "guests.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_SEC	1000000000ULL

static pid_t fork_child(struct ps_error *error)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0) {
		ps_fail(error, PS_EXIT_REFUSED, errno, "fork: %s", strerror(errno));
		return -1;
	}
	if (!pid) {
		/* none outlives us, however we end */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(127);
	}
	return pid;
}

int guest_start(struct bench_guest *guest, const char *partvm, struct ps_error *error)
{
	const char *argv[10] = {
		partvm, "--attach", guest->partition, "--console", "/dev/null"
	};
	size_t nr = 5;
	pid_t pid;

	if (guest->ram[0]) {
		argv[nr++] = "--ram";
		argv[nr++] = guest->ram;
	}
	if (guest->halt_exits)
		argv[nr++] = "--halt-exits";
	argv[nr] = guest->image;
	pid = fork_child(error);

	if (pid < 0)
		return -1;
	if (!pid) {
		if (guest->quiet)
			dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
		execv(partvm, (char *const *)argv);
		fprintf(stderr, "%s: %s\n", partvm, strerror(errno));
		_exit(127);
	}
	guest->pid = pid;
	return 0;
}

int guest_alive(struct bench_guest *guest, struct ps_error *error)
{
	int status;

	if (waitpid(guest->pid, &status, WNOHANG) <= 0)
		return 0;
	guest->pid = 0;
	return ps_fail(error, PS_EXIT_REFUSED, 0, "partition %s: partvm ended by itself, %s %d",
		       guest->partition, WIFSIGNALED(status) ? "signal" : "status",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

void guest_stop(struct bench_guest *guest)
{
	child_stop(&guest->pid);
	if (guest->ram[0])
		unlink(guest->ram);
}

int launcher_start(struct bench_guest *guest, const char *name, struct launcher_marks *marks,
		   struct ps_error *error)
{
	const struct launcher_storm *storm = launcher_find(name);
	pid_t pid;

	if (!storm)
		return ps_fail(error, PS_EXIT_USAGE, 0, "no launcher does %s", name);
	pid = fork_child(error);
	if (pid < 0)
		return -1;
	if (!pid) {
		launcher_run(storm, guest->partition, marks);
		_exit(127);
	}
	guest->pid = pid;
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

int rt_start(unsigned int cpu, uint64_t from_ns, uint64_t every_ns, uint64_t spin_ns, pid_t *pid,
	     struct ps_error *error)
{
	const struct sched_param param = { .sched_priority = 99 };
	cpu_set_t set;
	pid_t child = fork_child(error);

	if (child < 0)
		return -1;
	if (!child) {
		prctl(PR_SET_NAME, "bench-rt");
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		if (sched_setaffinity(0, sizeof(set), &set) ||
		    sched_setscheduler(0, SCHED_FIFO, &param))
			_exit(1);
		for (uint64_t at_ns = from_ns;; at_ns += every_ns) {
			const struct timespec at = {
				.tv_sec = (time_t)(at_ns / NSEC_PER_SEC),
				.tv_nsec = (long)(at_ns % NSEC_PER_SEC),
			};

			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
			while (now_ns() < at_ns + spin_ns)
				;
		}
	}
	*pid = child;
	return 0;
}

int busy_start(unsigned int cpu, pid_t *pid, struct ps_error *error)
{
	cpu_set_t set;
	pid_t child = fork_child(error);

	if (child < 0)
		return -1;
	if (!child) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			_exit(1);
		for (;;)
			__asm__ volatile("" : : : "memory");
	}
	*pid = child;
	return 0;
}

void child_stop(pid_t *pid)
{
	if (!*pid)
		return;
	kill(*pid, SIGKILL);
	while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		;
	*pid = 0;
}
