/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sandbox - what a vCPU thread may ask of the kernel
 *
 * A guest that breaks into its launcher has a thread on a planned CPU, in its
 * own windows only. What it could do to the others from there is have the
 * kernel do things later or for long: timers that expire in another's window,
 * memory slots whose page tables are taken apart with a lock held. A vCPU
 * thread needs none of that, and gives it up before its guest's first
 * instruction. The launcher's other threads are on the housekeeping CPUs.
 */
#ifndef PARTVM_SANDBOX_H
#define PARTVM_SANDBOX_H

/**
 * sandbox_enter() - give up, for the calling thread, what a vCPU does not need
 *
 * What is not allowed fails with EPERM from now on: all that arms a timer
 * other than by waiting, starts a thread or a program, changes priorities and
 * affinity or KVM's memory slots, or has much memory at once. There is no way back.
 *
 * Return: 0, or a negative error number.
 */
int sandbox_enter(void);

#endif /* PARTVM_SANDBOX_H */
