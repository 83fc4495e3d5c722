#!/usr/bin/env python3
"""An approver with a FIDO2 key and a browser: the gate's pages, her key registered, a log-in, an approval and a refusal, and what another
site's page, another origin, another challenge and another person's key get.

    story_web.py BUILD
"""
import json
import os
import subprocess
import sys
import unittest

from browser import Browser, Refused, b64, policy_of
from story import INDIVIDUAL, PINS, House

BUILD = os.path.realpath(sys.argv.pop(1))
# libsceau-pkcs11.so, as programs that are built without sanitizers can load it.
MODULE = os.environ["SCEAU_PKCS11_MODULE"]
TWO = ("--administrator", "alice", "--administrator", "bob")


class Web(unittest.TestCase):
    """carol asks with her card; dave approves in a browser."""

    def setUp(self):
        self.house = House(BUILD, people=60).__enter__()
        self.addCleanup(self.house.__exit__, None, None, None)
        self.house.gate_options = ("--card-listen", "127.0.0.1:0")
        self.house.begin()
        os.environ.update({name: value for name, value in self.house.environment.items()
                           if name.startswith("PCSCLITE")})
        self.house.must("source", "add", "snds", "--catalogue", "snds.toml", *TWO)
        self.house.enrol("carol", "Carol Roux")
        self.house.must("person", "add", "dave", "--name", "Dave Noir", "--organisation", "caisse", "--administrator",
                        "alice")
        self.enrol_in_browser()
        self.house.grant("carol", "agent")
        self.house.grant("dave", "approver")
        self.house.open_project("p-42")
        self.house.assign("p-42", "carol")

    def enrol_in_browser(self):
        with Browser(self.house, "dave") as browser:
            browser.set_pin(PINS["dave"])
            browser.open("/enrol")
            for wrong, said in (({"client_data": "e30="}, "another question"), ({"person": "carol"}, "another question"),
                                ({"attestation_object": "oA=="}, "attestation object"), ({"x": "y"}, "alone")):
                asked = browser.ask("/enrolments/dave")
                attestation, data = browser.make_credential(asked, "dave")
                made = {"attestation_object": b64(attestation), "client_data": b64(data), "person": "dave", **wrong}
                with self.assertRaises(Refused) as caught:
                    browser.ask("/enrolments", made)
                self.assertIn(said, str(caught.exception))
            file = browser.enrol("dave")
        stranger = file.replace(b'"person":"dave"', b'"person":"carol"')
        (self.house.folder / "dave.enrolment").write_bytes(stranger)
        self.assertNotEqual(0, self.house.sceau("token", "enrol", "dave.enrolment", *TWO).code)
        (self.house.folder / "dave.enrolment").write_bytes(file)
        alone = self.house.sceau("token", "enrol", "dave.enrolment", "--administrator", "bob")
        self.assertIn("needs two administrators", alone.line)
        self.house.must("token", "enrol", "dave.enrolment", *TWO)

    def asked(self, purpose):
        done = self.house.must("--json", "extract", "--kind", "individual", "--project", "p-42", "--purpose", purpose,
                               INDIVIDUAL, "--no-wait", who="carol")
        return done.json()[-1]["request"]

    def test_from_page_to_rows(self):
        with Browser(self.house, "dave", PINS["dave"]) as browser:
            with self.subTest("pages and their headers"):
                self.pages(browser)
            with self.subTest("what no page of ours says"):
                self.strangers(browser)
            with self.subTest("assertions that are not good enough"):
                self.liars(browser)
            with self.subTest("read, approved, refused"):
                self.decides(browser)
            with self.subTest("logged out"):
                self.logs_out(browser)
        with self.subTest("a card, for reading"):
            self.reads_by_card()
        with self.subTest("a card behind NSS, as browsers have it"):
            self.reads_by_nss()
        audited = self.house.must("audit", str(self.house.home))
        self.assertIn("approved by  dave", audited.out)

    def pages(self, browser):
        for path in ("/login", "/approve"):
            page = browser.open(path)
            policy = policy_of(page.headers)
            self.assertEqual(["'none'"], policy["default-src"])
            self.assertEqual(["'none'"], policy["frame-ancestors"])
            self.assertEqual("nosniff", page.headers["X-Content-Type-Options"])
            self.assertEqual("no-referrer", page.headers["Referrer-Policy"])
            self.assertEqual("no-store", page.headers["Cache-Control"])
            self.assertIn("publickey-credentials-get=(self)", page.headers["Permissions-Policy"])
            self.assertIsNone(page.headers["Set-Cookie"])
            self.assertIn('<html lang="fr"', page.body.decode())
        self.assertIn('<html lang="en"', browser.open("/approve?lang=en").body.decode())

    def strangers(self, browser):
        login = {"by": "dave", "type": "login"}
        for status, headers in ((403, {"Sec-Fetch-Site": "cross-site"}), (403, {"Sec-Fetch-Site": "same-site"}),
                                (403, {"Origin": "https://evil.example"}), (403, {"Origin": "null"}),
                                (403, {"Origin": "https://localhost.evil.example"}),
                                (415, {"Content-Type": "text/plain"}), (415, {"Content-Type": None})):
            with self.assertRaises(Refused) as caught:
                browser.ask("/drafts", login, headers)
            self.assertEqual(status, caught.exception.status, headers)
            self.assertRaises(Refused, browser.ask, "/statements", {"blobs": []}, headers)
        for wrong in ({"by": "dave", "type": "policy.set"}, {**login, "audience": "host:x"}, {"by": "Dave!", "type": "login"}):
            with self.assertRaises(Refused) as caught:
                browser.ask("/drafts", wrong)
            self.assertEqual(400, caught.exception.status, wrong)
        with self.assertRaises(Refused) as caught:
            browser.draft(request="0" * 64, type="approval")
        self.assertEqual(401, caught.exception.status)
        # However often strangers ask, a refused signature is still written.
        for _ in range(40):
            self.assertEqual(403, browser.send("POST", "/drafts", b"{}", {"Origin": "https://evil.example/\xe9"}).status)
        self.assertIn("https://evil.example/?", self.house.gate_log())

    def liars(self, browser):
        for lie in ({"challenge": bytes(32)}, {"origin": "https://evil.example"}, {"claimed": "carol"}):
            with self.assertRaises(Refused) as caught:
                browser.log_in("dave", **lie)
            self.assertIn(caught.exception.status, (400, 403), lie)
            self.assertIn("what a page of " + browser.origin + " had signed was refused", self.house.gate_log())
        # The signature at another site's page is dave's own: that is kept, with the reason.
        self.assertIn("does not speak for localhost", str([one for one in self.house.entries() if one[1] == "refused"]))
        draft = browser.draft(by="dave", type="login")
        sent = browser.signed(draft)
        browser.ask("/statements", sent)
        with self.assertRaises(Refused) as caught:
            browser.ask("/statements", sent)
        self.assertIn("used before", str(caught.exception))

    def decides(self, browser):
        cohort, other = self.asked("A cohort"), self.asked("Another")
        browser.log_in("dave")
        waiting = browser.ask("/requests?state=pending")["requests"]
        self.assertEqual({cohort, other}, {one["digest"] for one in waiting})
        draft, _ = browser.decide("approval", cohort)
        for line in ("approve a request", "by: dave", "-- the request: --", 'purpose: "A cohort"', "by: carol",
                     "kind: individual", "sql 1: "):
            self.assertIn(line, draft["lines"])
        self.assertEqual("admitted", browser.ask("/requests/" + cohort)["state"])
        browser.make_credential(browser.ask("/enrolments/dave"), "dave")  # /enrol once more: what is enrolled stays
        draft, _ = browser.decide("refusal", other, reason="Not in the protocol")
        self.assertIn('reason: "Not in the protocol"', draft["lines"])
        self.assertEqual("refused", browser.ask("/requests/" + other)["state"])
        self.house.must("extract", "--resume", cohort, "-o", "people.csv", who="carol")

    def logs_out(self, browser):
        browser.ask("/requests?state=pending")
        browser.ask("/logout", {"type": "logout"})
        with self.assertRaises(Refused) as caught:
            browser.ask("/requests?state=pending")
        self.assertEqual(401, caught.exception.status)


    def card_url(self):
        return (self.house.home / "card.url").read_text().strip().replace("127.0.0.1", "localhost")

    def by_card(self, path, *options, origin=None):
        """What curl, saying what a browser says, gets at the address for cards, with carol's card behind our PKCS#11 module."""
        house, url = self.house, self.card_url()
        configuration = house.folder / "openssl.cnf"
        configuration.write_text("openssl_conf = init\n[init]\nengines = engines\n[engines]\npkcs11 = pkcs11\n[pkcs11]\n"
                                 f"engine_id = pkcs11\nMODULE_PATH = {MODULE}\ninit = 0\n")
        environment = {**house.environment, "OPENSSL_CONF": str(configuration), "XDG_CACHE_HOME": str(house.folder)}
        says = ("-H", "Origin: " + (origin or url), "-H", "Sec-Fetch-Site: same-origin")
        return subprocess.run(["curl", "--silent", "--show-error", "--cacert", house.home / "tls.pem", *says, *options, url + path],
                              env=environment, capture_output=True, text=True, timeout=60, check=False)

    def module_serial(self):
        """Of carol's card, as the module has it."""
        listed = subprocess.run(["pkcs11-tool", "--module", MODULE, "-L"], env=self.house.environment, capture_output=True,
                                text=True, timeout=60, check=True).stdout
        hers = listed.split(self.house.tokens.reader("carol"), 1)[1]
        return next(line.split(":")[1].strip() for line in hers.splitlines() if "serial num" in line)

    def reads_by_card(self):
        asked = self.asked("For a reader")
        certificate = self.house.folder / "carol-9A.pem"
        read = subprocess.run(["pkcs15-tool", "--reader", self.house.tokens.reader("carol"), "--read-certificate", "01"],
                              env=self.house.environment, capture_output=True, text=True, timeout=60, check=True)
        certificate.write_text(read.stdout)
        post = ("-X", "POST", "-H", "Content-Type: application/json", "-d", '{"type":"card"}')
        self.assertIn("showed none", self.by_card("/login/card", *post).stdout)
        key = f"pkcs11:serial={self.module_serial()};id=%01;type=private;pin-value={PINS['carol']}"
        said = self.by_card("/login/card", *post, "--engine", "pkcs11", "--key-type", "ENG", "--cert", certificate, "--key",
                            key)
        session = json.loads(said.stdout)
        self.assertEqual("carol", session["person"], said)
        browser = Browser(self.house)
        browser.session = session["session"]
        self.assertEqual("pending", browser.ask("/requests/" + asked)["state"])
        self.assertFalse(browser.draft(request=asked, type="approval")["may_sign"])
        rows = browser.send("GET", f"/requests/{asked}/rows")
        self.assertEqual((403, True), (rows.status, b"reads only" in rows.body))
        # Elsewhere than on localhost, the page for cards has an origin of its own, which policy need not name.
        self.house.must("policy", "set", "rp_id=gate.example.org", "origins=https://gate.example.org:8443", *TWO)
        port = self.card_url().rsplit(":", 1)[1]
        for origin, said in ((f"https://gate.example.org:{port}", "showed none"),
                             ("https://gate.example.org:8443", "showed none"),
                             ("https://gate.example.org:1", "does not speak for this gate"),
                             (f"https://localhost:{port}", "does not speak for this gate")):
            self.assertIn(said, self.by_card("/login/card", *post, origin=origin).stdout, origin)
        with self.assertRaises(Refused) as caught:
            browser.ask("/logout", {"type": "logout"}, {"Origin": f"https://gate.example.org:{port}"})
        self.assertIn("does not speak for this gate", str(caught.exception))


    def reads_by_nss(self):
        """The certificate database that Chromium and Firefox use, our module in it (modutil), and NSS's own client."""
        house, pin = self.house, PINS["carol"]
        folder = house.folder / "nss"
        folder.mkdir()
        database = f"sql:{folder}"

        def run(*command):
            return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, check=True,
                                  env={**house.environment, "XDG_CACHE_HOME": str(house.folder)},
                                  stdin=subprocess.DEVNULL).stdout
        run("certutil", "-d", database, "-N", "--empty-password")
        run("certutil", "-d", database, "-A", "-n", "gate", "-t", "P,,", "-i", house.home / "tls.pem")
        run("modutil", "-dbdir", database, "-add", "sceau", "-libfile", MODULE, "-force")
        body = '{"type":"card"}'
        (folder / "post").write_text(f"POST /login/card HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                     f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}")
        port = (house.home / "card.url").read_text().strip().rsplit(":", 1)[1]
        said = run("tstclnt", "-h", "127.0.0.1", "-a", "localhost", "-p", port, "-d", database, "-V", "tls1.3:", "-n",
                   f"PIV {self.module_serial()}:Certificate for PIV Authentication", "-w", pin, "-A", folder / "post")
        self.assertIn('{"person":"carol","session":"', said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
