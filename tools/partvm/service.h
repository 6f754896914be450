/* SPDX-License-Identifier: GPL-2.0 */
/*
 * service - what the guest asks of the module
 *
 * A vCPU thread hands its request to the main thread and sleeps: the module's
 * lock is not waited for on a planned CPU.
 */
#ifndef PARTVM_SERVICE_H
#define PARTVM_SERVICE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct vcpu;
struct vm;

/**
 * struct service - requests on their way
 * @lock: guards what follows
 * @answered: a request has been answered, or the VM ends
 * @fd: eventfd that tells the main thread of requests
 * @pending: vCPUs with a request, bit by index
 */
struct service {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	int fd;
	uint64_t pending;
};

/**
 * service_create() - make ready for requests
 * @vm: the VM
 *
 * Return: 0, or -1 with a message printed.
 */
int service_create(struct vm *vm);

/**
 * service_set_schedule() - SET_MODULE_SCHEDULE of ARINC 653 part 2
 * @vcpu: the calling thread's
 * @schedule: identifier of the schedule
 *
 * Return: PARTSCHED_GUEST_NO_ERROR and so on, for the guest.
 */
uint32_t service_set_schedule(struct vcpu *vcpu, uint32_t schedule);

/**
 * service_serve() - answer all requests
 * @vm: the VM; called by the main thread when @fd is readable
 */
void service_serve(struct vm *vm);

/**
 * service_stop() - wake all that wait: the VM ends
 * @vm: the VM, its stopping set
 */
void service_stop(struct vm *vm);

#endif /* PARTVM_SERVICE_H */
