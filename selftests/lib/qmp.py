# SPDX-License-Identifier: GPL-2.0
"""qmp - a QEMU's monitor, as tests speak to it"""
import json
import socket
import sys
import time


class Monitor:
    """A connection; how long each command took at most is in self.worst."""

    def __init__(self, path, patience=120):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience)
        self.socket.connect(path)
        self.file = self.socket.makefile("rw")
        self.events = []
        self.worst = {}
        self.file.readline()
        self.ask("qmp_capabilities")

    def _take(self):
        line = self.file.readline()
        if not line:
            sys.exit("the monitor has gone")
        message = json.loads(line)
        if "event" in message:
            self.events.append(message)
        return message

    def ask(self, command, arguments=None):
        """What it returns; a refusal ends the test."""
        began = time.monotonic()
        self.file.write(json.dumps({"execute": command, "arguments": arguments or {}, "id": 1}) + "\n")
        self.file.flush()
        answer = {}
        while "id" not in answer:
            answer = self._take()
        took = time.monotonic() - began
        self.worst[command] = max(took, self.worst.get(command, 0))
        if "error" in answer:
            sys.exit(f"{command}: {answer['error']['desc']}")
        return answer["return"]

    def await_event(self, name, what=""):
        """Until it has come; those before it are dropped. Returns what came with it."""
        while True:
            while self.events:
                event = self.events.pop(0)
                if event["event"] == name and what in json.dumps(event.get("data", {})):
                    return event.get("data", {})
            self._take()
