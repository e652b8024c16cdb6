"""platform import and layout verify: images that are built here from our own source, and the sample build."""

import json
import pathlib
import resource
import shutil
import struct
import subprocess

import pytest

import mmp

IMAGE = mmp.TOP / "tests" / "import" / "image"
LOGS = mmp.TOP / "tests" / "import" / "logs"
TREES = mmp.TOP / "tests" / "import" / "trees"
SAMPLE = mmp.TOP / "platforms" / "sample-build"

# How each compiler is called: for 64 and 32 bits, gcc and clang.
COMPILERS = {
    "clang-64": ["clang", "--target=aarch64-linux-gnu", "-fuse-ld=lld", "-Wl,-z,norelro"],
    "clang-32": ["clang", "--target=armv7a-linux-gnueabihf", "-fuse-ld=lld", "-Wl,-z,norelro"],
    "gcc-64": ["aarch64-linux-gnu-gcc"],
    "gcc-32": ["arm-linux-gnueabihf-gcc"],
}


def run(*words, status=0, stdin=None, cwd=None):
    done = subprocess.run([mmp.BUILD / "mmpctl", *map(str, words)], text=True, capture_output=True, input=stdin,
                          timeout=mmp.DEADLINE, env=mmp.environment(), cwd=cwd)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def result(*words, **more):
    return json.loads(run("--json", "platform", "import", *words, **more).stdout)


def refusal(*words, status=2):
    return json.loads(run("--json", "platform", "import", *words, status=status).stdout)["error"]["message"]


def image(compiler, to, *flags, debug="-g3"):
    """An image of tests/import/image; skipped where the compiler is not here."""
    words = COMPILERS[compiler]
    if not shutil.which(words[0]):
        pytest.skip(f"no {words[0]} here")
    pie = [] if "-pie" in flags else ["-no-pie"]
    subprocess.run([*words, debug, "-O1", "-ffreestanding", "-nostdlib", *pie, "-Wl,-T,image.ld",
                    "-Wl,--build-id=none", *flags, "-o", to, "core_mmu.c"], cwd=IMAGE, check=True,
                   capture_output=True, timeout=mmp.DEADLINE)
    return to


def registrations(document):
    return [(one["section"], one["type"], one["name"], int(one["addr"], 0), int(one["size"], 0))
            for one in document["registrations"]]


FOUR = [("phys_mem_map", "MEM_AREA_IO_SEC", "GICD_BASE", 0x8000000, 0x200000),
        ("phys_mem_map", "MEM_AREA_IO_SEC", "GICC_BASE", 0x8000000, 0x200000),
        ("phys_mem_map", "MEM_AREA_IO_SEC", "CONSOLE_UART_BASE", 0x9000000, 0x200000),
        ("phys_mem_map", "MEM_AREA_NSEC_SHM", "TEE_SHMEM_START", 0x42000000, 0x200000)]


def link_order(path, symbols):
    """The names of symbols by their addresses, as `nm -n` of the machine tells."""
    done = subprocess.run(["llvm-nm", "-n", path], text=True, capture_output=True, check=True, timeout=mmp.DEADLINE)
    return [line.split()[-1] for line in done.stdout.splitlines() if line.split()[-1].startswith(symbols)]


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("flags", [(), ("-fpie", "-pie")], ids=["fixed", "relocatable"])
def test_registrations_come_in_link_order_with_their_names(tmp_path, compiler, flags):
    elf = image(compiler, tmp_path / "tee.elf", "-DLINES=1509", *flags)
    document = result(elf)["document"]
    order = [int(name.removeprefix("__scattered_array_")[0]) for name in link_order(elf, "__scattered_array_")]
    assert registrations(document) == [FOUR[n] for n in order]
    config = document["config"]
    assert config["arch"] == ("arm64" if compiler.endswith("64") else "arm32")
    assert config["trusted_dram"] == {"base": "0xe100000", "size": "0xf00000"}
    assert config["tee_ram"] == {"start": "0xe100000", "ph_size": "0x200000", "va_size": "0x200000",
                                 "load_addr": "0xe100000"}
    assert config["layout"]["unpg_rx"] == {"start": "0xe100000", "size": "0x7b000"}
    assert config["layout"]["free"] == {"start": "0xe1c4000", "size": "0x13c000"}
    assert config["layout"]["identity_map"] == {"start": "0xe100274", "end": "0xe1018ec"}
    assert config["reserved_shm"] == {"start": "0x42000000", "size": "0x200000"}
    assert document["rules"] == "optee-4.10-257"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_sections_of_the_first_releases_are_read(tmp_path, compiler):
    elf = image(compiler, tmp_path / "tee.elf", "-DERA=3", "-DSDP", '-DVERSION="3.1.0"')
    document = result(elf)["document"]
    assert document["rules"] == "optee-3.1"
    assert [one[2] for one in registrations(document)].count("TEE_SHMEM_START") == 1
    assert ("phys_mem_map", "MEM_AREA_TA_RAM", "CFG_TA_RAM_START", 0xe300000, 0xd00000) in registrations(document)
    assert ("sdp_mem", "MEM_AREA_SDP_MEM", "TEE_SDP_TEST_MEM_BASE", 0xec00000, 0x400000) in registrations(document)
    assert document["config"]["ta_ram"] == {"start": "0xe300000", "size": "0xd00000"}


