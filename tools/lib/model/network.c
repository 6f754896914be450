// SPDX-License-Identifier: GPL-2.0
/*
 * network - virtual networks, and the network interfaces that guests have in them
 */
#include "network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a */
#define HASH_START	0xcbf29ce484222325ULL
#define HASH_PRIME	0x100000001b3ULL

void ps_network_free(struct ps_network *network)
{
	free(network->name);
}

void ps_nic_free(struct ps_nic *nic)
{
	free(nic->name);
	free(nic->network);
}

void ps_nic_default_mac(const char *name, uint8_t mac[PS_MAC_BYTES])
{
	uint64_t sum = HASH_START;
	size_t i;

	for (; *name; name++)
		sum = (sum ^ (uint8_t)*name) * HASH_PRIME;
	/* all of its bits count */
	sum ^= sum >> 48;
	for (i = 0; i < PS_MAC_BYTES; i++)
		mac[i] = (uint8_t)(sum >> 8 * (PS_MAC_BYTES - 1 - i));
	/* of one interface, and of no vendor */
	mac[0] = (uint8_t)((mac[0] & ~0x01) | 0x02);
}

char *ps_mac_text(const uint8_t mac[PS_MAC_BYTES], char text[PS_MAC_TEXT])
{
	snprintf(text, PS_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	return text;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

const char *ps_mac_read(const char *text, uint8_t mac[PS_MAC_BYTES])
{
	static const uint8_t zero[PS_MAC_BYTES];
	uint8_t got[PS_MAC_BYTES];
	size_t i;

	for (i = 0; i < PS_MAC_BYTES; i++) {
		int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);

		if (low < 0 || text[2] != (i < PS_MAC_BYTES - 1 ? ':' : '\0'))
			return "is not six bytes in hexadecimal with colons between";
		got[i] = (uint8_t)(high << 4 | low);
		text += 3;
	}
	if (got[0] & 0x01)
		return "is that of a group of interfaces";
	if (!memcmp(got, zero, sizeof(zero)))
		return "is zero";
	memcpy(mac, got, sizeof(got));
	return NULL;
}

const char *ps_interface_name_wrong(const char *name)
{
	/* the last two are what the kernel calls its settings for all interfaces */
	static const char *const taken[] = { ".", "..", "lo", "all", "default" };
	const char *s;
	size_t i;

	if (!*name)
		return "is empty";
	if (strlen(name) >= PS_INTERFACE_MAX)
		return "is longer than 15 bytes";
	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (!strcmp(name, taken[i]))
			return "is a name that the kernel keeps for itself";
	}
	for (s = name; *s; s++) {
		if (*s <= ' ' || *s > '~' || strchr("/:%", *s))
			return "has a character other than letters, digits and signs, or one of /:%";
	}
	return NULL;
}
