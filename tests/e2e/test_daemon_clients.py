"""Many clients at once: none holds up another."""

import contextlib
import fcntl
import json
import re
import select
import signal
import socket
import termios
import time

import documents
import mmp

CLIENTS_MAX = 256


def test_two_hundred_connections_are_all_answered(daemon):
    clients = [daemon.client() for _ in range(200)]
    requests = [client.start("service.info") for client in clients]
    assert all(client.answer(request)["version"] for client, request in zip(clients, requests))
    for client in clients:
        client.close()
    assert daemon.call("service.info")


def test_one_client_too_many_is_told_so_and_a_free_place_is_taken_again(daemon):
    clients = [daemon.client() for _ in range(CLIENTS_MAX)]
    assert clients[-1].call("service.info")
    with daemon.client() as extra:
        assert extra.read()["error"]["data"]["kind"] == "busy"
        assert extra.read() is None
    for client in clients[:10]:
        client.close()
    assert clients[-1].call("service.info")  # answered after the ends were seen, or with them
    deadline = time.monotonic() + mmp.DEADLINE
    while True:
        with daemon.client() as again, contextlib.suppress(BrokenPipeError):  # refused before it could ask
            again.start("service.info")
            if "result" in again.read():
                break
        assert time.monotonic() < deadline
    for client in clients[10:]:
        client.close()


def test_silent_clients_and_half_lines_hold_up_nobody(daemon):
    silent = [daemon.client() for _ in range(50)]
    for number, client in enumerate(silent):
        if number % 2:
            client.send(b'{"jsonrpc":"2.0","id":1,"meth')
    assert daemon.call("service.info")
    for client in silent:
        client.close()


def test_who_does_not_fetch_answers_is_not_read_from_and_loses_none(daemon):
    document = documents.platform()
    line = {"jsonrpc": "2.0", "method": "layout.compute", "params": {"platform": document}}
    with daemon.client() as slow:
        slow.socket.setblocking(False)
        pending, sent, begun = b"", 0, 0
        quiet = time.monotonic()
        # Ask and never read, until the daemon has taken nothing for a while.
        while begun < 20000 and (not pending or time.monotonic() - quiet < 1):
            if not pending:
                begun += 1
                pending = json.dumps({**line, "id": begun}).encode() + b"\n"
            _, writable, _ = select.select([], [slow.socket], [], 0.1)
            if writable:
                count = slow.socket.send(pending)
                pending, sent, quiet = pending[count:], sent + count, time.monotonic()
        assert begun < 20000, "the daemon reads without end from a client that does not"
        with daemon.client() as other:
            assert other.call("layout.compute", platform=document, detail="map")
        slow.socket.settimeout(mmp.DEADLINE)
        # Each once; answers of one client may come in another order.
        answered = [slow.read() for _ in range(1, begun)]
        assert all("result" in message for message in answered)
        assert sorted(message["id"] for message in answered) == list(range(1, begun))


def computed(metrics):
    """How many layouts it has computed."""
    count = re.search(r'mmpd_call_seconds_count\{method="layout.compute"\} (\d+)', metrics["text"])
    return int(count[1]) if count else 0


def test_a_long_batch_lets_others_have_their_turn(daemon):
    """The daemon stands still while the end of the batch and the others' questions come; answers say how far it was."""
    document = documents.platform()
    batch = json.dumps([{"jsonrpc": "2.0", "id": number, "method": "layout.compute",
                         "params": {"platform": document, "detail": "map"}} for number in range(1000)]).encode()
    with daemon.client() as greedy, daemon.client() as other:
        greedy.send(batch)
        while any(fcntl.ioctl(greedy.socket, termios.TIOCOUTQ, bytes(4))):  # until it has been read
            other.call("service.info")
        daemon.process.send_signal(signal.SIGSTOP)
        greedy.send(b"\n")
        asked = [other.start("service.metrics") for _ in range(5)]
        daemon.process.send_signal(signal.SIGCONT)
        assert all(computed(other.answer(request)) < 1000 for request in asked), "the batch came before anybody else"
        assert len(greedy.read()) == 1000
        assert computed(other.call("service.metrics")) == 1000


def test_answers_come_in_the_order_of_the_questions(daemon):
    with daemon.client() as client:
        requests = [client.start("service.info") for _ in range(500)]
        assert [client.read()["id"] for _ in requests] == requests


def test_clients_that_vanish_at_any_moment_do_no_harm(daemon):
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "layout.compute",
                       "params": {"platform": documents.platform()}}).encode() + b"\n"
    for length in list(range(0, len(line), 97)) + [len(line)]:
        client = daemon.client()
        client.send(line[:length] * 3)
        client.close()
        reset = daemon.client()
        reset.send(line[:length])
        reset.socket.shutdown(socket.SHUT_RD)
        reset.close()
    assert daemon.call("service.info")
