// SPDX-License-Identifier: GPL-2.0
#include "vcpu.h"

#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch.h"
#include "device.h"
#include "fault.h"
#include "plan.h"
#include "report.h"
#include "sandbox.h"
#include "status.h"
#include "vm.h"

#define KICK_SIGNAL	SIGUSR1
#define VCPU_STACK	(256 << 10)

static _Thread_local struct kvm_run *this_run;

/*
 * A signal that arrives just before KVM_RUN would be lost without this: KVM
 * looks at immediate_exit when it begins.
 */
static void on_kick(int signal)
{
	(void)signal;
	if (this_run)
		__atomic_store_n(&this_run->immediate_exit, 1, __ATOMIC_RELAXED);
}

int vcpu_end(struct vcpu *vcpu, int status, const char *fmt, ...)
{
	struct vcpu *nobody = NULL;
	va_list args;
	int len;

	/* Written before it is published; of no use if another was first. */
	vcpu->status = status;
	vcpu->text[0] = '\0';
	if (fmt) {
		len = snprintf(vcpu->text, sizeof(vcpu->text), "vCPU %u: ", vcpu->index);
		va_start(args, fmt);
		vsnprintf(vcpu->text + len, sizeof(vcpu->text) - len, fmt, args);
		va_end(args);
	}
	if (atomic_compare_exchange_strong(&vcpu->vm->ended, &nobody, vcpu)) {
		atomic_store(&vcpu->vm->stopping, true);
		eventfd_write(vcpu->vm->end_fd, 1);
	}
	return -1;
}

static int no_memory(struct vcpu *vcpu)
{
	uint64_t address = vcpu->run->mmio.phys_addr;
	struct fault fault = {
		.source = PARTSCHED_ERROR_MEMORY, .status = PARTVM_CRASHED,
		.has_address = true, .address = address,
	};
	const char *readonly = NULL;
	char where[64];

	arch_vcpu_where(vcpu, where, sizeof(where));
	if (vcpu->run->mmio.is_write)
		readonly = memory_readonly_at(&vcpu->vm->memory, address);
	if (readonly) {
		fault.source = PARTSCHED_ERROR_READONLY;
		return fault_raise(vcpu, &fault,
				   "crashed: write to %s, which is read-only, address %#llx%s",
				   readonly, (unsigned long long)address, where);
	}
	return fault_raise(vcpu, &fault, "crashed: %s at address %#llx, where nothing is%s",
			   vcpu->run->mmio.is_write ? "write" : "read",
			   (unsigned long long)address, where);
}

static int access_memory(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	int ret = device_access(vcpu, DEVICE_MEMORY, run->mmio.phys_addr, run->mmio.is_write,
				run->mmio.data, run->mmio.len);

	return ret == DEVICE_NOTHING ? no_memory(vcpu) : ret;
}

static int shut_down(struct vcpu *vcpu)
{
	const struct fault fault = {
		.source = PARTSCHED_ERROR_SHUTDOWN, .status = PARTVM_CRASHED,
	};
	char where[64];

	arch_vcpu_where(vcpu, where, sizeof(where));
	return fault_raise(vcpu, &fault, "crashed: triple fault%s", where);
}

static int no_entry(struct vcpu *vcpu)
{
	const struct fault fault = { .source = PARTSCHED_ERROR_KVM, .status = PARTVM_HOST };
	char where[64];

	arch_vcpu_where(vcpu, where, sizeof(where));
	return fault_raise(vcpu, &fault,
			   "the processor refuses to enter the guest, reason %#llx%s",
			   (unsigned long long)vcpu->run->fail_entry.hardware_entry_failure_reason,
			   where);
}

static int internal_error(struct vcpu *vcpu)
{
	struct fault fault = { .source = PARTSCHED_ERROR_KVM, .status = PARTVM_HOST };
	uint32_t error = vcpu->run->internal.suberror;
	char where[64];

	arch_vcpu_where(vcpu, where, sizeof(where));
	if (error != KVM_INTERNAL_ERROR_EMULATION)
		return fault_raise(vcpu, &fault, "KVM internal error %u%s", error, where);
	fault.source = PARTSCHED_ERROR_MEMORY;
	fault.status = PARTVM_CRASHED;
	return fault_raise(vcpu, &fault,
			   "crashed: KVM cannot carry out an instruction on memory that is not RAM%s",
			   where);
}

