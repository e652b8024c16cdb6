"""Signed builds and boards that prove who they are, on QEMU's loader with a flash and on the simulated board."""

import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import threading

import pytest

import boards
import documents
import middle
import mmp

needs_qemu = pytest.mark.skipif(not boards.QEMU or not boards.LOADER.exists(),
                                reason="needs qemu-system-aarch64 and build/loader/loader.bin")


def simulated(folder, signed=False):
    return boards.simulated(folder, "--flash", folder / "flash", *(["--signed"] if signed else []), pty=False)


def qemu(folder, signed=False):
    loader = boards.LOADER.parent / "loader-signed.bin" if signed else boards.LOADER
    return boards.qemu(folder, *boards.flash(folder), loader=loader)


BOARDS = [simulated, pytest.param(qemu, marks=needs_qemu)]


def fails(kind, words, call, *args, **params):
    with pytest.raises(mmp.Failure) as caught:
        call(*args, **params)
    assert caught.value.kind == kind and words in str(caught.value), str(caught.value)


@pytest.fixture
def client(daemon, tmp_path):
    with daemon.client() as client:
        client.call("platform.put", document=documents.platform())
        client.build = client.call("build.create", platform="virt", pool=documents.POOL)["id"]
        yield client


def push(client, **params):
    done = client.call("job.watch", job=client.call("push.start", build=client.build, board="desk", force=True,
                                                    **params)["job"])
    return done


@pytest.mark.parametrize("make_board", BOARDS)
def test_a_board_trusts_a_key_for_good_and_takes_its_builds_only(client, tmp_path, make_board):
    for name in ("lab", "other"):
        key = client.call("key.new", name=name)
        assert key["kind"] == "file" and len(key["public"]) == 128
    with make_board(tmp_path) as board:
        client.call("board.put", name="desk", line=board.line)
        assert client.call("board.probe", name="desk")["takes_unsigned"] is True
        done = push(client)
        assert done["state"] == "done" and done["report"]["trust"]["signed_by"] is None
        assert "not signed" in done["report"]["trust"]["words"]
        client.call("key.trust", key="lab", board="desk")
        probed = client.call("board.probe", name="desk")
        assert probed["takes_unsigned"] is False and len(probed["trusts"]) == 1 and probed["counter"] == 0
        done = push(client, key="other")
        assert done["state"] == "failed" and "does not know the key" in done["error"]["message"]
        done = push(client)  # finds the key by itself
        assert done["state"] == "done" and done["report"]["trust"]["signed_by"] == "lab", done
        assert "signed, and the board checked" in done["report"]["trust"]["words"]
        assert client.call("board.probe", name="desk")["counter"] == 1
    with make_board(tmp_path) as board:  # switched off and on
        probed = client.call("board.probe", name="desk")
        assert probed["takes_unsigned"] is False and probed["counter"] == 1 and probed["build"] is None
        assert push(client)["state"] == "done"
        client.call("key.trust", key="other", board="desk")
        client.call("key.revoke", key="lab", board="desk")
        done = push(client, key="lab")
        assert done["state"] == "failed" and "revoked" in done["error"]["message"]
        assert push(client)["report"]["trust"]["signed_by"] == "other"
        assert client.call("board.probe", name="desk")["counter"] == 3


@pytest.mark.parametrize("make_board", BOARDS)
def test_a_key_that_the_flash_stored_in_part_is_not_trusted_and_can_be_stored_again(client, tmp_path, make_board):
    client.call("key.new", name="lab")
    with make_board(tmp_path):
        pass  # the flash is there now, and is erased
    with open(next(tmp_path.glob("flash*")), "r+b") as flash:
        flash.seek(10)
        flash.write(b"\0\0\0\0")  # in the middle of the first key
    with make_board(tmp_path) as board:
        client.call("board.put", name="desk", line=board.line)
        fails("board", "no memory for keys, or that is full", client.call, "key.trust", key="lab", board="desk")
        assert client.call("board.probe", name="desk")["trusts"] == []
        client.call("key.trust", key="lab", board="desk")
    with make_board(tmp_path) as board:
        client.call("board.put", name="desk", line=board.line)
        assert len(client.call("board.probe", name="desk")["trusts"]) == 1
        assert push(client)["report"]["trust"]["signed_by"] == "lab"


