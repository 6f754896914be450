// SPDX-License-Identifier: GPL-2.0
/*
 * partctl - the table of commands
 */
#include "partctl.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "kernel.h"
#include "units.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static const struct verb verbs[] = {
	{ "status", 0, 0, VERB_DEFAULT, cmd_status, "[-v] [-j]",
	  "Show the plan in force and what each vCPU has got of it",
	  "  -v, --verbose  windows and CPUs too\n"
	  "  -j, --json     for programs: integers, times in nanoseconds\n"
	  "  -h, --help     this text\n\n"
	  "Latencies and overruns are min/avg/max in nanoseconds; INSIDE% is the\n"
	  "share of a thread's time on the CPU that lay inside its windows.\n" },
	{ "show", 1, 2, 0, cmd_show, "vcpu [PARTITION[/VCPU]] [-j]",
	  "Show the vCPUs of the plan in force, each for itself",
	  "  -j, --json  for programs: integers, times in nanoseconds\n"
	  "  -h, --help  this text\n\n"
	  "ID is unique in the module. STATE: idle, running, ready (its window is open,\n"
	  "another one runs), suspended (its window is closed), blocked (halted inside\n"
	  "its window), halted, exiled. READY-NS: how long it was ready in windows that\n"
	  "others of its partition share; STEAL-NS: how long it was parked.\n" },
	{ "check", 1, -1, 0, cmd_check, "[--host] [--no-slack] [--strict] [-q] [-j] FILE...",
	  "Say what is wrong with configuration files, all of it at once",
	  "      --host      compare with this host, too: CPUs, KVM, clock\n"
	  "      --no-slack  do not demand time for the host's own kernel threads\n"
	  "      --strict    what is a warning otherwise is an error\n"
	  "  -q, --quiet     leave the list of rules out\n"
	  "  -j, --json      for programs\n"
	  "  -h, --help      this text\n\n"
	  "Findings go to standard error; the verdict and the list of all rules, with\n"
	  "what came of each, to standard output. Needs no rights and no module.\n"
	  "Status 0: valid, 3: not valid.\n" },
	{ "convert", 1, 1, 0, cmd_convert, "--to DIALECT [--pure] [--strict] [-o OUT] [-j] FILE",
	  "Write a configuration in another dialect",
	  "      --to DIALECT  A (Part 1), B (Part 2), C (2015), M (mumu) or native\n"
	  "      --pure        use nothing of partsched's own namespace\n"
	  "      --strict      write nothing if something cannot be said\n"
	  "  -o, --output OUT  file to write (default: standard output)\n"
	  "  -j, --json        for programs; only with -o\n"
	  "  -h, --help        this text\n\n"
	  "Says on standard error what the dialect cannot say. Paths become absolute\n"
	  "if OUT is in another directory than FILE. Status 3: FILE is not valid, or\n"
	  "something would be lost and --strict is given.\n" },
	{ "plan", 1, 1, 0, cmd_plan,
	  "[--split] [--replan] [--no-slack] [--to DIALECT] [-o OUT] [-j] FILE",
	  "Find windows for a configuration that has none, and draw them",
	  "      --split       windows may be split where they do not fit in one piece\n"
	  "      --replan      throw the windows of the file away\n"
	  "      --no-slack    keep no time for the host's own kernel threads\n"
	  "  -o, --output OUT  file to write; without it the plan is only drawn\n"
	  "      --to DIALECT  write the result in this dialect (default: that of FILE);\n"
	  "                    without -o to standard output, instead of the drawing\n"
	  "  -j, --json        for programs\n"
	  "  -h, --help        this text\n\n"
	  "Partitions that have windows in a schedule keep them. Status 3: there is no\n"
	  "plan, or none was found; the reason says which.\n" },
	{ "dump", 0, 0, 0, cmd_dump, "[--to DIALECT] [-o OUT]",
	  "Write the plan in force as a configuration that loads again",
	  "      --to DIALECT  A, B, C, M or native (the default)\n"
	  "  -o, --output OUT  file to write (default: standard output)\n"
	  "  -h, --help        this text\n" },
	{ "schema", 0, 1, 0, cmd_schema, "[DIALECT]",
	  "Print the XML schema of a dialect, for editors",
	  "  -h, --help  this text\n\n"
	  "DIALECT is A, B, C, M or native (the default).\n" },
	{ "load", 1, 1, 0, cmd_load, "[--no-start] [--no-slack] [--dry-run] [-j] FILE",
	  "Put a plan in force and start its guests",
	  "      --no-start  start and stop no guests\n"
	  "      --no-slack  load even if the plan starves the host's kernel threads\n"
	  "      --dry-run   let the module check the plan, change nothing\n"
	  "  -j, --json      for programs\n"
	  "  -h, --help      this text\n\n"
	  "All or nothing: after a refusal the plan in force is what it was.\n"
	  "Guests whose definition has not changed go on.\n" },
	{ "unload", 0, 0, 0, cmd_unload, "[--force] [-j]",
	  "Stop the guests that load has started, and the plan",
	  "      --force  also if threads are attached that load did not start\n"
	  "  -j, --json   for programs\n"
	  "  -h, --help   this text\n" },
	{ "list", 0, 0, 0, cmd_list, "[-j]",
	  "Show the partitions: their modes, starts and launchers",
	  "  -j, --json  for programs: integers, times in nanoseconds\n"
	  "  -h, --help  this text\n\n"
	  "MODE: idle, cold_start, warm_start, normal. PID is the launcher's. STARTS and\n"
	  "LAST-START: how often it was started, and why the last time. SUPERVISED: a\n"
	  "launcher is started for it when it is to start and has none.\n" },
	{ "start", 1, 1, 0, cmd_start, "PARTITION [--wait] [--timeout S] [-j]",
	  "Start a partition that is idle, its memory cleared",
	  "  -w, --wait       return when it is NORMAL\n"
	  "  -t, --timeout S  wait that long (default 10)\n"
	  "  -j, --json       for programs\n"
	  "  -h, --help       this text\n" },
	{ "restart", 1, 1, 0, cmd_restart, "PARTITION --cold|--warm [--wait] [--timeout S] [-j]",
	  "Start a partition again, whatever it does",
	  "      --cold       its memory is cleared, and its image loaded again\n"
	  "      --warm       its memory is kept\n"
	  "  -w, --wait       return when it is NORMAL\n"
	  "  -t, --timeout S  wait that long (default 10)\n"
	  "  -j, --json       for programs\n"
	  "  -h, --help       this text\n" },
	{ "halt", 1, 1, 0, cmd_halt, "PARTITION [--wait] [--timeout S] [-j]",
	  "Stop a partition at once, its mode and state kept",
	  "  -w, --wait       return when it does not run any more\n"
	  "  -t, --timeout S  wait that long (default 10)\n"
	  "  -j, --json       for programs\n"
	  "  -h, --help       this text\n\n"
	  "Its windows pass without it.\n" },
	{ "continue", 1, 1, 0, cmd_continue, "PARTITION [--wait] [--timeout S] [-j]",
	  "Let a halted partition go on, in its next window",
	  "  -w, --wait       return when it is NORMAL\n"
	  "  -t, --timeout S  wait that long (default 10)\n"
	  "  -j, --json       for programs\n"
	  "  -h, --help       this text\n" },
	{ "kill", 1, 1, 0, cmd_kill, "PARTITION [-j]",
	  "End a partition's guest and launcher, and give back their memory",
	  "  -j, --json  for programs\n"
	  "  -h, --help  this text\n\n"
	  "The partition is idle then. One that was made by partctl new leaves the plan,\n"
	  "and its windows go back to whom they were taken from.\n" },
	{ "new", 1, 1, 0, cmd_new,
	  "PARTITION [--memory SIZE] [--cpus LIST] [--windows-of PARTITION] [--no-slack] [-j]",
	  "Add a partition to the plan in force; the others run on",
	  "  -m, --memory SIZE      of its guest, in bytes; K, M or G may follow (default 6M)\n"
	  "  -c, --cpus LIST        host CPUs, commas between: a vCPU on each\n"
	  "      --windows-of NAME  it gets all windows of this one, which has none then;\n"
	  "                         otherwise the longest time that its CPUs have free\n"
	  "      --no-slack         even if the host's kernel threads starve\n"
	  "  -j, --json             for programs\n"
	  "  -h, --help             this text\n\n"
	  "It is idle until a guest is opened in it: partctl open.\n" },
	{ "open", 2, 2, 0, cmd_open, "PARTITION FILE [-j]",
	  "Run an image in a partition, in place of its guest",
	  "  -j, --json  for programs\n"
	  "  -h, --help  this text\n\n"
	  "FILE is an ELF or flat binary that partvm runs.\n" },
	{ "interrupt", 1, 1, 0, cmd_interrupt, "PARTITION --vector N [--vcpu N] [-j]",
	  "Give a vCPU an interrupt, which waits for its window",
	  "      --vector N  32 to 255\n"
	  "      --vcpu N    vCPU of the partition (default 0)\n"
	  "  -j, --json      for programs\n"
	  "  -h, --help      this text\n" },
	{ "console", 1, 1, 0, cmd_console, "PARTITION [--virtio]",
	  "A terminal at the console of a guest that runs in QEMU",
	  "      --virtio  its virtio console (hvc0), not its serial line (ttyS0)\n"
	  "  -h, --help    this text\n\n"
	  "Ctrl-] leaves it. What the guest has said before is in\n"
	  "/run/partsched/PARTITION.console, or .hvc-console.\n" },
	{ "hm", 1, 2, 0, cmd_hm, "log [-f] [-n N] | show | inject PARTITION OPTION... [-j]",
	  "The health monitor: its log, its tables, errors for tests",
	  "  -f, --follow     log: go on until interrupted\n"
	  "  -n, --count N    log: the newest N entries (default: all)\n"
	  "      --source S   inject: found by overrun, missed, steal, launcher, shutdown,\n"
	  "                   kvm, memory, readonly, service, application or start\n"
	  "      --error ID   inject: by its number in the configuration\n"
	  "      --code C     inject: application_error and so on\n"
	  "      --vcpu N     inject: found in this vCPU\n"
	  "      --address A  inject: at this address of the guest's\n"
	  "      --reason R   inject: a text for the log\n"
	  "  -j, --json       for programs; log -f: one object a line\n"
	  "  -h, --help       this text\n\n"
	  "show has a row for each error that the configuration says what is done about:\n"
	  "of one partition, or of all others (-). What is injected has its effect.\n" },
	{ "supervise", 0, 0, 0, cmd_supervise, "[--daemon | --stop] [-j]",
	  "Start launchers of partitions that are to start and have none",
	  "      --daemon  as load starts it: unload ends it, and standard error is its log,\n"
	  "                kept short\n"
	  "      --stop    end the one that runs\n"
	  "  -j, --json    with --stop: for programs\n"
	  "  -h, --help    this text\n\n"
	  "One process does this; load starts one if there is none, and unload ends that. It\n"
	  "may be ended and started at any time: guests run on, and nothing is lost.\n" },
	{ "attach", 1, 1, 0, cmd_attach,
	  "PARTITION --qmp SOCKET | --pid PID | --libvirt NAME | --tid TID [--vcpu N] [--timeout S] [-j]",
	  "Put running vCPU threads under the plan",
	  "      --qmp SOCKET    all vCPUs of the QEMU that listens there\n"
	  "      --pid PID       all vCPUs of a process, by the names of its threads, or by\n"
	  "                      trying each if none has such a name\n"
	  "      --libvirt NAME  all vCPUs of this domain\n"
	  "      --tid TID       this thread (in QEMU: query-cpus-fast gives thread-id)\n"
	  "      --vcpu N        with --tid: vCPU of the partition that it is (default 0)\n"
	  "      --timeout S     seconds to wait for the result (default 10)\n"
	  "  -j, --json          for programs\n"
	  "  -h, --help          this text\n\n"
	  "vCPU N of a process becomes vCPU N of the partition; all are attached or none.\n"
	  "Those that are plugged later are attached by whoever supervises, as long as the\n"
	  "threads have names (QEMU: -name debug-threads=on).\n" },
	{ "detach", 0, 1, 0, cmd_detach, "PARTITION [--vcpu N] | --tid TID [--timeout S] [-j]",
	  "Give vCPU threads back to the host's scheduler",
	  "      --vcpu N     this vCPU only (default: all of the partition)\n"
	  "      --tid TID    this thread, whatever partition it belongs to\n"
	  "      --timeout S  seconds to wait for the result (default 10)\n"
	  "  -j, --json       for programs\n"
	  "  -h, --help       this text\n" },
	{ "schedule", 0, 1, 0, cmd_schedule, "[ID|NAME [--wait]] [-j]",
	  "Show the schedules of the plan in force, or change to another",
	  "  -w, --wait  return when all CPUs run it\n"
	  "  -j, --json  for programs\n"
	  "  -h, --help  this text\n\n"
	  "A change takes effect at the end of a major frame, on all CPUs at once. A\n"
	  "later one replaces it as long as it has not come near; one for the schedule\n"
	  "in force takes it back.\n" },
	{ "port", 0, 3, 0, cmd_port,
	  "[list] | status PORT | read PORT | write PORT [MESSAGE] | watch PORT | serve PORT | qemu PARTITION [OPTION]...",
	  "Show the ports of the plan in force, read and write messages",
	  "  -t, --timeout S  seconds to wait for a message, or for room in a queue\n"
	  "                   (default 0; watch: without end)\n"
	  "  -n, --count N    watch: end after so many messages\n"
	  "      --raw        read, watch: a message as it is, nothing else\n"
	  "      --hex        in hexadecimal digits; also what is written\n"
	  "      --socket P   serve: a socket at this path\n"
	  "      --dir D      qemu: where sockets and pages are\n"
	  "      --slot N     qemu: PCI slot of the first port (default 8)\n"
	  "  -j, --json       for programs; watch, serve: one object a line\n"
	  "  -h, --help       this text\n\n"
	  "PORT is PARTITION.PORT, as list shows it and as its device is called in\n"
	  "/dev/partsched. A destination is read: the newest message of a sampling port,\n"
	  "the next one of a queue, which is gone then. A source is written, from standard\n"
	  "input if no MESSAGE is given. Both take the place of the partition's guest: do\n"
	  "not take a queue's messages, or write, while that does. Status 1: among other\n"
	  "reasons, there is no message, or no room.\n\n"
	  "serve gives a QEMU the kicks of a port, until interrupted:\n"
	  "    -chardev socket,path=P,id=C -device ivshmem-doorbell,chardev=C,vectors=1\n"
	  "qemu prints the arguments, one a line, by which a QEMU is given all ports of\n"
	  "PARTITION. Of those with kicks it takes the sockets to be at D/PORT.kicks.\n" },
	{ "events", 0, 0, 0, cmd_events, "[-j]",
	  "Follow what happens, until interrupted",
	  "  -j, --json  one JSON object a line\n"
	  "  -h, --help  this text\n" },
};

