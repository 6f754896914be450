/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * partsched - what a guest of QEMU is told of a port: the port's page
 *
 * The messages of a port are in the memory of an ivshmem-plain
 * (linux/partsched_channel.h). A device beside it has the page: BAR 2 begins with
 * this structure. If the port has kicks, that device is an ivshmem-doorbell of
 * "partctl port serve"; if not, an ivshmem-plain with a file of "partctl port
 * label". The page is the guest's own copy: what it writes there nobody sees.
 *
 * Source: BAR 0 + PARTSCHED_DOORBELL_REGISTER takes PARTSCHED_DOORBELL_RING(n),
 * a 32-bit write, to kick destination n. Destination: a kick is MSI-X vector 0.
 *
 * A guest with a driver for ports (tools/linux-guest) finds a port's devices as
 * the functions of one PCI slot, PARTSCHED_PORT_FUNCTION_*.
 *
 * Compiles in the kernel, in user space and freestanding.
 */
#ifndef _UAPI_LINUX_PARTSCHED_DOORBELL_H
#define _UAPI_LINUX_PARTSCHED_DOORBELL_H

#include <linux/partsched_guest.h>

/* "PARTBELL", little-endian. */
#define PARTSCHED_DOORBELL_MAGIC	0x4c4c454254524150ULL
#define PARTSCHED_DOORBELL_VERSION	2
#define PARTSCHED_DOORBELL_SIZE		4096

/* Two names, the dot between them and the terminating NUL. */
#define PARTSCHED_DOORBELL_NAME_MAX	128

/* IVPosition: 0 in a source, 1 in a destination */
#define PARTSCHED_DOORBELL_POSITION	8
#define PARTSCHED_DOORBELL_REGISTER	12
#define PARTSCHED_DOORBELL_RING(n)	((__u32)(n) << 16)

/* The functions of a port's PCI slot, all of them QEMU's ivshmem. */
#define PARTSCHED_PORT_PCI_VENDOR	0x1af4
#define PARTSCHED_PORT_PCI_DEVICE	0x1110
#define PARTSCHED_PORT_FUNCTION_DATA	0	/* the data region */
#define PARTSCHED_PORT_FUNCTION_ACK	1	/* of a queue: the ack page */
#define PARTSCHED_PORT_FUNCTION_PAGE	2	/* this page, and the kicks */
#define PARTSCHED_PORT_FUNCTIONS	3

/**
 * struct partsched_doorbell - a port, and whose kicks they are
 * @magic: PARTSCHED_DOORBELL_MAGIC
 * @version: PARTSCHED_DOORBELL_VERSION; any change of the layout adds 1
 * @destination: 0: the port is a source; 1: a destination
 * @nr_destinations: source: numbered from 1 in the order of the plan; one without
 *	a kick does not hear the doorbell. Destination: 0
 * @kicks: 1: the device has them; 0: it is only a page
 * @region_size: bytes of the channel's data region
 * @name: PARTITION.PORT, with its NUL
 * @port: where the port's own name begins in @name
 * @type: PARTSCHED_CHANNEL_SAMPLING or _QUEUING
 * @max_message: bytes of a message, at most
 * @depth: messages that a queue holds, 1: it is none
 * @refresh_ns: refresh period, or PARTSCHED_CHANNEL_NO_REFRESH
 * @realtime_ns: CLOCK_REALTIME less CLOCK_MONOTONIC of the host, two's complement;
 *	0: unknown. A server writes it anew when the host's clock is set, so read it
 *	each time. With it a guest that can ask for the host's CLOCK_REALTIME (ptp_kvm)
 *	has the CLOCK_MONOTONIC by which messages are stamped
 */
struct partsched_doorbell {
	__u64 magic;
	__u32 version;
	__u32 destination;
	__u32 nr_destinations;
	__u32 kicks;
	__u64 region_size;
	char name[PARTSCHED_DOORBELL_NAME_MAX];
	__u32 port;
	__u32 type;
	__u32 max_message;
	__u32 depth;
	__u64 refresh_ns;
	__u64 realtime_ns;
};

#endif /* _UAPI_LINUX_PARTSCHED_DOORBELL_H */
