"""TF-A's translation tables, by the same commands as any other firmware's."""

import copy
import json

import pytest

import boards
import mmp

IMX93 = json.loads((mmp.TOP / "tests/tfa/imx93-bl31.json").read_text())
PLATFORMS = [json.loads((mmp.TOP / f"platforms/{name}-bl31.json").read_text())
             for name in ("qemu", "zynqmp", "fvp")]
QEMU = PLATFORMS[0]
VECTORS = mmp.TOP / "tests/vectors/tfa-2.15/map"


def fails(kind, words, call, *args, **params):
    with pytest.raises(mmp.Failure, match=words) as failure:
        call(*args, **params)
    assert failure.value.kind == kind
    return failure.value


def stop_of(answer):
    stop, = [finding for finding in answer.data["findings"] if finding["stops"]]
    return stop


def with_region(document, **region):
    """The document with one more region before init."""
    changed = copy.deepcopy(document)
    region = {"op": "add", "name": "more", "attr": "0x0000000a", **region}
    region.setdefault("va", region["pa"])
    changed["registrations"].insert(-1, region)
    return changed


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform["name"])
def test_the_platforms_boot_and_need_what_the_images_need(daemon, platform):
    answer = daemon.call("layout.compute", platform=platform)
    assert answer["verdict"] == "boots" and answer["findings"] == []
    used = {"qemu-bl31": 2, "zynqmp-bl31": 4, "fvp-bl31": 4}
    assert answer["xlat_tables_used"] == used[platform["name"]]
    assert [result["rc"] for result in answer["results"]] == ["0"] * len(platform["registrations"])


def test_imx93_is_one_table_short_and_mmp_says_which_change_saves_one(daemon):
    stop = stop_of(fails("firmware-stop", "ctx->next_table < ctx->tables_num", daemon.call,
                         "layout.compute", platform=IMX93))
    assert "9 tables are needed, there are 8" in stop["message"]
    assert "max_xlat_tables) to 9" in stop["fix"]
    assert 'leave out the repeated "TRDC_A": saves 1' in stop["fix"]
    for change in ({"max_xlat_tables": 9}, {}):
        mended = copy.deepcopy(IMX93)
        mended["config"].update(change)
        if not change:
            mended["registrations"] = [region for region in mended["registrations"]
                                       if region.get("name") != "TRDC_A"]
        assert daemon.call("layout.compute", platform=mended)["verdict"] == "boots"


def test_a_refused_region_is_named_with_the_other_and_its_fix_holds(daemon):
    broken = with_region(QEMU, pa="0xe0ce000", size="0x4000")
    failure = fails("firmware-stop", '"false" in mmap_add_region_ctx', daemon.call,
                    "layout.compute", platform=broken)
    stop = stop_of(failure)
    assert '"more" (PA 0xe0ce000, VA 0xe0ce000, size 0x4000)' in stop["message"]
    assert '"BL_TOTAL" (PA 0xe090000, VA 0xe090000, size 0x3f000)' in stop["message"]
    assert "VA ranges must be apart, or one inside the other" in stop["message"]
    assert stop["fix"] == ("begin it where the other ends: PA 0xe0cf000, VA 0xe0cf000, "
                           "size 0x3000")
    assert failure.data["firmware"]["call"] == 7
    mended = with_region(QEMU, pa="0xe0cf000", size="0x3000")
    assert daemon.call("layout.compute", platform=mended)["verdict"] == "boots"


def test_every_refused_region_is_told_not_the_first_alone(daemon):
    broken = with_region(with_region(QEMU, pa="0x9000800", size="0x1000"),
                         pa="0x100000000", size="0x1000")
    failure = fails("firmware-stop", "mmap_add_region_ctx", daemon.call, "layout.compute",
                    platform=broken)
    refused = [finding for finding in failure.data["findings"]
               if finding["id"] == "tfa-region-refused"]
    assert [finding["stops"] for finding in refused] == [True, False]
    assert "multiple of 4 KiB" in refused[0]["message"]
    assert "PLAT_VIRT_ADDR_SPACE_SIZE" in refused[1]["message"]


def test_a_release_build_drops_a_refused_region_and_that_is_an_error(daemon):
    broken = with_region(QEMU, pa="0xe0ce000", size="0x4000")
    broken["config"]["debug"] = False
    answer = daemon.call("layout.compute", platform=broken)
    assert answer["verdict"] == "doubtful"
    assert answer["findings"][0]["id"] == "tfa-region-dropped"
    assert answer["results"][7] == {
        "rc": "-EPERM", "log": ["ERROR:   mmap_add_region_check() failed. error -1"]}


@pytest.mark.parametrize("name", ["platform_fvp_rme", "dynamic_spm_like", "change_plain",
                                  "alloc_dynamic", "space_arm32_va25"])
