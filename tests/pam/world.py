"""A house with a laptop in it: carol may use its account croux, erin its account eblanc, and the gate is down when the
tests begin, as it is for a laptop on a train."""
import pathlib
import shutil
import unittest

from machine import Machine
from story import House

HOST = "laptop-12"


class Laptop(unittest.TestCase):
    """Every test starts from the folder as it was when the laptop was last connected."""

    build = None  # set by the test's file

    @classmethod
    def setUpClass(cls):
        cls.house = House(cls.build, names=("alice", "bob", "carol", "erin", "mallory"), people=60).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.begin()
        cls.house.enrol("carol", "Carol Roux")
        cls.house.enrol("erin", "Erin Blanc")
        for account, person in (("croux", "carol"), ("eblanc", "erin")):
            cls.house.must("account", "add", HOST, account, person, "--administrator", "alice")
        cls.machine = Machine(cls.house, HOST)
        cls.machine.join()
        for name in ("alice", "bob", "erin", "mallory"):
            cls.house.tokens.pull(name)
        cls.kept = cls.machine.keep()

    def setUp(self):
        self.machine.restore(self.kept)

    def administer(self, *command, alone=True):
        """An act of administrators, whose cards are in their readers for just that long."""
        signers = ("alice",) if alone else ("alice", "bob")
        for name in signers:
            self.house.tokens.insert(name)
        try:
            return self.house.must(*command, *(part for name in signers for part in ("--administrator", name)))
        finally:
            for name in signers:
                self.house.tokens.pull(name)

    def join(self, machine):
        """An administrator lets another machine join."""
        self.house.tokens.insert("alice")
        try:
            machine.join()
        finally:
            self.house.tokens.pull("alice")

    def move_gate(self):
        """The gate came back on another port, as it may here and would not elsewhere."""
        for folder in (self.machine.folder, self.kept):
            file = folder / "host.json"
            text = file.read_text()
            start = text.index('"url":"') + 7
            file.write_text(text[:start] + self.house.url + text[text.index('"', start):])

    def copy_of_cards(self, *names):
        """A folder with copies of those cards, for what a card does not survive."""
        folder = pathlib.Path(self.house.path("copies." + self.id().rsplit(".", 1)[-1]))
        folder.mkdir()
        self.addCleanup(shutil.rmtree, folder)
        for name in names:
            for file in (f"{name}.flash", f"{name}.flash.fuses"):
                shutil.copy(self.house.tokens.folder / file, folder)
        return folder

    def refused(self, tried, *codes):
        """Nobody got in, with one of these codes, and nothing is said to the gate."""
        self.assertIn(tried.code, codes or ("PAM_AUTHINFO_UNAVAIL",), str(tried))
        self.assertNotEqual(0, tried.exit, str(tried))
        self.assertEqual([], self.machine.waiting(), str(tried))
