// SPDX-License-Identifier: GPL-2.0
/*
 * uio_partsched - ports of a partition, in a Linux guest: each is a /dev/uioN
 *
 * For the guest's kernel; the host needs nothing of this. A port is a PCI slot
 * whose functions are QEMU's ivshmem devices (linux/partsched_doorbell.h): the
 * data region, of a queue the ack page, and the page that says which port it is,
 * by whose device kicks come and go.
 *
 *  name            of the port; the rest of what the page says stands in the
 *                  directory partsched of the UIO device
 *  maps            data, page, and of a queue ack; as writable as the end is
 *  read(), poll()  a destination with kicks: wait for one
 *  write()         a source with kicks: ring destination n, 0: all of them
 *
 * The stock uio_pci_generic does none of this: it knows only INTx, which these
 * devices do not have.
 *
 * A slot's functions are probed one after the other; the one that completes the
 * slot makes the port, and the first one to go ends it. That is what the mutex is
 * for. UIO devices are so in the order of the slots.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/io.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/uio_driver.h>

#include <linux/partsched_channel.h>
#include <linux/partsched_doorbell.h>

#include "compat.h"

#define BAR_REGISTERS	0
#define BAR_MEMORY	2

#define MAP_DATA	0
#define MAP_PAGE	1
#define MAP_ACK		2

/**
 * struct port - a PCI slot that is a port, or becomes one
 * @node: in ports
 * @bus: of the slot
 * @slot: its number
 * @functions: those that were probed; %NULL: not there, or not yet
 * @page: the page as it was when the port was made; its name ends, and
 *	@page.port lies within it
 * @registers: of the doorbell; %NULL: the port rings nobody
 * @info: what UIO is told
 * @ready: there is a UIO device
 *
 * All of it but @registers is protected by ports_lock until @ready, and does not
 * change from then on.
 */
struct port {
	struct list_head node;
	struct pci_bus *bus;
	unsigned int slot;
	struct pci_dev *functions[PARTSCHED_PORT_FUNCTIONS];
	struct partsched_doorbell page;
	void __iomem *registers;
	struct uio_info info;
	bool ready;
};

static LIST_HEAD(ports);
static DEFINE_MUTEX(ports_lock);

/* -------------------------------------------------------------------- attributes */

static const struct partsched_doorbell *page_of(struct device *dev)
{
	struct uio_device *uio = container_of(dev, struct uio_device, dev);

	return &container_of(uio->info, struct port, info)->page;
}

static ssize_t partition_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	const struct partsched_doorbell *page = page_of(dev);

	return sysfs_emit(buf, "%.*s\n", (int)page->port - 1, page->name);
}
static DEVICE_ATTR_RO(partition);

static ssize_t port_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	const struct partsched_doorbell *page = page_of(dev);

	return sysfs_emit(buf, "%s\n", page->name + page->port);
}
static DEVICE_ATTR_RO(port);

static ssize_t direction_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "%s\n", page_of(dev)->destination ?
			  "destination" : "source");
}
static DEVICE_ATTR_RO(direction);

static ssize_t type_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  page_of(dev)->type == PARTSCHED_CHANNEL_SAMPLING ?
			  "sampling" : "queuing");
}
static DEVICE_ATTR_RO(type);

#define NUMBER(field)							\
static ssize_t field##_show(struct device *dev,				\
			    struct device_attribute *attr, char *buf)	\
{									\
	return sysfs_emit(buf, "%llu\n",				\
			  (unsigned long long)page_of(dev)->field);	\
}									\
static DEVICE_ATTR_RO(field)

NUMBER(max_message);
NUMBER(depth);
NUMBER(refresh_ns);
NUMBER(region_size);
NUMBER(kicks);
NUMBER(nr_destinations);

static struct attribute *port_attrs[] = {
	&dev_attr_partition.attr,
	&dev_attr_port.attr,
	&dev_attr_direction.attr,
	&dev_attr_type.attr,
	&dev_attr_max_message.attr,
	&dev_attr_depth.attr,
	&dev_attr_refresh_ns.attr,
	&dev_attr_region_size.attr,
	&dev_attr_kicks.attr,
	&dev_attr_nr_destinations.attr,
	NULL
};