def test_a_platform_comes_back_from_the_store_as_it_was_put(daemon, name):
    vector = json.loads((VECTORS / f"{name}.json").read_text())
    document = {"format": "mmp-platform-1", "name": name, "rules": "tfa-2.15",
                "config": vector["config"], "registrations": vector["registrations"]}
    daemon.call("platform.put", document=document)
    got = daemon.call("platform.get", name=name)["document"]
    assert got["config"] == document["config"]
    for was, now in zip(document["registrations"], got["registrations"]):
        assert was.items() <= now.items()
    assert not daemon.call("platform.put", document=got)["changed"]
    kept = daemon.call("layout.compute", platform=name)
    assert kept == daemon.call("layout.compute", platform=document)


def test_documents_that_no_image_can_have_are_refused_in_words(daemon):
    def refused(words, config=(), **region):
        document = with_region(QEMU, pa="0x1000", size="0x1000", **region)
        document["config"].update(config)
        fails("invalid", words, daemon.call, "layout.compute", platform=document)

    refused("add_dynamic exists only in images with dynamic regions", op="add_dynamic")
    refused("el3 does not exist in arm32", config={"arch": "arm32"})
    refused("has more than the 32 bits of arm32", config={"arch": "arm32", "regime": "el1"},
            va="0x100000000")
    refused("is not a power of two", config={"pa_space": "0xc0000000"})
    refused('must be "el1", "el2" or "el3"', config={"regime": "el0"})
    refused("not a multiple of 0x1000", config={"xlat_tables": "0xe0c1800"})
    refused("op: .*add, add_alloc_va, init", op="map")


def test_the_commands_of_a_person_work_for_it(daemon):
    def run(*words):
        done = mmp.mmpctl(*words, socket=daemon.socket)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("platform", "put", mmp.TOP / "platforms/qemu-bl31.json")
    assert "MT_MEMORY | MT_RO | MT_SECURE" in run("layout", "compute", "qemu-bl31", "--detail", "map")
    assert "BL_CODE" in run("region", "list", "qemu-bl31")
    assert "MT_MEMORY | MT_RW | MT_SECURE" in run("memtype", "list", "--rules", "tfa-2.15")
    assert "memory rw secure execute" in run("layout", "compute", "qemu-bl31", "--detail", "map")
    run("layout", "budget", "qemu-bl31")


@pytest.mark.parametrize("regime, attr, descriptor, names", [
    ("el3", "0x00000008", "0x0040000000000647", {"XN", "NSE"}),
    ("el2", "0x00000002", "0x00000000000007c3", {"XN"}),
    ("el1", "0x00000002", "0x0000000000000783", {"PXN", "UXN", "nG"}),
])
def test_descriptors_are_made_and_read_as_the_regime_has_them(daemon, regime, attr, descriptor,
                                                              names):
    asked = {"rules": "tfa-2.15", "config": {"regime": regime}, "level": 3}
    made = daemon.call("descriptor.encode", attr=attr, **asked)
    assert made["descriptor"] == descriptor
    fields = {field["name"]: field for field in made["fields"]}
    assert names <= set(fields) and ("PXN" in fields) == (regime == "el1")
    assert fields["AttrIndx"]["meaning"] == ("device-nGnRnE" if attr == "0x00000008"
                                             else "normal-cached")
    read = daemon.call("descriptor.decode", descriptor=descriptor, **asked)
    assert int(read["attr"], 16) & 0x8f == int(attr, 16) & 0x8f
    fails("invalid", "reserved", daemon.call, "descriptor.encode", attr="0x0000000b", **asked)


def test_a_budget_says_what_raises_and_what_saves(daemon):
    budget = daemon.call("layout.budget", platform=IMX93)
    assert budget["enough"] is False
    assert (budget["tables"]["needed"], budget["tables"]["limit"]) == (9, 8)
    saves = {suggestion["change"]: suggestion["saves_tables"]
             for suggestion in reversed(budget["suggestions"])}
    assert saves["drop"] == 1 and saves["round"] == 2
    made, = [table for table in budget["made"] if table["va"] == "0x42800000"]
    assert made["regions"] == [made["region"]]
    assert budget["regions"][made["region"]]["pa"] == "0x42810000"


# --- two firmwares on one board ---

OPTEE = json.loads((mmp.TOP / "platforms/qemu-armv8a.json").read_text())


def clashes(answer):
    return [finding for finding in answer["findings"] if finding["id"].startswith("contexts-")]


