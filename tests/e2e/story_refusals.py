#!/usr/bin/env python3
"""What must fail, fails: each with one line that says what, why and what to do, and each in the ledger when it
reached the gate.

    story_refusals.py BUILD
"""
import json
import os
import pathlib
import re
import shutil
import sqlite3
import sys
import time
import unittest

from story import AGGREGATE, INDIVIDUAL, PINS, House, canonical, time_text

BUILD = os.path.realpath(sys.argv.pop(1))
REFUSED, AUTHENTICATION, BAD_EVIDENCE, NOT_FOUND = 3, 4, 5, 6


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD, names=("alice", "bob", "carol", "dave", "erin")).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.settle()
        cls.house.enrol("erin", "Erin Vidal")
        cls.house.grant("erin", "agent")
        cls.house.grant("dave", "agent")
        cls.house.assign("p-42", "dave")
        cls.house.assign("p-42", "erin")
        cls.house.open_project("p-43")  # nobody works on it
        cls.house.must("extract", "--project", "p-42", "--purpose", "boxes by sex", "-o", "first.csv",
                       "--evidence", "first", AGGREGATE, who="carol")

    def extract(self, sql, *options, who="carol", kind="individual", project="p-42", **settings):
        return self.house.sceau("extract", "--project", project, "--purpose", "must fail", "--kind", kind, "-o",
                                "never.csv", *options, sql, who=who, **settings)

    def fails(self, done, code, *parts):
        """With this exit code, one line on standard error that has all these parts, and no file left behind."""
        self.assertEqual(code, done.code, str(done))
        said = [line for line in done.err.splitlines() if line.startswith("sceau: ")]
        self.assertEqual(1, len(said), str(done))
        for part in parts:
            self.assertIn(part, said[0])
        left = [name for name in os.listdir(self.house.folder) if name.startswith("never.csv")]
        self.assertEqual([], left)

    def recorded(self, before, kind, part):
        """Exactly one more entry since then: a refusal of that type, for that reason."""
        new = self.acts()[before:]
        self.assertEqual(1, len(new), new)
        self.assertEqual((kind, "refused"), new[0][:2])
        self.assertIn(part, new[0][2])

    def acts(self):
        """What people did, in order: not their log-ins, nor the gate's own summaries, which come when they come."""
        return [entry for entry in self.house.entries() if entry[0] not in ("login", "gate.summary")]

    def first(self, name):
        return pathlib.Path(self.house.path(f"first/{name}"))

    def prepared(self, name, **changes):
        """The first request again, with a fresh id and now's times unless told otherwise."""
        act = json.loads(self.first("request.json").read_bytes())
        act["id"] = act["id"][:-6] + f"{int(time.time() * 1000) % 0x1000000:06x}"
        now = int(time.time())
        act.update({"at": time_text(now), "until": time_text(now + 600)}, **changes)
        pathlib.Path(self.house.path(name)).write_bytes(canonical(act))
        return name

    # ---- statements -------------------------------------------------------------------------------------

    def test_the_same_request_again(self):
        before = len(self.acts())
        done = self.house.sceau("submit", "first/request.json", "first/request.p7s")
        self.fails(done, REFUSED, "was used before", "sign a new one")
        self.recorded(before, "extraction.request", "was used before")

    def test_an_unsigned_request(self):
        before = len(self.acts())
        self.fails(self.house.sceau("submit", "first/request.json"), REFUSED, "sign")
        self.assertEqual(before, len(self.acts()))

    def test_a_request_changed_by_one_byte(self):
        before = len(self.acts())
        changed = self.first("request.json").read_bytes().replace(b"boxes by sex", b"boxes by sea")
        pathlib.Path(self.house.path("changed.json")).write_bytes(changed)
        self.fails(self.house.sceau("submit", "changed.json", "first/request.p7s"), REFUSED, "signature")
        self.assertEqual(before, len(self.acts()))

    def test_an_expired_request(self):
        past = int(time.time()) - 7200
        name = self.prepared("expired.json", at=time_text(past), until=time_text(past + 900))
        self.house.must("sign", name, "-o", "expired.p7s", who="carol")
        before = len(self.acts())
        self.fails(self.house.sceau("submit", name, "expired.p7s"), REFUSED, "expired at", "sign a new one")
        self.recorded(before, "extraction.request", "expired at")

    def test_a_request_for_another_realm(self):
        name = self.prepared("elsewhere.json", realm="elsewhere.example.org")
        self.house.must("sign", name, "-o", "elsewhere.p7s", who="carol")
        self.fails(self.house.sceau("submit", name, "elsewhere.p7s"), REFUSED, "elsewhere.example.org")

    def test_a_request_that_is_not_canonical(self):
        name = self.prepared("loose.json")
        self.house.must("sign", name, "-o", "loose.p7s", who="carol")
        file = pathlib.Path(self.house.path(name))
        file.write_bytes(file.read_bytes().replace(b',"by"', b', "by"'))
        self.fails(self.house.sceau("submit", name, "loose.p7s"), REFUSED, "canonical")

    def test_a_request_in_somebody_elses_name(self):
        name = self.prepared("mallory.json", by="dave")
        self.house.must("sign", name, "-o", "mallory.p7s", who="carol")
        self.fails(self.house.sceau("submit", name, "mallory.p7s"), REFUSED, "dave", "carol")

    # ---- who may ------------------------------------------------------------------------------------------

    def test_a_revoked_token(self):
        name = self.prepared("revoked.json", by="erin")
        self.house.must("sign", name, "-o", "revoked.p7s", who="erin")
        serial = self.house.serial("erin")
        self.house.must("token", "revoke", serial, "--reason", "lost", "--administrator", "bob")
        before = len(self.acts())
        self.fails(self.house.sceau("submit", name, "revoked.p7s"), REFUSED, serial, "is revoked")
        self.recorded(before, "extraction.request", "is revoked")
        self.fails(self.extract(AGGREGATE, who="erin", kind="aggregate"), REFUSED, "is revoked")

    def test_a_request_outside_the_agents_projects(self):
        before = len(self.acts())
        self.fails(self.extract(AGGREGATE, kind="aggregate", project="p-43"), REFUSED, "p-43", "carol")
        self.recorded(before, "extraction.request", "p-43")

    def test_the_approver_approving_her_own(self):
        asked = self.house.must("extract", "--project", "p-42", "--purpose", "my own", "--kind", "individual",
                                "--no-wait", INDIVIDUAL, who="dave")
        before = len(self.acts())
        self.fails(self.house.sceau("approve", asked.out.strip(), "--yes", who="dave"), REFUSED, "dave")
        self.recorded(before, "approval", "dave")

    def test_an_agent_approving_anything(self):
        asked = self.house.must("extract", "--project", "p-42", "--purpose", "his", "--kind", "individual", "--no-wait",
                                INDIVIDUAL, who="dave")
        done = self.house.sceau("approve", asked.out.strip(), "--yes", who="carol")
        self.assertIn(done.code, (REFUSED, NOT_FOUND), str(done))

    def test_one_administrator_alone_cannot_weaken_policy_or_add_an_approver(self):
        self.fails(self.house.sceau("policy", "set", "minimum_people=12", "--administrator", "alice"), REFUSED,
                   "2 administrators")
        self.fails(self.house.sceau("role", "grant", "carol", "approver", "--administrator", "alice"), REFUSED,
                   "2 administrators")
        self.fails(self.house.sceau("role", "grant", "alice", "agent", "--administrator", "alice"), REFUSED, "alice")

    # ---- what may leave ---------------------------------------------------------------------------------

    def test_a_nir_in_disguise(self):
        for sql in ("SELECT BEN_NIR_PSA || '' AS town FROM IR_BEN_R",
                    "SELECT substr(BEN_NIR_ANO, 1, 9) AS code FROM IR_BEN_R",
                    "SELECT x.y FROM (SELECT BEN_NIR_PSA || 'x' AS y FROM IR_BEN_R) x",
                    "SELECT CASE WHEN BEN_NIR_PSA LIKE '1%' THEN 1 ELSE 0 END AS a FROM IR_BEN_R"):
            self.fails(self.extract(sql), REFUSED)
        self.fails(self.extract("SELECT BEN_NIR_PSA, count(*) FROM IR_BEN_R GROUP BY BEN_NIR_PSA", kind="aggregate"),
                   REFUSED)

    def test_work_on_sqlite_says_why_not(self):
        self.fails(self.extract(AGGREGATE, kind="work"), REFUSED, "work")

    def test_two_statements_writes_and_pragmas(self):
        for sql in (f"{AGGREGATE}; {AGGREGATE}", "DELETE FROM IR_BEN_R", "PRAGMA table_info(IR_BEN_R)",
                    "ATTACH 'x.db' AS x", "SELECT name FROM sqlite_master"):
            self.fails(self.extract(sql), REFUSED)

    # ---- tokens and files -------------------------------------------------------------------------------

    def test_a_wrong_pin_says_how_many_tries_are_left_and_the_right_one_still_works(self):
        wrong = {**PINS, "carol": "111222"}
        self.fails(self.extract(AGGREGATE, kind="aggregate", pins=wrong), AUTHENTICATION, "2 tries left")
        good = self.extract(AGGREGATE, kind="aggregate")
        self.assertEqual(0, good.code, str(good))
        os.remove(self.house.path("never.csv"))

    def test_a_token_that_is_not_there(self):
        self.house.tokens.pull("erin")
        try:
            self.fails(self.house.sceau("login", who="erin"), NOT_FOUND, "erin")
        finally:
            self.house.tokens.insert("erin")

    def test_a_ledger_with_one_byte_changed(self):
        copy = self.house.path("damaged.db")
        source = sqlite3.connect(f"file:{self.house.home / 'ledger.db'}?mode=ro", uri=True)
        target = sqlite3.connect(copy)
        source.backup(target)
        source.close()
        index, statement = next(
            (index, bytes(statement)) for index, statement in
            target.execute("SELECT idx, statement FROM opening ORDER BY idx") if b"boxes by sex" in statement)
        target.execute("UPDATE opening SET statement = ? WHERE idx = ?",
                       (statement.replace(b"boxes by sex", b"boxes by sea"), index))
        target.commit()
        target.close()
        done = self.house.sceau("audit", copy)
        self.fails(done, BAD_EVIDENCE, f"entry {index}")
        self.assertEqual(0, self.house.sceau("audit").code)

    def test_evidence_with_one_byte_changed(self):
        shutil.copytree(self.house.path("first"), self.house.path("forged"))
        for name in ("request.json", "request.p7s", "receipt.json", "result.json", "result-receipt.json"):
            file = pathlib.Path(self.house.path(f"forged/{name}"))
            good = file.read_bytes()
            middle = len(good) // 2
            file.write_bytes(good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1:])
            done = self.house.sceau("verify", "forged")
            self.assertEqual(BAD_EVIDENCE, done.code, name + "\n" + str(done))
            file.write_bytes(good)
        self.assertEqual(0, self.house.sceau("verify", "forged").code)

    def test_another_gate_than_the_pinned_one(self):
        done = self.house.sceau("--gate-certificate", str(self.house.home / "gate.pem"), "policy", "show")
        self.fails(done, AUTHENTICATION, "is not the one")

    def test_no_terminal_and_no_program_to_ask(self):
        done = self.house.sceau("login", who="carol", environment={"SCEAU_ASKPASS": ""})
        self.assertEqual(AUTHENTICATION, done.code, str(done))

    def test_a_gate_that_is_not_running(self):
        done = self.house.sceau("--gate", "https://127.0.0.1:1", "login", who="carol")
        self.assertEqual(1, done.code, str(done))
        self.assertIn("is sceaud running", done.line)

    def test_a_home_that_is_not_there_is_named_before_any_card_is_asked(self):
        for name in ("carol", None):
            done = self.house.sceau("--home", "/nonexistent", "pending", who=name)
            self.assertEqual(NOT_FOUND, done.code, str(done))
            self.assertIn("there is no home in /nonexistent", done.line)

    def test_every_line_of_the_ledger_so_far_holds(self):
        self.assertEqual(0, self.house.sceau("audit").code)
        self.assertIsNone(re.search(r"critical|alarm", self.house.gate_log()))


if __name__ == "__main__":
    unittest.main()
