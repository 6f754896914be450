// SPDX-License-Identifier: GPL-2.0
/*
 * place - elements found, and their attributes read as the tables say
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "units.h"
#include "xml-priv.h"

#define XML_BLANKS " \t\r\n"

void ps_place_root(struct ps_place *place, struct ps_reader *reader, xmlNode *root)
{
	place->reader = reader;
	place->element = ps_dialect_root(reader->dialect);
	place->node = root;
	place->line = (int)xmlGetLineNo(root);
	snprintf(place->object, sizeof(place->object), "module");
}

/* From @node on: the first sibling that may stand in @parent and has the name. */
static bool settle(struct ps_place *place, const struct ps_place *parent, xmlNode *node,
		   const char *name)
{
	for (; node; node = node->next) {
		const struct ps_child *rule;
		enum ps_home home;

		if (node->type != XML_ELEMENT_NODE ||
		    (name && strcmp((const char *)node->name, name)))
			continue;
		home = ps_node_home(parent->reader->dialect, node);
		if (home == PS_HOME_FOREIGN)
			continue;
		rule = ps_element_child(parent->element, parent->reader->dialect,
					home == PS_HOME_OURS, (const char *)node->name);
		if (!rule || rule->element->vendor)
			continue;
		place->reader = parent->reader;
		place->element = rule->element;
		place->node = node;
		place->line = (int)xmlGetLineNo(node);
		strcpy(place->object, parent->object);
		return true;
	}
	place->node = NULL;
	return false;
}

bool ps_place_first(struct ps_place *place, const struct ps_place *parent, const char *name)
{
	return settle(place, parent, parent->node->children, name);
}

bool ps_place_next(struct ps_place *place, const struct ps_place *parent, const char *name)
{
	return settle(place, parent, place->node->next, name);
}

bool ps_place_is(const struct ps_place *place, const char *name)
{
	return !strcmp((const char *)place->node->name, name);
}

/* An attribute as it stands in the file, and what is known of it. */
struct value {
	const struct ps_attr *rule;
	const char *prefix;	/* "ps:" or "" */
	const char *text;	/* NULL: not given */
	xmlChar *joined;	/* to be freed, or NULL */
};

static const xmlAttr *find_attr(const struct ps_place *p, bool own, const char *name)
{
	const xmlAttr *attr;

	for (attr = p->node->properties; attr; attr = attr->next) {
		const char *ns = attr->ns ? (const char *)attr->ns->href : NULL;

		if (!strcmp((const char *)attr->name, name) &&
		    (own ? ns && !strcmp(ns, PS_XML_NAMESPACE) : !ns))
			return attr;
	}
	return NULL;
}

static struct value get(const struct ps_place *p, const char *name)
{
	struct value v = { .rule = ps_element_attr_named(p->element, p->reader->dialect, name) };
	const xmlAttr *attr;
	bool own;

	if (!v.rule)
		return v;
	own = v.rule->own & 1U << p->reader->dialect;
	v.prefix = own ? "ps:" : "";
	attr = find_attr(p, own, name);
	if (!attr && v.rule->alias) {
		attr = find_attr(p, own, v.rule->alias);
		if (attr)
			ps_find(p->reader->findings, PS_SPELLING, p->line, p->object, NULL,
				"%s%s is taken for %s%s", v.prefix, v.rule->alias, v.prefix, name);
	}
	if (!attr)
		return v;
	if (!attr->children) {
		v.text = "";
	} else if (attr->children->type == XML_TEXT_NODE && !attr->children->next) {
		v.text = (const char *)attr->children->content;
	} else {
		v.joined = xmlNodeListGetString(p->node->doc, attr->children, 1);
		v.text = v.joined ? (const char *)v.joined : "";
	}
	return v;
}

static void put(struct value *v)
{
	xmlFree(v->joined);
	v->joined = NULL;
}

