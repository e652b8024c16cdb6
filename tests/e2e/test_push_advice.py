"""What a person is told about a line on which something else came than answers: in the text of mmpctl push, and in the job."""

import json
import random

import pytest

import boards
import documents
import middle
import mmp
import protocol



def make_build(daemon):
    return daemon.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"]


def push_in_vain(daemon, line, words):
    """What mmpctl says of a push to a board on that line, which should have these words, and the job as --json has it."""
    build = make_build(daemon)

    def push(patience_ms):
        daemon.call("board.put", name="desk", line=line, patience_ms=patience_ms)
        done = daemon.mmpctl("push", build, "desk")
        if words not in done.stderr:
            raise boards.TooSlow(done.stderr)
        return done
    done = boards.impatiently(push)
    assert done.returncode == 5 and done.stdout == "", done.stderr
    last = daemon.call("job.list")["jobs"][0]["job"]
    return done, json.loads(daemon.mmpctl("--json", "job", "get", last).stdout)


def says(text, connection):
    connection.recv(4096)
    connection.sendall(text)
    while connection.recv(4096):
        pass


def echoes(connection):
    while data := connection.recv(4096):
        connection.sendall(data)


@pytest.mark.parametrize("text, words", [
    (b"\r\nUnknown command 'mmp1' - try 'help'\r\nU-Boot> ",
     "looks like U-Boot's console: `Unknown command 'mmp1' - try 'help' U-Boot> `"),
    (b"\r\n\r\nDebian GNU/Linux 12 desk ttyS0\r\n\r\ndesk login: ", "a login prompt: `Debian GNU/Linux 12 desk ttyS0 desk login: `"),
    (b"\r\nPassword: ", "a password prompt: `Password: `"),
    (b"\r\nNOTICE:  BL31: v2.10\r\n", "looks like TF-A booting: `NOTICE:  BL31: v2.10 `"),
    (b"\xc0\r\nmmp loader: a request took too long, starting again: elr 0x10\r\n\xc0",
     "the loader itself says: `"),
    (b"\r\nhello, world\r\n", "text came instead: `hello, world `"),
    (bytes(range(0x80, 0xb0)), "bytes that are not a frame: 80 81 82"),
], ids=["U-Boot", "login", "password", "TF-A", "loader", "text", "bytes"])
def test_what_came_that_was_no_frame_is_quoted(daemon, tmp_path, text, words):
    with boards.Fake(tmp_path, lambda connection: says(text, connection)) as board:
        _, job = push_in_vain(daemon, board.line, words)
        assert words in job["error"]["message"] and job["error"]["data"]["kind"] == "link"
        assert job["state"] == "failed" and not job["report"]["activated"]
        assert words in daemon.mmpctl("job", "get", job["job"]).stdout


def test_our_own_echo_is_told_from_a_board(daemon, tmp_path):
    with boards.Fake(tmp_path, echoes) as board:
        words = "our own frames come back: the line has a loop or an echo, and no board answers"
        _, job = push_in_vain(daemon, board.line, words)
        assert words in job["error"]["message"]


def no_longer_than(most):
    """A line that loses frames of more bytes."""
    return lambda message: message if len(message.body()) <= most else None


def test_a_line_that_loses_long_frames_gets_shorter_ones_and_the_report_advises_a_lower_speed(daemon, tmp_path):
    words = "long frames are lost on this line and shorter ones were sent: a lower speed"
    with boards.Board(tmp_path) as board, middle.Middle(tmp_path / "middle.sock", board.line) as between:
        build = make_build(daemon)
        daemon.call("board.put", name="desk", line=between.line)
        done = daemon.mmpctl("push", build, "desk")
        assert done.returncode == 0 and "advice" not in done.stdout, "nothing is wrong with this line"
        assert daemon.call("job.get", job=1)["report"]["advice"] is None
        between.request = between.answer = no_longer_than(600)
        done = daemon.mmpctl("push", build, "desk", "--force")
        assert done.returncode == 0, done.stderr
        assert f"advice             {words}" in done.stdout
        report = daemon.call("job.get", job=2)["report"]
        assert report["advice"].startswith(words) and report["frames"]["resent"] > 0
        # What was learned of the line lasts. A busy machine may be late once, not five times.
        later = []
        while not later or later[-1] >= report["frames"]["resent"] and len(later) < 5:
            assert daemon.mmpctl("push", build, "desk", "--force").returncode == 0
            later.append(daemon.call("job.get", job=3 + len(later))["report"]["frames"]["resent"])
        assert later[-1] < report["frames"]["resent"], later


def test_digests_of_staged_tables_are_not_asked_for_on_a_line_that_loses_long_frames(daemon, tmp_path):
    document = documents.platform(va_bits=36, pa_bits=36)
    document["registrations"] += [documents.region(number) for number in random.Random(7).sample(range(4000), 140)]
    with boards.Board(tmp_path) as board, middle.Middle(tmp_path / "middle.sock", board.line) as between:
        build = daemon.call("build.create", platform=document, pool={"base": "0xe400000", "size": "2M"})["id"]
        daemon.call("board.put", name="desk", line=between.line)
        assert daemon.mmpctl("push", build, "desk").returncode == 0
        between.answer = lambda message: no_longer_than(500)(message) if message.name == "hello" else message

        def push(patience_ms):
            daemon.call("board.put", name="desk", line=between.line, patience_ms=patience_ms)
            between.requests.clear()
            if (done := daemon.mmpctl("push", build, "desk", "--force")).returncode:
                raise boards.TooSlow(done.stderr)
        boards.impatiently(push)
        hellos = [protocol.read_hello(message.payload)["compares"] for message in between.requests if message.name == "hello"]
        assert hellos == sorted(hellos, reverse=True) and hellos.count(True) >= 3 and False in hellos, hellos


def test_a_push_that_fails_over_such_a_line_advises_the_same(daemon, tmp_path):
    with boards.Board(tmp_path) as board, middle.Middle(tmp_path / "middle.sock", board.line) as between:
        between.request = lambda message: message if message.name == "hello" else None
        done, _ = push_in_vain(daemon, between.line, "no answer to begin")
        assert "board; long frames are lost on this line" in done.stderr
