/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux 6.2 made the device that a class's devnode() is asked about constant.
 */
#ifndef PARTSCHED_COMPAT_CLASS_H
#define PARTSCHED_COMPAT_CLASS_H

#include <linux/device.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define PS_DEVNODE_CONST
#else
#define PS_DEVNODE_CONST const
#endif

#endif /* PARTSCHED_COMPAT_CLASS_H */
