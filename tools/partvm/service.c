// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

#include <linux/partsched_guest.h>

#include "kernel-mode.h"
#include "live.h"
#include "report.h"
#include "vcpu.h"
#include "vm.h"

/* Of a guest that crashes again and again the module's log tells the rest. */
#define TOLD_MAX	100

_Static_assert(PARTSCHED_GUEST_MODE_IDLE == PARTSCHED_MODE_IDLE &&
	       PARTSCHED_GUEST_MODE_NORMAL == PARTSCHED_MODE_NORMAL &&
	       PARTSCHED_GUEST_CONDITION_HM_PARTITION == PARTSCHED_START_HM_PARTITION &&
	       PARTSCHED_GUEST_CODE_POWER_FAILURE == PARTSCHED_CODE_POWER_FAILURE &&
	       PARTSCHED_GUEST_ERROR_TEXT_MAX == PARTSCHED_REASON_MAX - 1,
	       "the two contracts agree");

int service_create(struct vm *vm)
{
	vm->service.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vm->service.fd < 0) {
		report_error("cannot make an eventfd: %s", strerror(errno));
		return -1;
	}
	return 0;
}

void service_port_init(struct service_port *port)
{
	sem_init(&port->answered, 0, 0);
}

bool service_ask(struct vcpu *vcpu)
{
	struct service_port *port = &vcpu->port;

	port->request.code = PARTSCHED_GUEST_NOT_AVAILABLE;
	atomic_store(&port->asked, true);
	eventfd_write(vcpu->vm->service.fd, 1);
	/* the count of the semaphore says nothing: a kick may have come between */
	while (atomic_load(&port->asked)) {
		if (atomic_load(&vcpu->vm->stopping))
			return false;
		sem_wait(&port->answered);
	}
	return true;
}

/* Whether the schedule in force gives the partition the right. */
static bool may_set_schedule(const struct vcpu *vcpu)
{
	const struct partsched_guest_live_vcpu *live = live_vcpu(vcpu->vm->info, vcpu->index);
	const struct config *config = vcpu->vm->config;
	uint32_t id;

	if (config->set_schedule_always)
		return true;
	if (!live)
		return false;
	id = __atomic_load_n(&live->schedule_id, __ATOMIC_RELAXED);
	for (size_t i = 0; i < config->nr_set_schedule; i++)
		if (config->set_schedule[i] == id)
			return true;
	return false;
}

uint32_t service_set_schedule(struct vcpu *vcpu, uint32_t schedule)
{
	struct service_request *request = &vcpu->port.request;

	if (!vcpu->kernel)
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	if (!may_set_schedule(vcpu))
		return PARTSCHED_GUEST_INVALID_CONFIG;
	*request = (struct service_request){ .kind = SERVICE_SET_SCHEDULE, .value = schedule };
	return service_ask(vcpu) ? request->code : PARTSCHED_GUEST_NOT_AVAILABLE;
}

static void set_schedule(struct vm *vm, struct service_request *request)
{
	struct ps_change_result result = { };
	struct ps_error error = { };

	if (!ps_kernel_change_schedule(vm->plan.kernel, request->value, &result, &error))
		request->code = result.no_action ? PARTSCHED_GUEST_NO_ACTION :
				PARTSCHED_GUEST_NO_ERROR;
	else if (error.err == EINVAL)
		request->code = PARTSCHED_GUEST_INVALID_PARAM;
	else
		report_warning("the guest asks for schedule %u: %s", request->value, error.text);
}

static void get_schedule(struct vm *vm, struct service_request *request)
{
	struct ps_module_info info;

	if (ps_kernel_module(vm->plan.kernel, &info, NULL) || !info.has_plan)
		return;
	request->code = PARTSCHED_GUEST_NO_ERROR;
	request->current = info.schedule_id;
	request->next = info.next_schedule_id;
	request->last_change_ns = info.last_change_ns;
}

static void get_mode(struct vm *vm, struct service_request *request)
{
	struct ps_partition_info info;

	if (ps_kernel_partition(vm->plan.kernel, vm->plan.partition.name, &info, NULL))
		return;
	request->code = PARTSCHED_GUEST_NO_ERROR;
	request->mode = info.mode;
	request->start_condition = info.start_condition;
	request->nr_starts = (uint32_t)info.nr_starts;
}

