#!/usr/bin/env python3
"""Bytes of flash and memory that each room takes in an image, from the linker's map.

    size_report.py MAP
"""
import collections
import re
import sys

ROOMS = ((r"libsceau-firmware-(\w+)\.a", r"\1"), (r"libsceau-firmware\.a", "token"), (r"sceau-mbedtls", "mbedTLS"),
         (r"sceau-board-mps2|sceau-token\.dir", "board"), (r"lib(c|gcc|stdc\+\+|m)\.a|newlib", "C library"))
# A section's name, on a line of its own when it is long; then address, size and the file it came from.
ENTRY = re.compile(r"^ (\.[\w.$]+|COMMON)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S.*)$", re.M)


def room_of(path):
    for pattern, name in ROOMS:
        found = re.search(pattern, path)
        if found:
            return found.expand(name)
    return "other"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read().split("Linker script and memory map", 1)[1]
    text = re.sub(r"\n (\.\S+)\n\s+0x", r"\n \1 0x", text)
    flash, memory = collections.Counter(), collections.Counter()
    for section, address, size, path in ENTRY.findall(text):
        if int(address, 16) == 0 or not int(size, 16):
            continue
        room, kind = room_of(path), section.split(".")[1] if section.startswith(".") else "bss"
        if kind in ("text", "rodata", "vectors", "data", "ARM"):
            flash[room] += int(size, 16)
        if kind in ("data", "bss"):
            memory[room] += int(size, 16)
    print(f"{'room':<14}{'flash':>9}{'memory':>9}")
    for room, size in sorted(flash.items(), key=lambda item: -item[1]):
        print(f"{room:<14}{size:>9}{memory[room]:>9}")
    print(f"{'all':<14}{sum(flash.values()):>9}{sum(memory.values()):>9}")


main()
