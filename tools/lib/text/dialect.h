/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dialect - what may stand in a file of each dialect, as tables
 *
 * One description serves all: the structure check, the reading of values (a
 * bound, a word or a default is written here and nowhere else) and the XML
 * schema. An element or attribute carries a mask of the dialects that have it.
 */
#ifndef PS_DIALECT_H
#define PS_DIALECT_H

#include <stdbool.h>
#include <stdint.h>

#include "xml.h"

#define PS_ARINC_2015_NAMESPACE	"http://www.aviation-ia.com/aeec/2015/ARINC653"
#define PS_MUMU_NAMESPACE	"ARINC_653_ModuleMC_NS"

/* masks of dialects */
#define PS_IN_A		(1U << PS_DIALECT_PART1)
#define PS_IN_B		(1U << PS_DIALECT_PART2)
#define PS_IN_C		(1U << PS_DIALECT_2015)
#define PS_IN_M		(1U << PS_DIALECT_MUMU)
#define PS_IN_N		(1U << PS_DIALECT_NATIVE)
#define PS_IN_AB	(PS_IN_A | PS_IN_B)
#define PS_IN_CMN	(PS_IN_C | PS_IN_M | PS_IN_N)
#define PS_IN_ALL	(PS_IN_AB | PS_IN_CMN)

/* Times of all dialects fit a signed 64-bit number of nanoseconds. */
#define PS_MAX_TIME_NS	((uint64_t)INT64_MAX)
/* Host CPU numbers that any kernel could have. */
#define PS_MAX_CPU	8191

/**
 * enum ps_type - form of an attribute's value
 * @PS_TYPE_NUMBER: unsigned integer, decimal or 0x
 * @PS_TYPE_NS: the same, nanoseconds
 * @PS_TYPE_SECONDS: exact decimal number of seconds; bounds are nanoseconds
 * @PS_TYPE_BYTES: unsigned integer, K, M or G may follow; a multiple of 4096
 * @PS_TYPE_GUARD: nanoseconds, or the word auto
 * @PS_TYPE_BOOL: true, false, 1, 0
 * @PS_TYPE_CHOICE: one of several words
 * @PS_TYPE_WORDS: some of several words, blanks between; a word's value is a bit
 * @PS_TYPE_CPUS: numbers, blanks or commas between
 * @PS_TYPE_NAME: name that the module takes: 1 to 63 bytes
 * @PS_TYPE_REFERENCE: such a name of something else
 * @PS_TYPE_TEXT: any text
 * @PS_TYPE_PATH: path of a file, from the directory of the XML file
 * @PS_TYPE_MAC: address of a network interface
 */
enum ps_type {
	PS_TYPE_NUMBER,
	PS_TYPE_NS,
	PS_TYPE_SECONDS,
	PS_TYPE_BYTES,
	PS_TYPE_GUARD,
	PS_TYPE_BOOL,
	PS_TYPE_CHOICE,
	PS_TYPE_WORDS,
	PS_TYPE_CPUS,
	PS_TYPE_NAME,
	PS_TYPE_REFERENCE,
	PS_TYPE_TEXT,
	PS_TYPE_PATH,
	PS_TYPE_MAC,
};

/**
 * struct ps_word - a word of an enumeration; a list ends without one
 * @word: as it is written
 * @value: what it means
 * @proper: the spelling that should have been used, NULL: this one
 */
struct ps_word {
	const char *word;
	unsigned int value;
	const char *proper;
};

/**
 * struct ps_attr - an attribute; a list ends without a name
 * @name: local name
 * @type: form of its value
 * @in: dialects that have it
 * @own: dialects where it is in our own namespace, otherwise in none
 * @required: dialects that demand it
 * @min: least number, in the unit of the model
 * @max: greatest number
 * @words: of PS_TYPE_CHOICE and PS_TYPE_WORDS
 * @alias: another name seen in the wild, or NULL
 * @otherwise: value where it is not given, as it would be written; or NULL
 * @doc: what it says, one line, with its unit
 */
struct ps_attr {
	const char *name;
	enum ps_type type;
	unsigned int in;
	unsigned int own;
	unsigned int required;
	uint64_t min;
	uint64_t max;
	const struct ps_word *words;
	const char *alias;
	const char *otherwise;
	const char *doc;
};

struct ps_element;

/**
 * struct ps_child - an element within another; a list ends without one
 * @element: the element
 * @once: dialects in which it may stand only once
 * @needed: dialects in which it must stand
 */