static int top_help(void)
{
	size_t i;

	puts("usage: partctl [COMMAND] [OPTION]... [ARGUMENT]...\n\n"
	     "Hard time partitioning of KVM virtual machines: plans in, state out.\n\n"
	     "commands:");
	for (i = 0; i < NR(verbs); i++)
		printf("  %-9s %s%s\n", verbs[i].name, verbs[i].help,
		       verbs[i].flags & VERB_DEFAULT ? " (the default)" : "");
	puts("\n  -h, --help     this text; with a command: its options\n"
	     "  -V, --version  version of the netlink protocol\n\n"
	     "status: 0 done, 1 the kernel refused, 2 usage, 3 configuration invalid,\n"
	     "        4 module absent, 5 not permitted");
	return fflush(stdout) ? PS_EXIT_REFUSED : PS_EXIT_DONE;
}

static const struct verb *find_verb(const char *name)
{
	const char *names[NR(verbs)], *nearest;
	size_t i;

	for (i = 0; i < NR(verbs); i++) {
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
		names[i] = verbs[i].name;
	}
	nearest = ps_nearest(name, names, NR(names));
	usage_error(NULL, "\"%s\" is no command%s%s%s", PS_SAFE(name),
		    nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

int main(int argc, char **argv)
{
	const struct verb *verb = &verbs[0];

	setlocale(LC_CTYPE, "");
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
			 !strcmp(argv[1], "help")))
		return top_help();
	if (argc > 1 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))) {
		printf("partctl (netlink protocol %d)\n", PARTSCHED_GENL_VERSION);
		return PS_EXIT_DONE;
	}
	/* an option without a command belongs to the default command */
	if (argc > 1 && argv[1][0] != '-') {
		verb = find_verb(argv[1]);
		argc--;
		argv++;
	}
	return verb->run(verb, argc, argv);
}
