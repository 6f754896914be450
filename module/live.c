// SPDX-License-Identifier: GPL-2.0
/*
 * The live pages, and the device that hands them out. See live.h.
 *
 * A page is that of an unlinked tmpfs file, which never leaves memory. A mapping
 * is one of that file, not of our device: it outlives the plan, the partition
 * and the module, and none of them waits for it. Nothing writes the page any
 * more once its partition is gone.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/uaccess.h>

#include <linux/partsched_device.h>

#include "compat/mm.h"
#include "live.h"
#include "lock.h"
#include "plan.h"

static_assert(sizeof(struct partsched_guest_live) == PAGE_SIZE);
static_assert(PARTSCHED_GUEST_VCPUS_MAX == PARTSCHED_MAX_VCPUS);

/**
 * ps_live_new() - make a partition's live page
 * @partition: without one
 *
 * Context: may sleep.
 * Return: 0 or a negative error.
 */
int ps_live_new(struct ps_partition *partition)
{
	struct file *file = shmem_file_setup("partsched-live", PAGE_SIZE,
					     PS_VMA_NORESERVE);
	struct page *page;

	if (IS_ERR(file))
		return PTR_ERR(file);
	/* written by hard irqs: it must stay where it is, and in memory */
	mapping_set_gfp_mask(file->f_mapping, GFP_KERNEL_ACCOUNT);
	mapping_set_unevictable(file->f_mapping);
	page = shmem_read_mapping_page(file->f_mapping, 0);
	if (IS_ERR(page)) {
		fput(file);
		return PTR_ERR(page);
	}
	partition->live_file = file;
	partition->live = page_address(page);
	return 0;
}

/**
 * ps_live_free() - drop it
 * @partition: no timer looks at it any more
 *
 * Context: may sleep.
 */
void ps_live_free(struct ps_partition *partition)
{
	put_page(virt_to_page(partition->live));
	fput(partition->live_file);
}

static int live_open(struct inode *inode, struct file *file)
{
	/* misc_open() left the device here */
	file->private_data = NULL;
	return 0;
}

static int live_release(struct inode *inode, struct file *file)
{
	if (file->private_data)
		ps_partition_put(file->private_data);
	return 0;
}

static long live_ioctl(struct file *file, unsigned int command,
		       unsigned long argument)
{
	struct ps_partition *partition;
	struct partsched_bind bind;
	long err = 0;

	if (command != PARTSCHED_IOC_BIND)
		return -ENOTTY;
	if (copy_from_user(&bind, (void __user *)argument, sizeof(bind)))
		return -EFAULT;
	if (strnlen(bind.name, sizeof(bind.name)) == sizeof(bind.name))
		return -EINVAL;
	ps_lock();
	partition = ps_plan_partition(bind.name);
	if (!partition)
		err = -ENOENT;
	else if (file->private_data)
		err = -EBUSY;
	else
		/* set once; read without the lock by mmap() and release() */
		smp_store_release(&file->private_data,
				  ps_partition_get(partition));
	ps_unlock();
	return err;
}

static int live_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct ps_partition *partition = smp_load_acquire(&file->private_data);

	if (!partition)
		return -ENXIO;
	if (vma->vm_pgoff || vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	/* a private mapping would be a copy that nobody keeps up */
	if (!(vma->vm_flags & VM_MAYSHARE) || (vma->vm_flags & VM_WRITE))
		return -EACCES;
	vm_flags_clear(vma, VM_MAYWRITE);
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma_set_file(vma, partition->live_file);
	return vfs_mmap(vma->vm_file, vma);
}

static const struct file_operations live_fops = {
	.owner = THIS_MODULE,
	.open = live_open,
	.release = live_release,
	.unlocked_ioctl = live_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = live_mmap,
	.llseek = noop_llseek,
};

static struct miscdevice live_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "partsched",
	.nodename = "partsched/control",
	.mode = 0600,
	.fops = &live_fops,
};

/**
 * ps_live_init() - make the device
 *
 * Return: 0 or a negative error.
 */
int ps_live_init(void)
{
	return misc_register(&live_device);
}

/**
 * ps_live_exit() - remove it; no file of it is open
 */
void ps_live_exit(void)
{
	misc_deregister(&live_device);
}
