"""The whole token on a board under QEMU, counting instructions: what the figures of the firmware are measured with.

    rows = Measurement(BUILD).run([command("00A4…"), AUTHENTICATE, …])

Each row tells kind, instructions, status word, size of the answer, and the most stack and mbedTLS memory used so far; the
row of INTERRUPTS, the stack that an interrupt of the USB port takes on top of what it interrupts.
"""
import collections
import json
import pathlib
import struct
import subprocess
import tempfile

Row = collections.namedtuple("Row", "kind instructions word size stack memory")
ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = {"an505": 0x80200000, "an386": 0x21200000}
AUTHENTICATE = (2, b"")
SIGN = (3, b"")
OVER_PORT = (4, b"")
INTERRUPTS = (6, b"")


def command(header, data=b"", expect=True):
    """A command APDU as short as it can be, from its four bytes in hex and its data."""
    apdu = bytes.fromhex(header)
    if len(data) < 256:
        return 1, apdu + (bytes([len(data)]) + data if data else b"") + (b"\x00" if expect else b"")
    return 1, apdu + b"\x00" + struct.pack(">H", len(data)) + data + (b"\x00\x00" if expect else b"")


def tlv(tag, value):
    size = len(value)
    length = bytes([size]) if size < 0x80 else bytes([0x81, size]) if size < 0x100 else b"\x82" + struct.pack(">H", size)
    return bytes([tag]) + length + value


class Measurement:
    def __init__(self, build, board="an505"):
        self._build = pathlib.Path(build) / board
        self._board = board

    def run(self, script, timeout=600):
        data = b"".join(struct.pack("<HH", kind, len(body)) + body + bytes(-len(body) % 4) for kind, body in script)
        with tempfile.NamedTemporaryFile(prefix="sceau-script-") as file:
            file.write(data + bytes(4))
            file.flush()
            done = subprocess.run(
                ["qemu-system-arm", "-machine", f"mps2-{self._board}", "-icount", "shift=0,sleep=off", "-nodefaults",
                 "-no-user-config", "-display", "none", "-semihosting-config", "enable=on,target=native", "-kernel",
                 str(self._build / "sceau-measure.elf"), "-device",
                 f"loader,file={file.name},addr={SCRIPTS[self._board]:#x},force-raw=on"],
                capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, check=False)
        rows = [Row(line.split()[0], *map(int, line.split()[1:])) for line in (done.stdout + done.stderr).splitlines()
                if line.startswith(("command ", "authenticate ", "sign ", "interrupts "))]
        if done.returncode != 0 or len(rows) != sum(kind != OVER_PORT[0] for kind, _ in script):
            raise RuntimeError(f"the measuring image ended with {done.returncode} after {len(rows)} of {len(script)} "
                               f"records: {done.stderr}")
        return rows

    def sizes(self, image="sceau-token.elf"):
        """Bytes of flash, and of memory without the stack, as the linker has laid them out."""
        listed = subprocess.run(["arm-none-eabi-size", "-A", str(self._build / image)], capture_output=True, text=True,
                                check=True).stdout
        sections = {words[0]: int(words[1]) for words in map(str.split, listed.splitlines()) if len(words) == 3 and
                    words[0].startswith(".")}
        flash = sum(sections.get(name, 0) for name in (".vectors", ".text", ".initializers", ".ARM.exidx", ".data"))
        return flash, sections.get(".data", 0) + sections.get(".bss", 0)


PIN = b"123456\xff\xff"
VERIFY = command("00200080", PIN, expect=False)
HASH = bytes(range(32))


def use(algorithm, slot, block, tag=0x81):
    return command(f"0087{algorithm}{slot}", tlv(0x7C, tlv(0x82, b"") + tlv(tag, block)))


def integers(der):
    """The INTEGERs of a DER SEQUENCE, as bytes."""
    def element(at):
        size, at = der[at + 1], at + 2
        if size >= 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(der[at:at + count], "big"), at + count
        return at, size
    at, size = element(0)
    end, found = at + size, []
    while at < end:
        at, size = element(at)
        found.append(der[at:at + size])
        at += size
    return found


def rsa_import(bits, slot):
    """IMPORT ASYMMETRIC KEY with a key that openssl makes."""
    der = subprocess.run(f"openssl genrsa -traditional {bits} 2>/dev/null | openssl rsa -traditional -outform DER 2>/dev/null",
                         shell=True, capture_output=True, check=True).stdout
    parts = [number.lstrip(b"\0") for number in integers(der)[4:9]]
    return command(f"00FE{ {2048: '07', 3072: '05'}[bits] }{slot}", b"".join(tlv(i + 1, part) for i, part in enumerate(parts)))


def statement(size):
    """A request for an extraction of that many bytes, in canonical form."""
    text = json.loads((ROOT / "tests/vectors/statement/good/extraction-request.json").read_text())

    def write():
        return json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    select = "SELECT ben_res_dpt, count(*) FROM ir_ben_r WHERE ben_nai_ann > 1950 GROUP BY ben_res_dpt"
    while size - len(write()) > 2 * len(select):
        text["body"]["sql"].append(select)
    text["body"]["sql"][-1] += " " + "x" * (size - len(write()) - 1)
    return write()


def signing():
    """The scenario of the figures: a PIV signature, and the key engine's alone."""
    return [command("00A40400", bytes.fromhex("A000000308")), AUTHENTICATE,
            command("0047009A", bytes.fromhex("AC03800111")), VERIFY, use("11", "9A", HASH), SIGN]


