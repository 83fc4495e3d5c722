#!/usr/bin/env python3
"""A real sshd with UsePAM on loopback, and a real ssh: the card opens the session, and nothing else does.

    sshd_test.py BUILD
"""
import os
import pathlib
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from world import Laptop  # noqa: E402
from story import PINS  # noqa: E402

Laptop.build = BUILD = os.path.realpath(sys.argv.pop(1))

CONFIGURATION = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/key
PidFile none
UsePAM yes
KbdInteractiveAuthentication yes
PasswordAuthentication no
PubkeyAuthentication no
StrictModes no
"""


class Sshd(Laptop):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.house.path(self.id().rsplit(".", 1)[-1]))
        self.folder.mkdir()
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / "key")], check=True)
        self.machine.stack("send=none", name="sshd")
        with open(self.machine.stacks / "sshd", "a", encoding="ascii") as stack:
            stack.write("session required pam_permit.so\n")
        # Two accounts that exist in the daemon's own view of this machine alone.
        for name in ("passwd", "shadow"):
            line = "{}:x:{}:65534::/tmp:/bin/sh\n" if name == "passwd" else "{0}:*:19000:0:99999:7:::\n"
            users = "".join(line.format(user, 4242 + i) for i, user in enumerate(("croux", "eblanc")))
            (self.folder / name).write_text(pathlib.Path("/etc", name).read_text() + users)

    def start(self):
        """The daemon, listening; a port that somebody else took meanwhile is tried again with another."""
        for _ in range(5):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            (self.folder / "sshd_config").write_text(CONFIGURATION.format(port=self.port, folder=self.folder))
            # sshd keeps no environment: the cards' service is where it always is.
            service = pathlib.Path(self.machine.environment()["PCSCLITE_CSOCK_NAME"]).parent
            mounts = (f"mount --bind {self.folder}/passwd /etc/passwd && mount --bind {self.folder}/shadow /etc/shadow"
                      " && mount -t tmpfs none /run && mkdir /run/sshd /run/pcscd"
                      f" && mount --bind {service} /run/pcscd")
            daemon = subprocess.Popen(
                self.machine.command(["/usr/sbin/sshd", "-D", "-e", "-f", str(self.folder / "sshd_config")], mounts),
                env=self.machine.environment(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            said = ""
            for line in daemon.stderr:
                said += line
                if "Server listening" in line:
                    self.addCleanup(self.stop, daemon)
                    return
            self.stop(daemon)
            if "in use" not in said:
                self.fail(said)
        self.fail("no port was free")

    @staticmethod
    def stop(daemon):
        daemon.terminate()
        daemon.wait(timeout=30)
        daemon.stderr.close()

    def ssh(self, account, pin):
        askpass = self.folder / "askpass"
        askpass.write_text(f"#!/bin/sh\necho {pin}\n")
        askpass.chmod(0o700)
        return subprocess.run(
            ["ssh", "-F", "none", "-p", str(self.port), "-o", "StrictHostKeyChecking=no", "-o",
             f"UserKnownHostsFile={self.folder}/known", "-o", "PreferredAuthentications=keyboard-interactive", "-o",
             "NumberOfPasswordPrompts=1", f"{account}@127.0.0.1", "id -un; echo $SHELL"],
            env={**os.environ, "SSH_ASKPASS": str(askpass), "SSH_ASKPASS_REQUIRE": "force"}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=90, check=False)

    def test_the_card_opens_a_session_and_a_wrong_pin_or_account_does_not(self):
        self.start()
        done = self.ssh("croux", PINS["carol"])
        self.assertEqual((0, "croux"), (done.returncode, done.stdout.split("\n", 1)[0]), done.stderr)
        self.assertEqual(1, len(self.machine.waiting()))
        for account, pin in (("croux", "111222"), ("eblanc", PINS["carol"])):
            refused = self.ssh(account, pin)
            self.assertEqual(255, refused.returncode, refused.stdout + refused.stderr)
            self.assertIn("Permission denied", refused.stderr)
        # The right PIN again, so that the try is given back.
        self.assertEqual(0, self.ssh("croux", PINS["carol"]).returncode)
        self.assertEqual(2, len(self.machine.waiting()))
        done = self.machine.refresh()
        self.assertEqual(0, done.code, str(done))

    def test_without_a_card_there_is_no_session(self):
        self.start()
        self.house.tokens.pull("carol")
        try:
            refused = self.ssh("croux", PINS["carol"])
        finally:
            self.house.tokens.insert("carol")
        self.assertEqual(255, refused.returncode, refused.stdout + refused.stderr)
        self.assertEqual([], self.machine.waiting())


if __name__ == "__main__":
    unittest.main()
