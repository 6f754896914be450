/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kicks - processes that serve a QEMU the kicks of its ports
 *
 * Each is a "partctl port serve", with a socket and a record in STATE_DIR: it
 * outlives the QEMU, whoever supervises, and ends with the plan that has the port.
 */
#ifndef PARTCTL_KICKS_H
#define PARTCTL_KICKS_H

#include "error.h"

/**
 * kicks_serve() - have the kicks of a port served
 * @port: PARTITION.PORT
 * @error: why not
 *
 * One that serves already is ended: what the plan says of kicks may have changed.
 * Waits for up to some seconds.
 *
 * Return: path of the socket, to be freed, or NULL.
 */
char *kicks_serve(const char *port, struct ps_error *error);

/**
 * kicks_end() - end the servers of a partition's ports, and forget their pages
 * @partition: its name
 */
void kicks_end(const char *partition);

#endif /* PARTCTL_KICKS_H */
