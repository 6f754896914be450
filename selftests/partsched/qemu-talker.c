// SPDX-License-Identifier: GPL-2.0
/*
 * qemu-talker - a guest of stock QEMU that does as it is told on its serial line
 *
 * Says "life N" when it starts: how often it has, as far as its memory knows.
 * Then each byte that it reads is said again, and is a command if it is one:
 *
 *   r  resets the machine          p  tells of a panic
 *   s  switches the machine off    t  faults three times
 *   c  says how often it has waited for a byte
 *   a  starts the second vCPU      u  has it unplugged
 *   w  from now on has it unplugged when the machine asks for it, and starts the
 *      one that is plugged
 *
 * With "lives=N" as its command line it resets the machine at once until its Nth
 * life.
 *
 * The machine is a q35.
 */
#include <linux/types.h>

#define LINE		0x3f8	/* 16550 */
#define LINE_STATUS	(LINE + 5)
#define STATUS_READ	0x01
#define STATUS_WRITE	0x20
#define RESET		0xcf9
#define PVPANIC		0x505
#define POWER		0x604	/* PM1a_CNT as SeaBIOS has it on a q35 */
#define POWER_OFF	0x2000	/* SLP_EN, type 0 */
#define CPU_HOTPLUG	0xcd8
#define CPU_FLAGS	(CPU_HOTPLUG + 4)
#define CPU_CAME	0x02
#define CPU_IS_TO_GO	0x04
#define CPU_EJECT	0x08

#define APIC_COMMAND	0xfee00300UL
#define APIC_TARGET	0xfee00310UL
#define APIC_INIT	0x4500
#define APIC_START	0x4600

/* Memory that neither the firmware nor the image is loaded to. */
#define MEMORY		((volatile struct memory *)0x2000000UL)
#define MAGIC		0x74616c6b65722121UL
/* Where the second vCPU begins, in real mode; below 1 MiB, page-aligned. */
#define TRAMPOLINE	0x8000UL

struct memory {
	__u64 magic;
	__u64 lives;
};

/* of the start code, whose interrupts are not used here */
__u32 nr_kicks;

static void out8(unsigned short port, unsigned char value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void out16(unsigned short port, unsigned short value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static void out32(unsigned short port, __u32 value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static unsigned char in8(unsigned short port)
{
	unsigned char value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* Not an exit of the guest's each time: QEMU would do nothing else. */
static void rest(void)
{
	int i;

	for (i = 0; i < 20000; i++)
		__asm__ volatile("" : : : "memory");
}

static void put(char c)
{
	while (!(in8(LINE_STATUS) & STATUS_WRITE))
		rest();
	out8(LINE, (unsigned char)c);
}

static void print(const char *text)
{
	while (*text)
		put(*text++);
}

static void print_number(const char *what, __u64 value)
{
	char digits[21], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	print(what);
	print(at);
	print("\n");
}

static void fault(void)
{
	static const struct {
		unsigned short limit;
		const void *base;
	} __attribute__((packed)) none = { 0, 0 };

	__asm__ volatile("lidt %0; int3" : : "m"(none));
}

static void start_second(void)
{
	static const unsigned char sleep[] = { 0xfa, 0xf4, 0xeb, 0xfd };	/* cli; hlt; again */
	volatile unsigned char *to = (volatile unsigned char *)TRAMPOLINE;
	unsigned int i;

	for (i = 0; i < sizeof(sleep); i++)
		to[i] = sleep[i];
	*(volatile __u32 *)APIC_TARGET = 1U << 24;
	*(volatile __u32 *)APIC_COMMAND = APIC_INIT;
	for (i = 0; i < 1000; i++)
		rest();
	*(volatile __u32 *)APIC_TARGET = 1U << 24;
	*(volatile __u32 *)APIC_COMMAND = APIC_START | TRAMPOLINE >> 12;
}

static void select_second(void)
{
	out8(CPU_HOTPLUG, 0);		/* from the old interface to the present one */
	out32(CPU_HOTPLUG, 1);
}

static void unplug_second(void)
{
	select_second();
	out8(CPU_FLAGS, CPU_EJECT);
}

/* What a system does when its firmware's tables tell it to. */
static void follow_second(void)
{
	unsigned char flags = in8(CPU_FLAGS);

	if (flags & CPU_IS_TO_GO) {
		/* first, or the next one in its place is to go, too, before it is there */
		out8(CPU_FLAGS, CPU_IS_TO_GO);
		out8(CPU_FLAGS, CPU_EJECT);
	} else if (flags & CPU_CAME) {
		out8(CPU_FLAGS, CPU_CAME);
		start_second();
	}
}

static int follows;

static void obey(char command, __u64 waited)
{
	switch (command) {
	case 'r':
		out8(RESET, 0x06);
		break;
	case 'p':
		out8(PVPANIC, 0x01);
		break;
	case 's':
		out16(POWER, POWER_OFF);
		break;
	case 't':
		fault();
		break;
	case 'c':
		print_number("\nwaited ", waited);
		break;
	case 'a':
		start_second();
		break;
	case 'u':
		unplug_second();
		break;
	case 'w':
		select_second();
		follows = 1;
		break;
	}
}

/*
 * How many lives it is to have. Multiboot: the command line's address is at 16, if
 * bit 2 of the flags says so; it begins with the image's name.
 */
static __u64 lives_wanted(const __u32 *info)
{
	const char *at = info[0] & 4 ? (const char *)(unsigned long)info[4] : "", *name = " lives=";
	__u64 lives = 0;

	while (*name && *at)
		name = *at++ == *name ? name + 1 : " lives=";
	for (; *at >= '0' && *at <= '9'; at++)
		lives = lives * 10 + (__u64)(*at - '0');
	return *name ? 0 : lives;
}

void guest_main(const __u32 *info)
{
	__u64 waited = 0;

	if (MEMORY->magic != MAGIC) {
		MEMORY->magic = MAGIC;
		MEMORY->lives = 0;
	}
	print_number("life ", ++MEMORY->lives);
	if (MEMORY->lives < lives_wanted(info))
		out8(RESET, 0x06);
	for (;;) {
		char c;

		while (!(in8(LINE_STATUS) & STATUS_READ)) {
			waited++;
			rest();
			if (follows)
				follow_second();
		}
		c = (char)in8(LINE);
		put(c);
		obey(c, waited);
	}
}
