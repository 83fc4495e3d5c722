#!/usr/bin/env python3
"""OpenSC's pkcs11-tool over libsceau-pkcs11.so and a simulated token, and what other programs do to the card meanwhile.

    pkcs11_tool.py MODULE        under tools/simulate, with one token named "alice"
"""
import pathlib
import subprocess
import unittest

from opensc_tools import run
from pkcs11_shop import MODULE, PIN, READER, Shop


class Tool(Shop):
    def test_pkcs11_tool_lists_slots_objects_and_mechanisms(self):
        self.assertIn("token model        : Sceau PIV", self.tool("--list-slots"))
        listed = self.tool("--list-objects")
        for name in ("PIV Authentication", "Digital Signature", "Key Management"):
            self.assertIn(f"Certificate for {name}", listed)
        self.assertNotIn("Private Key Object", listed)
        self.assertIn("always authenticate", self.user("--list-objects", "--type", "privkey"))
        self.assertIn("ECDSA-SHA256", self.tool("--list-mechanisms"))

    def test_pkcs11_tool_signs_with_each_kind_of_key(self):
        for slot, identifier in (("9A", "01"), ("9C", "02")):
            self.user("--sign", "--mechanism", "ECDSA-SHA256", "--signature-format", "openssl", "--id", identifier,
                      "--input-file", self.path / "data", "--output-file", self.path / "signature")
            self.assertIn("Verified OK", self.verify(self.keys[slot], "signature"))

    def test_pkcs11_tool_derives_what_openssl_derives(self):
        own = self.path / "other.pem"
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", own)
        run("openssl", "ec", "-in", own, "-pubout", "-outform", "DER", "-out", self.path / "other.der")
        self.user("--derive", "--mechanism", "ECDH1-DERIVE", "--id", "03", "--input-file", self.path / "other.der",
                  "--output-file", self.path / "shared")
        run("openssl", "pkeyutl", "-derive", "-inkey", own, "-peerkey", self.keys["9D"], "-out", self.path / "expected")
        self.assertEqual((self.path / "expected").read_bytes(), (self.path / "shared").read_bytes())

    def test_pkcs11_tool_generates_tests_and_deletes_an_rsa_key(self):
        self.assertIn("Key pair generated", self.officer("--keypairgen", "--key-type", "RSA:2048", "--id", "04"))
        try:
            self.assertIn("No errors", self.user("--test"))
            self.tool("--read-object", "--type", "pubkey", "--id", "04", "--output-file", self.path / "rsa.der")
            run("openssl", "pkey", "-pubin", "-inform", "DER", "-in", self.path / "rsa.der", "-out",
                self.path / "rsa.pub")
            for mechanism in ("SHA256-RSA-PKCS", "SHA256-RSA-PKCS-PSS"):
                self.user("--sign", "--mechanism", mechanism, "--id", "04", "--input-file", self.path / "data",
                          "--output-file", self.path / "rsa.signature")
                self.assertIn("Signature is valid", self.tool(
                    "--verify", "--mechanism", mechanism, "--id", "04", "--input-file", self.path / "data",
                    "--signature-file", self.path / "rsa.signature"))
            run("openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", self.path / "rsa.pub", "-in", self.path / "data",
                "-out", self.path / "encrypted")
            self.assertIn("what is signed", self.user("--decrypt", "--mechanism", "RSA-PKCS", "--id", "04",
                                                      "--input-file", self.path / "encrypted"))
        finally:
            self.officer("--delete-object", "--type", "privkey", "--id", "04")
        self.assertNotIn("ID:         04", self.tool("--list-objects", "--type", "pubkey"))

    def test_pkcs11_tool_imports_a_key_and_its_certificate(self):
        own = self.path / "import.pem"
        run("openssl", "ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", own)
        run("openssl", "ec", "-in", own, "-outform", "DER", "-out", self.path / "import.der")
        run("openssl", "ec", "-in", own, "-pubout", "-out", self.path / "import.pub")
        run("openssl", "req", "-x509", "-new", "-key", own, "-subj", "/CN=Imported", "-days", "3", "-outform", "DER",
            "-out", self.path / "import.crt")
        self.officer("--write-object", self.path / "import.der", "--type", "privkey", "--id", "05")
        self.officer("--write-object", self.path / "import.crt", "--type", "cert", "--id", "05")
        self.assertIn("CN=Imported", self.tool("--list-objects", "--type", "cert"))
        self.user("--sign", "--mechanism", "ECDSA-SHA256", "--signature-format", "openssl", "--id", "05",
                  "--input-file", self.path / "data", "--output-file", self.path / "signature")
        self.assertIn("Verified OK", self.verify(self.path / "import.pub", "signature"))
        self.officer("--delete-object", "--type", "cert", "--id", "05")
        self.officer("--delete-object", "--type", "privkey", "--id", "05")

    def test_pkcs11_tool_changes_the_pin_and_counts_wrong_ones(self):
        self.user("--change-pin", "--new-pin", "654321")
        self.assertIn("CKR_PIN_INCORRECT", self.user("--list-objects", fails=True))
        self.assertIn("user PIN count low", self.tool("--list-slots"))
        self.tool("--login", "--pin", "654321", "--change-pin", "--new-pin", PIN)
        self.assertNotIn("user PIN count low", self.tool("--list-slots"))

    def test_pykcs11_encrypts_what_pkcs11_tool_decrypts(self):
        # OpenSC 0.23's own tool encrypts with secret keys alone.
        self.officer("--keypairgen", "--key-type", "RSA:2048", "--id", "06")
        program = self.workshop.write("encrypt.py", f"""
import sys
import PyKCS11
from PyKCS11 import *
library = PyKCS11Lib()
library.load({MODULE!r})
session = library.openSession(library.getSlotList(tokenPresent=True)[0], CKF_SERIAL_SESSION)
key = session.findObjects([(CKA_CLASS, CKO_PUBLIC_KEY), (CKA_ID, [6])])[0]
oaep = RSAOAEPMechanism(CKM_SHA256, CKG_MGF1_SHA256)
how = oaep if sys.argv[1] == "RSA-PKCS-OAEP" else Mechanism(CKM_RSA_PKCS, None)
open(sys.argv[2], "wb").write(bytes(session.encrypt(key, b"for the card alone", how)))
""")
        try:
            for mechanism in (["RSA-PKCS"], ["RSA-PKCS-OAEP", "--hash-algorithm", "SHA256"]):
                run("/usr/bin/python3", program, mechanism[0], self.path / "encrypted.rsa")
                self.user("--decrypt", "--mechanism", *mechanism, "--id", "06", "--input-file",
                          self.path / "encrypted.rsa", "--output-file", self.path / "decrypted")
                self.assertEqual(b"for the card alone", (self.path / "decrypted").read_bytes())
        finally:
            self.officer("--delete-object", "--type", "privkey", "--id", "06")

    def pad(self, digits):
        """The environment of a program whose readers have keys, on which somebody types that."""
        library = self.path / "libpad.so"
        if not library.exists():
            source = pathlib.Path(__file__).resolve().parents[1] / "pam" / "pin_pad.c"
            run("cc", "-shared", "-fPIC", "-I/usr/include/PCSC", source, "-o", library, "-lpcsclite")
        return {"LD_PRELOAD": str(library), "SCEAU_TEST_PAD": digits}

    def test_pkcs11_tool_takes_the_pin_from_the_readers_keys(self):
        self.assertIn("PIN pad present", self.tool("--list-slots", **self.pad(PIN)))
        self.tool("--login", "--sign", "--mechanism", "ECDSA-SHA256", "--signature-format", "openssl", "--id", "01",
                  "--input-file", self.path / "data", "--output-file", self.path / "signature", **self.pad(PIN))
        self.assertIn("Verified OK", self.verify(self.keys["9A"], "signature"))
        self.assertIn("CKR_FUNCTION_CANCELED", self.tool("--login", "--list-objects", fails=True, **self.pad("")))

    # What other programs do to the card

    def test_what_another_program_changes_is_listed_at_once(self):
        label = "Public key for Retired Key 20"
        self.assertNotIn(label, self.tool("--list-objects"))
        self.workshop.generate(READER, "95")
        self.assertIn(label, self.tool("--list-objects"))
        self.officer("--delete-object", "--type", "privkey", "--id", "18")
        self.assertNotIn(label, self.tool("--list-objects"))

    def test_logging_out_closes_the_card_to_other_programs(self):
        program = self.workshop.write("logout.py", f"""
import PyKCS11
from PyKCS11 import *
library = PyKCS11Lib()
library.load({MODULE!r})
session = library.openSession(library.getSlotList(tokenPresent=True)[0], CKF_SERIAL_SESSION)
session.login({PIN!r})
input()
session.logout()
input()
""")
        asks = ["opensc-tool", "--reader", READER, "--send-apdu", "00:A4:04:00:05:A0:00:00:03:08:00", "--send-apdu",
                "00:20:00:80"]
        with subprocess.Popen(["/usr/bin/python3", "-u", str(program)], stdin=subprocess.PIPE, text=True) as other:
            try:
                for verified in (True, False):
                    status = self.wait_for_pin_state(asks, verified)
                    self.assertIn("SW1=0x90" if verified else "SW1=0x63", status)
                    other.stdin.write("\n")
                    other.stdin.flush()
            finally:
                other.kill()

    def wait_for_pin_state(self, asks, verified):
        """What the card last said, once it says so or has been asked often enough."""
        for _ in range(100):
            status = run(*asks).strip().splitlines()[-1]
            if ("SW1=0x90" in status) == verified:
                break
        return status


if __name__ == "__main__":
    unittest.main(verbosity=2)