static const struct attribute_group port_group = {
	.name = "partsched",
	.attrs = port_attrs,
};

/* -------------------------------------------------------------------- operations */

/* May this end write there? As the host has it, who would not listen. */
static bool may_write(const struct port *port, unsigned long map)
{
	switch (map) {
	case MAP_DATA:
		return !port->page.destination;
	case MAP_ACK:
		return port->page.destination;
	default:
		return false;
	}
}

/*
 * Memory of the host, not registers: UIO's own mapping would not be cached.
 * Firmware gives the hole that BARs are in to no cache by the MTRRs, and the kernel
 * makes a mapping that asks for write-back uncached then; write-through it
 * leaves alone, and to the ordering of memory the two are one.
 */
static pgprot_t cached(pgprot_t prot)
{
#ifdef pgprot_writethrough
	return pgprot_writethrough(prot);
#else
	return prot;
#endif
}

/* UIO has checked the map's number and the size. */
static int port_mmap(struct uio_info *info, struct uio_vma *vma)
{
	const struct port *port = container_of(info, struct port, info);
	unsigned long map = uio_vma_map(vma);

	/* a private mapping would be a copy that nobody keeps up */
	if (!uio_vma_is_shared(vma))
		return -EACCES;
	if (!may_write(port, map)) {
		if (uio_vma_is_writable(vma))
			return -EACCES;
		uio_vma_never_writable(vma);
	}
	return uio_vma_remap(vma, info->mem[map].addr >> PAGE_SHIFT, cached);
}

static irqreturn_t on_kick(int irq, struct uio_info *info)
{
	/* an edge: UIO counts it and wakes who waits */
	return IRQ_HANDLED;
}

/* write() of a source. @n: number of a destination, 0: all */
static int ring(struct uio_info *info, s32 n)
{
	const struct port *port = container_of(info, struct port, info);
	s32 last = (s32)port->page.nr_destinations;
	s32 i;

	if (n < 0 || n > last)
		return -EINVAL;
	/* messages are written before anybody is told: this is no cached memory */
	wmb();
	for (i = n ? n : 1; i <= (n ? n : last); i++)
		iowrite32(PARTSCHED_DOORBELL_RING(i),
			  port->registers + PARTSCHED_DOORBELL_REGISTER);
	return 0;
}

/* ---------------------------------------------------------------- life of a port */

/* Take the page, and believe nothing of it that was not looked at. */
static int read_page(struct port *port)
{
	struct pci_dev *pdev = port->functions[PARTSCHED_PORT_FUNCTION_PAGE];
	struct partsched_doorbell *page = &port->page;
	struct partsched_channel_geometry geometry;
	void __iomem *memory;

	if (pci_resource_len(pdev, BAR_MEMORY) < PARTSCHED_DOORBELL_SIZE)
		return -ENODEV;
	memory = pci_iomap(pdev, BAR_MEMORY, sizeof(*page));
	if (!memory)
		return -ENOMEM;
	memcpy_fromio(page, memory, sizeof(*page));
	pci_iounmap(pdev, memory);
	if (page->magic != PARTSCHED_DOORBELL_MAGIC) {
		pci_info(pdev, "no page of a port\n");
		return -ENODEV;
	}
	if (page->version != PARTSCHED_DOORBELL_VERSION) {
		pci_warn(pdev, "page of version %u, this driver knows %u\n",
			 page->version, PARTSCHED_DOORBELL_VERSION);
		return -ENODEV;
	}
	page->name[sizeof(page->name) - 1] = '\0';
	page->destination = !!page->destination;
	page->kicks = !!page->kicks;
	if (page->port < 1 || page->port >= strlen(page->name) ||
	    page->nr_destinations > PARTSCHED_GUEST_DOORBELLS_MAX ||
	    partsched_channel_geometry_init(&geometry, page->type,
					    page->max_message, page->depth,
					    page->refresh_ns) ||
	    geometry.region_size != page->region_size) {
		pci_warn(pdev, "page contradicts itself\n");
		return -ENODEV;
	}
	return 0;
}

