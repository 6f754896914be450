#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The host's side of a channel for two guests of QEMU, without the module.

ivshmem-host.py DIR makes, for a system of two partitions, the memory and pages of
their ports as files in DIR, serves the doorbells at sockets there, and writes the
arguments of each QEMU to DIR/PARTITION.arguments, one a line. Prints "ready".
"""
import os
import selectors
import socket
import struct
import sys

MAGIC = 0x4c4c454254524150
SAMPLING, QUEUING = 1, 2
PAGE = 4096

# partition, port, source?, type, max_message, depth, memory, kicked
PORTS = [
    ("vmproducer", "write_port", True, QUEUING, 4096, 32, "port", True),
    ("vmproducer", "write_count", True, SAMPLING, 4096, 1, "count", False),
    ("vmconsumer", "read_count", False, SAMPLING, 4096, 1, "count", False),
    ("vmconsumer", "read_port", False, QUEUING, 4096, 32, "port", True),
]


def region_size(kind, max_message, depth):
    slots = 8 if kind == SAMPLING else depth
    wanted = 128 + slots * ((64 + max_message + 63) & ~63)
    size = PAGE
    while size < wanted:
        size *= 2
    return size


def page(partition, port, source, kind, max_message, depth, kicked):
    name = f"{partition}.{port}".encode()
    return struct.pack("=QIIIIQ128sIIIIQQ", MAGIC, 2, not source,
                       1 if source and kicked else 0, kicked,
                       region_size(kind, max_message, depth), name,
                       len(partition) + 1, kind, max_message, depth, 0, 0).ljust(PAGE, b"\0")


def plain(slot, function, path, size, writable):
    return ["-object",
            f"memory-backend-file,id=port{slot}.{function},share=on,"
            f"{'' if writable else 'readonly=on,'}mem-path={path},size={size}",
            "-device",
            f"ivshmem-plain,memdev=port{slot}.{function},addr={slot:x}.{function}"
            + (",multifunction=on" if not function else "")]


def send(client, number, fds=()):
    socket.send_fds(client, [struct.pack("<q", number)], list(fds))


def main(top):
    selector = selectors.DefaultSelector()
    bell = os.eventfd(0, os.EFD_NONBLOCK)
    arguments = {}
    keep = []
    for i, (partition, port, source, kind, most, depth, memory, kicked) in enumerate(PORTS):
        slot = 8 + i
        args = arguments.setdefault(partition, [])
        size = region_size(kind, most, depth)
        for name, length in ((memory, size), (memory + ".ack", PAGE)):
            with open(f"{top}/{name}", "ab") as file:
                file.truncate(length)
        args += plain(slot, 0, f"{top}/{memory}", size, source)
        if kind == QUEUING:
            args += plain(slot, 1, f"{top}/{memory}.ack", PAGE, not source)
        content = page(partition, port, source, kind, most, depth, kicked)
        path = f"{top}/{partition}.{port}"
        if not kicked:
            with open(path, "wb") as file:
                file.write(content)
            args += plain(slot, 2, path, PAGE, False)
            continue
        args += ["-chardev", f"socket,id=port{slot},path={path}",
                 "-device", f"ivshmem-doorbell,chardev=port{slot},vectors=1,addr={slot:x}.2"]
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        selector.register(listener, selectors.EVENT_READ, (source, content))
    for partition, args in arguments.items():
        with open(f"{top}/{partition}.arguments", "w", encoding="utf-8") as file:
            file.write("".join(arg + "\n" for arg in args))
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            source, content = key.data
            client, _ = key.fileobj.accept()
            memory = os.memfd_create("page")
            os.write(memory, content)
            send(client, 0)
            send(client, 0 if source else 1)
            send(client, -1, [memory])
            send(client, 1, [bell])
            os.close(memory)
            keep.append(client)


if __name__ == "__main__":
    main(sys.argv[1])
