#!/usr/bin/env python3
"""Chromium in the guest, the simulated token plugged in, a gate and cards outside: a key is registered in it, logs in and
approves a request; a card logs in by its certificate.

    browser_test.py BUILD
"""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
BUILD = os.path.realpath(sys.argv.pop(1))
# The guest sees this machine's files, but not its /tmp.
os.environ["TMPDIR"] = str(pathlib.Path(BUILD))

from harness import Simulator  # noqa: E402
from story import INDIVIDUAL, House, find_program  # noqa: E402

TWO = ("--administrator", "alice", "--administrator", "bob")


@unittest.skipIf(BUILD.startswith("/tmp/"), "the guest has a /tmp of its own: put the tree elsewhere")
class Browser(unittest.TestCase):
    def setUp(self):
        self.house = House(BUILD, people=60, names=("alice", "bob", "carol")).__enter__()
        self.addCleanup(self.house.__exit__, None, None, None)
        self.house.gate_options = ("--card-listen", "127.0.0.1:0")
        self.house.begin()
        self.house.must("source", "add", "snds", "--catalogue", "snds.toml", *TWO)
        self.house.enrol("carol", "Carol Roux")
        self.house.must("person", "add", "dave", "--name", "Dave Noir", "--organisation", "caisse", "--administrator",
                        "alice")
        self.house.grant("carol", "agent")
        self.house.grant("dave", "approver")
        self.house.open_project("p-42")
        self.house.assign("p-42", "carol")

    def card_alone(self):
        """carol's card once more, alone in front of a smart-card service of its own: a browser asks all that it sees, often."""
        folder = self.house.folder / "alone"
        folder.mkdir()
        for name in ("carol.flash", "carol.flash.fuses"):
            shutil.copy(self.house.tokens.folder / name, folder)
        alone = Simulator("carol", build=BUILD, folder=folder).__enter__()
        self.addCleanup(alone.__exit__, None, None, None)
        return alone.environment["PCSCLITE_CSOCK_NAME"]

    def test_registers_and_approves(self):
        house = self.house
        asked = house.must("--json", "extract", "--kind", "individual", "--project", "p-42", "--purpose", "A cohort",
                           INDIVIDUAL, "--no-wait", who="carol").json()[-1]["request"]
        relay = subprocess.Popen([sys.executable, HERE / "browser" / "relay.py", "127.0.0.1:0",
                                  house.environment["PCSCLITE_CSOCK_NAME"], "127.0.0.1:0", self.card_alone()],
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(relay.stdout.close)
        self.addCleanup(relay.wait)
        self.addCleanup(relay.terminate)
        services, card = relay.stdout.readline().split()
        words = {"sceau_root": HERE.parents[1], "sceau_build": BUILD, "sceau_home": house.home, "sceau_request": asked,
                 "sceau_gate": house.url.rsplit(":", 1)[1], "sceau_pcsc": services, "sceau_card": card,
                 "sceau_cards": (house.home / "card.url").read_text().strip().rsplit(":", 1)[1],
                 "sceau_module": os.environ["SCEAU_PKCS11_MODULE"]}
        environment = {**os.environ, "SCEAU_GUEST_QEMU": "-cpu Nehalem -smp 2 -m 3000",
                       "SCEAU_GUEST_APPEND": " ".join(f"{name}={value}" for name, value in words.items())}
        done = subprocess.run([HERE / "run", find_program(BUILD, "sceau-token"), HERE / "browser" / "chromium"],
                              env=environment, check=False)
        self.assertEqual(0, done.returncode)
        self.assertIn(("approval", "admitted", ""), house.entries())
        self.assertIn("approved by  dave", house.must("audit", str(house.home)).out)
        house.must("extract", "--resume", asked, "-o", "people.csv", who="carol")


if __name__ == "__main__":
    unittest.main(verbosity=2)
