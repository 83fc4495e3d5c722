#!/usr/bin/env python3
"""Statements over an agent's own tables through `sceau connect`, at a PostgreSQL source: month after month, as real tools do.

    tests/with_postgresql tests/e2e/story_connect_work.py BUILD
"""
import csv
import io
import os
import re
import signal
import subprocess
import sys
import unittest

import psycopg2

import postgresql_warehouse
from connect_house import PURPOSE, ConnectHouse
from ssh_server import SshServer

BUILD = os.path.realpath(sys.argv.pop(1))
MONTHS = [f"{year}-{month:02}" for year in (2021, 2022, 2023) for month in range(1, 13)]

R_SCRIPT = r"""
suppressMessages({library(DBI); library(RPostgreSQL)})
con <- dbConnect(PostgreSQL(), host = Sys.getenv("PGHOST"), port = as.integer(Sys.getenv("PGPORT")), dbname = "sceau",
                 user = "carol", password = Sys.getenv("PGPASSWORD"))
frame <- data.frame(code = c("l'été \"à\" 5 €\\", NA, "x;y,z", NA), price = c(1.5, NA, -1e-7, 1e20),
                    day = as.Date(c("2021-03-04", "2021-03-04", NA, "2021-03-04")), grade = factor(c("a", "b", "a", NA)))
cat("written", dbWriteTable(con, "frame", frame), dbExistsTable(con, "frame"), "\n")
cat("fields", paste(dbListFields(con, "frame"), collapse = ","), "\n", sep = " ")
cat("again", suppressWarnings(dbWriteTable(con, "frame", frame)), "\n")
cat("appended", dbWriteTable(con, "frame", frame, append = TRUE), "\n")
cat("rows", dbGetQuery(con, "SELECT count(*) AS n FROM frame")$n, "\n")
invisible(dbDisconnect(con))
"""


