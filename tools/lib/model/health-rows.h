/* SPDX-License-Identifier: GPL-2.0 */
/*
 * health-rows - health monitor tables as the module takes them
 *
 * A configuration has the level of an error in one table and its action in
 * others, and numbers its system states as it likes. The module has one row for
 * an error, of one partition or of all, with the states of the partition that it
 * tells apart itself.
 */
#ifndef PS_HEALTH_ROWS_H
#define PS_HEALTH_ROWS_H

#include "check.h"
#include "model.h"

/**
 * struct ps_health_row - what is done about an error
 * @error: ErrorIdentifier
 * @partition: index of the partition, PS_NONE: of all that have no row of their own
 * @level: who handles it
 * @states: in which states of the partition, bits PS_WHEN_*, at least one
 * @action: what is done
 * @code: what it is to the partition's error handler
 * @line: XML line of the action
 */
struct ps_health_row {
	uint32_t error;
	uint32_t partition;
	enum ps_error_level level;
	uint32_t states;
	enum ps_recovery action;
	enum ps_error_code code;
	int line;
};

/**
 * struct ps_health_source - which error a source finds
 * @source: by PS_HEALTH_SOURCES
 * @error: ErrorIdentifier
 * @line: XML line
 */
struct ps_health_source {
	uint32_t source;
	uint32_t error;
	int line;
};

/**
 * struct ps_health_rows - all of them
 * @list: by partition (of all: last) and error; no two of these speak of one state
 * @nr: number of them; no more than the module takes
 * @sources: by source
 * @nr_sources: number of them
 * @too_many: there are more than the module takes; some are missing
 */
struct ps_health_rows {
	struct ps_health_row *list;
	size_t nr;
	struct ps_health_source *sources;
	size_t nr_sources;
	bool too_many;
};

/**
 * ps_health_rows() - turn the tables of a model into rows
 * @model: the model
 * @rows: receives them; to be given to ps_health_rows_free()
 * @findings: receives what is said twice of one state, or NULL
 *
 * What is said first counts. An error without an action has no row: what is done
 * about it is the module's default.
 */
void ps_health_rows(const struct ps_model *model, struct ps_health_rows *rows,
		    struct ps_findings *findings);

/**
 * ps_health_rows_free() - free what they hold
 * @rows: the rows
 */
void ps_health_rows_free(struct ps_health_rows *rows);

#endif /* PS_HEALTH_ROWS_H */
