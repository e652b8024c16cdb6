# SPDX-License-Identifier: BSD-2-Clause
"""Words from a board, and small faults of commands that people met."""
import json
import subprocess

import pytest

import documents
import mmp


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    with mmp.Daemon(tmp_path_factory.mktemp("words")) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def client(daemon):
    with daemon.client() as client:
        yield client


WORDS = {
    "secure-nsec-overlap": "secure-nsec-overlap",
    "Invalid memory access config: sec/nsec": "secure-nsec-overlap",
    "check_sec_nsec_mem_config": "secure-nsec-overlap",
    "E/TC:0 0 Panic at core/mm/boot_mem.c:117 <mem_alloc>": "boot-memory-exhausted",
    "assertion 'user_va_idx != -1' failed at core/arch/arm/mm/core_mmu_lpae.c:954": "no-user-va",
    "E/TC:0 0 Panic 'invalid TA RAM' at core/arch/arm/mm/tee_mmu.c:850 <teecore_init_ta_ram>": "ta-ram-missing",
    "E/TC:0 0 core_mmu_xlat_table_alloc:520 5 xlat tables exhausted": "tables-exhausted",
    "Non-sec mem (0x40000000:0x40000000) overlaps map (type 20 0x41f00000:0x100000)": "ddr-overlaps-map",
    "invalid PUB RAM": "window-not-mapped",
    "kasan-shadow": "kasan-shadow",
    "E/TC:0 0 Panic at core/mm/core_mmu.c:1509 <init_mem_map>": "no-va",
    "ERROR:   mmap_add_region_check() failed. error -1": "tfa-region-refused",
}


@pytest.mark.parametrize("words", sorted(WORDS))
def test_what_a_board_printed_is_found(client, words):
    best = client.call("policy.explain", words=words)["matches"][0]
    assert best["id"] == WORDS[words]
    assert best["about"] and best["rules"]
    assert best["stops"] == ("firmware" in best)


def test_every_stop_of_every_release_is_found_by_its_own_words(client):
    for rules in client.call("service.info")["rules"]:
        for kind in client.call("policy.list", rules=rules)["kinds"]:
            found = client.call("policy.explain", words=kind["id"], rules=rules)["matches"]
            assert kind["id"] == found[0]["id"]
            said = found[0].get("firmware", {})
            if len(said.get("message", "")) < 4 or not kind["stops"]:
                continue
            line = f"E/TC:0 0 Panic '{said['message']}' at core/{said['file']}:{said['line']} <{said['func']}>"
            again = client.call("policy.explain", words=line, rules=rules)["matches"]
            assert kind["id"] in [one["id"] for one in again], (rules, line)


def test_words_that_no_firmware_says_are_not_found(daemon):
    done = daemon.mmpctl("policy", "explain", "it does not work")
    assert done.returncode == 3 and "it does not work" in done.stderr


def test_a_cause_in_the_document_is_named_with_the_stop(client):
    causes = client.call("policy.explain", words="tee-ram-outside-secure", rules="optee-4.10")["matches"][0]["causes"]
    assert "link-range-outside" in [cause["id"] for cause in causes]


# --- faults ------------------------------------------------------------------------------

def lines(daemon, *requests):
    with daemon.client() as client:
        for request in requests:
            client.socket.sendall(request.encode() + b"\n")
            yield json.loads(client.file.readline())


def test_nul_and_wide_integers_are_errors_of_their_request_alone(daemon):
    alone, batch, wide = lines(
        daemon,
        r'{"jsonrpc":"2.0","id":7,"method":"platform.get","params":{"name":"a\u0000b"}}',
        r'[{"jsonrpc":"2.0","id":8,"method":"platform.list"},'
        r'{"jsonrpc":"2.0","id":9,"method":"platform.get","params":{"name":"a\u0000"}}]',
        '[{"jsonrpc":"2.0","id":10,"method":"platform.list"},{"jsonrpc":"2.0","id":11,'
        '"method":"platform.get","params":{"name":"x","revision":99999999999999999999}}]')
    assert alone["id"] == 7 and alone["error"]["code"] == -32602 and "u0000" in alone["error"]["message"]
    assert batch[0]["id"] == 8 and "result" in batch[0]
    assert batch[1]["id"] == 9 and batch[1]["error"]["data"]["kind"] == "invalid"
    assert wide[0]["id"] == 10 and "result" in wide[0]
    assert wide[1]["id"] == 11 and "64 bits" in wide[1]["error"]["message"]


