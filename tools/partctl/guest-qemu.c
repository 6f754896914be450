// SPDX-License-Identifier: GPL-2.0
/*
 * guest-qemu - what a guest's QEMU is started with
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <linux/partsched_channel.h>

#include "alloc.h"
#include "guest.h"
#include "kicks.h"
#include "qemu-args.h"
#include "state.h"

#define DEVICES "/dev/partsched"

/* Takes @path. @bytes: 0: it is a socket of kicks. */
static int add_device(const struct guest *guest, struct qemu_port *ports, size_t *nr, char *path,
		      uint64_t bytes, bool writable, struct ps_error *error)
{
	if (*nr == QEMU_NR_SLOTS) {
		free(path);
		return ps_fail(error, PS_EXIT_REFUSED, ENOSPC,
			       "partition \"%s\": its ports are more than the %d devices that a guest of QEMU has",
			       PS_SAFE(guest->name), QEMU_NR_SLOTS);
	}
	ports[(*nr)++] = (struct qemu_port){ path, bytes, writable };
	return 0;
}

/* Has a port kicks: its own, or, of a source, those of any destination? */
static bool has_kicks(const struct ps_port_info *port, const struct ps_port_info *list, size_t nr)
{
	size_t i;

	if (port->direction != PARTSCHED_PORT_SOURCE)
		return port->kick != PARTSCHED_KICK_NONE;
	for (i = 0; i < nr; i++) {
		if (list[i].channel_id == port->channel_id &&
		    list[i].direction != PARTSCHED_PORT_SOURCE &&
		    list[i].kick != PARTSCHED_KICK_NONE)
			return true;
	}
	return false;
}

static int add_kicks(const struct guest *guest, struct qemu_port *ports, size_t *nr,
		     const struct ps_port_info *port, struct ps_error *error)
{
	char *name = ps_asprintf("%s.%s", port->partition, port->port);
	char *socket = kicks_serve(name, error);

	free(name);
	return socket ? add_device(guest, ports, nr, socket, 0, false, error) : -1;
}

/*
 * In the order of the plan: a device; of a queue a second one for the other way;
 * where there are kicks, one for these.
 */
static int add_ports(const struct guest *guest, struct ps_kernel *kernel, struct qemu_port *ports,
		     size_t *nr, struct ps_error *error)
{
	struct ps_port_info *list;
	size_t nr_list, i;
	int rc = 0;

	if (ps_kernel_ports(kernel, &list, &nr_list, error))
		return -1;
	for (i = 0; i < nr_list && !rc; i++) {
		const struct ps_port_info *port = &list[i];
		bool source = port->direction == PARTSCHED_PORT_SOURCE;

		if (port->pseudo || strcmp(port->partition, guest->name))
			continue;
		rc = add_device(guest, ports, nr, ps_asprintf(DEVICES "/%s.%s", port->partition,
							      port->port),
				port->region_bytes, source, error);
		if (!rc && port->type == PARTSCHED_PORT_QUEUING)
			rc = add_device(guest, ports, nr,
					ps_asprintf(DEVICES "/%s.%s.ack", port->partition, port->port),
					PARTSCHED_CHANNEL_ACK_SIZE, !source, error);
		if (!rc && has_kicks(port, list, nr_list))
			rc = add_kicks(guest, ports, nr, port, error);
	}
	free(list);
	return rc;
}

char **guest_qemu_args(const struct guest *guest, const char *program, struct ps_kernel *kernel,
		       struct ps_error *error)
{
	const struct ps_partition *p = guest->partition;
	struct qemu_port ports[QEMU_NR_SLOTS];
	char *image = realpath(p->kernel, NULL), *initrd = p->initrd ? realpath(p->initrd, NULL) : NULL;
	char *disk = p->disk ? realpath(p->disk, NULL) : NULL;
	char *qmp = state_path(p->name, ".qmp");
	char *tty = state_path(p->name, ".tty"), *tty_log = state_path(p->name, ".console");
	char *hvc = state_path(p->name, ".hvc"), *hvc_log = state_path(p->name, ".hvc-console");
	struct qemu_setup setup = {
		.program = program, .name = p->name, .vcpus = p->nr_vcpus, .memory = p->memory,
		.halt_exits = p->halt_exits, .kernel = image ? image : p->kernel,
		.initrd = initrd ? initrd : p->initrd, .command_line = p->command_line,
		.disk = disk ? disk : p->disk, .qmp = qmp, .tty = tty, .tty_log = tty_log,
		.hvc = hvc, .hvc_log = hvc_log, .ports = ports,
	};
	char **args = NULL;
	size_t i;

	if (!add_ports(guest, kernel, ports, &setup.nr_ports, error))
		args = qemu_args(&setup);
	for (i = 0; i < setup.nr_ports; i++)
		free(ports[i].path);
	free(image);
	free(initrd);
	free(disk);
	free(qmp);
	free(tty);
	free(tty_log);
	free(hvc);
	free(hvc_log);
	return args;
}