@pytest.mark.parametrize("make_board", BOARDS)
def test_a_board_for_signed_builds_takes_no_other(client, tmp_path, make_board):
    client.call("key.new", name="lab")
    with make_board(tmp_path, signed=True) as board:
        client.call("board.put", name="desk", line=board.line)
        done = push(client)
        assert done["error"]["data"]["kind"] == "denied" and "no key yet" in done["error"]["message"]
        client.call("key.trust", key="lab", board="desk")
        assert push(client)["state"] == "done"


@pytest.mark.parametrize("make_board", BOARDS)
def test_an_enrolled_board_is_believed_and_nobody_between(client, tmp_path, make_board):
    with make_board(tmp_path) as board:
        client.call("board.put", name="desk", line=board.line)
        client.call("key.enroll", board="desk")
        assert client.call("board.get", name="desk")["enrolled"] is True
        done = push(client)
        assert done["state"] == "done" and done["report"]["trust"]["authentic"] is True
        assert "proved that it is this board's" in done["report"]["trust"]["words"]
        fails("board", "this key already", client.call, "key.enroll", board="desk")


def watch_through(client, between, **params):
    return client.call("job.watch", job=client.call("push.start", build=client.build, board="desk", force=True,
                                                    **params)["job"])


@pytest.fixture
def between(client, tmp_path, request):
    """A board whose line leads through somebody who knows the protocol."""
    with request.param(tmp_path) as board, middle.Middle(tmp_path / "middle.sock", board.line) as between:
        client.call("board.put", name="desk", line=between.line)
        yield between


@pytest.mark.parametrize("between", BOARDS, indirect=True)
def test_of_a_board_without_a_key_every_lie_is_believed_and_the_report_says_what_it_is_worth(client, between):
    assert watch_through(client, between)["state"] == "done"
    between.answer_for_the_board()
    done = watch_through(client, between)
    assert between.lies >= 2 and done["state"] == "done" and done["report"]["proof"]["difference_count"] == 0
    assert done["report"]["trust"]["authentic"] is False
    assert "not authenticated: anybody on the line" in done["report"]["trust"]["words"]


@pytest.mark.parametrize("between", BOARDS, indirect=True)
def test_of_an_enrolled_board_no_lie_is_believed(client, between):
    client.call("key.enroll", board="desk")
    assert watch_through(client, between)["state"] == "done"
    between.answer_for_the_board()
    done = watch_through(client, between)
    assert between.lies and done["state"] == "failed" and "somebody else answers" in done["error"]["message"]


def at_answer_to(between, name, do):
    """Do this once the board has answered a request, before mmpd hears of it."""
    def answer(message):
        if message.name == name:
            do()
        return message
    between.answer = answer


def enroll_and_leave(daemon, client, between, before=lambda: None):
    """A client asks for an enrolment and leaves when the board has done it; returns what the next probe returns."""
    left = threading.Event()
    with daemon.client() as leaving, daemon.client() as other:
        def leave():
            before()
            leaving.close()
            while other.call("service.status")["clients"]["connected"] > 2:
                pass
            left.set()
        at_answer_to(between, "keep", leave)
        leaving.start("key.enroll", board="desk")
        assert left.wait(mmp.DEADLINE)
        return probe_when_free(client)


def probe_when_free(client):
    """A session with the board, after the one that has it now."""
    while True:
        try:
            return client.call("board.probe", name="desk")
        except mmp.Failure as failure:
            if failure.kind != "busy":
                raise


def is_believed(client, between):
    between.answer = lambda message: message
    return client.call("board.get", name="desk")["enrolled"] and \
        watch_through(client, between)["report"]["trust"]["authentic"]


