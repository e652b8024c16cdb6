# SPDX-License-Identifier: BSD-2-Clause
"""What people met on real boards, as documents: tests/cases/README.md says what happened to each owner.

Each row: the verdict, the finding that the owner needs to hear, its severity, and a word that the message
or the fix must have. The neighbour of a case is the same document with the mistake mended.
"""
import copy
import json

import pytest

import mmp

CASES = mmp.TOP / "tests/cases"
EXIT = {"boots": 0, "doubtful": 4, "stops": 4}

# case: verdict, finding, severity, what it says
EXPECTED = {
    "arm32-core-above-4g": ("stops", "core-beyond-va", "error", "physical address when the MMU goes on"),
    "arm32-ddr-above-4g": ("doubtful", "address-too-wide", "error", "large_phys_addr"),
    "aslr-takes-user-slots-4.10.0": ("stops", "no-user-va", "error", "slot"),
    "aslr-without-identity-map": ("stops", "identity-map-missing", "error", "layout.identity_map"),
    "boot-memory-too-small": ("stops", "boot-memory-exhausted", "error", "layout.free"),
    "call-boot-rom-rom-sec": ("boots", "not-executable", "info", "TEE_COHERENT"),
    "call-boot-rom-tee-ram-rx-at-0": ("stops", "address-zero", "error", "begin at 0x1000"),
    "core-takes-all-34": ("stops", "ta-ram-missing", "error", "TA_RAM"),
    "driver-uses-pa": ("boots", "device-not-rounded", "info", "cipher"),
    "error-finding-exits-0": ("doubtful", "pa-over-ips", "error", "set pa_bits to 36"),
    "fault-past-core-ram": ("boots", "no-ddr", "info", "register_ddr"),
    "image-past-core-ram-free0": ("stops", "link-range-outside", "error", "tee_ram.ph_size"),
    "kasan-no-shadow": ("doubtful", "kasan-shadow", "error", "layout.asan_map"),
    "layout-overlaps-itself": ("doubtful", "link-ranges-overlap", "error", "layout.unpg_rw"),
    "logbuf-as-device-in-ddr": ("stops", "device-over-dram", "warning", "logbuf"),
    "map-all-dram-3g": ("stops", "no-va", "error", "dram_high"),
    "no-shared-memory-at-all": ("doubtful", "no-shared-memory", "error", "reserved_shm"),
    "pager-init-past-sram": ("stops", "link-range-outside", "error", "layout.init_ro"),
    "ram-sec-over-core-code": ("doubtful", "write-execute-alias", "error", "RAM_SEC"),
    "second-image-same-memory": ("doubtful", "two-owners", "error", "second_os"),
    "shm-half-mapped": ("doubtful", "shm-window-mismatch", "error", "reserved_shm"),
    "tables-do-not-fit-behind-image": ("stops", "boot-memory-exhausted", "error", "layout.free"),
    "text-behind-header": ("stops", "link-range-unaligned", "error", "layout.unpg_rx"),
    "tzdram-behind-dram-end": ("doubtful", "outside-dram", "error", "trusted_dram"),
    "vaspace-for-a-device": ("doubtful", "vaspace-with-address", "error", "IO_SEC"),
}