static void set_mode(struct vm *vm, struct service_request *request)
{
	struct ps_mode_result result;
	struct ps_error error = { };

	if (!ps_kernel_set_mode(vm->plan.kernel, vm->plan.partition.name, request->value,
				PARTSCHED_BY_PARTITION, &result, &error))
		request->code = result.no_action ? PARTSCHED_GUEST_NO_ACTION :
				PARTSCHED_GUEST_NO_ERROR;
	else if (error.exit == PS_EXIT_REFUSED && error.err != ENOENT && error.err != ENODATA)
		request->code = PARTSCHED_GUEST_INVALID_MODE;
}

/* What standard error, which is the launcher's log, says of an error. */
static void tell(struct vm *vm, const struct service_request *request)
{
	static const char *const actions[] = {
		[PARTSCHED_HM_IGNORE] = "it is ignored, the vCPU goes no further",
		[PARTSCHED_HM_IDLE] = "the partition is idle",
		[PARTSCHED_HM_WARM_START] = "warm start",
		[PARTSCHED_HM_COLD_START] = "cold start",
		[PARTSCHED_HM_SHUTDOWN] = "all partitions are idle",
		[PARTSCHED_HM_RESET] = "all partitions start cold",
	};
	uint32_t action = request->done.action;
	const char *text = NULL;

	if (action < sizeof(actions) / sizeof(actions[0]))
		text = actions[action];
	if (vm->service.nr_told++ >= TOLD_MAX)
		return;
	report_error("vCPU %u %s; %s%s", request->error.vcpu, request->error.reason,
		     text ? text : "what is done about it is not known here",
		     vm->service.nr_told < TOLD_MAX ? "" : "; see 'partctl hm log' for more");
}

static void raise_error(struct vm *vm, struct service_request *request)
{
	struct ps_error error = { };

	request->error.partition = vm->plan.partition.name;
	if (ps_kernel_raise_error(vm->plan.kernel, &request->error, &request->done, &error)) {
		/* no plan any more, for one */
		report_warning("%s", error.text);
		return;
	}
	request->code = PARTSCHED_GUEST_NO_ERROR;
	if (request->fatal)
		tell(vm, request);
}

/*
 * Another launcher may have the partition by now, or nobody: what our guest does
 * concerns the plan only as long as the plan has its thread.
 */
static bool planned(struct vm *vm, const struct vcpu *vcpu)
{
	return plan_has(&vm->plan, vcpu->index, atomic_load(&vcpu->tid),
			&vm->attached[vcpu->index]);
}

static void serve(struct vm *vm, struct vcpu *vcpu)
{
	struct service_request *request = &vcpu->port.request;

	switch (request->kind) {
	case SERVICE_SET_SCHEDULE:
		set_schedule(vm, request);
		break;
	case SERVICE_GET_SCHEDULE:
		get_schedule(vm, request);
		break;
	case SERVICE_GET_MODE:
		if (planned(vm, vcpu))
			get_mode(vm, request);
		break;
	case SERVICE_SET_MODE:
		if (planned(vm, vcpu))
			set_mode(vm, request);
		break;
	case SERVICE_RAISE_ERROR:
		request->error.has_vcpu = true;
		request->error.vcpu = vcpu->index;
		if (planned(vm, vcpu))
			raise_error(vm, request);
		break;
	}
	atomic_store(&vcpu->port.asked, false);
	sem_post(&vcpu->port.answered);
}

void service_serve(struct vm *vm)
{
	eventfd_t count;

	eventfd_read(vm->service.fd, &count);
	for (uint32_t i = 0; i < vm->nr_vcpus; i++)
		if (atomic_load(&vm->vcpus[i].port.asked))
			serve(vm, &vm->vcpus[i]);
}

void service_stop(struct vm *vm)
{
	for (uint32_t i = 0; vm->vcpus && i < vm->nr_vcpus; i++)
		if (vm->vcpus[i].started)
			sem_post(&vm->vcpus[i].port.answered);
}
