#!/usr/bin/env python3
"""The token's image on a board under QEMU: it answers as a card does, and what it keeps outlives kill -9.

    token_test.py BUILD [KILLS]
"""
import hashlib
import os
import random
import sys
import tempfile
import time
import unittest

import measure
from board import Board, Gone

BUILD = os.path.realpath(sys.argv.pop(1))
KILLS = int(sys.argv.pop(1)) if len(sys.argv) > 1 else 12
SELECT = "00A4040005A000000308"
DEFAULT_PIN = b"123456\xff\xff"


def verify(pin):
    return b"\x00\x20\x00\x80\x08" + pin


def change(old, new):
    return b"\x00\x24\x00\x80\x10" + old + new


def pin_of(number):
    return f"{number:06d}".encode() + b"\xff\xff"


class TokenTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sceau-board-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def board(self, **options):
        board = Board(BUILD, self.folder, **options)
        board.start()
        self.addCleanup(board.stop)
        return board

    def tries(self, board):
        word = board.send("00200080")[1]
        return 0 if word == 0x6983 else word & 0x0F

    def test_selects_piv_and_announces_itself(self):
        board = self.board()
        self.assertTrue(board.answer_to_reset().hex().startswith("3b8b80018073c021c055536365617"))
        data, word = board.send(SELECT)
        self.assertEqual(0x9000, word)
        self.assertIn(b"Sceau PIV", data)

    def test_short_only_is_announced_and_kept(self):
        board = self.board(options=["--short-only"])
        self.assertTrue(board.answer_to_reset().hex().startswith("3b8b80018073c02180"))
        self.assertEqual(0x6700, board.send("00A4040000000BA000000308000010000100")[1])

    def test_a_command_longer_than_the_mailbox_is_answered(self):
        board = self.board()
        self.assertEqual(0x6700, board.send(b"\x00\xdb\x3f\xff\x00\x20\x00" + bytes(0x2000))[1])
        self.assertEqual(0x9000, board.send(SELECT)[1])

    def test_remembers_a_lost_try_across_power_and_forgets_the_log_in_at_reset(self):
        board = self.board()
        self.assertEqual(0x63C2, board.send(verify(b"000000\xff\xff"))[1])
        board.restart()
        self.assertEqual(2, self.tries(board))
        self.assertEqual(0x9000, board.send(verify(DEFAULT_PIN))[1])
        board.control(2)
        self.assertEqual(0x63C3, board.send("00200080")[1])

    def test_leaves_no_secret_in_the_mailbox(self):
        board = self.board()
        pin = b"80413927"  # the one of a fresh card is in the firmware's image, which rests in the same file
        self.assertEqual(0x9000, board.send(change(DEFAULT_PIN, pin))[1])
        self.assertEqual(0x9000, board.send(verify(pin))[1])
        secret = (board.memory.parent / (board.memory.name + ".fuses")).read_bytes()[:32]
        memory = board.memory.read_bytes()
        self.assertFalse(secret in memory, "the device's secret")
        self.assertFalse(pin in memory, "the PIN")

    def test_another_devices_secret_opens_nothing(self):
        board = self.board()
        board.stop()
        fuses = board.memory.parent / (board.memory.name + ".fuses")
        fuses.write_bytes(bytes(32) + fuses.read_bytes()[32:])
        board.start()
        self.assertEqual(0x6581, board.send(verify(DEFAULT_PIN))[1])

    def test_signs_a_statement_and_names_the_firmware_that_runs(self):
        board = self.board()
        for _, apdu in measure.clear_signing(700, 5)[:-1]:
            board.send(apdu)  # pages after the last one are refused
        data, word = board.send("00330000000000")
        self.assertEqual(0x9000, word)
        code = board.firmware.read_bytes()[128:]
        self.assertIn(hashlib.sha256(code).digest(), data)

    # The model: each command shows its old or its new state after a kill at any moment, and no try comes back.
    def test_kill_at_any_moment_leaves_the_old_or_the_new_state(self):
        board = self.board()
        chance = random.Random(505)
        pin, took = DEFAULT_PIN, 0.02
        for number in range(KILLS):
            wrong = number % 2 == 0
            before = self.tries(board)
            fresh = pin_of(number)
            started = time.monotonic()
            board.begin(verify(b"999999\xff\xff") if wrong else change(pin, fresh))
            if number % 5 != 4:
                time.sleep(chance.random() * took)
                board.kill_machine()
            answered = True
            try:
                _, word = board.finish()
                self.assertIn(word, (0x63C0 | before - 1, 0x9000))
                took = max(0.005, time.monotonic() - started)
            except Gone:
                answered = False
            board.restart()
            if wrong:
                after = self.tries(board)
                self.assertEqual(before - 1, after) if answered else self.assertIn(after, (before - 1, before))
                self.assertEqual(0x9000, board.send(verify(pin))[1])
            else:
                words = [board.send(verify(candidate))[1] for candidate in (fresh, pin)]
                self.assertIn(0x9000, words)
                if words[0] == 0x9000:
                    pin = fresh
                else:
                    self.assertFalse(answered, "an answered change was lost")
            board.send("0020FF80")


unittest.main()
