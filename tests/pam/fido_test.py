#!/usr/bin/env python3
"""Logging in to a machine with a FIDO2 key: pamtester, the FIDO application of a simulated token in a reader, a gate.

    fido_test.py BUILD
"""
import os
import pathlib
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from machine import Machine  # noqa: E402
from story import PINS, House, find_program  # noqa: E402

BUILD = os.path.realpath(sys.argv.pop(1))


class LogIn(unittest.TestCase):
    def test_a_key_logs_in_as_a_card_does(self):
        house = House(BUILD, names=("alice", "bob", "carol"), people=60).__enter__()
        self.addCleanup(house.__exit__, None, None, None)
        house.begin()
        house.must("person", "add", "carol", "--name", "Carol Roux", "--organisation", "caisse", "--administrator", "alice")
        house.must("token", "init", "--fido2", "--token", "carol", "--person", "carol", "-o", "carol.enrolment")
        house.must("token", "enrol", "carol.enrolment", "--administrator", "bob", "--administrator", "alice")
        house.must("account", "add", "laptop-12", "croux", "carol", "--administrator", "alice")
        machine = Machine(house, "laptop-12")
        machine.join()
        house.tokens.pull("alice")
        house.tokens.pull("bob")
        wrong = machine.pam("authenticate", account="croux", pin="000000")
        self.assertEqual("PAM_AUTH_ERR", wrong.code, str(wrong))
        self.assertIn("7 tries left", wrong.text)
        tried = machine.pam("authenticate", "acct_mgmt", "setcred", account="croux", pin=PINS["carol"])
        self.assertEqual("PAM_SUCCESS", tried.code, str(tried))
        self.assertIn("Touch FIDO2 key fido2-", tried.text)
        other = machine.pam("authenticate", account="eblanc", pin=PINS["carol"])
        self.assertEqual("PAM_USER_UNKNOWN", other.code, str(other))
        self.assertEqual(1, len(machine.waiting()))
        self.assertEqual(0, machine.refresh().code)
        self.assertEqual(("login", "admitted", ""), house.entries()[-1])
        self.assertEqual(0, house.sceau("audit").code)


