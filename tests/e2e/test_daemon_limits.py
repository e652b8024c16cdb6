"""Limits of lib/base/limits.h at their edges, as a client meets them; those of lines are in test_daemon_protocol."""

import contextlib
import re
import select

import pytest

import boards
import documents
import mmp


def limits_of_header():
    """Name and value of each row; the name as service.info has it."""
    rows = re.findall(r"^\tLIMIT\(MMP_(\w+), (\w+)(?: << (\d+))?, ", (mmp.TOP / "lib/base/limits.h").read_text(), re.M)
    assert len(rows) > 20
    return {re.sub("_(MAX|SECONDS|MS)$", "", name).lower(): int(value.rstrip("u")) << int(shift or 0)
            for name, value, shift in rows}


LIMITS = limits_of_header()


def fails(kind, words, call, *args, **params):
    with pytest.raises(mmp.Failure, match=words) as failure:
        call(*args, **params)
    assert failure.value.kind == kind
    return failure.value


def read_answers(client, count):
    """That many answers, without the notifications between them."""
    answers = []
    while len(answers) < count:
        message = client.read()
        if "id" in message:
            answers.append(message)
    return answers


def turns(client, count=100):
    """Let the loop turn so often that everybody who has work has had it done."""
    for _ in range(count):
        client.call("service.info")


def test_service_info_gives_every_row_of_the_header(daemon):
    told = {limit["name"]: limit for limit in daemon.call("service.info")["limits"]}
    assert {name: limit["value"] for name, limit in told.items()} == LIMITS
    assert all(limit["unit"] and limit["about"] for limit in told.values())


def test_a_line_of_countless_values_is_refused_and_the_connection_goes_on(daemon):
    with daemon.client() as client:
        for value in (b"{}", b"[]", b"1", b'""'):
            client.send(b"[" + (value + b",") * (16 << 20 >> 2) + value + b"]\n")
            error = client.read()["error"]
            assert error["data"]["kind"] == "too-large"
            assert f"{LIMITS['values']} are the limit" in error["message"]
        assert client.call("service.info")


