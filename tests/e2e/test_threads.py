"""What users of OP-TEE asked on its tracker: mmp names the cause, or the symptom cannot be.

Each test is a platform with the symptom of one thread, with the addresses of that thread. Where the
releases whose rules we have are older or newer than the one in the thread, it says what follows.
"""

import pytest

import mmp

GIB = 1 << 30


def registration(kind, name, addr, size, section="phys_mem_map"):
    return {"section": section, "type": f"MEM_AREA_{kind}", "name": name, "addr": hex(addr),
            "size": hex(size)}


def io_sec(name, addr, size=0x20_0000):
    return registration("IO_SEC", name, addr, size)


def ddr(name, addr, size):
    return registration("DDR_OVERALL", name, addr, size, "ddr_overall")


def dynamic_shm(name, addr, size):
    return registration("RAM_NSEC", name, addr, size, "nsec_ddr")


def sdp(name, addr, size):
    return registration("SDP_MEM", name, addr, size, "sdp_mem")


def today(dram, *registrations, size=0x200_0000, core=0x20_0000, shm=None, **config):
    """A platform of optee-4.10 with its core at the start of its DRAM."""
    document = {
        "format": "mmp-platform-1", "name": "board", "rules": "optee-4.10-257",
        "config": {
            "trusted_dram": {"base": hex(dram), "size": hex(size)},
            "tee_ram": {"start": hex(dram), "ph_size": hex(core), "va_size": hex(core)},
            "layout": {"unpg_rx": {"start": hex(dram), "size": "0x8d000"},
                       "unpg_rw": {"start": hex(dram + 0x8d000), "size": "0x52000"},
                       "free": {"start": hex(dram + 0xdf000), "size": hex(core - 0xdf000)},
                       "identity_map": {"start": hex(dram), "end": hex(dram + 0x1456)}},
            **config},
        "registrations": list(registrations)}
    if shm is not None:
        document["config"]["reserved_shm"] = {"start": hex(shm), "size": "0x200000"}
        document["registrations"].append(registration("NSEC_SHM", "TEE_SHMEM_START", shm, 0x20_0000))
    return document


def of_2019(dram, *registrations, size=0x200_0000, core=0x20_0000, shm=None, **config):
    """The same under optee-3.4, where the core is registered like all else."""
    document = today(dram, *registrations, size=size, core=core, shm=shm, **config)
    del document["config"]["layout"]
    document["config"].setdefault("max_xlat_tables", 16)
    document["rules"] = "optee-3.4"
    document["registrations"] += [
        registration("TEE_RAM_RX", "VCORE_UNPG_RX_PA", dram, 0x8d000),
        registration("TEE_RAM_RW", "VCORE_UNPG_RW_PA", dram + 0x8d000, core - 0x8d000),
        registration("TA_RAM", "TA_RAM_START", dram + core, size - core)]
    return document


@pytest.fixture(name="client", scope="module")
def connected(tmp_path_factory):
    with mmp.Daemon(tmp_path_factory.mktemp("threads")) as daemon, daemon.client() as client:
        yield client


def compute(client, document, **config):
    document["config"].update(config)
    return client.call("layout.compute", platform=document, detail="map")


def stopped(client, document, **config):
    """What the error says of a platform that does not boot."""
    with pytest.raises(mmp.Failure) as failure:
        compute(client, document, **config)
    assert failure.value.kind == "firmware-stop"
    return failure.value.data


def sweep(client, document, **params):
    job = client.call("layout.sweep", platform=document, **params)
    return client.call("job.watch", job=job["job"])["report"]


def findings(answer, which):
    return [finding for finding in answer["findings"] if finding["id"] == which]


def finding(answer, which):
    found = findings(answer, which)
    assert len(found) == 1, answer["findings"]
    return found[0]


def names(one):
    return [region.get("name") for region in one["regions"]]


def ids(answer):
    return {one["id"] for one in answer["findings"]}


def entry(answer, kind):
    found = [one for one in answer["memory_map"] if one["type"] == f"MEM_AREA_{kind}"]
    assert len(found) == 1
    return int(found[0]["va"], 16), int(found[0]["size"], 16)


