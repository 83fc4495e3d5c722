#!/usr/bin/env python3
"""Each thing that logging in by card depends on, killed or corrupted in turn: nobody ever gets in.

    fault_test.py BUILD
"""
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from machine import Machine, Tried  # noqa: E402
from harness import Simulator  # noqa: E402
from story import PINS, time_text  # noqa: E402
from world import Laptop  # noqa: E402

Laptop.build = BUILD = os.path.realpath(sys.argv.pop(1))


class Faults(Laptop):
    def tries(self, *operations, **options):
        return self.machine.pam(*(operations or ("authenticate",)), pin=PINS["carol"], **options)

    def at_the_prompt(self, tokens, happens):
        """What becomes of a log-in when something happens while the PIN is typed."""
        self.machine.stack("send=none")
        process = subprocess.Popen(self.machine.command(["pamtester", "sceau", "croux", "authenticate"]),
                                   env=self.machine.environment(tokens=tokens), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = b""
        while b"left): " not in said:
            piece = os.read(process.stdout.fileno(), 4096)
            self.assertTrue(piece, said)
            said += piece
        happens()
        rest, _ = process.communicate(PINS["carol"].encode() + b"\n", timeout=90)
        return Tried(subprocess.CompletedProcess([], process.returncode, (said + rest).decode(), ""))

    def test_everything_in_place_lets_her_in(self):
        self.assertEqual("PAM_SUCCESS", self.tries().code)

    # ---- the service, the reader, the card --------------------------------------------------------------

    def test_no_smart_card_service(self):
        environment = self.house.environment
        self.house.environment = {**environment, "PCSCLITE_CSOCK_NAME": "/nonexistent"}
        try:
            self.refused(self.tries())
        finally:
            self.house.environment = environment

    def test_the_service_is_killed_while_the_pin_is_typed(self):
        with Simulator("carol", build=BUILD, folder=self.copy_of_cards("carol")) as cards:
            pid = cards.process("pcscd")
            self.refused(self.at_the_prompt(cards, lambda: os.kill(pid, signal.SIGKILL)))

    def test_the_card_is_pulled_while_the_pin_is_typed(self):
        with Simulator("carol", build=BUILD, folder=self.copy_of_cards("carol")) as cards:
            self.refused(self.at_the_prompt(cards, lambda: cards.pull("carol")))
            cards.insert("carol")
            self.assertEqual("PAM_SUCCESS", self.tries(tokens=cards).code)

    def test_another_card_takes_its_place_while_the_pin_is_typed(self):
        with Simulator("carol", "erin", build=BUILD, folder=self.copy_of_cards("carol", "erin")) as cards:
            cards.pull("erin")

            def swap():
                cards.pull("carol")
                cards.insert("erin")

            self.refused(self.at_the_prompt(cards, swap), "PAM_AUTHINFO_UNAVAIL", "PAM_AUTH_ERR")

    def test_a_blank_card(self):
        with Simulator("mallory", build=BUILD, folder=self.copy_of_cards()) as cards:
            self.refused(self.tries(tokens=cards))

    def test_a_copied_certificate_with_another_key(self):
        with Simulator("mallory", build=BUILD, folder=self.copy_of_cards()) as cards:
            stolen = self.house.path("stolen.pem")
            self.card_tool(self.house.tokens, "carol", "-a", "read-certificate", "-s", "9a", "-o", stolen)
            self.card_tool(cards, "mallory", "-a", "generate", "-s", "9a", "-A", "ECCP256", "-o", os.devnull)
            self.card_tool(cards, "mallory", "-a", "import-certificate", "-s", "9a", "-i", stolen)
            tried = self.machine.pam("authenticate", pin="123456", tokens=cards)
            self.assertIn("PIN of token", tried.text)
            self.refused(tried, "PAM_AUTHINFO_UNAVAIL", "PAM_AUTH_ERR")

    def card_tool(self, tokens, name, *arguments):
        subprocess.run(["yubico-piv-tool", "-r", tokens.reader(name), *arguments], env=tokens.environment, check=True,
                       capture_output=True, timeout=60)

    def test_nobody_is_there_to_be_asked(self):
        self.machine.stack("send=none")
        process = subprocess.run(self.machine.command(["pamtester", "sceau", "croux", "authenticate"]),
                                 env=self.machine.environment(), stdin=subprocess.DEVNULL, capture_output=True,
                                 text=True, timeout=90, check=False)
        self.refused(Tried(process), "PAM_AUTHINFO_UNAVAIL", "PAM_AUTH_ERR")

    # ---- what this machine believes ---------------------------------------------------------------------

    def test_each_file_missing_empty_cut_or_flipped(self):
        for name in ("host.json", "copy.json"):
            file = self.machine.folder / name
            whole = file.read_bytes()
            middle = len(whole) // 2
            for damaged in (None, b"", whole[:-1], whole[:middle],
                            whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:], whole + b" "):
                file.unlink(missing_ok=True)
                if damaged is not None:
                    file.write_bytes(damaged)
                for operation in ("authenticate", "acct_mgmt"):
                    with self.subTest(name=name, damaged=damaged and len(damaged), operation=operation):
                        self.refused(self.tries(operation))
            file.write_bytes(whole)
        for damaged in (b"", b"{}", b"\0" * 64):
            (self.machine.folder / "mark.json").write_bytes(damaged)
            self.refused(self.tries())

    def test_no_folder(self):
        self.machine.folder.rename(self.house.path("away"))
        try:
            self.refused(self.tries())
        finally:
            pathlib.Path(self.house.path("away")).rename(self.machine.folder)

    def test_a_copy_for_another_machine(self):
        other = Machine(self.house, "laptop-" + str(os.getpid()))
        self.join(other)
        (self.machine.folder / "copy.json").write_bytes((other.folder / "copy.json").read_bytes())
        self.refused(self.tries())

    def test_files_that_others_may_write(self):
        for name in ("", "host.json", "copy.json", "mark.json"):
            path = self.machine.folder / name
            mode = path.stat().st_mode & 0o7777
            path.chmod(0o777)
            with self.subTest(name=name):
                self.refused(self.tries())
            path.chmod(mode)

    # ---- the clock --------------------------------------------------------------------------------------

    def test_a_copy_past_its_end_with_no_gate_to_ask(self):
        self.assertEqual("PAM_SUCCESS", self.tries(shift="+6d").code)
        self.machine.restore(self.kept)
        self.refused(self.tries(shift="+8d"))
        self.refused(self.tries("acct_mgmt", shift="+8d"))

    def test_a_later_time_than_now_was_seen(self):
        mark = self.machine.folder / "mark.json"
        mark.write_text('{"size":0,"time":"' + time_text(time.time() + 3600) + '"}')
        for operation in ("authenticate", "acct_mgmt"):
            self.refused(self.tries(operation))

    def test_a_clock_set_back(self):
        self.refused(self.tries(shift="-2d"))
        self.assertEqual("PAM_SUCCESS", self.tries(shift="+5d").code)
        for path in self.machine.waiting():
            path.unlink()
        # It was that late once: now is a clock set back, and so is the day after tomorrow.
        self.refused(self.tries())
        self.refused(self.tries(shift="+2d"))
        self.assertEqual("PAM_SUCCESS", self.tries(shift="+5d").code)

    # ---- the disk ---------------------------------------------------------------------------------------

    def test_a_full_disk(self):
        queue = self.machine.folder / "queue"
        self.refused(self.tries(mounts=f"mount -t tmpfs -o size=4096 none {queue} && head -c 4096 /dev/zero >{queue}/x"))

    def test_a_disk_that_cannot_be_written(self):
        for part in ("", "queue"):
            path = self.machine.folder / part
            with self.subTest(part=part):
                self.refused(self.tries(mounts=f"mount --bind {path} {path} && mount -o remount,ro,bind {path}"))

    def test_no_queue(self):
        (self.machine.folder / "queue").rmdir()
        self.refused(self.tries())


if __name__ == "__main__":
    unittest.main()
