#!/usr/bin/env python3
"""Other people's programs over libsceau-pkcs11.so and a simulated token, each as its users run it.

    pkcs11_consumers.py MODULE        under tools/simulate, with one token named "alice"
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import unittest

from opensc_tools import Workshop, run

MODULE = os.path.realpath(sys.argv.pop(1))
READER = os.environ["SCEAU_READER_alice"]
PIN = "123456"
OFFICER = "0102030405060708" * 3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def system_file(pattern):
    """A file of a Debian package, whatever the architecture."""
    found = sorted(pathlib.Path("/usr/lib").glob(pattern))
    if not found:
        raise FileNotFoundError(f"{pattern} is not installed: run tools/setup")
    return str(found[0])


class Consumers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workshop = Workshop()
        cls.path = cls.workshop.path
        # Nothing of the user's own configuration, and nothing left in it.
        os.environ.update(HOME=str(cls.path), XDG_CONFIG_HOME=str(cls.path / "config"),
                          XDG_CACHE_HOME=str(cls.path / "cache"))
        cls.keys = {}
        for slot, usage in (("9A", "digitalSignature"), ("9C", "nonRepudiation"), ("9D", "keyAgreement")):
            public = cls.workshop.public_key(cls.workshop.generate(READER, slot), f"{slot}.pub")
            certificate = cls.workshop.certificate(public, usage, f"{slot}.pem")
            cls.workshop.piv_tool(READER, "-C", slot, "-i", certificate, fails=True)
            cls.keys[slot] = public
        (cls.path / "pin").write_text(PIN + "\n")
        (cls.path / "data").write_text("what is signed\n")

    @classmethod
    def tearDownClass(cls):
        cls.workshop.close()

    def tool(self, *arguments, **options):
        return run("pkcs11-tool", "--module", MODULE, *arguments, **options)

    def officer(self, *arguments, **options):
        return self.tool("--login", "--login-type", "so", "--so-pin", OFFICER, *arguments, **options)

    def user(self, *arguments, **options):
        return self.tool("--login", "--pin", PIN, *arguments, **options)

    def verify(self, public, signature, data="data"):
        return run("openssl", "dgst", "-sha256", "-verify", public, "-signature", self.path / signature,
                   self.path / data)

    # pkcs11-tool

    def test_pkcs11_tool_lists_slots_objects_and_mechanisms(self):
        self.assertIn("token model        : Sceau PIV", self.tool("--list-slots"))
        listed = self.tool("--list-objects")
        for name in ("PIV Authentication", "Digital Signature", "Key Management"):
            self.assertIn(f"Certificate for {name}", listed)
        self.assertNotIn("Private Key Object", listed)
        self.assertIn("always authenticate", self.user("--list-objects", "--type", "privkey"))
        self.assertIn("ECDSA-SHA256", self.tool("--list-mechanisms"))

    def test_pkcs11_tool_signs_with_each_kind_of_key(self):
        for slot, identifier in (("9A", "01"), ("9C", "02")):
            self.user("--sign", "--mechanism", "ECDSA-SHA256", "--signature-format", "openssl", "--id", identifier,
                      "--input-file", self.path / "data", "--output-file", self.path / "signature")
            self.assertIn("Verified OK", self.verify(self.keys[slot], "signature"))

    def test_pkcs11_tool_derives_what_openssl_derives(self):
        own = self.path / "other.pem"
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", own)
        run("openssl", "ec", "-in", own, "-pubout", "-outform", "DER", "-out", self.path / "other.der")
        self.user("--derive", "--mechanism", "ECDH1-DERIVE", "--id", "03", "--input-file", self.path / "other.der",
                  "--output-file", self.path / "shared")
        run("openssl", "pkeyutl", "-derive", "-inkey", own, "-peerkey", self.keys["9D"], "-out", self.path / "expected")
        self.assertEqual((self.path / "expected").read_bytes(), (self.path / "shared").read_bytes())

    def test_pkcs11_tool_generates_tests_and_deletes_an_rsa_key(self):
        self.assertIn("Key pair generated", self.officer("--keypairgen", "--key-type", "RSA:2048", "--id", "04"))
        try:
            self.assertIn("No errors", self.user("--test"))
            self.tool("--read-object", "--type", "pubkey", "--id", "04", "--output-file", self.path / "rsa.der")
            run("openssl", "pkey", "-pubin", "-inform", "DER", "-in", self.path / "rsa.der", "-out",
                self.path / "rsa.pub")
            for mechanism in ("SHA256-RSA-PKCS", "SHA256-RSA-PKCS-PSS"):
                self.user("--sign", "--mechanism", mechanism, "--id", "04", "--input-file", self.path / "data",
                          "--output-file", self.path / "rsa.signature")
                self.assertIn("Signature is valid", self.tool(
                    "--verify", "--mechanism", mechanism, "--id", "04", "--input-file", self.path / "data",
                    "--signature-file", self.path / "rsa.signature"))
            run("openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", self.path / "rsa.pub", "-in", self.path / "data",
                "-out", self.path / "encrypted")
            self.assertIn("what is signed", self.user("--decrypt", "--mechanism", "RSA-PKCS", "--id", "04",
                                                      "--input-file", self.path / "encrypted"))
        finally:
            self.officer("--delete-object", "--type", "privkey", "--id", "04")
        self.assertNotIn("ID:         04", self.tool("--list-objects", "--type", "pubkey"))

    def test_pkcs11_tool_imports_a_key_and_its_certificate(self):
        own = self.path / "import.pem"
        run("openssl", "ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", own)
        run("openssl", "ec", "-in", own, "-outform", "DER", "-out", self.path / "import.der")
        run("openssl", "ec", "-in", own, "-pubout", "-out", self.path / "import.pub")
        run("openssl", "req", "-x509", "-new", "-key", own, "-subj", "/CN=Imported", "-days", "3", "-outform", "DER",
            "-out", self.path / "import.crt")
        self.officer("--write-object", self.path / "import.der", "--type", "privkey", "--id", "05")
        self.officer("--write-object", self.path / "import.crt", "--type", "cert", "--id", "05")
        self.assertIn("CN=Imported", self.tool("--list-objects", "--type", "cert"))
        self.user("--sign", "--mechanism", "ECDSA-SHA256", "--signature-format", "openssl", "--id", "05",
                  "--input-file", self.path / "data", "--output-file", self.path / "signature")
        self.assertIn("Verified OK", self.verify(self.path / "import.pub", "signature"))
        self.officer("--delete-object", "--type", "cert", "--id", "05")
        self.officer("--delete-object", "--type", "privkey", "--id", "05")

    def test_pkcs11_tool_changes_the_pin_and_counts_wrong_ones(self):
        self.user("--change-pin", "--new-pin", "654321")
        self.assertIn("CKR_PIN_INCORRECT", self.user("--list-objects", fails=True))
        self.assertIn("user PIN count low", self.tool("--list-slots"))
        self.tool("--login", "--pin", "654321", "--change-pin", "--new-pin", PIN)
        self.assertNotIn("user PIN count low", self.tool("--list-slots"))

    def test_pykcs11_encrypts_what_pkcs11_tool_decrypts(self):
        # OpenSC 0.23's own tool encrypts with secret keys alone.
        self.officer("--keypairgen", "--key-type", "RSA:2048", "--id", "06")
        program = self.workshop.write("encrypt.py", f"""
