#!/usr/bin/env python3
"""Tokens that no attestation stands for, from enrolment to audit, against a real gate: SoftHSM as a module that the
client's configuration names, and a simulated card through OpenSC's. Their keys are certified by an authority of their
maker's, which policy must list before any of them is enrolled.

    story_foreign.py BUILD
"""
import os
import subprocess
import sys
import unittest

from foreign import HSM_MODULE, HSM_PIN, OPENSC_CONF, OPENSC_MODULE, Authority, SoftHsm, fill_card
from harness import ROOT
from story import AGGREGATE, INDIVIDUAL, PINS, House

BUILD = os.path.realpath(sys.argv.pop(1))
TWO = ("--administrator", "alice", "--administrator", "bob")


class Foreign(unittest.TestCase):
    """carol asks with a SoftHSM token, erin approves with a card that OpenSC reaches."""

    @classmethod
    def setUpClass(cls):
        cls.house = house = House(BUILD, names=("alice", "bob", "erin"), people=60).__enter__()
        cls.addClassCleanup(house.__exit__, None, None, None)
        house.begin()
        cls.authority = Authority(house.folder)
        cls.hsm = SoftHsm(house.folder)
        cls.hsm.fill("carol", cls.authority, "Carol Roux")
        fill_card(house.tokens, "erin", cls.authority, "Erin Blanc", PINS["erin"])
        cls.configure()
        house.must("source", "add", "snds", "--catalogue", "snds.toml", *TWO)
        for person, name in (("carol", "Carol Roux"), ("erin", "Erin Blanc")):
            house.must("person", "add", person, "--name", name, "--organisation", "caisse", "--administrator", "alice")

    @classmethod
    def configure(cls):
        """A client that knows the gate and the module."""
        house, client = cls.house, cls.house.folder / "client"
        client.mkdir()
        (client / "client.toml").write_text(f"gate = \"{house.url}\"\ncertificate = \"{house.home / 'tls.pem'}\"\n"
                                            f"modules = [\"{HSM_MODULE}\"]\n")
        (house.folder / "opensc.conf").write_text(OPENSC_CONF)
        askpass = house.folder / "askpass"
        askpass.write_text(askpass.read_text().replace("*) exit 1", f"*SoftHSM*) echo {HSM_PIN} ;;\n*) exit 1"))
        house.environment |= {"SCEAU_HOME": str(client), "OPENSC_CONF": str(house.folder / "opensc.conf"),
                              "ASAN_OPTIONS": "detect_leaks=0", **cls.hsm.environment}
        cls.erin = f"pkcs11:slot-description={house.tokens.reader('erin').replace(' ', '%20')}?module-path={OPENSC_MODULE}"

    def refused(self, reason, *command):
        done = self.house.sceau(*command)
        self.assertEqual(3, done.code, str(done))
        self.assertIn(reason, done.line)

    def enrolled(self, token):
        return ("token", "enrol", "--token", token, "--administrator", "bob")

    def test_from_enrolment_to_audit(self):
        with self.subTest("nothing is enrolled before policy lists the authority"):
            self.refused("no authority that the registry trusts", *self.enrolled("carol"))
            self.refused("needs 2 administrators", "ca", "add", str(self.authority.certificate), "--list",
                         str(self.authority.list), "--administrator", "bob")
            self.house.must("ca", "add", str(self.authority.certificate), "--list", str(self.authority.list), *TWO)
            for token in ("carol", self.erin):
                self.refused("may be software-made", *self.enrolled(token))
            listing = "hardware_authorities=" + str(self.authority.certificate)
            self.refused("needs 2 administrators", "policy", "set", listing, "--administrator", "alice")
            self.house.must("policy", "set", listing, *TWO)
        with self.subTest("both are enrolled, and said to be unattested"):
            for token in ("carol", self.erin):
                done = self.house.must(*self.enrolled(token))
                self.assertIn("is not attested", done.err)
            listed = self.house.must("token", "list", "--enrolled", who="alice").out
            self.assertEqual(2, listed.count("not attested (authority O=Maker, CN=Cards authority"), listed)
            self.house.must("token", "list", "--enrolled", who="carol")
        self.asks_and_approves()
        self.auditors_tell()

    def asks_and_approves(self):
        house = self.house
        house.grant("carol", "agent")
        house.grant("erin", "approver")
        house.open_project("p-42")
        house.assign("p-42", "carol")
        house.must("login", who="carol")
        house.must("extract", "--project", "p-42", "--purpose", "boxes", AGGREGATE, "-o", "rows.csv", who="carol")
        asked = house.must("extract", "--kind", "individual", "--project", "p-42", "--purpose", "cohort", INDIVIDUAL,
                           "--no-wait", who="carol")
        approved = house.must("approve", asked.out.strip(), "--yes", "--token", self.erin)
        self.assertIn("admitted", approved.out)
        # The same card, spoken to directly: an RSA key signs without a module.
        house.must("login", who="erin")

    def auditors_tell(self):
        audited = self.house.must("audit", str(self.house.home))
        self.assertIn("not attested (authority O=Maker, CN=Cards authority", audited.out)
        self.assertRegex(audited.out, r"note: entry \d+: token .* of carol is not attested")
        self.assertRegex(audited.out, r"approved by  erin \(token .*not attested")
        found = self.house.must("who", "rows.csv", "--ledger", str(self.house.home))
        self.assertRegex(found.out, r"asked by     carol .*not attested \(authority O=Maker, CN=Cards authority")
        second = subprocess.run([sys.executable, "-B", str(ROOT / "tests" / "auditor" / "auditor.py"),
                                 str(self.house.home / "ledger.db")], capture_output=True, text=True, check=False)
        self.assertTrue(second.stdout.startswith("ok "), second.stdout + second.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
