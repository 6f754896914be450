/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ivshmem - the server's side of what QEMU's ivshmem-doorbell speaks
 */
#ifndef PARTCTL_IVSHMEM_H
#define PARTCTL_IVSHMEM_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/**
 * struct ivshmem_handover - what a client is given, and all that it is told
 * @position: its own number
 * @memory: its shared memory: a file whose size is the device's, writable
 * @peers: eventfds of the peers, one each; @peers[i] is that of peer @first_peer
 *	+ i, -1: there is none
 * @nr_peers: number of them
 * @first_peer: number of the first; a peer with the number @position is the client
 *	itself: its eventfd is what it listens to
 */
struct ivshmem_handover {
	uint32_t position;
	int memory;
	const int *peers;
	size_t nr_peers;
	uint32_t first_peer;
};

/**
 * ivshmem_listen() - a socket for clients
 * @path: where; a socket that a dead server has left there is replaced
 * @error: why there is none
 *
 * Return: the socket, to be ended by ivshmem_unlisten(), or -1.
 */
int ivshmem_listen(const char *path, struct ps_error *error);

/**
 * ivshmem_unlisten() - close a socket and take it away
 * @fd: from ivshmem_listen()
 * @path: where it is
 */
void ivshmem_unlisten(int fd, const char *path);

/**
 * ivshmem_accept() - the next client
 * @fd: from ivshmem_listen()
 * @pid: its process
 *
 * Does not wait.
 *
 * Return: its socket, or -1.
 */
int ivshmem_accept(int fd, int *pid);

/**
 * ivshmem_hand_over() - tell a client all there is to tell
 * @client: from ivshmem_accept()
 * @handover: that
 *
 * Return: 0, or -1 with errno: it has gone, or does not listen.
 */
int ivshmem_hand_over(int client, const struct ivshmem_handover *handover);

#endif /* PARTCTL_IVSHMEM_H */
