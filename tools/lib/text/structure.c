// SPDX-License-Identifier: GPL-2.0
/*
 * structure - which elements and attributes may stand where
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "units.h"
#include "xml-priv.h"

/* More than any element has of children or attributes. */
#define KNOWN_MAX 64

enum ps_home ps_node_home(enum ps_dialect dialect, const xmlNode *node)
{
	const char *ns = node->ns ? (const char *)node->ns->href : NULL;
	const char *own = ps_dialect_namespace(dialect);

	if (own ? ns && !strcmp(ns, own) : !ns)
		return PS_HOME_DIALECT;
	return ns && !strcmp(ns, PS_XML_NAMESPACE) ? PS_HOME_OURS : PS_HOME_FOREIGN;
}

const char *ps_node_prefix(enum ps_dialect dialect, const xmlNode *node)
{
	return ps_node_home(dialect, node) == PS_HOME_OURS ? "ps:" : "";
}

/* "element Partition", made safe for a terminal. */
static void name_element(char *buf, size_t size, const struct ps_reader *reader,
			 const xmlNode *node)
{
	snprintf(buf, size, "element %s%s", ps_node_prefix(reader->dialect, node),
		 PS_SAFE((const char *)node->name));
}

static void tell_unknown(struct ps_findings *findings, enum ps_rule rule, int line,
			 const char *object, const char *what, const char *name,
			 const char *const *known, size_t nr)
{
	const char *nearest = ps_nearest(name, known, nr);
	char *advice, *list = ps_strdup("");
	size_t i;

	for (i = 0; !nearest && i < nr; i++) {
		char *longer = ps_asprintf("%s%s%s", list, i ? ", " : "", known[i]);

		free(list);
		list = longer;
	}
	if (nearest)
		advice = ps_asprintf("did you mean %s?", nearest);
	else if (nr)
		advice = ps_asprintf("known here: %s", list);
	else
		advice = ps_asprintf("none may stand here");
	ps_find(findings, rule, line, object, advice, "%s%s is unknown", what, PS_SAFE(name));
	free(advice);
	free(list);
}

static bool attr_is(const xmlAttr *attr, bool own, const char *name)
{
	const char *ns = attr->ns ? (const char *)attr->ns->href : NULL;

	if (own ? !ns || strcmp(ns, PS_XML_NAMESPACE) : ns != NULL)
		return false;
	return !strcmp((const char *)attr->name, name);
}

/* A value under two names: which is meant? */
static void check_alias(const struct ps_reader *reader, const xmlNode *node,
			const struct ps_attr *rule, const xmlAttr *alias)
{
	const xmlAttr *attr;
	char object[300];

	for (attr = node->properties; attr; attr = attr->next) {
		if (attr_is(attr, alias->ns != NULL, rule->name))
			break;
	}
	if (!attr)
		return;
	name_element(object, sizeof(object), reader, node);
	ps_find(reader->findings, PS_ATTRIBUTE, (int)xmlGetLineNo(node), object,
		"take one of them away",
		"attribute %s is another name of %s, which is there as well", rule->alias,
		rule->name);
}

static void check_attribute(const struct ps_reader *reader, const xmlNode *node,
			    const struct ps_element *element, const xmlAttr *attr)
{
	const char *ns = attr->ns ? (const char *)attr->ns->href : NULL;
	bool ours = ns && !strcmp(ns, PS_XML_NAMESPACE), elsewhere = false;
	const char *known[KNOWN_MAX], *name = (const char *)attr->name;
	int line = (int)xmlGetLineNo(node);
	const struct ps_attr *rule;
	unsigned int at = 0;
	char object[300];
	size_t nr = 0;

	if (ns && !ours)		/* xmi:version, xsi:schemaLocation and the like */
		return;
	while ((rule = ps_element_attr(element, reader->dialect, &at))) {
		bool own = rule->own & 1U << reader->dialect;

		if (attr_is(attr, own, rule->name))
			return;
		if (rule->alias && attr_is(attr, own, rule->alias)) {
			check_alias(reader, node, rule, attr);
			return;
		}
		elsewhere |= !strcmp(rule->name, name);
		if (own == ours && nr < KNOWN_MAX)
			known[nr++] = rule->name;
	}
	name_element(object, sizeof(object), reader, node);
	if (elsewhere)
		ps_find(reader->findings, PS_ATTRIBUTE, line, object,
			ours ? "write it without a prefix" :
			"write it as ps:... with xmlns:ps=\"" PS_XML_NAMESPACE "\"",
			"attribute %s%s is unknown", ours ? "ps:" : "", name);
	else
		tell_unknown(reader->findings, PS_ATTRIBUTE, line, object,
			     ours ? "attribute ps:" : "attribute ", name, known, nr);
}

static void check_attributes(const struct ps_reader *reader, const xmlNode *node,
			     const struct ps_element *element)
{
	const struct ps_attr *rule;
	const xmlAttr *attr;
	unsigned int at = 0;
	char object[300];

	for (attr = node->properties; attr; attr = attr->next)
		check_attribute(reader, node, element, attr);
	while ((rule = ps_element_attr(element, reader->dialect, &at))) {
		bool own = rule->own & 1U << reader->dialect;

		if (!(rule->required & 1U << reader->dialect))
			continue;
		for (attr = node->properties; attr; attr = attr->next) {
			if (attr_is(attr, own, rule->name) ||
			    (rule->alias && attr_is(attr, own, rule->alias)))
				break;
		}
		if (attr)
			continue;
		name_element(object, sizeof(object), reader, node);
		ps_find(reader->findings, PS_NO_ATTRIBUTE, (int)xmlGetLineNo(node), object, NULL,
			"attribute %s%s is missing", own ? "ps:" : "", rule->name);
	}
}