@pytest.mark.parametrize("compiler", ["clang-32", "gcc-32"])
def test_addresses_of_64_bits_on_32_bits_are_whole(tmp_path, compiler):
    elf = image(compiler, tmp_path / "tee.elf", "-DLARGE")
    settings = tmp_path / "conf.mk"
    settings.write_text("CFG_OPTEE_REVISION_MAJOR=4\nCFG_OPTEE_REVISION_MINOR=10\nCFG_WITH_LPAE=y\n"
                        "CFG_CORE_LARGE_PHYS_ADDR=y\nCFG_TEE_CORE_NB_CORE=1\n")
    document = result(elf, settings)["document"]
    assert ("phys_mem_map", "MEM_AREA_IO_SEC", "HIGH_BASE", 0x880000000, 0x200000) in registrations(document)
    assert document["config"]["large_phys_addr"] and document["config"]["trusted_dram"]["size"] == "0xf00000"


@pytest.mark.parametrize("compiler", ["clang-64", "gcc-32"])
def test_without_debug_information_the_release_has_the_numbers_of_types(tmp_path, compiler):
    elf = image(compiler, tmp_path / "tee.elf", "-DSDP", debug="-g0")
    answer = result(elf)
    assert {one[1] for one in registrations(answer["document"])} == {
        "MEM_AREA_IO_SEC", "MEM_AREA_NSEC_SHM", "MEM_AREA_SDP_MEM"}
    assert any("no debug information" in remark for remark in answer["remarks"])


def test_macros_say_what_symbols_do_not(tmp_path):
    elf = image("gcc-64", tmp_path / "tee.elf", "-DCFG_NUM_THREADS=7", "-DCFG_TEE_CORE_NB_CORE=(1+2)",
                "-DTABLES=9", "-DCFG_WITH_LPAE=1", "-DCFG_ARM64_core=1")
    answer = result(elf)
    config = answer["document"]["config"]
    assert (config["num_threads"], config["nb_core"], config["max_xlat_tables"]) == (7, 3, 9)
    sources = {one["key"]: one for one in answer["document"]["sources"]["values"]}
    assert sources["tee_ram.va_size"]["what"] == "TEE_RAM_VA_SIZE"
    assert sources["max_xlat_tables"]["what"] == "xlat_tables"


def test_a_type_that_no_release_has_is_said_and_left_out(tmp_path):
    answer = result(image("clang-64", tmp_path / "tee.elf", "-DSTRANGE"))
    assert len(answer["document"]["registrations"]) == 4
    assert any('"STRANGE"' in remark and "77" in remark for remark in answer["remarks"])


@pytest.mark.parametrize("tool", ["--strip-all", "--strip-sections"])
def test_a_stripped_image_says_what_it_can_and_what_to_pass_instead(tmp_path, tool):
    elf = image("clang-64", tmp_path / "tee.elf", "-DVERSION=\"Physical mem map overlaps\"")
    subprocess.run(["llvm-objcopy", tool, elf], check=True, timeout=mmp.DEADLINE)
    assert "is stripped" in refusal(elf, SAMPLE / "conf.mk")
    answer = result(elf, SAMPLE / "conf.mk", LOGS / "noaslr.log")
    assert answer["document"]["config"]["tee_ram"]["load_addr"].startswith("0xe100")
    assert len(answer["document"]["registrations"]) == 4
    assert any("stripped" in remark and "core/tee.elf" in remark for remark in answer["remarks"])


def test_images_of_others_are_refused_in_words(tmp_path):
    elf = image("clang-64", tmp_path / "tee.elf")
    data = bytearray(elf.read_bytes())
    for offset, value, said in [(5, 2, "offset 5: byte order 2; 1 (little endian)"),
                                (18, 62, "offset 18: machine 62; 183 (AArch64) or 40 (Arm)"),
                                (16, 1, "offset 16: an object file"),
                                (16, 4, "offset 16: file type 4")]:
        broken = bytearray(data)
        broken[offset] = value
        path = tmp_path / "broken.elf"
        path.write_bytes(broken)
        assert said in refusal(path)
    path.write_bytes(data[:40])
    assert "ends at offset 0x28, within the ELF header" in refusal(path)
    assert "a firmware that mmp knows" in refusal(image("clang-64", tmp_path / "other.elf", "-Wl,--defsym,"
                                                         "__vcore_unpg_rx_size=__vcore_unpg_rx_start"))


# --- conf.mk ---------------------------------------------------------------------------------


def test_a_configuration_alone_lacks_the_link_and_says_so():
    said = refusal(SAMPLE / "conf.mk")
    assert "layout" in said and "linked image" in said


def test_a_configuration_of_a_release_that_needs_no_link_says_that_regions_are_missing(tmp_path):
    settings = tmp_path / "conf.mk"
    settings.write_text((SAMPLE / "conf.mk").read_text() + "CFG_OPTEE_REVISION_MAJOR=3\nCFG_OPTEE_REVISION_MINOR=4\n"
                        "CFG_CORE_RWDATA_NOEXEC=n\n")
    answer = result(settings)
    assert answer["document"]["registrations"] == []
    assert any("which regions are registered" in remark for remark in answer["remarks"])


