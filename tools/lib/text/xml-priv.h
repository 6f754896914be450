/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xml-priv - shared by the files of the text layer only
 */
#ifndef PS_XML_PRIV_H
#define PS_XML_PRIV_H

#include <libxml/hash.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include "dialect.h"
#include "xml.h"

/**
 * struct ps_reader - what goes through the reading of one file
 * @findings: where findings go
 * @dialect: the file's dialect
 * @model: what has been read so far
 * @names: partitions by name, each as its index + 1; from ps_refer_begin()
 * @ids: partitions by identifier, likewise
 */
struct ps_reader {
	struct ps_findings *findings;
	enum ps_dialect dialect;
	struct ps_model *model;
	xmlHashTable *names;
	xmlHashTable *ids;
};

/**
 * ps_recognise() - which dialect a file is of
 * @root: the root element
 * @findings: receives the finding if it is of none
 *
 * Return: the dialect, or -1.
 */
int ps_recognise(const xmlNode *root, struct ps_findings *findings);

/**
 * enum ps_home - where an element's name comes from
 * @PS_HOME_DIALECT: the namespace of the dialect
 * @PS_HOME_OURS: our own, in a dialect that has another
 * @PS_HOME_FOREIGN: any other
 */
enum ps_home {
	PS_HOME_DIALECT,
	PS_HOME_OURS,
	PS_HOME_FOREIGN,
};

/**
 * ps_node_home() - where an element's name comes from
 * @dialect: the file's dialect
 * @node: the element
 *
 * Return: its home.
 */
enum ps_home ps_node_home(enum ps_dialect dialect, const xmlNode *node);

/**
 * ps_node_prefix() - what goes before an element's name in a finding
 * @dialect: the file's dialect
 * @node: the element
 *
 * Return: "ps:" if it is ours in a dialect that has another namespace, or "".
 */
const char *ps_node_prefix(enum ps_dialect dialect, const xmlNode *node);

/**
 * ps_structure_check() - unknown and missing elements and attributes
 * @reader: findings and dialect
 * @root: the root element
 */
void ps_structure_check(struct ps_reader *reader, xmlNode *root);

/**
 * ps_schema_check() - validate against the XSD
 * @reader: findings and dialect; findings are made on lines without an error
 * @doc: the document
 */
void ps_schema_check(struct ps_reader *reader, xmlDoc *doc);

/**
 * ps_xml_sentence() - what libxml2 says about a file, as one line
 * @buf: receives it, safe for a terminal
 * @size: bytes in @buf
 * @error: the error; its text has newlines in it and quotes the file's bytes
 */
void ps_xml_sentence(char *buf, size_t size, const xmlError *error);

/**
 * struct ps_place - an element, and what findings in it are about
 * @reader: the reader
 * @element: what the dialect knows of it
 * @node: the element
 * @line: its line
 * @object: 'partition "a"'; that of the element around it until it is set
 */
struct ps_place {
	struct ps_reader *reader;
	const struct ps_element *element;
	xmlNode *node;
	int line;
	char object[300];
};

/**
 * ps_place_root() - begin with the root
 * @place: to fill
 * @reader: the reader
 * @root: the root element
 */
void ps_place_root(struct ps_place *place, struct ps_reader *reader, xmlNode *root);

/**
 * ps_place_first() - the first element of a name in another
 * @place: to fill
 * @parent: the other
 * @name: local name, NULL: of any name that may stand there
 *
 * Return: false if there is none; @place->node is NULL then.
 */
bool ps_place_first(struct ps_place *place, const struct ps_place *parent, const char *name);

/**
 * ps_place_next() - the next one
 * @place: from ps_place_first(); moves on
 * @parent: as there
 * @name: as there
 *
 * Return: false if there is none.
 */
bool ps_place_next(struct ps_place *place, const struct ps_place *parent, const char *name);

/* All elements of a name in another; place->node is NULL after the last. */
#define ps_for_each(place, parent, name) \
	for (ps_place_first(place, parent, name); (place)->node; \
	     ps_place_next(place, parent, name))

/**
 * ps_place_is() - the element's name
 * @place: the element
 * @name: a local name
 *
 * Return: true if it is this.
 */
bool ps_place_is(const struct ps_place *place, const char *name);

/*
 * Attributes. A value that cannot be read is told, and replaced by one that
 * raises no complaint of its own. An attribute that the dialect does not have
 * here is one that is not given.
 */

/**
 * ps_attr_given() - is an attribute there?
 * @place: the element
 * @name: local name
 *
 * Return: true if it is, whatever its value.
 */
bool ps_attr_given(const struct ps_place *place, const char *name);

/**
 * ps_attr_number() - a number of any type, in the unit of the model
 * @place: the element
 * @name: local name
 * @otherwise: where it cannot be read, or is not given and has no default
 *
 * Return: the number; PS_GUARD_AUTO for the guard auto.
 */
uint64_t ps_attr_number(const struct ps_place *place, const char *name, uint64_t otherwise);

/**
 * ps_attr_bool() - a boolean
 * @place: the element
 * @name: local name
 *
 * Return: its value, false where there is none.
 */
bool ps_attr_bool(const struct ps_place *place, const char *name);

/**
 * ps_attr_choice() - one of several words
 * @place: the element
 * @name: local name
 * @otherwise: where it cannot be read, or is not given and has no default
 *
 * Return: value of the word.
 */
unsigned int ps_attr_choice(const struct ps_place *place, const char *name,
			    unsigned int otherwise);

/**
 * ps_attr_words() - some of several words
 * @place: the element
 * @name: local name
 *
 * Return: their bits.
 */
unsigned int ps_attr_words(const struct ps_place *place, const char *name);

