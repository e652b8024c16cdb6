# SPDX-License-Identifier: BSD-2-Clause
"""For random platforms: each fix that is offered, applied to the document, removes its finding and adds no stop.

MMP_TEST_SEED and MMP_TEST_CASES choose which platforms, and how many.
"""
import copy
import json
import os
import random

import mmp
import test_cases

SEED = int(os.environ.get("MMP_TEST_SEED", "7"))
CASES = int(os.environ.get("MMP_TEST_CASES", "120"))

TYPES = ["IO_SEC", "IO_NSEC", "RAM_SEC", "RAM_NSEC", "ROM_SEC", "RES_VASPACE", "TEE_COHERENT", "NSEC_SHM"]
ADDRESSES = [0, 0x1000, 0x8000000, 0xe000000, 0xe100000, 0xe200000, 0xe800000, 0x40000000, 0x42000000, 0x42100000,
             0x50000000, 0x50000800, 0xfa500000, 0x100000000, 0x880000000]
SIZES = [0x1000, 0x1800, 0x10000, 0x100000, 0x200000, 0x10000000, 0x80000000, 0xc0000000, 200000, 1000]
CONFIGS = [("va_bits", [32, 36, 48]), ("pa_bits", [32, 36, 48]), ("nb_core", [1, 4, 48]), ("num_threads", [2, 48]),
           ("dyn_shm", [True, False]), ("lpae", [True, False]), ("tee_dyn_vaspace_size", ["0x10000", "0x100000"]),
           ("dyn_config", [True, False]), ("max_xlat_tables", [None, 2, 5]), ("boot_mem_size", [None, "0x4000"]),
           ("kasan", [True, False]), ("mmap_regions", [1, 13])]


def platform_of(rng):
    platform = json.loads((mmp.TOP / "platforms/qemu-armv8a.json").read_text())
    platform["rules"] = rng.choice(["optee-4.10-257", "optee-4.10", "optee-4.6", "optee-4.5"])
    for key, values in rng.sample(CONFIGS, rng.randrange(4)):
        platform["config"][key] = rng.choice(values)
    if rng.random() < 0.3:
        link = rng.choice(["unpg_rx", "unpg_rw", "free"])
        at = platform["config"]["layout"][link]
        at["start"] = hex(int(at["start"], 16) + rng.choice([0x100, 0x1000, -0x8000]))
    if rng.random() < 0.2:
        platform["config"]["tee_ram"]["ph_size"] = rng.choice(["0x100000", "0xd1000"])
    if rng.random() < 0.2:
        platform["config"]["reserved_shm"] = {"start": "0x42000000", "size": rng.choice(["0x100000", "0x400000"])}
    for number in range(rng.randrange(4)):
        platform["registrations"].append({"section": "phys_mem_map", "type": "MEM_AREA_" + rng.choice(TYPES),
                                          "name": f"r{number}", "addr": hex(rng.choice(ADDRESSES)),
                                          "size": hex(rng.choice(SIZES))})
    if rng.random() < 0.3:
        platform["registrations"].append({"section": "ddr_overall", "type": "MEM_AREA_DDR_OVERALL", "name": "ddr",
                                          "addr": "0x40000000", "size": "0x40000000"})
    return platform


def test_every_fix_of_a_random_platform_holds(tmp_path):
    rng = random.Random(SEED)
    offered = 0
    with mmp.Daemon(tmp_path) as daemon, daemon.client() as client:
        for case in range(CASES):
            platform = platform_of(rng)
            try:
                before = test_cases.compute(client, platform)
            except KeyError:
                continue
            if "verdict" not in before:
                continue  # refused as a document
            stops = {one["id"] for one in before["findings"] if one["severity"] == "error"}
            for finding in before["findings"]:
                if "patch" not in finding:
                    continue
                offered += 1
                after = test_cases.compute(client, test_cases.apply(copy.deepcopy(platform), finding["patch"]))
                said = (SEED, case, finding["id"], finding["fix"])
                assert "verdict" in after, said
                assert finding["message"] not in [one["message"] for one in test_cases.found(after, finding["id"])], said
                assert not [one for one in after["findings"] if one["stops"] and one["id"] not in stops], said
    assert offered >= CASES / 8, "the platforms are too good to show anything"