def test_what_json_allows_and_nothing_holds_is_an_error_of_its_request_alone(daemon):
    for value, words in ((r'"\ud800"', "surrogate"), (r'"\ud83d\ude00\udc00"', "surrogate"), ("1e400", "floating point"),
                         ("-1e999", "floating point"), ("-99999999999999999999", "64 bits")):
        (batch,) = lines(daemon, '[{"jsonrpc":"2.0","id":1,"method":"platform.list"},{"jsonrpc":"2.0","id":2,"method":'
                                 '"platform.get","params":{"name":"x","revision":%s}}]' % value)
        assert "result" in batch[0] and batch[1]["id"] == 2
        assert batch[1]["error"]["data"]["kind"] == "invalid" and words in batch[1]["error"]["message"]
    (whole,) = lines(daemon, r'{"jsonrpc":"2.0","id":3,"method":"platform.get","params":{"name":"\ud83d\ude00"}}')
    assert whole["error"]["data"]["kind"] == "not-found"


@pytest.mark.parametrize("name", ["-", "x.json", "-x", ".json", "boot.log", "x@1", "a.json@2"])
def test_a_name_that_a_command_line_cannot_say_is_refused(client, name):
    with pytest.raises(mmp.Failure, match="command line"):
        client.call("platform.put", document=documents.platform(name))


def test_short_descriptors_of_arm64_are_refused_and_a_wrong_level_is_said(daemon):
    done = daemon.mmpctl("descriptor", "decode", "0x0060000009000e01", "--config", "lpae=false")
    assert done.returncode == 2 and "architecture that has short ones" in done.stderr
    done = daemon.mmpctl("descriptor", "decode", "0x0060000009000e01")
    assert done.returncode == 0 and "level 2 it maps 0x200000 bytes" in done.stdout
    done = daemon.mmpctl("descriptor", "decode", "0x0060000009000e01", "--level", "1")
    assert "at level 2 it maps 0x200000 bytes at 0x9000000" in done.stdout, "its address has bits that level 1 ignores"
    done = daemon.mmpctl("descriptor", "decode", "0x0060000000000e01", "--level", "0")
    assert "there are no blocks at that level" in " ".join(done.stdout.split())
    done = daemon.mmpctl("descriptor", "decode", "0x9000e0e", "--config", "lpae=false", "--config", "arch=arm32")
    assert "Level 2 entry" in done.stdout, "the last level of its format"
    done = daemon.mmpctl("descriptor", "decode", "0xe1c4003", "--level", "1")
    assert "pointer to the next table" in done.stdout and "device" not in done.stdout


def test_a_window_at_the_top_of_memory_is_invalid(client):
    platform = documents.platform()
    platform["registrations"].append({"section": "phys_mem_map", "type": "MEM_AREA_RES_VASPACE", "name": "x",
                                      "addr": "0xfffffffffffff000", "size": "0x200000"})
    with pytest.raises(mmp.Failure) as refused:
        client.call("build.create", platform=platform, pool=documents.POOL, accept_findings=True)
    assert refused.value.kind == "invalid"


def test_a_pool_over_code_is_refused(client):
    platform = json.loads((mmp.TOP / "platforms/qemu-armv8a.json").read_text())
    with pytest.raises(mmp.Failure, match="which the core runs from"):
        client.call("build.create", platform=platform, pool={"base": "0xe100000", "size": "64K"})


