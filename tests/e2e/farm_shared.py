"""One truth for several mmpd, each of which drives the boards that its lines reach. Run by test_farm.py."""

import contextlib
import re
import threading
import time

import pytest

import boards
import documents
import hosts
import lines
import mmp


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
    with mmp.Daemon(tmp_path / "d", "--database", hosts.ADDRESS, "--host", "d", *lines, own_file=True) as a:
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
        mmp.Daemon(tmp_path, "--database", hosts.ADDRESS, "--host", "a")


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
        hosts.await_jobs(a, 0)  # what hosts leave each other for a call is not kept
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
        hosts.await_jobs(c, 0)
        for _ in range(20):
            with b.client() as client:
                client.start("board.probe", name="desk")
        assert b.call("service.info")
        hosts.await_jobs(c, 0)
        assert hosts.asked("SELECT action FROM history WHERE kind = 'board'") == ["board.put"]


def test_what_was_asked_by_a_host_that_died_is_forgotten_by_the_one_that_was_asked(farm):
    ended = (("old", "2020-01-01T00:00:00.000Z", "a"), ("new", "2100-01-01T00:00:00.000Z", "a"),
             ("others", "2020-01-01T00:00:00.000Z", "nobody"))
    hosts.sql(*(f"INSERT INTO job (kind, state, build, board, created, uid, gid, pid, \"user\", ended, host) "
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
        hosts.await_jobs(b, 1)
        hosts.sql("UPDATE job SET state = 'interrupted', ended = '2100'", "NOTIFY mmp")  # as they do who find that the host is dead
        with pytest.raises(mmp.Failure, match='its line is on host "a", which went away before it began') as failure:
            client.answer(probe)
        assert failure.value.kind == "busy"
        hosts.await_jobs(b, 0)


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


def test_a_backup_of_a_shared_database_is_left_to_its_server(farm):
    with pytest.raises(mmp.Failure, match="is backed up with pg_dump") as failure:
        farm[0].call("service.backup", name="copy")
    assert failure.value.kind == "invalid"


def test_a_schema_that_is_newer_is_refused_in_words(farm, tmp_path):
    hosts.sql("UPDATE mmp_schema SET version = version + 1")
    with pytest.raises(RuntimeError, match="a newer mmpd is needed"):
        mmp.Daemon(tmp_path, "--database", hosts.ADDRESS, "--host", "late")
    hosts.sql("UPDATE mmp_schema SET version = version - 1")
