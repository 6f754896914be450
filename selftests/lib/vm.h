/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vm - the smallest KVM guest, in the test's own process
 *
 * Its vCPU thread can be told to do things that no launcher does. A guest of
 * 16-bit code that spins, sleeps for ever, or leaves to user space at once.
 */
#ifndef TEST_VM_H
#define TEST_VM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* what the guest does */
enum vm_guest {
	VM_SPIN,
	VM_HALT,
	VM_EXIT,
	VM_MMIO,	/* as VM_EXIT, but by a read where no memory is */
	VM_COUNT,	/* spins, and counts how often */
};

/* what a vCPU thread can be told to do */
typedef void (*vm_action_fn)(void *arg);

/**
 * struct vm - a guest
 * @fds: KVM, the VM, the vCPU
 * @run: KVM's page of the vCPU
 * @run_size: its size
 * @memory: RAM of the guest
 * @thread: the vCPU's
 * @tid: its id, 0: not yet
 * @exits: times that KVM_RUN has returned
 * @action: to be called by the vCPU thread
 * @arg: for @action
 * @observe: called by the vCPU thread with @seen after each KVM_RUN, or NULL
 * @seen: for @observe; written before it
 * @stop: the thread shall end
 */
struct vm {
	int fds[3];
	struct kvm_run *run;
	size_t run_size;
	void *memory;
	pthread_t thread;
	_Atomic pid_t tid;
	atomic_ulong exits;
	_Atomic vm_action_fn action;
	void *arg;
	_Atomic vm_action_fn observe;
	void *seen;
	atomic_bool stop;
};

/**
 * vm_start() - create the guest and run it in a thread "test-vcpu"
 * @vm: filled in; stays in place until vm_stop()
 * @guest: what it does
 *
 * Return: the thread's id, 0 on failure, which is told on standard output.
 */
pid_t vm_start(struct vm *vm, enum vm_guest guest);

/**
 * vm_halt() - have a guest that spins sleep for ever
 * @vm: from vm_start(VM_SPIN) or vm_start(VM_COUNT)
 */
void vm_halt(struct vm *vm);

/**
 * vm_count() - how far a guest has counted
 * @vm: from vm_start(VM_COUNT)
 *
 * Return: a number that only the guest itself can have changed.
 */
uint32_t vm_count(const struct vm *vm);

/**
 * vm_do() - have the vCPU thread call a function, between two KVM_RUNs
 * @vm: the guest
 * @action: the function
 * @arg: for it
 *
 * Return: whether it was done within the tests' patience.
 */
bool vm_do(struct vm *vm, void (*action)(void *arg), void *arg);

/**
 * vm_stop() - end the guest
 * @vm: from vm_start(), also if that failed
 */
void vm_stop(struct vm *vm);

#endif /* TEST_VM_H */
