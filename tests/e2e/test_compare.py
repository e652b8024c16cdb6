"""build.compare: a build against memory read out of a board, through the socket and the client."""

import base64
import json
import struct

import pytest

import mmp

REAL = mmp.TOP / "tests" / "vectors" / "real"


@pytest.fixture
def build(daemon):
    made = daemon.call("build.create", platform=json.loads((REAL / "real_default.json").read_text()),
                       placement="firmware")
    made["memory"] = bytearray(base64.b64decode(daemon.call("build.export", id=made["id"])["bytes"]))
    made["base"] = int(made["manifest"]["pool"]["pa"], 16)
    return made


def dump(build, first=0, end=None):
    return {"address": hex(build["base"] + first),
            "bytes": base64.b64encode(build["memory"][first:end]).decode()}


def flip(daemon, build, va, bit):
    """Flip a bit of the descriptor that maps va; the descriptor before and after."""
    last = daemon.call("build.walk", id=build["id"], va=va)["path"][-1]
    at = int(last["table_pa"], 16) - build["base"] + 8 * last["index"]
    was, = struct.unpack_from("<Q", build["memory"], at)
    struct.pack_into("<Q", build["memory"], at, was ^ 1 << bit)
    return was, was ^ 1 << bit


def test_memory_as_it_was_built_is_the_same(daemon, build):
    answer = daemon.call("build.compare", id=build["id"], dump=[dump(build)])
    assert answer["same"] and answer["differences"] == [] and answer["uncovered"] == []
    assert answer["id"] == build["id"] and answer["compared"] == 8 * 4 + 7 * 512


def test_a_changed_descriptor_is_named_with_table_region_and_fields(daemon, build):
    was, now = flip(daemon, build, "0xe100000", 7)
    answer = daemon.call("build.compare", id=build["id"], dump=[dump(build)])
    one, = answer["differences"]
    assert not answer["same"] and one["region"]["type"] == "MEM_AREA_IDENTITY_MAP_RX"
    assert one["table"]["level"] == 3 and one["va"] == "0xe100000" and one["count"] == 1
    assert (int(one["expected"]["descriptor"], 16), int(one["found"]["descriptor"], 16)) == (was, now)
    assert one["changes"] == ["was read-only, is writable"]
    assert one["alarms"] == ["write-and-execute", "made-writable"]
    assert [field["name"] for field in one["fields"]] == ["AP[2]"]


def test_a_platform_and_a_placement_do_in_place_of_a_build(daemon, build):
    platform = json.loads((REAL / "real_default.json").read_text())
    answer = daemon.call("build.compare", platform=platform, placement="firmware",
                         dump=[dump(build, 0, 0x100), dump(build, 0x3000)])
    assert answer["same"] and answer["not_covered"] == 0 and answer["id"] == build["id"]
    with pytest.raises(mmp.Failure, match="give either id or platform"):
        daemon.call("build.compare", dump=[dump(build)])


def test_the_client_reads_files_and_says_no_with_status_4(daemon, build, tmp_path):
    whole, first, rest = tmp_path / "whole.bin", tmp_path / "first.bin", tmp_path / "rest.bin"
    whole.write_bytes(build["memory"])
    same = daemon.mmpctl("build", "compare", build["id"], "--address", hex(build["base"]), "--file", whole)
    assert same.returncode == 0, same.stderr
    flip(daemon, build, "0xe100000", 5)
    first.write_bytes(build["memory"][:0x4000])
    rest.write_bytes(build["memory"][0x4000:])
    words = ("build", "compare", build["id"][:12], "--address", hex(build["base"]), "--file", first,
             "--address", hex(build["base"] + 0x4000), "--file", rest)
    differs = daemon.mmpctl(*words)
    assert differs.returncode == 4 and "security-flip" in differs.stdout
    assert "was secure, is non-secure" in differs.stdout and differs.stderr == ""
    value = daemon.mmpctl("--json", *words)
    assert value.returncode == 4 and json.loads(value.stdout)["differing"] == 1


@pytest.mark.parametrize("words, says", [
    (["--file", "FILE"], "--address ADDRESS must come before it"),
    (["--address", "0x1000"], "--file FILE after each --address"),
    (["--address", "0x1000", "--file", "FILE", "--file", "FILE"], "--address ADDRESS must come before it"),
    (["--address", "0x1000", "--file", "FILE"], "dump: holds nothing of the build's tables"),
])
def test_a_dump_that_cannot_be_is_refused(daemon, build, tmp_path, words, says):
    file = tmp_path / "some.bin"
    file.write_bytes(b"something")
    refused = daemon.mmpctl("build", "compare", build["id"], *[file if word == "FILE" else word for word in words])
    assert refused.returncode == 2 and says in refused.stderr, refused.stderr


def test_a_missing_file_is_not_found(daemon, build, tmp_path):
    refused = daemon.mmpctl("build", "compare", build["id"], "--address", "0", "--file", tmp_path / "none")
    assert refused.returncode == 3


def overwrite(daemon, build, va, word):
    """Put another word in place of the descriptor that maps va."""
    last = daemon.call("build.walk", id=build["id"], va=va)["path"][-1]
    struct.pack_into("<Q", build["memory"], int(last["table_pa"], 16) - build["base"] + 8 * last["index"], word)


def region_of(build, name):
    return next(one for one in build["manifest"]["plan"] if one["type"] == name)


def test_what_the_firmware_does_after_boot_is_told_apart(daemon, build):
    config = build["manifest"]["platform"]["config"]
    free = int(config["layout"]["free"]["start"], 16)
    rw = region_of(build, "MEM_AREA_TEE_RAM_RW")
    freed = int(rw["va"], 16) + free + 0x10000 - int(rw["pa"], 16)
    for page in range(3):
        overwrite(daemon, build, hex(freed + page * 0x1000), 0)
    answer = daemon.call("build.compare", id=build["id"], dump=[dump(build)])
    one, = answer["differences"]
    assert answer["same"] and (answer["differing"], answer["later"]) == (3, 3)
    assert one["later"] == "boot memory that is freed" and answer["alarms"] == []
    overwrite(daemon, build, rw["va"], 0)
    answer = daemon.call("build.compare", id=build["id"], dump=[dump(build)])
    assert not answer["same"] and (answer["differing"], answer["later"]) == (4, 3)
    assert [one["later"] for one in answer["differences"]].count(None) == 1
    assert [one["id"] for one in answer["alarms"]] == ["unmapped"]


@pytest.mark.parametrize("byte, said", [(0x00, "0x00"), (0xff, "0xff")])
def test_a_dump_of_nothing_is_called_that(daemon, build, byte, said):
    build["memory"][:] = bytes([byte]) * len(build["memory"])
    answer = daemon.call("build.compare", id=build["id"], dump=[dump(build)])
    assert not answer["same"] and said in answer["blank"]
    build["memory"][8] ^= 1
    assert daemon.call("build.compare", id=build["id"], dump=[dump(build)])["blank"] is None
