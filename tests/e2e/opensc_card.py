#!/usr/bin/env python3
"""Stock OpenSC and a simulated token: seen, read, enrolled, signed with. Run under tools/simulate with one
token named "alice" and --trace."""

import os
import pathlib
import signal
import unittest

from opensc_tools import Workshop, find_module, run

READER = os.environ["SCEAU_READER_alice"]
TOKENS = pathlib.Path(os.environ["SCEAU_SIMULATE_DIR"])
TRACE = TOKENS / "alice.apdus"


class OpenScCard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workshop = Workshop()
        cls.module = find_module("opensc-pkcs11.so")
        cls.keys = {}
        for slot, usage in (("9A", "digitalSignature"), ("9C", "nonRepudiation")):
            point = cls.workshop.generate(READER, slot)
            public = cls.workshop.public_key(point, f"{slot}.pub")
            certificate = cls.workshop.certificate(public, usage, f"{slot}.pem")
            # piv-tool ends with the number of bytes written as its exit code.
            cls.workshop.piv_tool(READER, "-C", slot, "-i", certificate, fails=True)
            cls.keys[slot] = public

    @classmethod
    def tearDownClass(cls):
        cls.workshop.close()

    def pkcs11(self, *arguments, **options):
        return run("pkcs11-tool", "--module", self.module, *arguments, **options)

    def sign(self, slot, identifier, content):
        data = self.workshop.write("data", content)
        signature = self.workshop.path / "signature"
        self.pkcs11("--login", "--pin", "123456", "--sign", "--mechanism", "ECDSA-SHA256", "--signature-format",
                    "openssl", "--id", identifier, "--input-file", data, "--output-file", signature)
        return run("openssl", "dgst", "-sha256", "-verify", self.keys[slot], "-signature", signature, data)

    def test_opensc_recognises_the_card(self):
        self.assertIn("Personal Identity Verification Card", run("opensc-tool", "--reader", READER, "-n"))

    def test_reader_shows_the_answer_to_reset(self):
        # c0: chaining and extended lengths; 80: chaining only
        self.assertRegex(run("opensc-tool", "-r", READER, "-a"), "3b:8b:80:01:80:73:c0:21:(c0|80):55:53:63:65:61:75:")

    def test_dump_shows_keys_certificates_and_the_non_repudiation_flag(self):
        dump = run("pkcs15-tool", "--reader", READER, "--dump")
        self.assertIn("X.509 Certificate [Certificate for PIV Authentication]", dump)
        self.assertIn("X.509 Certificate [Certificate for Digital Signature]", dump)
        key = dump.split("Private EC Key [SIGN key]", 1)[1].split("\n\n", 1)[0]
        self.assertIn("nonRepudiation", key)
        self.assertIn("[0x200], nonRepudiation", key)  # and nothing else
        self.assertIn("Auth ID", key)

    def test_signing_key_wants_the_pin_each_time(self):
        objects = self.pkcs11("--login", "--pin", "123456", "--list-objects", "--type", "privkey")
        self.assertIn("label:      SIGN key\n  ID:         02\n  Usage:      sign, non-repudiation\n"
                      "  Access:     always authenticate", objects)

    def test_signs_with_the_non_repudiation_key(self):
        self.assertIn("Verified OK", self.sign("9C", "02", "one extraction"))

    def test_signs_with_the_authentication_key(self):
        self.assertIn("Verified OK", self.sign("9A", "01", "one log-in"))

    def test_read_certificate_is_the_one_written(self):
        read = run("pkcs15-tool", "--reader", READER, "--read-certificate", "02")
        written = (self.workshop.path / "9C.pem").read_text()
        self.assertIn(written.split("-----")[2].strip(), read)

    def test_wrong_pin_is_refused_and_counted_and_the_right_one_still_works(self):
        data = self.workshop.write("data", "x")
        output = self.pkcs11("--login", "--pin", "000000", "--sign", "--mechanism", "ECDSA-SHA256", "--id", "02",
                             "--input-file", data, fails=True)
        self.assertIn("CKR_PIN_INCORRECT", output)
        self.assertIn("SW1=0x63, SW2=0xC2", run("opensc-tool", "--reader", READER, "-s", "00:20:00:80"))
        self.assertIn("Verified OK", self.sign("9C", "02", "again"))

    def test_changes_the_pin_and_back(self):
        run("pkcs15-tool", "--reader", READER, "--change-pin", "--auth-id", "01", "--pin", "123456", "--new-pin",
            "24682468")
        run("pkcs15-tool", "--reader", READER, "--verify-pin", "--auth-id", "01", "--pin", "24682468")
        run("pkcs15-tool", "--reader", READER, "--change-pin", "--auth-id", "01", "--pin", "24682468", "--new-pin",
            "123456")

    def test_keys_and_tries_survive_a_kill(self):
        run("pkcs15-tool", "--reader", READER, "--verify-pin", "--auth-id", "01", "--pin", "999999", fails=True)
        os.kill(int((TOKENS / "alice.pid").read_text()), signal.SIGKILL)
        with open(os.environ["SCEAU_SIMULATE_CONTROL"], "w", encoding="ascii") as control:
            control.write("insert alice\n")
        self.assertIn("SW1=0x63, SW2=0xC2", run("opensc-tool", "--reader", READER, "--wait", "-s", "00:20:00:80"))
        self.assertIn("Verified OK", self.sign("9C", "02", "after the kill"))

    def test_trace_tells_commands_and_no_data(self):
        run("opensc-tool", "--reader", READER, "-n")
        for line in TRACE.read_text().splitlines():
            self.assertRegex(line, r"^([0-9A-F]{2} ){4}(-|\d+) (-|\d+) [0-9A-F]{4}$")
        self.assertNotIn("31323334", TRACE.read_text())


if __name__ == "__main__":
    unittest.main()
