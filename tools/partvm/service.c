// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

#include <linux/partsched_guest.h>

#include "live.h"
#include "report.h"
#include "vcpu.h"
#include "vm.h"

int service_create(struct vm *vm)
{
	struct service *service = &vm->service;

	pthread_mutex_init(&service->lock, NULL);
	pthread_cond_init(&service->answered, NULL);
	service->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (service->fd < 0) {
		report_error("cannot make an eventfd: %s", strerror(errno));
		return -1;
	}
	return 0;
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
	struct service *service = &vcpu->vm->service;
	uint64_t bit = 1ULL << vcpu->index;

	if (!vcpu->kernel)
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	if (!may_set_schedule(vcpu))
		return PARTSCHED_GUEST_INVALID_CONFIG;
	pthread_mutex_lock(&service->lock);
	vcpu->request = schedule;
	vcpu->answer = PARTSCHED_GUEST_NOT_AVAILABLE;
	service->pending |= bit;
	eventfd_write(service->fd, 1);
	while (service->pending & bit && !atomic_load(&vcpu->vm->stopping))
		pthread_cond_wait(&service->answered, &service->lock);
	pthread_mutex_unlock(&service->lock);
	return vcpu->answer;
}

static uint32_t set_schedule(struct vm *vm, uint32_t schedule)
{
	struct ps_change_result result = { };
	struct ps_error error = { };

	if (!ps_kernel_change_schedule(vm->plan.kernel, schedule, &result, &error))
		return result.no_action ? PARTSCHED_GUEST_NO_ACTION : PARTSCHED_GUEST_NO_ERROR;
	if (error.err == EINVAL)
		return PARTSCHED_GUEST_INVALID_PARAM;
	report_warning("the guest asks for schedule %u: %s", schedule, error.text);
	return PARTSCHED_GUEST_NOT_AVAILABLE;
}

void service_serve(struct vm *vm)
{
	struct service *service = &vm->service;
	eventfd_t count;

	eventfd_read(service->fd, &count);
	pthread_mutex_lock(&service->lock);
	for (uint32_t i = 0; i < vm->nr_vcpus; i++) {
		struct vcpu *vcpu = &vm->vcpus[i];
		uint32_t answer;

		if (!(service->pending >> i & 1))
			continue;
		/* the vCPU thread sleeps, but others may want to ask meanwhile */
		pthread_mutex_unlock(&service->lock);
		answer = set_schedule(vm, vcpu->request);
		pthread_mutex_lock(&service->lock);
		vcpu->answer = answer;
		service->pending &= ~(1ULL << i);
	}
	pthread_cond_broadcast(&service->answered);
	pthread_mutex_unlock(&service->lock);
}

void service_stop(struct vm *vm)
{
	pthread_mutex_lock(&vm->service.lock);
	pthread_cond_broadcast(&vm->service.answered);
	pthread_mutex_unlock(&vm->service.lock);
}