struct ps_child {
	const struct ps_element *element;
	unsigned int once;
	unsigned int needed;
};

/**
 * struct ps_element - an element
 * @name: local name
 * @in: dialects that have it
 * @own: dialects where it is in our own namespace, otherwise in the dialect's
 * @attrs: its attributes, or NULL
 * @shared: more of them, shared with elements of other dialects, or NULL
 * @children: what may stand in it, or NULL
 * @vendor: an extension without a namespace, passed over with all in it
 * @doc: what it is, one line
 */
struct ps_element {
	const char *name;
	unsigned int in;
	unsigned int own;
	const struct ps_attr *attrs;
	const struct ps_attr *shared;
	const struct ps_child *children;
	bool vendor;
	const char *doc;
};

/* ours, of the entries of health monitor tables in dialects @in */
#define PS_SOURCE_ATTR(in_, own_) \
	{ "Source", PS_TYPE_WORDS, in_, .own = own_, .words = ps_error_source_words, \
	  .doc = "Who finds the error, blanks between; raised by its number alone where it is " \
		 "left out." }
#define PS_WHEN_ATTR(in_, own_) \
	{ "When", PS_TYPE_WORDS, in_, .own = own_, .words = ps_when_words, \
	  .doc = "In which states of the partition, blanks between; in all where it is left " \
		 "out." }

/* for the tables themselves */
#define PS_ATTRS(...) (const struct ps_attr[]){ __VA_ARGS__, { 0 } }
#define PS_CHILDREN(...) (const struct ps_child[]){ __VA_ARGS__, { 0 } }
#define PS_WORDS(...) (const struct ps_word[]){ __VA_ARGS__, { 0 } }

/* roots of the two families */
extern const struct ps_element ps_part1_root;		/* A, B */
extern const struct ps_element ps_2015_root;		/* C */
extern const struct ps_element ps_mumu_root;		/* M */
extern const struct ps_element ps_native_root;		/* N */

/* what all families share */
extern const struct ps_attr ps_module_attrs[];		/* of the root */
extern const struct ps_attr ps_guest_attrs[];		/* of a partition */
extern const struct ps_attr ps_guard_attrs[];		/* of a schedule */
extern const struct ps_element ps_vcpu_element;
extern const struct ps_element ps_network_element;	/* of the root */
extern const struct ps_element ps_nic_element;		/* of a partition */
extern const struct ps_word ps_level_words[];
extern const struct ps_word ps_change_words[];
extern const struct ps_word ps_direction_words[];	/* true: source */
extern const struct ps_word ps_kick_words[];
extern const struct ps_word ps_error_level_words[];
extern const struct ps_word ps_error_code_words[];
extern const struct ps_word ps_error_source_words[];	/* bits */
extern const struct ps_word ps_when_words[];		/* bits */
extern const struct ps_word ps_module_action_words[];
extern const struct ps_word ps_partition_action_words[];

/**
 * ps_dialect_root() - where a dialect's description begins
 * @dialect: the dialect
 *
 * Return: its root element.
 */
const struct ps_element *ps_dialect_root(enum ps_dialect dialect);

/**
 * ps_dialect_namespace() - the namespace of a dialect's elements
 * @dialect: the dialect
 *
 * Return: the namespace, NULL: none.
 */
const char *ps_dialect_namespace(enum ps_dialect dialect);

/**
 * ps_element_child() - what is known of an element within another
 * @element: the other
 * @dialect: the dialect
 * @own: it is of our own namespace, and not of the dialect's
 * @name: its local name
 *
 * Return: its place in @element, or NULL if it may not stand there.
 */
const struct ps_child *ps_element_child(const struct ps_element *element, enum ps_dialect dialect,
					bool own, const char *name);

/**
 * ps_element_attr() - walk through an element's attributes
 * @element: the element
 * @dialect: the dialect; attributes that it does not have are left out
 * @at: begins with 0, kept by the walk
 *
 * Return: the next attribute, NULL at the end.
 */
const struct ps_attr *ps_element_attr(const struct ps_element *element, enum ps_dialect dialect,
				      unsigned int *at);

/**
 * ps_element_attr_named() - find an attribute by name
 * @element: the element
 * @dialect: the dialect
 * @name: local name; an alias is not found
 *
 * Return: the attribute, or NULL if the dialect has none of this name here.
 */
const struct ps_attr *ps_element_attr_named(const struct ps_element *element,
					    enum ps_dialect dialect, const char *name);

#endif /* PS_DIALECT_H */
