#!/usr/bin/env python3
"""Statements over an agent's own tables through `sceau connect`, at a PostgreSQL source: month after month, as real tools do.

    tests/with_postgresql tests/e2e/story_connect_work.py BUILD
"""
import os
import sys
import unittest

import postgresql_warehouse
from connect_house import ConnectHouse

BUILD = os.path.realpath(sys.argv.pop(1))
MONTHS = [f"{year}-{month:02}" for year in (2021, 2022, 2023) for month in range(1, 13)]


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


if __name__ == "__main__":
    if not postgresql_warehouse.place():
        sys.exit("story_connect_work: run it by tests/with_postgresql")
    unittest.main(verbosity=2)
