"""layout.budget: tables and map entries, what they are for, and what is missing."""

import json

import pytest

import documents
import mmp

VECTORS = mmp.TOP / "tests/vectors"
FOLDERS = ("optee-4.10/lpae", "optee-4.10/short", "real", "optee-3.4/lpae", "optee-3.4/short",
           "optee-3.4/platforms", "optee-3.4/platforms-short")
MIB = 1 << 20


def vector(name, **config):
    """A recorded vector, with some of its config changed and without its output."""
    recorded = json.loads((VECTORS / f"{name}.json").read_text())
    recorded["config"].update(config)
    return {key: value for key, value in recorded.items() if key != "output"}


def static(name, limit=None, **config):
    """The same with tables from a pool, as builds had before CFG_DYN_CONFIG."""
    return vector(name, dyn_config=False, max_xlat_tables=limit, **config)


@pytest.fixture(name="client", scope="module")
def connected(tmp_path_factory):
    with mmp.Daemon(tmp_path_factory.mktemp("budget")) as daemon, mmp.Client(daemon.socket) as client:
        yield client


def budget(client, platform, **params):
    return client.call("layout.budget", platform=platform, **params)


def stop(client, platform):
    """What the firmware says where it stops, or None."""
    try:
        client.call("layout.compute", platform=platform, detail="map")
    except mmp.Failure as failure:
        assert failure.kind == "firmware-stop"
        return failure.data["firmware"]["message"]
    return None


# --- the recordings ---


def test_spare_is_what_every_recording_left(client):
    seen = 0
    for folder in FOLDERS:
        for file in sorted((VECTORS / folder).glob("*.json")):
            recorded = json.loads(file.read_text())
            output = recorded["output"]
            if output.get("max_xlat_tables") is None:
                continue
            tables = budget(client, recorded, detail="map")["tables"]
            assert tables["needed"] == output["xlat_tables_used"], file
            assert tables["limit"] == output["max_xlat_tables"], file
            assert tables["spare"] == output["max_xlat_tables"] - output["xlat_tables_used"], file
            assert tables["short"] == 0, file
            seen += 1
    assert seen > 250


def exhausted():
    """Vectors of boots that ended for want of a table."""
    for folder in FOLDERS:
        for file in sorted((VECTORS / folder).glob("*.json")):
            error = json.loads(file.read_text())["output"].get("error", {})
            if error.get("message") == "Can't divide MMU entry":
                yield f"{folder}/{file.stem}"


@pytest.mark.parametrize("name", exhausted())
def test_a_boot_without_tables_enough_is_told_how_many_would_do(client, name):
    answer = budget(client, vector(name))
    tables = answer["tables"]
    assert tables["short"] > 0  # the panic has another reason, too: two securities in a table
    assert not answer["enough"] and answer["firmware"]["message"] == "Can't divide MMU entry"
    assert tables["needed"] == tables["limit"] + tables["short"] == answer["max_xlat_tables"]["boot"]
    assert sum(region["made"] for region in answer["regions"]) == tables["needed"] == len(answer["made"])
    assert stop(client, vector(name, max_xlat_tables=tables["needed"] - 1)) == "Can't divide MMU entry"
    assert stop(client, vector(name, max_xlat_tables=tables["needed"])) != "Can't divide MMU entry"
    finding = next(finding for finding in answer["findings"] if finding["stops"])
    assert f"{tables['needed']} tables are needed" in finding["fix"]


@pytest.mark.parametrize("name", ["lpae/sd045_cap_127_full", "lpae/sd046_cap_127_over", "lpae/sd047_cap_13",
                                  "platforms/d026_exhaust_13_va_space", "platforms/d027_exhaust_13_append",
                                  "platforms/d028_exhaust_13_insert_oob", "platforms/d061_pager_vaspace_no_slot"])
def test_a_map_that_is_full_is_told_how_many_entries_would_do(client, name):
    """Release 3.4 has a fixed map, and says nothing but the panic's line."""
    recorded = vector(f"optee-3.4/{name}")
    entries = budget(client, recorded, detail="map")["map"]
    assert entries["limit"] == recorded["config"]["mmap_regions"]
    assert entries["needed"] == entries["limit"] + entries["short"] and entries["short"] > 0
    recorded["config"]["mmap_regions"] = entries["needed"]
    again = budget(client, recorded, detail="map")
    assert again["map"]["spare"] == again["map"]["short"] == 0 and "firmware" not in again
    assert stop(client, recorded) is None