static void check_text(const struct ps_reader *reader, const xmlNode *parent, const xmlNode *text)
{
	const char *s = (const char *)text->content;
	char object[300], shown[40], *trimmed;
	size_t len;

	s += s ? strspn(s, " \t\r\n") : 0;
	if (!s || !*s)
		return;
	trimmed = ps_strdup(s);
	for (len = strlen(trimmed); strchr(" \t\r\n", trimmed[len - 1]); len--)
		;
	trimmed[len] = '\0';
	name_element(object, sizeof(object), reader, parent);
	ps_find(reader->findings, PS_TEXT, (int)xmlGetLineNo(text), object, NULL,
		"the text \"%s\" is passed over", ps_escape(shown, sizeof(shown), trimmed));
	free(trimmed);
}

static void tell_foreign(const struct ps_reader *reader, const xmlNode *node, bool vendor)
{
	char object[300];

	name_element(object, sizeof(object), reader, node);
	if (vendor)
		ps_find(reader->findings, PS_FOREIGN, (int)xmlGetLineNo(node), object, NULL,
			"is a vendor's extension and is passed over");
	else
		ps_find(reader->findings, PS_FOREIGN, (int)xmlGetLineNo(node), object, NULL,
			"is of the foreign namespace \"%s\" and is passed over",
			PS_SAFE((const char *)node->ns->href));
}

/* A child that may not stand here. */
static void tell_stranger(const struct ps_reader *reader, const xmlNode *child, bool ours,
			  const struct ps_element *element)
{
	const struct ps_child *rule;
	const char *known[KNOWN_MAX];
	char object[300];
	size_t nr = 0;

	for (rule = element->children; rule && rule->element; rule++) {
		const struct ps_element *e = rule->element;

		if (e->in & 1U << reader->dialect && !e->vendor && nr < KNOWN_MAX &&
		    !(e->own & 1U << reader->dialect) == !ours)
			known[nr++] = e->name;
	}
	name_element(object, sizeof(object), reader, child->parent);
	tell_unknown(reader->findings, PS_ELEMENT, (int)xmlGetLineNo(child), object,
		     ours ? "element ps:" : "element ", (const char *)child->name, known, nr);
}

/* Of one that may stand only once: is there one before it? */
static void check_once(const struct ps_reader *reader, const xmlNode *child)
{
	const xmlNode *other;
	char object[300];

	for (other = child->prev; other; other = other->prev) {
		if (other->type == XML_ELEMENT_NODE &&
		    !strcmp((const char *)other->name, (const char *)child->name) &&
		    ps_node_home(reader->dialect, other) == ps_node_home(reader->dialect, child))
			break;
	}
	if (!other)
		return;
	name_element(object, sizeof(object), reader, child->parent);
	ps_find(reader->findings, PS_REPEATED, (int)xmlGetLineNo(child), object, NULL,
		"%s may stand only once; the first is in line %ld", (const char *)child->name,
		xmlGetLineNo(other));
}

static void check_needed(const struct ps_reader *reader, const xmlNode *node,
			 const struct ps_element *element)
{
	const struct ps_child *rule;
	const xmlNode *child;
	char object[300];

	for (rule = element->children; rule && rule->element; rule++) {
		if (!(rule->needed & 1U << reader->dialect))
			continue;
		for (child = node->children; child; child = child->next) {
			if (child->type == XML_ELEMENT_NODE &&
			    !strcmp((const char *)child->name, rule->element->name) &&
			    ps_node_home(reader->dialect, child) == PS_HOME_DIALECT)
				break;
		}
		if (child)
			continue;
		name_element(object, sizeof(object), reader, node);
		ps_find(reader->findings, PS_NO_ELEMENT, (int)xmlGetLineNo(node), object, NULL,
			"element %s is missing in it", rule->element->name);
	}
}

/* The depth of this is that of the tables. */
static void check_element(const struct ps_reader *reader, const xmlNode *node,
			  const struct ps_element *element)
{
	const xmlNode *child;

	check_attributes(reader, node, element);
	for (child = node->children; child; child = child->next) {
		const struct ps_child *rule;
		enum ps_home home;

		if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
			check_text(reader, node, child);
		if (child->type != XML_ELEMENT_NODE)
			continue;
		home = ps_node_home(reader->dialect, child);
		if (home == PS_HOME_FOREIGN) {
			tell_foreign(reader, child, false);
			continue;
		}
		rule = ps_element_child(element, reader->dialect, home == PS_HOME_OURS,
					(const char *)child->name);
		if (!rule) {
			tell_stranger(reader, child, home == PS_HOME_OURS, element);
		} else if (rule->element->vendor) {
			tell_foreign(reader, child, true);
		} else {
			if (rule->once & 1U << reader->dialect)
				check_once(reader, child);
			check_element(reader, child, rule->element);
		}
	}
	check_needed(reader, node, element);
}

void ps_structure_check(struct ps_reader *reader, xmlNode *root)
{
	check_element(reader, root, ps_dialect_root(reader->dialect));
}
