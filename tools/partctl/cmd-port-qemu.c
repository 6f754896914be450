// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-port-qemu - a partition's ports as arguments of QEMU, one a line
 *
 * No name has a newline in it, so a shell can read them back whatever they are.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "port.h"
#include "qemu-ports.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static void print_json(struct out *out, const struct qemu_ports *ports)
{
	static const struct out_column arguments[] = {
		{ "argument", "ARGUMENT", false, false },
	};
	static const struct out_column servers[] = {
		{ "port", "PORT", false, false },
		{ "socket", "SOCKET", false, false },
	};
	size_t i;

	out_list(out, "arguments", NULL, arguments, NR(arguments));
	for (i = 0; i < ports->nr_arguments; i++) {
		out_cell_text(out, ports->arguments[i]);
		out_row(out);
	}
	out_list_end(out);
	out_list(out, "servers", NULL, servers, NR(servers));
	for (i = 0; i < ports->nr_servers; i++) {
		out_cell_text(out, ports->servers[i].port);
		out_cell_text(out, ports->servers[i].socket);
		out_row(out);
	}
	out_list_end(out);
}

int port_qemu(const struct port_call *call, struct ps_error *error)
{
	unsigned int slot = call->slot ? call->slot : QEMU_PORTS_SLOT;
	struct qemu_ports ports = { 0 };
	struct ps_port_info *list;
	uint64_t now_ns;
	size_t nr, i;
	char *dir;
	int rc;

	if (!call->dir)
		usage_error(call->verb, "port qemu: --dir says where sockets and pages are to be");
	if (port_list(&list, &nr, &now_ns, error))
		return -1;
	/* QEMU may be started from elsewhere */
	dir = realpath(call->dir, NULL);
	if (!dir)
		rc = ps_fail(error, PS_EXIT_REFUSED, errno, "%s: no such directory",
			     PS_SAFE(call->dir));
	else
		rc = qemu_ports_fill(&ports, list, nr, call->name, dir, slot, error);
	if (!rc && !ports.nr_arguments)
		rc = ps_fail(error, PS_EXIT_REFUSED, ENOENT, "the plan has no port of \"%s\"",
			     PS_SAFE(call->name));
	if (!rc && call->out->json)
		print_json(call->out, &ports);
	/* not by out_say(): this is for a program, too */
	for (i = 0; !rc && !call->out->json && i < ports.nr_arguments; i++)
		puts(ports.arguments[i]);
	qemu_ports_free(&ports);
	free(dir);
	free(list);
	return rc;
}
