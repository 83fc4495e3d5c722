"""A real sshd on loopback that lets this user alone in, with a key made for it. Standard library only.

    with SshServer(folder) as server:
        server.forward("/there.sock", "/here.sock")   # ssh -R, until the block ends
        server.start("sceau", "connect", ...)         # a command there: a Popen
"""
import getpass
import os
import pathlib
import shlex
import socket
import subprocess

SECONDS = 60
CONFIGURATION = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
"""


class SshServer:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._daemon, self._started = None, []

    def __enter__(self):
        self.folder.mkdir()
        for name in ("key", "host_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)], check=True)
        (self.folder / "authorized").write_bytes((self.folder / "key.pub").read_bytes())
        if os.getuid() == 0:
            pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        for _ in range(5):  # somebody else may take a free port before sshd does
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            (self.folder / "sshd_config").write_text(CONFIGURATION.format(port=self.port, folder=self.folder))
            self._daemon = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", str(self.folder / "sshd_config")],
                                            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            said = ""
            for line in self._daemon.stderr:
                said += line
                if "Server listening" in line:
                    return self
            self._end(self._daemon)
        raise RuntimeError("sshd did not start: " + said)

    def __exit__(self, *_):
        for process in self._started:
            self._end(process)
        self._end(self._daemon)

    @staticmethod
    def _end(process):
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=SECONDS)

    def _ssh(self, *arguments):
        process = subprocess.Popen(
            ["ssh", "-F", "none", "-i", str(self.folder / "key"), "-p", str(self.port), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
             "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/known", "-o", "ExitOnForwardFailure=yes",
             *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._started.append(process)
        return process

    def _where(self):
        return f"{getpass.getuser()}@127.0.0.1"

    def start(self, *command):
        return self._ssh(self._where(), shlex.join(str(part) for part in command))

    def forward(self, there, here):
        """Returns when the socket is there: the line itself stays a process that may be ended."""
        line = self._ssh("-R", f"{there}:{here}", self._where(), "echo there; exec sleep 3600")
        if line.stdout.readline() != "there\n":
            raise RuntimeError("ssh -R failed: " + line.communicate(timeout=SECONDS)[1])
        return line
