#!/usr/bin/env python3
"""The first-stage loader: starts firmware that is signed and not older than the newest that ran; nothing else.

    loader_test.py BUILD
"""
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

from board import Board, Gone

BUILD = pathlib.Path(os.path.realpath(sys.argv.pop(1)))
LOADER = pathlib.Path(__file__).resolve().parents[2] / "firmware" / "loader"
IMAGE_OFFSET, COUNTER_OFFSET = 0x400000, 0x80000
SELECT = "00A4040005A000000308"


class LoaderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sceau-loader-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.board = Board(BUILD, self.folder)
        self.image = self.board.firmware.read_bytes()

    def boots(self, image):
        """Whether firmware in this image answers; else the loader's complaint is in self.board.complaint."""
        self.board.firmware = self.folder / "image"
        self.board.firmware.write_bytes(image)
        try:
            self.board.start()
            return self.board.send(SELECT)[1] == 0x9000
        except Gone:
            return False
        finally:
            self.board.stop()

    def release(self, number, key=LOADER / "test_signing_key.pem"):
        code, image = self.folder / "code", self.folder / f"release-{number}"
        code.write_bytes(self.image[128:])
        subprocess.run([sys.executable, "-B", LOADER / "sign_image.py", "--release", str(number), "--key", key, code, image],
                       check=True)
        return image.read_bytes()

    def counter(self):
        memory = self.board.memory.read_bytes()[COUNTER_OFFSET:COUNTER_OFFSET + 4096]
        return sum(memory[at:at + 4] != b"\xff" * 4 for at in range(0, 4096, 4))

    def test_the_image_of_the_build_boots(self):
        self.assertTrue(self.boots(self.image), self.board.complaint)
        self.assertEqual(1, self.counter())

    def test_an_altered_image_does_not_boot_wherever_it_was_altered(self):
        chance = random.Random(33)
        places = [8, 12, 16, 79, 128, len(self.image) - 1] + [chance.randrange(128, len(self.image)) for _ in range(6)]
        for place in places:
            altered = bytearray(self.image)
            altered[place] ^= 1 << chance.randrange(8)
            self.assertFalse(self.boots(bytes(altered)), f"byte {place}")
            self.assertIn("no firmware with a good signature", self.board.complaint)

    def test_a_truncated_image_does_not_boot(self):
        for size in (64, 128, len(self.image) // 2, len(self.image) - 4):
            self.board.memory.unlink(missing_ok=True)  # what lay there before must not make it whole
            self.assertFalse(self.boots(self.image[:size]), f"{size} bytes")

    def test_an_empty_slot_does_not_boot(self):
        self.assertFalse(self.boots(bytes(256)))

    def test_firmware_signed_by_somebody_else_does_not_boot(self):
        key = self.folder / "key.pem"
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True)
        self.assertFalse(self.boots(self.release(1, key)))

    def test_an_older_image_does_not_boot_once_a_newer_one_ran(self):
        self.assertTrue(self.boots(self.release(5)), self.board.complaint)
        self.assertEqual(5, self.counter())
        self.assertFalse(self.boots(self.release(4)))
        self.assertIn("older than one that ran", self.board.complaint)
        self.assertTrue(self.boots(self.release(5)), self.board.complaint)
        self.assertTrue(self.boots(self.release(6)), self.board.complaint)

    def test_a_refused_image_does_not_raise_the_counter(self):
        altered = bytearray(self.release(9))
        altered[200] ^= 1
        self.assertFalse(self.boots(bytes(altered)))
        self.assertEqual(0, self.counter())

    def test_what_the_token_keeps_outlives_new_firmware(self):
        self.assertTrue(self.boots(self.image), self.board.complaint)
        self.board.start()
        self.assertEqual(0x63C2, self.board.send("0020008008303030303030FFFF")[1])
        self.board.stop()
        self.assertTrue(self.boots(self.release(2)), self.board.complaint)
        self.board.start()
        self.assertEqual(0x63C2, self.board.send("00200080")[1])
        self.board.stop()


unittest.main()