def test_a_board_is_removed_as_a_board_and_a_document_is_no_revision(daemon, client):
    assert daemon.mmpctl("board", "put", "desk", "unix:/nowhere").returncode == 0
    assert daemon.mmpctl("board", "remove", "desk").stdout == "board  desk\n"
    platform = json.loads((mmp.TOP / "platforms/qemu-armv8a.json").read_text())
    made = client.call("build.create", platform=platform, pool={"base": "0xe1c4000", "size": "64K"})
    (row,) = [one for one in client.call("build.list")["builds"] if one["id"] == made["id"]]
    assert row["platform"] == "qemu-armv8a" and row["revision"] is None


def test_a_reader_that_leaves_is_no_failure_in_words(daemon):
    command = f"{mmp.BUILD}/mmpctl --socket {daemon.socket} memtype list | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stdout and done.stderr == ""


def test_a_budget_of_many_nested_ranges_is_bounded(client):
    """20,000 ranges of two types in turn became 11 entries, and each trial sorted all of them."""
    platform = json.loads((mmp.TOP / "platforms/qemu-armv8a.json").read_text())
    platform["registrations"] += [
        {"section": "phys_mem_map", "type": "MEM_AREA_IO_SEC" if i % 2 else "MEM_AREA_IO_NSEC", "name": "n",
         "addr": hex(0x50000000 + i * 0x1000), "size": hex(0x10000000 - 2 * i * 0x1000)} for i in range(20000)]
    answer = client.call("layout.budget", platform=platform, detail="map")
    assert answer["left_out"], "most of it was not tried"


@pytest.mark.parametrize("wrong, near", [("3.23.0", "optee-3.22"), ("2.6.0", "optee-3.0"), ("5.0", "optee-4.10"),
                                         ("4.10.0-257", "optee-4.10-257"), ("3.18", "optee-3.18")])
def test_of_releases_that_are_none_the_nearest_by_its_number_is_named(client, wrong, near):
    vector = json.loads((mmp.TOP / "tests/vectors/real/real_default.json").read_text())
    vector["optee_version"] = wrong
    with pytest.raises(mmp.Failure, match=f"nearest: {near}$"):
        client.call("layout.compute", platform=vector)
    platform = dict(documents.platform(), rules=f"optee-{wrong}")
    if f"optee-{wrong}" != near:
        with pytest.raises(mmp.Failure, match=f"nearest: {near} "):
            client.call("layout.compute", platform=platform)


@pytest.mark.parametrize("rules", ["optee-3.0", "optee-3.4", "optee-3.7", "optee-3.8", "optee-3.21"])
def test_a_core_that_is_not_registered_is_the_cause_and_no_address_is_made_up(client, rules):
    platform = json.loads((mmp.TOP / "tests/cases/core-takes-all-34.json").read_text())
    platform["rules"] = rules
    platform["registrations"] = [one for one in platform["registrations"]
                                 if "TEE_RAM" not in one["type"] and one["section"] == "phys_mem_map"]
    try:
        findings = client.call("layout.compute", platform=platform)["findings"]
    except mmp.Failure as stopped:
        findings = stopped.data["findings"]
    (cause,) = [one for one in findings if one["id"] == "core-not-registered"]
    assert "register TEE_RAM_RX" in cause["fix"]
    assert "0xffffffff" not in json.dumps(findings)


@pytest.mark.parametrize("typed, says", [("11200000", "did you mean 0x11200000?"), ("a000000", "did you mean 0xa000000?"),
                                         ("0A000000", "did you mean 0x0A000000?"), ("cafeteria", "is not an address")])
def test_explain_asks_about_an_address_without_0x(typed, says):
    done = mmp.mmpctl("--local", "explain", mmp.TOP / "platforms/qemu-armv8a.json", typed)
    assert done.returncode in (2, 3) and says in done.stderr and not done.stdout


@pytest.mark.parametrize("typed", ["2M", "2MB", "2MiB", "2m", "2mb"])
def test_megabytes_are_read_as_people_write_them(typed):
    done = mmp.mmpctl("--local", "--json", "layout", "budget", mmp.TOP / "platforms/qemu-armv8a.json", "--shm", typed)
    assert json.loads(done.stdout)["shm"]["bytes"] == "0x200000"
