"""How mmpd begins and ends."""

import contextlib
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import tempfile
import threading

import pytest

import boards
import documents
import mmp


def run(*options, **more):
    """Run mmpd to its end, which is to come soon."""
    return subprocess.run([mmp.BUILD / "mmpd", *map(str, options)], env=mmp.environment(),
                          capture_output=True, text=True, timeout=mmp.DEADLINE, **more)


def test_version_help_and_wrong_usage():
    assert run("--version").stdout.startswith("mmpd ")
    words = run("--help").stdout
    assert all(option in words for option in ("--socket", "--database", "--log-level", "--version"))
    assert run("--no-such").returncode == 2
    assert run("word").returncode == 2
    assert run("--log-level", "loud").returncode == 2


def test_help_names_the_socket_and_the_database_of_the_system():
    said = " ".join(subprocess.run([mmp.BUILD / "mmpd", "--help"], text=True, stdout=subprocess.PIPE, check=True,
                                   env={"PATH": os.environ["PATH"]}).stdout.split())
    assert "--socket /run/mmpd/mmpd.sock --database /var/lib/mmpd/mmpd.db" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path, number):
    daemon = mmp.Daemon(tmp_path)
    with daemon.client() as client:
        client.call("platform.put", document=documents.QEMU)
        daemon.process.send_signal(number)
        assert daemon.process.wait(mmp.DEADLINE) == 0
        assert client.read() is None
    assert not daemon.socket.exists()
    assert not list(tmp_path.glob("mmpd.db-*")), "the write-ahead log was not taken in"


def test_a_client_that_finds_no_descriptor_left_is_taken_when_there_is_one(tmp_path):
    path = tmp_path / "socket"
    with subprocess.Popen([mmp.BUILD / "mmpd", "--socket", path, "--database", tmp_path / "db"],
                          env=mmp.environment(), stderr=subprocess.PIPE, text=True) as daemon:
        try:
            assert "a new, empty one was created" in daemon.stderr.readline()
            assert "version" in daemon.stderr.readline()
            _, most = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (3, most))
            with mmp.Client(path) as client:
                asked = client.start("service.info")
                assert "a client must wait: Too many open files; 0 are connected" in daemon.stderr.readline()
                resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (most, most))
                assert client.answer(asked)["version"]
        finally:
            daemon.terminate()
    assert daemon.returncode == 0


def test_a_signal_ends_it_with_every_kind_of_work_under_way(tmp_path):
    """What waits for a thread, a board, a watcher, its next turn or a client that does not read."""
    big = documents.platform("big")
    big["registrations"] += [documents.region(number) for number in range(20000)]
    (tmp_path / "second").mkdir()
    with boards.Fake(tmp_path, boards.silent) as board, boards.Fake(tmp_path / "second", boards.silent) as second:
        daemon = mmp.Daemon(tmp_path)
        clients = [daemon.client() for _ in range(7)]
        first = clients[0]
        build = boards.prepare(first, board.path)
        first.call("platform.put", document=big)
        first.call("board.put", name="probed", line=f"unix:{second.path}", patience_ms=boards.PATIENT_MS)
        push = first.call("push.start", build=build, board="desk")["job"]
        sweep = first.call("layout.sweep", platform=documents.vector("real/real_va48", aslr=True), count=1 << 26)["job"]
        for job in (push, sweep):
            clients[1].start("job.watch", job=job)
        clients[2].start("board.probe", name="probed")
        for _ in range(5):
            clients[3].start("layout.compute", platform="big")
        clients[4].start("service.backup", name="copy")
        for _ in range(40):
            clients[5].start("platform.get", name="big")
        clients[6].send(b'{"jsonrpc":"2.0","id":1,"meth')
        first.call("service.info")
        daemon.stop()
        for client in clients:
            client.close()
    assert not list(tmp_path.glob("copy*.part"))
    daemon.start()
    assert {daemon.call("job.get", job=job)["state"] for job in (push, sweep)} == {"interrupted"}
    daemon.stop()


def test_a_hang_up_of_the_terminal_does_not_end_it(daemon):
    daemon.process.send_signal(signal.SIGHUP)
    assert daemon.call("service.info")


def test_the_socket_and_what_is_kept_are_for_user_and_group_alone(daemon, tmp_path):
    daemon.call("platform.put", document=documents.QEMU)
    daemon.call("service.backup", name="copy")
    assert stat.S_IMODE(os.stat(daemon.socket).st_mode) == 0o660
    for name in ("mmpd.db", "mmpd.db-wal", "mmpd.db.lock", "backups/copy"):
        assert os.stat(tmp_path / name).st_mode & 0o007 == 0, name


def test_the_socket_of_a_killed_daemon_is_replaced(tmp_path):
    daemon = mmp.Daemon(tmp_path)
    daemon.kill()
    assert daemon.socket.exists()
    daemon.start()
    assert daemon.call("service.info")
    daemon.stop()


