/* SPDX-License-Identifier: GPL-2.0 */
/*
 * space - being in another network namespace for a moment
 */
#ifndef PS_NET_SPACE_H
#define PS_NET_SPACE_H

#include "error.h"

/**
 * net_space_enter() - go into a namespace
 * @space: descriptor of it
 * @error: why not
 *
 * Return: a descriptor of where the thread was, for net_space_leave(); or -1.
 */
int net_space_enter(int space, struct ps_error *error);

/**
 * net_space_leave() - go back
 * @back: from net_space_enter(), closed
 *
 * The program ends if that cannot be: it would be where it must not be.
 */
void net_space_leave(int back);

#endif /* PS_NET_SPACE_H */
