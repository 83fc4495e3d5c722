#!/usr/bin/env python3
"""Bytes of flash and memory that each room takes in an image, by where its symbols were written. What the compiler has put
inside another function is counted there.

    size_report.py NM ELF
"""
import collections
import re
import subprocess
import sys

ROOMS = ((r"/?firmware/(?:board/)(?:mps2|host|an\w+)/", "board"), (r"/?firmware/(\w+)/", r"\1"), (r"/?firmware/", "token"),
         (r"mbedtls", "mbedTLS"), (r"newlib|libgcc|libc|gcc-arm", "C library"))
NAMES = ((r"sceau::firmware::mps2::", "board"), (r"sceau::firmware::\(anonymous", "store"), (r"sceau::firmware::(\w+)::", r"\1"),
         (r"sceau::statement_table", "statement"), (r"_place$", "token"), (r"sceau|\(anonymous", "crypto"), (r"", "mbedTLS"))


def room_of(name, place):
    for patterns, text in ((ROOMS, place), (NAMES, name)):
        for pattern, room in patterns:
            found = re.search(pattern, text) if text else None
            if found:
                return found.expand(room)
    return "other"


def main():
    listed = subprocess.run([sys.argv[1], "--print-size", "--line-numbers", "--demangle", "--defined-only", sys.argv[2]],
                            capture_output=True, text=True, check=True).stdout
    flash, memory, seen = collections.Counter(), collections.Counter(), set()
    for line in listed.splitlines():
        symbol, _, place = line.partition("\t")
        words = symbol.split(None, 3)
        if len(words) < 4 or words[0] in seen:
            continue
        seen.add(words[0])
        room, size = room_of(words[3], place), int(words[1], 16)
        if words[2] in "tTrRwWvVdD":
            flash[room] += size
        if words[2] in "bBdD":
            memory[room] += size
    print(f"{'room':<14}{'flash':>9}{'memory':>9}")
    for room, size in sorted(flash.items(), key=lambda item: -item[1]):
        print(f"{room:<14}{size:>9}{memory[room]:>9}")
    print(f"{'all':<14}{sum(flash.values()):>9}{sum(memory.values()):>9}")


main()
