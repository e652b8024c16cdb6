"""What is on a board, since when, by whom, proven or only activated; and back to what was there before."""

import re

import boards
import documents
import middle
import mmp

POOL = "0xe200000+64K"


def prepare(daemon, path):
    daemon.call("platform.put", document=documents.platform("virt"))
    daemon.call("board.put", name="desk", line=f"unix:{path}")
    done = daemon.mmpctl("push", "virt", "desk", "--pool", POOL)
    assert done.returncode == 0, done.stderr
    return daemon.call("board.get", name="desk")["build"]


def test_a_board_says_what_it_holds_from_which_platform_by_whom_and_how_it_was_proved(daemon, tmp_path):
    with boards.Board(tmp_path) as board:
        daemon.call("board.put", name="idle", line="unix:/nowhere")
        build = prepare(daemon, board.path)
        holding = daemon.call("board.get", name="desk")["holding"]
        assert holding["build"] == build and holding["certain"]
        assert (holding["platform"], holding["revision"], holding["proof"]) == ("virt", 1, "proven")
        assert holding["by"] and holding["since"].startswith("20")
        listed = {one["name"]: one["holding"] for one in daemon.call("board.list")["boards"]}
        assert listed == {"desk": holding, "idle": None}
        text = daemon.mmpctl("board", "get", "desk").stdout
        assert "pushed by" in text and "proven" in text
        assert "proven" in daemon.mmpctl("board", "list").stdout


def test_a_push_of_a_platform_builds_what_it_is_now_where_it_was_built_last(daemon, tmp_path):
    with boards.Board(tmp_path) as board:
        first = prepare(daemon, board.path)
        daemon.call("platform.put", document=documents.platform("virt", va_bits=36))
        done = daemon.mmpctl("push", "virt", "desk")
        assert done.returncode == 0, done.stderr
        now = daemon.call("board.get", name="desk")
        assert now["build"] != first and now["holding"]["revision"] == 2
        pools = [daemon.call("build.get", id=one)["manifest"]["pool"] for one in (first, now["build"])]
        assert pools[0] == pools[1]


def test_the_build_before_is_put_back(daemon, tmp_path):
    with boards.Board(tmp_path) as board:
        first = prepare(daemon, board.path)
        done = daemon.mmpctl("push", "--previous", "desk")
        assert done.returncode == 3 and "no other build was live" in done.stderr
        daemon.call("platform.put", document=documents.platform("virt", va_bits=36))
        assert daemon.mmpctl("push", "virt", "desk").returncode == 0
        done = daemon.mmpctl("push", "--previous", "desk")
        assert done.returncode == 0, done.stderr
        assert daemon.call("board.get", name="desk")["build"] == first
        history = daemon.call("board.history", name="desk")
        assert [one["proof"] for one in history["pushes"]] == ["proven"] * 3
        assert [one["revision"] for one in history["pushes"]] == [1, 2, 1]
        assert "Pushes, the newest first" in daemon.mmpctl("board", "history", "desk").stdout


def test_a_failed_push_never_shows_as_proven(daemon, tmp_path):
    with boards.Board(tmp_path) as board:
        first = prepare(daemon, board.path)
    daemon.call("platform.put", document=documents.platform("virt", va_bits=36))
    assert daemon.mmpctl("push", "virt", "desk").returncode == 5
    history = daemon.call("board.history", name="desk")
    assert all(one["build"] == first for one in history["pushes"] if one["proof"] == "proven")
    assert history["holding"]["build"] == first and history["holding"]["proof"] == "proven"


def test_a_failed_proof_never_shows_as_held(daemon, tmp_path):
    with boards.Board(tmp_path) as board, middle.Middle(tmp_path / "between", board.line) as between:
        first = prepare(daemon, between.line.partition(":")[2])
        assert daemon.call("board.get", name="desk")["holding"]["held"] is True

        def lie(message):
            if message.name == "translate":
                message.payload = bytes(message.payload[:7]) + bytes([message.payload[7] ^ 0x40]) + message.payload[8:]
            return message
        between.answer = lie
        daemon.call("platform.put", document=documents.platform("virt", va_bits=36))
        done = daemon.mmpctl("push", "virt", "desk")
        assert done.returncode == 5, done.stdout
        holding = daemon.call("board.get", name="desk")["holding"]
        assert holding["build"] != first and (holding["proof"], holding["held"]) == ("failed proof", False)
        for words in (["board", "get", "desk"], ["board", "list"], ["board", "history", "desk"]):
            text = daemon.mmpctl(*words).stdout
            assert "failed proof" in text and not re.search(r"proven|held", text.split("Pushes")[0]), text


def test_a_push_that_made_nothing_live_changes_nothing_of_what_a_board_holds(daemon, tmp_path):
    with boards.Board(tmp_path) as board:
        build = prepare(daemon, board.path)
        holding = daemon.call("board.get", name="desk")["holding"]
    assert daemon.mmpctl("push", build, "desk", "--force").returncode == 5  # nobody is there any more
    assert daemon.call("board.get", name="desk")["holding"] == holding


def test_a_board_says_when_it_was_last_heard(daemon, tmp_path):
    with boards.Board(tmp_path) as board:
        daemon.call("board.put", name="desk", line=f"unix:{board.path}")
        assert daemon.call("board.get", name="desk")["seen"] is None
        daemon.call("board.probe", name="desk")
        seen = daemon.call("board.get", name="desk")["seen"]
        daemon.call("board.probe", name="desk")
        assert daemon.call("board.list")["boards"][0]["seen"] > seen
    assert daemon.mmpctl("board", "probe", "desk").returncode == 5
    text = daemon.mmpctl("board", "get", "desk").stdout
    assert "last seen" in text and daemon.call("board.get", name="desk")["seen"] in text


def test_a_push_waits_for_a_board_that_is_not_there_yet(daemon, tmp_path):
    import subprocess
    daemon.call("platform.put", document=documents.platform("virt"))
    daemon.call("board.put", name="desk", line=f"unix:{tmp_path}/board.sock")
    waiting = subprocess.Popen([mmp.BUILD / "mmpctl", "push", "virt", "desk", "--pool", POOL, "--wait-for-board"],
                               env=mmp.environment(MMPD_SOCKET=daemon.socket), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    with boards.Board(tmp_path):
        out, err = waiting.communicate(timeout=mmp.DEADLINE)
    assert waiting.returncode == 0, err
    assert daemon.call("board.get", name="desk")["holding"]["proof"] == "proven"


def test_a_push_of_nothing_is_wrong_usage(daemon):
    for words in (["push"], ["push", "--previous"], ["push", "0123456789abcdef"]):
        assert daemon.mmpctl(*words).returncode in (2, 3)
    daemon.call("platform.put", document=documents.platform("never"))
    daemon.call("board.put", name="desk", line="unix:/nowhere")
    done = daemon.mmpctl("push", "never", "desk")
    assert done.returncode == 2 and "--pool" in done.stderr
