#!/usr/bin/env python3
"""One person's rows, asked for by a parameter: the approver sees whom it means, the rows are delivered, and neither the
gate's home nor its log says whom; an auditor with a key does, and one without checks the rest.

    story_parameters.py BUILD
"""
import csv
import os
import pathlib
import sqlite3
import subprocess
import sys
import unittest

from story import House

BUILD = os.path.realpath(sys.argv.pop(1))
AUDITOR = pathlib.Path(__file__).resolve().parent.parent / "auditor" / "auditor.py"
REFUSED = 3
BY_NIR = "SELECT BEN_NIR_PSA, EXE_SOI_DTD FROM ER_PRS_F WHERE BEN_NIR_PSA = $1"


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, **options).stdout


class Parameters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.settle()
        database = sqlite3.connect(f"file:{cls.house.path('snds.db')}?mode=ro", uri=True)
        cls.nir, cls.rows = database.execute("SELECT BEN_NIR_PSA, count(*) FROM ER_PRS_F GROUP BY 1 ORDER BY 2 DESC, 1").fetchone()
        database.close()
        cls.key, certificate = cls.house.path("auditor.key"), cls.house.path("auditor.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", cls.key, "-out",
                certificate, "-subj", "/CN=Auditor", "-days", "30", "-addext", "keyUsage=critical,keyAgreement")
        cls.certificate = pathlib.Path(certificate).read_bytes()
        cls.values = cls.house.path("nir.txt")
        pathlib.Path(cls.values).write_text(cls.nir + "\n", encoding="ascii")

    def ask(self, sql=BY_NIR, kind="individual", values=None):
        return self.house.sceau("extract", "--project", "p-42", "--purpose", "one dossier", "--kind", kind, "--parameters",
                                values or self.values, "--no-wait", sql, who="carol")

    def refused(self, done, *parts):
        self.assertEqual(REFUSED, done.code, str(done))
        for part in parts:
            self.assertIn(part, done.line)
        self.assertNotIn(self.nir, done.line)

    def nothing_says_whom(self):
        """Of the gate's own files, but the warehouse, which has its people's numbers."""
        for file in self.house.home.rglob("*"):
            if file.is_file() and file.name != "snds.db":
                self.assertNotIn(self.nir.encode(), file.read_bytes(), str(file))
        self.assertNotIn(self.nir, self.house.gate_log())

    def test_1_without_an_auditors_key_there_are_none(self):
        before = len(self.house.entries())
        self.refused(self.ask(), "no auditor could read them", "auditors/")
        self.assertNotIn("extraction.request", [entry[0] for entry in self.house.entries()[before:]])
        self.house.stop_gate()
        (self.house.home / "auditors" / "auditor.pem").write_bytes(self.certificate)
        self.house.start_gate()

    def test_2_the_approver_sees_whom_and_the_rows_are_delivered(self):
        identifier = self.ask()
        self.assertEqual(0, identifier.code, str(identifier))
        identifier = identifier.out.strip()
        request = next(one for one in self.house.must("--json", "pending", who="dave").json()[0]["requests"]
                       if one["state"] == "pending")
        self.assertEqual([self.nir], request["body"]["parameters"])
        listed = self.house.must("--json", "pending", who="alice")
        self.assertIn(identifier, listed.out)
        self.assertNotIn(self.nir, listed.out)
        shown = self.house.must("approve", identifier, "--yes", who="dave")
        self.assertIn(f'parameters 1: "{self.nir}"', shown.err)
        self.house.must("extract", "--resume", identifier, "-o", "one.csv", "--evidence", "evidence", who="carol")
        with open(self.house.path("one.csv"), encoding="utf-8") as rows:
            self.assertEqual(self.rows, len(list(csv.reader(rows))) - 1)
        self.nothing_says_whom()

    def test_3_what_may_not_be_asked_is_refused_and_says_no_value(self):
        for sql, why in ((BY_NIR.replace("=", ">"), "compared with parameters"), (BY_NIR + " LIMIT $1", ""),
                         (BY_NIR.replace("= $1", "LIKE $1"), "stands where"), (BY_NIR.replace("$1", "'1' AND EXE_SOI_DTD = $1"), "compared with parameters"),
                         (BY_NIR + " ORDER BY $1", ""), ("SELECT EXE_SOI_DTD FROM ER_PRS_F", "not used")):
            self.refused(self.ask(sql), why)
        self.refused(self.ask("SELECT BEN_SEX_COD, count(*) AS n FROM ER_PRS_F GROUP BY 1", "aggregate"), "only requests of kind")
        many = self.house.path("many.txt")
        pathlib.Path(many).write_text("x\n" * 65, encoding="ascii")
        self.assertIn("more than 64", self.ask(values=many).line)
        self.nothing_says_whom()

    def test_4_an_auditor_reads_whom_with_her_key_and_checks_the_rest_without(self):
        told = self.house.must("--json", "audit", str(self.house.home), "--key", self.key).json()[0]
        self.assertEqual(([], []), (told["findings"], told["sealed"]))
        self.assertEqual([[self.nir]], [one["parameters"] for one in told["extractions"] if "parameters" in one])
        self.assertIn(self.nir, self.house.must("audit", str(self.house.home), "--key", self.key).out)
        blind = self.house.must("--json", "audit", str(self.house.home))
        self.assertEqual([], blind.json()[0]["findings"])
        self.assertGreater(len(blind.json()[0]["sealed"]), 1)
        self.assertNotIn(self.nir, blind.out)
        # From the gate itself an auditor gets what is sealed as it is.
        copied = self.house.must("--json", "audit", self.house.url, "--key", self.key, who="dave").json()[0]
        self.assertEqual(([], []), (copied["findings"], copied["sealed"]))
        copied = self.house.must("--json", "audit", self.house.url, who="dave")
        self.assertEqual((blind.json()[0]["sealed"], False), (copied.json()[0]["sealed"], self.nir in copied.out))
        second = subprocess.run([sys.executable, "-B", str(AUDITOR), str(self.house.home / "ledger.db")],
                                capture_output=True, text=True, check=False)
        self.assertEqual(f"ok {self.house.home / 'ledger.db'}\n", second.stdout + second.stderr)

    def test_5_openssl_alone_opens_what_is_sealed(self):
        database = sqlite3.connect(f"file:{self.house.home / 'ledger.db'}?mode=ro", uri=True)
        sealed = [row[0] for row in database.execute("SELECT statement FROM opening") if row[0][:8] == b"sealed-1"]
        database.close()
        statement = openssl("cms", "-decrypt", "-inform", "DER", "-inkey", self.key, input=sealed[0][40:])
        self.assertIn(self.nir.encode(), statement)
        self.assertEqual(sealed[0][8:40], openssl("dgst", "-sha256", "-binary", input=statement))


if __name__ == "__main__":
    unittest.main()
