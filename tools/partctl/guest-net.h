/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest-net - the networks of the guests that run in QEMU
 *
 * Bridges are made when the first guest needs them, and stay until the plan goes or
 * has them no more. Taps are a guest's: QEMU has their descriptors, and nobody else.
 */
#ifndef PARTCTL_GUEST_NET_H
#define PARTCTL_GUEST_NET_H

#include <sys/types.h>

#include "error.h"
#include "model.h"
#include "qemu-args.h"

/**
 * struct guest_net - the network interfaces that a guest is started with
 * @nics: of its QEMU; their descriptors are closed by exec
 * @nr: number of them
 */
struct guest_net {
	struct qemu_nic nics[PS_MAX_NICS];
	size_t nr;
};

/**
 * guest_net_open() - make the host's end of a guest's network interfaces
 * @net: receives them
 * @partition: its partition
 * @error: why not
 *
 * Context: one thread; it is in another network namespace meanwhile.
 * Return: 0 or -1.
 */
int guest_net_open(struct guest_net *net, const struct ps_partition *partition,
		   struct ps_error *error);

/**
 * guest_net_close() - let go of the descriptors
 * @net: the interfaces; those that QEMU has got stay
 */
void guest_net_close(struct guest_net *net);

/**
 * guest_net_hand_on() - have exec leave the descriptors open
 * @net: the interfaces
 */
void guest_net_hand_on(const struct guest_net *net);

/**
 * guest_net_place_vhost() - keep the kernel threads that move a QEMU's frames where
 * QEMU itself is
 * @pid: the QEMU
 *
 * Newer kernels make them threads of QEMU, which are there already.
 */
void guest_net_place_vhost(pid_t pid);

/**
 * guest_net_end() - remove networks that a plan does not have
 * @before: the plan before, or NULL
 * @after: the plan that counts; NULL: none does, and all of them go
 */
void guest_net_end(const struct ps_model *before, const struct ps_model *after);

#endif /* PARTCTL_GUEST_NET_H */
