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

/* State of one request, or of a batch; the libnl callbacks get it as their argument. */
struct request {
	const struct nlmsghdr *sent;	/* the first, the others follow */
	uint32_t first_seq;
	uint32_t last_seq;
	uint32_t refused_seq;
	ps_parse_fn parse;
	void *parse_arg;
	bool finished;
	bool parse_failed;
	bool interrupted;		/* a dump that changed under way */
	int err;			/* positive errno of the first refusal */
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

struct nl_msg *ps_put_u32(struct nl_msg *msg, int attr, uint32_t value)
{
	if (msg && nla_put_u32(msg, attr, value)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

struct nl_msg *ps_put_u64(struct nl_msg *msg, int attr, uint64_t value)
{
	if (msg && nla_put_u64(msg, attr, value)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

struct nl_msg *ps_put_str(struct nl_msg *msg, int attr, const char *value)
{
	if (msg && nla_put_string(msg, attr, value)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

struct nl_msg *ps_put_flag(struct nl_msg *msg, int attr, bool value)
{
	if (msg && value && nla_put_flag(msg, attr)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* The request of a batch that has a sequence number. */
static const struct nlmsghdr *sent_as(const struct request *req, uint32_t seq)
{
	const struct nlmsghdr *nlh = req->sent;
	uint32_t i;

	for (i = req->first_seq; i != seq && i != req->last_seq; i++)
		nlh = (const void *)((const char *)nlh + NLMSG_ALIGN(nlh->nlmsg_len));
	return nlh;
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
			req->attr = attr_at(sent_as(req, req->refused_seq), value);
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

	req->finished = nlh->nlmsg_seq == req->last_seq;
	if (req->err)
		return;
	req->err = -ack->error;
	req->refused_seq = nlh->nlmsg_seq;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && ack->msg.nlmsg_len > NLMSG_HDRLEN)
		tlv += NLMSG_ALIGN(ack->msg.nlmsg_len - NLMSG_HDRLEN);
	if (tlv < end)
		read_extack(req, tlv, (size_t)(end - tlv));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *ack, void *arg)
{
	struct request *req = arg;

	(void)from;
	read_ack(req, (const void *)((const char *)ack - NLMSG_HDRLEN));
	/* to stop is a failure of the receiving, and more may be on its way */
	return req->finished ? NL_STOP : NL_SKIP;
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
	req->refused_seq = nlh->nlmsg_seq;
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

/*
 * Not every request of a batch is answered, so libnl's own count would go
 * wrong. An answer to something else, which somebody did not wait for, is
 * skipped.
 */
static int on_seq(struct nl_msg *msg, void *arg)
{
	const struct request *req = arg;

	return nlmsg_hdr(msg)->nlmsg_seq - req->first_seq <= req->last_seq - req->first_seq ?
		NL_OK : NL_SKIP;
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

/* Receive until a request that was sent is through; @rc: how the sending went. */
static int receive(struct ps_kernel *kernel, struct request *req, int rc)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);

	if (!cb)
		return -NLE_NOMEM;
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, req);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, req);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, req);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, req);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, req);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_seq, req);
	while (rc >= 0 && !req->finished)
		rc = nl_recvmsgs(kernel->sock, cb);
	nl_cb_put(cb);
	return rc;
}

static int lost(int rc, const char *what, struct ps_error *error)
{
	return ps_fail(error, PS_EXIT_REFUSED, EIO, "%s: talking to the kernel failed: %s", what,
		       nl_geterror(rc));
}

int ps_request_run(struct ps_kernel *kernel, struct nl_msg *msg, const char *what,
		   ps_parse_fn parse, void *arg, struct ps_error *error)
{
	struct request req = { .parse = parse, .parse_arg = arg };
	int rc;

	if (!msg)
		return ps_fail(error, PS_EXIT_REFUSED, ENOMEM, "%s: out of memory", what);
	rc = nl_send_auto(kernel->sock, msg);
	req.sent = nlmsg_hdr(msg);
	req.first_seq = req.sent->nlmsg_seq;
	req.last_seq = req.first_seq;
	rc = receive(kernel, &req, rc);
	nlmsg_free(msg);

	if (!req.finished)
		return lost(rc, what, error);
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
}

bool ps_batch_add(struct ps_kernel *kernel, struct ps_batch *batch, struct nl_msg *msg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	uint32_t size = NLMSG_ALIGN(nlh->nlmsg_len);

	if (batch->nr == PS_BATCH_MAX || size > sizeof(batch->bytes) - batch->len)
		return false;
	nlh->nlmsg_seq = nl_socket_use_seq(kernel->sock);
	nlh->nlmsg_flags &= (uint16_t)~NLM_F_ACK;
	memset(batch->bytes + batch->len, 0, size);
	memcpy(batch->bytes + batch->len, nlh, nlh->nlmsg_len);
	batch->len += size;
	batch->nr++;
	nlmsg_free(msg);
	return true;
}

int ps_batch_run(struct ps_kernel *kernel, struct ps_batch *batch,
		 const char *(*what)(uint32_t place, void *arg), void *arg,
		 struct ps_error *error)
{
	struct request req = { .sent = (const void *)batch->bytes };
	struct nlmsghdr *last;
	int rc;

	if (!batch->nr)
		return 0;
	req.first_seq = req.sent->nlmsg_seq;
	req.last_seq = req.first_seq + batch->nr - 1;
	last = (struct nlmsghdr *)sent_as(&req, req.last_seq);
	last->nlmsg_flags |= NLM_F_ACK;
	rc = nl_sendto(kernel->sock, batch->bytes, batch->len);
	rc = receive(kernel, &req, rc);
	batch->nr = 0;
	batch->len = 0;
	if (!req.finished)
		return lost(rc, what(0, arg), error);
	return req.err ? refused(&req, what(req.refused_seq - req.first_seq, arg), error) : 0;
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
