/* SPDX-License-Identifier: GPL-2.0 */
/*
 * findings - everything that is wrong with a file, at once
 */
#ifndef PS_FINDINGS_H
#define PS_FINDINGS_H

#include <stddef.h>

/**
 * enum ps_severity - how bad a finding is
 * @PS_NOTE: worth knowing
 * @PS_WARNING: probably not what was meant
 * @PS_ERROR: the file is not valid
 */
enum ps_severity {
	PS_NOTE,
	PS_WARNING,
	PS_ERROR,
};

/*
 * The kinds of findings: number, name, severity, title. Numbers are stable:
 * never reuse one, add at the end of a block. Documentation/xml.rst lists them.
 */
#define PS_KINDS(K) \
	K(1, FILE, ERROR, "the file cannot be read") \
	K(2, SIZE, ERROR, "the file is too large") \
	K(3, SYNTAX, ERROR, "not well-formed XML") \
	K(4, DOCTYPE, ERROR, "declarations in a DOCTYPE") \
	K(5, DTD, WARNING, "an external DTD is not read") \
	K(6, XINCLUDE, ERROR, "XInclude is off") \
	K(7, DIALECT, ERROR, "dialect unknown or not supported yet") \
	K(8, SCHEMA, ERROR, "the XML schema refuses it") \
	K(9, ELEMENT, ERROR, "unknown element") \
	K(10, ATTRIBUTE, ERROR, "unknown attribute") \
	K(11, NO_ATTRIBUTE, ERROR, "missing attribute") \
	K(12, NO_ELEMENT, ERROR, "missing element") \
	K(13, REPEATED, ERROR, "an element that may stand only once") \
	K(14, FOREIGN, NOTE, "a foreign element is passed over") \
	K(15, TEXT, WARNING, "text between elements") \
	K(16, BLANKS, NOTE, "blanks around a value") \
	K(20, NUMBER, ERROR, "not a number in range") \
	K(21, BOOLEAN, ERROR, "not a boolean") \
	K(22, CHOICE, ERROR, "not one of the words allowed") \
	K(23, NAME, ERROR, "not a legal name") \
	K(30, SAME_NAME, ERROR, "two partitions of one name") \
	K(31, SAME_ID, ERROR, "two partitions of one identifier") \
	K(32, SAME_SCHEDULE, ERROR, "two schedules of one identifier") \
	K(33, DANGLING, ERROR, "a reference to nothing") \
	K(34, NO_WINDOW, WARNING, "a partition without a window") \
	K(35, NO_CORES, WARNING, "a partition without CPUs") \
	K(36, VCPU, ERROR, "vCPU numbers are not 0, 1, 2...") \
	K(37, SAME_CPU, ERROR, "two vCPUs of a partition on one CPU") \
	K(38, TOO_MANY, ERROR, "more than the module takes") \
	K(39, NO_CPU, ERROR, "this host has no such CPU online") \
	K(40, SHORT_WINDOW, ERROR, "a window too short to enforce") \
	K(41, BEYOND_FRAME, ERROR, "a window that ends after the frame") \
	K(42, OVERLAP, ERROR, "two windows on one CPU at one time") \
	K(43, SHORT_GAP, WARNING, "a gap too short to use") \
	K(44, DURATION, ERROR, "a duration longer than its period") \
	K(45, PERIOD, ERROR, "a frame that is no multiple of a period") \
	K(46, BUDGET, ERROR, "windows shorter than the duration") \
	K(47, SLACK, ERROR, "no time left for the host's kernel") \
	K(50, SCHEDULES, ERROR, "several module schedules") \
	K(51, INITIAL, ERROR, "not exactly one initial schedule") \
	K(60, BINARY, ERROR, "the guest's image cannot be read") \
	K(61, UNUSED_BINARY, WARNING, "a guest's image that nothing starts") \
	K(70, CHANNELS, WARNING, "channels are not created yet")

/* enum ps_kind: PS_FILE = 1 and so on, kinds by their stable number. */
enum ps_kind {
#define K(number, name, severity, title) PS_##name = number,
	PS_KINDS(K)
#undef K
};

/**
 * struct ps_finding - one thing that is wrong
 * @line: line of the file, 0: the file as a whole
 * @kind: what kind
 * @severity: how bad
 * @object: what it is about: 'partition "a"'
 * @reason: what is wrong with it
 * @advice: what to do, or NULL
 * @order: number as found, which keeps the sort stable
 */
struct ps_finding {
	int line;
	enum ps_kind kind;
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
 */
struct ps_findings {
	char *file;
	struct ps_finding *list;
	size_t nr;
	size_t errors;
	size_t warnings;
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
 * @kind: what kind; gives the severity
 * @line: line, 0: none
 * @object: what it is about; copied
 * @advice: what to do, NULL: nothing; copied
 * @fmt: what is wrong, printf style; names must have been made safe
 */
void ps_find(struct ps_findings *findings, enum ps_kind kind, int line, const char *object,
	     const char *advice, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

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
 * twenty of one kind the rest of that kind is one line.
 *
 * Return: the text, to be freed; "" for none.
 */
char *ps_findings_text(const struct ps_findings *findings);

/**
 * ps_severity_name() - a word for a severity
 * @severity: the severity
 *
 * Return: a static string.
 */
const char *ps_severity_name(enum ps_severity severity);

#endif /* PS_FINDINGS_H */
