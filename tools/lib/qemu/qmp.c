// SPDX-License-Identifier: GPL-2.0
/*
 * qmp - QEMU's monitor as programs speak to it
 */
#include "qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"

#define READ_BYTES	4096
#define NAME_BYTES	256
#define MAX_CPUS	4096

struct qmp {
	int fd;
	char *name;
	char *in;		/* what has come, @len of @size bytes */
	size_t len, size;
	size_t scanned;		/* no newline before this */
	size_t taken;		/* the line before ends here */
	char *out;		/* what is still to be sent */
	size_t out_len;
	uint64_t next_id;
	struct json_tokener *tokener;
	struct json_object *message;
};

static int broken(const struct qmp *qmp, int err, const char *why, struct ps_error *error)
{
	return ps_fail(error, PS_EXIT_REFUSED, err, "%s: %s", PS_SAFE(qmp->name), why);
}

struct qmp *qmp_of_fd(int fd, const char *name)
{
	struct qmp *qmp = ps_calloc(1, sizeof(*qmp));

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	qmp->fd = fd;
	qmp->name = ps_strdup(name);
	qmp->next_id = 1;
	qmp->tokener = json_tokener_new_ex(QMP_DEPTH_MAX);
	if (!qmp->tokener) {
		fputs("out of memory\n", stderr);
		exit(PS_EXIT_REFUSED);
	}
	return qmp;
}

struct qmp *qmp_open(const char *path, struct ps_error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(address.sun_path)) {
		ps_fail(error, PS_EXIT_REFUSED, ENAMETOOLONG,
			"%s: a socket's path has %zu bytes at most", PS_SAFE(path),
			sizeof(address.sun_path) - 1);
		return NULL;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && !connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return qmp_of_fd(fd, path);
	err = errno;
	if (fd >= 0)
		close(fd);
	ps_fail(error, err == EACCES ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED, err, "%s: %s",
		PS_SAFE(path), err == ECONNREFUSED ? "nobody listens there" :
		err == EAGAIN ? "somebody else is connected, and others wait" : strerror(err));
	return NULL;
}

void qmp_close(struct qmp *qmp)
{
	if (!qmp)
		return;
	close(qmp->fd);
	json_object_put(qmp->message);
	json_tokener_free(qmp->tokener);
	free(qmp->name);
	free(qmp->in);
	free(qmp->out);
	free(qmp);
}

int qmp_fd(const struct qmp *qmp)
{
	return qmp->fd;
}

short qmp_poll_events(const struct qmp *qmp)
{
	return qmp->out_len ? POLLIN | POLLOUT : POLLIN;
}

int qmp_peer(const struct qmp *qmp)
{
	struct ucred peer = { .pid = 0 };
	socklen_t len = sizeof(peer);

	return getsockopt(qmp->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) ? 0 : peer.pid;
}

/* Send what can be sent. */
static int flush(struct qmp *qmp, struct ps_error *error)
{
	ssize_t sent;

	while (qmp->out_len) {
		sent = send(qmp->fd, qmp->out, qmp->out_len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return 0;
		if (sent < 0)
			return broken(qmp, errno, "the other end has gone", error);
		qmp->out_len -= (size_t)sent;
		memmove(qmp->out, qmp->out + sent, qmp->out_len);
	}
	return 0;
}

int qmp_send(struct qmp *qmp, const char *command, struct json_object *arguments, uint64_t *id,
	     struct ps_error *error)
{
	struct json_object *object = json_object_new_object();
	const char *text;
	size_t len;
	int rc;

	json_object_object_add(object, "execute", json_object_new_string(command));
	if (arguments)
		json_object_object_add(object, "arguments", arguments);
	json_object_object_add(object, "id", json_object_new_int64((int64_t)qmp->next_id));
	text = json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN, &len);
	if (qmp->out_len + len + 1 > QMP_SEND_MAX) {
		json_object_put(object);
		return broken(qmp, ENOBUFS, "does not take what is sent", error);
	}
	if (!qmp->out)
		qmp->out = ps_calloc(1, QMP_SEND_MAX);
	memcpy(qmp->out + qmp->out_len, text, len);
	qmp->out[qmp->out_len + len] = '\n';
	qmp->out_len += len + 1;
	json_object_put(object);
	rc = flush(qmp, error);
	if (id)
		*id = qmp->next_id;
	qmp->next_id++;
	return rc;
}

