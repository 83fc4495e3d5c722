#!/usr/bin/env python3
"""python3-fido2, an independent client, against a simulated token: over its Unix socket, and through a PC/SC reader.

    python_client.py SCEAU_TOKEN          starts a token of its own, and speaks CTAPHID to it
    tools/simulate NAME -- python_client.py --reader    speaks APDUs to the one in the reader
"""
import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import unittest
from types import SimpleNamespace

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import ctap1
from fido2.attestation import PackedAttestation
from fido2.ctap import CtapError
from fido2.ctap2 import ClientPin, Config, CredentialManagement, Ctap2, LargeBlobs, PinProtocolV1
from fido2.hid import CTAPHID, CtapHidDevice

RP = {"id": "example.org", "name": "Example"}
ES256 = [{"type": "public-key", "alg": -7}]
HASH = hashlib.sha256(b"client data").digest()
PIN = "sesame"
MANAGE = ClientPin.PERMISSION.CREDENTIAL_MGMT
REBOOT = bytes.fromhex("ac1052ca95e569de69e02ebff333485f13f9b2da34c5a8a340526697a9ab2e0b"
                       "394d8d04973c134005be1a0140bff6045bb26eb77a73eaa47813f6b49a7250dc")


class Line:
    """A token's Unix socket, as python3-fido2 wants a HID connection to be."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise

    def write_packet(self, data):
        self._socket.sendall(data)

    def read_packet(self):
        report = self._socket.recv(64, socket.MSG_WAITALL)
        if len(report) != 64:
            raise ConnectionError("the token went away")
        return report

    def close(self):
        self._socket.close()


class SocketToken:
    """A token that this script starts and stops."""

    def __init__(self, program):
        self._folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self._folder.name, "hid")
        self._process = subprocess.Popen([program, "--flash", os.path.join(self._folder.name, "flash"), "--hid", self.path,
                                          "--touch", "auto"])
        self.device = None

    def connect(self):
        while True:
            if self._process.poll() is not None:
                sys.exit("python_client: the token ended early")
            try:
                line = Line(self.path)
            except OSError:
                continue
            descriptor = SimpleNamespace(path=self.path, report_size_in=64, report_size_out=64)
            self.device = CtapHidDevice(descriptor, line)
            return self.device

    def reboot(self):
        self.device._connection.write_packet(REBOOT)
        self.device.close()
        return self.connect()

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()


class ReaderToken:
    """The one that tools/simulate has put into a reader."""

    def connect(self):
        from fido2.pcsc import CtapPcscDevice
        return next(iter(CtapPcscDevice.list_devices(name=os.environ["SCEAU_READER_fido"])))

    def close(self):
        pass


TOKEN = None
ROOT = None


def user(number=1):
    return {"id": bytes([number]) * 8, "name": f"user{number}", "displayName": f"User {number}"}


class Story(unittest.TestCase):
    def test_story(self):
        """One after the other: each step stands on those before it."""
        device = TOKEN.connect()
        ctap = Ctap2(device)
        self.looks_right(ctap)
        credential = self.registers_and_logs_in(ctap)
        self.speaks_u2f(device)
        self.has_a_pin(ctap)
        self.verifies_its_user(ctap)
        self.manages_credentials(ctap)
        self.keeps_blobs(ctap)
        self.has_secrets(ctap)
        self.is_configured(ctap)
        if isinstance(TOKEN, SocketToken):
            device.ping(b"x" * 1000)
            device.wink()
            self.resets(credential)

    def looks_right(self, ctap):
        info = ctap.get_info()
        self.assertIn("FIDO_2_1", info.versions)
        self.assertEqual(info.options["clientPin"], False)
        self.assertGreaterEqual(info.remaining_disc_creds, 100)

    def registers_and_logs_in(self, ctap):
        made = ctap.make_credential(HASH, RP, user(), ES256)
        PackedAttestation().verify(made.att_statement, made.auth_data, HASH)
        leaf = x509.load_der_x509_certificate(made.att_statement["x5c"][0])
        root = x509.load_pem_x509_certificate(ROOT)
        self.assertEqual(leaf.issuer, root.subject)
        root.public_key().verify(leaf.signature, leaf.tbs_certificate_bytes, ec.ECDSA(hashes.SHA256()))
        credential = made.auth_data.credential_data
        listed = [{"id": credential.credential_id, "type": "public-key"}]
        counts = []
        for _ in range(3):
            assertion = ctap.get_assertion(RP["id"], HASH, listed)
            assertion.verify(HASH, credential.public_key)
            counts.append(assertion.auth_data.counter)
        self.assertTrue(made.auth_data.counter < counts[0] < counts[1] < counts[2])
        self.refused(CtapError.ERR.NO_CREDENTIALS, ctap.get_assertion, "elsewhere.org", HASH, listed)
        self.refused(CtapError.ERR.CREDENTIAL_EXCLUDED, ctap.make_credential, HASH, RP, user(), ES256, listed)
        return credential

    def speaks_u2f(self, device):
        u2f = ctap1.Ctap1(device)
        self.assertEqual(u2f.get_version(), "U2F_V2")
        application = hashlib.sha256(b"https://example.org").digest()
        registered = u2f.register(HASH, application)
        registered.verify(application, HASH)
        signed = u2f.authenticate(HASH, application, registered.key_handle)
        signed.verify(application, HASH, registered.public_key)

    def has_a_pin(self, ctap):
        pin = ClientPin(ctap)
        self.assertEqual(pin.protocol.VERSION, 2)
        pin.set_pin("1234")
        self.refused(CtapError.ERR.PIN_INVALID, pin.get_pin_token, "4321", MANAGE)
        self.assertEqual(pin.get_pin_retries()[0], 7)
        pin.change_pin("1234", PIN)
        self.assertEqual(pin.get_pin_retries()[0], 8)
        one = ClientPin(ctap, PinProtocolV1())
        self.assertEqual(len(one.get_pin_token(PIN, MANAGE)), 32)

    def token(self, ctap, permissions, rp_id=None):
        pin = ClientPin(ctap)
        return pin.protocol, pin.get_pin_token(PIN, permissions, rp_id)

    def verifies_its_user(self, ctap):
        for number in (1, 2, 3):
            protocol, token = self.token(ctap, ClientPin.PERMISSION.MAKE_CREDENTIAL, RP["id"])
            ctap.make_credential(HASH, RP, user(number), ES256, options={"rk": True},
                                 extensions={"credProtect": 2, "credBlob": b"blob", "largeBlobKey": True},
                                 pin_uv_param=protocol.authenticate(token, HASH), pin_uv_protocol=protocol.VERSION)
        protocol, token = self.token(ctap, ClientPin.PERMISSION.GET_ASSERTION, RP["id"])
        found = ctap.get_assertions(RP["id"], HASH, extensions={"credBlob": True},
                                    pin_uv_param=protocol.authenticate(token, HASH), pin_uv_protocol=protocol.VERSION)
        self.assertEqual([one.user["id"][0] for one in found], [3, 2, 1])
        for one in found:
            self.assertTrue(one.auth_data.is_user_verified())
            self.assertEqual(one.auth_data.extensions["credBlob"], b"blob")
        self.refused(CtapError.ERR.NO_CREDENTIALS, ctap.get_assertion, RP["id"], HASH)

    def manages_credentials(self, ctap):
        managing = CredentialManagement(ctap, *self.token(ctap, ClientPin.PERMISSION.CREDENTIAL_MGMT))
        before = managing.get_metadata()
        parties = managing.enumerate_rps()
        self.assertEqual([party[3]["id"] for party in parties], [RP["id"]])
        listed = managing.enumerate_creds(parties[0][4])
        self.assertEqual(sorted(one[6]["name"] for one in listed), ["user1", "user2", "user3"])
        managing.update_user_info(listed[0][7], {**listed[0][6], "name": "renamed"})
        managing.delete_cred(listed[1][7])
        after = managing.get_metadata()
        self.assertEqual(after[1], before[1] - 1)
        self.assertGreater(after[2], before[2] - 1)
        self.assertIn("renamed", [one[6]["name"] for one in managing.enumerate_creds(parties[0][4])])

    def keeps_blobs(self, ctap):
        blobs = LargeBlobs(ctap, *self.token(ctap, ClientPin.PERMISSION.LARGE_BLOB_WRITE))
        content = os.urandom(900)  # its release 0.9.1 announces a wrong length for more than one fragment
        blobs.put_blob(b"k" * 32, content)
        self.assertEqual(blobs.get_blob(b"k" * 32), content)
        blobs.delete_blob(b"k" * 32)
        self.assertIsNone(blobs.get_blob(b"k" * 32))

    def has_secrets(self, ctap):
        from fido2.ctap2.extensions import HmacSecretExtension
        extension = HmacSecretExtension(ctap)
        protocol, token = self.token(ctap, ClientPin.PERMISSION.MAKE_CREDENTIAL, "secret.org")
        made = ctap.make_credential(HASH, {"id": "secret.org", "name": "S"}, user(), ES256, extensions={"hmac-secret": True},
                                    pin_uv_param=protocol.authenticate(token, HASH), pin_uv_protocol=protocol.VERSION)
        self.assertTrue(made.auth_data.extensions["hmac-secret"])
        listed = [{"id": made.auth_data.credential_data.credential_id, "type": "public-key"}]
        secrets = []
        for salt in (b"a" * 32, b"b" * 32, b"a" * 32):
            given = extension.process_get_input({"hmacGetSecret": {"salt1": salt}})
            got = ctap.get_assertion("secret.org", HASH, listed, extensions={"hmac-secret": given})
            secrets.append(extension.process_get_output(got.auth_data)["hmacGetSecret"]["output1"])
        self.assertEqual(secrets[0], secrets[2])
        self.assertNotEqual(secrets[0], secrets[1])

    def is_configured(self, ctap):
        config = Config(ctap, *self.token(ctap, ClientPin.PERMISSION.AUTHENTICATOR_CFG))
        config.toggle_always_uv()
        self.assertTrue(ctap.get_info().options["alwaysUv"])
        self.refused(CtapError.ERR(0x36), ctap.make_credential, HASH, RP, user(9), ES256)
        config.toggle_always_uv()
        config.set_min_pin_length(6, ["example.org"])
        self.assertEqual(ctap.get_info().min_pin_length, 6)
        config.set_min_pin_length(force_change_pin=True)
        self.refused(CtapError.ERR.PIN_INVALID, ClientPin(ctap).get_pin_token, PIN, MANAGE)
        ClientPin(ctap).change_pin(PIN, "another one")
        self.assertFalse(ctap.get_info().force_pin_change)

    def resets(self, credential):
        ctap = Ctap2(TOKEN.reboot())
        ctap.reset()
        self.assertFalse(ctap.get_info().options["clientPin"])
        listed = [{"id": credential.credential_id, "type": "public-key"}]
        self.refused(CtapError.ERR.NO_CREDENTIALS, ctap.get_assertion, RP["id"], HASH, listed)

    def refused(self, code, function, *arguments):
        with self.assertRaises(CtapError) as caught:
            function(*arguments)
        self.assertEqual(caught.exception.code, code)


if __name__ == "__main__":
    reader = sys.argv[1] == "--reader"
    program = os.environ["SCEAU_TOKEN"] if reader else sys.argv[1]
    ROOT = subprocess.run([program, "--print-attestation-root"], capture_output=True, check=True).stdout
    TOKEN = ReaderToken() if reader else SocketToken(program)
    try:
        unittest.main(argv=sys.argv[:1])
    finally:
        TOKEN.close()
