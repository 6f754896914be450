/* SPDX-License-Identifier: GPL-2.0 */
/*
 * supervise-priv - shared by the files that supervise only
 */
#ifndef PARTCTL_SUPERVISE_PRIV_H
#define PARTCTL_SUPERVISE_PRIV_H

#include "state.h"

#define SUPERVISE_PID STATE_DIR "/supervise.pid"
#define SUPERVISE_LOG STATE_DIR "/supervise.log"

#endif /* PARTCTL_SUPERVISE_PRIV_H */
