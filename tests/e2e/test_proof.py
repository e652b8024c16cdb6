"""Rights that the board proves: by asking its MMU as EL1 and EL0, by running instructions, by reading the tables back."""

import itertools

import pytest

import boards
import documents
import gdb
import mmp
import talk

pytestmark = pytest.mark.skipif(not boards.QEMU or not boards.LOADER.exists(),
                                reason="needs qemu-system-aarch64 and build/loader/loader.bin")

POOL, PAGES = 0xe300000, 0xe400000  # the tables, and what they map
TCR = 1 << 23 | 4 << 32 | 0x3500 | 32  # 4 GiB from level 1, TTBR1 closed
MAIR = 0xff00  # 0 device, 1 write-back
RAN, RAN_NOT, NOT_PLANTED = 0, 1, 2
WXN, BRANCHED = 0x40, 0x80
SVC, BTI, ABORT_LOWER, ABORT = 0x15, 0x0d, 0x20, 0x21
PERMISSION_3 = 0x0f
KINDS = list(itertools.product(range(4), (0, 1), (0, 1), (0, 1)))  # AP, PXN, UXN, GP


def page(number, ap=0, pxn=0, uxn=0, guarded=0, memory=1, pa=None, nonsecure=0):
    return ((PAGES + 4096 * number if pa is None else pa) | 3 | memory << 2 | nonsecure << 5 | ap << 6 | 3 << 8 | 1 << 10
            | guarded << 50 | pxn << 53 | uxn << 54)


def tables():
    """A level 1 table of 4 entries, a level 2 and a level 3 table, of which each kind of page is one entry."""
    entries = [page(number, *kind) for number, kind in enumerate(KINDS)]
    entries += [page(0, memory=0, pa=PAGES), page(0, pa=PAGES, nonsecure=1), page(0, pa=0xe000000), page(0, pa=POOL),
                page(0, memory=0, pa=0x9040000), 0]
    pool = bytearray(3 * 4096)
    for at, value in [(0, POOL + 4096 | 3), (4096, POOL + 8192 | 3), *[(8192 + 8 * i, e) for i, e in enumerate(entries)]]:
        pool[at:at + 8] = value.to_bytes(8, "little")
    return bytes(pool), len(entries)


def expected(level, ap, pxn, uxn, guarded, how):
    """Arm ARM, D8.4: what may run, and which exception says no."""
    user, read_only = ap & 1, ap >> 1
    never = (pxn or (user and not read_only)) if level else uxn
    if how == WXN and not read_only and (level or user):
        never = True
    if never:
        return RAN_NOT, ABORT if level else ABORT_LOWER, PERMISSION_3
    return (RAN_NOT, BTI, None) if how == BRANCHED and guarded else (RAN, SVC, None)


def got(answer):
    ran, esr = answer
    kind = esr >> 26
    return ran, kind, esr & 0x3f if kind in (ABORT, ABORT_LOWER) else None


@pytest.mark.parametrize("cpu", ["cortex-a57", "max"])
def test_each_kind_of_page_runs_or_not_as_the_manual_says_and_nothing_is_left_behind(tmp_path, cpu):
    debugger = tmp_path / "gdb.sock"
    pool, count = tables()
    before = bytes(range(1, 9)) * 4
    with boards.qemu(tmp_path, "-gdb", f"unix:{debugger},server=on,wait=off", cpu=cpu) as board:
        with gdb.Gdb(debugger) as stopped:
            for number in range(len(KINDS)):
                stopped.write(PAGES + 4096 * number, before)
        with talk.Talk(board.line) as host:
            flags = host.hello()["flags"]
            assert flags & talk.FLAG_EXECUTES and bool(flags & talk.FLAG_GUARDS) == (cpu == "max")
            host.push(pool, POOL, (MAIR, TCR, POOL))
            wrong, asked = [], 0
            for number, kind in enumerate(KINDS):
                for level in (0, 1):
                    for how in (0, WXN, BRANCHED) if cpu == "max" else (0, WXN):
                        answer = got(host.execute(level | how, 4096 * number))
                        want = expected(level, *kind, how)
                        asked += 1
                        if answer != want:
                            wrong.append((kind, level, how, answer, want))
            assert not wrong and asked == len(KINDS) * 2 * (3 if cpu == "max" else 2)
            print(cpu, asked, "instructions tried")
            for number in range(len(KINDS), count):  # device, non-secure, the loader's own, the live pool, a UART, a hole
                assert host.execute(1, 4096 * number) == (NOT_PLANTED, 0), number
            assert host.execute(1, 2) == (NOT_PLANTED, 0)  # not on an instruction
            if cpu != "max":
                with pytest.raises(talk.Refused, match="bad message"):
                    host.execute(1 | BRANCHED, 0)
            with pytest.raises(talk.Refused, match="bad message"):
                host.execute(2, 0)
            pars = [host.translate(access, *(4096 * n for n in range(len(KINDS)))) for access in range(4)]
            for number, (ap, *_) in enumerate(KINDS):
                allowed = (True, not ap & 2, bool(ap & 1), ap == 1)
                assert [not par[number] & 1 for par in pars] == list(allowed), (number, ap)
        with gdb.Gdb(debugger) as stopped:
            for number in range(len(KINDS)):
                assert stopped.read(PAGES + 4096 * number, len(before)) == before


