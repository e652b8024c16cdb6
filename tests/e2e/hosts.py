"""Several mmpd that share a PostgreSQL: hosts, and a way to the server that loses messages. MMP_TEST_POSTGRES is its address."""

import contextlib
import os
import pathlib
import select
import socket
import subprocess
import threading
import time

import mmp

ADDRESS = os.environ.get("MMP_TEST_POSTGRES")
NAMES = ("a", "b", "c")
WRAPPER = os.environ.get("MMP_FARM_WRAPPER", "")  # as "ip netns exec mmp-{host}", with the server in MMP_FARM_ADDRESS


class Host(mmp.Daemon):
    """A mmpd with the shared database, named after its folder."""

    def __init__(self, folder, address=None):
        folder.mkdir(exist_ok=True)
        super().__init__(folder, "--database", address or os.environ.get("MMP_FARM_ADDRESS", ADDRESS), "--host", folder.name,
                         "--keys", str(folder / "keys"),
                         wrapper=WRAPPER.format(host=folder.name).split(), own_file=True)

    def await_word(self, word):
        """Until the log has it."""
        until = time.monotonic() + mmp.DEADLINE
        while word not in self.words():
            assert time.monotonic() < until, self.words()
            self.call("service.info")


class Way:
    """A way to the server, .address, on which a question or the answer to a commit is lost, and the connection with it."""

    def __init__(self):
        start, self.port = ADDRESS.rsplit("/", 1)[0].rsplit(":", 1)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"{start}:{self.listener.getsockname()[1]}/{ADDRESS.rsplit('/', 1)[1]}"
        self.when, self.word, self.lost = None, None, threading.Event()
        self.flows = threading.Event()  # unset: the server keeps its connections and does not answer
        self.flows.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.flows.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def lose(self, when):
        """The answer to the first commit from now on after which this is so."""
        self.lost.clear()
        self.when = when

    def lose_question(self, word, count):
        """The question with this word in it that comes after so many others."""
        self.lost.clear()
        self.word, self.count = word, count

    def _is_lost(self, data, is_question):
        if is_question and self.word and self.word in data:
            self.count -= 1
            return self.count < 0
        return not is_question and self.when and b"COMMIT\0" in data and asked(f"SELECT {self.when}") == ["t"]

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._carry, args=(self.listener.accept()[0],), daemon=True).start()

    def _carry(self, host):
        with contextlib.suppress(OSError), host, socket.create_connection(("127.0.0.1", int(self.port))) as server:
            while True:
                for one in select.select([host, server], [], [])[0]:
                    data = one.recv(1 << 16)
                    self.flows.wait()
                    if not data:
                        return
                    if self._is_lost(data, one is host):
                        self.when = self.word = None
                        self.lost.set()
                        return
                    (server if one is host else host).sendall(data)


def await_jobs(host, count):
    until = time.monotonic() + mmp.DEADLINE
    while len(jobs := host.call("job.list")["jobs"]) != count:
        assert time.monotonic() < until, jobs


def patient(act):
    """What act() gives, once the database is there for it."""
    until = time.monotonic() + mmp.DEADLINE
    while True:
        try:
            return act()
        except mmp.Failure as failure:
            assert failure.kind == "busy" and time.monotonic() < until, failure


def watch(host, job):
    return patient(lambda: host.call("job.watch", job=job))


def control(*words):
    assert start_control(*words).wait(mmp.DEADLINE) == 0


def start_control(*words):
    return subprocess.Popen([pathlib.Path(os.environ["MMP_TEST_POSTGRES_FOLDER"]) / "control", *words],
                            stderr=subprocess.DEVNULL)


def sql(*statements):
    words = [word for one in ("SET client_min_messages = error", "SET default_transaction_read_only = off", *statements) for word in ("-c", one)]
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", ADDRESS, *words], check=True, timeout=mmp.DEADLINE, stdout=subprocess.DEVNULL)


def asked(query):
    """Its rows."""
    return subprocess.run(["psql", "-At", ADDRESS, "-c", query], check=True, timeout=mmp.DEADLINE, capture_output=True,
                          text=True).stdout.split()
