/* SPDX-License-Identifier: GPL-2.0 */
/*
 * qmp - QEMU's monitor as programs speak to it: a line of JSON a message
 *
 * Nothing waits but qmp_call() and qmp_begin(), which have an end. What comes is
 * not trusted: a line has a greatest length and depth, and what is no message
 * ends the connection.
 */
#ifndef PS_QMP_H
#define PS_QMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "error.h"

/* The longest line that is taken, and what may wait to be sent. */
#define QMP_LINE_MAX	(256 * 1024)
#define QMP_SEND_MAX	(64 * 1024)
/* How deep objects may lie within objects. */
#define QMP_DEPTH_MAX	16

/**
 * struct qmp - a connection, opaque
 */
struct qmp;

/**
 * enum qmp_kind - what has come
 * @QMP_GREETING: a QEMU, which wants qmp_capabilities first
 * @QMP_RETURN: a command was carried out
 * @QMP_REFUSED: a command was not
 * @QMP_EVENT: something has happened
 */
enum qmp_kind {
	QMP_GREETING,
	QMP_RETURN,
	QMP_REFUSED,
	QMP_EVENT,
};

/**
 * struct qmp_message - what has come
 * @kind: what it is
 * @id: of the command that it is the answer to, 0: of none of ours
 * @name: of an event; the class of a refusal; otherwise ""
 * @text: of a refusal: why; otherwise ""
 * @data: what a command returns, an event's data; NULL where there is none
 *
 * All of it lives until the next message is taken, or the connection ends.
 */
struct qmp_message {
	enum qmp_kind kind;
	uint64_t id;
	const char *name;
	const char *text;
	struct json_object *data;
};

/**
 * qmp_open() - connect to a QEMU's socket
 * @path: the socket
 * @error: why not; its err is ENOENT or ECONNREFUSED where nobody listens (yet)
 *
 * Return: the connection, or NULL.
 */
struct qmp *qmp_open(const char *path, struct ps_error *error);

/**
 * qmp_of_fd() - a connection that exists
 * @fd: its socket, which becomes the connection's and does not block any more
 * @name: for sentences
 *
 * Return: the connection.
 */
struct qmp *qmp_of_fd(int fd, const char *name);

/**
 * qmp_close() - end a connection
 * @qmp: the connection, or NULL
 */
void qmp_close(struct qmp *qmp);

/**
 * qmp_fd() - what is to be waited for
 * @qmp: the connection
 *
 * Return: its socket.
 */
int qmp_fd(const struct qmp *qmp);

/**
 * qmp_poll_events() - for what it is to be waited
 * @qmp: the connection
 *
 * Return: events of poll().
 */
short qmp_poll_events(const struct qmp *qmp);

/**
 * qmp_peer() - who is at the other end
 * @qmp: the connection
 *
 * Return: the process that has made the socket, 0: not known.
 */
int qmp_peer(const struct qmp *qmp);

/**
 * qmp_send() - give a command
 * @qmp: the connection
 * @command: its name
 * @arguments: an object, which is the connection's from now on, or NULL
 * @id: receives its number, from 1; may be NULL
 * @error: why not
 *
 * Does not wait: what cannot be sent now is when qmp_receive() is called.
 *
 * Return: 0, or -1: the connection is of no use any more.
 */
int qmp_send(struct qmp *qmp, const char *command, struct json_object *arguments, uint64_t *id,
	     struct ps_error *error);

/**
 * qmp_receive() - take the next message
 * @qmp: the connection
 * @message: receives it
 * @error: why there is none
 *
 * Does not wait.
 *
 * Return: 1; 0: none has come yet; -1: the connection has ended, or is of no use
 * any more.
 */
int qmp_receive(struct qmp *qmp, struct qmp_message *message, struct ps_error *error);

/**
 * qmp_call() - give a command, and wait for what comes of it
 * @qmp: the connection; events that come meanwhile are dropped
 * @command: its name
 * @arguments: an object, which is the connection's from now on, or NULL
 * @timeout_ms: how long to wait
 * @data: receives what it returns, to be put; may be NULL
 * @error: why not
 *
 * Return: 0 or -1.
 */
int qmp_call(struct qmp *qmp, const char *command, struct json_object *arguments, int timeout_ms,
	     struct json_object **data, struct ps_error *error);

/**
 * qmp_begin() - take the greeting, and leave the negotiation
 * @qmp: the connection, of which nothing was taken yet
 * @timeout_ms: how long to wait
 * @error: why not: also that it is somebody else's turn
 *
 * Return: 0 or -1.
 */
int qmp_begin(struct qmp *qmp, int timeout_ms, struct ps_error *error);

/**
 * qmp_string() - a member of an object
 * @object: the object, or NULL, or none
 * @name: of the member
 *
 * Return: its text, "" where it has none, or too long a one to be a name.
 */
const char *qmp_string(struct json_object *object, const char *name);

/**
 * struct qmp_cpu - a vCPU of a QEMU
 * @index: its number
 * @tid: its thread, in QEMU's pid namespace
 */
struct qmp_cpu {
	uint32_t index;
	uint32_t tid;
};

/**
 * qmp_cpus() - read what query-cpus-fast returns
 * @data: that
 * @list: receives an array, to be freed
 * @nr: receives the number
 * @error: why not
 *
 * Return: 0, or -1 if it is not what it should be.
 */
int qmp_cpus(struct json_object *data, struct qmp_cpu **list, size_t *nr, struct ps_error *error);

#endif /* PS_QMP_H */