import sys
import PyKCS11
from PyKCS11 import *
library = PyKCS11Lib()
library.load({MODULE!r})
session = library.openSession(library.getSlotList(tokenPresent=True)[0], CKF_SERIAL_SESSION)
key = session.findObjects([(CKA_CLASS, CKO_PUBLIC_KEY), (CKA_ID, [6])])[0]
oaep = RSAOAEPMechanism(CKM_SHA256, CKG_MGF1_SHA256)
how = oaep if sys.argv[1] == "RSA-PKCS-OAEP" else Mechanism(CKM_RSA_PKCS, None)
open(sys.argv[2], "wb").write(bytes(session.encrypt(key, b"for the card alone", how)))
""")
        try:
            for mechanism in (["RSA-PKCS"], ["RSA-PKCS-OAEP", "--hash-algorithm", "SHA256"]):
                run("/usr/bin/python3", program, mechanism[0], self.path / "encrypted.rsa")
                self.user("--decrypt", "--mechanism", *mechanism, "--id", "06", "--input-file",
                          self.path / "encrypted.rsa", "--output-file", self.path / "decrypted")
                self.assertEqual(b"for the card alone", (self.path / "decrypted").read_bytes())
        finally:
            self.officer("--delete-object", "--type", "privkey", "--id", "06")

    def pad(self, digits):
        """The environment of a program whose readers have keys, on which somebody types that."""
        library = self.path / "libpad.so"
        if not library.exists():
            source = pathlib.Path(__file__).resolve().parents[1] / "pam" / "pin_pad.c"
            run("cc", "-shared", "-fPIC", "-I/usr/include/PCSC", source, "-o", library, "-lpcsclite")
        return {"LD_PRELOAD": str(library), "SCEAU_TEST_PAD": digits}

    def test_pkcs11_tool_takes_the_pin_from_the_readers_keys(self):
        self.assertIn("PIN pad present", self.tool("--list-slots", **self.pad(PIN)))
        self.tool("--login", "--sign", "--mechanism", "ECDSA-SHA256", "--signature-format", "openssl", "--id", "01",
                  "--input-file", self.path / "data", "--output-file", self.path / "signature", **self.pad(PIN))
        self.assertIn("Verified OK", self.verify(self.keys["9A"], "signature"))
        self.assertIn("CKR_FUNCTION_CANCELED", self.tool("--login", "--list-objects", fails=True, **self.pad("")))

    # What other programs do to the card

    def test_what_another_program_changes_is_listed_at_once(self):
        label = "Public key for Retired Key 20"
        self.assertNotIn(label, self.tool("--list-objects"))
        self.workshop.generate(READER, "95")
        self.assertIn(label, self.tool("--list-objects"))
        self.officer("--delete-object", "--type", "privkey", "--id", "18")
        self.assertNotIn(label, self.tool("--list-objects"))

    def test_logging_out_closes_the_card_to_other_programs(self):
        program = self.workshop.write("logout.py", f"""