def clear_signing(size, pages):
    """A clear-sign key that wants one PIN, and a statement signed with it; its records from LOAD to the signature."""
    policy = tlv(0x30, tlv(2, b"\1") + tlv(2, b"\2") + tlv(2, b"\1") + tlv(2, b"\x03\x84") +
                 tlv(0x30, tlv(0x0C, b"extraction.request")))
    content = statement(size)
    load = [command("00300001" if at else "00300000", content[at:at + 1000]) for at in range(0, size, 1000)]
    prepare = command("003100C1", b"2026-11-22T09:31:00Z" + bytes(32))
    shows = [command(f"0032{page:04x}") for page in range(pages)]
    return [command("00A40400", bytes.fromhex("F0534345415501")), VERIFY, command("004700C1", policy), VERIFY,
            *load, prepare, *shows, command("00330000")]


def over_ctaphid(script):
    """The messages of CTAP2 among these commands, as CTAPHID carries them."""
    return [(5, body[7:-2]) for _, body in script if body.startswith(b"\x80\x10")]


def ctap(number, members):
    """A message of CTAP2 as an APDU with an extended length: its number and the encoded map."""
    message = bytes([number]) + members
    return 1, bytes.fromhex("8010000000") + struct.pack(">H", len(message)) + message + b"\x00\x00"


def cbor(value):
    """Canonical CBOR of what a platform sends; a map's members are given in their order."""
    def head(major, number):
        return bytes([major << 5 | number]) if number < 24 else bytes([major << 5 | 24, number])
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, (bytes, str)):
        data = value if isinstance(value, bytes) else value.encode()
        return head(2 if isinstance(value, bytes) else 3, len(data)) + data
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(part) for pair in value.items() for part in pair)


def asserting():
    """A discoverable credential, a second one elsewhere, and an assertion by the first."""
    def make(party):
        return ctap(1, cbor({1: HASH, 2: {"id": party}, 3: {"id": bytes(16), "name": "alice"},
                             4: [{"alg": -7, "type": "public-key"}], 7: {"rk": True}}))
    return [command("00A40400", bytes.fromhex("A0000006472F0001")), make("example.org"), make("example.com"),
            ctap(2, cbor({1: "example.org", 2: HASH}))]


def everything():
    """Every kind of work once, for the stack."""
    steps = signing()
    for algorithm, slot, size in (("14", "9D", 48),):
        steps += [command(f"004700{slot}", bytes.fromhex("AC038001" + algorithm)), VERIFY, use(algorithm, slot, bytes(size))]
    for bits, algorithm, slot in ((2048, "07", "82"), (3072, "05", "83")):
        steps += [rsa_import(bits, slot), VERIFY, use(algorithm, slot, b"\1" + bytes(bits // 8 - 1)), command(f"00F700{slot}")]
    steps += [command("00F99A00"), command("00CB3FFF", bytes.fromhex("5C035FFF01")),
              command("00DB3FFF", tlv(0x5C, bytes.fromhex("5FC105")) + tlv(0x53, bytes(3000)), expect=False),
              command("00CB3FFF", bytes.fromhex("5C035FC105")), command("00240080", PIN + PIN, expect=False),
              command("002C0080", b"12345678" + PIN, expect=False), command("00F69582"),
              command("00FFFFFF", bytes.fromhex("0A9B18") + bytes(range(1, 9)) * 3, expect=False)]
    return steps


def figures(build, board="an505"):
    """Figures by name: value and unit."""
    machine = Measurement(build, board)
    signed = machine.run(signing())
    clear = clear_sign_rows(machine)
    asserted = machine.run(asserting())
    # Over the USB port, as all of it is used; and an interrupt, which may come at any moment of that. They do not nest.
    port = [row for script in (everything(), clear_signing(2048, len(clear) - len(clear_signing(2048, 0))), asserting(),
                               over_ctaphid(asserting())) for row in machine.run([OVER_PORT, *script])]
    interrupt = machine.run([OVER_PORT, INTERRUPTS])[-1].stack
    rows = (*signed, *clear, *asserted, *port)
    for row in rows:
        if row.word != 0x9000 and row.word >> 8 != 0x61:
            raise RuntimeError(f"a command of the measurement was refused with {row.word:04X}: {row}")
    flash, memory = machine.sizes()
    loader = machine.sizes("sceau-loader.elf")[0]
    return {"fw_flash_bytes": (flash + loader, "bytes"), "fw_loader_bytes": (loader, "bytes"), "fw_ram_bytes": (memory, "bytes"),
            "fw_mbedtls_bytes": (max(row.memory for row in rows), "bytes"),
            "fw_stack_bytes": (max(row.stack for row in rows) + interrupt, "bytes"),
            "fw_sign_minsn": (round(signed[-1].instructions / 1e6, 3), "Minsn"),
            "fw_piv_auth_minsn": (round(signed[-2].instructions / 1e6, 3), "Minsn"),
            "fw_clearsign_minsn": (round(sum(row.instructions for row in clear[4:]) / 1e6, 3), "Minsn"),
            "fw_get_assertion_minsn": (round(asserted[-1].instructions / 1e6, 3), "Minsn")}


def clear_sign_rows(machine, size=2048):
    """A clear-sign signature whole; the number of its pages comes out when one too many is refused."""
    for pages in range(1, 40):
        rows = machine.run(clear_signing(size, pages))
        if rows[-1].word >> 8 == 0x61:
            return rows
    raise RuntimeError("the statement has more pages than were tried")
