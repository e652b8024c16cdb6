"""platform import: images that are built here from our own source, and the sample build."""

import json
import shutil
import subprocess

import pytest

import imports
import mmp

FOUR = [("phys_mem_map", "MEM_AREA_IO_SEC", "GICD_BASE", 0x8000000, 0x200000),
        ("phys_mem_map", "MEM_AREA_IO_SEC", "GICC_BASE", 0x8000000, 0x200000),
        ("phys_mem_map", "MEM_AREA_IO_SEC", "CONSOLE_UART_BASE", 0x9000000, 0x200000),
        ("phys_mem_map", "MEM_AREA_NSEC_SHM", "TEE_SHMEM_START", 0x42000000, 0x200000)]


def link_order(path, symbols):
    """The names of symbols by their addresses, as `nm -n` of the machine tells."""
    done = subprocess.run(["llvm-nm", "-n", path], text=True, capture_output=True, check=True, timeout=mmp.DEADLINE)
    return [line.split()[-1] for line in done.stdout.splitlines() if line.split()[-1].startswith(symbols)]


@pytest.mark.parametrize("compiler", imports.COMPILERS)
@pytest.mark.parametrize("flags", [(), ("-fpie", "-pie")], ids=["fixed", "relocatable"])
def test_registrations_come_in_link_order_with_their_names(tmp_path, compiler, flags):
    elf = imports.image(compiler, tmp_path / "tee.elf", "-DLINES=1509", *flags)
    document = imports.result(elf)["document"]
    order = [int(name.removeprefix("__scattered_array_")[0]) for name in link_order(elf, "__scattered_array_")]
    assert imports.registrations(document) == [FOUR[n] for n in order]
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


@pytest.mark.parametrize("compiler", imports.COMPILERS)
def test_the_sections_of_the_first_releases_are_read(tmp_path, compiler):
    elf = imports.image(compiler, tmp_path / "tee.elf", "-DERA=3", "-DSDP", '-DVERSION="3.1.0"')
    document = imports.result(elf)["document"]
    assert document["rules"] == "optee-3.1"
    assert [one[2] for one in imports.registrations(document)].count("TEE_SHMEM_START") == 1
    assert ("phys_mem_map", "MEM_AREA_TA_RAM", "CFG_TA_RAM_START", 0xe300000, 0xd00000) in imports.registrations(document)
    assert ("sdp_mem", "MEM_AREA_SDP_MEM", "TEE_SDP_TEST_MEM_BASE", 0xec00000, 0x400000) in imports.registrations(document)
    assert document["config"]["ta_ram"] == {"start": "0xe300000", "size": "0xd00000"}


@pytest.mark.parametrize("compiler", ["clang-32", "gcc-32"])
def test_addresses_of_64_bits_on_32_bits_are_whole(tmp_path, compiler):
    elf = imports.image(compiler, tmp_path / "tee.elf", "-DLARGE")
    settings = tmp_path / "conf.mk"
    settings.write_text("CFG_OPTEE_REVISION_MAJOR=4\nCFG_OPTEE_REVISION_MINOR=10\nCFG_WITH_LPAE=y\n"
                        "CFG_CORE_LARGE_PHYS_ADDR=y\nCFG_TEE_CORE_NB_CORE=1\n")
    document = imports.result(elf, settings)["document"]
    assert ("phys_mem_map", "MEM_AREA_IO_SEC", "HIGH_BASE", 0x880000000, 0x200000) in imports.registrations(document)
    assert document["config"]["large_phys_addr"] and document["config"]["trusted_dram"]["size"] == "0xf00000"


@pytest.mark.parametrize("compiler", ["clang-64", "gcc-32"])
def test_without_debug_information_the_release_has_the_numbers_of_types(tmp_path, compiler):
    elf = imports.image(compiler, tmp_path / "tee.elf", "-DSDP", debug="-g0")
    answer = imports.result(elf)
    assert {one[1] for one in imports.registrations(answer["document"])} == {
        "MEM_AREA_IO_SEC", "MEM_AREA_NSEC_SHM", "MEM_AREA_SDP_MEM"}
    assert any("no debug information" in remark for remark in answer["remarks"])


