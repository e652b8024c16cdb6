# SPDX-License-Identifier: BSD-2-Clause
"""Mistakes that people make in a document, one change each, and what they need to hear.

They are of the kinds of tests/cases: each row is QEMU's platform with one thing wrong, the verdict, the
finding, and words of its message or fix. The verdict without the change is `boots` (see the first test).
"""
import copy
import json

import pytest

import mmp
import test_cases
from test_cases import both, client, config, daemon, found, region  # noqa: F401 (fixtures)

QEMU = json.loads((mmp.TOP / "platforms/qemu-armv8a.json").read_text())
LINUX = {"section": "ddr_overall", "type": "MEM_AREA_DDR_OVERALL", "name": "dram", "addr": "0x42200000",
         "size": "0x3de00000"}


def more(type, name, addr, size, section="phys_mem_map"):
    def change(platform):
        platform["registrations"].append({"section": section, "type": f"MEM_AREA_{type}", "name": name,
                                          "addr": addr, "size": size})
    return change


def ddr(platform):
    platform["registrations"].append(dict(LINUX))


def dram(*ranges):
    def change(platform):
        platform["dram"] = [{"base": base, "size": size, "note": note} for base, size, note in ranges]
    return change


DECLARED = dram(("0x40000000", "1G", "linux"), ("0xe000000", "0x1000000", "secure"))

