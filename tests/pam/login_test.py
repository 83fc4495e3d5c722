#!/usr/bin/env python3
"""Logging in by card: pamtester, a simulated card behind a real smart-card service, a real gate.

    login_test.py BUILD
"""
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from machine import Machine  # noqa: E402
from story import PINS, House  # noqa: E402

BUILD = os.path.realpath(sys.argv.pop(1))


class LogIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD, names=("alice", "bob", "carol", "erin"), people=60).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.begin()
        cls.house.enrol("carol", "Carol Roux")
        cls.house.enrol("erin", "Erin Blanc")
        for name in ("alice", "bob", "erin"):
            cls.house.tokens.pull(name)
        cls.machine = Machine(cls.house, "laptop-12")

    def bind(self, account, person, *options):
        self.administer("account", "add", "laptop-12", account, person, *options)

    def administer(self, *command):
        """An act of alice's, whose card is in its reader for just that long."""
        self.house.tokens.insert("alice")
        self.addCleanup(lambda: None)
        try:
            return self.house.must(*command, "--administrator", "alice")
        finally:
            self.house.tokens.pull("alice")

    def test_the_holder_of_a_bound_card_logs_in_and_the_ledger_says_so(self):
        self.bind("croux", "carol")
        self.machine.join()
        tried = self.machine.pam("authenticate", "acct_mgmt", "setcred", pin=PINS["carol"])
        self.assertEqual("PAM_SUCCESS", tried.code, str(tried))
        self.assertIn("3 tries left", tried.text)
        self.assertEqual(1, len(self.machine.waiting()))
        done = self.machine.refresh()
        self.assertEqual(0, done.code, str(done))
        self.assertEqual([], self.machine.waiting())
        self.assertEqual(("login", "admitted", ""), self.house.entries()[-1])


if __name__ == "__main__":
    unittest.main()