# --- what users of OP-TEE asked on its tracker ---


def test_the_seed_that_needs_one_table_more(client):
    """optee_os#4114: QEMUv8, seed 0x71dfb000: "xlat tables used 7 / 7" at boot, then the first shared page panics."""
    answer = budget(client, static("real/real_aslr", 7, aslr_seed="0x71dfb000"), shm=4096)
    assert answer["tables"]["needed"] == answer["tables"]["limit"] == 7
    assert answer["tables"]["spare"] == 0 and answer["tables"]["short"] == 0
    assert "firmware" not in answer and not answer["enough"]
    assert answer["shm"]["at_once"] == {"tables": 1, "enough": False}
    assert answer["max_xlat_tables"]["with_shm"] == 8
    assert "layout.sweep" in answer["aslr"]["advice"]
    # What the firmware has done about it: one table more, which is the default today.
    mended = budget(client, static("real/real_aslr", aslr_seed="0x71dfb000"), shm=4096)
    assert mended["tables"]["limit"] == 8 and mended["enough"]
    other = budget(client, static("real/real_aslr", 7, aslr_seed="0x1000"), shm=4096)
    assert other["tables"]["needed"] == 6 and other["enough"]


def test_a_large_application_finds_no_table(client):
    """optee_os#6393: QEMUv8, a TA of 5 MiB comes through 1323 pages of shared memory; "5 xlat tables exhausted"."""
    answer = budget(client, static("real/real_noaslr"), shm=1323 * 4096)
    assert answer["tables"]["needed"] == 4 and answer["tables"]["limit"] == 5
    assert answer["shm"]["at_once"] == {"tables": 3, "enough": False} and not answer["enough"]
    assert answer["max_xlat_tables"] == {"boot": 4, "with_shm": 7, "with_whole_window": 4 + 16}
    assert budget(client, static("real/real_noaslr"), shm=2 * MIB)["enough"]
    assert budget(client, static("real/real_noaslr", 7), shm=1323 * 4096)["enough"]


def test_15_mib_panic_and_8_mib_work(client):
    """optee_os#3339: 0xf48000 bytes panic, 8 MiB do not, and MAX_XLAT_TABLES 8 was a guess that did not help."""
    guess = static("real/real_noaslr", 8)
    assert budget(client, guess, shm="8M")["enough"]
    answer = budget(client, guess, shm="0xf48000")
    assert not answer["enough"] and answer["shm"]["at_once"]["tables"] == 8
    assert answer["tables"]["spare"] == 4 and answer["max_xlat_tables"]["with_shm"] == 12
    assert budget(client, static("real/real_noaslr", 12), shm="0xf48000")["enough"]
    beyond = budget(client, static("real/real_noaslr", 64), shm="33M")
    assert not beyond["shm"]["fits"] and not beyond["enough"]


def test_a_build_with_asan_has_a_budget_of_its_own(client):
    """optee_os#7668: with and without CFG_CORE_SANITIZE_KADDRESS, another map and another limit."""
    name = "optee-4.10/lpae/d007_qemu_armv8a_kasan"
    plain, asan = (budget(client, static(name, kasan=kasan), shm="2M") for kasan in (False, True))
    assert (plain["tables"]["limit"], asan["tables"]["limit"]) == (5, 6)
    shadow = [region for region in asan["regions"] if region["type"] == "MEM_AREA_TEE_ASAN"]
    assert len(shadow) == 1 and shadow[0]["shared"] + shadow[0]["made"] == 2
    assert not [region for region in plain["regions"] if region["type"] == "MEM_AREA_TEE_ASAN"]
    for answer in (plain, asan):
        assert answer["enough"] == (answer["tables"]["spare"] >= answer["shm"]["at_once"]["tables"])
    assert stop(client, static(name, asan["tables"]["needed"], kasan=True)) is None
    assert stop(client, static(name, asan["tables"]["needed"] - 1, kasan=True)) == "Can't divide MMU entry"