SITUATIONS = {
    "code grew by a page": (config(layout__unpg_rx__size="0x7c000"), "doubtful", "link-ranges-overlap", "0xe17c000"),
    "free memory past the core": (config(layout__free__size="0x13d000"), "doubtful", "link-range-outside", "0x1000 bytes past"),
    "secure memory ends inside the core": (config(trusted_dram__size="0x100000"), "stops", "tee-ram-outside-secure", "layout.unpg_rw"),
    "window over secure memory": (config(reserved_shm__start="0xef00000"), "stops", "secure-nsec-overlap", "reserved_shm"),
    "window registered as RAM_NSEC": (region("TEE_SHMEM_START", type="MEM_AREA_RAM_NSEC"), "stops", "window-not-mapped", "NSEC_SHM"),
    "window of size 0": (config(reserved_shm__size="0x0"), "stops", "nsec-shm-outside-window", "0x42000000"),
    "window that wraps": (config(reserved_shm__start="0xfffffffffff00000"), "stops", "nsec-shm-outside-window", "reserved_shm"),
    "window's address without 0x": (config(reserved_shm={"start": "42000000", "size": "0x200000"}), "stops", "looks-like-hex", "0x42000000"),
    "size without 0x": (more("IO_SEC", "uart", "0xa000000", "200000"), "stops", "looks-like-hex", "0x200000"),
    "address in decimal": (more("IO_SEC", "uart", "9000000", "0x1000"), "stops", "looks-like-hex", "0x9000000"),
    "address and size of a device exchanged": (region("CONSOLE_UART_BASE", addr="0x200000", size="0x9000000"), "boots", "address-and-size-swapped", "at 0x9000000 size 0x200000"),
    "address and size of the window exchanged": (region("TEE_SHMEM_START", addr="0x200000", size="0x42000000"), "stops", "address-and-size-swapped", "at 0x42000000 size 0x200000"),
    "boot memory larger than its room": (config(boot_mem_size="0x200000"), "doubtful", "boot-memory-over-free", "0x13c000"),
    "core with more memory than addresses": (config(tee_ram__va_size="0x100000"), "boots", "va-size-below-physical", "0x200000"),
    "device of less than a page": (more("IO_SEC", "timer", "0xa000000", "0x100"), "stops", "unaligned", "0x1000"),
    "mailbox in the window as a device": (more("IO_NSEC", "mailbox", "0x42100000", "0x1000"), "boots", "cached-and-device", "NSEC_SHM"),
    "log buffer as a device in DDR": (both(ddr, more("IO_NSEC", "log", "0x50000000", "0x1000")), "stops", "device-over-dram", "RAM_NSEC"),
    "mailbox as secure memory in DDR": (both(ddr, more("RAM_SEC", "mailbox", "0x50000000", "0x1000")), "stops", "ddr-overlaps-map", "registered DDR"),
    "DDR over the devices": (more("DDR_OVERALL", "low", "0x0", "0x80000000", "ddr_overall"), "stops", "ddr-overlaps-map", "IO_SEC"),
    "DDR in the list of the map": (more("DDR_OVERALL", "dram", "0x40000000", "0x40000000"), "stops", "invalid-type", "own section"),
    "DDR that is only the window": (more("DDR_OVERALL", "dram", "0x42000000", "0x200000", "ddr_overall"), "stops", "ddr-all-secure", "carved"),
    "a bank registered twice": (both(ddr, ddr), "boots", "ddr-overlaps-ddr", "once"),
    "all secure memory as RAM_SEC": (more("RAM_SEC", "all", "0xe100000", "0xf00000"), "doubtful", "two-owners", "trusted_dram"),
    "SRAM that is part of DRAM": (config(trusted_sram={"base": "0xe100000", "size": "0x100000"}), "doubtful", "two-owners", "trusted_sram"),
    "coherent memory from the pool": (more("TEE_COHERENT", "coherent", "0xe800000", "0x1000"), "doubtful", "two-owners", "trusted_dram.size"),
    "a device over the core's data": (more("IO_SEC", "io", "0xe200000", "0x1000"), "boots", "cached-and-device", "IO_SEC"),
    "one page for both worlds": (both(more("IO_SEC", "a", "0xa000000", "0x1000"), more("IO_NSEC", "b", "0xa000000", "0x1000")), "boots", "secure-and-nonsecure", "IO_NSEC"),
    "code of a ROM": (more("TEE_RAM_RX", "rom", "0x10000", "0x10000"), "stops", "tee-ram-outside-secure", "0x10000"),
    "window for mappings with an address": (more("SHM_VASPACE", "space", "0x50000000", "0x200000"), "doubtful", "vaspace-with-address", "IO_SEC"),
    "SDP memory over the pool": (both(config(secure_data_path=True), more("SDP_MEM", "sdp", "0xe800000", "0x100000", "sdp_mem")), "stops", "sdp-overlap", "outside trusted_dram"),
    "SDP memory in no DRAM": (both(config(secure_data_path=True), DECLARED, more("SDP_MEM", "sdp", "0xb0000000", "0x100000", "sdp_mem")), "doubtful", "outside-dram", "sdp"),
    "SDP test memory that is not registered": (config(secure_data_path=True, sdp_test_mem={"base": "0xef00000", "size": "0x100000"}), "doubtful", "test-memory-missing", "register_sdp_mem"),
    "shared memory in no DRAM": (dram(("0x80000000", "1G", "linux"), ("0xe000000", "0x1000000", "secure")), "doubtful", "outside-dram", "reserved_shm"),
    "identity map that ends before it begins": (config(aslr=True, aslr_seed="0x100000", layout__identity_map={"start": "0xe102000", "end": "0xe100000"}), "stops", "identity-map-missing", "layout.identity_map"),
    "identity map behind the code": (config(aslr=True, aslr_seed="0x100000", layout__identity_map={"start": "0xe1ff000", "end": "0xe201000"}), "doubtful", "identity-map-missing", "layout.unpg_rx"),
    "core of another load address": (config(tee_ram__start="0xe200000"), "doubtful", "link-range-outside", "below tee_ram.start"),
    "64 cores and little space for stacks": (config(nb_core=64), "stops", "stack-space-full", "tee_dyn_vaspace_size"),
    "a pager that has no room": (config(pager=True, dyn_config=False, layout__init_rx={"start": "0xe1c4000", "size": "0x9000"},
                                        layout__init_ro={"start": "0xe1cd000", "size": "0x3000"}), "stops", "pager-space-full", "tee_ram.va_size"),
    "a device above 4 GiB of a 32-bit core": (both(config(arch="arm32", lpae=False), more("IO_SEC", "high", "0x100000000", "0x1000")), "stops", "address-too-wide", "large_phys_addr"),
}


def test_without_a_mistake_it_boots(client):
    for change in (lambda platform: None, ddr, DECLARED):
        platform = copy.deepcopy(QEMU)
        change(platform)
        assert test_cases.compute(client, platform)["verdict"] == "boots"