import PyKCS11
from PyKCS11 import *
library = PyKCS11Lib()
library.load({MODULE!r})
session = library.openSession(library.getSlotList(tokenPresent=True)[0], CKF_SERIAL_SESSION)
session.login({PIN!r})
input()
session.logout()
input()
""")
        asks = ["opensc-tool", "--reader", READER, "--send-apdu", "00:A4:04:00:05:A0:00:00:03:08:00", "--send-apdu",
                "00:20:00:80"]
        with subprocess.Popen(["/usr/bin/python3", "-u", str(program)], stdin=subprocess.PIPE, text=True) as other:
            try:
                for verified in (True, False):
                    status = self.wait_for_pin_state(asks, verified)
                    self.assertIn("SW1=0x90" if verified else "SW1=0x63", status)
                    other.stdin.write("\n")
                    other.stdin.flush()
            finally:
                other.kill()

    def wait_for_pin_state(self, asks, verified):
        """What the card last said, once it says so or has been asked often enough."""
        for _ in range(100):
            status = run(*asks).strip().splitlines()[-1]
            if ("SW1=0x90" in status) == verified:
                break
        return status

    # GnuTLS and p11-kit

    def test_p11tool_lists_objects_by_uri(self):
        listed = run("p11tool", "--provider", MODULE, "--login", "--set-pin", PIN, "--list-all")
        self.assertIn("id=%01;object=Private%20key%20for%20PIV%20Authentication;type=private", listed)
        self.assertIn("CKA_ALWAYS_AUTH", listed)

    def test_p11_kit_loads_it_as_a_configured_module(self):
        modules = self.path / "modules"
        modules.mkdir()
        (modules / "sceau.module").write_text(f"module: {MODULE}\n")
        folder = "/usr/share/p11-kit/modules"
        listed = run("unshare", "--mount", "sh", "-c", f'mount --bind "{modules}" {folder} && p11-kit list-modules')
        self.assertIn("library-description: Sceau PKCS#11 provider", listed)
        self.assertIn("manufacturer: Sceau", listed)

    def test_p11_kit_server_hands_it_to_another_process(self):
        client = system_file("*/pkcs11/p11-kit-client.so")
        server = subprocess.Popen(["p11-kit", "server", "--foreground", "--name", str(self.path / "socket"),
                                   "--provider", MODULE, "pkcs11:"], stdout=subprocess.PIPE, text=True)
        try:
            server.stdout.readline()
            listed = run("pkcs11-tool", "--module", client, "--list-objects", "--type", "cert",
                         P11_KIT_SERVER_ADDRESS=f"unix:path={self.path / 'socket'}")
            self.assertIn("Certificate for PIV Authentication", listed)
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()

    # OpenSSL's engine

    def engine(self):
        configuration = self.path / "openssl.cnf"
        configuration.write_text(f"openssl_conf = init\n[init]\nengines = engines\n[engines]\npkcs11 = pkcs11\n[pkcs11]\n"
                                 f"engine_id = pkcs11\nMODULE_PATH = {MODULE}\nPIN = {PIN}\ninit = 0\n")
        return str(configuration)

    def test_openssl_engine_signs(self):
        # From a cold cache: the module must read keys in a process whose OpenSSL asks the engine for all of them.
        shutil.rmtree(self.path / "cache", ignore_errors=True)
        run("openssl", "dgst", "-engine", "pkcs11", "-keyform", "engine", "-sign",
            f"pkcs11:id=%01;type=private;pin-value={PIN}", "-sha256", "-out", self.path / "engine.signature",
            self.path / "data", OPENSSL_CONF=self.engine())
        self.assertIn("Verified OK", self.verify(self.keys["9A"], "engine.signature"))

    def test_curl_authenticates_to_a_tls_server(self):
        port = free_port()
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
            self.path / "server.key", "-out", self.path / "server.pem", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=IP:127.0.0.1", "-days", "3")
        server = subprocess.Popen(
            ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", str(self.path / "server.pem"), "-key",
             str(self.path / "server.key"), "-CAfile", str(self.path / "ca.pem"), "-Verify", "3",
             "-verify_return_error", "-www"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            while "ACCEPT" not in server.stdout.readline():
                self.assertIsNone(server.poll())
            page = run("curl", "--silent", "--show-error", "--cacert", self.path / "server.pem", "--engine", "pkcs11",
                       "--cert", self.path / "9A.pem", "--key-type", "ENG", "--key",
                       f"pkcs11:id=%01;type=private;pin-value={PIN}", f"https://127.0.0.1:{port}/",
                       OPENSSL_CONF=self.engine())
            self.assertIn("Verify return code: 0 (ok)", page)
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()

    # OpenSSH

    def test_ssh_keygen_reads_the_public_keys(self):
        listed = run("ssh-keygen", "-D", MODULE)
        expected = run("ssh-keygen", "-i", "-m", "PKCS8", "-f", self.keys["9A"]).split()[1]
        self.assertIn(expected, listed)

    def test_ssh_agent_logs_in_to_a_loopback_server(self):
        port = free_port()
        for name in ("host_key",):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path / name)
        (self.path / "authorized").write_text(run("ssh-keygen", "-i", "-m", "PKCS8", "-f", self.keys["9A"]))
        (self.path / "sshd_config").write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {self.path}/host_key\nPidFile none\nStrictModes no\n"
            f"AuthorizedKeysFile {self.path}/authorized\nPermitRootLogin yes\nPasswordAuthentication no\n"
            "KbdInteractiveAuthentication no\nUsePAM no\n")
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        (self.path / "askpass").write_text(f"#!/bin/sh\necho {PIN}\n")
        (self.path / "askpass").chmod(0o700)
        sshd = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", str(self.path / "sshd_config")],
                                stderr=subprocess.PIPE, text=True)
        agent = None
        try:
            while "listening" not in sshd.stderr.readline():
                self.assertIsNone(sshd.poll())
            told = run("ssh-agent", "-s", "-P", f"{os.path.dirname(MODULE)}/*", "-a", self.path / "agent")
            agent = int(told.split("SSH_AGENT_PID=")[1].split(";")[0])
            own = {"SSH_AUTH_SOCK": str(self.path / "agent"), "DISPLAY": ":0", "SSH_ASKPASS_REQUIRE": "force",
                   "SSH_ASKPASS": str(self.path / "askpass")}
            self.assertIn("Card added", run("setsid", "ssh-add", "-s", MODULE, **own))
            said = run("ssh", "-p", port, "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.path}/known",
                       "-o", "BatchMode=yes", "127.0.0.1", "echo", "logged", "in", **own)
            self.assertIn("logged in", said)
        finally:
            if agent:
                os.kill(agent, signal.SIGTERM)
            sshd.terminate()
            sshd.wait()
            sshd.stderr.close()

    # NSS

    def test_nss_lists_and_signs_a_request(self):
        database = f"sql:{self.path / 'nss'}"
        (self.path / "nss").mkdir()
        run("certutil", "-N", "-d", database, "--empty-password")
        run("modutil", "-dbdir", database, "-add", "sceau", "-libfile", MODULE, "-force", data=b"\n")
        # modutil fails over the simulator's second reader, which is empty.
        self.assertIn("Token Model: Sceau PIV", run("modutil", "-dbdir", database, "-list", "sceau", fails=True))
        listed = run("certutil", "-L", "-d", database, "-h", "all", "-f", self.path / "pin")
        line = next(line for line in listed.splitlines() if "Certificate for PIV Authentication" in line)
        self.assertTrue(line.endswith("u,u,u"), line)
        token = line.split(":")[0]
        keys = run("certutil", "-K", "-d", database, "-h", token, "-f", self.path / "pin")
        self.assertIn("PIV Authentication", keys)
        run("certutil", "-R", "-d", database, "-h", token, "-k", "01", "-s", "CN=Agent", "-f", self.path / "pin", "-a",
            "-o", self.path / "nss.csr", data=b"\n")
        self.assertIn("verify OK", run("openssl", "req", "-in", self.path / "nss.csr", "-noout", "-verify"))

    # Java

    def test_java_keytool_lists_and_signs_a_request(self):
        configuration = self.path / "java.cfg"
        configuration.write_text(f"name = Sceau\nlibrary = {MODULE}\nslotListIndex = 0\n")
        keystore = ["-keystore", "NONE", "-storetype", "PKCS11", "-providerClass", "sun.security.pkcs11.SunPKCS11",
                    "-providerArg", configuration, "-storepass", PIN]
        listed = run("keytool", "-list", *keystore)
        self.assertIn("Certificate for PIV Authentication, PrivateKeyEntry", listed)
        run("keytool", "-certreq", "-alias", "Certificate for PIV Authentication", "-file", self.path / "java.csr",
            *keystore)
        self.assertIn("verify OK", run("openssl", "req", "-in", self.path / "java.csr", "-noout", "-verify"))

    # Python

    def test_pykcs11_signs_with_the_key_that_wants_its_pin_each_time(self):
        program = self.workshop.write("sign.py", f"""
