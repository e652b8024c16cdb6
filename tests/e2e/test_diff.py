"""What is different between two platforms, and revisions that mean something."""

import json

import pytest

import documents
import mmp


@pytest.fixture
def write(tmp_path):
    def write(name, document):
        (tmp_path / name).write_text(json.dumps(document, indent=2))
        return tmp_path / name
    return write


def changed(document, name, **fields):
    """The document with fields of one registration changed."""
    for one in document["registrations"]:
        if one["name"] == name:
            one.update(fields)
    return document


def with_region(document, memtype, addr, size="0x1000", name="EXTRA"):
    document["registrations"].append({"section": "phys_mem_map", "type": memtype, "name": name,
                                      "addr": addr, "size": size})
    return document


def diff(before, after, *words):
    done = mmp.mmpctl("--local", "--json", "diff", before, after, *words)
    return done.returncode, json.loads(done.stdout)


def kinds(value):
    return [one["kind"] for one in value["changes"]]


def texts(value, kind):
    return [one["text"] for one in value["changes"] if one["kind"] == kind]


def test_a_platform_is_the_same_as_itself(write):
    path = write("a.json", documents.platform())
    status, value = diff(path, path)
    assert status == 0 and value["same"] and value["passed"] and value["changes"] == []
    done = mmp.mmpctl("--local", "diff", path, path, "--fail-on", "any")
    assert done.returncode == 0 and done.stdout == "no difference\n"


@pytest.fixture
def large(daemon):
    """Two platforms of more registrations than are read at a time, as they are kept: the client, and their documents."""
    with daemon.client() as client:
        documents_of = {name: documents.platform(name) for name in ("large", "larger")}
        for more, document in enumerate(documents_of.values()):
            document["registrations"] += [documents.region(number) for number in range(1100 + more)]
            client.call("platform.put", document=document)
        yield client, documents_of


def test_two_large_platforms_that_are_kept_differ_as_their_documents_do(large):
    client, document = large
    for before, after in (("large", "larger"), ("larger", "large"), ("large", "large")):
        kept = client.call("layout.diff", before=before, after=after)
        given = client.call("layout.diff", before=document[before], after=document[after])
        assert kept["changes"] == given["changes"] and kept["same"] == (before == after)
        assert client.call("layout.diff", before=document[before], after=after)["changes"] == kept["changes"]
    with pytest.raises(mmp.Failure, match="a document has no revisions"):
        client.call("layout.diff", before="large", after=document["larger"], after_revision=1)
    with pytest.raises(mmp.Failure, match='after: no such platform: "none"'):
        client.call("layout.diff", before="large", after="none")


def test_a_large_platform_is_checked_against_another_and_beside_two_that_share_its_board(large):
    client, document = large
    client.call("layout.check", platform="larger", against="large")
    board = {**documents.platform("board"), "contexts": ["large", "larger"]}
    told = client.call("layout.compute", platform=board, detail="map")
    assert [one["name"] for one in told["contexts"]] == ["large", "larger"]
    client.call("platform.put", document=board)
    assert client.call("layout.compute", platform="board", detail="map")["contexts"] == told["contexts"]


def test_memory_that_becomes_nonsecure_comes_first_and_fails(write):
    base = with_region(documents.platform(), "MEM_AREA_IO_SEC", "0xa000000")
    after = with_region(documents.platform(), "MEM_AREA_IO_NSEC", "0xa000000")
    a, b = write("a.json", base), write("b.json", after)
    status, value = diff(a, b, "--fail-on", "nonsecure")
    assert status == 4 and not value["passed"] and value["failing"] == ["nonsecure"]
    assert kinds(value)[0] == "nonsecure"
    first = value["changes"][0]
    assert first["pa"] == "0xa000000" and first["before"].startswith("secure ")
    assert first["after"].startswith("non-secure ")
    status, value = diff(b, a, "--fail-on", "nonsecure,write,execute")
    assert status == 0 and "nonsecure" not in kinds(value)