class Work(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = ConnectHouse(BUILD, people=200).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.begin_working()

    def good(self, process):
        self.assertEqual(0, process.returncode, process.stdout + process.stderr + self.house.said() + self.house.gate_log()[-3000:])
        return process.stdout

    def test_months_become_tables_with_one_pin_and_at_most_two_commands_each(self):
        script = "\n".join(f"CREATE TABLE care_{month.replace('-', '_')} AS SELECT BEN_NIR_PSA, EXE_SOI_DTD, PRS_NAT_REF "
                           f"FROM ER_PRS_F WHERE EXE_SOI_DTD >= '{month}-01' AND EXE_SOI_DTD <= '{month}-31';" for month in MONTHS)
        (self.house.folder / "months.sql").write_text("CREATE TABLE warm AS SELECT BEN_SEX_COD FROM IR_BEN_R;\n" + script)
        self.good(self.house.psql("CREATE TABLE first AS SELECT BEN_NIR_PSA, BEN_SEX_COD FROM IR_BEN_R"))
        before = self.house.tokens.commands("carol")
        self.good(self.house.run("psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", "months.sql"))
        self.assertLessEqual(self.house.tokens.commands("carol") - before, 2 * (len(MONTHS) + 1))
        listed = self.good(self.house.psql("\\dt"))
        self.assertEqual(len(MONTHS), listed.count("care_"))
        self.assertIn("PRS_NAT_REF,bigint", self.good(self.house.psql("\\d care_2022_01")).upper().replace("BIGINT", "bigint"))
        counted = self.good(self.house.psql("SELECT BEN_SEX_COD, count(*) AS people FROM first GROUP BY BEN_SEX_COD"))
        self.assertEqual(2, len(counted.splitlines()), counted + self.house.said())

    def test_a_script_is_one_signature_and_all_or_nothing(self):
        before = [entry[0] for entry in self.house.entries()].count("extraction.request")
        self.good(self.house.run("psql", "-X", "-c", "CREATE TABLE one AS SELECT BEN_SEX_COD FROM IR_BEN_R; INSERT INTO one SELECT "
                                 "BEN_SEX_COD FROM IR_BEN_R; DROP TABLE one"))
        self.assertEqual(before + 1, [entry[0] for entry in self.house.entries()].count("extraction.request"))
        failed = self.house.run("psql", "-X", "-c", "CREATE TABLE two AS SELECT BEN_SEX_COD FROM IR_BEN_R; DROP TABLE nothing_there")
        self.assertEqual(1, failed.returncode)
        self.assertNotIn("two", self.good(self.house.psql("\\dt")))

    def test_rollback_says_that_what_was_done_stays(self):
        told = self.house.run("psql", "-X", "-c", "BEGIN", "-c", "CREATE TABLE kept AS SELECT BEN_SEX_COD FROM IR_BEN_R", "-c", "ROLLBACK")
        self.good(told)
        self.assertIn("stays done", told.stderr)
        self.assertIn("kept", self.good(self.house.psql("\\dt")))
        self.good(self.house.psql("DROP TABLE kept"))
        self.assertNotIn("kept", self.good(self.house.psql("\\dt")))

    def test_a_view_of_ones_own_is_made_read_and_dropped(self):
        self.assertEqual(["CREATE TABLE", "CREATE VIEW", "COMMENT", "VACUUM"], [line for line in self.good(self.house.run(
            "psql", "-X", "-v", "ON_ERROR_STOP=1", "-c", "CREATE TABLE base AS SELECT BEN_NIR_PSA, BEN_SEX_COD FROM IR_BEN_R",
            "-c", "CREATE VIEW sexes AS SELECT BEN_SEX_COD, count(*) AS people FROM base GROUP BY BEN_SEX_COD",
            "-c", "COMMENT ON TABLE base IS 'who is there'", "-c", "VACUUM ANALYZE base")).replace("CREATE TABLE AS", "CREATE TABLE").splitlines()])
        self.good(self.house.psql("CREATE TABLE taken AS SELECT * FROM sexes"))
        self.assertIn("DROP VIEW", self.good(self.house.run("psql", "-X", "-c", "DROP VIEW sexes")))

    def counted(self, table, columns):
        """What is in a table of the agent's own, as an aggregate of the rows that are about nobody shows it."""
        told = self.good(self.house.run("psql", "-X", "-t", "--csv", "-c", f"SELECT {columns}, count(*) AS n FROM {table} GROUP BY {columns}"))
        return sorted(csv.reader(io.StringIO(told)))

    def test_psql_copies_a_file_into_a_table_of_ones_own(self):
        rows = [[str(3400930000000 + number), f"ASPIRINE d'été n°{number}, \"{number} mg\"", str(number / 4)] for number in range(400)]
        with open(self.house.path("codes.csv"), "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["cip", "name", "price"], *rows])
        before = [entry[0] for entry in self.house.entries()].count("extraction.request")
        self.assertIn("COPY 400", self.good(self.house.psql("CREATE TABLE codes (cip text, name text, price float8)",
                                                            "\\copy codes from 'codes.csv' csv header")))
        signed = [entry[0] for entry in self.house.entries()].count("extraction.request") - before
        self.assertIn(signed, range(3, 10))
        self.assertEqual([["400", "19950.0"]], [[row[0], str(float(row[1]))] for row in csv.reader(io.StringIO(self.good(self.house.psql(
            "SELECT count(*) AS n, sum(price) AS total FROM codes"))))])
        refused = self.house.run("psql", "-X", "-v", "VERBOSITY=verbose", "-c", "\\copy codes from 'codes.csv' csv")
        self.assertEqual(1, refused.returncode)
        self.assertIn('ERROR:  22P02: COPY, line 1: invalid input syntax for type double precision: "price"', refused.stderr)

    def test_identifiers_are_not_brought_in(self):
        self.good(self.house.psql("CREATE TABLE mine (BEN_NIR_PSA text, n integer)"))
        refused = self.house.run("psql", "-X", "-v", "VERBOSITY=verbose", "-c", "COPY mine FROM STDIN", text="2840575123456\t1\n\\.\n")
        self.assertIn("ERROR:  42501:", refused.stderr)
        self.assertIn("takes no constants", refused.stderr)
        self.assertNotIn("2840575123456", refused.stderr)
        self.assertIn("42501", self.house.run("psql", "-X", "-v", "VERBOSITY=verbose", "-c", "COPY IR_BEN_R FROM STDIN", text="x\n\\.\n").stderr)

    def test_psycopg2_copies_from_files_and_texts(self):
        connection = psycopg2.connect(host="127.0.0.1", port=self.house.port, dbname="sceau", user="carol", password=self.house.password)
        self.addCleanup(connection.close)
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE acts (code text, weight integer)")
        cursor.copy_from(io.StringIO("C\t1\nV\t2\n\\N\t3\n"), "acts")
        cursor.copy_from(io.StringIO("CS|4\n|5\n"), "acts", sep="|", null="", columns=("code", "weight"))
        cursor.copy_expert("COPY acts (weight, code) FROM STDIN WITH (FORMAT csv)", io.StringIO('6,"K, ""KC"""\n'))
        connection.commit()
        cursor.execute("SELECT code, sum(weight) AS weight FROM acts GROUP BY code")
        self.assertEqual({"C": 1, "V": 2, None: 8, "CS": 4, 'K, "KC"': 6}, dict(cursor.fetchall()))
        cursor.execute("UPDATE acts SET weight = weight * 10, code = upper(code || 's') WHERE code = 'V'")
        cursor.execute("SELECT weight FROM acts WHERE code = 'VS' GROUP BY weight")
        self.assertEqual([(20,)], cursor.fetchall())
        with self.assertRaises(psycopg2.errors.InvalidTextRepresentation):
            cursor.copy_from(io.StringIO("C\tmany\n"), "acts")
        connection.rollback()
        with self.assertRaises(psycopg2.errors.ProgramLimitExceeded):
            cursor.copy_from(io.StringIO("C\t1\n" * 500000), "acts")
        connection.rollback()

    def test_r_writes_a_data_frame_as_it_does_elsewhere(self):
        told = self.good(self.house.run("Rscript", "-", text=R_SCRIPT))
        self.assertEqual(["written TRUE TRUE", "fields row.names,code,price,day,grade", "again FALSE", "appended TRUE", "rows 8"],
                         [line.strip() for line in told.splitlines() if line])
        self.assertEqual([["", "2021-03-04", "4"], ["l'été \"à\" 5 €\\", "2021-03-04", "2"], ["x;y,z", "", "2"]],
                         self.counted("frame", "code, day"))

    def test_over_ssh_what_a_server_asks_is_shown_and_confirmed_at_the_desk(self):
        """The README's lines: `sceau agent` here, `ssh -R`, and `sceau connect --agent` there, without card or PIN."""
        house = self.house
        house.stop_listening()
        self.addCleanup(house.listen)
        asked = house.folder / "asked"
        askpass = house.folder / "desk-askpass"
        askpass.write_text(f'#!/bin/sh\necho "$1" >> {asked}\nexec {house.environment["SCEAU_ASKPASS"]} "$@"\n')
        askpass.chmod(0o700)
        desk = subprocess.Popen([house.program, "agent", "--socket", house.path("agent.sock"), "--token", "carol"], cwd=house.folder,
                                env={**house.environment, "SCEAU_ASKPASS": str(askpass)}, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        self.addCleanup(desk.communicate, timeout=60)
        self.addCleanup(desk.terminate)
        self.assertIn("signs for", desk.stdout.readline())
        self.assertEqual(1, len(asked.read_text().splitlines()))
        with SshServer(house.folder / "server") as server:
            there = house.path("there.sock")
            line = server.forward(there, house.path("agent.sock"))
            self.assertEqual(0o600, os.stat(there).st_mode & 0o777)
            # Of the desk's environment ssh takes nothing along: no card, and nobody to type a PIN.
            connect = server.start("sh", "-c", 'echo "$$"; exec "$@"', "sh", "env", "SCEAU_HOME=" + str(house.home),
                                   "PCSCLITE_CSOCK_NAME=/nowhere", house.program, "connect", "--agent", there, "--port", "0", "--project",
                                   "p-42", "--purpose", PURPOSE)
            process = int(connect.stdout.readline())
            try:
                house.port = int(re.search(r"port=(\d+)", connect.stdout.readline())[1])
                self.assertEqual("COPY 2\n", house.psql("CREATE TABLE over_ssh (code text)", "COPY over_ssh FROM STDIN", text="C\nV\n\\.\n")
                                 .stdout.replace("CREATE TABLE\n", ""))
                self.good(house.psql("CREATE TABLE sexes AS SELECT BEN_NIR_PSA, BEN_SEX_COD FROM IR_BEN_R"))
                self.assertEqual(1, len(asked.read_text().splitlines()))
                told = house.run("psql", "-X", "-A", "-t", "-c", "SELECT BEN_SEX_COD, count(*) AS people FROM sexes GROUP BY BEN_SEX_COD")
                self.assertEqual(2, len(told.stdout.splitlines()), told.stderr)
                self.assertIn("to be signed with", told.stderr)
                self.assertEqual(2, len(asked.read_text().splitlines()))  # what leaves, and nothing before it
                # Without the line nothing is signed, and the reason is said.
                line.terminate()
                line.communicate(timeout=60)
                without = house.run("psql", "-X", "-c", "CREATE TABLE more AS SELECT BEN_SEX_COD FROM IR_BEN_R")
                self.assertEqual(1, without.returncode, without.stdout)
                self.assertIn("sceau agent", without.stderr)
                # sshd leaves its socket behind, and does not bind over it.
                with self.assertRaises(RuntimeError):
                    server.forward(there, house.path("agent.sock"))
                os.unlink(there)
                server.forward(there, house.path("agent.sock"))
                self.good(house.psql("CREATE TABLE more AS SELECT BEN_SEX_COD FROM IR_BEN_R"))
            finally:
                os.kill(process, signal.SIGTERM)
        desk.terminate()
        shown = desk.communicate(timeout=60)[1]
        self.assertIn("signed in this session: extraction.request: CREATE TABLE sexes AS", shown)
        self.assertIn("INSERT INTO", shown)
        leaves = shown[shown.index("to be signed with"):]
        self.assertIn("SELECT BEN_SEX_COD, count(*) AS people FROM sexes", leaves)
        self.assertIn(PURPOSE, leaves)


if __name__ == "__main__":
    if not postgresql_warehouse.place():
        sys.exit("story_connect_work: run it by tests/with_postgresql")
    unittest.main(verbosity=2)
