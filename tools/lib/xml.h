/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xml - a configuration file read, judged and turned into the model
 *
 * The text layer's front door. Files are not trusted: no network, no external
 * entities, no DTD, no XInclude, bounded size and depth.
 */
#ifndef PS_XML_H
#define PS_XML_H

#include "findings.h"
#include "model.h"

/* Largest file that is read, in bytes. */
#define PS_XML_MAX_SIZE		(16UL << 20)

/* The namespace of our own attributes and elements. */
#define PS_XML_NAMESPACE	"urn:partsched:1"

/* flags of ps_xml_check() */
#define PS_CHECK_HOST		(1U << 0)	/* compare with this host's CPUs */
#define PS_CHECK_NO_SLACK	(1U << 1)	/* do not demand slack */

/**
 * ps_xml_check() - read a file and find all that is wrong with it
 * @path: the file
 * @flags: PS_CHECK_*
 * @findings: initialised; receives the findings, sorted
 *
 * Return: the model, to be freed, or NULL. It is fit for loading only if there
 * are no errors among the findings.
 */
struct ps_model *ps_xml_check(const char *path, unsigned int flags,
			      struct ps_findings *findings);

/**
 * ps_xml_schema() - the XML schema that files are validated against
 * @size: receives its size in bytes
 *
 * Return: the schema (XSD), which is built into the program.
 */
const char *ps_xml_schema(size_t *size);

#endif /* PS_XML_H */
