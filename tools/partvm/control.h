/* SPDX-License-Identifier: GPL-2.0 */
/*
 * control - requests to a guest from outside
 *
 * A socket of type SOCK_SEQPACKET: a packet is a request, a text without an
 * end, and is answered by one: "ok", or "error " and why.
 *
 *	interrupt VCPU VECTOR	interrupts a vCPU, in a window of its own
 */
#ifndef PARTVM_CONTROL_H
#define PARTVM_CONTROL_H

#include <sys/types.h>

#define CONTROL_CLIENTS	8

struct vm;

/**
 * struct control - the socket and who is connected
 * @fd: readable when there is something to do; -1: no socket
 * @listener: the socket
 * @client: those who are connected, -1: a free place
 * @path: of the socket
 * @inode: of it, so that another's is not removed
 */
struct control {
	int fd;
	int listener;
	int client[CONTROL_CLIENTS];
	const char *path;
	ino_t inode;
};

/**
 * control_listen() - make the socket
 * @control: zeroed, its @fd -1
 * @path: where, of mode 0600; one that nobody listens at is replaced
 *
 * Return: 0, or -1 with a message printed.
 */
int control_listen(struct control *control, const char *path);

/**
 * control_serve() - take connections and answer requests
 * @control: its @fd is readable
 * @vm: the VM; called by the main thread
 *
 * Does not wait for anybody.
 */
void control_serve(struct control *control, struct vm *vm);

/**
 * control_close() - remove the socket
 * @control: also one that was never made
 */
void control_close(struct control *control);

#endif /* PARTVM_CONTROL_H */