def test_a_board_of_two_firmwares_is_compared_per_physical_page(daemon):
    daemon.call("platform.put", document=OPTEE)
    board = {**QEMU, "contexts": ["qemu-armv8a"]}
    answer = daemon.call("layout.compute", platform=board)
    other, = answer["contexts"]
    assert other["name"] == "qemu-armv8a" and other["verdict"] == "boots"
    assert other["memory_map"] == daemon.call("layout.compute", platform=OPTEE)["memory_map"]
    told, = clashes(answer)
    assert told["id"] == "contexts-protected" and told["severity"] == "warning"
    assert told["regions"] == [{"addr": "0xe100000", "size": "0xf00000"}]
    assert told["contexts"] == ["qemu-bl31", "qemu-armv8a"]
    alone = daemon.call("layout.compute", platform=QEMU)
    assert {key: answer[key] for key in alone if key != "findings"} == \
           {key: alone[key] for key in alone if key != "findings"}


@pytest.mark.parametrize("attr, found", [
    ("0x0000001a", {"contexts-exposed", "contexts-security"}),
    ("0x00000008", {"contexts-protected", "contexts-memory"}),
    ("0x00000042", {"contexts-protected"}),
])
def test_what_one_maps_and_the_other_keeps_or_maps_otherwise_is_told(daemon, attr, found):
    board = copy.deepcopy(QEMU)
    for region in board["registrations"]:
        if region.get("name") == "BL32_MEM":
            region["attr"] = attr
    answer = daemon.call("layout.compute", platform={**board, "contexts": [OPTEE]})
    assert {finding["id"] for finding in clashes(answer)} == found
    errors = {finding["severity"] for finding in clashes(answer)} & {"error"}
    assert answer["verdict"] == ("doubtful" if errors else "boots")


def test_code_of_one_that_the_other_can_write_is_told(daemon):
    optee = copy.deepcopy(OPTEE)
    optee["registrations"].append({"section": "phys_mem_map", "type": "MEM_AREA_RAM_SEC",
                                   "name": "SRAM", "addr": "0xe090000", "size": "0x1000"})
    answer = daemon.call("layout.compute", platform={**QEMU, "contexts": [optee]})
    code, = [finding for finding in clashes(answer) if finding["id"] == "contexts-code"]
    assert code["contexts"] == ["qemu-armv8a", "qemu-bl31"]
    assert code["regions"] == [{"addr": "0xe090000", "size": "0x1000"}]


def test_a_document_of_contexts_alone_stands_for_its_first(daemon):
    board = {"format": "mmp-platform-1", "name": "board", "contexts": [QEMU, OPTEE]}
    answer = daemon.call("layout.compute", platform=board)
    assert answer["xlat_tables_used"] == 2 and len(answer["contexts"]) == 1
    assert daemon.call("platform.put", document=board)["revision"] == 1
    got = daemon.call("platform.get", name="board")["document"]
    assert got["contexts"] == [OPTEE] and got["rules"] == "tfa-2.15"
    assert daemon.call("layout.compute", platform="board") == answer


def test_a_context_that_stops_stops_the_board(daemon):
    answer = daemon.call("layout.compute", platform={**QEMU, "contexts": [IMX93]})
    assert answer["verdict"] == "stops"
    assert answer["contexts"][0]["firmware"]["message"] == "ctx->next_table < ctx->tables_num"
    assert "stops" == answer["contexts"][0]["verdict"]


def test_contexts_that_cannot_be_are_refused(daemon):
    def refused(kind, words, contexts):
        fails(kind, words, daemon.call, "layout.compute",
              platform={**QEMU, "contexts": contexts})

    refused("not-found", r"contexts\[0\].*nowhere", ["nowhere"])
    refused("invalid", r"contexts\[1\]: must be the name", [OPTEE, 7])
    refused("invalid", r"contexts\[0\]: has contexts of its own", [{**OPTEE, "contexts": []}])
    refused("invalid", "contexts: has 8, the limit is 7", ["x"] * 8)
    daemon.call("layout.compute", platform={**QEMU, "contexts": [OPTEE] * 7})


# --- builds ---

@pytest.mark.parametrize("name", ["qemu-bl31", "fvp-bl31"])
def test_a_build_is_walked_and_compared_with_a_dump(daemon, name):
    platform, = [one for one in PLATFORMS if one["name"] == name]
    daemon.call("platform.put", document=platform)
    made = daemon.call("build.create", platform=name, placement="firmware")
    registers = made["manifest"]["registers"]
    assert registers["ttbr0"] == f"0x{int(platform['config']['base_table'], 16):016x}"
    walk = daemon.call("build.walk", id=made["id"], va=platform["registrations"][1]["va"])
    assert walk["pa"] == platform["registrations"][1]["pa"]
    exported = daemon.call("build.export", id=made["id"])
    dump = {"address": made["manifest"]["pool"]["pa"], "bytes": exported["bytes"]}
    assert daemon.call("build.compare", id=made["id"], dump=[dump])["same"]


