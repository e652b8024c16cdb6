"""
The protocol of loader/README.md, read by that page alone: frames and messages as Python values. It shares nothing
with the C code, so that it can stand between a host and a board, and read recordings of both.
"""

import dataclasses

END, ESC = 0xC0, 0xDB
ESCAPES = {0xC0: 0xDC, 0xDB: 0xDD, 0x11: 0xDE, 0x13: 0xDF}
UNESCAPES = {code: byte for byte, code in ESCAPES.items()}
DIGITS = bytes(byte for byte in range(256) if byte not in ESCAPES)
BLOCK = 351
OPCODES = ["", "hello", "begin", "write", "finish", "activate", "translate", "abort", "keep", "read back", "execute"]
STATUSES = ["ok", "bad version", "bad message", "no session", "wrong state", "length bad", "length over",
            "pool unaligned", "pool wraps", "pool outside", "pool over self", "ttbr0 outside", "ttbr0 unaligned",
            "ttbr1 open", "write unaligned", "write outside", "bad runs", "digest differs", "nothing live",
            "bad access", "tcr unknown", "table leaves", "regime unknown", "unsigned", "key unknown", "key revoked",
            "wrong board", "replayed", "counter old", "signature bad", "cannot keep", "kept already", "point bad",
            "counter far"]
REGISTERS = [("mair", "tcr", "ttbr0"), ("mair", "tcr", "ttbr0"), ("mair", "tcr", "ttbr0", "ttbr1", "dacr")]
MAC_SIZE = 16


class Wrong(ValueError):
    """The bytes are not what the page says."""


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def digits(block):
    number, out = int.from_bytes(block, "big"), bytearray()
    for _ in range(len(block) + 1):
        number, digit = divmod(number, len(DIGITS))
        out.insert(0, DIGITS[digit])
    return bytes(out)


def block_of(line):
    """The bytes of a block of digits; None if they are not digits, or too large a number."""
    number = 0
    for byte in line:
        if byte in ESCAPES:
            return None
        number = number * len(DIGITS) + DIGITS.index(byte)
    return None if number >> 8 * (len(line) - 1) else number.to_bytes(len(line) - 1, "big")


def encode(body):
    """A frame: END, body and CRC with escapes or, if that is shorter or they begin with an escape, as numbers, END."""
    content = bytes(body) + crc32c(body).to_bytes(4, "little")
    escaped = b"".join(bytes([ESC, ESCAPES[byte]]) if byte in ESCAPES else bytes([byte]) for byte in content)
    blocks = [content[at:at + BLOCK] for at in range(0, len(content), BLOCK)]
    numbers = bytes([ESC]) + b"".join(map(digits, blocks))
    shorter = len(body) > 96 and len(numbers) < len(escaped)
    inner = numbers if shorter or content[0] in ESCAPES else escaped
    return bytes([END]) + inner + bytes([END])


class Decoder:
    """Bytes in any pieces to bodies; what is no frame is kept in .stray."""

    def __init__(self):
        self.line, self.stray = bytearray(), []

    def feed(self, data):
        bodies = []
        for byte in data:
            if byte in (0x11, 0x13):
                continue
            if byte != END:
                self.line.append(byte)
                continue
            if self.line:
                body = decode(self.line)
                if body is None:
                    self.stray.append(bytes(self.line))
                else:
                    bodies.append(body)
            self.line.clear()
        return bodies


def unescape(inner):
    out, escaped = bytearray(), False
    for byte in inner:
        if escaped:
            if byte not in UNESCAPES:
                return None
            out.append(UNESCAPES[byte])
            escaped = False
        elif byte == ESC:
            escaped = True
        else:
            out.append(byte)
    return None if escaped else bytes(out)


def unnumber(inner):
    blocks = [block_of(inner[at:at + BLOCK + 1]) for at in range(0, len(inner), BLOCK + 1)]
    return None if None in blocks else b"".join(blocks)


def decode(inner):
    """The body that stands between two ENDs; None where it is no frame."""
    content = unnumber(inner[1:]) if inner[0] == ESC else unescape(inner)
    if content is None or len(content) < 4 or int.from_bytes(content[-4:], "little") != crc32c(content[:-4]):
        return None
    return content[:-4]


