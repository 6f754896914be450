/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux 7.2 keeps what was a bit field of struct device, offline_disabled, in a
 * bitmap with accessors.
 */
#ifndef PARTSCHED_COMPAT_DEVICE_H
#define PARTSCHED_COMPAT_DEVICE_H

#include <linux/device.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 2, 0)
static inline bool dev_offline_disabled(const struct device *device)
{
	return device->offline_disabled;
}

static inline void dev_assign_offline_disabled(struct device *device,
					       bool disabled)
{
	device->offline_disabled = disabled;
}
#endif

#endif /* PARTSCHED_COMPAT_DEVICE_H */