static int not_run(struct vcpu *vcpu, int err)
{
	const struct fault fault = { .source = PARTSCHED_ERROR_KVM, .status = PARTVM_HOST };
	char where[64];

	arch_vcpu_where(vcpu, where, sizeof(where));
	return fault_raise(vcpu, &fault, "KVM cannot run the guest: error %d (%s)%s", err,
			   strerrorname_np(err) ?: "?", where);
}

/* Return: 0 to go on, -1 when the VM ends. */
static int handle_exit(struct vcpu *vcpu)
{
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_INTR:
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		return 0;
	case KVM_EXIT_MMIO:
		return access_memory(vcpu);
	case KVM_EXIT_SHUTDOWN:
		return shut_down(vcpu);
	case KVM_EXIT_FAIL_ENTRY:
		return no_entry(vcpu);
	case KVM_EXIT_INTERNAL_ERROR:
		return internal_error(vcpu);
	default:
		return arch_vcpu_exit(vcpu);
	}
}

int vcpu_run_nothing(struct vcpu *vcpu)
{
	int ret;

	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_RELAXED);
	ret = ioctl(vcpu->fd, KVM_RUN, 0);
	/* A kick that is undone here is repeated. */
	__atomic_store_n(&vcpu->run->immediate_exit, 0, __ATOMIC_RELAXED);
	return ret;
}

static void run_guest(struct vcpu *vcpu)
{
	int err;

	devices_reset(vcpu);
	while (!atomic_load(&vcpu->vm->stopping)) {
		if (start_if_ordered(vcpu))
			return;
		devices_prepare(vcpu);
		err = ioctl(vcpu->fd, KVM_RUN, 0) ? errno : 0;
		if (err == EINTR || err == EAGAIN)
			continue;
		if (err ? not_run(vcpu, err) : handle_exit(vcpu))
			return;
	}
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	struct ps_error error = { };
	sigset_t set;
	int err;

	this_run = vcpu->run;
	sigemptyset(&set);
	sigaddset(&set, KICK_SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	while (sem_wait(&vcpu->go))
		;
	if (atomic_load(&vcpu->vm->stopping))
		return NULL;
	/* what KVM does at the first run happens neither in a window nor on its CPU */
	vcpu_run_nothing(vcpu);
	if (vcpu->kernel) {
		if (plan_attach(vcpu->kernel, vcpu->vm->config->partition, vcpu->index, &error)) {
			vcpu_end(vcpu, PARTVM_PLAN, "%s", error.text);
			return NULL;
		}
		atomic_store(&vcpu->tid, gettid());
		start_attached(vcpu);
	}
	err = sandbox_enter();
	if (err) {
		vcpu_end(vcpu, PARTVM_HOST, "cannot give up system calls that it does not need: %s",
			 strerror(-err));
		return NULL;
	}
	run_guest(vcpu);
	/* not gone before the main thread has said that this is in order */
	while (sem_wait(&vcpu->go))
		;
	return NULL;
}

int vcpu_create(struct vcpu *vcpu, struct vm *vm, uint32_t index, uint64_t entry)
{
	vcpu->vm = vm;
	vcpu->index = index;
	sem_init(&vcpu->go, 0, 0);
	service_port_init(&vcpu->port);
	vcpu->fd = ioctl(vm->vm_fd, KVM_CREATE_VCPU, index);
	if (vcpu->fd < 0) {
		report_error("KVM cannot create vCPU %u: %s", index, strerror(errno));
		return -1;
	}
	vcpu->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED) {
		report_error("cannot map KVM's page of vCPU %u: %s", index, strerror(errno));
		return -1;
	}
	return arch_vcpu_create(vcpu, entry);
}

int vcpu_start(struct vcpu *vcpu)
{
	struct sigaction action = { .sa_handler = on_kick };
	pthread_attr_t attr;
	char name[16];
	int err;

	sigaction(KICK_SIGNAL, &action, NULL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, VCPU_STACK);
	err = pthread_create(&vcpu->thread, &attr, vcpu_thread, vcpu);
	pthread_attr_destroy(&attr);
	if (err) {
		report_error("cannot start the thread of vCPU %u: %s", vcpu->index, strerror(err));
		return -1;
	}
	snprintf(name, sizeof(name), "partvm-vcpu%u", vcpu->index);
	pthread_setname_np(vcpu->thread, name);
	vcpu->started = true;
	return 0;
}

void vcpu_go(struct vcpu *vcpu)
{
	sem_post(&vcpu->go);
}

void vcpu_kick(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_RELAXED);
	pthread_kill(vcpu->thread, KICK_SIGNAL);
}
