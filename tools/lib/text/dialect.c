// SPDX-License-Identifier: GPL-2.0
/*
 * dialect - the dialects of ARINC 653 XML: names, roots, and a way through
 * their tables
 */
#include "dialect.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	const char *word;
	const char *title;
	const char *ns;
	const struct ps_element *root;
} dialects[PS_NR_DIALECTS] = {
	[PS_DIALECT_PART1] = { "A", "part1", "ARINC 653 Part 1", NULL, &ps_part1_root },
	[PS_DIALECT_PART2] = { "B", "part2", "ARINC 653 Part 2", NULL, &ps_part1_root },
	[PS_DIALECT_2015] = { "C", "2015", "the ARINC 653 schema of 2015",
			      PS_ARINC_2015_NAMESPACE, &ps_2015_root },
	[PS_DIALECT_MUMU] = { "M", "mumu", "mumu's dialect", PS_MUMU_NAMESPACE, &ps_mumu_root },
	[PS_DIALECT_NATIVE] = { "native", "native", "partsched's own dialect", PS_XML_NAMESPACE,
				&ps_native_root },
};

const char *ps_dialect_name(enum ps_dialect dialect)
{
	return dialects[dialect].name;
}

const char *ps_dialect_title(enum ps_dialect dialect)
{
	return dialects[dialect].title;
}

int ps_dialect_find(const char *word)
{
	int i;

	for (i = 0; word && i < PS_NR_DIALECTS; i++) {
		if (!strcasecmp(word, dialects[i].name) || !strcasecmp(word, dialects[i].word))
			return i;
	}
	return -1;
}

const struct ps_element *ps_dialect_root(enum ps_dialect dialect)
{
	return dialects[dialect].root;
}

const char *ps_dialect_namespace(enum ps_dialect dialect)
{
	return dialects[dialect].ns;
}

const struct ps_child *ps_element_child(const struct ps_element *element, enum ps_dialect dialect,
					bool own, const char *name)
{
	const struct ps_child *child;

	for (child = element->children; child && child->element; child++) {
		const struct ps_element *e = child->element;

		if (e->in & 1U << dialect && !(e->own & 1U << dialect) == !own &&
		    !strcmp(e->name, name))
			return child;
	}
	return NULL;
}

const struct ps_attr *ps_element_attr(const struct ps_element *element, enum ps_dialect dialect,
				      unsigned int *at)
{
	const struct ps_attr *lists[] = { element->attrs, element->shared };
	unsigned int i, before = 0;

	for (i = 0; i < 2; i++) {
		const struct ps_attr *attr = lists[i];

		for (; attr && attr->name; attr++, before++) {
			if (before < *at || !(attr->in & 1U << dialect))
				continue;
			*at = before + 1;
			return attr;
		}
	}
	return NULL;
}

const struct ps_attr *ps_element_attr_named(const struct ps_element *element,
					    enum ps_dialect dialect, const char *name)
{
	const struct ps_attr *lists[] = { element->attrs, element->shared };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		const struct ps_attr *attr = lists[i];

		for (; attr && attr->name; attr++) {
			if (attr->in & 1U << dialect && !strcmp(attr->name, name))
				return attr;
		}
	}
	return NULL;
}
