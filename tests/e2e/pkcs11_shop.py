"""What other people's programs need to meet libsceau-pkcs11.so over a simulated token: keys with certificates in 9A, 9C
and 9D, and a folder of the test's own.

Runs under tools/simulate, with one token named "alice"; the module's path is the first argument.
"""
import os
import pathlib
import socket
import sys
import unittest

from opensc_tools import Workshop, run

MODULE = os.path.realpath(sys.argv.pop(1))
READER = os.environ["SCEAU_READER_alice"]
PIN = "123456"
OFFICER = "0102030405060708" * 3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def system_file(pattern):
    """A file of a Debian package, whatever the architecture."""
    found = sorted(pathlib.Path("/usr/lib").glob(pattern))
    if not found:
        raise FileNotFoundError(f"{pattern} is not installed: run tools/setup")
    return str(found[0])


class Shop(unittest.TestCase):
    keys = {"9A": "digitalSignature", "9C": "nonRepudiation", "9D": "keyAgreement"}

    @classmethod
    def setUpClass(cls):
        cls.workshop = Workshop()
        cls.path = cls.workshop.path
        # Nothing of the user's own configuration, and nothing left in it.
        os.environ.update(HOME=str(cls.path), XDG_CONFIG_HOME=str(cls.path / "config"),
                          XDG_CACHE_HOME=str(cls.path / "cache"))
        cls.keys = {}
        for slot, usage in (("9A", "digitalSignature"), ("9C", "nonRepudiation"), ("9D", "keyAgreement")):
            public = cls.workshop.public_key(cls.workshop.generate(READER, slot), f"{slot}.pub")
            certificate = cls.workshop.certificate(public, usage, f"{slot}.pem")
            cls.workshop.piv_tool(READER, "-C", slot, "-i", certificate, fails=True)
            cls.keys[slot] = public
        (cls.path / "pin").write_text(PIN + "\n")
        (cls.path / "data").write_text("what is signed\n")

    @classmethod
    def tearDownClass(cls):
        cls.workshop.close()

    def tool(self, *arguments, **options):
        return run("pkcs11-tool", "--module", MODULE, *arguments, **options)

    def officer(self, *arguments, **options):
        return self.tool("--login", "--login-type", "so", "--so-pin", OFFICER, *arguments, **options)

    def user(self, *arguments, **options):
        return self.tool("--login", "--pin", PIN, *arguments, **options)

    def verify(self, public, signature, data="data"):
        return run("openssl", "dgst", "-sha256", "-verify", public, "-signature", self.path / signature,
                   self.path / data)
