"""What is done at a time stays within its bound, whatever clients ask for: counted, not timed."""

import base64
import contextlib
import re
import signal
import socket
import sqlite3
import time

import pytest

import documents
import mmp

PEAK = re.compile(r'^mmpd_(peak|peak_bound)\{of="(\w+)"\} (\d+)$', re.M)


def peaks(client):
    """Each peak with its bound."""
    found = {}
    for family, name, value in PEAK.findall(client.call("service.metrics")["text"]):
        found.setdefault(name, {})[family] = int(value)
    assert len(found) == 10
    return {name: (one["peak"], one["peak_bound"]) for name, one in found.items()}


def within(client):
    """Nothing is over its bound; the peaks."""
    found = peaks(client)
    assert all(peak <= bound for peak, bound in found.values()), found
    return {name: peak for name, (peak, _) in found.items()}


def many(count, name="many", size="0x1000"):
    document = documents.platform(name)
    document["registrations"] = [{**documents.region(number), "size": size} for number in range(count)]
    return document


def nested(count):
    """Every range contains the next one."""
    document = documents.platform("nested")
    document["registrations"] = [
        {"section": "phys_mem_map", "type": "MEM_AREA_IO_SEC", "name": f"n{number}",
         "addr": hex(0x1_0000_0000 + number * 0x1000), "size": hex((2 * count - 2 * number) * 0x1000)}
        for number in range(count)]
    return document


def fill(database, jobs, rows, report=50_000):
    """So many ended jobs with large reports, and rows of history."""
    with sqlite3.connect(database) as store:
        store.executemany(
            "INSERT INTO job (kind, state, build, board, created, uid, gid, pid, user, host, attempt, ended, report) "
            "VALUES ('sweep', 'done', '', '', 'T', 0, 0, 0, 'eva', '', 1, 'T', ?)",
            (('"' + "x" * report + '"',) for _ in range(jobs)))
        store.executemany(
            "INSERT INTO history (time, uid, gid, pid, user, kind, name, action, about) "
            "VALUES ('T', 0, 0, 0, 'eva', 'platform', 'long', 'platform.put', '')", (() for _ in range(rows)))
        store.executemany("INSERT INTO board (name, line, options, time) VALUES (?, ?, '{}', 'T')",
                          ((f"desk-{number:03}", f"unix:/{number}") for number in range(40)))
    store.close()


def long_sweep(client, platform="virt"):
    """A sweep that takes minutes, so that it ends only when it is cancelled; its job."""
    return client.call("layout.sweep", platform=platform, first="0x0", step="0x1000", count=1 << 26)["job"]


def flood(daemon, count, depth, method, **params):
    """Many clients ask for the same; then all answers are fetched. Their number."""
    clients = [daemon.client(check=False) for _ in range(count)]
    for client in clients:
        for _ in range(depth):
            client.start(method, **params)
    answers = sum("id" in client.read() for _ in range(depth) for client in clients)
    for client in clients:
        client.close()
    return answers


def abandon(daemon, count, method, depth=1, **params):
    """Clients that leave as soon as they have asked."""
    for _ in range(count):
        with daemon.client(check=False) as client:
            for _ in range(depth):
                client.start(method, **params)


def await_nobody_else(client):
    """Until all other clients have been let go."""
    until = time.monotonic() + mmp.DEADLINE
    while "\nmmpd_clients 1\n" not in client.call("service.metrics")["text"]:
        assert time.monotonic() < until


def test_the_most_that_is_done_at_a_time_stays_within_its_bound_under_attack(tmp_path):
    with mmp.Daemon(tmp_path, own_file=True):
        pass
    fill(tmp_path / "mmpd.db", 1000, 2500)
    with mmp.Daemon(tmp_path, own_file=True) as daemon, daemon.client() as client:
        client.call("platform.put", document=many(30_000))
        client.call("platform.put", document=nested(3000))
        client.call("platform.put", document=documents.platform(aslr=True))
        assert within(client)["rows_at_once"] > 0
        client.call("platform.put", document=many(30_000, size="0x2000"))
        assert within(client)["rows_written"] >= 60_000

        assert flood(daemon, 10, 3, "platform.get", name="many") == 30
        found = within(client)
        assert found["rows_at_once"] >= 1000 and found["turn_sent"] > 0
        assert flood(daemon, 10, 4, "job.list") == 40
        assert flood(daemon, 4, 4, "platform.history", name="long") == 16
        assert flood(daemon, 4, 4, "board.list") == 16
        assert flood(daemon, 16, 200, "service.whoami") == 3200
        assert within(client)["turn_requests"] > 1

        job = long_sweep(client)
        watchers = [daemon.client(check=False) for _ in range(40)]
        for watcher in watchers:
            for _ in range(31):
                watcher.start("job.watch", job=job)
            asked = watcher.start("service.info")
            while watcher.read().get("id") != asked:  # so all watches are there
                pass
        client.call("job.cancel", job=job)
        for watcher in watchers:
            for _ in range(31):
                while "method" in watcher.read():
                    pass
            watcher.close()
        assert within(client)["turn_watches"] > 1

        abandon(daemon, 20, "job.list", depth=32)
        abandon(daemon, 1, "layout.compute", platform=many(5000, name="given"), detail="map")
        abandon(daemon, 20, "layout.compute", platform="many", detail="map")
        await_nobody_else(client)
        assert within(client)["turn_freed"] > 0
        abandon(daemon, 6, "layout.budget", platform="nested")
        abandon(daemon, 20, "layout.diff", before="many", after="nested")
        sweeps = [long_sweep(client) for _ in range(8)]
        for job in sweeps:
            client.call("job.cancel", job=job)
        for job in sweeps:
            client.call("job.watch", job=job)
        client.call("layout.budget", platform=documents.platform())  # behind those that were abandoned
        assert within(client)["turn_tasks"] > 0


