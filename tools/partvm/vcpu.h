/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vcpu - a vCPU and its thread
 */
#ifndef PARTVM_VCPU_H
#define PARTVM_VCPU_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "service.h"

struct arch_state;
struct kvm_run;
struct ps_kernel;
struct vm;

/**
 * struct vcpu - a vCPU
 * @vm: its VM
 * @index: its number, from 0
 * @fd: KVM's vCPU
 * @run: KVM's communication page
 * @kernel: connection to the module, for the attachment; or NULL
 * @thread: its thread
 * @go: the thread waits for it before it enters the guest, and before it ends
 * @tid: of the thread, 0 until it has asked the module for its attachment
 * @started: @thread was created
 * @joined: and is gone
 * @status: enum partvm_status, if this vCPU ended the VM
 * @text: and why; "": nothing to report
 * @state: its state before the first instruction, the architecture's
 * @start: order to start that it has carried out last
 * @held: it goes no further until it is started again
 * @port: what it asks of the module goes through it
 * @answer: what became of the schedule that the guest has asked for
 * @window_ended: the guest gives up the rest of its window
 * @console_lcr: line control register of the console
 */
struct vcpu {
	struct vm *vm;
	uint32_t index;
	int fd;
	struct kvm_run *run;
	struct ps_kernel *kernel;
	pthread_t thread;
	sem_t go;
	_Atomic pid_t tid;
	bool started;
	bool joined;
	int status;
	char text[1024];
	struct arch_state *state;
	uint32_t start;
	bool held;
	struct service_port port;
	uint32_t answer;
	bool window_ended;
	uint8_t console_lcr;
};

/**
 * vcpu_create() - create a vCPU, ready to enter the guest
 * @vcpu: zeroed object
 * @vm: its VM
 * @index: its number
 * @entry: address of the first instruction
 *
 * Return: 0, or -1 with a message printed.
 */
int vcpu_create(struct vcpu *vcpu, struct vm *vm, uint32_t index, uint64_t entry);

/**
 * vcpu_start() - create the thread; it waits for vcpu_go()
 * @vcpu: the vCPU
 *
 * Return: 0, or -1 with a message printed.
 */
int vcpu_start(struct vcpu *vcpu);

/**
 * vcpu_go() - let the thread attach itself and enter the guest; the second
 *	time, let it end
 * @vcpu: the vCPU
 */
void vcpu_go(struct vcpu *vcpu);

/**
 * vcpu_run_nothing() - have KVM do all but run the guest
 * @vcpu: the calling thread's
 *
 * KVM does some things for a VM or a vCPU when it is first run, in some versions
 * it starts a thread of its own. And what the guest left for last, a read from
 * a port for one, it finishes when it is run again, or has more to ask for.
 *
 * Return: 0: it has more to ask for; -1.
 */
int vcpu_run_nothing(struct vcpu *vcpu);

/**
 * vcpu_kick() - make the thread leave the guest, wherever it is
 * @vcpu: the vCPU, started and not joined
 *
 * To be repeated until the thread is gone.
 */
void vcpu_kick(struct vcpu *vcpu);

/**
 * vcpu_end() - this vCPU ends the VM
 * @vcpu: the calling thread's vCPU
 * @status: enum partvm_status
 * @fmt: why, printf style; NULL when there is nothing to report
 *
 * The first to call decides, others are ignored.
 *
 * Return: -1, so that an exit handler can return it.
 */
int vcpu_end(struct vcpu *vcpu, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* PARTVM_VCPU_H */
