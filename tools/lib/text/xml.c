// SPDX-License-Identifier: GPL-2.0
/*
 * xml - a configuration file opened, parsed, and its dialect recognised
 */
#include "xml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "alloc.h"
#include "error.h"
#include "xml-priv.h"

#define XINCLUDE_NS_2001 "http://www.w3.org/2001/XInclude"
#define XINCLUDE_NS_2003 "http://www.w3.org/2003/XInclude"
/* More than any plan needs: what a hostile file may cost in memory. */
#define NODES_MAX 2000000
/* More than any element has; libxml2 compares each attribute with each other. */
#define ATTRS_MAX 128

/* Read a whole file, at most @max bytes. NULL: told as a finding. */
static char *read_file(const char *path, size_t max, size_t *len, struct ps_findings *findings)
{
	/* O_NONBLOCK: a FIFO without a writer must not hang the check */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t used = 0, room = 64 << 10;
	struct stat st;
	ssize_t got;
	char *buf;

	if (fd < 0) {
		ps_find(findings, PS_FILE, 0, "file", NULL, "cannot be opened: %s",
			strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) || S_ISDIR(st.st_mode)) {
		ps_find(findings, PS_FILE, 0, "file", "name an XML file", "is a directory");
		close(fd);
		return NULL;
	}
	buf = ps_calloc(room, 1);
	for (;;) {
		if (used == room) {
			char *more = ps_calloc(room * 2, 1);

			memcpy(more, buf, used);
			free(buf);
			buf = more;
			room *= 2;
		}
		got = read(fd, buf + used, room - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		used += (size_t)got;
		if (used > max) {
			ps_find(findings, PS_SIZE, 0, "file", NULL,
				"is larger than %zu bytes", max);
			goto fail;
		}
	}
	if (got < 0) {
		ps_find(findings, PS_FILE, 0, "file", NULL, "cannot be read: %s",
			strerror(errno));
		goto fail;
	}
	close(fd);
	*len = used;
	return buf;

fail:
	close(fd);
	free(buf);
	return NULL;
}

/*
 * What a parser holds besides the document: how much of it there is. Reached
 * through the context's _private, so that nothing global is touched.
 */
struct budget {
	struct ps_findings *findings;
	size_t nodes;
	int doctype_line;
};

static void tell_syntax(struct ps_findings *findings, const xmlError *error)
{
	char text[512];

	/*
	 * Warnings are no business of the user's: mumu's namespace is a relative
	 * URI, which libxml2 deprecates.
	 */
	if (error->level < XML_ERR_ERROR)
		return;
	ps_xml_sentence(text, sizeof(text), error);
	ps_find(findings, PS_SYNTAX, error->line, "XML", NULL, "%s", text);
}

static void on_parser_error(void *arg, const xmlError *error)
{
	tell_syntax(((const struct budget *)((xmlParserCtxt *)arg)->_private)->findings, error);
}

/* What libxml2 tells without naming a parser: bytes that no encoding has. */
static void on_stray_error(void *arg, const xmlError *error)
{
	tell_syntax(arg, error);
}

static void on_element(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		       int nr_namespaces, const xmlChar **namespaces, int nr_attrs, int nr_defaults,
		       const xmlChar **attrs)
{
	xmlParserCtxt *ctxt = arg;
	struct budget *budget = ctxt->_private;

	budget->nodes += 1 + (size_t)nr_attrs + (size_t)nr_namespaces;
	if (ctxt->nodeNr >= PS_XML_MAX_DEPTH) {
		ps_find(budget->findings, PS_SYNTAX, ctxt->input->line, "XML", NULL,
			"element %s is the %dth within another; no more than %d are taken",
			PS_SAFE((const char *)name), PS_XML_MAX_DEPTH + 1, PS_XML_MAX_DEPTH);
		xmlStopParser(ctxt);
		return;
	}
	if (budget->nodes > NODES_MAX) {
		ps_find(budget->findings, PS_SIZE, ctxt->input->line, "file", NULL,
			"has more than %d elements and attributes", NODES_MAX);
		xmlStopParser(ctxt);
		return;
	}
	xmlSAX2StartElementNs(arg, name, prefix, uri, nr_namespaces, namespaces, nr_attrs,
			      nr_defaults, attrs);
}

static void on_doctype(void *arg, const xmlChar *name, const xmlChar *public_id,
		       const xmlChar *system_id)
{
	xmlParserCtxt *ctxt = arg;

	((struct budget *)ctxt->_private)->doctype_line = ctxt->input->line;
	xmlSAX2InternalSubset(arg, name, public_id, system_id);
}

/* Entities and all else that a DOCTYPE may declare: not even read to the end. */
static void refuse_declaration(xmlParserCtxt *ctxt)
{
	const struct budget *budget = ctxt->_private;

	ps_find(budget->findings, PS_DOCTYPE, ctxt->input->line, "DOCTYPE",
		"write the text out and take the DOCTYPE away",
		"declares entities, elements or attributes, which are not taken");
	xmlStopParser(ctxt);
}

static void on_entity(void *arg, const xmlChar *name, int type, const xmlChar *public_id,
		      const xmlChar *system_id, xmlChar *content)
{
	(void)name, (void)type, (void)public_id, (void)system_id, (void)content;
	refuse_declaration(arg);
}

static void on_unparsed_entity(void *arg, const xmlChar *name, const xmlChar *public_id,
			       const xmlChar *system_id, const xmlChar *notation)
{
	(void)name, (void)public_id, (void)system_id, (void)notation;
	refuse_declaration(arg);
}

static void on_notation(void *arg, const xmlChar *name, const xmlChar *public_id,
			const xmlChar *system_id)
{
	(void)name, (void)public_id, (void)system_id;
	refuse_declaration(arg);
}

static void on_element_declaration(void *arg, const xmlChar *name, int type,
				   xmlElementContent *content)
{
	(void)name, (void)type, (void)content;
	refuse_declaration(arg);
}

static void on_attribute_declaration(void *arg, const xmlChar *element, const xmlChar *name,
				     int type, int def, const xmlChar *value, xmlEnumeration *tree)
{
	(void)element, (void)name, (void)type, (void)def, (void)value;
	xmlFreeEnumeration(tree);	/* ours to free, by libxml2's custom */
	refuse_declaration(arg);
}

/* Behind the first @mark at or after @at; @end if there is none. */
static const char *behind(const char *at, const char *end, const char *mark)
{
	const char *found = memmem(at, (size_t)(end - at), mark, strlen(mark));

	return found ? found + strlen(mark) : end;
}

/*
 * Has a tag more attributes than are taken? Returns where it begins, or NULL.
 * Looks at bytes, before any parser does: roughly right will do.
 */
static const char *crowded_tag(const char *text, size_t size)
{
	const char *end = text + size, *at = text, *tag;

	while ((tag = memchr(at, '<', (size_t)(end - at)))) {
		size_t equals = 0;
		char quote = 0;

		at = tag + 1;
		if (end - at >= 3 && !memcmp(at, "!--", 3)) {
			at = behind(at + 3, end, "-->");
			continue;
		}
		if (end - at >= 8 && !memcmp(at, "![CDATA[", 8)) {
			at = behind(at + 8, end, "]]>");
			continue;
		}
		for (; at < end && (quote || *at != '>'); at++) {
			if (quote)
				quote = *at == quote ? 0 : quote;
			else if (*at == '"' || *at == '\'')
				quote = *at;
			else if (*at == '=' && ++equals > ATTRS_MAX)
				return tag;
		}
	}
	return NULL;
}

static void refuse_crowd(const char *text, const char *tag, struct ps_findings *findings)
{
	int line = 1;

	for (; text < tag; text++)
		line += *text == '\n';
	ps_find(findings, PS_SIZE, line, "XML", NULL, "an element has more than %d attributes",
		ATTRS_MAX);
}

static bool has_external_dtd(xmlDoc *doc)
{
	const xmlDtd *dtd = xmlGetIntSubset(doc);

	return dtd && (dtd->ExternalID || dtd->SystemID);
}

static xmlDoc *parse(const char *buf, size_t len, struct ps_findings *findings)
{
	/* RECOVER: go on after an error, to find the next ones as well */
	const int options = XML_PARSE_NONET | XML_PARSE_BIG_LINES | XML_PARSE_RECOVER |
			    XML_PARSE_NOXINCNODE;
	struct budget budget = { .findings = findings };
	xmlStructuredErrorFunc stray = xmlStructuredError;
	void *stray_context = xmlStructuredErrorContext;
	xmlParserCtxt *ctxt = xmlNewParserCtxt();
	xmlDoc *doc;

	if (!ctxt)
		return NULL;
	ctxt->_private = &budget;
	ctxt->sax->serror = (xmlStructuredErrorFunc)on_parser_error;
	ctxt->sax->startElementNs = on_element;
	/* what says nothing takes no room: comments go, CDATA is text like any other */
	ctxt->sax->comment = NULL;
	ctxt->sax->processingInstruction = NULL;
	ctxt->sax->cdataBlock = NULL;
	ctxt->sax->internalSubset = on_doctype;
	ctxt->sax->entityDecl = on_entity;
	ctxt->sax->unparsedEntityDecl = on_unparsed_entity;
	ctxt->sax->notationDecl = on_notation;
	ctxt->sax->elementDecl = on_element_declaration;
	ctxt->sax->attributeDecl = on_attribute_declaration;
	xmlSetStructuredErrorFunc(findings, (xmlStructuredErrorFunc)on_stray_error);
	doc = xmlCtxtReadMemory(ctxt, buf, (int)len, NULL, NULL, options);
	xmlSetStructuredErrorFunc(stray_context, stray);
	if (!findings->errors && (!doc || !ctxt->wellFormed))
		ps_find(findings, PS_SYNTAX, 0, "XML", NULL, "is not well-formed");
	if (doc && has_external_dtd(doc))
		ps_find(findings, PS_DTD, budget.doctype_line, "DOCTYPE", NULL,
			"its external DTD is not read");
	xmlFreeParserCtxt(ctxt);
	return doc;
}

/* The node after @node in the order of the text, below and beside it; or NULL. */
static xmlNode *following(xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	while (node && !node->next)
		node = node->parent && node->parent->type == XML_ELEMENT_NODE ? node->parent : NULL;
	return node ? node->next : NULL;
}

static bool is_xinclude(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE && node->ns &&
	       (!strcmp((const char *)node->ns->href, XINCLUDE_NS_2001) ||
		!strcmp((const char *)node->ns->href, XINCLUDE_NS_2003));
}

/* Files within the file: what a configuration has no use for. */
static void refuse_xinclude(xmlDoc *doc, struct ps_findings *findings)
{
	xmlNode *node;

	for (node = xmlDocGetRootElement(doc); node; node = following(node)) {
		if (is_xinclude(node) && !is_xinclude(node->parent))
			ps_find(findings, PS_XINCLUDE, (int)xmlGetLineNo(node), "XInclude",
				"put everything into one file",
				"other files are not drawn in");
	}
}

/* Some files qualify the outer elements only: give the rest what these have. */
static void adopt_namespace(xmlNode *root)
{
	xmlNode *node;

	for (node = following(root); node; node = following(node)) {
		if (node->type == XML_ELEMENT_NODE && !node->ns && node->parent->ns)
			xmlSetNs(node, node->parent->ns);
	}
}

static char *dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir;

	if (!slash)
		return NULL;
	dir = ps_strdup(path);
	dir[slash == path ? 1 : slash - path] = '\0';
	return dir;
}

