"""Who else has a terminal: programs of another user, which mmpd may not look into, as it runs by its systemd unit."""

import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import termios

import pytest

import boards
import documents
import mmp

NOBODY = 65534
DROPPED = f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups --inh-caps=-all --bounding-set=-all"
HIDDEN = ["unshare", "--mount", "sh", "-c", 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', "sh"]

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="needs root, to be two users")


class Daemon(mmp.Daemon):
    """mmpd as another user than the tests, as systemd starts it."""

    def __init__(self, folder, wrapper=()):
        os.chown(folder, NOBODY, NOBODY)
        before = os.umask(0)  # it tells through a socket of ours when it is ready
        copied = f'cp "$1" {folder}/mmpd && shift && exec {DROPPED} {folder}/mmpd "$@"'  # which that user can reach
        super().__init__(folder, wrapper=[*wrapper, "sh", "-c", copied, "sh"], own_file=True)
        os.umask(before)


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        yield pathlib.Path(name)


@contextlib.contextmanager
def board_of(daemon):
    """A board whose terminal mmpd may open: the terminal, a build for it, and its process."""
    with boards.simulated(daemon.folder) as board:
        device = os.path.realpath(board.line.partition(":")[2])
        os.chown(device, NOBODY, NOBODY)
        daemon.call("board.put", name="desk", line=f"serial:{device}")
        build = daemon.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"]
        yield device, build, board.process


@contextlib.contextmanager
def held(device, take):
    """A program of root's that takes the device; it has done so."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True,
                          preexec_fn=lambda: take(device), close_fds=False) as holder:
        yield holder.pid
        holder.stdin.close()


def as_controlling_terminal(device):
    """As a shell or getty has it."""
    fcntl.ioctl(os.open(device, os.O_RDWR | os.O_NOCTTY), termios.TIOCSCTTY, 0)


def with_a_lock(device):
    fd = os.open(device, os.O_RDWR | os.O_NOCTTY)
    os.set_inheritable(fd, True)
    fcntl.flock(fd, fcntl.LOCK_EX)


def only_open(device):
    os.set_inheritable(os.open(device, os.O_RDWR | os.O_NOCTTY), True)


@pytest.mark.parametrize("take", [as_controlling_terminal, with_a_lock])
def test_another_users_program_on_the_terminal_is_named(folder, take):
    with Daemon(folder) as daemon, board_of(daemon) as (device, build, _):
        with held(device, take) as pid:
            done = daemon.mmpctl("push", build, "desk")
            assert done.returncode == 6 and f"in use by another program (cat, process {pid})" in done.stderr, done.stderr
        assert daemon.mmpctl("push", build, "desk").returncode == 0


def test_a_lock_file_counts_also_where_other_users_processes_are_invisible(folder):
    with Daemon(folder, HIDDEN) as daemon, board_of(daemon) as (device, build, _):
        lock = pathlib.Path(f"/var/lock/LCK..{pathlib.Path(device).name}")
        with subprocess.Popen(["sleep", "60"]) as holder:
            lock.write_text(f"{holder.pid:10}\n")
            try:
                done = daemon.mmpctl("push", build, "desk")
                assert done.returncode == 6 and f"in use by another program (process {holder.pid})" in done.stderr, done.stderr
            finally:
                lock.unlink()
                holder.terminate()


@pytest.mark.parametrize("wrapper", [[], HIDDEN], ids=["other users' processes are shown", "they are invisible"])
def test_the_report_of_a_silent_board_says_that_other_users_programs_cannot_be_seen(folder, wrapper):
    """One has the terminal open, with neither a lock nor its name on a command line."""
    with Daemon(folder, wrapper) as daemon, board_of(daemon) as (device, build, board), held(device, only_open):
        daemon.call("board.put", name="desk", line=f"serial:{device}", patience_ms=300)
        board.send_signal(signal.SIGSTOP)
        done = daemon.mmpctl("push", build, "desk")
        board.send_signal(signal.SIGCONT)
        words = f"mmpd cannot see what other users' programs have open: `sudo fuser -v {device}` shows"
        assert done.returncode == 5 and f"advice: {words}" in done.stderr, done.stderr
        assert words in daemon.call("job.get", job=1)["report"]["advice"]


def test_the_report_of_a_silent_board_names_another_users_program_that_has_the_device_on_its_command_line(folder):
    """/dev/ptmx is a terminal that is there everywhere, and silent, as nobody opens the other end. This test may be run
    for two builds at once, so that either of their programs may be named."""
    program = os.path.join(os.fsencode(folder), b"\xffc\x1bt")
    shutil.copy("/bin/cat", program)
    with Daemon(folder) as daemon, subprocess.Popen([program, "-", "/dev/ptmx"], stdin=subprocess.PIPE) as reader:
        daemon.call("board.put", name="desk", line="serial:/dev/ptmx", patience_ms=300)
        build = daemon.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"]
        while (done := daemon.mmpctl("push", build, "desk")).returncode == 6:
            pass  # the other one has it
        words = r"another user's program \(\?c\?t, process \d+\) names this device on its command line"
        assert done.returncode == 5 and re.search(f"advice: .*{words}", done.stderr), done.stderr
        last = daemon.call("job.list")["jobs"][0]["job"]
        assert re.search(words, daemon.call("job.get", job=last)["report"]["advice"])
        reader.kill()
