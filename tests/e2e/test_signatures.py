"""Somebody on the line who changes what was signed, the signature or a board's own code: nothing of it is believed."""

import pytest

import mmp
import protocol
from protocol import MAC_SIZE
from test_trust import BOARDS, between, client, is_believed, simulated, watch_through  # noqa: F401, two are fixtures


@pytest.mark.parametrize("between", BOARDS, indirect=True)
def test_other_tables_than_those_that_were_signed_are_refused(client, between):
    client.call("key.new", name="lab")
    client.call("key.trust", key="lab", board="desk")
    between.replace_tables()
    done = watch_through(client, between)
    assert done["state"] == "failed" and "SHA-256" in done["error"]["message"]
    between.replace_tables(and_digest=True)
    done = watch_through(client, between)
    assert done["state"] == "failed" and "signature does not match" in done["error"]["message"]


def flip(data):
    return bytes([data[0] ^ 1]) + data[1:]


# What somebody between makes of the signature of a begin, and what the board says to that.
CHANGES = {
    "left out": (lambda begin: {}, "it takes only what is signed by a key that it trusts"),
    "of nothing": (lambda begin: {**begin, "signature": bytes(64)}, "the signature does not match"),
    "changed": (lambda begin: {**begin, "signature": flip(begin["signature"])}, "the signature does not match"),
    "by another key": (lambda begin: {**begin, "key": flip(begin["key"])}, "it does not know the key"),
    "for another board": (lambda begin: {**begin, "id": flip(begin["id"])}, "it was signed for another board"),
    "for another session": (lambda begin: {**begin, "nonce": flip(begin["nonce"])}, "it was signed for another session"),
    "with another counter": (lambda begin: {**begin, "counter": begin["counter"] + 1}, "the signature does not match"),
}


def sign_otherwise(message, change):
    """Change how a begin is signed, and nothing else."""
    payload, begin = message.payload, protocol.read_begin(message.payload)
    at, end = payload.index(begin["nonce"]), payload.index(begin["signature"]) + 64
    parts = change({**begin, "id": begin["id"].encode()})
    signature = parts and parts["nonce"] + bytes([len(parts["id"])]) + parts["id"] + protocol.varint(parts["counter"]) \
        + parts["key"] + parts["signature"]
    first = payload[0] if parts else payload[0] & 0x7f
    return protocol.Message(message.opcode, message.session, message.sequence, None,
                            bytes([first]) + payload[1:at] + (signature or b"") + payload[end:])


@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("between", BOARDS, indirect=True)
def test_a_begin_whose_signature_was_changed_is_refused_and_nothing_goes_live(daemon, client, between, how):
    change, words = CHANGES[how]
    client.call("key.new", name="lab")
    client.call("key.trust", key="lab", board="desk")
    between.request = lambda message: sign_otherwise(message, change) if message.name == "begin" else message
    done = daemon.mmpctl("push", client.build, "desk")
    assert done.returncode == 5 and words in done.stderr, done.stderr
    between.request = lambda message: message
    probed = client.call("board.probe", name="desk")
    assert probed["build"] is None and probed["counter"] == 0
    row = client.call("board.get", name="desk")
    assert (row["build"], row["maybe"]) == (None, None)
    assert watch_through(client, between)["report"]["trust"]["signed_by"] == "lab"


@pytest.mark.parametrize("change", [lambda payload: payload[:-MAC_SIZE], lambda payload: payload[:-1] + flip(payload[-1:]),
                                    lambda payload: payload[:-MAC_SIZE] + bytes(MAC_SIZE)],
                         ids=["left out", "changed", "of nothing"])
@pytest.mark.parametrize("name", ["begin", "translate", "read back"])
@pytest.mark.parametrize("between", [simulated], indirect=True)
def test_an_answer_of_an_enrolled_board_without_its_own_code_is_not_believed(daemon, client, between, name, change):
    client.call("key.enroll", board="desk")

    def answer(message):
        if message.name == name:
            message.payload = change(message.payload)
        return message
    between.answer = answer
    done = daemon.mmpctl("push", client.build, "desk")
    assert done.returncode == 5 and "somebody else answers" in done.stderr, done.stderr
    holding = client.call("board.get", name="desk")["holding"]
    assert holding is None or not holding["held"]
    assert is_believed(client, between)


@pytest.mark.parametrize("between", BOARDS, indirect=True)
def test_a_session_that_is_sent_again_is_refused(client, between):
    client.call("key.new", name="lab")
    client.call("key.trust", key="lab", board="desk")
    assert watch_through(client, between)["state"] == "done"
    counter = client.call("board.probe", name="desk")["counter"]
    statuses = between.replay_last_push()
    assert statuses["begin"] == "replayed"
    assert client.call("board.probe", name="desk")["counter"] == counter


@pytest.mark.parametrize("name", ["", ".hidden", "-x", "a/b", "../x", "a\tb", "x" * 64])
def test_a_key_has_a_name_that_a_file_and_a_command_line_can_have(daemon, name):
    with pytest.raises(mmp.Failure, match="is not a valid key name: it must have 1 to 63 bytes") as failure:
        daemon.call("key.new", name=name)
    assert failure.value.kind == "invalid"
    assert daemon.call("key.new", name="x" * 63)["name"] == "x" * 63