/* A part of the port's memory, as UIO shows it. */
static int add_map(struct port *port, unsigned int map, unsigned int function,
		   const char *name, resource_size_t least)
{
	struct pci_dev *pdev = port->functions[function];
	struct uio_mem *mem = &port->info.mem[map];

	if (!pdev || pci_resource_len(pdev, BAR_MEMORY) < least) {
		pci_warn(pdev ? pdev : port->functions[0],
			 "%s: the %s is missing, or too small\n",
			 port->page.name, name);
		return -ENODEV;
	}
	mem->name = name;
	mem->addr = pci_resource_start(pdev, BAR_MEMORY);
	mem->size = least;
	mem->memtype = UIO_MEM_PHYS;
	return 0;
}

static int add_maps(struct port *port)
{
	int ret = add_map(port, MAP_DATA, PARTSCHED_PORT_FUNCTION_DATA, "data",
			  port->page.region_size);

	if (!ret)
		ret = add_map(port, MAP_PAGE, PARTSCHED_PORT_FUNCTION_PAGE,
			      "page", PARTSCHED_DOORBELL_SIZE);
	if (!ret && port->page.type == PARTSCHED_CHANNEL_QUEUING)
		ret = add_map(port, MAP_ACK, PARTSCHED_PORT_FUNCTION_ACK, "ack",
			      PARTSCHED_CHANNEL_ACK_SIZE);
	return ret;
}

static int start_kicks(struct port *port)
{
	struct pci_dev *pdev = port->functions[PARTSCHED_PORT_FUNCTION_PAGE];
	int ret;

	if (!port->page.kicks)
		return 0;
	/* without it a device sends no message-signalled interrupt */
	pci_set_master(pdev);
	if (port->page.destination) {
		ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSIX);
		if (ret < 0) {
			pci_warn(pdev, "%s: no MSI-X\n", port->page.name);
			return ret;
		}
		port->info.irq = pci_irq_vector(pdev, 0);
		port->info.handler = on_kick;
		return 0;
	}
	port->registers = pci_iomap(pdev, BAR_REGISTERS, 0);
	if (!port->registers)
		return -ENOMEM;
	port->info.irq = UIO_IRQ_CUSTOM;
	port->info.irqcontrol = ring;
	return 0;
}

static void stop_kicks(struct port *port)
{
	struct pci_dev *pdev = port->functions[PARTSCHED_PORT_FUNCTION_PAGE];

	if (!port->page.kicks)
		return;
	if (port->registers)
		pci_iounmap(pdev, port->registers);
	port->registers = NULL;
	pci_free_irq_vectors(pdev);
	pci_clear_master(pdev);
}

static int make_port(struct port *port)
{
	int ret;

	lockdep_assert_held(&ports_lock);
	memset(&port->info, 0, sizeof(port->info));
	ret = read_page(port);
	if (ret)
		return ret;
	port->info.name = port->page.name + port->page.port;
	port->info.version = __stringify(PARTSCHED_DOORBELL_VERSION);
	port->info.UIO_MMAP = port_mmap;
	ret = add_maps(port);
	if (ret)
		return ret;
	ret = start_kicks(port);
	if (ret)
		goto stop;
	ret = uio_register_device(&port->functions[0]->dev, &port->info);
	if (ret)
		goto stop;
	ret = sysfs_create_group(&port->info.uio_dev->dev.kobj, &port_group);
	if (ret)
		goto unregister;
	port->ready = true;
	/* for udev rules, which may look only now */
	kobject_uevent(&port->info.uio_dev->dev.kobj, KOBJ_CHANGE);
	pci_info(port->functions[0], "%s is uio%d\n", port->page.name,
		 port->info.uio_dev->minor);
	return 0;

unregister:
	uio_unregister_device(&port->info);
stop:
	stop_kicks(port);
	return ret;
}

