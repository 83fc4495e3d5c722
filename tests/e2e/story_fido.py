#!/usr/bin/env python3
"""An agent and an approver whose only tokens are FIDO2 keys, from enrolment to audit, against a real gate: the FIDO
application of simulated tokens, in readers.

    story_fido.py BUILD
"""
import base64
import hashlib
import json
import os
import subprocess
import sys
import unittest

from story import AGGREGATE, INDIVIDUAL, PINS, House

BUILD = os.path.realpath(sys.argv.pop(1))
TWO = ("--administrator", "alice", "--administrator", "bob")


class Service:
    """The FIDO Metadata Service, with a root of its own: RS256, as the real one signs."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "names").write_text("subjectAltName=DNS:mds.fidoalliance.org\n")
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "service-root.key", "-out",
                     "service-root.pem", "-subj", "/CN=Service root", "-days", "30")
        self.openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "service.key", "-out", "service.csr",
                     "-subj", "/CN=mds.fidoalliance.org")
        self.openssl("x509", "-req", "-in", "service.csr", "-CA", "service-root.pem", "-CAkey", "service-root.key",
                     "-CAcreateserial", "-days", "30", "-extfile", "names", "-out", "service.pem")

    def openssl(self, *arguments, data=None):
        return subprocess.run(["openssl", *arguments], cwd=self.folder, input=data, capture_output=True, check=True).stdout

    def der(self, name):
        return base64.b64encode(self.openssl("x509", "-in", name, "-outform", "DER")).decode()

    def write(self, model, number, status):
        name = "-".join((model[:8], model[8:12], model[12:16], model[16:20], model[20:]))
        header = {"alg": "RS256", "typ": "JWT", "x5c": [self.der("service.pem")]}
        payload = {"no": number, "nextUpdate": "2099-01-01", "entries": [{
            "aaguid": name, "statusReports": [{"status": status}],
            "metadataStatement": {"attestationRootCertificates": [self.der("maker.pem")]}}]}
        message = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, payload))
        signature = self.openssl("dgst", "-sha256", "-sign", "service.key", data=message)
        (self.folder / "blob.jwt").write_bytes(message + b"." + base64.urlsafe_b64encode(signature).rstrip(b"="))


class Fido(unittest.TestCase):
    """carol asks, dave approves; both with keys that their maker attests."""

    def setUp(self):
        self.house = House(BUILD, people=60).__enter__()
        self.addCleanup(self.house.__exit__, None, None, None)
        self.house.begin()
        self.house.must("source", "add", "snds", "--catalogue", "snds.toml", *TWO)

    def enrol(self, person, name):
        file = f"{person}.enrolment"
        self.house.must("person", "add", person, "--name", name, "--organisation", "caisse", "--administrator", "alice")
        self.house.must("token", "init", "--fido2", "--token", person, "--person", person, "-o", file)
        alone = self.house.sceau("token", "enrol", file, "--administrator", "bob")
        self.assertEqual(3, alone.code, str(alone))
        self.assertIn("needs two administrators", alone.line)
        self.house.must("token", "enrol", file, *TWO)

    def test_a_model_that_the_metadata_service_revoked_is_refused(self):
        house = self.house
        house.must("person", "add", "carol", "--name", "Carol Roux", "--organisation", "caisse", "--administrator", "alice")
        house.must("token", "init", "--fido2", "--token", "carol", "--person", "carol", "-o", "carol.enrolment")
        enrolment = json.loads((house.folder / "carol.enrolment").read_bytes())
        (blob,) = [json.loads(base64.b64decode(one)) for one in enrolment["blobs"]]
        model = base64.b64decode(blob["authenticator_data"])[37:53].hex()
        service = Service(house.folder)
        policy = ("policy", "set", "fido_metadata=blob.jwt", "--metadata-root", "service-root.pem", *TWO)
        service.write(model, 8, "REVOKED")
        none = house.sceau(*policy[:3], *TWO)
        self.assertEqual(2, none.code, str(none))
        self.assertIn("needs --metadata-root", none.line)
        strange = house.sceau(*policy[:4], "maker.pem", *TWO)
        self.assertEqual(3, strange.code, str(strange))
        self.assertIn("no path to a configured attestation root", strange.line)
        house.must(*policy)
        refused = house.sceau("token", "enrol", "carol.enrolment", *TWO)
        self.assertEqual(3, refused.code, str(refused))
        self.assertIn("REVOKED, says the FIDO Metadata Service", refused.line)
        service.write(model, 7, "FIDO_CERTIFIED")
        older = house.sceau(*policy)
        self.assertEqual(3, older.code, str(older))
        self.assertIn("number 7, and 8 is known here", older.line)
        service.write(model, 9, "FIDO_CERTIFIED")
        house.must(*policy)
        house.must("token", "enrol", "carol.enrolment", *TWO)
        house.must("audit", str(house.home))

    def serials(self):
        tokens = self.house.must("--json", "token", "list").json()[0]["tokens"]
        return {one["person"]: one["serial"] for one in tokens if one.get("kind") == "fido2"}

    def test_from_enrolment_to_audit(self):
        self.enrol("carol", "Carol Roux")
        self.enrol("dave", "Dave Noir")
        serials = self.serials()
        self.assertEqual({"carol", "dave"}, set(serials))
        self.assertRegex(serials["carol"], r"^fido2-[0-9a-f]{16}$")
        self.house.grant("carol", "agent")
        self.house.grant("dave", "approver")
        self.house.open_project("p-42")
        self.house.assign("p-42", "carol")
        self.house.must("login", "--token", serials["carol"])
        with self.subTest("a wrong PIN"):
            self.says_tries_left()
        with self.subTest("rows and their evidence"):
            self.takes_rows(serials["carol"])
        with self.subTest("asked by one key, approved by another"):
            self.is_approved()
        with self.subTest("a revoked key"):
            self.house.must("token", "revoke", serials["carol"], "--reason", "lost", "--administrator", "bob")
            done = self.house.sceau("login", who="carol")
            self.assertEqual(3, done.code, str(done))
            self.assertIn("is revoked", done.line)
        audited = self.house.must("audit", str(self.house.home))
        self.assertIn(serials["dave"], audited.out)

    def says_tries_left(self):
        done = self.house.sceau("login", who="carol", pins={**PINS, "carol": "000000"})
        self.assertNotEqual(0, done.code)
        self.assertIn("the PIN is wrong: 7 tries left", done.line)
        self.house.must("login", who="carol")

    def takes_rows(self, serial):
        house = self.house
        house.must("extract", "--project", "p-42", "--purpose", "boxes", AGGREGATE, "-o", "rows.csv", "--evidence",
                   "evidence", who="carol")
        verified = house.must("verify", "evidence")
        self.assertEqual(4, verified.out.count("good"), verified.out)
        self.assertIn(f"carol (FIDO2 key {serial})", verified.out)
        # With nothing of ours: the key's signature over authenticator data and the hash of the client data.
        folder = house.folder / "evidence"
        data = (folder / "request.authenticator-data").read_bytes()
        data += hashlib.sha256((folder / "request.client-data.json").read_bytes()).digest()
        checked = subprocess.run(["openssl", "dgst", "-sha256", "-verify", folder / "request.public-key.pem",
                                  "-signature", folder / "request.signature"], input=data, capture_output=True,
                                 check=False)
        self.assertEqual(b"Verified OK\n", checked.stdout, checked.stderr)
        (folder / "fido2-keys.json").unlink()
        unknown = house.sceau("verify", "evidence")
        self.assertEqual(5, unknown.code, str(unknown))
        self.assertIn("nothing here says whose", unknown.line)
        self.assertIn("carol", house.must("who", "rows.csv", "--ledger", str(house.home)).out)

    def is_approved(self):
        house = self.house
        asked = house.must("extract", "--kind", "individual", "--project", "p-42", "--purpose", "cohort", INDIVIDUAL,
                           "--no-wait", who="carol")
        alone = house.sceau("approve", asked.out.strip(), "--yes", who="carol")
        self.assertEqual(3, alone.code, str(alone))
        approved = house.must("approve", asked.out.strip(), "--yes", who="dave")
        self.assertIn("admitted", approved.out)
        self.assertIn("FIDO2 key", approved.err)
        house.must("extract", "--resume", asked.out.strip(), "-o", "people.csv", who="carol")


if __name__ == "__main__":
    unittest.main(verbosity=2)