def test_macros_say_what_symbols_do_not(tmp_path):
    elf = imports.image("gcc-64", tmp_path / "tee.elf", "-DCFG_NUM_THREADS=7", "-DCFG_TEE_CORE_NB_CORE=(1+2)",
                "-DTABLES=9", "-DCFG_WITH_LPAE=1", "-DCFG_ARM64_core=1")
    answer = imports.result(elf)
    config = answer["document"]["config"]
    assert (config["num_threads"], config["nb_core"], config["max_xlat_tables"]) == (7, 3, 9)
    sources = {one["key"]: one for one in answer["document"]["sources"]["values"]}
    assert sources["tee_ram.va_size"]["what"] == "TEE_RAM_VA_SIZE"
    assert sources["max_xlat_tables"]["what"] == "xlat_tables"


def test_a_type_that_no_release_has_is_said_and_left_out(tmp_path):
    answer = imports.result(imports.image("clang-64", tmp_path / "tee.elf", "-DSTRANGE"))
    assert len(answer["document"]["registrations"]) == 4
    assert any('"STRANGE"' in remark and "77" in remark for remark in answer["remarks"])


@pytest.mark.parametrize("tool", ["--strip-all", "--strip-sections"])
def test_a_stripped_image_says_what_it_can_and_what_to_pass_instead(tmp_path, tool):
    elf = imports.image("clang-64", tmp_path / "tee.elf", "-DVERSION=\"Physical mem map overlaps\"")
    subprocess.run(["llvm-objcopy", tool, elf], check=True, timeout=mmp.DEADLINE)
    assert "is stripped" in imports.refusal(elf, imports.SAMPLE / "conf.mk")
    answer = imports.result(elf, imports.SAMPLE / "conf.mk", imports.LOGS / "noaslr.log")
    assert answer["document"]["config"]["tee_ram"]["load_addr"].startswith("0xe100")
    assert len(answer["document"]["registrations"]) == 4
    assert any("stripped" in remark and "core/tee.elf" in remark for remark in answer["remarks"])


def test_images_of_others_are_refused_in_words(tmp_path):
    elf = imports.image("clang-64", tmp_path / "tee.elf")
    data = bytearray(elf.read_bytes())
    for offset, value, said in [(5, 2, "offset 5: byte order 2; 1 (little endian)"),
                                (18, 62, "offset 18: machine 62; 183 (AArch64) or 40 (Arm)"),
                                (16, 1, "offset 16: an object file"),
                                (16, 4, "offset 16: file type 4")]:
        broken = bytearray(data)
        broken[offset] = value
        path = tmp_path / "broken.elf"
        path.write_bytes(broken)
        assert said in imports.refusal(path)
    path.write_bytes(data[:40])
    assert "ends at offset 0x28, within the ELF header" in imports.refusal(path)
    assert "a firmware that mmp knows" in imports.refusal(imports.image("clang-64", tmp_path / "other.elf", "-Wl,--defsym,"
                                                         "__vcore_unpg_rx_size=__vcore_unpg_rx_start"))


# --- conf.mk ---------------------------------------------------------------------------------


def test_a_configuration_alone_lacks_the_link_and_says_so():
    said = imports.refusal(imports.SAMPLE / "conf.mk")
    assert "layout" in said and "linked image" in said


def test_a_configuration_of_a_release_that_needs_no_link_says_that_regions_are_missing(tmp_path):
    settings = tmp_path / "conf.mk"
    settings.write_text((imports.SAMPLE / "conf.mk").read_text() + "CFG_OPTEE_REVISION_MAJOR=3\nCFG_OPTEE_REVISION_MINOR=4\n"
                        "CFG_CORE_RWDATA_NOEXEC=n\n")
    answer = imports.result(settings)
    assert answer["document"]["registrations"] == []
    assert any("which regions are registered" in remark for remark in answer["remarks"])


def test_expressions_of_the_configuration_are_evaluated(tmp_path):
    document = imports.result(imports.SAMPLE)["document"]
    assert document["config"]["reserved_vaspace_size"] == "0xa00000"
    assert document["config"]["trusted_dram"] == {"base": "0xe100000", "size": "0xf00000"}
    broken = tmp_path / "conf.mk"
    broken.write_text((imports.SAMPLE / "conf.mk").read_text().replace("(1024 * 1024 * 10)", "(1024 * MANY)"))
    answer = imports.result(broken, imports.SAMPLE / "core" / "tee.elf")
    assert any("CFG_RESERVED_VASPACE_SIZE" in remark and "MANY" in remark for remark in answer["remarks"])


