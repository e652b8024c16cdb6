"""Boards for tests: the simulated one, and some that a test plays itself."""

import socket
import subprocess
import threading

import documents
import mmp


class Board:
    """build/mmpboard on a unix socket; ready when the constructor returns."""

    def __init__(self, folder, *options):
        self.path = folder / "board.sock"
        self.process = subprocess.Popen(
            [mmp.BUILD / "mmpboard", "--unix", self.path, *options], env=mmp.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout.readline().startswith("ready"), "mmpboard is not ready"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(mmp.DEADLINE)
        self.process.stdout.close()


class Fake:
    """A board that a test plays: act(connection) is called for each connection."""

    def __init__(self, folder, act):
        self.path = folder / "fake.sock"
        self.act = act
        self.connections = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
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


def prepare(client, path, board="desk"):
    """A platform, a build of it and a board on that line; the build's id."""
    client.call("platform.put", document=documents.platform())
    build = client.call("build.create", platform="virt", pool=documents.POOL)
    client.call("board.put", name=board, line=f"unix:{path}")
    return build["id"]
