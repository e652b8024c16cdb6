"""A board that is reset, or whose line drops, while a build goes live: nobody knows what it holds until it is asked."""

import contextlib
import itertools

import pytest

import boards
import documents
import middle
import mmp
from test_interrupted import prepare, push

needs_qemu = pytest.mark.skipif(not boards.QEMU or not boards.LOADER.exists(),
                                reason="needs qemu-system-aarch64 and build/loader/loader.bin")


@pytest.fixture
def qemu(tmp_path):
    with boards.qemu(tmp_path, *boards.flash(tmp_path)) as board:
        yield board


@contextlib.contextmanager
def held(daemon, tmp_path, board, is_enrolled=False):
    """A client and two builds, the first of which is live; .between sees what passes."""
    with middle.Middle(tmp_path / "middle.sock", board.line) as between, daemon.client() as client:
        client.between = between
        client.builds = [client.call("build.create", platform=documents.platform(va_bits=bits), pool=documents.POOL)["id"]
                         for bits in (32, 36)]
        client.call("board.put", name="desk", line=between.line)
        if is_enrolled:
            client.call("key.enroll", board="desk")
        assert daemon.mmpctl("push", client.builds[0], "desk").returncode == 0
        yield client


def is_activation(message):
    """A small build goes live by begin alone (bit 6 of its first byte)."""
    return message.name == "activate" or message.name == "begin" and message.payload[0] & 0x40


def check_doubt(daemon, client, words, is_activated=False):
    """The push fails with these words, says that the outcome is not known, and the board's record says the same."""
    old, new = client.builds
    done = daemon.mmpctl("push", new, "desk")
    assert done.returncode == 5 and words in done.stderr, done.stderr
    assert "advice: it is not known whether the build is live on the board: `mmpctl board probe desk`" in done.stderr
    job = client.call("job.get", job=client.call("job.list")["jobs"][0]["job"])
    assert job["state"] == "failed" and job["report"]["activated"] == is_activated
    assert job["report"]["advice"].startswith("it is not known whether")
    row = client.call("board.get", name="desk")
    assert (row["build"], row["maybe"]) == (old, new)
    assert (row["holding"]["build"], row["holding"]["certain"], row["holding"]["held"]) == (new, False, False)


def check_found(daemon, client, live):
    """hello says what is live; then the record is certain again, and the push can be repeated."""
    client.between.request = client.between.answer = lambda message: message
    assert daemon.mmpctl("board", "probe", "desk").returncode == 0
    row = client.call("board.get", name="desk")
    assert (row["build"], row["maybe"]) == (live, None)
    done = daemon.mmpctl("push", client.builds[1], "desk")
    assert done.returncode == 0, done.stderr
    row = client.call("board.get", name="desk")
    assert (row["build"], row["maybe"], row["holding"]["held"]) == (client.builds[1], None, True)


def words_of_reset(is_enrolled):
    """After a reset a board has no key for this session, so that it cannot be told from a stranger."""
    return "the board was reset, or somebody else answers" if is_enrolled else "does not know this session: it was reset"


@needs_qemu
@pytest.mark.parametrize("is_enrolled", [False, True])
@pytest.mark.parametrize("is_carried_out", [False, True])
def test_a_board_that_is_reset_while_it_activates_leaves_the_outcome_unknown(daemon, tmp_path, qemu, is_carried_out,
                                                                             is_enrolled):
    with held(daemon, tmp_path, qemu, is_enrolled) as client:
        def request(message):
            if not is_carried_out and is_activation(message):
                client.between.request = lambda message: message
                boards.reset(qemu)
            return message

        def answer(message):
            if is_carried_out and message.name in ("begin", "activate"):
                client.between.answer = lambda message: message
                boards.reset(qemu)
                return None
            return message
        client.between.request, client.between.answer = request, answer
        check_doubt(daemon, client, words_of_reset(is_enrolled))
        check_found(daemon, client, None)


