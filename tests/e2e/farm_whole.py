"""Hundreds of pushes in a farm of which a part dies. Run by test_farm.py."""

import collections
import contextlib
import itertools
import os
import random
import time

import boards
import documents
import hosts
import lines
import mmp


PUSHES, BOARDS = 200, 20
SEED = int(os.environ.get("MMP_SEED", "20261129"))


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
        hosts.patient(lambda: self.client(name).call("board.put", name=board, line=self.wires[board].line))
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
            whole.put(name, hosts.NAMES[number % len(hosts.NAMES)])
        stuck = [one.call("push.start", build=builds[0], board="silent")["job"] for one in farm[:2]]
        is_back = None
        for number in range(PUSHES):
            if number == PUSHES // 3:
                first.close()
                whole.kill("a")
            if number == PUSHES // 2:
                is_back = hosts.start_control("restart")
            if number == PUSHES - BOARDS:  # the dead host counts as dead: its boards go to others
                assert is_back.wait(mmp.DEADLINE) == 0
                assert [hosts.watch(whole.hosts["b"], job)["state"] for job in stuck] == ["interrupted"] * 2
                rows = whole.client("b").call("board.list")["boards"]
                assert all(row["away"] == (row["host"] == "a") for row in rows)
                assert whole.client("b").call("board.get", name="silent")["maybe"] == builds[0]
            whole.push(number, builds)
            whole.register(number)
        ended = {number: hosts.watch(whole.hosts["b"], job) for number, job in whole.jobs.items()}
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
        drove = [host for host, _ in itertools.groupby(whole.pids[pid] for pid, _, _ in used)]
        assert len(drove) == len(set(drove)), f"{name} went back and forth: {drove}"