class Plugged(unittest.TestCase):
    """A key on a socket of its own, away from any reader: a token that the test starts, and pulls."""

    def setUp(self):
        self.house = House(BUILD, names=("alice", "bob", "carol"), people=60).__enter__()
        self.addCleanup(self.house.__exit__, None, None, None)
        house = self.house
        house.begin()
        house.must("person", "add", "carol", "--name", "Carol Roux", "--organisation", "caisse", "--administrator", "alice")
        house.must("token", "init", "--fido2", "--token", "carol", "--person", "carol", "-o", "carol.enrolment")
        house.must("token", "enrol", "carol.enrolment", "--administrator", "bob", "--administrator", "alice")
        house.must("account", "add", "laptop-12", "croux", "carol", "--administrator", "alice")
        self.machine = Machine(house, "laptop-12")
        self.machine.join()
        for name in house.names:
            house.tokens.pull(name)
        self.socket, self.button = house.path("key.hid"), house.path("key.touch")
        house.environment["SCEAU_FIDO2"] = self.socket
        self.key = None
        self.addCleanup(self.unplug)

    def plug(self, touch="auto"):
        self.key = subprocess.Popen([find_program(BUILD, "sceau-token"), "--flash", self.house.tokens.folder / "carol.flash",
                                     "--hid", self.socket, "--touch", touch, "--display", "none"])

    def unplug(self):
        if self.key:
            self.key.kill()
            self.key.wait()
            self.key = None

    def begin(self, *options):
        """pamtester that has its PIN to come."""
        self.machine.stack("send=none", *options)
        return subprocess.Popen(self.machine.command(["stdbuf", "-o0", "pamtester", "sceau", "croux", "authenticate"]),
                                env=self.machine.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def awaited(self, process, words):
        """What pamtester said up to these words."""
        said = ""
        while words not in said:
            letter = process.stdout.read(1)
            self.assertTrue(letter, said)
            said += letter
        return said

    def test_a_key_that_is_plugged_in_while_it_waits(self):
        process = self.begin("wait=60")
        self.awaited(process, "Insert your card.")
        self.plug()
        said = process.communicate(PINS["carol"] + "\n", timeout=60)[0]
        self.assertEqual(0, process.returncode, said)
        self.assertEqual(1, len(self.machine.waiting()))

    def test_a_key_that_is_pulled_while_it_signs_leaves_nothing_behind(self):
        self.plug(touch=self.button)
        process = self.begin("wait=60")
        process.stdin.write(PINS["carol"] + "\n")
        process.stdin.flush()
        self.pull_when_asked()
        said = process.communicate(timeout=60)[0]
        self.assertNotEqual(0, process.returncode)
        self.assertIn("the key went away, and nothing came of it", said)
        self.assertEqual([], self.machine.waiting())

    def pull_when_asked(self):
        """Takes the key out when it waits for its touch."""
        while True:
            with socket.socket(socket.AF_UNIX) as line:
                try:
                    line.connect(self.button)
                except OSError:
                    continue
                said = b""
                while b"touch?" not in said:
                    part = line.recv(64)
                    if not part:
                        break
                    said += part
                if b"touch?" in said:
                    return self.unplug()

    def test_a_key_that_is_pulled_leaves_the_request_unsent(self):
        house = self.house
        house.tokens.insert("alice")
        house.tokens.insert("bob")
        house.grant("carol", "agent")
        entries = house.entries()
        self.plug(touch=self.button)
        process = subprocess.Popen([house.program, "login", "--token", self.socket], cwd=house.folder, text=True,
                                   env=house.environment | {"SCEAU_ASKPASS": self.askpass(PINS["carol"])},
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.pull_when_asked()
        said = process.communicate(timeout=60)[0]
        self.assertEqual(1, process.returncode, said)
        self.assertIn("the key went away, and nothing came of it: plug it in again", said)
        self.assertEqual(entries, house.entries())
        self.assertEqual(1, self.times_asked())

    def test_a_wrong_pin_is_told_and_never_tried_again_unasked(self):
        house = self.house
        self.plug()
        for left in (7, 6):
            done = subprocess.run([house.program, "login", "--token", self.socket], cwd=house.folder, text=True,
                                  env=house.environment | {"SCEAU_ASKPASS": self.askpass("000000")}, capture_output=True,
                                  check=False, timeout=60)
            self.assertEqual(4, done.returncode, done.stderr)
            self.assertIn(f"the PIN is wrong: {left} tries left", done.stderr)
            self.assertEqual(1, self.times_asked())
        process = self.begin()
        said = process.communicate("000000\n000000\n", timeout=60)[0]
        self.assertIn("too many wrong PINs in a row", said)
        self.assertEqual(1, said.count("PIN of token") + said.count("PIN:"), said)

    def askpass(self, pin):
        """A program that gives this PIN, and counts."""
        path = pathlib.Path(self.house.path("counting-askpass"))
        path.write_text(f"#!/bin/sh\necho asked >>{self.house.path('asked')}\necho {pin}\n")
        path.chmod(0o700)
        pathlib.Path(self.house.path("asked")).write_text("")
        return str(path)

    def times_asked(self):
        return len(pathlib.Path(self.house.path("asked")).read_text().splitlines())


class Import(unittest.TestCase):
    """What Debian's own pamu2fcfg made of the same simulated key, before the machine came to Sceau."""

    def setUp(self):
        self.house = House(BUILD, names=("alice", "bob", "carol"), people=60, options=("--hid",)).__enter__()
        self.addCleanup(self.house.__exit__, None, None, None)
        self.house.begin()
        self.house.must("person", "add", "carol", "--name", "Carol Roux", "--organisation", "caisse", "--administrator",
                        "alice")
        self.house.must("account", "add", "laptop-12", "croux", "carol", "--administrator", "alice")
        self.socket = str(self.house.tokens.folder / "carol.hid")

    def mapping(self, *options):
        shim = {"LD_PRELOAD": find_program(BUILD, "libtest-fido-socket.so"), "SCEAU_FIDO2": self.socket}
        done = subprocess.run(["pamu2fcfg", "-u", "croux", "-o", "pam://laptop-12", *options],
                              env={**os.environ, **shim}, capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def set_pin(self):
        folder = pathlib.Path(__file__).resolve().parents[1] / "firmware" / "fido"
        script = ("import sys; sys.path.insert(0, sys.argv[1]); from python_client import *\n"
                  "d = SimpleNamespace(path=sys.argv[2], report_size_in=64, report_size_out=64)\n"
                  "ClientPin(Ctap2(CtapHidDevice(d, Line(sys.argv[2])))).set_pin(sys.argv[3])\n")
        subprocess.run(["/usr/bin/python3", "-B", "-c", script, str(folder), self.socket, PINS["carol"]], check=True)

    def bring(self, *words):
        return self.house.sceau("host", "import-u2f", "laptop-12", "mappings", *words, "--administrator", "alice",
                                "--administrator", "bob")

    def test_it_logs_in_on_its_machine_where_policy_says_so(self):
        house = self.house
        line = self.mapping()
        self.assertRegex(line, r"^croux:[^,]+,[^,]+,es256,\+presence$")
        (house.folder / "mappings").write_text(line + "\nstranger:" + line.split(":", 1)[1] + "\n")
        self.set_pin()
        refused = self.bring()
        self.assertEqual(3, refused.code, str(refused))
        self.assertIn("policy's u2f_import does not allow it", refused.line)
        house.must("policy", "set", "u2f_import=allow", "--administrator", "alice", "--administrator", "bob")
        alone = house.sceau("host", "import-u2f", "laptop-12", "mappings", "--administrator", "alice")
        self.assertEqual(3, alone.code, str(alone))
        brought = self.bring()
        self.assertEqual(0, brought.code, str(brought))
        self.assertIn("logs in to laptop-12 as croux, without attestation", brought.out)
        self.assertIn("of stranger is not imported: no one person is bound", brought.err)
        for machine, expected in ((Machine(house, "laptop-12"), "PAM_SUCCESS"), (Machine(house, "laptop-13"), None)):
            if expected is None:
                house.must("account", "add", "laptop-13", "croux", "carol", "--administrator", "alice")
            machine.join()
            if expected:
                wrong = machine.pam("authenticate", account="croux", pin="000000")
                self.assertEqual("PAM_AUTH_ERR", wrong.code, str(wrong))
                self.assertIn("7 tries left", wrong.text)
            tried = machine.pam("authenticate", account="croux", pin=PINS["carol"])
            if expected:
                self.assertEqual(expected, tried.code, str(tried))
                self.assertEqual(0, machine.refresh().code)
                self.assertEqual(("login", "admitted", ""), house.entries()[-1])
            else:
                self.assertNotEqual("PAM_SUCCESS", tried.code, str(tried))
        self.assertEqual(0, house.sceau("audit").code)


if __name__ == "__main__":
    unittest.main(verbosity=2)
