#!/usr/bin/env python3
"""libsceau from Python, with ctypes alone.

    sceau_example.py approve GATE-URL GATE-CERTIFICATE TOKEN     approves the oldest request that waits
    sceau_example.py verify RECEIPT TRUST-PEM [LOG-KEY [FIDO2-KEYS]]   verifies a receipt, offline; an empty LOG-KEY
                                                                 takes the receipt's own

The PIN is read from standard input. SCEAU_LIBRARY names the library where the system does not find it.
"""
import ctypes
import json
import os
import sys

library = ctypes.CDLL(os.environ.get("SCEAU_LIBRARY", "libsceau.so.0"))
PIN_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int,
                                ctypes.POINTER(ctypes.c_char), ctypes.c_size_t)
HANDLE = ctypes.c_void_p
TEXT = ctypes.c_char_p


def declare(name, result, *arguments):
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
    return function


OUT = ctypes.POINTER(HANDLE)
sceau_new = declare("sceau_new", ctypes.c_int, OUT)
sceau_free = declare("sceau_free", None, OUT)
sceau_message = declare("sceau_message", TEXT, HANDLE)
sceau_set_pin_callback = declare("sceau_set_pin_callback", ctypes.c_int, HANDLE, PIN_CALLBACK, ctypes.c_void_p)
sceau_set_fido_keys = declare("sceau_set_fido_keys", ctypes.c_int, HANDLE, TEXT, ctypes.c_size_t)
sceau_token_open = declare("sceau_token_open", ctypes.c_int, HANDLE, TEXT, OUT)
sceau_token_close = declare("sceau_token_close", None, OUT)
sceau_gate_open = declare("sceau_gate_open", ctypes.c_int, HANDLE, TEXT, TEXT, OUT)
sceau_gate_login = declare("sceau_gate_login", ctypes.c_int, HANDLE, HANDLE)
sceau_gate_person = declare("sceau_gate_person", TEXT, HANDLE)
sceau_gate_close = declare("sceau_gate_close", None, OUT)
sceau_pending_list = declare("sceau_pending_list", ctypes.c_int, HANDLE, OUT)
sceau_pending_size = declare("sceau_pending_size", ctypes.c_size_t, HANDLE)
sceau_pending_digest = declare("sceau_pending_digest", TEXT, HANDLE, ctypes.c_size_t)
sceau_pending_person = declare("sceau_pending_person", TEXT, HANDLE, ctypes.c_size_t)
sceau_pending_statement = declare("sceau_pending_statement", TEXT, HANDLE, ctypes.c_size_t)
sceau_pending_free = declare("sceau_pending_free", None, OUT)
sceau_approve = declare("sceau_approve", ctypes.c_int, HANDLE, HANDLE, TEXT, OUT)
sceau_verify_receipt = declare("sceau_verify_receipt", ctypes.c_int, HANDLE, TEXT, ctypes.c_size_t, TEXT,
                               ctypes.c_size_t, TEXT, OUT)
sceau_report_type = declare("sceau_report_type", TEXT, HANDLE)
sceau_report_index = declare("sceau_report_index", ctypes.c_int64, HANDLE)
sceau_report_signers = declare("sceau_report_signers", ctypes.c_size_t, HANDLE)
sceau_report_signer_person = declare("sceau_report_signer_person", TEXT, HANDLE, ctypes.c_size_t)
sceau_report_free = declare("sceau_report_free", None, OUT)


class Failure(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Owner:
    """A handle that is given back at the end of a with block."""

    def __init__(self, free):
        self.handle, self._free = HANDLE(), free

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._free(ctypes.byref(self.handle))

    @property
    def out(self):
        return ctypes.byref(self.handle)


class Context(Owner):
    def __init__(self):
        super().__init__(sceau_free)
        if sceau_new(self.out) != 0:
            raise Failure(8, "no context")
        self._callback = PIN_CALLBACK(self._ask)  # must live as long as the context
        self.check(sceau_set_pin_callback(self.handle, self._callback, None))

    @staticmethod
    def _ask(_user, token, purpose, _tries_left, pin, size):
        print(f"PIN of {token.decode()}, to {purpose.decode()}: ", end="", file=sys.stderr, flush=True)
        typed = sys.stdin.readline().strip().encode() + b"\0"
        if len(typed) < 2 or len(typed) > size:
            return -1
        ctypes.memmove(pin, typed, len(typed))
        return 0

    def check(self, code):
        if code != 0:
            raise Failure(code, sceau_message(self.handle).decode())


def approve(context, url, certificate, choice):
    with Owner(sceau_token_close) as token, Owner(sceau_gate_close) as gate, Owner(sceau_pending_free) as pending:
        context.check(sceau_token_open(context.handle, choice.encode(), token.out))
        context.check(sceau_gate_open(context.handle, url.encode(), certificate.encode(), gate.out))
        context.check(sceau_gate_login(gate.handle, token.handle))
        context.check(sceau_pending_list(gate.handle, pending.out))
        if sceau_pending_size(pending.handle) == 0:
            raise Failure(4, "nothing waits")
        digest = sceau_pending_digest(pending.handle, 0)
        asked = json.loads(sceau_pending_statement(pending.handle, 0))
        print(f"{sceau_pending_person(pending.handle, 0).decode()} asks: {asked['body']['purpose']}")
        context.check(sceau_approve(gate.handle, token.handle, digest, None))
        print(f"{sceau_gate_person(gate.handle).decode()} approved {digest.decode()}")


def verify(context, receipt_file, trust_file, log_key=None, fido_keys_file=None):
    with open(receipt_file, "rb") as file:
        receipt = file.read()
    with open(trust_file, "rb") as file:
        trust = file.read()
    if fido_keys_file:  # whose FIDO2 keys are
        with open(fido_keys_file, "rb") as file:
            keys = file.read()
        context.check(sceau_set_fido_keys(context.handle, keys, len(keys)))
    with Owner(sceau_report_free) as report:
        key = log_key.encode() if log_key else None
        context.check(sceau_verify_receipt(context.handle, receipt, len(receipt), trust, len(trust), key, report.out))
        people = [sceau_report_signer_person(report.handle, i).decode()
                  for i in range(sceau_report_signers(report.handle))]
        print(f"{sceau_report_type(report.handle).decode()} is entry {sceau_report_index(report.handle)}, signed by "
              + ", ".join(people))


def main(arguments):
    commands = {"approve": (approve, 3, 3), "verify": (verify, 2, 4)}
    command, least, most = commands.get(arguments[0] if arguments else "", (None, 0, 0))
    if command is None or not least <= len(arguments) - 1 <= most:
        print(__doc__, file=sys.stderr)
        return 1
    try:
        with Context() as context:
            command(context, *arguments[1:])
    except Failure as failure:
        print(f"sceau_example: {failure}", file=sys.stderr)
        return failure.code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