def test_expressions_of_the_configuration_are_evaluated(tmp_path):
    document = result(SAMPLE)["document"]
    assert document["config"]["reserved_vaspace_size"] == "0xa00000"
    assert document["config"]["trusted_dram"] == {"base": "0xe100000", "size": "0xf00000"}
    broken = tmp_path / "conf.mk"
    broken.write_text((SAMPLE / "conf.mk").read_text().replace("(1024 * 1024 * 10)", "(1024 * MANY)"))
    answer = result(broken, SAMPLE / "core" / "tee.elf")
    assert any("CFG_RESERVED_VASPACE_SIZE" in remark and "MANY" in remark for remark in answer["remarks"])


UNKEYED = ["CFG_CORE_SEL2_SPMC", "CFG_CORE_EL3_SPMC", "CFG_CORE_PREALLOC_EL0_TBLS", "CFG_TRANSFER_LIST",
           "CFG_CORE_TPM_EVENT_LOG", "CFG_CORE_DYN_PROTMEM"]


def test_options_without_a_key_are_said(tmp_path):
    settings = tmp_path / "conf.mk"
    settings.write_text((SAMPLE / "conf.mk").read_text() + "".join(f"{one}=y\n" for one in UNKEYED))
    remarks = result(settings, SAMPLE / "core" / "tee.elf")["remarks"]
    assert [one for one in UNKEYED if not any(remark.startswith(f"{one}=y ") for remark in remarks)] == []


@pytest.mark.parametrize("major, minor, rules", [(4, 10, "optee-4.10"), (3, 18, "optee-3.18"), (4, 99, "optee-4.10")])
def test_the_release_is_that_of_the_configuration_or_the_nearest_earlier_one(tmp_path, major, minor, rules):
    elf = image("clang-64", tmp_path / "tee.elf", debug="-g0")
    data = elf.read_bytes().replace(b"4.10.0-257-gd5001fe0a", b"nobody said which one")
    elf.write_bytes(data)
    settings = tmp_path / "conf.mk"
    settings.write_text("".join(line for line in (SAMPLE / "conf.mk").read_text().splitlines(True)
                                if "REVISION" not in line and "version" not in line) +
                        f"CFG_OPTEE_REVISION_MAJOR={major}\nCFG_OPTEE_REVISION_MINOR={minor}\n")
    answer = result(elf, settings)
    assert answer["document"]["rules"].startswith(rules)
    assert any("nearest earlier" in remark for remark in answer["remarks"]) == (minor == 99)


# --- merging ---------------------------------------------------------------------------------


def test_the_board_counts_more_than_the_image_and_the_image_more_than_the_configuration(tmp_path):
    settings = tmp_path / "conf.mk"
    settings.write_text((SAMPLE / "conf.mk").read_text().replace("CFG_TZDRAM_START=0x0e100000",
                                                                 "CFG_TZDRAM_START=0x0e200000")
                        .replace("(1024 * 1024 * 10)", "(1024 * 1024 * 12)"))
    answer = result(settings, SAMPLE / "core" / "tee.elf", LOGS / "noaslr.log")
    config = answer["document"]["config"]
    assert config["trusted_dram"]["base"] == "0xe100000" and config["reserved_vaspace_size"] == "0xa00000"
    said = {one["key"]: one for one in answer["disagreements"] if "key" in one}
    assert said["trusted_dram.base"]["from"].startswith("linked image: tee.elf")
    assert said["trusted_dram.base"]["instead_of"][0]["value"] == "0xe200000"
    assert said["trusted_dram.base"]["instead_of"][0]["from"].startswith("configuration: conf.mk")
    assert said["reserved_vaspace_size"]["from"].startswith("board: noaslr.log line ")


def test_registrations_that_differ_are_said_one_by_one(tmp_path):
    log = tmp_path / "boot.log"
    log.write_text((LOGS / "noaslr.log").read_text().replace("CONSOLE_UART_BASE type IO_SEC 0x09000000",
                                                             "CONSOLE_UART_BASE type IO_SEC 0x0a000000"))
    answer = result(SAMPLE, log)
    one, = [one for one in answer["disagreements"] if one.get("section") == "phys_mem_map"]
    assert (one["from"], one["instead_of"]) == ("boot.log", "core/tee.elf")
    assert one["only_here"] == ['MEM_AREA_IO_SEC "CONSOLE_UART_BASE" 0xa000000+0x200000']
    assert one["only_there"] == ['MEM_AREA_IO_SEC "CONSOLE_UART_BASE" 0x9000000+0x200000']


def test_the_kind_of_a_file_is_told_by_its_content(tmp_path):
    for name, source in [("a.log", SAMPLE / "core" / "tee.elf"), ("b.elf", SAMPLE / "conf.mk"),
                         ("conf.mk", LOGS / "noaslr.log")]:
        shutil.copy(source, tmp_path / name)
    answer = result(tmp_path / "a.log", tmp_path / "b.elf", tmp_path / "conf.mk")
    assert [one["kind"] for one in answer["files"]] == ["elf", "settings", "log"]


def test_a_core_fills_in_what_no_build_says():
    config = result(SAMPLE, "--cpu", "Cortex-A57")["document"]["config"]
    assert config["cpu"] == {"parange": 4, "bti": False, "mte": False}
    assert "cpu.parange" in {one["key"] for one in result(SAMPLE)["defaults"]}
    assert "cortex-a57" in refusal(SAMPLE, "--cpu", "cortex-a5x7")


