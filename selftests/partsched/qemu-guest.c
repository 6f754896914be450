// SPDX-License-Identifier: GPL-2.0
/*
 * qemu-guest - a guest of stock QEMU at its channels, for qemu-channel.sh
 *
 * Prints each message of its destination ("in TEXT") to QEMU's debug console,
 * writes it to its source, with "re " before it, and rings. Says "kick N" when the
 * destination's vector has come N times. Devices stand in fixed slots of bus 0; those of
 * ivshmem-doorbell may be missing.
 */
#include <linux/partsched_doorbell.h>
#include <linux/partsched_sampling.h>

#define SLOT_SOURCE		4
#define SLOT_DESTINATION	5
#define SLOT_RINGS		6
#define SLOT_HEARS		7

#define IVSHMEM			0x11101af4U
#define COMMAND			0x04
#define COMMAND_ON		0x06	/* memory, bus master */
#define BAR(n)			(0x10 + 4 * (n))
#define CAPABILITIES		0x34
#define MSIX			0x11
#define MSIX_ENABLE		0x80000000U
#define MSIX_MASK		0x40000000U

#define APIC			0xfee00000UL
#define APIC_SPURIOUS		0xf0
#define APIC_ENABLED		0x100
#define VECTOR			0x50

#define CODE_SEGMENT		8
#define INTERRUPT_GATE		0x8e00

#define MESSAGE			64
#define NEVER_MIND_NS		1

static void out8(unsigned short port, unsigned char value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void out32(unsigned short port, __u32 value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static __u32 in32(unsigned short port)
{
	__u32 value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void print(const char *text)
{
	while (*text)
		out8(0xe9, (unsigned char)*text++);
}

static __u32 config_read(int slot, int offset)
{
	out32(0xcf8, 0x80000000U | (__u32)slot << 11 | (__u32)offset);
	return in32(0xcfc);
}

static void config_write(int slot, int offset, __u32 value)
{
	out32(0xcf8, 0x80000000U | (__u32)slot << 11 | (__u32)offset);
	out32(0xcfc, value);
}

static void *bar(int slot, int number)
{
	return (void *)(unsigned long)(config_read(slot, BAR(number)) & ~0xfU);
}

static int is_there(int slot)
{
	if (config_read(slot, 0) != IVSHMEM)
		return 0;
	config_write(slot, COMMAND, COMMAND_ON);
	return 1;
}

static volatile __u32 *word(void *base, unsigned long offset)
{
	return (volatile __u32 *)((char *)base + offset);
}

/* The BAR is as large as the region, whatever that is. */
static int open_channel(int slot, struct partsched_channel_geometry *geometry)
{
	if (is_there(slot) && !partsched_channel_header_read(geometry, bar(slot, 2),
							     PARTSCHED_CHANNEL_REGION_MAX))
		return 1;
	print("no channel\n");
	return 0;
}

/* Whose kicks they are. */
static int open_doorbell(int slot)
{
	const struct partsched_doorbell *page;

	if (!is_there(slot))
		return 0;
	page = bar(slot, 2);
	if (page->magic != PARTSCHED_DOORBELL_MAGIC ||
	    page->version != PARTSCHED_DOORBELL_VERSION) {
		print("no doorbell\n");
		return 0;
	}
	print(page->destination ? "hears " : "rings ");
	print(page->name);
	print("\n");
	return 1;
}

struct gate {
	unsigned short low, segment, kind, middle;
	__u32 high, pad;
};

extern char kick_entry[];
volatile __u32 nr_kicks;
static struct gate gates[VECTOR + 1];

static void take_interrupts(void)
{
	const unsigned long entry = (unsigned long)kick_entry;
	struct {
		unsigned short limit;
		const void *base;
	} __attribute__((packed)) idt = { sizeof(gates) - 1, gates };

	gates[VECTOR].low = (unsigned short)entry;
	gates[VECTOR].segment = CODE_SEGMENT;
	gates[VECTOR].kind = INTERRUPT_GATE;
	gates[VECTOR].middle = (unsigned short)(entry >> 16);
	/* all others are those of the firmware's timer and keyboard */
	out8(0x21, 0xff);
	out8(0xa1, 0xff);
	__asm__ volatile("lidt %0; sti" : : "m"(idt) : "memory");
}

/* Vector 0 of the device becomes VECTOR. */
static void listen(int slot)
{
	int cap = (int)(config_read(slot, CAPABILITIES) & 0xff);
	volatile __u32 *entry;

	while (cap && (config_read(slot, cap) & 0xff) != MSIX)
		cap = (int)(config_read(slot, cap) >> 8 & 0xff);
	if (!cap) {
		print("no vectors\n");
		return;
	}
	*word((void *)APIC, APIC_SPURIOUS) = APIC_ENABLED | 0xff;
	entry = word(bar(slot, 1), config_read(slot, cap + 4) & ~7U);
	entry[0] = APIC;
	entry[1] = 0;
	entry[2] = VECTOR;
	entry[3] = 0;
	config_write(slot, cap, (config_read(slot, cap) & ~MSIX_MASK) | MSIX_ENABLE);
	take_interrupts();
}

void guest_main(void)
{
	struct partsched_channel_geometry source, destination;
	struct partsched_channel_end writer, reader;
	struct partsched_channel_message message;
	char text[4 + MESSAGE + 1] = "re ", kicks[] = "kick 0\n";
	__u32 kicked = 0;
	__u64 seen = 0;
	int rings;

	if (!open_channel(SLOT_SOURCE, &source) || !open_channel(SLOT_DESTINATION, &destination) ||
	    source.max_message < MESSAGE || destination.max_message > MESSAGE - 3)
		return;
	partsched_sampling_writer_init(&writer, &source, bar(SLOT_SOURCE, 2));
	partsched_sampling_reader_init(&reader, &destination, bar(SLOT_DESTINATION, 2));
	rings = open_doorbell(SLOT_RINGS);
	if (open_doorbell(SLOT_HEARS))
		listen(SLOT_HEARS);
	print("ready\n");
	for (;;) {
		if (kicked != nr_kicks) {
			kicked = nr_kicks;
			kicks[5] = (char)('0' + kicked % 10);
			print(kicks);
		}
		if (partsched_sampling_read(&reader, text + 3, NEVER_MIND_NS, &message) ||
		    message.number == seen)
			continue;
		seen = message.number;
		text[3 + message.length] = '\0';
		print("in ");
		print(text + 3);
		print("\n");
		partsched_sampling_write(&writer, text, 3 + message.length, NEVER_MIND_NS);
		if (rings)
			*word(bar(SLOT_RINGS, 0), PARTSCHED_DOORBELL_REGISTER) =
				PARTSCHED_DOORBELL_RING(1);
	}
}
