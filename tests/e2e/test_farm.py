"""Several mmpd that share a PostgreSQL: one truth, each drives the boards that its lines reach."""

import collections
import contextlib
import itertools
import os
import pathlib
import random
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

import boards
import documents
import kills
import lines
import mmp

ADDRESS = os.environ.get("MMP_TEST_POSTGRES")
HOSTS = ("a", "b", "c")
WRAPPER = os.environ.get("MMP_FARM_WRAPPER", "")  # as "ip netns exec mmp-{host}", with the server in MMP_FARM_ADDRESS
SEED = int(os.environ.get("MMP_SEED", "20261129"))


class Host(mmp.Daemon):
    """A mmpd with the shared database, named after its folder."""

    def __init__(self, folder, address=None):
        folder.mkdir(exist_ok=True)
        super().__init__(folder, "--database", address or os.environ.get("MMP_FARM_ADDRESS", ADDRESS), "--host", folder.name,
                         "--keys", str(folder / "keys"),
                         wrapper=WRAPPER.format(host=folder.name).split(), own_file=True)

    def await_word(self, word):
        """Until the log has it."""
        until = time.monotonic() + mmp.DEADLINE
        while word not in self.words():
            assert time.monotonic() < until, self.words()
            self.call("service.info")


class Way:
    """A way to the server, .address, on which a question or the answer to a commit is lost, and the connection with it."""

    def __init__(self):
        start, self.port = ADDRESS.rsplit("/", 1)[0].rsplit(":", 1)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"{start}:{self.listener.getsockname()[1]}/{ADDRESS.rsplit('/', 1)[1]}"
        self.when, self.word, self.lost = None, None, threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def lose(self, when):
        """The answer to the first commit from now on after which this is so."""
        self.lost.clear()
        self.when = when

    def lose_question(self, word, count):
        """The question with this word in it that comes after so many others."""
        self.lost.clear()
        self.word, self.count = word, count

    def _is_lost(self, data, is_question):
        if is_question and self.word and self.word in data:
            self.count -= 1
            return self.count < 0
        return not is_question and self.when and b"COMMIT\0" in data and asked(f"SELECT {self.when}") == ["t"]

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._carry, args=(self.listener.accept()[0],), daemon=True).start()

    def _carry(self, host):
        with contextlib.suppress(OSError), host, socket.create_connection(("127.0.0.1", int(self.port))) as server:
            while True:
                for one in select.select([host, server], [], [])[0]:
                    data = one.recv(1 << 16)
                    if not data:
                        return
                    if self._is_lost(data, one is host):
                        self.when = self.word = None
                        self.lost.set()
                        return
                    (server if one is host else host).sendall(data)


def await_jobs(host, count):
    until = time.monotonic() + mmp.DEADLINE
    while len(jobs := host.call("job.list")["jobs"]) != count:
        assert time.monotonic() < until, jobs


def patient(act):
    """What act() gives, once the database is there for it."""
    until = time.monotonic() + mmp.DEADLINE
    while True:
        try:
            return act()
        except mmp.Failure as failure:
            assert failure.kind == "busy" and time.monotonic() < until, failure


def watch(host, job):
    return patient(lambda: host.call("job.watch", job=job))


def control(*words):
    assert start_control(*words).wait(mmp.DEADLINE) == 0


def start_control(*words):
    return subprocess.Popen([pathlib.Path(os.environ["MMP_TEST_POSTGRES_FOLDER"]) / "control", *words],
                            stderr=subprocess.DEVNULL)


def sql(*statements):
    words = [word for one in ("SET client_min_messages = error", "SET default_transaction_read_only = off", *statements) for word in ("-c", one)]
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", ADDRESS, *words], check=True, timeout=mmp.DEADLINE, stdout=subprocess.DEVNULL)


def asked(query):
    """Its rows."""
    return subprocess.run(["psql", "-At", ADDRESS, "-c", query], check=True, timeout=mmp.DEADLINE, capture_output=True,
                          text=True).stdout.split()


