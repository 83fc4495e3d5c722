"""A machine where people log in by card: a folder as 'sceau host join' makes it, PAM stacks of its own, and pamtester,
which asks them as login, sudo or sshd would. Standard library only.

    machine = Machine(house, "laptop-12")
    machine.pam("authenticate", account="croux", pin="975310")      # a Tried: code, text
"""
import ctypes
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from story import SECONDS, find_program  # noqa: E402  (the folder beside this one)

# What pamtester prints of pam_strerror(), and the code that it stands for.
CODES = {"Authentication failure": "PAM_AUTH_ERR",
         "Authentication service cannot retrieve authentication info": "PAM_AUTHINFO_UNAVAIL",
         "User not known to the underlying authentication module": "PAM_USER_UNKNOWN",
         "Have exhausted maximum number of retries for service": "PAM_MAXTRIES",
         "Insufficient credentials to access authentication data": "PAM_CRED_INSUFFICIENT",
         "User account has expired": "PAM_ACCT_EXPIRED",
         "Permission denied": "PAM_PERM_DENIED",  # of libpam itself, when every module was ignored
         "Module is unknown": "PAM_MODULE_UNKNOWN"}


# What a log-in leaves behind becomes a child of this process, which can wait for it (PR_SET_CHILD_SUBREAPER).
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


class Tried:
    """What came of one pamtester."""

    def __init__(self, process):
        self.text = process.stdout + process.stderr
        self.exit = process.returncode
        self.code = "PAM_SUCCESS" if process.returncode == 0 else next(
            (code for said, code in CODES.items() if said in self.text), self.text)

    def __str__(self):
        return f"{self.code} (exit code {self.exit})\n{self.text}"


class Machine:
    def __init__(self, house, host):
        self.house, self.host = house, host
        self.folder = house.folder / host
        self.stacks = house.folder / f"{host}.pam.d"
        self.module = find_program(house.build, "pam_sceau.so")
        self.stacks.mkdir()

    def join(self):
        return self.house.must("host", "join", self.host, "--folder", str(self.folder), "--administrator", "alice")

    def refresh(self):
        return self.house.sceau("host", "refresh", "--folder", str(self.folder))

    def waiting(self):
        """Log-ins that wait for the gate."""
        return sorted(self.folder.glob("queue/*.login"))

    def stack(self, *options, name="sceau", control="required"):
        """A service whose only module is ours. Returns its name."""
        line = f"{control} {self.module} folder={self.folder} {' '.join(options)}\n"
        (self.stacks / name).write_text("auth " + line + "account " + line)
        return name

    def command(self, program, mounts="true"):
        """The program in a mount namespace of its own, where our stacks are PAM's."""
        script = f"mount --bind {self.stacks} /etc/pam.d && {mounts} && exec \"$@\""
        return ["unshare", "-m", "sh", "-ec", script, "sh", *program]

    def pam(self, *operations, account="croux", pin="", options=("send=none",), mounts="true", shift=None, tokens=None,
            pad=None, user=None):
        """pamtester's operations on a stack with these options; what it reads is the PIN. `mounts` is a shell's line
        that runs before it, `shift` is added to its clock ("+3d"), `tokens` are other readers than the house's, `pad`
        is what is typed on the reader, `user` is whose rights it has."""
        self.stack(*options)
        rights = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        process = subprocess.run(self.command([*rights, "pamtester", "sceau", account, *operations], mounts),
                                 env=self.environment(shift, tokens, pad), input=pin + "\n", capture_output=True, text=True,
                                 timeout=SECONDS, check=False)
        return Tried(process)

    def environment(self, shift=None, tokens=None, pad=None):
        """A module built with AddressSanitizer needs its runtime in the program that loads it. libfaketime comes before
        it: the other way round each waits for the other at its start."""
        libraries = self.sanitizer()
        settings = {**self.house.environment, **(tokens.environment if tokens else {}),
                    "ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0"}
        if pad is not None:
            libraries.append(find_program(self.house.build, "libtest-pin-pad.so"))
            settings["SCEAU_TEST_PAD"] = pad
        if shift:
            libraries.insert(0, next(str(path) for path in pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")))
            settings |= {"FAKETIME": shift, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        return {**settings, "LD_PRELOAD": ":".join(libraries)}

    def sanitizer(self):
        needs = subprocess.run(["ldd", self.module], capture_output=True, text=True, check=True).stdout
        return [line.split("=>")[1].split()[0] for line in needs.splitlines() if "libasan" in line]

    def keep(self):
        """A copy of the folder, to come back to."""
        kept = pathlib.Path(str(self.folder) + ".kept")
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(self.folder, kept, symlinks=True)
        return kept

    def settle(self):
        """Until the programs that a log-in started, away from pamtester, have ended: they are this process's now."""
        for children in pathlib.Path("/proc/self/task").glob("*/children"):
            for pid in map(int, children.read_text().split()):
                try:
                    started = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
                    if b"\0refresh\0" in started or b"pamtester" in started or not started:
                        os.waitpid(pid, 0)
                except (FileNotFoundError, ChildProcessError):
                    pass

    def restore(self, kept):
        self.settle()
        shutil.rmtree(self.folder)
        shutil.copytree(kept, self.folder, symlinks=True)
        os.chmod(self.folder / "queue", 0o1777)
