"""The token's image on a board under QEMU, spoken to without a smart-card service: this end plays the reader.

    with Board(BUILD, folder) as board:
        data, word = board.send("00A4040005A000000308")
        board.kill_machine(); board.restart()

vpcd's side of the wire: the reader listens, the card connects; messages are a two-byte length and that many bytes;
of one byte: 0 power off, 1 power on, 2 reset, 4 give the answer to reset.
"""
import os
import pathlib
import signal
import socket
import struct
import subprocess

PATIENCE = 120  # seconds: a machine that is busy with other things is no failure


class Gone(Exception):
    """The board went away before it answered."""


class Board:
    def __init__(self, build, folder, name="alice", options=(),
                 board=os.environ.get("SCEAU_BOARD", "an505")):
        self._build = pathlib.Path(build)
        self.folder = pathlib.Path(folder)
        self.memory = self.folder / f"{name}.flash"
        self._loader = self._build / board / "sceau-loader.elf"
        self.firmware = self._build / board / "sceau-token.img"
        self._options = ["--machine", f"mps2-{board}", *options]
        self._process = None
        self._wire = None
        self.complaint = ""

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        with socket.create_server(("127.0.0.1", 0)) as reader:
            reader.settimeout(0.1)
            port = reader.getsockname()[1]
            self._process = subprocess.Popen(
                [str(self._build / "firmware" / "sceau-token-board"), "--image", str(self._loader), "--firmware",
                 str(self.firmware), "--flash", str(self.memory), "--vpcd", f"127.0.0.1:{port}", "--touch", "auto", *self._options], stderr=subprocess.PIPE, text=True)
            for _ in range(10 * PATIENCE):
                try:
                    self._wire, _ = reader.accept()
                    break
                except TimeoutError:
                    if self._process.poll() is not None:
                        break
        if self._wire is None:
            self.stop()
            raise Gone(f"the board did not start: {self.complaint}")
        self._wire.settimeout(PATIENCE)
        self._wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.control(1)

    def stop(self):
        """As pulling the plug of the bridge: SIGTERM, and whatever is under way is finished first."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None
        if self._process is not None:
            self._process.terminate()
            self.complaint = self._process.communicate(timeout=PATIENCE)[1]
            self._process = None

    def restart(self):
        self.stop()
        self.start()

    def kill_machine(self):
        """kill -9 of QEMU, whatever it is doing."""
        pid = self._process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)

    def control(self, code):
        self._wire.sendall(struct.pack(">HB", 1, code))

    def answer_to_reset(self):
        self.control(4)
        return self._receive()

    def begin(self, apdu):
        """Sends a command and does not wait."""
        self._wire.sendall(struct.pack(">H", len(apdu)) + apdu)

    def finish(self):
        answer = self._receive()
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def send(self, apdu):
        """The answer's data and status word to a command, in bytes or hex."""
        self.begin(bytes.fromhex(apdu) if isinstance(apdu, str) else apdu)
        return self.finish()

    def _exactly(self, size):
        got = b""
        while len(got) < size:
            try:
                more = self._wire.recv(size - len(got))
            except ConnectionError:
                more = b""
            if not more:
                raise Gone("the board went away")
            got += more
        return got

    def _receive(self):
        return self._exactly(int.from_bytes(self._exactly(2), "big"))
