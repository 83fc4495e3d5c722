#!/usr/bin/env python3
"""Other people's programs through `sceau connect`: psql, psycopg2, R, ODBC, JDBC and pgbench, none of which knows Sceau.

    story_connect.py BUILD

Needs /usr/bin/python3 for psycopg2.
"""
import base64
import contextlib
import csv
import io
import os
import pathlib
import socket
import sqlite3
import struct
import subprocess
import sys
import time
import unittest

import psycopg2

from connect_house import PURPOSE, ConnectHouse
from story import AGGREGATE, INDIVIDUAL, REALM, canonical, time_text

BUILD = os.path.realpath(sys.argv.pop(1))
HERE = pathlib.Path(__file__).resolve().parent
TABLES = ["ER_ETE_F", "ER_PHA_F", "ER_PRS_F", "IR_BEN_R", "IR_IBA_R", "IR_PHA_R"]
R_SCRIPT = """
suppressMessages({library(DBI); library(RPostgreSQL); library(dplyr); library(dbplyr)})
con <- dbConnect(PostgreSQL(), host = Sys.getenv("PGHOST"), port = as.integer(Sys.getenv("PGPORT")), dbname = "sceau",
                 user = "carol", password = Sys.getenv("PGPASSWORD"))
cat("tables", sort(dbListTables(con)), "\\n")
cat("exists", dbExistsTable(con, "IR_BEN_R"), dbExistsTable(con, "nowhere"), "\\n")
cat("fields", dbListFields(con, "IR_BEN_R")[1:2], "\\n")
rows <- dbGetQuery(con, Sys.getenv("SQL"))
cat("rows", rows[order(rows[, 1]), 2], "\\n")
counted <- suppressWarnings(tbl(con, "IR_BEN_R")) %>% group_by(BEN_SEX_COD) %>% summarise(n = n()) %>% collect()
cat("counted", counted$n[order(counted$BEN_SEX_COD)], "\\n")
invisible(dbDisconnect(con))
"""


