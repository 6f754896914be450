/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux 6.2 passes struct genl_split_ops to pre_doit, where 6.1 passes struct
 * genl_ops; both have the members cmd and flags.
 */
#ifndef PARTSCHED_COMPAT_GENETLINK_H
#define PARTSCHED_COMPAT_GENETLINK_H

#include <linux/version.h>
#include <net/genetlink.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define genl_split_ops genl_ops
#endif

#endif /* PARTSCHED_COMPAT_GENETLINK_H */
