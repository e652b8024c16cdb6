"""What QEMU's real loader refuses, asked by the protocol alone: each in its word, and hello is answered afterwards."""

import hashlib
import struct

import pytest

import boards
import documents
import gdb
import middle
import mmp
import protocol
import talk

pytestmark = pytest.mark.skipif(not boards.QEMU or not boards.LOADER.exists(),
                                reason="needs qemu-system-aarch64 and build/loader/loader.bin")
POOL, TCR, MAIR = 0xe300000, 1 << 23 | 4 << 32 | 0x3500 | 32, 0xff00
GICC = 0x8010000
DEVICE_TABLE = GICC | 3
OWN_TOO, MMU_OWN, RANGE = 0xe400000, 1, struct.Struct("<QQI4x")  # a row of a port's ranges: base, size, use


def pool_with(*words, pages=2):
    pool = bytearray(4096 * pages)
    for at, value in words:
        pool[at:at + 8] = value.to_bytes(8, "little")
    return bytes(pool)


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    with boards.qemu(tmp_path_factory.mktemp("refusals")) as board:
        yield board


@pytest.fixture
def host(board):
    with talk.Talk(board.line) as host:
        assert host.hello()["id"] == "qemu-virt"
        yield host
        assert host.hello()["id"] == "qemu-virt"


@pytest.mark.parametrize("what, pool, pa, registers, regime, word", [
    ("a table in the interrupt controller", pool_with((0, DEVICE_TABLE)), POOL, (MAIR, TCR, POOL), 0, "table leaves"),
    ("a deeper table in the interrupt controller", pool_with((0, POOL + 4096 | 3), (4096, DEVICE_TABLE)), POOL,
     (MAIR, TCR, POOL), 0, "table leaves"),
    ("a table in the loader's own memory", pool_with((0, 0xe000000 | 3)), POOL, (MAIR, TCR, POOL), 0, "table leaves"),
    ("a table in non-secure memory", pool_with((0, POOL + 4096 | 3 | 1 << 63)), POOL, (MAIR, TCR, POOL), 0, "table leaves"),
    ("a pool over the loader", pool_with(), 0xe000000, (MAIR, TCR, 0xe000000), 0, "pool over self"),
    ("a pool in no window", pool_with(), 0x40000000, (MAIR, TCR, 0x40000000), 0, "pool outside"),
    ("a base table elsewhere", pool_with(), POOL, (MAIR, TCR, POOL - 4096), 0, "ttbr0 outside"),
    ("a walker that writes", pool_with(), POOL, (MAIR, TCR | 1 << 39, POOL), 0, "tcr unknown"),
    ("TTBR1 left open", pool_with(), POOL, (MAIR, TCR & ~(1 << 23), POOL), 0, "ttbr1 open"),
    ("an unknown regime", pool_with(), POOL, (MAIR, TCR, POOL), 7, "regime unknown"),
], ids=lambda value: value if isinstance(value, str) and " " in value else "")
def test_a_push_that_could_do_harm_is_refused(host, what, pool, pa, registers, regime, word):
    with pytest.raises(talk.Refused) as caught:
        host.push(pool, pa, registers, regime)
    assert caught.value.name == word, what
    with pytest.raises(talk.Refused, match="nothing live"):
        host.translate(0, 0x1000)


def test_other_bytes_than_promised_never_go_live(host):
    begin = bytes([0]) + b"\1" * 32 + hashlib.sha256(b"other").digest()
    for value in (4096, POOL, MAIR, TCR, POOL):
        begin += protocol.varint(value)
    host.ask("begin", begin)
    with pytest.raises(talk.Refused, match="digest differs"):
        host.ask("finish")
    with pytest.raises(talk.Refused, match="wrong state"):
        host.ask("activate")


# --- trust: statements that were signed for something else ---


@pytest.fixture
def signed(daemon, tmp_path):
    """A board that trusts a key, and somebody on the line to it who changes what passes."""
    with boards.qemu(tmp_path, *boards.flash(tmp_path)) as board, \
            middle.Middle(tmp_path / "middle.sock", board.line) as between, daemon.client() as client:
        client.between = between
        client.call("board.put", name="desk", line=between.line)
        client.build = client.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"]
        client.call("key.new", name="lab")
        client.call("key.trust", key="lab", board="desk")
        yield client


def push(client):
    return client.call("job.watch", job=client.call("push.start", build=client.build, board="desk", force=True)["job"])


def change_begin(between, change):
    """Change the signed part of begin, by its fields."""
    def request(message):
        if message.name == "begin":
            message.payload = change(message.payload)
        return message
    between.request = request


def test_what_was_signed_for_another_board_is_refused(signed):
    change_begin(signed.between, lambda payload: payload.replace(b"\x09qemu-virt", b"\x09qemu-test"))
    done = push(signed)
    assert done["state"] == "failed" and "signed for another board" in done["error"]["message"]


def test_what_nobody_signed_is_refused(signed):
    change_begin(signed.between, lambda payload: bytes([payload[0] & 0x7f]) + payload[1:])
    done = push(signed)
    assert done["state"] == "failed" and "only what is signed by a key" in done["error"]["message"]


def test_a_counter_that_would_use_up_the_boards_is_refused(signed):
    def answer(message):  # the host is told a counter far above the board's, and signs for the next one
        if message.name == "hello" and message.status == 0:
            board = protocol.read_board(message.payload)
            at = message.payload.index(board["keys"][0]) + 4
            message.payload = message.payload[:at] + protocol.varint(board["counter"] + 256) + message.payload[at + 1:]
        return message
    signed.between.answer = answer
    done = push(signed)
    assert done["state"] == "failed" and "too far above" in done["error"]["message"], done
    signed.between.answer = lambda message: message
    assert push(signed)["state"] == "done"
    assert signed.call("board.probe", name="desk")["counter"] == 1


def test_a_counter_that_is_not_over_the_boards_is_refused(signed):
    """The counter stands behind the board's id; an older build has a lower one, and its signature fits it."""
    assert push(signed)["state"] == "done"
    counter = signed.call("board.probe", name="desk")["counter"]
    assert counter == 1

    def answer(message):  # the host is told an older counter, and signs for that
        if message.name == "hello" and message.status == 0:
            board = protocol.read_board(message.payload)
            at = message.payload.index(board["keys"][0]) + 4
            message.payload = message.payload[:at] + b"\0" + message.payload[at + 1:]
        return message
    signed.between.answer = answer
    done = push(signed)
    assert done["state"] == "failed" and "not above the board" in done["error"]["message"], done


def test_every_range_of_ram_that_a_port_calls_its_own_is_kept_from_pushes(tmp_path):
    image = (boards.LOADER.parent / "loader.elf").read_bytes()
    row = boards.symbol(image, "port_facts") + 24 + 5 * RANGE.size  # after those of virt
    debugger, pool, registers = tmp_path / "gdb.sock", bytes(4096), (MAIR, TCR, OWN_TOO)
    with boards.qemu(tmp_path, "-gdb", f"unix:{debugger},server=on,wait=off") as board, talk.Talk(board.line) as host:
        host.hello()
        host.push(pool, OWN_TOO, registers)
        with gdb.Gdb(debugger) as stopped:
            assert not any(stopped.read(row, RANGE.size))
            stopped.write(row, RANGE.pack(OWN_TOO, 2 << 20, MMU_OWN))
            stopped.jump(boards.symbol(image, "_start"))
        host.hello()
        with pytest.raises(talk.Refused, match="pool over self"):
            host.push(pool, OWN_TOO, registers)
