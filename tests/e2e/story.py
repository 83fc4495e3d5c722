"""A whole house for a story: simulated tokens behind a real smart-card service, a generated warehouse, a home, and
sceaud over TLS on loopback. Standard library only. Under tests/with_postgresql the warehouse is a PostgreSQL database.

    with House(build) as house:
        house.settle()                                  # administrators, sources, people, roles, projects
        house.sceau("extract", …, who="carol")          # a Done: code, out, err
"""
import json
import os
import pathlib
import select
import shutil
import sqlite3
import subprocess
import tempfile
import time

import postgresql_warehouse
from harness import Simulator

PINS = {"alice": "24681357", "bob": "135724", "carol": "975310", "dave": "864209", "erin": "741852", "frank": "963852"}
REALM = "registre.exemple.fr/entrepot"
SECONDS = 120

# The nine keys that care records share with what was dispensed.
NINE_KEYS = ["FLX_DIS_DTD", "FLX_TRT_DTD", "FLX_EMT_TYP", "FLX_EMT_NUM", "FLX_EMT_ORD", "ORG_CLE_NUM", "DCT_ORD_NUM",
             "PRS_ORD_NUM", "REM_TYP_AFF"]
CARE_AND_DRUGS = "ER_PRS_F p JOIN ER_PHA_F d ON " + " AND ".join(f"p.{key} = d.{key}" for key in NINE_KEYS)
AGGREGATE = f"SELECT p.BEN_SEX_COD, count(*) AS boxes FROM {CARE_AND_DRUGS} GROUP BY p.BEN_SEX_COD"
INDIVIDUAL = f"SELECT p.BEN_NIR_PSA, d.PHA_PRS_C13 FROM {CARE_AND_DRUGS}"


def find_program(build, name):
    for path in sorted(pathlib.Path(build).rglob(name)):
        if path.is_file() and os.access(path, os.X_OK):
            return str(path)
    raise RuntimeError(f"{name} is not built in {build}")


