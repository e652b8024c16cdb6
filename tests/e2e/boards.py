"""Boards for tests: QEMU with the loader in it, the simulated one, and some that a test plays itself."""

import pathlib
import shutil
import socket
import struct
import subprocess
import threading

import documents
import mmp

LOADER = mmp.BUILD / "loader" / "loader.bin"
QEMU = shutil.which("qemu-system-aarch64")
PATIENT_MS = 1000 * mmp.DEADLINE  # of a board that is to be waited for until a test has done with it


class Process:
    """A process that has said a line when it was ready; .line is what mmp calls its line."""

    def __init__(self, line, command):
        self.line = line
        self.process = subprocess.Popen([str(word) for word in command], env=mmp.environment(),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if not self.process.stdout.readline():
            raise RuntimeError(f"{command[0]} ended with {self.process.wait()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        status = self.process.wait(mmp.DEADLINE)
        self.process.stdin.close()
        self.process.stdout.close()
        return status


def symbol(image, name):
    """The address of a symbol in the bytes of a 64-bit ELF file."""
    sections_at, = struct.unpack_from("<Q", image, 0x28)
    size, count = struct.unpack_from("<HH", image, 0x3a)
    sections = [struct.unpack_from("<IIQQQQIIQQ", image, sections_at + size * i) for i in range(count)]
    for section in sections:
        if section[1] == 2:  # SHT_SYMTAB
            texts = sections[section[6]][4]
            for at in range(section[4], section[4] + section[5], 24):
                text, value = struct.unpack_from("<I4xQ", image, at)
                if image[texts + text:].split(b"\0", 1)[0] == name.encode():
                    return value
    raise KeyError(name)


def flash(folder):
    """QEMU's option for a second flash, where virt's loader keeps keys and its counter; it stays in the folder."""
    path = pathlib.Path(folder) / "flash.img"
    if not path.exists():
        with open(path, "wb") as file:
            file.truncate(64 << 20)
            file.write(b"\xff" * (1 << 20))  # more than the loader uses is erased
    return ["-drive", f"if=pflash,unit=1,format=raw,file={path}"]


def qemu(folder, *options, loader=LOADER, cpu="cortex-a57"):
    """The loader at EL3 of QEMU's virt machine. It answers QMP once its sockets listen."""
    path = pathlib.Path(folder) / "qemu.sock"
    board = Process(f"unix:{path}", [
        QEMU, "-M", "virt,secure=on", "-cpu", cpu, "-display", "none", "-net", "none",
        "-bios", loader, "-serial", "null", "-serial", f"unix:{path},server=on,wait=off",
        "-qmp", "stdio", *options])
    board.process.stdin.write(b'{"execute": "qmp_capabilities"}\n')
    board.process.stdin.flush()
    if not board.process.stdout.readline():
        raise RuntimeError(f"QEMU ended with {board.process.wait()}")
    return board


def reset(board):
    """Press the reset button of a board in QEMU; its line stays as it is."""
    board.process.stdin.write(b'{"execute": "system_reset"}\n')
    board.process.stdin.flush()
    while b'"RESET"' not in board.process.stdout.readline():
        pass


# What QEMU calls each board that has a port, and how the loader comes to it.
MACHINES = {
    "zcu102": (["-M", "xlnx-zcu102,secure=on", "-m", "2G"], "elf", []),
    "sbsa-ref": (["-M", "sbsa-ref"], "bin", ["-serial", "null"]),
    "rpi3": (["-M", "raspi3b"], "elf", []),
}


def ported(folder, name, *options):
    """The loader at EL3 of another machine of QEMU."""
    machine, kind, before = MACHINES[name]
    image = mmp.BUILD / "loader" / f"loader-{name}.{kind}"
    load = ["-bios", image] if kind == "bin" else ["-device", f"loader,file={image},cpu-num=0"]
    path = pathlib.Path(folder) / f"{name}.sock"
    board = Process(f"unix:{path}", [QEMU, *machine, "-display", "none", "-net", "none", *load, *before, "-serial",
                                     f"unix:{path},server=on,wait=off", "-qmp", "stdio", *options])
    board.process.stdin.write(b'{"execute": "qmp_capabilities"}\n')
    board.process.stdin.flush()
    if not board.process.stdout.readline():
        raise RuntimeError(f"QEMU ended with {board.process.wait()}")
    return board


def simulated(folder, *options, pty=True):
    path = pathlib.Path(folder) / ("board.pty" if pty else "board.sock")
    return Process(f"serial:{path}" if pty else f"unix:{path}",
                 [mmp.BUILD / "mmpboard", "--pty" if pty else "--unix", path, *options])


class Board(Process):
    """The simulated board on a unix socket at .path."""

    def __init__(self, folder, *options):
        self.path = folder / "board.sock"
        super().__init__(f"unix:{self.path}", [mmp.BUILD / "mmpboard", "--unix", self.path, *options])


class Fake:
    """A board that a test plays: act(connection) is called for each connection."""

    def __init__(self, folder, act, family=socket.AF_UNIX):
        self.path = folder / "fake.sock"
        self.act = act
        self.connections = []
        self.listener = socket.socket(family)
        if family == socket.AF_UNIX:
            self.listener.bind(str(self.path))
            self.line = f"unix:{self.path}"
        else:
            host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
            self.listener.bind((host, 0))
            self.line = f"tcp:{f'[{host}]' if ':' in host else host}:{self.listener.getsockname()[1]}"
        self.listener.listen(8)
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            try:
                self.act(connection)
            except OSError:
                pass

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            connection.close()
        self.thread.join(mmp.DEADLINE)


def silent(_connection):
    """Takes the connection and never says a word."""


class TooSlow(Exception):
    """A board's patience has ended before the machine came to the point of a test."""


def impatiently(attempt):
    """What attempt(patience_ms) gives for a board that leaves requests unanswered: soon, or, where a busy machine was
    too slow for so little patience, with more of it."""
    for patience_ms in (300, 2000):
        try:
            return attempt(patience_ms)
        except TooSlow:
            pass
    return attempt(10_000)


def prepare(client, path, board="desk"):
    """A platform, a build of it and a board on that line, which may be silent; the build's id."""
    client.call("platform.put", document=documents.platform())
    build = client.call("build.create", platform="virt", pool=documents.POOL)
    client.call("board.put", name=board, line=f"unix:{path}", patience_ms=PATIENT_MS)
    return build["id"]
