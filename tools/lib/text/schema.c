// SPDX-License-Identifier: GPL-2.0
/*
 * schema - validation against the XSD of the file's dialect
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

/* Beyond so many errors a second opinion is not needed, and costs n * n. */
#define TOLD_MAX 1000

/* What the callback needs: the findings, and how many the reader has made. */
struct verdict {
	struct ps_findings *findings;
	size_t told;
};

static bool told(const struct verdict *v, int line)
{
	size_t i;

	if (v->told > TOLD_MAX)
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
		char *end = *from == '{' ? strchr(from, '}') : NULL;

		if (end)
			from = end + 1;
		else
			*to++ = *from++;
	}
	*to = '\0';
}

void ps_xml_sentence(char *buf, size_t size, const xmlError *error)
{
	char *text = ps_strdup(error->message ? error->message : "unknown error");
	char *line = ps_strdup(""), *rest = text, *s;

	while ((s = strsep(&rest, "\n"))) {
		char *longer;

		if (!*s)
			continue;
		longer = ps_asprintf("%s%s%s", line, *line ? "; " : "", s);
		free(line);
		line = longer;
	}
	ps_escape(buf, size, line);
	free(line);
	free(text);
}

static void on_schema_error(void *arg, const xmlError *error)
{
	int line = error->node ? (int)xmlGetLineNo(error->node) : error->line;
	struct verdict *v = arg;
	char text[512];

	if (error->level < XML_ERR_ERROR || told(v, line))
		return;
	ps_xml_sentence(text, sizeof(text), error);
	drop_namespaces(text);
	ps_find(v->findings, PS_SCHEMA, line, "schema", NULL, "%s", text);
}

/*
 * A schema compiled takes longer than a small file checked, so each is kept for
 * as long as the program runs; validation does not change it. Its document has
 * to stay, too.
 */
static struct kept {
	xmlDoc *doc;
	xmlSchema *schema;
} kept[PS_NR_DIALECTS];

static xmlSchema *schema_of(enum ps_dialect dialect, struct verdict *v)
{
	struct kept *k = &kept[dialect];
	xmlSchemaParserCtxt *parser;
	char *text;

	if (k->schema)
		return k->schema;
	text = ps_xml_schema(dialect);
	/* parsed here and not by the schema processor, which cannot be kept quiet
	 * about a namespace that is a relative URI */
	if (!k->doc)
		k->doc = xmlReadMemory(text, (int)strlen(text), NULL, NULL, XML_PARSE_NONET |
				       XML_PARSE_NOWARNING | XML_PARSE_NOERROR);
	free(text);
	parser = k->doc ? xmlSchemaNewDocParserCtxt(k->doc) : NULL;
	if (!parser)
		return NULL;
	xmlSchemaSetParserStructuredErrors(parser, (xmlStructuredErrorFunc)on_schema_error, v);
	k->schema = xmlSchemaParse(parser);
	xmlSchemaFreeParserCtxt(parser);
	return k->schema;
}

void ps_schema_check(struct ps_reader *reader, xmlDoc *doc)
{
	struct verdict v = { .findings = reader->findings, .told = reader->findings->nr };
	xmlSchema *schema = schema_of(reader->dialect, &v);
	xmlSchemaValidCtxt *valid = schema ? xmlSchemaNewValidCtxt(schema) : NULL;

	if (valid)
		xmlSchemaSetValidStructuredErrors(valid, (xmlStructuredErrorFunc)on_schema_error,
						  &v);
	/* an internal error must not pass for "valid" */
	if (!valid || xmlSchemaValidateDoc(valid, doc) < 0)
		ps_find(reader->findings, PS_SCHEMA, 0, "schema", NULL,
			"the schema that is built in cannot be used");
	xmlSchemaFreeValidCtxt(valid);
}