def test_names_of_the_limit_are_taken_and_one_byte_more_is_not(daemon):
    name, region = "é" * (LIMITS["name"] // 2) + "x", "r" * LIMITS["region_name"]
    with daemon.client() as client:
        client.call("platform.put", document=documents.platform(name))
        assert client.call("platform.get", name=name)["document"]["name"] == name
        fails("invalid", "256 bytes", client.call, "platform.put", document=documents.platform(name + "x"))
        client.call("board.put", name=name, line="unix:/x")
        fails("invalid", "256 bytes", client.call, "board.put", name=name + "x", line="unix:/x")
        client.call("region.register", platform=name, **documents.region(1, name=region))
        assert client.call("region.list", platform=name)["registrations"][-1]["name"] == region
        for words in ({"name": region + "r"}, {"origin": region + "r"}):
            too_long = documents.region(2) | words
            fails("invalid", "4096 bytes", client.call, "region.register", platform=name, **too_long)
            fails("invalid", "4096 bytes", client.call, "layout.compute",
                  platform={**documents.platform(), "registrations": [too_long]})
        assert client.call("layout.compute", platform=name, detail="map")


def test_registrations_to_the_limit_are_kept_and_no_more(daemon):
    most = LIMITS["registrations"]
    one = {"section": "phys_mem_map", "type": "MEM_AREA_IO_SEC", "name": "", "addr": "0x0", "size": "0x1"}
    document = {**documents.platform(), "registrations": [one] * most}
    with daemon.client() as client:
        client.call("platform.put", document=document)
        assert client.call("platform.list")["platforms"][0]["registrations"] == most
        fails("too-large", f"{most}", client.call, "region.register", platform="virt", **documents.region(1))
        document["registrations"].append(one)
        fails("too-large", f"{most}", client.call, "platform.put", document=document)


def test_calls_that_wait_are_begun_to_the_limit_and_the_rest_wait_in_line(daemon, tmp_path):
    most = LIMITS["pending"]
    with boards.Fake(tmp_path, boards.silent) as board, daemon.client() as client, daemon.client() as other:
        build = boards.prepare(client, board.path)
        for watches in (most - 1, most):
            job = other.call("push.start", build=build, board="desk")["job"]
            waiting = {client.start("job.watch", job=job) for _ in range(watches)}
            info = client.start("service.info")
            turns(other)
            other.call("job.cancel", job=job)
            messages = read_answers(client, watches + 1)
            assert {one["id"] for one in messages} == waiting | {info}
            assert (messages[0]["id"] == info) == (watches < most)


def test_a_line_behind_one_of_many_bytes_waits_until_that_is_answered(daemon):
    big = documents.platform()
    big["registrations"] += [documents.region(number, name="x" * 200) for number in range(5000)]
    small = documents.platform()
    small["registrations"] += [documents.region(number) for number in range(LIMITS["store_at_once"])]
    with daemon.client() as client:
        for _ in range(3):  # where the second had begun, another thread would have it done first
            first = client.start("layout.compute", platform=big, detail="map")
            second = client.start("layout.compute", platform=small, detail="map")
            assert [one["id"] for one in read_answers(client, 2)] == [first, second]


def test_jobs_run_to_the_limit_and_one_more_is_busy(daemon, tmp_path):
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(daemon.client())
        build = boards.prepare(client, "/unused")

        def push(number):
            folder = tmp_path / f"line{number}"
            folder.mkdir()
            board = stack.enter_context(boards.Fake(folder, boards.silent))
            client.call("board.put", name=folder.name, line=board.line, patience_ms=600_000)
            return client.call("push.start", build=build, board=folder.name)["job"]

        jobs = [push(number) for number in range(LIMITS["jobs"])]
        fails("busy", f"{LIMITS['jobs']} jobs", push, "more")
        client.call("job.cancel", job=jobs[0])
        client.call("job.watch", job=jobs[0])
        jobs.append(push("again"))
        assert client.call("job.get", job=jobs[-1])["state"] == "running"


def test_findings_to_the_limit_are_told_and_the_rest_is_counted(daemon):
    document = documents.platform()
    always = len(daemon.call("layout.compute", platform=document, detail="map")["findings"])
    empty = [documents.region(number) | {"size": "0x0"} for number in range(LIMITS["findings"] - always + 1)]
    for over in (0, 1):
        many = {**document, "registrations": document["registrations"] + empty[1 - over:]}
        answer = daemon.call("layout.compute", platform=many, detail="map")
        assert len(answer["findings"]) == LIMITS["findings"]
        assert answer.get("findings_omitted", 0) == over


def test_answers_pile_up_to_the_limit_and_nothing_more_is_begun(daemon):
    """What was begun is seen by its effect: each answer of a megabyte comes with one registration."""
    document = documents.platform()
    document["registrations"] += [documents.region(number, name="x" * 4000) for number in range(256)]
    room = LIMITS["queue"] - LIMITS["answer"]
    with daemon.client() as other, daemon.client() as slow:
        other.call("platform.put", document=document)
        other.call("platform.put", document=documents.platform("count"))
        slow.start("platform.get", name="virt")
        bytes_of_one = len(slow.file.readline())
        asked = 3 * room // bytes_of_one
        lines = []
        for number in range(asked):
            lines.append({"jsonrpc": "2.0", "id": number, "method": "platform.get", "params": {"name": "virt"}})
            lines.append({"jsonrpc": "2.0", "method": "region.register",
                          "params": {"platform": "count", **documents.region(number)}})
        for line in lines:
            slow.send(line)
        begun, before = 0, -1
        while begun != before or begun < room // bytes_of_one:
            turns(other, 4 * asked)
            begun, before = other.call("platform.get", name="count")["revision"] - 1, begun
        # Calls that wait are as many again; the socket's own buffer takes less than half a megabyte on Linux.
        assert begun <= room // bytes_of_one + LIMITS["pending"] // 2 + 2
        readable, _, _ = select.select([slow.socket], [], [], 0)
        assert readable
        assert sorted(one["id"] for one in read_answers(slow, asked)) == list(range(asked))
        assert slow.call("platform.get", name="count")["revision"] - 1 == asked
