// SPDX-License-Identifier: GPL-2.0
/*
 * schema-write - the XML schema of a dialect, made of its tables
 *
 * Children may stand in any order, which XSD 1.0 can say only without counting
 * them: what may stand once, and what must, is told in words and held by
 * "partctl check". Attributes and elements of our namespace come into other
 * dialects as foreign ones; they, too, are told in words.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <libxml/xmlwriter.h>

#include "alloc.h"
#include "xml-priv.h"

#define INTEGER "[0-9]+|0[xX][0-9a-fA-F]+"

struct schema {
	xmlTextWriter *writer;
	enum ps_dialect dialect;
};

static void start(const struct schema *s, const char *name)
{
	xmlTextWriterStartElement(s->writer, (const xmlChar *)name);
}

static void end(const struct schema *s)
{
	xmlTextWriterEndElement(s->writer);
}

static void attr(const struct schema *s, const char *name, const char *value)
{
	xmlTextWriterWriteAttribute(s->writer, (const xmlChar *)name, (const xmlChar *)value);
}

/* An element with one attribute and nothing else. */
static void facet(const struct schema *s, const char *name, const char *value)
{
	start(s, name);
	attr(s, "value", value);
	end(s);
}

static void document(const struct schema *s, const char *text)
{
	start(s, "xs:annotation");
	xmlTextWriterWriteElement(s->writer, (const xmlChar *)"xs:documentation",
				  (const xmlChar *)text);
	end(s);
}

static bool has(const struct schema *s, unsigned int mask)
{
	return mask & 1U << s->dialect;
}

/* Types by name, one for each enum ps_type that needs no words. */
static const struct {
	const char *name;
	const char *base;
	const char *pattern;
	const char *doc;
} types[] = {
	[PS_TYPE_NUMBER] = { "Number", "xs:token", INTEGER,
			     "An unsigned integer, decimal or hexadecimal after 0x." },
	[PS_TYPE_NS] = { "Nanoseconds", "xs:token", INTEGER,
			 "A time in nanoseconds, below 2^63; decimal or hexadecimal after 0x." },
	[PS_TYPE_SECONDS] = { "Seconds", "xs:token", "[0-9]+(\\.[0-9]*)?|\\.[0-9]+",
			      "A time in seconds, an exact number of nanoseconds below 2^63." },
	[PS_TYPE_BYTES] = { "Bytes", "xs:token", "([0-9]+|0[xX][0-9a-fA-F]+)[KMGkmg]?",
			    "A number of bytes; K, M or G may follow (powers of 1024)." },
	[PS_TYPE_GUARD] = { "Guard", "xs:token", "auto|" INTEGER,
			    "A time in nanoseconds, or auto." },
	[PS_TYPE_BOOL] = { "Boolean", "xs:token", "true|false|True|False|TRUE|FALSE|0|1",
			   "true or 1, false or 0." },
	[PS_TYPE_CPUS] = { "Cpus", "xs:token", "[0-9a-fA-FxX, ]*",
			   "Numbers of host CPUs, blanks or commas between." },
	[PS_TYPE_NAME] = { "Name", "xs:token", "[^/]{1,63}",
			   "1 to 63 bytes of UTF-8 without '/' and control characters." },
	[PS_TYPE_REFERENCE] = { "Reference", "xs:token", NULL, "The name of something else." },
	[PS_TYPE_TEXT] = { "Text", "xs:string", NULL, "Any text." },
	[PS_TYPE_PATH] = { "Path", "xs:string", NULL,
			   "The path of a file; from the directory of the XML file." },
	[PS_TYPE_MAC] = { "Mac", "xs:token", "([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}",
			  "The address of a network interface: six bytes, colons between." },
};

#define NR_TYPES (sizeof(types) / sizeof(types[0]))

