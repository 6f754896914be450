// SPDX-License-Identifier: GPL-2.0
#include "fault.h"

#include <stdarg.h>
#include <stdio.h>

#include "arch.h"
#include "error.h"
#include "status.h"
#include "vcpu.h"
#include "vm.h"

/* Ask what is to be done. Return: enum partsched_hm_action, 0: nobody knows. */
static uint32_t ask(struct vcpu *vcpu, const struct fault *fault, const char *text, bool fatal)
{
	struct service_request *request = &vcpu->port.request;

	if (!vcpu->kernel)
		return 0;
	*request = (struct service_request){
		.kind = SERVICE_RAISE_ERROR,
		.error = {
			.source = fault->source,
			.has_address = fault->has_address,
			.address = fault->address,
		},
		.fatal = fatal,
	};
	ps_escape(request->reason, sizeof(request->reason), text);
	request->error.reason = request->reason;
	if (!service_ask(vcpu) || request->code)
		return 0;
	return request->done.action;
}

int fault_hold(struct vcpu *vcpu)
{
	vcpu->held = true;
	if (arch_vcpu_halt(vcpu))
		return vcpu_end(vcpu, PARTVM_HOST, "KVM does not let it wait");
	return FAULT_HELD;
}

int fault_raise(struct vcpu *vcpu, const struct fault *fault, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* one that does not even wait is beyond help */
	if (vcpu->held || !ask(vcpu, fault, text, true))
		return vcpu_end(vcpu, fault->status, "%s", text);
	return fault_hold(vcpu);
}

int fault_service(struct vcpu *vcpu, uint32_t number, bool exists)
{
	const struct fault fault = { .source = PARTSCHED_ERROR_SERVICE };
	uint32_t action;
	char text[64];

	snprintf(text, sizeof(text), exists ? "calls service %u without the right to" :
		 "calls service %u, which is none", number);
	action = ask(vcpu, &fault, text, false);
	if (!action)
		return vcpu_end(vcpu, PARTVM_CRASHED, "crashed: %s", text);
	return action == PARTSCHED_HM_IGNORE ? FAULT_IGNORED : FAULT_HELD;
}
