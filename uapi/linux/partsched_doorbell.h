/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * partsched - what a guest of QEMU finds in an ivshmem-doorbell of "partctl port
 * serve"
 *
 * Such a device has the kicks of one port, and no messages: these are in the
 * memory of an ivshmem-plain (linux/partsched_channel.h). Its own memory (BAR 2)
 * is a page with this structure in it, which says whose kicks they are. It is the
 * guest's own copy: what it writes there nobody sees.
 *
 * Source: BAR 0 + PARTSCHED_DOORBELL_REGISTER takes PARTSCHED_DOORBELL_RING(n),
 * a 32-bit write, to kick destination n. Destination: a kick is MSI-X vector 0.
 * Compiles in the kernel, in user space and freestanding.
 */
#ifndef _UAPI_LINUX_PARTSCHED_DOORBELL_H
#define _UAPI_LINUX_PARTSCHED_DOORBELL_H

#include <linux/partsched_guest.h>

/* "PARTBELL", little-endian. */
#define PARTSCHED_DOORBELL_MAGIC	0x4c4c454254524150ULL
#define PARTSCHED_DOORBELL_VERSION	1
#define PARTSCHED_DOORBELL_SIZE		4096

/* Two names, the dot between them and the terminating NUL. */
#define PARTSCHED_DOORBELL_NAME_MAX	128

/* IVPosition: 0 in a source, 1 in a destination */
#define PARTSCHED_DOORBELL_POSITION	8
#define PARTSCHED_DOORBELL_REGISTER	12
#define PARTSCHED_DOORBELL_RING(n)	((__u32)(n) << 16)

/**
 * struct partsched_doorbell - whose kicks they are
 * @magic: PARTSCHED_DOORBELL_MAGIC
 * @version: PARTSCHED_DOORBELL_VERSION; any change of the layout adds 1
 * @destination: 0: the port is a source; 1: a destination
 * @nr_destinations: source: numbered from 1 in the order of the plan; one without
 *	a kick does not hear the doorbell. Destination: 0
 * @pad: zero
 * @region_size: bytes of the channel's data region
 * @name: PARTITION.PORT, with its NUL
 */
struct partsched_doorbell {
	__u64 magic;
	__u32 version;
	__u32 destination;
	__u32 nr_destinations;
	__u32 pad;
	__u64 region_size;
	char name[PARTSCHED_DOORBELL_NAME_MAX];
};

#endif /* _UAPI_LINUX_PARTSCHED_DOORBELL_H */
