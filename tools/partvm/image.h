/* SPDX-License-Identifier: GPL-2.0 */
/*
 * image - the guest's program: a flat binary or an ELF executable
 */
#ifndef PARTVM_IMAGE_H
#define PARTVM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory.h"

/**
 * struct image - an open guest image
 * @path: as the user gave it
 * @fd: open for reading
 * @size: bytes
 * @keep: it is in the RAM already, as its guest has left it
 */
struct image {
	const char *path;
	int fd;
	uint64_t size;
	bool keep;
};

/**
 * image_load() - put a guest image into the RAM
 * @memory: where to; its RAM is zeroed, but with @keep
 * @path: file
 * @nr_vcpus: whose stacks the image should leave alone
 * @keep: the RAM is kept as it is; the image only tells where it begins
 * @entry: receives the address of the first instruction
 *
 * The first four bytes decide: ELF, or else a flat binary for address 0.
 *
 * Return: 0, or -1 with a message printed.
 */
int image_load(const struct memory *memory, const char *path, uint32_t nr_vcpus, bool keep,
	       uint64_t *entry);

/**
 * image_read() - read a part of an image
 * @image: the image
 * @offset: where from, bytes
 * @to: where to
 * @size: bytes
 *
 * Return: 0, or -1 with a message printed (also when the file ends early).
 */
int image_read(const struct image *image, uint64_t offset, void *to, uint64_t size);

#endif /* PARTVM_IMAGE_H */