class Reader:
    def __init__(self, data):
        self.data, self.at = bytes(data), 0

    def take(self, length):
        if self.at + length > len(self.data):
            raise Wrong(f"{length} bytes are missing at byte {self.at} of {self.data.hex()}")
        self.at += length
        return self.data[self.at - length:self.at]

    def number(self, width):
        return int.from_bytes(self.take(width), "little")

    def varint(self):
        value = shift = 0
        while True:
            byte = self.number(1)
            value |= (byte & 0x7f) << shift
            shift += 7
            if not byte & 0x80:
                if shift > 7 and not byte:
                    raise Wrong("a varint that is longer than it must be")
                return value

    def id(self):
        return self.take(self.number(1)).decode("ascii")

    def rest(self):
        return self.take(len(self.data) - self.at)

    def more(self):
        return self.at < len(self.data)

    def end(self):
        if self.more():
            raise Wrong(f"{len(self.data) - self.at} bytes too many: {self.rest().hex()}")


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


@dataclasses.dataclass
class Message:
    """A request, or an answer where `status` is not None."""
    opcode: int
    session: int
    sequence: int
    status: int | None
    payload: bytes

    @property
    def name(self):
        return OPCODES[self.opcode]

    @property
    def status_name(self):
        return STATUSES[self.status]

    def body(self):
        head = bytes([self.opcode | (0x80 if self.status is not None else 0)])
        head += self.session.to_bytes(2, "little") + self.sequence.to_bytes(2, "little")
        return head + (bytes([self.status]) if self.status is not None else b"") + self.payload


def read_message(body):
    reader = Reader(body)
    opcode = reader.number(1)
    session, sequence = reader.number(2), reader.number(2)
    status = reader.number(1) if opcode & 0x80 else None
    return Message(opcode & 0x7f, session, sequence, status, reader.rest())


def read_hello(payload):
    reader = Reader(payload)
    hello = {"magic": reader.take(4), "version": reader.number(2)}
    flags = reader.number(1)
    hello["authentic"], hello["compares"] = bool(flags & 1), bool(flags & 2)
    if hello["authentic"]:
        hello["point"] = reader.take(64)
    if hello["compares"]:
        hello["page"] = reader.varint()
    return hello


def read_board(payload):
    reader = Reader(payload)
    board = {"version": reader.number(2), "flags": reader.number(1), "body_max": reader.number(2),
             "frames_max": reader.number(1), "staging": reader.varint() * 4096, "nonce": reader.take(8),
             "id": reader.id()}
    board["windows"] = [(reader.varint() * 4096, reader.varint() * 4096) for _ in range(reader.number(1))]
    board["keys"] = [reader.take(4) for _ in range(reader.number(1))]
    board["counter"] = reader.varint() if board["flags"] & 8 else None
    board["build"] = reader.take(32) if board["flags"] & 1 else None
    rest = Reader(reader.rest())  # where hello compares
    if rest.data:
        board["staged"] = rest.varint()
        board["digests"] = [rest.take(4) for _ in range((len(rest.data) - rest.at) // 4)]
    return board


def read_begin(payload):
    reader = Reader(payload)
    first = reader.number(1)
    begin = {"regime": first & 0x1f, "keeps": bool(first & 0x20), "goes": bool(first & 0x40), "build": reader.take(32),
             "digest": reader.take(32), "length": reader.varint(), "pool": reader.varint()}
    for name in REGISTERS[begin["regime"]]:
        begin[name] = reader.varint()
    if first & 0x80:
        begin.update(nonce=reader.take(8), id=reader.id(), counter=reader.varint(), key=reader.take(4),
                     signature=reader.take(64))
    return begin


def read_write(payload):
    reader = Reader(payload)
    return {"offset": reader.number(4), "runs": reader.rest()}


def read_questions(payload):
    reader = Reader(payload)
    return [(reader.number(1), reader.number(8)) for _ in range(len(payload) // 9)]
