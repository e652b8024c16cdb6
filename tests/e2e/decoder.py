"""A second reader of the protocol, written from loader/README.md alone: it shares nothing with lib/wire.

    decoder.py FILE...    print the messages of recordings, one a line
"""

import hashlib
import struct
import sys

from protocol import MAC_SIZE, OPCODES, REGISTERS, Decoder, Reader, Wrong

LIVE, COUNTS = 1, 8            # flags of hello's answer
AUTHENTIC, COMPARES = 1, 2     # flags of hello
KEEPS, GOES, SIGNED = 32, 64, 128
ENTRIES = 6                    # of the dictionary of runs


class Runs:
    """Words of a pool from runs, where a word is 8 or 4 bytes."""

    def __init__(self, width):
        self.width = width
        self.page_bits = 36 if width == 8 else 20
        self.entries = [[3 if width == 8 else 1, 1, 0]]  # attributes, step, next page
        self.oldest = 1

    def word(self, attributes, page):
        low = attributes & 0xfff
        return (low | page << 12 | (attributes >> 12 << 48 if self.width == 8 else 0)) & (1 << 8 * self.width) - 1

    def unfold(self, value):
        return ~(value >> 1) if value & 1 else value >> 1

    def pages(self, entry, page, count):
        for _ in range(count):
            yield self.word(entry[0], page)
            page = (page + entry[1]) & (1 << self.page_bits) - 1
        entry[2] = page

    def new_entry(self, reader):
        entry = [reader.varint(), self.unfold(reader.varint()), reader.varint()]
        if len(self.entries) < ENTRIES:
            self.entries.append(entry)
        else:
            self.entries[self.oldest] = entry
            self.oldest = self.oldest % (ENTRIES - 1) + 1
        return entry

    def packed(self, reader):
        count, attributes, lowest, bits = reader.varint(), reader.varint(), reader.varint(), reader.number(1)
        packed = int.from_bytes(reader.take((count * bits + 7) // 8), "little")
        for i in range(count):
            yield self.word(attributes, lowest + (packed >> i * bits & (1 << bits) - 1))

    def other(self, kind, reader):
        if kind == 0:
            yield from [reader.number(self.width) for _ in range(reader.varint())]
        elif kind == 1:
            yield from self.packed(reader)
        elif kind == 3:
            yield from [None] * reader.varint()
        elif kind != 2:
            raise Wrong(f"a run of kind {kind}")

    def read(self, reader):
        """Words in turn; None for one that stays as it is."""
        while reader.more():
            first = reader.number(1)
            yield from [0] * (reader.varint() if first & 0x10 else 0)
            which = first >> 5
            if which == 7:
                yield from self.other(first & 0xf, reader)
                continue
            length = 1 + (first & 0xf)
            if first & 0xf == 0xf:
                length = 16 + reader.varint()
            if which == 6:
                entry = self.new_entry(reader)
                page = entry[2]
            else:
                if which >= len(self.entries):
                    raise Wrong(f"a run of entry {which}, and there are {len(self.entries)}")
                entry = self.entries[which]
                page = (entry[2] + self.unfold(reader.varint())) & (1 << self.page_bits) - 1
            yield from self.pages(entry, page, length)


class Session:
    """Both directions of a line: what they say, checked against each other."""

    def __init__(self):
        self.host, self.board = Decoder(), Decoder()
        self.requests = {}  # (opcode, session, sequence): what its answer's shape depends on
        self.pool = self.begun = None
        self.verified = 0   # times that the board has confirmed a pool whose digest is right
        self.words = []

    def sent(self, data):
        for body in self.host.feed(data):
            reader = Reader(body)
            opcode, session, sequence = struct.unpack("<BHH", reader.take(5))
            if not 0 < opcode < len(OPCODES):
                raise Wrong(f"request {opcode}")
            details = getattr(self, "on_" + OPCODES[opcode].replace(" ", "_"))(reader)
            reader.end()
            self.requests[opcode, session, sequence] = details
            self.words.append(f"> {OPCODES[opcode]} {sequence}: {details}")

    def got(self, data):
        for body in self.board.feed(data):
            reader = Reader(body)
            opcode, session, sequence = struct.unpack("<BHH", reader.take(5))
            asked = self.requests.get((opcode & 0x7f, session, sequence))
            if not opcode & 0x80 or asked is None:
                self.words.append(f"< answers nothing that was asked: {body.hex()}")
                continue
            status = reader.number(1)
            name = OPCODES[opcode & 0x7f]
            if self.requests.get("authentic") and not (name == "hello" and status):
                reader.data = reader.data[:-MAC_SIZE]
            details = f"refused with {status}" if status else \
                getattr(self, "answer_" + name.replace(" ", "_"), self.answer_nothing)(reader, asked)
            if not status:
                reader.end()
            self.words.append(f"< {name} {sequence}: {details}")

    # --- requests ---

    def on_hello(self, reader):
        if reader.take(4) != b"mmp1" or reader.number(2) != 4:
            raise Wrong("hello of another protocol")
        flags = reader.number(1)
        if flags & AUTHENTIC:
            reader.take(64)
        if flags & COMPARES:
            reader.varint()
        self.requests["authentic"] = bool(flags & AUTHENTIC)
        return {"compares": bool(flags & COMPARES)}

    def on_begin(self, reader):
        first = reader.number(1)
        build, digest = reader.take(32), reader.take(32)
        length, pa = reader.varint(), reader.varint()
        registers = [reader.varint() for _ in REGISTERS[first & 0x1f]]
        if first & SIGNED:
            reader.take(8), reader.take(reader.number(1)), reader.varint(), reader.take(4), reader.take(64)
        width = 4 if first & 0x1f == 2 else 8
        if not first & KEEPS or self.pool is None or len(self.pool) != length:
            self.pool = bytearray(length)
        self.begun = {"width": width, "digest": digest, "length": length, "keeps": bool(first & KEEPS)}
        words = self.expand(0, reader)
        return {"goes": bool(first & GOES), "build": build.hex()[:12], "pa": hex(pa), "length": length,
                "registers": [hex(value) for value in registers], "words": words}

    def on_write(self, reader):
        offset = reader.number(4)
        if offset % 8 or self.begun is None:
            raise Wrong("a write that is not on 8, or before begin")
        return {"offset": hex(offset), "words": self.expand(offset, reader)}

    def expand(self, at, reader):
        width, count = self.begun["width"], 0
        for word in Runs(width).read(reader):
            if at + width > len(self.pool):
                raise Wrong("runs that leave the pool")
            if word is not None:
                self.pool[at:at + width] = word.to_bytes(width, "little")
            at += width
            count += 1
        return count

    @staticmethod
    def on_nothing(reader):
        reader.end()
        return {}

    on_finish = on_activate = on_abort = on_read_back = on_nothing

    @staticmethod
    def items(reader, most):
        count = 0
        while reader.more():
            if reader.number(1) > most:
                raise Wrong("an item of another kind")
            reader.number(8)
            count += 1
        return {"items": count}

    def on_translate(self, reader):
        return self.items(reader, 3)

    def on_execute(self, reader):
        return self.items(reader, 255)

    @staticmethod
    def on_keep(reader):
        return {"kind": reader.number(1), "bytes": len(reader.rest())}

    # --- answers ---

    @staticmethod
    def answer_nothing(reader, _asked):
        reader.end()
        return "done"

    @staticmethod
    def answer_hello(reader, asked):
        version, flags, longest, at_once = (reader.number(size) for size in (2, 1, 2, 1))
        staging = 4096 * reader.varint()
        reader.take(8)
        name = reader.take(reader.number(1)).decode("ascii")
        windows = [(hex(4096 * reader.varint()), hex(4096 * reader.varint())) for _ in range(reader.number(1))]
        keys = [reader.take(4).hex() for _ in range(reader.number(1))]
        if flags & COUNTS:
            reader.varint()
        live = reader.take(32).hex()[:12] if flags & LIVE else None
        staged = reader.varint() if asked["compares"] else 0
        told = len(reader.rest()) if asked["compares"] else 0
        if version != 4 or longest < 320 or told % 4 or told > 4 * staged:
            raise Wrong("hello's answer")
        return f"{name}, {at_once} at once, staging {staging}, windows {windows}, keys {keys}, live {live}, " \
               f"{staged} pages staged"

    def confirm(self):
        if not self.begun["keeps"] and hashlib.sha256(self.pool).digest() != self.begun["digest"]:
            raise Wrong("the board has confirmed a pool whose digest is another")
        self.verified += 1

    def answer_begin(self, _reader, asked):
        if asked["goes"]:
            self.confirm()
        return "done"

    def answer_finish(self, _reader, _asked):
        self.confirm()
        return "done"

    @staticmethod
    def answer_translate(reader, asked):
        reader.take(8 * asked["items"])
        return f"{asked['items']} registers"

    @staticmethod
    def answer_execute(reader, asked):
        results = [(reader.number(1), reader.number(4)) for _ in range(asked["items"])]
        if any(result > 3 for result, _ in results):
            raise Wrong("a result that there is not")
        return f"{sum(result == 0 for result, _ in results)} of {len(results)} ran"

    @staticmethod
    def answer_read_back(reader, _asked):
        return reader.take(32).hex()

    @staticmethod
    def answer_keep(reader, _asked):
        return reader.rest().hex()


def read(text):
    """A recording, decoded: the session, and the line that says how it ended."""
    session, end = Session(), None
    lines = text.splitlines()
    if lines[0] != "mmp-recording-1":
        raise Wrong("not a recording")
    for line in lines[1:]:
        words = line.split(" ", 2)
        if not words[0].isdigit():
            continue  # what was to be done, and comments
        if words[1] == ">":
            session.sent(bytes.fromhex(words[2]))
        elif words[1] == "<":
            session.got(bytes.fromhex(words[2]))
        elif words[1] == "end":
            end = words[2]
    return session, end


if __name__ == "__main__":
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            decoded, ending = read(file.read())
        print(*decoded.words, f"end: {ending}", sep="\n")
