"""The board is who it was: pinned ids, leases on what a line leads to, lines that may not be used."""

import contextlib
import pathlib
import signal
import socket

import pytest

import boards
import documents
import mmp


def fails(kind, words, call, *args, **params):
    with pytest.raises(mmp.Failure) as caught:
        call(*args, **params)
    assert caught.value.kind == kind and words in str(caught.value)


def folder(tmp_path, name):
    path = tmp_path / name
    path.mkdir()
    return path


def test_another_board_behind_the_line_is_refused_until_it_is_accepted(daemon, tmp_path):
    with daemon.client() as client:
        with boards.Board(tmp_path, "--board-id", "desk-7") as board:
            build = boards.prepare(client, board.path)
            assert client.call("board.get", name="desk")["identity"] is None
            client.call("job.watch", job=client.call("push.start", build=build, board="desk")["job"])
            row = client.call("board.get", name="desk")
            assert (row["identity"], row["build"]) == ("desk-7", build)
        with boards.Board(tmp_path, "--board-id", "desk-8", "--log", tmp_path / "log"):
            fails("board", '"desk-8"', client.call, "board.probe", name="desk")
            push = client.call("push.start", build=build, board="desk")
            done = client.call("job.watch", job=push["job"])
            assert done["state"] == "failed" and done["error"]["data"]["kind"] == "board"
            assert '"desk-7"' in done["error"]["message"] and "accept-id" in done["error"]["message"]
            assert (tmp_path / "log").read_text() == ""
            after = client.call("board.get", name="desk")  # of another board nothing is learnt
            assert all(after[key] == row[key] for key in ("identity", "build", "maybe", "line", "enrolled"))
            push = client.call("push.start", build=build, board="desk", accept_id=True)
            assert client.call("job.watch", job=push["job"])["state"] == "done"
            assert client.call("board.probe", name="desk")["board"] == "desk-8"
        with boards.Board(tmp_path, "--board-id", "desk-7"):
            done = daemon.mmpctl("board", "probe", "desk")
            assert done.returncode == 5 and "desk-8" in done.stderr
            assert daemon.mmpctl("board", "probe", "desk", "--accept-id").returncode == 0
            assert client.call("board.get", name="desk")["identity"] == "desk-7"


def test_another_line_forgets_who_the_board_was_and_what_it_held(daemon, tmp_path):
    with boards.Board(tmp_path) as board, daemon.client() as client:
        build = boards.prepare(client, board.path)
        client.call("job.watch", job=client.call("push.start", build=build, board="desk")["job"])
        before = client.call("board.get", name="desk")
        same = client.call("board.put", name="desk", line=board.line, patience_ms=5)
        assert (same["identity"], same["build"]) == (before["identity"], before["build"]) == ("mmpboard", build)
        other = client.call("board.put", name="desk", line="unix:/elsewhere")
        assert (other["identity"], other["build"], other["maybe"]) == (None, None, None)
        client.call("build.remove", id=build)


def test_two_names_of_one_line_are_one_board_at_a_time(daemon, tmp_path):
    with boards.Fake(tmp_path, boards.silent) as board, daemon.client() as client:
        build = boards.prepare(client, board.path)
        client.call("board.put", name="twin", line=f"unix:{tmp_path}/./{board.path.name}")
        job = client.call("push.start", build=build, board="desk")["job"]
        fails("busy", f"job {job}", client.call, "board.probe", name="twin")
        fails("busy", f"job {job}", client.call, "board.put", name="desk", line=f"unix:{board.path}")
        fails("busy", f"job {job}", client.call, "board.put", name="new", line=f"unix:{board.path}")
        client.call("board.put", name="new", line="unix:/elsewhere")
        client.call("job.cancel", job=job)
        client.call("job.watch", job=job)
        client.call("board.put", name="desk", line=f"unix:{board.path}")


def check_leased(daemon, line, spellings, start):
    """While a job has the board, nothing of it can be changed, nor can another board have its line; exit status 6."""
    with daemon.client() as client:
        client.call("board.put", name="desk", line=line, patience_ms=boards.PATIENT_MS)
        build = client.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"]
        start()
        job = client.call("push.start", build=build, board="desk")["job"]
        before = client.call("board.get", name="desk")
        of_line = [["board", "put", name, spelling] for name in ("desk", "new") for spelling in spellings]
        for words in of_line + [["board", "put", "desk", "unix:/elsewhere"], ["board", "remove", "desk"],
                                ["board", "probe", "desk"], ["key", "enroll", "desk"], ["push", build, "desk"]]:
            done = daemon.mmpctl(*words)
            assert done.returncode == 6 and f"in use by job {job}" in done.stderr, (words, done.stderr)
        assert client.call("board.get", name="desk") == before
        assert [one["name"] for one in client.call("board.list")["boards"]] == ["desk"]
        client.call("job.cancel", job=job)
        client.call("job.watch", job=job)
        assert daemon.mmpctl("board", "put", "new", spellings[-1]).returncode == 0
        assert daemon.mmpctl("board", "remove", "desk").returncode == 0


