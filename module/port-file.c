// SPDX-License-Identifier: GPL-2.0
/*
 * An open port. What it does is said in uapi/linux/partsched_device.h.
 *
 * A file stays with its channel: it goes on when the plan is replaced by one
 * that has the channel, too, and hears ENODEV when there is none. Who may write
 * is decided here, by the end that the port is, and not by the mode of the node:
 * that one root may ignore.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include <linux/partsched_device.h>

#include "channel.h"
#include "port.h"
#include "region.h"

/**
 * struct port_file - an open file
 * @port: what it is of
 * @mutex: one read or write at a time, for @buffer
 * @buffer: for the longest message, from the first read or write on
 * @seen: number of the sampling message that was read last, 0: none
 * @kept: length of a message of a queue that is in @buffer, since the memory it
 *	was to go to was not there; 0: none
 */
struct port_file {
	struct ps_port port;
	struct mutex mutex;
	void *buffer;
	u64 seen;
	u32 kept;
};

static struct ps_channel_port *counts(const struct ps_port *port)
{
	return &port->channel->ports[port->end];
}

static int port_open(struct inode *inode, struct file *file)
{
	struct port_file *open = kzalloc(sizeof(*open), GFP_KERNEL_ACCOUNT);
	int err;

	if (!open)
		return -ENOMEM;
	err = ps_port_find(iminor(inode), &open->port);
	if (err)
		goto free_open;
	if (file->f_mode & FMODE_WRITE && !ps_port_writable(&open->port)) {
		err = -EACCES;
		goto put_channel;
	}
	mutex_init(&open->mutex);
	atomic_inc(&counts(&open->port)->nr_open);
	file->private_data = open;
	return 0;

put_channel:
	ps_channel_put(open->port.channel);
free_open:
	kfree(open);
	return err;
}

static int port_release(struct inode *inode, struct file *file)
{
	struct port_file *open = file->private_data;

	atomic_dec(&counts(&open->port)->nr_open);
	ps_channel_put(open->port.channel);
	kvfree(open->buffer);
	kfree(open);
	return 0;
}

static bool retired(const struct port_file *open)
{
	return READ_ONCE(open->port.channel->retired);
}

static struct ps_region *region_of(const struct port_file *open)
{
	return open->port.ack ? &open->port.channel->ack :
				&open->port.channel->data;
}

/* Messages come and go by the data, at the end that writes or reads it. */
static bool carries(const struct port_file *open, bool write)
{
	return !open->port.ack && (open->port.end == 0) == write;
}

static bool may_wait(const struct file *file)
{
	return !(file->f_flags & O_NONBLOCK);
}

static int lock_buffer(struct port_file *open, bool wait)
{
	if (!wait && !mutex_trylock(&open->mutex))
		return -EAGAIN;
	if (wait && mutex_lock_interruptible(&open->mutex))
		return -ERESTARTSYS;
	if (!open->buffer)
		open->buffer = kvmalloc(open->port.channel->spec.max_message,
					GFP_KERNEL_ACCOUNT);
	if (open->buffer)
		return 0;
	mutex_unlock(&open->mutex);
	return -ENOMEM;
}

/* What poll() says. */
static __poll_t ready(const struct port_file *open)
{
	struct partsched_port_status status;

	if (retired(open))
		return EPOLLERR | EPOLLHUP;
	if (open->port.ack)
		return 0;
	ps_channel_status(open->port.channel, &status);
	if (!open->port.end)
		return status.type == PARTSCHED_PORT_SAMPLING ||
		       status.pending < status.depth ?
			EPOLLOUT | EPOLLWRNORM : 0;
	return READ_ONCE(open->kept) || status.pending ||
	       (status.type == PARTSCHED_PORT_SAMPLING &&
		status.nr_messages != READ_ONCE(open->seen)) ?
		EPOLLIN | EPOLLRDNORM : 0;
}

/*
 * Wait for a message of a queue, or for room in it. Other programs of the host
 * wake us; a guest does not, so it is looked for.
 */
static int wait_ready(const struct port_file *open)
{
	long ret;

	do {
		ret = wait_event_interruptible_timeout(open->port.channel->wait,
			ready(open), msecs_to_jiffies(PARTSCHED_PORT_POLL_MS));
	} while (!ret);
	return ret < 0 ? ret : 0;
}

