// SPDX-License-Identifier: GPL-2.0
#include "elf.h"

#include <gelf.h>
#include <stdbool.h>

#include "arch.h"
#include "error.h"
#include "report.h"

/* Far more than a linker makes; bounds the search for overlaps. */
#define SEGMENTS_MAX	64

/* Return: a sentence that says why this is no guest, or NULL. */
static const char *check_header(const GElf_Ehdr *header)
{
	if (header->e_ident[EI_CLASS] != ELFCLASS64)
		return "is a 32-bit ELF file; a guest is a 64-bit one";
	if (header->e_ident[EI_DATA] != ELFDATA2LSB)
		return "is a big-endian ELF file; a guest is little-endian";
	if (header->e_machine != arch_elf_machine)
		return "is an ELF file for another processor";
	if (header->e_type == ET_DYN)
		return "is position independent; link it with -static -no-pie";
	/* libelf takes its own size for granted. */
	if (header->e_phnum && header->e_phentsize != sizeof(Elf64_Phdr))
		return "has program headers of an unknown size";
	if (header->e_type != ET_EXEC)
		return "is not an executable; link it with -static -no-pie";
	return NULL;
}

static bool overlap(const GElf_Phdr *a, const GElf_Phdr *b)
{
	return a->p_paddr < b->p_paddr + b->p_memsz && b->p_paddr < a->p_paddr + a->p_memsz;
}

/* Return: a sentence that says why this segment cannot be loaded, or NULL. */
static const char *check_segment(const struct memory *memory, const struct image *image,
				 const GElf_Phdr *segment)
{
	if (segment->p_filesz > segment->p_memsz)
		return "is larger in the file than in memory";
	if (segment->p_offset > image->size ||
	    segment->p_filesz > image->size - segment->p_offset)
		return "lies beyond the end of the file; is it complete?";
	if (!memory_ram_at(memory, segment->p_paddr, segment->p_memsz))
		return "lies outside the guest's RAM; link it lower or give the guest more with --memory";
	return NULL;
}

static int load_segment(const struct memory *memory, const struct image *image, size_t index,
			const GElf_Phdr *segment)
{
	const char *why = check_segment(memory, image, segment);

	if (why) {
		report_error("%s: segment %zu (%#llx bytes at %#llx) %s", PS_SAFE(image->path), index,
			     (unsigned long long)segment->p_memsz,
			     (unsigned long long)segment->p_paddr, why);
		return -1;
	}
	if (image->keep)
		return 0;
	/* The rest of p_memsz is zero already: RAM is. */
	return image_read(image, segment->p_offset,
			  memory_ram_at(memory, segment->p_paddr, segment->p_memsz),
			  segment->p_filesz);
}

static int load_segments(const struct memory *memory, const struct image *image, Elf *elf,
			 size_t nr_headers, uint64_t entry)
{
	GElf_Phdr segment[SEGMENTS_MAX];
	bool entry_found = false;
	size_t nr = 0;

	for (size_t i = 0; i < nr_headers; i++) {
		GElf_Phdr *this = &segment[nr];

		if (!gelf_getphdr(elf, i, this)) {
			report_error("%s: program header %zu cannot be read: %s",
				     PS_SAFE(image->path), i, elf_errmsg(-1));
			return -1;
		}
		if (this->p_type == PT_INTERP) {
			report_error("%s: wants a dynamic loader; link it with -static",
				     PS_SAFE(image->path));
			return -1;
		}
		if (this->p_type != PT_LOAD || !this->p_memsz)
			continue;
		if (load_segment(memory, image, i, this))
			return -1;
		for (size_t j = 0; j < nr; j++)
			if (overlap(this, &segment[j])) {
				report_error("%s: segment %zu (%#llx bytes at %#llx) overlaps another one",
					     PS_SAFE(image->path), i,
					     (unsigned long long)this->p_memsz,
					     (unsigned long long)this->p_paddr);
				return -1;
			}
		if (entry >= this->p_paddr && entry - this->p_paddr < this->p_memsz)
			entry_found = true;
		if (++nr == SEGMENTS_MAX) {
			report_error("%s: has %u loadable segments or more", PS_SAFE(image->path),
				     SEGMENTS_MAX);
			return -1;
		}
	}
	if (!nr) {
		report_error("%s: has no loadable segment", PS_SAFE(image->path));
		return -1;
	}
	if (!entry_found) {
		report_error("%s: the entry point %#llx lies in no loaded segment",
			     PS_SAFE(image->path), (unsigned long long)entry);
		return -1;
	}
	return 0;
}

int elf_load(const struct memory *memory, const struct image *image, uint64_t *entry)
{
	size_t nr_headers = 0;
	GElf_Ehdr header;
	const char *why;
	int ret = -1;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(image->fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header)) {
		report_error("%s: begins as an ELF file, but its header is cut short or damaged",
			     PS_SAFE(image->path));
		goto out;
	}
	why = check_header(&header);
	if (why) {
		report_error("%s: %s", PS_SAFE(image->path), why);
		goto out;
	}
	if (elf_getphdrnum(elf, &nr_headers)) {
		report_error("%s: program headers cannot be read: %s", PS_SAFE(image->path),
			     elf_errmsg(-1));
		goto out;
	}
	*entry = header.e_entry;
	ret = load_segments(memory, image, elf, nr_headers, header.e_entry);
out:
	elf_end(elf);
	return ret;
}
