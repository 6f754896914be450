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

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include "alloc.h"
#include "error.h"
#include "xml-priv.h"

#define XINCLUDE_NS_2001 "http://www.w3.org/2001/XInclude"
#define XINCLUDE_NS_2003 "http://www.w3.org/2003/XInclude"
#define ARINC_2015_NS "http://www.aviation-ia.com/aeec/2015/ARINC653"

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

/* libxml2's sentences end in a newline and quote the file's own bytes. */
static void on_parser_error(void *arg, const xmlError *error)
{
	struct ps_findings *findings = arg;
	char text[512];
	size_t len;

	/*
	 * Warnings are no business of the user's: mumu's namespace is a relative
	 * URI, which libxml2 deprecates.
	 */
	if (error->level < XML_ERR_ERROR)
		return;
	ps_escape(text, sizeof(text) - 8, error->message ? error->message : "unknown error");
	len = strlen(text);
	while (len >= 4 && !strcmp(text + len - 4, "\\x0a"))
		text[len -= 4] = '\0';
	ps_find(findings, PS_SYNTAX, error->line, "XML", NULL, "%s", text);
}

static xmlDoc *parse(const char *buf, size_t len, struct ps_findings *findings)
{
	/* RECOVER: go on after an error, to find the next ones as well */
	const int options = XML_PARSE_NONET | XML_PARSE_BIG_LINES | XML_PARSE_RECOVER |
			    XML_PARSE_NOXINCNODE;
	xmlParserCtxt *ctxt = xmlNewParserCtxt();
	xmlDoc *doc;

	if (!ctxt)
		return NULL;
	xmlSetStructuredErrorFunc(findings, (xmlStructuredErrorFunc)on_parser_error);
	doc = xmlCtxtReadMemory(ctxt, buf, (int)len, NULL, NULL, options);
	xmlSetStructuredErrorFunc(NULL, NULL);
	if (!findings->errors && (!doc || !ctxt->wellFormed))
		ps_find(findings, PS_SYNTAX, 0, "XML", NULL, "is not well-formed");
	xmlFreeParserCtxt(ctxt);
	return doc;
}

/* Entities, DTDs and XInclude: what a configuration has no use for. */
static void refuse_indirection(xmlDoc *doc, struct ps_findings *findings)
{
	const xmlDtd *dtd = xmlGetIntSubset(doc);
	xmlNode *node;

	if (dtd && dtd->children)
		ps_find(findings, PS_DOCTYPE, 0, "DOCTYPE",
			"write the text out and take the DOCTYPE away",
			"declares entities, elements or attributes, which are not taken");
	else if (dtd && (dtd->ExternalID || dtd->SystemID))
		ps_find(findings, PS_DTD, 0, "DOCTYPE", NULL, "its external DTD is not read");

	for (node = xmlDocGetRootElement(doc); node;) {
		if (node->type == XML_ELEMENT_NODE && node->ns &&
		    (!strcmp((const char *)node->ns->href, XINCLUDE_NS_2001) ||
		     !strcmp((const char *)node->ns->href, XINCLUDE_NS_2003)))
			ps_find(findings, PS_XINCLUDE, (int)xmlGetLineNo(node), "XInclude",
				"put everything into one file",
				"other files are not drawn in");
		if (node->type == XML_ELEMENT_NODE && node->children) {
			node = node->children;
			continue;
		}
		while (node && !node->next)
			node = node->parent;
		node = node ? node->next : NULL;
	}
}

static bool has_child(const xmlNode *root, const char *name)
{
	const xmlNode *child;

	for (child = root->children; child; child = child->next) {
		if (child->type == XML_ELEMENT_NODE &&
		    !strcmp((const char *)child->name, name))
			return true;
	}
	return false;
}

/* Which dialect? True for the one that is read; the others are told by name. */
static bool recognise(const xmlNode *root, struct ps_findings *findings)
{
	const char *ns = root->ns ? (const char *)root->ns->href : NULL;
	const char *name = (const char *)root->name;
	const char *is = NULL;
	int line = (int)xmlGetLineNo(root);
	char object[300];

	if (!strcmp(name, "ARINC_653_Module") && ns && !strcmp(ns, MUMU_NAMESPACE))
		return true;
	if (!strcmp(name, "ARINC_653_Module") && !ns && !has_child(root, "Partitions"))
		is = "the schema of ARINC 653 Part 1 or Part 2 (seconds, no namespace)";
	else if (!strcmp(name, "MODULE") && ns && !strcmp(ns, ARINC_2015_NS))
		is = "the schema of ARINC 653 of 2015";
	snprintf(object, sizeof(object), "element %s", PS_SAFE(name));
	if (is)
		ps_find(findings, PS_DIALECT, line, object,
			"write it in mumu's dialect, see Documentation/xml.rst",
			"this is %s, which is not yet supported", is);
	else if (!strcmp(name, "ARINC_653_Module"))
		ps_find(findings, PS_DIALECT, line, object,
			"write xmlns=\"" MUMU_NAMESPACE "\"",
			"its namespace is %s%s%s, not that of a dialect known here",
			ns ? "\"" : "missing", ns ? PS_SAFE(ns) : "", ns ? "\"" : "");
	else
		ps_find(findings, PS_DIALECT, line, object,
			"the root of a configuration is ARINC_653_Module",
			"this is not the root of an ARINC 653 configuration");
	return false;
}

/* Some files qualify the root only: give the rest the root's namespace. */
static void adopt_namespace(xmlNode *root)
{
	xmlNode *node = root;

	while (node) {
		if (node->type == XML_ELEMENT_NODE && !node->ns)
			xmlSetNs(node, root->ns);
		if (node->type == XML_ELEMENT_NODE && node->children) {
			node = node->children;
			continue;
		}
		while (node && !node->next)
			node = node->parent;
		node = node ? node->next : NULL;
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

struct ps_model *ps_xml_check(const char *path, unsigned int flags, struct ps_findings *findings)
{
	xmlExternalEntityLoader loader = xmlGetExternalEntityLoader();
	struct ps_reader reader = { .findings = findings };
	xmlDoc *doc = NULL;
	size_t len = 0;
	xmlNode *root;
	char *buf;

	xmlSetExternalEntityLoader(load_nothing);
	buf = read_file(path, PS_XML_MAX_SIZE, &len, findings);
	if (!buf)
		goto out;
	doc = parse(buf, len, findings);
	free(buf);
	root = doc ? xmlDocGetRootElement(doc) : NULL;
	if (doc)
		refuse_indirection(doc, findings);
	if (findings->errors || !root || !recognise(root, findings))
		goto out;

	reader.model = ps_model_new(path);
	reader.dir = dir_of(path);
	adopt_namespace(root);
	ps_mumu_read(&reader, root);
	ps_schema_check(findings, doc);
	ps_model_check(reader.model, flags, findings);
	free(reader.dir);
out:
	if (doc)
		xmlFreeDoc(doc);
	xmlSetExternalEntityLoader(loader);
	ps_findings_sort(findings);
	return reader.model;
}
