// SPDX-License-Identifier: GPL-2.0
/*
 * The nodes in /dev/partsched, one or two a port of the plan in force.
 *
 * They come with the commit of a plan, before it is published: a plan whose
 * nodes cannot be made is refused. A node whose name the next plan has, too,
 * stays, and leads to that plan's channel from the commit on; what was opened
 * before stays what it was. All of this takes long and sleeps, so ps_mutex is
 * not held over it: commits take turns by a mutex of their own.
 *
 * Minor numbers are given out round and round, and there are a million of them:
 * who has kept a node of a plan long gone (as a descriptor of O_PATH) does not
 * come by another partition's port with it.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringhash.h>
#include <linux/hashtable.h>
#include <linux/sysfs.h>
#include <linux/xarray.h>

#include "channel.h"
#include "compat/class.h"
#include "draft.h"
#include "lock.h"
#include "plan.h"
#include "port.h"

#define NR_MINORS (1U << MINORBITS)

/**
 * struct node - a device of a port
 * @device: the device core's, which frees it; NULL: not yet made
 * @minor: its minor number
 * @by_name: in the table of those that there are, or will be
 * @list: in the list of all
 * @name: of the node
 * @end: whose port it is
 * @ack: see struct ps_port
 * @writable: mode 0660, otherwise 0440
 * @port: where it leads; under lookup_mutex
 * @next: where it will lead, in a commit; NULL channel: nowhere
 */
struct node {
	struct device *device;
	u32 minor;
	struct hlist_node by_name;
	struct list_head list;
	char name[PS_DEVICE_NAME_MAX];
	struct ps_end end;
	bool ack;
	bool writable;
	struct ps_port port;
	struct ps_port next;
};

/* Commits, one after the other; all below but @minors. */
static DEFINE_MUTEX(commit_mutex);
static LIST_HEAD(nodes);
static DEFINE_HASHTABLE(by_name, 8);

/* What a minor number leads to; taken inside the other one, and never for long. */
static DEFINE_MUTEX(lookup_mutex);
static DEFINE_XARRAY_ALLOC(minors);
static u32 next_minor;

static dev_t first_device;
static struct cdev port_cdev;

static const struct node *node_of(const struct device *device)
{
	return dev_get_drvdata(device);
}

static char *port_devnode(PS_DEVNODE_CONST struct device *device, umode_t *mode)
{
	const struct node *node = node_of(device);

	if (mode)
		*mode = node->writable ? 0660 : 0440;
	return kasprintf(GFP_KERNEL, "partsched/%s", node->name);
}

static ssize_t partition_show(struct device *device,
			      struct device_attribute *attr, char *text)
{
	return sysfs_emit(text, "%s\n", node_of(device)->end.partition);
}
static DEVICE_ATTR_RO(partition);

static ssize_t port_show(struct device *device, struct device_attribute *attr,
			 char *text)
{
	return sysfs_emit(text, "%s\n", node_of(device)->end.port);
}
static DEVICE_ATTR_RO(port);

static ssize_t access_show(struct device *device, struct device_attribute *attr,
			   char *text)
{
	return sysfs_emit(text, "%s\n", node_of(device)->writable ? "rw" : "r");
}
static DEVICE_ATTR_RO(access);

static struct attribute *port_attrs[] = {
	&dev_attr_partition.attr,
	&dev_attr_port.attr,
	&dev_attr_access.attr,
	NULL,
};
ATTRIBUTE_GROUPS(port);

static struct class port_class = {
	.name = "partsched",
	.devnode = port_devnode,
	.dev_groups = port_groups,
};

static u32 hash_of(const char *name)
{
	return full_name_hash(NULL, name, strlen(name));
}

/* The node of a name that is not spoken for in this commit. */
static struct node *find_node(const char *name)
{
	struct node *node;

	hash_for_each_possible(by_name, node, by_name, hash_of(name))
		if (!strcmp(node->name, name) && !node->next.channel)
			return node;
	return NULL;
}

