#!/usr/bin/env python3
"""Requests and approvals through a PKCS#11 module that is not ours: OpenSC's, on the simulated cards, against a real
gate. And SoftHSM as a module that the client's configuration names.

    story_modules.py BUILD
"""
import json
import os
import pathlib
import subprocess
import sys
import unittest

from story import AGGREGATE, INDIVIDUAL, PINS, House

BUILD = os.path.realpath(sys.argv.pop(1))
OPENSC = "opensc-pkcs11.so"
HSM_SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "token" / "softhsm"
HSM_MODULE = os.environ.get("SCEAU_SOFTHSM_MODULE", "libsofthsm2.so")


class ThroughModules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD, names=("alice", "bob", "carol", "dave"), people=60).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.settle()
        # By itself OpenSC shows four readers only, and the simulated ones have a second slot each.
        cls.opensc = cls.house.folder / "opensc.conf"
        cls.opensc.write_text("app default {}\napp opensc-pkcs11 { pkcs11 { max_virtual_slots = 64; } }\n")

    def uri(self, person):
        reader = self.house.tokens.reader(person).replace(" ", "%20")
        return f"pkcs11:slot-description={reader}?module-path={OPENSC}"

    def run_as(self, person, *arguments, **options):
        environment = {"ASAN_OPTIONS": "detect_leaks=0", "OPENSC_CONF": str(self.opensc), **options.pop("environment", {})}
        return self.house.sceau(*arguments, "--token", self.uri(person), environment=environment, **options)

    def test_an_extraction_is_signed_through_opensc(self):
        trail = self.house.folder / "trail"
        done = self.run_as("carol", "extract", "--project", "p-42", "--purpose", "boxes", AGGREGATE, "-o", "rows.csv",
                           "--evidence", "evidence", environment={"SCEAU_TRAIL": str(trail)})
        self.assertEqual(0, done.code, str(done))
        self.assertIn("BEN_SEX_COD", (self.house.folder / "rows.csv").read_text())
        used = [json.loads(line) for line in trail.read_text().splitlines()]
        self.assertEqual(["CKM_ECDSA"] * len(used), [line["mechanism"] for line in used])
        self.assertGreaterEqual(len(used), 1)  # the request; the log-in, unless a session was open
        self.assertNotIn(PINS["carol"], trail.read_text())
        verified = self.house.must("verify", "evidence/receipt.json")
        self.assertIn("signed by carol", verified.out)
        folder = self.house.folder / "evidence"
        subprocess.run(["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "request.p7s",
                        "-content", "request.json", "-CAfile", "roots-and-crls.pem", "-crl_check", "-purpose", "any",
                        "-out", "/dev/null"], cwd=folder, check=True, capture_output=True)

    def test_an_approval_is_signed_through_opensc(self):
        asked = self.house.must("extract", "--kind", "individual", "--project", "p-42", "--purpose", "cohort",
                                INDIVIDUAL, "--no-wait", who="carol")
        request = asked.out.strip()
        done = self.run_as("dave", "approve", request, "--yes")
        self.assertEqual(0, done.code, str(done))
        self.assertIn("admitted", done.out)

    def test_the_log_in_key_logs_in_and_a_wrong_pin_is_said_as_with_a_card(self):
        self.assertEqual(0, self.run_as("carol", "login").code)
        wrong = self.run_as("carol", "login", pins={**PINS, "carol": "111222"})
        self.assertEqual(4, wrong.code, str(wrong))
        self.assertIn("wrong PIN", wrong.line)
        self.assertEqual(0, self.run_as("carol", "login").code)  # and the tries are whole again

    def test_what_needs_a_piv_card_says_so(self):
        done = self.run_as("carol", "token", "pin")
        self.assertEqual(3, done.code, str(done))
        self.assertIn("PIV card", done.line)

    def test_a_configured_modules_tokens_are_listed_and_unenrolled_ones_refused_by_name(self):
        hsm = self.house.folder / "hsm"
        hsm.mkdir()
        subprocess.run([HSM_SCRIPT, hsm, HSM_MODULE], check=True)
        home = self.house.folder / "client"
        home.mkdir()
        (home / "client.toml").write_text(
            f"gate = \"{self.house.url}\"\ncertificate = \"{self.house.home / 'tls.pem'}\"\nmodules = [\"{HSM_MODULE}\"]\n")
        settings = {"SCEAU_HOME": str(home), "SOFTHSM2_CONF": str(hsm / "softhsm2.conf"),
                    "ASAN_OPTIONS": "detect_leaks=0", "OPENSC_CONF": str(self.opensc)}
        listed = self.house.must("--json", "token", "list", environment=settings).json()[0]["tokens"]
        found = {", ".join(sorted((key["name"] for key in token["keys"]), reverse=True))
                 for token in listed if "module" in token}
        self.assertEqual({"signing, opening", "rsa", "wide"}, found)
        self.assertEqual(4, len([token for token in listed if "module" not in token]))  # cards are listed once
        answer = self.house.folder / "hsm-askpass"
        answer.write_text("#!/bin/sh\necho 123456\n")
        answer.chmod(0o700)
        refused = self.house.sceau("login", "--token", "carol", environment={**settings, "SCEAU_ASKPASS": str(answer),
                                   "PCSCLITE_CSOCK_NAME": "/nonexistent"})
        self.assertEqual(3, refused.code, str(refused))
        self.assertIn("is not enrolled", refused.line)


if __name__ == "__main__":
    unittest.main(verbosity=2)
