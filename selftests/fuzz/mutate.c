// SPDX-License-Identifier: GPL-2.0
/*
 * A mutator that knows XML: elements are doubled, moved, renamed and taken
 * away, attributes get other values, and what comes out is well-formed.
 *
 * Of bytes changed at random nearly all break the well-formedness, and the
 * check ends there. A share is left to libFuzzer's own mutations all the same:
 * the parser's errors have to be told, too.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "fuzz.h"

/* made of xml.dict: element_words, attribute_words, value_words, namespace_words */
#include "words.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
/* Valid texts that are remembered, the latest; and the longest of them. */
#define NR_VALID	256
#define MAX_VALID	8192
/* More nodes than this are not chosen from. */
#define MAX_NODES	2048
/* Longest value that libFuzzer's own mutations are let loose on. */
#define MAX_VALUE	128

/**
 * struct tree - a document and what chance may choose from
 * @doc: the document
 * @elements: its elements, the root first
 * @nr: number of them
 * @chance: state of the generator
 */
struct tree {
	xmlDoc *doc;
	xmlNode *elements[MAX_NODES];
	size_t nr;
	uint64_t chance;
};

/* static: memory that comes and goes here would look like a leak of the target's */
static struct {
	uint16_t size;
	uint8_t text[MAX_VALID];
} valid[NR_VALID];
static size_t nr_valid;

void fuzz_valid(const uint8_t *data, size_t size)
{
	if (!size || size > MAX_VALID)
		return;
	valid[nr_valid % NR_VALID].size = (uint16_t)size;
	memcpy(valid[nr_valid++ % NR_VALID].text, data, size);
}

/* xorshift64*: the same seed, the same mutation. */
static size_t below(struct tree *t, size_t limit)
{
	t->chance ^= t->chance >> 12;
	t->chance ^= t->chance << 25;
	t->chance ^= t->chance >> 27;
	return (size_t)((t->chance * 2685821657736338717ULL) >> 33) % limit;
}

#define PICK(t, words)	((const xmlChar *)(words)[below(t, NR(words))])

static void list_elements(struct tree *t)
{
	xmlNode *node = xmlDocGetRootElement(t->doc);

	t->nr = 0;
	while (node && t->nr < MAX_NODES) {
		if (node->type == XML_ELEMENT_NODE)
			t->elements[t->nr++] = node;
		if (node->type == XML_ELEMENT_NODE && node->children) {
			node = node->children;
			continue;
		}
		while (node && !node->next)
			node = node->parent;
		node = node ? node->next : NULL;
	}
}

static bool open_tree(struct tree *t, const uint8_t *data, size_t size, unsigned int seed)
{
	/* no entities and no network: this reads what a stranger wrote */
	t->doc = xmlReadMemory((const char *)data, (int)size, NULL, NULL,
			       XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET |
			       XML_PARSE_NOXINCNODE);
	t->chance = seed * 0x9e3779b97f4a7c15ULL + 1;
	if (!t->doc)
		return false;
	/* well-formed: there is a root */
	list_elements(t);
	return true;
}

/* Return: the size, 0: it does not fit. */
static size_t close_tree(struct tree *t, uint8_t *data, size_t max_size)
{
	xmlChar *text = NULL;
	int size = 0;

	xmlDocDumpMemory(t->doc, &text, &size);
	xmlFreeDoc(t->doc);
	if (!text || size < 0 || (size_t)size > max_size)
		size = 0;
	else
		memcpy(data, text, (size_t)size);
	xmlFree(text);
	return (size_t)size;
}

static xmlNode *any_element(struct tree *t)
{
	return t->elements[below(t, t->nr)];
}

static xmlNode *any_but_root(struct tree *t)
{
	return t->nr < 2 ? NULL : t->elements[1 + below(t, t->nr - 1)];
}

