#!/usr/bin/env python3
"""A host on the other end of USB/IP, standard library only: it enumerates the simulated token's device, speaks CTAPHID on
one interface and CCID on the other, at once.

    usbip_client.py SCEAU_TOKEN
"""
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

PROGRAM = ""
CCID_IN, CCID_OUT, HID_IN, HID_OUT = 0x81, 0x01, 0x82, 0x02
STALL = -32
SELECT_PIV = bytes.fromhex("00a4040005a000000308")


class Host:
    """One USB/IP client; every transfer is numbered, and answers are kept until somebody asks for them."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._number = 0
        self._done = {}

    def close(self):
        self._socket.close()

    def read(self, size):
        data = self._socket.recv(size, socket.MSG_WAITALL) if size else b""
        if len(data) != size:
            raise ConnectionError("the token hung up")
        return data

    def devices(self):
        self._socket.sendall(struct.pack(">HHI", 0x0111, 0x8005, 0))
        _, code, status, count = struct.unpack(">HHII", self.read(12))
        assert (code, status) == (5, 0)
        devices = []
        for _ in range(count):
            fields = struct.unpack(">256s32sIIIHHHBBBBBB", self.read(312))
            devices.append((fields[1].rstrip(b"\0").decode(), fields[5], fields[6]))
            self.read(4 * fields[13])
        return devices

    def attach(self, busid):
        self._socket.sendall(struct.pack(">HHI32s", 0x0111, 0x8003, 0, busid.encode()))
        _, code, status = struct.unpack(">HHI", self.read(8))
        assert code == 3
        if status == 0:
            self.read(312)
        return status

    def submit(self, endpoint, data=b"", size=0, setup=bytes(8)):
        self._number += 1
        inward = endpoint >> 7
        self._socket.sendall(struct.pack(">IIIIIIiiii8s", 1, self._number, 0x10002, inward, endpoint & 15, 0,
                                         size if inward else len(data), 0, 0, 0, setup) + (b"" if inward else data))
        return self._number, inward

    def finish(self, transfer):
        """Its status and data."""
        while transfer[0] not in self._done:
            command, number, _, _, _, status, length = struct.unpack(">IIIIIii", self.read(28))
            self.read(20)
            assert command in (3, 4)
            data = self.read(length) if command == 3 and self._inward(number) else b""
            self._done[number] = (status, data)
        return self._done.pop(transfer[0])

    _inward_numbers = frozenset()

    def _inward(self, number):
        return number in self._inward_numbers

    def move(self, endpoint, data=b"", size=0, setup=bytes(8)):
        transfer = self.begin(endpoint, data, size, setup)
        return self.finish(transfer)

    def begin(self, endpoint, data=b"", size=0, setup=bytes(8)):
        transfer = self.submit(endpoint, data, size, setup)
        if transfer[1]:
            self._inward_numbers = self._inward_numbers | {transfer[0]}
        return transfer

    def control(self, kind, request, value=0, index=0, size=0, data=b""):
        setup = struct.pack("<BBHHH", kind, request, value, index, size or len(data))
        return self.move(0x80 if kind & 0x80 else 0, data, size, setup)

    def unlink(self, transfer):
        self._number += 1
        number = self._number
        self._socket.sendall(struct.pack(">IIIIII24s", 2, number, 0x10002, 0, 0, transfer[0], b""))
        return self.finish((number, 0))[0]


class Story(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self._button = os.path.join(self._folder.name, "touch")
        for _ in range(20):
            self.port = random.randrange(20000, 30000)
            self._token = subprocess.Popen(
                [PROGRAM, "--flash", os.path.join(self._folder.name, "flash"), "--usbip", str(self.port),
                 "--touch", self._button], stderr=subprocess.DEVNULL)
            if self._comes_up():
                break
        self.host = Host(self.port)
        self.assertEqual(self.host.attach("1-1"), 0)
        self.assertEqual(self.host.control(0, 9, 1)[0], 0)

    def _comes_up(self):
        while self._token.poll() is None:
            try:
                Host(self.port).close()
                return True
            except OSError:
                continue
        return False

    def tearDown(self):
        self.host.close()
        self._token.terminate()
        self._token.wait()
        self._folder.cleanup()

    def touch(self):
        with socket.socket(socket.AF_UNIX) as button:
            button.connect(self._button)
            button.sendall(b"t")
            while button.recv(100):
                pass

    def ccid(self, kind, data=b"", number=0):
        message = struct.pack("<BIBB3s", kind, len(data), 0, number, b"") + data
        self.assertEqual(self.host.move(CCID_OUT, message)[0], 0)
        return self.host.move(CCID_IN, size=4096)[1]

    def open_channel(self):
        self.host.move(HID_OUT, b"\xff\xff\xff\xff\x86\x00\x08nonce678".ljust(64, b"\0"))
        return self.host.move(HID_IN, size=64)[1][15:19]

    def test_another_host_finds_it_in_the_list_and_attaches_what_is_there(self):
        self.host.close()
        host = Host(self.port)
        self.assertEqual(host.devices(), [("1-1", 0x1209, 0x0001)])
        self.assertEqual(host.attach("9-9"), 1)
        self.assertEqual(host.attach("1-1"), 0)
        host.close()

    def test_descriptors_are_whole(self):
        control = self.host.control
        device = control(0x80, 6, 0x0100, size=64)[1]
        self.assertEqual((len(device), device[8:12]), (18, bytes.fromhex("09120100")))
        head = control(0x80, 6, 0x0200, size=9)[1]
        total = struct.unpack("<H", head[2:4])[0]
        whole = control(0x80, 6, 0x0200, size=1000)[1]
        self.assertEqual(len(whole), total)
        kinds, at = [], 0
        while at < total:
            kinds.append(whole[at + 1])
            at += whole[at]
        self.assertEqual((at, kinds), (total, [2, 4, 0x21, 5, 5, 4, 0x21, 5, 5]))
        report = control(0x81, 6, 0x2200, 1, 200)[1]
        self.assertTrue(report.startswith(bytes.fromhex("06d0f10901a101")))
        self.assertEqual(control(0x80, 6, 0x0302, 0x409, 255)[1][2:].decode("utf-16le"), "Sceau token")
        for bad in ((0x80, 6, 0x0600, 0, 10), (0x80, 6, 0x0309, 0, 10), (0x80, 6, 0x0201, 0, 10), (0x81, 6, 0x2200, 0, 10),
                    (0xC0, 1, 0, 0, 4), (0x80, 12, 0, 0, 2), (0x81, 10, 0, 7, 1)):
            self.assertEqual(control(*bad)[0], STALL)

    def test_endpoints_halt_and_go_on(self):
        control = self.host.control
        self.assertEqual(control(0x02, 3, 0, HID_OUT)[0], 0)
        self.assertEqual(control(0x82, 0, 0, HID_OUT, 2)[1], b"\1\0")
        self.assertEqual(self.host.move(HID_OUT, bytes(64))[0], STALL)
        self.assertEqual(control(0x02, 1, 0, HID_OUT)[0], 0)
        self.assertEqual(len(self.open_channel()), 4)
        self.assertEqual(self.host.move(HID_OUT, bytes(63))[0], STALL)
        self.assertEqual(self.host.move(0x83, size=64)[0], STALL)
        self.assertEqual(control(0, 9, 0)[0], 0)
        self.assertEqual(self.host.move(HID_OUT, bytes(64))[0], STALL)

    def test_a_read_can_be_taken_back(self):
        transfer = self.host.begin(HID_IN, size=64)
        self.assertEqual(self.host.unlink(transfer), -104)
        self.assertEqual(self.host.unlink(transfer), 0)
        self.assertEqual(len(self.open_channel()), 4)

    def test_the_reader_has_a_card(self):
        self.assertEqual(self.ccid(0x6F, SELECT_PIV)[7:9], b"\x41\xfe")
        powered = self.ccid(0x62)
        self.assertEqual((powered[0], powered[7], powered[10]), (0x80, 0, 0x3B))
        self.assertEqual(self.ccid(0x65, number=9)[5:8], b"\0\x09\0")
        self.host.move(CCID_OUT, struct.pack("<BIBB3s", 0x6F, len(SELECT_PIV), 0, 1, b"") + SELECT_PIV)
        selected = self.host.move(CCID_IN, size=65558)[1]  # as much as libccid asks for
        self.assertEqual(selected[-2:], b"\x90\0")
        # An extended command, in two transfers.
        message = struct.pack("<BIBB3s", 0x6F, 3000, 0, 1, b"") + b"\0\xcb\x3f\xff\0" + bytes(2995)
        self.host.move(CCID_OUT, message[:1000])
        self.host.move(CCID_OUT, message[1000:])
        self.assertEqual(len(self.host.move(CCID_IN, size=4096)[1]), 12)
        self.assertEqual(self.ccid(0x6C)[0], 0x82)
        self.assertEqual(self.ccid(0x77)[7] & 0x40, 0x40)
        long = struct.pack("<BIBB3s", 0x6F, 4000, 0, 2, b"")
        self.host.move(CCID_OUT, long)
        self.assertEqual(self.host.move(CCID_IN, size=64)[1][7:9], b"\x40\x01")
        self.assertEqual(self.ccid(0x63)[7], 1)

    def test_both_halves_work_at_once_while_a_touch_is_awaited(self):
        self.ccid(0x62)
        channel = self.open_channel()
        self.host.move(HID_OUT, (channel + b"\x90\x00\x01\x0b").ljust(64, b"\0"))  # selection: touch!
        keepalive = self.host.move(HID_IN, size=64)[1]
        self.assertEqual(keepalive[4:8], b"\xbb\0\1\2")
        self.host.move(CCID_OUT, struct.pack("<BIBB3s", 0x6F, len(SELECT_PIV), 0, 7, b"") + SELECT_PIV)
        patience = self.host.move(CCID_IN, size=4096)[1]
        self.assertEqual((patience[6], patience[7]), (7, 0x80))
        self.touch()
        report = keepalive
        while report[4] == 0xBB:
            report = self.host.move(HID_IN, size=64)[1]
        self.assertEqual(report[4:8], b"\x90\0\1\0")
        answer = patience
        while answer[7] == 0x80:
            answer = self.host.move(CCID_IN, size=4096)[1]
        self.assertEqual(answer[-2:], b"\x90\0")


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
