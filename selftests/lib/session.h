/* SPDX-License-Identifier: GPL-2.0 */
/*
 * session - begin and end of a test that uses the module
 */
#ifndef TEST_SESSION_H
#define TEST_SESSION_H

#include <stdbool.h>

#include "kernel.h"

/**
 * session_missing() - what this machine lacks to run the tests at all
 *
 * Return: a sentence for the skip, or NULL. In the lab nothing may be lacking:
 * there the sentence is a failure.
 */
const char *session_missing(void);

/**
 * session_in_lab() - whether this machine was made for the tests
 */
bool session_in_lab(void);

/**
 * exact() - whether time is exact: an instruction takes a nanosecond
 *
 * Elsewhere an emulated CPU is away now and then, and what it does late is no
 * fault of the module's.
 */
bool exact(void);

/*
 * What the module is loaded with: the shortest window is the same on every
 * machine, emulated ones too. What is measured has a test of its own.
 */
#define SESSION_PARAMETERS "min_window_ns=50000"

/**
 * session_open() - the module loaded, no plan, no thread, this thread on CPU 0
 *
 * Ends what an earlier test that was killed has left behind. Says on standard
 * output why it failed.
 *
 * Return: a connection, or NULL.
 */
struct ps_kernel *session_open(void);

/**
 * session_close() - detach everything and unload the plan
 * @kernel: from session_open(), may be NULL
 *
 * Return: whether every thread went within the deadline.
 */
bool session_close(struct ps_kernel *kernel);

/**
 * session_cpu() - the CPU that the tests' windows are on
 *
 * Return: the highest CPU online, never 0.
 */
int session_cpu(void);

/**
 * module_insert() - insmod
 * @parameters: "name=value ..." or ""
 *
 * The file is $PARTSCHED_MODULE, or what scripts/build-module made for the
 * running kernel.
 *
 * Return: 0 or a negative errno.
 */
int module_insert(const char *parameters);

/**
 * module_remove() - rmmod, without waiting
 *
 * Return: 0 or a negative errno.
 */
int module_remove(void);

/**
 * kernel_log_mark() - remember the end of the kernel's log
 *
 * Return: a file descriptor that reads what is logged from now on.
 */
int kernel_log_mark(void);

/**
 * kernel_log_has() - look for a line in the kernel's log
 * @mark: from kernel_log_mark(); what was read is gone
 * @text: part of the line
 */
bool kernel_log_has(int mark, const char *text);

#endif /* TEST_SESSION_H */
