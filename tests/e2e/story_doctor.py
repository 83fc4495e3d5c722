#!/usr/bin/env python3
"""`sceau doctor` on machines where something is wrong: no smart-card service, no card, a PIN nearly spent, a
certificate near its end, a clock that is not the gate's, a module that is not there; and the full check of a card.

    story_doctor.py BUILD
"""
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

from story import PINS, House

BUILD = os.path.realpath(sys.argv.pop(1))
NO_LEAKS = {"ASAN_OPTIONS": "detect_leaks=0"}  # OpenSC keeps what it has until the end


class RefusingService:
    """A socket where the smart-card service's protocol is spoken as far as a client that polkit refuses gets."""

    def __init__(self, answers):
        self.answers = answers
        self.folder = tempfile.TemporaryDirectory(prefix="sceau-refusing-")
        os.chmod(self.folder.name, 0o755)
        self.path = os.path.join(self.folder.name, "pcscd.comm")

    def __enter__(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self.path

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        self.folder.cleanup()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                while self.answers and self.answer(client):
                    pass

    @staticmethod
    def answer(client):
        """The protocol's version is agreed to; a context is refused with SCARD_W_SECURITY_VIOLATION."""
        head = client.recv(8, socket.MSG_WAITALL)
        if len(head) < 8:
            return False
        size, command = struct.unpack("=II", head)
        body = client.recv(size, socket.MSG_WAITALL)
        refused = 0 if command == 0x11 else 0x8010006A
        client.sendall(body[:8] + struct.pack("=I", refused))
        return True


class Doctor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD, names=("alice", "bob", "carol"), people=60).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.begin()
        cls.house.must("person", "add", "carol", "--name", "Carol Roux", "--organisation", "caisse",
                       "--administrator", "alice")
        cls.house.must("token", "init", "--token", "carol", "--person", "carol", "--authority", "alice", "--days", "12",
                       "-o", "carol.enrolment")
        cls.house.must("token", "enrol", "carol.enrolment", "--administrator", "bob")

    def look(self, code, *arguments, **environment):
        done = self.house.sceau("--json", "doctor", *arguments, environment={**NO_LEAKS, **environment})
        self.assertEqual(code, done.code, str(done))
        return done.json()[0]

    @staticmethod
    def found(report, check, health):
        return [finding["text"] + " / " + finding["advice"] for finding in report["findings"]
                if (finding["check"], finding["health"]) == (check, health)]

    def test_a_machine_in_order_says_so_and_gives_each_program_its_line(self):
        report = self.look(0)
        self.assertEqual([], [finding for finding in report["findings"] if finding["health"] == "bad"])
        self.assertEqual(3, len([text for text in self.found(report, "card", "good") if "tries left" in text]))
        self.assertTrue(self.found(report, "gate", "good"))
        self.assertTrue(self.found(report, "clock", "good"))
        lines = {consumer["name"]: consumer["line"] for consumer in report["consumers"]}
        self.assertIn("PKCS11Provider ", lines["ssh"])
        people = self.house.sceau("doctor", environment=NO_LEAKS)
        self.assertEqual(0, people.code)
        self.assertIn("PKCS11Provider ", people.out)

    def test_a_certificate_near_its_end_is_told_with_what_to_do(self):
        soon = self.found(self.look(0), "certificate", "note")
        # The certificate was asked for twelve days: eleven or twelve whole ones are left, as the hour has it.
        self.assertTrue(any("slot 9C" in text and re.search("in 1[12] days", text) and "token renew" in text for text in soon), soon)

    @unittest.skipUnless(shutil.which("faketime"), "faketime is not installed")
    def test_a_clock_that_is_not_the_gates_is_measured(self):
        # The sanitizers' runtime must come first in what is loaded: faketime cannot wrap such a build.
        probe = self.house.sceau("--version", environment={"LD_PRELOAD": "", **NO_LEAKS})
        self.assertEqual(0, probe.code)
        library = next((path for path in ("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
                                          "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1")
                        if os.path.exists(path)), None)
        settings = {"LD_PRELOAD": library, "FAKETIME": "+20d", "ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0"}
        done = self.house.sceau("--json", "doctor", environment=settings)
        if done.code not in (0, 1) or not done.out:
            self.skipTest("this build does not run under faketime")
        report = done.json()[0]
        self.assertTrue(any("ahead of the gate's" in text and "timedatectl" in text
                            for text in self.found(report, "clock", "bad")), report["findings"])
        self.assertTrue(any("expired" in text for text in self.found(report, "certificate", "bad")))
        self.assertEqual(1, done.code)

    def test_no_service_no_home_and_no_module_are_each_named(self):
        home = self.house.folder / "broken"
        home.mkdir()
        (home / "client.toml").write_text("modules = [\"/nonexistent/cps.so\"]\n")
        report = self.look(1, PCSCLITE_CSOCK_NAME=self.house.path("no.socket"), SCEAU_HOME=str(home))
        self.assertTrue(any("pcscd" in text for text in self.found(report, "service", "bad")))
        self.assertTrue(any("/nonexistent/cps.so" in text for text in self.found(report, "module", "bad")))
        self.assertTrue(any("--remember" in text for text in self.found(report, "gate", "note")))

    # ---- a user whom the service does not serve -----------------------------------------------------------

    def look_as_nobody(self, address):
        """The doctor's findings about the service, as a user without rights."""
        with tempfile.TemporaryDirectory(prefix="sceau-doctor-") as folder:
            os.chmod(folder, 0o755)
            program = shutil.copy(self.house.program, folder)
            environment = {**self.house.environment, **NO_LEAKS, "PCSCLITE_CSOCK_NAME": str(address), "HOME": folder,
                           "SCEAU_HOME": folder, "XDG_RUNTIME_DIR": folder}
            done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program, "--json",
                                   "doctor"], env=environment, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(1, done.returncode, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual([], self.found(report, "service", "good"))
        bad = self.found(report, "service", "bad")
        self.assertEqual(1, len(bad), report["findings"])
        return bad[0]

    def test_a_socket_that_this_user_may_not_open_is_told_apart_from_no_service(self):
        told = self.look_as_nobody(self.house.environment["PCSCLITE_CSOCK_NAME"])
        self.assertIn("you may not speak to it", told)
        self.assertIn("polkit", told)

    def test_a_service_that_refuses_this_user_is_told_with_what_to_do(self):
        """Debian 12's own service is built without polkit: this one refuses as those that have it do, by hanging up
        (until 2.2) or by an answer (since)."""
        for answers in (False, True):
            with self.subTest(answers=answers), RefusingService(answers) as address:
                told = self.look_as_nobody(address)
                self.assertIn("turns you away", told)
                self.assertIn("org.debian.pcsc-lite.access_pcsc", told)
                self.assertNotIn("systemctl", told)

    def test_no_card_and_a_nearly_spent_pin(self):
        for _ in range(2):
            self.house.sceau("login", who="carol", pins={**PINS, "carol": "111222"})
        self.assertTrue(any("one PIN try" in text for text in self.found(self.look(0), "card", "note")))
        self.assertEqual(0, self.house.sceau("login", who="carol").code)
        for name in ("alice", "bob", "carol"):
            self.house.tokens.pull(name)
        try:
            self.assertTrue(any("no card in any reader" in text for text in self.found(self.look(1), "card", "bad")))
        finally:
            for name in ("alice", "bob", "carol"):
                self.house.tokens.insert(name)

    def test_the_full_check_of_a_card_is_written_without_its_secrets(self):
        self.look(0, "--record", "report.json", "--token", "carol", "--yes")
        text = (self.house.folder / "report.json").read_text()
        report = json.loads(text)
        worked = {step["step"] for step in report["steps"] if step["worked"]}
        self.assertLessEqual({"SELECT PIV", "sign with slot 9A", "sign with slot 9C", "slot 9C, attestation"}, worked)
        self.assertEqual("PIV", report["reached"])
        self.assertRegex(report["atr"], "^3b")
        for secret in (PINS["carol"], self.house.serial("carol"), "Carol Roux"):
            self.assertNotIn(secret, text)
        wrong = self.house.sceau("doctor", "--record", "second.json", "--token", "carol", "--yes",
                                 pins={**PINS, "carol": "987123"}, environment=NO_LEAKS)
        self.assertEqual(0, wrong.code, str(wrong))
        second = (self.house.folder / "second.json").read_text()
        self.assertIn("wrong PIN", second)
        self.assertNotIn("987123", second)
        self.assertEqual(0, self.house.sceau("login", who="carol").code)

    def test_nothing_is_signed_without_consent(self):
        done = self.house.sceau("doctor", "--record", "none.json", "--token", "carol", environment=NO_LEAKS)
        self.assertNotEqual(0, done.code)
        self.assertFalse((self.house.folder / "none.json").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
