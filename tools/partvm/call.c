// SPDX-License-Identifier: GPL-2.0
#include "call.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <linux/partsched_guest.h>

#include "arch.h"
#include "device.h"
#include "error.h"
#include "fault.h"
#include "live.h"
#include "status.h"
#include "vcpu.h"
#include "vm.h"

/*
 * A vCPU that has given up the rest of its window is back so long before its end,
 * and has the plan stop it as if it ran: a timer of its own never goes off in the
 * next partition's window.
 */
#define BACK_NS		50000ULL
/*
 * So long after its end it is no longer the plan's to stop. The timer that does is never
 * late by so much but on a CPU that is emulated beside others.
 */
#define LEFT_NS		100000000ULL

/*
 * A service: its code for the guest, or one of these.
 */
#define CALL_HOLDS	-2	/* the vCPU goes no further */
#define CALL_ENDS	-1	/* the VM ends */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int get_time(struct vcpu *vcpu, uint64_t *value)
{
	(void)vcpu;
	value[0] = now_ns();
	return PARTSCHED_GUEST_NO_ERROR;
}

static int end_window(struct vcpu *vcpu, uint64_t *value)
{
	(void)value;
	if (!vcpu->kernel || !live_vcpu(vcpu->vm->info, vcpu->index))
		return PARTSCHED_GUEST_NO_ACTION;
	vcpu->window_ended = true;
	return PARTSCHED_GUEST_NO_ERROR;
}

/* A number for the time from one start to the next, never 0. */
static uint64_t life(const struct partsched_guest_live_vcpu *live)
{
	return ((uint64_t)live->start << 32 | live->nr_starts) + 1;
}

/* What the page says was so as the window opened: before there was a guest. */
static bool renew(struct vcpu *vcpu, struct partsched_guest_live_vcpu *live)
{
	struct service_request *request = &vcpu->port.request;

	*request = (struct service_request){ .kind = SERVICE_GET_MODE };
	if (!service_ask(vcpu) || request->code != PARTSCHED_GUEST_NO_ERROR)
		return false;
	live->mode = request->mode;
	live->start_condition = request->start_condition;
	live->nr_starts = request->nr_starts;
	return true;
}

static int get_partition_status(struct vcpu *vcpu, uint64_t *value)
{
	struct partsched_guest_live_vcpu live;

	if (!vcpu->kernel || !live_read(vcpu->vm->info, vcpu->index, &live))
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	if (live.mode <= PARTSCHED_GUEST_MODE_IDLE && !renew(vcpu, &live))
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	/* it has said so in this window */
	if (live.mode != PARTSCHED_GUEST_MODE_IDLE && atomic_load(&vcpu->vm->normal) == life(&live))
		live.mode = PARTSCHED_GUEST_MODE_NORMAL;
	value[0] = live.mode;
	value[1] = live.start_condition;
	value[2] = live.nr_starts;
	value[3] = vcpu->vm->plan.partition.id;
	return PARTSCHED_GUEST_NO_ERROR;
}

static int set_partition_mode(struct vcpu *vcpu, uint64_t *value)
{
	struct service_request *request = &vcpu->port.request;
	struct partsched_guest_live_vcpu live;
	uint64_t mode = value[0];

	if (mode < PARTSCHED_GUEST_MODE_IDLE || mode > PARTSCHED_GUEST_MODE_NORMAL)
		return PARTSCHED_GUEST_INVALID_PARAM;
	if (!vcpu->kernel)
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	*request = (struct service_request){ .kind = SERVICE_SET_MODE, .value = mode };
	if (!service_ask(vcpu))
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	if (request->code != PARTSCHED_GUEST_NO_ERROR)
		return request->code;
	if (mode != PARTSCHED_GUEST_MODE_NORMAL)
		return CALL_HOLDS;
	if (live_read(vcpu->vm->info, vcpu->index, &live))
		atomic_store(&vcpu->vm->normal, life(&live));
	return PARTSCHED_GUEST_NO_ERROR;
}