/* What a queue has given is there once: it waits for a read that can have it. */
static ssize_t hand_over(struct port_file *open, struct iov_iter *to,
			 u32 length)
{
	bool queuing = ps_channel_queuing(open->port.channel);
	bool there = copy_to_iter(open->buffer, length, to) == length;

	WRITE_ONCE(open->kept, queuing && !there ? length : 0);
	if (!there)
		return -EFAULT;
	atomic64_inc(&counts(&open->port)->messages);
	return length;
}

static ssize_t take(struct port_file *open, struct iov_iter *to)
{
	struct partsched_channel_message message;
	ssize_t ret;

	if (retired(open))
		return -ENODEV;
	if (open->kept)
		return open->kept > iov_iter_count(to) ? -EMSGSIZE :
			hand_over(open, to, open->kept);
	ret = ps_channel_read(open->port.channel, open->buffer,
			      iov_iter_count(to), &message);
	if (ret)
		return ret;
	ret = hand_over(open, to, message.length);
	if (ret > 0)
		WRITE_ONCE(open->seen, message.number);
	return ret;
}

static ssize_t port_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct port_file *open = iocb->ki_filp->private_data;
	bool wait = may_wait(iocb->ki_filp);
	ssize_t ret;

	if (!carries(open, false))
		return -EINVAL;
	for (;;) {
		ret = lock_buffer(open, wait);
		if (ret)
			return ret;
		ret = take(open, to);
		mutex_unlock(&open->mutex);
		if (ret != -EAGAIN || !wait ||
		    !ps_channel_queuing(open->port.channel))
			return ret;
		ret = wait_ready(open);
		if (ret)
			return ret;
	}
}

static ssize_t port_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct port_file *open = iocb->ki_filp->private_data;
	bool wait = may_wait(iocb->ki_filp);
	size_t size = iov_iter_count(from);
	ssize_t ret;

	if (!carries(open, true))
		return -EINVAL;
	if (size > open->port.channel->spec.max_message)
		return -EMSGSIZE;
	ret = lock_buffer(open, wait);
	if (ret)
		return ret;
	if (copy_from_iter(open->buffer, size, from) != size)
		ret = -EFAULT;
	while (!ret) {
		ret = retired(open) ? -ENODEV :
			ps_channel_write(open->port.channel, open->buffer,
					 size);
		if (ret != -EAGAIN || !wait)
			break;
		/* the buffer is ours until the message is out */
		ret = wait_ready(open);
	}
	mutex_unlock(&open->mutex);
	return ret < 0 ? ret : size;
}

static __poll_t port_poll(struct file *file, poll_table *wait)
{
	struct port_file *open = file->private_data;

	poll_wait(file, &open->port.channel->wait, wait);
	return ready(open);
}

static long port_ioctl(struct file *file, unsigned int command,
		       unsigned long argument)
{
	struct port_file *open = file->private_data;
	struct partsched_port_status status;

	if (command != PARTSCHED_IOC_PORT_STATUS &&
	    command != PARTSCHED_IOC_PORT_KICK)
		return -ENOTTY;
	if (retired(open))
		return -ENODEV;
	if (command == PARTSCHED_IOC_PORT_KICK)
		return open->port.ack ? -EINVAL :
			ps_kick_join(open->port.channel, open->port.end,
				     file->f_mode, (void __user *)argument);
	ps_channel_status(open->port.channel, &status);
	status.direction = open->port.end ? PARTSCHED_PORT_DESTINATION :
					    PARTSCHED_PORT_SOURCE;
	if (copy_to_user((void __user *)argument, &status, sizeof(status)))
		return -EFAULT;
	return 0;
}

static int port_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct port_file *open = file->private_data;

	if (retired(open))
		return -ENODEV;
	return ps_region_map(region_of(open), vma,
			     ps_port_writable(&open->port));
}

static loff_t port_llseek(struct file *file, loff_t offset, int whence)
{
	struct port_file *open = file->private_data;

	return fixed_size_llseek(file, offset, whence,
				 ps_region_bytes(region_of(open)));
}

const struct file_operations ps_port_fops = {
	.owner = THIS_MODULE,
	.open = port_open,
	.release = port_release,
	.read_iter = port_read,
	.write_iter = port_write,
	.poll = port_poll,
	.unlocked_ioctl = port_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = port_mmap,
	.llseek = port_llseek,
};