static void note_blanks(const struct ps_place *p, const struct value *v)
{
	ps_find(p->reader->findings, PS_BLANKS, p->line, p->object, NULL,
		"the blanks around the value of %s%s are passed over", v->prefix, v->rule->name);
}

/* The text without blanks around it, to be freed. */
static char *stripped(const struct value *v)
{
	const char *start = v->text + strspn(v->text, XML_BLANKS);
	size_t len = strlen(start);

	while (len && strchr(XML_BLANKS, start[len - 1]))
		len--;
	return ps_asprintf("%.*s", (int)len, start);
}

/* The same; blanks are told. */
static char *strip(const struct ps_place *p, const struct value *v)
{
	char *text = stripped(v);

	if (strcmp(text, v->text))
		note_blanks(p, v);
	return text;
}

bool ps_attr_given(const struct ps_place *place, const char *name)
{
	const struct ps_attr *rule = ps_element_attr_named(place->element, place->reader->dialect,
							   name);
	bool own = rule && rule->own & 1U << place->reader->dialect;

	return rule && (find_attr(place, own, name) ||
			(rule->alias && find_attr(place, own, rule->alias)));
}

static enum ps_unit convert(const struct ps_attr *rule, const char *text, uint64_t *number,
			    bool *blanks)
{
	enum ps_unit unit;

	switch (rule->type) {
	case PS_TYPE_SECONDS:
		return ps_read_seconds(text, rule->min, rule->max, number, blanks);
	case PS_TYPE_BYTES:
		unit = ps_read_size(text, rule->min, rule->max, number, blanks);
		return unit || *number % 4096 == 0 ? unit : PS_UNIT_PRECISION;
	case PS_TYPE_GUARD:
		if (!strcmp(text, "auto")) {
			*number = PS_GUARD_AUTO;
			return PS_UNIT_OK;
		}
		return ps_read_u64(text, rule->min, rule->max, number, blanks);
	default:
		return ps_read_u64(text, rule->min, rule->max, number, blanks);
	}
}

static void tell_number(const struct ps_place *p, const struct value *v, enum ps_unit unit)
{
	struct ps_findings *findings = p->reader->findings;
	const struct ps_attr *rule = v->rule;
	char min[32], max[32];

	switch (rule->type) {
	case PS_TYPE_SECONDS:
		ps_find(findings, PS_SECONDS, p->line, p->object, NULL,
			"%s%s \"%s\" %s; seconds from %s to %s are wanted, as 0.0005", v->prefix,
			rule->name, PS_SAFE(v->text), ps_unit_reason(unit),
			ps_seconds_text(min, sizeof(min), rule->min),
			ps_seconds_text(max, sizeof(max), rule->max));
		break;
	case PS_TYPE_BYTES:
		if (unit == PS_UNIT_PRECISION)
			ps_find(findings, PS_NUMBER, p->line, p->object, NULL,
				"%s%s \"%s\" is no multiple of 4096 bytes", v->prefix, rule->name,
				PS_SAFE(v->text));
		else
			ps_find(findings, PS_NUMBER, p->line, p->object, NULL,
				"%s%s \"%s\" %s; bytes from %" PRIu64 " to %" PRIu64
				" are wanted, K, M or G may follow", v->prefix, rule->name,
				PS_SAFE(v->text), ps_unit_reason(unit), rule->min, rule->max);
		break;
	default:
		ps_find(findings, PS_NUMBER, p->line, p->object, NULL,
			"%s%s \"%s\" %s; %san integer from %" PRIu64 " to %" PRIu64
			" is wanted (decimal or 0x...)", v->prefix, rule->name, PS_SAFE(v->text),
			ps_unit_reason(unit), rule->type == PS_TYPE_GUARD ? "auto or " : "",
			rule->min, rule->max);
	}
}

