// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-interrupt - partctl interrupt: an interrupt for a vCPU, which takes it in
 * its window
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "kernel.h"
#include "partctl.h"
#include "state.h"

#define ANSWER_S 10

/* One request to a launcher, and its answer: "ok", or "error" and why. */
static int ask(const char *partition, const char *request, struct ps_error *error)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), rc = -1, err;
	char *path = state_path(partition, ".control"), answer[512];
	const struct timeval patience = { .tv_sec = ANSWER_S };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	ssize_t len = -1;

	if (snprintf(to.sun_path, sizeof(to.sun_path), "%s", path) >= (int)sizeof(to.sun_path))
		errno = ENAMETOOLONG;
	else if (fd >= 0 &&
		 !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) &&
		 !connect(fd, (const struct sockaddr *)&to, sizeof(to)) &&
		 send(fd, request, strlen(request), MSG_NOSIGNAL) >= 0)
		len = recv(fd, answer, sizeof(answer) - 1, 0);
	err = errno;
	if (len > 0) {
		answer[len] = '\0';
		rc = strcmp(answer, "ok") ?
		     ps_fail(error, PS_EXIT_REFUSED, EINVAL, "partition \"%s\": its launcher refused: %s",
			     PS_SAFE(partition),
			     PS_SAFE(strncmp(answer, "error ", 6) ? answer : answer + 6)) : 0;
	} else if (!len) {
		ps_fail(error, PS_EXIT_REFUSED, ECONNRESET,
			"partition \"%s\": its launcher ended before it answered",
			PS_SAFE(partition));
	} else {
		ps_fail(error, err == EACCES ? PS_EXIT_PERMISSION : PS_EXIT_REFUSED, err,
			err == ENOENT || err == ECONNREFUSED ?
			"partition \"%s\": no launcher of it takes requests (%s: %s)" :
			"partition \"%s\": %s: %s", PS_SAFE(partition), path, strerror(err));
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

int cmd_interrupt(const struct verb *verb, int argc, char **argv)
{
	const char *vcpu_text = "0", *vector_text = NULL, *name;
	bool json = false;
	const struct option_spec specs[] = {
		{ "vcpu", 0, &vcpu_text, NULL },
		{ "vector", 0, &vector_text, NULL },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct ps_error error;
	uint64_t vcpu, vector;
	char request[64];
	struct out *out;

	name = argv[verb_options(verb, argc, argv, specs)];
	if (!vector_text)
		usage_error(verb, "interrupt: --vector is missing");
	vcpu = option_u64(verb, "--vcpu", vcpu_text, 0, PARTSCHED_MAX_VCPUS - 1);
	/* those below are exceptions, or none that an interrupt controller takes */
	vector = option_u64(verb, "--vector", vector_text, 32, 255);
	if (strchr(name, '/'))
		usage_error(verb, "interrupt: \"%s\" is no name of a partition", PS_SAFE(name));
	out = out_open(json, false);
	snprintf(request, sizeof(request), "interrupt %" PRIu64 " %" PRIu64, vcpu, vector);
	if (ask(name, request, &error))
		return fail_with(&error);
	out_text(out, "partition", NULL, name);
	out_u64(out, "vcpu", NULL, vcpu);
	out_u64(out, "vector", NULL, vector);
	out_say(out, "partition \"%s\", vCPU %" PRIu64 ": vector %" PRIu64 " is on its way",
		PS_SAFE(name), vcpu, vector);
	return out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}
