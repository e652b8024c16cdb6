"""Pushes that end in the middle: mmpd or the board dies, the line goes dead. Nothing is stranded."""

import contextlib
import fcntl
import os
import random
import signal
import socket
import termios
import threading

import pytest

import boards
import documents
import mmp
import protocol

END = b"\xc0"
OPCODES = {"hello": 1, "begin": 2, "write": 3, "finish": 4, "activate": 5, "translate": 6}
ANSWER = 0x80


def receive(connection):
    try:
        return connection.recv(4096)
    except OSError:
        return b""


class Watched:
    """A board that is passed on frame by frame, until its answer to `opcode` has come: that is lost, and so is
    all that it says later. .reached is set then."""

    def __init__(self, folder, board, opcode, family=socket.AF_UNIX):
        self.board, self.opcode = board, opcode
        self.reached = threading.Event()
        self.fake = boards.Fake(folder, self._serve, family)
        self.line = self.fake.line

    def __enter__(self):
        self.fake.__enter__()
        return self

    def __exit__(self, *_):
        self.fake.__exit__()

    def _serve(self, host):
        with socket.socket(socket.AF_UNIX) as board:
            board.connect(str(self.board.path))
            back = threading.Thread(target=self._answers, args=(board, host), daemon=True)
            back.start()
            while data := receive(host):
                board.sendall(data)
            board.shutdown(socket.SHUT_RDWR)
            back.join(mmp.DEADLINE)

    def _answers(self, board, host):
        buffer = b""
        while data := receive(board):
            *frames, buffer = (buffer + data).split(END)
            for frame in filter(None, frames):
                body = protocol.decode(frame)
                if body and body[0] == self.opcode | ANSWER:
                    self.reached.set()
                if not self.reached.is_set():
                    host.sendall(frame + END)


def scattered(seed):
    """Few tables, as a board is given time for each, but with more in them than one message holds."""
    chance, regions = random.Random(seed), []
    for number in chance.sample(range(4000), 24):
        first, end = sorted(chance.sample(range(513), 2))
        one = documents.region(number)
        regions.append(one | {"addr": hex(int(one["addr"], 16) + 0x1000 * first), "size": hex(0x1000 * (end - first))})
    return regions


def prepare(client, line, large=True):
    """Two builds of which the second lies over the first; the first is live, and has hardly a table of the second."""
    builds = []
    for seed, base in (7, "0xe400000"), (8, "0xe402000"):
        document = documents.platform(va_bits=36, pa_bits=36)
        if large:
            document["registrations"] += scattered(seed)
        builds.append(client.call("build.create", platform=document, pool={"base": base, "size": "2M"})["id"])
    client.call("board.put", name="desk", line=line)
    assert push(client, builds[0])["state"] == "done"
    return builds


def push(client, build, **params):
    job = client.call("push.start", build=build, board="desk", **params)["job"]
    return client.call("job.watch", job=job)


def live(client, line):
    """What the board says itself, asked on a line of its own."""
    client.call("board.put", name="desk", line=line)
    return client.call("board.probe", name="desk")["build"]


@pytest.mark.parametrize("step", OPCODES)
def test_what_a_killed_mmpd_has_begun_the_next_one_can_push_again(tmp_path, step):
    with boards.Board(tmp_path, "--frame", "320") as board, Watched(tmp_path, board, OPCODES[step]) as watched:
        with mmp.Daemon(tmp_path) as daemon, daemon.client() as client:
            build = prepare(client, board.line)[1]
        daemon.start()  # so that its first session, too, is that of the push
        with daemon.client() as client:
            client.call("board.put", name="desk", line=watched.line)
            job = client.call("push.start", build=build, board="desk")["job"]
            assert watched.reached.wait(mmp.DEADLINE)
        daemon.kill()
        daemon.start()
        with daemon, daemon.client() as client:
            client.call("board.put", name="desk", line=board.line)
            assert client.call("job.get", job=job)["state"] == "interrupted"
            done = push(client, build, force=True)
            assert done["state"] == "done" and not done["report"]["skipped"]
            assert live(client, board.line) == build


@contextlib.contextmanager
def silent_at(folder, step, patience_ms, **more):
    """A client, a board that falls silent at that step and the two builds of prepare(), the first of which is live."""
    folder = folder / f"{patience_ms}"
    folder.mkdir()
    with boards.Board(folder, "--frame", "320") as board, Watched(folder, board, OPCODES[step]) as watched, \
            mmp.Daemon(folder) as daemon, daemon.client() as client:
        builds = prepare(client, board.line, **more)
        client.call("board.put", name="desk", line=watched.line, patience_ms=patience_ms)
        client.board, client.watched = board, watched
        yield client, *builds


