#!/usr/bin/env python3
"""CKM_SCEAU_WEBAUTHN with a simulated FIDO2 key, on its socket and in its reader: through the example that users get,
built as they build it, and stock tools, which must not mistake the key for another. python3-fido2 makes the credential
and judges what was signed.

    pkcs11_webauthn.py MODULE        under tools/simulate --hid, with one token named "alice"
"""
import hashlib
import os
import pathlib
import signal
import subprocess
import sys
import unittest

import PyKCS11
from PyKCS11 import CKA_CLASS, CKF_SERIAL_SESSION, CKO_PRIVATE_KEY, CKR_OK, CKU_USER, LowLevel

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "firmware" / "fido"))
# pylint: disable=wrong-import-position
from fido2.client import ClientData
from fido2.ctap2 import AssertionResponse, ClientPin, Ctap2
from fido2.hid import CtapHidDevice
from opensc_tools import run
from pkcs11_shop import MODULE, READER, Shop
from python_client import ES256, Line, SimpleNamespace

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOCKET = os.path.join(os.environ["SCEAU_SIMULATE_DIR"], "alice.hid")
PIN = "sesame"
CKM_SCEAU_WEBAUTHN = 0xD3434502
CKU_CONTEXT_SPECIFIC = 2


def make_credential():
    """A discoverable one for localhost, its user verified."""
    device = CtapHidDevice(SimpleNamespace(path=SOCKET, report_size_in=64, report_size_out=64), Line(SOCKET))
    ctap = Ctap2(device)
    pins = ClientPin(ctap)
    pins.set_pin(PIN)
    token = pins.get_pin_token(PIN, ClientPin.PERMISSION.MAKE_CREDENTIAL, "localhost")
    made = ctap.make_credential(hashlib.sha256(b"made").digest(), {"id": "localhost"}, {"id": b"carol", "name": "carol"},
                                ES256, options={"rk": True}, pin_uv_protocol=pins.protocol.VERSION,
                                pin_uv_param=pins.protocol.authenticate(token, hashlib.sha256(b"made").digest()))
    device.close()
    return made.auth_data.credential_data


class Webauthn(Shop):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credential = make_credential()
        cls.program = cls.path / "sign_webauthn"
        run("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-DSCEAU_IN_TREE", "-I", ROOT / "pkcs11",
            ROOT / "pkcs11" / "examples" / "sign_webauthn.c", "-o", cls.program, "-ldl", "-lcrypto")

    def signed(self, **environment):
        data = ClientData.build(type="webauthn.get", challenge="Y2hhbGxlbmdl", origin="https://localhost")
        done = subprocess.run([str(self.program), MODULE, "localhost"], input=bytes(data), capture_output=True,
                              env={**os.environ, "SCEAU_PIN": PIN, **environment}, check=False, timeout=60)
        self.assertEqual(0, done.returncode, done.stderr.decode())
        answer = AssertionResponse(done.stdout)
        self.assertEqual(self.credential.credential_id, answer.credential["id"])
        answer.verify(hashlib.sha256(bytes(data)).digest(), self.credential.public_key)
        self.assertTrue(answer.auth_data.is_user_present() and answer.auth_data.is_user_verified())

    def test_the_example_signs_with_the_key_in_its_reader(self):
        self.signed()

    def test_the_example_signs_with_the_key_on_its_socket(self):
        self.signed(SCEAU_FIDO2=SOCKET)

    def test_stock_tools_see_the_slot_and_spend_no_try(self):
        listed = self.tool("--list-slots")
        self.assertIn(f"{READER} (FIDO2)", listed)
        self.assertIn("mechtype-0xD3434502", self.tool("--list-mechanisms", "--slot-description", f"{READER} (FIDO2)"))
        login = ("--login", "--pin", PIN, "--slot-description")
        self.assertIn("FIDO2 key of fido2-", self.tool(*login, f"{READER} (FIDO2)", "--list-objects"))
        refused = self.tool(*login, SOCKET, "--sign", "--mechanism", "ECDSA", "--input-file", self.path / "data",
                            fails=True, SCEAU_FIDO2=SOCKET)
        self.assertIn("CKR_MECHANISM_INVALID", refused)
        # PIV's keys are as they were, and its PIN was never tried on the other half.
        self.user("--sign", "--mechanism", "ECDSA-SHA256", "--signature-format", "openssl", "--id", "01", "--input-file",
                  self.path / "data", "--output-file", self.path / "signature")
        self.assertIn("Verified OK", self.verify(self.keys["9A"], "signature"))

    def test_hidden_where_the_configuration_says_so(self):
        folder = self.path / "hidden" / "sceau"
        folder.mkdir(parents=True)
        (folder / "pkcs11.conf").write_text("fido2 = no\n")
        self.assertNotIn("(FIDO2)", run("pkcs11-tool", "--module", MODULE, "--list-slots",
                                        XDG_CONFIG_HOME=str(self.path / "hidden")))

    def test_zz_a_key_unplugged_meanwhile_is_told_and_comes_back(self):
        os.environ["SCEAU_FIDO2"] = SOCKET
        self.addCleanup(os.environ.pop, "SCEAU_FIDO2")
        library = PyKCS11.PyKCS11Lib()
        library.load(MODULE)
        names = {library.getSlotInfo(slot).slotDescription.strip(): slot for slot in library.getSlotList(tokenPresent=True)}
        slot = names[SOCKET[:64]]
        session = library.openSession(slot, CKF_SERIAL_SESSION)
        with self.assertRaises(PyKCS11.PyKCS11Error) as wrong:
            session.login("0000", CKU_USER)
        self.assertEqual(PyKCS11.CKR_PIN_INCORRECT, wrong.exception.value)
        flags = library.getTokenInfo(slot).flags
        self.assertTrue(flags & PyKCS11.CKF_USER_PIN_COUNT_LOW and flags & PyKCS11.CKF_USER_PIN_INITIALIZED)
        session.login(PIN, CKU_USER)
        self.assertFalse(library.getTokenInfo(slot).flags & PyKCS11.CKF_USER_PIN_COUNT_LOW)
        (key,) = session.findObjects([(CKA_CLASS, CKO_PRIVATE_KEY)])
        mechanism = PyKCS11.Mechanism(CKM_SCEAU_WEBAUTHN, b"")
        self.assertEqual(CKR_OK, session.lib.C_SignInit(session.session, mechanism.to_native(), key))
        session.login(PIN, CKU_CONTEXT_SPECIFIC)
        os.kill(int(pathlib.Path(os.environ["SCEAU_SIMULATE_DIR"], "alice.pid").read_text()), signal.SIGTERM)
        while os.path.exists(SOCKET):
            pass
        answer = LowLevel.ckbytelist(bytes(512))
        self.assertEqual(PyKCS11.CKR_DEVICE_REMOVED,
                         session.lib.C_Sign(session.session, LowLevel.ckbytelist(bytes(32)), answer))
        self.assertNotIn(slot, library.getSlotList(tokenPresent=True))
        with open(os.environ["SCEAU_SIMULATE_CONTROL"], "w", encoding="ascii") as control:
            control.write("insert alice\n")
        while slot not in library.getSlotList(tokenPresent=True):
            library.waitForSlotEvent(0)
        library.closeAllSessions(slot)
        again = library.openSession(slot, CKF_SERIAL_SESSION)
        again.login(PIN, CKU_USER)
        self.assertEqual(1, len(again.findObjects([(CKA_CLASS, CKO_PRIVATE_KEY)])))


if __name__ == "__main__":
    unittest.main(verbosity=2)