def odbc_settings(house):
    file = house.folder / "odbc.ini"
    driver = next(pathlib.Path("/usr/lib").glob("*/odbc/psqlodbcw.so"))
    common = (f"Driver={driver}\nServername=127.0.0.1\nPort={house.port}\nDatabase=sceau\nUsername=carol\n"
              f"Password={house.password}\n")
    file.write_text(f"[plain]\n{common}[cursors]\n{common}UseDeclareFetch=1\nFetch=1\n")
    return {"ODBCINI": str(file)}


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = ConnectHouse(BUILD).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.begin_connecting()
        database = sqlite3.connect(cls.house.path("snds.db"))
        cls.expected = sorted(database.execute(AGGREGATE))
        cls.people = sorted(database.execute("SELECT BEN_SEX_COD, count(*) FROM IR_BEN_R GROUP BY BEN_SEX_COD"))
        cls.nirs = {row[0] for row in database.execute("SELECT BEN_NIR_PSA FROM IR_BEN_R")}
        database.close()

    def good(self, process):
        self.assertEqual(0, process.returncode, process.stdout + process.stderr + self.house.said())
        return process.stdout

    def expected_csv(self):
        return [[str(sex), str(count)] for sex, count in self.expected]

    def open(self):
        connection = psycopg2.connect(host="127.0.0.1", port=self.house.port, dbname="sceau", user="carol",
                                      password=self.house.password)
        self.addCleanup(connection.close)
        return connection

    def test_psql_gets_an_aggregate_and_the_request_is_in_the_ledger(self):
        before = len(self.house.entries())
        rows = list(csv.reader(io.StringIO(self.good(self.house.psql(AGGREGATE)))))
        self.assertEqual(self.expected_csv(), sorted(rows))
        self.assertIn("extraction.request", [entry[0] for entry in self.house.entries()[before:]])
        self.assertIn(PURPOSE, self.house.said())  # shown where it is signed

    def test_psql_describes_tables_from_what_the_agent_may_see_and_asks_the_gate_nothing(self):
        before = len(self.house.entries())
        listed = self.good(self.house.psql("\\dt"))
        self.assertEqual(TABLES, sorted(line.split(",")[1] for line in listed.splitlines()))
        described = self.good(self.house.psql("\\d ir_ben_r"))
        self.assertIn("BEN_NIR_PSA,text", described)
        self.assertIn("BEN_NAI_ANN,bigint", described)
        for command in ("\\d", "\\d+ \"IR_BEN_R\"", "\\dn", "\\l", "\\du", "\\df", "\\di", "\\dv", "\\dp", "\\dT", "\\z", "\\dt+"):
            self.good(self.house.psql(command))
        self.assertEqual(before, len(self.house.entries()))

    def test_psql_copies_into_a_file(self):
        self.good(self.house.run("psql", "-X", "-c", f"\\copy ({AGGREGATE}) to 'copied.csv' csv header"))
        with open(self.house.path("copied.csv"), newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        self.assertEqual(["BEN_SEX_COD", "boxes"], rows[0])
        self.assertEqual(self.expected_csv(), sorted(rows[1:]))

    def test_refusals_are_sql_errors_with_their_state(self):
        for sql, state in (("SELECT BEN_NIR_ANO FROM IR_BEN_R", "42501"), ("SELECT nothing FROM nowhere", "42P01"),
                           ("SELECT FROM WHERE", "42601"), ("UPDATE IR_BEN_R SET BEN_NAI_ANN = 1", "42501"),
                           ("COPY IR_BEN_R FROM STDIN", "42501"), ("SET sceau.kind = 'everything'", "22023"),
                           ("SELECT relname FROM pg_class, IR_BEN_R", "42501"), ("SELECT pg_read_file('x')", "42883"),
                           ("SELECT * FROM pg_shadow", "42P01"), ("SET sceau.projet = 'x'", "42704")):
            process = self.house.run("psql", "-X", "-v", "VERBOSITY=verbose", "-c", sql)
            self.assertEqual(1, process.returncode, sql)
            self.assertIn(f"ERROR:  {state}:", process.stderr, sql)

    def test_a_project_that_is_not_the_agents_shows_nothing(self):
        process = self.house.psql("SET sceau.project = 'p-99'", AGGREGATE)
        self.assertEqual(1, process.returncode)
        self.assertIn("p-99", process.stderr)
        self.assertNotIn("IR_BEN_R", self.house.psql("SET sceau.project = 'p-99'", "\\dt").stdout)

    def test_psycopg2_prepares_and_reads_by_cursor(self):
        connection = self.open()
        plain = connection.cursor()
        plain.execute(AGGREGATE)
        self.assertEqual(self.expected, sorted(plain.fetchall()))
        self.assertEqual([20, 20], [column.type_code for column in plain.description])
        with connection.cursor(name="few at a time") as named:
            named.itersize = 1
            named.execute(AGGREGATE)
            self.assertEqual(self.expected, sorted(named))
        plain.execute("PREPARE sexes (int) AS SELECT BEN_SEX_COD, count(*) FROM IR_BEN_R WHERE BEN_NAI_ANN > $1 GROUP BY BEN_SEX_COD")
        plain.execute("EXECUTE sexes (1800)")
        self.assertEqual(self.people, sorted(plain.fetchall()))
        with self.assertRaises(psycopg2.errors.UndefinedTable):
            plain.execute("SELECT 1 FROM nowhere")
        with self.assertRaises(psycopg2.errors.InFailedSqlTransaction):
            plain.execute("SELECT 1")
        connection.rollback()
        plain.execute("SELECT 1")
        self.assertEqual([(1,)], plain.fetchall())

    def test_individual_rows_wait_for_an_approver_and_say_so(self):
        connection = self.open()
        cursor = connection.cursor()
        cursor.execute("SET sceau.kind = 'individual'")
        asking = self.house.client_environment()
        waiting = subprocess.Popen(["psql", "-X", "-A", "-t", "-c", "SET sceau.kind = 'individual'", "-c", INDIVIDUAL], env=asking,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        told = ""
        while "waits for an approver" not in told:
            told = waiting.stderr.readline()
            self.assertNotEqual("", told)
        self.assertIn("(dave)", told)
        self.house.must("approve", told.split("request ")[1].split()[0], "--yes", who="dave")
        rows, said = waiting.communicate(timeout=120)
        self.assertEqual(0, waiting.returncode, said)
        self.assertGreater(len(rows.splitlines()), 100)
        self.assertEqual([], [nir for nir in self.nirs if nir in rows])

    def test_an_answer_in_quarantine_is_an_error_that_says_who_decides(self):
        connection = self.open()
        cursor = connection.cursor()
        cursor.execute("SET sceau.max_rows = 1")
        with self.assertRaises(psycopg2.errors.InsufficientPrivilege) as held:
            cursor.execute(AGGREGATE)
        self.assertIn("waits in quarantine until", str(held.exception))
        self.assertTrue(any("is in quarantine" in notice and "sceau release" in notice for notice in connection.notices),
                        connection.notices)

    def test_a_statement_that_waits_is_cancelled(self):
        connection = self.open()
        cursor = connection.cursor()
        cursor.execute("SET sceau.kind = 'individual'")
        cursor.execute("SET statement_timeout = '1500ms'")
        with self.assertRaises(psycopg2.errors.QueryCanceled):
            cursor.execute(INDIVIDUAL)
        connection.rollback()

    def test_r_works_unchanged(self):
        told = self.good(self.house.run("Rscript", "-", text=R_SCRIPT, SQL=AGGREGATE))
        said = {line.split()[0]: line.split()[1:] for line in told.splitlines() if line}
        self.assertEqual(TABLES, said["tables"])
        self.assertEqual(["TRUE", "FALSE"], said["exists"])
        self.assertEqual(["BEN_NIR_PSA", "BEN_RNG_GEM"], said["fields"])
        self.assertEqual([str(count) for _, count in self.expected], said["rows"])
        self.assertEqual([str(count) for _, count in self.people], said["counted"])

    def test_odbc_asks_with_and_without_cursors(self):
        settings = odbc_settings(self.house)
        for source in ("plain", "cursors"):
            told = self.good(self.house.run("isql", "-v", "-b", "-d,", source, text=AGGREGATE + "\n", **settings))
            self.assertEqual(self.expected_csv(), sorted(line.split(",") for line in told.splitlines() if line[:1] in "12"))
        named = self.good(self.house.run("isql", "-v", "-b", "-d,", "plain", text="help\n", **settings))
        self.assertEqual(TABLES, sorted(line.split(",")[2] for line in named.splitlines() if line.startswith("sceau,")))

    def test_jdbc_asks_for_metadata_and_runs_prepared_statements(self):
        self.good(self.house.run("ecj", "-proc:none", "-17", "-d", self.house.path("classes"), HERE / "ConnectProbe.java"))
        told = self.good(self.house.run("java", "-XX:TieredStopAtLevel=1", "-cp",
                                        self.house.path("classes") + ":/usr/share/java/postgresql.jar", "ConnectProbe",
                                        self.house.port, self.house.password, AGGREGATE)).splitlines()
        self.assertEqual([f"table public.{table}" for table in TABLES], [line for line in told if line.startswith("table")])
        self.assertIn("column BEN_NAI_ANN int8 9", told)
        self.assertEqual(1, len({line for line in told if line.startswith("prepared")}))  # as text, then as binary
        self.assertEqual(7, len([line for line in told if line.startswith("prepared")]))
        self.assertEqual([f"row {sex} {count}" for sex, count in self.expected], sorted(line for line in told if line.startswith("row")))
        self.assertIn("refused 42501", told)

    def test_pgbench_runs_a_script(self):
        script = self.house.folder / "bench.sql"
        script.write_text("SELECT BEN_SEX_COD, count(*) FROM IR_BEN_R GROUP BY BEN_SEX_COD;\n")
        for protocol in ("simple", "extended", "prepared"):
            told = self.good(self.house.run("pgbench", "-n", "-M", protocol, "-c", "2", "-t", "2", "-f", script))
            self.assertIn("number of transactions actually processed: 4/4", told)


class Agent(unittest.TestCase):
    """The card at the desk, `sceau connect` elsewhere: nothing but the agent's socket between them."""

    @classmethod
    def setUpClass(cls):
        cls.house = ConnectHouse(BUILD).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.settle()
        cls.socket = cls.house.path("agent.sock")
        cls.agent = cls.house.start("agent", "--socket", cls.socket, who="carol")
        cls.addClassCleanup(cls.end_agent)
        if "signs for" not in cls.agent.stdout.readline():
            raise RuntimeError(cls.agent.communicate()[1])
        # Where connect runs there is no card and no smart-card service.
        cls.house.environment["PCSCLITE_CSOCK_NAME"] = "/nowhere"
        cls.house.listen("--agent", cls.socket, token=None)

    @classmethod
    def end_agent(cls):
        cls.agent.terminate()
        cls.agent.communicate(timeout=60)

    def test_the_agent_signs_and_shows_what(self):
        done = self.house.psql(AGGREGATE)
        self.assertEqual(0, done.returncode, done.stderr + self.house.said())
        self.assertEqual(2, len(done.stdout.splitlines()))
        shown = ""
        while "until" not in shown:
            line = self.agent.stderr.readline()
            self.assertNotEqual("", line)
            shown += line
        self.assertIn(PURPOSE, shown)
        self.assertEqual(0o600, os.stat(self.socket).st_mode & 0o777)

    def test_the_agent_signs_nothing_else(self):
        refused = self.house.sceau("approve", "0123456789ab", "--yes", "--token", "agent:" + self.socket)
        self.assertNotEqual(0, refused.code)
        for body in (b'{"act":"sign","slot":"9C","statement":"e30="}', b'{"act":"sign","slot":"9D","statement":"e30="}',
                     b'{"act":"unblock","slot":"9C"}', b"{}", b"[]", b"x", b'{"act":"identity","slot":"9C","pin":"1"}'):
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(self.socket)
                line.sendall(struct.pack("!I", len(body)) + body)
                size = struct.unpack("!I", line.recv(4))[0]
                self.assertIn(b'"error"', line.recv(size))
        for frame in (struct.pack("!I", 0), struct.pack("!I", 1 << 31), b"GET /"):
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(self.socket)
                line.sendall(frame)
                line.shutdown(socket.SHUT_WR)
                with contextlib.suppress(ConnectionResetError):
                    self.assertEqual(b"", line.recv(1))

    def test_the_agent_logs_in_at_no_machine_and_decides_nothing(self):
        moment = int(time.time())
        statement = {"after": {"root": "0" * 64, "size": 1}, "at": time_text(moment), "by": "carol", "id":
                     "01a20121-cf0f-7697-953d-c4e11c35830c", "realm": REALM, "sceau": 1, "until": time_text(moment + 600)}
        log_in = {**statement, "type": "login", "body": {"account": "root", "audience": "laptop", "service": "login"}}
        approval = {**statement, "type": "approval", "body": {"evidence": "0" * 64, "request": "0" * 64}}
        for slot, act in (("9A", log_in), ("9C", log_in), ("9C", approval), ("82", approval)):
            body = canonical({"act": "sign", "slot": slot, "statement": base64.b64encode(canonical(act)).decode()})
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(self.socket)
                line.sendall(struct.pack("!I", len(body)) + body)
                size = struct.unpack("!I", line.recv(4))[0]
                self.assertIn(b"log-ins and requests for extractions alone", line.recv(size))


class Strangers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = ConnectHouse(BUILD).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.begin_connecting("--connections", "20")

    def raw(self, data=b""):
        line = socket.create_connection(("127.0.0.1", self.house.port), timeout=30)
        self.addCleanup(line.close)
        line.sendall(data)
        return line

    @staticmethod
    def rest(line):
        received = b""
        try:
            while piece := line.recv(65536):
                received += piece
        except ConnectionResetError:
            pass
        return received

    def still_answers(self):
        done = self.house.psql("SELECT 1")
        self.assertEqual("1\n", done.stdout, done.stderr)

    def test_a_wrong_password_is_refused(self):
        process = self.house.psql("SELECT 1", PGPASSWORD="0" * 64)
        self.assertEqual(2, process.returncode)
        self.assertIn("password authentication failed", process.stderr)
        self.assertEqual(0o600, os.stat(self.house.password_file).st_mode & 0o777)

    def test_somebody_else_on_the_machine_is_turned_away_even_with_the_password(self):
        if os.getuid() != 0:
            self.skipTest("another user is played by root")
        process = self.house.run("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "psql", "-X", "-c", "SELECT 1",
                                 HOME="/")
        self.assertEqual(2, process.returncode, process.stdout)
        self.assertIn("another user's token", process.stderr)

    def test_what_is_no_protocol_ends_the_connection_alone(self):
        startup = struct.pack("!ii", 8 + 11 + 1, 196608) + b"user\0carol\0\0"
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64, struct.pack("!i", 3), struct.pack("!ii", 2000000000, 196608),
                     struct.pack("!ii", 8, 131072), startup + b"Q" + struct.pack("!i", 2000000000), startup + b"p\0\0\0\0",
                     struct.pack("!iiii", 16, 80877102, 1, 1)):
            self.rest(self.raw(data))
        self.still_answers()

    def test_thousands_of_connections_leave_it_standing(self):
        lines = []
        for _ in range(1000):
            line = socket.create_connection(("127.0.0.1", self.house.port), timeout=30)
            lines.append(line)
            if len(lines) > 200:
                lines.pop(0).close()
        for line in lines:
            line.close()
        deadline = time.monotonic() + 30
        while self.house.psql("SELECT 1").returncode != 0 and time.monotonic() < deadline:
            pass
        self.still_answers()


if __name__ == "__main__":
    unittest.main(verbosity=2)
