"""What one user may take up of what is few, and how long things are kept."""

import contextlib
import json
import select
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

import boards
import documents
import mmp
from test_roles import NOBODY, as_root, call_as, kind, open_to_all, settings

OLD = "2020-01-01T00:00:00.000Z"


def connect_as(daemon, uid, count):
    """A process of that user with so many connections, which says the first line that each of them got to its request."""
    open_to_all(daemon)
    code = ("import os, socket, sys\n"
            f"os.chdir({str(daemon.folder)!r})\nos.setgroups([])\nos.setgid({NOBODY})\nos.setuid({uid})\n"
            "all = []\n"
            f"for _ in range({count}):\n"
            f"    s = socket.socket(socket.AF_UNIX)\n    s.connect({daemon.socket.name!r})\n    all.append(s)\n"
            "    try:\n"
            "        s.sendall(b'{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"service.whoami\"}\\n')\n"
            "    except BrokenPipeError:\n        pass\n"
            "    print(s.makefile().readline(), end='', flush=True)\n"
            "sys.stdin.read()\n")
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@as_root
def test_one_user_has_a_share_of_the_connections_and_admins_have_none(tmp_path):
    conf = settings(tmp_path, "[roles]\nreader = others\n[limits]\nuser_clients = 3\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon:
        with connect_as(daemon, NOBODY, 4) as others:
            lines = [others.stdout.readline() for _ in range(4)]
            assert all('"result"' in line for line in lines[:3])
            assert "3 connections, which is the limit of one user" in lines[3]
            mine = [daemon.client() for _ in range(5)]
            assert all(client.call("service.whoami") for client in mine)
            others.communicate("")


def test_the_answer_of_a_batch_counts_as_memory_while_it_grows(tmp_path):
    """What would be over the limit of its user is refused, request by request; others are not concerned."""
    conf = settings(tmp_path, "[limits]\nuser_memory = 4M\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon, daemon.client(check=False) as client:
        client.send([{"jsonrpc": "2.0", "id": number, "method": "rpc.discover"} for number in range(200)])
        answers = client.read()
        kinds = ["result" if "result" in one else one["error"]["data"]["kind"] for one in answers]
        assert kinds[0] == "result" and kinds[-1] == "busy" and kinds == sorted(kinds, reverse=True)
        assert len(json.dumps(answers)) < 6 << 20
        assert client.call("service.info")


def in_use(client):
    return client.call("service.status")["memory"]["bytes"]


@pytest.mark.parametrize(("method", "params"), [("platform.get", {"name": "virt"}), ("region.list", {"platform": "virt"})])
def test_calls_that_wait_are_refused_when_the_answers_of_others_have_taken_the_memory(tmp_path, method, params):
    """All of them came when there was room, and nobody fetches an answer, of which a socket takes a part."""
    conf = settings(tmp_path, "[limits]\nuser_memory = 16M\n")
    document = {**documents.platform(), "registrations": [documents.region(number) for number in range(5000)]}
    with mmp.Daemon(tmp_path, "--config", conf) as daemon, daemon.client() as other, contextlib.ExitStack() as stack:
        other.call("platform.put", document=document)
        size = len(json.dumps(other.call(method, **params)))
        clients = [stack.enter_context(daemon.client(check=False)) for _ in range((48 << 20) // size)]
        for client in clients:
            client.start(method, **params)
        while f'mmpd_call_seconds_count{{method="{method}"}} {1 + len(clients)}\n' not in other.call("service.metrics")["text"]:
            pass
        assert in_use(other) < (16 << 20) + 4 * size, "three threads have added one each"
        refused = [one["error"] for one in (client.read() for client in clients) if "error" in one]
        assert len(clients) // 4 < len(refused) < len(clients)
        assert all(one["data"]["kind"] == "busy" and "fetch answers" in one["message"] for one in refused)


def test_a_client_that_fetches_nothing_is_asked_for_nothing_more_when_its_user_is_at_its_limit(tmp_path):
    conf = settings(tmp_path, "[limits]\nuser_memory = 4M\n")
    count = 1500
    with mmp.Daemon(tmp_path, "--config", conf) as daemon, daemon.client() as other, daemon.client() as client:
        size = len(json.dumps(other.call("service.info")))
        assert count * size > 8 << 20
        asked = b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"service.info"}\n' % number for number in range(count))
        sender = threading.Thread(target=client.send, args=(asked,))
        sender.start()
        while in_use(other) < 4 << 20:
            pass
        for _ in range(count):  # it could have its turns in between
            assert in_use(other) < (4 << 20) + (256 << 10)
        assert [client.read()["id"] for _ in range(count)] == list(range(count))
        sender.join()


def test_a_client_that_fetches_nothing_is_asked_for_more_when_there_is_room_again(tmp_path):
    conf = settings(tmp_path, "[limits]\nuser_memory = 1M\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon, daemon.client() as other, daemon.client() as client:
        size = len(json.dumps(other.call("service.info")))
        count = (4 << 20) // size
        asked = b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"service.info"}' % number + size * b" " + b"\n" for number in range(count))
        sender = threading.Thread(target=client.send, args=(asked,))
        sender.start()
        while in_use(other) < 1 << 20:
            pass
        assert sender.is_alive()
        settings(tmp_path, "[limits]\nuser_memory = 64M\n")
        daemon.process.send_signal(signal.SIGHUP)
        sender.join(mmp.DEADLINE)
        is_asked = not sender.is_alive()
        assert [client.read()["id"] for _ in range(count)] == list(range(count))
        assert is_asked


def test_a_line_that_does_not_end_counts_as_memory(tmp_path):
    """Over the limit of its user it is refused, and given back; a short line of that user still gets its answer."""
    conf = settings(tmp_path, "[limits]\nuser_memory = 4M\n")

    with mmp.Daemon(tmp_path, "--config", conf) as daemon, daemon.client() as other:
        before = in_use(other)
        with daemon.client(check=False) as first, daemon.client(check=False) as second:
            first.send(b'"' + b"x" * (3 << 20))
            while in_use(other) < before + (3 << 20):
                pass
            second.send(b'"' + b"x" * (2 << 20))
            refused = second.read()
            assert refused["id"] is None and refused["error"]["data"]["kind"] == "busy"
            assert "the limit is 4194304" in refused["error"]["message"]
            assert "the connection ends here" in refused["error"]["message"]
            second.send(b'"\n')
            assert second.read() is None
            assert 3 << 20 <= in_use(other) - before < (3 << 20) + (64 << 10)
            first.send(b'"\n')
            assert first.read()["error"]["data"]["kind"] == "busy", "its JSON would be larger still"
            assert first.call("service.whoami")
            assert in_use(other) - before < 64 << 10, "the line is answered, and the client is still there"


def test_a_refused_line_costs_neither_the_short_ones_before_it_nor_answers_under_way(tmp_path):
    conf = settings(tmp_path, "[limits]\nuser_memory = 4M\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon, daemon.client() as other:
        other.call("platform.put", document=documents.platform(aslr=True))
        job = other.call("layout.sweep", platform="virt", count=1 << 26)["job"]
        with daemon.client(check=False) as holder, daemon.client(check=False) as client:
            holder.send(b'"' + b"x" * ((4 << 20) - (96 << 10)))
            while other.call("service.status")["memory"]["bytes"] < (4 << 20) - (96 << 10):
                pass
            whoami = b'{"jsonrpc":"2.0","id":%d,"method":"service.whoami"}' + b" " * 400 + b"\n"
            count = 600
            sender = threading.Thread(target=client.send, args=(b"".join(whoami % number for number in range(count)),))
            sender.start()
            assert [client.read()["id"] for _ in range(count)] == list(range(count))
            sender.join()
            client.start("job.watch", job=job)
            assert client.read()["method"] == "job.progress", "it is under way"
            client.send(b'"' + b"x" * (1 << 20))
            while "method" in (refused := client.read()):
                pass
            assert refused["id"] is None and refused["error"]["data"]["kind"] == "busy"
            client.send(b'"\n')
            other.call("job.cancel", job=job)
            while "method" in (answer := client.read()):
                pass
            assert answer["result"]["state"] == "cancelled"
            assert client.read() is None


def test_an_idle_connection_gives_way_when_all_are_taken_and_is_told_why(tmp_path):
    conf = settings(tmp_path, "[roles]\nreader = others\n[limits]\nidle = 0\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon:
        clients = [daemon.client() for _ in range(256)]
        for client in clients:
            client.call("service.whoami")
        waiting = clients[0]
        waiting.send(b'{"jsonrpc":')  # the beginning of a line is not idleness
        clients[1].call("service.whoami")
        late = daemon.client()
        assert late.call("service.whoami")
        told = select.select([client.socket for client in clients], [], [], mmp.DEADLINE)[0]
        [ended] = [client for client in clients if client.socket in told]
        message = ended.read()
        assert ended not in clients[:2] and message["id"] is None
        assert message["error"]["data"]["kind"] == "busy" and "was idle for" in message["error"]["message"]
        assert ended.read() is None
        waiting.send(b'"2.0","id":1,"method":"service.whoami"}\n')
        assert waiting.read()["result"]


@as_root
def test_one_user_has_a_share_of_the_disk(tmp_path):
    conf = settings(tmp_path, "[roles]\nengineer = others\n[limits]\nuser_disk = 16K\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon:
        made = dict(platform=documents.platform(), pool=documents.POOL)
        refused = call_as(daemon, NOBODY, [], "build.create", **made)["error"]
        assert refused["data"]["kind"] == "busy" and "the limit of one user is 16384" in refused["message"]
        assert daemon.call("build.create", **made)["new"]


def age(database):
    """All that is in the database was done long ago."""
    with sqlite3.connect(database) as store:
        store.execute("UPDATE job SET created = ?, ended = ? WHERE ended IS NOT NULL", (OLD, OLD))
        store.execute("UPDATE history SET time = ?", (OLD,))
        store.execute("UPDATE build_origin SET time = ?", (OLD,))
    store.close()


def fill(daemon, folder):
    """A platform of three revisions, a build on a board, and one that nothing refers to."""
    with boards.Board(folder) as board, daemon.client() as client:
        held = boards.prepare(client, board.path)
        push = client.call("push.start", build=held, board="desk")["job"]
        assert client.call("job.watch", job=push)["state"] == "done"
        unused = client.call("build.create", platform=documents.platform("other"),
                             pool=documents.POOL)["id"]
        for number in range(3):
            client.call("platform.put", document=documents.platform("kept", nb_core=number + 1))
    return held, unused


@pytest.mark.parametrize("days, forgotten", [(0, False), (30, True)])
def test_what_is_older_than_the_settings_say_is_forgotten_and_what_is_used_stays(tmp_path, days, forgotten):
    with mmp.Daemon(tmp_path) as daemon:
        held, unused = fill(daemon, tmp_path)
    age(tmp_path / "mmpd.db")
    conf = settings(tmp_path, f"[retention]\njobs = {days}\nhistory = {days}\nbuilds = {days}\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon, daemon.client() as client:
        while forgotten and len(client.call("build.list")["builds"]) > 1:
            pass
        while forgotten and "retention: forgot 1 jobs" not in (tmp_path / "mmpd.log").read_text():
            pass
        builds = {one["id"] for one in client.call("build.list")["builds"]}
        assert builds == ({held} if forgotten else {held, unused})
        assert len(client.call("job.list")["jobs"]) == (0 if forgotten else 1)
        history = client.call("platform.history", name="kept")["history"]
        assert [row["revision"] for row in history] == ([3] if forgotten else [1, 2, 3])
        assert client.call("platform.get", name="kept", revision=1)


def test_regions_come_in_pages_and_mmpctl_puts_them_together(daemon):
    document = documents.platform("long")
    document["registrations"] += [documents.region(number) for number in range(2500 - len(document["registrations"]))]
    with daemon.client() as client:
        client.call("platform.put", document=document)
        whole = client.call("region.list", platform="long")["registrations"]
        assert [one["ordinal"] for one in whole] == list(range(2500))
        pages, after = [], {}
        while page := client.call("region.list", platform="long", limit=700, **after)["registrations"]:
            pages.append(len(page))
            assert page == whole[sum(pages[:-1]):sum(pages)]
            after = {"after": page[-1]["ordinal"]}
        assert pages == [700, 700, 700, 400]
        done = daemon.mmpctl("--json", "region", "list", "long")
        assert json.loads(done.stdout)["registrations"] == whole
        calls = {one["method"]: one["calls"] for one in client.call("service.status")["methods"]}
        assert calls["region.list"] == 1 + 5 + 3


def test_builds_come_in_pages(daemon):
    with daemon.client() as client:
        for number in range(3):
            client.call("build.create", platform=documents.platform(f"p{number}"), pool=documents.POOL)
        first = client.call("build.list", limit=2)["builds"]
        assert [one["platform"] for one in first] == ["p2", "p1"]
        rest = client.call("build.list", after=first[-1]["number"])["builds"]
        assert [one["platform"] for one in rest] == ["p0"]


def test_platforms_and_boards_come_in_pages_and_mmpctl_puts_them_together(daemon):
    with daemon.client() as client:
        for number in range(5):
            client.call("platform.put", document=documents.platform(f"p{number}"))
            client.call("board.put", name=f"b{number}", line=f"unix:/{number}")
        for method, key, first in (("platform.list", "platforms", "p"), ("board.list", "boards", "b")):
            whole = [one["name"] for one in client.call(method)[key]]
            assert whole == [f"{first}{number}" for number in range(5)]
            pages, after = [], {}
            while not pages or len(pages[-1]) == 2:
                pages.append([one["name"] for one in client.call(method, limit=2, **after)[key]])
                after = {"after": pages[-1][-1]}
            assert pages == [whole[:2], whole[2:4], whole[4:]]
            assert client.call(method, limit=5)[key] == client.call(method, limit=6)[key] == client.call(method)[key]
            assert client.call(method, after="z")[key] == []
            done = daemon.mmpctl("--json", key[:-1], "list")
            assert [one["name"] for one in json.loads(done.stdout)[key]] == whole


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_a_list_is_whole_however_many_parts_it_is_read_in(tmp_path, over):
    """At the edge of what the database's thread reads at a time, and again behind it."""
    with mmp.Daemon(tmp_path, own_file=True) as daemon:
        most = {row["name"]: row["value"] for row in daemon.call("service.info")["limits"]}["rows_at_once"]
    count = 2 * most + over
    with sqlite3.connect(tmp_path / "mmpd.db") as store:
        store.executemany("INSERT INTO platform (id, name, revision, removed, positions) VALUES (?, ?, 1, 0, 0)",
                          ((number + 1, f"p{number:05}") for number in range(count)))
        store.executemany("INSERT INTO platform_config (id, platform, rules, config) VALUES (?, ?, 'optee-4.10', '{}')",
                          ((number + 1, number + 1) for number in range(count)))
        store.executemany("INSERT INTO platform_revision (platform, revision, config, region_count, time, user) "
                          "VALUES (?, 1, ?, 0, 'T', 'eva')", ((number + 1, number + 1) for number in range(count)))
        store.executemany("INSERT INTO history (time, uid, gid, pid, user, kind, name, action, about) VALUES "
                          "('T', 0, 0, 0, 'eva', 'platform', 'p00000', 'platform.put', '')", (() for _ in range(count)))
    store.close()
    with mmp.Daemon(tmp_path, own_file=True) as daemon, daemon.client() as client:
        names = [one["name"] for one in client.call("platform.list")["platforms"]]
        assert names == [f"p{number:05}" for number in range(count)]
        assert len(client.call("platform.history", name="p00000")["history"]) == count
        for limit in (most, most + 1):
            assert [one["name"] for one in client.call("platform.list", limit=limit)["platforms"]] == names[:limit]


@as_root
def test_one_user_has_a_share_of_the_jobs_and_another_goes_on(tmp_path):
    conf = settings(tmp_path, "[roles]\nengineer = others\n[limits]\nuser_jobs = 2\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon, daemon.client() as client:
        client.call("platform.put", document=documents.platform(aslr=True))
        long = dict(platform="virt", first=0, step="0x1000", count=1 << 26)
        started = [call_as(daemon, NOBODY, [], "layout.sweep", **long) for _ in range(3)]
        assert [kind(one) for one in started] == ["ok", "ok", "busy"]
        assert "2 jobs of yours are running, which is the limit of one user" in started[2]["error"]["message"]
        mine = [client.call("layout.sweep", **long)["job"] for _ in range(3)]  # an admin has no such limit
        elses = call_as(daemon, NOBODY - 1, [], "layout.sweep", **long)
        assert kind(elses) == "ok"
        for job in (started[0]["result"]["job"], started[1]["result"]["job"], elses["result"]["job"], *mine):
            client.call("job.cancel", job=job)
            assert client.call("job.watch", job=job)["state"] == "cancelled"
        assert kind(call_as(daemon, NOBODY, [], "layout.sweep", **{**long, "count": 1})) == "ok"


def test_ended_jobs_over_their_limit_are_forgotten_logged_and_counted(tmp_path):
    with mmp.Daemon(tmp_path, own_file=True) as daemon:
        most = {row["name"]: row["value"] for row in daemon.call("service.info")["limits"]}["jobs_kept"]
    with sqlite3.connect(tmp_path / "mmpd.db") as store:
        store.executemany("INSERT INTO job (kind, state, build, board, created, uid, gid, pid, user, host, attempt, ended) "
                          "VALUES ('sweep', 'done', '', '', 'T', 0, 0, 0, 'eva', '', 1, 'T')", (() for _ in range(most)))
    store.close()
    with mmp.Daemon(tmp_path, own_file=True) as daemon, daemon.client() as client:
        client.call("platform.put", document=documents.platform(aslr=True))

        def sweep():
            assert client.call("job.watch", job=client.call("layout.sweep", platform="virt", count=1)["job"])["state"] == "done"
            return client.call("service.status")["forgotten"]["jobs"]

        assert sweep() == 0
        assert "retention: forgot jobs" not in daemon.words()
        assert sweep() == 1
        assert f"retention: forgot jobs=1 why=jobs_kept limit={most}" in daemon.words()
        assert client.call("job.list")["jobs"][-1]["job"] == 2
