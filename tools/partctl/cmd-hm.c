// SPDX-License-Identifier: GPL-2.0
/*
 * cmd-hm - partctl hm: the health monitor's tables, its log, errors for tests
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hm-log.h"
#include "kernel-health.h"
#include "partctl.h"
#include "units.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* All options of the three; each says which it does not take. */
struct request {
	const char *source, *error, *code, *vcpu, *address, *reason, *count;
	bool follow, json;
};

static const char *partition_name(const struct ps_partition_info *list, size_t nr, uint32_t id)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (list[i].id == id)
			return list[i].name;
	}
	return NULL;
}

static void print_rows(struct out *out, const struct ps_hm_row *rows, size_t nr,
		       const struct ps_partition_info *partitions, size_t nr_partitions)
{
	static const struct out_column columns[] = {
		{ "error_id", "ERROR", true, false },
		{ "partition", "PARTITION", false, false },
		{ "level", "LEVEL", false, false },
		{ "states", "WHEN", false, false },
		{ "action", "ACTION", false, false },
		{ "code", "CODE", false, false },
	};
	size_t i;

	out_list(out, "errors", "errors", columns, NR(columns));
	for (i = 0; i < nr; i++) {
		out_cell_u64(out, rows[i].id);
		out_cell_text(out, rows[i].all ? NULL :
			      partition_name(partitions, nr_partitions, rows[i].partition_id));
		out_cell_text(out, ps_error_level_name(rows[i].level));
		out_cell_text(out, ps_error_states_name(rows[i].states));
		out_cell_text(out, ps_hm_action_name(rows[i].action));
		out_cell_text(out, rows[i].code ? ps_error_code_name(rows[i].code) : NULL);
		out_row(out);
	}
	out_list_end(out);
}

static void print_sources(struct out *out, const struct ps_hm_source *sources, size_t nr)
{
	static const struct out_column columns[] = {
		{ "source", "SOURCE", false, false },
		{ "error_id", "ERROR", true, false },
		{ "default_level", "DEFAULT-LEVEL", false, false },
		{ "default_action", "DEFAULT-ACTION", false, false },
	};
	size_t i;

	out_list(out, "sources", "sources", columns, NR(columns));
	for (i = 0; i < nr; i++) {
		out_cell_text(out, ps_error_source_name(sources[i].source));
		if (sources[i].has_id)
			out_cell_u64(out, sources[i].id);
		else
			out_cell_none(out);
		out_cell_text(out, ps_error_level_name(sources[i].level));
		out_cell_text(out, ps_hm_action_name(sources[i].action));
		out_row(out);
	}
	out_list_end(out);
}

static int show(struct ps_kernel *kernel, struct out *out, struct ps_error *error)
{
	struct ps_partition_info *partitions = NULL;
	size_t nr_rows, nr_sources, nr_partitions;
	struct ps_hm_source *sources = NULL;
	struct ps_hm_row *rows = NULL;
	int rc = -1;

	if (!ps_kernel_hm_rows(kernel, &rows, &nr_rows, error) &&
	    !ps_kernel_hm_sources(kernel, &sources, &nr_sources, error) &&
	    !ps_kernel_partitions(kernel, &partitions, &nr_partitions, error)) {
		print_rows(out, rows, nr_rows, partitions, nr_partitions);
		print_sources(out, sources, nr_sources);
		rc = 0;
	}
	free(rows);
	free(sources);
	free(partitions);
	return rc;
}

static void read_report(const struct verb *verb, const struct request *request,
			struct ps_error_report *report)
{
	int number;

	if (!request->source == !request->error)
		usage_error(verb, "hm inject: say either --source WORD or --error ID");
	if (request->source) {
		number = ps_error_source_find(request->source);
		if (number <= 0)
			usage_error(verb, "--source: \"%s\" is none of overrun, missed, steal, launcher, shutdown, kvm, memory, readonly, service, application, start",
				    PS_SAFE(request->source));
		report->source = (uint32_t)number;
	} else {
		report->id = (uint32_t)option_u64(verb, "--error", request->error, 0, UINT32_MAX);
	}
	if (request->code) {
		number = ps_error_code_find(request->code);
		if (number <= 0)
			usage_error(verb, "--code: \"%s\" is none of deadline_missed, application_error, numeric_error, illegal_request, stack_overflow, memory_violation, hardware_fault, power_failure",
				    PS_SAFE(request->code));
		report->code = (uint32_t)number;
	}
	report->has_vcpu = request->vcpu;
	if (request->vcpu)
		report->vcpu = (uint32_t)option_u64(verb, "--vcpu", request->vcpu, 0,
						    PARTSCHED_MAX_VCPUS - 1);
	report->has_address = request->address;
	if (request->address)
		report->address = option_u64(verb, "--address", request->address, 0, UINT64_MAX);
	report->reason = request->reason;
	report->injected = true;
}

