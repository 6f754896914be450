# SPDX-License-Identifier: GPL-2.0
#
# partsched: the module, the tools, the lab.
#
#   make            ./partsched.ko, tools/partctl/partctl, tools/partvm/partvm
#   make demo       see partitions run in their windows, in the lab
#   make check      all tests; last line: N passed, N failed, N skipped
#   make bench      figures into build/bench/report.json, and a table
#   make lint       kernel warnings (W=1), sparse, kernel-doc, shell syntax
#   make install    tools, module, man pages (DESTDIR=, PREFIX=)
#   make clean
#
# KDIR= picks the kernel's build folder: the running kernel's by default, else
# that of the lab's kernel.

ifneq ($(KERNELRELEASE),)
# called by Kbuild, which reads Kbuild
else

lab_kdir = $(lastword $(sort $(filter-out %-rt-amd64/build %-cloud-amd64/build, \
	$(wildcard /lib/modules/6.1.*-amd64/build))))
running_kdir = $(wildcard /lib/modules/$(shell uname -r)/build)
KDIR ?= $(or $(running_kdir),$(lab_kdir))
PREFIX ?= /usr/local

.PHONY: all setup module tools demo check bench lint install clean
.DEFAULT_GOAL := all

all: module tools

setup:
	@scripts/setup --check 2>/dev/null || scripts/setup

# A second make, since KDIR may only exist after setup.
module: setup
	@$(MAKE) --no-print-directory module-now

.PHONY: module-now
module-now:
	@test -n "$(KDIR)" || { echo "no kernel headers: give KDIR=, or run scripts/setup" >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools: setup
	+@$(MAKE) --no-print-directory -C tools
	+@$(MAKE) --no-print-directory -C tools/partvm

demo: all
	@scripts/demo

check: setup
	@scripts/check

bench: setup
	@scripts/bench

lint: setup
	@scripts/lint

install: all
	+@$(MAKE) --no-print-directory -C tools install
	+@$(MAKE) --no-print-directory -C tools/partvm install
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) modules_install

clean:
	-@test -z "$(KDIR)" || $(MAKE) -C $(KDIR) M=$(CURDIR) clean
	+@$(MAKE) --no-print-directory -C tools clean
	+@$(MAKE) --no-print-directory -C tools/partvm clean
	rm -rf build

endif
