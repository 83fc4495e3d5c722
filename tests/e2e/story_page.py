#!/usr/bin/env python3
"""The pages' own script, run by Node.js on a small document, in front of a real gate and a simulated key: a key is registered,
logs in, approves and refuses, and the script sees through a gate that lies.

    story_page.py BUILD

SCEAU_PAGE_SCRIPT: a file to run in the place of the script that the gate serves.
"""
import base64
import json
import os
import pathlib
import subprocess
import sys
import unittest

from fido2.ctap import CtapError

from browser import Browser, b64
from story import AGGREGATE, INDIVIDUAL, PINS, House

HERE = pathlib.Path(__file__).resolve().parent
BUILD = os.path.realpath(sys.argv.pop(1))
TWO = ("--administrator", "alice", "--administrator", "bob")


def packed(data):
    return {"bytes": b64(bytes(data))}


def unpacked(value):
    return base64.b64decode(value["bytes"])


class Page:
    """A browser's window: what it shows after each step is `seen`."""

    def __init__(self, house):
        self.key = Browser(house, "dave")
        self.key.set_pin(PINS["dave"])
        script = os.environ.get("SCEAU_PAGE_SCRIPT")
        self._node = subprocess.Popen(["node", HERE / "page" / "browser.js", self.key.origin, house.home / "tls.pem",
                                       *([script] if script else [])], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.touches, self.seen, self.asked = 0, {}, None

    def close(self):
        self._node.stdin.close()
        self._node.stdout.close()
        self._node.wait(timeout=30)
        self.key.close()

    def do(self, **step):
        self._tell(step)
        while True:
            line = self._node.stdout.readline()
            if not line:
                raise AssertionError(f"the page's host ended in {step}")
            said = json.loads(line)
            if "seen" in said:
                self.seen = said["seen"]
                return self.seen
            self._tell(self._answer(said["key"], said["options"]))

    def _tell(self, what):
        self._node.stdin.write(json.dumps(what) + "\n")
        self._node.stdin.flush()

    def _answer(self, what, options):
        self.asked = options
        self.touches += 1
        try:
            return {"made": self._create(options) if what == "create" else self._get(options)}
        except CtapError as error:
            return {"failed": "InvalidStateError" if error.code == CtapError.ERR.CREDENTIAL_EXCLUDED else "NotAllowedError"}

    def _create(self, options):
        identity = {"id": unpacked(options["user"]["id"]), "name": options["user"]["name"],
                    "displayName": options["user"]["displayName"]}
        excluded = [{"type": "public-key", "id": unpacked(one["id"])} for one in options["excludeCredentials"]]
        attestation, data, made = self.key.create(unpacked(options["challenge"]), options["rp"], identity, excluded)
        return {"rawId": packed(made), "response": {"attestationObject": packed(attestation), "clientDataJSON": packed(data)}}

    def _get(self, options):
        self.key.key = unpacked(options["allowCredentials"][0]["id"]) if options["allowCredentials"] else None
        made = self.key.get_assertion(unpacked(options["challenge"]), options["rpId"])
        return {"rawId": {"bytes": made["credential"]},
                "response": {"authenticatorData": {"bytes": made["authenticator_data"]},
                             "clientDataJSON": {"bytes": made["client_data"]}, "signature": {"bytes": made["signature"]}}}


class Pages(unittest.TestCase):
    def setUp(self):
        self.house = House(BUILD, people=60).__enter__()
        self.addCleanup(self.house.__exit__, None, None, None)
        self.house.begin()
        os.environ.update({name: value for name, value in self.house.environment.items() if name.startswith("PCSCLITE")})
        self.house.must("source", "add", "snds", "--catalogue", "snds.toml", *TWO)
        self.house.enrol("carol", "Carol Roux")
        self.house.must("person", "add", "dave", "--name", "Dave Noir", "--organisation", "caisse", "--administrator", "alice")
        self.house.grant("carol", "agent")
        self.house.grant("dave", "approver")
        self.house.open_project("p-42")
        self.house.assign("p-42", "carol")
        self.page = Page(self.house)
        self.addCleanup(self.page.close)

    def asked(self, purpose):
        return self.house.must("--json", "extract", "--kind", "individual", "--project", "p-42", "--purpose", purpose, INDIVIDUAL,
                               "--no-wait", who="carol").json()[-1]["request"]

    def shown(self, *parts):
        for part in parts:
            self.assertIn(part, self.page.seen["shown"], self.page.seen["texts"].get("problem"))
        self.assertEqual("problem" in parts, "problem" in self.page.seen["shown"], self.page.seen["texts"].get("problem"))

    def text(self, name):
        return self.page.seen["texts"][name]

    def test_from_enrolment_to_decisions(self):
        self.enrols()
        first, second, third = self.asked("A cohort"), self.asked("Another"), self.asked("A third")
        self.logs_in(first)
        with self.subTest("a gate that lies"):
            self.lies(second, third)
        with self.subTest("approved"):
            self.approves(first)
        with self.subTest("refused"):
            self.refuses(second)
        with self.subTest("released"):
            self.releases()
        with self.subTest("logged out"):
            self.logs_out()

    def enrols(self):
        page = self.page
        page.do(open="/enrol")
        self.shown("enrol", "person", "one-more")
        page.do(fill={"person": "dave"}, submit="enrol-form")
        self.shown("enrolled", "enrolment", "command")
        handle = unpacked(page.asked["user"]["id"])
        self.assertEqual((b"dave\0", 21), (handle[:5], len(handle)))
        self.assertEqual("required", page.asked["authenticatorSelection"]["userVerification"])
        file = page.seen["files"]["dave.enrolment"]
        # Pressed again, this key is told; on a page that was loaded again it makes one more.
        page.do(submit="enrol-form")
        self.shown("problem")
        self.assertIn("made here before", self.text("problem"))
        page.do(open="/enrol")
        page.do(fill={"person": "dave"}, submit="enrol-form")
        self.shown("enrolled")
        self.assertNotEqual(handle, unpacked(page.asked["user"]["id"]))
        (self.house.folder / "dave.enrolment").write_text(file)
        serial = json.loads(file)["token"]["serial"]
        done = self.house.must("token", "enrol", "dave.enrolment", *TWO)
        self.assertIn(f"token {serial} of dave is enrolled", done.out)
        # The key would offer the newest of the two: the person chooses, here as in a browser.
        self.enrolled = base64.b64decode(json.loads(file)["token"]["keys"][0]["credential"])

    def logs_in(self, wanted):
        page = self.page
        page.do(open=f"/login#{wanted}")
        self.shown("log-in", "person")
        page.do(fill={"person": "Dave!"}, submit="log-in-form")
        self.shown("log-in", "problem")
        page.key.choose = self.enrolled
        page.do(fill={"person": "dave"}, submit="log-in-form")
        self.shown("request", "approve", "refuse-form", "bytes-yours")
        self.assertEqual(("/approve", "request-heading"), (page.seen["address"], page.seen["focus"]))
        for line in ("approve a request", "by: dave", 'purpose: "A cohort"', "by: carol"):
            self.assertIn(line, self.text("lines"))
        self.assertIn("BEN_NIR_PSA: person_key, pseudonym", self.text("leaves"))
        self.assertEqual("Nothing.", self.text("earlier"))
        self.assertEqual((wanted, f"sceau approve {wanted[:12]}"), (self.text("digest"), self.text("command")))
        page.do(press="back")
        self.shown("waiting", "requests")
        self.assertEqual("3 waiting.", self.text("status"))
        self.assertIn("individual, project p-42, by carol: A third", self.text("requests"))

    def lies(self, one, other):
        """What does not name the request that was asked for is not shown, and no key is asked."""
        page = self.page
        page.key.session = ""
        honest = self.draft_of(one)
        touches = page.touches
        for lie in ({"statement": honest["statement"]}, {"request_statement": honest["request_statement"]}, honest):
            page.do(spoil={"/drafts": lie}, press=f"Read request {other[:12]}")
            self.shown("problem", "waiting")
            self.assertIn("does not fit together", self.text("problem"))
            self.assertNotIn("lines", page.seen["shown"])
        page.do(spoil={"/drafts": {"type": "refusal"}}, press=f"Read request {other[:12]}")
        self.shown("problem", "waiting")
        page.do(spoil=None, press="refresh")
        self.shown("waiting")
        self.assertEqual(touches, page.touches)

    def draft_of(self, request):
        """What the gate would have this person sign about a request, asked by another program of hers."""
        program = Browser(self.house)
        program.ctap, program.pin, program.choose = self.page.key.ctap, self.page.key.pin, self.enrolled
        program.log_in("dave")
        draft = program.draft(request=request, type="approval")
        return {name: draft[name] for name in ("statement", "request_statement")}

    def approves(self, request):
        page = self.page
        page.do(press=f"Read request {request[:12]}")
        self.shown("request", "approve")
        page.do(press="approve")
        self.shown("done", "record")
        self.assertIn(f"Request {request[:12]} is approved; it is admitted.", self.text("done-text"))
        self.assertEqual([self.enrolled], [unpacked(one["id"]) for one in page.asked["allowCredentials"]])
        record = json.loads(page.seen["files"][f"decision-{request[:12]}.json"])
        self.assertEqual(request, json.loads(base64.b64decode(record["statement"]))["body"]["request"])
        self.assertTrue(record["receipt"])
        self.assertIn(("approval", "admitted", ""), self.house.entries())

    def refuses(self, request):
        page = self.page
        page.do(press="more")
        page.do(press=f"Read request {request[:12]}")
        page.do(fill={"reason": "Not in the protocol"}, submit="refuse-form")
        self.shown("request", "refuse")
        self.assertNotIn("approve", page.seen["shown"])
        self.assertIn('reason: "Not in the protocol"', self.text("lines"))
        page.do(press="refuse")
        self.shown("done")
        self.assertIn("is refused; it is refused", self.text("done-text"))

    def releases(self):
        """One row was ordered, and there are two."""
        page = self.page
        request = self.house.must("--json", "extract", "--project", "p-42", "--purpose", "boxes by sex", "--max-rows", "1",
                                  AGGREGATE, "--no-wait", who="carol").json()[-1]["request"]
        collect = ("extract", "--resume", request, "-o", "boxes.csv")
        self.assertEqual(3, self.house.sceau(*collect, who="carol").code)
        page.do(press="more")
        self.assertIn("its answer is in quarantine until", self.text("requests"))
        page.do(press=f"Read request {request[:12]}")
        self.shown("request", "approve")
        self.assertIn("in quarantine: it has more rows than the 1 that were ordered", self.text("leaves"))
        self.assertIn("release files that were asked for", self.text("lines"))
        self.assertEqual(f"sceau release {request[:12]}", self.text("command"))
        page.do(press="approve")
        self.shown("done", "record")
        self.assertIn(f"The answer of request {request[:12]} is released; it is released.", self.text("done-text"))
        self.house.must(*collect, who="carol")

    def logs_out(self):
        page = self.page
        page.do(press="more")
        self.assertEqual("1 waiting.", self.text("status"))
        page.do(press="log-out")
        self.shown("log-in")
        self.assertEqual(("You are logged out.", "", ""), (self.text("status"), self.text("requests"), self.text("lines")))


if __name__ == "__main__":
    unittest.main(verbosity=2)
