// SPDX-License-Identifier: GPL-2.0
/*
 * kernel - connection to the module, requests and their acknowledgements
 *
 * libnl 3.7 gives no access to extended acknowledgements: they are asked for by
 * socket option and read from the raw message here.
 */
#include "kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cap-ng.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "kernel-priv.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

/* State of one request; the libnl callbacks get it as their argument. */
struct request {
	const struct nlmsghdr *sent;
	ps_parse_fn parse;
	void *parse_arg;
	bool finished;
	bool parse_failed;
	bool interrupted;		/* a dump that changed under way */
	int err;			/* positive errno of the refusal */
	char sentence[256];		/* the kernel's own words, escaped */
	unsigned int attr;		/* attribute at fault */
	bool attr_missing;
};

uint32_t ps_get_u32(struct nlattr **tb, int attr)
{
	return tb[attr] && nla_len(tb[attr]) >= 4 ? nla_get_u32(tb[attr]) : 0;
}

uint64_t ps_get_u64(struct nlattr **tb, int attr)
{
	return tb[attr] && nla_len(tb[attr]) >= 8 ? nla_get_u64(tb[attr]) : 0;
}

void ps_get_str(struct nlattr **tb, int attr, char *buf, size_t size)
{
	buf[0] = '\0';
	if (tb[attr])
		nla_strlcpy(buf, tb[attr], size);
}

/* Which attribute of the request, at any depth, begins at @offset? */
static unsigned int attr_at(const struct nlmsghdr *sent, uint32_t offset)
{
	const char *base = (const char *)sent;
	uint32_t end = sent->nlmsg_len, at = NLMSG_HDRLEN + GENL_HDRLEN;

	while (at + NLA_HDRLEN <= end) {
		struct nlattr nla;

		memcpy(&nla, base + at, sizeof(nla));
		if (at == offset)
			return nla.nla_type & NLA_TYPE_MASK;
		if (nla.nla_len < NLA_HDRLEN)
			break;
		at += (uint32_t)NLA_ALIGN(nla.nla_len);
	}
	return 0;
}

/* Read the attributes that follow an acknowledgement: @tlv, @len bytes. */
static void read_extack(struct request *req, const char *tlv, size_t len)
{
	while (len >= NLA_HDRLEN) {
		struct nlattr nla;
		size_t payload, step;
		uint32_t value;

		memcpy(&nla, tlv, sizeof(nla));
		if (nla.nla_len < NLA_HDRLEN || nla.nla_len > len)
			return;
		payload = nla.nla_len - NLA_HDRLEN;
		switch (nla.nla_type & NLA_TYPE_MASK) {
		case NLMSGERR_ATTR_MSG: {
			char raw[sizeof(req->sentence)];

			if (payload >= sizeof(raw))
				payload = sizeof(raw) - 1;
			memcpy(raw, tlv + NLA_HDRLEN, payload);
			raw[payload] = '\0';
			ps_escape(req->sentence, sizeof(req->sentence), raw);
			break;
		}
		case NLMSGERR_ATTR_OFFS:
			if (payload < sizeof(value))
				break;
			memcpy(&value, tlv + NLA_HDRLEN, sizeof(value));
			req->attr = attr_at(req->sent, value);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			if (payload < sizeof(value))
				break;
			memcpy(&value, tlv + NLA_HDRLEN, sizeof(value));
			req->attr = value;
			req->attr_missing = true;
			break;
		}
		step = NLA_ALIGN(nla.nla_len);
		if (step >= len)
			return;
		tlv += step;
		len -= step;
	}
}

/* An acknowledgement or a refusal: an NLMSG_ERROR message. */
static void read_ack(struct request *req, const struct nlmsghdr *nlh)
{
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	const struct nlmsgerr *ack = (const void *)((const char *)nlh + NLMSG_HDRLEN);
	const char *tlv = (const char *)(ack + 1);

	req->finished = true;
	req->err = -ack->error;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && ack->msg.nlmsg_len > NLMSG_HDRLEN)
		tlv += NLMSG_ALIGN(ack->msg.nlmsg_len - NLMSG_HDRLEN);
	if (tlv < end)
		read_extack(req, tlv, (size_t)(end - tlv));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *ack, void *arg)
{
	(void)from;
	read_ack(arg, (const void *)((const char *)ack - NLMSG_HDRLEN));
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	read_ack(arg, nlmsg_hdr(msg));
	return NL_STOP;
}

/* The end of a dump carries an error of its own, and an extack. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct request *req = arg;
	int value = 0;

	req->finished = true;
	if (nlmsg_datalen(nlh) >= (int)sizeof(value))
		memcpy(&value, nlmsg_data(nlh), sizeof(value));
	req->err = value < 0 ? -value : 0;
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS) {
		size_t skip = NLMSG_ALIGN(sizeof(value));
		size_t len = (size_t)nlmsg_datalen(nlh);

		if (len > skip)
			read_extack(req, (const char *)nlmsg_data(nlh) + skip, len - skip);
	}
	return NL_STOP;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[PARTSCHED_A_MAX + 1];
	struct request *req = arg;

	if (req->parse && !req->parse_failed) {
		if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, PARTSCHED_A_MAX, NULL) < 0 ||
		    req->parse(tb, req->parse_arg))
			req->parse_failed = true;
	}
	return NL_OK;
}

static int on_interrupted(struct nl_msg *msg, void *arg)
{
	struct request *req = arg;

	(void)msg;
	req->interrupted = true;
	return NL_OK;
}

struct nl_msg *ps_request_new(struct ps_kernel *kernel, int cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, kernel->family, 0,
				flags | NLM_F_REQUEST | NLM_F_ACK, (uint8_t)cmd,
				PARTSCHED_GENL_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* Which of the capabilities that a change needs does this process lack? */