/* A node without a device. */
static struct node *new_node(const char *name, const struct ps_end *end,
			     bool ack, bool writable)
{
	struct node *node = kzalloc(sizeof(*node), GFP_KERNEL_ACCOUNT);
	int err;

	if (!node)
		return NULL;
	strscpy(node->name, name, sizeof(node->name));
	node->end = *end;
	node->ack = ack;
	node->writable = writable;
	mutex_lock(&lookup_mutex);
	err = xa_alloc_cyclic(&minors, &node->minor, node,
			      XA_LIMIT(0, NR_MINORS - 1), &next_minor,
			      GFP_KERNEL);
	mutex_unlock(&lookup_mutex);
	if (err < 0) {
		kfree(node);
		return NULL;
	}
	list_add_tail(&node->list, &nodes);
	hash_add(by_name, &node->by_name, hash_of(name));
	return node;
}

static void remove_node(struct node *node)
{
	/* once it is unregistered nobody asks for its name or attributes */
	if (node->device)
		device_unregister(node->device);
	mutex_lock(&lookup_mutex);
	xa_erase(&minors, node->minor);
	mutex_unlock(&lookup_mutex);
	list_del(&node->list);
	hash_del(&node->by_name);
	ps_channel_put(node->port.channel);
	ps_channel_put(node->next.channel);
	kfree(node);
}

static int add_device(struct node *node)
{
	struct device *device = device_create(&port_class, NULL,
		MKDEV(MAJOR(first_device), node->minor), node, "%s",
		node->name);

	if (IS_ERR(device))
		return PTR_ERR(device);
	node->device = device;
	return 0;
}

/* Have a node for one memory of one end. */
static int prepare(struct ps_channel *channel, u32 end, bool ack)
{
	const struct ps_port port = { .channel = channel, .end = end,
				      .ack = ack };
	bool writable = ps_port_writable(&port);
	char name[PS_DEVICE_NAME_MAX];
	struct node *node;

	ps_end_device(&channel->ports[end].end, ack, name);
	node = find_node(name);
	/* one of another mode has to go before the new one comes */
	if (!node || node->writable != writable) {
		bool taken = node;

		node = new_node(name, &channel->ports[end].end, ack, writable);
		if (!node)
			return -ENOMEM;
		if (!taken && add_device(node)) {
			remove_node(node);
			return -ENOMEM;
		}
	}
	node->next = port;
	ps_channel_get(channel);
	return 0;
}

/**
 * ps_port_begin() - begin a commit; others wait
 *
 * Context: may sleep; ps_mutex not held.
 */
void ps_port_begin(void)
{
	mutex_lock(&commit_mutex);
}

/**
 * ps_port_end() - end it
 */
void ps_port_end(void)
{
	mutex_unlock(&commit_mutex);
}

/**
 * ps_port_prepare() - make the nodes that a plan will have
 * @draft: of the plan, with its channels
 *
 * The new ones are there already, and lead nowhere yet.
 *
 * Context: may sleep; in a commit, ps_mutex not held.
 * Return: 0, or -ENOMEM; to be followed by ps_port_commit() or, in any case
 * of failure, ps_port_abort().
 */
int ps_port_prepare(const struct ps_draft *draft)
{
	const struct ps_draft_channel *staged;
	int err = 0;
	u32 i;

	lockdep_assert_held(&commit_mutex);
	list_for_each_entry(staged, &draft->channels.list, node) {
		struct ps_channel *channel = staged->channel;

		for (i = 0; !err && i < channel->nr_ports; i++) {
			err = prepare(channel, i, false);
			if (!err && ps_channel_queuing(channel))
				err = prepare(channel, i, true);
		}
	}
	return err;
}

/* Have a node lead where it is to lead from now on. */
static void turn(struct node *node)
{
	struct ps_channel *before = node->port.channel;

	mutex_lock(&lookup_mutex);
	node->port = node->next;
	node->next.channel = NULL;
	mutex_unlock(&lookup_mutex);
	ps_channel_put(before);
}

