"""Tokens of other makers, for stories: an authority made with openssl, a SoftHSM of one's own, and a PIV card whose keys
came from elsewhere. Standard library only.

    authority = Authority(folder)
    hsm = SoftHsm(folder); hsm.fill("carol", authority, "Carol Roux")
    fill_card(tokens, "erin", authority, "Erin Blanc", pin="741852")
"""
import os
import pathlib
import subprocess

HSM_PIN = "123456"
HSM_MODULE = os.environ.get("SCEAU_SOFTHSM_MODULE") or str(
    next(iter(sorted(pathlib.Path("/usr/lib").glob("**/libsofthsm2.so"))), "libsofthsm2.so"))
OPENSC_MODULE = "opensc-pkcs11.so"
# By itself OpenSC shows four readers only, and the simulated ones have a second slot each.
OPENSC_CONF = "app default {}\napp opensc-pkcs11 { pkcs11 { max_virtual_slots = 64; } }\n"
USAGE = {"sign": "nonRepudiation", "login": "digitalSignature"}


def run(*command, environment=None, folder=None):
    done = subprocess.run([str(part) for part in command], env={**os.environ, **(environment or {})}, cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout.decode()}")


class Authority:
    """An organisation's own, whose key is in a file of the test's and nowhere in Sceau."""

    def __init__(self, folder, name="Cards authority"):
        self.folder = pathlib.Path(folder) / name.replace(" ", "-")
        self.folder.mkdir()
        self.certificate, self.list = self.folder / "ca.pem", self.folder / "list.pem"
        (self.folder / "index.txt").touch()
        (self.folder / "crlnumber").write_text("01\n")
        (self.folder / "ca.conf").write_text(
            "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\n"
            "default_crl_days=30\ncrl_extensions=list\n[list]\nauthorityKeyIdentifier=keyid\n"
            f"[req]\nprompt=no\ndistinguished_name=name\nx509_extensions=own_ca\n[name]\nO=Maker\nCN={name}\n"
            "[own_ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
            "subjectKeyIdentifier=hash\n")
        self.openssl("req", "-x509", "-config", "ca.conf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", "ca.key", "-out", "ca.pem", "-days", "60")
        self.openssl("ca", "-config", "ca.conf", "-gencrl", "-keyfile", "ca.key", "-cert", "ca.pem", "-out", "list.pem")

    def openssl(self, *arguments):
        run("openssl", *arguments, folder=self.folder)

    def make_key(self, kind, name):
        """A key in a file, to be imported into a token."""
        how = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "p256" else ["-newkey", "rsa:" + kind[3:]]
        self.openssl("req", "-config", "ca.conf", "-new", *how, "-nodes", "-keyout", name + ".key", "-out", name + ".csr")
        self.openssl("pkcs8", "-topk8", "-nocrypt", "-in", name + ".key", "-out", name + ".p8")
        self.openssl("pkey", "-in", name + ".key", "-pubout", "-out", name + ".pub")
        return self.folder / (name + ".p8")

    def certify(self, name, subject, use):
        """A certificate for the public key in NAME.pub: NAME.pem and NAME.der."""
        (self.folder / "leaf.ext").write_text("basicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\n"
                                              f"authorityKeyIdentifier=keyid\nkeyUsage=critical,{USAGE[use]}\n")
        self.openssl("x509", "-new", "-force_pubkey", name + ".pub", "-subj", subject, "-CA", "ca.pem", "-CAkey", "ca.key",
                     "-days", "30", "-extfile", "leaf.ext", "-out", name + ".pem")
        self.openssl("x509", "-in", name + ".pem", "-outform", "DER", "-out", name + ".der")
        return self.folder / (name + ".pem")

    def make(self, kind, name, subject, use):
        """(private key, certificate), both files."""
        return self.make_key(kind, name), self.certify(name, subject, use)


def subject_of(person, name):
    return f"/O=Maker/serialNumber={person}/CN={name}"


class SoftHsm:
    """A SoftHSM of one's own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / "hsm"
        (self.folder / "tokens").mkdir(parents=True)
        self.environment = {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}
        (self.folder / "softhsm2.conf").write_text(
            f"directories.tokendir = {self.folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")

    def fill(self, label, authority, name, kind="p256", subject=None):
        """A token with one key to sign and one to log in, both certified by the authority for the person `label`."""
        run("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "87654321", "--pin", HSM_PIN,
            environment=self.environment)
        for use, number in (("sign", "01"), ("login", "02")):
            key, certificate = authority.make(kind, f"{label}-{use}", subject or subject_of(label, name), use)
            run("softhsm2-util", "--import", key, "--token", label, "--label", use, "--id", number, "--pin", HSM_PIN,
                environment=self.environment)
            run("pkcs11-tool", "--module", HSM_MODULE, "--token-label", label, "--login", "--pin", HSM_PIN, "--write-object",
                certificate.with_suffix(".der"), "--type", "cert", "--id", number, "--label", use,
                environment=self.environment)


def rsa_numbers(key):
    """Primes, exponents and coefficient of an RSA key in a file (RFC 8017, A.1.2: the last five of nine)."""
    der = subprocess.run(["openssl", "rsa", "-in", str(key), "-traditional", "-outform", "DER"], check=True,
                         capture_output=True).stdout
    at, numbers = 4, []  # behind the SEQUENCE's own length of two bytes
    while at < len(der):
        size, at = der[at + 1], at + 2
        if size > 128:
            size, at = int.from_bytes(der[at:at + size - 128], "big"), at + size - 128
        numbers, at = numbers + [int.from_bytes(der[at:at + size], "big")], at + size
    return numbers[4:]


def import_rsa_3072(tokens, person, slot, key, folder):
    """Yubico's IMPORT ASYMMETRIC KEY (FE) in a chain of commands: Debian's yubico-piv-tool knows RSA up to 2048 bits."""
    content = b"".join(bytes([tag, 0x81, 192]) + number.to_bytes(192, "big")
                       for tag, number in enumerate(rsa_numbers(key), start=1)) + bytes([0xAA, 1, 2])
    parts = [content[at:at + 255] for at in range(0, len(content), 255)]
    commands = [bytes([0x10 if part is not parts[-1] else 0, 0xFE, 0x05, int(slot, 16), len(part)]) + part for part in parts]
    management = pathlib.Path(folder) / "management"
    management.write_text(":".join(["01:02:03:04:05:06:07:08"] * 3) + "\n")
    run("piv-tool", "--reader", tokens.reader(person), "-A", "M:9B:0A",
        *(part for command in commands for part in ("-s", command.hex(":"))),
        environment={**tokens.environment, "PIV_EXT_AUTH_KEY": str(management)})


def fill_card(tokens, person, authority, name, pin, sign="rsa2048", login="rsa2048"):
    """A blank simulated card gets keys and certificates that were made elsewhere, and its holder's PIN."""
    def tool(*arguments):
        run("yubico-piv-tool", "-r", tokens.reader(person), *arguments, environment=tokens.environment)

    for use, slot, kind in (("sign", "9c", sign), ("login", "9a", login)):
        key, certificate = authority.make(kind, f"{person}-{use}", subject_of(person, name), use)
        if kind == "rsa3072":
            import_rsa_3072(tokens, person, slot, key, authority.folder)
        else:
            tool("-a", "import-key", "-s", slot, "-i", key, "--pin-policy", "always" if use == "sign" else "once")
        tool("-a", "import-certificate", "-s", slot, "-i", certificate)
    tool("-a", "set-chuid")
    tool("-a", "change-pin", "-P", "123456", "-N", pin)
