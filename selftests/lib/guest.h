/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest - a guest in a process of its own, by the launcher partvm
 */
#ifndef TEST_GUEST_H
#define TEST_GUEST_H

#include <stdbool.h>
#include <sys/types.h>

#include "kernel.h"

/**
 * struct guest - a guest
 * @pid: its launcher, 0: none, or reaped already
 * @console: file of its output
 * @status: how the launcher ended, as waitpid() tells it
 */
struct guest {
	pid_t pid;
	char console[64];
	int status;
};

/**
 * guest_start() - start a launcher
 * @guest: filled in
 * @image: name of a guest of tools/partvm/guest
 * @partition: to attach to, NULL: it runs free
 * @options: more options of partvm, ended by NULL, or NULL
 *
 * The launcher is killed when the calling thread ends.
 *
 * Return: 0 or -1.
 */
int guest_start(struct guest *guest, const char *image, const char *partition,
		const char *const *options);

/**
 * guest_vcpu() - wait for the thread of a vCPU
 * @guest: the guest
 * @vcpu: index
 *
 * Return: its tid, 0 when it does not come.
 */
pid_t guest_vcpu(const struct guest *guest, unsigned int vcpu);

/**
 * guest_attached() - start a guest and wait until its first vCPU is attached
 * @guest: filled in
 * @kernel: connection
 * @image: as for guest_start()
 * @partition: its partition
 *
 * Return: the tid of its first vCPU, 0 when it is not attached.
 */
pid_t guest_attached(struct guest *guest, struct ps_kernel *kernel, const char *image,
		     const char *partition);

/**
 * guest_ended() - wait until the launcher has ended
 * @guest: the guest; its status is filled in
 * @timeout_ns: how long
 */
bool guest_ended(struct guest *guest, unsigned long long timeout_ns);

/**
 * guest_kill() - kill the launcher and reap it
 * @guest: the guest, also one that has ended or never began
 */
void guest_kill(struct guest *guest);

#endif /* TEST_GUEST_H */
