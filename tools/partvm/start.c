// SPDX-License-Identifier: GPL-2.0
#include "start.h"

#include <linux/partsched_guest.h>

#include "arch.h"
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

static int prepare_memory(struct vcpu *vcpu, uint32_t action)
{
	struct vm *vm = vcpu->vm;

	if (action == PARTSCHED_GUEST_START_COLD) {
		memory_clear(&vm->memory);
		if (image_load(&vm->memory, vm->config->binary, vm->nr_vcpus, &vm->start.entry))
			return vcpu_end(vcpu, PARTVM_HOST,
					"cannot be started again: its image cannot be loaded");
	}
	arch_memory_reset(&vm->memory);
	if (arch_vm_reset(vm))
		return vcpu_end(vcpu, PARTVM_HOST,
				"cannot be started again: KVM refuses the interrupt controllers");
	return 0;
}

int start_if_ordered(struct vcpu *vcpu)
{
	const struct partsched_guest_live_vcpu *live = live_of(vcpu);
	struct start *start = &vcpu->vm->start;
	uint32_t order, action;
	int ret = 0;

	if (!live)
		return 0;
	order = ordered(live, &action);
	if (order == vcpu->start)
		return 0;
	pthread_mutex_lock(&start->lock);
	if (start->done != order) {
		ret = prepare_memory(vcpu, action);
		start->done = order;
	}
	pthread_mutex_unlock(&start->lock);
	if (ret)
		return ret;
	vcpu->start = order;
	/* else KVM would finish the last exit on the new registers */
	vcpu_run_nothing(vcpu);
	vcpu->console_lcr = 0;
	if (arch_vcpu_reset(vcpu, start->entry))
		return vcpu_end(vcpu, PARTVM_HOST,
				"cannot be started again: KVM refuses the registers");
	return 0;
}
