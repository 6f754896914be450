/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmd-check - findings as check and load print them
 */
#ifndef PARTCTL_CMD_CHECK_H
#define PARTCTL_CMD_CHECK_H

#include <stddef.h>

#include "out.h"
#include "xml.h"

/**
 * print_findings_text() - print findings for people, on standard error
 * @findings: sorted findings
 */
void print_findings_text(const struct ps_findings *findings);

/**
 * print_findings_json() - add the list "findings" to an answer
 * @out: the answer
 * @all: findings of several files
 * @nr: number of files
 */
void print_findings_json(struct out *out, const struct ps_findings *all, size_t nr);

#endif /* PARTCTL_CMD_CHECK_H */