/* The next line, without its end; NULL: none is whole yet. */
static char *next_line(struct qmp *qmp, size_t *len)
{
	char *end;

	if (qmp->taken) {
		qmp->len -= qmp->taken;
		memmove(qmp->in, qmp->in + qmp->taken, qmp->len);
		qmp->scanned = 0;
		qmp->taken = 0;
	}
	end = qmp->len > qmp->scanned ?
		memchr(qmp->in + qmp->scanned, '\n', qmp->len - qmp->scanned) : NULL;
	qmp->scanned = qmp->len;
	if (!end)
		return NULL;
	*len = (size_t)(end - qmp->in);
	qmp->taken = *len + 1;
	return qmp->in;
}

/* Return: bytes, 0: nothing more for now, -1. */
static int fill(struct qmp *qmp, struct ps_error *error)
{
	ssize_t got;

	if (qmp->len >= QMP_LINE_MAX)
		return broken(qmp, EMSGSIZE, "sends a line without end", error);
	if (qmp->size - qmp->len < READ_BYTES) {
		char *longer = realloc(qmp->in, qmp->size + 4 * READ_BYTES);

		if (!longer)
			return broken(qmp, ENOMEM, "out of memory", error);
		qmp->in = longer;
		qmp->size += 4 * READ_BYTES;
	}
	do {
		got = recv(qmp->fd, qmp->in + qmp->len, READ_BYTES, MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	if (got > 0) {
		qmp->len += (size_t)got;
		return 1;
	}
	if (got < 0 && errno == EAGAIN)
		return 0;
	return broken(qmp, got ? errno : ECONNRESET, "the other end has gone", error);
}

static bool member(struct json_object *object, const char *name, struct json_object **value)
{
	return json_object_is_type(object, json_type_object) &&
	       json_object_object_get_ex(object, name, value);
}

const char *qmp_string(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!member(object, name, &value) || !json_object_is_type(value, json_type_string) ||
	    json_object_get_string_len(value) > NAME_BYTES)
		return "";
	return json_object_get_string(value);
}

/* A number of ours, 0 otherwise. */
static uint64_t id_of(const struct qmp *qmp, struct json_object *object)
{
	struct json_object *value;
	int64_t id;

	if (!member(object, "id", &value) || !json_object_is_type(value, json_type_int))
		return 0;
	id = json_object_get_int64(value);
	return id > 0 && (uint64_t)id < qmp->next_id ? (uint64_t)id : 0;
}

static bool read_message(struct qmp *qmp, struct qmp_message *message)
{
	struct json_object *object = qmp->message, *value;

	*message = (struct qmp_message){ .name = "", .text = "" };
	message->id = id_of(qmp, object);
	if (member(object, "event", &value)) {
		message->kind = QMP_EVENT;
		message->name = qmp_string(object, "event");
		member(object, "data", &message->data);
		return *message->name;
	}
	if (member(object, "return", &message->data)) {
		message->kind = QMP_RETURN;
		return true;
	}
	if (member(object, "error", &value)) {
		message->kind = QMP_REFUSED;
		message->name = qmp_string(value, "class");
		message->text = qmp_string(value, "desc");
		return true;
	}
	message->kind = QMP_GREETING;
	return member(object, "QMP", &message->data);
}

static int parse(struct qmp *qmp, const char *line, size_t len, struct qmp_message *message,
		 struct ps_error *error)
{
	json_object_put(qmp->message);
	json_tokener_reset(qmp->tokener);
	qmp->message = json_tokener_parse_ex(qmp->tokener, line, (int)len);
	if (json_tokener_get_error(qmp->tokener) != json_tokener_success ||
	    json_tokener_get_parse_end(qmp->tokener) < len ||
	    !json_object_is_type(qmp->message, json_type_object) || !read_message(qmp, message))
		return broken(qmp, EPROTO, "speaks no QMP", error);
	return 1;
}

int qmp_receive(struct qmp *qmp, struct qmp_message *message, struct ps_error *error)
{
	char *line;
	size_t len = 0;
	int rc;

	if (flush(qmp, error))
		return -1;
	for (;;) {
		line = next_line(qmp, &len);
		if (line) {
			while (len && (line[len - 1] == '\r' || line[len - 1] == ' '))
				len--;
			if (len)
				return parse(qmp, line, len, message, error);
			continue;
		}
		rc = fill(qmp, error);
		if (rc <= 0)
			return rc;
	}
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wait until something is to be done, or for the end of patience. */
static int wait_for(struct qmp *qmp, int64_t until_ms, const char *what, struct ps_error *error)
{
	struct pollfd pfd = { .fd = qmp->fd, .events = qmp_poll_events(qmp) };
	int64_t left = until_ms - now_ms();

	if (left <= 0)
		return ps_fail(error, PS_EXIT_REFUSED, ETIMEDOUT, "%s: no answer to %s",
			       PS_SAFE(qmp->name), what);
	if (poll(&pfd, 1, left > INT_MAX ? INT_MAX : (int)left) < 0 && errno != EINTR)
		return broken(qmp, errno, strerror(errno), error);
	return 0;
}

int qmp_call(struct qmp *qmp, const char *command, struct json_object *arguments, int timeout_ms,
	     struct json_object **data, struct ps_error *error)
{
	int64_t until_ms = now_ms() + timeout_ms;
	struct qmp_message message;
	uint64_t id;
	int got;

	if (qmp_send(qmp, command, arguments, &id, error))
		return -1;
	for (;;) {
		got = qmp_receive(qmp, &message, error);
		if (got < 0 || (!got && wait_for(qmp, until_ms, command, error)))
			return -1;
		if (!got || message.id != id)
			continue;
		if (message.kind == QMP_REFUSED)
			return ps_fail(error, PS_EXIT_REFUSED, EINVAL, "%s: %s: %s",
				       PS_SAFE(qmp->name), command, PS_SAFE(message.text));
		if (data)
			*data = json_object_get(message.data);
		return 0;
	}
}

int qmp_begin(struct qmp *qmp, int timeout_ms, struct ps_error *error)
{
	int64_t until_ms = now_ms() + timeout_ms, left;
	struct qmp_message message;
	int got;

	for (;;) {
		got = qmp_receive(qmp, &message, error);
		if (got < 0)
			return -1;
		if (got && message.kind == QMP_GREETING)
			break;
		/* a socket of QEMU's serves one after the other */
		if (!got && wait_for(qmp, until_ms,
				     "the connection: is somebody else connected?", error))
			return -1;
	}
	left = until_ms - now_ms();
	return qmp_call(qmp, "qmp_capabilities", NULL, left > 0 ? (int)left : 0, NULL, error);
}

/* A number from 0 to @max, or -1. */
static int64_t number(struct json_object *object, const char *name, int64_t max)
{
	struct json_object *value;
	int64_t n;

	if (!member(object, name, &value) || !json_object_is_type(value, json_type_int))
		return -1;
	n = json_object_get_int64(value);
	return n < 0 || n > max ? -1 : n;
}

int qmp_cpus(struct json_object *data, struct qmp_cpu **list, size_t *nr, struct ps_error *error)
{
	size_t count, i;

	*list = NULL;
	*nr = 0;
	count = json_object_is_type(data, json_type_array) ? json_object_array_length(data) : 0;
	if (!count || count > MAX_CPUS)
		return ps_fail(error, PS_EXIT_REFUSED, EPROTO,
			       "query-cpus-fast: the answer has no list of vCPUs");
	for (i = 0; i < count; i++) {
		struct json_object *entry = json_object_array_get_idx(data, i);
		int64_t index = number(entry, "cpu-index", UINT16_MAX);
		int64_t tid = number(entry, "thread-id", INT32_MAX);
		struct qmp_cpu *cpu;

		if (index < 0 || tid < 1) {
			free(*list);
			*list = NULL;
			*nr = 0;
			return ps_fail(error, PS_EXIT_REFUSED, EPROTO,
				       "query-cpus-fast: a vCPU without number or thread");
		}
		cpu = ps_grow(list, nr, sizeof(*cpu));
		cpu->index = (uint32_t)index;
		cpu->tid = (uint32_t)tid;
	}
	return 0;
}