@pytest.mark.parametrize("between", [simulated], indirect=True)
def test_a_board_that_was_enrolled_is_on_record_even_if_its_client_has_left(daemon, client, between):
    enroll_and_leave(daemon, client, between)
    assert is_believed(client, between)


@pytest.mark.parametrize("between", [simulated], indirect=True)
def test_a_daemon_that_ends_while_a_board_is_enrolled_logs_the_key(daemon, client, between):
    ended = threading.Event()
    with daemon.client() as leaving:
        def end():
            leaving.close()
            while client.call("service.status")["clients"]["connected"] > 1:
                pass
            daemon.stop()
            ended.set()
        at_answer_to(between, "keep", end)
        leaving.start("key.enroll", board="desk")
        assert ended.wait(mmp.DEADLINE)
    assert re.search("\"desk\": it may have the permanent public key [0-9a-f]{128}, which could not be recorded: mmpd has ended",
                     daemon.words())


@pytest.mark.parametrize("between", [simulated], indirect=True)
@pytest.mark.parametrize("method, request_name, user", [("key.enroll", "keep", "key.enroll"), ("board.probe", "hello", "board.probe")])
def test_a_board_keeps_its_line_until_the_result_of_its_session_is_on_record(daemon, client, between, method,
                                                                             request_name, user):
    """While the database is locked, another line for the board waits in front of the record."""
    with daemon.client() as first, daemon.client() as putter:
        locks, waiting = [], []

        def lock():
            locks.append(sqlite3.connect(daemon.database, isolation_level=None))
            locks[0].execute("BEGIN IMMEDIATE")
            first.start("platform.put", document=documents.platform(name="other"))
            first.call("service.info")  # so that it has been read
            waiting.append(putter.start("board.put", name="desk", line="unix:/elsewhere"))
            putter.call("service.info")
        at_answer_to(between, request_name, lock)
        pass_on = between._pass_on

        def pass_on_and_unlock(*ends):
            try:
                return pass_on(*ends)  # until mmpd has closed the line
            finally:
                for one in locks:
                    one.close()
                locks.clear()
        between._pass_on = pass_on_and_unlock
        client.call(method, **{"board" if method == "key.enroll" else "name": "desk"})
        fails("busy", f"in use by {user}", putter.answer, waiting[0])
    assert client.call("board.get", name="desk")["identity"]


def lose_record(daemon, between):
    def give_line():
        with sqlite3.connect(daemon.database) as database:
            database.execute("UPDATE board SET line = 'unix:/elsewhere'")
        database.close()
    at_answer_to(between, "keep", give_line)
    return "the board has its own permanent key"


def lose_answer(daemon, between):
    def hang_up():
        raise middle.HangUp
    at_answer_to(between, "keep", hang_up)
    return "the board may have its own permanent key"


def lose_commit(daemon, between):
    """The row is written; its commit fails, as the file is gone from its place for as long as the call lasts."""
    at_answer_to(between, "keep", lambda: daemon.database.rename(away(daemon)))
    return "the board has its own permanent key"


def away(daemon):
    return daemon.database.with_suffix(".away")


def give_back(daemon):
    if away(daemon).exists():
        away(daemon).rename(daemon.database)


@pytest.mark.parametrize("between", [simulated], indirect=True)
@pytest.mark.parametrize("lose", [lose_record, lose_answer, lose_commit])
def test_an_enrolment_that_is_not_recorded_names_the_key_and_is_recorded_later(daemon, client, between, lose):
    words = lose(daemon, between)
    with pytest.raises(mmp.Failure) as caught:
        client.call("key.enroll", board="desk")
    assert words in str(caught.value)
    assert ("does not exist any more" in daemon.words()) == (lose is lose_commit)
    assert client.call("board.get", name="desk")["enrolled"] is False
    give_back(daemon)
    point = re.search("mmpctl key enroll BOARD --public ([0-9a-f]{128})`: ", str(caught.value)).group(1)
    client.call("board.put", name="desk", line=between.line)
    assert client.call("board.get", name="desk")["enrolled"] is False
    fails("invalid", "point", client.call, "key.enroll", board="desk", public="0" * 128)
    assert daemon.mmpctl("key", "enroll", "desk", "--public", point).returncode == 0
    assert is_believed(client, between)
    fails("conflict", "already recorded", client.call, "key.enroll", board="desk", public=point)