def test_connections_that_wait_are_few_and_accepted_some_at_a_time(daemon):
    """So whoever connects and leaves again without end delays others by no more than those few."""
    with daemon.client() as client:
        limits = {one["name"]: one["value"] for one in client.call("service.info")["limits"]}
        daemon.process.send_signal(signal.SIGSTOP)
        waiting = []
        with contextlib.suppress(BlockingIOError):
            while len(waiting) < 10 * limits["backlog"]:
                one = socket.socket(socket.AF_UNIX)
                one.setblocking(False)
                one.connect(str(daemon.socket))
                waiting.append(one)
        one.close()
        assert limits["backlog"] <= len(waiting) <= limits["backlog"] + 1
        daemon.process.send_signal(signal.SIGCONT)
        for one in waiting:
            one.settimeout(mmp.DEADLINE)
            with contextlib.suppress(BrokenPipeError):  # one too many, which was told so
                one.sendall(b'{"jsonrpc":"2.0","id":1,"method":"service.whoami"}\n')
        heard = [b'"uid":' in one.recv(4096) for one in waiting]
        assert heard.count(True) == limits["clients"] - 1
        for one in waiting:
            one.close()
        assert 1 < within(client)["turn_accepts"] <= limits["turn_accepts"]


def begin_nothing(_):
    return "service.info", {}


def begin_budget(client):
    client.call("platform.put", document=nested(4000))
    return "layout.budget", {"platform": "nested"}


def begin_sweep(client):
    client.call("platform.put", document=documents.platform(aslr=True))
    return "layout.sweep", {"platform": "virt", "first": "0x0", "step": "0x1000", "count": 1 << 26}


def begin_compute(client):
    client.call("platform.put", document=many(30_000))
    return "layout.compute", {"platform": "many", "detail": "map"}


def begin_check(client):
    client.call("platform.put", document=nested(4000))
    return "layout.check", {"platform": "nested", "min_spare": {"tables": 1}}


def begin_diff(client):
    client.call("platform.put", document=many(30_000))
    client.call("platform.put", document=nested(4000))
    return "layout.diff", {"before": "many", "after": "nested"}


def begin_build(client):
    client.call("platform.put", document=many(20_000))
    return "build.create", {"platform": "many", "pool": {"base": "0x40000000", "size": "256M"}}


def begin_compare(client):
    client.call("platform.put", document=many(20_000))
    memory = base64.b64encode(bytes(4096)).decode()
    return "build.compare", {"platform": "many", "pool": {"base": "0x40000000", "size": "256M"},
                             "dump": [{"address": "0x40000000", "bytes": memory}]}


def begin_explain(client):
    client.call("platform.put", document=many(30_000))
    return "layout.explain", {"platform": "many", "what": "r29999"}


def begin_get(client):
    client.call("platform.put", document=many(60_000))
    return "platform.get", {"name": "many"}


@pytest.mark.parametrize("begin", [begin_nothing, begin_budget, begin_sweep, begin_compute, begin_check, begin_diff,
                                   begin_build, begin_compare, begin_explain, begin_get], ids=lambda begin: begin.__name__[6:])
def test_sigterm_ends_it_within_one_step_of_the_work_under_way(tmp_path, begin):
    daemon = mmp.Daemon(tmp_path)
    with daemon.client() as client:
        method, params = begin(client)
        jobs = {client.call(method, **params)["job"]} if begin == begin_sweep else set()
        asked = 6 if begin == begin_sweep else 24  # more than could be done while this process waits for its turn
        for _ in range(asked):
            client.start(method, **params)
        with daemon.client() as other:
            other.call("service.info")
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(mmp.DEADLINE) == 0
        answered = 0
        with contextlib.suppress(ConnectionError):
            while answer := client.read():
                answered += 1
                if begin == begin_sweep and "result" in answer:
                    jobs.add(answer["result"]["job"])
    assert answered < asked or begin in (begin_nothing, begin_sweep), "it came too late to end anything"
    if begin == begin_sweep:
        with mmp.Daemon(tmp_path) as again:
            kept = {job["job"]: job["state"] for job in again.call("job.list")["jobs"]}
            assert jobs <= set(kept), "a job that was answered is lost"
            assert set(kept.values()) <= {"interrupted", "done"}
    told = re.findall(r"most at a time:(.*)", daemon.words())
    assert told, daemon.words()
    counts = dict(part.split("=") for part in told[-1].split())
    assert int(counts["looks_after_stop"]) <= 2
    assert int(counts["rows_at_once"]) <= 1016
