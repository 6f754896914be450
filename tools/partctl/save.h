/* SPDX-License-Identifier: GPL-2.0 */
/*
 * save - a configuration put into a file, whole or not at all
 */
#ifndef PARTCTL_SAVE_H
#define PARTCTL_SAVE_H

#include <stdbool.h>

#include "error.h"
#include "findings.h"
#include "model.h"
#include "xml.h"

/**
 * save_text() - a model as text
 * @model: the model
 * @dialect: the dialect
 * @flags: PS_WRITE_*
 * @findings: receives what is lost, sorted
 *
 * Return: the text, to be freed; ends the program when memory is exhausted.
 */
char *save_text(const struct ps_model *model, enum ps_dialect dialect, unsigned int flags,
		struct ps_findings *findings);

/**
 * save_beside() - do two files stand in the same directory?
 * @a: a path
 * @b: another
 *
 * Return: true if they do: paths in one are right in the other.
 */
bool save_beside(const char *a, const char *b);

/**
 * save_file() - write a text
 * @path: where to, NULL: standard output
 * @text: the text
 * @error: why not
 *
 * A file that is there is replaced in one step, and keeps its mode; after a
 * failure it is what it was. What is no regular file is written as it stands.
 *
 * Return: 0 or -1.
 */
int save_file(const char *path, const char *text, struct ps_error *error);

#endif /* PARTCTL_SAVE_H */
