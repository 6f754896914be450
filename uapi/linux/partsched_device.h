/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * The device through which a launcher maps the live part of its guest's
 * information page (struct partsched_guest_live): open it, bind it to a
 * partition of the plan in force, map one page, shared and read-only.
 */
#ifndef _UAPI_LINUX_PARTSCHED_DEVICE_H
#define _UAPI_LINUX_PARTSCHED_DEVICE_H

#include <linux/ioctl.h>

#include <linux/partsched.h>

#define PARTSCHED_DEVICE	"/dev/partsched/control"

/**
 * struct partsched_bind - argument of PARTSCHED_IOC_BIND
 * @name: PartitionName, with its NUL
 *
 * Errors: ENOENT no such partition in force, EBUSY bound already, EINVAL no NUL.
 */
struct partsched_bind {
	char name[PARTSCHED_NAME_MAX];
};

#define PARTSCHED_IOC_MAGIC	0xb7
#define PARTSCHED_IOC_BIND	_IOW(PARTSCHED_IOC_MAGIC, 1, struct partsched_bind)

#endif /* _UAPI_LINUX_PARTSCHED_DEVICE_H */
