"""Pushes as jobs: what a client sees of them, and what boards can do wrong."""

import json
import random
import signal

import pytest

import boards
import documents
import mmp


def fails(kind, words, call, *args, **params):
    with pytest.raises(mmp.Failure, match=words) as failure:
        call(*args, **params)
    assert failure.value.kind == kind


def test_a_push_is_proved_and_the_board_holds_the_build(daemon, tmp_path):
    with boards.Board(tmp_path) as board, daemon.client() as client:
        build = boards.prepare(client, board.path)
        assert client.call("board.probe", name="desk")["build"] is None
        job = client.call("push.start", build=build[:12], board="desk")
        assert (job["state"], job["build"], job["board"]) == ("running", build, "desk")
        done = client.call("job.watch", job=job["job"])
        assert done["state"] == "done" and "error" not in done
        proof = done["report"]["proof"]
        assert proof["addresses"] == proof["asked"] > 100 and proof["differences"] == []
        assert done["report"]["bytes_sent"] + done["report"]["bytes_received"] < 1024
        assert client.call("job.get", job=job["job"]) == done
        assert client.call("board.probe", name="desk")["build"] == build
        board_row = client.call("board.get", name="desk")
        assert (board_row["build"], board_row["maybe"]) == (build, None)
        fails("conflict", "board \"desk\" holds it", client.call, "build.remove", id=build)
        again = client.call("push.start", build=build, board="desk")
        assert client.call("job.watch", job=again["job"])["report"]["skipped"]
        forced = client.call("push.start", build=build, board="desk", force=True)
        assert not client.call("job.watch", job=forced["job"])["report"]["skipped"]
        client.call("board.remove", name="desk")
        client.call("build.remove", id=build)
        fails("not-found", "no such", client.call, "build.get", id=build)


def prepare_large(client, path):
    """As boards.prepare, but of more tables than are read back between two other requests."""
    document = documents.platform(va_bits=36, pa_bits=36)
    document["registrations"] += [documents.region(number) for number in range(100)]
    client.call("platform.put", document=document)
    build = client.call("build.create", platform="virt", pool={"base": "0xe400000", "size": "2M"})
    limits = {one["name"]: one["value"] for one in client.call("service.info")["limits"]}
    assert build["manifest"]["length"] > limits["build_bytes_at_once"]
    client.call("board.put", name="desk", line=f"unix:{path}")
    return build["id"]


def test_a_large_build_is_read_back_in_a_thread_and_pushed(daemon, tmp_path):
    with boards.Board(tmp_path) as board, daemon.client() as client:
        build = prepare_large(client, board.path)
        job = client.call("push.start", build=build, board="desk", idempotency_key="k")
        assert (job["state"], job["build"]) == ("running", build)
        done = client.call("job.watch", job=job["job"])
        assert done["state"] == "done" and done["report"]["proof"]["differences"] == []
        again = client.call("push.start", build=build, board="desk", idempotency_key="k")
        assert again["job"] == job["job"]
        fails("not-found", "no such", client.call, "push.start", build=build, board="none")


def test_who_goes_before_a_large_push_has_begun_leaves_no_half_of_one(daemon, tmp_path):
    with boards.Board(tmp_path) as board, daemon.client() as client:
        build = prepare_large(client, board.path)
        with daemon.client() as other:
            other.start("push.start", build=build, board="desk")
        try:
            client.call("push.start", build=build, board="desk")
        except mmp.Failure as busy:  # the other's push was begun before it went
            assert busy.kind == "busy"
        jobs = client.call("job.list")["jobs"]
        assert jobs
        for job in jobs:
            assert client.call("job.watch", job=job["job"])["state"] == "done"


def test_a_key_given_twice_begins_one_push(daemon, tmp_path):
    with boards.Board(tmp_path) as board, daemon.client() as client:
        build = boards.prepare(client, board.path)
        first = client.call("push.start", build=build, board="desk", idempotency_key="pipeline/7")
        second = client.call("push.start", build=build, board="desk", idempotency_key="pipeline/7")
        assert first["job"] == second["job"]
        client.call("job.watch", job=first["job"])
        third = client.call("push.start", build=build, board="desk", idempotency_key="pipeline/7")
        assert (third["job"], third["state"]) == (first["job"], "done")
        client.call("board.put", name="other", line="unix:/nowhere")
        fails("conflict", "belongs to job 1", client.call, "push.start", build=build, board="other",
              idempotency_key="pipeline/7")
        assert len(client.call("job.list")["jobs"]) == 1
        for key in ("", "k" * 256):
            fails("invalid", "1 to 255 are allowed", client.call, "push.start", build=build, board="desk",
                  idempotency_key=key)


