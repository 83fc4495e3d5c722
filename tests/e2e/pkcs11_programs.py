#!/usr/bin/env python3
"""Other people's programs over libsceau-pkcs11.so and a simulated token, each as its users run it.

    pkcs11_programs.py MODULE        under tools/simulate, with one token named "alice"
"""
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

from opensc_tools import run
from pkcs11_shop import MODULE, PIN, Shop, free_port, system_file


class Programs(Shop):
    # GnuTLS and p11-kit

    def test_p11tool_lists_objects_by_uri(self):
        # The FIDO2 half of the card is a token of its own.
        listed = run("p11tool", "--provider", MODULE, "--login", "--set-pin", PIN, "--list-all",
                     "pkcs11:model=Sceau%20PIV")
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
import hashlib
import sys
import PyKCS11
from PyKCS11 import *
library = PyKCS11Lib()
library.load({MODULE!r})
session = library.openSession(library.getSlotList(tokenPresent=True)[0], CKF_SERIAL_SESSION)
session.login({PIN!r})
key = session.findObjects([(CKA_CLASS, CKO_PRIVATE_KEY), (CKA_ID, [2])])[0]
digest = hashlib.sha256(open(sys.argv[1], "rb").read()).digest()
try:
    session.sign(key, digest, Mechanism(CKM_ECDSA, None))
except PyKCS11Error as error:
    print(error)
how = Mechanism(CKM_ECDSA, None)
session.lib.C_SignInit(session.session, how.to_native(), key)
session.login({PIN!r}, 2)  # CKU_CONTEXT_SPECIFIC
made = LowLevel.ckbytelist(bytes(64))
print(session.lib.C_Sign(session.session, LowLevel.ckbytelist(digest), made), bytes(made).hex())
session.logout()
""")
        # Debian's interpreter is the one that has Debian's package.
        without, made = run("/usr/bin/python3", program, self.path / "data").strip().splitlines()
        self.assertIn("CKR_USER_NOT_LOGGED_IN", without)
        code, pair = made.split()
        self.assertEqual("0", code)
        numbers = [f"INTEGER:0x{pair[:64]}", f"INTEGER:0x{pair[64:]}"]
        (self.path / "pair.cnf").write_text("asn1=SEQUENCE:pair\n[pair]\nr={}\ns={}\n".format(*numbers))
        run("openssl", "asn1parse", "-genconf", self.path / "pair.cnf", "-noout", "-out", self.path / "pair.der")
        self.assertIn("Verified OK", self.verify(self.keys["9C"], "pair.der"))

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
            reading = ["--read-object", "--type", "pubkey", "--id", "01"]
            for arguments in (["--list-objects"], ["--list-mechanisms"], ["--list-objects", "--type", "privkey"], signing,
                              reading):
                direct, through = both(*arguments)
                self.assertEqual(direct, through)
            # What is changed through ours is seen directly.
            both_ways = [["--keypairgen", "--key-type", "EC:prime256v1", "--id", "02", "--label", "second"],
                         ["--delete-object", "--type", "privkey", "--id", "01"]]
            for arguments in both_ways:
                run("pkcs11-tool", "--module", MODULE, "--token-label", "soft", "--login", "--pin", PIN, *arguments, **own)
                direct, through = both("--list-objects")
                self.assertEqual(direct, through)
            self.assertIn("label:      second", "\n".join(direct))
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
        self.assertEqual(["2", "1"], run("/usr/bin/python3", program).split())



if __name__ == "__main__":
    unittest.main(verbosity=2)
