// SPDX-License-Identifier: GPL-2.0
#include "message.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/partsched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_ATTRIBUTE	(NLMSG_HDRLEN + GENL_HDRLEN)

static struct nlmsghdr *header(struct message *message)
{
	return (struct nlmsghdr *)message->bytes;
}

void message_begin(struct message *message, uint16_t family, uint8_t command, uint16_t flags)
{
	struct genlmsghdr *genl;

	memset(message, 0, sizeof(*message));
	header(message)->nlmsg_type = family;
	header(message)->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	header(message)->nlmsg_seq = 1;
	genl = (struct genlmsghdr *)(message->bytes + NLMSG_HDRLEN);
	genl->cmd = command;
	genl->version = 1;
	message->len = FIRST_ATTRIBUTE;
}

void message_put(struct message *message, uint16_t type, const void *data, size_t size)
{
	struct nlattr attr = { .nla_len = NLA_HDRLEN + size, .nla_type = type };

	if (message->len + NLA_HDRLEN + NLA_ALIGN(size) > MESSAGE_MAX)
		return;
	memcpy(message->bytes + message->len, &attr, sizeof(attr));
	if (size)
		memcpy(message->bytes + message->len + NLA_HDRLEN, data, size);
	message->len += NLA_HDRLEN + NLA_ALIGN(size);
}

void message_string(struct message *message, uint16_t type, const char *text)
{
	message_put(message, type, text, strlen(text) + 1);
}

/* Call @found for each attribute in @len bytes at @at. */
static void each(const uint8_t *at, size_t len, struct answer *answer,
		 void (*found)(struct answer *answer, const struct nlattr *attr,
			       const uint8_t *data))
{
	struct nlattr attr;

	while (len >= (size_t)NLA_HDRLEN) {
		memcpy(&attr, at, sizeof(attr));
		if (attr.nla_len < NLA_HDRLEN || attr.nla_len > len)
			return;
		found(answer, &attr, at + NLA_HDRLEN);
		if ((size_t)NLA_ALIGN(attr.nla_len) >= len)
			return;
		at += NLA_ALIGN(attr.nla_len);
		len -= NLA_ALIGN(attr.nla_len);
	}
}

static void take_data(struct answer *answer, const struct nlattr *attr, const uint8_t *data)
{
	uint32_t *number = NULL;

	switch (attr->nla_type) {
	case PARTSCHED_A_GENERATION:
		number = &answer->generation;
		break;
	case PARTSCHED_A_MODE:
		number = &answer->mode;
		break;
	case PARTSCHED_A_ERROR_ID:
		number = &answer->error_id;
		break;
	case PARTSCHED_A_ERROR_LEVEL:
		number = &answer->error_level;
		break;
	case PARTSCHED_A_HM_ACTION:
		number = &answer->hm_action;
		break;
	case PARTSCHED_A_UNCHANGED:
		answer->unchanged = true;
		break;
	case PARTSCHED_A_NO_ACTION:
		answer->no_action = true;
		break;
	}
	if (number)
		memcpy(number, data, sizeof(*number));
}

/* Until the attribute is known, @attr holds its offset in the request. */
static void take_extack(struct answer *answer, const struct nlattr *attr, const uint8_t *data)
{
	size_t size = attr->nla_len - NLA_HDRLEN;

	switch (attr->nla_type & NLA_TYPE_MASK) {
	case NLMSGERR_ATTR_MSG:
		if (size >= sizeof(answer->text))
			size = sizeof(answer->text) - 1;
		memcpy(answer->text, data, size);
		answer->text[size] = '\0';
		break;
	case NLMSGERR_ATTR_OFFS:
		memcpy(&answer->attr, data, sizeof(answer->attr));
		break;
	}
}

static void read_error(const struct nlmsghdr *nlh, const struct message *message,
		       struct answer *answer)
{
	const struct nlmsgerr *error = (const void *)((const uint8_t *)nlh + NLMSG_HDRLEN);
	size_t skip = NLMSG_HDRLEN + sizeof(*error);
	struct nlattr attr;