static const char *missing_capability(void)
{
	bool net, nice;

	if (capng_get_caps_process())
		return "CAP_NET_ADMIN and CAP_SYS_NICE";
	net = capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN);
	nice = capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_NICE);
	if (!net && !nice)
		return "CAP_NET_ADMIN and CAP_SYS_NICE";
	if (!net)
		return "CAP_NET_ADMIN";
	return nice ? NULL : "CAP_SYS_NICE";
}

/* Turn a refusal into a sentence. */
static int refused(const struct request *req, const char *what, struct ps_error *error)
{
	const char *attr = ps_attr_name(req->attr);
	char said[400];

	if (req->sentence[0])
		snprintf(said, sizeof(said), "%s", req->sentence);
	else
		snprintf(said, sizeof(said), "%s", strerror(req->err));
	if (attr)
		snprintf(said + strlen(said), sizeof(said) - strlen(said), " (attribute %s%s)",
			 attr, req->attr_missing ? " is missing" : "");

	if (req->err == EPERM || req->err == EACCES) {
		const char *lacks = missing_capability();

		ps_fail(error, PS_EXIT_PERMISSION, req->err, "%s: not permitted: %s; %s%s", what,
			said, lacks ? "this process lacks " :
			"the kernel wants these rights in the initial user namespace",
			lacks ? lacks : "");
	} else {
		ps_fail(error, PS_EXIT_REFUSED, req->err, "%s: the kernel refused: %s", what, said);
	}
	if (error)
		error->attr = req->attr;
	return -1;
}

int ps_request_run(struct ps_kernel *kernel, struct nl_msg *msg, const char *what,
		   ps_parse_fn parse, void *arg, struct ps_error *error)
{
	struct request req = { .parse = parse, .parse_arg = arg };
	struct nl_cb *cb = NULL;
	int rc;

	if (!msg)
		goto no_memory;
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!cb)
		goto no_memory;
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, &req);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, &req);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, &req);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, &req);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, &req);

	rc = nl_send_auto(kernel->sock, msg);
	req.sent = nlmsg_hdr(msg);
	while (rc >= 0 && !req.finished)
		rc = nl_recvmsgs(kernel->sock, cb);
	nl_cb_put(cb);
	nlmsg_free(msg);

	if (!req.finished) {
		return ps_fail(error, PS_EXIT_REFUSED, EIO, "%s: talking to the kernel failed: %s",
			       what, nl_geterror(rc));
	}
	if (req.err)
		return refused(&req, what, error);
	if (req.interrupted)
		return ps_fail(error, PS_EXIT_REFUSED, EAGAIN,
			       "%s: the plan kept changing while it was read; try again", what);
	if (req.parse_failed) {
		return ps_fail(error, PS_EXIT_REFUSED, EBADMSG,
			       "%s: the kernel's answer could not be read; do the module and this tool have the same version?",
			       what);
	}
	return 0;

no_memory:
	nlmsg_free(msg);
	return ps_fail(error, PS_EXIT_REFUSED, ENOMEM, "%s: out of memory", what);
}

struct ps_kernel *ps_kernel_open(struct ps_error *error)
{
	struct ps_kernel *kernel = calloc(1, sizeof(*kernel));
	int one = 1, fd, rc;

	if (!kernel) {
		ps_fail(error, PS_EXIT_REFUSED, ENOMEM, "out of memory");
		return NULL;
	}
	kernel->sock = nl_socket_alloc();
	if (!kernel->sock) {
		ps_fail(error, PS_EXIT_REFUSED, ENOMEM, "out of memory");
		goto fail;
	}
	rc = genl_connect(kernel->sock);
	if (rc < 0) {
		ps_fail(error, PS_EXIT_REFUSED, EIO, "no generic netlink socket: %s",
			nl_geterror(rc));
		goto fail;
	}
	fd = nl_socket_get_fd(kernel->sock);
	/* without these two a refusal comes as a bare number: still correct */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	nl_socket_set_buffer_size(kernel->sock, 1 << 20, 0);

	kernel->family = genl_ctrl_resolve(kernel->sock, PARTSCHED_GENL_NAME);
	if (kernel->family < 0) {
		if (kernel->family == -NLE_OBJ_NOTFOUND)
			ps_fail(error, PS_EXIT_ABSENT, ENOENT,
				"the partsched module is not loaded, or not visible in this network namespace; load it with: insmod partsched.ko (or modprobe partsched)");
		else
			ps_fail(error, PS_EXIT_REFUSED, EIO,
				"cannot look up the netlink family \"%s\": %s",
				PARTSCHED_GENL_NAME, nl_geterror(kernel->family));
		goto fail;
	}
	return kernel;

fail:
	ps_kernel_close(kernel);
	return NULL;
}

void ps_kernel_close(struct ps_kernel *kernel)
{
	if (!kernel)
		return;
	if (kernel->sock)
		nl_socket_free(kernel->sock);
	free(kernel);
}
