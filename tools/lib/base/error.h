/* SPDX-License-Identifier: GPL-2.0 */
/*
 * error - the one failure that ends a command, and its exit status
 */
#ifndef PS_ERROR_H
#define PS_ERROR_H

#include <stddef.h>

/**
 * enum ps_exit - exit status of partctl, and the class of a failure
 * @PS_EXIT_DONE: done
 * @PS_EXIT_REFUSED: the kernel (or the system) refused
 * @PS_EXIT_USAGE: the command line is wrong
 * @PS_EXIT_CONFIG: the configuration is invalid
 * @PS_EXIT_ABSENT: the module is not loaded
 * @PS_EXIT_PERMISSION: the caller lacks a capability
 */
enum ps_exit {
	PS_EXIT_DONE = 0,
	PS_EXIT_REFUSED = 1,
	PS_EXIT_USAGE = 2,
	PS_EXIT_CONFIG = 3,
	PS_EXIT_ABSENT = 4,
	PS_EXIT_PERMISSION = 5,
};

/**
 * struct ps_error - why a call failed
 * @exit: class of the failure
 * @err: positive errno, 0 when there is none
 * @attr: attribute at fault (enum partsched_attr), 0 when none was named
 * @text: the sentence to print, without a newline; control characters in
 *	names are escaped already
 *
 * Filled by the callee on failure only. Functions that take one accept NULL.
 */
struct ps_error {
	enum ps_exit exit;
	int err;
	unsigned int attr;
	char text[1024];
};

/**
 * ps_fail() - fill an error
 * @error: where to, or NULL
 * @exit: class
 * @err: positive errno, 0 for none; kept in @error, not added to the text
 * @fmt: the sentence, printf style
 *
 * Return: -1, so that a caller can return it.
 */
int ps_fail(struct ps_error *error, enum ps_exit exit, int err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * ps_escape() - make a name safe for a terminal
 * @buf: receives the text, always NUL-terminated
 * @size: bytes in @buf, at least 8
 * @name: UTF-8 text of any origin; NULL gives "?"
 *
 * Control characters (C0, DEL, C1) and bytes that are not UTF-8 become \xNN.
 * Long names end in "..." where @buf ends.
 *
 * Return: @buf.
 */
char *ps_escape(char *buf, size_t size, const char *name);

/* For a call inside an expression: escaped text that lives until the block ends. */
#define PS_SAFE(name) ps_escape((char[256]){ 0 }, 256, name)

#endif /* PS_ERROR_H */
