// SPDX-License-Identifier: GPL-2.0
/*
 * Partitions and their vCPUs. See partition.h.
 */
#include <linux/idr.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "live.h"
#include "partition.h"

static DEFINE_IDA(vcpu_ids);

/**
 * ps_partition_new() - make a partition
 * @id: PartitionIdentifier
 * @name: PartitionName, shorter than PARTSCHED_NAME_MAX
 * @nr_vcpus: 1 to PARTSCHED_MAX_VCPUS
 *
 * Context: may sleep.
 * Return: the partition with one reference, or NULL for want of memory.
 */
struct ps_partition *ps_partition_new(u32 id, const char *name, u32 nr_vcpus)
{
	struct ps_partition *partition;
	u32 i;

	partition = kzalloc(struct_size(partition, vcpus, nr_vcpus),
			    GFP_KERNEL_ACCOUNT);
	if (!partition)
		return NULL;
	if (ps_live_new(partition))
		goto free_partition;
	refcount_set(&partition->refs, 1);
	raw_spin_lock_init(&partition->kicks.lock);
	INIT_LIST_HEAD(&partition->kicks.due);
	partition->id = id;
	strscpy(partition->name, name, sizeof(partition->name));
	for (i = 0; i < nr_vcpus; i++) {
		struct ps_vcpu *vcpu = &partition->vcpus[i];
		int vcpu_id = ida_alloc_min(&vcpu_ids, 1, GFP_KERNEL);

		if (vcpu_id < 0)
			goto free_ids;
		vcpu->partition = partition;
		vcpu->index = i;
		vcpu->id = vcpu_id;
		vcpu->coming_cpu = -1;
		partition->nr_vcpus++;
	}
	return partition;

free_ids:
	while (partition->nr_vcpus)
		ida_free(&vcpu_ids,
			 partition->vcpus[--partition->nr_vcpus].id);
	ps_live_free(partition);
free_partition:
	kfree(partition);
	return NULL;
}

/**
 * ps_partition_get() - take a reference
 * @partition: of which the caller holds one
 *
 * Return: @partition.
 */
struct ps_partition *ps_partition_get(struct ps_partition *partition)
{
	refcount_inc(&partition->refs);
	return partition;
}

static void partition_free(struct ps_reap *reap)
{
	struct ps_partition *partition =
		container_of(reap, struct ps_partition, reap);
	u32 i;

	for (i = 0; i < partition->nr_vcpus; i++)
		ida_free(&vcpu_ids, partition->vcpus[i].id);
	ps_live_free(partition);
	kfree(partition);
}

/**
 * ps_partition_put() - drop a reference
 * @partition: may be gone afterwards
 *
 * The timers hold bare pointers to vCPUs while they run; the reaper frees only
 * after a grace period, which they cannot outlast (hard irq).
 *
 * Context: any.
 */
void ps_partition_put(struct ps_partition *partition)
{
	if (refcount_dec_and_test(&partition->refs))
		ps_reap(&partition->reap, partition_free);
}

/**
 * ps_partition_exit() - give back what the id allocator holds, at unload
 */
void ps_partition_exit(void)
{
	ida_destroy(&vcpu_ids);
}