def test_a_board_in_use_is_busy_and_names_the_job(daemon, tmp_path):
    with boards.Fake(tmp_path, boards.silent) as board, daemon.client() as client:
        build = boards.prepare(client, board.path)
        client.call("board.put", name="twin", line=f"unix:{board.path}")
        job = client.call("push.start", build=build, board="desk")["job"]
        for method, params in (("push.start", {"build": build, "board": "desk"}),
                               ("board.probe", {"name": "desk"}), ("board.remove", {"name": "desk"}),
                               ("board.probe", {"name": "twin"})):
            fails("busy", f"job {job}", client.call, method, **params)
        fails("conflict", f"job {job} is pushing it", client.call, "build.remove", id=build)
        assert client.call("job.cancel", job=job)["job"] == job
        assert client.call("job.watch", job=job)["state"] == "cancelled"
        fails("conflict", "cancelled", client.call, "job.cancel", job=job)
        client.call("build.remove", id=build)


def test_a_watch_waits_on_a_connection_that_does_other_things_meanwhile(daemon, tmp_path):
    with boards.Fake(tmp_path, boards.silent) as board, daemon.client() as client:
        build = boards.prepare(client, board.path)
        job = client.call("push.start", build=build, board="desk")["job"]
        watch = client.start("job.watch", job=job)
        assert client.call("service.info")
        assert client.call("job.get", job=job)["state"] == "running"
        cancel, messages = client.start("job.cancel", job=job), {}
        while not {watch, cancel} <= messages.keys():
            message = client.read()
            messages[message.get("id")] = message
        assert messages[watch]["result"]["state"] == "cancelled"


def test_a_watcher_that_vanishes_does_the_push_no_harm(daemon, tmp_path):
    with boards.Fake(tmp_path, boards.silent) as board, daemon.client() as client:
        build = boards.prepare(client, board.path)
        job = client.call("push.start", build=build, board="desk")["job"]
        watchers = [daemon.client() for _ in range(20)]
        for watcher in watchers:
            watcher.start("job.watch", job=job)
        for watcher in watchers[::2]:
            watcher.close()
        client.call("job.cancel", job=job)
        for watcher in watchers[1::2]:
            assert watcher.answer(1)["state"] == "cancelled"
            watcher.close()


def test_progress_is_told_before_the_end(daemon, tmp_path):
    with boards.Board(tmp_path) as board, daemon.client() as client:
        build = boards.prepare(client, board.path)
        board.process.send_signal(signal.SIGSTOP)  # until somebody watches
        job = client.call("push.start", build=build, board="desk")["job"]
        watch = client.start("job.watch", job=job)
        client.call("job.get", job=job)  # behind the watch
        board.process.send_signal(signal.SIGCONT)
        assert client.answer(watch)["state"] == "done"
    messages = client.notifications
    assert messages
    for message in messages:
        assert message["method"] == "job.progress" and message["params"]["job"] == job
    progress = [one["params"]["progress"] for one in messages if "progress" in one["params"]]
    assert all(0 <= one["done"] <= one["total"] for one in progress)
    assert {one["step"] for one in progress} <= {"greeting", "activating", "proving"}


def test_a_deadline_ends_a_push_that_gets_nowhere(daemon, tmp_path):
    with boards.Fake(tmp_path, boards.silent) as board, daemon.client() as client:
        build = boards.prepare(client, board.path)
        job = client.call("push.start", build=build, board="desk", deadline_ms=50)["job"]
        done = client.call("job.watch", job=job)
        assert done["state"] == "failed" and done["error"]["data"]["kind"] == "link"
        assert "deadline" in done["error"]["message"]


def hang_up(connection):
    connection.recv(1)
    connection.close()


def babble(connection):
    noise = random.Random(7)
    while True:
        connection.sendall(noise.randbytes(200) + b"\xc0")
        connection.recv(4096)


def hello_backwards(connection):
    connection.sendall(b"\xc0" + connection.recv(4096)[::-1] + b"\xc0")
    boards.silent(connection)


@pytest.mark.parametrize("act", [hang_up, babble, boards.silent, hello_backwards])
def test_a_board_that_does_not_behave_is_a_failed_job_with_words(daemon, tmp_path, act):
    with boards.Fake(tmp_path, act) as board, daemon.client() as client:
        build = boards.prepare(client, board.path)
        client.call("board.put", name="desk", line=f"unix:{board.path}", patience_ms=700)
        job = client.call("push.start", build=build, board="desk")["job"]
        done = client.call("job.watch", job=job)
        assert done["state"] == "failed" and done["error"]["data"]["kind"] == "link"
        assert len(done["error"]["message"]) > 20
        fails("link", "", client.call, "board.probe", name="desk")
        assert client.call("board.get", name="desk")["build"] is None
        assert client.call("service.info")


