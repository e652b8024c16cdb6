"""The loader's ports, each on QEMU's machine: a push of a platform of that board, made live and proved there."""

import contextlib
import copy
import subprocess

import pytest

import boards
import documents
import gdb
import mmp
import talk

pytestmark = pytest.mark.skipif(not boards.QEMU or not boards.LOADER.exists(),
                                reason="needs qemu-system-aarch64 and build/loader/loader.bin")
OPTEE, SBSA = 0xe100000, 0x20400000  # the core's first byte on virt, and where it goes on sbsa-ref


def moved(value):
    """QEMU's document with the secure DRAM of sbsa-ref."""
    if isinstance(value, dict):
        return {key: moved(one) for key, one in value.items()}
    if isinstance(value, list):
        return [moved(one) for one in value]
    if isinstance(value, str) and value.startswith("0x") and OPTEE <= int(value, 16) < 0xf000000:
        return hex(int(value, 16) - OPTEE + SBSA)
    return value


def rpi3():
    document = documents.vector("releases/3.16.0/s102_64_rpi3", aslr=False)
    document["rules"] = "optee-3.16"
    return document


PORTS = {
    "zcu102": (lambda: documents.vector("optee-4.10/lpae/d017_zynqmp"), {"base": "0x60200000", "size": "256K"}),
    "sbsa-ref": (lambda: moved(copy.deepcopy(documents.platform())), {"base": "0x20600000", "size": "64K"}),
    "rpi3": (rpi3, {"base": "0x10200000", "size": "256K"}),
}


@pytest.mark.parametrize("name", PORTS)
def test_a_platform_of_the_board_goes_live_and_is_proved_there(daemon, tmp_path, name):
    make, pool = PORTS[name]
    with boards.ported(tmp_path, name) as board, daemon.client() as client:
        client.call("board.put", name="desk", line=board.line)
        assert client.call("board.probe", name="desk")["board"] == name
        build = client.call("build.create", platform=make(), pool=pool)["id"]
        done = client.call("job.watch", job=client.call("push.start", build=build, board="desk")["job"])
        assert done["state"] == "done", done
        report = done["report"]
        table = {(row["who"], row["right"]): row for row in report["rights"]["table"]}
        assert report["proof"]["addresses"] > 100 and report["proof"]["difference_count"] == 0
        assert table["EL1", "execute"]["allowed"] >= 1 and table["EL1", "execute"]["denied"] >= 1
        assert report["rights"]["memory"]["proof"] == "proved"
        print(name, report["proof"]["addresses"], "addresses,", table["EL1", "execute"], report["elapsed_ms"], "ms")
        done = client.call("job.watch", job=client.call("push.start", build=build, board="desk", force=True)["job"])
        assert done["state"] == "done"  # and what it has is not sent again
        assert done["report"]["pages"]["kept"] == done["report"]["pages"]["all"] or done["report"]["bytes_sent"] < 400


def hang(name, debugger):
    """As a request that begins, and never ends."""
    image = (mmp.BUILD / "loader" / f"loader-{name}.elf").read_bytes()
    with gdb.Gdb(debugger) as stopped:
        stopped.set_register(30, boards.symbol(image, "halt"))
        stopped.jump(boards.symbol(image, "port_watch"))


def fall(debugger):
    """Into an exception, with a stack that leads nowhere."""
    nowhere = 0x70000000  # no board's loader maps it
    with gdb.Gdb(debugger) as stopped:
        stopped.set_register(31, nowhere)
        stopped.jump(nowhere)


def test_after_an_exception_and_after_a_request_that_never_ends_each_board_answers_hello(tmp_path):
    with contextlib.ExitStack() as stack:
        running = {name: stack.enter_context(boards.ported(tmp_path, name, "-gdb",
                                                           f"unix:{tmp_path / name},server=on,wait=off")) for name in PORTS}
        hosts = {name: stack.enter_context(talk.Talk(board.line)) for name, board in running.items()}
        for name, host in hosts.items():
            assert host.hello()["id"] == name
            fall(tmp_path / name)
        for name, host in hosts.items():
            assert host.hello()["id"] == name
            assert b"unexpected exception" in b"".join(host.decoder.stray)
            hang(name, tmp_path / name)
        for name, host in hosts.items():  # now it takes the watchdog
            assert host.hello()["id"] == name


def test_every_loader_with_its_cryptography_fits_64_kib():
    sizes = {path.name: path.stat().st_size for path in (mmp.BUILD / "loader").glob("*.bin")}
    print(sizes)
    assert len(sizes) == 5 and max(sizes.values()) <= 64 << 10


def test_the_rest_of_a_loader_is_memory_that_nobody_loads():
    """Code and constants alone are loaded: an armstub is read from a card, and the on-chip memory is small."""
    for name in PORTS:
        run = subprocess.run(["readelf", "-lW", mmp.BUILD / "loader" / f"loader-{name}.elf"], text=True, check=True,
                             capture_output=True)
        rows = [row.split() for row in run.stdout.splitlines() if row.split()[:1] == ["LOAD"]]
        assert sum(int(row[4], 16) for row in rows) <= 64 << 10, rows
