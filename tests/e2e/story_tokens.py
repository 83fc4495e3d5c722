#!/usr/bin/env python3
"""What happens to tokens after they were enrolled: suspended, renewed, replaced, blocked and unblocked, revoked on a
list; and a home that one administrator made for trying things out.

    story_tokens.py BUILD
"""
import os
import pathlib
import subprocess
import sys
import unittest

from story import AGGREGATE, PINS, REALM, House

BUILD = os.path.realpath(sys.argv.pop(1))


class Tokens(unittest.TestCase):
    def setUp(self):
        self.house = House(BUILD, names=("alice", "bob", "carol", "frank"), people=60).__enter__()
        self.addCleanup(self.house.__exit__, None, None, None)

    def settle(self):
        self.house.begin()
        self.house.must("source", "add", "snds", "--catalogue", "snds.toml", "--administrator", "alice",
                        "--administrator", "bob")
        self.house.enrol("carol", "Carol Roux")
        self.house.grant("carol", "agent")
        self.house.open_project("p-42")
        self.house.assign("p-42", "carol")

    def ask(self, who="carol", **options):
        return self.house.sceau("extract", "--project", "p-42", "--purpose", "boxes", AGGREGATE, who=who, **options)

    def new_token(self, *options):
        """carol's second token, in frank's reader, initialised for her."""
        self.house.must("token", "init", "--token", "frank", "--person", "carol", "--authority", "alice", "-o",
                        "second.enrolment", *options)

    def test_a_suspended_token_signs_nothing_until_two_administrators_resume_it(self):
        self.settle()
        serial = self.house.serial("carol")
        self.house.must("token", "suspend", serial, "--reason", "left at home", "--administrator", "bob")
        done = self.ask()
        self.assertEqual(3, done.code, str(done))
        self.assertIn("is suspended", done.line)
        alone = self.house.sceau("token", "resume", serial, "--reason", "found", "--administrator", "bob")
        self.assertEqual(3, alone.code, str(alone))
        self.house.must("token", "resume", serial, "--reason", "found", "--administrator", "bob", "--administrator",
                        "alice")
        self.assertEqual(0, self.ask().code)

    def test_a_renewed_token_takes_over_and_its_earlier_key_signs_no_more(self):
        self.settle()
        self.new_token()
        renewed = self.house.sceau("token", "renew", "second.enrolment", "--previous", "carol")
        self.assertEqual(0, renewed.code, str(renewed))
        self.assertEqual(0, self.ask(who="frank").code)
        old = self.ask(who="carol")
        self.assertEqual(3, old.code, str(old))
        self.assertIn("renewed", old.line)
        self.assertEqual(0, self.house.sceau("audit").code)

    def test_a_lost_token_is_replaced_with_an_administrators_word(self):
        self.settle()
        lost = self.house.serial("carol")
        self.house.tokens.pull("carol")
        self.new_token()
        options = ["--replaces", lost, "--reason", "lost", "--administrator"]
        issuer = self.house.sceau("token", "enrol", "second.enrolment", *options, "alice")
        self.assertEqual(3, issuer.code, str(issuer))  # she issued the certificate: not a second person
        self.house.must("token", "enrol", "second.enrolment", *options, "bob")
        self.assertEqual(0, self.ask(who="frank").code)
        enrolled = self.house.must("--json", "token", "list", "--enrolled", who="bob").json()[0]["tokens"]
        self.assertEqual({lost: "ended", self.house.serial("frank"): "active"},
                         {one["serial"]: one["state"] for one in enrolled if one["person"] == "carol"})

    def test_a_blocked_pin_is_given_anew_by_the_recovery_people_together(self):
        self.settle()
        for _ in range(3):
            self.assertEqual(4, self.house.sceau("login", who="carol", pins={**PINS, "carol": "111222"}).code)
        blocked = self.house.sceau("login", who="carol")
        self.assertEqual(4, blocked.code, str(blocked))
        unblock = ["token", "unblock", "--reason", "forgotten", "--token", "carol", "--recovery", "alice"]
        alone = self.house.sceau(*unblock)
        self.assertNotEqual(0, alone.code, str(alone))
        self.assertIn("2 recovery", alone.line)
        chosen = {**PINS, "carol": "314159"}
        done = self.house.sceau(*unblock, "--recovery", "bob", pins=chosen)
        self.assertEqual(0, done.code, str(done))
        self.assertEqual(0, self.house.sceau("login", who="carol", pins=chosen).code)
        self.assertIn(("token.unblock", "admitted", ""), self.house.entries())

    def test_a_list_that_revokes_a_tokens_certificates_is_in_force_at_once(self):
        self.settle()
        serial = self.house.serial("carol")
        self.assertEqual(0, self.ask().code)
        self.house.must("ca", "crl", "--token", "alice", "--revoke", serial)
        done = self.ask()
        self.assertEqual(3, done.code, str(done))
        self.assertIn("revoked", done.line)
        self.assertEqual(0, self.house.sceau("audit").code)

    def test_a_list_revokes_what_its_own_authority_issued_and_nothing_else(self):
        self.settle()
        unknown = self.house.sceau("ca", "crl", "--token", "alice", "--revoke", "99999999")
        self.assertEqual(6, unknown.code, str(unknown))
        self.assertIn("99999999", unknown.line)
        # A second authority, in frank's token, has issued nothing to carol.
        self.house.must("person", "add", "frank", "--name", "Frank Brun", "--organisation", "caisse", "--administrator",
                        "alice")
        self.house.must("token", "init", "--token", "frank", "--person", "frank", "--authority", "alice",
                        "--authority-key", "-o", "frank.enrolment")
        self.house.must("token", "enrol", "frank.enrolment", "--administrator", "bob")
        self.house.must("role", "grant", "frank", "administrator", "--administrator", "alice", "--administrator", "bob")
        self.house.must("ca", "init", "--token", "frank", "--name", "Second", "--organisation", "caisse",
                        "--administrator", "alice", "--administrator", "bob")
        before = self.house.entries()
        foreign = self.house.sceau("ca", "crl", "--token", "frank", "--revoke", self.house.serial("carol"))
        self.assertEqual(2, foreign.code, str(foreign))
        self.assertIn("is this authority's", foreign.line)
        self.assertEqual([], [entry for entry in self.house.entries()[len(before):] if entry[0] == "crl.publish"])
        self.assertEqual(0, self.ask().code)

    def test_a_pin_is_changed_by_its_holder(self):
        self.settle()
        # The same program answers for the current PIN and for the new one.
        program = pathlib.Path(self.house.path("two-pins"))
        program.write_text(f'#!/bin/sh\ncase "$1" in Current*) echo {PINS["carol"]} ;; *) echo 271828 ;; esac\n')
        program.chmod(0o700)
        self.house.must("token", "pin", who="carol", environment={"SCEAU_ASKPASS": str(program)})
        self.assertEqual(4, self.house.sceau("login", who="carol").code)
        self.assertEqual(0, self.house.sceau("login", who="carol", pins={**PINS, "carol": "271828"}).code)

    def test_a_certificate_for_a_request_made_elsewhere(self):
        self.settle()
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", self.house.path("k.pem"), "-subj", "/CN=any", "-out", self.house.path("r.pem")],
                       check=True, capture_output=True)
        commands = self.house.tokens.commands("alice")
        nowhere = self.house.sceau("ca", "issue", "r.pem", "--token", "alice", "--person", "carol", "-o", "no/c.pem")
        self.assertNotEqual(0, nowhere.code, str(nowhere))
        self.assertIn("no/c.pem", nowhere.line)
        self.assertEqual(commands, self.house.tokens.commands("alice"))  # refused before any card was asked
        self.house.must("ca", "issue", "r.pem", "--token", "alice", "--person", "carol", "-o", "c.pem")
        text = subprocess.run(["openssl", "x509", "-in", self.house.path("c.pem"), "-noout", "-subject", "-ext",
                               "keyUsage"], check=True, capture_output=True, text=True).stdout
        self.assertIn("serialNumber = carol", text)
        self.assertIn("Non Repudiation\n", text)

    def test_one_administrator_alone_is_for_trying_out_and_says_so(self):
        root = subprocess.run([os.path.join(BUILD, "firmware", "sceau-token"), "--print-attestation-root"], check=True,
                              capture_output=True).stdout
        pathlib.Path(self.house.path("maker.pem")).write_bytes(root)
        options = ["init", "--realm", REALM, "--organisation", "caisse", "--administrator", "alice=Alice@alice",
                   "--attestation-root", "maker.pem"]
        two = self.house.sceau(*options)
        self.assertEqual(2, two.code, str(two))
        self.assertIn("at least two administrators", two.line)
        one = self.house.sceau(*options, "--single")
        self.assertEqual(0, one.code, str(one))
        self.assertIn("warning", one.err)
        again = self.house.sceau(*options, "--single")
        self.assertEqual(3, again.code, str(again))
        self.assertIn("there is a home", again.line)

    def test_init_without_a_makers_root_believes_nobody(self):
        done = self.house.sceau("init", "--realm", REALM, "--organisation", "caisse", "--administrator",
                                "alice=Alice@alice", "--administrator", "bob=Bob@bob")
        self.assertEqual(2, done.code, str(done))
        self.assertIn("--attestation-root", done.line)
        self.assertFalse((self.house.home / "ledger.db").exists())


if __name__ == "__main__":
    unittest.main()