def test_the_folder_of_the_core_finds_the_configuration_above_it(tmp_path):
    shutil.copytree(SAMPLE, tmp_path / "out")
    (tmp_path / "out" / "core" / "main.o").write_bytes(b"\x7fELF\x02\x01" + bytes(100))
    (tmp_path / "out" / "core" / "notes.txt").write_text("nothing = here\n")
    for folder in [tmp_path / "out", tmp_path / "out" / "core"]:
        answer = result(folder)
        assert {one["kind"] for one in answer["files"]} == {"elf", "settings"}, folder
    assert "in this folder" in refusal(LOGS, status=3)


# --- the sample build, a kept platform ----------------------------------------------------------


def test_the_image_of_the_sample_build_is_what_the_source_makes(tmp_path):
    elf = image("clang-64", tmp_path / "tee.elf", "-DLINES=1509")
    made, kept = (result(SAMPLE / "conf.mk", path)["document"] for path in (elf, SAMPLE / "core" / "tee.elf"))
    assert registrations(made) == registrations(kept) and made["config"] == kept["config"]
    assert made["rules"] == kept["rules"]


def test_an_imported_platform_says_where_each_value_is_from(tmp_path):
    with mmp.Daemon(tmp_path) as daemon:
        done = daemon.mmpctl("platform", "import", SAMPLE, "--name", "desk", "--put")
        assert done.returncode == 0 and "Stored as revision 1 of desk" in done.stdout, done.stderr
        document = daemon.call("platform.get", name="desk")["document"]
        sources = document["sources"]
        threads, = [one for one in sources["values"] if one["key"] == "num_threads"]
        assert (threads["file"], threads["what"]) == ("conf.mk", "CFG_NUM_THREADS")
        assert (SAMPLE / "conf.mk").read_text().splitlines()[threads["line"] - 1] == "CFG_NUM_THREADS=2"
        said = daemon.mmpctl("platform", "get", "desk").stdout
        assert "CFG_NUM_THREADS" in said and sources["files"][0]["sha256"][:12] in said


def test_a_rebuild_is_imported_again_and_says_what_changed(tmp_path):
    out = tmp_path / "out"
    shutil.copytree(SAMPLE, out)
    with mmp.Daemon(tmp_path) as daemon:
        assert daemon.mmpctl("platform", "import", out, "--name", "desk", "--put").returncode == 0
        again = daemon.mmpctl("platform", "import", out, "--into", "desk")
        assert "Nothing has changed." in again.stdout, again.stdout + again.stderr
        settings = out / "conf.mk"
        settings.write_text(settings.read_text().replace("CFG_NUM_THREADS=2", "CFG_NUM_THREADS=5"))
        again = daemon.mmpctl("platform", "import", out, "--into", "desk")
        assert "Changed: num_threads was 2 and is 5" in again.stdout, again.stdout + again.stderr
        assert daemon.call("platform.get", name="desk")["document"]["config"]["num_threads"] == 5
        assert daemon.mmpctl("platform", "import", out, "--into", "absent").returncode == 3


def test_what_was_accepted_of_a_platform_stays_accepted(tmp_path):
    document = result(SAMPLE)["document"]
    document["waivers"] = [{"finding": "no-ddr", "reason": "it is in the device tree", "who": "us"}]
    path = tmp_path / "platform.json"
    path.write_text(json.dumps(document))
    assert result(SAMPLE, path)["document"]["waivers"] == document["waivers"]


@pytest.mark.parametrize("key, value, said", [
    ("dram", {}, "dram: must be an array"),
    ("dram", [{"base": "0x0", "size": "1M", "note": 7}], "dram[0]: note"),
    ("dram", [{"base": "x", "size": "1M", "note": ""}], "dram[0]: base"),
    ("dram", [{"base": "0x0", "size": "1M", "note": "", "of": 1}], "dram[0]: of"),
    ("sources", [], "sources: must be an object"),
    ("sources", {"files": [{"file": "a", "kind": "elf", "sha256": "00"}], "values": []}, "sources.files[0]"),
    ("sources", {"files": [], "values": [{"key": "lpae", "file": "a"}]}, 'sources.values[0]: file: "a"'),
    ("sources", {"files": [], "values": [], "more": 1}, "more"),
])
def test_notes_of_a_document_are_checked(tmp_path, key, value, said):
    document = json.loads((mmp.TOP / "platforms" / "qemu-armv8a.json").read_text()) | {key: value}
    path = tmp_path / "platform.json"
    path.write_text(json.dumps(document))
    done = run("--local", "layout", "compute", path, status=2)
    assert said in done.stderr, done.stderr


def test_without_a_daemon_the_document_goes_to_stdout_and_words_to_stderr():
    done = run("platform", "import", SAMPLE, "--name", "desk")
    document = json.loads(done.stdout)
    assert document["name"] == "desk" and "values imported" in done.stderr
    again = run("platform", "import", "-", stdin=done.stdout)
    assert json.loads(again.stdout)["config"] == document["config"]


# --- layout verify --------------------------------------------------------------------------------


def verify(platform, log, status=0):
    return json.loads(run("--json", "layout", "verify", platform, log, status=status).stdout)


@pytest.fixture(name="document")
def fixture_document(tmp_path):
    path = tmp_path / "platform.json"
    run("platform", "import", SAMPLE, "--cpu", "cortex-a57", "--output", path)
    return path


