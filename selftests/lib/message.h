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
 */
struct answer {
	int err;
	char text[256];
	unsigned int attr;
	uint32_t generation;
	bool unchanged;
};

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

#endif /* TEST_MESSAGE_H */