def test_memory_that_becomes_writable_or_executable_is_said_to(write):
    ro, rw, rx = ("MEM_AREA_ROM_SEC", "MEM_AREA_RAM_SEC", "MEM_AREA_TEE_RAM_RX")
    paths = {one: write(f"{one}.json", with_region(documents.platform(), one, "0x0a000000", "0x200000"))
             for one in (ro, rw, rx)}
    assert "write" in kinds(diff(paths[ro], paths[rw])[1])
    assert "write" not in kinds(diff(paths[rw], paths[ro])[1])
    assert "narrowed" in kinds(diff(paths[rw], paths[ro])[1])
    assert diff(paths[ro], paths[rw], "--fail-on", "write")[0] == 4
    assert diff(paths[ro], paths[rw], "--fail-on", "widen")[0] == 4
    assert diff(paths[rw], paths[ro], "--fail-on", "widen")[0] == 0


def test_a_second_mapping_of_the_same_memory_counts_by_its_physical_address(write):
    """The core's own code, registered once more as RAM: it became writable, though no entry changed."""
    base = documents.platform()
    start = base["config"]["layout"]["unpg_rx"]["start"]
    after = with_region(documents.platform(), "MEM_AREA_RAM_SEC", start, "0x1000")
    _, value = diff(write("a.json", base), write("b.json", after))
    writable = [one for one in value["changes"] if one["kind"] == "write"]
    assert [one["pa"] for one in writable] == [start], value


def test_a_device_that_becomes_cached_memory_is_told(write):
    a = write("a.json", with_region(documents.platform(), "MEM_AREA_IO_SEC", "0xa000000", "0x200000"))
    b = write("b.json", with_region(documents.platform(), "MEM_AREA_RAM_SEC", "0xa000000", "0x200000"))
    _, value = diff(a, b)
    assert "memory" in kinds(value)
    assert any(one["after"].endswith("cached") and one["before"].endswith("device")
               for one in value["changes"] if one["kind"] == "memory")


def test_new_gone_and_grown_registrations_are_named(write):
    base = documents.platform()
    after = changed(documents.platform(), "CONSOLE_UART_BASE", addr="0x9200000")
    after["registrations"] = [one for one in after["registrations"] if one["name"] != "GICC_BASE"]
    with_region(after, "MEM_AREA_IO_SEC", "0xa000000", name="NEW")
    _, value = diff(write("a.json", base), write("b.json", after))
    said = texts(value, "registration")
    assert any(text.startswith('new "NEW"') for text in said)
    assert any(text.startswith('gone "GICC_BASE"') for text in said)
    assert any(text.startswith('"CONSOLE_UART_BASE"') and "was MEM_AREA_IO_SEC at 0x9000000" in text
               for text in said)
    assert len(said) == 3


def test_the_order_of_registrations_is_one_line(write):
    after = documents.platform()
    after["registrations"].reverse()
    _, value = diff(write("a.json", documents.platform()), write("b.json", after))
    assert len(texts(value, "registration")) == 1 and "order" in texts(value, "registration")[0]


def test_a_shift_in_virtual_space_is_one_line_and_no_flood(write):
    """A small region before the others moves all that follow by the same distance."""
    base = documents.platform()
    after = documents.platform(reserved_vaspace_size="0xc00000")
    _, value = diff(write("a.json", base), write("b.json", after))
    moved = texts(value, "moved")
    assert 1 <= len(moved) <= 2
    assert any("regions are 2M higher in virtual space" in text for text in moved)
    assert any(text.startswith("RES_VASPACE: 12M of virtual space, was 10M") for text in texts(value, "mapped"))


def test_keys_registers_tables_and_findings_are_told(write):
    base = documents.platform()
    after = documents.platform(va_bits=36)
    del after["registrations"][0]
    _, value = diff(write("a.json", base), write("b.json", after))
    assert texts(value, "config") == ["va_bits: 36, was 32"]
    assert any(text.startswith("tcr_el1: ") for text in texts(value, "register"))
    assert any(one["finding"] == "covered" for one in value["changes"] if one["kind"] == "fixed")


def test_a_platform_that_stops_is_the_worst_change(write):
    after = documents.platform()
    for one in after["registrations"]:
        if one["type"] == "MEM_AREA_NSEC_SHM":
            one["addr"] = after["config"]["reserved_shm"]["start"] = "0xe200000"
    a, b = write("a.json", documents.platform()), write("b.json", after)
    status, value = diff(a, b, "--fail-on", "stop")
    assert status == 4 and kinds(value)[0] == "stop"
    assert value["after"]["verdict"] == "stops" and value["before"]["verdict"] == "boots"
    status, value = diff(b, a, "--fail-on", "stop,widen")
    assert status == 0 and "the firmware no longer stops" in texts(value, "fixed")[0]


