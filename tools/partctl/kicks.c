// SPDX-License-Identifier: GPL-2.0
/*
 * kicks - processes that serve a QEMU the kicks of its ports
 */
#include "kicks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "qemu-ports.h"
#include "state.h"

#define RECORD		".server"
#define START_MS	10000
#define END_MS		2000
#define POLL_MS		10

static void pause_poll(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000 }, NULL);
}

/* Ask, wait, kill. It holds nothing that could get lost. */
static void end(const char *record)
{
	pid_t pid = state_process(record);
	long ms;

	for (ms = 0; pid && ms < END_MS; ms += POLL_MS) {
		if (!ms)
			kill(pid, SIGTERM);
		pause_poll();
		pid = state_process(record);
	}
	if (pid)
		kill(pid, SIGKILL);
	unlink(record);
}

/*
 * In the child: a process of its own, which nobody waits for, then the command that
 * serves.
 */
__attribute__((noreturn))
static void become(const char *port, const char *socket, const char *record, const char *log)
{
	char *argv[] = {
		(char *)"partctl", (char *)"port", (char *)"serve", (char *)port,
		(char *)"--socket", (char *)socket, NULL,
	};
	int null = open("/dev/null", O_RDONLY);
	int out = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_APPEND, 0640);
	struct ps_error error;
	sigset_t none;

	if (fork())
		_exit(0);
	setsid();
	if (state_record_process(record, getpid(), &error) || null < 0 || out < 0 ||
	    dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(126);
	umask(077);
	signal(SIGHUP, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (chdir("/"))
		_exit(126);
	execv("/proc/self/exe", argv);
	_exit(126);
}

/* The first line of its log is that it serves, or why it does not. */
static bool has_spoken(const char *log, char *line, size_t size)
{
	FILE *file = fopen(log, "re");
	bool whole = false;

	*line = '\0';
	if (file) {
		whole = fgets(line, (int)size, file) && strchr(line, '\n');
		fclose(file);
	}
	line[strcspn(line, "\n")] = '\0';
	return whole;
}

static int start(const char *port, const char *socket, const char *record, const char *log,
		 struct ps_error *error)
{
	char line[256];
	bool gone = false;
	pid_t pid;
	long ms;

	unlink(log);
	fflush(NULL);
	pid = fork();
	if (!pid)
		become(port, socket, record, log);
	if (pid < 0)
		return ps_fail(error, PS_EXIT_REFUSED, errno, "kicks of %s: %s", PS_SAFE(port),
			       strerror(errno));
	waitpid(pid, NULL, 0);
	for (ms = 0; ms < START_MS && !gone; ms += POLL_MS) {
		pause_poll();
		/* it has made its record before anything else */
		gone = !access(record, F_OK) && !state_process(record);
		if (!gone && has_spoken(log, line, sizeof(line)) && !access(socket, F_OK))
			return 0;
	}
	has_spoken(log, line, sizeof(line));
	end(record);
	return ps_fail(error, PS_EXIT_REFUSED, ECHILD, "kicks of %s are not served: %s",
		       PS_SAFE(port), *line ? PS_SAFE(line) : "no word of the server");
}

char *kicks_serve(const char *port, struct ps_error *error)
{
	char *socket = state_path(port, QEMU_PORTS_KICKS), *record = state_path(port, RECORD);
	char *log = state_path(port, ".kicks.log");
	int rc;

	end(record);
	rc = start(port, socket, record, log, error);
	free(record);
	free(log);
	if (!rc)
		return socket;
	free(socket);
	return NULL;
}

/* Of a server, or the page of a port that has no kicks. */
static int is_of_a_port(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && dot != entry->d_name &&
	       (!strcmp(dot, RECORD) || !strcmp(dot, QEMU_PORTS_PAGE));
}

void kicks_end(const char *partition)
{
	struct dirent **entries;
	size_t len = strlen(partition);
	int nr = scandir(STATE_DIR, &entries, is_of_a_port, NULL), i;

	for (i = 0; i < nr; i++) {
		if (!strncmp(entries[i]->d_name, partition, len) && entries[i]->d_name[len] == '.') {
			char *path = state_path(NULL, entries[i]->d_name);

			end(path);
			free(path);
		}
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
}