def test_a_second_daemon_on_the_same_socket_or_database_is_refused(daemon, tmp_path):
    done = run("--socket", daemon.socket, "--database", tmp_path / "other.db")
    assert done.returncode == 6 and "another mmpd" in done.stderr
    (tmp_path / "link.db").symlink_to(daemon.database)
    for database in (daemon.database, tmp_path / "link.db"):
        done = run("--socket", tmp_path / "other.sock", "--database", database)
        assert done.returncode == 6 and "another mmpd" in done.stderr
    assert daemon.call("service.info")


def test_a_file_whose_name_begins_as_the_address_of_a_server_does_is_a_file(daemon, tmp_path):
    (tmp_path / "postgres.db").symlink_to(daemon.database)
    done = run("--socket", tmp_path / "other.sock", "--database", "postgres.db", cwd=tmp_path)
    assert done.returncode == 6 and "another mmpd has it open" in done.stderr


def test_a_path_that_will_not_do_is_said(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("letter")
    cases = [
        (["--socket", plain], "not a socket"),
        (["--socket", tmp_path / ("x" * 200)], "limit"),
        (["--socket", tmp_path / "no" / "where"], "No such file"),
        (["--database", tmp_path / "no" / "where"], "No such file"),
        (["--database", tmp_path], str(tmp_path)),
        (["--database", plain], "not a database"),
    ]
    for options, words in cases:
        defaults = {"--socket": tmp_path / "s", "--database": tmp_path / "db"}
        defaults.update(dict([options]))
        done = run(*[word for pair in defaults.items() for word in pair])
        assert done.returncode in (1, 2), done.stderr
        assert words in done.stderr and str(options[1])[:60] in done.stderr
    assert plain.read_text() == "letter"


def test_a_newer_database_is_refused_in_words(tmp_path):
    mmp.Daemon(tmp_path).stop()
    with sqlite3.connect(tmp_path / "mmpd.db") as database:
        database.execute("PRAGMA user_version = 1000")
    done = run("--socket", tmp_path / "s", "--database", tmp_path / "mmpd.db")
    assert done.returncode == 1
    assert "newer mmpd" in done.stderr and "1000" in done.stderr


def test_a_database_that_may_not_be_written_is_refused_in_words():
    """Permissions bind other users than root, so it runs as another where it is root."""
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = pathlib.Path(name)
        mmp.Daemon(folder).stop()
        program = shutil.copy(mmp.BUILD / "mmpd", folder)
        for mode, words in ((0o444, "can be read but not written"), (0, "unable to open database file")):
            os.chmod(folder / "mmpd.db", mode)
            os.chmod(folder, 0o777)
            (folder / "mmpd.db.lock").unlink()
            done = subprocess.run([*(nobody if os.getuid() == 0 else []), program, "--socket", folder / "s",
                                   "--database", folder / "mmpd.db"], env=mmp.environment(),
                                  capture_output=True, text=True, timeout=mmp.DEADLINE)
            assert done.returncode == 1
            assert words in done.stderr and str(folder / "mmpd.db") in done.stderr


def test_a_database_that_cannot_be_one_is_named_and_nothing_is_left_behind(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for path, words in ((folder, f"{folder}: it is not a file"), (tmp_path / "absent" / "db", "No such file")):
        done = run("--socket", tmp_path / "s", "--database", path)
        assert done.returncode == 1
        assert words in done.stderr and "--database PATH names another" in done.stderr
    assert list(tmp_path.iterdir()) == [folder]


def test_a_damaged_database_is_refused_or_an_error_of_the_call(tmp_path):
    """Pages of noise: no call may do more than fail, and the daemon ends as it should."""
    noise = random.Random(20261128)
    daemon = mmp.Daemon(tmp_path)
    for number in range(20):
        daemon.call("platform.put", document=documents.platform(f"p{number}"))
    daemon.stop()
    whole, told = daemon.database.read_bytes(), set()
    for _ in range(20):
        damaged, page = bytearray(whole), noise.randrange(1, len(whole) // 4096) * 4096
        damaged[page:page + 4096] = noise.randbytes(4096)
        daemon.database.write_bytes(damaged)
        try:
            daemon.start()
        except RuntimeError as refused:
            assert "ended with 1:" in str(refused) and "malformed" in str(refused)
            continue
        for method, params in (("platform.list", {}), ("platform.history", {"name": "p3"}),
                               ("layout.compute", {"platform": "p4", "detail": "map"}),
                               ("platform.put", {"document": documents.platform()})):
            try:
                daemon.call(method, **params)
            except mmp.Failure as failure:
                told.add((failure.kind, "malformed" in str(failure)))
        assert daemon.call("service.info")
        daemon.stop()
    assert told == {("system", True)}


ACTIVATE = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(8)
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_a_socket_of_systemd_is_taken_and_left_in_place(tmp_path):
    path = tmp_path / "activated.sock"
    daemon = mmp.Daemon(tmp_path, wrapper=["/usr/bin/python3", "-c", ACTIVATE, path])
    with mmp.Client(path) as client:
        assert client.call("service.info")
    assert not daemon.socket.exists()
    daemon.stop()
    assert path.exists()


def test_systemds_own_tool_starts_it_at_the_first_word_of_a_client(tmp_path):
    path = tmp_path / "activated.sock"
    process = subprocess.Popen(["systemd-socket-activate", f"--listen={path}", mmp.BUILD / "mmpd",
                                "--database", tmp_path / "db"], env=mmp.environment(),
                               stderr=subprocess.PIPE, text=True)
    assert "Listening" in process.stderr.readline()
    assert mmp.mmpctl("service", "info", socket=path).returncode == 0
    process.terminate()  # it has become mmpd by then
    words = process.communicate(timeout=mmp.DEADLINE)[1]
    assert process.returncode == 0 and "mmpd: ended" in words
    assert "socket of systemd" in words


def test_what_systemd_hands_over_must_be_a_listening_socket(tmp_path):
    script = ACTIVATE.replace("listener.listen(8)", "pass")
    done = subprocess.run(["/usr/bin/python3", "-c", script, tmp_path / "s", mmp.BUILD / "mmpd",
                           "--database", tmp_path / "db"], env=mmp.environment(),
                          capture_output=True, text=True, timeout=mmp.DEADLINE)
    assert done.returncode == 1 and "not a listening" in done.stderr


def test_it_says_to_systemd_when_it_is_ready_lives_and_stops(tmp_path):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(path))
        notify.settimeout(mmp.DEADLINE)
        journal = open(tmp_path / "journal", "w+")
        there = os.fstat(journal.fileno())
        process = subprocess.Popen(
            [mmp.BUILD / "mmpd", "--socket", tmp_path / "s", "--database", tmp_path / "db"],
            env=mmp.environment(NOTIFY_SOCKET=path, WATCHDOG_USEC=200000,
                                JOURNAL_STREAM=f"{there.st_dev}:{there.st_ino}"),
            stderr=journal, text=True)
        assert notify.recv(100) == b"READY=1"
        assert [notify.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        process.terminate()
        while (word := notify.recv(100)) == b"WATCHDOG=1":
            pass
        assert word == b"STOPPING=1"
        process.wait(mmp.DEADLINE)
        words = (tmp_path / "journal").read_text()
    assert process.returncode == 0 and words
    assert all(line.startswith("<") and line[2] == ">" for line in words.splitlines())



def told_systemd(notify, words, first):
    """Read what it says to systemd, which never keeps it waiting, until it stops."""
    while not words or words[-1] != b"STOPPING=1":
        words.append(notify.recv(100))
        first.set()


def until(client, there):
    """Ask for something until that is so."""
    while not there():
        client.call("service.info")


@contextlib.contextmanager
def watched(folder, usec):
    """mmpd with a watchdog: its socket, its database, what it has told systemd so far, and how to read its log."""
    path, words, first = folder / "notify", [], threading.Event()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(path))
        notify.settimeout(mmp.DEADLINE)
        reader = threading.Thread(target=told_systemd, args=(notify, words, first), daemon=True)
        reader.start()
        with open(folder / "log", "w") as log:
            process = subprocess.Popen(
                [mmp.BUILD / "mmpd", "--socket", folder / "s", "--database", folder / "db"],
                env=mmp.environment(NOTIFY_SOCKET=path, WATCHDOG_USEC=usec), stderr=log, text=True)
        assert first.wait(mmp.DEADLINE)
        yield folder / "s", folder / "db", words, (folder / "log").read_text
        process.terminate()
        assert process.wait(mmp.DEADLINE) == 0
        reader.join(mmp.DEADLINE)
    assert set(words) == {b"READY=1", b"WATCHDOG=1", b"STOPPING=1"}


def is_fed_under_attack(path, words, log):
    """Whether the watchdog is fed three times in a row while others ask for much."""
    long = documents.platform("long")
    long["registrations"] = [documents.region(number) for number in range(4000)]
    with mmp.Client(path, check=False) as attacker:
        attacker.call("platform.put", document=long)
        fed = len(words)
        while len(words) < fed + 3:
            asked = [attacker.start(method, **params) for method, params in (
                ("platform.get", {"name": "long"}), ("layout.compute", {"platform": "long", "detail": "map"})) * 4]
            assert {attacker.read()["id"] for _ in asked} == set(asked)
    return "is no longer notified" not in log()


def test_the_watchdog_is_fed_under_attack(tmp_path):
    """A machine may be too busy for a watchdog of less than half a second, but not for one of seconds."""
    for usec in (400_000, 3_000_000):
        folder = tmp_path / str(usec)
        folder.mkdir()
        with watched(folder, usec) as (path, _, words, log):
            is_fed = is_fed_under_attack(path, words, log)
        if is_fed:
            break
    assert is_fed


def test_the_watchdog_is_not_fed_while_the_database_is_stuck(tmp_path):
    """The watchdog is fed twice in its time, unless the loop or a thread does not get on for all of that."""
    with watched(tmp_path, 400_000) as (path, database, words, log), mmp.Client(path) as client, mmp.Client(path) as asking:
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            put = client.start("platform.put", document=documents.platform())
            until(asking, lambda: "is no longer notified" in log())
            other.execute("ROLLBACK")
        assert "the database thread has made no progress for" in log()
        with contextlib.suppress(mmp.Failure):
            client.answer(put)
        fed = len(words)
        until(asking, lambda: len(words) > fed + 1)


def test_its_log_has_times_where_it_goes_to_no_journal(tmp_path):
    """A variable that was inherited from elsewhere does not make it one."""
    done = subprocess.run([mmp.BUILD / "mmpd", "--socket", "/nowhere/s", "--database", tmp_path / "db"],
                          env=mmp.environment(JOURNAL_STREAM="1:1"), capture_output=True, text=True,
                          timeout=mmp.DEADLINE)
    assert all(re.match(r"20\d\d-\d\d-\d\dT[\d:.]+Z mmpd: ", line) for line in done.stderr.splitlines())
    assert done.stderr


LIMIT = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_a_full_disk_is_an_error_of_the_call_and_what_was_acknowledged_stays(tmp_path):
    daemon = mmp.Daemon(tmp_path, wrapper=["/usr/bin/python3", "-c", LIMIT])
    acknowledged = 0
    with daemon.client() as client:
        with pytest.raises(mmp.Failure) as failure:
            while acknowledged < 10000:
                client.call("platform.put", document=documents.platform(f"p{acknowledged}"))
                acknowledged += 1
        assert failure.value.kind == "system"
        assert str(daemon.database) in str(failure.value)
        assert len(client.call("platform.list")["platforms"]) == acknowledged
    daemon.kill()
    daemon.wrapper = ()
    daemon.start()
    assert len(daemon.call("platform.list")["platforms"]) == acknowledged > 0
    daemon.stop()


def test_a_clock_that_goes_back_changes_no_order(tmp_path):
    """As if all that is kept was made in years to come: what is made now is newer all the same."""
    daemon = mmp.Daemon(tmp_path)
    daemon.call("platform.put", document=documents.platform())
    pools = [{"base": hex(0xe200000 + 0x10000 * number), "size": "64K"} for number in range(4)]
    builds = [daemon.call("build.create", platform="virt", pool=pool)["id"] for pool in pools[:2]]
    daemon.stop()
    with contextlib.closing(sqlite3.connect(daemon.database)) as database:
        for table in ("history", "platform_revision", "build_origin"):
            database.execute(f"UPDATE {table} SET time = '2099' || substr(time, 5)")
        database.commit()
    daemon.start()
    builds += [daemon.call("build.create", platform="virt", pool=pool)["id"] for pool in pools[2:]]
    assert [one["id"] for one in daemon.call("build.list")["builds"]] == builds[::-1]
    daemon.call("region.register", platform="virt", **documents.region(1))
    rows = daemon.call("platform.history", name="virt")["history"]
    assert [one["revision"] for one in rows] == [1, 2] and rows[0]["time"] > rows[1]["time"]
    assert daemon.call("platform.get", name="virt")["revision"] == 2
    daemon.stop()


def test_a_manifest_that_was_damaged_is_not_passed_on(tmp_path):
    """An answer has the bytes of the database as they are, so they must be those that were made."""
    daemon = mmp.Daemon(tmp_path, own_file=True)
    build = daemon.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"]
    assert daemon.call("build.get", id=build)["manifest"]["format"] == "mmp-build-1"
    daemon.stop()
    with contextlib.closing(sqlite3.connect(daemon.database)) as database:
        database.execute("UPDATE build SET manifest = substr(manifest, 1, length(manifest) - 1) || '!'")
        database.commit()
    daemon.start()
    with daemon.client() as client:
        for method, more in (("build.get", {}), ("build.walk", {"va": "0x1000"})):
            with pytest.raises(mmp.Failure, match="manifest") as failure:
                client.call(method, id=build, **more)
            assert failure.value.kind == "system"
        assert [one["id"] for one in client.call("build.list")["builds"]] == [build]
        client.call("build.remove", id=build)
    daemon.stop()
