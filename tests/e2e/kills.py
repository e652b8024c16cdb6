"""kill -9 at random moments: what was acknowledged is there, what was begun is told."""

import itertools
import os
import random
import threading
import time

import boards
import documents

RUNS = int(os.environ.get("MMP_KILLS", "100"))
RUNS_POSTGRES = int(os.environ.get("MMP_KILLS_POSTGRES", "12"))
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


def acknowledged(client, requests, may_fail=()):
    """Up to which of the requests one was answered before the connection broke; they are carried out in their order."""
    answered, failed = set(), set()
    try:
        while not answered | failed >= set(requests):
            message = client.read()
            if message is None:
                break
            if "error" in message:
                assert message["error"]["data"]["kind"] in may_fail, message
                failed.add(message.get("id"))
            else:
                answered.add(message.get("id"))
    except (ConnectionError, OSError, ValueError):
        pass
    return max((place + 1 for place, request in enumerate(requests) if request in answered), default=0)


def under_writes(daemon, runs, victims=None, may_fail=()):
    """Bursts of writes, each cut short by a kill: of mmpd, or of what victims(run) gives as (kill, start again)."""
    chance = random.Random(SEED)
    daemon.call("platform.put", document=documents.platform())
    kept, lost_in_flight = [f"warm.{number}" for number in range(BURST)], 0

    def burst():
        with daemon.client() as client:
            requests = [client.start("region.register", platform="virt",
                                     **documents.region(number, name=name))
                        for number, name in enumerate(kept)]
            assert acknowledged(client, requests) == BURST

    def restart():
        daemon.kill()
        daemon.start()

    usual = seconds_of(burst)  # which may have come at a bad time: each kill that is too late shortens it
    for run in range(runs):
        kill, start = victims(run) if victims else (daemon.process.kill, restart)
        with daemon.client() as client:
            names = [f"{run}.{number}" for number in range(BURST)]
            killer = threading.Timer(chance.uniform(0, 1.2 * usual), kill)
            requests = []
            killer.start()
            try:
                for number, name in enumerate(names):
                    requests.append(client.start("region.register", platform="virt",
                                                 **documents.region(number, name=name)))
            except OSError:
                pass
            count = acknowledged(client, requests, may_fail)
            killer.join()
        start()
        with daemon.client() as client:
            now = names_of(client)
            revision = client.call("platform.get", name="virt")["revision"]
        assert now[:len(kept) + count] == kept + names[:count], f"seed {SEED}, run {run}"
        assert now == kept + names[:len(now) - len(kept)], f"seed {SEED}, run {run}"
        assert revision == len(now) + 1
        lost_in_flight += len(requests) > count
        usual *= 1.05 if len(requests) > count else 0.8
        kept = now
    assert kept and lost_in_flight > runs // 10, "the kills came too late to show anything"
    print(f"{runs} kills under writes: {len(kept)} registrations, none that was acknowledged is lost; "
          f"{lost_in_flight} kills came before the end of their burst")


def steps_of(client, build):
    """How often an undisturbed push tells its progress."""
    client.notifications.clear()
    client.call("job.watch", job=client.call("push.start", build=build, board="desk")["job"])
    return len(client.notifications)


def followed(client, watch, most, kill):
    """Whether the push is done before it has told its progress more than that often, which brings the kill."""
    for told in itertools.count(1):
        try:
            message = client.read()
        except (ConnectionError, ValueError):
            return False
        if message is None:
            return False
        if message.get("id") == watch:
            assert "result" in message, message
            return True
        if told > most:
            kill()


def in_pushes(daemon, folder, runs):
    """Pushes, each cut short by a kill of mmpd."""
    chance = random.Random(SEED)
    seen = []
    with boards.Board(folder) as board:
        with daemon.client() as client:
            builds = [boards.prepare(client, board.path)]
            builds.append(client.call("build.create", platform="virt",
                                      pool={"base": "0xe220000", "size": "64K"})["id"])
            # A push may be over before its watch begins, and then tells nothing.
            steps = max(2, *(steps_of(client, build) for build in builds[::-1] * 2))
        for run in range(runs):
            build = builds[run % 2]
            with daemon.client() as client:
                job = client.call("push.start", build=build, board="desk")["job"]
                watch = client.start("job.watch", job=job)
                ended = followed(client, watch, chance.randrange(steps + steps // 2 + 1), daemon.process.kill)
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
                seen.append(state)
    assert set(seen) == {"done", "interrupted"} or runs < 50, "the kills came too early or too late"
    print(f"{runs} kills in pushes: {seen.count('done')} done, {seen.count('interrupted')} interrupted")
