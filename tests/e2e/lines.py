"""Lines between several mmpd and simulated boards, on which is seen who drives which board when."""

import os
import selectors
import socket
import struct
import threading
import time


class Line:
    """One board's line: mmpd connects to .line. What the board says waits while .is_shut."""

    def __init__(self, folder, name, board):
        self.name, self.board = name, str(board)
        self.path = folder / f"{name}.line"
        self.line = f"unix:{self.path}"
        self.is_shut = False
        self.met = threading.Event()  # a host has said something
        self.uses = []  # [pid, since, until] of each connection
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen(16)


class Lines:
    """All lines of a farm, in one thread."""

    def __init__(self, folder, boards):
        self.lines = {name: Line(folder, name, path) for name, path in boards.items()}
        self.selector = selectors.DefaultSelector()
        self.wake_read, self.wake_write = os.pipe()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __getitem__(self, name):
        return self.lines[name]

    def __enter__(self):
        for line in self.lines.values():
            self.selector.register(line.listener, selectors.EVENT_READ, lambda line=line: self._accept(line))
        self.selector.register(self.wake_read, selectors.EVENT_READ, self._woken)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.wake(b"e")
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self.selector.close()
        os.close(self.wake_read)
        os.close(self.wake_write)

    def wake(self, word=b"w"):
        os.write(self.wake_write, word)

    def open(self, name):
        self.lines[name].is_shut = False
        self.wake()

    def drivers(self):
        """{board: [(pid, since, until), ...]} in the order of the connections."""
        now = time.monotonic()
        return {line.name: [(pid, since, until or now) for pid, since, until in line.uses] for line in self.lines.values()}

    def _serve(self):
        self.is_over = False
        while not self.is_over:
            for key, _ in self.selector.select():
                if key.fileobj == self.wake_read or key.fd in self.selector.get_map():
                    key.data()

    def _woken(self):
        self.is_over = b"e" in os.read(self.wake_read, 64)
        for key in list(self.selector.get_map().values()):
            if getattr(key.data, "waits", None):
                key.data()

    def _accept(self, line):
        host, _ = line.listener.accept()
        pid, _, _ = struct.unpack("3i", host.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        board = socket.socket(socket.AF_UNIX)
        try:
            board.connect(line.board)
        except OSError:
            board.close()
            host.close()
            return
        use = [pid, time.monotonic(), None]
        line.uses.append(use)
        for source, sink in ((host, board), (board, host)):
            self.selector.register(source, selectors.EVENT_READ, Pass(self, line, use, source, sink, source is board))


class Pass:
    """One direction of a connection."""

    def __init__(self, lines, line, use, source, sink, is_from_board):
        self.lines, self.line, self.use = lines, line, use
        self.source, self.sink, self.is_from_board = source, sink, is_from_board
        self.waits = b""

    def __call__(self):
        if self.line.is_shut and self.is_from_board:
            try:
                got = self.source.recv(4096, socket.MSG_DONTWAIT)
            except (BlockingIOError, OSError):
                got = b""
            self.waits += got
            return None
        try:
            data, self.waits = self.waits, b""
            if not data:
                data = self.source.recv(4096)
            if not self.is_from_board:
                self.line.met.set()
            if data:
                self.sink.sendall(data)
                return None
        except OSError:
            pass
        return self._end()

    def _end(self):
        self.use[2] = time.monotonic()
        for one in (self.source, self.sink):
            if one.fileno() >= 0:
                self.lines.selector.unregister(one)
                one.close()
