"""mmpctl --local, and the sockets and databases that a person gets without options."""

import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess

import pytest

import documents
import mmp

PLATFORM = mmp.TOP / "platforms" / "qemu-armv8a.json"


def children_of(pid):
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_local_answers_as_a_daemon_does(daemon):
    for words in (["layout", "compute", PLATFORM], ["memtype", "list"], ["service", "info"],
                  ["layout", "budget", PLATFORM, "--shm", "4M"]):
        there = daemon.mmpctl("--json", *words)
        here = mmp.mmpctl("--local", "--json", *words)
        assert here.returncode == there.returncode
        ours, theirs = json.loads(here.stdout), json.loads(there.stdout)
        ours.pop("uptime_ms", None), theirs.pop("uptime_ms", None)
        if words[0] == "service":
            assert ours["version"] == theirs["version"] and ours["schema"] == theirs["schema"]
        else:
            assert ours == theirs
        assert here.stderr == ""


def test_local_reads_a_document_from_stdin_and_gives_the_exit_status_of_the_layout():
    document = documents.platform()
    done = mmp.mmpctl("--local", "layout", "compute", "-", stdin=json.dumps(document))
    assert done.returncode == 0 and "MEM_AREA_TEE_RAM_RX" in done.stdout
    document["config"]["reserved_shm"] = {"start": "0xe200000", "size": "0x200000"}
    for one in document["registrations"]:
        if one["type"] == "MEM_AREA_NSEC_SHM":
            one["addr"] = "0xe200000"
    done = mmp.mmpctl("--local", "layout", "compute", "-", stdin=json.dumps(document))
    assert done.returncode == 4 and "Invalid memory access config" in done.stderr


def test_local_knows_no_platform_of_another_daemon(daemon):
    daemon.call("platform.put", document=documents.platform("kept"))
    done = mmp.mmpctl("--local", "layout", "compute", "kept", socket=daemon.socket)
    assert done.returncode == 3 and "kept" in done.stderr


@pytest.mark.parametrize("words", [f"platform put {PLATFORM}", "platform remove x",
                                   "board put desk serial:/dev/null", "service backup x.db"])
def test_local_refuses_to_keep_what_would_be_lost(words):
    done = mmp.mmpctl("--local", *words.split())
    assert done.returncode == 2 and "leave --local out" in done.stderr


def test_local_without_mmpd_says_where_it_looked(tmp_path):
    alone = shutil.copy(mmp.BUILD / "mmpctl", tmp_path / "mmpctl")
    done = subprocess.run([alone, "--local", "memtype", "list"], capture_output=True, text=True,
                          env=mmp.environment(PATH=tmp_path), timeout=mmp.DEADLINE)
    assert done.returncode == 1
    assert f"mmpd is not in {tmp_path}" in done.stderr


def test_local_finds_mmpd_where_both_are_installed(tmp_path):
    for folder, name in (("bin", "mmpctl"), ("sbin", "mmpd")):
        (tmp_path / folder).mkdir()
        shutil.copy(mmp.BUILD / name, tmp_path / folder / name)
    done = subprocess.run([tmp_path / "bin" / "mmpctl", "--local", "memtype", "list"], text=True,
                          capture_output=True, env=mmp.environment(PATH="/nowhere"),
                          timeout=mmp.DEADLINE)
    assert done.returncode == 0 and "MEM_AREA_IO_SEC" in done.stdout


def test_the_private_mmpd_ends_when_mmpctl_is_killed(tmp_path):
    """A sweep of many seeds keeps both busy; the death of one is the end of the other."""
    document = documents.vector("real/real_va48", aslr=True)
    (tmp_path / "p.json").write_text(json.dumps(document))
    ours = subprocess.Popen([mmp.BUILD / "mmpctl", "--local", "layout", "sweep",
                             tmp_path / "p.json", "--count", str(1 << 26)], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, env=mmp.environment())
    while not (born := children_of(ours.pid)):
        assert ours.poll() is None
    death = os.pidfd_open(int(born[0]))
    ours.send_signal(signal.SIGKILL)
    ours.wait(mmp.DEADLINE)
    ready, _, _ = select.select([death], [], [], mmp.DEADLINE)
    os.close(death)
    assert ready


@pytest.mark.parametrize("number", ["0", "99", "x", "-1", ""])
def test_mmpd_refuses_a_client_that_is_no_socket(number):
    done = subprocess.run([mmp.BUILD / "mmpd", "--client", number], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=mmp.DEADLINE)
    assert done.returncode == 2 and "unix stream socket" in done.stderr


class Person:
    """Somebody who is not root, with the folders that a login gives."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("run", "home"):
            (folder / name).mkdir()
        self.wrapper = []
        if os.geteuid() == 0:
            for path in (folder, *folder.iterdir()):
                os.chown(path, 65534, 65534)
            for parent in folder.parents:
                if str(parent).startswith("/tmp/"):
                    parent.chmod(0o755)
            self.wrapper = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        self.env = mmp.environment(XDG_RUNTIME_DIR=folder / "run", HOME=folder / "home")
        self.env.pop("MMPD_SOCKET", None)

    def run(self, program, *words):
        return subprocess.Popen([*self.wrapper, mmp.BUILD / program, *words], env=self.env,
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture
def person(tmp_path):
    folder = tmp_path / "person"
    folder.mkdir()
    return Person(folder)


def test_a_person_needs_no_option_and_no_variable(person):
    if pathlib.Path("/run/mmpd/mmpd.sock").exists():
        pytest.skip("this machine has a mmpd of the system, which comes first")
    path = person.folder / "ready"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(path))
        path.chmod(0o777)
        person.env["NOTIFY_SOCKET"] = str(path)
        mmpd = person.run("mmpd")
        notify.settimeout(mmp.DEADLINE)
        try:
            while b"READY=1" not in notify.recv(4096):
                pass
            out, err = person.run("mmpctl", "platform", "list").communicate(timeout=mmp.DEADLINE)
            assert "No platforms yet" in out, err
        finally:
            mmpd.terminate()
            _, words = mmpd.communicate(timeout=mmp.DEADLINE)
    assert mmpd.returncode == 0, words
    assert (person.folder / "home/.local/state/mmpd/mmpd.db").is_file()
    assert not (person.folder / "run/mmpd.sock").exists()


def test_mmpctl_without_any_daemon_names_the_socket_of_the_person(person):
    if pathlib.Path("/run/mmpd/mmpd.sock").exists():
        pytest.skip("this machine has a mmpd of the system, which comes first")
    done = person.run("mmpctl", "platform", "list")
    _, err = done.communicate(timeout=mmp.DEADLINE)
    assert done.returncode == 1
    assert str(person.folder / "run/mmpd.sock") in err and "--local" in err
