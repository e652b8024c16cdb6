"""Pushes by mmpd itself, over lines that flip, drop, double and delay bytes, to simulated boards and to QEMU's.

MMP_NOISY_RUNS and MMP_NOISY_QEMU are other numbers of pushes; tests/test_noise.c does ten thousand without mmpd.
"""

import contextlib
import itertools
import os
import random
import re
import threading

import pytest

import boards
import documents
import mmp
import noise

RUNS = int(os.environ.get("MMP_NOISY_RUNS", "240"))
SEED = int(os.environ.get("MMP_SEED", "20260801"))
QEMU_RUNS = int(os.environ.get("MMP_NOISY_QEMU", "6"))
BOARDS, QEMU_BOARDS = 60, 6  # at once, which is the time that it takes; 64 jobs are the limit
PATIENCE_MS = 2500  # while the line is bad
CANCELLED_AFTER = 10  # seconds: as whoever started the push loses patience; the worst lines need a minute
IN_PLACE = re.compile(r"installed 0x[0-9a-f]+ bytes at (0x[0-9a-f]+), SHA-256 ([0-9a-f]{64})\nlive: ")


def builds_of(client):
    """Three builds, a small, a large and an overlapping one: {id: (base of the pool, SHA-256 of its bytes)}."""
    client.call("platform.put", document=documents.platform())
    client.call("platform.put", document=documents.platform("wide"))
    for number in range(30):
        client.call("region.register", platform="wide", **documents.region(7 * number))
    made = [client.call("build.create", platform=platform, pool={"base": base, "size": "256K"})
            for platform, base in (("virt", "0xe200000"), ("wide", "0xe204000"), ("virt", "0xe208000"))]
    return {one["id"]: (one["manifest"]["pool"]["pa"], one["manifest"]["sha256"]) for one in made}


class Desk:
    """A board behind a bad line, and whoever pushes to it."""

    def __init__(self, daemon, folder, lines, stack, start):
        folder.mkdir()
        self.daemon, self.name, self.log = daemon, folder.name, folder / "log"
        board = stack.enter_context(start(folder, self.log))
        self.line = lines.add(folder / "line.sock", board.line.partition(":")[2])
        self.live = None  # what is in place, as the board itself has said on a clean line
        self.ends = []

    def push(self, client, build, **params):
        job = client.call("push.start", build=build, board=self.name, **params)["job"]
        return client.call("job.watch", job=job)

    def push_until_tired(self, client, build):
        """How a push ends that is cancelled if it takes too long."""
        def cancel():
            with self.daemon.client() as other, contextlib.suppress(mmp.Failure):  # it has ended meanwhile
                other.call("job.cancel", job=job)

        job = client.call("push.start", build=build, board=self.name, force=True)["job"]
        tired = threading.Timer(CANCELLED_AFTER, cancel)
        tired.start()
        done = client.call("job.watch", job=job)
        tired.cancel()
        tired.join()
        return done

    def become(self, client, kind, seed, patience_ms):
        self.line.become(kind, seed)
        client.call("board.put", name=self.name, line=f"unix:{self.line.path}", patience_ms=patience_ms)

    def run(self, client, builds, seed):
        """One push over a bad line, then what the board says on a clean one."""
        chance = random.Random(seed)
        build, before = chance.choice(sorted(builds)), self.live
        self.become(client, noise.Noise.of(chance), chance.random(), PATIENCE_MS)
        done = self.push_until_tired(client, build)
        self.become(client, noise.CLEAN, 0, boards.PATIENT_MS)
        row = client.call("board.get", name=self.name)
        self.live = client.call("board.probe", name=self.name)["build"]
        self.ends.append((done["state"], (done["report"] or {}).get("resent", 0)))
        if done["state"] == "done":
            assert self.live == build == row["build"] and row["maybe"] is None
            assert done["report"]["proof"]["differences"] == []
        else:
            if done["state"] == "failed":
                assert done["error"]["data"]["kind"] == "link" and len(done["error"]["message"]) > 20
            else:
                assert done["state"] == "cancelled"
            assert self.live in (before, build) and self.live in (row["build"], row["maybe"])
        if self.live:  # whatever is in place is whole, and works
            proof = self.push(client, self.live)
            assert proof["report"]["skipped"] and proof["state"] == "done"

    def check_log(self, builds):
        """The board has never put anything in place but a whole build."""
        text = self.log.read_text()
        installed = IN_PLACE.findall(text)
        assert set(installed) <= set(builds.values())
        assert len(installed) == text.count("installed") == text.count("live:")


def push_all(daemon, desk, builds, seeds, failures):
    """One push after the other, as long as seeds are left in the iterator that all desks share."""
    with daemon.client() as client:
        for seed in seeds:
            try:
                desk.run(client, builds, seed)
            except Exception as failure:  # a thread's own would be lost
                failures.append(f"seed {seed}, {desk.name}: {failure!r}")
                return


def simulated(folder, log):
    return boards.simulated(folder, "--log", log)


def qemu(folder, _log):
    return boards.qemu(folder)


def push_over_bad_lines(daemon, folder, start, count, runs):
    """That many boards and pushes; the builds, and the desks with how each push has ended."""
    failures = []
    with contextlib.ExitStack() as stack, daemon.client() as client:
        builds = builds_of(client)
        lines = noise.Lines()
        desks = [Desk(daemon, folder / f"desk{number}", lines, stack, start) for number in range(count)]
        stack.enter_context(lines)
        seeds = iter(range(SEED, SEED + runs))
        threads = [threading.Thread(target=push_all, args=(daemon, desk, builds, seeds, failures)) for desk in desks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not failures
    ends = list(itertools.chain.from_iterable(desk.ends for desk in desks))
    came_through = [resent for state, resent in ends if state == "done"]
    print(f"{len(came_through)} of {len(ends)} pushes over a bad line came through, seeds {SEED} to {SEED + runs - 1}")
    assert len(ends) == runs
    return builds, desks, came_through


def test_a_bad_line_costs_time_or_the_push_but_never_what_is_live(daemon, tmp_path):
    builds, desks, came_through = push_over_bad_lines(daemon, tmp_path, simulated, BOARDS, RUNS)
    assert RUNS // 8 < len(came_through) < RUNS and any(came_through)
    for desk in desks:
        desk.check_log(builds)


@pytest.mark.skipif(not boards.QEMU or not boards.LOADER.exists(),
                    reason="needs qemu-system-aarch64 and build/loader/loader.bin")
def test_a_bad_line_to_the_real_loader_costs_no_more(daemon, tmp_path):
    push_over_bad_lines(daemon, tmp_path, qemu, QEMU_BOARDS, QEMU_RUNS)
