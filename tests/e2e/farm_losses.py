"""mmpd, the server that several share, and what they say to each other are lost. Run by test_farm.py."""

import os
import pathlib
import signal
import subprocess
import time

import pytest

import boards
import documents
import hosts
import kills
import lines
import mmp


def test_a_job_whose_claim_may_have_been_lost_is_claimed_again(farm, tmp_path):
    with hosts.Way() as way, hosts.Host(tmp_path / "d", way.address) as d, boards.Board(tmp_path) as board, d.client() as client:
        build = boards.prepare(client, board.path)
        way.lose("EXISTS (SELECT 1 FROM job WHERE state = 'running')")
        assert farm[0].call("board.probe", name="desk")["name"] == "desk"
        assert way.lost.is_set()
        way.lose("EXISTS (SELECT 1 FROM job WHERE state = 'running')")
        job = farm[0].call("push.start", build=build, board="desk")["job"]
        assert hosts.watch(farm[1], job)["state"] == "done"
        assert way.lost.is_set()


def test_a_push_waits_again_if_the_database_goes_away_when_it_has_its_board(farm, tmp_path):
    with hosts.Way() as way, hosts.Host(tmp_path / "d", way.address) as d, boards.Board(tmp_path) as board, d.client() as client:
        build = boards.prepare(client, board.path)
        way.lose_question(b"desk", 1)  # behind the first one it takes the board, then looks whether its line is the same
        job = farm[0].call("push.start", build=build, board="desk")["job"]
        assert hosts.watch(farm[1], job)["state"] == "done" and way.lost.is_set()
        assert hosts.asked(f"SELECT attempt FROM job WHERE id = {job}") == ["2"]


def test_a_push_whose_row_may_have_been_lost_does_not_keep_its_board(farm, tmp_path):
    with hosts.Way() as way, hosts.Host(tmp_path / "d", way.address) as d, boards.Board(tmp_path) as board, d.client() as client:
        build = boards.prepare(client, board.path)
        way.lose("EXISTS (SELECT 1 FROM job WHERE state = 'running')")
        with pytest.raises(mmp.Failure, match="it is not known whether it was done") as failure:
            client.call("push.start", build=build, board="desk")
        assert failure.value.kind == "busy" and way.lost.is_set()
        assert hosts.patient(lambda: farm[0].call("board.probe", name="desk"))["name"] == "desk"
        [job] = [one for one in farm[0].call("job.list")["jobs"] if one["kind"] == "push"]
        assert job["state"] == "interrupted" and "did not begin" in job["error"]["message"]


def test_who_asks_a_board_from_elsewhere_is_answered_though_the_next_commit_is_lost(farm, tmp_path):
    with hosts.Way() as way, hosts.Host(tmp_path / "d", way.address) as d, boards.Board(tmp_path) as board:
        farm[0].call("board.put", name="desk", line=f"unix:{board.path}")
        way.lose("EXISTS (SELECT 1 FROM board WHERE identity IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM job)")
        assert d.call("board.probe", name="desk")["name"] == "desk"
        assert way.lost.wait(mmp.DEADLINE)
        hosts.await_jobs(farm[0], 0)


def test_a_server_that_goes_away_is_busy_and_comes_back(farm):
    a = farm[0]
    a.call("platform.put", document=documents.QEMU)
    hosts.control("stop")
    with pytest.raises(mmp.Failure) as failure:
        a.call("platform.list")
    assert failure.value.kind == "busy", failure.value
    assert a.call("service.info")
    a.await_word("heartbeat:")
    status = a.call("service.status")
    assert status["host"] == "a" and status["database"]["away"]
    hosts.control("start")
    listed = hosts.patient(lambda: a.call("platform.list"))["platforms"]
    assert [one["name"] for one in listed] == [documents.QEMU["name"]]


def test_a_server_that_does_not_answer_is_busy_and_does_not_hold_the_end_of_mmpd(farm, tmp_path):
    farm[0].call("platform.put", document=documents.QEMU)
    with hosts.Way() as way, hosts.Host(tmp_path / "d", f"{way.address}?tcp_user_timeout=200&connect_timeout=2") as d:
        assert d.call("platform.list")["platforms"]
        way.flows.clear()
        with pytest.raises(mmp.Failure, match="the server has not answered for 1 s") as failure:
            d.call("platform.list")
        assert failure.value.kind == "busy" and d.call("service.info")
        way.flows.set()
        assert hosts.patient(lambda: d.call("platform.list"))["platforms"]
        way.flows.clear()
        d.stop()  # with the heartbeat and the end of its jobs on the way


