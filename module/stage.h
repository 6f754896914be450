/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files share that stage a plan: stage.c, stage-channel.c,
 * stage-health.c.
 */
#ifndef PARTSCHED_STAGE_H
#define PARTSCHED_STAGE_H

#include <linux/partsched.h>
#include <linux/string.h>
#include <net/genetlink.h>

struct ps_draft;
struct ps_traits;

struct ps_draft *ps_stage_lock_draft(struct genl_info *info);
int ps_stage_traits(struct genl_info *info, struct ps_traits *traits);

static inline bool lacks(struct genl_info *info, int attr, const char *message)
{
	if (info->attrs[attr])
		return false;
	if (info->extack)
		info->extack->_msg = message;
	return true;
}

#define LACKS(_info, _attr)						\
	lacks(_info, PARTSCHED_A_##_attr,				\
	      "the attribute " #_attr " is missing")

static inline int refuse(struct genl_info *info, int attr, const char *message)
{
	if (info->extack) {
		info->extack->_msg = message;
		info->extack->bad_attr = info->attrs[attr];
	}
	return -EINVAL;
}

/*
 * A name may become part of a path and is printed on terminals: no '/', no
 * control characters, neither empty nor a directory's own.
 */
static inline bool good_name(const char *name)
{
	const unsigned char *c;

	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (c = name; *c; c++)
		if (*c == '/' || *c < 0x20 || *c == 0x7f)
			return false;
	return true;
}

#endif /* PARTSCHED_STAGE_H */
