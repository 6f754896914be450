// SPDX-License-Identifier: GPL-2.0
/*
 * qemu-args - the command line of a QEMU that runs a partition's guest
 */
#include "qemu-args.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

/* Of all but ports. */
#define ROOM	(64 + 4 * PS_MAX_NICS)

struct args {
	char **list;
	size_t nr;
};

__attribute__((format(printf, 2, 3)))
static void add(struct args *args, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&args->list[args->nr++], fmt, ap) < 0)
		exit(1);
	va_end(ap);
}

/* A value within an option, where a comma is written twice. To be freed. */
static char *value(const char *text)
{
	char *copy = ps_calloc(2, strlen(text) + 1), *to = copy;

	for (; *text; text++) {
		*to++ = *text;
		if (*text == ',')
			*to++ = ',';
	}
	return copy;
}

/* A console: a socket that a terminal connects to, and a file of what was said. */
static void add_console(struct args *args, const char *id, const char *path, const char *log)
{
	char *socket = value(path), *file = value(log);

	add(args, "-chardev");
	add(args, "socket,id=%s,path=%s,server=on,wait=off,logfile=%s,logappend=on", id, socket,
	    file);
	free(socket);
	free(file);
}

static void add_disk(struct args *args, const struct qemu_setup *setup)
{
	char *file = value(setup->disk), *serial = value(setup->disk_serial ? setup->disk_serial : "");

	add(args, "-blockdev");
	/* read-only for the device follows from that of what it stands on */
	add(args, "driver=raw,node-name=disk,%sfile.driver=file,file.filename=%s",
	    setup->disk_read_only ? "read-only=on," : "", file);
	add(args, "-device");
	add(args, "virtio-blk-pci,drive=disk%s%s", *serial ? ",serial=" : "", serial);
	free(file);
	free(serial);
}

/*
 * In a slot of its own, so that it is the same interface to the guest whatever else
 * there is. Nobody boots from it, which takes a file that may not be there.
 */
static void add_nic(struct args *args, const struct qemu_nic *nic, size_t index)
{
	char mac[PS_MAC_TEXT];

	add(args, "-netdev");
	if (nic->vhost_fd >= 0)
		add(args, "tap,id=nic%zu,fd=%d,vhost=on,vhostfd=%d", index, nic->fd,
		    nic->vhost_fd);
	else
		add(args, "tap,id=nic%zu,fd=%d,vhost=off", index, nic->fd);
	add(args, "-device");
	add(args, "virtio-net-pci,netdev=nic%zu,mac=%s,addr=%#zx,romfile=", index,
	    ps_mac_text(nic->mac, mac), QEMU_NIC_SLOT + index);
}

/* What it is, and what it must not do: it starts no program, and is root no more than it is. */
static void add_machine(struct args *args, const struct qemu_setup *setup)
{
	char *name = value(setup->name);

	add(args, "-name");
	add(args, "guest=%s,debug-threads=on", name);
	add(args, "-nodefaults");
	add(args, "-no-user-config");
	add(args, "-display");
	add(args, "none");
	add(args, "-machine");
	add(args, "q35,accel=kvm");
	/*
	 * A vCPU that halts in the guest needs no kick out of a halt, and where KVM is told of
	 * both, Linux 6.1 refuses a vCPU that comes again: kvm_update_cpuid_runtime() takes the
	 * feature out of what the vCPU has, not of what that is compared with, and QEMU ends.
	 */
	add(args, "-cpu");
	add(args, setup->halt_exits ? "host" : "host,kvm-pv-unhalt=off");
	add(args, "-smp");
	add(args, "cpus=%zu,maxcpus=%zu", setup->vcpus, setup->vcpus);
	add(args, "-m");
	add(args, "size=%" PRIu64 "K", setup->memory / 1024);
	/* a guest that sleeps does so inside its window, and is woken by no one */
	add(args, "-overcommit");
	add(args, "cpu-pm=%s", setup->halt_exits ? "off" : "on");
	add(args, "-sandbox");
	add(args, "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
	free(name);
}

/* A socket is for one at a time: the supervisor has one of its own. */
static void add_monitor(struct args *args, const char *id, const char *path)
{
	char *socket = value(path);

	add(args, "-chardev");
	add(args, "socket,id=%s,path=%s,server=on,wait=off", id, socket);
	add(args, "-mon");
	add(args, "chardev=%s,mode=control", id);
	free(socket);
}

static void add_actions(struct args *args)
{
	/* it says how it ended, and waits for what is done about it */
	add(args, "-action");
	add(args, "panic=pause,shutdown=pause");
	add(args, "-device");
	add(args, "pvpanic");
	add(args, "-S");
}

char **qemu_args(const struct qemu_setup *setup)
{
	size_t nr_ports = setup->ports ? setup->ports->nr_arguments : 0, i;
	struct args args = { .list = ps_calloc(ROOM + nr_ports, sizeof(char *)) };

	add(&args, "%s", setup->program);
	add_machine(&args, setup);
	add_monitor(&args, "qmp", setup->qmp);
	add_monitor(&args, "monitor", setup->monitor);
	add_actions(&args);
	add_console(&args, "tty", setup->tty, setup->tty_log);
	add(&args, "-serial");
	add(&args, "chardev:tty");
	add_console(&args, "hvc", setup->hvc, setup->hvc_log);
	add(&args, "-device");
	add(&args, "virtio-serial-pci");
	add(&args, "-device");
	add(&args, "virtconsole,chardev=hvc");
	add(&args, "-kernel");
	add(&args, "%s", setup->kernel);
	if (setup->initrd) {
		add(&args, "-initrd");
		add(&args, "%s", setup->initrd);
	}
	if (setup->command_line) {
		add(&args, "-append");
		add(&args, "%s", setup->command_line);
	}
	if (setup->disk)
		add_disk(&args, setup);
	for (i = 0; i < setup->nr_nics; i++)
		add_nic(&args, &setup->nics[i], i);
	for (i = 0; i < nr_ports; i++)
		add(&args, "%s", setup->ports->arguments[i]);
	return args.list;
}

void qemu_args_free(char **args)
{
	size_t i;

	for (i = 0; args[i]; i++)
		free(args[i]);
	free(args);
}
