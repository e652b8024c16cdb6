"""Every form of build.export, read back by a tool that is not ours."""

import json
import pathlib
import re
import shutil
import subprocess

import pytest

import documents
import mmp

REAL = mmp.TOP / "tests" / "vectors" / "real"
FORMATS = ["raw", "ihex", "srec", "c", "asm", "elf", "ld", "dts", "json", "log", "gdb", "openocd"]
POOL = 0xe1c4000

# A 64-bit platform, a 32-bit one with long descriptors and one with short ones: text and bytes of each.
VECTORS = {"arm64": documents.QEMU}
for path in sorted((mmp.TOP / "tests" / "vectors" / "optee-4.10").rglob("*.json")):
    vector = json.loads(path.read_text())
    if not vector.get("config", {}).get("trusted_dram") or vector.get("output", {}).get("error"):
        continue
    kind = ("lpae32" if vector["config"].get("lpae") else "short") if vector["config"].get("arch") == "arm32" else None
    if kind and kind not in VECTORS:
        VECTORS[kind] = vector


def pool_of(document):
    secure = document["config"]["trusted_dram"]
    end = int(str(secure["base"]), 0) + int(str(secure["size"]), 0)
    return f"{hex((end - 0x200000) & ~0xffff)}+512K"


def export(document, form, tmp_path, pool=None):
    """The export of a document as a file, and the path of it."""
    source = tmp_path / "platform.json"
    source.write_text(json.dumps(document))
    target = tmp_path / f"tables.{form}"
    done = mmp.mmpctl("--local", "build", "export", "--platform", source, "--pool", pool or pool_of(document),
                      "--accept-findings", "--format", form, "--output", target)
    assert done.returncode == 0, done.stderr
    return target


def tool(*words, **more):
    if not shutil.which(words[0]):
        pytest.skip(f"{words[0]} is not installed")
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, timeout=mmp.DEADLINE, **more)


@pytest.fixture(params=sorted(VECTORS))
def document(request):
    return VECTORS[request.param]


def test_every_kind_of_descriptor_is_among_the_documents():
    assert sorted(VECTORS) == ["arm64", "lpae32", "short"]


