/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xml - a configuration file read, judged and turned into the model
 *
 * The text layer's front door. Files are not trusted: no network, no external
 * entities, no DTD, no XInclude, bounded size and depth.
 */
#ifndef PS_XML_H
#define PS_XML_H

#include <stdio.h>

#include "check.h"
#include "findings.h"
#include "model.h"

/* Largest file that is read, in bytes. */
#define PS_XML_MAX_SIZE		(32UL << 20)
/* Deepest element that is read; no dialect goes beyond ten. */
#define PS_XML_MAX_DEPTH	64

/* The namespace of our own attributes and elements, and of the native dialect. */
#define PS_XML_NAMESPACE	"urn:partsched:1"

/**
 * enum ps_dialect - the dialects of ARINC 653 XML
 * @PS_DIALECT_PART1: Part 1 (2003): seconds, no namespace, one schedule
 * @PS_DIALECT_PART2: Part 2: the same with several schedules
 * @PS_DIALECT_2015: the schema of 2015: nanoseconds, root MODULE
 * @PS_DIALECT_MUMU: mumu's: nanoseconds, root ARINC_653_Module
 * @PS_DIALECT_NATIVE: our own, which can say all that the model holds
 * @PS_NR_DIALECTS: number of dialects
 */
enum ps_dialect {
	PS_DIALECT_PART1,
	PS_DIALECT_PART2,
	PS_DIALECT_2015,
	PS_DIALECT_MUMU,
	PS_DIALECT_NATIVE,
	PS_NR_DIALECTS,
};

/**
 * ps_dialect_name() - the word for a dialect on the command line
 * @dialect: the dialect
 *
 * Return: "A", "B", "C", "M" or "native".
 */
const char *ps_dialect_name(enum ps_dialect dialect);

/**
 * ps_dialect_title() - what a dialect is
 * @dialect: the dialect
 *
 * Return: a static phrase such as "ARINC 653 Part 1".
 */
const char *ps_dialect_title(enum ps_dialect dialect);

/**
 * ps_dialect_find() - the dialect of a word
 * @word: as ps_dialect_name(), or part1, part2, 2015, mumu; in any case; or NULL
 *
 * Return: the dialect, or -1.
 */
int ps_dialect_find(const char *word);

/**
 * ps_xml_check() - read a file and find all that is wrong with it
 * @path: the file
 * @flags: PS_CHECK_*
 * @dialect: receives the dialect where a model is returned; may be NULL
 * @findings: initialised; receives the findings, sorted
 *
 * Return: the model, to be freed, or NULL. It is fit for loading only if there
 * are no errors among the findings.
 */
struct ps_model *ps_xml_check(const char *path, unsigned int flags, enum ps_dialect *dialect,
			      struct ps_findings *findings);

/**
 * ps_xml_check_memory() - the same for a text in memory
 * @text: the text, any bytes
 * @size: number of them
 * @path: what paths in it are relative to, and what findings name
 * @flags: PS_CHECK_*
 * @dialect: as ps_xml_check()
 * @findings: as ps_xml_check()
 *
 * Return: as ps_xml_check().
 */
struct ps_model *ps_xml_check_memory(const char *text, size_t size, const char *path,
				     unsigned int flags, enum ps_dialect *dialect,
				     struct ps_findings *findings);

/* flags of ps_xml_write() */
#define PS_WRITE_ABSOLUTE	(1U << 0)	/* paths absolute, not as in the file */
#define PS_WRITE_PURE		(1U << 1)	/* nothing of our own namespace */

/**
 * ps_xml_write() - write a model in a dialect
 * @out: where to
 * @model: a model without errors
 * @dialect: the dialect
 * @flags: PS_WRITE_*
 * @findings: receives PS_LOST for all that the dialect cannot say
 *
 * What is written reads back to the same model but for what was lost.
 *
 * Return: 0, or -1 if @out failed.
 */
int ps_xml_write(FILE *out, const struct ps_model *model, enum ps_dialect dialect,
		 unsigned int flags, struct ps_findings *findings);

/**
 * ps_xml_schema() - the XML schema of a dialect
 * @dialect: the dialect
 *
 * Made of the same tables that the reader goes by. Files of Part 1, Part 2,
 * 2015 and mumu may hold attributes of our namespace; their types are in the
 * native schema's text only as far as XSD allows.
 *
 * Return: the schema (XSD), to be freed.
 */
char *ps_xml_schema(enum ps_dialect dialect);

#endif /* PS_XML_H */
