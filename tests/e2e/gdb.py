"""As much of gdb's remote protocol as it takes to spoil the state of a program that QEMU runs."""

import socket

import mmp


class Gdb:
    """A debugger at QEMU's stub on a unix socket; the machine stands still until it is left."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(mmp.DEADLINE)
        self.socket.connect(str(path))
        self.data = b""
        self.ask("?")
        self.ask("qXfer:features:read:target.xml:0,ffb")  # registers by number are only for those who ask

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ask("D")
        self.socket.close()

    def ask(self, words):
        """The answer's text. That the machine stands still may be told at any time, too."""
        body = words.encode()
        self.socket.sendall(b"$" + body + b"#%02x" % (sum(body) & 0xff))
        while True:
            answer = self._packet()
            if words == "?" or not answer.startswith("T"):
                return answer

    def _packet(self):
        while True:
            start = self.data.find(b"$")
            stop = self.data.find(b"#", start)
            if start >= 0 and 0 <= stop <= len(self.data) - 3:
                packet, self.data = self.data[start + 1:stop], self.data[stop + 3:]
                self.socket.sendall(b"+")
                return packet.decode()
            self.data += self.socket.recv(4096)

    def read(self, address, length):
        return bytes.fromhex(self.ask(f"m{address:x},{length:x}"))

    def write(self, address, data):
        answer = self.ask(f"M{address:x},{len(data):x}:{data.hex()}")
        if answer != "OK":
            raise RuntimeError(f"memory at {address:#x}: {answer}")

    def write_device(self, address, data):
        """Write a physical address as the processor would: commands of a device, not what is stored in it."""
        if self.ask("Qqemu.PhyMemMode:1") != "OK":
            raise RuntimeError("this QEMU has no physical memory mode")
        self.write(address, data)
        self.ask("Qqemu.PhyMemMode:0")

    def jump(self, address):
        """Set the program counter."""
        self.set_register(32, address)

    def set_register(self, number, value, width=8):
        """0 to 30: x0 to x30; 31: sp; 32: pc; 33: pstate, of 4 bytes."""
        answer = self.ask(f"P{number:x}={value.to_bytes(width, 'little').hex()}")
        if answer != "OK":
            raise RuntimeError(f"register {number}: {answer}")
