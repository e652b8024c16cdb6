"""Nothing that comes over the line, and no accident of the processor, leaves the loader without an answer to hello."""

import struct

import pytest

import boards
import documents
import gdb
import mmp
import talk

needs_qemu = pytest.mark.skipif(not boards.QEMU or not boards.LOADER.exists(),
                                reason="needs qemu-system-aarch64 and build/loader/loader.bin")
GICC_IAR = 0x801000c
MASKED, UNMASKED = 0x3cd, 0x38d  # PSTATE at EL3 with and without FIQ masked
NOWHERE = 0x70000000  # the loader's own map has nothing here
FLASH, READ_STATUS = 0x4000000, b"\x70\0\x70\0"
POOL, PAGE = 0xe300000, 0xe400000
PAGE_OF_ALL = PAGE | 3 | 1 << 2 | 3 << 6 | 3 << 8 | 1 << 10  # that EL1 and EL0 may read and run
SMC_2 = 0xd4000043.to_bytes(4, "little")


@pytest.fixture
def board(tmp_path):
    debugger = tmp_path / "gdb.sock"
    with boards.qemu(tmp_path, "-gdb", f"unix:{debugger},server=on,wait=off") as board:
        board.debugger = debugger
        yield board


@pytest.fixture
def client(daemon, board):
    with daemon.client() as client:
        client.call("board.put", name="desk", line=board.line)
        assert client.call("board.probe", name="desk")["board"] == "qemu-virt"
        yield client
        assert client.call("board.probe", name="desk")["board"] == "qemu-virt"


@needs_qemu
def test_an_unexpected_exception_is_reported_and_hello_is_answered(client, board):
    with gdb.Gdb(board.debugger) as debugger:
        debugger.jump(NOWHERE)


@needs_qemu
def test_a_stack_that_leads_nowhere_does_not_keep_the_loader_from_starting_again(client, board):
    with gdb.Gdb(board.debugger) as debugger:
        debugger.set_register(31, NOWHERE)
        debugger.jump(NOWHERE)


@needs_qemu
def test_an_interrupt_that_something_has_acknowledged_does_not_silence_the_line(client, board):
    with gdb.Gdb(board.debugger) as debugger:  # as a walk into the GIC would read it
        assert [int.from_bytes(debugger.read(GICC_IAR, 4), "little") for _ in range(3)]


@needs_qemu
def test_a_request_that_never_ends_is_ended_by_the_watchdog(client, board):
    image = (boards.LOADER.parent / "loader.elf").read_bytes()
    halt = boards.symbol(image, "halt")
    with gdb.Gdb(board.debugger) as debugger:
        debugger.set_register(33, UNMASKED, width=4)
        debugger.jump(halt)


@needs_qemu
def test_keys_are_still_trusted_when_a_write_to_the_flash_was_cut_short(daemon, tmp_path):
    """In the middle of a command the flash reads as its status: no key is to be seen, and the counter is 0."""
    debugger = tmp_path / "gdb.sock"
    with boards.qemu(tmp_path, *boards.flash(tmp_path), "-gdb", f"unix:{debugger},server=on,wait=off") as board:
        with daemon.client() as client:
            client.call("board.put", name="desk", line=board.line)
            build = client.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"]
            client.call("key.new", name="lab")
            client.call("key.trust", key="lab", board="desk")
            job = client.call("push.start", build=build, board="desk")["job"]
            assert client.call("job.watch", job=job)["state"] == "done"
            with gdb.Gdb(debugger) as stopped:
                stopped.write_device(FLASH, READ_STATUS)
                assert stopped.read(FLASH, 4) != b"\xff\xff\xff\xff"
                stopped.jump(NOWHERE)
            now = client.call("board.probe", name="desk")
            assert len(now["trusts"]) == 1 and not now["takes_unsigned"] and now["counter"] == 1, now


@needs_qemu
@pytest.mark.parametrize("level", [0, 1])
def test_a_trial_that_never_returns_leaves_memory_as_it_was(board, level):
    pool = bytearray(3 * 4096)  # a level 1, a level 2 and a level 3 table
    for at, value in [(0, POOL + 4096 | 3), (4096, POOL + 8192 | 3), (8192, PAGE_OF_ALL)]:
        pool[at:at + 8] = value.to_bytes(8, "little")
    image = (boards.LOADER.parent / "loader.elf").read_bytes()
    vectors = boards.symbol(image, "probe_vectors")
    with talk.Talk(board.line) as host:
        host.hello()
        host.push(bytes(pool), POOL, (0xff00, 1 << 23 | 4 << 32 | 0x3500 | 32, POOL))
        with gdb.Gdb(board.debugger) as stopped:
            stopped.write(PAGE, b"whatever")
            for offset in (0x200, 0x400):  # what EL1 and EL0 come back through
                stopped.write(vectors + offset, SMC_2)
        with pytest.raises(talk.Refused, match="no session"):  # the loader has started again
            host.execute(level, 0)
        with gdb.Gdb(board.debugger) as stopped:
            assert stopped.read(PAGE, 8) == b"whatever"


@needs_qemu
def test_memory_that_cannot_be_restored_after_a_trial_does_not_strand_the_loader(client, board):
    planted = boards.symbol((boards.LOADER.parent / "loader.elf").read_bytes(), "planted")
    with gdb.Gdb(board.debugger) as debugger:
        debugger.write(planted, struct.pack("<IIQ", 2, 0, NOWHERE))  # attempts, word, address
        debugger.jump(NOWHERE)


@needs_qemu
def test_what_was_live_counts_as_gone_after_an_exception(client, board):
    build = client.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"]
    done = client.call("job.watch", job=client.call("push.start", build=build, board="desk")["job"])
    assert done["state"] == "done" and client.call("board.probe", name="desk")["build"] == build
    with gdb.Gdb(board.debugger) as debugger:
        debugger.jump(NOWHERE)
    assert client.call("board.probe", name="desk")["build"] is None
    done = client.call("job.watch", job=client.call("push.start", build=build, board="desk")["job"])
    assert done["state"] == "done" and not done["report"]["skipped"]
