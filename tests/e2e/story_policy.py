#!/usr/bin/env python3
"""Policy from its file: what somebody could ask for is said before anything is signed, under the policy in force and under one
that may follow; what approvers are shown; the yearly review.

    tests/with_postgresql story_policy.py BUILD
"""
import json
import os
import sys
import unittest

from story import AGGREGATE, INDIVIDUAL, House

BUILD = os.path.realpath(sys.argv.pop(1))
TWO = ("--administrator", "alice", "--administrator", "bob")
REFUSED = 3
FILE = """format = 1
minimum_people = 12

[approvals.aggregate]
needed = 1
by = ["dave"]

[profiles.narrow]
default = true
always = ["IR_BEN_R.BEN_SEX_COD", "ER_PRS_F.BEN_SEX_COD"]
"""
BIRTHS = "SELECT b.BEN_NIR_PSA, b.BEN_NAI_ANN FROM IR_BEN_R b"


class Policy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.settle()
        (cls.house.folder / "policy.toml").write_text(FILE)

    def check(self, *arguments, who="carol"):
        done = self.house.sceau("--json", "policy", "check", *arguments, who=who)
        self.assertIn(done.code, (0, REFUSED), str(done))
        return done, done.json()[0]

    def test_1_what_she_could_ask_for(self):
        before = self.house.entries()
        done, answer = self.check()
        self.assertEqual(0, done.code, str(done))
        by_kind = {one["kind"]: one for one in answer["prospects"]}
        self.assertEqual({"aggregate", "individual"}, set(by_kind))
        self.assertEqual((0, 1), (by_kind["aggregate"]["approvals"]["needed"], by_kind["individual"]["approvals"]["missing"]))
        self.assertEqual(["dave"], by_kind["individual"]["approvals"]["could_approve"])
        self.assertEqual([self.house.serial("carol")], by_kind["aggregate"]["tokens"])
        told = self.house.must("policy", "check", who="carol")
        self.assertIn("individual on snds in project p-42: yes, until ", told.out)
        self.assertIn("1 to approve; it would wait for 1; who could: dave", told.out)
        # Her log-in, and nothing else, was written.
        self.assertEqual({"login"}, {entry[0] for entry in self.house.entries()[len(before):]})

    def test_2_what_speaks_against_it(self):
        done, answer = self.check("carol", "--kind", "individual", "--rows", "100000000", "--sql", "SELECT nonsense FROM IR_BEN_R",
                                  who="alice")
        self.assertEqual(REFUSED, done.code)
        said = "\n".join(answer["prospects"][0]["objections"])
        self.assertIn("project \"p-42\" covers 100000", said)
        self.assertIn("nonsense", said)
        other = self.house.sceau("policy", "check", "dave", who="carol")
        self.assertEqual(REFUSED, other.code, str(other))
        self.assertIn("ask about yourself", other.line)
        nobody, answer = self.check("zoe", who="alice")
        self.assertEqual(REFUSED, nobody.code)
        self.assertIn("nobody is registered as \"zoe\"", answer["objections"][0])

    def test_3_under_a_policy_that_may_follow(self):
        ask = ("carol", "--kind", "individual", "--sql", BIRTHS)
        done, answer = self.check(*ask, who="alice")
        self.assertEqual(0, done.code, str(done))
        self.assertEqual("person_key", answer["prospects"][0]["plan"]["columns"][0]["label"])
        # What the database expects rests on the data: it is told of requests that somebody signed.
        self.assertNotIn("expected_rows", answer["prospects"][0]["plan"])
        hers = self.house.sceau("policy", "check", "--with", "policy.toml", who="carol")
        self.assertEqual(REFUSED, hers.code, str(hers))
        self.assertIn("that is for administrators", hers.line)
        done, answer = self.check(*ask, "--with", "policy.toml", who="alice")
        self.assertEqual(REFUSED, done.code)
        self.assertIn("profile narrow", answer["prospects"][0]["objections"][0])
        (self.house.folder / "bad.toml").write_text("format = 1\n[approvals.work]\nneeded = 9\n")
        bad = self.house.sceau("policy", "check", "carol", "--with", "bad.toml", who="alice")
        self.assertEqual(REFUSED, bad.code, str(bad))
        self.assertIn("line 3: approvals.work needs 9 approvers, and there are 1", bad.line)

    def test_4_set_and_in_force(self):
        alone = self.house.sceau("policy", "set", "policy.toml", "--administrator", "alice")
        self.assertEqual(REFUSED, alone.code, str(alone))
        self.house.must("policy", "set", "policy.toml", *TWO)
        self.assertIn("[profiles.narrow]", self.house.must("policy", "show").out)
        refused = self.house.sceau("extract", "--project", "p-42", "--purpose", "x", "--kind", "individual", BIRTHS, who="carol")
        self.assertEqual(REFUSED, refused.code, str(refused))
        self.assertIn("profile narrow", refused.line)

    def test_5_what_approvers_are_shown(self):
        request = self.house.must("--json", "extract", "--project", "p-42", "--purpose", "boxes", AGGREGATE, "--no-wait",
                                  who="carol").json()[-1]["request"]
        second = self.house.must("--json", "extract", "--project", "p-42", "--purpose", "drugs", "--kind", "individual", INDIVIDUAL,
                                 "--no-wait", who="carol").json()[-1]["request"]
        shown = self.house.must("approve", request, "--yes", who="dave")
        for line in ("COLUMN THAT WOULD LEAVE", "boxes", "aggregated", "rows to expect: ", "nothing was asked for"):
            self.assertIn(line, shown.err)
        shown = self.house.must("approve", second, "--yes", who="dave")
        self.assertRegex(shown.err, r"carol +aggregate +\d+ +(admitted|running|delivered)")
        self.house.must("extract", "--resume", request, "-o", "boxes.csv", who="carol")

    def test_6_the_yearly_review(self):
        listed = self.house.must("--json", "review", who="alice").json()[0]["rights"]
        self.assertIn(("carol", "project", "p-42"), {(one["person"], one["kind"], one["name"]) for one in listed})
        signed = self.house.must("review", "--drop", "carol:agent", *TWO)
        self.assertIn("the review is recorded", signed.out)
        kinds = [kind for kind, state, _ in self.house.entries() if state == "admitted"]
        self.assertIn("review", kinds)
        audit = self.house.must("audit", str(self.house.home))
        self.assertIn("everything follows from what was signed", audit.out)


if __name__ == "__main__":
    unittest.main()
