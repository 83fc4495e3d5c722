#!/usr/bin/env python3
"""The main story: a home with two administrators, an agent's and an approver's token, one aggregate and one
individual extraction, evidence checked by stock OpenSSL, the ledger derived again.

    story_extraction.py BUILD
"""
import csv
import hashlib
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import unittest

import postgresql_warehouse
from story import AGGREGATE, INDIVIDUAL, REALM, House

BUILD = os.path.realpath(sys.argv.pop(1))


def openssl(folder, name, authority, *options):
    """Stock OpenSSL's own verdict on one signature of an evidence folder."""
    return subprocess.run(["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", f"{name}.p7s",
                           "-content", f"{name}.json", "-CAfile", authority, *options, "-purpose", "any", "-out",
                           "/dev/null"], cwd=folder, capture_output=True, text=True, check=False)


class Story(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.settle()

    def aggregate(self, name, *options):
        return self.house.sceau("extract", "--project", "p-42", "--purpose", "boxes by sex", "-o", name, *options,
                                AGGREGATE, who="carol")

    def rows(self, name):
        with open(self.house.path(name), newline="", encoding="utf-8") as file:
            return list(csv.reader(file))

    def test_an_aggregate_arrives_with_evidence_that_stock_openssl_verifies(self):
        done = self.aggregate("boxes.csv", "--evidence", "boxes")
        self.assertEqual(0, done.code, str(done))
        rows = self.rows("boxes.csv")
        self.assertEqual(["1", "2"], sorted(row[0] for row in rows[1:]))
        self.assertEqual(0o600, os.stat(self.house.path("boxes.csv")).st_mode & 0o777)
        folder = self.house.path("boxes")
        request = openssl(folder, "request", "roots-and-crls.pem", "-crl_check")
        self.assertIn("CAdES Verification successful", request.stderr)
        self.assertIn("CAdES Verification successful", openssl(folder, "result", "gate.pem").stderr)
        verified = self.house.sceau("--json", "verify", "boxes")
        self.assertEqual(0, verified.code, str(verified))
        self.assertEqual([True] * 4, [line["good"] for line in verified.json()])

    @unittest.skipUnless(postgresql_warehouse.place(), "under tests/with_postgresql")
    def test_the_doctor_says_who_else_could_read_the_source(self):
        options = ("--json", "doctor", "--source", "snds", "--catalogue", self.house.path("snds.toml"))
        found = self.house.sceau(*options, "--database", postgresql_warehouse.place()).json()[0]["findings"]
        said = {(finding["check"], finding["health"]) for finding in found}
        self.assertLessEqual({("gate", "good"), ("grants", "good"), ("superusers", "note"), ("pg_hba", "bad")}, said)
        postgresql_warehouse.psql('CREATE ROLE eve LOGIN; GRANT SELECT ON "IR_BEN_R" TO eve;')
        self.addCleanup(postgresql_warehouse.psql, 'REVOKE ALL ON "IR_BEN_R" FROM eve; DROP ROLE eve;')
        done = self.house.sceau(*options, "--database", postgresql_warehouse.place())
        self.assertEqual(1, done.code, str(done))
        self.assertIn("role eve may read or change IR_BEN_R", str(done.json()))

    def test_what_is_signed_is_shown_before_it_is_signed(self):
        shown = self.aggregate("shown.csv").err
        for part in (REALM, "carol", "p-42", "boxes by sex", "snds", "aggregate", AGGREGATE, "100000 rows", "shown.csv"):
            self.assertIn(part, shown)

    def test_numbers_are_those_of_the_warehouse(self):
        self.assertEqual(0, self.aggregate("numbers.csv").code)
        database = sqlite3.connect(self.house.path("snds.db"))
        expected = sorted((str(sex), str(count)) for sex, count in database.execute(AGGREGATE))
        database.close()
        self.assertEqual(expected, sorted((row[0], row[1]) for row in self.rows("numbers.csv")[1:]))

    def test_individual_rows_wait_for_the_approvers_card_and_carry_no_nir(self):
        asking = self.house.start("extract", "--project", "p-42", "--purpose", "cohort", "--kind", "individual", "-o",
                                  "cohort.csv", INDIVIDUAL, who="carol")
        try:
            identifier = None
            while identifier is None:  # the tool says so when the gate has taken the request
                line = asking.stderr.readline()
                self.assertNotEqual("", line, "the tool ended before it waited")
                found = re.search(r"waiting for an approver's signature \(dave\) on ([0-9a-f]{12})", line)
                identifier = found and found.group(1)
            self.assertFalse(os.path.exists(self.house.path("cohort.csv")))
            waiting = self.house.must("--json", "pending", who="dave").json()[0]["requests"]
            self.assertEqual(["carol"], [one["by"] for one in waiting if one["request"].startswith(identifier)])
            approved = self.house.must("approve", identifier, "--yes", who="dave")
            self.assertIn("verified here", approved.err)
            out, err = asking.communicate(timeout=120)
            self.assertEqual(0, asking.returncode, out + err)
        finally:
            asking.kill()
            asking.wait()
            asking.stdout.close()
            asking.stderr.close()
        rows = self.rows("cohort.csv")
        self.assertGreater(len(rows), 100)
        database = sqlite3.connect(self.house.path("snds.db"))
        nirs = {row[0] for row in database.execute("SELECT DISTINCT BEN_NIR_PSA FROM IR_BEN_R")}
        database.close()
        text = pathlib.Path(self.house.path("cohort.csv")).read_text(encoding="utf-8")
        self.assertEqual([], [nir for nir in nirs if nir in text])
        self.assertGreater(len({row[0] for row in rows[1:]}), 10)

    def test_ctrl_c_leaves_a_request_pending_and_resume_collects_it(self):
        asking = self.house.start("extract", "--project", "p-42", "--purpose", "later", "--kind", "individual", "-o",
                                  "left.csv", INDIVIDUAL, who="carol")
        line = ""
        while "waiting for an approver" not in line:
            line = asking.stderr.readline()
            self.assertNotEqual("", line)
        asking.send_signal(signal.SIGINT)
        asking.wait(timeout=60)
        asking.stdout.close()
        asking.stderr.close()
        identifier = re.search(r"on ([0-9a-f]{12})", line).group(1)
        self.assertEqual([], [name for name in os.listdir(self.house.folder) if name.startswith("left.csv")])
        self.house.must("approve", identifier, "--yes", who="dave")
        self.house.must("extract", "--resume", identifier, "-o", "later.csv", who="carol")
        self.assertGreater(len(self.rows("later.csv")), 100)
        again = self.house.sceau("extract", "--resume", identifier, "-o", "again.csv", who="carol")
        self.assertEqual(3, again.code, str(again))
        self.assertFalse(os.path.exists(self.house.path("again.csv")))

    def test_ctrl_c_while_the_query_runs_leaves_no_part_and_ends_the_query(self):
        # Its condition is over all four tables, so that no plan can leave rows out before they are joined.
        endless = ("SELECT a.BEN_NIR_PSA, b.BEN_NAI_ANN FROM IR_BEN_R a CROSS JOIN ER_PRS_F p CROSS JOIN ER_PHA_F d CROSS JOIN "
                   "IR_BEN_R b WHERE a.BEN_NAI_ANN + p.BEN_NAI_ANN + d.PHA_ACT_QSN > b.BEN_NAI_ANN + 900000")
        done = self.house.must("extract", "--project", "p-42", "--purpose", "endless", "--kind", "individual", "--no-wait",
                               endless, who="carol")
        identifier = done.out.strip()
        self.house.must("approve", identifier, "--yes", who="dave")
        asking = self.house.start("extract", "--resume", identifier, "-o", "endless.csv", who="carol")
        state = lambda: next(one["state"] for one in self.house.must("--json", "pending", "--all", who="dave").json()[0]
                             ["requests"] if one["request"].startswith(identifier))
        while state() != "running":
            self.assertIsNone(asking.poll())
        self.assertTrue(os.path.exists(self.house.path("endless.csv.part")))
        asking.send_signal(signal.SIGINT)
        _, said = asking.communicate(timeout=60)
        self.assertEqual(1, asking.returncode, said)
        self.assertIn("stopped before all rows had come", said)
        self.assertEqual([], [name for name in os.listdir(self.house.folder) if name.startswith("endless.csv")])
        while state() == "running":
            pass
        self.assertEqual("interrupted", state())

    def test_a_refused_request_brings_nothing_and_says_why(self):
        done = self.house.must("extract", "--project", "p-42", "--purpose", "no", "--kind", "individual", "--no-wait",
                               INDIVIDUAL, who="carol")
        identifier = done.out.strip()
        self.house.must("refuse", identifier, "--reason", "too wide", "--yes", who="dave")
        collected = self.house.sceau("extract", "--resume", identifier, "-o", "refused.csv", who="carol")
        self.assertEqual(3, collected.code, str(collected))
        self.assertIn("was refused: dave says: too wide", collected.line)

    def test_who_stands_behind_a_file_and_the_audit_names_agent_and_approver(self):
        self.assertEqual(0, self.aggregate("whose.csv", "--evidence", "whose").code)
        digest = hashlib.sha256(pathlib.Path(self.house.path("whose.csv")).read_bytes()).hexdigest()
        for what in (digest, "whose.csv", "whose/request.p7s", "whose/result.p7s", "whose/request.json"):
            found = self.house.must("--json", "who", what).json()
            self.assertEqual("carol", found[0]["extraction"]["agent"])
        stranger = self.house.sceau("who", "snds.toml")
        self.assertEqual(0, stranger.code, str(stranger))  # the catalogue that a source.add names
        self.assertEqual(6, self.house.sceau("who", "maker.pem").code)
        plain = self.house.sceau("audit", self.house.url.replace("https", "http"), who="dave")
        self.assertEqual(2, plain.code, str(plain))
        self.assertIn("https://", plain.line)
        for where, who in ((str(self.house.home), None), (self.house.url, "dave")):
            audit = self.house.sceau("--json", "audit", where, who=who)
            self.assertEqual(0, audit.code, str(audit))
            report = audit.json()[0]
            self.assertEqual([], report["findings"])
            self.assertIn("carol", {story["agent"] for story in report["extractions"]})

    def test_an_audit_from_outside_is_for_auditors(self):
        done = self.house.sceau("audit", self.house.url, who="carol")
        self.assertEqual(3, done.code, str(done))
        self.assertIn("no auditor", done.line)

    def test_rows_on_standard_output_are_the_rows_alone(self):
        done = self.house.sceau("extract", "--project", "p-42", "--purpose", "boxes by sex", AGGREGATE, who="carol")
        self.assertEqual(0, done.code, str(done))
        self.assertTrue(done.out.startswith("BEN_SEX_COD,boxes\n"), done.out[:80])
        self.assertEqual(3, len(done.out.splitlines()))

    def test_lists_print_as_tables_and_as_json(self):
        for kind in ("organisation", "person", "role", "project", "source"):
            table = self.house.must(kind, "list", who="alice").out
            self.assertGreater(len(table.splitlines()), 1, kind)
            self.assertEqual(1, len(self.house.must("--json", kind, "list", who="alice").json()), kind)
        tokens = self.house.must("--json", "token", "list").json()[0]["tokens"]
        keys = {token["reader"]: token["keys"] for token in tokens}[self.house.tokens.reader("carol")]
        self.assertLessEqual({"9A", "9C"}, {key["slot"] for key in keys})
        for key in keys:
            self.assertRegex(key["certificate"], "^[0-9a-f]{64}$")


if __name__ == "__main__":
    unittest.main()
