#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""check.py - how long partctl check takes for a large file, and how much memory

Makes one plan of 100,000 windows in both kinds of time, mumu's nanoseconds and
Part 1's decimal seconds, has each checked, and prints a line of JSON for each:
the shortest of several runs, by the clock and of a CPU, and the most memory of any.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

NS_PER_S = 1000000000

# A frame is cut into periods, a period into a slot for each partition of a CPU,
# and some time at its end in which the host may run.
PERIOD_NS = 100000000
SLOT_NS = 940000
PARTITIONS_PER_CPU = 100
PARTITIONS = 1000


def seconds(nanoseconds):
    """Exact, as text."""
    return f"{nanoseconds // NS_PER_S}.{nanoseconds % NS_PER_S:09d}"


class Plan:
    """Partitions spread over the CPUs, each with a window in every period."""

    def __init__(self, windows):
        self.periods = max(1, windows // PARTITIONS)
        self.windows = self.periods * PARTITIONS
        self.frame = self.periods * PERIOD_NS

    @staticmethod
    def partitions():
        """Yield identifier, name, CPU and number on that CPU."""
        for number in range(PARTITIONS):
            cpu, slot = divmod(number, PARTITIONS_PER_CPU)
            yield number + 1, f"partition-{number + 1}", cpu + 1, slot

    def starts(self, slot):
        """Starts of a partition's windows."""
        return (period * PERIOD_NS + slot * SLOT_NS for period in range(self.periods))

    def mumu(self, out):
        """Write it in mumu's dialect."""
        out.write('<ARINC_653_Module xmlns="ARINC_653_ModuleMC_NS" ModuleName="large">\n'
                  "<Partitions>\n")
        for identifier, name, cpu, _ in self.partitions():
            out.write(f'<Partition><PartitionDefinition Identifier="{identifier}" Name="{name}"/>'
                      f'<PartitionPeriodicity Period="{PERIOD_NS}" Duration="{SLOT_NS}"/>'
                      f'<CoreAffinity><CoreMapping LogicalCoreId="0" PhysicalCoreId="{cpu}"/>'
                      "</CoreAffinity></Partition>\n")
        out.write(f'</Partitions>\n<Schedules MajorFrameDuration="{self.frame}">\n')
        for _, name, _, slot in self.partitions():
            for start in self.starts(slot):
                out.write(f'<PartitionTimeWindow PartitionNameRef="{name}" Offset="{start}" '
                          f'Duration="{SLOT_NS}"/>\n')
        out.write("</Schedules>\n</ARINC_653_Module>\n")

    def part1(self, out):
        """Write it as Part 1 has it."""
        out.write('<ARINC_653_Module xmlns:ps="urn:partsched:1" ModuleName="large">\n')
        for identifier, name, cpu, _ in self.partitions():
            out.write(f'<Partition PartitionIdentifier="{identifier}" PartitionName="{name}">'
                      f'<ps:Vcpu Index="0" Cpu="{cpu}"/></Partition>\n')
        out.write(f'<Module_Schedule MajorFrameSeconds="{seconds(self.frame)}">\n')
        for identifier, name, _, slot in self.partitions():
            out.write(f'<Partition_Schedule PartitionIdentifier="{identifier}" '
                      f'PartitionName="{name}" PeriodSeconds="{seconds(PERIOD_NS)}" '
                      f'PeriodDurationSeconds="{seconds(SLOT_NS)}">\n')
            for number, start in enumerate(self.starts(slot)):
                out.write(f'<Window_Schedule WindowIdentifier="{number}" '
                          f'WindowStartSeconds="{seconds(start)}" '
                          f'WindowDurationSeconds="{seconds(SLOT_NS)}"/>\n')
            out.write("</Partition_Schedule>\n")
        out.write("</Module_Schedule>\n</ARINC_653_Module>\n")


def one_run(partctl, path):
    """Return nanoseconds, seconds of a CPU, bytes, and what it said if it refused the file."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        began = time.monotonic_ns()
        child = subprocess.Popen([partctl, "check", "-q", path], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        took = time.monotonic_ns() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        lines = [line.rstrip() for line in said]
    if child.returncode and not lines:
        lines = [f"ended with status {child.returncode}"]
    cpu = usage.ru_utime + usage.ru_stime
    return took, cpu, usage.ru_maxrss * 1024, lines if child.returncode else []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--partctl", required=True, help="the program")
    parser.add_argument("--windows", type=int, default=100000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", metavar="DIR", help="write the files there, and leave them")
    args = parser.parse_args()

    plan = Plan(args.windows)
    failed = False
    with tempfile.TemporaryDirectory(prefix="partsched-check.") as scratch:
        for dialect, write in (("M", plan.mumu), ("A", plan.part1)):
            path = os.path.join(args.keep or scratch, f"large-{dialect}.xml")
            with open(path, "w", encoding="utf-8") as out:
                write(out)
            runs = [one_run(args.partctl, path) for _ in range(args.runs)]
            print(json.dumps({
                "method": "partctl check",
                "dialect": dialect,
                "windows": plan.windows,
                "file_bytes": os.path.getsize(path),
                "seconds": round(min(took for took, _, _, _ in runs) / NS_PER_S, 3),
                "cpu_seconds": round(min(cpu for _, cpu, _, _ in runs), 3),
                "peak_bytes": max(peak for _, _, peak, _ in runs),
                "unit": "s",
            }), flush=True)
            for line in runs[0][3][:5]:
                print(line, file=sys.stderr)
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