def canonical(value):
    """RFC 8785 for what statements hold: ASCII keys, whole numbers, no control characters."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def time_text(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Done:
    """A command that has ended."""

    def __init__(self, arguments, process):
        self.arguments, self.code = arguments, process.returncode
        self.out, self.err = process.stdout, process.stderr

    @property
    def line(self):
        """What was said last: the error, of a command that failed."""
        return self.err.strip().splitlines()[-1] if self.err.strip() else ""

    def json(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def __str__(self):
        return f"sceau {' '.join(self.arguments)}\nexit code {self.code}\n{self.out}{self.err}"


class House:
    def __init__(self, build, names=("alice", "bob", "carol", "dave"), people=300, options=()):
        self.build, self.names, self.people = build, names, people
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sceau-story-"))
        self.home = self.folder / "home"
        self.program = find_program(build, "sceau")
        self._gate, self.gate_options = None, ()
        self._tokens = Simulator(*names, build=build, options=options)
        self.environment = {}

    def __enter__(self):
        self.tokens = self._tokens.__enter__()
        self.environment = {**self.tokens.environment, "SCEAU_HOME": str(self.home),
                            "SCEAU_ASKPASS": str(self._askpass(PINS)), "XDG_RUNTIME_DIR": str(self.folder / "run")}
        return self

    def __exit__(self, *reason):
        self.stop_gate()
        self._tokens.__exit__(*reason)
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return str(self.folder / name)

    def _askpass(self, pins, name="askpass"):
        """A program that types each person's PIN, as their reader's name in the prompt says."""
        cases = "".join(f'*"Sceau {person} "*) echo {pin} ;;\n' for person, pin in pins.items())
        file = self.folder / name
        file.write_text(f'#!/bin/sh\ncase "$1" in\n{cases}*) exit 1 ;;\nesac\n')
        file.chmod(0o700)
        return file

    # ---- commands ---------------------------------------------------------------------------------------

    def sceau(self, *arguments, who=None, pins=None, environment=None):
        command = list(arguments) + (["--token", who] if who else [])
        settings = {**self.environment, **(environment or {})}
        if pins:
            settings["SCEAU_ASKPASS"] = str(self._askpass(pins, "other-askpass"))
        process = subprocess.run([self.program, *command], env=settings, cwd=self.folder, capture_output=True, text=True,
                                 timeout=SECONDS, stdin=subprocess.DEVNULL, check=False)
        return Done(command, process)

    def start(self, *arguments, who=None):
        """A command that goes on meanwhile: a Popen."""
        command = [self.program, *arguments] + (["--token", who] if who else [])
        return subprocess.Popen(command, env=self.environment, cwd=self.folder, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)

    def must(self, *arguments, **options):
        done = self.sceau(*arguments, **options)
        if done.code != 0:
            raise RuntimeError(str(done))
        return done

    def serial(self, name):
        tokens = self.must("--json", "token", "list").json()[0]["tokens"]
        return next(token["serial"] for token in tokens if token["reader"] == self.tokens.reader(name))

    # ---- the gate ---------------------------------------------------------------------------------------

    def start_gate(self):
        log = open(self.folder / "sceaud.log", "ab")
        self._gate = subprocess.Popen([find_program(self.build, "sceaud"), "--home", str(self.home), *self.gate_options],
                                      stderr=log, stdout=log, stdin=subprocess.DEVNULL)
        log.close()
        address = self.home / "gate.url"
        deadline = time.monotonic() + SECONDS
        # Its address is there when it answers; the process is watched meanwhile, so that a death is seen at once.
        ended = os.pidfd_open(self._gate.pid)
        try:
            while not address.exists():
                if select.select([ended], [], [], 0.02)[0] or time.monotonic() > deadline:
                    raise RuntimeError("sceaud did not start:\n" + self.gate_log())
        finally:
            os.close(ended)
        self.url = address.read_text().strip()

    def stop_gate(self):
        if self._gate is None:
            return
        self._gate.terminate()
        self._gate.wait(timeout=SECONDS)
        self._gate = None

    def kill_gate(self):
        self._gate.kill()
        self._gate.wait()
        self._gate = None
        (self.home / "gate.url").unlink(missing_ok=True)

    def gate_log(self):
        return (self.folder / "sceaud.log").read_text(errors="replace")

    # ---- beginnings -------------------------------------------------------------------------------------

    def begin(self):
        """A warehouse, and a home with two administrators, its gate running."""
        generate = find_program(self.build, "sceau-generate")
        subprocess.run([generate, "--out", self.path("snds.db"), "--catalogue", self.path("snds.toml"), "--people",
                        str(self.people), "--seed", "1"], check=True, timeout=SECONDS)
        source = self.path("snds.db")
        if postgresql_warehouse.place():
            postgresql_warehouse.copy(source, self.path("snds.toml"))
            source = postgresql_warehouse.gates_place()
        root = subprocess.run([find_program(self.build, "sceau-token"), "--print-attestation-root"], check=True,
                              capture_output=True, timeout=SECONDS).stdout
        (self.folder / "maker.pem").write_bytes(root)
        done = self.must("init", "--realm", REALM, "--organisation", "caisse=La Caisse", "--administrator",
                         "alice=Alice Martin@alice", "--administrator", "bob=Bob Petit@bob", "--attestation-root",
                         self.path("maker.pem"), "--source", "snds=" + source, "--listen", "127.0.0.1:0")
        self.start_gate()
        return done

    def enrol(self, person, name, *options):
        """A person registered, her token initialised with alice's authority and enrolled with bob's word."""
        file = f"{person}.enrolment"
        self.must("person", "add", person, "--name", name, "--organisation", "caisse", "--administrator", "alice")
        self.must("token", "init", "--token", person, "--person", person, "--authority", "alice", "-o", file, *options)
        self.must("token", "enrol", file, "--administrator", "bob")

    def grant(self, person, role):
        two = ["--administrator", "bob"] if role in ("approver", "administrator") else []
        self.must("role", "grant", person, role, "--administrator", "alice", *two)

    def settle(self):
        """carol is an agent of project p-42, dave approves and audits."""
        self.begin()
        engine = "postgresql" if postgresql_warehouse.place() else "sqlite"
        self.must("source", "add", "snds", "--engine", engine, "--catalogue", "snds.toml", "--administrator", "alice",
                  "--administrator", "bob")
        self.enrol("carol", "Carol Roux")
        self.enrol("dave", "Dave Noir")
        self.grant("carol", "agent")
        self.grant("dave", "approver")
        self.grant("dave", "auditor")
        self.open_project("p-42")
        self.assign("p-42", "carol")

    def open_project(self, project):
        self.must("project", "add", project, "--title", "Soins et médicaments", "--source", "snds", "--kind",
                  "aggregate", "--kind", "individual", "--max-rows", "100000", "--administrator", "alice")

    def assign(self, project, person):
        self.must("project", "assign", project, person, "--administrator", "alice")

    # ---- looking ----------------------------------------------------------------------------------------

    def entries(self):
        """(type, state, reason) of every entry, straight from the ledger's file."""
        database = sqlite3.connect(f"file:{self.home / 'ledger.db'}?mode=ro", uri=True)
        try:
            rows = database.execute("SELECT e.leaf, o.verdict FROM entry e JOIN opening o USING (idx) ORDER BY idx")
            found = []
            for leaf, verdict in rows:
                said = json.loads(verdict)
                found.append((json.loads(leaf)["type"], said.get("state"), said.get("reason", "")))
            return found
        finally:
            database.close()
