// SPDX-License-Identifier: GPL-2.0
/*
 * kernel-health - errors raised, the tables in force, the log
 */
#include "kernel-health.h"

#include <stdio.h>
#include <string.h>

#include <netlink/genl/genl.h>

#include "kernel-priv.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static int parse_answer(struct nlattr **tb, void *arg)
{
	struct ps_error_answer *answer = arg;

	answer->id = ps_get_u32(tb, PARTSCHED_A_ERROR_ID);
	answer->level = ps_get_u32(tb, PARTSCHED_A_ERROR_LEVEL);
	answer->action = ps_get_u32(tb, PARTSCHED_A_HM_ACTION);
	return 0;
}

int ps_kernel_raise_error(struct ps_kernel *kernel, const struct ps_error_report *report,
			  struct ps_error_answer *answer, struct ps_error *error)
{
	struct nl_msg *msg = ps_request_new(kernel, PARTSCHED_CMD_RAISE_ERROR, 0);
	char what[4 * PARTSCHED_NAME_MAX + 32], reason[PARTSCHED_REASON_MAX];

	memset(answer, 0, sizeof(*answer));
	msg = ps_put_str(msg, PARTSCHED_A_PARTITION_NAME, report->partition);
	if (report->source != PARTSCHED_ERROR_OTHER)
		msg = ps_put_u32(msg, PARTSCHED_A_ERROR_SOURCE, report->source);
	else
		msg = ps_put_u32(msg, PARTSCHED_A_ERROR_ID, report->id);
	if (report->code)
		msg = ps_put_u32(msg, PARTSCHED_A_ERROR_CODE, report->code);
	if (report->has_vcpu)
		msg = ps_put_u32(msg, PARTSCHED_A_VCPU, report->vcpu);
	if (report->has_address)
		msg = ps_put_u64(msg, PARTSCHED_A_ADDRESS, report->address);
	if (report->reason && report->reason[0]) {
		snprintf(reason, sizeof(reason), "%s", report->reason);
		msg = ps_put_str(msg, PARTSCHED_A_REASON, reason);
	}
	msg = ps_put_flag(msg, PARTSCHED_A_INJECTED, report->injected);
	snprintf(what, sizeof(what), "error of partition \"%s\"", PS_SAFE(report->partition));
	return ps_request_run(kernel, msg, what, parse_answer, answer, error);
}

static int parse_row(struct nlattr **tb, void *arg)
{
	struct ps_hm_row *row = ps_list_add(arg);

	if (!row)
		return -1;
	row->id = ps_get_u32(tb, PARTSCHED_A_ERROR_ID);
	row->level = ps_get_u32(tb, PARTSCHED_A_ERROR_LEVEL);
	row->states = ps_get_u32(tb, PARTSCHED_A_ERROR_STATES);
	row->action = ps_get_u32(tb, PARTSCHED_A_HM_ACTION);
	row->code = ps_get_u32(tb, PARTSCHED_A_ERROR_CODE);
	row->all = !tb[PARTSCHED_A_PARTITION_ID];
	row->partition_id = ps_get_u32(tb, PARTSCHED_A_PARTITION_ID);
	return 0;
}

int ps_kernel_hm_rows(struct ps_kernel *kernel, struct ps_hm_row **list, size_t *nr,
		      struct ps_error *error)
{
	void *items;
	int rc = ps_dump(kernel, PARTSCHED_CMD_GET_ERROR, "health monitor tables", sizeof(**list),
			 parse_row, &items, nr, error);

	*list = items;
	return rc;
}

static int parse_source(struct nlattr **tb, void *arg)
{
	struct ps_hm_source *source = ps_list_add(arg);

	if (!source)
		return -1;
	source->source = ps_get_u32(tb, PARTSCHED_A_ERROR_SOURCE);
	source->level = ps_get_u32(tb, PARTSCHED_A_ERROR_LEVEL);
	source->action = ps_get_u32(tb, PARTSCHED_A_HM_ACTION);
	source->has_id = tb[PARTSCHED_A_ERROR_ID];
	source->id = ps_get_u32(tb, PARTSCHED_A_ERROR_ID);
	return 0;
}

int ps_kernel_hm_sources(struct ps_kernel *kernel, struct ps_hm_source **list, size_t *nr,
			 struct ps_error *error)
{
	void *items;
	int rc = ps_dump(kernel, PARTSCHED_CMD_GET_ERROR_SOURCE, "sources of errors",
			 sizeof(**list), parse_source, &items, nr, error);

	*list = items;
	return rc;
}

void ps_hm_entry_parse(struct nlattr **tb, struct ps_hm_entry *entry)
{
	memset(entry, 0, sizeof(*entry));
	entry->seq = ps_get_u64(tb, PARTSCHED_A_HM_SEQ);
	entry->time_ns = ps_get_u64(tb, PARTSCHED_A_TIME_NS);
	entry->generation = ps_get_u32(tb, PARTSCHED_A_GENERATION);
	entry->source = ps_get_u32(tb, PARTSCHED_A_ERROR_SOURCE);
	entry->id = ps_get_u32(tb, PARTSCHED_A_ERROR_ID);
	entry->code = ps_get_u32(tb, PARTSCHED_A_ERROR_CODE);
	entry->level = ps_get_u32(tb, PARTSCHED_A_ERROR_LEVEL);
	entry->states = ps_get_u32(tb, PARTSCHED_A_ERROR_STATES);
	entry->action = ps_get_u32(tb, PARTSCHED_A_HM_ACTION);
	entry->count = ps_get_u64(tb, PARTSCHED_A_COUNT);
	ps_get_str(tb, PARTSCHED_A_PARTITION_NAME, entry->partition, sizeof(entry->partition));
	entry->has_vcpu = tb[PARTSCHED_A_VCPU];
	entry->vcpu = ps_get_u32(tb, PARTSCHED_A_VCPU);
	entry->has_address = tb[PARTSCHED_A_ADDRESS];
	entry->address = ps_get_u64(tb, PARTSCHED_A_ADDRESS);
	ps_get_str(tb, PARTSCHED_A_REASON, entry->reason, sizeof(entry->reason));
	entry->injected = tb[PARTSCHED_A_INJECTED];
	entry->damped = tb[PARTSCHED_A_DAMPED];
}

static int parse_entry(struct nlattr **tb, void *arg)
{
	struct ps_hm_entry *entry = ps_list_add(arg);

	if (!entry)
		return -1;
	ps_hm_entry_parse(tb, entry);
	return 0;
}

int ps_kernel_hm_log(struct ps_kernel *kernel, struct ps_hm_entry **list, size_t *nr,
		     struct ps_error *error)
{
	void *items;
	int rc = ps_dump(kernel, PARTSCHED_CMD_GET_HM_LOG, "log of the health monitor",
			 sizeof(**list), parse_entry, &items, nr, error);

	*list = items;
	return rc;
}