static int get_schedule_status(struct vcpu *vcpu, uint64_t *value)
{
	struct service_request *request = &vcpu->port.request;

	if (!vcpu->kernel)
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	*request = (struct service_request){ .kind = SERVICE_GET_SCHEDULE };
	if (!service_ask(vcpu) || request->code != PARTSCHED_GUEST_NO_ERROR)
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	value[0] = request->current;
	value[1] = request->next;
	value[2] = request->last_change_ns;
	return PARTSCHED_GUEST_NO_ERROR;
}

static int set_schedule(struct vcpu *vcpu, uint64_t *value)
{
	if (value[0] > UINT32_MAX)
		return PARTSCHED_GUEST_INVALID_PARAM;
	return service_set_schedule(vcpu, value[0]);
}

/* A text of the guest's, which may change under our eyes: copied once. */
static bool copy_text(struct vcpu *vcpu, uint64_t address, uint64_t bytes, char *to, size_t max)
{
	const void *from;

	if (bytes > max)
		return false;
	to[bytes] = '\0';
	/* no text is nowhere */
	if (!bytes)
		return true;
	from = memory_ram_at(&vcpu->vm->memory, address, bytes);
	if (!from)
		return false;
	memcpy(to, from, bytes);
	return true;
}

static int raise_error(struct vcpu *vcpu, uint64_t *value)
{
	struct service_request *request = &vcpu->port.request;
	char text[PARTSCHED_GUEST_ERROR_TEXT_MAX + 1];
	uint64_t code = value[0];

	if (code < PARTSCHED_GUEST_CODE_DEADLINE_MISSED ||
	    code > PARTSCHED_GUEST_CODE_POWER_FAILURE ||
	    !copy_text(vcpu, value[1], value[2], text, sizeof(text) - 1))
		return PARTSCHED_GUEST_INVALID_PARAM;
	if (!vcpu->kernel)
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	*request = (struct service_request){
		.kind = SERVICE_RAISE_ERROR,
		.error = { .source = PARTSCHED_ERROR_APPLICATION, .code = code },
	};
	ps_escape(request->reason, sizeof(request->reason), text);
	request->error.reason = request->reason;
	if (!service_ask(vcpu) || request->code != PARTSCHED_GUEST_NO_ERROR)
		return PARTSCHED_GUEST_NOT_AVAILABLE;
	if (request->done.action != PARTSCHED_HM_IGNORE)
		return CALL_HOLDS;
	value[0] = request->done.level;
	value[1] = request->done.action;
	return PARTSCHED_GUEST_NO_ERROR;
}

static int report_message(struct vcpu *vcpu, uint64_t *value)
{
	struct console *console = &vcpu->vm->console;
	char text[PARTSCHED_GUEST_MESSAGE_MAX + 1];
	uint64_t bytes = value[1];

	if (!copy_text(vcpu, value[0], bytes, text, sizeof(text) - 1))
		return PARTSCHED_GUEST_INVALID_PARAM;
	if (bytes && text[bytes - 1] == '\n')
		bytes--;
	for (uint64_t i = 0; i < bytes; i++)
		console_put(console, vcpu->index, text[i]);
	console_put(console, vcpu->index, '\n');
	return PARTSCHED_GUEST_NO_ERROR;
}

static int send_interrupt(struct vcpu *vcpu, uint64_t *value)
{
	int ret;

	if (value[0] >= vcpu->vm->nr_vcpus || value[1] < PARTSCHED_GUEST_VECTOR_MIN ||
	    value[1] > 0xff)
		return PARTSCHED_GUEST_INVALID_PARAM;
	ret = arch_interrupt(vcpu->vm, value[0], value[1]);
	return ret > 0 ? PARTSCHED_GUEST_NO_ERROR : PARTSCHED_GUEST_NOT_AVAILABLE;
}

