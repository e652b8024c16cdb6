"""kill -9 at random moments: what was acknowledged is there, what was begun is told. On PostgreSQL: farm_losses.py."""

import sqlite3

import boards
import kills
import mmp


def test_what_was_acknowledged_survives_kills_under_writes(tmp_path):
    daemon = mmp.Daemon(tmp_path)
    kills.under_writes(daemon, kills.RUNS)
    daemon.stop()
    with sqlite3.connect(daemon.database) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_push_that_a_kill_cut_short_is_interrupted(tmp_path):
    daemon = mmp.Daemon(tmp_path)
    kills.in_pushes(daemon, tmp_path, kills.RUNS)
    daemon.stop()


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
