/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stolen - where the guest of that name has KVM tell of steal time
 */
#ifndef STOLEN_H
#define STOLEN_H

#include <asm/kvm_para.h>

/* A struct kvm_steal_time, from before the first turn of its loop on. */
#define STOLEN_RECORD	0x100000ULL

#endif /* STOLEN_H */