	answer->err = -error->error;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(error->msg.nlmsg_len - NLMSG_HDRLEN);
	if (skip < nlh->nlmsg_len)
		each((const uint8_t *)nlh + skip, nlh->nlmsg_len - skip, answer, take_extack);
	if (answer->attr + sizeof(attr) <= message->len && answer->attr) {
		memcpy(&attr, message->bytes + answer->attr, sizeof(attr));
		answer->attr = attr.nla_type & NLA_TYPE_MASK;
	}
}

int message_send(int fd, struct message *message, struct answer *answer)
{
	uint8_t bytes[32768] __attribute__((aligned(8)));
	ssize_t len;

	memset(answer, 0, sizeof(*answer));
	header(message)->nlmsg_len = message->len;
	if (send(fd, message->bytes, message->len, 0) < 0) {
		answer->err = errno;
		return -1;
	}
	while ((len = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		const struct nlmsghdr *nlh = (const void *)bytes;

		for (size_t left = len; left >= (size_t)NLMSG_HDRLEN && nlh->nlmsg_len <= left &&
		     nlh->nlmsg_len >= (unsigned int)NLMSG_HDRLEN;) {
			size_t step = NLMSG_ALIGN(nlh->nlmsg_len);

			if (nlh->nlmsg_type == NLMSG_ERROR) {
				read_error(nlh, message, answer);
				return 0;
			}
			if (nlh->nlmsg_type == NLMSG_DONE)
				return 0;
			if (nlh->nlmsg_len > (unsigned int)FIRST_ATTRIBUTE)
				each((const uint8_t *)nlh + FIRST_ATTRIBUTE,
				     nlh->nlmsg_len - FIRST_ATTRIBUTE, answer, take_data);
			if (step >= left)
				break;
			left -= step;
			nlh = (const void *)((const uint8_t *)nlh + step);
		}
	}
	answer->err = len < 0 ? errno : EIO;
	return -1;
}

static void take_family(struct answer *answer, const struct nlattr *attr, const uint8_t *data)
{
	uint16_t id;

	if (attr->nla_type != CTRL_ATTR_FAMILY_ID)
		return;
	memcpy(&id, data, sizeof(id));
	answer->attr = id;
}

int message_socket(uint16_t *family)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC), one = 1;
	uint8_t bytes[8192] __attribute__((aligned(8)));
	struct timeval patience = { .tv_sec = 60 };
	struct answer answer = { 0 };
	struct message message;
	ssize_t len;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	message_begin(&message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	message_string(&message, CTRL_ATTR_FAMILY_NAME, PARTSCHED_GENL_NAME);
	header(&message)->nlmsg_len = message.len;
	/* first the family, then the acknowledgement */
	if (send(fd, message.bytes, message.len, 0) < 0 ||
	    (len = recv(fd, bytes, sizeof(bytes), 0)) <= (ssize_t)FIRST_ATTRIBUTE ||
	    ((struct nlmsghdr *)bytes)->nlmsg_type != GENL_ID_CTRL) {
		close(fd);
		return -1;
	}
	each(bytes + FIRST_ATTRIBUTE, len - FIRST_ATTRIBUTE, &answer, take_family);
	*family = answer.attr;
	recv(fd, bytes, sizeof(bytes), 0);
	return fd;
}

uint32_t message_get_u32(const struct nlattr *const *attrs, uint16_t type)
{
	uint32_t value = 0;

	if (attrs[type])
		memcpy(&value, (const uint8_t *)attrs[type] + NLA_HDRLEN, sizeof(value));
	return value;
}

uint64_t message_get_u64(const struct nlattr *const *attrs, uint16_t type)
{
	uint64_t value = 0;

	if (attrs[type])
		memcpy(&value, (const uint8_t *)attrs[type] + NLA_HDRLEN, sizeof(value));
	return value;
}

const char *message_get_string(const struct nlattr *const *attrs, uint16_t type)
{
	return attrs[type] ? (const char *)attrs[type] + NLA_HDRLEN : "";
}

