// SPDX-License-Identifier: GPL-2.0
/*
 * schema - validation against the XSD that is built in
 *
 * The reader tells the common mistakes in better words than a schema
 * processor, so the schema speaks only where the reader was silent: nothing
 * that the schema refuses gets through, and nothing is told twice.
 */
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include "alloc.h"
#include "error.h"
#include "xml-priv.h"

extern const char ps_schema_start[], ps_schema_end[];

const char *ps_xml_schema(size_t *size)
{
	*size = (size_t)(ps_schema_end - ps_schema_start);
	return ps_schema_start;
}

/* What the callback needs: the findings, and how many the reader has made. */
struct verdict {
	struct ps_findings *findings;
	size_t told;
};

static bool told(const struct verdict *v, int line)
{
	size_t i;

	/* a file this wrong needs no second opinion, which would cost n * n */
	if (v->told > 1000)
		return true;
	for (i = 0; i < v->told; i++) {
		if (v->findings->list[i].line == line &&
		    v->findings->list[i].severity == PS_ERROR)
			return true;
	}
	return false;
}

/* Drop "{namespace}" from libxml2's sentence: it only hides the point. */
static void drop_namespaces(char *text)
{
	char *from = text, *to = text;

	while (*from) {
		if (*from == '{') {
			char *end = strchr(from, '}');

			if (end) {
				from = end + 1;
				continue;
			}
		}
		*to++ = *from++;
	}
	*to = '\0';
}

static void on_schema_error(void *arg, const xmlError *error)
{
	int line = error->node ? (int)xmlGetLineNo(error->node) : error->line;
	struct verdict *v = arg;
	char text[512];
	size_t len;

	if (error->level < XML_ERR_ERROR || told(v, line))
		return;
	ps_escape(text, sizeof(text), error->message ? error->message : "unknown error");
	len = strlen(text);
	while (len >= 4 && !strcmp(text + len - 4, "\\x0a"))
		text[len -= 4] = '\0';
	drop_namespaces(text);
	ps_find(v->findings, PS_SCHEMA, line, "schema", NULL, "%s", text);
}

void ps_schema_check(struct ps_findings *findings, xmlDoc *doc)
{
	struct verdict v = { .findings = findings, .told = findings->nr };
	size_t size;
	const char *text = ps_xml_schema(&size);
	xmlSchemaParserCtxt *parser;
	xmlSchemaValidCtxt *valid = NULL;
	xmlSchema *schema = NULL;

	/* a relative namespace URI makes libxml2 warn: silence it */
	xmlSetStructuredErrorFunc(&v, (xmlStructuredErrorFunc)on_schema_error);
	parser = xmlSchemaNewMemParserCtxt(text, (int)size);
	if (parser) {
		xmlSchemaSetParserStructuredErrors(parser,
						   (xmlStructuredErrorFunc)on_schema_error, &v);
		schema = xmlSchemaParse(parser);
		xmlSchemaFreeParserCtxt(parser);
	}
	if (schema)
		valid = xmlSchemaNewValidCtxt(schema);
	if (valid) {
		xmlSchemaSetValidStructuredErrors(valid,
						  (xmlStructuredErrorFunc)on_schema_error, &v);
		/* an internal error must not pass for "valid" */
		if (xmlSchemaValidateDoc(valid, doc) < 0)
			ps_find(findings, PS_SCHEMA, 0, "schema", NULL,
				"validation ended in an internal error");
		xmlSchemaFreeValidCtxt(valid);
	} else {
		ps_find(findings, PS_SCHEMA, 0, "schema", NULL,
			"the schema that is built in cannot be used");
	}
	if (schema)
		xmlSchemaFree(schema);
	xmlSetStructuredErrorFunc(NULL, NULL);
}
