#!/usr/bin/env python3
"""Who read the source, and who could: PostgreSQL's own log held against the ledger, and what `sceau doctor --source` says of a
source with a workspace.

    tests/with_postgresql tests/e2e/story_reconcile.py BUILD     with SCEAU_POSTGRESQL_OPTIONS that log, see CMakeLists.txt
"""
import datetime
import os
import re
import subprocess
import sys
import time
import unittest

import postgresql_warehouse
from connect_house import ConnectHouse
from story import AGGREGATE, INDIVIDUAL

BUILD = os.path.realpath(sys.argv.pop(1))


def asked(statement):
    return subprocess.run(["psql", "-X", "-A", "-t", "-d", postgresql_warehouse.place(), "-c", statement], text=True, check=True,
                          capture_output=True, timeout=60).stdout.strip()


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Reconcile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.log = os.path.join(asked("SHOW data_directory"), "log")
        # Its superuser made the warehouse before any ledger was there.
        cls.house = ConnectHouse(BUILD, people=200).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.settle()
        cls.make_workspace()
        cls.began = now()
        cls.work_and_extract()

    @classmethod
    def make_workspace(cls):
        """As an administrator does: the gate's configuration names the role, and its printed script makes it."""
        cls.house.stop_gate()
        file = cls.house.home / "sceau.toml"
        file.write_text(re.sub(r"(?m)^(postgresql = .*)$", r'\1\nworkspace = "gate_work"', file.read_text()))
        script = cls.house.must("source", "workspace", "--catalogue", "snds.toml").out
        postgresql_warehouse.psql(script)
        (cls.house.home / "gate.url").unlink(missing_ok=True)
        cls.house.start_gate()
        # What the gate looked at before is not what is asked below.
        asked("SELECT pg_sleep(1.1)")

    @classmethod
    def work_and_extract(cls):
        house = cls.house
        house.must("extract", "--project", "p-42", "--purpose", "by sex", "-o", "a.csv", AGGREGATE, who="carol")
        asked_for = house.must("extract", "--kind", "individual", "--project", "p-42", "--purpose", "a cohort", "--no-wait", INDIVIDUAL,
                               who="carol").out.split()[-1]
        house.must("approve", asked_for, "--yes", who="dave")
        house.must("extract", "--resume", asked_for, "-o", "i.csv", who="carol")
        house.listen()
        done = house.psql("CREATE TABLE mine AS SELECT BEN_NIR_PSA, BEN_SEX_COD FROM IR_BEN_R; INSERT INTO mine SELECT BEN_NIR_PSA, "
                          "BEN_SEX_COD FROM IR_BEN_R", "SELECT BEN_SEX_COD, count(*) AS people FROM mine GROUP BY BEN_SEX_COD",
                          "DROP TABLE mine")
        if done.returncode != 0:
            raise RuntimeError(done.stderr + house.said() + house.gate_log()[-3000:])
        house.stop_listening()

    def reconcile(self, code, *options, start=None, log=None):
        done = self.house.sceau("--json", "reconcile", str(self.house.home), "--source", "snds", "--log", log or self.log, "--from",
                                start or self.began, *options)
        self.assertEqual(code, done.code, str(done))
        return done.json()[0]

    def after(self):
        """A time that nothing before it lies in."""
        asked("SELECT pg_sleep(1.1)")
        return now()

    def listed(self, report, which):
        return [f"{one['user']}: {one['why']}: {one['sql']}" for one in report[which]]

    def test_1_what_the_gate_ran_is_explained_to_the_last_statement(self):
        report = self.reconcile(0)
        self.assertEqual("explained", report["verdict"])
        self.assertEqual(5, report["requests"])
        # An aggregate is two statements, each planned first; so are rows of people, and each step of a script.
        self.assertGreaterEqual(report["matched"], 10)
        people = self.house.must("reconcile", str(self.house.home), "--source", "snds", "--log", self.log, "--from", self.began)
        self.assertIn("every read of the tables is a statement of the ledger", people.out)

    def test_2_the_other_format_of_the_log_says_the_same(self):
        files = [os.path.join(self.log, name) for name in os.listdir(self.log) if name.endswith(".json")]
        self.assertEqual(0, self.house.sceau("reconcile", str(self.house.home), "--source", "snds", "--from", self.began, "--log",
                                             *files).code)

    def test_3_whoever_else_reads_is_found(self):
        start = self.after()
        asked("SELECT count(*) FROM \"IR_BEN_R\" WHERE \"BEN_NIR_PSA\" <> 'Dupont'")
        subprocess.run(["pg_dump", "-d", postgresql_warehouse.place(), "-t", 'public."ER_PRS_F"'], check=True, stdout=subprocess.DEVNULL,
                       timeout=60)
        asked("DO $$ BEGIN PERFORM count(*) FROM \"IR_BEN_R\"; END $$")
        asked("CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM \"IR_BEN_R\"'")
        self.addCleanup(asked, "DROP FUNCTION peek")
        asked("SELECT peek()")
        asked("SELECT most_common_vals FROM pg_stats WHERE tablename = 'IR_BEN_R'")
        report = self.reconcile(5, start=start)
        reads = "\n".join(self.listed(report, "reads"))
        untold = "\n".join(self.listed(report, "untold"))
        self.assertIn("postgres: IR_BEN_R: SELECT count(*) FROM \"IR_BEN_R\" WHERE \"BEN_NIR_PSA\" <> $1", reads)
        self.assertIn('COPY public."ER_PRS_F"', reads)
        self.assertIn("pg_stats", reads)
        self.assertIn("DO $1", untold)
        self.assertIn("SELECT peek()", untold)
        self.assertNotIn("Dupont", str(report))
        self.assertIn("Dupont", str(self.reconcile(5, "--literals", start=start)))

    def test_4_a_copy_of_the_gates_own_statement_is_not_the_gates(self):
        start = self.after()
        ran = self.house.must("--json", "audit", str(self.house.home)).json()[0]["extractions"]
        self.assertTrue(ran)
        logged = [line for line in self.csv().split("\n") if "COPY (SELECT" in line and ',"gate",' in line]
        text = re.search(r'"statement: (COPY .* TO STDOUT)"', logged[0]).group(1).replace('""', '"')
        asked(text)
        subprocess.run(["psql", "-X", "-q", "-d", postgresql_warehouse.gates_place(), "-c", text], check=True, stdout=subprocess.DEVNULL)
        reads = self.listed(self.reconcile(5, start=start), "reads")
        self.assertEqual(2, len(reads), reads)
        self.assertIn("gate: ", reads[1])
        self.assertIn("which ran from", reads[1])

    @staticmethod
    def audits():
        return "pgaudit" in asked("SHOW shared_preload_libraries")

    def csv(self):
        names = [name for name in os.listdir(self.log) if name.endswith(".csv")]
        with open(os.path.join(self.log, names[0]), encoding="utf-8") as file:
            return file.read()

    def test_5_a_log_with_something_taken_out_is_not_whole(self):
        with open(self.house.path("cut.csv"), "w", encoding="utf-8") as file:
            lines = self.csv().split("\n")
            taken = next(i for i, line in enumerate(lines) if "COPY (SELECT" in line and ',"gate",' in line)
            file.write("\n".join(lines[:taken] + lines[taken + 1:]))
        report = self.reconcile(5, log=self.house.path("cut.csv"))
        # pgaudit's line beside it says the same.
        self.assertEqual(0 if self.audits() else 1, len(report["unlogged"]), report["unlogged"])
        self.assertTrue(any("are missing" in gap for gap in report["gaps"]), report["gaps"])

    def test_6_quieting_the_log_is_an_alarm(self):
        start = self.after()
        asked("SET log_statement = none; SELECT count(*) FROM \"IR_BEN_R\"")
        subprocess.run(["psql", "-X", "-d", postgresql_warehouse.place(), "-c", "SELECT 1"], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "PGOPTIONS": "-c log_statement=none"})
        asked("ALTER SYSTEM SET log_min_messages = 'panic'")
        asked("ALTER SYSTEM RESET log_min_messages")
        report = self.reconcile(5, start=start)
        quiets = "\n".join(self.listed(report, "quiets"))
        self.assertIn("sets log_statement", quiets)
        self.assertIn("sets log_min_messages", quiets)
        if not self.audits():
            self.assertIn("asked nothing that the log shows", "\n".join(self.listed(report, "untold")))

    def test_7_a_gate_that_died_in_its_statement_is_explained(self):
        start = self.after()
        holder = subprocess.Popen(["psql", "-X", "-q", "-d", postgresql_warehouse.place()], stdin=subprocess.PIPE, text=True)
        holder.stdin.write('BEGIN; LOCK TABLE "ER_PRS_F" IN ACCESS EXCLUSIVE MODE;\n')
        holder.stdin.flush()
        waiting = "SELECT count(*) FROM pg_locks WHERE granted = %s AND mode = '%s' AND relation = 'public.\"ER_PRS_F\"'::regclass"
        self.wait_for(lambda: asked(waiting % ("true", "AccessExclusiveLock")) == "1")
        client = self.house.start("extract", "--project", "p-42", "--purpose", "by sex again", "-o", "b.csv", AGGREGATE, who="carol")
        self.wait_for(lambda: asked(waiting % ("false", "AccessShareLock")) == "1")
        self.house.kill_gate()
        holder.communicate("ROLLBACK;\n", timeout=60)
        client.communicate(timeout=60)
        self.house.start_gate()
        self.assertIn("interrupted", [one["state"] for one in self.house.must("--json", "audit", str(self.house.home)).json()[0]["extractions"]])
        # Its result does not say what ran; the request does.
        self.assertGreaterEqual(self.reconcile(0, start=start)["matched"], 1)

    def wait_for(self, condition):
        until = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), until)

    def test_8_what_is_wrong_with_the_question_is_said(self):
        for options, code in ((["--source", "other", "--log", self.log], 2), (["--source", "other", "--role", "gate", "--log", self.log], 6),
                              (["--source", "snds", "--log", "/nonexistent.csv"], 6),
                              (["--source", "snds", "--log", self.log, "--from", "yesterday"], 2)):
            self.assertEqual(code, self.house.sceau("reconcile", str(self.house.home), *options).code, options)

    def test_9_the_doctor_tells_the_workspaces_role_from_others(self):
        options = ("--json", "doctor", "--source", "snds", "--catalogue", self.house.path("snds.toml"), "--database",
                   postgresql_warehouse.place())
        found = self.house.sceau(*options).json()[0]["findings"]
        said = {(finding["check"], finding["health"]) for finding in found}
        self.assertLessEqual({("gate", "good"), ("grants", "good"), ("roles", "good"), ("log", "good")}, said, found)
        self.assertNotIn(("grants", "bad"), said, found)
        # Others who may become it can read all workspaces, too.
        postgresql_warehouse.psql("CREATE ROLE eve LOGIN; GRANT gate_work TO eve;")
        self.addCleanup(postgresql_warehouse.psql, "DROP ROLE eve;")
        done = self.house.sceau(*options)
        self.assertEqual(1, done.code, str(done))
        self.assertIn("role eve may read", str(done.json()))

    def test_9_parameters_are_explained_and_stay_out_of_the_log(self):
        key, certificate = self.house.path("auditor.key"), self.house.home / "auditors" / "auditor.pem"
        self.house.stop_gate()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                        "-out", str(certificate), "-subj", "/CN=Auditor"], check=True, capture_output=True)
        (self.house.home / "gate.url").unlink(missing_ok=True)
        self.house.start_gate()
        nir = asked('SELECT max("BEN_NIR_PSA") FROM "IR_BEN_R"')
        with open(self.house.path("nir.txt"), "w", encoding="ascii") as file:
            file.write(nir)

        def collect(column):
            one = self.house.must("extract", "--kind", "individual", "--project", "p-42", "--purpose", "one", "--no-wait", "--parameters",
                                  "nir.txt", f"SELECT {column} FROM IR_BEN_R WHERE BEN_NIR_PSA = $1", who="carol").out.split()[-1]
            self.house.must("approve", one, "--yes", who="dave")
            return self.house.sceau("extract", "--resume", one, "-o", "one.csv", who="carol")

        self.assertIn("log_parameter_max_length", collect("BEN_SEX_COD").err)
        asked("ALTER ROLE gate SET log_parameter_max_length = 0")
        self.addCleanup(asked, "ALTER ROLE gate RESET log_parameter_max_length")
        self.house.stop_gate()  # its sessions have the old setting
        (self.house.home / "gate.url").unlink(missing_ok=True)
        self.house.start_gate()
        start = self.after()
        done = collect("BEN_NAI_ANN")
        self.assertEqual(0, done.code, str(done))
        self.reconcile(0, "--key", key, start=start)
        self.assertTrue(self.listed(self.reconcile(5, start=start), "reads"))  # without the key nobody knows that it was asked
        for name in os.listdir(self.log):
            with open(os.path.join(self.log, name), encoding="utf-8") as log:
                lines = [line for line in log if nir in line]
            self.assertEqual([], lines)


if __name__ == "__main__":
    if not postgresql_warehouse.place():
        sys.exit("story_reconcile: run it by tests/with_postgresql")
    unittest.main(verbosity=2)
