#!/usr/bin/env python3
"""Logging in with cards that are not ours: RSA keys in a PIV card's slot 9A, and SoftHSM through the PKCS#11 module that
the stack names. And modules that are missing, broken or hostile: nobody ever gets in.

    foreign_test.py BUILD
"""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from machine import Machine  # noqa: E402  (it knows where the stories are)
from foreign import HSM_MODULE, HSM_PIN, Authority, SoftHsm, fill_card  # noqa: E402
from harness import ROOT  # noqa: E402
from story import PINS, House, find_program  # noqa: E402

BUILD = os.path.realpath(sys.argv.pop(1))
HOST = "laptop-12"
TWO = ("--administrator", "alice", "--administrator", "bob")
# Who has which account, with what in slot 9A or behind the module.
ACCOUNTS = {"croux": "carol", "eblanc": "erin", "fvert": "frank"}
BEHIND = ("send=none", "module=" + HSM_MODULE)


class Foreign(unittest.TestCase):
    """carol has a SoftHSM token, erin a PIV card with RSA-2048, frank one with RSA-3072."""

    @classmethod
    def setUpClass(cls):
        cls.house = house = House(BUILD, names=("alice", "bob", "erin", "frank"), people=60).__enter__()
        cls.addClassCleanup(house.__exit__, None, None, None)
        house.begin()
        cls.authority = Authority(house.folder)
        cls.hsm = SoftHsm(house.folder)
        cls.hsm.fill("carol", cls.authority, "Carol Roux")
        fill_card(house.tokens, "erin", cls.authority, "Erin Blanc", PINS["erin"])
        fill_card(house.tokens, "frank", cls.authority, "Frank Vert", PINS["frank"], login="rsa3072")
        cls.configure()
        house.must("ca", "add", str(cls.authority.certificate), "--list", str(cls.authority.list), *TWO)
        house.must("policy", "set", "hardware_authorities=" + str(cls.authority.certificate), *TWO)
        for account, person in ACCOUNTS.items():
            house.must("person", "add", person, "--name", person.title(), "--organisation", "caisse", "--administrator",
                       "alice")
            house.must("token", "enrol", "--token", cls.uri(person), "--administrator", "bob")
            house.must("account", "add", HOST, account, person, "--administrator", "alice")
        cls.machine = Machine(house, HOST)
        cls.machine.join()
        cls.kept = cls.machine.keep()

    @classmethod
    def configure(cls):
        house = cls.house
        conf = house.folder / "opensc.conf"
        conf.write_text("app default {}\napp opensc-pkcs11 { pkcs11 { max_virtual_slots = 64; } }\n")
        askpass = house.folder / "askpass"
        askpass.write_text(askpass.read_text().replace("*) exit 1", f"*SoftHSM*) echo {HSM_PIN} ;;\n*) exit 1"))
        house.environment |= {"OPENSC_CONF": str(conf), "ASAN_OPTIONS": "detect_leaks=0", **cls.hsm.environment}

    @classmethod
    def uri(cls, person):
        if person == "carol":
            return f"pkcs11:token=carol?module-path={HSM_MODULE}"
        return f"pkcs11:slot-description={cls.house.tokens.reader(person).replace(' ', '%20')}?module-path=opensc-pkcs11.so"

    def setUp(self):
        self.machine.restore(self.kept)

    def refused(self, tried, *codes):
        self.assertIn(tried.code, codes or ("PAM_AUTHINFO_UNAVAIL",), str(tried))
        self.assertNotEqual(0, tried.exit, str(tried))
        self.assertEqual([], self.machine.waiting(), str(tried))

    def without_cards(self):
        """Nothing in any reader, so that the module alone decides."""
        for name in ("alice", "bob", "erin", "frank"):
            self.house.tokens.pull(name)
            self.addCleanup(self.house.tokens.insert, name)

    def test_rsa_keys_in_slot_9a_log_in_and_the_ledger_says_so(self):
        for account in ("eblanc", "fvert"):
            tried = self.machine.pam("authenticate", "acct_mgmt", account=account, pin=PINS[ACCOUNTS[account]])
            self.assertEqual("PAM_SUCCESS", tried.code, str(tried))
            self.assertIn("tries left", tried.text)
        self.assertEqual(2, len(self.machine.waiting()))
        self.assertEqual(0, self.machine.refresh().code)
        self.assertEqual([], self.machine.waiting())
        self.assertEqual(0, self.house.sceau("audit", str(self.house.home)).code)
        second = subprocess.run([sys.executable, "-B", str(ROOT / "tests" / "auditor" / "auditor.py"),
                                 str(self.house.home / "ledger.db")], capture_output=True, text=True, check=False)
        self.assertTrue(second.stdout.startswith("ok "), second.stdout + second.stderr)

    def test_a_wrong_pin_and_another_persons_account_with_an_rsa_card(self):
        wrong = self.machine.pam("authenticate", account="eblanc", pin="111222")
        self.refused(wrong, "PAM_AUTH_ERR")
        self.assertIn("2 tries left", wrong.text)
        self.assertEqual("PAM_SUCCESS", self.machine.pam("authenticate", account="eblanc", pin=PINS["erin"]).code)
        self.machine.waiting()[0].unlink()
        self.refused(self.machine.pam("authenticate", account="croux", pin=PINS["erin"]), "PAM_AUTH_ERR")

    def test_a_token_behind_the_module_logs_in_beside_other_peoples_cards(self):
        tried = self.machine.pam("authenticate", "acct_mgmt", pin=HSM_PIN, options=BEHIND)
        self.assertEqual("PAM_SUCCESS", tried.code, str(tried))
        self.assertEqual(1, len(self.machine.waiting()))
        self.assertEqual(0, self.machine.refresh().code)
        # A PIV card needs no module, and is not hindered by one.
        self.assertEqual("PAM_SUCCESS", self.machine.pam("authenticate", account="eblanc", pin=PINS["erin"],
                                                         options=BEHIND).code)

    def test_behind_the_module_a_wrong_pin_is_no_fault_and_no_yes(self):
        self.refused(self.machine.pam("authenticate", pin="111222", options=BEHIND), "PAM_AUTH_ERR")
        self.refused(self.machine.pam("authenticate", account="fvert", pin=HSM_PIN,
                                      options=(*BEHIND, "reader=SoftHSM")), "PAM_AUTH_ERR")

    def test_a_module_that_is_missing_or_none_is_a_fault(self):
        self.without_cards()
        library = next(str(path) for path in pathlib.Path("/usr/lib").glob("*/libm.so.6"))
        for path in ("/nonexistent/module.so", "/etc/passwd", library, "/usr/lib"):
            with self.subTest(path):
                self.refused(self.machine.pam("authenticate", pin=HSM_PIN, options=("send=none", "module=" + path)))
        # Not a whole path: no option at all.
        self.refused(self.machine.pam("authenticate", pin=HSM_PIN,
                                      options=("send=none", "module=" + os.path.basename(HSM_MODULE))))

    def test_no_smart_card_service_hinders_no_module_that_needs_none(self):
        environment = self.house.environment
        self.house.environment = {**environment, "PCSCLITE_CSOCK_NAME": "/nonexistent"}
        try:
            self.assertEqual("PAM_SUCCESS", self.machine.pam("authenticate", pin=HSM_PIN, options=BEHIND).code)
            self.machine.waiting()[0].unlink()
            self.refused(self.machine.pam("authenticate", pin=HSM_PIN))
        finally:
            self.house.environment = environment

    def test_a_token_that_is_gone_or_spoilt_is_a_fault(self):
        self.without_cards()
        tokens = self.hsm.folder / "tokens"
        shutil.copytree(tokens, self.hsm.folder / "whole")
        try:
            for key in tokens.glob("*/*.object"):
                key.write_bytes(b"\0" * 16)
            self.refused(self.machine.pam("authenticate", pin=HSM_PIN, options=BEHIND))
            shutil.rmtree(tokens)
            self.refused(self.machine.pam("authenticate", pin=HSM_PIN, options=BEHIND))
        finally:
            shutil.rmtree(tokens, ignore_errors=True)
            (self.hsm.folder / "whole").rename(tokens)

    def test_a_hostile_module_with_a_true_certificate_lets_nobody_in(self):
        self.without_cards()
        module = "module=" + find_program(BUILD, "libtest-hostile-module.so")
        environment = self.house.environment
        certificate = self.authority.folder / "carol-login.der"
        for how in ("", "initialise-fails", "slots-fail", "slots-huge", "slots-overflow", "token-fails", "no-session",
                    "no-list", "no-functions", "no-sign", "no-mechanism", "sign-not-allowed", "version", "objects-endless", "attribute-overflow",
                    "certificate-broken", "signature-short", "signature-empty", "signature-overflow", "pulled"):
            self.house.environment = {**environment, "HOSTILE": how, "HOSTILE_CERTIFICATE": str(certificate)}
            try:
                with self.subTest(how):
                    tried = self.machine.pam("authenticate", pin=HSM_PIN, options=("send=none", module))
                    self.refused(tried)
                    # What the token cannot do is no fault of the person's, and is said.
                    if how in ("no-mechanism", "sign-not-allowed"):
                        self.assertIn("use another token", tried.text)
            finally:
                self.house.environment = environment


if __name__ == "__main__":
    unittest.main()