UNKEYED = ["CFG_CORE_SEL2_SPMC", "CFG_CORE_EL3_SPMC", "CFG_CORE_PREALLOC_EL0_TBLS", "CFG_TRANSFER_LIST",
           "CFG_CORE_TPM_EVENT_LOG", "CFG_CORE_DYN_PROTMEM"]


def test_options_without_a_key_are_said(tmp_path):
    settings = tmp_path / "conf.mk"
    settings.write_text((imports.SAMPLE / "conf.mk").read_text() + "".join(f"{one}=y\n" for one in UNKEYED))
    remarks = imports.result(settings, imports.SAMPLE / "core" / "tee.elf")["remarks"]
    assert [one for one in UNKEYED if not any(remark.startswith(f"{one}=y ") for remark in remarks)] == []


@pytest.mark.parametrize("major, minor, rules", [(4, 10, "optee-4.10"), (3, 18, "optee-3.18"), (4, 99, "optee-4.10")])
def test_the_release_is_that_of_the_configuration_or_the_nearest_earlier_one(tmp_path, major, minor, rules):
    elf = imports.image("clang-64", tmp_path / "tee.elf", debug="-g0")
    data = elf.read_bytes().replace(b"4.10.0-257-gd5001fe0a", b"nobody said which one")
    elf.write_bytes(data)
    settings = tmp_path / "conf.mk"
    settings.write_text("".join(line for line in (imports.SAMPLE / "conf.mk").read_text().splitlines(True)
                                if "REVISION" not in line and "version" not in line) +
                        f"CFG_OPTEE_REVISION_MAJOR={major}\nCFG_OPTEE_REVISION_MINOR={minor}\n")
    answer = imports.result(elf, settings)
    assert answer["document"]["rules"].startswith(rules)
    assert any("nearest earlier" in remark for remark in answer["remarks"]) == (minor == 99)


# --- merging ---------------------------------------------------------------------------------


def test_the_board_counts_more_than_the_image_and_the_image_more_than_the_configuration(tmp_path):
    settings = tmp_path / "conf.mk"
    settings.write_text((imports.SAMPLE / "conf.mk").read_text().replace("CFG_TZDRAM_START=0x0e100000",
                                                                 "CFG_TZDRAM_START=0x0e200000")
                        .replace("(1024 * 1024 * 10)", "(1024 * 1024 * 12)"))
    answer = imports.result(settings, imports.SAMPLE / "core" / "tee.elf", imports.LOGS / "noaslr.log")
    config = answer["document"]["config"]
    assert config["trusted_dram"]["base"] == "0xe100000" and config["reserved_vaspace_size"] == "0xa00000"
    said = {one["key"]: one for one in answer["disagreements"] if "key" in one}
    assert said["trusted_dram.base"]["from"].startswith("linked image: tee.elf")
    assert said["trusted_dram.base"]["instead_of"][0]["value"] == "0xe200000"
    assert said["trusted_dram.base"]["instead_of"][0]["from"].startswith("configuration: conf.mk")
    assert said["reserved_vaspace_size"]["from"].startswith("board: noaslr.log line ")


def test_registrations_that_differ_are_said_one_by_one(tmp_path):
    log = tmp_path / "boot.log"
    log.write_text((imports.LOGS / "noaslr.log").read_text().replace("CONSOLE_UART_BASE type IO_SEC 0x09000000",
                                                             "CONSOLE_UART_BASE type IO_SEC 0x0a000000"))
    answer = imports.result(imports.SAMPLE, log)
    one, = [one for one in answer["disagreements"] if one.get("section") == "phys_mem_map"]
    assert (one["from"], one["instead_of"]) == ("boot.log", "core/tee.elf")
    assert one["only_here"] == ['MEM_AREA_IO_SEC "CONSOLE_UART_BASE" 0xa000000+0x200000']
    assert one["only_there"] == ['MEM_AREA_IO_SEC "CONSOLE_UART_BASE" 0x9000000+0x200000']


