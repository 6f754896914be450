// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-port - partctl port: the ports of the plan in force
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/partsched_device.h>

#include "alloc.h"
#include "port.h"
#include "qemu-ports.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define NSEC_PER_SEC	1000000000ULL

char *port_path(const struct ps_port_info *port)
{
	return ps_asprintf(PARTSCHED_PORT_DEVICES "%s.%s", port->partition, port->port);
}

int port_open(const struct ps_port_info *port, int flags, struct ps_error *error)
{
	char *path = port_path(port);
	int fd = open(path, flags | O_CLOEXEC), err = errno;
	struct stat st;

	if (fd < 0) {
		ps_fail(error, err == EACCES || err == EPERM ? PS_EXIT_PERMISSION :
			PS_EXIT_REFUSED, err, "%s: open: %s", PS_SAFE(path),
			err == ENODEV ? "the plan that had it is gone" : strerror(err));
	} else if (fstat(fd, &st) || !S_ISCHR(st.st_mode)) {
		close(fd);
		fd = ps_fail(error, PS_EXIT_REFUSED, ENXIO,
			     "%s is no device: remove it and load the plan once more",
			     PS_SAFE(path));
	}
	free(path);
	return fd;
}

/* A partition's name may have dots in it: only the whole tells. */
static bool is_named(const struct ps_port_info *port, const char *name)
{
	size_t len = strlen(port->partition);

	return !strncmp(port->partition, name, len) && name[len] == '.' &&
	       !strcmp(port->port, name + len + 1);
}

int port_list(struct ps_port_info **list, size_t *nr, uint64_t *now_ns, struct ps_error *error)
{
	struct ps_kernel *kernel = ps_kernel_open(error);
	struct ps_module_info info;
	int rc;

	*list = NULL;
	if (!kernel)
		return -1;
	rc = ps_kernel_module(kernel, &info, error);
	if (!rc && !info.has_plan)
		rc = ps_fail(error, PS_EXIT_REFUSED, ENOENT,
			     "no plan is in force; load one with: partctl load FILE");
	if (!rc)
		rc = ps_kernel_ports(kernel, list, nr, error);
	*now_ns = info.now_ns;
	ps_kernel_close(kernel);
	return rc;
}

int port_find(const struct port_call *call, struct ps_port_info *port, struct ps_error *error)
{
	struct ps_port_info *list;
	uint64_t now_ns;
	size_t nr, i;
	int rc = -1;

	if (port_list(&list, &nr, &now_ns, error))
		return -1;
	for (i = 0; i < nr; i++) {
		if (!is_named(&list[i], call->name))
			continue;
		*port = list[i];
		rc = 0;
		break;
	}
	free(list);
	if (rc)
		ps_fail(error, PS_EXIT_REFUSED, ENOENT,
			"the plan has no port \"%s\"; see: partctl port list", PS_SAFE(call->name));
	return rc;
}

/*
 * What is at the path of a port's device. Whoever opens it for writing while it
 * is not there, as QEMU does, leaves a file that no message ever reaches.
 */
static const char *device_state(const struct ps_port_info *port)
{
	char *path = port_path(port);
	struct stat st;
	int rc = stat(path, &st);

	free(path);
	if (rc)
		return errno == ENOENT ? "missing" : "unknown";
	return S_ISCHR(st.st_mode) ? "ok" : "no device";
}

/* How long ago the newest message was written. */
static bool age_of(const struct ps_port_info *port, uint64_t now_ns, uint64_t *age_ns)
{
	*age_ns = now_ns > port->last_ns ? now_ns - port->last_ns : 0;
	return port->last_ns;
}

static void cell_port(struct out *out, const struct ps_port_info *port)
{
	char *name = ps_asprintf("%s.%s", port->partition, port->port);

	out_cell_text(out, name);
	free(name);
}

