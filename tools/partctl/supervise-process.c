// SPDX-License-Identifier: GPL-2.0
/*
 * supervise-process - is there somebody who supervises? Starting and ending it
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "process.h"
#include "state.h"
#include "supervise.h"
#include "supervise-priv.h"

#define START_MS	30000
#define STOP_MS		10000
#define POLL_MS		10

static void pause_poll(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000 }, NULL);
}

/* Does somebody hold the lock? Asking does not take it from anybody. */
static bool locked(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

/* Who supervises, and did supervise_ensure() start it? */
static pid_t find(bool *daemon)
{
	int fd = open(SUPERVISE_PID, O_RDONLY | O_CLOEXEC), pid = 0;
	uint64_t ticks = 0;
	char line[64] = "";

	if (fd < 0)
		return 0;
	if (locked(fd) && read(fd, line, sizeof(line) - 1) > 0 &&
	    (sscanf(line, "%d %" SCNu64, &pid, &ticks) != 2 ||
	     process_start_ticks(pid) != ticks))
		pid = 0;
	close(fd);
	*daemon = strstr(line, SUPERVISE_DAEMON);
	return pid;
}

pid_t supervise_pid(void)
{
	bool daemon;

	return find(&daemon);
}

/* In the child: a process of its own, then the command that supervises. */
__attribute__((noreturn))
static void become(void)
{
	char *argv[] = { (char *)"partctl", (char *)"supervise", (char *)"--daemon", NULL };
	int null = open("/dev/null", O_RDONLY);
	int out = open(SUPERVISE_LOG, O_WRONLY | O_CREAT | O_NOFOLLOW | O_APPEND, 0640);
	sigset_t none;

	if (null < 0 || out < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(126);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (chdir("/"))
		_exit(126);
	execv("/proc/self/exe", argv);
	dprintf(STDERR_FILENO, "partctl: cannot be run: %s\n", strerror(errno));
	_exit(126);
}

int supervise_ensure(struct ps_error *error)
{
	int status = 0;
	pid_t pid;
	long ms;

	if (supervise_pid())
		return 0;
	fflush(NULL);
	pid = fork();
	if (!pid)
		become();
	if (pid < 0)
		return ps_fail(error, PS_EXIT_REFUSED, errno,
			       "no process that supervises the guests: %s", strerror(errno));
	for (ms = 0; ms < START_MS; ms += POLL_MS) {
		bool gone = waitpid(pid, &status, WNOHANG) == pid;

		/* somebody else's is as good */
		if (supervise_pid())
			return 0;
		if (gone)
			return ps_fail(error, PS_EXIT_REFUSED, ECHILD,
				       "the process that supervises the guests has ended with status %d; see " SUPERVISE_LOG,
				       WIFEXITED(status) ? WEXITSTATUS(status) :
				       128 + WTERMSIG(status));
		pause_poll();
	}
	return ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT,
		       "the process that supervises the guests, %d, is not ready after %d s",
		       (int)pid, START_MS / 1000);
}

int supervise_stop(bool all, struct ps_error *error)
{
	bool daemon = false;
	pid_t pid = find(&daemon);
	long ms;

	if (!pid || (!all && !daemon))
		return 0;
	kill(pid, SIGTERM);
	for (ms = 0; ms < STOP_MS; ms += POLL_MS) {
		if (supervise_pid() != pid)
			return 0;
		pause_poll();
	}
	return ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT,
		       "the process that supervises the guests, %d, does not end", (int)pid);
}