def test_tables_of_el3_are_not_pushed_and_mmp_says_why(daemon):
    daemon.call("platform.put", document=QEMU)
    made = daemon.call("build.create", platform="qemu-bl31", placement="firmware")
    daemon.call("board.put", name="desk", line="unix:/nonexistent")
    failure = fails("invalid", "EL3", daemon.call, "push.start", build=made["id"], board="desk",
                    idempotency_key="one")
    assert "build.compare" in str(failure)


def test_tables_of_el1_are_pushed_and_a_board_proves_them(daemon, tmp_path):
    """The regions of BL2, which lie inside others and beside each other, at EL1&0."""
    vector = json.loads((VECTORS / "platform_qemu_bl2.json").read_text())
    with boards.Board(tmp_path) as board, daemon.client() as client:
        client.call("platform.put", document={
            "format": "mmp-platform-1", "name": "bl2", "rules": "tfa-2.15",
            "config": vector["config"], "registrations": vector["registrations"]})
        made = client.call("build.create", platform="bl2", pool={"base": "0xe400000", "size": "64K"})
        client.call("board.put", name="desk", line=f"unix:{board.path}")
        job = client.call("push.start", build=made["id"], board="desk")
        done = client.call("job.watch", job=job["job"])
        assert done["state"] == "done", done
        proof = done["report"]["proof"]
        assert proof["addresses"] == proof["asked"] > 20 and proof["differences"] == []


# --- explain, diff, check, map: for TF-A, and for a board of several contexts ---

@pytest.fixture(params=["tfa", "contexts"])
def board(request, tmp_path):
    """A file with TF-A's BL31 alone, or with OP-TEE beside it; and the same where one region is non-secure."""
    document = {**QEMU, "contexts": [OPTEE]} if request.param == "contexts" else QEMU
    opened = with_region(document, pa="0xe0a0000", size="0x1000", attr="0x0000001a")
    closed = with_region(document, pa="0xe0a0000", size="0x1000", attr="0x0000000a")
    for name, one in (("closed.json", closed), ("opened.json", opened)):
        (tmp_path / name).write_text(json.dumps(one, indent=1))
    return tmp_path / "closed.json", tmp_path / "opened.json"


def test_explain_says_what_an_address_is_to_bl31(board):
    done = mmp.mmpctl("--local", "explain", board[0], "0xe0a0000")
    assert done.returncode == 0, done.stderr
    assert 'it comes from registration' in done.stdout and '"more"' in done.stdout
    assert "secure P:rw-" in done.stdout and "AttrIndx" in done.stdout
    reading, *_ = json.loads(mmp.mmpctl("--local", "--json", "explain", board[0], "0xe0a0000").stdout)["readings"]
    assert reading["region"]["attributes"] and reading["region"]["text"]


def test_diff_of_bl31_says_what_was_opened(board):
    done = mmp.mmpctl("--local", "--json", "diff", *board, "--fail-on", "nonsecure")
    answer = json.loads(done.stdout)
    assert done.returncode == 4 and answer["failing"] == ["nonsecure"]
    assert {one["kind"] for one in answer["changes"]} >= {"nonsecure", "registration"}
    done = mmp.mmpctl("--local", "diff", board[0], board[0])
    assert (done.returncode, done.stdout) == (0, "no difference\n")


def test_check_of_bl31_passes_and_fails(board, tmp_path):
    reports = [f"--report={form}={tmp_path / form}" for form in ("sarif", "junit", "markdown")]
    done = mmp.mmpctl("--local", "check", board[0], *reports)
    assert done.returncode == 0, done.stdout
    assert all((tmp_path / form).stat().st_size for form in ("sarif", "junit", "markdown"))
    short = json.loads(board[0].read_text())
    short["config"]["max_xlat_tables"] = 0
    (tmp_path / "short.json").write_text(json.dumps(short))
    done = mmp.mmpctl("--local", "check", tmp_path / "short.json", "--against", board[0])
    assert done.returncode == 4 and "stops" in done.stdout, done.stdout


def test_the_map_of_bl31_is_drawn_in_every_form(board, tmp_path):
    done = mmp.mmpctl("--local", "map", board[0], "--html", tmp_path / "map.html", "--svg", tmp_path / "map.svg",
                      "--against", board[1])
    assert done.returncode == 0, done.stderr
    assert "more" in (tmp_path / "map.svg").read_text() and "MEM-RW-XN-S" in (tmp_path / "map.html").read_text()
    text = mmp.mmpctl("--local", "map", board[0]).stdout
    assert "Physical space" in text and "MEM-RW-XN-S, secure P:rw-" in text
    assert all(line.split()[1][-1] in "KMG" for line in text.splitlines() if line.startswith(("  0x", "  ...")))
