"""Somebody on the line between mmpd and a board, who knows the protocol and changes what passes."""

import contextlib
import selectors
import socket

import protocol
import served


class HangUp(Exception):
    """What .request or .answer raises to drop the line, and the message with it."""


class Reconnect(Exception):
    """What they raise when the board has started anew: the message is lost, and mmpd's end of the line stays open."""


class Middle(served.Served):
    """mmpd connects to .line; what it says goes on to the board, and back, message by message.

    .request and .answer see each message and return what is passed on instead, or None for nothing."""

    def __init__(self, path, board):
        super().__init__()
        kind, _, self.board = board.partition(":")
        assert kind == "unix"
        self.line = f"unix:{path}"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(1)
        self.request = self.answer = lambda message: message
        self.lies, self.requests, self.exchanged = 0, [], []

    def _close(self):
        self.listener.close()

    def _serve(self):
        while True:
            with selectors.DefaultSelector() as selector:
                selector.register(self.listener, selectors.EVENT_READ)
                selector.register(self.wake_read, selectors.EVENT_READ)
                if any(key.fd == self.wake_read for key, _ in selector.select()):
                    return
            host, _ = self.listener.accept()
            with host, contextlib.suppress(HangUp):
                if not self._serve_host(host):
                    return

    def _serve_host(self, host):
        while True:
            with contextlib.suppress(Reconnect), socket.socket(socket.AF_UNIX) as board:
                board.connect(self.board)
                return self._pass_on(host, board)

    def _pass_on(self, host, board):
        ends = {host.fileno(): (host, board, protocol.Decoder(), self._on_request),
                board.fileno(): (board, host, protocol.Decoder(), self._on_answer)}
        with selectors.DefaultSelector() as selector:
            for fd in (*ends, self.wake_read):
                selector.register(fd, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fd == self.wake_read:
                        return False
                    source, sink, decoder, change = ends[key.fd]
                    try:
                        data = source.recv(4096)
                    except ConnectionError:
                        data = b""
                    if not data:
                        return True
                    for body in decoder.feed(data):
                        message = change(protocol.read_message(body))
                        if message is None:
                            continue  # it is lost
                        to = sink if message.status is None or source is board else source
                        with contextlib.suppress(BrokenPipeError):
                            to.sendall(protocol.encode(message.body()))

    def _on_request(self, message):
        self.requests.append(message)
        return self.request(message)

    def _on_answer(self, message):
        for request in reversed(self.requests):
            if (request.session, request.sequence) == (message.session, message.sequence):
                self.exchanged.append((request, message))
                break
        return self.answer(message)

    def answer_for_the_board(self):
        """From now on the board hears hello only. The rest is answered here, proof and all, as it would have been."""
        pars = {}
        for request, answer in self.exchanged:
            if request.name == "translate" and answer.status == 0:
                for number, question in enumerate(protocol.read_questions(request.payload)):
                    pars[question] = answer.payload[8 * number:8 * number + 8]
        digests = [answer.payload[:32] for request, answer in self.exchanged if request.name == "read back"]

        def request(message):
            if message.name == "hello":
                return message
            self.lies += 1
            payload = b""
            if message.name == "translate":
                payload = b"".join(pars[question] for question in protocol.read_questions(message.payload))
            if message.name == "read back":
                payload = digests[-1]
            if message.name == "execute":
                payload = next(answer.payload for asked, answer in self.exchanged if asked.payload == message.payload)
            return protocol.Message(message.opcode, message.session, message.sequence, 0, payload)
        self.request = request

    def replace_tables(self, and_digest=False):
        """Other bytes than those that were signed, and their digest too."""
        def request(message):
            if message.name in ("begin", "write"):  # a small build is all in begin
                message.payload = message.payload[:-1] + bytes([message.payload[-1] ^ 1])
            if message.name == "begin" and and_digest:
                message.payload = message.payload[:40] + bytes([message.payload[40] ^ 1]) + message.payload[41:]
            return message
        self.request = request

    def replay_last_push(self):
        """What the host has said in its last push, said again without it; {request: status}."""
        session = next(one.session for one in reversed(self.requests) if one.name == "begin")
        said = [one for one in self.requests if one.session == session]
        statuses = {}
        with socket.socket(socket.AF_UNIX) as board:
            board.settimeout(20)
            board.connect(self.board)
            for message in said:
                if message.name == "translate":
                    continue
                board.sendall(protocol.encode(message.body()))
                decoder, bodies = protocol.Decoder(), []
                while not bodies:
                    bodies = decoder.feed(board.recv(4096))
                answer = protocol.read_message(bodies[-1])
                statuses[answer.name] = answer.status_name
        return statuses
