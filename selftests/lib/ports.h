/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ports - channels of the tests' plans, and their devices
 */
#ifndef TEST_PORTS_H
#define TEST_PORTS_H

#include "plan.h"

/**
 * plan_sampling() - add a sampling channel, its ports called as it is
 * @model: the plan
 * @name: of the channel and of both its ports
 * @message: bytes of the longest message
 * @refresh_ns: refresh period, 0: none
 * @from: index of the source's partition
 * @to: of the destination's
 *
 * Return: the channel, good until the next one is added.
 */
struct ps_channel *plan_sampling(struct ps_model *model, const char *name, uint32_t message,
				 uint64_t refresh_ns, size_t from, size_t to);

/**
 * plan_queuing() - add a queuing channel, its ports called as it is
 * @model: the plan
 * @name: of the channel and of both its ports
 * @message: bytes of the longest message
 * @depth: messages that it holds
 * @from: index of the source's partition
 * @to: of the destination's
 *
 * Return: the channel, good until the next one is added.
 */
struct ps_channel *plan_queuing(struct ps_model *model, const char *name, uint32_t message,
				uint32_t depth, size_t from, size_t to);

/**
 * plan_pseudo() - have a program of the host at an end of a channel
 * @end: the end
 * @name: of the pseudo-partition; its device is NAME.CHANNEL
 */
void plan_pseudo(struct ps_end *end, const char *name);

/**
 * port_open() - open a port's device
 * @name: PARTITION.PORT
 * @flags: of open()
 *
 * Return: descriptor, or -1 with errno.
 */
int port_open(const char *name, int flags);

/**
 * port_info() - what the module says of a port
 * @kernel: connection
 * @partition: whose it is
 * @port: its name
 * @info: filled in
 *
 * Return: false if there is none.
 */
bool port_info(struct ps_kernel *kernel, const char *partition, const char *port,
	       struct ps_port_info *info);

/**
 * channel_bytes() - memory of all channels
 * @kernel: connection
 *
 * Return: bytes, UINT64_MAX if the module does not answer.
 */
uint64_t channel_bytes(struct ps_kernel *kernel);

#endif /* TEST_PORTS_H */