def test_another_rule_set_of_the_same_platform(write):
    path = write("a.json", documents.platform())
    rules = json.loads(mmp.mmpctl("--local", "--json", "service", "info").stdout)["rules"]
    other = next(one for one in rules if one.startswith("optee-3"))
    done = mmp.mmpctl("--local", "--json", "diff", path, "--rules", other)
    value = json.loads(done.stdout)
    assert done.returncode == 0
    assert texts(value, "rules") == [f"rules: {other}, was {documents.QEMU['rules']}"]
    assert mmp.mmpctl("--local", "diff", path, "--rules", "optee-9").returncode == 2
    assert mmp.mmpctl("--local", "diff", path).returncode == 2


def test_unknown_kinds_are_refused_with_the_nearest(write):
    path = write("a.json", documents.platform())
    done = mmp.mmpctl("--local", "diff", path, path, "--fail-on", "nonsecur")
    assert done.returncode == 2 and '"nonsecure"' in done.stderr


def test_a_thousand_changes_of_a_kind_are_enough(write):
    before, after = documents.platform(), documents.platform()
    after["registrations"] += [documents.region(n) for n in range(1500)]
    after["config"]["pa_bits"] = before["config"]["pa_bits"] = 40
    after["config"]["mmap_regions"] = 2000
    status, value = diff(write("a.json", before), write("b.json", after))
    assert len(texts(value, "registration")) == 1000 and value["omitted"] >= 500
    assert status == 4 and value["after"]["verdict"] == "stops", "so many have no room"


def test_what_leads_to_a_platform_that_does_not_boot_exits_with_4(write):
    good, bad = documents.platform(), documents.platform()
    bad["registrations"].append({"section": "phys_mem_map", "type": "MEM_AREA_RAM_SEC", "name": "again",
                                 "addr": "0xe100000", "size": "0x1000"})
    good, bad = write("good.json", good), write("bad.json", bad)
    done = mmp.mmpctl("--local", "diff", good, bad)
    assert done.returncode == 4 and "is doubtful" in done.stdout
    assert mmp.mmpctl("--local", "diff", bad, good).returncode == 0


# --- revisions ---------------------------------------------------------------------------------

def test_a_put_that_changes_nothing_makes_no_revision(daemon):
    document = documents.platform("board")
    first = daemon.call("platform.put", document=document)
    again = daemon.call("platform.put", document=document)
    assert (first["revision"], first["changed"]) == (1, True)
    assert (again["revision"], again["changed"]) == (1, False)
    assert len(daemon.call("platform.history", name="board")["history"]) == 1
    with pytest.raises(mmp.Failure) as refused:
        daemon.call("platform.put", document=document, if_revision=7)
    assert refused.value.kind == "conflict"


def test_what_get_prints_can_be_put_again_and_is_the_same(daemon):
    document = documents.platform("board")
    document["registrations"][0]["origin"] = "import.c"
    daemon.call("platform.put", document=document)
    got = daemon.mmpctl("--json", "platform", "get", "board")
    done = daemon.mmpctl("--json", "platform", "put", "-", stdin=got.stdout)
    assert done.returncode == 0 and json.loads(done.stdout)["changed"] is False


def test_history_says_what_changed_and_why(daemon):
    daemon.call("platform.put", document=documents.platform("board"))
    daemon.mmpctl("platform", "put", "-", "--message", "more room for the driver",
                  stdin=json.dumps(documents.platform("board", va_bits=36)))
    rows = daemon.call("platform.history", name="board")["history"]
    assert rows[1]["what"] == "more room for the driver (va_bits: 36, was 32)"
    assert "new, rules optee-4.10" in rows[0]["what"]


def test_revert_makes_an_earlier_revision_the_newest(daemon):
    first, second = documents.platform("board"), documents.platform("board", va_bits=36)
    daemon.call("platform.put", document=first)
    daemon.call("platform.put", document=second)
    done = daemon.mmpctl("platform", "revert", "board", "1", "--message", "it broke the boot")
    assert done.returncode == 0, done.stderr
    assert daemon.mmpctl("diff", "board", "board@1").stdout == "no difference\n"
    last = daemon.call("platform.history", name="board")["history"][-1]
    assert (last["revision"], last["what"]) == (
        3, "back to revision 1: it broke the boot (va_bits: 32, was 36)")
    assert daemon.call("platform.revert", name="board", revision=1)["changed"] is False
    daemon.call("platform.remove", name="board")
    assert daemon.call("platform.revert", name="board", revision=2)["revision"] == 5
    assert daemon.mmpctl("platform", "revert", "board", "9").returncode == 3
    assert daemon.mmpctl("platform", "revert", "board", "0").returncode == 2


