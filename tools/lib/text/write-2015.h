/* SPDX-License-Identifier: GPL-2.0 */
/*
 * write-2015 - parts of the dialects with nanoseconds
 */
#ifndef PS_WRITE_2015_H
#define PS_WRITE_2015_H

#include "write-priv.h"

/**
 * ps_write_channels() - channels in our own words (2015, native)
 * @w: the writer
 */
void ps_write_channels(struct ps_writer *w);

/**
 * ps_write_connections() - channels in mumu's words, which imply the ports
 * @w: the writer
 */
void ps_write_connections(struct ps_writer *w);

/**
 * ps_write_health() - health monitor tables (2015, native; mumu's has none)
 * @w: the writer
 */
void ps_write_health(struct ps_writer *w);

#endif /* PS_WRITE_2015_H */
