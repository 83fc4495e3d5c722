#!/usr/bin/env python3
"""Whether what the token does with secrets can be told from outside, on the emulated core.

    constant_time_test.py BUILD PLUGIN

For PIN and management key, 64 pairs of wrong values that differ in where they are wrong: the hashes of all addresses
executed and all addresses touched are the same. A comparison that stops at the first difference fails the same test.

A P-256 signature is blinded by mbedTLS with random bytes, in its coordinates and in the inversion of the nonce, and its
steps vary with these (modular reductions, the binary inversion). What they must not vary with is the key: 64 signatures
with one key and 64 with other keys each time take the same number of instructions as far as Welch's test can tell
(|t| below 4.5), and all lie within 3 % of their mean. A signature that works longer for keys with a certain bit set
fails the same test: so does any whose mean differs between keys by more than about half a percent, for that is what
the blinding's own variation lets 64 and 64 signatures tell apart.
"""
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import unittest

BUILD, PLUGIN = (os.path.realpath(path) for path in (sys.argv.pop(1), sys.argv.pop(1)))
IMAGE = pathlib.Path(BUILD) / "an505" / "sceau-probe.elf"
PIN, MANAGEMENT, LEAKY, SIGN, SIGN_LEAKY = 1, 2, 3, 4, 5
PAIRS = 64
LIMIT = 4.5  # of |t|: one in 150,000 by chance


def symbols():
    listed = subprocess.run(["arm-none-eabi-nm", IMAGE], capture_output=True, text=True, check=True).stdout
    return {words[2]: int(words[0], 16) for words in map(str.split, listed.splitlines()) if len(words) == 3}


def run(operation, *options):
    done = subprocess.run(
        ["qemu-system-arm", "-machine", "mps2-an505", "-icount", "shift=0,sleep=off", "-nodefaults", "-no-user-config",
         "-display", "none", "-semihosting-config", "enable=on,target=native", "-kernel", str(IMAGE), "-device",
         f"loader,addr=0x80200000,data={operation},data-len=4", *options], capture_output=True, text=True, timeout=900,
        stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the probing image ended with {done.returncode}: {done.stderr}")
    return done.stdout + done.stderr


def traces(operation):
    """Hash and length of each run, two a pair."""
    at = symbols()
    with tempfile.NamedTemporaryFile(prefix="sceau-trace-") as out:
        run(operation, "-plugin", f"file={PLUGIN},begin={at['probe_begin']:#x},end={at['probe_end']:#x},out={out.name}")
        return pathlib.Path(out.name).read_text().splitlines()


def differing(operation):
    """How many pairs can be told apart."""
    lines = traces(operation)
    if len(lines) != 2 * PAIRS or any(int(line.split()[1]) < 20 for line in lines):
        raise RuntimeError(f"the plugin saw {len(lines)} runs, not {2 * PAIRS}")
    return sum(first != second for first, second in zip(lines[::2], lines[1::2]))


def signatures(operation):
    """Instructions of signatures with one key, and of as many with other keys each time."""
    counts = {"fixed": [], "other": []}
    for line in run(operation).splitlines():
        kind, _, number = line.partition(" ")
        if kind in counts:
            counts[kind].append(int(number))
    if [PAIRS, PAIRS] != [len(numbers) for numbers in counts.values()]:
        raise RuntimeError("the probing image did not tell of as many signatures as it was to make")
    return counts["fixed"], counts["other"]


def welch(first, second):
    spread = statistics.variance(first) / len(first) + statistics.variance(second) / len(second)
    return (statistics.mean(first) - statistics.mean(second)) / math.sqrt(spread)


class ConstantTimeTest(unittest.TestCase):
    def test_a_wrong_pin_takes_the_same_way_wherever_it_is_wrong(self):
        self.assertEqual(0, differing(PIN))

    def test_a_wrong_answer_to_a_challenge_takes_the_same_way_wherever_it_is_wrong(self):
        self.assertEqual(0, differing(MANAGEMENT))

    def test_a_comparison_that_stops_at_the_first_difference_is_found_out(self):
        self.assertGreater(differing(LEAKY), PAIRS // 2)

    def test_a_signature_does_not_tell_its_key(self):
        fixed, other = signatures(SIGN)
        self.assertLess(abs(welch(fixed, other)), LIMIT)
        mean = statistics.mean(fixed + other)
        spread = max(abs(number - mean) for number in fixed + other) / mean
        self.assertLess(spread, 0.03)
        noticed = LIMIT * statistics.stdev(fixed) * math.sqrt(2 / PAIRS)
        print(f"signatures: {mean / 1e6:.3f} M instructions, at most {100 * spread:.2f} % from their mean, "
              f"t = {welch(fixed, other):.2f}; a difference of {100 * noticed / mean:.2f} % would be noticed")

    def test_a_signature_that_depends_on_a_bit_of_its_key_is_found_out(self):
        fixed, other = signatures(SIGN_LEAKY)
        self.assertGreater(abs(welch(fixed, other)), LIMIT)
        print(f"leaky signatures: t = {welch(fixed, other):.2f}")


unittest.main()
