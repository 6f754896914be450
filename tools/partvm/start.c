// SPDX-License-Identifier: GPL-2.0
#include "start.h"

#include <linux/partsched_guest.h>

#include "arch.h"
#include "device.h"
#include "fault.h"
#include "image.h"
#include "live.h"
#include "status.h"
#include "vcpu.h"
#include "vm.h"

/* What the module tells a vCPU that is under its plan, or NULL. */
static const struct partsched_guest_live_vcpu *live_of(const struct vcpu *vcpu)
{
	return vcpu->kernel ? live_vcpu(vcpu->vm->info, vcpu->index) : NULL;
}

static uint32_t ordered(const struct partsched_guest_live_vcpu *live, uint32_t *action)
{
	uint32_t start;

	do {
		start = __atomic_load_n(&live->start, __ATOMIC_ACQUIRE);
		*action = __atomic_load_n(&live->start_action, __ATOMIC_ACQUIRE);
	} while (__atomic_load_n(&live->start, __ATOMIC_RELAXED) != start);
	return start;
}

void start_init(struct vm *vm, uint64_t entry)
{
	pthread_mutex_init(&vm->start.lock, NULL);
	vm->start.entry = entry;
}

void start_attached(struct vcpu *vcpu)
{
	const struct partsched_guest_live_vcpu *live = live_of(vcpu);
	uint32_t action;

	if (live)
		vcpu->start = ordered(live, &action);
}

/* Return: why not, or NULL. */
static const char *prepare_memory(struct vm *vm, uint32_t action)
{
	if (action == PARTSCHED_GUEST_START_COLD) {
		memory_clear(&vm->memory);
		if (image_load(&vm->memory, vm->config->binary, vm->nr_vcpus, false,
			       &vm->start.entry))
			return "its image cannot be loaded";
	}
	arch_memory_reset(&vm->memory);
	if (arch_vm_reset(vm))
		return "KVM refuses the interrupt controllers";
	return NULL;
}

/* Once an order: the other vCPUs of one that has failed wait, too. */
static int begin(struct vcpu *vcpu)
{
	const struct fault fault = { .source = PARTSCHED_ERROR_START, .status = PARTVM_HOST };
	struct start *start = &vcpu->vm->start;
	const char *why = start->failed;

	vcpu->held = false;
	if (why && start->told)
		return fault_hold(vcpu);
	if (!why) {
		arch_vcpu_finish(vcpu);
		devices_reset(vcpu);
		if (!arch_vcpu_reset(vcpu, start->entry))
			return 0;
		why = "KVM refuses the registers";
	}
	start->told = true;
	return fault_raise(vcpu, &fault, "cannot be started again: %s", why);
}

int start_if_ordered(struct vcpu *vcpu)
{
	const struct partsched_guest_live_vcpu *live = live_of(vcpu);
	struct start *start = &vcpu->vm->start;
	uint32_t order, action;

	if (!live)
		return 0;
	order = ordered(live, &action);
	if (order == vcpu->start)
		return 0;
	pthread_mutex_lock(&start->lock);
	if (start->done != order) {
		start->failed = prepare_memory(vcpu->vm, action);
		start->told = false;
		start->done = order;
	}
	pthread_mutex_unlock(&start->lock);
	vcpu->start = order;
	return begin(vcpu);
}