/* An object's attributes by number. */
static void sort(const struct nlmsghdr *nlh, const struct nlattr **attrs)
{
	const uint8_t *at = (const uint8_t *)nlh + FIRST_ATTRIBUTE;
	size_t len = nlh->nlmsg_len - FIRST_ATTRIBUTE;

	memset(attrs, 0, (PARTSCHED_A_MAX + 1) * sizeof(*attrs));
	while (len >= (size_t)NLA_HDRLEN) {
		const struct nlattr *attr = (const void *)at;

		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > len)
			return;
		if ((attr->nla_type & NLA_TYPE_MASK) <= PARTSCHED_A_MAX)
			attrs[attr->nla_type & NLA_TYPE_MASK] = attr;
		if ((size_t)NLA_ALIGN(attr->nla_len) >= len)
			return;
		at += NLA_ALIGN(attr->nla_len);
		len -= NLA_ALIGN(attr->nla_len);
	}
}

/* Read objects until one says that it is enough, or there are no more. */
static int read_objects(int fd, message_found found, void *arg)
{
	uint8_t bytes[65536] __attribute__((aligned(8)));
	const struct nlattr *attrs[PARTSCHED_A_MAX + 1];
	ssize_t len;

	while ((len = recv(fd, bytes, sizeof(bytes), 0)) > 0 || (len < 0 && errno == ENOBUFS)) {
		const struct nlmsghdr *nlh = (const void *)bytes;
		size_t left = len > 0 ? (size_t)len : 0;

		while (left >= (size_t)NLMSG_HDRLEN && nlh->nlmsg_len <= left) {
			size_t step = NLMSG_ALIGN(nlh->nlmsg_len);

			if (nlh->nlmsg_type == NLMSG_DONE)
				return 0;
			if (nlh->nlmsg_type == NLMSG_ERROR)
				return -((const struct nlmsgerr *)
					 ((const uint8_t *)nlh + NLMSG_HDRLEN))->error;
			sort(nlh, attrs);
			if (!found(attrs, arg))
				return 0;
			if (step >= left)
				break;
			left -= step;
			nlh = (const void *)((const uint8_t *)nlh + step);
		}
	}
	return len < 0 ? errno : EIO;
}

int message_dump(int fd, uint16_t family, uint8_t command, message_found found, void *arg)
{
	struct message message;

	message_begin(&message, family, command, NLM_F_DUMP);
	header(&message)->nlmsg_len = message.len;
	if (send(fd, message.bytes, message.len, 0) < 0)
		return errno;
	return read_objects(fd, found, arg);
}

/* The one group that the family has: an attribute of a nest in a nest. */
static void take_group(struct answer *answer, const struct nlattr *attr, const uint8_t *data)
{
	switch (attr->nla_type & NLA_TYPE_MASK) {
	case CTRL_ATTR_MCAST_GRP_ID:
		memcpy(&answer->mode, data, sizeof(answer->mode));
		break;
	}
}

static void take_groups(struct answer *answer, const struct nlattr *attr, const uint8_t *data)
{
	each(data, attr->nla_len - NLA_HDRLEN, answer, take_group);
}

static void find_groups(struct answer *answer, const struct nlattr *attr, const uint8_t *data)
{
	if ((attr->nla_type & NLA_TYPE_MASK) == CTRL_ATTR_MCAST_GROUPS)
		each(data, attr->nla_len - NLA_HDRLEN, answer, take_groups);
}

int message_listen(void)
{
	uint8_t bytes[8192] __attribute__((aligned(8)));
	struct answer answer = { 0 };
	struct message message;
	uint16_t family;
	int fd = message_socket(&family), size = 1 << 20;
	ssize_t len;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	message_begin(&message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	message_string(&message, CTRL_ATTR_FAMILY_NAME, PARTSCHED_GENL_NAME);
	header(&message)->nlmsg_len = message.len;
	if (send(fd, message.bytes, message.len, 0) < 0 ||
	    (len = recv(fd, bytes, sizeof(bytes), 0)) <= (ssize_t)FIRST_ATTRIBUTE)
		goto fail;
	each(bytes + FIRST_ATTRIBUTE, len - FIRST_ATTRIBUTE, &answer, find_groups);
	recv(fd, bytes, sizeof(bytes), 0);
	if (!answer.mode || setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &answer.mode,
				       sizeof(answer.mode)))
		goto fail;
	return fd;

fail:
	close(fd);
	return -1;
}

int message_event(int fd, message_found found, void *arg)
{
	return read_objects(fd, found, arg);
}
