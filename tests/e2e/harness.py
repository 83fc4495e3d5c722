"""Simulated tokens for end-to-end tests, standard library only.

    with Simulator("alice", "bob", build=BUILD) as tokens:
        subprocess.run([...], env=tokens.environment)     # sees the tokens through its own smart-card service
        tokens.pull("alice"); tokens.insert("alice")      # and both return when the reader says so

It runs tools/simulate for as long as the block lasts; everything it started ends with it.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Tells its environment, then lives until its standard input ends.
_KEEPER = ["python3", "-c", "import os, sys; sys.stdout.write(chr(0).join(k + '=' + v for k, v in os.environ.items()) "
           "+ chr(0) + chr(10)); sys.stdout.flush(); sys.stdin.read()"]


class Simulator:
    def __init__(self, *names, build, folder=None, touch="auto", options=()):
        self.names = names
        self._own_folder = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="sceau-tokens-"))
        self._command = [str(ROOT / "tools" / "simulate"), "--build", str(build), "--dir", str(self.folder), "--touch",
                         touch, "--trace", *options, *names, "--", *_KEEPER]
        self._process = None
        self.environment = {}

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        told = self._process.stdout.readline()
        if not told.endswith("\0\n"):
            code = self._process.wait()
            self._remove()
            raise RuntimeError(f"tools/simulate did not start (exit code {code})")
        self.environment = dict(entry.split("=", 1) for entry in told[:-2].split("\0"))
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            self._process.wait()
        self._process.stdout.close()
        self._remove()

    def _remove(self):
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def reader(self, name):
        """The reader's name, as `sceau --token` takes it."""
        return self.environment[f"SCEAU_READER_{name}"]

    def process(self, name):
        """The process id of a token, or of the service ("pcscd")."""
        return int((self.folder / f"{name}.pid").read_text())

    def commands(self, name):
        """How many commands the token has answered."""
        trace = self.folder / f"{name}.apdus"
        return len(trace.read_text().splitlines()) if trace.exists() else 0

    def pull(self, name):
        """Takes the card out, mid-command if it is in one."""
        os.kill(self.process(name), signal.SIGKILL)
        self._await("--absent", "20", self.reader(name))

    def insert(self, name):
        """Puts the card back into its reader."""
        with open(self.environment["SCEAU_SIMULATE_CONTROL"], "w", encoding="ascii") as control:
            control.write(f"insert {name}\n")
        self._await("20", self.reader(name))

    def _await(self, *arguments):
        subprocess.run([self.environment["SCEAU_AWAIT_CARDS"], *arguments], env=self.environment, check=True)
