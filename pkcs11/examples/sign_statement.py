#!/usr/bin/env python3
"""Approves a request, or signs any other statement, with a clear-sign key, through libsceau-pkcs11.so and PyKCS11
(Debian: python3-pykcs11). What is asked for is in sceau_pkcs11.h.

    sign_statement.py MODULE ID STATEMENT [REQUEST EVIDENCE]  >evidence.json    ID: C1 to C8; the PIN from SCEAU_PIN

REQUEST and its EVIDENCE are for a decision (approval, refusal, export.release): the token shows the request beside it.
"""
import ctypes
import os
import sys

import PyKCS11
from PyKCS11 import CKA_CLASS, CKA_ID, CKF_SERIAL_SESSION, CKO_PRIVATE_KEY, CKR_OK, CKU_USER, LowLevel

CKM_SCEAU_STATEMENT = 0xD3434501
CKU_CONTEXT_SPECIFIC = 2


class StatementParams(ctypes.Structure):  # CK_SCEAU_STATEMENT_PARAMS
    _fields_ = [("request", ctypes.c_char_p), ("request_size", ctypes.c_ulong),
                ("evidence", ctypes.c_char_p), ("evidence_size", ctypes.c_ulong)]


def must(code):
    if code != CKR_OK:
        raise PyKCS11.PyKCS11Error(code)


def find_key(library, identifier, pin):
    """A session that is logged in, and the key in it."""
    for slot in library.getSlotList(tokenPresent=True):
        # As PyKCS11 writes CKM_SCEAU_STATEMENT.
        if "CKM_VENDOR_DEFINED_0x53434501" not in library.getMechanismList(slot):
            continue
        session = library.openSession(slot, CKF_SERIAL_SESSION)
        session.login(pin, CKU_USER)
        for key in session.findObjects([(CKA_CLASS, CKO_PRIVATE_KEY), (CKA_ID, [identifier])]):
            return session, key
        session.closeSession()
    raise SystemExit("sign_statement: no token has that key")


def sign(session, key, pin, statement, decided):
    params = StatementParams(decided[0], len(decided[0]), decided[1], len(decided[1])) if decided else b""
    mechanism = PyKCS11.Mechanism(CKM_SCEAU_STATEMENT, bytes(params))
    must(session.lib.C_SignInit(session.session, mechanism.to_native(), key))
    session.login(pin, CKU_CONTEXT_SPECIFIC)
    print("read what the token shows, and press its button", file=sys.stderr)
    data, evidence = LowLevel.ckbytelist(statement), LowLevel.ckbytelist()
    must(session.lib.C_Sign(session.session, data, evidence))  # the size: the token is not asked yet
    must(session.lib.C_Sign(session.session, data, evidence))
    return bytes(evidence)


def main(module, identifier, *paths):
    contents = [open(path, "rb").read() for path in paths]  # pylint: disable=consider-using-with
    library = PyKCS11.PyKCS11Lib()
    library.load(module)
    pin = os.environ["SCEAU_PIN"]
    session, key = find_key(library, int(identifier, 16), pin)
    sys.stdout.buffer.write(sign(session, key, pin, contents[0], contents[1:]))


if __name__ == "__main__":
    if len(sys.argv) not in (4, 6):
        sys.exit(__doc__)
    main(*sys.argv[1:])
