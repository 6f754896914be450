/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * partsched - the services that a lean guest may call (x86-64)
 *
 * Functions for guests, freestanding, for any privilege level that may use I/O
 * ports. Each returns PARTSCHED_GUEST_NO_ERROR or another of ARINC 653's return
 * codes; what it tells is valid with PARTSCHED_GUEST_NO_ERROR only. Addresses are
 * guest-physical: with the page tables that a guest begins with, any pointer's
 * value. See linux/partsched_guest.h for the calls themselves.
 */
#ifndef _UAPI_LINUX_PARTSCHED_SERVICES_H
#define _UAPI_LINUX_PARTSCHED_SERVICES_H

#include <linux/partsched_guest.h>

#ifdef __x86_64__

/**
 * struct partsched_call - arguments of a service, then what it tells
 * @value: rbx, rcx, rdx, rsi
 */
struct partsched_call {
	__u64 value[4];
};

/**
 * partsched_call() - call a service by its number
 * @number: PARTSCHED_CALL_*, or any
 * @call: arguments; what it tells is there afterwards
 *
 * Return: a return code.
 */
static inline __u32 partsched_call(__u32 number, struct partsched_call *call)
{
	__asm__ volatile("outl %%eax, %5"
			 : "+a"(number), "+b"(call->value[0]), "+c"(call->value[1]),
			   "+d"(call->value[2]), "+S"(call->value[3])
			 : "N"(PARTSCHED_GUEST_PORT_CALL) : "memory");
	return number;
}

/**
 * partsched_get_time() - CLOCK_MONOTONIC of the host
 * @time_ns: receives it
 *
 * The information page tells it without leaving the guest.
 *
 * Return: a return code.
 */
static inline __u32 partsched_get_time(__u64 *time_ns)
{
	struct partsched_call call = { { 0 } };
	__u32 code = partsched_call(PARTSCHED_CALL_GET_TIME, &call);

	*time_ns = call.value[0];
	return code;
}

/**
 * partsched_end_window() - give the rest of this vCPU's window to the host
 *
 * Returns in the vCPU's next window; without a plan at once.
 *
 * Return: a return code.
 */
static inline __u32 partsched_end_window(void)
{
	struct partsched_call call = { { 0 } };

	return partsched_call(PARTSCHED_CALL_END_WINDOW, &call);
}

/**
 * struct partsched_partition_status - how a partition is
 * @mode: PARTSCHED_GUEST_MODE_*
 * @start_condition: PARTSCHED_GUEST_CONDITION_*
 * @nr_starts: how often it was started
 * @identifier: its ARINC identifier
 */
struct partsched_partition_status {
	__u32 mode;
	__u32 start_condition;
	__u32 nr_starts;
	__u32 identifier;
};

/**
 * partsched_get_partition_status() - how this partition is
 * @status: filled in
 *
 * Return: a return code.
 */
static inline __u32
partsched_get_partition_status(struct partsched_partition_status *status)
{
	struct partsched_call call = { { 0 } };
	__u32 code = partsched_call(PARTSCHED_CALL_GET_PARTITION_STATUS, &call);

	status->mode = (__u32)call.value[0];
	status->start_condition = (__u32)call.value[1];
	status->nr_starts = (__u32)call.value[2];
	status->identifier = (__u32)call.value[3];
	return code;
}

/**
 * partsched_set_partition_mode() - ask for another mode of this partition
 * @mode: PARTSCHED_GUEST_MODE_*
 *
 * Does not return from a mode other than NORMAL that was granted.
 *
 * Return: a return code.
 */
static inline __u32 partsched_set_partition_mode(__u32 mode)
{
	struct partsched_call call = { { mode } };

	return partsched_call(PARTSCHED_CALL_SET_PARTITION_MODE, &call);
}

/**
 * struct partsched_schedule_status - the module schedule
 * @in_force: identifier of that in force
 * @next: of that which will be at the frame's end
 * @last_change_ns: CLOCK_MONOTONIC instant of the last change, 0: none yet
 */
struct partsched_schedule_status {
	__u32 in_force;
	__u32 next;
	__u64 last_change_ns;
};

/**
 * partsched_get_module_schedule_status() - which module schedule is in force
 * @status: filled in
 *
 * Return: a return code.
 */
static inline __u32
partsched_get_module_schedule_status(struct partsched_schedule_status *status)
{
	struct partsched_call call = { { 0 } };
	__u32 code = partsched_call(PARTSCHED_CALL_GET_MODULE_SCHEDULE_STATUS, &call);

	status->in_force = (__u32)call.value[0];
	status->next = (__u32)call.value[1];
	status->last_change_ns = call.value[2];
	return code;
}

/**
 * partsched_set_module_schedule() - ask for another module schedule
 * @schedule: its identifier
 *
 * Return: a return code.
 */
static inline __u32 partsched_set_module_schedule(__u32 schedule)
{
	struct partsched_call call = { { schedule } };

	return partsched_call(PARTSCHED_CALL_SET_MODULE_SCHEDULE, &call);
}

/**
 * partsched_raise_application_error() - tell the health monitor of an error
 * @code: PARTSCHED_GUEST_CODE_*
 * @text: what it is, in words
 * @bytes: of @text, up to PARTSCHED_GUEST_ERROR_TEXT_MAX
 *
 * Returns only if the partition goes on.
 *
 * Return: a return code.
 */
static inline __u32 partsched_raise_application_error(__u32 code, const void *text,
						      __u32 bytes)
{
	struct partsched_call call = { { code, (__u64)text, bytes } };

	return partsched_call(PARTSCHED_CALL_RAISE_APPLICATION_ERROR, &call);
}

/**
 * partsched_report_application_message() - print a line
 * @text: the line; one LF at its end may be there or not
 * @bytes: of @text, up to PARTSCHED_GUEST_MESSAGE_MAX
 *
 * Return: a return code.
 */
static inline __u32 partsched_report_application_message(const void *text, __u32 bytes)
{
	struct partsched_call call = { { (__u64)text, bytes } };

	return partsched_call(PARTSCHED_CALL_REPORT_APPLICATION_MESSAGE, &call);
}

/**
 * partsched_send_interrupt() - interrupt a vCPU of this partition
 * @vcpu: its index
 * @vector: PARTSCHED_GUEST_VECTOR_MIN to 255
 *
 * It is taken in a window of that vCPU.
 *
 * Return: a return code; PARTSCHED_GUEST_NOT_AVAILABLE: its local APIC is off.
 */
static inline __u32 partsched_send_interrupt(__u32 vcpu, __u32 vector)
{
	struct partsched_call call = { { vcpu, vector } };

	return partsched_call(PARTSCHED_CALL_SEND_INTERRUPT, &call);
}

#endif /* __x86_64__ */

#endif /* _UAPI_LINUX_PARTSCHED_SERVICES_H */
