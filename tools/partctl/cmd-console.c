// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-console - partctl console: a terminal at a guest's console
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "partctl.h"
#include "state.h"

#define DETACH_KEY	0x1d	/* Ctrl-] */

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* A terminal that shows what is typed as the guest wants it, and gives it every key. */
static bool make_raw(struct termios *before)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, before))
		return false;
	raw = *before;
	cfmakeraw(&raw);
	return !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static int write_all(int fd, const char *data, size_t len)
{
	ssize_t done;

	while (len) {
		done = write(fd, data, len);
		if (done < 0 && errno == EINTR && !stopped)
			continue;
		if (done < 0)
			return -1;
		data += done;
		len -= (size_t)done;
	}
	return 0;
}

/* Return: 1: go on, 0: the end, by the key, or of what was piped in; -1. */
static int type(int console, bool raw)
{
	char data[512], *key;
	ssize_t got = read(STDIN_FILENO, data, sizeof(data));

	if (got <= 0)
		return got < 0 && errno == EINTR ? 1 : 0;
	key = raw ? memchr(data, DETACH_KEY, (size_t)got) : NULL;
	if (key)
		got = key - data;
	if (write_all(console, data, (size_t)got))
		return -1;
	return !key;
}

/* Return: 1: go on, 0: the guest's end. */
static int show(int console)
{
	char data[4096];
	ssize_t got = read(console, data, sizeof(data));

	if (got <= 0)
		return got < 0 && errno == EINTR;
	return write_all(STDOUT_FILENO, data, (size_t)got) ? -1 : 1;
}

static const char *talk(int console, bool raw)
{
	struct pollfd fds[2] = {
		{ .fd = console, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	int rc;

	while (!stopped) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[1].revents) {
			rc = type(console, raw);
			if (rc < 0)
				return "its QEMU has gone";
			if (!rc && raw)
				return "detached";
			/* what was piped in is said; the answer may be still to come */
			if (!rc)
				fds[1].fd = -1;
		}
		if (fds[0].revents && show(console) <= 0)
			return "its QEMU has gone";
	}
	return "interrupted";
}

/* One terminal at a time: QEMU would let another one wait without a word. */
static int take_turn(const char *name, const char *suffix, struct ps_error *error)
{
	char *path = state_path(name, suffix);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc = 0;

	if (fd < 0)
		rc = ps_fail(error, errno == EACCES ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED, errno,
			     "partition \"%s\": has no console: %s: %s", PS_SAFE(name),
			     PS_SAFE(path), strerror(errno));
	else if (flock(fd, LOCK_EX | LOCK_NB))
		rc = ps_fail(error, PS_EXIT_REFUSED, EBUSY,
			     "partition \"%s\": somebody else is at this console", PS_SAFE(name));
	free(path);
	return rc;
}

static int connect_to(const char *name, const char *suffix, struct ps_error *error)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char *path = state_path(name, suffix);
	int fd, err;

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to))) {
		err = errno;
		if (fd >= 0)
			close(fd);
		fd = ps_fail(error, err == EACCES ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED, err,
			     err == ENOENT || err == ECONNREFUSED ?
			     "partition \"%s\": no QEMU of it runs that partctl has started; what a lean guest says is in " STATE_DIR "/NAME.console" :
			     "partition \"%s\": %s", PS_SAFE(name), strerror(err));
	}
	free(path);
	return fd;
}

int cmd_console(const struct verb *verb, int argc, char **argv)
{
	bool hvc = false, raw;
	const struct option_spec specs[] = {
		{ "virtio", 0, NULL, &hvc },
		{ 0 },
	};
	const struct sigaction action = { .sa_handler = on_signal };
	struct termios before;
	struct ps_error error;
	const char *name, *why;
	int console;

	name = argv[verb_options(verb, argc, argv, specs)];
	if (strchr(name, '/'))
		usage_error(verb, "console: \"%s\" is no name of a partition", PS_SAFE(name));
	console = connect_to(name, hvc ? ".hvc" : ".tty", &error);
	if (console < 0 || take_turn(name, hvc ? ".hvc-console" : ".console", &error))
		return fail_with(&error);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	raw = make_raw(&before);
	if (raw)
		fprintf(stderr, "partctl: console of \"%s\"; Ctrl-] leaves it\r\n", PS_SAFE(name));
	why = talk(console, raw);
	if (raw) {
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
		fprintf(stderr, "\npartctl: %s\n", why);
	}
	close(console);
	return PS_EXIT_DONE;
}