static xmlAttr *any_attribute(struct tree *t, const xmlNode *element)
{
	xmlAttr *attr;
	size_t nr = 0;

	for (attr = element->properties; attr; attr = attr->next)
		nr++;
	if (!nr)
		return NULL;
	nr = below(t, nr);
	for (attr = element->properties; nr; nr--)
		attr = attr->next;
	return attr;
}

static bool is_within(const xmlNode *node, const xmlNode *ancestor)
{
	for (; node; node = node->parent) {
		if (node == ancestor)
			return true;
	}
	return false;
}

static void set_value(xmlAttr *attr, const char *value)
{
	/* a tree of bytes that are no UTF-8 cannot be written */
	if (!xmlCheckUTF8((const xmlChar *)value))
		return;
	if (attr->ns)
		xmlSetNsProp(attr->parent, attr->ns, attr->name, (const xmlChar *)value);
	else
		xmlSetProp(attr->parent, attr->name, (const xmlChar *)value);
}

/* A number near the one that is there. */
static bool near_number(struct tree *t, char *out, size_t room, const char *value)
{
	static const uint64_t steps[] = { 1, 2, 10, 1000, 49999, 50000, 1000000 };
	uint64_t number, step = steps[below(t, NR(steps))];
	char *end;

	number = strtoull(value, &end, 0);
	if (end == value)
		return false;
	switch (below(t, 5)) {
	case 0: number += step; break;
	case 1: number -= step; break;
	case 2: number *= 2; break;
	case 3: number /= 2; break;
	default: number = ~number; break;
	}
	/* a decimal's fraction stays */
	snprintf(out, room, "%" PRIu64 "%s", number, end);
	return true;
}

/* The value of an attribute of the same name somewhere, or of any attribute. */
static bool borrowed_value(struct tree *t, char *out, size_t room, const xmlAttr *like)
{
	size_t tries;

	for (tries = 0; tries < 16; tries++) {
		const xmlAttr *attr = any_attribute(t, any_element(t));
		xmlChar *value;

		if (!attr || attr == like || (tries < 12 && !xmlStrEqual(attr->name, like->name)))
			continue;
		value = xmlNodeGetContent((const xmlNode *)attr);
		snprintf(out, room, "%s", (const char *)value);
		xmlFree(value);
		return true;
	}
	return false;
}

static void change_value(struct tree *t)
{
	xmlAttr *attr = any_attribute(t, any_element(t));
	char value[MAX_VALUE + 64];
	xmlChar *now;
	size_t size;

	if (!attr)
		return;
	now = xmlNodeGetContent((const xmlNode *)attr);
	switch (below(t, 8)) {
	case 0:
	case 1:
	case 2:
		if (near_number(t, value, sizeof(value), (const char *)now))
			set_value(attr, value);
		break;
	case 3:
	case 4:
		if (borrowed_value(t, value, sizeof(value), attr))
			set_value(attr, value);
		break;
	case 5:
		set_value(attr, (const char *)PICK(t, value_words));
		break;
	case 6:
		size = strlen((const char *)now);
		if (size > MAX_VALUE)
			break;
		memcpy(value, now, size);
		size = LLVMFuzzerMutate((uint8_t *)value, size, MAX_VALUE);
		value[size] = '\0';
		set_value(attr, value);
		break;
	default:
		snprintf(value, sizeof(value), "%s%s%s", below(t, 2) ? " " : "",
			 (const char *)now, below(t, 2) ? "\t" : "");
		if (strlen(value) < sizeof(value) - 1)
			set_value(attr, value);
		break;
	}
	xmlFree(now);
}

static xmlNs *any_namespace(struct tree *t)
{
	xmlNode *root = t->elements[0];
	xmlNs *ns = root->nsDef;
	size_t nr = 0;

	for (; ns; ns = ns->next)
		nr++;
	nr = below(t, nr + 2);
	if (!nr)
		return NULL;
	for (ns = root->nsDef; ns && --nr; ns = ns->next)
		;
	/* one is NULL where the prefix is taken: none then */
	return ns ? ns : xmlNewNs(root, PICK(t, namespace_words),
				  below(t, 4) ? (const xmlChar *)"ps" : (const xmlChar *)"x");
}

