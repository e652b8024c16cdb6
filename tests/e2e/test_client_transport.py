"""mmpctl against daemons that misbehave: each is a socket that a test plays by hand."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

import pytest

import mmp


class Play:
    """A listener that serves one connection with a function of (connection, first line)."""

    def __init__(self, path, act):
        self.path = str(path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.settimeout(mmp.DEADLINE)
        self.listener.bind(self.path)
        self.listener.listen(1)
        self.thread = threading.Thread(target=self._serve, args=(act,))

    def _serve(self, act):
        connection, _ = self.listener.accept()
        connection.settimeout(mmp.DEADLINE)
        with connection:
            act(connection, connection.makefile("rb"))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join(mmp.DEADLINE)
        self.listener.close()


def ask(tmp_path, act, *words):
    with Play(tmp_path / "play.sock", act) as play:
        return mmp.mmpctl(*words, socket=play.path)


def say(connection, **message):
    connection.sendall(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


def test_no_daemon_is_said_with_the_socket_and_a_hint(tmp_path):
    done = mmp.mmpctl("service", "info", socket=tmp_path / "none.sock")
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"cannot reach mmpd at {tmp_path}/none.sock: No such file" in done.stderr
    assert "MMPD_SOCKET" in done.stderr


def test_no_daemon_with_json_is_one_error_value_on_stdout(tmp_path):
    done = mmp.mmpctl("--json", "service", "info", socket=tmp_path / "none.sock")
    assert done.returncode == 1
    assert done.stderr == ""
    assert json.loads(done.stdout)["error"]["data"]["kind"] == "system"


def test_a_socket_that_one_may_not_use_is_denied():
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, socket.socket(socket.AF_UNIX) as listener:
        os.chmod(folder, 0o755)
        client, path = shutil.copy(mmp.BUILD / "mmpctl", folder), folder + "/closed.sock"
        listener.bind(path)
        listener.listen(1)
        os.chmod(path, 0)
        done = subprocess.run([*(nobody if os.getuid() == 0 else []), client, "--socket", path,
                               "service", "info"], env=mmp.environment(), capture_output=True,
                              text=True, timeout=mmp.DEADLINE)
    assert done.returncode == 6, done.stderr
    assert "Permission denied" in done.stderr and "group mmp" in done.stderr


def test_a_daemon_that_closes_without_an_answer(tmp_path):
    done = ask(tmp_path, lambda connection, lines: lines.readline(), "service", "info")
    assert done.returncode == 1
    assert "closed the connection before it answered" in done.stderr


@pytest.mark.parametrize("line, words", [
    (b"hello\n", "JSON"),
    (b'{"jsonrpc":"2.0","id":1}\n', "not a JSON-RPC 2.0 answer"),
    (b'{"jsonrpc":"2.0","id":1,"error":7}\n', "not a JSON-RPC 2.0 answer"),
])
def test_nonsense_from_the_daemon_is_an_error_and_no_crash(tmp_path, line, words):
    def act(connection, lines):
        lines.readline()
        connection.sendall(line)

    done = ask(tmp_path, act, "service", "info")
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert words.lower() in done.stderr.lower()


def test_a_silent_daemon_costs_no_more_than_the_timeout(tmp_path):
    ended = threading.Event()

    def act(connection, lines):
        lines.readline()
        ended.wait(mmp.DEADLINE)

    with Play(tmp_path / "play.sock", act) as play:
        done = mmp.mmpctl("--timeout", "1", "service", "info", socket=play.path)
        ended.set()
    assert done.returncode == 1
    assert "no answer from mmpd" in done.stderr and "--timeout" in done.stderr


def test_answers_to_others_and_notifications_are_passed_over(tmp_path):
    def act(connection, lines):
        request = json.loads(lines.readline())
        say(connection, id=request["id"] + 7, result={"version": "wrong"})
        say(connection, method="job.progress", params={})
        say(connection, id=request["id"], result={"version": "1.2.3"})

    done = ask(tmp_path, act, "service", "info", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"version": "1.2.3"})


def test_a_refused_line_is_read_although_it_could_not_be_sent_whole(tmp_path):
    document = tmp_path / "big.json"
    document.write_text(json.dumps({"name": "x" * 4_000_000}))

    def act(connection, lines):
        error = {"code": -32003, "message": "too long", "data": {"kind": "too-large"}}
        say(connection, id=None, error=error)

    done = ask(tmp_path, act, "platform", "put", document)
    assert done.returncode == 1
    assert "too long" in done.stderr or "before it answered" in done.stderr


@pytest.mark.parametrize("kind, code, status", [
    ("parse", -32700, 2), ("bad-request", -32600, 2), ("no-method", -32601, 2),
    ("invalid", -32602, 2), ("system", -32603, 1), ("not-found", -32001, 3),
    ("conflict", -32002, 1), ("too-large", -32003, 1), ("firmware-stop", -32010, 4),
    ("denied", -32020, 6), ("busy", -32021, 6), ("link", -32030, 5), ("board", -32031, 5),
    (None, -32010, 4), ("of-tomorrow", -39999, 1),
])
def test_each_kind_of_error_has_its_exit_status(tmp_path, kind, code, status):
    error = {"code": code, "message": "words of the daemon"}
    if kind:
        error["data"] = {"kind": kind}

    def act(connection, lines):
        say(connection, id=json.loads(lines.readline())["id"], error=error)

    done = ask(tmp_path, act, "platform", "list")
    assert done.returncode == status
    assert "mmpctl: words of the daemon\n" == done.stderr


def test_with_json_an_error_comes_whole_and_alone_on_stdout(tmp_path):
    error = {"code": -32010, "message": "stop", "data": {"kind": "firmware-stop", "findings": []}}

    def act(connection, lines):
        say(connection, id=json.loads(lines.readline())["id"], error=error)

    done = ask(tmp_path, act, "--json", "layout", "compute", "x")
    assert (done.returncode, done.stderr) == (4, "")
    assert json.loads(done.stdout) == {"error": error}


def test_what_the_daemon_says_cannot_drive_the_terminal(tmp_path):
    def act(connection, lines):
        say(connection, id=json.loads(lines.readline())["id"],
            result={"platforms": [{"name": "evil\x1b[2J\x07\x9b31m", "revision": 1}]})

    done = ask(tmp_path, act, "platform", "list")
    assert "evil\\x1b[2J\\x07\\x9b31m" in done.stdout
    assert "\x1b" not in done.stdout and "\x9b" not in done.stdout


def test_a_closed_pipe_is_status_1_without_a_word():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([mmp.BUILD / "mmpctl", "config", "keys"], stdout=writer, text=True,
                          stderr=subprocess.PIPE, timeout=mmp.DEADLINE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_full_disk_is_status_1_and_said():
    with open("/dev/full", "w") as full:
        done = subprocess.run([mmp.BUILD / "mmpctl", "config", "keys"], stdout=full, text=True,
                              stderr=subprocess.PIPE, timeout=mmp.DEADLINE)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr


class Push:
    """A daemon that takes a push and then does what the test says."""

    def __init__(self):
        self.watched = threading.Event()
        self.methods = []

    def __call__(self, connection, lines):
        for line in lines:
            request = json.loads(line)
            self.methods.append(request["method"])
            job = {"job": 7, "state": "running", "progress": {"step": "sending", "done": 1, "total": 2}}
            if request["method"] == "push.start":
                say(connection, id=request["id"], result=job)
            elif request["method"] == "job.watch":
                watch = request["id"]
                say(connection, method="job.progress", params=job)
                self.watched.set()
            elif request["method"] == "job.cancel":
                say(connection, id=request["id"], result=job)
                say(connection, id=watch, result={**job, "state": "cancelled"})


def test_ctrl_c_cancels_the_push_and_is_no_success(tmp_path):
    push = Push()
    with Play(tmp_path / "play.sock", push) as play:
        client = subprocess.Popen([mmp.BUILD / "mmpctl", "push", "b0b0b0b0", "x"], text=True,
                                  env=mmp.environment(MMPD_SOCKET=play.path),
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert push.watched.wait(mmp.DEADLINE)
        client.send_signal(signal.SIGINT)
        out, words = client.communicate(timeout=mmp.DEADLINE)
    assert push.methods == ["push.start", "job.watch", "job.cancel"]
    assert client.returncode == 1
    assert "cancelled" in words


def test_no_wait_prints_the_job_and_leaves(tmp_path):
    push = Push()
    with Play(tmp_path / "play.sock", push) as play:
        done = mmp.mmpctl("push", "b0b0b0b0", "x", "--no-wait", "--json", socket=play.path)
    assert push.methods == ["push.start"]
    assert (done.returncode, json.loads(done.stdout)["job"]) == (0, 7)


def test_no_bar_is_drawn_where_stderr_is_no_terminal(tmp_path):
    def act(connection, lines):
        for line in lines:
            request = json.loads(line)
            if request["method"] == "job.watch":
                for done in range(3):
                    say(connection, method="job.progress",
                        params={"job": 7, "state": "running", "progress": {"done": done, "total": 3}})
            say(connection, id=request["id"], result={"job": 7, "state": "done"})

    done = ask(tmp_path, act, "push", "b0b0b0b0", "x")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_bar_is_drawn_on_a_terminal_and_the_answer_is_alone_on_stdout(tmp_path):
    def act(connection, lines):
        for line in lines:
            request = json.loads(line)
            if request["method"] == "job.watch":
                say(connection, method="job.progress", params={
                    "job": 7, "state": "running", "progress": {"step": "send\x1bing", "done": 1, "total": 2}})
            say(connection, id=request["id"], result={"job": 7, "state": "done"})

    ours, terminal = os.openpty()
    with Play(tmp_path / "play.sock", act) as play:
        done = subprocess.run([mmp.BUILD / "mmpctl", "--json", "push", "b0b0b0b0", "x"], stdout=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, stderr=terminal, timeout=mmp.DEADLINE,
                              env=mmp.environment(MMPD_SOCKET=play.path))
    os.close(terminal)
    drawn = b""
    with contextlib.suppress(OSError):  # of a terminal that nobody has open any more, when all was read
        while data := os.read(ours, 65536):
            drawn += data
    drawn = drawn.decode()
    os.close(ours)
    assert "50 %" in drawn and "#" * 15 + " " in drawn and "send\\x1bing" in drawn
    assert drawn.endswith("\r\x1b[K"), "the bar is wiped off again"
    assert (done.returncode, json.loads(done.stdout)) == (0, {"job": 7, "state": "done"})


def test_a_job_that_failed_gives_its_own_error_and_status(tmp_path):
    error = {"code": -32031, "message": "the board refused: over the loader", "data": {"kind": "board"}}

    def act(connection, lines):
        for line in lines:
            say(connection, id=json.loads(line)["id"], result={"job": 7, "state": "failed", "error": error})

    done = ask(tmp_path, act, "job", "watch", 7)
    assert done.returncode == 5
    assert "the board refused: over the loader" in done.stderr
    (tmp_path / "play.sock").unlink()
    told = json.loads(ask(tmp_path, act, "--json", "job", "watch", 7).stdout)["error"]
    assert told["data"]["kind"] == "board"
    assert told["data"]["job"] == {"job": 7, "state": "failed", "error": error}
