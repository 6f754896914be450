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

static size_t count(const char *const *names)
{
	size_t nr = 0;

	while (names && names[nr])
		nr++;
	return nr;
}

static bool listed(const char *const *names, const char *name)
{
	size_t i;

	for (i = 0; names && names[i]; i++) {
		if (!strcmp(names[i], name))
			return true;
	}
	return false;
}

/* "element Partition", made safe for a terminal. */
static void name_element(char *buf, size_t size, const xmlNode *node)
{
	snprintf(buf, size, "element %s", PS_SAFE((const char *)node->name));
}

static void tell_unknown(struct ps_findings *findings, enum ps_kind kind, int line,
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
	ps_find(findings, kind, line, object, advice, "%s%s is unknown", what, PS_SAFE(name));
	free(advice);
	free(list);
}

static void check_attributes(struct ps_findings *findings, xmlNode *node,
			     const struct ps_element_rule *rule)
{
	int line = (int)xmlGetLineNo(node);
	const char *known[2][32];
	const xmlAttr *attr;
	size_t nr[2] = { 0 }, i;
	char object[300];

	name_element(object, sizeof(object), node);
	for (i = 0; rule->attrs && rule->attrs[i].name; i++)
		known[rule->attrs[i].own][nr[rule->attrs[i].own]++] = rule->attrs[i].name;

	for (attr = node->properties; attr; attr = attr->next) {
		const char *ns = attr->ns ? (const char *)attr->ns->href : NULL;
		bool own = ns && !strcmp(ns, PS_XML_NAMESPACE), found = false;

		if (ns && !own)		/* xmi:version, xsi:schemaLocation and the like */
			continue;
		for (i = 0; i < nr[own]; i++)
			found |= !strcmp(known[own][i], (const char *)attr->name);
		if (!found)
			tell_unknown(findings, PS_ATTRIBUTE, line, object,
				     own ? "attribute ps:" : "attribute ",
				     (const char *)attr->name, known[own], nr[own]);
	}
	for (i = 0; rule->attrs && rule->attrs[i].name; i++) {
		const struct ps_attr_rule *a = &rule->attrs[i];

		if (a->required && !xmlHasNsProp(node, (const xmlChar *)a->name,
						 a->own ? (const xmlChar *)PS_XML_NAMESPACE : NULL))
			ps_find(findings, PS_NO_ATTRIBUTE, line, object, NULL,
				"attribute %s%s is missing", a->own ? "ps:" : "", a->name);
	}
}

static void check_text(struct ps_findings *findings, const xmlNode *parent, const xmlNode *text)
{
	const char *s = (const char *)text->content;
	int line = (int)xmlGetLineNo(text);
	char object[300], shown[40], *trimmed;
	size_t len;

	s += s ? strspn(s, " \t\r\n") : 0;
	if (!s || !*s)
		return;
	trimmed = ps_strdup(s);
	for (len = strlen(trimmed); strchr(" \t\r\n", trimmed[len - 1]); len--)
		;
	trimmed[len] = '\0';
	name_element(object, sizeof(object), parent);
	ps_find(findings, PS_TEXT, line, object, NULL, "the text \"%s\" is passed over",
		ps_escape(shown, sizeof(shown), trimmed));
	free(trimmed);
}

static const struct ps_element_rule *rule_of(const struct ps_element_rule *rules, size_t nr,
					     const char *name)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!strcmp(rules[i].name, name))
			return &rules[i];
	}
	return NULL;
}

/* The children of one element; those that may stand here are put on the walk. */
static void check_children(struct ps_findings *findings, xmlNode *node, const char *ns,
			   const struct ps_element_rule *rule)
{
	char object[300];
	xmlNode *child, *other;
	size_t i;

	name_element(object, sizeof(object), node);
	for (child = node->children; child; child = child->next) {
		const char *name = (const char *)child->name;
		int line = (int)xmlGetLineNo(child);
		const char *href;

		if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
			check_text(findings, node, child);
		if (child->type != XML_ELEMENT_NODE)
			continue;
		href = child->ns ? (const char *)child->ns->href : "";
		if (strcmp(href, ns) && strcmp(href, PS_XML_NAMESPACE)) {
			char foreign[300];

			name_element(foreign, sizeof(foreign), child);
			ps_find(findings, PS_FOREIGN, line, foreign, NULL,
				"is of the foreign namespace \"%s\" and is passed over",
				PS_SAFE(href));
			continue;
		}
		if (strcmp(href, ns) || !listed(rule->children, name)) {
			tell_unknown(findings, PS_ELEMENT, line, object,
				     strcmp(href, ns) ? "element ps:" : "element ", name,
				     strcmp(href, ns) ? NULL : rule->children,
				     strcmp(href, ns) ? 0 : count(rule->children));
			continue;
		}
		if (!listed(rule->once, name))
			continue;
		for (other = child->prev; other; other = other->prev) {
			if (other->type == XML_ELEMENT_NODE &&
			    !strcmp((const char *)other->name, name)) {
				ps_find(findings, PS_REPEATED, line, object, NULL,
					"%s may stand only once; the first is in line %ld", name,
					xmlGetLineNo(other));
				break;
			}
		}
	}
	for (i = 0; rule->needed && rule->needed[i]; i++) {
		bool found = false;

		for (child = node->children; child; child = child->next)
			found |= child->type == XML_ELEMENT_NODE &&
				 !strcmp((const char *)child->name, rule->needed[i]);
		if (!found)
			ps_find(findings, PS_NO_ELEMENT, (int)xmlGetLineNo(node), object, NULL,
				"element %s is missing in it", rule->needed[i]);
	}
}

void ps_structure_check(struct ps_findings *findings, xmlNode *root, const char *ns,
			const struct ps_element_rule *rules, size_t nr)
{
	const struct ps_element_rule *rule = rule_of(rules, nr, (const char *)root->name);
	xmlNode *child;

	check_attributes(findings, root, rule);
	if (rule->opaque)
		return;
	check_children(findings, root, ns, rule);
	/* depth is bounded: the parser takes 256 levels, the rules fewer */
	for (child = root->children; child; child = child->next) {
		if (child->type == XML_ELEMENT_NODE && child->ns &&
		    !strcmp((const char *)child->ns->href, ns) &&
		    listed(rule->children, (const char *)child->name))
			ps_structure_check(findings, child, ns, rules, nr);
	}
}
