// SPDX-License-Identifier: GPL-2.0
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/partsched_guest.h>

#include "elf.h"
#include "error.h"
#include "report.h"

int image_read(const struct image *image, uint64_t offset, void *to, uint64_t size)
{
	uint8_t *at = to;
	ssize_t ret;

	while (size) {
		ret = pread(image->fd, at, size, offset);
		if (ret < 0 && errno == EINTR)
			continue;
		if (ret < 0) {
			report_error("%s: cannot read: %s", PS_SAFE(image->path), strerror(errno));
			return -1;
		}
		if (!ret) {
			report_error("%s: ends at byte %llu, too early; is it complete?",
				     PS_SAFE(image->path), (unsigned long long)offset);
			return -1;
		}
		at += ret;
		offset += ret;
		size -= ret;
	}
	return 0;
}

/* O_NONBLOCK: a FIFO at this path must not hold us up before it is refused. */
static int open_image(struct image *image, const char *path)
{
	struct stat st;

	image->path = path;
	image->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (image->fd < 0) {
		report_error("%s: cannot open: %s", PS_SAFE(path), strerror(errno));
		return -1;
	}
	if (fstat(image->fd, &st)) {
		report_error("%s: cannot stat: %s", PS_SAFE(path), strerror(errno));
		goto out_close;
	}
	if (!S_ISREG(st.st_mode)) {
		report_error("%s: is %s, not a guest image", PS_SAFE(path),
			     S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
		goto out_close;
	}
	if (!st.st_size) {
		report_error("%s: is empty, not a guest image", PS_SAFE(path));
		goto out_close;
	}
	image->size = st.st_size;
	return 0;

out_close:
	close(image->fd);
	return -1;
}

static int load_flat(const struct memory *memory, const struct image *image, uint32_t nr_vcpus,
		     uint64_t *entry)
{
	uint64_t stacks = PARTSCHED_GUEST_STACK_TOP - nr_vcpus * PARTSCHED_GUEST_STACK_SIZE;
	void *to = memory_ram_at(memory, 0, image->size);

	if (!to) {
		report_error("%s: a flat image of %llu bytes does not fit into the %llu bytes of RAM at address 0; %s",
			     PS_SAFE(image->path), (unsigned long long)image->size,
			     (unsigned long long)memory->ram_low,
			     image->size <= PARTSCHED_GUEST_RAM_LOW_END ?
			     "give the guest more with --memory" :
			     "16 MiB is the most there can be: is it a guest image?");
		return -1;
	}
	if (image->size > stacks)
		report_warning("%s: the image covers the stacks of its vCPUs (from %#llx)",
			       PS_SAFE(image->path), (unsigned long long)stacks);
	*entry = 0;
	return image->keep ? 0 : image_read(image, 0, to, image->size);
}

int image_load(const struct memory *memory, const char *path, uint32_t nr_vcpus, bool keep,
	       uint64_t *entry)
{
	struct image image = { .keep = keep };
	char magic[4] = "";
	int ret;

	if (open_image(&image, path))
		return -1;
	ret = image_read(&image, 0, magic,
			 image.size < sizeof(magic) ? image.size : sizeof(magic));
	if (!ret)
		ret = !memcmp(magic, "\177ELF", sizeof(magic)) ?
		      elf_load(memory, &image, entry) :
		      load_flat(memory, &image, nr_vcpus, entry);
	close(image.fd);
	return ret;
}
