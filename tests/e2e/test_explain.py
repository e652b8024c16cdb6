"""mmpctl explain: what an address or a name is, on cases that people met."""

import copy
import json

import pytest

import documents
import mmp


def explain(document, what, *words):
    done = mmp.mmpctl("--local", "--json", "explain", "-", what, *words, stdin=json.dumps(document))
    assert done.returncode in (0, 4), done.stdout + done.stderr
    return json.loads(done.stdout)


def reading(value, kind):
    return next(one for one in value["readings"] if one["as"] == kind)


def says(value, kind, words):
    lines = reading(value, kind)["lines"]
    assert any(words in line for line in lines), lines


MAP = json.loads(mmp.mmpctl("--local", "--json", "layout", "compute", "-",
                            stdin=json.dumps(documents.QEMU)).stdout)["memory_map"]


def region(label):
    one = next(one for one in MAP if one["type"] == f"MEM_AREA_{label}")
    return {key: int(one[key], 16) for key in ("va", "pa", "size")}


def test_a_virtual_address_is_walked_to_its_registration():
    at = region("IO_SEC")
    value = explain(documents.QEMU, hex(at["va"] + 0x808))
    one = reading(value, "virtual address")
    assert one["mapped"] and one["pa"] == hex(at["pa"] + 0x808)
    assert [step["level"] for step in one["path"]] == [1, 2]
    assert {field["name"] for field in one["path"][-1]["fields"]} >= {"AttrIndx", "NS", "PXN", "UXN", "AF"}
    assert "secure P:rw- U:---" in one["rights"]
    assert one["registrations"][0]["name"] in ("GICD_BASE", "GICC_BASE")
    assert value["readings"][0]["as"] == "virtual address"


def test_a_physical_address_used_as_a_virtual_one_is_said_to_be_one():
    at = region("IO_SEC")
    value = explain(documents.QEMU, hex(at["pa"] + 0x808))
    assert value["readings"][0]["as"] == "physical address"
    one = reading(value, "virtual address")
    assert not one["mapped"] and one["meant"] == hex(at["va"] + 0x808)
    says(value, "virtual address", "it is a physical address, used as a virtual one")


def test_the_first_byte_behind_a_region_is_called_so():
    at = region("TEE_RAM_RW")
    value = explain(documents.QEMU, hex(at["va"] + at["size"]))
    says(value, "virtual address", "it is the first byte after TEE_RAM_RW")
    one = reading(value, "virtual address")
    assert one["before"]["type"] == "MEM_AREA_TEE_RAM_RW" and one["behind"]


def test_an_address_in_space_for_run_time_is_not_mapped_yet():
    at = region("RES_VASPACE")
    value = explain(documents.QEMU, hex(at["va"] + 0x1000))
    says(value, "virtual address", "in RES_VASPACE")
    says(value, "virtual address", "nothing is mapped there yet")


def test_what_nothing_maps_comes_with_the_line_that_would_map_it():
    value = explain(documents.QEMU, "0x80000123")
    says(value, "physical address", "nothing maps it")
    says(value, "physical address", "register_phys_mem()")
    says(value, "physical address", "region register qemu-armv8a TYPE 0x80000000 4K")


def test_a_name_that_a_shell_would_run_is_quoted_in_a_command():
    value = explain(documents.platform("$(id>pwned)"), "0x80000000")
    says(value, "physical address", "region register '$(id>pwned)' TYPE 0x80000000 4K")


def test_what_was_asked_for_and_what_it_became_are_shown():
    """Two neighbours of one type become one region."""
    document = copy.deepcopy(documents.QEMU)
    for name, addr in (("RTC", "0xa123000"), ("GPIO", "0xa124000")):
        document["registrations"].append({"section": "phys_mem_map", "type": "MEM_AREA_IO_SEC", "name": name,
                                          "addr": addr, "size": "0x1000"})
    value = explain(document, "RTC")
    says(value, "registration", "4K at 0xa123000 were asked for, 8K from 0xa123000 are mapped")
    assert reading(value, "registration")["rights"].startswith("secure")
    assert explain(document, "rtc")["readings"] == value["readings"]


def test_ddr_of_the_normal_world_is_known():
    document = copy.deepcopy(documents.QEMU)
    document["registrations"].append({"section": "ddr_overall", "type": "MEM_AREA_DDR_OVERALL", "name": "DRAM",
                                      "addr": "0x40000000", "size": "0x40000000"})
    assert reading(explain(document, "0x50000000"), "physical address")["ddr"] is True
    says(explain(document, "0x50000000"), "physical address", 'registration #4 "DRAM" has it')
    assert reading(explain(document, "0x30000000"), "physical address")["ddr"] is False
    says(explain(document, "0xe200000"), "physical address", "it is in secure memory")


def test_types_and_keys_have_their_words():
    says(explain(documents.QEMU, "IO_SEC"), "memory type", "MEM_AREA_IO_SEC: ")
    assert (explain(documents.QEMU, "IO_SEC")["readings"] == explain(documents.QEMU, "MEM_AREA_IO_SEC")["readings"])
    value = explain(documents.QEMU, "tee_ram.start")
    says(value, "config key", 'tee_ram.start is "0xe100000"')
    says(value, "config key", "TEE_RAM_START")
    assert reading(value, "config key")["value"] == "0xe100000"


def test_a_name_that_nothing_has_is_answered_with_the_nearest():
    done = mmp.mmpctl("--local", "explain", "-", "CONSOLE_UATR_BASE", stdin=json.dumps(documents.QEMU))
    assert done.returncode == 3 and '"CONSOLE_UART_BASE"' in done.stderr


def test_a_platform_that_stops_still_knows_its_registrations():
    document = copy.deepcopy(documents.QEMU)
    for one in document["registrations"]:
        if one["type"] == "MEM_AREA_NSEC_SHM":
            one["addr"] = document["config"]["reserved_shm"]["start"] = "0xe200000"
    value = explain(document, "0xe200800")
    assert value["verdict"] == "stops"
    says(value, "physical address", "has it")
    assert [one["as"] for one in value["readings"]] == ["physical address"]


def test_every_page_of_every_region_is_explained_as_it_is_mapped():
    """The first and the last page of each, against the map that layout.compute answers."""
    for one in MAP:
        va, pa, size, attr = (int(one[key], 16) for key in ("va", "pa", "size", "attr"))
        if not attr:
            continue
        for offset in (0, size - 0x1000):
            found = reading(explain(documents.QEMU, hex(va + offset)), "virtual address")
            if one["type"].endswith("VASPACE"):
                assert not found["mapped"]
            else:
                assert found["pa"] == hex(pa + offset) and found["region"]["type"] == one["type"]


def test_people_read_sentences_and_fields():
    done = mmp.mmpctl("--local", "explain", "-", hex(region("IO_SEC")["va"]), stdin=json.dumps(documents.QEMU))
    assert done.returncode == 0
    assert "as a virtual address" in done.stdout and "AttrIndx" in done.stdout and "RES0" not in done.stdout
    assert all(len(line) <= 120 for line in done.stdout.splitlines())


@pytest.mark.parametrize("case, what, kind, words", [
    ("driver-uses-pa", "0xfa500808", "virtual address", "its VA is 0x12600808"),
    ("fault-past-core-ram", "TEE_RAM_RW", "memory type", "VA 0x"),
])
def test_cases_that_people_met(case, what, kind, words):
    path = mmp.TOP / "tests" / "cases" / f"{case}.json"
    done = mmp.mmpctl("--local", "--json", "explain", path, what)
    says(json.loads(done.stdout), kind, words)
