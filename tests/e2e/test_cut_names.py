"""Names of characters of two bytes, where an answer cuts a long name in the middle of one."""

import copy
import json

import pytest

import documents
import mmp

LONG = "x" + "é" * 60
BL31 = json.loads((mmp.TOP / "platforms/qemu-bl31.json").read_text())


# Registrations that a finding names in its fix: a device over memory, a virtual space with an address.
WRONG = [{"section": "phys_mem_map", "type": "MEM_AREA_IO_NSEC", "addr": "0x40000000", "size": "0x1000"},
         {"section": "phys_mem_map", "type": "MEM_AREA_RES_VASPACE", "addr": "0x9000000", "size": "0x100000"}]


@pytest.mark.parametrize("method", ["layout.compute", "layout.map", "layout.budget"])
@pytest.mark.parametrize("begin", ["", "x"])
def test_an_answer_is_json_whatever_it_cuts(daemon, method, begin):
    document = documents.platform("virt")
    document["registrations"] += [{**region, "name": begin + "é" * (60 + n)} for n, region in enumerate(WRONG)]
    answer = daemon.call(method, platform=document)
    fixes = [finding for finding in answer.get("findings", []) if "é" in (finding["fix"] or "")]
    assert fixes or method != "layout.compute"


def test_firmwares_of_a_board_with_a_long_name_are_compared(daemon):
    board = {**documents.platform("x" + "é" * 40), "contexts": [BL31]}
    told = [finding for finding in daemon.call("layout.compute", platform=board)["findings"]
            if finding["id"].startswith("contexts-")]
    assert told and told[0]["contexts"] == [BL31["name"], board["name"]]
    assert "x" + "é" * 23 + " keeps" in told[0]["message"]


def test_two_documents_with_a_long_name_are_compared(daemon):
    before = documents.platform("virt")
    device = next(region for region in before["registrations"] if region["type"] == "MEM_AREA_IO_SEC")
    device["name"] = LONG
    after = copy.deepcopy(before)
    next(region for region in after["registrations"] if region["name"] == LONG)["type"] = "MEM_AREA_IO_NSEC"
    changes = daemon.call("layout.diff", before=before, after=after)["changes"]
    assert any(f'"x{"é" * 49}"' in change["text"] for change in changes)


def test_an_error_that_cuts_a_name_is_whole(daemon):
    with pytest.raises(mmp.Failure) as failure:
        daemon.call("platform.get", name=LONG)
    assert str(failure.value).count("é") == 49 and "?" not in str(failure.value)
