#!/usr/bin/env python3
"""An answer that does not conform is held, alarms, survives a restart of the gate, and leaves when a further approver
signs for exactly its bytes; or is destroyed.

    story_quarantine.py BUILD
"""
import csv
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import unittest

from story import AGGREGATE, INDIVIDUAL, House

BUILD = os.path.realpath(sys.argv.pop(1))
AUDITOR = pathlib.Path(__file__).resolve().parent.parent / "auditor" / "auditor.py"
REFUSED = 3


class Quarantine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD, names=("alice", "bob", "carol", "dave", "erin")).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.settle()
        cls.house.enrol("erin", "Erin Vidal")
        cls.house.grant("erin", "approver")

    def ask(self):
        """A request by carol that dave approved, and whose answer has more rows than its five."""
        identifier = self.house.must("extract", "--project", "p-42", "--purpose", "cohort", "--kind", "individual",
                                     "--max-rows", "5", "--no-wait", INDIVIDUAL, who="carol").out.strip()
        self.assertIn("rows to expect: 6 or more", self.house.must("approve", identifier, "--yes", who="dave").err)
        return identifier

    def collect(self, identifier, name="cohort.csv"):
        return self.house.sceau("extract", "--resume", identifier, "-o", name, who="carol")

    def refused(self, done, *parts):
        self.assertEqual(REFUSED, done.code, str(done))
        for part in parts:
            self.assertIn(part, done.line)

    def held(self):
        return os.listdir(self.house.home / "held")

    def audited(self):
        report = self.house.must("--json", "audit", str(self.house.home)).json()[0]
        self.assertEqual([], report["findings"])
        second = subprocess.run([sys.executable, "-B", str(AUDITOR), str(self.house.home / "ledger.db")],
                                capture_output=True, text=True, check=False)
        self.assertEqual(f"ok {self.house.home / 'ledger.db'}\n", second.stdout + second.stderr)
        return report

    def test_1_a_further_approver_releases_what_is_held_and_nobody_else(self):
        identifier = self.ask()
        self.refused(self.collect(identifier), "waits in quarantine until", "the 5 that were ordered",
                     f"sceau release {identifier}", f"sceau extract --resume {identifier}")
        self.assertFalse(os.path.exists(self.house.path("cohort.csv")))
        self.assertRegex(self.house.gate_log(), r"critical .*is in quarantine: it has more rows than the 5 that were ordered")
        listed = self.house.must("pending", who="dave")
        self.assertRegex(listed.out, rf"{identifier} +quarantined +carol")
        self.assertIn("the 5 that were ordered", listed.out)
        request = next(one for one in self.house.must("--json", "pending", who="dave").json()[0]["requests"]
                       if one["state"] == "quarantined")
        self.refused(self.house.sceau("release", identifier, "--yes", who="dave"), "has approved", "a further approver")
        self.house.stop_gate()
        self.house.start_gate()
        self.refused(self.collect(identifier), "in quarantine until")
        released = self.house.must("release", identifier, "--reason", "the cohort grew", "--yes", who="erin")
        for part in ("the 5 that were ordered", request["held"]["sha256"], "COLUMN THAT WOULD LEAVE", "cohort"):
            self.assertIn(part, released.err)
        self.assertIn("is released", released.out)
        self.house.stop_gate()
        self.house.start_gate()
        self.assertEqual(0, self.collect(identifier).code)
        content = pathlib.Path(self.house.path("cohort.csv")).read_bytes()
        self.assertEqual(request["held"]["sha256"], hashlib.sha256(content).hexdigest())
        self.assertEqual(request["held"]["rows"], len(list(csv.reader(content.decode().splitlines()))) - 1)
        self.assertEqual([], self.held())
        self.refused(self.collect(identifier, "again.csv"), "rows are handed out once")
        story = next(one for one in self.audited()["extractions"] if one["request"].startswith(identifier))
        self.assertEqual(("delivered", "erin", "dave"),
                         (story["state"], story["release"]["person"], story["approvals"][0]["person"]))
        self.assertIn("the 5 that were ordered", story["quarantine"]["reason"])
        told = self.house.must("audit", str(self.house.home)).out
        self.assertRegex(told, r"released by  erin")
        self.assertTrue(any(re.search("alarm: an answer went into quarantine", note)
                            for note in self.audited()["notes"]))

    def test_2_what_somebody_refuses_is_destroyed(self):
        identifier = self.ask()
        self.refused(self.collect(identifier, "refused.csv"), "waits in quarantine")
        self.assertEqual(1, len(self.held()))
        done = self.house.must("refuse", identifier, "--reason", "order what you need", "--yes", who="dave")
        self.assertIn("it is refused", done.out)
        self.assertEqual([], self.held())
        self.refused(self.collect(identifier, "refused.csv"), "was refused")
        self.refused(self.house.sceau("release", identifier, "--yes", who="erin"), "only an answer in quarantine")
        self.audited()

    def test_3_what_conforms_is_delivered_at_once(self):
        self.house.must("extract", "--project", "p-42", "--purpose", "boxes by sex", "-o", "boxes.csv", AGGREGATE,
                        who="carol")
        self.assertEqual([], self.held())


if __name__ == "__main__":
    unittest.main()
