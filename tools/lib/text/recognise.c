// SPDX-License-Identifier: GPL-2.0
/*
 * recognise - which dialect a file is of; those that are not read are told by
 * name
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "xml-priv.h"

/* Roots of configurations that other systems have. */
static const struct {
	const char *root;
	const char *whose;
} others[] = {
	{ "chpok-configuration", "JetOS" },
	{ "SystemDescription", "XtratuM or PRTOS" },
};

static bool is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name);
}

static bool has_child(const xmlNode *parent, const char *name)
{
	const xmlNode *child;

	for (child = parent->children; child; child = child->next) {
		if (is(child, name))
			return true;
	}
	return false;
}

/* An attribute that Part 2 has, and Part 1 has not? */
static bool has_part2_attr(const xmlNode *node, const struct ps_element *element)
{
	const xmlAttr *attr;

	for (attr = node->properties; attr; attr = attr->next) {
		const char *name = (const char *)attr->name;

		if (!attr->ns && ps_element_attr_named(element, PS_DIALECT_PART2, name) &&
		    !ps_element_attr_named(element, PS_DIALECT_PART1, name))
			return true;
	}
	return false;
}

static bool is_part2(const xmlNode *root)
{
	const struct ps_element *schedule, *partition;
	const xmlNode *child, *inner;
	size_t schedules = 0;

	schedule = ps_element_child(&ps_part1_root, PS_DIALECT_PART2, false,
				    "Module_Schedule")->element;
	partition = ps_element_child(schedule, PS_DIALECT_PART2, false,
				     "Partition_Schedule")->element;
	for (child = root->children; child; child = child->next) {
		if (!is(child, "Module_Schedule"))
			continue;
		if (++schedules > 1 || has_part2_attr(child, schedule))
			return true;
		for (inner = child->children; inner; inner = inner->next) {
			if (is(inner, "Partition_Schedule") && has_part2_attr(inner, partition))
				return true;
		}
	}
	return false;
}

/* A root of the right name: advise the namespace that goes with it. */
static void tell_namespace(const xmlNode *root, const char *ns, struct ps_findings *findings)
{
	const char *name = (const char *)root->name, *wanted = PS_MUMU_NAMESPACE;
	int line = (int)xmlGetLineNo(root);
	char object[300], *advice;

	if (!strcmp(name, "MODULE"))
		wanted = PS_ARINC_2015_NAMESPACE;
	else if (!strcmp(name, "Module"))
		wanted = PS_XML_NAMESPACE;
	if (has_child(root, "Partition") || has_child(root, "Module_Schedule"))
		advice = ps_asprintf("Part 1 and Part 2 have none: take xmlns away");
	else
		advice = ps_asprintf("write xmlns=\"%s\"", wanted);
	snprintf(object, sizeof(object), "element %s", name);
	ps_find(findings, PS_DIALECT, line, object, advice,
		"its namespace is %s%s%s, not that of a dialect known here",
		ns ? "\"" : "missing", ns ? PS_SAFE(ns) : "", ns ? "\"" : "");
	free(advice);
}

int ps_recognise(const xmlNode *root, struct ps_findings *findings)
{
	const char *ns = root->ns ? (const char *)root->ns->href : NULL;
	const char *name = (const char *)root->name;
	int line = (int)xmlGetLineNo(root), i;
	bool named = false;
	char object[300];
	size_t j;

	for (i = 0; i < PS_NR_DIALECTS; i++) {
		const char *wanted = ps_dialect_namespace(i);

		if (strcmp(name, ps_dialect_root(i)->name))
			continue;
		named = true;
		if (wanted ? !ns || strcmp(ns, wanted) : ns != NULL)
			continue;
		if (wanted)
			return i;
		if (!has_child(root, "Partitions"))	/* mumu's without its namespace */
			return is_part2(root) ? PS_DIALECT_PART2 : PS_DIALECT_PART1;
	}
	if (named) {
		tell_namespace(root, ns, findings);
		return -1;
	}
	snprintf(object, sizeof(object), "element %s", PS_SAFE(name));
	for (j = 0; j < sizeof(others) / sizeof(others[0]); j++) {
		if (strcmp(name, others[j].root))
			continue;
		ps_find(findings, PS_DIALECT, line, object,
			"write it in one of the dialects of Documentation/xml.rst",
			"this is a configuration of %s, which is not read", others[j].whose);
		return -1;
	}
	ps_find(findings, PS_DIALECT, line, object,
		"the root of a configuration is ARINC_653_Module, MODULE or Module",
		"this is not the root of an ARINC 653 configuration");
	return -1;
}
