/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guests - guests that exchange messages, and what each writes down of it
 */
#ifndef TEST_GUESTS_H
#define TEST_GUESTS_H

#include "partsched.h"
#include "seen.h"
#include "../../tools/partvm/guest/traffic.h"

/* Of the partitions that are called the same; those not started are empty. */
FIXTURE(guests) {
	struct ps_kernel *kernel;
	struct ps_error error;
	struct seen a, b, c, d, e;
	int cpu;
};

FIXTURE_SETUP(guests)
{
	self->kernel = session_open();
	ASSERT_NE(NULL, self->kernel);
	self->cpu = session_cpu();
}

FIXTURE_TEARDOWN(guests)
{
	struct seen *all[] = { &self->a, &self->b, &self->c, &self->d, &self->e };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		seen_end(all[i]);
	EXPECT_TRUE(session_close(self->kernel));
}

#define START(_seen, _image, _partition) \
	ASSERT_TRUE(seen_start(_seen, _image, _partition, NULL, NULL))

static inline const volatile struct traffic_record *record_of(const struct seen *seen)
{
	return (const volatile void *)(seen->memory + TRAFFIC_RECORD);
}

static inline const volatile struct traffic_port *port_of(const struct seen *seen,
							  unsigned int port)
{
	return &record_of(seen)->port[port];
}

static inline uint64_t messages(const struct seen *seen, unsigned int port)
{
	return __atomic_load_n(&port_of(seen, port)->messages, __ATOMIC_ACQUIRE);
}

#endif /* TEST_GUESTS_H */
