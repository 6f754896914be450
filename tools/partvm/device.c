// SPDX-License-Identifier: GPL-2.0
#include "device.h"

#include <linux/partsched_guest.h>
#include <string.h>

#include "call.h"
#include "service.h"
#include "status.h"
#include "uart.h"
#include "vcpu.h"

static int delay_read(struct vcpu *vcpu, uint64_t offset, void *data, uint32_t size)
{
	(void)vcpu;
	(void)offset;
	memset(data, 0xff, size);
	return DEVICE_DONE;
}

static int delay_write(struct vcpu *vcpu, uint64_t offset, const void *data, uint32_t size)
{
	(void)vcpu;
	(void)offset;
	(void)data;
	(void)size;
	return DEVICE_DONE;
}

static int schedule_read(struct vcpu *vcpu, uint64_t offset, void *data, uint32_t size)
{
	(void)offset;
	if (size != sizeof(vcpu->answer))
		return DEVICE_NOTHING;
	memcpy(data, &vcpu->answer, size);
	return DEVICE_DONE;
}

static int schedule_write(struct vcpu *vcpu, uint64_t offset, const void *data, uint32_t size)
{
	uint32_t schedule;

	(void)offset;
	if (size != sizeof(schedule))
		return DEVICE_NOTHING;
	memcpy(&schedule, data, size);
	vcpu->answer = service_set_schedule(vcpu, schedule);
	return DEVICE_DONE;
}

static int exit_write(struct vcpu *vcpu, uint64_t offset, const void *data, uint32_t size)
{
	uint8_t status = *(const uint8_t *)data;

	(void)offset;
	(void)size;
	if (!status)
		return vcpu_end(vcpu, PARTVM_DONE, NULL);
	return vcpu_end(vcpu, PARTVM_ENDED, "the guest ended with status %u", status);
}

static const struct device devices[] = {
	{ "delay", DEVICE_PORT, PARTSCHED_GUEST_PORT_DELAY, PARTSCHED_GUEST_PORT_DELAY,
	  .read = delay_read, .write = delay_write },
	{ "module schedule", DEVICE_PORT, PARTSCHED_GUEST_PORT_SCHEDULE,
	  PARTSCHED_GUEST_PORT_SCHEDULE,
	  .read = schedule_read, .write = schedule_write },
	{ "exit", DEVICE_PORT, PARTSCHED_GUEST_PORT_EXIT, PARTSCHED_GUEST_PORT_EXIT,
	  .write = exit_write },
	{ "services", DEVICE_PORT, PARTSCHED_GUEST_PORT_CALL, PARTSCHED_GUEST_PORT_CALL,
	  .write = call_write, .prepare = call_prepare, .reset = call_reset },
	{ "console", DEVICE_PORT, PARTSCHED_GUEST_PORT_CONSOLE,
	  PARTSCHED_GUEST_PORT_CONSOLE + UART_PORTS - 1,
	  .read = uart_read, .write = uart_write, .reset = uart_reset },
};

#define NR_DEVICES	(sizeof(devices) / sizeof(devices[0]))

static const struct device *find(enum device_space space, uint64_t address)
{
	for (size_t i = 0; i < NR_DEVICES; i++) {
		const struct device *device = &devices[i];

		if (device->space == space && address >= device->first && address <= device->last)
			return device;
	}
	return NULL;
}

int device_access(struct vcpu *vcpu, enum device_space space, uint64_t address, bool write,
		  void *data, uint32_t size)
{
	const struct device *device = find(space, address);

	if (!device || (write ? !device->write : !device->read))
		return DEVICE_NOTHING;
	if (write)
		return device->write(vcpu, address - device->first, data, size);
	memset(data, 0, size);
	return device->read(vcpu, address - device->first, data, size);
}

void devices_prepare(struct vcpu *vcpu)
{
	for (size_t i = 0; i < NR_DEVICES; i++)
		if (devices[i].prepare)
			devices[i].prepare(vcpu);
}

void devices_reset(struct vcpu *vcpu)
{
	for (size_t i = 0; i < NR_DEVICES; i++)
		if (devices[i].reset)
			devices[i].reset(vcpu);
}
