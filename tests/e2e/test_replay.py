"""push --record and replay, and what is kept in tests/recordings: both sides go the same way, and decoder.py agrees.

With MMP_RECORD=1 the recordings are made anew, as a new version of the protocol asks for.
"""

import functools
import os
import re
import socket

import pytest

import boards
import decoder
import documents
import mmp
import noise
import protocol

FOLDER = mmp.TOP / "tests" / "recordings"
PATIENCE_MS = 1500


class Desk:
    """A board on a bad line, and the recording of a push to it."""

    def __init__(self, daemon, folder):
        self.daemon, self.folder = daemon, folder

    def prepare(self, line, patience_ms=boards.PATIENT_MS):
        with self.daemon.client() as client:
            client.call("platform.put", document=documents.platform())
            self.build = client.call("build.create", platform="virt", pool=documents.POOL)["id"]
            client.call("board.put", name="desk", line=line, patience_ms=patience_ms)

    def push(self, path, *words):
        return self.daemon.mmpctl("push", self.build, "desk", "--record", path, *words)


def on_fake(act, desk, path):
    with boards.Fake(desk.folder, act) as fake:
        desk.prepare(fake.line, PATIENCE_MS)
        assert desk.push(path).returncode


def says(text, connection):
    while connection.recv(4096):
        connection.sendall(text)


def echoes(connection):
    while data := connection.recv(4096):
        connection.sendall(data)


def hangs_up(connection):
    connection.recv(4096)
    connection.shutdown(socket.SHUT_RDWR)


def on_simulated(desk, path):
    with boards.simulated(desk.folder, pty=False) as board:
        desk.prepare(board.line)
        assert desk.push(path).returncode == 0


def on_another_board(desk, path):
    with boards.simulated(desk.folder, pty=False) as board:
        desk.prepare(board.line)
        desk.daemon.call("board.probe", name="desk")
    with boards.simulated(desk.folder, "--board-id", "other", pty=False):
        assert "another board" in desk.push(path).stderr


def in_too_little_staging(desk, path):
    with boards.simulated(desk.folder, "--staging", "0x2000", pty=False) as board:
        desk.prepare(board.line)
        assert "staging" in desk.push(path).stderr


def over_noise(bad, seed, desk, path):
    with boards.simulated(desk.folder) as board, noise.Lines() as lines:
        line = lines.add(desk.folder / "line.sock", board.line.partition(":")[2])
        line.become(bad, seed)
        desk.prepare(f"unix:{line.path}", PATIENCE_MS)
        desk.push(path)


HOW = {
    "whole": on_simulated,
    "silent": functools.partial(on_fake, boards.silent),
    "console": functools.partial(on_fake, functools.partial(says, b"\r\nU-Boot> ")),
    "login": functools.partial(on_fake, functools.partial(says, b"\r\ndebian login: ")),
    "echo": functools.partial(on_fake, echoes),
    "hang_up": functools.partial(on_fake, hangs_up),
    "another_board": on_another_board,
    "little_staging": in_too_little_staging,
    "flips": functools.partial(over_noise, noise.Noise(flip=40), 7),
    "drops": functools.partial(over_noise, noise.Noise(drop=40, twice=20), 8),
    "frames_twice": functools.partial(over_noise, noise.Noise(again=4000, delay=20), 9),
    "hopeless": functools.partial(over_noise, noise.Noise(flip=400, drop=200, gap=3000), 10),
}


@pytest.mark.parametrize("name", HOW)
def test_recordings_that_are_kept_go_the_same_way(name, request, tmp_path):
    path = FOLDER / f"{name}.txt"
    if os.environ.get("MMP_RECORD"):
        HOW[name](Desk(request.getfixturevalue("daemon"), tmp_path), path)
    said = mmp.mmpctl("--json", "replay", path)
    assert said.returncode == 0, said.stdout + said.stderr
    decoded, end = decoder.read(path.read_text())
    assert end and not decoded.host.stray  # what the host says is always whole
    assert decoded.verified or not end.startswith("done")