def test_a_build_is_a_side_of_a_diff(daemon):
    daemon.call("platform.put", document=documents.platform("board"))
    build = daemon.call("build.create", platform="board", pool=documents.POOL)["id"]
    daemon.call("platform.put", document=documents.platform("board", va_bits=36))
    done = daemon.mmpctl("--json", "diff", build[:12], "board")
    value = json.loads(done.stdout)
    assert done.returncode == 0 and texts(value, "config") == ["va_bits: 36, was 32"]
    assert daemon.mmpctl("diff", "0123456789abcdef", "board").returncode == 3


# --- the log of a boot as a side -----------------------------------------------------------

LOG = mmp.TOP / "tests/logs/noaslr.log"


@pytest.fixture
def booted(tmp_path):
    """The document of the platform that printed LOG."""
    path = tmp_path / "booted.json"
    vector = mmp.TOP / "tests/vectors/real/real_default.json"
    done = mmp.mmpctl("platform", "import", vector, LOG, "--name", "booted", "--output", path)
    assert done.returncode == 0, done.stderr
    return path


def test_a_boot_log_says_nothing_else_than_the_platform_that_printed_it(booted):
    for sides in ([booted, LOG], [LOG, booted]):
        done = mmp.mmpctl("--local", "diff", *sides)
        assert (done.returncode, done.stdout) == (0, "no difference\n"), done.stderr
    done = mmp.mmpctl("--local", "diff", booted, "-", "--fail-on", "any", stdin=LOG.read_text())
    assert (done.returncode, done.stdout) == (0, "no difference\n"), done.stderr


def test_a_boot_log_tells_what_the_board_was_built_with(booted):
    other = mmp.TOP / "tests/vectors/real/real_default.json"
    done = mmp.mmpctl("--json", "--local", "diff", other, LOG, "--fail-on", "config")
    answer = json.loads(done.stdout)
    assert done.returncode == 4 and answer["failing"] == ["config"]
    changed = {change["key"] for change in answer["changes"] if change["kind"] == "config"}
    assert {"layout.unpg_rx.size", "layout.free.start"} <= changed


def test_a_map_that_its_own_platform_does_not_compute_is_a_change_of_its_own(booted, tmp_path):
    log = tmp_path / "moved.log"
    lines = LOG.read_text()
    assert "va 0x11000000" in lines
    log.write_text(lines.replace("va 0x11000000..0x111fffff", "va 0x11a00000..0x11bfffff"))
    done = mmp.mmpctl("--json", "--local", "diff", booted, log, "--fail-on", "log")
    answer = json.loads(done.stdout)
    assert done.returncode == 4 and answer["failing"] == ["log"] and not answer["same"]
    assert any("the board has va 0x11a00000" in change["text"] for change in answer["changes"])


def test_a_kept_platform_its_revision_or_its_build_is_the_other_side(daemon, booted):
    assert daemon.mmpctl("platform", "put", booted).returncode == 0
    build = daemon.mmpctl("--json", "build", "create", "booted", "--pool", "0xe1c4000+64K")
    build = json.loads(build.stdout)["id"]
    for side in ("booted", "booted@1", build[:12]):
        done = daemon.mmpctl("diff", side, LOG)
        assert (done.returncode, done.stdout) == (0, "no difference\n"), done.stderr
    done = daemon.mmpctl("diff", "nobody", LOG)
    assert done.returncode == 3 and "nobody" in done.stderr


def test_what_is_no_side_is_refused_in_words():
    vector = mmp.TOP / "tests/vectors/real/real_default.json"
    for sides, words in (([LOG, LOG], "one of the two sides must be a platform"),
                         ([LOG], "one of the two sides must be a platform"),
                         ([vector, mmp.TOP / "README.md"], "README.md: the log of a boot, but not of a firmware")):
        done = mmp.mmpctl("--local", "diff", *sides)
        assert done.returncode == 2 and words in done.stderr, done.stderr
