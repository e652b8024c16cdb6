"""Several mmpd that share a PostgreSQL: one truth, each drives the boards that its lines reach."""

import contextlib
import os
import pathlib
import subprocess
import sys

import pytest

import boards
import documents
import mmp

ADDRESS = os.environ.get("MMP_TEST_POSTGRES")
HOSTS = ("a", "b", "c")


class Host(mmp.Daemon):
    """A mmpd with the shared database, named after its folder."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        super().__init__(folder, "--database", ADDRESS, "--host", folder.name)


def control(*words):
    subprocess.run([pathlib.Path(os.environ["MMP_TEST_POSTGRES_FOLDER"]) / "control", *words], check=True,
                   timeout=mmp.DEADLINE)


@pytest.fixture
def farm(tmp_path):
    subprocess.run(["psql", "-q", ADDRESS, "-c", "SET client_min_messages = error",
                    "-c", "DROP SCHEMA public CASCADE", "-c", "CREATE SCHEMA public"], check=True, timeout=mmp.DEADLINE)
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Host(tmp_path / name)) for name in HOSTS]


# Without a server of its own the file runs itself once more, with one.
if not ADDRESS:
    def test_the_farm_with_a_postgresql_of_its_own():
        done = subprocess.run([mmp.TOP / "tests" / "postgres", sys.executable, "-B", "-m", "pytest", "-q", "-x",
                               "-p", "no:cacheprovider", __file__], capture_output=True, text=True, timeout=300)
        if done.returncode == 77:
            pytest.skip(done.stdout.strip())
        assert done.returncode == 0, done.stdout + done.stderr
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

    def test_a_board_is_driven_by_its_own_host_and_seen_by_all(farm, tmp_path):
        a, b, _ = farm
        with boards.Board(tmp_path) as board, a.client() as client:
            build = boards.prepare(client, board.path)
            row = b.call("board.get", name="desk")
            assert row["host"] == "a" and row["away"] is False
            for method in ("board.probe", "push.start"):
                with pytest.raises(mmp.Failure) as failure:
                    b.call(method, **({"name": "desk"} if method == "board.probe" else {"build": build, "board": "desk"}))
                assert failure.value.kind == "conflict" and 'on host "a"' in failure.value.args[0]
            job = client.call("push.start", build=build, board="desk")["job"]
            done = b.call("job.watch", job=job)  # from another host
            assert done["state"] == "done" and done["host"] == "a" and done["report"]["activated"]
            assert b.call("board.get", name="desk")["build"] == build

    def test_the_jobs_of_a_host_that_dies_are_interrupted_and_its_boards_are_away(farm, tmp_path):
        a, b, _ = farm
        with boards.Fake(tmp_path, boards.silent) as board, a.client() as client:
            build = boards.prepare(client, board.path)
            job = client.call("push.start", build=build, board="desk")["job"]
            with pytest.raises(mmp.Failure) as failure:
                b.call("job.cancel", job=job)
            assert failure.value.kind == "conflict" and 'host "a"' in failure.value.args[0]
            a.kill()
            ended = b.call("job.watch", job=job)
            assert ended["state"] == "interrupted"
            assert b.call("board.get", name="desk")["away"] is True
        a.start()
        assert a.call("job.get", job=job)["state"] == "interrupted"

    def test_a_server_that_goes_away_is_busy_and_comes_back(farm):
        a = farm[0]
        a.call("platform.put", document=documents.QEMU)
        control("stop")
        with pytest.raises(mmp.Failure) as failure:
            a.call("platform.list")
        assert failure.value.kind == "busy", failure.value
        assert a.call("service.info")
        control("start")
        while True:
            try:
                listed = a.call("platform.list")["platforms"]
                break
            except mmp.Failure as failure:
                assert failure.kind == "busy"
        assert [one["name"] for one in listed] == [documents.QEMU["name"]]
