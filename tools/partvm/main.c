// SPDX-License-Identifier: GPL-2.0
/*
 * partvm - run a lean guest under KVM, in its partition's windows
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"
#include "report.h"
#include "status.h"
#include "vm.h"

/*
 * A closed descriptor 0, 1 or 2 would be taken by the first file opened, and
 * the guest would then print into it.
 */
static void open_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

int main(int argc, char **argv)
{
	struct config config;
	int ret;

	open_standard_files();
	ret = config_parse(&config, argc, argv);
	if (ret)
		return ret < 0 ? PARTVM_USAGE : PARTVM_DONE;
	if (config.name[0])
		report_name(config.name);
	ret = vm_run(&config);
	fflush(NULL);
	/* Without destructors: a thread that would not stop may be in one's way. */
	_exit(ret);
}
