/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bridge - the host's side of virtual networks: a network namespace with a bridge
 * for each, and a tap for each network interface of a guest
 *
 * The namespace is held by a file that it is mounted on, not by a process. It has no
 * way out: no address, no interface that leads elsewhere, no forwarding. A tap lives
 * as long as its descriptor, so that it goes with the guest that has it.
 *
 * A filtered interface is a locked port of its bridge with one entry in the table of
 * addresses, which no other port can move: what comes from it with another sender is
 * dropped, and what has another destination does not go to it.
 */
#ifndef PS_NET_BRIDGE_H
#define PS_NET_BRIDGE_H

#include "error.h"
#include "network.h"

/**
 * net_space() - open the network namespace of a file, make both if need be
 * @path: the file; its directory is there
 * @error: why not
 *
 * Context: one thread; it is in another namespace meanwhile.
 * Return: a descriptor, closed by exec, or -1.
 */
int net_space(const char *path, struct ps_error *error);

/**
 * net_space_end() - let go of the namespace of a file, and remove the file
 * @path: the file; without one there is nothing to do
 *
 * The namespace goes with all that is in it, once nobody has a descriptor of it.
 */
void net_space_end(const char *path);

/**
 * net_bridge() - make the bridge of a network, unless it is there
 * @space: descriptor of the namespace
 * @name: of the network
 * @error: why not
 *
 * One that is there is put right, and keeps its ports.
 *
 * Context: one thread; it is in another namespace meanwhile.
 * Return: 0 or -1.
 */
int net_bridge(int space, const char *name, struct ps_error *error);

/**
 * net_bridge_end() - remove the bridge of a network that is no more
 * @space: descriptor of the namespace
 * @name: of the network; without a bridge there is nothing to do
 * @error: why not
 *
 * Context: one thread; it is in another namespace meanwhile.
 * Return: 0 or -1.
 */
int net_bridge_end(int space, const char *name, struct ps_error *error);

/**
 * net_tap() - make the host's end of a guest's network interface
 * @space: descriptor of the namespace
 * @nic: the interface; its network has a bridge
 * @error: why not
 *
 * Frames have a header of virtio before them, 10 bytes unless told otherwise.
 * Nothing passes before the port is as @nic says. An end that is about to go, as
 * its process is, is waited for.
 *
 * Context: one thread; it is in another namespace meanwhile.
 * Return: a descriptor, closed by exec, that does not block; or -1.
 */
int net_tap(int space, const struct ps_nic *nic, struct ps_error *error);

/**
 * net_vhost() - open what has the host's kernel move frames
 * @error: why not
 *
 * Return: a descriptor, closed by exec, or -1.
 */
int net_vhost(struct ps_error *error);

#endif /* PS_NET_BRIDGE_H */