def test_the_map_of_a_board_is_the_one_of_its_platform(document):
    answer = verify(document, LOGS / "noaslr.log")
    assert answer["same"] and answer["compared"] == 9 and answer["differences"] == []


@pytest.mark.parametrize("log", ["aslr", "aslr_seed_f1ef0000", "aslr_seed_ffd00000"])
def test_the_seed_of_a_board_is_recovered_and_tried(document, tmp_path, log):
    data = json.loads(document.read_text())
    data["config"]["aslr"] = True
    data["config"]["layout"]["identity_map"] = {"start": "0xe100168", "end": "0xe101978"}
    randomized = tmp_path / "aslr.json"
    randomized.write_text(json.dumps(data))
    answer = verify(randomized, LOGS / f"{log}.log")
    assert answer["same"], answer
    assert int(answer["seed"], 0) and int(answer["seed_given"], 0) == 0


def test_another_link_and_a_missing_registration_are_said_line_by_line(document, tmp_path):
    data = json.loads(document.read_text())
    data["config"]["layout"]["unpg_rx"]["size"] = "0x7a000"
    del data["registrations"][2]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(data))
    answer = verify(other, LOGS / "noaslr.log", status=4)
    assert not answer["same"]
    lines = {one["line"]: one for one in answer["differences"]}
    log = (LOGS / "noaslr.log").read_text().splitlines()
    for number, one in lines.items():
        if number:
            assert one["entry"].removeprefix("MEM_AREA_") in log[number - 1]
    assert any("another link" in text for text in answer["means"])
    assert any("CONSOLE_UART_BASE" in text and "missing" in text for text in answer["means"])


def test_a_log_without_a_map_is_no_verdict(document, tmp_path):
    log = tmp_path / "boot.log"
    log.write_text("I/TC: OP-TEE version: 4.10.0 (gcc version 12.2.0) #1 aarch64\n")
    done = run("layout", "verify", document, log, status=2)
    assert "dump_mmap_table" in done.stderr


# --- device trees ----------------------------------------------------------------------------------


def tree(tmp_path, source):
    path = tmp_path / "tree.dtb"
    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", path, "-"], input="/dts-v1/;\n" + source, text=True, check=True,
                   timeout=mmp.DEADLINE)
    return path


@pytest.mark.skipif(not shutil.which("dtc"), reason="no dtc here")
@pytest.mark.parametrize("rules, seed", [("optee-4.2", "0x1122334455667788"), ("optee-4.3", "0x8877665544332211")])
def test_the_seed_of_a_device_tree_is_read_as_the_release_reads_it(tmp_path, rules, seed):
    path = tree(tmp_path, "/ { #address-cells = <2>; #size-cells = <2>;"
                          "secure-chosen { kaslr-seed = <0x11223344 0x55667788>; }; };")
    answer = result(SAMPLE, path, "--rules", rules)
    assert answer["document"]["config"]["aslr_seed"] == seed


@pytest.mark.skipif(not shutil.which("dtc"), reason="no dtc here")
def test_memory_of_a_device_tree_becomes_dram(tmp_path):
    path = tree(tmp_path, """/ { #address-cells = <2>; #size-cells = <1>;
        memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0x10000000>, <1 0 0x20000000>; };
        memory@e000000 { device_type = "memory"; reg = <0 0xe000000 0x1000000>; status = "disabled";
                         secure-status = "okay"; };
        memory@0 { device_type = "memory"; reg = <0 0 0>; }; };""")
    answer = result(SAMPLE, path)
    assert [(one["base"], one["size"], one["note"]) for one in answer["document"]["dram"]] == [
        ("0x80000000", "0x10000000", "DDR of the normal world"),
        ("0x100000000", "0x20000000", "DDR of the normal world"),
        ("0xe000000", "0x1000000", "secure memory")]
    path = tree(tmp_path, """/ { #address-cells = <2>; #size-cells = <1>;
        memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0x10000000>; }; };""")
    document = result(SAMPLE, path, LOGS / "noaslr.log")["document"]
    assert [(one["base"], one["note"]) for one in document["dram"]] == [
        ("0x40000000", "DDR of the normal world"), ("0xe100000", "secure memory of the platform")]
    assert "dram" not in result(SAMPLE, LOGS / "noaslr.log")["document"]
    assert any("size 0" in remark for remark in answer["remarks"])


@pytest.mark.parametrize("path", sorted(TREES.glob("*.dtb")), ids=lambda path: path.stem)
def test_a_recorded_device_tree_reads_as_it_was_written_down(path):
    expected = json.loads(path.with_suffix(".json").read_text())
    dram = result(SAMPLE, path)["document"]["dram"]
    for kind, note in [("nsec_memory", "DDR of the normal world"), ("secure_memory", "secure memory")]:
        assert [(one["base"], one["size"]) for one in dram if one["note"] == note] == [
            (one["addr"], one["size"]) for one in expected[kind]]