def rows(report):
    return {(row["who"], row["right"]): row for row in report["rights"]["table"]}


def push(client, build, **params):
    return client.call("job.watch", job=client.call("push.start", build=build, board="desk", **params)["job"])


@pytest.fixture
def stage(daemon, tmp_path):
    """A board that can be looked into, and a build that is live there."""
    debugger = tmp_path / "gdb.sock"
    with boards.qemu(tmp_path, "-gdb", f"unix:{debugger},server=on,wait=off", cpu="max") as board:
        with daemon.client() as client:
            client.call("board.put", name="desk", line=board.line)
            client.build = client.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"]
            client.debugger = debugger
            yield client


def test_a_push_reports_a_table_of_rights_and_why_some_are_not_provable(stage, daemon):
    done = push(stage, stage.build)
    assert done["state"] == "done", done
    table = rows(done["report"])
    assert {key: row["proof"] for key, row in table.items()} == {
        ("EL1", "read"): "proved", ("EL1", "write"): "proved", ("EL1", "execute"): "proved in part",
        ("EL1", "execute where a branch leads (BTI)"): "proved",
        ("EL0", "read"): "proved", ("EL0", "write"): "proved", ("EL0", "execute"): "proved in part",
        ("EL0", "execute where a branch leads (BTI)"): "proved"}
    execute = table["EL1", "execute"]
    assert execute["allowed"] == 1 and execute["denied"] >= 2 and execute["differ"] == 0
    assert "device memory is never executed" in execute["why"] and "non-secure" in execute["why"]
    assert table["EL0", "read"]["allowed"] == 0 and table["EL0", "read"]["denied"] > 20
    assert done["report"]["rights"]["memory"]["proof"] == "proved"
    regions = {region["type"]: region for region in done["report"]["rights"]["regions"]}
    assert regions["MEM_AREA_TEE_RAM_RX"]["el1"] == "r-x" and regions["MEM_AREA_TEE_RAM_RX"]["execute_el1"] == "proved"
    assert regions["MEM_AREA_TEE_RAM_RW"]["el1"] == "rw-" and regions["MEM_AREA_TEE_RAM_RW"]["execute_el1"] == "proved"
    assert regions["MEM_AREA_IO_SEC"]["execute_el0"] == "device memory is never executed"
    shown = daemon.mmpctl("job", "get", done["job"]).stdout
    assert "NOT PROVABLE HERE, AND WHY" in shown and "device memory is never executed" in shown


def spoil(client, va, bit):
    """One bit of the live descriptor of an address, in the board's own memory."""
    step = client.call("build.walk", id=client.build, va=hex(va))["path"][-1]
    with gdb.Gdb(client.debugger) as debugger:
        at = int(step["table_pa"], 16) + 8 * step["index"] + bit // 8
        byte, = debugger.read(at, 1)
        debugger.write(at, bytes([byte ^ 1 << bit % 8]))


@pytest.mark.parametrize("bit, words", [
    (53, "did not run as expected"),  # PXN
    (54, "did not run as expected"),  # UXN
    (50, "did not run as expected"),  # GP
    (11, "SHA-256 of the live pool differs"),  # nG
    (52, "SHA-256 of the live pool differs"),  # contiguous
    (55, "SHA-256 of the live pool differs"),  # for software
])
def test_a_bit_that_no_translation_shows_is_noticed(stage, bit, words):
    assert push(stage, stage.build)["state"] == "done"
    code = 0xe100000  # the first page of code runs for EL1
    spoil(stage, code, bit)
    done = push(stage, stage.build)
    assert done["state"] == "failed" and words in done["error"]["message"], done
    assert done["report"]["skipped"] is True
    differing = done["report"]["rights"]["differences"]
    assert bool(differing) == ("run" in words) and all(int(row["va"], 16) == code for row in differing)
    done = push(stage, stage.build, force=True)  # and is mended by the next push
    assert done["state"] == "done", done
    assert done["report"]["proof"]["difference_count"] == 0


def test_the_simulated_board_says_what_it_cannot_prove(daemon, tmp_path):
    with boards.simulated(tmp_path) as board, daemon.client() as client:
        client.call("board.put", name="desk", line=board.line)
        build = client.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"]
        done = push(client, build)
    table = rows(done["report"])
    assert done["state"] == "done" and table["EL1", "write"]["proof"] == "proved"
    assert table["EL1", "execute"]["proof"] == "not provable here"
    assert "this board runs no instructions" in table["EL1", "execute"]["why"]
    assert done["report"]["rights"]["memory"]["proof"] == "proved"
