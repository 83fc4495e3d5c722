#!/usr/bin/env python3
"""Every type of key with stock tools: generated, imported, signed and deciphered with, tested by pkcs11-tool.
Run under tools/simulate with one token named "carol"."""

import os
import subprocess
import unittest

from opensc_tools import Workshop, find_module, run

READER = os.environ["SCEAU_READER_carol"]
USAGE = "digitalSignature,keyEncipherment,keyAgreement"


def yubico(*arguments, **options):
    return run("yubico-piv-tool", "-r", READER, *arguments, **options)


def send(*apdus):
    """The answers' dumps and status words, as opensc-tool prints them."""
    return run("opensc-tool", "-r", READER, "-s", "00A4040005A000000308",
               *(part for apdu in apdus for part in ("-s", apdu)))


class KeyTypes(unittest.TestCase):
    def setUp(self):
        self.workshop = Workshop()
        self.path = self.workshop.path
        self.module = find_module("opensc-pkcs11.so")

    def tearDown(self):
        self.workshop.close()

    def generate(self, slot, algorithm):
        public = self.path / f"{slot}.pub"
        yubico("-a", "generate", "-s", slot, "-A", algorithm, "-o", public)
        return public

    def software_key(self, algorithm):
        key = self.path / f"{algorithm}.key"
        kind = ("rsa", "rsa_keygen_bits:2048") if algorithm == "RSA2048" else (
            "ec", f"ec_paramgen_curve:P-{algorithm[-3:]}")
        run("openssl", "genpkey", "-algorithm", kind[0], "-pkeyopt", kind[1], "-out", key)
        public = self.path / f"{algorithm}.pub"
        run("openssl", "pkey", "-in", key, "-pubout", "-out", public)
        return key, public

    def certify(self, public, slot):
        certificate = self.workshop.certificate(public, USAGE, f"{slot}.pem")
        yubico("-a", "import-certificate", "-s", slot, "-i", certificate)
        return certificate

    def pkcs11(self, *arguments, **options):
        return run("pkcs11-tool", "--module", self.module, "--login", "--pin", "123456", *arguments, **options)

    def check_signature(self, slot, certificate, algorithm):
        output = yubico("-a", "verify-pin", "-a", "test-signature", "-s", slot, "-P", "123456", "-i", certificate)
        self.assertIn("Successful RSA verification" if algorithm == "RSA2048" else "Successful ECDSA verification",
                      output)

    def check_decipherment(self, slot, certificate, algorithm):
        output = yubico("-a", "verify-pin", "-a", "test-decipher", "-s", slot, "-P", "123456", "-i", certificate)
        self.assertIn("Successfully performed RSA decryption" if algorithm == "RSA2048" else
                      "Successfully performed ECDH exchange with card", output)

    def test_generated_keys_sign_and_decipher(self):
        for algorithm in ("RSA2048", "ECCP384", "ECCP256"):
            with self.subTest(algorithm):
                certificate = self.certify(self.generate("9a", algorithm), "9a")
                self.check_signature("9a", certificate, algorithm)
                certificate = self.certify(self.generate("9d", algorithm), "9d")
                self.check_decipherment("9d", certificate, algorithm)

    def test_imported_keys_sign_and_decipher_and_are_not_attested(self):
        for algorithm in ("RSA2048", "ECCP384", "ECCP256"):
            with self.subTest(algorithm):
                key, public = self.software_key(algorithm)
                output = yubico("-a", "import-key", "-s", "9d", "-i", key, "--pin-policy", "once")
                self.assertIn("Successfully imported a new private key", output)
                certificate = self.certify(public, "9d")
                self.check_signature("9d", certificate, algorithm)
                self.check_decipherment("9d", certificate, algorithm)
                yubico("-a", "attest", "-s", "9d", fails=True)

    def test_generated_keys_of_every_type_are_attested(self):
        for algorithm in ("RSA2048", "ECCP384"):
            with self.subTest(algorithm):
                public = self.generate("82", algorithm)
                leaf = self.path / "leaf.pem"
                yubico("-a", "attest", "-s", "82", "-o", leaf)
                attested = run("openssl", "x509", "-in", leaf, "-noout", "-pubkey")
                self.assertEqual(public.read_text().strip(), attested.strip())

    def test_pkcs11_tool_finds_no_errors(self):
        for first, second in (("RSA2048", "ECCP256"), ("ECCP384", "RSA2048")):
            with self.subTest((first, second)):
                self.certify(self.generate("9a", first), "9a")
                self.certify(self.generate("9d", second), "9d")
                output = self.pkcs11("--test")
                self.assertIn("No errors", output)
                self.assertNotIn("ERR:", output)

    def test_pkcs11_tool_signs_and_decrypts_with_rsa(self):
        public = self.generate("9d", "RSA2048")
        self.certify(public, "9d")
        data = self.workshop.write("data", "a message of some length")
        signature = self.path / "signature"
        self.pkcs11("--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "03", "-i", data, "-o", signature)
        self.assertIn("Verified OK", run("openssl", "dgst", "-sha256", "-verify", public, "-signature", signature, data))
        enciphered = self.path / "enciphered"
        run("openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", public, "-in", data, "-out", enciphered)
        plain = self.path / "plain"
        self.pkcs11("--decrypt", "--mechanism", "RSA-PKCS", "--id", "03", "-i", enciphered, "-o", plain)
        self.assertEqual(data.read_bytes(), plain.read_bytes())

    def test_piv_tool_generates_rsa_on_the_card(self):
        before = send("00F7009E00")
        # Debian's piv-tool generates on the card and then stumbles over OpenSSL 3 on its own side.
        self.workshop.piv_tool(READER, "-G", "9E:07", fails=True)
        after = send("00F7009E00")
        self.assertIn("01 01 07 02 02 01 01 03 01 01 04 82 01 09 81 82", after)
        self.assertNotEqual(before, after)

    def test_host_gets_random_bytes_in_both_ways(self):
        self.pkcs11("--generate-random", "32", "--output-file", self.path / "random")
        self.assertEqual(32, len((self.path / "random").read_bytes()))
        self.pkcs11("--generate-random", "32", "--output-file", self.path / "other")
        self.assertNotEqual((self.path / "random").read_bytes(), (self.path / "other").read_bytes())
        self.assertEqual(2, send("0084000040").count("SW1=0x90, SW2=0x00"))

    def test_bad_import_leaves_the_key_that_was_there(self):
        certificate = self.certify(self.generate("9a", "ECCP256"), "9a")
        key, _ = self.software_key("RSA2048")
        # One bit of the second prime changed: openssl still writes it, yubico-piv-tool still sends it.
        parts = run("openssl", "rsa", "-in", key, "-text", "-noout").split("prime2:")[1].split("exponent1:")[0]
        prime = bytes.fromhex("".join(parts.split()).replace(":", ""))
        der = subprocess.run(["openssl", "pkey", "-in", str(key), "-outform", "DER"], check=True,
                             stdout=subprocess.PIPE).stdout
        start = der.index(prime) + len(prime) // 2
        spoiled = self.workshop.write("spoiled.der", der[:start] + bytes([der[start] ^ 4]) + der[start + 1:])
        pem = self.path / "spoiled.pem"
        run("openssl", "pkey", "-inform", "DER", "-in", spoiled, "-out", pem)
        yubico("-a", "import-key", "-s", "9a", "-i", pem, fails=True)
        self.check_signature("9a", certificate, "ECCP256")


if __name__ == "__main__":
    unittest.main()