/* What another element of this name has, the namespace included. */
static void borrow_attribute(struct tree *t)
{
	xmlNode *to = any_element(t);
	size_t tries;

	for (tries = 0; tries < 16; tries++) {
		const xmlNode *from = any_element(t);
		const xmlAttr *attr;
		xmlChar *value;
		xmlNs *ns;

		if (from == to || !xmlStrEqual(from->name, to->name))
			continue;
		attr = any_attribute(t, from);
		if (!attr)
			return;
		value = xmlNodeGetContent((const xmlNode *)attr);
		ns = attr->ns ? xmlSearchNsByHref(t->doc, to, attr->ns->href) : NULL;
		/* an attribute of the default namespace cannot be written */
		if (ns && ns->prefix)
			xmlSetNsProp(to, ns, attr->name, value);
		else
			xmlSetProp(to, attr->name, value);
		xmlFree(value);
		return;
	}
}

static void add_attribute(struct tree *t)
{
	xmlNode *element = any_element(t);
	xmlNs *ns = below(t, 2) ? NULL : any_namespace(t);
	const xmlChar *name = PICK(t, attribute_words);

	/* an attribute of the default namespace cannot be written */
	if (ns && ns->prefix)
		xmlSetNsProp(element, ns, name, PICK(t, value_words));
	else
		xmlSetProp(element, name, PICK(t, value_words));
}

static void take_attribute(struct tree *t)
{
	xmlAttr *attr = any_attribute(t, any_element(t));

	if (attr)
		xmlRemoveProp(attr);
}

static bool ends_in(const xmlChar *name, const char *end)
{
	size_t have = strlen((const char *)name), want = strlen(end);

	return have >= want && !strcmp((const char *)name + have - want, end);
}

/* A copy that shall stand for another thing gets other identifiers and names. */
static void set_apart(struct tree *t, xmlNode *element)
{
	unsigned int by = 1 + (unsigned int)below(t, 99);
	char value[MAX_VALUE];
	xmlNode *child;
	xmlAttr *attr;
	xmlChar *now;

	for (attr = element->properties; attr; attr = attr->next) {
		now = xmlNodeGetContent((const xmlNode *)attr);
		if (ends_in(attr->name, "Identifier"))
			snprintf(value, sizeof(value), "%u", (unsigned int)atoi((char *)now) + by);
		else if (ends_in(attr->name, "Name"))
			snprintf(value, sizeof(value), "%s%u", (const char *)now, by);
		else
			value[0] = '\0';
		xmlFree(now);
		if (value[0])
			set_value(attr, value);
	}
	for (child = element->children; child; child = child->next) {
		if (child->type == XML_ELEMENT_NODE)
			set_apart(t, child);
	}
}

static void double_element(struct tree *t)
{
	xmlNode *element = any_but_root(t), *copy;

	copy = element ? xmlCopyNode(element, 1) : NULL;
	if (!copy)
		return;
	if (below(t, 2))
		set_apart(t, copy);
	if (below(t, 4))
		xmlAddNextSibling(element, copy);
	else
		xmlAddChild(any_element(t), copy);
}

static void take_element(struct tree *t)
{
	xmlNode *element = any_but_root(t);

	if (!element)
		return;
	xmlUnlinkNode(element);
	xmlFreeNode(element);
}

static void move_element(struct tree *t)
{
	xmlNode *element = any_but_root(t), *to = any_but_root(t);

	if (!element || is_within(to, element) || is_within(element, to))
		return;
	xmlUnlinkNode(element);
	if (below(t, 3))
		xmlAddPrevSibling(to, element);
	else
		xmlAddChild(to, element);
	/* the namespace may be declared where it was */
	xmlReconciliateNs(t->doc, element);
}

static void rename_element(struct tree *t)
{
	xmlNode *element = any_element(t);

	if (below(t, 3))
		xmlNodeSetName(element, PICK(t, element_words));
	else
		xmlSetNs(element, any_namespace(t));
}

