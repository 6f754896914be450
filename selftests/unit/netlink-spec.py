#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""netlink-spec.py [HEADER SPEC] - the YNL spec and the uapi header say the same

Both ways: names, values, types, and which command takes and gives what, as in
the tree at the top of the header. Results are KTAP.
"""

import os
import re
import sys

try:
    import yaml
except ImportError:
    print("1..0 # SKIP python3-yaml is not installed")
    sys.exit(4)

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMMON = "PARTSCHED_"
# the header's prefixes of each enum that the spec has, too
ENUMS = {"clock": "CLOCK_", "mode": "MODE_", "change-action": "CHANGE_",
         "run-state": "RUN_", "attach-state": "ATTACH_", "event": "EVENT_",
         "port-type": "PORT_", "port-direction": "PORT_", "kick": "KICK_",
         "validity": "VALIDITY_", "requester": "BY_", "start-condition": "START_",
         "error-source": "ERROR_", "error-code": "CODE_", "error-level": "LEVEL_",
         "error-state": "STATE_", "hm-action": "HM_"}
# constants that are part of the protocol but no limits
NAMES = {"GENL_NAME", "GENL_VERSION", "GENL_MCGRP_EVENTS"}


class Header:
    """What the header says, in the spec's spelling."""

    def __init__(self, text):
        self.text = text
        self.consts = {}
        self.strings = {}
        for name, value in re.findall(r"^#define PARTSCHED_(\w+)\s+(\S+)", text, re.M):
            if value.startswith('"'):
                self.strings[name] = value.strip('"')
            elif name not in NAMES:
                self.consts[spell(name)] = int(value.rstrip("UL"), 0)
        self.types = {}
        self.attributes = self.enum("attr", "A_")
        self.commands = self.enum("cmd", "CMD_")
        self.enums = {name: self.enum(name.replace("-", "_"), prefix)
                      for name, prefix in ENUMS.items()}
        self.read_tree()

    def enum(self, name, prefix):
        body = re.search(r"enum partsched_%s \{(.*?)\n\};" % name, self.text, re.S).group(1)
        values, value = {}, 0
        for line in body.splitlines():
            found = re.match(r"\t" + COMMON + prefix + r"(\w+)(?: = (\w+))?,(?:\s*/\* (.*) \*/)?",
                             line)
            if not found or "__" in line:
                continue
            value = int(found.group(2), 0) if found.group(2) else value + 1
            values[spell(found.group(1))] = value
            if prefix == "A_" and found.group(3):
                self.types[spell(found.group(1))] = re.match(r"\w+", found.group(3)).group()
        return values

    def read_tree(self):
        """The columns of the tree: request | what it takes | what it gives."""
        self.ops = {}
        self.nests = {}
        kind, current = None, None
        for line in self.text.split("*/")[1].splitlines():
            line = line[3:] if line.startswith(" * ") else ""
            if line.startswith(" request ("):
                kind = line[10:line.index(")")]
            elif line.startswith(' multicast "'):
                kind, current = "event", "event"
                self.ops[current] = {"kind": kind, "event": line[20:]}
            elif re.match(r" [A-Z_]+ \{\}", line):
                names = re.findall(r"([A-Z_]+) \{\}", line[:60].split("  ")[0])
                names = names or re.findall(r"([A-Z_]+) \{\}", line)
                kind, current = "nest", tuple(spell(name) for name in names)
                self.nests[current] = line[20:] if len(names) == 1 else ""
            elif re.match(r" [A-Z]", line) and kind:
                current = spell(line.split()[0])
                self.ops[current] = {"kind": kind}
                self.add(current, kind, line)
            elif line.startswith("  ") and current:
                if kind == "nest":
                    self.nests[current] += " " + line
                elif kind == "event":
                    self.ops[current]["event"] += " " + line
                else:
                    self.add(current, kind, line)
            elif not line.strip():
                current = None

    def add(self, name, kind, line):
        op = self.ops[name]
        if kind == "dump":
            op["reply"] = op.get("reply", "") + " " + line[20:]
        else:
            op["request"] = op.get("request", "") + " " + line[20:58]
            op["reply"] = op.get("reply", "") + " " + line[58:]


def spell(name):
    return name.lower().replace("_", "-")


def attributes_of(text):
    """Attributes of a cell, with their types: NAME u32, NAME {} ..."""
    text = re.sub(r"\(.*?\)", "", text)
    found = re.findall(r"\b([A-Z][A-Z_]+)\b(?: (u32|u64|s64|str|flag|\{\}))?", text)
    return {spell(name): {"str": "string", "{}": "nest"}.get(kind, kind) for name, kind in found}


def compare(what, header, spec):
    """Complaints about two dictionaries or sets that should be equal."""
    complaints = []
    for name in sorted(set(header) - set(spec)):
        complaints.append(f"{what} {name} is in the header only")
    for name in sorted(set(spec) - set(header)):
        complaints.append(f"{what} {name} is in the spec only")
    if isinstance(header, dict):
        for name in sorted(set(header) & set(spec)):
            if header[name] != spec[name]:
                complaints.append(f"{what} {name}: {header[name]} in the header, "
                                  f"{spec[name]} in the spec")
    return complaints