static void list_row(struct out *out, const struct ps_port_info *port, uint64_t now_ns)
{
	bool queuing = port->type == PARTSCHED_PORT_QUEUING;
	uint64_t age_ns;

	cell_port(out, port);
	out_cell_text(out, port->partition);
	out_cell_text(out, port->port);
	out_cell_flag(out, port->pseudo);
	out_cell_text(out, ps_port_direction_name(port->direction));
	out_cell_text(out, ps_port_type_name(port->type));
	out_cell_text(out, port->channel[0] ? port->channel : NULL);
	out_cell_u64(out, port->channel_id);
	out_cell_u64(out, port->max_message);
	if (queuing)
		out_cell_u64(out, port->depth);
	else
		out_cell_none(out);
	out_cell_u64(out, port->refresh_ns);
	out_cell_text(out, ps_kick_name(port->kick));
	out_cell_u64(out, port->region_bytes);
	out_cell_u64(out, port->nr_messages);
	if (queuing)
		out_cell_u64(out, port->pending);
	else
		out_cell_none(out);
	if (queuing)
		out_cell_u64(out, port->overflows);
	else
		out_cell_none(out);
	if (age_of(port, now_ns, &age_ns))
		out_cell_u64(out, age_ns);
	else
		out_cell_none(out);
	if (queuing)
		out_cell_none(out);
	else
		out_cell_text(out, ps_validity_name(port->validity));
	out_cell_u64(out, port->host_messages);
	out_cell_u64(out, port->nr_open);
	out_cell_u64(out, port->nr_kicks);
	out_cell_u64(out, port->kicks_deferred);
	out_cell_u64(out, port->kicks_delivered);
	out_cell_text(out, device_state(port));
	out_row(out);
}

static int list(const struct port_call *call, struct ps_error *error)
{
	static const struct out_column columns[] = {
		{ "name", "PORT", false, false },
		{ "partition", "", false, true },
		{ "port", "", false, true },
		{ "pseudo", "", false, true },
		{ "direction", "DIRECTION", false, false },
		{ "type", "TYPE", false, false },
		{ "channel", "CHANNEL", false, false },
		{ "channel_id", "", true, true },
		{ "max_message", "BYTES", true, false },
		{ "depth", "DEPTH", true, false },
		{ "refresh_ns", "", true, true },
		{ "kick", "", false, true },
		{ "region_bytes", "", true, true },
		{ "messages", "MESSAGES", true, false },
		{ "pending", "PENDING", true, false },
		{ "overflows", "OVERFLOWS", true, false },
		{ "age_ns", "AGE-NS", true, false },
		{ "validity", "VALIDITY", false, false },
		{ "host_messages", "", true, true },
		{ "open", "OPEN", true, false },
		{ "kicks", "", true, true },
		{ "kicks_deferred", "", true, true },
		{ "kicks_delivered", "", true, true },
		{ "device", "DEVICE", false, false },
	};
	struct ps_port_info *ports;
	uint64_t now_ns;
	size_t nr, i;

	if (port_list(&ports, &nr, &now_ns, error))
		return -1;
	out_u64(call->out, "now_ns", NULL, now_ns);
	out_list(call->out, "ports", NULL, columns, NR(columns));
	for (i = 0; i < nr; i++)
		list_row(call->out, &ports[i], now_ns);
	out_list_end(call->out);
	free(ports);
	return PS_EXIT_DONE;
}

