#!/usr/bin/env python3
"""Tokens that show what they sign: enrolled with a clear-sign key, used for requests and approvals, and demanded by
policy.

    story_clear_sign.py BUILD
"""
import os
import sys
import unittest

from story import AGGREGATE, INDIVIDUAL, House

BUILD = os.path.realpath(sys.argv.pop(1))


class ClearSign(unittest.TestCase):
    def setUp(self):
        self.house = House(BUILD, names=("alice", "bob", "carol", "dave", "erin"), people=60).__enter__()
        self.addCleanup(self.house.__exit__, None, None, None)

    def enrol(self, person, name, *options):
        file = f"{person}.enrolment"
        self.house.must("person", "add", person, "--name", name, "--organisation", "caisse", "--administrator", "alice")
        self.house.must("token", "init", "--token", person, "--person", person, "--authority", "alice", "-o", file,
                        *options)
        self.house.must("token", "enrol", file, "--administrator", "bob")

    def ask(self, query, who):
        return self.house.sceau("extract", "--project", "p-42", "--purpose", "boxes", query, who=who)

    def test_requests_and_approvals_are_shown_signed_and_demanded(self):
        self.house.begin()
        self.house.must("source", "add", "snds", "--catalogue", "snds.toml", "--administrator", "alice",
                        "--administrator", "bob")
        self.enrol("carol", "Carol Roux", "--clear-sign")
        self.enrol("dave", "Dave Noir", "--clear-sign")
        self.enrol("erin", "Erin Blanc")
        for person, role in (("carol", "agent"), ("erin", "agent"), ("dave", "approver")):
            self.house.grant(person, role)
        self.house.open_project("p-42")
        self.house.assign("p-42", "carol")
        self.house.assign("p-42", "erin")

        shown = self.ask(AGGREGATE, "carol")
        self.assertEqual(0, shown.code, str(shown))
        self.assertIn("shows, page 1 of ", shown.err)
        self.assertIn("ask for an extraction", shown.err)
        self.assertIn("purpose: \"boxes\"", shown.err)
        silent = self.ask(AGGREGATE, "erin")
        self.assertEqual(0, silent.code, str(silent))
        self.assertNotIn("shows, page", silent.err)

        self.house.must("policy", "set", "clear_sign=1", "--administrator", "alice", "--administrator", "bob")
        refused = self.ask(AGGREGATE, "erin")
        self.assertEqual(3, refused.code, str(refused))
        self.assertIn("wants a clear-sign key by policy", refused.line)
        asked = self.house.must("extract", "--project", "p-42", "--purpose", "cohort", "--kind", "individual", "--no-wait",
                                INDIVIDUAL, who="carol")
        identifier = asked.out.strip()
        approved = self.house.must("approve", identifier, "--yes", who="dave")
        self.assertIn("-- the request: --", approved.err)
        self.assertIn("signatures: 2 with yours", approved.err)
        self.house.must("extract", "--resume", identifier, "-o", "cohort.csv", who="carol")
        self.assertNotIn("skipped from counter", self.house.gate_log())


if __name__ == "__main__":
    unittest.main()
