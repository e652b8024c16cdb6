"""The programs of a build, and a private mmpd for a test to talk to."""

import contextlib
import json
import os
import pathlib
import select
import signal
import socket
import subprocess

import answers

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MMP_BUILD", TOP / "build")).resolve()
DEADLINE = 180  # seconds that anything may take before a test calls it hung


def environment(**more):
    """The environment of a program under test: nothing of the person's own settings."""
    kept = ("PATH", "HOME", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TMPDIR")
    env = {key: os.environ[key] for key in kept if key in os.environ}
    env.update({key: str(value) for key, value in more.items()})
    return env


def mmpctl(*words, socket=None, stdin=None, timeout=DEADLINE, **more):
    """Run mmpctl to its end; .stdout and .stderr are text."""
    env = environment(**({"MMPD_SOCKET": socket} if socket else {}))
    done = subprocess.run([BUILD / "mmpctl", *map(str, words)], env=env, text=True,
                          input=stdin if stdin is not None else "", capture_output=True,
                          timeout=timeout, **more)
    _check_printed(words, done)
    return done


def _check_printed(words, done):
    """Hold what --json printed against the schema of its method, if it is an answer of one."""
    method = answers.method_of(words) if words[0:1] == ("--json",) else None
    if method and done.returncode in (0, 4) and not done.stdout.startswith('{"error"'):
        answers.check(method, json.loads(done.stdout))


class Failure(Exception):
    """An error that the daemon answered."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["code"]
        self.data = error.get("data", {})
        self.kind = self.data.get("kind")


class Client:
    """A connection to mmpd that says what it is told, right or wrong; answers are held against their schemas."""

    def __init__(self, path, timeout=DEADLINE, check=True):
        self.methods = {} if check else None  # of the requests under way
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.file = self.socket.makefile("rb")
        self.next_id = 0
        self.notifications = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, line):
        """Bytes, or a value that becomes a line of JSON."""
        if not isinstance(line, bytes):
            line = json.dumps(line).encode() + b"\n"
        self.socket.sendall(line)

    def read(self):
        """The next message, or None where the daemon has closed."""
        line = self.file.readline()
        return json.loads(line) if line else None

    def start(self, method, **params):
        """Send a request; its id."""
        self.next_id += 1
        if self.methods is not None:
            self.methods[self.next_id] = method
        self.send({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params})
        return self.next_id

    def answer(self, request):
        """The result for that id; what comes before it is kept in .notifications."""
        while True:
            message = self.read()
            if message is None:
                raise ConnectionError("mmpd closed the connection")
            if message.get("id") == request and "method" not in message:
                break
            if "error" in message and message.get("id") is None:  # a line that was not read so far
                raise Failure(message["error"])
            self.notifications.append(message)
        method = self.methods.pop(request, None) if self.methods is not None else None
        if "error" in message:
            raise Failure(message["error"])
        if method:
            answers.check(method, message["result"])
        return message["result"]

    def call(self, method, **params):
        return self.answer(self.start(method, **params))


@contextlib.contextmanager
def free_port():
    """A port on which nobody listens; only a server that knows its number can, as it is not given to anybody else."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def empty_server():
    """The address of the PostgreSQL that a run of tests is to be on, emptied; None: it is on SQLite."""
    address = os.environ.get("MMP_TEST_ON_POSTGRES")
    if address:
        subprocess.run(["psql", "-q", address, "-c", "SET client_min_messages = error",
                        "-c", "DROP SCHEMA public CASCADE", "-c", "CREATE SCHEMA public"], check=True, timeout=DEADLINE)
    return address


class Daemon:
    """A mmpd of one's own, in a folder of one's own; ready when the constructor returns."""

    def __init__(self, folder, *options, wrapper=(), own_file=False):
        self.folder = pathlib.Path(folder)
        self.socket = self.folder / "mmpd.sock"
        self.database = (not own_file and empty_server()) or self.folder / "mmpd.db"
        self.options = options
        self.wrapper = wrapper
        self.process = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()

    def start(self):
        """Start it and wait for its own word (READY=1) that it answers."""
        path = self.folder / "notify.sock"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(path))
            self.log = open(self.folder / "mmpd.log", "ab")
            self.process = subprocess.Popen(
                [*self.wrapper, BUILD / "mmpd", "--socket", self.socket, "--database",
                 self.database, *map(str, self.options)],
                env=environment(NOTIFY_SOCKET=path), stdin=subprocess.DEVNULL,
                stdout=self.log, stderr=self.log)
            self._await_ready(notify)
        path.unlink()

    def _await_ready(self, notify):
        death = os.pidfd_open(self.process.pid)
        try:
            while True:
                ready, _, _ = select.select([notify, death], [], [], DEADLINE)
                if notify in ready:
                    if b"READY=1" in notify.recv(4096):
                        return
                elif death in ready:
                    raise RuntimeError(f"mmpd ended with {self.process.wait()}: {self.words()}")
                else:
                    self.kill()
                    raise RuntimeError(f"mmpd is not ready: {self.words()}")
        finally:
            os.close(death)

    def words(self):
        """What it has logged so far."""
        return (self.folder / "mmpd.log").read_text(errors="replace")

    def client(self, **more):
        return Client(self.socket, **more)

    def call(self, method, **params):
        with self.client() as client:
            return client.call(method, **params)

    def mmpctl(self, *words, **more):
        return mmpctl(*words, socket=self.socket, **more)

    def stop(self):
        """End it as a person would; a status other than 0 is a failure of the test."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(DEADLINE)
        self.log.close()
        if status != 0:
            raise RuntimeError(f"mmpd ended with {status}: {self.words()}")

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.log.close()
