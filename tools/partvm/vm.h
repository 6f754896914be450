/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vm - a guest from its creation to its end
 */
#ifndef PARTVM_VM_H
#define PARTVM_VM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "channel.h"
#include "clock.h"
#include "config.h"
#include "console.h"
#include "control.h"
#include "memory.h"
#include "plan.h"
#include "service.h"
#include "start.h"

struct vcpu;

/**
 * struct vm - a guest
 * @config: the command line
 * @kvm_fd: /dev/kvm
 * @vm_fd: KVM's VM
 * @memory: its address space
 * @console: its console
 * @plan: what the module plans for it; @planned
 * @planned: --attach was given
 * @attached: which of its vCPUs the module has taken; the main thread's
 * @channels: its ports, if @planned
 * @info: its information page
 * @start: how it starts again
 * @service: what it asks of the module
 * @normal: in which life its guest has said that it is NORMAL, see call.c
 * @control: requests from outside
 * @clock: mapping of its counter, renewed by the main thread
 * @vcpus: its vCPUs
 * @nr_vcpus: number of them
 * @run_size: bytes of KVM's communication page of a vCPU
 * @stopping: vCPU threads leave at the next occasion
 * @ended: vCPU that ended the guest first, its status and text are the VM's
 * @end_fd: eventfd that tells the main thread of @ended
 */
struct vm {
	const struct config *config;
	int kvm_fd;
	int vm_fd;
	struct memory memory;
	struct console console;
	struct plan plan;
	bool planned;
	bool attached[PARTSCHED_GUEST_VCPUS_MAX];
	struct channels channels;
	struct partsched_guest_info *info;
	struct start start;
	struct service service;
	_Atomic uint64_t normal;
	struct control control;
	struct clock clock;
	struct vcpu *vcpus;
	uint32_t nr_vcpus;
	size_t run_size;
	atomic_bool stopping;
	_Atomic(struct vcpu *) ended;
	int end_fd;
};

/**
 * vm_run() - create a guest, run it to its end, stop it
 * @config: the command line
 *
 * Reports everything itself. When it returns, threads that could not be
 * stopped in time may still be there: the caller must leave by _exit() or
 * exit(), not carry on.
 *
 * Return: enum partvm_status.
 */
int vm_run(const struct config *config);

/**
 * vm_extension() - ask KVM for a capability
 * @vm: the VM, created
 * @capability: KVM_CAP_*
 *
 * Return: KVM's answer, 0: not there.
 */
int vm_extension(const struct vm *vm, unsigned int capability);

#endif /* PARTVM_VM_H */
