"""Tables of 32-bit cores, short and long descriptors, put in place and proved by the 64-bit loader on QEMU."""

import json
import os
import subprocess

import pytest

import boards
import documents
import mmp

pytestmark = pytest.mark.skipif(not boards.QEMU or not boards.LOADER.exists(),
                                reason="needs qemu-system-aarch64 and build/loader/loader.bin")
VECTORS = mmp.TOP / "tests" / "vectors"
EVERY = int(os.environ.get("MMP_EVERY_32", "15"))  # each so many-th vector; 1 for all
POOL = {"base": "0xe300000", "size": "0x40000"}


def vectors(lpae):
    """Files of every recorded 32-bit platform of OP-TEE, of all releases."""
    files = []
    for path in sorted(VECTORS.rglob("*.json")):
        vector = json.loads(path.read_text())
        if not isinstance(vector, dict) or "registrations" not in vector or "tfa" in str(path):
            continue
        config = vector["config"]
        if config.get("arch") == "arm32" and bool(config.get("lpae")) is lpae:
            files.append(path)
    return files


def virt():
    return json.loads((VECTORS / "optee-4.10" / "short" / "d7_000_qemu_virt.json").read_text())


@pytest.mark.parametrize("folder", ["short", "lpae"])
def test_32_bit_tables_go_live_and_are_proved_by_the_64_bit_loader(tmp_path, folder):
    chosen = vectors(lpae=folder == "lpae")[::EVERY]
    with boards.qemu(tmp_path) as board:
        run = subprocess.run([mmp.BUILD / "tests" / "board_vector", board.line, *chosen], env=mmp.environment(),
                             capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    rows = [row.rsplit(": ", 1)[-1] for row in run.stdout.splitlines()]
    proved = [row for row in rows if "addresses" in row]
    asked = sum(int(row.split()[0]) for row in proved)
    print(f"{folder}: {len(proved)} of {len(chosen)} proved at {asked} addresses, {rows.count('stops')} stop the firmware")
    assert len(rows) == len(chosen) and proved and len(proved) + rows.count("stops") == len(chosen), run.stdout
    assert all(" 0 differ" in row for row in proved), run.stdout


def make_build(client):
    return client.call("build.create", platform=virt(), pool=POOL)["id"]


@pytest.mark.parametrize("cpu", ["cortex-a76", "neoverse-n1"])
def test_a_core_without_aarch32_at_el1_refuses_in_words(daemon, tmp_path, cpu):
    with boards.qemu(tmp_path, cpu=cpu) as board, daemon.client() as client:
        client.call("board.put", name="desk", line=board.line)
        assert client.call("board.probe", name="desk")["aarch32"] is False
        done = client.call("job.watch", job=client.call("push.start", build=make_build(client), board="desk")["job"])
        assert done["state"] == "failed" and "no AArch32 at EL1" in done["error"]["message"]


def test_64_bit_and_32_bit_builds_follow_each_other(daemon, tmp_path):
    with boards.qemu(tmp_path) as board, daemon.client() as client:
        client.call("board.put", name="desk", line=board.line)
        builds = [client.call("build.create", platform=documents.platform(), pool=documents.POOL)["id"],
                  make_build(client)]
        for build in builds + builds:
            done = client.call("job.watch", job=client.call("push.start", build=build, board="desk")["job"])
            assert done["state"] == "done" and done["report"]["proof"]["differences"] == [], done
