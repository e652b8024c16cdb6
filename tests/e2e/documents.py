"""Platform documents for tests."""

import copy
import json

import mmp

QEMU = json.loads((mmp.TOP / "platforms" / "qemu-armv8a.json").read_text())
POOL = {"base": "0xe200000", "size": "64K"}


def platform(name="virt", **config):
    """QEMU's document under another name, with other configuration keys."""
    document = copy.deepcopy(QEMU)
    document["name"] = name
    document["config"].update(config)
    return document


def vector(name, **config):
    """A recorded vector as a platform document, with some of its configuration changed."""
    recorded = json.loads((mmp.TOP / "tests" / "vectors" / f"{name}.json").read_text())
    return {"format": "mmp-platform-1", "name": recorded["name"], "rules": "optee-4.10-257",
            "config": {**recorded["config"], **config},
            "registrations": recorded["registrations"]}


def region(number, name=None):
    return {"section": "phys_mem_map", "type": "MEM_AREA_IO_SEC",
            "name": f"r{number}" if name is None else name,
            "addr": hex(0x1_0000_0000 + number * 0x20_0000), "size": "0x1000"}
