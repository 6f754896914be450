/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens to the host: CPUs that go, suspend, reboot. See host.c.
 */
#ifndef PARTSCHED_HOST_H
#define PARTSCHED_HOST_H

void ps_host_guard(void);
int ps_host_init(void);
void ps_host_exit(void);

#endif /* PARTSCHED_HOST_H */
