// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the QMP client, with a server that is made up.
 *
 *   qmp [DIRECTORY]             KTAP on standard output, status 1 on a failure
 *
 * DIRECTORY is passed over: all unit tests are called alike.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "claim.h"
#include "qmp.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n"
/* long for a test, short for a machine that is loaded */
#define PATIENCE_MS 60000

/* A connection whose other end is @server. */
static struct qmp *connect_to(int *server)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		abort();
	*server = fds[1];
	return qmp_of_fd(fds[0], "test");
}

static void say(int server, const char *text)
{
	if (send(server, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
		abort();
}

/* What has come from a client, as far as it was sent. */
static const char *heard(int server)
{
	static char text[4096];
	ssize_t got = recv(server, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[got > 0 ? got : 0] = '\0';
	return text;
}

static void messages_are_told_apart(void)
{
	struct qmp_message message;
	struct ps_error error;
	int server;
	struct qmp *qmp = connect_to(&server);
	uint64_t id;

	CLAIM(qmp_receive(qmp, &message, &error) == 0, "nothing has come yet");
	say(server, GREETING);
	CLAIM(qmp_receive(qmp, &message, &error) == 1 && message.kind == QMP_GREETING, "greeting");
	CLAIM(!qmp_send(qmp, "stop", NULL, &id, &error) && id == 1, "sent");
	CLAIM(!strcmp(heard(server), "{\"execute\":\"stop\",\"id\":1}\n"), "as QEMU wants it");
	say(server, "{\"timestamp\": {}, \"event\": \"STOP\"}\r\n"
	    "{\"return\": {\"a\": \"b\"}, \"id\": 1}\r\n"
	    "{\"id\": 1, \"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\r\n"
	    "{\"event\": \"RESET\", \"data\": {\"guest\": true}}\r\n");
	CLAIM(qmp_receive(qmp, &message, &error) == 1 && message.kind == QMP_EVENT &&
	      !strcmp(message.name, "STOP") && !message.data, "event");
	CLAIM(qmp_receive(qmp, &message, &error) == 1 && message.kind == QMP_RETURN &&
	      message.id == 1 && !strcmp(qmp_string(message.data, "a"), "b"), "return");
	CLAIM(qmp_receive(qmp, &message, &error) == 1 && message.kind == QMP_REFUSED &&
	      message.id == 1 && !strcmp(message.text, "no"), "error");
	CLAIM(qmp_receive(qmp, &message, &error) == 1 && message.kind == QMP_EVENT &&
	      message.data, "event with data");
	CLAIM(qmp_receive(qmp, &message, &error) == 0, "no more");
	close(server);
	CLAIM(qmp_receive(qmp, &message, &error) == -1 && error.err == ECONNRESET, "gone");
	qmp_close(qmp);
}

static void message_may_come_byte_by_byte(void)
{
	static const char text[] = "{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"guest-panic\"}}\r\n";
	struct qmp_message message;
	struct ps_error error;
	int server, got = 0;
	struct qmp *qmp = connect_to(&server);
	size_t i;

	for (i = 0; text[i]; i++) {
		CLAIM(!got, "too early, at %zu", i);
		say(server, (char[]){ text[i], '\0' });
		got = qmp_receive(qmp, &message, &error);
	}
	CLAIM(got == 1 && !strcmp(qmp_string(message.data, "reason"), "guest-panic"), "whole");
	close(server);
	qmp_close(qmp);
}

/* Claim that a line ends the connection, with a sentence. */
static void refuses(const char *text, size_t len)
{
	struct qmp_message message;
	struct ps_error error = { 0 };
	int server, got;
	struct qmp *qmp = connect_to(&server);

	if (send(server, text, len, 0) != (ssize_t)len || send(server, "\n", 1, 0) != 1)
		abort();
	got = qmp_receive(qmp, &message, &error);
	CLAIM(got == -1 && *error.text, "%.40s: %d", text, got);
	close(server);
	qmp_close(qmp);
}

static void what_is_no_message_ends_the_connection(void)
{
	static const char *const lines[] = {
		"hello", "[]", "7", "null", "\"event\"", "{}", "{\"event\": 7}", "{\"event\": \"\"}",
		"{\"return\": {}} {\"return\": {}}", "{\"return\": {}", "{\"return\": {}}}",
		"{\"x\": [[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]}", "{'event': \"\\u0000\"",
	};
	size_t i;

	for (i = 0; i < NR(lines); i++)
		refuses(lines[i], strlen(lines[i]));
	refuses("{\"event\": \"A\0B\"}", 16);
	refuses("\xff\xfe{}", 4);
}

static void line_without_end_ends_the_connection(void)
{
	char block[4096];
	struct qmp_message message;
	struct ps_error error;
	int server, got = 0;
	struct qmp *qmp = connect_to(&server);
	size_t sent = 0;

	memset(block, ' ', sizeof(block));
	while (!got && sent < 2 * QMP_LINE_MAX) {
		if (send(server, block, sizeof(block), 0) != sizeof(block))
			abort();
		sent += sizeof(block);
		got = qmp_receive(qmp, &message, &error);
	}
	CLAIM(got == -1 && error.err == EMSGSIZE, "%d after %zu", got, sent);
	CLAIM(sent <= QMP_LINE_MAX + 2 * sizeof(block), "%zu bytes were taken", sent);
	close(server);
	qmp_close(qmp);
}

static void server_that_does_not_listen_is_given_up(void)
{
	struct json_object *arguments;
	struct ps_error error;
	int server, sent = 0;
	struct qmp *qmp = connect_to(&server);
	char *text = ps_calloc(1, 8192);

	memset(text, 'x', 8191);
	do {
		arguments = json_object_new_object();
		json_object_object_add(arguments, "x", json_object_new_string(text));
		sent++;
	} while (sent < 1000 && !qmp_send(qmp, "x", arguments, NULL, &error));
	CLAIM(sent < 1000 && error.err == ENOBUFS, "%d", sent);
	free(text);
	close(server);
	qmp_close(qmp);
}

static void answers_of_others_are_not_taken(void)
{
	struct qmp_message message;
	struct ps_error error;
	int server;
	struct qmp *qmp = connect_to(&server);

	say(server, "{\"return\": {}, \"id\": 1}\n{\"return\": {}, \"id\": -1}\n"
	    "{\"return\": {}, \"id\": \"1\"}\n{\"return\": {}, \"id\": 9223372036854775807}\n");
	while (qmp_receive(qmp, &message, &error) == 1)
		CLAIM(!message.id, "%llu", (unsigned long long)message.id);
	close(server);
	qmp_close(qmp);
}

/* A server in a process of its own. @lines: an answer to each line that comes. */
static struct qmp *serve(const char *const *lines, pid_t *pid)
{
	int server;
	struct qmp *qmp = connect_to(&server);

	*pid = fork();
	if (!*pid) {
		FILE *in = fdopen(server, "r");
		char line[4096];

		close(qmp_fd(qmp));
		for (; *lines; lines++) {
			say(server, *lines);
			if (lines[1] && !fgets(line, sizeof(line), in))
				_exit(1);
		}
		/* until the client goes */
		_exit(fgets(line, sizeof(line), in) != NULL);
	}
	close(server);
	return qmp;
}

static void finish(struct qmp *qmp, pid_t pid)
{
	int status;

	qmp_close(qmp);
	waitpid(pid, &status, 0);
	CLAIM(!status, "the server has ended with %d", status);
}

static void calls_wait_for_their_answers(void)
{
	static const char *const lines[] = {
		GREETING, "{\"return\": {}, \"id\": 1}\n",
		"{\"event\": \"RESUME\"}\n{\"return\": [{\"cpu-index\": 1, \"thread-id\": 78}, "
		"{\"cpu-index\": 0, \"thread-id\": 77}], \"id\": 2}\n",
		"{\"error\": {\"class\": \"GenericError\", \"desc\": \"not \\u001bnow\"}, \"id\": 3}\n",
		NULL,
	};
	struct json_object *data = NULL;
	struct ps_error error;
	struct qmp_cpu *cpus;
	struct qmp *qmp;
	size_t nr;
	pid_t pid;

	qmp = serve(lines, &pid);
	CLAIM(!qmp_begin(qmp, PATIENCE_MS, &error), "%s", error.text);
	CLAIM(!qmp_call(qmp, "query-cpus-fast", NULL, PATIENCE_MS, &data, &error), "%s",
	      error.text);
	CLAIM(!qmp_cpus(data, &cpus, &nr, &error) && nr == 2, "%s", error.text);
	CLAIM(nr == 2 && cpus[0].index == 1 && cpus[0].tid == 78 && cpus[1].tid == 77, "threads");
	free(cpus);
	json_object_put(data);
	CLAIM(qmp_call(qmp, "cont", NULL, PATIENCE_MS, NULL, &error) == -1 &&
	      strstr(error.text, "cont") && !strchr(error.text, '\033'), "%s", error.text);
	finish(qmp, pid);
}

static void silent_server_is_not_waited_for_without_end(void)
{
	struct ps_error error;
	int server;
	struct qmp *qmp = connect_to(&server);

	CLAIM(qmp_begin(qmp, 50, &error) == -1 && error.err == ETIMEDOUT, "%s", error.text);
	say(server, GREETING);
	CLAIM(qmp_begin(qmp, 50, &error) == -1 && error.err == ETIMEDOUT, "%s", error.text);
	close(server);
	qmp_close(qmp);
}

static void lists_of_vcpus_are_not_trusted(void)
{
	static const char *const lists[] = {
		"{}", "[]", "7", "[7]", "[{}]", "[{\"cpu-index\": 0}]",
		"[{\"cpu-index\": -1, \"thread-id\": 5}]", "[{\"cpu-index\": 0, \"thread-id\": 0}]",
		"[{\"cpu-index\": 0, \"thread-id\": 4294967296}]",
		"[{\"cpu-index\": \"0\", \"thread-id\": 5}]",
		"[{\"cpu-index\": 0, \"thread-id\": 5}, null]",
	};
	struct qmp_cpu *cpus;
	struct ps_error error;
	size_t i, nr;

	for (i = 0; i < NR(lists); i++) {
		struct json_object *data = json_tokener_parse(lists[i]);

		CLAIM(qmp_cpus(data, &cpus, &nr, &error) == -1 && !cpus && !nr, "%s", lists[i]);
		json_object_put(data);
	}
	CLAIM(qmp_cpus(NULL, &cpus, &nr, &error) == -1, "nothing");
}

static void socket_that_is_not_there_is_told(void)
{
	char *path = ps_calloc(1, 301);
	struct ps_error error;

	CLAIM(!qmp_open("/nowhere/qmp", &error) && error.err == ENOENT &&
	      strstr(error.text, "/nowhere/qmp"), "%s", error.text);
	memset(path, 'x', 300);
	CLAIM(!qmp_open(path, &error) && error.err == ENAMETOOLONG, "%s", error.text);
	free(path);
}

int main(void)
{
	static const struct claim_test tests[] = {
		CLAIM_TEST(messages_are_told_apart),
		CLAIM_TEST(message_may_come_byte_by_byte),
		CLAIM_TEST(what_is_no_message_ends_the_connection),
		CLAIM_TEST(line_without_end_ends_the_connection),
		CLAIM_TEST(server_that_does_not_listen_is_given_up),
		CLAIM_TEST(answers_of_others_are_not_taken),
		CLAIM_TEST(calls_wait_for_their_answers),
		CLAIM_TEST(silent_server_is_not_waited_for_without_end),
		CLAIM_TEST(lists_of_vcpus_are_not_trusted),
		CLAIM_TEST(socket_that_is_not_there_is_told),
	};

	claim_begin(NR(tests));
	claim_run(tests, NR(tests));
	return claim_end();
}