@needs_qemu
@pytest.mark.parametrize("is_enrolled", [False, True])
def test_a_board_that_is_reset_while_it_is_asked_for_the_proof_leaves_the_outcome_unknown(daemon, tmp_path, qemu,
                                                                                          is_enrolled):
    with held(daemon, tmp_path, qemu, is_enrolled) as client:
        def request(message):
            if message.name == "translate":
                client.between.request = lambda message: message
                boards.reset(qemu)
            return message
        client.between.request = request
        check_doubt(daemon, client, words_of_reset(is_enrolled), is_activated=True)
        check_found(daemon, client, None)


class Simulated:
    """A simulated board with a flash that can be reset: what it holds is gone, its keys are not."""

    def __init__(self, folder):
        self.folder = folder
        self.board = None

    def __enter__(self):
        self.board = boards.Board(self.folder, "--frame", "320", "--flash", self.folder / "flash")
        self.line = self.board.line
        return self

    def __exit__(self, *_):
        self.board.stop()

    def reset(self):
        self.__exit__()
        self.__enter__()


@pytest.mark.parametrize("is_enrolled", [False, True])
@pytest.mark.parametrize("is_carried_out", [False, True])
def test_a_line_that_drops_while_the_board_activates_leaves_the_outcome_unknown(daemon, tmp_path, is_carried_out,
                                                                                is_enrolled):
    with Simulated(tmp_path) as board, held(daemon, tmp_path, board, is_enrolled) as client:
        def request(message):
            if not is_carried_out and is_activation(message):
                raise middle.HangUp
            return message

        def answer(message):
            if is_carried_out and message.name in ("begin", "activate"):
                raise middle.HangUp
            return message
        client.between.request, client.between.answer = request, answer
        check_doubt(daemon, client, "the line was lost while activating")
        check_found(daemon, client, client.builds[1] if is_carried_out else client.builds[0])


STEPS = ("hello", "begin", "write", "finish", "activate", "translate", "read back")


def once(between, name, is_carried_out, act):
    """Do this when that request comes, or when its answer does."""
    def at(message):
        if message.name == name:
            between.request = between.answer = lambda message: message
            act()
        return message
    if is_carried_out:
        between.answer = at
    else:
        between.request = at


@pytest.mark.parametrize("is_enrolled", [False, True])
@pytest.mark.parametrize("is_reset", [False, True])
def test_a_board_that_is_reset_or_whose_line_drops_at_any_step_has_whole_tables_or_none(daemon, tmp_path, is_reset, is_enrolled):
    with Simulated(tmp_path) as board, middle.Middle(tmp_path / "middle.sock", board.line) as between, daemon.client() as client:
        def act():
            if not is_reset:
                raise middle.HangUp
            board.reset()
            raise middle.Reconnect
        old, new = prepare(client, between.line)
        if is_enrolled:
            client.call("key.enroll", board="desk")
        for step, is_carried_out in itertools.product(STEPS, (False, True)):
            where = f"{'behind' if is_carried_out else 'before'} {step}"
            assert push(client, old, force=True)["state"] == "done", where
            once(between, step, is_carried_out, act)
            done = push(client, new, force=True)
            if is_reset and step == "hello":  # it is a new session either way
                assert done["state"] == "done", where
                continue
            assert done["state"] == "failed" and done["error"]["data"]["kind"] in ("link", "board"), (where, done)
            assert (words_of_reset(is_enrolled) if is_reset else "the line was lost while") in done["error"]["message"], where
            row, live = client.call("board.get", name="desk"), client.call("board.probe", name="desk")["build"]
            is_live = step in STEPS[5:] or (step, is_carried_out) == ("activate", True)
            assert live == (None if is_reset else new if is_live else old), where
            assert is_reset or live in (row["build"], row["maybe"]), where
            done = push(client, new)
            assert done["state"] == "done" and done["report"]["trust"]["authentic"] is is_enrolled, where