import PyKCS11
from PyKCS11 import *
library = PyKCS11Lib()
library.load({MODULE!r})
session = library.openSession(library.getSlotList(tokenPresent=True)[0], CKF_SERIAL_SESSION)
session.login({PIN!r})
key = session.findObjects([(CKA_CLASS, CKO_PRIVATE_KEY), (CKA_ID, [2])])[0]
try:
    session.sign(key, bytes(32), Mechanism(CKM_ECDSA, None))
except PyKCS11Error as error:
    print(error)
session.logout()
""")
        # Debian's interpreter is the one that has Debian's package.
        self.assertIn("CKR_USER_NOT_LOGGED_IN", run("/usr/bin/python3", program))

    # Another module behind ours

    def test_softhsm_through_our_module_says_what_it_says_directly(self):
        module = system_file("softhsm/libsofthsm2.so")
        for folder in ("softhsm", "config/sceau"):
            (self.path / folder).mkdir(parents=True)
        (self.path / "softhsm.conf").write_text(f"directories.tokendir = {self.path / 'softhsm'}\n")
        own = {"SOFTHSM2_CONF": str(self.path / "softhsm.conf")}
        run("softhsm2-util", "--init-token", "--free", "--label", "soft", "--pin", PIN, "--so-pin", "5678", **own)
        listing = self.path / "config" / "sceau" / "pkcs11-modules"
        listing.write_text(f"# one a line\n{module}\n")
        try:
            def both(*arguments):
                """The same work, directly and through ours; without the line that names the slot."""
                said = [run("pkcs11-tool", "--module", path, "--token-label", "soft", "--login", "--pin", PIN,
                            *arguments, **own) for path in (module, MODULE)]
                return [[line for line in text.splitlines() if "Using slot" not in line] for text in said]

            run("pkcs11-tool", "--module", MODULE, "--token-label", "soft", "--login", "--pin", PIN, "--keypairgen",
                "--key-type", "RSA:2048", "--id", "01", "--label", "made", **own)
            signing = ["--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "01", "--input-file", self.path / "data"]
            for arguments in (["--list-objects"], ["--list-mechanisms"], signing):
                direct, through = both(*arguments)
                self.assertEqual(direct, through)
            self.assertIn("PIV Authentication", self.tool("--token-label", self.token_label(), "--list-objects", **own))
        finally:
            listing.unlink()

    def token_label(self):
        listed = self.tool("--list-slots")
        return next(line.split(":")[1].strip() for line in listed.splitlines() if "token label" in line)

    # Beside OpenSC's module

    def test_loads_beside_another_module_and_exports_nothing_else(self):
        symbols = run("nm", "-D", "--defined-only", MODULE).split()[2::3]
        self.assertEqual(104, len(symbols))
        self.assertTrue(all(symbol.startswith("C_") for symbol in symbols))
        program = self.workshop.write("two.py", f"""
import ctypes
for path in ({MODULE!r}, {system_file("*/opensc-pkcs11.so")!r}):
    library = ctypes.CDLL(path, ctypes.RTLD_GLOBAL)
    count = ctypes.c_ulong()
    assert library.C_Initialize(None) == 0 and library.C_GetSlotList(1, None, ctypes.byref(count)) == 0
    print(count.value)
""")
        self.assertEqual(["1", "1"], run("/usr/bin/python3", program).split())


if __name__ == "__main__":
    unittest.main(verbosity=2)
