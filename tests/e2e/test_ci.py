"""doc/ci: the lines of both files, run in a root that has mmpctl, mmpd, a shell, and nothing else."""

import json
import os
import re
import shutil
import subprocess

import pytest

import documents
import mmp

FILES = ["github.yml", "gitlab.yml"]


def commands(name):
    """The lines of a pipeline that are mmpctl's."""
    text = (mmp.TOP / "doc" / "ci" / name).read_text()
    return [re.sub(r"^\s*-\s+", "", line).strip() for line in text.splitlines() if "mmpctl --local" in line]


def libraries(program):
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=True)
    return re.findall(r"(/\S+) \(0x", done.stdout)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("chroot is for root")
    folder = tmp_path_factory.mktemp("root")
    for program, place in ((mmp.BUILD / "mmpctl", "usr/bin"), (mmp.BUILD / "mmpd", "usr/sbin"), ("/bin/dash", "bin")):
        for source in (program, *libraries(program)):
            target = folder / (f"{place}/{program.name}" if source == program and place != "bin" else str(source)[1:])
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    (folder / "bin" / "sh").symlink_to("dash")
    (folder / "dev").mkdir()
    os.mknod(folder / "dev" / "null", 0o20666, os.makedev(1, 3))
    (folder / "proc").mkdir()
    subprocess.run(["mount", "-t", "proc", "proc", folder / "proc"], check=False, capture_output=True)
    (folder / "work").mkdir()
    yield folder
    subprocess.run(["umount", folder / "proc"], check=False, capture_output=True)


def run(root, command):
    return subprocess.run(["chroot", root, "/bin/sh", "-c", f"cd /work && {command}"], capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/usr/sbin:/bin"}, timeout=mmp.DEADLINE)


def pipeline(root, name, base, platform, waivers=()):
    """As CI runs it: line after line, until one fails. The status and what was said."""
    for file, value in (("base.json", base), ("platform.json", platform), ("waivers.json", list(waivers))):
        (root / "work" / file).write_text(json.dumps(value, indent=1))
    said = ""
    for command in commands(name):
        done = run(root, command)
        said += done.stdout + done.stderr
        if done.returncode:
            return done.returncode, said
    return 0, said


def platform(*more, **config):
    document = documents.platform("board", dyn_config=False, max_xlat_tables=20, **config)
    document["registrations"] += [
        {"section": "phys_mem_map", "type": memtype, "name": "MAILBOX", "addr": "0xa000000", "size": "0x200000"}
        for memtype in more]
    return document


@pytest.mark.parametrize("name", FILES)
def test_the_files_have_a_few_lines_that_use_mmpctl_alone(name):
    assert len(commands(name)) == 2
    assert len((mmp.TOP / "doc" / "ci" / name).read_text().splitlines()) < 25


@pytest.mark.parametrize("name", FILES)
def test_a_good_pull_request_is_green(root, name):
    status, said = pipeline(root, name, platform(), platform("MEM_AREA_IO_SEC"))
    assert status == 0, said
    assert "platform.json: passed" in said


@pytest.mark.parametrize("name", FILES)
def test_a_pull_request_that_opens_memory_is_red(root, name):
    status, said = pipeline(root, name, platform("MEM_AREA_IO_SEC"), platform("MEM_AREA_IO_NSEC"))
    assert status == 4 and "failed on: nonsecure" in said


@pytest.mark.parametrize("name", FILES)
def test_a_pull_request_that_does_not_boot_is_red_and_says_where(root, name):
    broken = platform()
    for one in broken["registrations"]:
        if one["type"] == "MEM_AREA_NSEC_SHM":
            one["addr"] = broken["config"]["reserved_shm"]["start"] = "0xe200000"
    status, said = pipeline(root, name, platform(), broken)
    assert status == 4 and re.search(r"platform\.json:\d+: error, new, secure-nsec-overlap", said)


@pytest.mark.parametrize("name", FILES)
def test_a_pull_request_that_uses_up_the_tables_is_red(root, name):
    short = platform()
    short["config"]["max_xlat_tables"] = 5
    status, said = pipeline(root, name, platform(), short)
    assert status == 4 and "translation tables are spare, and at least 2 must be" in said


@pytest.mark.parametrize("name, report", [("github.yml", "mmp.sarif"), ("gitlab.yml", "mmp.xml")])
def test_the_report_is_there_when_it_is_red(root, name, report):
    (root / "work" / report).unlink(missing_ok=True)
    status, _ = pipeline(root, name, platform(), {**platform(), "rules": "optee-0.0"})
    assert status == 2 and (root / "work" / report).stat().st_size > 100