@pytest.mark.parametrize("name", ["whole", "flips", "hang_up"])
def test_a_push_is_recorded_and_goes_the_same_way_again(daemon, tmp_path, name):
    path = tmp_path / "recording"
    HOW[name](Desk(daemon, tmp_path), path)
    said = mmp.mmpctl("replay", path)
    assert said.returncode == 0 and said.stdout.count("the same way") >= 1, said.stdout
    decoder.read(path.read_text())
    with daemon.client() as client:
        assert "recording" in client.call("job.get", job=1)["report"]


def test_the_page_gives_the_entries_of_a_full_dictionary_the_numbers_that_mmp_gives_them():
    """test_runs.c checks that mmp writes and reads the same lines: the bytes of a word, runs, words."""
    for line in (mmp.TOP / "tests" / "golden" / "runs.txt").read_text().splitlines():
        width, runs, words = line.split()
        reader = protocol.Reader(bytes.fromhex(runs))
        got = b"".join(word.to_bytes(int(width), "little") for word in decoder.Runs(int(width)).read(reader))
        assert got.hex() == words


def test_what_begins_with_an_escape_is_a_frame_of_numbers():
    body = bytes.fromhex("db01")
    assert protocol.encode(body).hex() == "c0db00f0f2ec1f4df1c0"  # the page's example
    assert protocol.Decoder().feed(protocol.encode(body)) == [body]


def change(path, kind, how):
    """The recording with the first line of a kind made another."""
    lines = path.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.split(" ", 2)[1:2] == [kind])
    lines[at] = how(lines[at])
    return "\n".join(lines) + "\n"


def flip_last_answer(line):
    """One bit of the answer to translate, with the CRC that then is right."""
    ms, kind, data = line.split(" ")
    frames = protocol.Decoder()
    body = bytearray(frames.feed(bytes.fromhex(data))[0])
    body[-1] ^= 1
    return f"{ms} {kind} {protocol.encode(body).hex()}"


def test_a_host_that_sends_something_else_is_told(tmp_path):
    other = tmp_path / "other.txt"
    other.write_text(change(FOLDER / "whole.txt", ">", lambda line: line[:-6] + "00" + line[-4:]))
    said = mmp.mmpctl("--json", "replay", other)
    assert said.returncode == 1
    assert '"another way"' in said.stdout and "the host now sends" in said.stdout


def test_a_board_that_answers_something_else_is_told(tmp_path):
    lines = (FOLDER / "whole.txt").read_text().splitlines()
    at = max(i for i, line in enumerate(lines) if " < " in line)
    lines[at] = flip_last_answer(lines[at])
    other = tmp_path / "other.txt"
    other.write_text("\n".join(lines) + "\n")
    said = mmp.mmpctl("--json", "replay", other)
    assert said.returncode == 1 and "differs from byte" in said.stdout


@pytest.mark.parametrize("text, words", [
    ("", "the recording is empty"),
    ("hello\n", "line 1 is not one of a recording"),
    ("mmp-recording-1\nprotocol 3\n", "line 2: .protocol 3.: this is version 4"),
    ("mmp-recording-1\nfull\n", "was cut at its limit"),
    ("mmp-recording-1\n0 > c0c\n", "line 2 is not one of a recording"),
    ("mmp-recording-1\n5 > c0\n4 > c0\n", "line 3 is not one of a recording"),
    ("mmp-recording-1\nbytes 0x0 00\n", "line 2 is not one of a recording"),
    ("mmp-recording-1\npool 0x0 4096 0\nbytes 0xfff 0000\n", "line 3 is not one of a recording"),
])
def test_what_is_no_recording_is_refused_in_words(tmp_path, text, words):
    path = tmp_path / "text"
    path.write_text(text)
    said = mmp.mmpctl("replay", path)
    assert said.returncode == 2
    assert re.search(words, said.stderr), said.stderr
