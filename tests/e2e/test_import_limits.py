"""Files beyond the limits of imports, and hostile ones."""

import resource
import shutil
import struct
import subprocess

import pytest

import imports
import mmp

MACROS = 1 << 20
SYMBOLS = 1 << 20
ENTRIES = 20000


@pytest.mark.parametrize("pairs, cut", [(MACROS // 2 - 1000, False), (MACROS // 2, True)])
def test_macros_over_their_limit_are_left_out_and_said(tmp_path, pairs, cut):
    many = tmp_path / "many.h"
    many.write_text("#define A 1\n#undef A\n" * pairs)
    answer = imports.result(imports.image("gcc-64", tmp_path / "tee.elf", "-imacros", many))
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
    just = imports.refusal(with_symbols(tmp_path / "just", SYMBOLS))
    assert "a linked image with its symbols, but not of a firmware that mmp knows" in just
    assert f"more than {SYMBOLS} symbols" in imports.refusal(with_symbols(tmp_path / "over", SYMBOLS + 1), status=1)


def test_a_folder_is_looked_through_up_to_so_many_files(tmp_path):
    for name in ("conf.mk", "tee.elf"):
        shutil.copy(imports.SAMPLE / name if (imports.SAMPLE / name).exists() else imports.SAMPLE / "core" / name, tmp_path / f"z-{name}")
    for n in range(ENTRIES - 2):
        (tmp_path / f"{n:05}").touch()
    assert not any("more than" in remark for remark in imports.result(tmp_path)["remarks"])
    (tmp_path / "more").touch()
    (tmp_path / "most").touch()
    assert "among the first files" in imports.refusal(tmp_path, status=3)


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
