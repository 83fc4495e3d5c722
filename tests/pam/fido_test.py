#!/usr/bin/env python3
"""Logging in to a machine with a FIDO2 key: pamtester, the FIDO application of a simulated token in a reader, a gate.

    fido_test.py BUILD
"""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from machine import Machine  # noqa: E402
from story import PINS, House  # noqa: E402

BUILD = os.path.realpath(sys.argv.pop(1))


class LogIn(unittest.TestCase):
    def test_a_key_logs_in_as_a_card_does(self):
        house = House(BUILD, names=("alice", "bob", "carol"), people=60).__enter__()
        self.addCleanup(house.__exit__, None, None, None)
        house.begin()
        house.must("person", "add", "carol", "--name", "Carol Roux", "--organisation", "caisse", "--administrator", "alice")
        house.must("token", "init", "--fido2", "--token", "carol", "--person", "carol", "-o", "carol.enrolment")
        house.must("token", "enrol", "carol.enrolment", "--administrator", "bob", "--administrator", "alice")
        house.must("account", "add", "laptop-12", "croux", "carol", "--administrator", "alice")
        machine = Machine(house, "laptop-12")
        machine.join()
        house.tokens.pull("alice")
        house.tokens.pull("bob")
        wrong = machine.pam("authenticate", account="croux", pin="000000")
        self.assertEqual("PAM_AUTH_ERR", wrong.code, str(wrong))
        self.assertIn("7 tries left", wrong.text)
        tried = machine.pam("authenticate", "acct_mgmt", "setcred", account="croux", pin=PINS["carol"])
        self.assertEqual("PAM_SUCCESS", tried.code, str(tried))
        self.assertIn("Touch FIDO2 key fido2-", tried.text)
        other = machine.pam("authenticate", account="eblanc", pin=PINS["carol"])
        self.assertEqual("PAM_USER_UNKNOWN", other.code, str(other))
        self.assertEqual(1, len(machine.waiting()))
        self.assertEqual(0, machine.refresh().code)
        self.assertEqual(("login", "admitted", ""), house.entries()[-1])
        self.assertEqual(0, house.sceau("audit").code)


if __name__ == "__main__":
    unittest.main(verbosity=2)
