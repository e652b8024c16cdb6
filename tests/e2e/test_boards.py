"""The loader on QEMU's own MMU, and the simulated board that stands in for it."""

import os
import subprocess

import pytest

import boards
import documents
import mmp

needs_qemu = pytest.mark.skipif(not boards.QEMU or not boards.LOADER.exists(),
                                reason="needs qemu-system-aarch64 and build/loader/loader.bin")


def walks(line):
    """Push tables of every kind; (case, address, access) -> PAR_EL1."""
    run = subprocess.run([mmp.BUILD / "tests" / "board_walks", line], env=mmp.environment(),
                         capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    answers = {}
    for row in run.stdout.splitlines():
        case, rest = row.split(": ")
        va, *access, par = rest.split()
        answers.setdefault((case, va, *access), int(par, 16))
    return answers


def comparable(par):
    """Without what QEMU 7.2 leaves as the descriptor has it: the shareability of uncached memory."""
    memory = par >> 56
    uncached = memory >> 4 == 0 or memory == 0x44
    return par if par & 1 or not uncached else par & ~0x180


@pytest.fixture(scope="module")
def qemu_walks(tmp_path_factory):
    with boards.qemu(tmp_path_factory.mktemp("qemu")) as board:
        return walks(board.line)


@needs_qemu
def test_the_simulated_mmu_answers_as_that_of_qemu(tmp_path, qemu_walks):
    with boards.simulated(tmp_path) as board:
        ours = walks(board.line)
    assert ours.keys() == qemu_walks.keys() and len(ours) > 8000
    differing = {key: (hex(ours[key]), hex(qemu_walks[key])) for key in ours
                 if comparable(ours[key]) != comparable(qemu_walks[key])}
    assert not differing


@needs_qemu
def test_the_walks_meet_every_fault_and_good_memory(qemu_walks):
    pars = qemu_walks.values()
    faults = {par >> 1 & 0x3f for par in pars if par & 1}
    for kind, levels in {"address size": range(0x01, 0x04), "translation": range(0x04, 0x08),
                         "access flag": range(0x09, 0x0c), "permission": range(0x0d, 0x10)}.items():
        assert set(levels) <= faults, kind
    assert sum(not par & 1 for par in pars) > 1000


BOARDS = [boards.simulated, pytest.param(boards.qemu, marks=needs_qemu)]


@pytest.mark.parametrize("make_board", BOARDS)
def test_a_bit_flipped_on_purpose_is_noticed_by_the_proof(tmp_path, make_board):
    with make_board(tmp_path) as board:
        run = subprocess.run(
            [mmp.BUILD / "tests" / "board_proof", board.line, mmp.TOP / "platforms" / "qemu-armv8a.json"],
            env=mmp.environment(), capture_output=True, text=True, timeout=120)
    rows = run.stdout.splitlines()
    assert run.returncode == 0 and len(rows) == 40, run.stdout + run.stderr
    assert not [row for row in rows if row.endswith(": 0 differences")]


@pytest.mark.parametrize("make_board", BOARDS)
def test_the_tables_of_qemu_take_less_than_a_kibibyte_on_the_line(daemon, tmp_path, make_board):
    with make_board(tmp_path) as board, daemon.client() as client:
        build = client.call("build.create", platform=documents.platform(), pool=documents.POOL)
        client.call("board.put", name="desk", line=board.line)
        done = client.call("job.watch", job=client.call("push.start", build=build["id"], board="desk")["job"])
        client.call("board.remove", name="desk")
    assert build["manifest"]["length"] == 6 * 4096  # the base tables share a page
    report = done["report"]
    print(report["bytes_sent"], "bytes there,", report["bytes_received"], "back, before the proof")
    assert done["state"] == "done" and report["bytes_sent"] + report["bytes_received"] < 1024
    assert report["proof"]["addresses"] == report["proof"]["asked"] > 100
    assert report["proof"]["differences"] == []


def test_a_pty_and_a_socket_lead_to_the_same_board(tmp_path):
    with boards.simulated(tmp_path) as one, boards.simulated(tmp_path, pty=False) as other:
        assert walks(one.line) == walks(other.line)


@pytest.mark.parametrize("pty", [True, False])
def test_the_simulated_board_outlives_its_hosts_and_leaves_nothing(tmp_path, pty):
    board = boards.simulated(tmp_path, "--log", tmp_path / "log", pty=pty)
    path = board.line.split(":")[1]
    first = walks(board.line)
    assert walks(board.line) == first
    if pty:  # a host that hangs up in the middle of a frame
        fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        os.write(fd, b"\xc0\x01half a frame")
        os.close(fd)
    assert walks(board.line) == first
    assert board.stop() == 0
    assert not os.path.lexists(path)
    assert (tmp_path / "log").read_text().count("live: ") == 3 * 9


@pytest.mark.parametrize("options, word", [
    ([], "--pty or --unix"),
    (["--pty", "x", "--unix", "y"], "--pty or --unix"),
    (["--unix", "x", "--window", "0x1000:0x1001"], "multiples of 4096"),
    (["--unix", "x", "--window", "0xfffffffffffff000:0x2000"], "below"),
    (["--unix", "x", "--window", "0x40000000:0x1000"], "is not in RAM"),
    (["--unix", "x", "--window", "12"], "not of the form"),
    (["--unix", "x", "--board-id", ""], "printable"),
    (["--unix", "x", "--pa-bits", "52"], "32 to 48"),
])
def test_options_that_make_no_board_are_refused_in_words(tmp_path, options, word):
    run = subprocess.run([mmp.BUILD / "mmpboard", *options], capture_output=True, text=True,
                         cwd=tmp_path, timeout=mmp.DEADLINE)
    assert run.returncode == 2
    assert word in run.stderr
