/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xml-priv - shared by the files of the text layer only
 */
#ifndef PS_XML_PRIV_H
#define PS_XML_PRIV_H

#include <libxml/tree.h>

#include "xml.h"

#define MUMU_NAMESPACE "ARINC_653_ModuleMC_NS"

/**
 * struct ps_reader - what goes through the reading of one file
 * @findings: where findings go
 * @model: what has been read so far
 * @dir: directory of the file, for relative paths; NULL: the current one
 */
struct ps_reader {
	struct ps_findings *findings;
	struct ps_model *model;
	char *dir;
};

/**
 * struct ps_attr_rule - an attribute that an element may have
 * @name: local name
 * @own: in our own namespace; otherwise in none
 * @required: must be there
 */
struct ps_attr_rule {
	const char *name;
	bool own;
	bool required;
};

/**
 * struct ps_element_rule - an element of the dialect
 * @name: local name
 * @attrs: its attributes, ended by an entry without a name
 * @children: names of the elements that may stand in it, ended by NULL
 * @once: names of the children that may stand only once, ended by NULL
 * @needed: names of the children that must stand, ended by NULL
 * @opaque: what stands in it is not looked at
 */
struct ps_element_rule {
	const char *name;
	const struct ps_attr_rule *attrs;
	const char *const *children;
	const char *const *once;
	const char *const *needed;
	bool opaque;
};

/**
 * ps_structure_check() - unknown and missing elements and attributes
 * @findings: where findings go
 * @root: element to begin with
 * @ns: the dialect's namespace
 * @rules: the dialect's elements
 * @nr: number of them
 */
void ps_structure_check(struct ps_findings *findings, xmlNode *root, const char *ns,
			const struct ps_element_rule *rules, size_t nr);

/**
 * ps_schema_check() - validate against the XSD
 * @findings: where findings go, on lines that have no error yet
 * @doc: the document
 */
void ps_schema_check(struct ps_findings *findings, xmlDoc *doc);

/**
 * ps_mumu_read() - turn mumu's dialect into the model
 * @reader: model and findings
 * @root: the root element
 */
void ps_mumu_read(struct ps_reader *reader, xmlNode *root);

/**
 * ps_model_check() - the rules that no schema can express
 * @model: what was read
 * @flags: PS_CHECK_*
 * @findings: where findings go
 */
void ps_model_check(struct ps_model *model, unsigned int flags, struct ps_findings *findings);

/**
 * ps_time_check() - overlap, gaps, periods and slack of one schedule
 * @model: what was read
 * @schedule: the schedule
 * @flags: PS_CHECK_*
 * @findings: where findings go
 */
void ps_time_check(const struct ps_model *model, const struct ps_schedule *schedule,
		   unsigned int flags, struct ps_findings *findings);

/**
 * ps_window_sound() - can a window be reasoned about?
 * @schedule: its schedule
 * @window: the window
 *
 * Return: true if it has a length and lies within the frame.
 */
bool ps_window_sound(const struct ps_schedule *schedule, const struct ps_window *window);

#endif /* PS_XML_PRIV_H */
