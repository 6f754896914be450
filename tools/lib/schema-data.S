/* SPDX-License-Identifier: GPL-2.0 */
/* The XML schema, byte for byte as it is installed. */
	.section .rodata
	.global ps_schema_start
	.global ps_schema_end
ps_schema_start:
	.incbin "partsched.xsd"
ps_schema_end:
	.byte 0
#if defined(__linux__) && defined(__ELF__)
	.section .note.GNU-stack, "", %progbits
#endif