def test_the_kind_of_a_file_is_told_by_its_content(tmp_path):
    for name, source in [("a.log", imports.SAMPLE / "core" / "tee.elf"), ("b.elf", imports.SAMPLE / "conf.mk"),
                         ("conf.mk", imports.LOGS / "noaslr.log")]:
        shutil.copy(source, tmp_path / name)
    answer = imports.result(tmp_path / "a.log", tmp_path / "b.elf", tmp_path / "conf.mk")
    assert [one["kind"] for one in answer["files"]] == ["elf", "settings", "log"]


def test_a_core_fills_in_what_no_build_says():
    config = imports.result(imports.SAMPLE, "--cpu", "Cortex-A57")["document"]["config"]
    assert config["cpu"] == {"parange": 4, "bti": False, "mte": False}
    assert "cpu.parange" in {one["key"] for one in imports.result(imports.SAMPLE)["defaults"]}
    assert "cortex-a57" in imports.refusal(imports.SAMPLE, "--cpu", "cortex-a5x7")


def test_the_folder_of_the_core_finds_the_configuration_above_it(tmp_path):
    shutil.copytree(imports.SAMPLE, tmp_path / "out")
    (tmp_path / "out" / "core" / "main.o").write_bytes(b"\x7fELF\x02\x01" + bytes(100))
    (tmp_path / "out" / "core" / "notes.txt").write_text("nothing = here\n")
    for folder in [tmp_path / "out", tmp_path / "out" / "core"]:
        answer = imports.result(folder)
        assert {one["kind"] for one in answer["files"]} == {"elf", "settings"}, folder
    assert "in this folder" in imports.refusal(imports.LOGS, status=3)


# --- the sample build, a kept platform ----------------------------------------------------------


def test_the_image_of_the_sample_build_is_what_the_source_makes(tmp_path):
    elf = imports.image("clang-64", tmp_path / "tee.elf", "-DLINES=1509")
    made, kept = (imports.result(imports.SAMPLE / "conf.mk", path)["document"] for path in (elf, imports.SAMPLE / "core" / "tee.elf"))
    assert imports.registrations(made) == imports.registrations(kept) and made["config"] == kept["config"]
    assert made["rules"] == kept["rules"]


def test_an_imported_platform_says_where_each_value_is_from(tmp_path):
    with mmp.Daemon(tmp_path) as daemon:
        done = daemon.mmpctl("platform", "import", imports.SAMPLE, "--name", "desk", "--put")
        assert done.returncode == 0 and "Stored as revision 1 of desk" in done.stdout, done.stderr
        document = daemon.call("platform.get", name="desk")["document"]
        sources = document["sources"]
        threads, = [one for one in sources["values"] if one["key"] == "num_threads"]
        assert (threads["file"], threads["what"]) == ("conf.mk", "CFG_NUM_THREADS")
        assert (imports.SAMPLE / "conf.mk").read_text().splitlines()[threads["line"] - 1] == "CFG_NUM_THREADS=2"
        said = daemon.mmpctl("platform", "get", "desk").stdout
        assert "CFG_NUM_THREADS" in said and sources["files"][0]["sha256"][:12] in said


def test_a_rebuild_is_imported_again_and_says_what_changed(tmp_path):
    out = tmp_path / "out"
    shutil.copytree(imports.SAMPLE, out)
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
    document = imports.result(imports.SAMPLE)["document"]
    document["waivers"] = [{"finding": "no-ddr", "reason": "it is in the device tree", "who": "us"}]
    path = tmp_path / "platform.json"
    path.write_text(json.dumps(document))
    assert imports.result(imports.SAMPLE, path)["document"]["waivers"] == document["waivers"]


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
    done = imports.run("--local", "layout", "compute", path, status=2)
    assert said in done.stderr, done.stderr


def test_without_a_daemon_the_document_goes_to_stdout_and_words_to_stderr():
    done = imports.run("platform", "import", imports.SAMPLE, "--name", "desk")
    document = json.loads(done.stdout)
    assert document["name"] == "desk" and "values imported" in done.stderr
    again = imports.run("platform", "import", "-", stdin=done.stdout)
    assert json.loads(again.stdout)["config"] == document["config"]


# --- TF-A ------------------------------------------------------------------------------------------

TFA_LOG = mmp.TOP / "tests" / "vectors" / "tfa-2.15" / "log" / "qemu_bl31.log"


@pytest.mark.parametrize("log", sorted([*imports.LOGS.glob("*.log"), *(imports.LOGS.parent / "logs-releases").glob("*.log")]),
                         ids=lambda log: log.stem)
