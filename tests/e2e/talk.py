"""A host that says what a test tells it, by the protocol alone: one request, one answer."""

import hashlib
import socket

import mmp
import protocol

FLAG_EXECUTES, FLAG_GUARDS = 64, 128


class Refused(Exception):
    """The board's status, in .name."""

    def __init__(self, name):
        super().__init__(name)
        self.name = name


class Talk:
    def __init__(self, line, session=0x7a1c):
        kind, _, path = line.partition(":")
        assert kind == "unix"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(2)  # then it is said again: a board that is starting loses bytes
        self.socket.connect(path)
        self.decoder, self.session, self.sequence = protocol.Decoder(), session, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, name, payload=b""):
        """The payload of the answer; Refused where the status is not ok."""
        self.sequence += 1
        request = protocol.Message(protocol.OPCODES.index(name), self.session, self.sequence, None, payload)
        tries = mmp.DEADLINE // 2
        self.socket.sendall(protocol.encode(request.body()))
        while True:
            try:
                data = self.socket.recv(4096)
            except TimeoutError:
                tries -= 1
                if not tries:
                    raise
                self.socket.sendall(protocol.encode(request.body()))
                continue
            for body in self.decoder.feed(data):
                answer = protocol.read_message(body)
                if (answer.name, answer.sequence) == (name, self.sequence):
                    if answer.status:
                        raise Refused(answer.status_name)
                    return answer.payload

    def hello(self):
        return protocol.read_board(self.ask("hello", b"mmp1" + (4).to_bytes(2, "little") + b"\0"))

    def push(self, pool, pa, registers, regime=0):
        """Make a pool live as it is, unsigned."""
        begin = bytes([regime]) + b"\1" * 32 + hashlib.sha256(pool).digest()
        for value in (len(pool), pa, *registers):
            begin += protocol.varint(value)
        self.ask("begin", begin)
        for at in range(0, len(pool), 512):
            words = pool[at:at + 512]
            if any(words):
                self.ask("write", at.to_bytes(4, "little") + b"\xe0" + protocol.varint(len(words) // 8) + words)
        self.ask("finish")
        self.ask("activate")

    def translate(self, access, *addresses):
        payload = b"".join(bytes([access]) + va.to_bytes(8, "little") for va in addresses)
        answer = self.ask("translate", payload)
        return [int.from_bytes(answer[at:at + 8], "little") for at in range(0, len(answer), 8)]

    def execute(self, level, va):
        """(result, ESR_EL1)"""
        answer = self.ask("execute", bytes([level]) + va.to_bytes(8, "little"))
        return answer[0], int.from_bytes(answer[1:5], "little")
