/* SPDX-License-Identifier: GPL-2.0 */
/*
 * qemu-guest-start - how QEMU's -kernel (multiboot) comes to guest_main()
 *
 * A flat binary at 1 MiB, entered in 32-bit protected mode; 64-bit mode with the
 * first 4 GiB mapped 1:1, where the devices' memory is.
 */
#define MULTIBOOT_MAGIC	0x1badb002
#define ADDRESSES	0x00010000	/* load as the addresses below say */

	.section .text.start, "ax"
	.code32
	.globl start
start:
	jmp	begin
	.balign	4
header:
	.long	MULTIBOOT_MAGIC, ADDRESSES, -(MULTIBOOT_MAGIC + ADDRESSES)
	.long	header, start, 0, _end, start

begin:
	movl	$stack_top, %esp
	movl	%ebx, %ebp		/* what the loader says */
	movl	$pages2, %edi
	movl	$0x83, %eax		/* present, writable, 2 MiB */
	movl	$2048, %ecx
1:	movl	%eax, (%edi)
	movl	$0, 4(%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b
	movl	$pages3, %edi
	movl	$pages2 + 3, %eax
	movl	$4, %ecx
2:	movl	%eax, (%edi)
	addl	$0x1000, %eax
	addl	$8, %edi
	loop	2b
	movl	$pages3 + 3, pages4
	movl	$pages4, %eax
	movl	%eax, %cr3
	movl	%cr4, %eax
	orl	$0x20, %eax		/* PAE */
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx	/* EFER.LME */
	rdmsr
	orl	$0x100, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$8, $long_mode

	.code64
long_mode:
	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%ebp, %edi
	call	guest_main
3:	hlt
	jmp	3b

/* A kick: an interrupt through a gate that guest_main() has made. */
	.globl kick_entry
kick_entry:
	pushq	%rax
	incl	nr_kicks
	movl	$0xfee000b0, %eax	/* end of interrupt */
	movl	$0, (%rax)
	popq	%rax
	iretq

	.section .data
	.balign	8
gdt:
	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt

	.section .bss
	.balign	4096
pages4:	.skip	4096
pages3:	.skip	4096
pages2:	.skip	4 * 4096
	.skip	16384
stack_top:
	.section .note.GNU-stack, "", @progbits
