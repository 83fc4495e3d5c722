#!/usr/bin/env python3
"""At a real terminal: the PIN is asked and not shown, what is signed is shown first, and an approver is asked to
confirm.

    story_terminal.py BUILD
"""
import os
import pty
import re
import select
import sys
import unittest

from story import AGGREGATE, INDIVIDUAL, PINS, House

BUILD = os.path.realpath(sys.argv.pop(1))
SECONDS = 120


class Terminal:
    """A command with a pseudo-terminal of its own, typed at as a person does: after what is awaited was shown."""

    def __init__(self, house, *arguments):
        environment = {key: value for key, value in house.environment.items() if key != "SCEAU_ASKPASS"}
        self.seen, self._from = "", 0
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(house.folder)
            os.execve(house.program, ["sceau", *arguments], environment)

    def _more(self):
        if not select.select([self.terminal], [], [], SECONDS)[0]:
            raise AssertionError("nothing more came after:\n" + self.seen)
        try:
            read = os.read(self.terminal, 4096)
        except OSError:  # the other side has closed
            read = b""
        self.seen += read.decode(errors="replace")
        return bool(read)

    def answer(self, pattern, text):
        while not (found := re.compile(pattern).search(self.seen, self._from)):
            if not self._more():
                raise AssertionError(f"{pattern!r} never came:\n" + self.seen)
        self._from = found.end()
        os.write(self.terminal, text.encode())

    def end(self):
        """Its exit code, and all that it showed."""
        while self._more():
            pass
        _, status = os.waitpid(self.child, 0)
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(status), self.seen


class AtATerminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD).__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.house.settle()

    def test_a_typed_pin_signs_and_is_never_shown(self):
        self.house.must("login", who="carol")
        asking = Terminal(self.house, "extract", "--project", "p-42", "--purpose", "boxes", "--token", "carol", "-o",
                          "typed.csv", AGGREGATE)
        asking.answer(r"PIN of token Sceau carol [^\r\n]*: ", PINS["carol"] + "\r")
        code, seen = asking.end()
        self.assertEqual(0, code, seen)
        self.assertNotIn(PINS["carol"], seen)
        self.assertLess(seen.index("purpose     boxes"), seen.index("PIN of token"))
        self.assertTrue(os.path.exists(self.house.path("typed.csv")))

    def test_ctrl_c_at_the_pin_prompt_signs_nothing(self):
        asking = Terminal(self.house, "login", "--token", "dave")
        asking.answer(r"PIN of token Sceau dave [^\r\n]*: ", "8642\x03")
        code, seen = asking.end()
        self.assertEqual(4, code, seen)
        self.assertNotIn("8642", seen)

    def test_an_approver_is_asked_and_may_say_no(self):
        asked = self.house.must("extract", "--project", "p-42", "--purpose", "cohort", "--kind", "individual",
                                "--no-wait", INDIVIDUAL, who="carol").out.strip()
        self.house.must("login", who="dave")
        no = Terminal(self.house, "approve", asked, "--token", "dave")
        no.answer(r"approve it\? \[y/N\] ", "n\r")
        code, seen = no.end()
        self.assertEqual(3, code, seen)
        self.assertIn("nothing was signed", seen)
        yes = Terminal(self.house, "approve", asked, "--token", "dave")
        yes.answer(r"approve it\? \[y/N\] ", "y\r")
        yes.answer(r"PIN of token Sceau dave [^\r\n]*: ", PINS["dave"] + "\r")
        code, seen = yes.end()
        self.assertEqual(0, code, seen)
        self.assertIn("is approved", seen)

    def test_a_new_pin_is_typed_twice(self):
        change = Terminal(self.house, "token", "pin", "--token", "bob")
        change.answer(r"Current PIN of token Sceau bob [^\r\n]*: ", PINS["bob"] + "\r")
        change.answer(r"New PIN of token Sceau bob [^\r\n]*: ", "161803\r")
        change.answer(r"once more: ", "161804\r")
        code, seen = change.end()
        self.assertEqual(2, code, seen)
        self.assertIn("differ", seen)
        self.house.must("login", who="bob")  # the PIN is as it was


if __name__ == "__main__":
    unittest.main()