static int status(const struct port_call *call, struct ps_error *error)
{
	struct out *out = call->out;
	struct ps_port_info port;
	char *path;

	if (port_find(call, &port, error))
		return -1;
	path = port_path(&port);
	out_text(out, "partition", "partition", port.partition);
	out_text(out, "port", "port", port.port);
	out_flag(out, "pseudo", NULL, port.pseudo);
	out_text(out, "direction", "direction", ps_port_direction_name(port.direction));
	out_text(out, "type", "type", ps_port_type_name(port.type));
	out_text(out, "channel", "channel", port.channel);
	out_u64(out, "channel_id", "channel id", port.channel_id);
	out_u64(out, "max_message", "message bytes", port.max_message);
	out_text(out, "kick", "kick", ps_kick_name(port.kick));
	if (port.kick != PARTSCHED_KICK_NONE) {
		out_u64(out, "kicks", "kicks asked for", port.nr_kicks);
		out_u64(out, "kicks_deferred", "kicks deferred", port.kicks_deferred);
		out_u64(out, "kicks_delivered", "kicks delivered", port.kicks_delivered);
	}
	out_u64(out, "messages", "messages", port.nr_messages);
	out_u64(out, "last_ns", "last ns", port.last_ns);
	if (port.type == PARTSCHED_PORT_QUEUING) {
		out_u64(out, "depth", "depth", port.depth);
		out_u64(out, "pending", "pending", port.pending);
		out_u64(out, "overflows", "overflows", port.overflows);
	} else {
		out_u64(out, "refresh_ns", "refresh ns", port.refresh_ns);
		out_text(out, "validity", "validity", ps_validity_name(port.validity));
	}
	out_u64(out, "host_messages", "by the host", port.host_messages);
	out_u64(out, "open", "open files", port.nr_open);
	out_u64(out, "region_bytes", "region bytes", port.region_bytes);
	out_text(out, "path", "device", path);
	out_text(out, "device", "is there", device_state(&port));
	free(path);
	return PS_EXIT_DONE;
}

static const struct action {
	const char *name;
	int min_args, max_args;
	int (*run)(const struct port_call *call, struct ps_error *error);
} actions[] = {
	{ "list", 0, 0, list },
	{ "status", 1, 1, status },
	{ "read", 1, 1, port_read },
	{ "write", 1, 2, port_write },
	{ "watch", 1, 1, port_watch },
	{ "serve", 1, 1, port_serve },
	{ "qemu", 1, 1, port_qemu },
};

static const struct action *find_action(const struct verb *verb, const char *name, int args)
{
	size_t i;

	for (i = 0; i < NR(actions); i++) {
		if (strcmp(actions[i].name, name))
			continue;
		if (args < actions[i].min_args)
			usage_error(verb, "port %s: which %s?", name,
				    actions[i].run == port_qemu ? "partition" : "port");
		if (args > actions[i].max_args)
			usage_error(verb, "port %s: one argument too many", name);
		return &actions[i];
	}
	usage_error(verb, "port: \"%s\" is none of list, status, read, write, watch, serve, qemu",
		    PS_SAFE(name));
}

int cmd_port(const struct verb *verb, int argc, char **argv)
{
	const char *timeout = NULL, *count = NULL, *slot = NULL;
	struct port_call call = { .verb = verb };
	bool json = false;
	const struct option_spec specs[] = {
		{ "timeout", 't', &timeout, NULL },
		{ "count", 'n', &count, NULL },
		{ "raw", 0, NULL, &call.raw },
		{ "hex", 0, NULL, &call.hex },
		{ "socket", 0, &call.socket, NULL },
		{ "dir", 0, &call.dir, NULL },
		{ "slot", 0, &slot, NULL },
		{ "json", 'j', NULL, &json },
		{ 0 },
	};
	struct ps_error error = { .exit = PS_EXIT_DONE };
	int first = verb_options(verb, argc, argv, specs), rc;
	const struct action *action;

	if (first == argc)
		argv[--first] = (char *)"list";
	action = find_action(verb, argv[first], argc - first - 1);
	if (call.raw && (call.hex || json))
		usage_error(verb, "--raw stands alone: a message as it is");
	if (timeout)
		call.timeout_ns = NSEC_PER_SEC *
			option_u64(verb, "--timeout", timeout, 0, 1000000000);
	if (count)
		call.count = option_u64(verb, "--count", count, 1, UINT64_MAX);
	if (slot)
		call.slot = (unsigned int)option_u64(verb, "--slot", slot, 1, QEMU_PORTS_SLOT_MAX);
	call.out = out_open(json, action->run == port_watch || action->run == port_serve);
	call.name = argv[first + 1];
	if (argc - first > 2)
		call.text = argv[first + 2];
	rc = action->run(&call, &error);
	if (rc < 0)
		return fail_with(&error);
	return call.raw ? rc : out_flush(call.out) ? PS_EXIT_REFUSED : rc;
}
