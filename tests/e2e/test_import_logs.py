"""Logs of boards: layout verify, and platforms from a log alone."""

import json

import pytest

import imports
import mmp


@pytest.fixture(name="document")
def fixture_document(tmp_path):
    path = tmp_path / "platform.json"
    imports.run("platform", "import", imports.SAMPLE, "--cpu", "cortex-a57", "--output", path)
    return path


def test_the_map_of_a_board_is_the_one_of_its_platform(document):
    answer = imports.verify(document, imports.LOGS / "noaslr.log")
    assert answer["same"] and answer["compared"] == 9 and answer["differences"] == []


@pytest.mark.parametrize("log", ["aslr", "aslr_seed_f1ef0000", "aslr_seed_ffd00000"])
def test_the_seed_of_a_board_is_recovered_and_tried(document, tmp_path, log):
    data = json.loads(document.read_text())
    data["config"]["aslr"] = True
    data["config"]["layout"]["identity_map"] = {"start": "0xe100168", "end": "0xe101978"}
    randomized = tmp_path / "aslr.json"
    randomized.write_text(json.dumps(data))
    answer = imports.verify(randomized, imports.LOGS / f"{log}.log")
    assert answer["same"], answer
    assert int(answer["seed"], 0) and int(answer["seed_given"], 0) == 0


def test_another_link_and_a_missing_registration_are_said_line_by_line(document, tmp_path):
    data = json.loads(document.read_text())
    data["config"]["layout"]["unpg_rx"]["size"] = "0x7a000"
    del data["registrations"][2]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(data))
    answer = imports.verify(other, imports.LOGS / "noaslr.log", status=4)
    assert not answer["same"]
    lines = {one["line"]: one for one in answer["differences"]}
    log = (imports.LOGS / "noaslr.log").read_text().splitlines()
    for number, one in lines.items():
        if number:
            assert one["entry"].removeprefix("MEM_AREA_") in log[number - 1]
    assert any("another link" in text for text in answer["means"])
    assert any("CONSOLE_UART_BASE" in text and "missing" in text for text in answer["means"])


def test_a_log_without_a_map_is_no_verdict(document, tmp_path):
    log = tmp_path / "boot.log"
    log.write_text("I/TC: OP-TEE version: 4.10.0 (gcc version 12.2.0) #1 aarch64\n")
    done = imports.run("layout", "verify", document, log, status=2)
    assert "dump_mmap_table" in done.stderr




RELEASES = sorted((mmp.TOP / "tests" / "import" / "logs-releases").glob("*.log"))


@pytest.mark.parametrize("log", RELEASES + [log for log in sorted(imports.LOGS.glob("*.log")) if log.stem != "default"],
                         ids=lambda log: log.stem)
def test_a_log_alone_gives_a_platform_whose_map_is_the_boards(tmp_path, log):
    path = tmp_path / "platform.json"
    imports.run("platform", "import", log, "--output", path)
    answer = imports.verify(path, log)
    assert answer["same"] and answer["compared"] >= 7, answer


def test_a_log_of_level_3_says_what_one_of_level_4_says(tmp_path):
    whole = RELEASES[-1].read_text()
    flow = "F/TC:0 0 plat_init:12 in between\n"  # what level 4 adds
    both = []
    for number, text in enumerate((whole, "".join(flow + line for line in whole.splitlines(keepends=True)))):
        path = tmp_path / str(number) / "boot.log"
        path.parent.mkdir()
        path.write_text(text)
        both.append(imports.result(path)["document"])
        del both[-1]["sources"]
    assert both[0] == both[1]


def test_what_nobody_says_is_listed_also_where_it_is_null(tmp_path):
    listed = {one["key"]: one for one in imports.result(imports.SAMPLE)["defaults"]}
    assert listed["boot_mem_size"] == {"key": "boot_mem_size", "value": None, "means": "no limit"}
    assert "cpu.parange" in listed
    done = imports.run("platform", "import", imports.SAMPLE)
    assert "boot_mem_size null (no limit)" in done.stderr
