/* SPDX-License-Identifier: GPL-2.0 */
/*
 * start - first instruction of a guest
 *
 * rdi is the vCPU's index, rsi the information page, rsp its own stack: just
 * what guest_main() takes.
 */
	.section .text.start, "ax"
	.globl	guest_start
guest_start:
	call	guest_main
	movl	%eax, %edi
	call	guest_exit