uint64_t ps_attr_number(const struct ps_place *place, const char *name, uint64_t otherwise)
{
	struct value v = get(place, name);
	uint64_t number = otherwise;
	enum ps_unit unit;
	bool blanks = false;

	if (v.rule && v.rule->otherwise)
		convert(v.rule, v.rule->otherwise, &otherwise, NULL);
	if (!v.text)
		return otherwise;
	unit = convert(v.rule, v.text, &number, &blanks);
	if (unit)
		tell_number(place, &v, unit);
	else if (blanks)
		note_blanks(place, &v);
	put(&v);
	return unit ? otherwise : number;
}

bool ps_attr_bool(const struct ps_place *place, const char *name)
{
	struct value v = get(place, name);
	bool value = false;
	char *text;

	if (v.rule && v.rule->otherwise)
		ps_read_bool(v.rule->otherwise, &value, NULL);
	if (!v.text)
		return value;
	text = strip(place, &v);
	if (ps_read_bool(text, &value, NULL))
		ps_find(place->reader->findings, PS_BOOLEAN, place->line, place->object, NULL,
			"%s%s \"%s\" is neither true nor false", v.prefix, name, PS_SAFE(v.text));
	else if (strcmp(text, value ? "true" : "false") && strcmp(text, value ? "1" : "0"))
		ps_find(place->reader->findings, PS_SPELLING, place->line, place->object, NULL,
			"%s%s \"%s\" is taken for %s", v.prefix, name, text,
			value ? "true" : "false");
	free(text);
	put(&v);
	return value;
}

static const struct ps_word *find_word(const struct ps_word *words, const char *text)
{
	for (; words->word; words++) {
		if (!strcmp(words->word, text))
			return words;
	}
	return NULL;
}

/* The word that @text is, or NULL after a complaint. */
static const struct ps_word *word(const struct ps_place *p, const struct value *v,
				  const char *text)
{
	const struct ps_word *words = v->rule->words, *w = find_word(words, text);
	const char *known[16], *nearest;
	char *advice, *list = NULL;
	size_t nr = 0;

	if (w) {
		if (w->proper)
			ps_find(p->reader->findings, PS_SPELLING, p->line, p->object, NULL,
				"%s%s \"%s\" is taken for %s", v->prefix, v->rule->name, text,
				w->proper);
		return w;
	}
	for (; words->word && nr < sizeof(known) / sizeof(known[0]); words++) {
		char *longer;

		known[nr++] = words->word;
		if (words->proper)
			continue;
		longer = ps_asprintf("%s%s%s", list ? list : "", list ? ", " : "", words->word);
		free(list);
		list = longer;
	}
	nearest = ps_nearest(text, known, nr);
	advice = nearest ? ps_asprintf("did you mean %s?", nearest) :
		 ps_asprintf("its words are %s", list);
	ps_find(p->reader->findings, PS_CHOICE, p->line, p->object, advice,
		"%s%s \"%s\" is not one of its words", v->prefix, v->rule->name, PS_SAFE(text));
	free(advice);
	free(list);
	return NULL;
}

unsigned int ps_attr_choice(const struct ps_place *place, const char *name,
			    unsigned int otherwise)
{
	struct value v = get(place, name);
	const struct ps_word *w;
	char *text;

	if (v.rule && v.rule->otherwise)
		otherwise = find_word(v.rule->words, v.rule->otherwise)->value;
	if (!v.text)
		return otherwise;
	text = strip(place, &v);
	w = word(place, &v, text);
	free(text);
	put(&v);
	return w ? w->value : otherwise;
}

unsigned int ps_attr_words(const struct ps_place *place, const char *name)
{
	struct value v = get(place, name);
	char *text, *rest, *one;
	unsigned int bits = 0;

	if (!v.text)
		return 0;
	text = strip(place, &v);
	rest = text;
	while ((one = strsep(&rest, XML_BLANKS))) {
		const struct ps_word *w = *one ? word(place, &v, one) : NULL;

		bits |= w ? w->value : 0;
	}
	free(text);
	put(&v);
	return bits;
}