@pytest.mark.parametrize("size, patch, said", [
    (0x10, {}, "ends at offset 0x10, within the header"),
    (0x100, {}, "offset 4: a blob of 0x20b6 bytes, but the file has 0x100"),
    (None, {20: 2}, "offset 20: version 2; 16 or 17 was expected"),
    (None, {24: 99}, "offset 24: only readers of version 99"),
    (None, {8: 0x7fffffff}, "offset 8: "),
    (None, {"token": 0x55}, "offset 0x40: "),
])
def test_a_broken_device_tree_is_refused_with_the_place(tmp_path, size, patch, said):
    data = bytearray((TREES / "m1057_smp1_gicv2.dtb").read_bytes())
    first = int.from_bytes(data[8:12], "big") + 8  # the token behind the root's name
    for offset, value in patch.items():
        offset = first if offset == "token" else offset
        data[offset:offset + 4] = value.to_bytes(4, "big")
    path = tmp_path / "broken.dtb"
    path.write_bytes(data[:size])
    message = refusal(SAMPLE, path)
    assert message.startswith("broken.dtb: ") and said in message


# --- check --tree --------------------------------------------------------------------------------


def check(tmp_path, source, status):
    done = run("--local", "--json", "check", mmp.TOP / "platforms" / "qemu-armv8a.json", "--tree",
               tree(tmp_path, "/ { #address-cells = <2>; #size-cells = <2>;" + source + "};"), status=status)
    answer, = json.loads(done.stdout)["platforms"]
    return answer, {one["id"]: one for one in answer["findings"]}


RESERVED = "reserved-memory {{ #address-cells = <2>; #size-cells = <2>; {} }};"


@pytest.mark.skipif(not shutil.which("dtc"), reason="no dtc here")
def test_secure_memory_that_linux_would_use_is_an_error_with_the_node_to_paste(tmp_path):
    memory = 'memory@0 { device_type = "memory"; reg = <0 0 0 0x80000000>; };'
    answer, findings = check(tmp_path, memory, 4)
    assert "0xe100000 size 0xf00000" in findings["linux-uses-secure"]["message"]
    node = answer["device_tree_node"].removeprefix("reserved-memory {").replace("ranges;", "")
    answer, findings = check(tmp_path, memory + "reserved-memory {" + node, 0)
    assert "linux-uses-secure" not in findings and "device_tree_node" not in answer


@pytest.mark.skipif(not shutil.which("dtc"), reason="no dtc here")
def test_reserved_nodes_are_compared_with_the_platform(tmp_path):
    memory = 'memory@0 { device_type = "memory"; reg = <0 0 0 0x80000000>; };'
    _, findings = check(tmp_path, memory + RESERVED.format("optee@e100000 { reg = <0 0xe100000 0 0xf00000>; };"), 0)
    assert "reserved-mapped" in findings
    _, findings = check(tmp_path, memory + RESERVED.format(
        "optee@e100000 { reg = <0 0xe100000 0 0xf00000>; no-map; }; tee@70000000 { reg = <0 0x70000000 0 0x1000>; };"
        "camera@71000000 { reg = <0 0x71000000 0 0x1000>; };"), 0)
    assert "/reserved-memory/tee@70000000" in findings["reserved-unknown"]["message"]
    _, findings = check(tmp_path, memory.replace('"memory"; reg', '"memory"; status = "disabled"; reg'), 0)
    assert "linux-uses-secure" not in findings


# --- TF-A ------------------------------------------------------------------------------------------

TFA_LOG = mmp.TOP / "tests" / "vectors" / "tfa-2.15" / "log" / "qemu_bl31.log"


@pytest.mark.parametrize("log", sorted([*LOGS.glob("*.log"), *(LOGS.parent / "logs-releases").glob("*.log")]),
                         ids=lambda log: log.stem)
def test_what_the_log_of_a_boot_says_boots(tmp_path, log):
    """None of them may have a finding of severity error, and all but one have a map that is the computed one."""
    if log.stem == "default":  # a boot that says nothing of its map
        assert "a firmware that mmp knows" in refusal(log)
        return
    document = tmp_path / "document.json"
    run("platform", "import", log, "--output", document)
    answer = json.loads(run("--local", "--json", "layout", "compute", document).stdout)
    assert answer["verdict"] == "boots", [one for one in answer["findings"] if one["severity"] == "error"]
    assert run("layout", "verify", document, log).returncode == 0


def test_a_log_of_tfa_is_its_platform_and_verifies(tmp_path):
    document = result(TFA_LOG)["document"]
    assert (document["rules"], document["config"]["regime"]) == ("tfa-2.15", "el3")
    assert document["config"]["max_xlat_tables"] == 6 and document["config"]["va_space"] == "0x100000000"
    assert [one["op"] for one in document["registrations"]] == ["add"] * 7 + ["init"]
    path = tmp_path / "bl31.json"
    path.write_text(json.dumps(document))
    assert verify(path, TFA_LOG)["compared"] == 7


