/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory - the guest-physical address space
 *
 * One mapping is the RAM; its first 16 MiB lie at address 0, what is more at
 * 4 GiB. Further areas (page tables, information page, channels) have mappings of
 * their own. All of it is populated before the guest starts.
 */
#ifndef PARTVM_MEMORY_H
#define PARTVM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/partsched_guest.h>

/* four of our own, and two a channel */
#define MEMORY_AREAS_MAX	(4 + 2 * PARTSCHED_GUEST_CHANNELS_MAX)

/**
 * struct memory_area - one KVM memory slot
 * @gpa: guest-physical address
 * @size: bytes
 * @host: where it lies in this process
 * @name: for messages
 * @readonly: the guest may not write to it
 */
struct memory_area {
	uint64_t gpa;
	uint64_t size;
	void *host;
	const char *name;
	bool readonly;
};

/**
 * struct memory - the address space
 * @ram: mapping of the whole RAM
 * @ram_size: bytes of RAM
 * @ram_low: of these, at address 0
 * @ram_fd: the file behind it, locked while we live, or -1
 * @area: KVM's slots, the slot number is the index
 * @nr_areas: number of them
 */
struct memory {
	void *ram;
	uint64_t ram_size;
	uint64_t ram_low;
	int ram_fd;
	struct memory_area area[MEMORY_AREAS_MAX];
	unsigned int nr_areas;
};

/**
 * memory_create() - get the RAM, zeroed
 * @memory: zeroed object
 * @size: bytes, checked already
 * @path: file that becomes the RAM, or NULL
 * @keep: what is in the file is kept; it must have that size
 *
 * Return: 0, or -1 with a message printed.
 */
int memory_create(struct memory *memory, uint64_t size, const char *path, bool keep);

/**
 * memory_add() - add an area of its own
 * @memory: the address space
 * @gpa: guest-physical address, page aligned
 * @size: bytes, rounded up to whole pages here
 * @readonly: the guest may not write to it
 * @name: for messages; must stay valid
 *
 * Return: the area in this process, writable and zeroed; NULL with a message
 * printed.
 */
void *memory_add(struct memory *memory, uint64_t gpa, uint64_t size, bool readonly,
		 const char *name);

/**
 * memory_add_mapping() - add an area that is mapped already
 * @memory: the address space
 * @gpa: guest-physical address, page aligned
 * @size: bytes, whole pages
 * @host: where it lies in this process
 * @readonly: the guest may not write to it
 * @name: for messages; must stay valid
 *
 * Return: 0, or -1 with a message printed.
 */
int memory_add_mapping(struct memory *memory, uint64_t gpa, uint64_t size, void *host,
		       bool readonly, const char *name);

/**
 * memory_register() - give all areas to KVM
 * @memory: the address space
 * @vm_fd: KVM's VM
 *
 * Return: 0, or -1 with a message printed.
 */
int memory_register(const struct memory *memory, int vm_fd);

/**
 * memory_ram_at() - find RAM
 * @memory: the address space
 * @gpa: guest-physical address, any value
 * @size: bytes, any value
 *
 * Return: where [gpa, gpa + size) lies in this process, NULL if it is not
 * wholly RAM.
 */
void *memory_ram_at(const struct memory *memory, uint64_t gpa, uint64_t size);

/**
 * memory_area_at() - the slot that begins at an address
 * @memory: the address space
 * @gpa: guest-physical address of a slot
 *
 * Return: the slot.
 */
const struct memory_area *memory_area_at(const struct memory *memory, uint64_t gpa);

/**
 * memory_clear() - zero the RAM
 * @memory: the address space
 */
void memory_clear(const struct memory *memory);

/**
 * memory_readonly_at() - name the read-only area that holds an address
 * @memory: the address space
 * @gpa: guest-physical address, any value
 *
 * Return: the area's name, or NULL.
 */
const char *memory_readonly_at(const struct memory *memory, uint64_t gpa);

#endif /* PARTVM_MEMORY_H */
