/* SPDX-License-Identifier: GPL-2.0 */
/*
 * service - what the guest asks of the module
 *
 * A vCPU thread hands its request to the main thread and sleeps: the module's
 * lock is not waited for on a planned CPU. There is no lock between the two, for
 * the plan may stop a vCPU thread anywhere, and for ever.
 */
#ifndef PARTVM_SERVICE_H
#define PARTVM_SERVICE_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernel-health.h"

struct vcpu;
struct vm;

/**
 * enum service_kind - what is asked for
 * @SERVICE_SET_SCHEDULE: another module schedule
 * @SERVICE_GET_SCHEDULE: which one is in force
 * @SERVICE_GET_MODE: the partition's mode
 * @SERVICE_SET_MODE: another one
 * @SERVICE_RAISE_ERROR: an error, to be handled
 */
enum service_kind {
	SERVICE_SET_SCHEDULE,
	SERVICE_GET_SCHEDULE,
	SERVICE_GET_MODE,
	SERVICE_SET_MODE,
	SERVICE_RAISE_ERROR,
};

/**
 * struct service_request - a request of one vCPU
 * @kind: what is asked for
 * @value: schedule or mode
 * @error: with SERVICE_RAISE_ERROR; partition and vCPU are filled in here
 * @reason: of @error, if it points here
 * @fatal: the vCPU cannot go on: say so on standard error
 * @code: answer: PARTSCHED_GUEST_NO_ERROR and so on
 * @done: answer to SERVICE_RAISE_ERROR
 * @current: answer to SERVICE_GET_SCHEDULE: in force
 * @next: in force in the next frame
 * @last_change_ns: when it changed last, 0: never
 * @mode: answer to SERVICE_GET_MODE
 * @start_condition: why it was started last
 * @nr_starts: how often it was
 */
struct service_request {
	enum service_kind kind;
	uint32_t value;
	struct ps_error_report error;
	char reason[PARTSCHED_REASON_MAX];
	bool fatal;
	uint32_t code;
	struct ps_error_answer done;
	uint32_t current;
	uint32_t next;
	uint64_t last_change_ns;
	uint32_t mode;
	uint32_t start_condition;
	uint32_t nr_starts;
};

/**
 * struct service_port - where a vCPU's requests go through
 * @request: its present one
 * @asked: @request is the main thread's, which answers
 * @answered: posted after each answer, and when the VM ends
 */
struct service_port {
	struct service_request request;
	atomic_bool asked;
	sem_t answered;
};

/**
 * struct service - requests on their way
 * @fd: eventfd that tells the main thread of requests
 * @nr_told: errors told on standard error
 */
struct service {
	int fd;
	unsigned int nr_told;
};

/**
 * service_create() - make ready for requests
 * @vm: the VM
 *
 * Return: 0, or -1 with a message printed.
 */
int service_create(struct vm *vm);

/**
 * service_port_init() - make ready for requests of a vCPU
 * @port: the vCPU's
 */
void service_port_init(struct service_port *port);

/**
 * service_ask() - have the module do what the vCPU's request says
 * @vcpu: the calling thread's, under a plan; its request is filled in, but for the
 *	answers
 *
 * Return: whether there is an answer; the VM ends otherwise.
 */
bool service_ask(struct vcpu *vcpu);

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
