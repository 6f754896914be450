// SPDX-License-Identifier: GPL-2.0
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"

#define MEMORY	0x10000
#define ENTRY	0x1000
#define COUNTER	0x2000

static const unsigned char spin_code[] = { 0xeb, 0xfe };		/* jmp . */
static const unsigned char halt_code[] = { 0xfa, 0xf4, 0xeb, 0xfd };	/* cli; hlt; jmp -1 */
static const unsigned char exit_code[] = { 0xe6, 0x80, 0xeb, 0xfc };	/* out; jmp */

/* mov $0xa000, %ax; mov %ax, %ds; 1: mov 0, %al; jmp 1b */
static const unsigned char mmio_code[] = {
	0xb8, 0x00, 0xa0, 0x8e, 0xd8, 0xa0, 0x00, 0x00, 0xeb, 0xfb,
};

/* jmp 1f; nop; nop; 1: incl COUNTER; jmp ENTRY */
static const unsigned char count_code[] = {
	0xeb, 0x02, 0x90, 0x90, 0x66, 0xff, 0x06, 0x00, 0x20, 0xeb, 0xf5,
};

static _Thread_local struct kvm_run *this_run;

static void on_kick(int signal)
{
	(void)signal;
	if (this_run)
		__atomic_store_n(&this_run->immediate_exit, 1, __ATOMIC_RELAXED);
}

static void *run_vcpu(void *arg)
{
	struct vm *vm = arg;

	this_run = vm->run;
	pthread_setname_np(pthread_self(), "test-vcpu");
	atomic_store(&vm->tid, gettid());
	while (!atomic_load(&vm->stop)) {
		void (*action)(void *);

		ioctl(vm->fds[2], KVM_RUN, 0);
		__atomic_store_n(&vm->run->immediate_exit, 0, __ATOMIC_RELAXED);
		atomic_fetch_add(&vm->exits, 1);
		action = atomic_load(&vm->observe);
		if (action)
			action(vm->seen);
		action = atomic_load(&vm->action);
		if (action) {
			action(vm->arg);
			atomic_store(&vm->action, NULL);
		}
	}
	return NULL;
}

static int create(struct vm *vm, enum vm_guest guest)
{
	static const struct {
		const unsigned char *code;
		size_t size;
	} codes[] = {
		[VM_SPIN] = { spin_code, sizeof(spin_code) },
		[VM_HALT] = { halt_code, sizeof(halt_code) },
		[VM_EXIT] = { exit_code, sizeof(exit_code) },
		[VM_MMIO] = { mmio_code, sizeof(mmio_code) },
		[VM_COUNT] = { count_code, sizeof(count_code) },
	};
	struct kvm_userspace_memory_region region = { .memory_size = MEMORY };
	struct kvm_regs regs = { .rip = ENTRY, .rflags = 2 };
	struct kvm_sregs sregs;
	int size;

	vm->fds[0] = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->fds[0] < 0)
		return -1;
	vm->fds[1] = ioctl(vm->fds[0], KVM_CREATE_VM, 0);
	/* with KVM's own interrupt controller HLT sleeps in the kernel */
	if (vm->fds[1] < 0 || ioctl(vm->fds[1], KVM_CREATE_IRQCHIP, 0))
		return -1;
	vm->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->memory == MAP_FAILED)
		return -1;
	memcpy((char *)vm->memory + ENTRY, codes[guest].code, codes[guest].size);
	region.userspace_addr = (uintptr_t)vm->memory;
	if (ioctl(vm->fds[1], KVM_SET_USER_MEMORY_REGION, &region))
		return -1;
	vm->fds[2] = ioctl(vm->fds[1], KVM_CREATE_VCPU, 0);
	size = ioctl(vm->fds[0], KVM_GET_VCPU_MMAP_SIZE, 0);
	if (vm->fds[2] < 0 || size < 0)
		return -1;
	vm->run_size = size;
	vm->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->fds[2], 0);
	if (vm->run == MAP_FAILED || ioctl(vm->fds[2], KVM_GET_SREGS, &sregs))
		return -1;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vm->fds[2], KVM_SET_SREGS, &sregs) || ioctl(vm->fds[2], KVM_SET_REGS, &regs))
		return -1;
	return 0;
}

pid_t vm_start(struct vm *vm, enum vm_guest guest)
{
	struct sigaction action = { .sa_handler = on_kick };

	memset(vm, 0, sizeof(*vm));
	memset(vm->fds, -1, sizeof(vm->fds));
	vm->memory = MAP_FAILED;
	vm->run = MAP_FAILED;
	if (create(vm, guest)) {
		printf("# KVM does not give a guest: %s\n", strerror(errno));
		return 0;
	}
	sigaction(SIGUSR1, &action, NULL);
	if (pthread_create(&vm->thread, NULL, run_vcpu, vm))
		return 0;
	/* it is a vCPU once it has been in KVM_RUN; the rest is the module's */
	(void)UNTIL(atomic_load(&vm->tid), TEST_PATIENCE_NS);
	return atomic_load(&vm->tid);
}

void vm_halt(struct vm *vm)
{
	unsigned char *code = (unsigned char *)vm->memory + ENTRY;
	unsigned short first;

	/* it runs the first two bytes: they change last, and at once */
	memcpy(code + 2, halt_code + 2, 2);
	memcpy(&first, halt_code, 2);
	__atomic_store_n((unsigned short *)code, first, __ATOMIC_RELEASE);
}

uint32_t vm_count(const struct vm *vm)
{
	return __atomic_load_n((uint32_t *)((char *)vm->memory + COUNTER), __ATOMIC_RELAXED);
}

static void kick(struct vm *vm)
{
	__atomic_store_n(&vm->run->immediate_exit, 1, __ATOMIC_RELAXED);
	pthread_kill(vm->thread, SIGUSR1);
}

bool vm_do(struct vm *vm, void (*action)(void *arg), void *arg)
{
	vm->arg = arg;
	atomic_store(&vm->action, action);
	/* again and again: a kick may come while it looks elsewhere */
	return UNTIL((kick(vm), !atomic_load(&vm->action)), TEST_PATIENCE_NS);
}

void vm_stop(struct vm *vm)
{
	if (atomic_load(&vm->tid)) {
		atomic_store(&vm->stop, true);
		if (UNTIL((kick(vm), !pthread_tryjoin_np(vm->thread, NULL)), TEST_PATIENCE_NS))
			atomic_store(&vm->tid, 0);
		else
			printf("# vCPU thread %d does not end\n", atomic_load(&vm->tid));
	}
	/* a thread that is still there keeps what it uses */
	if (atomic_load(&vm->tid))
		return;
	if (vm->run != MAP_FAILED)
		munmap(vm->run, vm->run_size);
	for (int i = 2; i >= 0; i--)
		if (vm->fds[i] >= 0)
			close(vm->fds[i]);
	if (vm->memory != MAP_FAILED)
		munmap(vm->memory, MEMORY);
}
