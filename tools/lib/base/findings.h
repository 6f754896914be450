/* SPDX-License-Identifier: GPL-2.0 */
/*
 * findings - everything that is wrong with a file, at once
 */
#ifndef PS_FINDINGS_H
#define PS_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "rules.h"

/**
 * struct ps_finding - one thing that is wrong
 * @line: line of the file, 0: the file as a whole
 * @rule: the rule that does not hold
 * @severity: how bad
 * @object: what it is about: 'partition "a"'
 * @reason: what is wrong with it
 * @advice: what to do, or NULL
 * @order: number as found, which keeps the sort stable
 */
struct ps_finding {
	int line;
	enum ps_rule rule;
	enum ps_severity severity;
	char *object;
	char *reason;
	char *advice;
	size_t order;
};

/**
 * struct ps_findings - all of them
 * @file: the file, as the user named it
 * @list: the findings; in the order of lines after ps_findings_sort()
 * @nr: number of them
 * @errors: number that are errors
 * @warnings: number that are warnings
 * @counts: number of each rule, whether kept in @list or not
 * @reached: stages that the check has gone through, 1 << enum ps_stage
 * @skipped: rules of these stages that were left out on request
 */
struct ps_findings {
	char *file;
	struct ps_finding *list;
	size_t nr;
	size_t errors;
	size_t warnings;
	size_t counts[PS_NR_RULES];
	unsigned int reached;
	bool skipped[PS_NR_RULES];
};

/**
 * enum ps_rule_verdict - what came of a rule
 * @PS_RULE_HOLDS: checked, nothing found
 * @PS_RULE_BROKEN: findings were made
 * @PS_RULE_UNCHECKED: its stage was not reached, or it was not asked for
 */
enum ps_rule_verdict {
	PS_RULE_HOLDS,
	PS_RULE_BROKEN,
	PS_RULE_UNCHECKED,
};

/**
 * ps_findings_init() - begin with none
 * @findings: to initialise; end with ps_findings_free()
 * @file: the file; copied
 */
void ps_findings_init(struct ps_findings *findings, const char *file);

/**
 * ps_findings_free() - free what they hold
 * @findings: the findings
 */
void ps_findings_free(struct ps_findings *findings);

/**
 * ps_find() - add a finding
 * @findings: where to
 * @rule: the rule that does not hold; gives the severity
 * @line: line, 0: none
 * @object: what it is about; copied
 * @advice: what to do, NULL: nothing; copied
 * @fmt: what is wrong, printf style; names must have been made safe
 */
void ps_find(struct ps_findings *findings, enum ps_rule rule, int line, const char *object,
	     const char *advice, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/**
 * ps_findings_skip() - a rule is left out on request
 * @findings: the findings
 * @rule: the rule, which neither holds nor is broken then
 */
void ps_findings_skip(struct ps_findings *findings, enum ps_rule rule);

/**
 * ps_findings_sort() - order them by line
 * @findings: the findings
 */
void ps_findings_sort(struct ps_findings *findings);

/**
 * ps_findings_text() - all findings as text
 * @findings: sorted findings
 *
 * One line each: file:line: object: reason; advice [error PS0042]. After
 * twenty of one rule the rest of that rule is one line.
 *
 * Return: the text, to be freed; "" for none.
 */
char *ps_findings_text(const struct ps_findings *findings);

/**
 * ps_findings_dropped() - were there more of a rule than are kept?
 * @findings: the findings
 * @rule: the rule
 *
 * Return: true if the list lacks findings of this rule.
 */
bool ps_findings_dropped(const struct ps_findings *findings, enum ps_rule rule);

/**
 * ps_findings_verdict() - what came of a rule
 * @findings: after the check
 * @rule: number of a rule that exists
 *
 * Return: its verdict.
 */
enum ps_rule_verdict ps_findings_verdict(const struct ps_findings *findings, enum ps_rule rule);

#endif /* PS_FINDINGS_H */