@pytest.mark.parametrize("name", sorted(SITUATIONS))
def test_a_mistake_is_heard_of(client, name):
    change, verdict, id, words = SITUATIONS[name]
    platform = copy.deepcopy(QEMU)
    change(platform)
    answer = test_cases.compute(client, platform)
    assert answer["verdict"] == verdict, answer["findings"]
    findings = found(answer, id)
    assert findings, [finding["id"] for finding in answer["findings"]]
    assert any(words in finding["message"] + (finding["fix"] or "") for finding in findings), findings
    assert all("0xffffffff" not in finding["message"] for finding in answer["findings"])


@pytest.mark.parametrize("name", sorted(SITUATIONS))
def test_what_is_offered_for_a_mistake_holds(client, name):
    platform = copy.deepcopy(QEMU)
    SITUATIONS[name][0](platform)
    before = test_cases.compute(client, platform)
    errors = {one["id"] for one in before["findings"] if one["severity"] == "error"}
    for finding in before["findings"]:
        if "patch" in finding:
            after = test_cases.compute(client, test_cases.apply(platform, finding["patch"]))
            assert finding["message"] not in [one["message"] for one in found(after, finding["id"])]
            assert not [one for one in after["findings"] if one["stops"] and one["id"] not in errors]


# What the stop leads to is below it: a person sees one error.
def test_secure_memory_that_ends_inside_the_core_is_one_error(client):
    platform = copy.deepcopy(QEMU)
    config(trusted_dram__size="0x100000")(platform)
    errors = [one for one in test_cases.compute(client, platform)["findings"] if one["severity"] == "error"]
    assert {one["id"]: one.get("because_of") for one in errors} == {
        "tee-ram-outside-secure": None, "sec-ram-outside-secure": "tee-ram-outside-secure",
        "core-memory-not-carved": "tee-ram-outside-secure"}


# Memory that the firmware takes elsewhere is another mistake, and stays an error of its own.
def test_test_memory_outside_secure_memory_is_not_folded_under_the_core(client):
    platform = copy.deepcopy(QEMU)
    config(trusted_dram__size="0x100000", secure_data_path=True,
           sdp_test_mem={"base": "0x50000000", "size": "0x100000"})(platform)
    findings = found(test_cases.compute(client, platform), "core-memory-not-carved")
    assert {one["message"].count("sdp_test_mem"): one.get("because_of") for one in findings} == {
        0: "tee-ram-outside-secure", 1: None}


@pytest.mark.parametrize("size, is_left", [("0xf000", False), ("0x10000", True)])
def test_a_core_that_takes_all_secure_memory_loads_no_application(client, size, is_left):
    platform = copy.deepcopy(QEMU)
    taken = f"{0xe1c4000 - 0xe100000 + int(size, 16):#x}"
    config(trusted_dram__size=taken, tee_ram__ph_size=taken, tee_ram__va_size=taken,
           layout__free__size=size)(platform)
    answer = test_cases.compute(client, platform)
    assert answer["verdict"] == "boots"
    assert len(found(answer, "no-ta-memory")) == (not is_left)


# DRAM that begins at a round number, and a bus that ends at one, are as they should be.
@pytest.mark.parametrize("change", [
    more("DDR_OVERALL", "dram", "0x100000", "0x3ff00000", "ddr_overall"),
    more("IO_SEC", "bus", "0x100000", "0xff00000"),
    more("RAM_NSEC", "buffer", "0x80000000", "0x80000000")])
def test_large_memory_at_a_round_address_is_not_called_swapped(client, change):
    platform = copy.deepcopy(QEMU)
    change(platform)
    assert not found(test_cases.compute(client, platform), "address-and-size-swapped")


# The core's own memory given away, where it is registered (to 3.21) and where the core computes it (to 4.4).
@pytest.mark.parametrize("addr, verdict", [("0x8e100000", "doubtful"), ("0x8e200000", "boots")])
def test_memory_of_applications_is_apart_from_the_core(client, addr, verdict):
    platform = test_cases.document("core-takes-all-34")
    test_cases.NEIGHBOURS["core-takes-all-34"](platform)
    region("ta", addr=addr)(platform)
    answer = test_cases.compute(client, platform)
    assert answer["verdict"] == verdict
    assert len(found(answer, "two-owners")) == (verdict != "boots")