@pytest.fixture
def farm(tmp_path):
    sql("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Host(tmp_path / name)) for name in HOSTS]


def run_with_a_server(*words, **more):
    """pytest once more, with a server of its own; what it prints."""
    done = subprocess.run([mmp.TOP / "tests" / "postgres", "sh", "-c", *words], capture_output=True, text=True,
                          timeout=900, env={**os.environ, "PYTEST": f"{sys.executable} -B -m pytest -q -x -p no:cacheprovider"},
                          **more)
    if done.returncode == 77:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# Without a server of its own the file runs itself once more, with one.
if not ADDRESS:
    def test_the_farm_with_a_postgresql_of_its_own(capsys):
        words = run_with_a_server(f"$PYTEST {__file__}")
        with capsys.disabled():
            print(*(line for line in words.splitlines() if line.startswith("farm:")), sep="\n")

    def test_platforms_are_kept_there_as_in_a_file():
        run_with_a_server("MMP_TEST_ON_POSTGRES=$MMP_TEST_POSTGRES $PYTEST test_daemon_platforms.py "
                          "-k 'not thousand and not millions and not many and not large and not wrong'", cwd=mmp.TOP / "tests" / "e2e")
else:
    def test_what_one_host_keeps_all_hosts_have(farm):
        a, b, c = farm
        assert a.call("platform.put", document=documents.QEMU)["revision"] == 1
        name = documents.QEMU["name"]
        assert b.call("region.register", platform=name, **documents.region(1))["revision"] == 2
        with pytest.raises(mmp.Failure) as failure:
            c.call("region.register", platform=name, if_revision=1, **documents.region(2))
        assert failure.value.kind == "conflict"
        maps = [one.call("layout.compute", platform=name, detail="map") for one in farm]
        assert maps[0] == maps[1] == maps[2]
        a.call("region.remove", platform=name, ordinal=len(documents.QEMU["registrations"]))
        assert b.call("layout.compute", platform=name, detail="map")["memory_map"] != maps[0]["memory_map"]
        assert [one["revision"] for one in c.call("platform.history", name=name)["history"]] == [1, 2, 3]

    def test_two_hosts_have_no_boards_at_one_address_unless_it_is_their_own(farm, tmp_path):
        farm[2].stop()
        lines = ("--line", "tcp:*", "--line", "rfc2217:*")
        (tmp_path / "d").mkdir()
        with mmp.Daemon(tmp_path / "d", "--database", ADDRESS, "--host", "d", *lines, own_file=True) as a:
            farm[2].options = (*farm[2].options, *lines)
            farm[2].start()
            b = farm[2]
            a.call("board.put", name="desk", line="tcp:127.0.0.1:7")
            b.call("board.put", name="shelf", line="tcp:127.0.0.1:7")  # another machine's own
            a.call("board.put", name="far", line="tcp:10.1.2.3:7")
            with pytest.raises(mmp.Failure, match='its line leads to board "far" of host "d"') as failure:
                b.call("board.put", name="near", line="rfc2217://10.1.2.3:7")
            assert failure.value.kind == "conflict"
            assert b.call("board.put", name="far", line="tcp:10.1.2.3:7")["host"] == "c"  # taken over
            b.call("board.remove", name="far")
            assert b.call("board.put", name="near", line="rfc2217://10.1.2.3:7")["host"] == "c"

    def test_two_mmpd_of_one_name_are_one_too_many(farm, tmp_path):
        with pytest.raises(RuntimeError, match="another mmpd has this name"):
            mmp.Daemon(tmp_path, "--database", ADDRESS, "--host", "a")

    def test_writes_of_all_hosts_at_once_are_all_kept_in_one_order(farm):
        name = documents.QEMU["name"]
        farm[0].call("platform.put", document=documents.QEMU)
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(one.client()) for one in farm]
            asked = [(client, [client.start("region.register", platform=name, **documents.region(number, name=f"{host}"))
                               for number in range(50)]) for host, client in enumerate(clients)]
            revisions = []
            for client, requests in asked:
                left = set(requests)
                while left:
                    message = client.read()
                    assert "error" not in message, message
                    left.discard(message["id"])
                    revisions.append(message["result"]["revision"])
        assert sorted(revisions) == list(range(2, 152))
        listed = farm[1].call("region.list", platform=name)["registrations"]
        assert len(listed) == 150 + len(documents.QEMU["registrations"])

    def test_a_push_may_be_started_anywhere_and_its_own_host_drives_the_board(farm, tmp_path):
        a, b, c = farm
        with boards.Board(tmp_path) as board, lines.Lines(tmp_path, {"desk": board.path}) as line, a.client() as client:
            build = boards.prepare(client, line["desk"].path)
            line["desk"].is_shut = True
            row = b.call("board.get", name="desk")
            assert row["host"] == "a" and row["away"] is False
            assert re.search("host +a\nhost is away +no", b.mmpctl("board", "get", "desk").stdout)
            job = b.call("push.start", build=build[:12], board="desk", idempotency_key="once")
            assert job["state"] == "queued" and job["host"] == "a" and job["build"] == build
            assert c.call("push.start", build=build, board="desk", idempotency_key="once")["job"] == job["job"]
            with c.client() as watcher:
                watch = watcher.start("job.watch", job=job["job"])  # from a third host
                first = watcher.read()
                line.open("desk")
                done = watcher.answer(watch)
            assert first["method"] == "job.progress" and first["params"]["job"] == job["job"]
            assert done["state"] == "done" and done["host"] == "a" and done["report"]["activated"]
            assert b.call("board.get", name="desk")["build"] == build

    def test_a_board_is_asked_and_told_to_keep_keys_from_any_host(farm, tmp_path):
        a, b, c = farm
        with boards.Board(tmp_path, "--flash", tmp_path / "one") as board, a.client() as client:
            build = boards.prepare(client, board.path)
            asked = [one.call("board.probe", name="desk") for one in farm]
            assert asked[0] == asked[1] == asked[2] and asked[0]["name"] == "desk" and not asked[0]["trusts"]
            assert b.call("board.get", name="desk")["seen"]
            key = c.call("key.new", name="lab")
            assert c.call("key.trust", key="lab", board="desk") == {"name": "desk", "board": asked[0]["board"]}
            assert b.call("board.probe", name="desk")["trusts"] == [key["id"]]
            with pytest.raises(mmp.Failure) as failure:
                b.call("key.enroll", board="desk")  # signed on the host that drives the board, which has no such key
            assert failure.value.kind == "denied" and "mmpd has no such key" in failure.value.args[0]
            with pytest.raises(mmp.Failure, match="no such key") as failure:
                b.call("key.trust", key="nobody", board="desk")
            assert failure.value.kind == "not-found"
            await_jobs(a, 0)  # what hosts leave each other for a call is not kept
            assert client.call("board.history", name="desk")["pushes"] == []
        with boards.Board(tmp_path, "--flash", tmp_path / "two") as board, a.client() as client:
            client.call("board.put", name="shelf", line=f"unix:{board.path}")
            assert c.call("key.enroll", board="shelf")["name"] == "shelf"
            assert b.call("board.get", name="shelf")["enrolled"] is True
            with pytest.raises(mmp.Failure, match="already recorded") as failure:
                c.call("key.enroll", board="shelf", public=key["public"])
            assert failure.value.kind == "conflict"
            assert b.call("push.start", build=build, board="shelf")["host"] == "a"

    class Mute(boards.Fake):
        """A board that never says a word; .met once its line is taken."""

        def __init__(self, folder):
            self.met = threading.Event()
            super().__init__(folder, lambda _: self.met.set())

    def test_a_board_that_is_asked_from_elsewhere_is_in_use_until_its_client_leaves(farm, tmp_path):
        a, b, c = farm
        with Mute(tmp_path) as board:
            a.call("board.put", name="desk", line=board.line)
            client = b.client()
            client.start("board.probe", name="desk")
            assert board.met.wait(mmp.DEADLINE)
            [job] = c.call("job.list")["jobs"]
            assert (job["kind"], job["board"], job["host"]) == ("board.probe", "desk", "a")
            with pytest.raises(mmp.Failure) as failure:
                c.call("board.probe", name="desk")
            assert failure.value.kind == "busy" and f'in use by job {job["job"]} of host "a"' in failure.value.args[0]
            with pytest.raises(mmp.Failure) as failure:
                a.call("board.probe", name="desk")
            assert failure.value.kind == "busy" and "in use by board.probe" in failure.value.args[0]
            client.close()
            await_jobs(c, 0)
            for _ in range(20):
                with b.client() as client:
                    client.start("board.probe", name="desk")
            assert b.call("service.info")
            await_jobs(c, 0)
            assert asked("SELECT action FROM history WHERE kind = 'board'") == ["board.put"]

    def test_a_job_whose_claim_may_have_been_lost_is_claimed_again(farm, tmp_path):
        with Way() as way, Host(tmp_path / "d", way.address) as d, boards.Board(tmp_path) as board, d.client() as client:
            build = boards.prepare(client, board.path)
            way.lose("EXISTS (SELECT 1 FROM job WHERE state = 'running')")
            assert farm[0].call("board.probe", name="desk")["name"] == "desk"
            assert way.lost.is_set()
            way.lose("EXISTS (SELECT 1 FROM job WHERE state = 'running')")
            job = farm[0].call("push.start", build=build, board="desk")["job"]
            assert watch(farm[1], job)["state"] == "done"
            assert way.lost.is_set()

    def test_a_push_waits_again_if_the_database_goes_away_when_it_has_its_board(farm, tmp_path):
        with Way() as way, Host(tmp_path / "d", way.address) as d, boards.Board(tmp_path) as board, d.client() as client:
            build = boards.prepare(client, board.path)
            way.lose_question(b"desk", 1)  # behind the first one it takes the board, then looks whether its line is the same
            job = farm[0].call("push.start", build=build, board="desk")["job"]
            assert watch(farm[1], job)["state"] == "done" and way.lost.is_set()
            assert asked(f"SELECT attempt FROM job WHERE id = {job}") == ["2"]

    def test_a_push_whose_row_may_have_been_lost_does_not_keep_its_board(farm, tmp_path):
        with Way() as way, Host(tmp_path / "d", way.address) as d, boards.Board(tmp_path) as board, d.client() as client:
            build = boards.prepare(client, board.path)
            way.lose("EXISTS (SELECT 1 FROM job WHERE state = 'running')")
            with pytest.raises(mmp.Failure, match="it is not known whether it was done") as failure:
                client.call("push.start", build=build, board="desk")
            assert failure.value.kind == "busy" and way.lost.is_set()
            assert patient(lambda: farm[0].call("board.probe", name="desk"))["name"] == "desk"
            [job] = [one for one in farm[0].call("job.list")["jobs"] if one["kind"] == "push"]
            assert job["state"] == "interrupted" and "did not begin" in job["error"]["message"]

    def test_who_asks_a_board_from_elsewhere_is_answered_though_the_next_commit_is_lost(farm, tmp_path):
        with Way() as way, Host(tmp_path / "d", way.address) as d, boards.Board(tmp_path) as board:
            farm[0].call("board.put", name="desk", line=f"unix:{board.path}")
            way.lose("EXISTS (SELECT 1 FROM board WHERE identity IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM job)")
            assert d.call("board.probe", name="desk")["name"] == "desk"
            assert way.lost.wait(mmp.DEADLINE)
            await_jobs(farm[0], 0)

    def test_what_was_asked_by_a_host_that_died_is_forgotten_by_the_one_that_was_asked(farm):
        ended = (("old", "2020-01-01T00:00:00.000Z", "a"), ("new", "2100-01-01T00:00:00.000Z", "a"),
                 ("others", "2020-01-01T00:00:00.000Z", "nobody"))
        sql(*(f"INSERT INTO job (kind, state, build, board, created, uid, gid, pid, \"user\", ended, host) "
              f"VALUES ('board.probe', 'done', '', '{board}', '{time}', 0, 0, 0, 'root', '{time}', '{host}')"
              for board, time, host in ended))
        until = time.monotonic() + mmp.DEADLINE
        while len(jobs := farm[1].call("job.list")["jobs"]) > 1:
            assert time.monotonic() < until
        assert {job["board"] for job in jobs} == {"new"}

    def test_a_board_whose_host_dies_before_it_is_asked_is_busy_in_words(farm, tmp_path):
        a, b, _ = farm
        a.call("board.put", name="desk", line=f"unix:{tmp_path}/nobody")
        a.kill()
        with b.client() as client:
            probe = client.start("board.probe", name="desk")
            await_jobs(b, 1)
            sql("UPDATE job SET state = 'interrupted', ended = '2100'", "NOTIFY mmp")  # as they do who find that the host is dead
            with pytest.raises(mmp.Failure, match='its line is on host "a", which went away before it began') as failure:
                client.answer(probe)
            assert failure.value.kind == "busy"
            await_jobs(b, 0)

    def test_a_host_that_dies_while_its_board_is_asked_from_elsewhere_ends_it_in_words(farm, tmp_path):
        a, b, _ = farm
        with Mute(tmp_path) as board, b.client() as client:
            a.call("board.put", name="desk", line=board.line)
            asked = client.start("board.probe", name="desk")
            assert board.met.wait(mmp.DEADLINE)
            [job] = b.call("job.list")["jobs"]
            a.kill()
            a.start()
            with pytest.raises(mmp.Failure) as failure:
                client.answer(asked)
            assert failure.value.kind == "link"
            assert f'host "a" ended before job {job["job"]} did' in failure.value.args[0]

    def test_pushes_from_all_hosts_to_one_board_wait_for_each_other(farm, tmp_path):
        a, b, c = farm
        with boards.Board(tmp_path) as board, a.client() as client:
            build = boards.prepare(client, board.path)
            jobs = [one.call("push.start", build=build, board="desk", force=True)["job"] for one in (b, c) * 3]
            ended = [b.call("job.watch", job=job) for job in jobs]
        assert [one["state"] for one in ended] == ["done"] * 6
        assert [one["ended"] for one in ended] == sorted(one["ended"] for one in ended)

    def test_what_cannot_begin_on_its_host_has_failed_there(farm, tmp_path):
        a, b, _ = farm
        with a.client() as client:
            build = boards.prepare(client, tmp_path / "nobody-listens-here")
            with pytest.raises(mmp.Failure) as failure:
                b.call("push.start", build="0" * 64, board="desk")
            assert failure.value.kind == "not-found"
            job = b.call("push.start", build=build, board="desk")["job"]
            ended = b.call("job.watch", job=job)
        assert ended["state"] == "failed" and "nobody-listens-here" in ended["error"]["message"]

    def test_a_job_is_cancelled_from_any_host(farm, tmp_path):
        a, b, c = farm
        with boards.Fake(tmp_path, boards.silent) as board, a.client() as client:
            build = boards.prepare(client, board.path)
            runs = client.call("push.start", build=build, board="desk")["job"]
            waits = b.call("push.start", build=build, board="desk")["job"]
            assert b.call("job.get", job=waits)["progress"]["step"] == "waiting"
            assert c.call("job.cancel", job=waits)["state"] == "cancelled"
            c.call("job.cancel", job=runs)
            assert b.call("job.watch", job=runs)["state"] == "cancelled"
            with pytest.raises(mmp.Failure) as failure:
                c.call("job.cancel", job=runs)
            assert failure.value.kind == "conflict" and "has ended" in failure.value.args[0]

    def test_a_board_in_use_is_not_taken_over_by_another_host(farm, tmp_path):
        a, b, _ = farm
        with boards.Fake(tmp_path, boards.silent) as board, a.client() as client:
            build = boards.prepare(client, board.path)
            job = client.call("push.start", build=build, board="desk")["job"]
            for method, params in (("board.put", {"name": "desk", "line": board.line}), ("board.remove", {"name": "desk"})):
                with pytest.raises(mmp.Failure) as failure:
                    b.call(method, **params)
                assert failure.value.kind == "busy" and f'job {job} of host "a"' in failure.value.args[0]
            client.call("job.cancel", job=job)
            client.call("job.watch", job=job)
            b.call("board.put", name="desk", line=board.line)
            assert a.call("board.get", name="desk")["host"] == "b"

    def test_what_waits_for_a_host_that_comes_back_in_time_is_carried_out(farm, tmp_path):
        a, b, _ = farm
        with boards.Board(tmp_path) as board, a.client() as client:
            build = boards.prepare(client, board.path)
            a.kill()
            job = b.call("push.start", build=build, board="desk")["job"]
            a.start()
            done = b.call("job.watch", job=job)
            assert done["state"] == "done" and done["host"] == "a"

    def test_a_server_that_goes_away_is_busy_and_comes_back(farm):
        a = farm[0]
        a.call("platform.put", document=documents.QEMU)
        control("stop")
        with pytest.raises(mmp.Failure) as failure:
            a.call("platform.list")
        assert failure.value.kind == "busy", failure.value
        assert a.call("service.info")
        a.await_word("heartbeat:")
        status = a.call("service.status")
        assert status["host"] == "a" and status["database"]["away"]
        control("start")
        listed = patient(lambda: a.call("platform.list"))["platforms"]
        assert [one["name"] for one in listed] == [documents.QEMU["name"]]

    def test_a_push_goes_on_without_the_database_and_reports_when_it_is_back(farm, tmp_path):
        a, b, _ = farm
        with boards.Board(tmp_path) as board, lines.Lines(tmp_path, {"desk": board.path}) as line, a.client() as client:
            build = boards.prepare(client, line["desk"].path)
            line["desk"].is_shut = True
            job = b.call("push.start", build=build, board="desk")["job"]
            assert line["desk"].met.wait(mmp.DEADLINE)  # the host speaks to the board, which has not answered yet
            control("stop")
            line.open("desk")
            a.await_word(f"job {job}: done")
            control("start")
            done = watch(b, job)
            assert done["state"] == "done" and done["report"]["activated"], done
            assert b.call("board.get", name="desk")["build"] == build

    def test_a_backup_of_a_shared_database_is_left_to_its_server(farm):
        with pytest.raises(mmp.Failure, match="is backed up with pg_dump") as failure:
            farm[0].call("service.backup", name="copy")
        assert failure.value.kind == "invalid"

    def test_a_schema_that_is_newer_is_refused_in_words(farm, tmp_path):
        sql("UPDATE mmp_schema SET version = version + 1")
        with pytest.raises(RuntimeError, match="a newer mmpd is needed"):
            mmp.Daemon(tmp_path, "--database", ADDRESS, "--host", "late")
        sql("UPDATE mmp_schema SET version = version - 1")

    def test_a_server_that_may_only_be_read_is_an_error_of_the_call_and_nothing_is_lost(farm):
        a = farm[0]
        a.call("platform.put", document=documents.platform("before"))

        def set_read_only(word):
            sql(f"ALTER DATABASE mmp SET default_transaction_read_only = {word}",
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'mmpd'")
            return patient(lambda: a.call("platform.list"))["platforms"]

        assert [one["name"] for one in set_read_only("on")] == ["before"]
        with pytest.raises(mmp.Failure) as failure:
            a.call("platform.put", document=documents.platform("between"))
        assert failure.value.kind == "system" and "read-only" in failure.value.args[0]
        set_read_only("off")
        a.call("platform.put", document=documents.platform("after"))
        assert [one["name"] for one in a.call("platform.list")["platforms"]] == ["after", "before"]

    def kill_server():
        """kill -9 of PostgreSQL as a whole: its processes end with the first of them."""
        folder = pathlib.Path(os.environ["MMP_TEST_POSTGRES_FOLDER"])
        os.kill(int((folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def start_server():
        until = time.monotonic() + mmp.DEADLINE
        while start_control("start").wait(mmp.DEADLINE):  # what is left of the old one ends soon
            assert time.monotonic() < until

    def test_what_was_acknowledged_survives_kills_of_mmpd_and_of_the_server_under_writes(farm):
        host = farm[0]

        def restart_host():
            host.kill()
            host.start()

        def restart_server():
            start_server()
            patient(lambda: host.call("platform.list"))

        def victims(run):
            return (kill_server, restart_server) if run % 4 == 3 else (host.process.kill, restart_host)

        kills.under_writes(host, kills.RUNS_POSTGRES, victims, may_fail=("busy",))

    def test_a_push_that_a_kill_cut_short_is_interrupted(farm, tmp_path):
        kills.in_pushes(farm[0], tmp_path, kills.RUNS_POSTGRES)

    PUSHES, BOARDS = 200, 20

    class Farm:
        """The hosts and boards of the big test, and what it was acknowledged."""

        def __init__(self, hosts, wires):
            self.hosts = {host.folder.name: host for host in hosts}
            self.pids = {host.process.pid: name for name, host in self.hosts.items()}
            self.owner, self.wires = {}, wires
            self.chance = random.Random(SEED)
            self.clients, self.jobs, self.regions, self.unknown, self.moved = {}, {}, [], 0, set()

        def client(self, name):
            if name not in self.clients:
                self.clients[name] = self.hosts[name].client()
            return self.clients[name]

        def any_host(self):
            return self.chance.choice(sorted(self.hosts))

        def kill(self, name):
            self.hosts.pop(name).kill()
            self.clients.pop(name).close()

        def put(self, board, name):
            patient(lambda: self.client(name).call("board.put", name=board, line=self.wires[board].line))
            self.owner[board] = name

        def push(self, number, builds):
            """The same key until it is acknowledged; a board whose host is away gets another one."""
            board = f"board{number % BOARDS}"
            key = {"idempotency_key": f"push {number}", "build": builds[number // BOARDS % 2], "board": board}
            while number not in self.jobs:
                try:
                    self.jobs[number] = self.client(self.any_host()).call("push.start", **key)["job"]
                except mmp.Failure as failure:
                    assert failure.kind == "busy", failure
                    if "which is away" in failure.args[0]:
                        assert self.owner[board] == "a" and "a" not in self.hosts
                        self.put(board, self.any_host())
                        self.moved.add(board)

        def register(self, number):
            """What is answered counts; what is not may have happened."""
            try:
                self.client(self.any_host()).call("region.register", platform="virt",
                                                  **documents.region(number, name=f"farm {number}"))
                self.regions.append(f"farm {number}")
            except mmp.Failure as failure:
                assert failure.kind == "busy", failure
                self.unknown += 1

    def test_200_pushes_to_20_boards_by_3_hosts_of_which_one_dies_while_the_database_restarts(farm, tmp_path, capsys):
        began = time.monotonic()
        with contextlib.ExitStack() as stack:
            names = [f"board{number}" for number in range(BOARDS)]
            for name in names:
                (tmp_path / name).mkdir()
            wires = stack.enter_context(lines.Lines(tmp_path, {
                name: stack.enter_context(boards.Board(tmp_path / name)).path for name in names}))
            silent = stack.enter_context(boards.Fake(tmp_path, boards.silent))
            whole, first = Farm(farm, wires), farm[0].client()
            builds = [boards.prepare(first, silent.path, board="silent")]
            builds.append(first.call("build.create", platform="virt", pool={"base": "0xe220000", "size": "64K"})["id"])
            for number, name in enumerate(names):
                whole.put(name, HOSTS[number % len(HOSTS)])
            stuck = [one.call("push.start", build=builds[0], board="silent")["job"] for one in farm[:2]]
            is_back = None
            for number in range(PUSHES):
                if number == PUSHES // 3:
                    first.close()
                    whole.kill("a")
                if number == PUSHES // 2:
                    is_back = start_control("restart")
                if number == PUSHES - BOARDS:  # the dead host counts as dead: its boards go to others
                    assert is_back.wait(mmp.DEADLINE) == 0
                    assert [watch(whole.hosts["b"], job)["state"] for job in stuck] == ["interrupted"] * 2
                    rows = whole.client("b").call("board.list")["boards"]
                    assert all(row["away"] == (row["host"] == "a") for row in rows)
                    assert whole.client("b").call("board.get", name="silent")["maybe"] == builds[0]
                whole.push(number, builds)
                whole.register(number)
            ended = {number: watch(whole.hosts["b"], job) for number, job in whole.jobs.items()}
            held = whole.client("c")
            rows = {row["name"]: row for row in held.call("board.list")["boards"] if row["name"] != "silent"}
            live = {name: held.call("board.probe", name=name)["build"]
                    for name, row in rows.items()}
            kept = [one["name"] for one in held.call("region.list", platform="virt")["registrations"]
                    if one["name"].startswith("farm ")]
            uses = wires.drivers()
            farm[0].start()
            assert farm[0].call("job.get", job=stuck[0])["state"] == "interrupted"
        states = collections.Counter(job["state"] for job in ended.values())
        with capsys.disabled():
            print(f"\nfarm: {len(ended)} pushes acknowledged: {dict(states)}; {len(whole.regions)} registrations "
                  f"acknowledged and kept, {whole.unknown} answered busy of which {len(kept) - len(whole.regions)} are "
                  f"kept; {len(whole.moved)} boards moved to other hosts; {time.monotonic() - began:.1f} s")
            for words in sorted({job["error"]["message"] for job in ended.values() if job["state"] == "failed"}):
                print(f"farm: failed: {words}")

        assert len(set(whole.jobs.values())) == PUSHES and set(states) <= {"done", "failed", "interrupted"}
        assert all(job["board"] == f"board{number % BOARDS}" and job["build"] == builds[number // BOARDS % 2]
                   for number, job in ended.items())
        assert states["done"] > PUSHES // 2 and states["interrupted"], states
        assert all(job["host"] == "a" for job in ended.values() if job["state"] == "interrupted")
        assert len(whole.moved) == (BOARDS + 2) // 3
        assert all(build in (rows[name]["build"], rows[name]["maybe"]) for name, build in live.items())
        assert len(kept) == len(set(kept)) and set(whole.regions) <= set(kept) and len(whole.regions) > PUSHES // 2
        for name, used in uses.items():
            for (pid, _, until), (other, since, _) in zip(used, used[1:]):
                assert pid == other or until <= since, f"{name} was driven by two hosts at once"
            hosts = [host for host, _ in itertools.groupby(whole.pids[pid] for pid, _, _ in used)]
            assert len(hosts) == len(set(hosts)), f"{name} went back and forth: {hosts}"