/*
 * libxml2 would follow xsi:schemaLocation, to files and into the network.
 * Nothing but the file that was named is ever read.
 */
static xmlParserInput *load_nothing(const char *url, const char *id, xmlParserCtxt *ctxt)
{
	(void)url;
	(void)id;
	(void)ctxt;
	return NULL;
}

static void read_document(struct ps_reader *reader, xmlDoc *doc, const char *path)
{
	xmlNode *root = xmlDocGetRootElement(doc);

	reader->model = ps_model_new(path);
	reader->model->dir = dir_of(path);
	adopt_namespace(root);
	ps_structure_check(reader, root);
	if (reader->dialect == PS_DIALECT_PART1 || reader->dialect == PS_DIALECT_PART2)
		ps_part1_read(reader, root);
	else
		ps_2015_read(reader, root);
	ps_schema_check(reader, doc);
}

static struct ps_model *check_text(const char *text, size_t size, const char *path,
				   unsigned int flags, enum ps_dialect *dialect,
				   struct ps_findings *findings)
{
	struct ps_reader reader = { .findings = findings };
	const char *crowd = size ? crowded_tag(text, size) : NULL;
	xmlDoc *doc = NULL;
	xmlNode *root;
	int found = -1;

	if (crowd)
		refuse_crowd(text, crowd, findings);
	else
		doc = parse(text, size, findings);
	root = doc ? xmlDocGetRootElement(doc) : NULL;
	if (doc)
		refuse_xinclude(doc, findings);
	if (!findings->errors && root)
		found = ps_recognise(root, findings);
	if (found >= 0) {
		findings->reached |= 1U << PS_STAGE_FILE;
		reader.dialect = (enum ps_dialect)found;
		if (dialect)
			*dialect = reader.dialect;
		read_document(&reader, doc, path);
		findings->reached |= 1U << PS_STAGE_FORM;
	}
	/* the model holds copies: a large document need not stay for the checks */
	if (doc)
		xmlFreeDoc(doc);
	if (reader.model) {
		ps_model_complete(reader.model, findings);
		ps_model_check(reader.model, flags, findings);
	}
	return reader.model;
}

struct ps_model *ps_xml_check_memory(const char *text, size_t size, const char *path,
				     unsigned int flags, enum ps_dialect *dialect,
				     struct ps_findings *findings)
{
	xmlExternalEntityLoader loader = xmlGetExternalEntityLoader();
	struct ps_model *model;

	if (size > PS_XML_MAX_SIZE) {
		ps_find(findings, PS_SIZE, 0, "file", NULL, "is larger than %lu bytes",
			PS_XML_MAX_SIZE);
		return NULL;
	}
	xmlSetExternalEntityLoader(load_nothing);
	model = check_text(text, size, path, flags, dialect, findings);
	xmlSetExternalEntityLoader(loader);
	xmlResetLastError();
	ps_findings_sort(findings);
	return model;
}

struct ps_model *ps_xml_check(const char *path, unsigned int flags, enum ps_dialect *dialect,
			      struct ps_findings *findings)
{
	struct ps_model *model;
	size_t size = 0;
	char *text = read_file(path, PS_XML_MAX_SIZE, &size, findings);

	if (!text)
		return NULL;
	model = ps_xml_check_memory(text, size, path, flags, dialect, findings);
	free(text);
	return model;
}
