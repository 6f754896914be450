#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""report.py - collect the lines of selftests/bench/run into one report

Writes {"schema": 1, "environment": {...}, "targets": {...}, "results": [...]}
and prints a table in which a figure that misses its target ends in "!".
"""

import argparse
import json
import os
import sys

SCHEMA = 1

# In instructions. Documentation/bench.rst says why these.
TARGETS = {
    "open_p50": 4500,       # first guest instruction after the planned start
    "open_spread": 1000,    # 99th percentile less minimum
    "overrun_max": 300,     # last guest instruction after the planned end
    "early_max": 0,
    "missed": 0,
    "drift": 100,           # either way
}

# Where nobody wakes up but by the plan, and after gaps of one length, besides.
QUIET = {"witness", "hog"}
QUIET_TARGETS = {
    "open_spread": 300,
}

# Beside a storm, in place of the above; open_max of the kernels that preempt
# anywhere, preempt=full.
STORM_TARGETS = {
    "open_max": 10000,
    "overrun_max": 300,
    "user_overrun_max": 300,
    "early_max": 0,
    "missed": 0,
    "traced_guest_outside_ppm": 0,
    "traced_user_outside_ppm": 0,
}
GUARD_STORM_TARGETS = {
    "open_max": 4000,
}

# Of plans with a guard, besides.
GUARD_TARGETS = {
    "open_p999": 100,
}

# Of the plan of 10,000 windows: its median opening against that of two.
SCALE_TARGET_PPM = 1050000

COLUMNS = (
    # heading, key
    ("KERNEL", "kernel"),
    ("PLAN", "plan"),
    ("NEIGHBOUR", "neighbour"),
    ("PART", "partition"),
    ("WINDOWS", "windows"),
    ("RESTARTS", "restarts"),
    ("MIN", "open_min"),
    ("P50", "open_p50"),
    ("P99", "open_p99"),
    ("P99.9", "open_p999"),
    ("MAX", "open_max"),
    ("P99-MIN", "open_spread"),
    ("OVERRUN", "overrun_max"),
    ("EARLY", "early_max"),
    ("OUTSIDE-PPM", "outside_ppm"),
    ("MISSED", "missed"),
    ("DRIFT", "drift"),
    ("GAP-MAX", "gap_max"),
    ("GAP-PPM", "gap_ppm"),
    ("GAP-WINDOW", "gap_window_max"),
    ("USER-OVERRUN", "user_overrun_max"),
    ("B-GUEST-PPM", "traced_guest_outside_ppm"),
    ("B-USER-PPM", "traced_user_outside_ppm"),
    ("SCALE-PPM", "scale_ppm"),
)
TEXT_COLUMNS = ("kernel", "plan", "neighbour", "partition", "method", "dialect")

# Of selftests/bench/check.py, on this machine: no instructions here.
CHECK_TARGETS = {
    "seconds": 2,
    "peak_bytes": 300 << 20,
}

CHECK_COLUMNS = (
    ("METHOD", "method"),
    ("DIALECT", "dialect"),
    ("WINDOWS", "windows"),
    ("FILE-BYTES", "file_bytes"),
    ("SECONDS", "seconds"),
    ("CPU-SECONDS", "cpu_seconds"),
    ("PEAK-BYTES", "peak_bytes"),
)


def is_check(result):
    """Whether a result is of selftests/bench/check.py, else it is of the lab."""
    return result["method"] == "partctl check"


def is_quiet(result):
    return result["neighbour"] in QUIET and result["plan"].startswith("5 + 4.5 ")


def misses(result):
    """Keys of a result that miss their target."""
    if is_check(result):
        return {key for key, limit in CHECK_TARGETS.items() if result[key] > limit}
    if result["storm"]:
        targets = STORM_TARGETS | (GUARD_STORM_TARGETS if result["guard"] else {})
    else:
        targets = TARGETS | (GUARD_TARGETS if result["guard"] else {})
        targets |= QUIET_TARGETS if is_quiet(result) else {}
    if "traced_events" in result:
        # the events are in the way of all that opens
        targets = {key: limit for key, limit in targets.items() if key != "open_max"}
    if result["storming"]:
        targets = {key: limit for key, limit in targets.items() if key != "open_max"}
    found = {key for key, limit in targets.items() if abs(result.get(key, 0)) > limit}
    # What the overrun allows at each window's end is all that may be outside.
    if result["outside"] > result["windows"] * TARGETS["overrun_max"]:
        found.add("outside_ppm")
    if result["uncovered"]:
        found.add("windows")
    return found


def add_scale(results):
    """What a thousand partitions cost each opening, against two of them."""
    few = {(r["kernel"], r["partition"]): r["open_p50"] for r in results
           if r.get("plan") == "5 + 5 of 1000 ms"}
    for result in results:
        if result.get("plan") != "the same among 10,000 windows":
            continue
        base = few.get((result["kernel"], result["partition"]))
        if base:
            result["scale_ppm"] = result["open_p50"] * 1000000 // base
            # b's is a switch; a's begins on an idle CPU, and is the kernel's
            if result["partition"] == "b" and result["scale_ppm"] > SCALE_TARGET_PPM:
                result["misses"].append("scale_ppm")


def read_results(paths):
    results = []
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    result = json.loads(line)
                except ValueError as error:
                    sys.exit(f"{path}:{number}: not a line of JSON: {error}")
                if not is_check(result):
                    result["unit"] = "instructions"
                    result["open_spread"] = result["open_p99"] - result["open_min"]
                result["misses"] = sorted(misses(result))
                results.append(result)
    add_scale(results)
    return results


def print_table(results, columns):
    rows = [[heading for heading, _ in columns]]
    for result in results:
        rows.append([str(result.get(key, "-")) + ("!" if key in result["misses"] else "")
                     for _, key in columns])
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    for row in rows:
        print(" ".join(
            cell.ljust(width) if key in TEXT_COLUMNS else cell.rjust(width)
            for cell, width, (_, key) in zip(row, widths, columns)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environment", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--directory", default=".", help="of the inputs")
    parser.add_argument("--output", required=True)
    parser.add_argument("--gate", action="store_true", help="status 1 when a target is missed")
    parser.add_argument("inputs", nargs="+", metavar="LINES")
    args = parser.parse_args()

    environment = dict(item.split("=", 1) for item in args.environment)
    results = read_results(os.path.join(args.directory, name) for name in args.inputs)
    report = {
        "schema": SCHEMA,
        "environment": environment,
        "targets": TARGETS | GUARD_TARGETS | CHECK_TARGETS,
        "quiet_targets": QUIET_TARGETS,
        "storm_targets": STORM_TARGETS,
        "guard_storm_targets": GUARD_STORM_TARGETS,
        "scale_target_ppm": SCALE_TARGET_PPM,
        "results": results,
    }
    with open(args.output, "w", encoding="utf-8") as file:
        json.dump(report, file, indent=2)
        file.write("\n")

    latencies = [result for result in results if not is_check(result)]
    checks = [result for result in results if is_check(result)]
    if not latencies:
        sys.exit("no result at all: every run has failed")
    print("\nInstructions; MIN to MAX: from a window's planned start to its guest's first "
          "instruction\n")
    print_table(latencies, COLUMNS)
    if checks:
        print("\nThis machine's time and memory, of a large file\n")
        print_table(checks, CHECK_COLUMNS)
    missed = sum(1 for result in results if result["misses"])
    targets = (TARGETS | (GUARD_TARGETS if any(r["guard"] for r in latencies) else {})
               | (CHECK_TARGETS if checks else {}))
    print("\ntargets: " + ", ".join(f"{key} <= {limit}" for key, limit in targets.items()))
    if missed:
        print(f"{missed} of {len(results)} rows miss a target, at the figures with a '!'")
    else:
        print(f"all {len(results)} rows meet every target")
    return 1 if missed and args.gate else 0


if __name__ == "__main__":
    sys.exit(main())
