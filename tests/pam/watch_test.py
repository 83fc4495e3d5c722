#!/usr/bin/env python3
"""`sceau watch`: the session is locked when the card leaves, and when the smart-card service does.

    watch_test.py BUILD
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from harness import Simulator  # noqa: E402
from story import find_program  # noqa: E402

BUILD = os.path.realpath(sys.argv.pop(1))


class Watch(unittest.TestCase):
    def setUp(self):
        self.cards = Simulator("alice", "bob", build=BUILD).__enter__()
        self.addCleanup(self.cards.__exit__, None, None, None)
        folder = tempfile.TemporaryDirectory(prefix="sceau-watch-")
        self.addCleanup(folder.cleanup)
        # Each locking is a line in this pipe.
        self.pipe = os.path.join(folder.name, "locked")
        os.mkfifo(self.pipe)
        self.reading = os.open(self.pipe, os.O_RDWR)
        self.addCleanup(os.close, self.reading)

    def watch(self, *options, lock=None):
        command = lock or ["sh", "-c", f"echo locked >{self.pipe}"]
        words = [part for word in command for part in ("--command", word)]
        process = subprocess.Popen([find_program(BUILD, "sceau"), "watch", "--token", "alice", *words, *options],
                                   env=self.cards.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop, process)
        self.assertIn("watching the card in Sceau alice", process.stdout.readline())
        return process

    @staticmethod
    def stop(process):
        process.kill()
        process.communicate()

    def locked(self):
        return os.read(self.reading, 7)

    def test_each_time_the_card_leaves(self):
        self.watch()
        for _ in range(2):
            self.cards.pull("bob")  # somebody else's card is none of its business
            self.cards.insert("bob")
            self.cards.pull("alice")
            self.assertEqual(b"locked\n", self.locked())
            self.cards.insert("alice")
        os.set_blocking(self.reading, False)
        self.assertRaises(BlockingIOError, self.locked)

    def test_when_the_service_goes_away(self):
        process = self.watch("--once")
        os.kill(self.cards.process("pcscd"), signal.SIGKILL)
        self.assertEqual(b"locked\n", self.locked())
        self.assertEqual(0, process.wait(timeout=60))

    def test_a_lock_that_fails_is_said_and_is_an_error(self):
        process = self.watch("--once", lock=["false"])
        self.cards.pull("alice")
        self.assertEqual(1, process.wait(timeout=60))
        self.assertIn("may not be locked", process.stderr.read())

    def test_without_a_card_there_is_nothing_to_watch(self):
        self.cards.pull("alice")
        done = subprocess.run([find_program(BUILD, "sceau"), "watch", "--token", "alice"], env=self.cards.environment,
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(6, done.returncode, done.stderr)


if __name__ == "__main__":
    unittest.main()
