// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of what a model's channels become: numbers, names of ports, sizes.
 */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "channel.h"
#include "claim.h"

/* A model with a partition "a" and its ports "out" and "in", and no channel yet. */
static struct ps_model *model_new(void)
{
	struct ps_model *m = ps_model_new("channels.xml");
	struct ps_partition *p = ps_model_add_partition(m);
	struct ps_port *port;

	p->name = ps_strdup("a");
	port = ps_partition_add_port(p);
	*port = (struct ps_port){ .name = ps_strdup("out"), .source = true, .message = 64 };
	port = ps_partition_add_port(p);
	*port = (struct ps_port){ .name = ps_strdup("in"), .message = 32, .refresh_ns = 5 };
	return m;
}

static struct ps_end *add_pseudo(struct ps_channel *c, const char *name, bool source)
{
	struct ps_end *end = source ? ps_channel_add_source(c) : ps_channel_add_destination(c);

	end->pseudo = true;
	end->partition = PS_NONE;
	end->name = name ? ps_strdup(name) : NULL;
	return end;
}

static struct ps_end *add_end(struct ps_channel *c, const char *port, bool source)
{
	struct ps_end *end = source ? ps_channel_add_source(c) : ps_channel_add_destination(c);

	end->partition = 0;
	end->port = ps_strdup(port);
	return end;
}

static void channels_without_a_number_get_a_free_one(void)
{
	static const uint32_t given[] = { 0, 2, 0, 1, 0, UINT32_MAX };
	static const uint32_t wanted[] = { 3, 2, 4, 1, 5, UINT32_MAX };
	struct ps_model *m = model_new();
	uint32_t *ids;
	size_t i;

	for (i = 0; i < NR(given); i++) {
		struct ps_channel *c = ps_model_add_channel(m);

		c->has_id = given[i];
		c->id = given[i];
	}
	ids = ps_channel_ids(m);
	for (i = 0; i < NR(wanted); i++)
		CLAIM(ids[i] == wanted[i], "channel %zu has %u", i, ids[i]);
	free(ids);
	ps_model_free(m);
}

static void pseudo_partition_has_a_name_that_a_device_can_have(void)
{
	static const struct {
		const char *name, *owner;
	} cases[] = {
		{ "frame buffer", "frame buffer" }, { NULL, "host" }, { "", "host" },
		{ "/dev/fb0", "_dev_fb0" }, { ".", "_" }, { "..", "__" }, { "a\tb\x7f", "a_b_" },
		{ "görüntü", "görüntü" },
		/* 62 bytes and a letter of two: it goes as a whole */
		{ "01234567890123456789012345678901234567890123456789012345678901ü",
		  "01234567890123456789012345678901234567890123456789012345678901" },
	};
	struct ps_model *m = model_new();
	size_t i;

	for (i = 0; i < NR(cases); i++) {
		struct ps_channel *c = ps_model_add_channel(m);
		char *owner = ps_end_owner(m, add_pseudo(c, cases[i].name, true));

		CLAIM(!strcmp(owner, cases[i].owner), "%s", owner);
		free(owner);
	}
	ps_model_free(m);
}

static void pseudo_partitions_port_is_called_as_the_channel(void)
{
	struct ps_model *m = model_new();
	struct ps_channel *c = ps_model_add_channel(m);
	struct ps_end *end = add_pseudo(c, "x", true);
	char *port = ps_end_port(c, 7, end);

	CLAIM(!strcmp(port, "7"), "%s", port);
	free(port);
	c->name = ps_strdup("picture");
	port = ps_end_port(c, 7, end);
	CLAIM(!strcmp(port, "picture"), "%s", port);
	free(port);
	end = add_end(c, "in", false);
	port = ps_end_port(c, 7, end);
	CLAIM(!strcmp(port, "in"), "%s", port);
	free(port);
	ps_model_free(m);
}

static void ports_say_what_a_channel_is(void)
{
	struct ps_model *m = model_new();
	struct ps_channel *c = ps_model_add_channel(m);
	struct ps_channel_kind kind;

	add_pseudo(c, "x", true);
	CLAIM(!ps_channel_kind(m, c, &kind), "said by nobody");
	/* behind a pseudo-partition the destination says */
	add_end(c, "in", false);
	CLAIM(ps_channel_kind(m, c, &kind) && !kind.queuing && kind.message == 32 &&
	      kind.refresh_ns == 5, "%u bytes", kind.message);
	/* else the source, and the destination what the source leaves open */
	c = ps_model_add_channel(m);
	add_end(c, "out", true);
	add_end(c, "in", false);
	CLAIM(ps_channel_kind(m, c, &kind) && kind.message == 64 && kind.refresh_ns == 5,
	      "%u bytes", kind.message);
	ps_model_free(m);
}

static const struct claim_test tests[] = {
	CLAIM_TEST(channels_without_a_number_get_a_free_one),
	CLAIM_TEST(pseudo_partition_has_a_name_that_a_device_can_have),
	CLAIM_TEST(pseudo_partitions_port_is_called_as_the_channel),
	CLAIM_TEST(ports_say_what_a_channel_is),
};

int main(void)
{
	claim_begin(NR(tests));
	claim_run(tests, NR(tests));
	return claim_end();
}
