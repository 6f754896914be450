// SPDX-License-Identifier: GPL-2.0
/*
 * guest-start - starting guests, and waiting until the plan has them
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
#include "guest.h"
#include "process.h"
#include "state.h"

/* emulated machines take seconds where real ones take milliseconds */
#define ATTACH_MS	60000
#define PROGRESS_MS	2000
#define POLL_MS		20
#define LOG_TAIL	2048

static char *executable(char *path)
{
	if (!access(path, X_OK))
		return path;
	free(path);
	return NULL;
}

char *guests_launcher(void)
{
	char self[4096], *found, *path, *dir, *save = NULL;
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
	if (found)
		return found;
	path = ps_strdup(getenv("PATH"));
	for (dir = path ? strtok_r(path, ":", &save) : NULL; dir && !found;
	     dir = strtok_r(NULL, ":", &save)) {
		/* an empty or relative entry would depend on where we stand */
		if (*dir == '/')
			found = executable(ps_asprintf("%s/partvm", dir));
	}
	free(path);
	return found;
}

/* In the child: become a daemon with its own log, then the launcher. */
__attribute__((noreturn))
static void become(char **argv, const char *log, const char *console)
{
	int null = open("/dev/null", O_RDONLY);
	int out = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_APPEND, 0640);
	int old = open(console, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	sigset_t none;

	(void)old;
	if (null < 0 || out < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(126);
	if (null > STDERR_FILENO)
		close(null);
	if (out > STDERR_FILENO)
		close(out);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (chdir("/"))
		_exit(126);
	execv(argv[0], argv);
	dprintf(STDERR_FILENO, "%s: cannot be run: %s\n", argv[0], strerror(errno));
	_exit(126);
}

static void fail_guest(struct guest *guest, char *reason)
{
	guest->fate = GUEST_FAILED;
	free(guest->reason);
	guest->reason = reason;
}

/* Remember the process, so that later loads and unload find it. */
static void write_record(const struct guest *guest)
{
	char *path = state_path(guest->name, ".guest");
	FILE *file;

	unlink(path);
	file = fopen(path, "wxe");
	if (!file || fprintf(file, "%d %" PRIu64 "\n%s", (int)guest->pid, guest->ticks,
			     guest->key) < 0)
		fprintf(stderr, "partctl: %s: %s; unload will not find this guest\n",
			PS_SAFE(path), strerror(errno));
	if (file && fclose(file))
		fprintf(stderr, "partctl: %s: %s\n", PS_SAFE(path), strerror(errno));
	free(path);
}

static void start(struct guest *guest, const char *launcher)
{
	const struct ps_partition *p = guest->partition;
	char *binary = realpath(p->binary, NULL);
	char *vcpus = ps_asprintf("%zu", p->nr_vcpus);
	char *memory = ps_asprintf("%" PRIu64, p->memory);
	char *ram = state_path(guest->name, ".ram");
	char *console = state_path(guest->name, ".console");
	char *log = state_path(guest->name, ".log");
	char *pid_file = state_path(guest->name, ".pid");
	char *argv[] = {
		(char *)launcher, "--name", guest->name, "--vcpus", vcpus, "--memory", memory,
		"--ram", ram, "--console", console, "--pid-file", pid_file,
		"--attach", guest->name, NULL, NULL, NULL, NULL, NULL, NULL,
	};
	size_t nr = 0;

	while (argv[nr])
		nr++;
	if (p->halt_exits)
		argv[nr++] = "--halt-exits";
	if (guest->set_schedule) {
		argv[nr++] = "--set-schedule";
		argv[nr++] = guest->set_schedule;
	}
	argv[nr++] = "--";
	argv[nr] = binary ? binary : p->binary;

	fflush(NULL);
	guest->pid = fork();
	if (!guest->pid)
		become(argv, log, console);
	if (guest->pid < 0) {
		guest->pid = 0;
		fail_guest(guest, ps_asprintf("no process for it: %s", strerror(errno)));
	} else {
		guest->child = true;
		guest->ticks = process_start_ticks(guest->pid);
		write_record(guest);
	}
	free(binary);
	free(vcpus);
	free(memory);
	free(ram);
	free(console);
	free(log);
	free(pid_file);
}

/* The last line that a launcher has left in its log, made safe; or NULL. */
static char *last_words(const struct guest *guest)
{
	char *path = state_path(guest->name, ".log"), *words = NULL, *line;
	char tail[LOG_TAIL + 1], safe[1024];
	FILE *file = fopen(path, "re");
	size_t len = 0;

	if (file) {
		if (fseek(file, -LOG_TAIL, SEEK_END))
			rewind(file);
		len = fread(tail, 1, LOG_TAIL, file);
		fclose(file);
	}
	while (len && (tail[len - 1] == '\n' || tail[len - 1] == '\0'))
		len--;
	tail[len] = '\0';
	if (len) {
		line = strrchr(tail, '\n');
		words = ps_strdup(ps_escape(safe, sizeof(safe), line ? line + 1 : tail));
	}
	free(path);
	return words;
}

/* Has a guest ended already? Then its fate is sealed. */
static bool ended(struct guest *guest)
{
	char *words, *path;
	int status;

	if (waitpid(guest->pid, &status, WNOHANG) != guest->pid)
		return false;
	if (WIFEXITED(status) && !WEXITSTATUS(status)) {
		guest->fate = GUEST_ENDED;
	} else {
		words = last_words(guest);
		if (WIFEXITED(status))
			fail_guest(guest, ps_asprintf("its launcher ended with status %d: %s",
						      WEXITSTATUS(status),
						      words ? words : "it left no message"));
		else
			fail_guest(guest, ps_asprintf("its launcher was killed by signal %d",
						      WTERMSIG(status)));
		free(words);
	}
	guest->pid = 0;
	path = state_path(guest->name, ".guest");
	unlink(path);
	free(path);
	return true;
}

/* Are all its vCPUs under the plan? */
static bool attached(const struct guest *guest, const struct ps_vcpu_info *vcpus, size_t nr)
{
	size_t i, seen = 0;

	for (i = 0; i < nr; i++) {
		if (!strcmp(vcpus[i].partition, guest->name) &&
		    vcpus[i].attach_state == PARTSCHED_ATTACH_ATTACHED &&
		    process_has_thread(guest->pid, (pid_t)vcpus[i].tid))
			seen++;
	}
	return seen == guest->partition->nr_vcpus;
}

static void tell_progress(const struct guests *guests, const bool *waits)
{
	size_t i;

	fputs("partctl: waiting for guests to come under the plan:", stderr);
	for (i = 0; i < guests->nr; i++) {
		if (waits[i])
			fprintf(stderr, " %s", PS_SAFE(guests->list[i].name));
	}
	fputc('\n', stderr);
}

size_t guests_start(struct guests *guests, const char *launcher, struct ps_kernel *kernel)
{
	bool *waits = ps_calloc(guests->nr, sizeof(*waits));
	size_t i, left = 0, failed = 0, nr;
	struct ps_vcpu_info *vcpus;
	struct ps_error error;
	long ms;

	for (i = 0; i < guests->nr; i++) {
		guests->list[i].fate = GUEST_STARTED;
		start(&guests->list[i], launcher);
		waits[i] = guests->list[i].pid > 0;
		left += waits[i];
	}
	for (ms = 0; left && ms < ATTACH_MS; ms += POLL_MS) {
		nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000 }, NULL);
		if (ps_kernel_vcpus(kernel, &vcpus, &nr, &error)) {
			fprintf(stderr, "partctl: %s\n", error.text);
			break;
		}
		for (i = 0; i < guests->nr; i++) {
			if (waits[i] && (attached(&guests->list[i], vcpus, nr) ||
					 ended(&guests->list[i]))) {
				waits[i] = false;
				left--;
			}
		}
		free(vcpus);
		if (left && ms == PROGRESS_MS)
			tell_progress(guests, waits);
	}
	for (i = 0; i < guests->nr; i++) {
		/* one that has crashed while others were waited for */
		if (!waits[i] && guests->list[i].pid)
			ended(&guests->list[i]);
		if (waits[i])
			fail_guest(&guests->list[i],
				   ps_asprintf("not all of its vCPUs are under the plan after %d s; see " STATE_DIR "/%s.log",
					       ATTACH_MS / 1000, PS_SAFE(guests->list[i].name)));
		failed += guests->list[i].fate == GUEST_FAILED;
	}
	free(waits);
	return failed;
}
