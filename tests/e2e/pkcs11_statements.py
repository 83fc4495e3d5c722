#!/usr/bin/env python3
"""CKM_SCEAU_STATEMENT with a simulated token, through the examples that users get: a C program, built as they build it,
and PyKCS11; stock OpenSSL judges what was signed. And stock tools, which must not mistake the key for another.

    pkcs11_statements.py MODULE        under tools/simulate, with one token named "alice"
"""
import base64
import hashlib
import json
import os
import pathlib
import subprocess
import time
import unittest
import uuid

from opensc_tools import run
from pkcs11_shop import MODULE, PIN, READER, Shop

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "pkcs11" / "examples"


def der(tag, content):
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 255])
    return bytes([tag]) + length + content


# firmware/clearsign/policy.h: PIN and button for each signature, a window of 900 seconds.
POLICY = der(0x30, der(2, b"\1") + der(2, b"\3") + der(2, b"\2") + der(2, b"\3\x84") + der(0x30, b"".join(
    der(0x0C, name) for name in (b"approval", b"extraction.request", b"login"))))


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def statement(kind, body):
    now = int(time.time())
    # UUIDv7: the time in front, then version and variant.
    number = (int(now * 1000) << 80) | (0x7 << 76) | (0x2 << 62) | (uuid.uuid4().int & ((1 << 62) - 1))
    fields = {"after": {"root": hashlib.sha256(b"").hexdigest(), "size": 0}, "at": moment(now), "body": body, "by": "alice",
              "id": str(uuid.UUID(int=number)), "realm": "sceau.example/test", "sceau": 1, "type": kind,
              "until": moment(now + 600)}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def request():
    return statement("extraction.request", {
        "kind": "aggregate", "max_rows": 100, "output": {"format": "csv", "name": "counts.csv"}, "parameters": [],
        "project": "p-42", "purpose": "to test", "source": "snds", "sql": ["select 1"]})


class Statements(Shop):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        answer = cls.clear_sign(cls.command("00:47:00:C1", POLICY))
        dump = "".join(line[:48] for line in answer.split("Received")[-1].splitlines()[1:])
        content = bytes.fromhex("".join(letter for letter in dump if letter in "0123456789ABCDEF"))
        point = content[content.index(b"\x86\x41") + 2:][:65]
        cls.public = cls.workshop.public_key(point, "c1.pub")
        certificate = cls.workshop.certificate(cls.public, "nonRepudiation", "c1.pem", "/O=Test/serialNumber=alice/CN=Alice")
        run("openssl", "x509", "-in", certificate, "-outform", "DER", "-out", cls.path / "c1.der")
        cls.clear_sign(*cls.chain("00:DA:00:C1", (cls.path / "c1.der").read_bytes()))
        cls.program = cls.path / "sign_statement"
        run("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-DSCEAU_IN_TREE", "-I", ROOT / "pkcs11",
            EXAMPLES / "sign_statement.c", "-o", cls.program, "-ldl")

    @staticmethod
    def command(header, data):
        return f"{header}:{len(data):02X}:" + data.hex(":").upper()

    @classmethod
    def chain(cls, header, data):
        parts = [data[at:at + 255] for at in range(0, len(data), 255)]
        return [cls.command(("1" if part is not parts[-1] else "0") + header[1:], part) for part in parts]

    @classmethod
    def clear_sign(cls, *commands):
        """Commands to the application, with the PIN given; all of them must succeed."""
        verify = cls.command("00:20:00:80", PIN.encode().ljust(8, b"\xff"))
        sent = ["00:A4:04:00:07:F0:53:43:45:41:55:01", verify, *commands]
        # By itself OpenSC selects PIV again before each command.
        answer = run("opensc-tool", "--card-driver", "default", "--reader", READER,
                     *[word for one in sent for word in ("--send-apdu", one)])
        assert answer.count("SW1=0x90, SW2=0x00") == len(sent), answer
        return answer

    def signed(self, *words, data=None):
        """An example's evidence over a statement."""
        done = subprocess.run([str(word) for word in words], input=data, capture_output=True,
                              env={**os.environ, "SCEAU_PIN": PIN}, check=False, timeout=60)
        self.assertEqual(0, done.returncode, done.stderr.decode())
        self.assertIn("press its button", done.stderr.decode())
        return done.stdout

    def judge(self, evidence, content):
        """Whether stock OpenSSL takes the signature in it."""
        (signature,) = json.loads(evidence)["signatures"]
        self.assertEqual(("cades", "alice"), (signature["kind"], signature["person"]))
        (self.path / "signature.p7s").write_bytes(base64.b64decode(signature["bytes"]))
        (self.path / "content").write_bytes(content)
        run("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", self.path / "signature.p7s",
            "-content", self.path / "content", "-CAfile", self.path / "ca.pem", "-purpose", "any", "-out", "/dev/null")

    def test_the_c_example_signs(self):
        content = statement("login", {"audience": "laptop-12"})
        self.judge(self.signed(self.program, MODULE, "C1", data=content), content)

    def test_the_python_example_signs_and_approves(self):
        python = ["/usr/bin/python3", EXAMPLES / "sign_statement.py", MODULE, "C1"]
        asked = self.workshop.write("request.json", request())
        first = self.workshop.write("evidence.json", self.signed(*python, asked))
        self.judge(first.read_bytes(), asked.read_bytes())
        approval = self.workshop.write("approval.json", statement("approval", {
            "evidence": hashlib.sha256(first.read_bytes()).hexdigest(),
            "request": hashlib.sha256(asked.read_bytes()).hexdigest()}))
        self.judge(self.signed(*python, approval, asked, first), approval.read_bytes())

    def test_stock_tools_see_the_key_and_cannot_misuse_it(self):
        self.assertIn("Certificate for Clear-sign Key C1", self.tool("--list-objects", "--type", "cert"))
        self.assertIn("mechtype-0xD3434501", self.tool("--list-mechanisms"))
        listed = self.user("--list-objects", "--type", "privkey")
        self.assertIn("Private key for Clear-sign Key C1", listed)
        refused = self.user("--sign", "--mechanism", "ECDSA-SHA256", "--id", "C1", "--input-file", self.path / "data",
                            fails=True)
        self.assertIn("CKR_KEY_FUNCTION_NOT_PERMITTED", refused)
        # The other keys are as they were.
        self.user("--sign", "--mechanism", "ECDSA-SHA256", "--signature-format", "openssl", "--id", "01", "--input-file",
                  self.path / "data", "--output-file", self.path / "signature")
        self.assertIn("Verified OK", self.verify(self.keys["9A"], "signature"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