static const struct call {
	uint32_t right;
	int (*serve)(struct vcpu *vcpu, uint64_t *value);
} calls[] = {
	[PARTSCHED_CALL_GET_TIME] = { RIGHT_TIME, get_time },
	[PARTSCHED_CALL_END_WINDOW] = { RIGHT_TIME, end_window },
	[PARTSCHED_CALL_GET_PARTITION_STATUS] = { RIGHT_PARTITION, get_partition_status },
	[PARTSCHED_CALL_SET_PARTITION_MODE] = { RIGHT_MODE, set_partition_mode },
	[PARTSCHED_CALL_GET_MODULE_SCHEDULE_STATUS] = { RIGHT_SCHEDULE, get_schedule_status },
	[PARTSCHED_CALL_SET_MODULE_SCHEDULE] = { RIGHT_SCHEDULE, set_schedule },
	[PARTSCHED_CALL_RAISE_APPLICATION_ERROR] = { RIGHT_HEALTH, raise_error },
	[PARTSCHED_CALL_REPORT_APPLICATION_MESSAGE] = { RIGHT_LOG, report_message },
	[PARTSCHED_CALL_SEND_INTERRUPT] = { RIGHT_INTERRUPT, send_interrupt },
};

static int call(struct vcpu *vcpu, uint32_t number, uint64_t *value)
{
	const struct call *call = NULL;
	int ret;

	if (number < sizeof(calls) / sizeof(calls[0]) && calls[number].serve)
		call = &calls[number];
	if (call && call->right & vcpu->vm->config->services)
		return call->serve(vcpu, value);
	ret = fault_service(vcpu, number, call);
	if (ret != FAULT_IGNORED)
		return ret == FAULT_HELD ? CALL_HOLDS : CALL_ENDS;
	return call ? PARTSCHED_GUEST_INVALID_CONFIG : PARTSCHED_GUEST_INVALID_PARAM;
}

int call_write(struct vcpu *vcpu, uint64_t offset, const void *data, uint32_t size)
{
	uint64_t value[ARCH_CALL_VALUES];
	uint32_t number;
	int ret;

	(void)offset;
	if (size != sizeof(number))
		return DEVICE_NOTHING;
	memcpy(&number, data, size);
	if (arch_call_begin(vcpu, value))
		return vcpu_end(vcpu, PARTVM_HOST, "KVM does not tell its registers");
	ret = call(vcpu, number, value);
	if (ret == CALL_ENDS)
		return -1;
	if (ret == CALL_HOLDS)
		return fault_hold(vcpu);
	if (arch_call_end(vcpu, ret, value))
		return vcpu_end(vcpu, PARTVM_HOST, "KVM refuses its registers");
	return DEVICE_DONE;
}

static bool same_window(const struct partsched_guest_live_vcpu *a,
			const struct partsched_guest_live_vcpu *b)
{
	return a->start_ns == b->start_ns && a->frame == b->frame &&
	       a->generation == b->generation;
}

void call_prepare(struct vcpu *vcpu)
{
	const struct partsched_guest_info *info = vcpu->vm->info;
	struct partsched_guest_live_vcpu window, now;

	if (!vcpu->window_ended)
		return;
	vcpu->window_ended = false;
	if (!live_read(info, vcpu->index, &window))
		return;
	while (!atomic_load(&vcpu->vm->stopping) && live_read(info, vcpu->index, &now) &&
	       same_window(&window, &now)) {
		uint64_t time_ns = now_ns(), back_ns = window.end_ns - BACK_NS;
		struct timespec until = {
			.tv_sec = (time_t)(back_ns / 1000000000),
			.tv_nsec = (long)(back_ns % 1000000000),
		};

		if (time_ns > window.end_ns + LEFT_NS)
			return;
		if (time_ns < back_ns)
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	}
}

void call_reset(struct vcpu *vcpu)
{
	vcpu->window_ended = false;
}