def test_a_log_of_all_boot_stages_is_a_platform_for_each(tmp_path):
    log = TFA_LOG.read_text()
    every = tmp_path / "boot.log"
    every.write_text("NOTICE:  BL1: v2.15\r\n" + log + "NOTICE:  BL2: v2.15\n" + log.replace("EL3", "EL1&0") +
                     "NOTICE:  BL31: v2.15\n" + log.replace("out of 6", "out of 7"))
    documents = [one["document"] for one in result(every, "--name", "desk")["platforms"]]
    assert [(one["name"], one["config"]["regime"], one["config"]["max_xlat_tables"]) for one in documents] == [
        ("desk-bl1", "el3", 6), ("desk-bl2", "el1", 6), ("desk-bl31", "el3", 7)]
    output = tmp_path / "all.json"
    run("platform", "import", every, "--output", output)
    assert [one["name"] for one in json.loads(output.read_text())] == ["bl1", "bl2", "bl31"]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_an_image_of_tfa_is_read_by_its_symbols(tmp_path, compiler):
    words = COMPILERS[compiler]
    if not shutil.which(words[0]):
        pytest.skip(f"no {words[0]} here")
    elf = tmp_path / "bl31.elf"
    symbols = {"__TEXT_START__": 0xe090000, "__TEXT_END__": 0xe09d000, "__RODATA_START__": 0xe09d000,
               "__RODATA_END__": 0xe0a0000, "__BL31_END__": 0xe0cf000}
    subprocess.run([*words, "-g", "-O1", "-ffreestanding", "-nostdlib", "-no-pie", "-Wl,--build-id=none",
                    *(f"-Wl,--defsym,{name}={value:#x}" for name, value in symbols.items()),
                    "-o", elf, "bl31.c"], cwd=IMAGE, check=True, capture_output=True, timeout=mmp.DEADLINE)
    document = result(elf)["document"]
    config = document["config"]
    assert (config["max_xlat_tables"], config["max_mmap_regions"], config["dynamic"]) == (6, 13, False)
    assert (config["va_space"], config["pa_space"]) == ("0x100000000", "0x100000000")
    assert config["regime"] == ("el3" if compiler.endswith("64") else "el1")
    assert [(one.get("name"), one.get("pa"), one.get("size"), one.get("attr")) for one in document["registrations"]] \
        == [("BL_TOTAL", "0xe090000", "0x3f000", "0x0000000a"), ("BL_CODE", "0xe090000", "0xd000", "0x00000002"),
            ("BL_RO_DATA", "0xe09d000", "0x3000", "0x00000042"), ("", "0x8000000", "0x1000000", "0x00000008"),
            ("", "0xe100000", "0xf00000", "0x0000000a"), (None, None, None, None)]


def test_two_firmwares_are_not_one_platform():
    assert "one platform has one firmware" in refusal(SAMPLE, TFA_LOG, status=1)


# --- limits -----------------------------------------------------------------------------------------

MACROS = 1 << 20
SYMBOLS = 1 << 20
ENTRIES = 20000


