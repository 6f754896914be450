// SPDX-License-Identifier: GPL-2.0
/*
 * rules - the table of rules
 */
#include "rules.h"

static const struct ps_rule_info rules[PS_NR_RULES] = {
#define R(number, name, severity, stage, title, text) \
	[number] = { PS_##severity, PS_STAGE_##stage, title, text },
	PS_RULES(R)
#undef R
};

const struct ps_rule_info *ps_rule_info(unsigned int rule)
{
	return rule < PS_NR_RULES && rules[rule].title ? &rules[rule] : NULL;
}

const char *ps_severity_name(enum ps_severity severity)
{
	static const char *const names[] = {
		[PS_NOTE] = "note",
		[PS_WARNING] = "warning",
		[PS_ERROR] = "error",
	};

	return names[severity];
}
