/* SPDX-License-Identifier: GPL-2.0 */
/*
 * qemu-args - the command line of a QEMU that runs a partition's guest
 */
#ifndef PS_QEMU_ARGS_H
#define PS_QEMU_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "network.h"
#include "qemu-ports.h"

/* The first slot of bus 0 that ports have; the last one is QEMU_PORTS_SLOT_MAX. */
#define QEMU_FIRST_SLOT	0x10

/* The first slot of bus 0 that network interfaces have; they end where ports begin. */
#define QEMU_NIC_SLOT	(QEMU_FIRST_SLOT - PS_MAX_NICS)

/**
 * struct qemu_nic - a network interface; QEMU inherits its descriptors
 * @fd: the tap
 * @vhost_fd: of the kernel's vhost-net, -1: QEMU moves the frames itself
 * @mac: its address
 */
struct qemu_nic {
	int fd;
	int vhost_fd;
	uint8_t mac[PS_MAC_BYTES];
};

/**
 * struct qemu_setup - what a QEMU is started with; all paths are absolute
 * @program: the QEMU
 * @name: of the partition
 * @vcpus: number of virtual CPUs
 * @memory: bytes, a multiple of 4096
 * @halt_exits: HLT leaves to the host
 * @kernel: image
 * @initrd: image, or NULL
 * @command_line: of the kernel, or NULL
 * @disk: raw image, or NULL
 * @disk_read_only: the guest may not write it
 * @disk_serial: its serial number, or NULL
 * @qmp: socket for the supervisor, to be made
 * @monitor: another one for whoever wants to speak QMP, to be made
 * @tty: socket of the serial line, to be made
 * @tty_log: what the guest says there
 * @hvc: socket of the virtio console, to be made
 * @hvc_log: what the guest says there
 * @ports: its ports, or NULL
 * @nics: its network interfaces
 * @nr_nics: number of them
 */
struct qemu_setup {
	const char *program;
	const char *name;
	size_t vcpus;
	uint64_t memory;
	bool halt_exits;
	const char *kernel;
	const char *initrd;
	const char *command_line;
	const char *disk;
	bool disk_read_only;
	const char *disk_serial;
	const char *qmp;
	const char *monitor;
	const char *tty;
	const char *tty_log;
	const char *hvc;
	const char *hvc_log;
	const struct qemu_ports *ports;
	const struct qemu_nic *nics;
	size_t nr_nics;
};

/**
 * qemu_args() - make a command line
 * @setup: what it is made of
 *
 * The machine does not run before it is told to by QMP.
 *
 * Return: arguments for execv(), to be freed with qemu_args_free().
 */
char **qemu_args(const struct qemu_setup *setup);

/**
 * qemu_args_free() - free a command line
 * @args: from qemu_args()
 */
void qemu_args_free(char **args);

#endif /* PS_QEMU_ARGS_H */