def document(name):
    return json.loads((CASES / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    with mmp.Daemon(tmp_path_factory.mktemp("cases")) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def client(daemon):
    with daemon.client() as client:
        yield client


def ask(client, method, **params):
    """The answer, or the data of the error: both carry the verdict and the findings."""
    try:
        return client.call(method, **params)
    except mmp.Failure as failure:
        return failure.data


def compute(client, platform):
    return ask(client, "layout.compute", platform=platform, detail="map")


def found(answer, id):
    return [finding for finding in answer["findings"] if finding["id"] == id]


def test_every_case_has_its_row():
    names = {path.stem for path in CASES.glob("*.json")}
    assert names == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_owner_of_a_case_hears_what_is_wrong(client, name):
    verdict, id, severity, words = EXPECTED[name]
    answer = compute(client, document(name))
    assert answer["verdict"] == verdict
    assert ("stops_at" in answer) == (verdict == "stops")
    findings = found(answer, id)
    assert findings, [finding["id"] for finding in answer["findings"]]
    assert {finding["severity"] for finding in findings} == {severity}
    assert any(words in finding["message"] + (finding["fix"] or "") for finding in findings)
    assert all("0xfffffffff" not in finding["message"] for finding in answer["findings"])


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_command_says_the_same_of_a_case(daemon, client, name, tmp_path):
    verdict = EXPECTED[name][0]
    path = CASES / f"{name}.json"
    assert daemon.mmpctl("layout", "compute", path).returncode == EXIT[verdict]
    done = daemon.mmpctl("layout", "budget", path)
    assert done.returncode == EXIT[verdict], done.stdout + done.stderr
    assert daemon.mmpctl("platform", "put", path).returncode == EXIT[verdict]
    assert ask(client, "layout.budget", platform=document(name))["verdict"] == verdict
    assert client.call("platform.put", document=document(name))["verdict"] == verdict
    assert client.call("platform.get", name=name)["document"]["name"] == name, "it is kept all the same"


@pytest.mark.parametrize("name", sorted(name for name, row in EXPECTED.items() if row[0] != "boots"))
def test_a_build_of_a_bad_case_is_refused_with_its_findings(client, name):
    platform = document(name)
    secure = platform["config"]["trusted_dram"]
    pool = {"base": hex(int(secure["base"], 16) + 0x400000 & ~0xfff), "size": "4M"}
    with pytest.raises(mmp.Failure) as refused:
        client.call("build.create", platform=platform, pool=pool)
    if refused.value.kind == "firmware-stop":
        assert refused.value.data["verdict"] == EXPECTED[name][0]
        assert found(refused.value.data, EXPECTED[name][1])


def test_accepted_findings_are_kept_beside_the_manifest(daemon, client):
    path = CASES / "error-finding-exits-0.json"
    pool = "0xe1c4000+64K"
    refused = daemon.mmpctl("build", "create", path, "--pool", pool)
    assert refused.returncode == 4 and "pa-over-ips" in refused.stderr
    done = daemon.mmpctl("--json", "build", "create", path, "--pool", pool, "--accept-findings")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert [finding["id"] for finding in made["accepted_findings"]] == ["pa-over-ips"]
    kept = client.call("build.get", id=made["id"])
    assert kept["accepted_findings"] == made["accepted_findings"]
    assert {finding["accepted_by"] for finding in kept["accepted_findings"]} == {kept["user"]}
    assert "pa-over-ips" not in json.dumps(kept["manifest"]), "same input, same bytes"


@pytest.mark.parametrize("words", [("--accept-findings", "pa-over-ips"), ("--accept-findings=pa-over-ips",),
                                   ("--accept-findings",), ("--accept-findings=pa-over-ips,pa-over-ips",)])
def test_findings_are_accepted_by_name_or_whatever_they_are(daemon, words):
    path = CASES / "error-finding-exits-0.json"
    done = daemon.mmpctl("build", "create", path, "--pool", "0xe1c4000+64K", *words)
    assert done.returncode == 0, done.stderr
    assert "pa-over-ips" in done.stdout


def test_what_is_accepted_by_name_is_all_that_is_accepted(daemon, client):
    platform, pool = document("error-finding-exits-0"), {"base": "0xe1c4000", "size": "64K"}
    platform["registrations"].append({"section": "phys_mem_map", "type": "MEM_AREA_RAM_SEC", "name": "again",
                                      "addr": "0xe100000", "size": "0x1000"})
    for accept in (["pa-over-ips"], ["write-execute-alias"], [], False):
        with pytest.raises(mmp.Failure) as refused:
            client.call("build.create", platform=platform, pool=pool, accept_findings=accept)
        assert refused.value.kind == "firmware-stop"
        assert any(id in str(refused.value) for id in ("pa-over-ips", "write-execute-alias") if id not in (accept or []))
    made = client.call("build.create", platform=platform, pool=pool,
                       accept_findings=["pa-over-ips", "write-execute-alias"])
    assert {one["id"] for one in made["accepted_findings"]} == {"pa-over-ips", "write-execute-alias"}


def test_a_finding_that_is_none_of_the_platform_cannot_be_accepted(client):
    pool = {"base": "0xe1c4000", "size": "64K"}
    for name, accept, words in (("error-finding-exits-0", ["pa-over-ip"], "the nearest is pa-over-ips"),
                                ("error-finding-exits-0", ["pa-over-ips", "zzz"], 'no finding "zzz"; it has pa-over-ips'),
                                ("driver-uses-pa", ["pa-over-ips"], 'no finding "pa-over-ips"'),
                                ("driver-uses-pa", ["device-not-rounded"], "severity info"),
                                ("driver-uses-pa", [7], "must be a string"),
                                ("driver-uses-pa", "pa-over-ips", "an array of strings")):
        with pytest.raises(mmp.Failure, match=words) as refused:
            client.call("build.create", platform=document(name), pool=pool, accept_findings=accept)
        assert refused.value.kind == "invalid"


def test_a_region_that_spoils_a_platform_is_registered_and_said(client):
    platform = document("driver-uses-pa")
    client.call("platform.put", document=platform)
    answer = client.call("region.register", platform="driver-uses-pa", type="MEM_AREA_RAM_SEC", name="again",
                         addr="0xe100000", size="0x100000")
    assert answer["verdict"] == "doubtful" and found(answer, "write-execute-alias")
    assert answer["registration"]["name"] == "again"


@pytest.mark.parametrize("path", sorted((mmp.TOP / "tests/vectors/real").glob("*.json")), ids=lambda path: path.stem)
def test_what_really_booted_boots(client, path):
    answer = compute(client, json.loads(path.read_text()))
    assert answer["verdict"] == "boots", [one for one in answer["findings"] if one["severity"] == "error"]


# --- the neighbours: the mistake mended, and the finding is gone --------------------------

def config(**changes):
    def change(platform):
        for key, value in changes.items():
            at = platform["config"]
            *objects, last = key.split("__")
            for name in objects:
                at = at.setdefault(name, {})
            at[last] = value
    return change


def region(name, **changes):
    def change(platform):
        for one in platform["registrations"]:
            if one["name"] == name:
                one.update(changes)
    return change


def without(name):
    def change(platform):
        platform["registrations"] = [one for one in platform["registrations"] if one["name"] != name]
    return change


def both(*changes):
    def change(platform):
        for one in changes:
            one(platform)
    return change


NEIGHBOURS = {
    "arm32-ddr-above-4g": config(large_phys_addr=True),
    "aslr-without-identity-map": config(layout__identity_map={"start": "0xe1002f0", "end": "0xe10196c"}),
    "boot-memory-too-small": config(layout__free={"start": "0xe1c3000", "size": "0xf000"},
                                    tee_ram__ph_size="0xd2000", tee_ram__va_size="0xd2000"),
    "call-boot-rom-rom-sec": without("bootrom"),
    "call-boot-rom-tee-ram-rx-at-0": without("bootrom"),
    "core-takes-all-34": both(config(tee_ram__ph_size="0x200000", tee_ram__va_size="0x200000"),
                              region("core_rw", size="0x1c2000"),
                              region("ta", addr="0x8e200000", size="0x1c00000")),
    "error-finding-exits-0": config(pa_bits=36),
    "image-past-core-ram-free0": config(tee_ram__ph_size="0x200000", tee_ram__va_size="0x200000",
                                        layout__free={"start": "0xe234000", "size": "0xcc000"}),
    "kasan-no-shadow": config(kasan=False),
    "layout-overlaps-itself": config(layout__unpg_rw={"start": "0xe17b000", "size": "0x49000"}),
    "logbuf-as-device-in-ddr": without("logbuf"),
    "map-all-dram-3g": without("dram_high"),
    "no-shared-memory-at-all": config(dyn_shm=True),
    "pager-init-past-sram": config(layout__init_ro={"start": "0xff8ef000", "size": "0x1000"}),
    "ram-sec-over-core-code": without("tzdram"),
    "second-image-same-memory": config(trusted_dram__size="0x700000"),
    "shm-half-mapped": region("shm", size="0x200000"),
    "text-behind-header": config(layout__unpg_rx={"start": "0xbdb00000", "size": "0x25000"}),
    "tzdram-behind-dram-end": region("dram", size="0x20000000"),
    "vaspace-for-a-device": region("accel", type="MEM_AREA_IO_SEC"),
}


@pytest.mark.parametrize("name", sorted(NEIGHBOURS))
def test_the_neighbour_of_a_case_has_not_its_finding(client, name):
    platform = document(name)
    NEIGHBOURS[name](platform)
    answer = compute(client, platform)
    assert not found(answer, EXPECTED[name][1])
    assert answer["verdict"] == "boots", answer["findings"]


# --- what a fix promises --------------------------------------------------------------------

def apply(platform, patch):
    """RFC 6902, of what mmp writes: add, replace and remove."""
    platform = copy.deepcopy(platform)
    for step in patch:
        *parents, last = step["path"].strip("/").split("/")
        at = platform
        for name in parents:
            at = at[int(name)] if isinstance(at, list) else at.setdefault(name, {})
        if step["op"] == "remove":
            del at[int(last)]
        else:
            at[int(last) if isinstance(at, list) else last] = step["value"]
    return platform


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_fix_that_is_offered_for_a_case_holds(client, name):
    platform = client.call("platform.put", document=document(name)) and \
        client.call("platform.get", name=name)["document"]
    before = compute(client, platform)
    for finding in before["findings"]:
        if "patch" not in finding:
            continue
        after = compute(client, apply(platform, finding["patch"]))
        assert finding["message"] not in [one["message"] for one in found(after, finding["id"])]
        stops = {one["id"] for one in before["findings"] if one["severity"] == "error"}
        assert not [one for one in after["findings"] if one["stops"] and one["id"] not in stops]


def test_one_mistake_is_one_error_with_what_comes_of_it_folded(client):
    for name, cause in (("aslr-without-identity-map", "identity-map-missing"),
                        ("pager-init-past-sram", "link-range-outside"),
                        ("text-behind-header", "link-range-unaligned"),
                        ("arm32-core-above-4g", "core-beyond-va"),
                        ("image-past-core-ram-free0", "link-range-outside")):
        errors = [one for one in compute(client, document(name))["findings"] if one["severity"] == "error"]
        roots = {one["id"] for one in errors if "because_of" not in one}
        assert roots == {cause}, name
        assert {one["because_of"] for one in errors if "because_of" in one} == {cause}


# --- DRAM that is declared ----------------------------------------------------------------

def test_declared_dram_holds_what_is_called_dram(client):
    platform = document("driver-uses-pa")
    platform["dram"] = [{"base": "0x40000000", "size": "1G", "note": "linux"},
                        {"base": "0xe000000", "size": "0x1000000", "note": "secure"}]
    assert compute(client, platform)["verdict"] == "boots"
    platform["dram"][1]["size"] = "0x800000"
    answer = compute(client, platform)
    assert answer["verdict"] == "doubtful"
    (finding,) = found(answer, "outside-dram")
    assert "trusted_dram" in finding["message"] and "declared" in finding["message"]


def test_declared_dram_of_two_owners_is_apart(client):
    platform = document("driver-uses-pa")
    platform["dram"] = [{"base": "0xe000000", "size": "0x1000000", "note": "secure"},
                        {"base": "0x40000000", "size": "1G", "note": "linux"},
                        {"base": "0x7f000000", "size": "0x1000000", "owner": "modem"}]
    (finding,) = found(compute(client, platform), "dram-owners-overlap")
    assert "linux" in finding["message"] and "modem" in finding["message"]


def test_dram_and_sources_are_kept_with_a_platform(client):
    platform = document("driver-uses-pa")
    platform["dram"] = [{"base": "0x40000000", "size": "1G", "note": "linux"},
                        {"base": "0xe000000", "size": "0x1000000", "note": "secure"}]
    platform["sources"] = {"files": [{"file": "tee.elf", "kind": "elf", "sha256": "0" * 64}], "values": []}
    client.call("platform.put", document=platform)
    kept = client.call("platform.get", name=platform["name"])["document"]
    assert kept["dram"] == platform["dram"] and kept["sources"] == platform["sources"]
    platform["dram"][0]["size"] = "0"
    with pytest.raises(mmp.Failure, match=r"dram\[0\]"):
        client.call("platform.put", document=platform)


def test_core_memory_that_is_not_registered_is_the_cause(client):
    platform = document("core-takes-all-34")
    platform["registrations"] = [one for one in platform["registrations"] if "TEE_RAM" not in one["type"]]
    answer = compute(client, platform)
    assert answer["verdict"] == "stops" and found(answer, "core-not-registered")
    assert all("0xfffffffff" not in finding["message"] for finding in answer["findings"])
