/* SPDX-License-Identifier: GPL-2.0 */
/*
 * status - exit status of partvm
 */
#ifndef PARTVM_STATUS_H
#define PARTVM_STATUS_H

/**
 * enum partvm_status - why partvm ended
 * @PARTVM_DONE: the guest ended itself with status 0, or SIGTERM or SIGHUP came
 * @PARTVM_HOST: the host, KVM or the guest image does not allow it to run
 * @PARTVM_USAGE: the command line is wrong
 * @PARTVM_CRASHED: the guest did something that no guest may do
 * @PARTVM_PLAN: the module is absent or refused a vCPU
 * @PARTVM_ENDED: the guest ended itself with a status other than 0
 * @PARTVM_INTERRUPTED: SIGINT came
 */
enum partvm_status {
	PARTVM_DONE = 0,
	PARTVM_HOST = 1,
	PARTVM_USAGE = 2,
	PARTVM_CRASHED = 3,
	PARTVM_PLAN = 4,
	PARTVM_ENDED = 5,
	PARTVM_INTERRUPTED = 130,
};

#endif /* PARTVM_STATUS_H */