/* Channels that no node will lead to are no plan's. */
static void retire_others(void)
{
	struct node *node;

	list_for_each_entry(node, &nodes, list)
		if (node->port.channel)
			node->port.channel->planned = false;
	list_for_each_entry(node, &nodes, list)
		if (node->next.channel) {
			node->next.channel->planned = true;
			ps_channel_retire(node->next.channel, false);
		}
	list_for_each_entry(node, &nodes, list)
		if (node->port.channel && !node->port.channel->planned)
			ps_channel_retire(node->port.channel, true);
}

/**
 * ps_port_commit() - have the nodes that were prepared, and no others
 *
 * Context: may sleep; in a commit, ps_mutex not held, when the plan is in force
 * or announced.
 */
void ps_port_commit(void)
{
	struct node *node, *next;

	lockdep_assert_held(&commit_mutex);
	retire_others();
	/* first those that go: one of the same name may be about to come */
	list_for_each_entry_safe(node, next, &nodes, list) {
		if (node->next.channel)
			turn(node);
		else
			remove_node(node);
	}
	list_for_each_entry_safe(node, next, &nodes, list) {
		if (node->device || !add_device(node))
			continue;
		pr_err("partsched: the device \"%s\" could not be made for want of memory: load the plan once more\n",
		       node->name);
		remove_node(node);
	}
}

/**
 * ps_port_abort() - have the nodes that were there before
 *
 * Context: may sleep; in a commit.
 */
void ps_port_abort(void)
{
	struct node *node, *next;

	lockdep_assert_held(&commit_mutex);
	list_for_each_entry_safe(node, next, &nodes, list) {
		ps_channel_put(node->next.channel);
		node->next.channel = NULL;
		if (!node->port.channel)
			remove_node(node);
	}
}

/**
 * ps_port_update() - remove all nodes if no plan is in force
 *
 * Context: may sleep; ps_mutex not held.
 */
void ps_port_update(void)
{
	bool planned;

	ps_port_begin();
	ps_lock();
	planned = ps_plan_current(NULL);
	ps_unlock();
	/* of one that is published the nodes are there */
	if (!planned)
		ps_port_commit();
	ps_port_end();
}

/**
 * ps_port_find() - where a minor number leads
 * @minor: the number
 * @port: filled in, with a reference of its own
 *
 * Context: may sleep.
 * Return: 0, or -ENODEV: nowhere.
 */
int ps_port_find(unsigned int minor, struct ps_port *port)
{
	const struct node *node;
	int err = -ENODEV;

	mutex_lock(&lookup_mutex);
	node = xa_load(&minors, minor);
	if (node && node->port.channel) {
		*port = node->port;
		ps_channel_get(port->channel);
		err = 0;
	}
	mutex_unlock(&lookup_mutex);
	return err;
}

/**
 * ps_port_init() - be ready for nodes
 *
 * Return: 0 or a negative error.
 */
int ps_port_init(void)
{
	int err;

	err = alloc_chrdev_region(&first_device, 0, NR_MINORS, "partsched");
	if (err)
		return err;
	cdev_init(&port_cdev, &ps_port_fops);
	port_cdev.owner = THIS_MODULE;
	err = cdev_add(&port_cdev, first_device, NR_MINORS);
	if (err)
		goto free_region;
	err = class_register(&port_class);
	if (err)
		goto remove_cdev;
	return 0;

remove_cdev:
	cdev_del(&port_cdev);
free_region:
	unregister_chrdev_region(first_device, NR_MINORS);
	return err;
}

/**
 * ps_port_exit() - remove what is left; no port is open
 */
void ps_port_exit(void)
{
	ps_port_update();
	class_unregister(&port_class);
	cdev_del(&port_cdev);
	unregister_chrdev_region(first_device, NR_MINORS);
	xa_destroy(&minors);
}