static void add_element(struct tree *t)
{
	xmlNode *to = any_element(t), *element;

	element = xmlNewChild(to, below(t, 4) ? to->ns : any_namespace(t), PICK(t, element_words),
			      NULL);
	if (element)
		xmlSetProp(element, PICK(t, attribute_words), PICK(t, value_words));
}

static void add_text(struct tree *t)
{
	xmlNode *to = any_element(t);

	switch (below(t, 3)) {
	case 0: xmlNodeAddContent(to, PICK(t, value_words)); break;
	case 1: xmlAddChild(to, xmlNewDocComment(t->doc, (const xmlChar *)"x")); break;
	default: xmlAddChild(to, xmlNewDocPI(t->doc, (const xmlChar *)"x", NULL)); break;
	}
}

static void mutate_tree(struct tree *t)
{
	/* few at a time: of a text with ten errors the path ends early */
	size_t rounds = below(t, 2) ? 1 : 1 + below(t, 4);

	while (rounds--) {
		switch (below(t, 24)) {
		case 0: add_attribute(t); break;
		case 1:
		case 2: borrow_attribute(t); break;
		case 3: take_attribute(t); break;
		case 4:
		case 5:
		case 6: double_element(t); break;
		case 7:
		case 8: take_element(t); break;
		case 9: move_element(t); break;
		case 10: rename_element(t); break;
		case 11: add_element(t); break;
		case 12: add_text(t); break;
		default: change_value(t); break;
		}
		/* the list may hold what is gone */
		list_elements(t);
	}
}

/* A mutation may well make what libxml2 complains about. */
static void say_nothing(void *arg, xmlError *error)
{
	(void)arg, (void)error;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	size_t made = 0, any;
	struct tree t;

	/*
	 * The corpus is full of texts with errors. To get behind the checks, set out
	 * from one without any every other time.
	 */
	if (nr_valid && seed / 16 % 2) {
		any = seed / 32 % (nr_valid < NR_VALID ? nr_valid : NR_VALID);
		if (valid[any].size <= max_size) {
			size = valid[any].size;
			memcpy(data, valid[any].text, size);
		}
	}
	xmlSetStructuredErrorFunc(NULL, say_nothing);
	if (seed % 16 && open_tree(&t, data, size, seed)) {
		mutate_tree(&t);
		made = close_tree(&t, data, max_size);
	}
	xmlSetStructuredErrorFunc(NULL, NULL);
	return made ? made : LLVMFuzzerMutate(data, size, max_size);
}

/* An element of the second text, put beside one of its name in the first. */
static void graft(struct tree *t, struct tree *from)
{
	xmlNode *element = any_but_root(from), *to = NULL;
	xmlNode *copy;
	size_t tries;

	if (!element)
		return;
	for (tries = 0; tries < 32 && !to; tries++) {
		to = any_but_root(t);
		if (to && !xmlStrEqual(to->name, element->name))
			to = NULL;
	}
	copy = xmlDocCopyNode(element, t->doc, 1);
	if (!copy)
		return;
	if (!to) {
		xmlAddChild(any_element(t), copy);
	} else if (below(t, 2)) {
		xmlAddNextSibling(to, copy);
	} else {
		xmlReplaceNode(to, copy);
		xmlFreeNode(to);
	}
	xmlReconciliateNs(t->doc, copy);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
				 size_t size2, uint8_t *out, size_t max_out_size,
				 unsigned int seed)
{
	struct tree t, from;
	bool first, second;
	size_t made = 0;

	xmlSetStructuredErrorFunc(NULL, say_nothing);
	first = open_tree(&t, data1, size1, seed);
	second = open_tree(&from, data2, size2, ~seed);
	if (first && second)
		graft(&t, &from);
	if (first)
		made = close_tree(&t, out, max_out_size);
	xmlFreeDoc(from.doc);
	xmlSetStructuredErrorFunc(NULL, NULL);
	return made;
}
