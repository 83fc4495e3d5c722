"""Helpers of the opensc_*.py tests: running tools, and a certificate authority made with openssl."""

import os
import pathlib
import re
import subprocess
import tempfile

MANAGEMENT_KEY = "01:02:03:04:05:06:07:08:" * 2 + "01:02:03:04:05:06:07:08"
MODULE = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"


def find_module(name):
    """The path of a PKCS#11 module of Debian's, whatever the architecture."""
    for folder in pathlib.Path("/usr/lib").glob("*-linux-gnu*"):
        if (folder / name).exists():
            return str(folder / name)
    raise FileNotFoundError(f"{name} is not installed: run tools/setup")


def run(*command, fails=False, data=None, **environment):
    """Runs a tool; returns its standard output and error together. Its exit code must be as expected."""
    done = subprocess.run(
        [str(part) for part in command],
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "LC_ALL": "C", **environment},
        timeout=60,
        check=False,
    )
    output = done.stdout.decode(errors="replace")
    if (done.returncode != 0) != fails:
        raise AssertionError(f"{command[0]} ended with {done.returncode}:\n{' '.join(map(str, command))}\n{output}")
    return output


class Workshop:
    """A folder of one test's own, with an authority in it."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="sceau-e2e-")
        self.path = pathlib.Path(self._folder.name)
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", self.path / "ca.key", "-out", self.path / "ca.pem", "-subj", "/CN=Test authority", "-days", "30")
        self.key_file = self.path / "management"
        self.key_file.write_text(MANAGEMENT_KEY + "\n")

    def close(self):
        self._folder.cleanup()

    def write(self, name, content):
        path = self.path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def public_key(self, point, name):
        """A PEM file with a P-256 public key, from its 65-byte point."""
        info = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + point
        der = self.write(name + ".der", info)
        run("openssl", "pkey", "-pubin", "-inform", "DER", "-in", der, "-out", self.path / name)
        return self.path / name

    def certificate(self, public_key, usage, name, subject="/CN=Agent"):
        """A PEM certificate for a public key, with one key usage."""
        request = self.path / (name + ".csr")
        run("openssl", "req", "-new", "-key", self.path / "ca.key", "-subj", subject, "-out", request)
        extensions = self.write(name + ".ext", f"keyUsage=critical,{usage}\n")
        run("openssl", "x509", "-req", "-in", request, "-force_pubkey", public_key, "-CA", self.path / "ca.pem",
            "-CAkey", self.path / "ca.key", "-days", "20", "-extfile", extensions, "-out", self.path / name)
        return self.path / name

    def piv_tool(self, reader, *arguments, **options):
        return run("piv-tool", "--reader", reader, "-A", "M:9B:0A", *arguments,
                   PIV_EXT_AUTH_KEY=str(self.key_file), **options)

    def generate(self, reader, slot):
        """Generates a P-256 key with OpenSC's piv-tool; returns its point.

        As an APDU of its own: Debian's piv-tool -G generates on the card and then stumbles over the
        curve's name on its own side."""
        output = self.piv_tool(reader, "-s", f"00:47:00:{slot}:05:AC:03:80:01:11:00")
        assert "SW1=0x90, SW2=0x00" in output, output
        dump = output.split("Received", 1)[1].splitlines()[1:]
        content = bytes.fromhex("".join(re.sub(r"[^0-9A-F]", "", line[:48]) for line in dump))
        start = content.index(b"\x86\x41") + 2
        return content[start : start + 65]
