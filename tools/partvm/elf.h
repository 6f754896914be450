/* SPDX-License-Identifier: GPL-2.0 */
/*
 * elf - guest images in ELF format
 */
#ifndef PARTVM_ELF_H
#define PARTVM_ELF_H

#include "image.h"

/**
 * elf_load() - put the segments of an ELF64 executable at their physical address
 * @memory: where to
 * @image: file that begins with the ELF magic; nothing else in it is trusted
 * @entry: receives e_entry
 *
 * Return: 0, or -1 with a message printed that names file and segment.
 */
int elf_load(const struct memory *memory, const struct image *image, uint64_t *entry);

#endif /* PARTVM_ELF_H */
