// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-port-data - messages read and written through a port's device
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/partsched_device.h>

#include "alloc.h"
#include "port.h"

/* A port that is open. */
struct open_port {
	struct ps_port_info info;
	char *path;
	int fd;
	unsigned char *message;
	size_t size;		/* of the message in it */
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int fail_errno(const struct open_port *port, const char *what, struct ps_error *error)
{
	int err = errno;
	bool denied = err == EACCES || err == EPERM;

	return ps_fail(error, denied ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED, err, "%s: %s: %s",
		       PS_SAFE(port->path), what,
		       err == ENODEV ? "the plan that had it is gone" : strerror(err));
}

static void close_port(struct open_port *port)
{
	if (port->fd >= 0)
		close(port->fd);
	free(port->message);
	free(port->path);
}

static int open_port(const struct port_call *call, bool write, struct open_port *port,
		     struct ps_error *error)
{
	bool source;

	*port = (struct open_port){ .fd = -1 };
	if (port_find(call, &port->info, error))
		return -1;
	source = port->info.direction == PARTSCHED_PORT_SOURCE;
	if (source != write)
		return ps_fail(error, PS_EXIT_REFUSED, EINVAL,
			       "port \"%s\" is a %s: messages are %s", PS_SAFE(call->name),
			       source ? "source" : "destination",
			       source ? "written to it, and read at the other end" :
			       "read from it, and written at the other end");
	port->path = port_path(&port->info);
	port->message = ps_calloc(port->info.max_message, 1);
	port->fd = port_open(&port->info, (write ? O_WRONLY : O_RDONLY) | O_NONBLOCK, error);
	if (port->fd >= 0)
		return 0;
	close_port(port);
	return -1;
}

/* What a guest does wakes nobody: look again soon. */
static void pause_for(const struct open_port *port, short events)
{
	struct pollfd fd = { .fd = port->fd, .events = events };

	poll(&fd, 1, PARTSCHED_PORT_POLL_MS);
	/* it hangs up: the next call says why */
	if (fd.revents & ~events)
		usleep(PARTSCHED_PORT_POLL_MS * 1000);
}

/*
 * Take a message, and wait for one if there is none.
 *
 * Return: 1 for a message, 0 when time ran out, -1 on failure.
 */
static int take(struct open_port *port, uint64_t until_ns, struct ps_error *error)
{
	for (;;) {
		ssize_t got = read(port->fd, port->message, port->info.max_message);

		if (got >= 0) {
			port->size = (size_t)got;
			return 1;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != ENODATA)
			return fail_errno(port, "read", error);
		if (now_ns() >= until_ns)
			return 0;
		pause_for(port, POLLIN);
	}
}

/* --------------------------------------------------------------------- messages */

static char *to_hex(const unsigned char *bytes, size_t size)
{
	char *text = ps_calloc(2 * size + 1, 1);
	size_t i;

	for (i = 0; i < size; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	return text;
}

/* Text as it is, all else as \xNN: nothing that a terminal obeys. */
static char *to_text(const unsigned char *bytes, size_t size)
{
	char *text = ps_calloc(4 * size + 1, 1), *to = text;
	size_t i;

	for (i = 0; i < size; i++) {
		if (bytes[i] == '\\')
			to += sprintf(to, "\\\\");
		else if (bytes[i] == '\n')
			to += sprintf(to, "\\n");
		else if (bytes[i] < 0x20 || bytes[i] >= 0x7f)
			to += sprintf(to, "\\x%02x", bytes[i]);
		else
			*to++ = (char)bytes[i];
	}
	return text;
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *found = strchr(digits, c | 0x20);

	return c && found ? (int)(found - digits) : -1;
}

static int from_hex(const struct port_call *call, const char *text, unsigned char *bytes,
		    size_t room, size_t *size)
{
	for (*size = 0; *text; text += 2) {
		int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);

		if (low < 0)
			usage_error(call->verb, "--hex: the message is no pairs of hexadecimal digits");
		if (*size == room)
			return -1;
		bytes[(*size)++] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

/* What the port says of its newest message; of a queue's, of the queue. */
static bool get_status(const struct open_port *port, struct partsched_port_status *status)
{
	return !ioctl(port->fd, PARTSCHED_IOC_PORT_STATUS, status);
}

static int print_message(const struct port_call *call, const struct open_port *port)
{
	bool sampling = port->info.type == PARTSCHED_PORT_SAMPLING;
	struct partsched_port_status status;
	struct out *out = call->out;
	bool known;
	char *text;

	if (call->raw)
		return fwrite(port->message, 1, port->size, stdout) != port->size || fflush(stdout);
	text = call->hex || out->json ? to_hex(port->message, port->size) :
					to_text(port->message, port->size);
	known = get_status(port, &status);
	if (out->json) {
		out_u64(out, "bytes", NULL, port->size);
		out_text(out, "hex", NULL, text);
		if (known && sampling) {
			out_u64(out, "number", NULL, status.nr_messages);
			out_u64(out, "timestamp_ns", NULL, status.last_ns);
			out_u64(out, "age_ns", NULL, status.age_ns);
			out_text(out, "validity", NULL, ps_validity_name(status.validity));
		} else if (known) {
			out_u64(out, "pending", NULL, status.pending);
			out_u64(out, "overflows", NULL, status.overflows);
		}
	} else {
		/* not by out_say(): a message may be longer than any sentence */
		puts(text);
		if (known && sampling && status.validity == PARTSCHED_VALIDITY_INVALID)
			fprintf(stderr,
				"partctl: the message is older than its refresh period: %" PRIu64 " ns\n",
				(uint64_t)status.age_ns);
	}
	free(text);
	return 0;
}

int port_read(const struct port_call *call, struct ps_error *error)
{
	struct open_port port;
	int rc;

	if (open_port(call, false, &port, error))
		return -1;
	rc = take(&port, now_ns() + call->timeout_ns, error);
	if (!rc)
		rc = ps_fail(error, PS_EXIT_REFUSED, EAGAIN, "%s: no message%s",
			     PS_SAFE(port.path), call->timeout_ns ? " came in time" : "");
	if (rc > 0)
		rc = print_message(call, &port) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
	close_port(&port);
	return rc;
}

static volatile sig_atomic_t interrupted;

static void on_signal(int signo)
{
	(void)signo;
	interrupted = 1;
}

/* Whether a sampling port has another message than the last one that was read. */
static bool is_new(const struct open_port *port)
{
	struct pollfd fd = { .fd = port->fd, .events = POLLIN };

	return port->info.type == PARTSCHED_PORT_QUEUING || poll(&fd, 1, 0) > 0;
}

int port_watch(const struct port_call *call, struct ps_error *error)
{
	const struct sigaction action = { .sa_handler = on_signal };
	uint64_t until_ns = UINT64_MAX, nr = 0;
	struct open_port port;
	int rc = 0;

	if (open_port(call, false, &port, error))
		return -1;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (call->timeout_ns)
		until_ns = now_ns() + call->timeout_ns;
	while (!interrupted && (!call->count || nr < call->count)) {
		rc = is_new(&port) ? take(&port, 0, error) : 0;
		if (rc < 0)
			break;
		if (rc) {
			nr++;
			if (print_message(call, &port) || (!call->raw && out_flush(call->out)) ||
			    fflush(stdout))
				break;
			continue;
		}
		if (now_ns() >= until_ns) {
			if (call->count)
				rc = ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT,
					     "%s: %" PRIu64 " of %" PRIu64 " messages came in time",
					     PS_SAFE(port.path), nr, call->count);
			break;
		}
		pause_for(&port, POLLIN);
	}
	close_port(&port);
	return rc < 0 ? -1 : PS_EXIT_DONE;
}

static int read_input(const struct port_call *call, struct open_port *port,
		      struct ps_error *error)
{
	size_t room = port->info.max_message, len;
	bool fits = true;

	if (call->text && call->hex) {
		fits = !from_hex(call, call->text, port->message, room, &port->size);
	} else if (call->text) {
		len = strlen(call->text);
		fits = len <= room;
		port->size = fits ? len : 0;
		memcpy(port->message, call->text, port->size);
	} else {
		port->size = fread(port->message, 1, room, stdin);
		if (ferror(stdin))
			return ps_fail(error, PS_EXIT_REFUSED, errno, "standard input: %s",
				       strerror(errno));
		fits = getc(stdin) == EOF;
	}
	if (fits && port->size)
		return 0;
	return ps_fail(error, PS_EXIT_REFUSED, fits ? EINVAL : EMSGSIZE,
		       fits ? "%s: an empty message cannot be written" :
		       "%s: the message is longer than the port allows (%" PRIu32 " bytes)",
		       PS_SAFE(port->path), port->info.max_message);
}

static int put(const struct open_port *port, uint64_t until_ns, struct ps_error *error)
{
	for (;;) {
		if (write(port->fd, port->message, port->size) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return fail_errno(port, "write", error);
		if (now_ns() >= until_ns)
			return ps_fail(error, PS_EXIT_REFUSED, EAGAIN, "%s: the queue is full",
				       PS_SAFE(port->path));
		pause_for(port, POLLOUT);
	}
}

int port_write(const struct port_call *call, struct ps_error *error)
{
	struct open_port port;
	int rc;

	if (call->hex && !call->text)
		usage_error(call->verb, "--hex: the message is to be an argument");
	if (open_port(call, true, &port, error))
		return -1;
	rc = read_input(call, &port, error);
	if (!rc)
		rc = put(&port, now_ns() + call->timeout_ns, error);
	if (!rc) {
		out_u64(call->out, "bytes", NULL, port.size);
		out_say(call->out, "%zu bytes written to %s", port.size, PS_SAFE(call->name));
	}
	close_port(&port);
	return rc ? -1 : PS_EXIT_DONE;
}