static int inject(struct ps_kernel *kernel, const struct ps_error_report *report, struct out *out,
		  struct ps_error *error)
{
	struct ps_error_answer answer;
	char number[16];

	if (ps_kernel_raise_error(kernel, report, &answer, error))
		return -1;
	out_text(out, "partition", NULL, report->partition);
	out_text(out, "source", NULL, ps_error_source_name(report->source));
	out_u64(out, "error_id", NULL, answer.id);
	out_text(out, "level", NULL, ps_error_level_name(answer.level));
	out_text(out, "action", NULL, ps_hm_action_name(answer.action));
	snprintf(number, sizeof(number), " %" PRIu32, answer.id);
	out_say(out, "partition \"%s\": error%s of %s level, found by %s; action: %s",
		PS_SAFE(report->partition), answer.id ? number : "",
		ps_error_level_name(answer.level), ps_error_source_name(report->source),
		ps_hm_action_name(answer.action));
	return 0;
}

static void refuse(const struct verb *verb, const char *what, bool given, const char *option)
{
	if (given)
		usage_error(verb, "hm %s: takes no %s", what, option);
}

/* Options that belong to the others. */
static void check(const struct verb *verb, const char *what, const struct request *r)
{
	bool log = !strcmp(what, "log"), inject = !strcmp(what, "inject");

	refuse(verb, what, !log && r->follow, "--follow");
	refuse(verb, what, !log && r->count, "--count");
	refuse(verb, what, !inject && r->source, "--source");
	refuse(verb, what, !inject && r->error, "--error");
	refuse(verb, what, !inject && r->code, "--code");
	refuse(verb, what, !inject && r->vcpu, "--vcpu");
	refuse(verb, what, !inject && r->address, "--address");
	refuse(verb, what, !inject && r->reason, "--reason");
}

int cmd_hm(const struct verb *verb, int argc, char **argv)
{
	struct request r = { 0 };
	const struct option_spec specs[] = {
		{ "follow", 'f', NULL, &r.follow },
		{ "count", 'n', &r.count, NULL },
		{ "source", 0, &r.source, NULL },
		{ "error", 0, &r.error, NULL },
		{ "code", 0, &r.code, NULL },
		{ "vcpu", 0, &r.vcpu, NULL },
		{ "address", 0, &r.address, NULL },
		{ "reason", 0, &r.reason, NULL },
		{ "json", 'j', NULL, &r.json },
		{ 0 },
	};
	struct ps_error_report report = { 0 };
	uint64_t count = UINT64_MAX;
	struct ps_kernel *kernel;
	struct ps_error error;
	struct out *out;
	const char *what;
	int first, rc;

	first = verb_options(verb, argc, argv, specs);
	what = argv[first++];
	if (strcmp(what, "log") && strcmp(what, "show") && strcmp(what, "inject"))
		usage_error(verb, "hm: \"%s\" is none of log, show, inject", PS_SAFE(what));
	if (!strcmp(what, "inject") && first == argc)
		usage_error(verb, "hm inject: an argument is missing");
	if (strcmp(what, "inject") && first < argc)
		usage_error(verb, "hm %s: \"%s\" is one argument too many", what,
			    PS_SAFE(argv[first]));
	check(verb, what, &r);
	if (!strcmp(what, "inject")) {
		report.partition = argv[first];
		read_report(verb, &r, &report);
	}
	if (r.count)
		count = option_u64(verb, "--count", r.count, 0, UINT64_MAX);
	out = out_open(r.json, r.follow);
	kernel = ps_kernel_open(&error);
	if (!kernel)
		return fail_with(&error);
	if (!strcmp(what, "log"))
		rc = r.follow ? hm_log_follow(kernel, out, count, &error) :
				hm_log_print(kernel, out, count, &error);
	else if (!strcmp(what, "show"))
		rc = show(kernel, out, &error);
	else
		rc = inject(kernel, &report, out, &error);
	ps_kernel_close(kernel);
	if (rc)
		return fail_with(&error);
	if (r.follow)
		return PS_EXIT_DONE;
	return out_flush(out) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}
