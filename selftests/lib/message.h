/* SPDX-License-Identifier: GPL-2.0 */
/*
 * message - generic netlink messages byte by byte, right ones and wrong ones
 *
 * The tools' library cannot be made to send what it should not.
 */
#ifndef TEST_MESSAGE_H
#define TEST_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGE_MAX	4096

struct nlattr;

/**
 * struct message - a request to the family
 * @bytes: as it goes out
 * @len: how long
 */
struct message {
	uint8_t bytes[MESSAGE_MAX] __attribute__((aligned(8)));
	size_t len;
};

/**
 * struct answer - what came back
 * @err: positive errno, 0: acknowledged
 * @text: the extended acknowledgement's sentence, "" for none
 * @attr: type of the attribute that it points at, 0 for none
 * @generation: PARTSCHED_A_GENERATION of the answer before it
 * @unchanged: whether PARTSCHED_A_UNCHANGED was in it
 * @no_action: likewise PARTSCHED_A_NO_ACTION
 * @mode: PARTSCHED_A_MODE
 * @error_id: PARTSCHED_A_ERROR_ID
 * @error_level: PARTSCHED_A_ERROR_LEVEL
 * @hm_action: PARTSCHED_A_HM_ACTION
 */
struct answer {
	int err;
	char text[256];
	unsigned int attr;
	uint32_t generation;
	bool unchanged;
	bool no_action;
	uint32_t mode;
	uint32_t error_id;
	uint32_t error_level;
	uint32_t hm_action;
};

/**
 * typedef message_found - an object of a dump, or an event
 * @attrs: its attributes by number, NULL where there is none
 * @arg: the caller's
 *
 * Return: whether to go on.
 */
typedef bool (*message_found)(const struct nlattr *const *attrs, void *arg);

/**
 * message_get_u32() - a number of an object
 * @attrs: its attributes
 * @type: PARTSCHED_A_*
 *
 * Return: the number, 0 where there is none.
 */
uint32_t message_get_u32(const struct nlattr *const *attrs, uint16_t type);

/* The same of 64 bits. */
uint64_t message_get_u64(const struct nlattr *const *attrs, uint16_t type);

/**
 * message_get_string() - a string of an object
 * @attrs: its attributes
 * @type: PARTSCHED_A_*
 *
 * Return: the string, "" where there is none.
 */
const char *message_get_string(const struct nlattr *const *attrs, uint16_t type);

/**
 * message_socket() - a generic netlink socket with extended acknowledgements
 * @family: receives the family's number
 *
 * Return: the socket, or -1 when it or the family is not there.
 */
int message_socket(uint16_t *family);

/**
 * message_begin() - begin a request
 * @message: filled in
 * @family: number
 * @command: PARTSCHED_CMD_*
 * @flags: besides NLM_F_REQUEST | NLM_F_ACK
 */
void message_begin(struct message *message, uint16_t family, uint8_t command, uint16_t flags);

/**
 * message_put() - add an attribute
 * @message: the request
 * @type: PARTSCHED_A_*
 * @data: payload
 * @size: its bytes
 */
void message_put(struct message *message, uint16_t type, const void *data, size_t size);

static inline void message_u32(struct message *message, uint16_t type, uint32_t value)
{
	message_put(message, type, &value, sizeof(value));
}

static inline void message_u64(struct message *message, uint16_t type, uint64_t value)
{
	message_put(message, type, &value, sizeof(value));
}

static inline void message_flag(struct message *message, uint16_t type)
{
	message_put(message, type, NULL, 0);
}

/**
 * message_string() - add a string with its NUL
 * @message: the request
 * @type: PARTSCHED_A_*
 * @text: the string
 */
void message_string(struct message *message, uint16_t type, const char *text);

/**
 * message_send() - send it as it is and read the answer
 * @fd: socket
 * @message: the request; its length in the header is set
 * @answer: filled in
 *
 * Return: 0, or -1 when the kernel gave none.
 */
int message_send(int fd, struct message *message, struct answer *answer);

/**
 * message_dump() - ask for a dump
 * @fd: socket
 * @family: number
 * @command: PARTSCHED_CMD_GET_*
 * @found: called for each object
 * @arg: for it
 *
 * Return: 0, or a positive errno.
 */
int message_dump(int fd, uint16_t family, uint8_t command, message_found found, void *arg);

/**
 * message_listen() - a socket that hears the family's events
 *
 * Return: the socket, or -1.
 */
int message_listen(void);

/**
 * message_event() - wait for an event
 * @fd: from message_listen()
 * @found: called for each; false ends the wait
 * @arg: for it
 *
 * Return: 0 when @found has found it, else a positive errno, as after a minute
 * without events.
 */
int message_event(int fd, message_found found, void *arg);

#endif /* TEST_MESSAGE_H */
