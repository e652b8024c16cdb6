"""The demo as ./bootstrap demo runs it, and what becomes of it when something is wrong."""

import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest

import boards
import mmp

needs_qemu = pytest.mark.skipif(not boards.QEMU or not boards.LOADER.exists(),
                                reason="needs qemu-system-aarch64 and build/loader/loader.bin")


def start(folder, build=mmp.BUILD, board=None, pipesize=-1, **environment):
    return subprocess.Popen([mmp.TOP / "tests/demo/demo", build, *([board] if board else [])], text=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pipesize=pipesize,
                            env=mmp.environment(TMPDIR=folder, **environment), start_new_session=True)


def alive(session):
    """The processes of a session that have not ended."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            words = (path.parent / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and words:  # who has ended, or is about to, has none
            found.append(words)
    return found


def nothing_is_left(demo, folder):
    assert alive(demo.pid) == []
    assert list(folder.iterdir()) == []


@needs_qemu
@pytest.mark.parametrize("board", [None, "zcu102"])
def test_it_proves_every_address_and_leaves_nothing(tmp_path, board):
    demo = start(tmp_path, board=board)
    said, _ = demo.communicate(timeout=2 * mmp.DEADLINE)
    assert demo.returncode == 0, said
    assert re.fullmatch(r"Done: the board's MMU agrees on all [1-9]\d\d addresses\.", said.splitlines()[-1])
    assert "error boot-memory-exhausted (stops" in said  # why the first one would not boot
    assert re.search("^EL1  execute .* proved", said, re.MULTILINE)  # by running an instruction
    assert said.count("the same way") == 2  # the recording of the push
    assert 'another board answers on this line: its id is "another"' in said and "(exit status 5)" in said
    nothing_is_left(demo, tmp_path)


def read_until(demo, word):
    for line in demo.stdout:
        if word in line:
            return
    raise AssertionError(f"the demo has not said {word}")


@needs_qemu
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("word", ["$ mmpd", "$ mmpctl board probe", "$ mmpctl push"])
def test_ctrl_c_at_any_point_leaves_nothing(tmp_path, word, number):
    demo = start(tmp_path)
    read_until(demo, word)
    os.killpg(demo.pid, number)
    rest = demo.stdout.read()
    assert (demo.wait(mmp.DEADLINE) == 0) == ("Done: " in rest)  # unless we were too late
    nothing_is_left(demo, tmp_path)


@needs_qemu
def test_a_reader_that_goes_leaves_nothing(tmp_path):
    """What it says behind the word does not fit into the pipe, so that it cannot have ended before."""
    demo, said = start(tmp_path, pipesize=4096), b""
    while not said.endswith(b"$ mmpd"):
        piece = os.read(demo.stdout.fileno(), 1)
        assert piece, said
        said += piece
    demo.stdout.close()
    assert demo.wait(mmp.DEADLINE) != 0
    nothing_is_left(demo, tmp_path)


def test_a_board_that_the_demo_does_not_know_is_refused_in_words(tmp_path):
    demo = start(tmp_path, board="toaster")
    said, _ = demo.communicate(timeout=mmp.DEADLINE)
    assert demo.returncode == 2 and 'no such board: "toaster"; there are virt and zcu102' in said
    nothing_is_left(demo, tmp_path)


def test_without_qemu_it_fails_and_says_what_is_missing(tmp_path):
    tools, folder = tmp_path / "tools", tmp_path / "folder"
    tools.mkdir(), folder.mkdir()
    for directory in os.environ["PATH"].split(":"):
        for tool in pathlib.Path(directory).glob("*"):
            if not tool.name.startswith("qemu-system") and not os.path.lexists(tools / tool.name):
                (tools / tool.name).symlink_to(tool)
    demo = start(folder, PATH=tools)
    said, _ = demo.communicate(timeout=2 * mmp.DEADLINE)
    assert demo.returncode != 0
    assert "The demo FAILED" in said and "qemu-system-aarch64" in said.splitlines()[-1]
    nothing_is_left(demo, folder)


def test_a_board_that_does_not_start_is_a_failure_with_its_words(tmp_path):
    build, folder = tmp_path / "build", tmp_path / "folder"
    build.mkdir(), folder.mkdir()
    for name in ("mmpd", "mmpctl"):
        shutil.copy(mmp.BUILD / name, build)
    demo = start(folder, build)  # no loader in there
    said, _ = demo.communicate(timeout=2 * mmp.DEADLINE)
    assert demo.returncode != 0
    assert "The demo FAILED" in said and "loader.bin" in said
    nothing_is_left(demo, folder)