def test_what_another_program_has_locked_is_busy(farm, tmp_path):
    farm[0].call("platform.put", document=documents.QEMU)
    address = f"{hosts.ADDRESS}?options=-c%20lock_timeout%3D100"
    with hosts.Host(tmp_path / "d", address) as d, subprocess.Popen(["psql", "-qAt", hosts.ADDRESS], text=True, stdin=subprocess.PIPE,
                                                                    stdout=subprocess.PIPE) as other:
        other.stdin.write("BEGIN;\nLOCK TABLE platform;\n\\echo locked\n")
        other.stdin.flush()
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(mmp.Failure, match="lock timeout") as failure:
            d.call("platform.list")
        assert failure.value.kind == "busy" and d.call("service.info")
        other.stdin.close()
        assert hosts.patient(lambda: d.call("platform.list"))["platforms"]


def test_a_push_goes_on_without_the_database_and_reports_when_it_is_back(farm, tmp_path):
    a, b, _ = farm
    with boards.Board(tmp_path) as board, lines.Lines(tmp_path, {"desk": board.path}) as line, a.client() as client:
        build = boards.prepare(client, line["desk"].path)
        line["desk"].is_shut = True
        job = b.call("push.start", build=build, board="desk")["job"]
        assert line["desk"].met.wait(mmp.DEADLINE)  # the host speaks to the board, which has not answered yet
        with subprocess.Popen([mmp.BUILD / "mmpctl", "--socket", b.socket, "job", "watch", str(job)], text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as watcher:
            hosts.control("stop")
            assert f"job {job} may go on; `mmpctl job watch {job}` follows it" in watcher.stderr.read()
        assert watcher.returncode == 6
        line.open("desk")
        a.await_word(f"job {job}: done")
        hosts.control("start")
        done = hosts.watch(b, job)
        assert done["state"] == "done" and done["report"]["activated"], done
        assert b.call("board.get", name="desk")["build"] == build


def test_a_server_that_may_only_be_read_is_an_error_of_the_call_and_nothing_is_lost(farm):
    a = farm[0]
    a.call("platform.put", document=documents.platform("before"))

    def set_read_only(word):
        hosts.sql(f"ALTER DATABASE mmp SET default_transaction_read_only = {word}",
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'mmpd'")
        return hosts.patient(lambda: a.call("platform.list"))["platforms"]

    assert [one["name"] for one in set_read_only("on")] == ["before"]
    with pytest.raises(mmp.Failure) as failure:
        a.call("platform.put", document=documents.platform("between"))
    assert failure.value.kind == "system" and "read-only" in failure.value.args[0]
    set_read_only("off")
    a.call("platform.put", document=documents.platform("after"))
    assert [one["name"] for one in a.call("platform.list")["platforms"]] == ["after", "before"]


def kill_server():
    """kill -9 of PostgreSQL as a whole: its processes end with the first of them."""
    folder = pathlib.Path(os.environ["MMP_TEST_POSTGRES_FOLDER"])
    os.kill(int((folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)


def start_server():
    until = time.monotonic() + mmp.DEADLINE
    while hosts.start_control("start").wait(mmp.DEADLINE):  # what is left of the old one ends soon
        assert time.monotonic() < until


def test_what_was_acknowledged_survives_kills_of_mmpd_and_of_the_server_under_writes(farm):
    host = farm[0]

    def restart_host():
        host.kill()
        host.start()

    def restart_server():
        start_server()
        hosts.patient(lambda: host.call("platform.list"))

    def victims(run):
        return (kill_server, restart_server) if run % 4 == 3 else (host.process.kill, restart_host)

    kills.under_writes(host, kills.RUNS_POSTGRES, victims, may_fail=("busy",))


def test_a_push_that_a_kill_cut_short_is_interrupted(farm, tmp_path):
    kills.in_pushes(farm[0], tmp_path, kills.RUNS_POSTGRES)
