/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kick - doorbells and interrupts of our ports
 *
 * What rings at a source and what interrupts at a destination are eventfds, which
 * KVM signals and listens to itself: no thread of ours is in between. The module
 * brings the two ends together.
 */
#ifndef PARTVM_KICK_H
#define PARTVM_KICK_H

struct vm;

/**
 * kicks_create() - connect all our ports that have a kick
 * @vm: has its interrupt controllers and its channels, no memory yet
 *
 * Fills in what the ports' entries in the channel table say of kicks.
 *
 * Return: 0, or -1 with a message printed.
 */
int kicks_create(struct vm *vm);

#endif /* PARTVM_KICK_H */
