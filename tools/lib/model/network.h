/* SPDX-License-Identifier: GPL-2.0 */
/*
 * network - virtual networks, and the network interfaces that guests have in them
 */
#ifndef PS_NETWORK_H
#define PS_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a MAC address, and of its text with the NUL. */
#define PS_MAC_BYTES	6
#define PS_MAC_TEXT	18
/* Bytes of an interface's name, with the NUL (IFNAMSIZ). */
#define PS_INTERFACE_MAX 16
/* Network interfaces of a partition: a slot of the guest's bus each. */
#define PS_MAX_NICS	8

/**
 * struct ps_network - a virtual network: a bridge of the host, without the host
 * @name: of the network and of its bridge
 * @line: XML line
 */
struct ps_network {
	char *name;
	int line;
};

/**
 * struct ps_nic - a network interface of a partition's guest
 * @name: of the interface and of its end in the host; unique in the module
 * @network: name of the network that it is in
 * @mac: its address; as ps_nic_default_mac() has it unless @has_mac
 * @has_mac: the file gives it
 * @filter: from the guest come frames with this address only, and to it only
 *	frames for this address, and those for all
 * @broadcast: frames for all, or for many, come to the guest
 * @isolated: it and others that are so do not reach each other
 * @vhost: the host's kernel moves the frames, not QEMU
 * @line: XML line
 */
struct ps_nic {
	char *name;
	char *network;
	uint8_t mac[PS_MAC_BYTES];
	bool has_mac;
	bool filter;
	bool broadcast;
	bool isolated;
	bool vhost;
	int line;
};

/**
 * ps_network_free() - free what a network holds
 * @network: the network, not freed itself
 */
void ps_network_free(struct ps_network *network);

/**
 * ps_nic_free() - free what a network interface holds
 * @nic: the interface, not freed itself
 */
void ps_nic_free(struct ps_nic *nic);

/**
 * ps_nic_default_mac() - the address of an interface that is given none
 * @name: its name
 * @mac: receives it: locally administered, and always the same for this name
 */
void ps_nic_default_mac(const char *name, uint8_t mac[PS_MAC_BYTES]);

/**
 * ps_mac_text() - an address as text
 * @mac: the address
 * @text: receives it, "02:00:5e:10:00:01"
 *
 * Return: @text.
 */
char *ps_mac_text(const uint8_t mac[PS_MAC_BYTES], char text[PS_MAC_TEXT]);

/**
 * ps_mac_read() - the address that a text says
 * @text: six bytes in hexadecimal, two digits each, with colons between
 * @mac: receives it
 *
 * Return: what is wrong with it, to follow its name; NULL if it is the address of
 * one interface.
 */
const char *ps_mac_read(const char *text, uint8_t mac[PS_MAC_BYTES]);

/**
 * ps_interface_name_wrong() - what keeps a name from being that of an interface
 * @name: the name
 *
 * Return: what is wrong, to follow the name; NULL: nothing.
 */
const char *ps_interface_name_wrong(const char *name);

#endif /* PS_NETWORK_H */
