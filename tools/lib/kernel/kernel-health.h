/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel-health - the health monitor as seen through generic netlink
 *
 * See kernel.h for what all of these share.
 */
#ifndef PS_KERNEL_HEALTH_H
#define PS_KERNEL_HEALTH_H

#include "hm-entry.h"
#include "kernel.h"

/**
 * struct ps_error_report - an error that is raised
 * @partition: name of the partition that it concerns
 * @source: enum partsched_error_source, PARTSCHED_ERROR_OTHER: by @id
 * @id: ErrorIdentifier; without a source only
 * @code: enum partsched_error_code, 0: as the table says
 * @has_vcpu: @vcpu is given
 * @vcpu: index within the partition
 * @has_address: @address is given
 * @address: guest-physical
 * @reason: a sentence for the log, or NULL; cut where it is too long
 * @injected: a test, not an error
 */
struct ps_error_report {
	const char *partition;
	uint32_t source;
	uint32_t id;
	uint32_t code;
	bool has_vcpu;
	uint32_t vcpu;
	bool has_address;
	uint64_t address;
	const char *reason;
	bool injected;
};

/**
 * struct ps_error_answer - what is done about it
 * @id: ErrorIdentifier, 0: none
 * @level: enum partsched_error_level
 * @action: enum partsched_hm_action
 */
struct ps_error_answer {
	uint32_t id;
	uint32_t level;
	uint32_t action;
};

/**
 * struct ps_hm_row - a row of the health monitor tables in force
 * @id: ErrorIdentifier
 * @level: enum partsched_error_level
 * @states: bits of enum partsched_error_state
 * @action: enum partsched_hm_action
 * @code: enum partsched_error_code
 * @all: of all partitions that have no row of their own
 * @partition_id: of this partition otherwise
 */
struct ps_hm_row {
	uint32_t id;
	uint32_t level;
	uint32_t states;
	uint32_t action;
	uint32_t code;
	bool all;
	uint32_t partition_id;
};

/**
 * struct ps_hm_source - a source of errors, and what is done by default
 * @source: enum partsched_error_source
 * @level: enum partsched_error_level where the table says nothing
 * @action: enum partsched_hm_action; likewise
 * @has_id: the table gives it an identifier
 * @id: ErrorIdentifier
 */
struct ps_hm_source {
	uint32_t source;
	uint32_t level;
	uint32_t action;
	bool has_id;
	uint32_t id;
};

/**
 * ps_kernel_raise_error() - report an error to the health monitor
 * @kernel: connection
 * @report: the error
 * @answer: what is done about it
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_raise_error(struct ps_kernel *kernel, const struct ps_error_report *report,
			  struct ps_error_answer *answer, struct ps_error *error);

/**
 * ps_kernel_hm_rows() - the health monitor tables in force
 * @kernel: connection
 * @list: receives an array, to be freed; NULL when there is none
 * @nr: receives the number
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_hm_rows(struct ps_kernel *kernel, struct ps_hm_row **list, size_t *nr,
		      struct ps_error *error);

/**
 * ps_kernel_hm_sources() - the sources of errors
 * @kernel: connection
 * @list: receives an array, to be freed; NULL when there is none
 * @nr: receives the number
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_hm_sources(struct ps_kernel *kernel, struct ps_hm_source **list, size_t *nr,
			 struct ps_error *error);

/**
 * ps_kernel_hm_log() - the health monitor's log, oldest first
 * @kernel: connection
 * @list: receives an array, to be freed; NULL when there is none
 * @nr: receives the number
 * @error: why not
 *
 * Return: 0 or -1.
 */
int ps_kernel_hm_log(struct ps_kernel *kernel, struct ps_hm_entry **list, size_t *nr,
		     struct ps_error *error);

/**
 * ps_hm_level() - a level of the model as the module has it
 * @level: the level
 *
 * Return: enum partsched_error_level.
 */
uint32_t ps_hm_level(enum ps_error_level level);

/**
 * ps_hm_action() - an action of the model as the module has it
 * @action: the action
 *
 * Return: enum partsched_hm_action.
 */
uint32_t ps_hm_action(enum ps_recovery action);

/**
 * ps_error_source_name() - a word for enum partsched_error_source
 * @source: value
 *
 * Return: a static string, the word that a configuration has for it.
 */
const char *ps_error_source_name(uint32_t source);

/**
 * ps_error_source_find() - the other way round
 * @word: the word
 *
 * Return: enum partsched_error_source, -1 for none.
 */
int ps_error_source_find(const char *word);

/**
 * ps_error_code_name() - a word for enum partsched_error_code
 * @code: value
 *
 * Return: a static string.
 */
const char *ps_error_code_name(uint32_t code);

/**
 * ps_error_code_find() - the other way round
 * @word: the word
 *
 * Return: enum partsched_error_code, -1 for none.
 */
int ps_error_code_find(const char *word);

/**
 * ps_error_level_name() - a word for enum partsched_error_level
 * @level: value
 *
 * Return: a static string.
 */
const char *ps_error_level_name(uint32_t level);

/**
 * ps_error_states_name() - words for bits of enum partsched_error_state
 * @states: the bits
 *
 * Return: a static string: "idle start normal" or some of these, "none".
 */
const char *ps_error_states_name(uint32_t states);

/**
 * ps_hm_action_name() - a word for enum partsched_hm_action
 * @action: value
 *
 * Return: a static string.
 */
const char *ps_hm_action_name(uint32_t action);

#endif /* PS_KERNEL_HEALTH_H */
