/* SPDX-License-Identifier: GPL-2.0 */
/*
 * start - the guest's start function, when its partition starts again
 */
#ifndef PARTVM_START_H
#define PARTVM_START_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct vcpu;
struct vm;

/**
 * struct start - starts of a guest
 * @lock: guards what follows
 * @done: the order that memory has been prepared for last
 * @failed: why that could not be, NULL: it could
 * @told: and the health monitor has been told
 * @entry: address of the first instruction
 */
struct start {
	pthread_mutex_t lock;
	uint32_t done;
	const char *failed;
	bool told;
	uint64_t entry;
};

/**
 * start_init() - the guest is about to run for the first time
 * @vm: created
 * @entry: address of the first instruction
 */
void start_init(struct vm *vm, uint64_t entry);

/**
 * start_attached() - orders from here on concern a vCPU
 * @vcpu: the calling thread's, attached just now
 */
void start_attached(struct vcpu *vcpu);

/**
 * start_if_ordered() - carry out an order of the module's, if there is one
 * @vcpu: the calling thread's; to be called before each KVM_RUN
 *
 * The first vCPU to see it prepares the memory: a cold start clears it and loads
 * the image again, a warm one keeps it. Then each sets its own registers. All of
 * it happens in windows of the partition: no other vCPU of the guest runs
 * before it has come here too.
 *
 * Return: 0 to go on, -1 when the VM ends, after vcpu_end().
 */
int start_if_ordered(struct vcpu *vcpu);

#endif /* PARTVM_START_H */