@pytest.mark.parametrize("form, bfd", [("ihex", "ihex"), ("srec", "srec")])
def test_objcopy_reads_hex_back_as_the_raw_bytes(document, form, bfd, tmp_path):
    raw, text = export(document, "raw", tmp_path), export(document, form, tmp_path)
    tool("objcopy", "-I", bfd, "-O", "binary", text, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == raw.read_bytes()
    table = tool("objdump", "-h", "-b", bfd, text).stdout.decode()
    assert int(pool_of(document).split("+")[0], 16) == min(
        int(line.split()[3], 16) for line in table.splitlines() if re.match(r"\s+\d+ \.sec", line))


def test_readelf_and_objcopy_read_elf_back(document, tmp_path):
    raw, elf = export(document, "raw", tmp_path), export(document, "elf", tmp_path)
    arm32 = document["config"].get("arch") == "arm32"
    tool(f"{'arm-linux-gnueabihf' if arm32 else 'aarch64-linux-gnu'}-objcopy", "-O", "binary", elf, tmp_path / "back")
    header = tool("readelf", "-h", elf).stdout.decode()
    assert re.search(r"Class:\s+ELF32" if arm32 else r"Class:\s+ELF64", header)
    assert re.search(r"Machine:\s+ARM\n" if arm32 else r"Machine:\s+AArch64\n", header)
    assert tool("readelf", "-aW", elf).stderr == b""
    assert (tmp_path / "back").read_bytes() == raw.read_bytes()
    segments = [line.split() for line in tool("readelf", "-lW", elf).stdout.decode().splitlines()
                if line.strip().startswith("LOAD")]
    pool = int(pool_of(document).split("+")[0], 16)
    assert len(segments) == 1 and int(segments[0][2], 16) == int(segments[0][3], 16) == pool
    symbols = {line.split()[-1]: int(line.split()[1], 16)
               for line in tool("readelf", "-sW", elf).stdout.decode().splitlines() if " OBJECT " in line}
    listed = json.loads(export(document, "json", tmp_path).read_text())["tables"]
    assert sorted(symbols.values()) == sorted([pool] + [int(one["pa"], 16) for one in listed])


@pytest.mark.parametrize("assembler", [("as",), ("aarch64-linux-gnu-as",),
                                       ("clang", "--target=aarch64-none-elf", "-c", "-x", "assembler"),
                                       ("clang", "--target=arm-none-eabi", "-c", "-x", "assembler")])
def test_gas_and_clang_assemble_it_to_the_raw_bytes(document, assembler, tmp_path):
    raw, source = export(document, "raw", tmp_path), export(document, "asm", tmp_path)
    tool(*assembler, source, "-o", tmp_path / "tables.o")
    tool("llvm-objcopy" if shutil.which("llvm-objcopy") else "aarch64-linux-gnu-objcopy" if "aarch64" in str(assembler)
         else "objcopy", "-O", "binary", "-j", ".mmp_tables", tmp_path / "tables.o", tmp_path / "back") \
        if "arm-none" not in str(assembler) else None
    if (tmp_path / "back").exists():
        assert (tmp_path / "back").read_bytes() == raw.read_bytes()


def test_a_linker_places_them_with_the_fragment(tmp_path):
    document = VECTORS["arm64"]
    raw, source, fragment = (export(document, form, tmp_path) for form in ("raw", "asm", "ld"))
    tool("as", source, "-o", tmp_path / "tables.o")
    tool("ld", "-T", fragment, tmp_path / "tables.o", "-o", tmp_path / "linked")
    tool("objcopy", "-O", "binary", "-j", ".mmp_tables", tmp_path / "linked", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == raw.read_bytes()
    symbols = {line.split()[2]: int(line.split()[0], 16)
               for line in tool("nm", tmp_path / "linked").stdout.decode().splitlines()}
    assert symbols["mmp_tables"] == symbols["mmp_tables_pa"] == int(pool_of(document).split("+")[0], 16)
    assert symbols["mmp_base_0_0"] == symbols["mmp_base_0_0_pa"]


def test_a_compiler_makes_the_same_words_of_c(document, tmp_path):
    """Each array, table for table, against what the JSON form lists."""
    source = export(document, "c", tmp_path)
    listed = json.loads(export(document, "json", tmp_path).read_text())["tables"]
    names = re.findall(r"^const uint(?:32|64)_t (mmp_(?:base|table)_\w+)\[", source.read_text(), re.M)
    assert len(names) == len(listed)
    main = tmp_path / "main.c"
    main.write_text('#include <stdio.h>\n#include "tables.c"\nint main(void)\n{\n' + "".join(
        f'\tfor (unsigned n = 0; n < sizeof({name}) / sizeof({name}[0]); n++)\n'
        f'\t\tif ({name}[n])\n\t\t\tprintf("{index} %u %llx\\n", n, (unsigned long long){name}[n]);\n'
        for index, name in enumerate(names)) + "\treturn 0;\n}\n")
    tool("cc", "-Wall", "-Werror", "-I", tmp_path, main, "-o", tmp_path / "main")
    printed = tool(tmp_path / "main").stdout.decode().split("\n")[:-1]
    expected = [f"{index} {n} {int(word, 16):x}" for index, one in enumerate(listed) for n, word in one["descriptors"]]
    assert printed == expected and expected


def test_dtc_reads_the_node_and_it_has_the_secure_memory(tmp_path):
    source = export(VECTORS["arm64"], "dts", tmp_path)
    done = tool("dtc", "-I", "dts", "-O", "dtb", "-o", tmp_path / "tables.dtb", source)
    assert done.stderr == b""
    names = tool("fdtget", "-l", tmp_path / "tables.dtb", "/reserved-memory").stdout.decode().split()
    assert names == ["secure@e100000", "shared@42000000"]
    cells = tool("fdtget", "-t", "x", tmp_path / "tables.dtb", "/reserved-memory/secure@e100000", "reg")
    assert cells.stdout.decode().split() == ["0", "e100000", "0", "f00000"]


def test_json_holds_the_tables_that_layout_compute_answers(document, tmp_path):
    value = json.loads(export(document, "json", tmp_path).read_text())
    source = tmp_path / "platform.json"
    computed = json.loads(mmp.mmpctl("--local", "--json", "layout", "compute", source).stdout)
    for ours, theirs in zip(value["tables"], computed["tables"], strict=True):
        listed = dict((n, int(word, 16)) for n, word in ours["descriptors"])
        for n, word in theirs["descriptors"]:
            assert listed.pop(n) == int(word, 16)
        assert sorted(listed) == sorted(n for n, _, _ in theirs["next_tables"])


# --- the map as the firmware prints it -----------------------------------------------------------

def real_map(text):
    return re.findall(r"dump_mmap_table:\d+ (.*\n)", text)


@pytest.mark.parametrize("name", sorted(path.stem for path in (mmp.TOP / "tests" / "logs").glob("*.log")))
def test_diff_with_the_log_of_a_real_boot_finds_nothing(name, tmp_path):
    document = json.loads((REAL / f"real_{name}.json").read_text())
    printed = (mmp.TOP / "tests" / "logs" / f"{name}.log").read_text()
    ours = export(document, "log", tmp_path)
    (tmp_path / "theirs").write_text("".join(real_map(printed)))
    assert real_map(printed)
    tool("diff", ours, tmp_path / "theirs")


# --- scripts of debuggers --------------------------------------------------------------------------

def test_gdb_runs_its_script_as_far_as_the_target(tmp_path):
    """Without a target gdb cannot restore; that it reads every other command is what is looked at."""
    script = export(VECTORS["arm64"], "gdb", tmp_path)
    lines = [line for line in script.read_text().splitlines() if not line.startswith("#")]
    raw = re.fullmatch(r"restore (mmp-[0-9a-f]{12}\.bin) binary 0x([0-9a-f]+)", lines[0])
    assert raw and int(raw[2], 16) == int(pool_of(VECTORS["arm64"]).split("+")[0], 16)
    (tmp_path / "sets.gdb").write_text("\n".join(lines[1:]) + "\nprintf \"%llx\\n\", $TTBR0_EL1\n")
    done = tool("gdb", "-q", "-batch", "-nx", "-x", tmp_path / "sets.gdb")
    assert int(done.stdout.split()[-1], 16) == int(raw[2], 16)
    assert {line.split()[1] for line in lines[1:]} == {"$TCR_EL1", "$MAIR_EL1", "$TTBR0_EL1"}


@pytest.mark.parametrize("kind, commands", [("arm64", {"load_image", "verify_image", "reg"}),
                                            ("short", {"load_image", "verify_image", "arm"})])
def test_tcl_reads_the_script_for_openocd(kind, commands, tmp_path):
    script = export(VECTORS[kind], "openocd", tmp_path)
    (tmp_path / "stub.tcl").write_text("".join(f"proc {name} args {{puts \"{name} $args\"}}\n" for name in commands) +
                                       f"source {script}\n")
    said = tool("tclsh", tmp_path / "stub.tcl").stdout.decode().splitlines()
    assert {line.split()[0] for line in said} == commands


# --- what holds for all ----------------------------------------------------------------------------

@pytest.mark.parametrize("form", FORMATS)
def test_the_same_build_gives_the_same_bytes(daemon, form, tmp_path):
    daemon.call("platform.put", document=documents.platform("board"))
    build = daemon.call("build.create", platform="board", pool={"base": hex(POOL), "size": "64K"})["id"]
    kept = daemon.call("build.export", id=build[:12], format=form)
    assert kept["id"] == build and kept["format"] == form
    fresh = daemon.call("build.export", platform=documents.platform("board"),
                        pool={"base": hex(POOL), "size": "64K"}, format=form)
    assert fresh == kept


def test_help_names_every_form():
    words = mmp.mmpctl("build", "export", "--help").stdout
    assert all(form in words for form in FORMATS)


def test_addresses_past_32_bits_are_refused_where_the_form_has_no_room(tmp_path):
    document = json.loads(json.dumps(documents.QEMU).replace("0xe1", "0x10e1"))
    document["config"]["va_bits"] = document["config"]["pa_bits"] = 40
    source = tmp_path / "high.json"
    source.write_text(json.dumps(document))
    for form, status in (("ihex", 2), ("srec", 2), ("elf", 0), ("asm", 0)):
        done = mmp.mmpctl("--local", "build", "export", "--platform", source, "--pool", "0x10e1c4000+64K",
                          "--accept-findings", "--format", form, "--output", tmp_path / form)
        assert done.returncode == status, done.stderr
        if status:
            assert "32 bits" in done.stderr and "raw and elf" in done.stderr


def test_text_may_go_to_a_terminal_and_bytes_may_not(tmp_path):
    import pty
    source = tmp_path / "p.json"
    source.write_text(json.dumps(documents.QEMU))
    for form, status in (("raw", 2), ("log", 0)):
        ours, theirs = pty.openpty()
        done = subprocess.run([mmp.BUILD / "mmpctl", "--local", "build", "export", "--platform", source, "--pool",
                               "0xe1c4000+64K", "--format", form], stdout=theirs, stderr=subprocess.PIPE,
                              env=mmp.environment(), timeout=mmp.DEADLINE)
        assert done.returncode == status


def test_one_of_build_and_platform_must_be_given(daemon):
    with pytest.raises(mmp.Failure, match="either id or platform"):
        daemon.call("build.export")
    with pytest.raises(mmp.Failure, match="is not one of"):
        daemon.call("build.export", id="00000000", format="pdf")