def test_what_the_log_of_a_boot_says_boots(tmp_path, log):
    """None of them may have a finding of severity error, and all but one have a map that is the computed one."""
    if log.stem == "default":  # a boot that says nothing of its map
        assert "a firmware that mmp knows" in imports.refusal(log)
        return
    document = tmp_path / "document.json"
    imports.run("platform", "import", log, "--output", document)
    answer = json.loads(imports.run("--local", "--json", "layout", "compute", document).stdout)
    assert answer["verdict"] == "boots", [one for one in answer["findings"] if one["severity"] == "error"]
    assert imports.run("layout", "verify", document, log).returncode == 0


def test_a_log_of_tfa_is_its_platform_and_verifies(tmp_path):
    document = imports.result(TFA_LOG)["document"]
    assert (document["rules"], document["config"]["regime"]) == ("tfa-2.15", "el3")
    assert document["config"]["max_xlat_tables"] == 6 and document["config"]["va_space"] == "0x100000000"
    assert [one["op"] for one in document["registrations"]] == ["add"] * 7 + ["init"]
    path = tmp_path / "bl31.json"
    path.write_text(json.dumps(document))
    assert imports.verify(path, TFA_LOG)["compared"] == 7


def test_a_log_of_all_boot_stages_is_a_platform_for_each(tmp_path):
    log = TFA_LOG.read_text()
    every = tmp_path / "boot.log"
    every.write_text("NOTICE:  BL1: v2.15\r\n" + log + "NOTICE:  BL2: v2.15\n" + log.replace("EL3", "EL1&0") +
                     "NOTICE:  BL31: v2.15\n" + log.replace("out of 6", "out of 7"))
    documents = [one["document"] for one in imports.result(every, "--name", "desk")["platforms"]]
    assert [(one["name"], one["config"]["regime"], one["config"]["max_xlat_tables"]) for one in documents] == [
        ("desk-bl1", "el3", 6), ("desk-bl2", "el1", 6), ("desk-bl31", "el3", 7)]
    output = tmp_path / "all.json"
    imports.run("platform", "import", every, "--output", output)
    assert [one["name"] for one in json.loads(output.read_text())] == ["bl1", "bl2", "bl31"]


@pytest.mark.parametrize("compiler", imports.COMPILERS)
def test_an_image_of_tfa_is_read_by_its_symbols(tmp_path, compiler):
    words = imports.COMPILERS[compiler]
    if not shutil.which(words[0]):
        pytest.skip(f"no {words[0]} here")
    elf = tmp_path / "bl31.elf"
    symbols = {"__TEXT_START__": 0xe090000, "__TEXT_END__": 0xe09d000, "__RODATA_START__": 0xe09d000,
               "__RODATA_END__": 0xe0a0000, "__BL31_END__": 0xe0cf000}
    subprocess.run([*words, "-g", "-O1", "-ffreestanding", "-nostdlib", "-no-pie", "-Wl,--build-id=none",
                    *(f"-Wl,--defsym,{name}={value:#x}" for name, value in symbols.items()),
                    "-o", elf, "bl31.c"], cwd=imports.IMAGE, check=True, capture_output=True, timeout=mmp.DEADLINE)
    document = imports.result(elf)["document"]
    config = document["config"]
    assert (config["max_xlat_tables"], config["max_mmap_regions"], config["dynamic"]) == (6, 13, False)
    assert (config["va_space"], config["pa_space"]) == ("0x100000000", "0x100000000")
    assert config["regime"] == ("el3" if compiler.endswith("64") else "el1")
    assert [(one.get("name"), one.get("pa"), one.get("size"), one.get("attr")) for one in document["registrations"]] \
        == [("BL_TOTAL", "0xe090000", "0x3f000", "0x0000000a"), ("BL_CODE", "0xe090000", "0xd000", "0x00000002"),
            ("BL_RO_DATA", "0xe09d000", "0x3000", "0x00000042"), ("", "0x8000000", "0x1000000", "0x00000008"),
            ("", "0xe100000", "0xf00000", "0x0000000a"), (None, None, None, None)]


def test_two_firmwares_are_not_one_platform():
    assert "one platform has one firmware" in imports.refusal(imports.SAMPLE, TFA_LOG, status=1)