@pytest.mark.parametrize("between", [simulated], indirect=True)
def test_an_enrolment_whose_commit_fails_after_its_client_has_left_is_logged(daemon, client, between):
    with pytest.raises(mmp.Failure, match="does not exist any more"):  # the next probe cannot be recorded either
        enroll_and_leave(daemon, client, between, lambda: daemon.database.rename(away(daemon)))
    give_back(daemon)
    point = re.search("\"desk\": it has the permanent public key ([0-9a-f]{128}), which could not be recorded: ", daemon.words()).group(1)
    client.call("key.enroll", board="desk", public=point)
    assert is_believed(client, between)


def test_a_key_is_a_file_that_nobody_else_can_read(client, daemon):
    client.call("key.new", name="lab")
    path = daemon.folder / "keys" / "lab.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_text().startswith("-----BEGIN EC PRIVATE KEY-----")
    fails("conflict", "lab", client.call, "key.new", name="lab")
    for name in ("", "../lab", ".lab", "x" * 64):
        fails("invalid", "name", client.call, "key.new", name=name)
    path.chmod(0o640)
    fails("denied", "0600", client.call, "key.trust", key="lab", board="desk")
    assert client.call("key.list")["keys"] == []
    path.chmod(0o600)
    assert [key["name"] for key in client.call("key.list")["keys"]] == ["lab"]
    fails("not-found", "nobody", client.call, "key.trust", key="nobody", board="desk")


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to play the token")
def test_a_command_signs_in_place_of_a_file(client, daemon, tmp_path):
    pem = tmp_path / "token.pem"
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", pem], check=True)
    der = subprocess.run(["openssl", "ec", "-in", pem, "-pubout", "-outform", "DER"], check=True,
                         capture_output=True).stdout
    public, sign = der[-64:].hex(), f"openssl pkeyutl -sign -inkey {pem}"
    fails("invalid", "belong together", client.call, "key.new", name="token", command=sign)
    fails("invalid", "public", client.call, "key.new", name="token", command=sign, public="00" * 64)
    key = client.call("key.new", name="token", command=sign, public=public)
    assert key["kind"] == "command" and key["public"] == public
    with simulated(tmp_path) as board:
        client.call("board.put", name="desk", line=board.line)
        client.call("key.trust", key="token", board="desk")
        assert push(client)["report"]["trust"]["signed_by"] == "token"
        for command, words in (("true", "0 bytes"), ("echo nonsense", "not a signature"), ("exit 3", "0 bytes")):
            (daemon.folder / "keys" / "token.command").write_text(command)
            done = push(client)
            assert done["state"] == "failed" and words in done["error"]["message"], done
        (daemon.folder / "keys" / "token.command").write_text(sign)
        assert push(client)["state"] == "done"


def test_keys_from_the_command_line(daemon, tmp_path):
    with simulated(tmp_path) as board:
        for words in (f"board put desk {board.line}", "key new lab", "key list", "key trust lab desk",
                      "key enroll desk"):
            done = daemon.mmpctl(*words.split())
            assert done.returncode == 0, done.stderr
        done = daemon.mmpctl("--json", "board", "probe", "desk")
        assert json.loads(done.stdout)["has_key"] is True and os.listdir(daemon.folder / "keys") == ["lab.pem"]
        assert daemon.mmpctl("key", "revoke", "lab", "desk").returncode == 0
        assert daemon.mmpctl("key", "revoke", "lab", "desk").returncode == 5  # it trusts none that could vouch