def test_late_mappings_do_not_follow_mmap_regions(client):
    """optee_os#7880, 4.10: "map table full, count 14 alloc_count 14" with CFG_MMAP_REGIONS=64: boot leaves five entries."""
    for regions in (13, 64, 200):
        answer = budget(client, vector("real/real_noaslr", mmap_regions=regions), detail="map")
        assert answer["map"]["limit"] is None and answer["map"]["mmap_regions"] == regions
        assert answer["late_mappings"]["entries"] == answer["map"]["late"] == 5
    name = "optee-3.4/platforms/d001_fvp"
    few, many = (budget(client, vector(name, mmap_regions=regions), detail="map") for regions in (40, 127))
    assert many["map"]["late"] - few["map"]["late"] == 127 - 40
    assert few["map"]["late"] == 40 - few["map"]["needed"] + 1


def test_the_number_is_exact_and_each_table_is_somebody_s(client):
    """arm-trusted-firmware#1118, zephyr#107861: a limit raised by trial and error, release after release."""
    platform = documents.platform(dyn_config=False)
    platform["registrations"] += [documents.region(number) for number in range(7)]
    answer = budget(client, platform)
    assert answer["tables"]["needed"] == 4 + 7 and answer["tables"]["short"] == 6
    assert [table["table"] for table in answer["made"]] == list(range(11))
    for region in answer["regions"]:
        own = answer["made"][region["first_table"]:region["first_table"] + region["made"]] if region["made"] else []
        assert all(table["region"] == region["region"] for table in own)
        if region["registrations"][:1] and region["registrations"][0]["name"].startswith("r"):
            assert region["made"] == 1 and region["saves"] == 1 and "level 3 table of" in region["why"]
    best = answer["suggestions"][0]
    assert best["change"] == "round-all" and best["saves_tables"] == 7
    for limit, message in ((10, "Can't divide MMU entry"), (11, None)):
        platform["config"]["max_xlat_tables"] = limit
        assert stop(client, platform) == message


# --- the method and the command ---


def test_a_kept_platform_and_its_document_have_the_same_budget(daemon):
    document = documents.platform("virt")
    with daemon.client() as client:
        client.call("platform.put", document=document)
        kept = client.call("layout.budget", platform="virt")
        assert kept == client.call("layout.budget", platform=document)
        assert kept == client.call("layout.budget", platform="virt", revision=1)
        assert kept["enough"] and "made" in kept
        short = client.call("layout.budget", platform="virt", detail="map")
        assert "made" not in short and short["regions"] == kept["regions"]


@pytest.mark.parametrize("change, kind, says", [
    ({"platform": "absent"}, "not-found", "absent"),
    ({"shm": -1}, "invalid", "shm"),
    ({"shm": "much"}, "invalid", "shm"),
    ({"detail": "some"}, "invalid", "detail"),
    ({"seed": 1}, "invalid", "seed"),
])
def test_what_cannot_be_asked_is_refused(client, change, kind, says):
    with pytest.raises(mmp.Failure, match=says) as failure:
        client.call("layout.budget", **{"platform": documents.platform(), **change})
    assert failure.value.kind == kind


def test_a_platform_without_a_map_stops_as_it_does_in_layout_compute(client):
    platform = vector("optee-4.10/lpae/d070_va_exhaust_up")
    failures = []
    for method in ("layout.compute", "layout.budget"):
        with pytest.raises(mmp.Failure) as failure:
            client.call(method, platform=platform)
        failures.append(failure.value)
    assert failures[0].kind == failures[1].kind == "firmware-stop"
    assert failures[0].data == failures[1].data and str(failures[0]) == str(failures[1])


def test_a_large_budget_is_computed_while_others_are_answered(daemon):
    document = documents.platform(va_bits=36)
    document["registrations"] += [documents.region(number) for number in range(3000)]
    with daemon.client() as client, daemon.client() as other:
        request = client.start("layout.budget", platform=document, detail="map")
        for _ in range(20):
            assert other.call("service.info")["version"]
        answer = client.answer(request)
    assert answer["left_out"]["regions"] > 0 and answer["left_out"]["suggestions"] > 0
    prices = [region["price"] for region in answer["regions"]]
    assert prices.count("left-out") == answer["left_out"]["regions"] and "known" in prices


def test_the_daemon_ends_while_budgets_are_computed(tmp_path):
    document = documents.platform(va_bits=36)
    document["registrations"] += [documents.region(number) for number in range(2000)]
    with mmp.Daemon(tmp_path) as daemon:
        with daemon.client() as client:
            for _ in range(8):
                client.start("layout.budget", platform=document)
            assert daemon.call("service.info")["version"]
            daemon.stop()


# --- secure memory for trusted applications ---


