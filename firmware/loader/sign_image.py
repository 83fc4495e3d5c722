#!/usr/bin/env python3
"""Signs the firmware's code for the first-stage loader; image.h tells the bytes.

    sign_image.py --release N --key KEY.pem CODE IMAGE
"""
import argparse
import struct
import subprocess


def numbers(der):
    """r and s of a DER ECDSA-Sig-Value, 32 bytes each."""
    at, found = 2, b""
    for _ in range(2):
        size = der[at + 1]
        found += der[at + 2:at + 2 + size].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + size
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--release", type=int, required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("code")
    parser.add_argument("image")
    options = parser.parse_args()
    with open(options.code, "rb") as file:
        code = file.read()
    code += bytes(-len(code) % 4)
    header = b"SIMG" + struct.pack("<III", 1, options.release, len(code))
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", options.key], input=header + code, capture_output=True,
                               check=True).stdout
    with open(options.image, "wb") as file:
        file.write((header + numbers(signature)).ljust(128, b"\0") + code)


main()
