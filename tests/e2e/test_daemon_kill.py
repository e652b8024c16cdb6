"""kill -9 at random moments: what was acknowledged is there, what was begun is told."""

import os
import random
import sqlite3
import threading
import time

import boards
import documents
import mmp

RUNS = int(os.environ.get("MMP_KILLS", "100"))
SEED = int(os.environ.get("MMP_SEED", "20260801"))
BURST = 30


def names_of(client):
    regions = client.call("region.list", platform="virt")["registrations"]
    return [one["name"] for one in regions[len(documents.QEMU["registrations"]):]]


def seconds_of(act):
    """How long it takes undisturbed, here and with this build."""
    start = time.monotonic()
    act()
    return time.monotonic() - start


def acknowledged(client, requests):
    """Up to which of the requests one was answered before the connection broke; they are carried out in their order."""
    answered = set()
    try:
        while not answered >= set(requests):
            message = client.read()
            if message is None:
                break
            assert "error" not in message
            answered.add(message.get("id"))
    except (ConnectionError, OSError, ValueError):
        pass
    return max((place + 1 for place, request in enumerate(requests) if request in answered), default=0)


def test_what_was_acknowledged_survives_kills_under_writes(tmp_path):
    chance = random.Random(SEED)
    daemon = mmp.Daemon(tmp_path)
    daemon.call("platform.put", document=documents.platform())
    kept, lost_in_flight = [f"warm.{number}" for number in range(BURST)], 0

    def burst():
        with daemon.client() as client:
            requests = [client.start("region.register", platform="virt",
                                     **documents.region(number, name=name))
                        for number, name in enumerate(kept)]
            assert acknowledged(client, requests) == BURST

    usual = seconds_of(burst)
    for run in range(RUNS):
        with daemon.client() as client:
            names = [f"{run}.{number}" for number in range(BURST)]
            killer = threading.Timer(chance.uniform(0, 1.2 * usual), daemon.process.kill)
            requests = []
            killer.start()
            try:
                for number, name in enumerate(names):
                    requests.append(client.start("region.register", platform="virt",
                                                 **documents.region(number, name=name)))
            except OSError:
                pass
            count = acknowledged(client, requests)
            killer.join()
        daemon.kill()
        daemon.start()
        with daemon.client() as client:
            now = names_of(client)
            revision = client.call("platform.get", name="virt")["revision"]
        assert now[:len(kept) + count] == kept + names[:count], f"seed {SEED}, run {run}"
        assert now == kept + names[:len(now) - len(kept)], f"seed {SEED}, run {run}"
        assert revision == len(now) + 1
        lost_in_flight += len(requests) > count
        kept = now
    daemon.stop()
    with sqlite3.connect(daemon.database) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert kept and lost_in_flight > RUNS // 10, "the kills came too late to show anything"


def test_a_push_that_a_kill_cut_short_is_interrupted(tmp_path):
    chance = random.Random(SEED)
    seen = set()
    with boards.Board(tmp_path) as board:
        daemon = mmp.Daemon(tmp_path)
        with daemon.client() as client:
            builds = [boards.prepare(client, board.path)]
            builds.append(client.call("build.create", platform="virt",
                                      pool={"base": "0xe220000", "size": "64K"})["id"])
            usual = seconds_of(lambda: client.call(
                "job.watch", job=client.call("push.start", build=builds[1], board="desk")["job"]))
        for run in range(RUNS):
            build = builds[run % 2]
            with daemon.client() as client:
                job = client.call("push.start", build=build, board="desk")["job"]
                watch = client.start("job.watch", job=job)
                killer = threading.Timer(chance.uniform(0, 1.5 * usual), daemon.process.kill)
                killer.start()
                ended = acknowledged(client, [watch])
                killer.join()
            daemon.kill()
            daemon.start()
            with daemon.client() as client:
                state = client.call("job.get", job=job)["state"]
                row = client.call("board.get", name="desk")
                assert state in (("done",) if ended else ("done", "interrupted")), f"run {run}"
                live = client.call("board.probe", name="desk")["build"]
                assert live in (row["build"], row["maybe"]), f"seed {SEED}, run {run}"
                if state == "done":
                    assert live == build
                seen.add(state)
        daemon.stop()
    assert seen == {"done", "interrupted"}, "the kills came too early or too late"


def test_a_push_to_a_silent_board_is_interrupted_and_the_board_free_again(tmp_path):
    with boards.Fake(tmp_path, boards.silent) as board:
        daemon = mmp.Daemon(tmp_path)
        with daemon.client() as client:
            build = boards.prepare(client, board.path)
            job = client.call("push.start", build=build, board="desk", idempotency_key="k")["job"]
        daemon.kill()
        daemon.start()
        with daemon.client() as client:
            ended = client.call("job.get", job=job)
            assert ended["state"] == "interrupted" and ended["ended"]
            assert "mmpd ended" in ended["error"]["message"]
            assert client.call("job.watch", job=job)["state"] == "interrupted"
            assert client.call("push.start", build=build, board="desk",
                               idempotency_key="k")["job"] == job
            other = client.call("push.start", build=build, board="desk")["job"]
            assert client.call("job.get", job=other)["state"] == "running"
        daemon.stop()
        assert "1 jobs are interrupted" in daemon.words()
        daemon.start()
        assert daemon.call("job.get", job=other)["state"] == "interrupted"
        daemon.stop()