def push_in_vain(client, build, cancel=False):
    """How a push ends whose board has fallen silent where it should; it may be cancelled there."""
    job = client.call("push.start", build=build, board="desk")["job"]
    if cancel:
        try:
            while not client.watched.reached.is_set() and client.call("job.get", job=job)["state"] == "running":
                pass
            client.call("job.cancel", job=job)
        except mmp.Failure as failure:
            assert failure.kind == "conflict"  # it has ended
            raise boards.TooSlow from failure
    done = client.call("job.watch", job=job)
    if not client.watched.reached.is_set():
        raise boards.TooSlow(done)
    return done


@pytest.mark.parametrize("step", OPCODES)
def test_a_board_that_falls_silent_at_any_step_keeps_whole_tables(tmp_path, step):
    def attempt(patience_ms):
        with silent_at(tmp_path, step, patience_ms) as (client, old, new):
            done = push_in_vain(client, new)
            assert done["state"] == "failed" and done["error"]["data"]["kind"] == "link"
            assert f"{step} " in done["error"]["message"] and " ms" in done["error"]["message"]
            row = client.call("board.get", name="desk")
            now = live(client, client.board.line)
            assert now == (new if step in ("activate", "translate") else old)
            if step == "hello":  # a line never heard from: what the old one held is no longer known
                assert row["build"] is None and row["maybe"] is None
            else:
                assert now in (row["build"], row["maybe"])
            proof = push(client, now)
            assert proof["report"]["skipped"] and proof["state"] == "done"
    boards.impatiently(attempt)


@pytest.mark.parametrize("cancel", [True, False])
def test_a_build_that_went_in_one_message_may_be_live_when_its_answer_is_lost(tmp_path, cancel):
    def attempt(patience_ms):
        with silent_at(tmp_path, "begin", patience_ms, large=False) as (client, _, new):
            done = push_in_vain(client, new, cancel)
            assert done["state"] == ("cancelled" if cancel else "failed")
            assert client.call("board.get", name="desk")["maybe"] == new
            assert live(client, client.board.line) == new
    boards.impatiently(attempt)


@pytest.mark.parametrize("step", ["begin", "finish", "activate", "translate"])
def test_a_cancelled_push_to_a_board_gone_silent_ends_and_says_how_far_it_came(tmp_path, step):
    def attempt(patience_ms):
        with silent_at(tmp_path, step, patience_ms) as (client, old, new):
            assert push_in_vain(client, new, cancel=True)["state"] == "cancelled"
            row = client.call("board.get", name="desk")
            now = live(client, client.board.line)
            assert now == (new if step in ("activate", "translate") else old)
            assert now in (row["build"], row["maybe"])
    boards.impatiently(attempt)


@pytest.mark.parametrize("pty", [True, False])
def test_a_board_that_dies_in_mid_push_fails_it_and_its_successor_is_pushed_to(daemon, tmp_path, pty):
    with daemon.client() as client:
        with boards.simulated(tmp_path, "--frame", "320", pty=pty) as board:
            build = prepare(client, board.line)[1]
            board.process.send_signal(signal.SIGSTOP)
            job = client.call("push.start", build=build, board="desk")["job"]
            board.process.kill()
            done = client.call("job.watch", job=job)
        assert done["state"] == "failed" and done["error"]["data"]["kind"] == "link"
        assert "line" in done["error"]["message"]
        with boards.simulated(tmp_path, "--frame", "320", pty=pty) as board:
            assert client.call("board.probe", name="desk")["build"] is None
            assert push(client, build)["state"] == "done"


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_board_behind_a_tcp_port_is_a_board(daemon, tmp_path, family):
    with boards.Board(tmp_path, "--frame", "320") as board, Watched(tmp_path, board, 0, family) as watched, daemon.client() as client:
        old, new = prepare(client, watched.line)
        assert live(client, watched.line) == old
        assert push(client, new)["state"] == "done"


def exclusive(fd):
    fcntl.ioctl(fd, termios.TIOCEXCL)


def locked(fd):
    fcntl.flock(fd, fcntl.LOCK_EX)


@pytest.mark.parametrize("take, word", [(exclusive, "in use"), (locked, f"process {os.getpid()})")])
def test_a_terminal_that_somebody_holds_is_busy_and_free_again_later(daemon, tmp_path, take, word):
    with boards.simulated(tmp_path, "--frame", "320") as board, daemon.client() as client:
        build = prepare(client, board.line)[1]
        fd = os.open(board.line.removeprefix("serial:"), os.O_RDWR | os.O_NOCTTY)
        take(fd)
        for method, params in (("push.start", {"build": build, "board": "desk"}), ("board.probe", {"name": "desk"})):
            with pytest.raises(mmp.Failure) as failure:
                client.call(method, **params)
            assert failure.value.kind == "busy" and word in str(failure.value)
        fcntl.ioctl(fd, termios.TIOCNXCL)
        os.close(fd)
        assert push(client, build)["state"] == "done"
