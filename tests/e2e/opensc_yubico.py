#!/usr/bin/env python3
"""Stock yubico-piv-tool and a simulated token: generate, attest, PINs, certificates. Run under tools/simulate
with one token named "bob"."""

import os
import re
import subprocess
import unittest

from opensc_tools import Workshop, run

READER = os.environ["SCEAU_READER_bob"]
TOKEN = os.environ["SCEAU_TOKEN"]


def yubico(*arguments, **options):
    return run("yubico-piv-tool", "-r", READER, *arguments, **options)


class YubicoPivTool(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workshop = Workshop()
        cls.path = cls.workshop.path

    @classmethod
    def tearDownClass(cls):
        cls.workshop.close()

    def generate(self, slot, *options):
        public = self.path / f"{slot}.pub"
        yubico("-a", "generate", "-s", slot, "-A", "ECCP256", "-o", public, *options)
        return public

    def attestation(self, slot):
        leaf = self.path / f"{slot}.attested.pem"
        yubico("-a", "attest", "-s", slot, "-o", leaf)
        device = self.path / "device.pem"
        yubico("-a", "read-certificate", "-s", "f9", "-o", device)
        root = self.path / "root.pem"
        root.write_bytes(subprocess.run([TOKEN, "--print-attestation-root"], check=True, stdout=subprocess.PIPE).stdout)
        return leaf, device, root

    def test_tells_its_version(self):
        self.assertIn("Application version 5.7.0 found.", yubico("-a", "version"))

    def test_shows_its_status(self):
        status = yubico("-a", "status")
        self.assertIn("CHUID:\t3019", status)
        self.assertRegex(status, r"PIN tries left:\s+[1-3]")

    def test_attests_a_generated_key_up_to_the_test_root(self):
        public = self.generate("9a", "--pin-policy", "once", "--touch-policy", "cached")
        leaf, device, root = self.attestation("9a")
        self.assertIn("OK", run("openssl", "verify", "-x509_strict", "-CAfile", root, "-untrusted", device, leaf))
        attested = run("openssl", "x509", "-in", leaf, "-noout", "-pubkey")
        self.assertEqual(attested.strip(), public.read_text().strip())
        text = run("openssl", "x509", "-in", leaf, "-noout", "-text")
        self.assertRegex(text, r"1\.3\.6\.1\.4\.1\.41482\.3\.8:\s*\n\s+\.\.")

    def test_signs_what_openssl_verifies(self):
        public = self.generate("9c")
        certificate = self.workshop.certificate(public, "nonRepudiation", "9c.pem")
        yubico("-a", "import-certificate", "-s", "9c", "-i", certificate)
        output = yubico("-a", "verify-pin", "-a", "test-signature", "-s", "9c", "-P", "123456", "-i", certificate)
        self.assertIn("Successful ECDSA verification", output)

    def test_agrees_on_a_secret(self):
        public = self.generate("9d")
        certificate = self.workshop.certificate(public, "keyAgreement", "9d.pem")
        output = yubico("-a", "verify-pin", "-a", "test-decipher", "-s", "9d", "-P", "123456", "-i", certificate)
        self.assertIn("Successfully performed ECDH exchange with card", output)

    def test_changes_pin_and_puk_and_unblocks(self):
        self.assertIn("Successfully verified PIN", yubico("-a", "verify-pin", "-P", "123456"))
        yubico("-a", "change-pin", "-P", "123456", "-N", "777777")
        self.assertIn("Pin verification failed, 2 tries left", yubico("-a", "verify-pin", "-P", "123456", fails=True))
        yubico("-a", "change-puk", "-P", "12345678", "-N", "87654321")
        yubico("-a", "unblock-pin", "-P", "87654321", "-N", "123456")
        yubico("-a", "change-puk", "-P", "87654321", "-N", "12345678")
        self.assertIn("Successfully verified PIN", yubico("-a", "verify-pin", "-P", "123456"))

    def test_replaces_the_management_key(self):
        fresh = "0123456789abcdef1122334455667788a1b2c3d4e5f60718"
        default = "010203040506070801020304050607080102030405060708"
        yubico("-a", "set-mgm-key", "-n", fresh)
        self.assertIn("Failed authentication", yubico("-a", "set-ccc", fails=True))
        yubico(f"-k{fresh}", "-a", "set-ccc")
        yubico(f"-k{fresh}", "-a", "set-mgm-key", "-n", default)

    def test_refuses_what_the_card_has_not_got(self):
        output = yubico("-a", "generate", "-s", "9e", "-A", "RSA1024", fails=True)
        self.assertTrue(re.search("ail|rror", output), output)

    def test_keeps_retired_keys(self):
        self.generate("82")
        leaf, device, root = self.attestation("82")
        self.assertIn("OK", run("openssl", "verify", "-CAfile", root, "-untrusted", device, leaf))


if __name__ == "__main__":
    unittest.main()
