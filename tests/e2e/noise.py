"""A bad line between mmpd and a board: a unix socket here, the board's pty or socket there, and noise between them."""

import collections
import dataclasses
import heapq
import os
import random
import selectors
import socket
import stat
import time

import served


@dataclasses.dataclass(frozen=True)
class Noise:
    """What happens to each byte, in chances of ten thousand; a delay holds up all that comes behind it."""
    flip: int = 0
    drop: int = 0
    twice: int = 0
    delay: int = 0
    again: int = 0  # what was read at once comes a second time: whole frames, or pieces of them
    gap: int = 0    # what was read at once is lost

    @staticmethod
    def of(chance):
        """Any line from nearly clean to hopeless."""
        worst = chance.choice((0, 2, 5, 15, 40, 150))
        return Noise(flip=chance.randint(0, worst), drop=chance.randint(0, worst),
                     twice=chance.randint(0, worst), delay=chance.randint(0, 20),
                     again=chance.choice((0, 300, 1500)), gap=chance.choice((0, 0, 300, 1500)))


CLEAN = Noise()
LONGEST_DELAY = 0.3  # seconds: more than the host's first idea of a round trip


class Line:
    """One bad line: mmpd connects to .path, what comes is passed on to the board at `board`."""

    def __init__(self, path, board):
        self.path, self.board = path, board
        self.noise, self.chance = CLEAN, random.Random(0)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(8)
        self.listener.setblocking(False)
        self.host = self.tty = None

    def become(self, noise, seed):
        """From now on the line is like this."""
        self.noise, self.chance = noise, random.Random(seed)

    def spoil(self, data):
        """What comes out at the other end, as (seconds to wait before it, bytes)."""
        noise, chance = self.noise, self.chance
        if noise == CLEAN:
            return [(0, data)]
        happens = lambda share: share and chance.randrange(10000) < share  # noqa: E731
        pieces, piece, wait = [], bytearray(), 0
        for byte in data * (2 if happens(noise.again) else 1) if not happens(noise.gap) else b"":
            if happens(noise.delay):
                pieces.append((wait, bytes(piece)))
                piece, wait = bytearray(), chance.uniform(0, LONGEST_DELAY)
            if happens(noise.drop):
                continue
            if happens(noise.flip):
                byte ^= 1 << chance.randrange(8)
            piece += bytes([byte]) * (2 if happens(noise.twice) else 1)
        return pieces + [(wait, bytes(piece))]


class Lines(served.Served):
    """All bad lines of a test, served by one thread."""

    def __init__(self):
        super().__init__()
        self.selector = selectors.DefaultSelector()
        self.lines = []
        self.queues = collections.defaultdict(collections.deque)  # by descriptor: (due, bytes), in order
        self.due = []  # heap of (time, descriptor)
        self.selector.register(self.wake_read, selectors.EVENT_READ, None)

    def add(self, path, board):
        line = Line(path, board)
        self.lines.append(line)
        self.selector.register(line.listener, selectors.EVENT_READ, (line, self._connect))
        return line

    def _close(self):
        for line in self.lines:
            self._hang_up(line)
            line.listener.close()
        self.selector.close()

    def _serve(self):
        while True:
            wait = max(0, self.due[0][0] - time.monotonic()) if self.due else None
            for key, _ in self.selector.select(wait):
                if key.data is None:
                    return
                line, act = key.data
                act(line, key.fd)
            self._deliver()

    def _connect(self, line, _fd):
        host, _ = line.listener.accept()
        self._hang_up(line)  # mmpd has one connection at a time: the old one is dead
        try:
            line.tty = self._open(line.board)
        except OSError:
            host.close()  # there is no board any more
            return
        host.setblocking(False)
        line.host = host
        self.selector.register(host, selectors.EVENT_READ, (line, self._pass_on))
        self.selector.register(line.tty, selectors.EVENT_READ, (line, self._pass_on))

    @staticmethod
    def _open(board):
        """The descriptor of a terminal, or of a connection to a socket."""
        if not stat.S_ISSOCK(os.stat(board).st_mode):
            return os.open(board, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(board)
        connection.setblocking(False)
        return connection.detach()

    def _hang_up(self, line):
        if line.host is None:
            return
        for fd in (line.host.fileno(), line.tty):
            self.selector.unregister(fd)
            self.queues.pop(fd, None)
        line.host.close()
        os.close(line.tty)
        line.host = line.tty = None

    def _pass_on(self, line, fd):
        if line.host is None:
            return  # hung up by an event of the same round
        try:
            data = os.read(fd, 4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hang_up(line)
            return
        to = line.tty if fd == line.host.fileno() else line.host.fileno()
        queue = self.queues[to]
        at = max(time.monotonic(), queue[-1][0] if queue else 0)
        for wait, piece in line.spoil(data):
            at += wait
            queue.append((at, piece))
            heapq.heappush(self.due, (at, to))

    def _deliver(self):
        now = time.monotonic()
        while self.due and self.due[0][0] <= now:
            _, to = heapq.heappop(self.due)
            queue = self.queues.get(to)
            while queue and queue[0][0] <= now:
                try:
                    os.write(to, queue.popleft()[1])
                except OSError:
                    pass  # a buffer that is full, or a reader that has gone: these bytes are lost
