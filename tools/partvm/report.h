/* SPDX-License-Identifier: GPL-2.0 */
/*
 * report - what partvm has to say, on stderr
 *
 * For any thread. A vCPU thread that ends the VM leaves its text in its struct
 * vcpu, so that the main thread prints it as the last word.
 */
#ifndef PARTVM_REPORT_H
#define PARTVM_REPORT_H

/**
 * report_name() - put the guest's name before each line
 * @name: any text; escaped here
 */
void report_name(const char *name);

/**
 * report_error() - print the reason of a failure
 * @fmt: one sentence, printf style, no newline; names in it escaped already
 */
void report_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * report_warning() - print what is not as it should be, but bearable
 * @fmt: as for report_error()
 */
void report_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* PARTVM_REPORT_H */
