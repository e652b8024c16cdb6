"""Device trees: what a platform takes from them, and check --tree."""

import json
import shutil
import subprocess

import pytest

import imports
import mmp


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
    answer = imports.result(imports.SAMPLE, path, "--rules", rules)
    assert answer["document"]["config"]["aslr_seed"] == seed


@pytest.mark.skipif(not shutil.which("dtc"), reason="no dtc here")
def test_memory_of_a_device_tree_becomes_dram(tmp_path):
    path = tree(tmp_path, """/ { #address-cells = <2>; #size-cells = <1>;
        memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0x10000000>, <1 0 0x20000000>; };
        memory@e000000 { device_type = "memory"; reg = <0 0xe000000 0x1000000>; status = "disabled";
                         secure-status = "okay"; };
        memory@0 { device_type = "memory"; reg = <0 0 0>; }; };""")
    answer = imports.result(imports.SAMPLE, path)
    assert [(one["base"], one["size"], one["note"]) for one in answer["document"]["dram"]] == [
        ("0x80000000", "0x10000000", "DDR of the normal world"),
        ("0x100000000", "0x20000000", "DDR of the normal world"),
        ("0xe000000", "0x1000000", "secure memory")]
    path = tree(tmp_path, """/ { #address-cells = <2>; #size-cells = <1>;
        memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0x10000000>; }; };""")
    document = imports.result(imports.SAMPLE, path, imports.LOGS / "noaslr.log")["document"]
    assert [(one["base"], one["note"]) for one in document["dram"]] == [
        ("0x40000000", "DDR of the normal world"), ("0xe100000", "secure memory of the platform")]
    assert "dram" not in imports.result(imports.SAMPLE, imports.LOGS / "noaslr.log")["document"]
    assert any("size 0" in remark for remark in answer["remarks"])


@pytest.mark.parametrize("path", sorted(imports.TREES.glob("*.dtb")), ids=lambda path: path.stem)
def test_a_recorded_device_tree_reads_as_it_was_written_down(path):
    expected = json.loads(path.with_suffix(".json").read_text())
    dram = imports.result(imports.SAMPLE, path)["document"]["dram"]
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
    data = bytearray((imports.TREES / "m1057_smp1_gicv2.dtb").read_bytes())
    first = int.from_bytes(data[8:12], "big") + 8  # the token behind the root's name
    for offset, value in patch.items():
        offset = first if offset == "token" else offset
        data[offset:offset + 4] = value.to_bytes(4, "big")
    path = tmp_path / "broken.dtb"
    path.write_bytes(data[:size])
    message = imports.refusal(imports.SAMPLE, path)
    assert message.startswith("broken.dtb: ") and said in message


# --- check --tree --------------------------------------------------------------------------------


def check(tmp_path, source, status):
    done = imports.run("--local", "--json", "check", mmp.TOP / "platforms" / "qemu-armv8a.json", "--tree",
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