def imx8mp(dram, **config):
    """What plat-imx maps on an i.MX8MP, in pieces of 2 MiB; 32 bits of virtual address."""
    devices = [io_sec(name, addr) for name, addr in [
        ("GIC", 0x38800000), ("UART and CAAM", 0x30800000), ("ANATOP and SNVS", 0x30200000),
        ("TZASC", 0x32e00000), ("OCRAM", 0x00900000 & ~0x1fffff), ("MU", 0x30a00000),
        ("SRC", 0x30390000 & ~0x1fffff)]]
    return today(dram, *devices, aslr=True, **config)


def test_the_seeds_that_leave_user_mode_no_slot_are_one_interval_and_all_of_them_boot(client):
    """Thread 1: optee_os#7316.

    600 boots found that 4.5.0 panics for the seeds 0x69e01000 to 0x6fdfffff. The first of them is
    where the core, 2 MiB at 0x56000000, begins to reach over 3 GiB. Today's release takes the next
    candidate for them; the sweep shows that none of the seeds around fails.
    """
    document = imx8mp(0x56000000)

    def first_candidate(seed):
        attempts = compute(client, document, aslr_seed=hex(seed))["aslr_attempts"]
        assert attempts[-1]["result"] == "mapped"
        return attempts[0]["result"]

    assert first_candidate(0x69e00000) == "mapped"
    assert first_candidate(0x69e01000) == "no-user-va"
    low, high = 0x69e01000, 0x71000000
    assert first_candidate(high) == "mapped"
    while high - low > 0x1000:  # the far edge hangs on how much there is to map
        middle = (low + high) // 2 & ~0xfff
        low, high = (middle, high) if first_candidate(middle) == "no-user-va" else (low, middle)
    assert 0x6f000000 < high < 0x70000000

    report = sweep(client, document, first="0x69e00000", count=(high - 0x69e00000) // 0x1000 + 1)
    assert report["failed"] == 0 and report["failures"] == []
    assert report["candidates"]["first"] == 2  # just before the interval, and just behind it


def test_tables_that_run_out_for_some_seeds_do_not_where_the_core_is_loaded_lower(client):
    """Thread 2: optee_os#7261, optee_os#6370.

    "xlat tables used 8 / 8" and a panic for some seeds with TZDRAM at 0xfe000000, none at
    0x56000000: the sweep says for how many, which, and that one table more would do.
    """
    limit = {"dyn_config": False, "max_xlat_tables": 6}
    seeds = {"first": "0x1000", "step": "0x81000", "count": 0x1fc0}  # evenly, and odd in their pages
    low, high = (sweep(client, imx8mp(base, **limit), **seeds) for base in (0x56000000, 0xfe000000))
    assert low["failed"] == 0 and low["xlat_tables"]["most"] == 6
    assert 0 < high["failed"] < seeds["count"]
    assert {interval["message"] for interval in high["failures"]} == {"Can't divide MMU entry"}

    seed = high["failures"][0]["first"]
    answer = stopped(client, imx8mp(0xfe000000, **limit), aslr_seed=seed)
    stop = finding(answer, "tables-exhausted")
    assert stop["stops"] and stop["fix"].startswith("7 tables are needed: set max_xlat_tables to 7")
    limit["max_xlat_tables"] = 7
    assert sweep(client, imx8mp(0xfe000000, **limit), **seeds)["failed"] == 0


def test_a_seed_that_takes_the_last_table_is_told_before_shared_memory_finds_none(client):
    """Thread 3: optee_os#4114, optee_os#4117.

    QEMUv8 used 7 tables of 7 with seed 0x71dfb000 and panicked later, "Failed to spread pgdir on
    small tables". The cure was one table more for ASLR.
    """
    document = today(0xe100000, io_sec("GIC", 0x8000000), io_sec("UART", 0x9000000), shm=0x42000000,
                     size=0xf00000, aslr=True, dyn_config=False, max_xlat_tables=99)
    used = {seed: compute(client, document, aslr_seed=seed)["xlat_tables_used"]
            for seed in ("0x1000", "0x71dfb000")}
    assert used["0x71dfb000"] == used["0x1000"] + 1
    answer = compute(client, document, max_xlat_tables=used["0x71dfb000"])
    assert "none is left for dynamic shared memory" in finding(answer, "no-spare-table")["message"]
    assert finding(answer, "no-spare-table")["fix"] == "raise max_xlat_tables"
    answer = compute(client, document, max_xlat_tables=used["0x71dfb000"] + 1)
    assert "no-spare-table" not in ids(answer)


@pytest.mark.parametrize("rules, last, least", [
    (today, "the new one", "0x2000 bytes, IO_SEC at virtual 0xc0000000"),
    (of_2019, "frames", "0x200000 bytes, RAM_NSEC")])  # devices are rounded, and come first
def test_what_takes_the_last_gigabyte_is_named(client, rules, last, least):
    """Thread 7: optee_os#2311.

    One register_phys_mem() more, of 0xff011000, and an assertion fails far away: user_va_idx. It
    takes the last 1 GiB slot that user mode could have had, or moves another region into it.
    """
    document = rules(0x40000000, registration("RAM_NSEC", "frames", 0x80000000, 0x60000000),
                     shm=0x3e000000)
    end = max(int(one["va"], 16) + int(one["size"], 16)
              for one in compute(client, document)["memory_map"] if "VASPACE" not in one["type"])
    document["registrations"][0]["size"] = hex(0x60000000 + 3 * GIB - end)
    assert compute(client, document)["user_va_idx"] == 3

    document["registrations"].append(io_sec("the new one", 0xff011000, 0x2000))
    stop = finding(stopped(client, document), "no-user-va")
    assert stop["stops"] and last in names(stop)
    assert "[1G,2G) has TEE_RAM_RX at 0x40000000" in stop["message"]
    assert f"[3G,4G) has the least in it, {least}" in stop["fix"]


@pytest.mark.parametrize("rules, which, bits", [(today, "no-va", 36),
                                                (of_2019, "va-outside-tables", 35)])
def test_a_core_above_the_virtual_address_space_is_told_the_width_that_would_do(
        client, rules, which, bits):
    """Thread 8: optee_os#4174, optee_os#1702, optee_os#7733.

    TZDRAM at 0x7fb000000 with 32 bits of virtual address: init_mem_map() panics without a word.
    """
    document = rules(0x7fb000000, io_sec("UART0", 0x87e028000000), io_sec("GICD", 0x801000000000),
                     size=0x1000000, shm=0x7fc000000, nb_core=24, pa_bits=48)
    found = findings(stopped(client, document), which)
    assert found[0]["stops"]
    for one in found:
        assert one["fix"] == f"set va_bits to {bits}" or f"va_bits {bits} would do" in one["fix"]
        assert "0x7fb000000" in one["message"] + one["fix"]
    assert compute(client, document, va_bits=bits)["memory_map"]


def test_memory_above_what_ips_allows_is_told_with_the_pa_bits_that_would_do(client):
    """Thread 9: optee_os#3529, optee_os#3531, optee_os#3568.

    HiKey960 with 4 GiB has DDR at 0x200000000, Juno at 0x880000000; TCR_EL1.IPS was 0. Today
    pa_bits says it; the default of 32 is not enough for either.
    """
    document = today(0x3f000000, ddr("DRAM0", 0, 0x3ee00000), ddr("DRAM2", 0x200000000, 0x20000000),
                     registration("RAM_NSEC", "DRAM1", 0x880000000, 0x200000),
                     io_sec("UART", 0xfff32000, 0x1000), size=0x1000000, shm=0x3ee00000)
    answer = compute(client, document)
    assert int(answer["registers"]["tcr_el1"], 16) >> 32 == 0
    later = finding(answer, "ddr-over-pa-width")
    assert later["stops"] and names(later) == ["DRAM2"] and later["fix"] == "set pa_bits to 36"
    mapped = finding(answer, "pa-over-ips")
    assert names(mapped) == ["DRAM1"] and mapped["fix"] == "set pa_bits to 36"

    answer = compute(client, document, pa_bits=36)
    assert int(answer["registers"]["tcr_el1"], 16) >> 32 == 1
    assert not ids(answer) & {"ddr-over-pa-width", "pa-over-ips"}


def test_release_3_4_takes_ips_from_the_highest_address_so_it_is_never_too_small(client):
    """Thread 9, the other rules: the defect came later, in January 2020."""
    document = of_2019(0x3f000000, ddr("DRAM0", 0, 0x3ee00000),
                       ddr("DRAM2", 0x200000000, 0x20000000),
                       registration("RAM_NSEC", "DRAM1", 0x100000000, 0x200000),
                       size=0x1000000, shm=0x3ee00000)
    answer = compute(client, document)
    assert int(answer["registers"]["tcr_el1"], 16) >> 32 == 1
    assert int(answer["tcr_el1_after_discovery"], 16) >> 32 == 1
    assert not ids(answer) & {"ddr-over-pa-width", "pa-over-ips"}


def test_a_core_where_user_mode_lies_is_told_that_range(client):
    """Thread 10: optee_os#6911.

    Cortex-A7 with DRAM at 0, the core at 1 MiB: with short descriptors user mode has what is below
    32 MiB. 4.10 panics without a word; 3.4 boots, and the core is gone when a TA runs.
    """
    short = {"arch": "arm32", "lpae": False, "core": 0x100000, "size": 0x1000000, "shm": 0x3000000}
    stop = finding(stopped(client, today(0x100000, **short)), "no-va")
    assert stop["stops"]
    assert "begins at 0x100000" in stop["message"] and "below 0x2000000" in stop["message"]
    assert stop["fix"] == ("let the first secure-only range begin at 0x2000000 or above, "
                           "or use lpae")
    assert compute(client, today(0x100000, **{**short, "lpae": True}))["memory_map"]
    assert compute(client, today(0x2000000, **short))["memory_map"]

    warning = finding(compute(client, of_2019(0x100000, **short)), "in-user-va")
    assert "TEE_RAM_RX at virtual 0x100000" in warning["message"]
    assert "VCORE_UNPG_RW_PA" in names(warning)
    assert "in-user-va" not in ids(compute(client, of_2019(0x4000000, **short)))


def test_no_range_of_virtual_addresses_wraps_unnoticed(client):
    """Thread 11: optee_os#5201.

    ARMv7 with LPAE, TZDRAM at 0xe0000000 and a reserved space of 1 GiB: RES_VASPACE from 0xfc400000
    to 0x3c3fffff. 3.4 does the same and says nothing; 4.10 tests every sum, and has room below.
    """
    devices = [io_sec("0x200000", 0x200000, 0x100000), io_sec("0x1000000", 0x1000000, 0xa000000),
               io_sec("0x70000000", 0x70000000, 0x10000000)]
    wide = {"arch": "arm32", "reserved_vaspace_size": "1G", "core": 0x400000}
    answer = compute(client, of_2019(0xe0000000, *devices, **wide))
    va, size = entry(answer, "RES_VASPACE")
    assert va + size > 4 * GIB
    wrap = finding(answer, "va-wraps")
    assert wrap["severity"] == "error"
    assert (f"RES_VASPACE of size 0x40000000 would have virtual {va:#x} to "
            f"{va + size - 1 - 4 * GIB:#x}") in wrap["message"]

    answer = compute(client, today(0xe0000000, *devices, **wide))
    for one in answer["memory_map"]:
        assert int(one["va"], 16) + int(one["size"], 16) <= 4 * GIB
    assert "va-wraps" not in ids(answer)


def test_the_largest_mapping_at_run_time_is_told_where_its_space_lies_in_two_tables(client):
    """Thread 12: optee_os#5919, optee_os#6231, optee_os#2143.

    core_mmu_add_mapping() uses the table of the first address of RES_VASPACE, and that ends with
    the gigabyte. The thread had 20 MiB at 0x3fa00000, of which 6 MiB can be used.
    """
    told = {}
    for base in range(0x3c000000, 0x44000000, 0x200000):
        answer = compute(client, today(base, io_sec("UART", 0xa0000000),
                                       reserved_vaspace_size="0x1400000"))
        va, size = entry(answer, "RES_VASPACE")
        for one in findings(answer, "reserved-window-cut"):
            assert f"can map {GIB - va - 1:#x} bytes at the most" in one["message"]
            assert "first table ends at 0x40000000" in one["message"] and one["fix"]
        told[va] = "reserved-window-cut" in ids(answer)
        assert told[va] == (va < GIB < va + size)
    assert told[0x3fa00000] and not told[GIB]


def test_release_3_4_has_its_window_cut_too(client):
    """Thread 12, the other rules, where the core decides by half gigabytes which way to go."""
    answer = compute(client, of_2019(0x20000000, reserved_vaspace_size="0x30000000"))
    va, _ = entry(answer, "RES_VASPACE")
    assert f"can map {GIB - va - 1:#x} bytes" in finding(answer, "reserved-window-cut")["message"]
    answer = compute(client, of_2019(0x20000000))
    assert "reserved-window-cut" not in ids(answer)


def test_the_seed_decides_how_much_can_be_mapped_at_run_time(client):
    """Thread 12, with ASLR: 6 MiB of 20 for a seed that moves the core so, all of it for others."""
    document = today(0x80000 + 0x1000, registration("IO_NSEC", "UART", 0xa0004000, 0x1000),
                     size=0x1080000, aslr=True, reserved_vaspace_size="0x1400000")
    usable = set()
    for seed in range(0x3e000000, 0x3f800000, 0x200000):
        answer = compute(client, document, aslr_seed=hex(seed))
        va, size = entry(answer, "RES_VASPACE")
        if findings(answer, "reserved-window-cut"):
            usable.add(GIB - va)
        else:
            assert va >= GIB or va + size <= GIB
    assert 0x600000 in usable


@pytest.mark.parametrize("rules, register", [(today, ddr), (of_2019, dynamic_shm),
                                             (of_2019, ddr)])
def test_virtual_spaces_are_never_compared_with_memory_at_address_0(client, rules, register):
    """Thread 14: optee_os#4867 (and optee_os#7357, the same for TEE_DYN_VASPACE).

    "Non-sec mem (0:0x1140000) overlaps map (type 16 0:0xa00000)": RES_VASPACE, which has no
    physical address. Neither rule set compares it, and no finding speaks of it.
    """
    document = rules(0x1140000, registration("IO_NSEC", "UART", 0xd8300000, 0x1000),
                     register("DRAM0", 0, 0x1140000), size=0x1000000, core=0xc0000 + 0x100000,
                     shm=0x2140000)
    answer = compute(client, document)
    assert {"MEM_AREA_RES_VASPACE", "MEM_AREA_SHM_VASPACE"} <= {
        one["type"] for one in answer["memory_map"]}
    assert not [one for one in answer["findings"] if one["severity"] == "error"]
    assert "nsec_ddr_error" not in answer
    if register is ddr:
        assert answer["nsec_ddr"] == [{"addr": "0x0", "size": "0x1140000"}]


def test_every_conflict_of_sdp_memory_is_told_at_once_and_what_is_allowed_is_not(client):
    """Thread 18: optee_os#7273, optee_os#1905, optee_os#2017, optee_os#1987.

    "Special memory intersection", four times in eight years, each time for the first pair alone.
    """
    document = today(0xe100000, sdp("TEE_SDP_TEST_MEM", 0xe800000, 0x400000),
                     sdp("SDP in the way", 0xea00000, 0x400000),
                     sdp("SDP over a UART", 0x9000000, 0x200000), io_sec("UART", 0x9000000, 0x1000),
                     size=0xf00000, secure_data_path=True,
                     sdp_test_mem={"base": "0xe800000", "size": "0x400000"})
    answer = stopped(client, document)
    pairs = [names(one) for one in findings(answer, "sdp-overlap")]
    assert pairs == [["SDP in the way", "TEE_SDP_TEST_MEM"], ["SDP over a UART", "UART"],
                     ["SDP in the way", None]]
    first = findings(answer, "sdp-overlap")[0]
    assert first["stops"] and "outside trusted_dram" in first["fix"]
    assert ('"SDP in the way" at 0xea00000 size 0x400000 intersects SDP_MEM "TEE_SDP_TEST_MEM" at '
            '0xe800000 size 0x400000') in first["message"]

    # The test memory lies over SEC_RAM_OVERALL, which sdp_test_mem allows; without it, it is told.
    document["registrations"] = document["registrations"][:1]
    assert "sdp-overlap" not in ids(compute(client, document))
    answer = stopped(client, document, sdp_test_mem=None)
    assert names(finding(answer, "sdp-overlap")) == ["TEE_SDP_TEST_MEM", None]


def test_release_3_4_tells_sdp_over_ddr_beside_all_other_overlaps(client):
    """Thread 18, the other rules: SDP at 0xd0000000 in the DDR of a Juno."""
    document = of_2019(0xfe000000, sdp("CFG_TEE_SDP_MEM_BASE", 0xd0000000, 0x10000000),
                       dynamic_shm("DRAM0", 0x80000000, 0x7e100000), shm=0x7fe00000,
                       size=0x1000000, secure_data_path=True)
    answer = stopped(client, document)
    over = finding(answer, "sdp-over-ddr")
    assert over["stops"] and names(over) == ["CFG_TEE_SDP_MEM_BASE", "DRAM0"]
    assert over["fix"] == "leave the SDP range out of the registered DDR"
    others = findings(answer, "special-overlap")
    assert ["DRAM0", "VCORE_UNPG_RX_PA"] in [names(one) for one in others]
    assert not any(one["stops"] for one in others)
