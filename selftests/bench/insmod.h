/* SPDX-License-Identifier: GPL-2.0 */
/*
 * insmod - the module in and out, without a helper program
 */
#ifndef BENCH_INSMOD_H
#define BENCH_INSMOD_H

#include "error.h"

/**
 * module_insert() - load a module from a file
 * @path: partsched.ko
 * @parameters: as for insmod, "" for none
 * @error: why not
 *
 * Return: 0 or -1.
 */
int module_insert(const char *path, const char *parameters, struct ps_error *error);

/**
 * module_remove() - unload a module
 * @name: its name
 * @error: why not
 *
 * Waits a moment for references that are on their way out.
 *
 * Return: 0 or -1.
 */
int module_remove(const char *name, struct ps_error *error);

#endif /* BENCH_INSMOD_H */