@pytest.mark.parametrize("pairs, cut", [(MACROS // 2 - 1000, False), (MACROS // 2, True)])
def test_macros_over_their_limit_are_left_out_and_said(tmp_path, pairs, cut):
    many = tmp_path / "many.h"
    many.write_text("#define A 1\n#undef A\n" * pairs)
    answer = result(image("gcc-64", tmp_path / "tee.elf", "-imacros", many))
    assert any(f"more than {MACROS} macros" in remark for remark in answer["remarks"]) == cut


def with_symbols(path, count):
    """A linked image of AArch64, made by hand: one segment, and `count` symbols of one name."""
    names = b"\0one\0"
    sections = b"\0.symtab\0.strtab\0"
    symbols = bytes(24) + struct.pack("<IBBHQQ", 1, 0x11, 0, 0xfff1, 0x1000, 8) * count
    at = 64 + 56
    parts = [symbols, names, sections]
    offsets = [at + sum(map(len, parts[:n])) for n in range(3)]
    tables = (bytes(64) +
              struct.pack("<IIQQQQIIQQ", 1, 2, 0, 0, offsets[0], len(symbols), 2, 1, 8, 24) +
              struct.pack("<IIQQQQIIQQ", 9, 3, 0, 0, offsets[1], len(names), 0, 0, 1, 0) +
              struct.pack("<IIQQQQIIQQ", 9, 3, 0, 0, offsets[2], len(sections), 0, 0, 1, 0))
    head = (b"\x7fELF\2\1\1" + bytes(9) +
            struct.pack("<HHIQQQIHHHHHH", 2, 183, 1, 0x1000, 64, offsets[2] + len(sections), 0, 64, 56, 1, 64, 4, 3) +
            struct.pack("<IIQQQQQQ", 1, 5, 0, 0x1000, 0x1000, at, at, 0x1000))
    path.write_bytes(head + b"".join(parts) + tables)
    return path


def test_an_image_has_so_many_symbols_and_no_more(tmp_path):
    just = refusal(with_symbols(tmp_path / "just", SYMBOLS))
    assert "a linked image with its symbols, but not of a firmware that mmp knows" in just
    assert f"more than {SYMBOLS} symbols" in refusal(with_symbols(tmp_path / "over", SYMBOLS + 1), status=1)


def test_a_folder_is_looked_through_up_to_so_many_files(tmp_path):
    for name in ("conf.mk", "tee.elf"):
        shutil.copy(SAMPLE / name if (SAMPLE / name).exists() else SAMPLE / "core" / name, tmp_path / f"z-{name}")
    for n in range(ENTRIES - 2):
        (tmp_path / f"{n:05}").touch()
    assert not any("more than" in remark for remark in result(tmp_path)["remarks"])
    (tmp_path / "more").touch()
    (tmp_path / "most").touch()
    assert "among the first files" in refusal(tmp_path, status=3)


# --- hostile files --------------------------------------------------------------------------------------

# What an import may take of processor time and memory, as import/import.h says; with sanitizers it may take longer.
SANITIZED = "asan" in str(mmp.BUILD)
SECONDS, BYTES = 600 if SANITIZED else 60, 4 << 30


def in_bounds(path):
    """The words of an import that may use so much and no more; a signal fails the test."""
    def bound():
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        if not SANITIZED:  # their shadow takes all of the address space
            resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    done = subprocess.run([mmp.BUILD / "mmpctl", "platform", "import", path], text=True, capture_output=True,
                          env=mmp.environment(), preexec_fn=bound, timeout=600)
    assert 0 <= done.returncode <= 4, done
    return done.stderr


LINE = "D/TC:0   dump_mmap_table:838 type IO_SEC va 0x{0:x}..0x{0:x} pa 0x8000000..0x81fffff size 0x200000 (pgdir)\n"
HEAD = "CFG_OPTEE_REVISION_MAJOR=4\nCFG_OPTEE_REVISION_MINOR=10\nCFG_TZDRAM_SIZE=0x1000000\n"
HOSTILE = {
    "rows": (lambda: "".join(LINE.format(n << 21) for n in range(1 << (18 if SANITIZED else 20))), "these inputs do not say everything"),
    "registrations": (lambda: "".join(f"D/TC:0 add_phys_mem:798 X type IO_SEC 0x{n:08x} size 0x00200000\n"
                                      for n in range(1 << 18)), "more than an import may hold"),
    "lines": (lambda: "\n" * ((1 << 20) + 1), "the log has more than 1048576 lines"),
    "one line": (lambda: "D/TC:0 " * (4 << 20), "no input says which release"),
    "zeros": (lambda: "\0" * (64 << 20), "begins with 00 00 00 00"),
    "doubling": (lambda: HEAD + "CFG_A0=1\n" + "".join(f"CFG_A{n}=(CFG_A{n - 1}+CFG_A{n - 1})\n"
                                                      for n in range(1, 60000)) + "CFG_TZDRAM_START=CFG_A59999\n",
                 "config.trusted_dram: missing"),
    "round": (lambda: HEAD + "CFG_TZDRAM_START=CFG_B\nCFG_B=CFG_TZDRAM_START+1\n", "config.trusted_dram: missing"),
    "parentheses": (lambda: HEAD + "CFG_TZDRAM_START=" + "(" * 500000 + "1" + ")" * 500000 + "\n",
                    "config.trusted_dram: missing"),
    "sum": (lambda: HEAD + "CFG_TZDRAM_START=1" + "+1" * 2000000 + "\n", "config.trusted_dram: missing"),
    "json": (lambda: '{"format": ' + "[" * 1000000, "maximum parsing depth reached"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_ends_within_the_bounds_and_in_words(tmp_path, kind):
    make, said = HOSTILE[kind]
    path = tmp_path / "hostile"
    path.write_text(make())
    assert said in in_bounds(path)


# Any number of one shape each: sections, relocations, notes.
def test_images_of_a_million_entries_end_within_the_bounds(tmp_path):
    assert "not of a firmware that mmp knows" in in_bounds(with_symbols(tmp_path / "symbols", SYMBOLS))


def test_a_device_tree_of_many_nodes_ends_within_the_bounds(tmp_path):
    source = tmp_path / "many.dts"
    nodes = "".join(f"optee@{n:x} {{ reg = <0 {n} 0 1>; no-map; }};\n" for n in range(0, 4000))
    source.write_text("/dts-v1/;\n/ { #address-cells = <2>; #size-cells = <2>; reserved-memory { #address-cells = <2>; "
                      "#size-cells = <2>; ranges;\n" + nodes + "}; };\n")
    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", tmp_path / "many.dtb", source], check=True, timeout=mmp.DEADLINE)
    assert "do not say which firmware" in in_bounds(tmp_path / "many.dtb")


# --- logs alone -------------------------------------------------------------------------------------------

RELEASES = sorted((mmp.TOP / "tests" / "import" / "logs-releases").glob("*.log"))


@pytest.mark.parametrize("log", RELEASES + [log for log in sorted(LOGS.glob("*.log")) if log.stem != "default"],
                         ids=lambda log: log.stem)
def test_a_log_alone_gives_a_platform_whose_map_is_the_boards(tmp_path, log):
    path = tmp_path / "platform.json"
    run("platform", "import", log, "--output", path)
    answer = verify(path, log)
    assert answer["same"] and answer["compared"] >= 7, answer


def test_a_log_of_level_3_says_what_one_of_level_4_says(tmp_path):
    whole = RELEASES[-1].read_text()
    flow = "F/TC:0 0 plat_init:12 in between\n"  # what level 4 adds
    both = []
    for number, text in enumerate((whole, "".join(flow + line for line in whole.splitlines(keepends=True)))):
        path = tmp_path / str(number) / "boot.log"
        path.parent.mkdir()
        path.write_text(text)
        both.append(result(path)["document"])
        del both[-1]["sources"]
    assert both[0] == both[1]


def test_what_nobody_says_is_listed_also_where_it_is_null(tmp_path):
    listed = {one["key"]: one for one in result(SAMPLE)["defaults"]}
    assert listed["boot_mem_size"] == {"key": "boot_mem_size", "value": None, "means": "no limit"}
    assert "cpu.parange" in listed
    done = run("platform", "import", SAMPLE)
    assert "boot_mem_size null (no limit)" in done.stderr