static void write_types(const struct schema *s)
{
	size_t i;

	for (i = 0; i < NR_TYPES; i++) {
		if (!types[i].name)
			continue;
		start(s, "xs:simpleType");
		attr(s, "name", types[i].name);
		document(s, types[i].doc);
		start(s, "xs:restriction");
		attr(s, "base", types[i].base);
		if (types[i].pattern)
			facet(s, "xs:pattern", types[i].pattern);
		end(s);
		end(s);
	}
}

/* One word of a list, or several of them with blanks between. */
static void write_words(const struct schema *s, const struct ps_attr *a)
{
	const struct ps_word *w;
	char *all = NULL;

	start(s, "xs:simpleType");
	start(s, "xs:restriction");
	attr(s, "base", "xs:token");
	for (w = a->words; w->word; w++) {
		char *longer;

		if (a->type == PS_TYPE_CHOICE) {
			facet(s, "xs:enumeration", w->word);
			continue;
		}
		longer = ps_asprintf("%s%s%s", all ? all : "", all ? "|" : "", w->word);
		free(all);
		all = longer;
	}
	if (all) {
		char *pattern = ps_asprintf("((%s)( (%s))*)?", all, all);

		facet(s, "xs:pattern", pattern);
		free(pattern);
	}
	free(all);
	end(s);
	end(s);
}

/* What the attribute says, with its range. */
static char *describe(const struct ps_attr *a)
{
	switch (a->type) {
	case PS_TYPE_NUMBER:
		if (a->max == UINT64_MAX)
			break;
		return ps_asprintf("%s From %" PRIu64 " to %" PRIu64 ".", a->doc, a->min, a->max);
	case PS_TYPE_NS:
	case PS_TYPE_BYTES:
	case PS_TYPE_GUARD:
		return ps_asprintf("%s From %" PRIu64 " to %" PRIu64 ".", a->doc, a->min, a->max);
	case PS_TYPE_SECONDS:
		return ps_asprintf("%s From %s to %" PRIu64 ".%09" PRIu64 ".", a->doc,
				   a->min ? "0.000000001" : "0", a->max / 1000000000,
				   a->max % 1000000000);
	default:
		break;
	}
	return ps_strdup(a->doc);
}

static void write_attr(const struct schema *s, const struct ps_attr *a, const char *name,
		       const char *doc)
{
	bool required = has(s, a->required) && !a->alias;

	start(s, "xs:attribute");
	attr(s, "name", name);
	if (!a->words)
		attr(s, "type", types[a->type].name);
	if (required)
		attr(s, "use", "required");
	else if (a->otherwise && name == a->name)
		attr(s, "default", a->otherwise);
	document(s, doc);
	if (a->words)
		write_words(s, a);
	end(s);
}

static void write_attrs(const struct schema *s, const struct ps_element *e)
{
	const struct ps_attr *a;
	unsigned int at = 0;

	while ((a = ps_element_attr(e, s->dialect, &at))) {
		char *doc;

		if (has(s, a->own))
			continue;
		doc = describe(a);
		write_attr(s, a, a->name, doc);
		free(doc);
		if (a->alias) {
			doc = ps_asprintf("Another spelling of %s.", a->name);
			write_attr(s, a, a->alias, doc);
			free(doc);
		}
	}
}

/* Append the words of an attribute of our namespace to @doc. */
static char *add_own_attr(char *doc, const struct ps_attr *a, const char *before)
{
	char *text = describe(a), *longer;
	const struct ps_word *w;

	longer = ps_asprintf("%s\n%s%s%s%s%s: %s", doc, before, a->name,
			     a->otherwise ? " (default " : "", a->otherwise ? a->otherwise : "",
			     a->otherwise ? ")" : "", text);
	free(text);
	free(doc);
	doc = longer;
	for (w = a->words; w && w->word; w++) {
		longer = ps_asprintf("%s%s%s", doc, w == a->words ? " Words: " : ", ", w->word);
		free(doc);
		doc = longer;
	}
	return doc;
}

