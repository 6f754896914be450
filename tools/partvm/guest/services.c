// SPDX-License-Identifier: GPL-2.0
/*
 * services - calls each service and prints what comes of it
 *
 * For a partition that may call all of them.
 */
#include <linux/partsched_services.h>

#include "guest.h"

#define VECTOR	0x50

static const struct partsched_guest_info *const page = (void *)PARTSCHED_GUEST_INFO;

static volatile uint32_t interrupts;

static __attribute__((interrupt)) void on_interrupt(struct guest_interrupt *frame)
{
	(void)frame;
	interrupts++;
	guest_write_msr(GUEST_APIC_EOI, 0);
}

static void line(const char *service, uint32_t code, const char *what, uint64_t value)
{
	static const char *const codes[] = {
		[PARTSCHED_GUEST_NO_ERROR] = "NO_ERROR",
		[PARTSCHED_GUEST_NO_ACTION] = "NO_ACTION",
		[PARTSCHED_GUEST_NOT_AVAILABLE] = "NOT_AVAILABLE",
		[PARTSCHED_GUEST_INVALID_PARAM] = "INVALID_PARAM",
		[PARTSCHED_GUEST_INVALID_CONFIG] = "INVALID_CONFIG",
		[PARTSCHED_GUEST_INVALID_MODE] = "INVALID_MODE",
		[PARTSCHED_GUEST_TIMED_OUT] = "TIMED_OUT",
	};

	guest_print_name(page);
	guest_print(": ");
	guest_print(service);
	guest_print(" ");
	guest_print(code < sizeof(codes) / sizeof(codes[0]) ? codes[code] : "?");
	if (code == PARTSCHED_GUEST_NO_ERROR && what) {
		guest_print(", ");
		guest_print(what);
		guest_print(" ");
		guest_print_number(value);
	}
	guest_print("\n");
}

static uint32_t length(const char *text)
{
	uint32_t bytes = 0;

	while (text[bytes])
		bytes++;
	return bytes;
}

static void call_all(void)
{
	static const char message[] = "a line of the console in one call";
	static const char error[] = "nothing is wrong, this is a demonstration";
	struct partsched_schedule_status schedule;
	struct partsched_partition_status status;
	__u64 time_ns, later_ns;
	uint32_t code;

	code = partsched_get_partition_status(&status);
	line("GET_PARTITION_STATUS", code, "mode", status.mode);
	line("GET_PARTITION_STATUS", code, "starts", status.nr_starts);
	line("SET_PARTITION_MODE", partsched_set_partition_mode(PARTSCHED_GUEST_MODE_NORMAL), NULL,
	     0);
	code = partsched_get_time(&time_ns);
	line("GET_TIME", code, "ns", time_ns);
	code = partsched_end_window();
	partsched_get_time(&later_ns);
	line("END_WINDOW", code, "back after ns", later_ns - time_ns);
	code = partsched_get_module_schedule_status(&schedule);
	line("GET_MODULE_SCHEDULE_STATUS", code, "in force", schedule.in_force);
	line("SET_MODULE_SCHEDULE", partsched_set_module_schedule(schedule.in_force), NULL, 0);
	line("REPORT_APPLICATION_MESSAGE",
	     partsched_report_application_message(message, length(message)), NULL, 0);
	code = partsched_send_interrupt(0, VECTOR);
	while (code == PARTSCHED_GUEST_NO_ERROR && !interrupts)
		guest_pause();
	line("SEND_INTERRUPT", code, "interrupts", interrupts);
	code = partsched_raise_application_error(PARTSCHED_GUEST_CODE_APPLICATION_ERROR, error,
						 length(error));
	line("RAISE_APPLICATION_ERROR", code, NULL, 0);
}

int guest_main(uint64_t vcpu, const struct partsched_guest_info *info)
{
	(void)info;
	if (vcpu)
		guest_idle();
	guest_on_interrupt(VECTOR, on_interrupt);
	guest_apic_on();
	__asm__ volatile("sti");
	call_all();
	for (;;)
		partsched_end_window();
}
