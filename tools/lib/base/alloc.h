/* SPDX-License-Identifier: GPL-2.0 */
/*
 * alloc - memory that is there or ends the program
 *
 * The tools are short-lived and hold little: a failed allocation is told in one
 * sentence and ends them, so no caller carries a path that is never tested.
 * Not for the kernel layer, which partvm links: that one returns errors.
 */
#ifndef PS_ALLOC_H
#define PS_ALLOC_H

#include <stddef.h>

/**
 * ps_calloc() - zeroed array
 * @nr: members
 * @size: bytes of one
 *
 * Return: the memory, never NULL.
 */
void *ps_calloc(size_t nr, size_t size);

/**
 * ps_grow() - append one zeroed member to an array
 * @array: address of the array pointer (of any type)
 * @nr: address of the member count, which is incremented
 * @size: bytes of one member
 *
 * Return: the new member.
 */
void *ps_grow(void *array, size_t *nr, size_t size);

/**
 * ps_strdup() - copy of a string
 * @s: the string, or NULL
 *
 * Return: the copy, NULL for NULL.
 */
char *ps_strdup(const char *s);

/**
 * ps_asprintf() - formatted string
 * @fmt: printf format
 *
 * Return: the string, to be freed.
 */
char *ps_asprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* PS_ALLOC_H */