def numbered(entries, start=1):
    values, value = {}, start - 1
    for entry in entries:
        entry = entry if isinstance(entry, dict) else {"name": entry}
        value = entry.get("value", value + 1)
        values[entry["name"]] = value
    return values


def check_names(header, spec):
    complaints = []
    groups = [group["name"] for group in spec["mcast-groups"]["list"]]
    if spec["name"] != header.strings["GENL_NAME"]:
        complaints.append("the family has another name")
    if groups != [header.strings["GENL_MCGRP_EVENTS"]]:
        complaints.append(f"the groups are {groups}")
    if spec["uapi-header"] != "linux/partsched.h":
        complaints.append("the spec names another header")
    return complaints


def check_constants(header, spec):
    return compare("constant", header.consts,
                   {d["name"]: d["value"] for d in spec["definitions"] if d["type"] == "const"})


def check_enums(header, spec):
    enums = {d["name"]: d for d in spec["definitions"] if d["type"] == "enum"}
    complaints = compare("enum", set(header.enums), set(enums))
    for name in set(enums) & set(header.enums):
        complaints += compare(f"{name}:", header.enums[name],
                              numbered(enums[name]["entries"], enums[name]["value-start"]))
        if enums[name]["name-prefix"] != spell(COMMON + ENUMS[name]):
            complaints.append(f"enum {name} has the prefix {enums[name]['name-prefix']}")
    return complaints


def check_attributes(header, spec):
    attributes = spec["attribute-sets"][0]["attributes"]
    types = {a["name"]: a["type"] for a in attributes if a["type"] != "pad"}
    complaints = compare("attribute", header.attributes, numbered(attributes))
    complaints += compare("type of", header.types, types)
    for attribute in attributes:
        if "enum" in attribute and attribute["enum"] not in ENUMS:
            complaints.append(f"{attribute['name']} is of an unknown enum")
    return complaints


def check_nests(header, spec):
    sets = {s["name"]: s for s in spec["attribute-sets"]}
    of = {a["name"]: a.get("nested-attributes") for a in sets["partsched"]["attributes"]}
    complaints = []
    for names, text in header.nests.items():
        for name in names:
            if of.get(name) not in sets:
                complaints.append(f"the spec does not say what is in {name}")
                continue
            members = {m["name"] for m in sets[of[name]]["attributes"]}
            complaints += compare(f"in {name}:", set(attributes_of(text)) - set(names), members)
    if len(header.nests) != 2:
        complaints.append(f"the tree has {len(header.nests)} kinds of nests")
    return complaints


def check_operations(header, spec):
    ops = spec["operations"]["list"]
    complaints = compare("command", header.commands, numbered(ops))
    complaints += compare("command of the tree:", set(header.ops), {op["name"] for op in ops})
    for op in ops:
        said = header.ops.get(op["name"])
        if not said:
            continue
        if said["kind"] not in op:
            complaints.append(f"{op['name']} is a {said['kind']} in the header")
            continue
        body = op[said["kind"]]
        for part in ("request", "reply"):
            cell = attributes_of(said.get(part, ""))
            listed = body.get(part, {}).get("attributes", [])
            complaints += compare(f"{op['name']} {part}:", set(cell), set(listed))
            for name, kind in cell.items():
                if kind and header.types.get(name) != kind:
                    complaints.append(f"{op['name']}: {name} is a {kind} in the tree")
        if said["kind"] == "event":
            complaints += compare("event:", set(attributes_of(said["event"].split(":", 1)[1])),
                                  set(body["attributes"]))
        changes = not op["name"].startswith("get-") and said["kind"] != "event"
        if changes != ("admin-perm" in op.get("flags", [])):
            complaints.append(f"{op['name']}: the flag admin-perm is wrong")
    return complaints


CHECKS = [
    ("family_and_group_have_the_headers_names", check_names),
    ("constants_are_the_headers", check_constants),
    ("enums_are_the_headers", check_enums),
    ("attributes_are_the_headers", check_attributes),
    ("nests_are_the_trees", check_nests),
    ("commands_take_and_give_what_the_tree_says", check_operations),
]


def main():
    paths = sys.argv[1:] or [os.path.join(TOP, "uapi/linux/partsched.h"),
                             os.path.join(TOP, "Documentation/netlink/specs/partsched.yaml")]
    with open(paths[0], encoding="utf-8") as file:
        header = Header(file.read())
    with open(paths[1], encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    failed = False
    print("KTAP version 1")
    print(f"1..{len(CHECKS)}")
    for number, (claim, check) in enumerate(CHECKS, 1):
        complaints = check(header, spec)
        for complaint in complaints:
            print(f"# {complaint}")
        print(f"{'not ok' if complaints else 'ok'} {number} {claim}")
        failed = failed or bool(complaints)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
