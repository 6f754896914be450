// SPDX-License-Identifier: GPL-2.0
/*
 * guest-qemu - what a guest's QEMU is started with
 */
#include <stdlib.h>

#include "guest.h"
#include "kicks.h"
#include "qemu-args.h"
#include "state.h"

/* Its ports as devices, and whoever serves their kicks. */
static int find_ports(const struct guest *guest, struct ps_kernel *kernel,
		      struct qemu_ports *ports, struct ps_error *error)
{
	struct ps_port_info *list;
	size_t nr, i;
	int rc;

	*ports = (struct qemu_ports){ 0 };
	if (ps_kernel_ports(kernel, &list, &nr, error))
		return -1;
	rc = qemu_ports_fill(ports, list, nr, guest->name, STATE_DIR, QEMU_FIRST_SLOT, error);
	free(list);
	for (i = 0; !rc && i < ports->nr_servers; i++) {
		/* at the place that QEMU is told of */
		char *socket = kicks_serve(ports->servers[i].port, error);

		rc = socket ? 0 : -1;
		free(socket);
	}
	return rc;
}

char **guest_qemu_args(const struct guest *guest, const char *program, struct ps_kernel *kernel,
		       const struct guest_net *net, struct ps_error *error)
{
	const struct ps_partition *p = guest->partition;
	struct qemu_ports ports;
	char *image = realpath(p->kernel, NULL), *initrd = p->initrd ? realpath(p->initrd, NULL) : NULL;
	char *disk = p->disk ? realpath(p->disk, NULL) : NULL;
	char *qmp = state_path(p->name, ".qmp"), *monitor = state_path(p->name, ".monitor");
	char *tty = state_path(p->name, ".tty"), *tty_log = state_path(p->name, ".console");
	char *hvc = state_path(p->name, ".hvc"), *hvc_log = state_path(p->name, ".hvc-console");
	struct qemu_setup setup = {
		.program = program, .name = p->name, .vcpus = p->nr_vcpus, .memory = p->memory,
		.halt_exits = p->halt_exits, .kernel = image ? image : p->kernel,
		.initrd = initrd ? initrd : p->initrd, .command_line = p->command_line,
		.disk = disk ? disk : p->disk, .qmp = qmp, .monitor = monitor,
		.tty = tty, .tty_log = tty_log, .hvc = hvc, .hvc_log = hvc_log, .ports = &ports,
		.disk_read_only = p->disk_read_only, .disk_serial = p->disk_serial,
		.nics = net->nics, .nr_nics = net->nr,
	};
	char **args = NULL;

	if (!find_ports(guest, kernel, &ports, error))
		args = qemu_args(&setup);
	qemu_ports_free(&ports);
	free(image);
	free(initrd);
	free(disk);
	free(qmp);
	free(monitor);
	free(tty);
	free(tty_log);
	free(hvc);
	free(hvc_log);
	return args;
}
