// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the command line that a QEMU is started with.
 *
 *   qemu-args [DIRECTORY]       KTAP on standard output, status 1 on a failure
 *
 * DIRECTORY is passed over: all unit tests are called alike.
 */
#include <stdbool.h>
#include <string.h>

#include "claim.h"
#include "qemu-args.h"

static const struct qemu_setup plain = {
	.program = "/usr/bin/qemu", .name = "linux", .vcpus = 2, .memory = 64 << 20,
	.kernel = "/k", .qmp = "/run/l.qmp", .monitor = "/run/l.monitor",
	.tty = "/run/l.tty", .tty_log = "/run/l.console", .hvc = "/run/l.hvc", .hvc_log = "/run/l.hvc.log",
};

/* Is there an option with this value? Both NULL-terminated lists of claims use it. */
static bool has(char **args, const char *option, const char *value)
{
	for (; *args; args++) {
		if (!strcmp(*args, option) && args[1] && !strcmp(args[1], value))
			return true;
	}
	return false;
}

static bool names(char **args, const char *option)
{
	for (; *args; args++) {
		if (!strcmp(*args, option))
			return true;
	}
	return false;
}

static void machine_waits_to_be_told_to_run(void)
{
	char **args = qemu_args(&plain);

	CLAIM(!strcmp(args[0], "/usr/bin/qemu"), "%s", args[0]);
	CLAIM(names(args, "-S"), "does not wait");
	CLAIM(has(args, "-mon", "chardev=qmp,mode=control"), "no monitor");
	CLAIM(has(args, "-mon", "chardev=monitor,mode=control"), "no monitor for others");
	CLAIM(has(args, "-smp", "cpus=2,maxcpus=2"), "vCPUs");
	CLAIM(has(args, "-m", "size=65536K"), "memory");
	CLAIM(has(args, "-overcommit", "cpu-pm=on"), "sleeps in the host");
	CLAIM(has(args, "-cpu", "host,kvm-pv-unhalt=off"), "its vCPU cannot come again");
	CLAIM(has(args, "-kernel", "/k"), "kernel");
	CLAIM(!names(args, "-initrd") && !names(args, "-append") && !names(args, "-blockdev"),
	      "what was not asked for");
	qemu_args_free(args);
}

static void what_is_asked_for_is_there(void)
{
	struct qemu_setup setup = plain;
	char **args;

	setup.halt_exits = true;
	setup.initrd = "/i";
	setup.command_line = "console=ttyS0 quiet, -S";
	setup.disk = "/d";
	args = qemu_args(&setup);
	CLAIM(has(args, "-overcommit", "cpu-pm=off"), "HaltExits");
	CLAIM(has(args, "-cpu", "host"), "HaltExits");
	CLAIM(has(args, "-initrd", "/i"), "initrd");
	CLAIM(has(args, "-append", "console=ttyS0 quiet, -S"), "a command line is as it is");
	CLAIM(has(args, "-blockdev", "driver=raw,node-name=disk,file.driver=file,file.filename=/d"),
	      "disk");
	qemu_args_free(args);
}

static void disk_is_as_it_is_told(void)
{
	struct qemu_setup setup = plain;
	char **args;

	setup.disk = "/d";
	setup.disk_read_only = true;
	setup.disk_serial = "a,b";
	args = qemu_args(&setup);
	CLAIM(has(args, "-blockdev",
		  "driver=raw,node-name=disk,read-only=on,file.driver=file,file.filename=/d"),
	      "read-only");
	CLAIM(has(args, "-device", "virtio-blk-pci,drive=disk,serial=a,,b"), "serial");
	qemu_args_free(args);
}

static void network_interfaces_are_taps_that_are_open(void)
{
	const struct qemu_nic nics[] = {
		{ .fd = 5, .vhost_fd = -1, .mac = { 2, 0, 0, 0, 0, 0x1f } },
		{ .fd = 7, .vhost_fd = 8, .mac = { 2, 0, 0, 0, 0, 0x20 } },
	};
	struct qemu_setup setup = plain;
	char **args;

	setup.nics = nics;
	setup.nr_nics = NR(nics);
	args = qemu_args(&setup);
	CLAIM(has(args, "-netdev", "tap,id=nic0,fd=5,vhost=off"), "tap");
	CLAIM(has(args, "-device",
		  "virtio-net-pci,netdev=nic0,mac=02:00:00:00:00:1f,addr=0x8,romfile="), "device");
	CLAIM(has(args, "-netdev", "tap,id=nic1,fd=7,vhost=on,vhostfd=8"), "vhost");
	CLAIM(has(args, "-device",
		  "virtio-net-pci,netdev=nic1,mac=02:00:00:00:00:20,addr=0x9,romfile="), "second");
	qemu_args_free(args);
}

/* Or a name would be an option. */
static void commas_are_doubled(void)
{
	struct qemu_setup setup = plain;
	char **args;

	setup.name = "a,debug-threads=off";
	setup.disk = "/d,readonly=on";
	setup.qmp = "/run/a,b.qmp";
	args = qemu_args(&setup);
	CLAIM(has(args, "-name", "guest=a,,debug-threads=off,debug-threads=on"), "name");
	CLAIM(has(args, "-blockdev",
		  "driver=raw,node-name=disk,file.driver=file,file.filename=/d,,readonly=on"),
	      "disk");
	CLAIM(has(args, "-chardev", "socket,id=qmp,path=/run/a,,b.qmp,server=on,wait=off"),
	      "socket");
	qemu_args_free(args);
}

static void ports_are_as_they_are_told(void)
{
	char *arguments[] = { (char *)"-device", (char *)"ivshmem-plain,memdev=a,,b" };
	struct qemu_ports ports = { .arguments = arguments, .nr_arguments = NR(arguments) };
	struct qemu_setup setup = plain;
	char **args;

	setup.ports = &ports;
	args = qemu_args(&setup);
	CLAIM(has(args, "-device", "ivshmem-plain,memdev=a,,b"), "port");
	qemu_args_free(args);
}

int main(void)
{
	static const struct claim_test tests[] = {
		CLAIM_TEST(machine_waits_to_be_told_to_run),
		CLAIM_TEST(what_is_asked_for_is_there),
		CLAIM_TEST(disk_is_as_it_is_told),
		CLAIM_TEST(network_interfaces_are_taps_that_are_open),
		CLAIM_TEST(commas_are_doubled),
		CLAIM_TEST(ports_are_as_they_are_told),
	};

	claim_begin(NR(tests));
	claim_run(tests, NR(tests));
	return claim_end();
}
