#!/usr/bin/env python3
"""Real sudo, su and vlock (a screen locker for terminals), each setuid root as Debian installs it, with the card as
their only way in. They run in a mount namespace with an /etc and a /run of its own.

    programs_test.py BUILD
"""
import os
import pathlib
import pty
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from world import Laptop  # noqa: E402
from story import PINS, SECONDS  # noqa: E402

Laptop.build = BUILD = os.path.realpath(sys.argv.pop(1))

USERS = {"croux": 4242, "eblanc": 4243}


class Programs(Laptop):
    def setUp(self):
        super().setUp()
        self.house.folder.chmod(0o755)
        self.folder = pathlib.Path(self.house.path(self.id().rsplit(".", 1)[-1]))
        self.folder.mkdir()
        self.addCleanup(shutil.rmtree, self.folder)
        built, self.machine.module = self.machine.module, shutil.copy(self.machine.module, self.folder)
        self.addCleanup(setattr, self.machine, "module", built)
        self.make_etc()

    def make_etc(self):
        """A copy of /etc with our two accounts, our stacks, and who may use sudo."""
        self.etc = self.folder / "etc"
        subprocess.run(["cp", "-a", "/etc", str(self.etc)], check=True)
        lines = {"passwd": "{0}:x:{1}:65534::/tmp:/bin/sh\n", "shadow": "{0}:*:19000:0:99999:7:::\n"}
        for file, line in lines.items():
            with open(self.etc / file, "a", encoding="ascii") as accounts:
                accounts.write("".join(line.format(name, number) for name, number in USERS.items()))
        for name in ("sudo", "su", "vlock"):
            self.machine.stack("send=none", name=name)
            stack = self.etc / "pam.d" / name
            stack.write_text((self.machine.stacks / name).read_text() + "session required pam_permit.so\n")
        (self.etc / "sudoers").unlink(missing_ok=True)
        (self.etc / "sudoers").write_text("Defaults !lecture, timestamp_timeout=0, passwd_tries=1\n"
                                          + "".join(f"{name} ALL=(ALL:ALL) ALL\n" for name in USERS))
        (self.etc / "sudoers").chmod(0o440)
        # A program that is setuid ignores LD_PRELOAD: the runtime that a module with sanitizers needs comes from here.
        (self.etc / "ld.so.preload").write_text("\n".join(self.machine.sanitizer()) + "\n")

    def command(self, user, program):
        """The program as that user starts it, seeing this machine."""
        service = pathlib.Path(self.house.environment["PCSCLITE_CSOCK_NAME"]).parent
        script = (f"mount -t tmpfs none /run && mkdir /run/pcscd && mount --bind {service} /run/pcscd"
                  f" && mount --bind {self.etc} /etc && exec \"$@\"")
        rights = ["setpriv", f"--reuid={USERS[user]}", "--regid=65534", "--clear-groups"]
        return ["unshare", "-m", "sh", "-ec", script, "sh", *rights, *program]

    def environment(self):
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "ASAN_OPTIONS": "detect_leaks=0", "TERM": "dumb", "HOME": "/tmp"}

    def run_as(self, user, pin, *program):
        return subprocess.run(self.command(user, program), env=self.environment(), input=pin + "\n", capture_output=True,
                              text=True, timeout=SECONDS, check=False, cwd="/", start_new_session=True)

    def lets_in(self, done, becomes):
        self.assertEqual((0, becomes), (done.returncode, done.stdout.strip()), done.stdout + done.stderr)

    def keeps_out(self, done):
        self.assertNotEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertEqual("", done.stdout.strip(), done.stderr)

    def without_a_card(self, attempt):
        self.house.tokens.pull("carol")
        try:
            return attempt()
        finally:
            self.house.tokens.insert("carol")

    def test_sudo_gives_root_to_the_holder_of_the_card_and_to_nobody_else(self):
        def sudo(user, pin):
            return self.run_as(user, pin, "sudo", "-S", "id", "-un")
        self.keeps_out(sudo("croux", "111222"))
        self.keeps_out(sudo("eblanc", PINS["carol"]))
        self.keeps_out(self.without_a_card(lambda: sudo("croux", PINS["carol"])))
        self.assertEqual([], self.machine.waiting())
        self.lets_in(sudo("croux", PINS["carol"]), "root")
        self.assertEqual(1, len(self.machine.waiting()))

    def test_su_opens_the_account_that_the_card_is_bound_to_and_no_other(self):
        def su(account, pin):
            return self.run_as("eblanc", pin, "su", account, "-c", "id -un")
        self.keeps_out(su("croux", "111222"))
        self.keeps_out(su("root", PINS["carol"]))
        self.keeps_out(self.without_a_card(lambda: su("croux", PINS["carol"])))
        self.assertEqual([], self.machine.waiting())
        self.lets_in(su("croux", PINS["carol"]), "croux")
        self.assertEqual(1, len(self.machine.waiting()))

    # ---- a locked terminal ------------------------------------------------------------------------------

    def read_until(self, words):
        said = b""
        while words not in said:
            self.assertTrue(select.select([self.screen], [], [], SECONDS)[0], said)
            try:
                piece = os.read(self.screen, 4096)
            except OSError:  # the other end is closed
                piece = b""
            self.assertTrue(piece, said)
            said += piece
        return said

    def lock(self, user):
        self.screen, terminal = pty.openpty()
        self.addCleanup(os.close, self.screen)
        command = self.command(user, ["/usr/sbin/vlock-main"])
        # vlock-main is what the script vlock runs; a new session makes the terminal its own.
        self.locked = subprocess.Popen(["setsid", "-c", *command], env=self.environment(), cwd="/", stdin=terminal,
                                       stdout=terminal, stderr=terminal)
        os.close(terminal)
        self.addCleanup(self.unlock_by_force)

    def unlock_by_force(self):
        if self.locked.poll() is None:
            self.locked.send_signal(signal.SIGKILL)
        self.locked.wait()

    def type(self, text):
        os.write(self.screen, text.encode() + b"\n")

    def type_secretly(self, text):
        """vlock throws away what was typed before it had switched the echo off: not before it sleeps without one."""
        stat = pathlib.Path(f"/proc/{self.locked.pid}/stat")
        deadline = time.monotonic() + SECONDS
        while termios.tcgetattr(self.screen)[3] & termios.ECHO or stat.read_text().rsplit(")", 1)[1].split()[0] != "S":
            self.assertLess(time.monotonic(), deadline, "vlock does not wait for a PIN")
            os.sched_yield()
        self.type(text)

    def test_vlock_keeps_a_terminal_locked_until_its_owners_card_and_pin(self):
        self.lock("croux")
        self.type("")
        self.read_until(b"left): ")
        self.type_secretly("111222")
        self.read_until(b"wrong PIN")
        self.assertIsNone(self.locked.poll())
        self.assertEqual([], self.machine.waiting())
        self.type("")
        self.read_until(b"2 tries left): ")
        self.type_secretly(PINS["carol"])
        self.assertEqual(0, self.locked.wait(timeout=SECONDS))
        self.assertEqual(1, len(self.machine.waiting()))


if __name__ == "__main__":
    unittest.main()
