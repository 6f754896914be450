// SPDX-License-Identifier: GPL-2.0
/*
 * guest-spawn - the process of a guest, and what it leaves behind
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "guest.h"
#include "process.h"
#include "qemu-args.h"
#include "state.h"

#define LOG_TAIL	2048

/* In the child: become a daemon with its own log, then the launcher. */
__attribute__((noreturn))
static void become(char **argv, const char *log, const char *const *consoles,
		   const struct guest_net *net)
{
	int null = open("/dev/null", O_RDONLY);
	int out = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_APPEND, 0640);
	sigset_t none;

	for (; *consoles; consoles++)
		(void)!open(*consoles, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	/* sockets are for their owner alone */
	umask(077);
	if (null < 0 || out < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(126);
	if (null > STDERR_FILENO)
		close(null);
	if (out > STDERR_FILENO)
		close(out);
	signal(SIGHUP, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (chdir("/"))
		_exit(126);
	if (net)
		guest_net_hand_on(net);
	execv(argv[0], argv);
	dprintf(STDERR_FILENO, "%s: cannot be run: %s\n", argv[0], strerror(errno));
	_exit(126);
}

/* Remember the process, so that later loads and unload find it. */
static void write_record(const struct guest *guest)
{
	char *path = state_path(guest->name, ".guest");
	char *text = ps_asprintf("%d %" PRIu64 "\n%s", (int)guest->pid, guest->ticks, guest->key);
	struct ps_error error;

	if (state_record(path, text, &error))
		fprintf(stderr, "partctl: %s; unload will not find this guest\n",
			PS_SAFE(error.text));
	free(text);
	free(path);
}

/* Words of PS_SERVICES, commas between; NULL: none. */
static char *services_of(const struct ps_partition *p)
{
	static const struct {
		uint32_t bit;
		const char *word;
	} services[] = {
#define S(number, name, word) { 1U << (number), word },
		PS_SERVICES(S)
#undef S
	};
	char *list = NULL;
	size_t i;

	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		char *longer;

		if (!(p->services & services[i].bit))
			continue;
		longer = ps_asprintf("%s%s%s", list ? list : "", list ? "," : "",
				     services[i].word);
		free(list);
		list = longer;
	}
	return list;
}

/*
 * Start a program, with its log, the files that its guest's consoles leave, and the
 * network interfaces that it has, or NULL.
 */
static int run(struct guest *guest, char **argv, const char *const *consoles,
	       const struct guest_net *net, struct ps_error *error)
{
	char *log = state_path(guest->name, ".log");
	int err;

	fflush(NULL);
	guest->pid = fork();
	err = errno;
	if (!guest->pid)
		become(argv, log, consoles, net);
	free(log);
	if (guest->pid < 0) {
		guest->pid = 0;
		return ps_fail(error, PS_EXIT_REFUSED, err, "no process: %s", strerror(err));
	}
	guest->child = true;
	guest->ticks = process_start_ticks(guest->pid);
	write_record(guest);
	return 0;
}

static int spawn_partvm(struct guest *guest, char *program, bool warm, struct ps_error *error)
{
	const struct ps_partition *p = guest->partition;
	char *binary = realpath(p->binary, NULL);
	char *vcpus = ps_asprintf("%zu", p->nr_vcpus);
	char *memory = ps_asprintf("%" PRIu64, p->memory);
	char *ram = state_path(guest->name, ".ram");
	char *console = state_path(guest->name, ".console");
	char *pid_file = state_path(guest->name, ".pid");
	char *control = state_path(guest->name, ".control");
	char *services = services_of(p);
	const char *const consoles[] = { console, NULL };
	char *argv[32] = {
		program, "--name", guest->name, "--vcpus", vcpus, "--memory", memory,
		"--ram", ram, "--console", console, "--pid-file", pid_file,
		"--attach", guest->name, "--control", control,
	};
	size_t nr = 0;
	int rc;

	while (argv[nr])
		nr++;
	if (p->halt_exits)
		argv[nr++] = "--halt-exits";
	if (guest->set_schedule) {
		argv[nr++] = "--set-schedule";
		argv[nr++] = guest->set_schedule;
	}
	if (services) {
		argv[nr++] = "--services";
		argv[nr++] = services;
	}
	if (warm) {
		argv[nr++] = "--start";
		argv[nr++] = "warm";
	} else {
		unlink(ram);	/* new memory, whoever has the old one still */
	}
	argv[nr++] = "--";
	argv[nr] = binary ? binary : p->binary;
	rc = run(guest, argv, consoles, NULL, error);
	free(binary);
	free(vcpus);
	free(memory);
	free(ram);
	free(console);
	free(pid_file);
	free(control);
	free(services);
	return rc;
}

static int spawn_qemu(struct guest *guest, const char *program, struct ps_kernel *kernel,
		      struct ps_error *error)
{
	char *tty = state_path(guest->name, ".console"), *hvc = state_path(guest->name, ".hvc-console");
	const char *const consoles[] = { tty, hvc, NULL };
	struct guest_net net;
	char **argv = NULL;
	int rc = guest_net_open(&net, guest->partition, error);

	if (!rc) {
		argv = guest_qemu_args(guest, program, kernel, &net, error);
		rc = argv ? run(guest, argv, consoles, &net, error) : -1;
		guest_net_close(&net);
	}
	if (argv)
		qemu_args_free(argv);
	free(tty);
	free(hvc);
	return rc;
}

int guest_spawn(struct guest *guest, struct ps_kernel *kernel, bool warm, struct ps_error *error)
{
	char *program = guest_program(guest->partition, error);
	int rc = -1;

	if (program)
		rc = guest->qemu ? spawn_qemu(guest, program, kernel, error) :
				   spawn_partvm(guest, program, warm, error);
	free(program);
	return rc;
}

char *guest_last_words(const char *name)
{
	char *path = state_path(name, ".log"), *words = NULL, *line;
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

char *guest_how_ended(const char *name, int status)
{
	char *words, *text;

	if (WIFSIGNALED(status))
		return ps_asprintf("its launcher was killed by signal %d", WTERMSIG(status));
	if (!WEXITSTATUS(status))
		return ps_strdup("its launcher ended");
	words = guest_last_words(name);
	text = ps_asprintf("its launcher ended with status %d: %s", WEXITSTATUS(status),
			   words ? words : "it left no message");
	free(words);
	return text;
}
