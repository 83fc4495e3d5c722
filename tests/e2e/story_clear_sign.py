#!/usr/bin/env python3
"""Tokens that show what they sign: an agent's and an approver's, in front of a real gate. What their displays show is
what the terminal shows; policy demands such keys; a signature that never came is found in the token's journal.

    story_clear_sign.py BUILD
"""
import base64
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import unittest

from story import AGGREGATE, INDIVIDUAL, House

BUILD = os.path.realpath(sys.argv.pop(1))
AUDITOR = pathlib.Path(__file__).parents[1] / "auditor" / "auditor.py"
# The pages that the tool shows, as "page N of M" and lines.
PAGE = re.compile(r"^token .* shows, (page \d+ of \d+):\n((?:  .*\n)+?)compare these lines with its display, ", re.M)


def pages(said):
    return [[heading] + [line[2:] for line in lines.splitlines()]
            for heading, lines in PAGE.findall(said.replace("\n  compare", "\ncompare"))]


class ClearSign(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD, people=60, options=("--display",)).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        house = cls.house
        house.begin()
        house.must("source", "add", "snds", "--catalogue", "snds.toml", "--administrator", "alice", "--administrator",
                   "bob")
        house.enrol("carol", "Carol Roux", "--clear-sign")
        house.enrol("dave", "Dave Noir", "--clear-sign")
        # bob has keys that show nothing, and asks too.
        for person, role in (("carol", "agent"), ("bob", "agent"), ("dave", "approver")):
            house.grant(person, role)
        house.open_project("p-42")
        house.assign("p-42", "carol")
        house.assign("p-42", "bob")
        house.must("policy", "set", "clear_sign=1", "--administrator", "alice", "--administrator", "bob")

    def ask(self, who, *options, query=AGGREGATE):
        return self.house.sceau("extract", "--project", "p-42", "--purpose", "Comparer « A » et B", *options, query, who=who)

    def screens(self, person):
        """What the token's display showed, screen by screen."""
        text = (self.house.tokens.folder / f"{person}.display").read_text(encoding="utf-8")
        return [screen.splitlines() for screen in text.strip("\n").split("\n\n")]

    def opening(self, kind):
        """The newest entry of that type: its index, statement, signature and verdict."""
        database = sqlite3.connect(f"file:{self.house.home / 'ledger.db'}?mode=ro", uri=True)
        rows = database.execute("SELECT idx, statement, evidence, verdict FROM opening ORDER BY idx DESC").fetchall()
        database.close()
        index, statement, evidence, verdict = next(row for row in rows if row[1] and json.loads(row[1])["type"] == kind)
        return index, statement, base64.b64decode(json.loads(evidence)["signatures"][0]["bytes"]), json.loads(verdict)

    def verify(self, kind):
        """Stock OpenSSL's verdict on that entry's signature."""
        _, statement, signature, _ = self.opening(kind)
        (self.house.folder / "act.json").write_bytes(statement)
        (self.house.folder / "act.p7s").write_bytes(signature)
        return subprocess.run(["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "act.p7s", "-content",
                               "act.json", "-CAfile", "boxes/roots-and-crls.pem", "-crl_check", "-purpose", "any", "-out",
                               "/dev/null"], cwd=self.house.folder, capture_output=True, text=True, check=False).stderr

    def test_1_the_terminal_shows_what_the_display_shows_and_stock_openssl_verifies(self):
        done = self.ask("carol", "-o", "boxes.csv", "--evidence", "boxes")
        self.assertEqual(0, done.code, str(done))
        shown = pages(done.err)
        self.assertEqual(shown, self.screens("carol")[-len(shown):])
        self.assertEqual([f"page {page + 1} of {len(shown)}" for page in range(len(shown))], [page[0] for page in shown])
        lines = [line for page in shown for line in page[1:]]
        self.assertEqual("ask for an extraction", lines[0])
        self.assertIn("purpose: \"Comparer « A » et B\"", lines)
        self.assertEqual("signatures: 1 with yours", lines[-1])
        self.assertIn("press its button to sign", done.err)
        self.assertIn("CAdES Verification successful", self.verify("extraction.request"))
        self.house.must("verify", "boxes")

    def test_2_policy_refuses_a_key_that_shows_nothing(self):
        refused = self.ask("bob")
        self.assertEqual(3, refused.code, str(refused))
        self.assertIn("extraction.request wants a clear-sign key by policy, and key 9C of token ", refused.line)
        self.assertEqual([], pages(refused.err))
        self.assertEqual("refused", self.opening("extraction.request")[3]["state"])

    def test_3_an_approval_is_shown_with_the_request_that_it_names(self):
        identifier = self.house.must("extract", "--project", "p-42", "--purpose", "cohort", "--kind", "individual",
                                     "--no-wait", INDIVIDUAL, who="carol").out.strip()
        approved = self.house.must("approve", identifier, "--yes", who="dave")
        shown = pages(approved.err)
        self.assertEqual(shown, self.screens("dave")[-len(shown):])
        lines = [line for page in shown for line in page[1:]]
        self.assertEqual(["approve a request", "by: dave"], lines[:2])
        self.assertEqual(["ask for an extraction", "by: carol"], lines[lines.index("-- the request: --") + 1:][:2])
        self.assertEqual("signatures: 2 with yours", lines[-1])
        self.assertIn("CAdES Verification successful", self.verify("approval"))
        self.house.must("extract", "--resume", identifier, "-o", "cohort.csv", who="carol")

    def test_4_a_signature_that_never_came_is_in_the_tokens_journal(self):
        whole = self.house.must("--json", "token", "journal", who="carol").json()[0]
        self.assertEqual([], whole["alarms"])
        self.assertEqual([1, 2], [entry["counter"] for entry in whole["entries"]])
        self.assertEqual(0, self.ask("carol", "--prepare", "kept").code)  # signed, and not sent
        self.assertEqual(0, self.ask("carol", "-o", "later.csv").code)
        self.assertIn("skipped from counter 2 to 4", self.opening("extraction.request")[3]["alarms"][0])
        told = self.house.must("token", "journal", who="carol")
        index, _, _, verdict = self.opening("token.journal")
        self.assertRegex(verdict["alarms"][0], r"^entry 3 of the journal of token \d+ \(slot C1, counter 3, .* has no statement")
        self.assertIn("warning: alarm: " + verdict["alarms"][0], told.err)
        self.assertIn(verdict["alarms"][0], self.house.gate_log())
        audit = self.house.must("--json", "audit", str(self.house.home)).json()[0]
        self.assertEqual([], audit["findings"])
        self.assertIn(f"entry {index}: alarm: " + verdict["alarms"][0], audit["notes"])
        second = subprocess.run([sys.executable, "-B", str(AUDITOR), str(self.house.home / "ledger.db")],
                                capture_output=True, text=True, check=False)
        self.assertEqual(f"ok {self.house.home / 'ledger.db'}\n", second.stdout + second.stderr)


if __name__ == "__main__":
    unittest.main()