def test_a_leased_board_on_a_socket_is_left_alone_however_its_line_is_written(daemon, tmp_path):
    with boards.Fake(tmp_path, boards.silent) as board:
        (tmp_path / "link").symlink_to(board.path)
        (tmp_path / "folder").symlink_to(tmp_path)
        check_leased(daemon, board.line, [board.line, f"unix:{tmp_path}/link", f"unix:{tmp_path}/folder/{board.path.name}"],
                     lambda: None)


def test_a_leased_board_on_a_terminal_is_left_alone_however_its_line_is_written(daemon, tmp_path):
    with boards.simulated(tmp_path) as board:
        link = pathlib.Path(board.line.partition(":")[2])
        (tmp_path / "by-id").symlink_to(link)
        check_leased(daemon, board.line, [board.line, f"serial:{link.resolve()}", f"serial:{tmp_path}/by-id?baud=9600"],
                     lambda: board.process.send_signal(signal.SIGSTOP))
        board.process.send_signal(signal.SIGCONT)


def test_a_leased_board_behind_a_port_is_left_alone_however_its_line_is_written(daemon, tmp_path):
    with boards.Fake(tmp_path, boards.silent, socket.AF_INET) as board:
        port = board.line.rpartition(":")[2]
        check_leased(daemon, board.line, [f"tcp:localhost:{port}", f"rfc2217://127.0.0.1:{port}?baud=9600", f"tcp:[::1]:{port}",
                                          f"rfc2217://localhost:{port}"], lambda: None)


def test_what_came_over_the_old_line_is_never_recorded_of_a_board_with_another_one(daemon, tmp_path):
    """A board is put on one line and the other while it is probed and pushed to: its id is that of its own line."""
    with contextlib.ExitStack() as stack, daemon.client() as client, daemon.client() as other, daemon.client() as third:
        lines = {}
        for name in "ab":
            board = stack.enter_context(boards.Board(folder(tmp_path, name), "--board-id", name))
            lines[name] = board.line
        build = client.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"]
        seen, changed = set(), 0
        for number in range(60):
            calls = [(other, "board.probe", {"name": "desk", "accept_id": True}),
                     (third, "push.start", {"build": build, "board": "desk", "accept_id": True})]
            # Asked for first, the change comes through; between and after the others, it may.
            calls.insert(number % 3, (client, "board.put", {"name": "desk", "line": lines["ab"[number % 2]]}))
            requests = [(asker, method, asker.start(method, **params)) for asker, method, params in calls]
            for asker, method, request in requests:
                try:
                    answer = asker.answer(request)
                    if "job" in answer:
                        asker.call("job.watch", job=answer["job"])
                    changed += method == "board.put"
                    seen.add("done" if method != "board.put" else "put")
                except mmp.Failure as failure:
                    assert method != "board.put" or failure.kind == "busy"
                    seen.add(failure.kind)
            row = client.call("board.get", name="desk")
            assert row["identity"] in (None, next(name for name, line in lines.items() if line == row["line"])), row
        assert changed > 5 and "done" in seen, (changed, seen)


def test_lines_that_are_not_allowed_are_refused_when_they_are_put_and_when_they_are_used(tmp_path):
    with mmp.Daemon(tmp_path) as daemon, daemon.client() as client:
        fails("denied", "tcp:127.*", client.call, "board.put", name="desk", line="tcp:192.0.2.1:22")
        for line in ("tcp:127.0.0.1:1", "tcp:localhost:1", "tcp:[::1]:1", "unix:/x", "serial:/dev/ttyS0"):
            client.call("board.put", name="desk", line=line)
        client.call("board.put", name="desk", line="unix:/run/x")
        client.call("platform.put", document=documents.platform())
        build = client.call("build.create", platform="virt", pool=documents.POOL)["id"]
    with mmp.Daemon(tmp_path, "--line", "tcp:192.0.2.*", "--line", f"unix:{tmp_path}/*") as daemon:
        with daemon.client() as client:
            fails("denied", "tcp:192.0.2.*", client.call, "board.probe", name="desk")
            fails("denied", "unix:/run/x", client.call, "push.start", build=build, board="desk")
            fails("denied", "..", client.call, "board.put", name="desk", line=f"unix:{tmp_path}/../x")
            client.call("board.put", name="desk", line="tcp:192.0.2.1:22")
            client.call("board.put", name="desk", line=f"unix:{tmp_path}/x")


def test_a_scan_tells_lines_by_their_steady_names(daemon):
    with daemon.client() as client:
        lines = client.call("board.scan")["lines"]
    links = [path for kind in ("by-id", "by-path") for path in pathlib.Path("/dev/serial", kind).glob("*")]
    assert {one["device"] for one in lines} == {str(path.resolve()) for path in links if path.exists()}


def test_a_console_on_the_line_is_quoted_in_the_error(daemon, tmp_path):
    def u_boot(connection):
        while connection.recv(4096):
            connection.sendall(b"\r\nUnknown command '\xc0' - try 'help'\r\nU-Boot> ")

    with boards.Fake(tmp_path, u_boot) as board, daemon.client() as client:
        def probe(patience_ms):
            client.call("board.put", name="desk", line=board.line, patience_ms=patience_ms)
            with pytest.raises(mmp.Failure) as caught:
                client.call("board.probe", name="desk")
            if "U-Boot's console: `" not in str(caught.value):
                raise boards.TooSlow(str(caught.value))
            assert caught.value.kind == "link"
        boards.impatiently(probe)
