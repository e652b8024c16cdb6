"""Nothing that comes over the line, and no accident of the processor, leaves the loader without an answer to hello."""

import pytest

import boards
import documents
import gdb
import mmp

needs_qemu = pytest.mark.skipif(not boards.QEMU or not boards.LOADER.exists(),
                                reason="needs qemu-system-aarch64 and build/loader/loader.bin")
GICC_IAR = 0x801000c
MASKED, UNMASKED = 0x3cd, 0x38d  # PSTATE at EL3 with and without FIQ masked
NOWHERE = 0x70000000  # the loader's own map has nothing here


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
def test_what_was_live_counts_as_gone_after_an_exception(client, board):
    build = client.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"]
    done = client.call("job.watch", job=client.call("push.start", build=build, board="desk")["job"])
    assert done["state"] == "done" and client.call("board.probe", name="desk")["build"] == build
    with gdb.Gdb(board.debugger) as debugger:
        debugger.jump(NOWHERE)
    assert client.call("board.probe", name="desk")["build"] is None
    done = client.call("job.watch", job=client.call("push.start", build=build, board="desk")["job"])
    assert done["state"] == "done" and not done["report"]["skipped"]