def test_a_line_that_cannot_be_opened_is_an_error_and_no_job(daemon, tmp_path):
    with daemon.client() as client:
        build = boards.prepare(client, tmp_path / "nowhere")
        for line in (f"unix:{tmp_path}/nowhere", "serial:/dev/no-such-tty", "tcp:127.0.0.1:1"):
            client.call("board.put", name="desk", line=line)
            try:
                done = client.call("job.watch", job=client.call("push.start", build=build,
                                                                board="desk")["job"])
                assert done["error"]["data"]["kind"] == "link"
            except mmp.Failure as failure:
                assert failure.kind == "link"
            fails("link", "", client.call, "board.probe", name="desk")
        for line in ("", "carrier-pigeon:7", "serial:", "tcp:host", "tcp:127.0.0.1:99999",
                     "serial:/dev/ttyS0?baud=7"):
            fails("invalid", "", client.call, "board.put", name="bad", line=line)
        for patience, given in ((15000, {}), (1, {"patience_ms": 1}), (3600000, {"patience_ms": 3600000})):
            row = client.call("board.put", name="patient", line="unix:/x", **given)
            assert row["patience_ms"] == patience
            for again in (client.call("board.get", name="patient"), client.call("board.list")["boards"][-1]):
                assert {**again, "holding": None} == {**row, "holding": None}
        for patience in (0, 3600001, 10**9):
            fails("invalid", "patience_ms", client.call, "board.put", name="bad", line="unix:/x",
                  patience_ms=patience)
        assert [one["name"] for one in client.call("board.list")["boards"]] == ["desk", "patient"]


def test_a_board_that_refuses_keeps_what_it_had(daemon, tmp_path):
    with boards.Board(tmp_path, "--window", "0xe300000:0x100000") as board, daemon.client() as client:
        build = boards.prepare(client, board.path)
        done = client.call("job.watch", job=client.call("push.start", build=build, board="desk")["job"])
        assert done["state"] == "failed" and done["error"]["data"]["kind"] == "board"
        assert "window" in done["error"]["message"]
        row = client.call("board.get", name="desk")
        assert (row["build"], row["maybe"]) == (None, None)


def test_a_build_for_a_32_bit_core_is_refused_by_a_board_that_has_none(daemon, tmp_path):
    vector = json.loads((mmp.TOP / "tests/vectors/optee-4.10/short/d7_000_qemu_virt.json").read_text())
    with boards.Board(tmp_path) as board, daemon.client() as client:
        build = client.call("build.create", platform=vector, pool={"base": "0xe300000", "size": "256K"})["id"]
        client.call("board.put", name="desk", line=board.line)
        assert client.call("board.probe", name="desk")["aarch32"] is False
        done = client.call("job.watch", job=client.call("push.start", build=build, board="desk")["job"])
        assert done["state"] == "failed" and "no AArch32 at EL1" in done["error"]["message"]


@pytest.mark.parametrize("pool, words", [
    ({"base": "0xe200000", "size": "0x0"}, "empty|size"),
    ({"base": "0xfffffffffffff000", "size": "0x2000"}, "wrap|2\\^64"),
    ({"base": "0xe200000", "size": "0x1000"}, "0x"),
    ({"base": "0xe200001", "size": "0x10000"}, "align|multiple"),
    ({"base": "0x40000000", "size": "0x10000"}, "secure"),
    ({"base": "0xe200000"}, "size"),
    ({"base": "0xe200000", "size": "64K", "colour": 1}, "colour"),
])
def test_a_pool_that_will_not_do_is_refused(daemon, pool, words):
    with daemon.client() as client:
        fails("invalid", words, client.call, "build.create", platform=documents.platform(), pool=pool)
        assert client.call("build.list")["builds"] == []


def test_the_same_platform_and_pool_are_the_same_build(daemon):
    with daemon.client() as client:
        client.call("platform.put", document=documents.platform())
        first = client.call("build.create", platform="virt", pool=documents.POOL)
        again = client.call("build.create", platform=documents.platform(), pool=documents.POOL)
        assert (first["id"], first["new"], again["new"]) == (again["id"], True, False)
        assert client.call("build.create", platform="virt",
                           pool={"base": "0xe210000", "size": "64K"})["id"] != first["id"]
        assert len(client.call("build.list")["builds"]) == 2