size_t ps_attr_cpus(const struct ps_place *place, const char *name, uint32_t *cpus)
{
	struct value v = get(place, name);
	char *text, *rest, *one;
	size_t nr = 0;

	if (!v.text)
		return 0;
	text = strip(place, &v);
	rest = text;
	while ((one = strsep(&rest, XML_BLANKS ","))) {
		enum ps_unit unit;
		uint64_t cpu;

		if (!*one)
			continue;
		unit = ps_read_u64(one, v.rule->min, v.rule->max, &cpu, NULL);
		if (unit) {
			ps_find(place->reader->findings, PS_NUMBER, place->line, place->object,
				NULL, "CPU \"%s\" of %s%s %s; numbers from %" PRIu64 " to %" PRIu64
				" are wanted, blanks or commas between", PS_SAFE(one), v.prefix,
				name, ps_unit_reason(unit), v.rule->min, v.rule->max);
			nr = 0;
			break;
		}
		if (nr == PARTSCHED_MAX_VCPUS) {
			ps_find(place->reader->findings, PS_TOO_MANY, place->line, place->object,
				"take the others out, or give them to another partition",
				"has more than %d vCPUs", PARTSCHED_MAX_VCPUS);
			break;
		}
		cpus[nr++] = (uint32_t)cpu;
	}
	free(text);
	put(&v);
	return nr;
}

/* What the module will refuse in a name, told early. */
static void check_name(const struct ps_place *p, const struct value *v, const char *name)
{
	const unsigned char *s;
	const char *why = NULL;

	if (!*name)
		why = "is empty";
	else if (strlen(name) >= PARTSCHED_NAME_MAX)
		why = "is longer than 63 bytes";
	else if (strchr(name, '/'))
		why = "has a '/' in it";
	else if (!strcmp(name, ".") || !strcmp(name, ".."))
		why = "is the name of a directory";
	for (s = (const unsigned char *)name; !why && *s; s++) {
		/* C1 controls are C2 80 .. C2 9F in UTF-8 */
		if (*s < 0x20 || *s == 0x7f || (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f))
			why = "has a control character in it";
	}
	if (why)
		ps_find(p->reader->findings, PS_NAME, p->line, p->object,
			"a name has 1 to 63 bytes of UTF-8 without '/' and control characters",
			"%s%s \"%s\" %s", v->prefix, v->rule->name, PS_SAFE(name), why);
}

char *ps_attr_text(const struct ps_place *place, const char *name)
{
	struct value v = get(place, name);
	char *text;

	if (!v.text)
		return NULL;
	text = strip(place, &v);
	if (v.rule->type == PS_TYPE_NAME) {
		check_name(place, &v, text);
	} else if (!*text && v.rule->type == PS_TYPE_TEXT) {
		free(text);
		text = NULL;
	}
	put(&v);
	return text;
}

char *ps_attr_title(struct ps_place *place, const char *name, const char *what)
{
	struct value v = get(place, name);
	char *text;

	if (!v.text)
		return NULL;
	text = stripped(&v);
	snprintf(place->object, sizeof(place->object), "%s \"%s\"", what, PS_SAFE(text));
	if (strcmp(text, v.text))
		note_blanks(place, &v);
	check_name(place, &v, text);
	put(&v);
	return text;
}

char *ps_attr_path(const struct ps_place *place, const char *name)
{
	const char *dir = place->reader->model->dir;
	struct value v = get(place, name);
	char *text, *path = NULL;

	if (!v.text)
		return NULL;
	text = strip(place, &v);
	if (!*text)
		ps_find(place->reader->findings, PS_BINARY, place->line, place->object,
			"name a file, or take the attribute away", "%s%s is empty", v.prefix, name);
	else
		path = *text == '/' || !dir ? ps_strdup(text) : ps_asprintf("%s/%s", dir, text);
	free(text);
	put(&v);
	return path;
}
