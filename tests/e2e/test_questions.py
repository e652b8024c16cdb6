"""The manual's page of questions, run: each command, its exit status, and the words of its answer."""

import json
import re
import subprocess

import pytest

import boards
import documents
import mmp

PAGE = mmp.TOP / "doc" / "questions.md"
POOL = "0xe1c4000+64K"
TREE = """/dts-v1/;
/ { #address-cells = <2>; #size-cells = <2>; compatible = "x";
    memory@0 { device_type = "memory"; reg = <0 0 0 0x80000000>; }; };
"""


def read_page():
    """(question, status, command, words) for each command of the page."""
    found, question = [], ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            question = line[3:]
        elif match := re.match(r"    \$(\d?) (mmpctl .*)", line):
            found.append((question, int(match[1] or 0), match[2], []))
        elif line.startswith("    "):
            found[-1][3].append(line.strip())
    return found


QUESTIONS = read_page()


def board_document(*more):
    document = documents.platform("board")
    document["registrations"].append({"section": "ddr_overall", "type": "MEM_AREA_DDR_OVERALL", "name": "DRAM",
                                      "addr": "0x42200000", "size": "0x3de00000"})
    document["registrations"] += [
        {"section": "phys_mem_map", "type": memtype, "name": "MAILBOX", "addr": "0xa000000", "size": "0x200000"}
        for memtype in more]
    return document


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """What the page speaks of: two revisions, a pull request, a real boot with its log, a board with two pushes."""
    folder = tmp_path_factory.mktemp("world")
    with mmp.Daemon(folder) as daemon, boards.Board(folder) as board:
        daemon.call("platform.put", document=board_document())
        daemon.call("board.put", name="desk", line=f"unix:{board.path}")
        first = daemon.mmpctl("push", "board", "desk", "--pool", POOL)
        assert first.returncode == 0, first.stderr
        build = daemon.call("board.get", name="desk")["build"]
        daemon.call("platform.put", document=board_document("MEM_AREA_IO_SEC"))
        assert daemon.mmpctl("push", "board", "desk").returncode == 0
        pull_request = board_document("MEM_AREA_IO_NSEC")
        pull_request["registrations"].append({"section": "phys_mem_map", "type": "MEM_AREA_IO_SEC", "name": "TWICE",
                                              "addr": "0xa000000", "size": "0x1000"})
        (folder / "pull-request.json").write_text(json.dumps(pull_request))
        found = json.loads(mmp.mmpctl("--local", "--json", "check", folder / "pull-request.json").stdout)
        (folder / "waivers.json").write_text(json.dumps([
            {"finding": one, "who": "kim", "until": "2026-12-31", "reason": "the mailbox is shared on purpose"}
            for one in {each["id"] for each in found["platforms"][0]["findings"] if each["severity"] == "warning"}]))
        booted = json.loads((mmp.TOP / "tests/vectors/real/real_aslr.json").read_text())
        (folder / "booted.json").write_text(json.dumps(
            {"format": "mmp-platform-1", "name": "booted", "rules": "optee-4.10-257", "config": booted["config"],
             "registrations": booted["registrations"]}))
        (folder / "boot.log").write_text((mmp.TOP / "tests/logs/aslr.log").read_text())
        daemon.mmpctl("build", "export", build, "--output", folder / "dump.bin")
        subprocess.run(["dtc", "-q", "-O", "dtb", "-o", folder / "linux.dtb"], input=TREE, text=True, check=True)
        yield daemon, folder, build


def test_the_page_has_all_questions():
    assert [int(question.split(".")[0]) for question in dict.fromkeys(one[0] for one in QUESTIONS)] == list(range(1, 26))


@pytest.mark.parametrize("question, status, command, words", QUESTIONS, ids=[one[2] for one in QUESTIONS])
def test_the_answer_is_what_the_page_says(world, question, status, command, words):
    daemon, folder, build = world
    line = command.replace("BUILD", build[:12])
    done = subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, timeout=mmp.DEADLINE,
                          env=mmp.environment(MMPD_SOCKET=daemon.socket, PATH=f"{mmp.BUILD}:/usr/bin:/bin"))
    assert done.returncode == status, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    for one in words:
        assert " ".join(one.split()) in said, done.stdout
