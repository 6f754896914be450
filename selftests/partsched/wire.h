/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wire - a fixture that speaks to the family byte by byte
 */
#ifndef TEST_WIRE_H
#define TEST_WIRE_H

#include "message.h"
#include "partsched.h"

FIXTURE(wire) {
	struct ps_kernel *kernel;
	struct ps_error error;
	int fd;
	uint16_t family;
	struct message message;
	struct answer answer;
};

FIXTURE_SETUP(wire)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->fd = message_socket(&self->family);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(wire)
{
	close(self->fd);
	EXPECT_TRUE(session_close(self->kernel));
}

#define BEGIN(_command)	message_begin(&self->message, self->family, PARTSCHED_CMD_##_command, 0)
#define U32(_attr, _value)	message_u32(&self->message, PARTSCHED_A_##_attr, _value)
#define U64(_attr, _value)	message_u64(&self->message, PARTSCHED_A_##_attr, _value)
#define STRING(_attr, _text)	message_string(&self->message, PARTSCHED_A_##_attr, _text)
#define SEND(_err) do {							\
	ASSERT_EQ(0, message_send(self->fd, &self->message, &self->answer)) \
	{ TH_LOG("no answer: %s", strerror(self->answer.err)); }	\
	EXPECT_EQ(_err, self->answer.err) { TH_LOG("%s", self->answer.text); }	\
} while (0)

#endif /* TEST_WIRE_H */