static void end_port(struct port *port)
{
	lockdep_assert_held(&ports_lock);
	if (!port->ready)
		return;
	port->ready = false;
	/* waits for those that read an attribute */
	sysfs_remove_group(&port->info.uio_dev->dev.kobj, &port_group);
	/* files that are open hear EIO from here on, and find no @info */
	uio_unregister_device(&port->info);
	stop_kicks(port);
}

/* --------------------------------------------------------------------------- PCI */

static bool is_ivshmem(struct pci_bus *bus, unsigned int slot,
		       unsigned int function)
{
	struct pci_dev *pdev = pci_get_slot(bus, PCI_DEVFN(slot, function));
	bool is = pdev && pdev->vendor == PARTSCHED_PORT_PCI_VENDOR &&
		  pdev->device == PARTSCHED_PORT_PCI_DEVICE;

	pci_dev_put(pdev);
	return is;
}

static bool is_complete(const struct port *port)
{
	unsigned int i;

	for (i = 0; i < PARTSCHED_PORT_FUNCTIONS; i++)
		if (!port->functions[i] && is_ivshmem(port->bus, port->slot, i))
			return false;
	return port->functions[PARTSCHED_PORT_FUNCTION_DATA] &&
	       port->functions[PARTSCHED_PORT_FUNCTION_PAGE];
}

static struct port *find_port(struct pci_dev *pdev)
{
	struct port *port;

	lockdep_assert_held(&ports_lock);
	list_for_each_entry(port, &ports, node)
		if (port->bus == pdev->bus &&
		    port->slot == PCI_SLOT(pdev->devfn))
			return port;
	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return NULL;
	port->bus = pdev->bus;
	port->slot = PCI_SLOT(pdev->devfn);
	list_add(&port->node, &ports);
	return port;
}

static void leave_port(struct port *port, unsigned int function)
{
	unsigned int i;

	lockdep_assert_held(&ports_lock);
	port->functions[function] = NULL;
	for (i = 0; i < PARTSCHED_PORT_FUNCTIONS; i++)
		if (port->functions[i])
			return;
	list_del(&port->node);
	kfree(port);
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	unsigned int function = PCI_FUNC(pdev->devfn);
	struct port *port;
	int ret;

	/* ivshmem is other people's, too: a slot without a page is none of ours */
	if (function >= PARTSCHED_PORT_FUNCTIONS ||
	    !is_ivshmem(pdev->bus, PCI_SLOT(pdev->devfn),
			PARTSCHED_PORT_FUNCTION_PAGE))
		return -ENODEV;
	ret = pci_enable_device(pdev);
	if (ret)
		return ret;
	ret = pci_request_regions(pdev, KBUILD_MODNAME);
	if (ret)
		goto disable;

	mutex_lock(&ports_lock);
	port = find_port(pdev);
	if (port) {
		port->functions[function] = pdev;
		if (!port->ready && is_complete(port))
			ret = make_port(port);
		if (ret)
			leave_port(port, function);
		else
			pci_set_drvdata(pdev, port);
	} else {
		ret = -ENOMEM;
	}
	mutex_unlock(&ports_lock);
	if (!ret)
		return 0;
	pci_release_regions(pdev);
disable:
	pci_disable_device(pdev);
	return ret;
}

static void remove(struct pci_dev *pdev)
{
	struct port *port = pci_get_drvdata(pdev);

	mutex_lock(&ports_lock);
	end_port(port);
	leave_port(port, PCI_FUNC(pdev->devfn));
	mutex_unlock(&ports_lock);
	pci_release_regions(pdev);
	pci_disable_device(pdev);
}

static const struct pci_device_id ids[] = {
	{ PCI_DEVICE(PARTSCHED_PORT_PCI_VENDOR, PARTSCHED_PORT_PCI_DEVICE) },
	{ }
};
MODULE_DEVICE_TABLE(pci, ids);

static struct pci_driver port_driver = {
	.name = KBUILD_MODNAME,
	.id_table = ids,
	.probe = probe,
	.remove = remove,
};
module_pci_driver(port_driver);

MODULE_AUTHOR("The partsched authors");
MODULE_DESCRIPTION("Ports of a partsched partition, in a Linux guest");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