/**
 * ps_attr_cpus() - a list of CPUs
 * @place: the element
 * @name: local name
 * @cpus: receives them, at most PARTSCHED_MAX_VCPUS
 *
 * Return: number of them, 0 after a complaint.
 */
size_t ps_attr_cpus(const struct ps_place *place, const char *name, uint32_t *cpus);

/**
 * ps_attr_text() - a name or a text, without blanks around it
 * @place: the element
 * @name: local name
 *
 * Return: a copy, NULL if it is not given or says nothing; a name may be "".
 */
char *ps_attr_text(const struct ps_place *place, const char *name);

/**
 * ps_attr_title() - the name of the element itself
 * @place: the element; findings in it are about @what of this name from now on
 * @name: local name of the attribute
 * @what: "partition"
 *
 * Return: a copy, NULL if it is not given; perhaps "".
 */
char *ps_attr_title(struct ps_place *place, const char *name, const char *what);

/**
 * ps_attr_path() - a path, resolved against the file's directory
 * @place: the element
 * @name: local name
 *
 * Return: a copy, or NULL.
 */
char *ps_attr_path(const struct ps_place *place, const char *name);

/**
 * ps_unread_id() - what stands for an identifier that cannot be read
 * @index: index of the partition
 *
 * Return: an identifier that collides with no sane one.
 */
static inline uint32_t ps_unread_id(size_t index)
{
	return UINT32_MAX - 1 - (uint32_t)index;
}

/**
 * ps_refer_begin() - make references quick
 * @reader: all partitions have been read
 */
void ps_refer_begin(struct ps_reader *reader);

/**
 * ps_refer_end() - free what ps_refer_begin() made
 * @reader: the reader
 */
void ps_refer_end(struct ps_reader *reader);

/**
 * ps_refer() - the partition that an element means
 * @place: the element
 * @id: name of the attribute with the identifier, or NULL
 * @name: name of the attribute with the name
 *
 * The identifier decides; a name that does not fit is a warning.
 *
 * Return: index of the partition; PS_NONE if there is none, which has been
 * told unless neither attribute is given.
 */
uint32_t ps_refer(const struct ps_place *place, const char *id, const char *name);

/**
 * ps_read_module() - the root's attributes that all dialects share
 * @place: the root
 */
void ps_read_module(const struct ps_place *place);

/**
 * ps_read_guest() - a partition's attributes that all dialects share
 * @place: the element that defines the partition
 * @part: the partition
 */
void ps_read_guest(const struct ps_place *place, struct ps_partition *part);

/**
 * ps_read_vcpu() - one virtual CPU
 * @place: its element
 * @part: the partition
 * @index: name of the attribute with its number
 * @cpu: name of the attribute with its host CPU
 */
void ps_read_vcpu(const struct ps_place *place, struct ps_partition *part, const char *index,
		  const char *cpu);

/**
 * ps_read_vcpus_end() - after a partition's last virtual CPU
 * @place: the element that defines the partition
 * @part: the partition; gets a default if it has none
 * @index: name of the attribute with the numbers
 * @advice: how CPUs are named in this dialect
 */
void ps_read_vcpus_end(const struct ps_place *place, struct ps_partition *part,
		       const char *index, const char *advice);

/**
 * ps_read_schedule() - the attributes of a schedule that all dialects share
 * @place: its element; findings about it and what stands in it name the schedule
 * @frame: name of the attribute with the major frame
 *
 * Return: the schedule, without windows; stale once another one is added.
 */
struct ps_schedule *ps_read_schedule(struct ps_place *place, const char *frame);

/**
 * ps_read_port() - a port of a partition
 * @place: its element
 * @part: the partition
 * @queuing: what it is
 * @depth: name of the attribute with the depth
 * @refresh: name of the attribute with the refresh period
 */
void ps_read_port(const struct ps_place *place, struct ps_partition *part, bool queuing,
		  const char *depth, const char *refresh);

/**
 * ps_read_when() - When of an entry of a health monitor table
 * @place: the entry
 *
 * Return: its states as the model has them, 0: all.
 */
uint32_t ps_read_when(const struct ps_place *place);

/**
 * ps_read_level() - ErrorLevel, ErrorCode and Source of an error
 * @place: its element
 * @entry: gets them; without a readable level any level will do
 */
void ps_read_level(const struct ps_place *place, struct ps_health_entry *entry);

/**
 * ps_read_window_cpu() - what a window says of vCPU and CPU
 * @place: its element
 * @window: the window
 */
void ps_read_window_cpu(const struct ps_place *place, struct ps_window *window);

/**
 * ps_read_networks() - the virtual networks
 * @root: the root
 */
void ps_read_networks(const struct ps_place *root);

/**
 * ps_read_nics() - the network interfaces of a partition
 * @place: the element around them
 * @part: the partition
 */
void ps_read_nics(const struct ps_place *place, struct ps_partition *part);

/**
 * ps_part1_read() - turn Part 1 or Part 2 into the model
 * @reader: model, findings and dialect
 * @root: the root element
 */
void ps_part1_read(struct ps_reader *reader, xmlNode *root);

/**
 * ps_2015_read() - turn the schema of 2015, mumu's dialect or ours into the model
 * @reader: model, findings and dialect
 * @root: the root element
 */
void ps_2015_read(struct ps_reader *reader, xmlNode *root);

/**
 * ps_2015_read_channels() - the channels of these dialects
 * @root: the root
 */
void ps_2015_read_channels(const struct ps_place *root);

/**
 * ps_2015_read_health() - their health monitor tables
 * @root: the root
 */
void ps_2015_read_health(const struct ps_place *root);

#endif /* PS_XML_PRIV_H */
