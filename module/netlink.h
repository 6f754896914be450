/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family. See netlink.c.
 */
#ifndef PARTSCHED_NETLINK_H
#define PARTSCHED_NETLINK_H

#include <linux/netlink.h>
#include <net/genetlink.h>

#include <linux/partsched.h>

extern struct genl_family ps_family;

/* stage.c, stage-channel.c, stage-health.c: what builds a plan */
int ps_stage_begin(struct sk_buff *skb, struct genl_info *info);
int ps_stage_schedule(struct sk_buff *skb, struct genl_info *info);
int ps_stage_partition(struct sk_buff *skb, struct genl_info *info);
int ps_stage_vcpu(struct sk_buff *skb, struct genl_info *info);
int ps_stage_window(struct sk_buff *skb, struct genl_info *info);
int ps_stage_channel(struct sk_buff *skb, struct genl_info *info);
int ps_stage_port(struct sk_buff *skb, struct genl_info *info);
int ps_stage_error(struct sk_buff *skb, struct genl_info *info);
int ps_stage_error_source(struct sk_buff *skb, struct genl_info *info);
int ps_stage_commit(struct sk_buff *skb, struct genl_info *info);
int ps_stage_unload(struct sk_buff *skb, struct genl_info *info);
void ps_stage_release(u32 portid);
void ps_stage_exit(void);

/* change.c: what changes its schedule */
int ps_set_schedule(struct sk_buff *skb, struct genl_info *info);

/* operate.c: what happens to a partition */
int ps_set_mode(struct sk_buff *skb, struct genl_info *info);
int ps_halt(struct sk_buff *skb, struct genl_info *info);
int ps_continue(struct sk_buff *skb, struct genl_info *info);
int ps_raise_error(struct sk_buff *skb, struct genl_info *info);

/* attach.c: what brings threads in and out */
int ps_attach(struct sk_buff *skb, struct genl_info *info);
int ps_detach(struct sk_buff *skb, struct genl_info *info);

/* get.c, get-port.c, get-health.c: answers */
int ps_get_module(struct sk_buff *skb, struct genl_info *info);
int ps_get_partitions(struct sk_buff *skb, struct netlink_callback *cb);
int ps_get_vcpus(struct sk_buff *skb, struct netlink_callback *cb);
int ps_get_windows(struct sk_buff *skb, struct netlink_callback *cb);
int ps_get_schedules(struct sk_buff *skb, struct netlink_callback *cb);
int ps_get_cpus(struct sk_buff *skb, struct netlink_callback *cb);
int ps_get_ports(struct sk_buff *skb, struct netlink_callback *cb);
int ps_get_errors(struct sk_buff *skb, struct netlink_callback *cb);
int ps_get_error_sources(struct sk_buff *skb, struct netlink_callback *cb);
int ps_get_hm_log(struct sk_buff *skb, struct netlink_callback *cb);

struct sk_buff *ps_answer_new(struct genl_info *info, void **header);
int ps_answer_send(struct sk_buff *skb, void *header, struct genl_info *info);

int ps_netlink_init(void);
void ps_netlink_exit(void);

#endif /* PARTSCHED_NETLINK_H */