/* The element in words, with all of our namespace that may stand in it. */
static char *describe_element(const struct schema *s, const struct ps_element *e)
{
	char *doc = ps_strdup(e->doc), *longer;
	const struct ps_child *child;
	const struct ps_attr *a;
	unsigned int at = 0;

	while ((a = ps_element_attr(e, s->dialect, &at))) {
		if (has(s, a->own))
			doc = add_own_attr(doc, a, "Attribute ps:");
	}
	for (child = e->children; child && child->element; child++) {
		const struct ps_element *inner = child->element;

		if (!has(s, inner->in) || !has(s, inner->own))
			continue;
		longer = ps_asprintf("%s\nElement ps:%s: %s", doc, inner->name, inner->doc);
		free(doc);
		doc = longer;
		for (at = 0; (a = ps_element_attr(inner, s->dialect, &at));)
			doc = add_own_attr(doc, a, "  attribute ");
	}
	return doc;
}

static void write_wildcards(const struct schema *s, const char *name, const char *whose)
{
	start(s, name);
	attr(s, "namespace", whose);
	attr(s, "processContents", "skip");
	end(s);
}

static bool needs_children(const struct schema *s, const struct ps_element *e)
{
	const struct ps_child *child;

	for (child = e->children; child && child->element; child++) {
		if (has(s, child->needed))
			return true;
	}
	return false;
}

/* The depth of this is that of the tables. */
static void write_element(const struct schema *s, const struct ps_element *e)
{
	const struct ps_child *child;
	char *doc = describe_element(s, e);

	start(s, "xs:element");
	attr(s, "name", e->name);
	document(s, doc);
	free(doc);
	start(s, "xs:complexType");
	attr(s, "mixed", "true");
	start(s, "xs:choice");
	attr(s, "minOccurs", needs_children(s, e) ? "1" : "0");
	attr(s, "maxOccurs", "unbounded");
	for (child = e->children; child && child->element; child++) {
		if (has(s, child->element->in) && !has(s, child->element->own))
			write_element(s, child->element);
	}
	write_wildcards(s, "xs:any", e->vendor ? "##any" : "##other");
	end(s);
	write_attrs(s, e);
	write_wildcards(s, "xs:anyAttribute", e->vendor ? "##any" : "##other");
	end(s);
	end(s);
}

static void write_schema(const struct schema *s)
{
	const char *ns = ps_dialect_namespace(s->dialect);
	char *doc;

	xmlTextWriterStartDocument(s->writer, NULL, "UTF-8", NULL);
	xmlTextWriterWriteComment(s->writer,
				  (const xmlChar *)" SPDX-License-Identifier: GPL-2.0 ");
	start(s, "xs:schema");
	attr(s, "xmlns:xs", "http://www.w3.org/2001/XMLSchema");
	if (ns) {
		attr(s, "xmlns", ns);
		attr(s, "targetNamespace", ns);
	}
	attr(s, "elementFormDefault", "qualified");
	doc = ps_asprintf("Configuration of partsched in %s.\n"
			  "A window covers [start, start + duration) of the major frame. What a "
			  "schema cannot express (order, number, overlap, periods, time left for "
			  "the host) is checked by \"partctl check\". Text between elements, and "
			  "all of other namespaces, is passed over; the namespace %s (prefix ps by "
			  "custom) is that of partsched's own extensions.",
			  ps_dialect_title(s->dialect), PS_XML_NAMESPACE);
	document(s, doc);
	free(doc);
	write_types(s);
	write_element(s, ps_dialect_root(s->dialect));
	end(s);
	xmlTextWriterEndDocument(s->writer);
}

char *ps_xml_schema(enum ps_dialect dialect)
{
	struct schema s = { .dialect = dialect };
	xmlBuffer *buffer = xmlBufferCreate();
	char *text;

	s.writer = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
	if (s.writer) {
		xmlTextWriterSetIndent(s.writer, 1);
		xmlTextWriterSetIndentString(s.writer, (const xmlChar *)"  ");
		write_schema(&s);
		xmlFreeTextWriter(s.writer);
	}
	text = ps_strdup(buffer ? (const char *)xmlBufferContent(buffer) : "");
	xmlBufferFree(buffer);
	return text;
}