def left(client, platform):
    """(bytes, ranges) that a budget says are left, or None."""
    found = budget(client, platform, detail="map")["applications"]
    return found and (int(found["bytes"], 16), [(int(one["addr"], 16), int(one["size"], 16)) for one in found["ranges"]])


def test_what_the_core_leaves_of_secure_memory_is_for_applications(client):
    """4.10 on QEMU: 15 MiB from 0xe100000, of which code, data and free memory of the core take the first 2 MiB."""
    assert 0xe1c4000 + 0x13c000 == 0xe300000  # the end of layout.free
    assert 0xe100000 + 0xf00000 - 0xe300000 == 13 * MIB
    assert left(client, documents.platform()) == (13 * MIB, [(0xe300000, 13 * MIB)])
    # 1 MiB more in front of the core is a range of its own.
    around = documents.platform(trusted_dram={"base": "0xe000000", "size": "0x1000000"})
    assert left(client, around) == (14 * MIB, [(0xe000000, MIB), (0xe300000, 13 * MIB)])


def test_sdp_test_memory_is_not_for_applications(client):
    """The SDP test memory is the last 4 MiB of QEMU's 15: 15 - 2 of the core - 4 = 9."""
    platform = vector("real/real_sdp")
    assert platform["config"]["sdp_test_mem"] == {"base": "0xec00000", "size": "0x400000"}
    assert left(client, platform) == (9 * MIB, [(0xe300000, 9 * MIB)])


def test_with_the_pager_applications_have_the_second_range(client):
    """The pager's core is in SRAM; DRAM is 14 MiB from 0xe200000, all of it for applications."""
    platform = vector("real/real_pager")
    assert platform["config"]["trusted_dram"] == {"base": "0xe200000", "size": "0xe00000"}
    assert left(client, platform) == (14 * MIB, [(0xe200000, 14 * MIB)])


def test_before_4_5_applications_have_ta_ram(client):
    """20 MiB from 0x9e800000: the core's tee_ram.va_size is 2 MiB, and 3.5 keeps 4 MiB at the end for SDP tests."""
    assert left(client, vector("releases/3.22.0/s102_64_k3_am65x")) == (18 * MIB, [(0x9ea00000, 18 * MIB)])
    assert left(client, vector("releases/3.5.0/s102_64_k3_am65x")) == (14 * MIB, [(0x9ea00000, 14 * MIB)])


def test_nothing_is_said_of_memory_that_guests_share_or_that_no_application_gets(client):
    assert left(client, vector("optee-4.10/lpae/d003_qemu_armv8a_nsvirt")) is None
    assert left(client, json.loads((mmp.TOP / "platforms/qemu-bl31.json").read_text())) is None


def test_people_read_how_much_is_left(tmp_path):
    (tmp_path / "p.json").write_text(json.dumps(documents.platform()))
    said = " ".join(mmp.mmpctl("--local", "layout", "budget", tmp_path / "p.json").stdout.split())
    assert "Secure memory for trusted applications memory left 13M" in said
    assert "0x0e300000 0x0effffff 13M" in said


def test_people_read_what_is_short_and_scripts_get_status_4(daemon, tmp_path):
    path = tmp_path / "few.json"
    document = documents.platform(dyn_config=False, max_xlat_tables=3)
    path.write_text(json.dumps(document))
    done = daemon.mmpctl("layout", "budget", path)
    assert done.returncode == 4 and done.stderr == ""
    for line in ("VA windows  no", "The firmware stops", "message  Can't divide MMU entry", "needed at boot  4", "at most         3",
                 "missing         1", "limited by      max_xlat_tables", "Tables, in order of creation"):
        assert line in done.stdout, line
    value = json.loads(daemon.mmpctl("--json", "layout", "budget", path).stdout)
    assert not value["enough"] and value["tables"]["short"] == 1
    document["config"]["max_xlat_tables"] = 5
    path.write_text(json.dumps(document))
    assert daemon.mmpctl("layout", "budget", path).returncode == 0
    assert daemon.mmpctl("layout", "budget", path, "--shm", "2M").returncode == 0
    assert daemon.mmpctl("layout", "budget", path, "--shm", "3M").returncode == 4
    assert daemon.mmpctl("layout", "budget", path, "--shm", "lots").returncode == 2
    assert "give a size such as 1M" in daemon.mmpctl("layout", "budget", path, "--shm", "0").stderr
