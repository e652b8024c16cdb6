"""Builds where the firmware itself puts its tables, through the socket and the client."""

import base64
import json

import pytest

import mmp

REAL = mmp.TOP / "tests" / "vectors" / "real"


def vector(name):
    return json.loads((REAL / f"{name}.json").read_text())


def test_a_build_as_the_firmware_places_it_has_the_addresses_of_the_real_boot(daemon):
    recorded = vector("real_va48")
    build = daemon.call("build.create", platform=recorded, placement="firmware")
    manifest = build["manifest"]
    assert manifest["registers"]["ttbr0_el1"] == f"0x{int(recorded['output']['ttbr0_base'], 16):016x}"
    assert [table["pa"] for table in manifest["tables"]] == [
        table["table_pa"] for table in recorded["output"]["tables"]]
    assert manifest["placement"] == {
        "user_l1_idx_pa": "0xe1c4000", "base_tables_pa": "0xe1c5000",
        "user_l2_tables_pa": "0xe1cd000", "xlat_tables_pa": "0xe1cf000"}
    assert manifest["pool"] == {"pa": "0xe1c4000", "size": "0x18000"}
    given = daemon.call("build.create", platform=recorded, placement=manifest["placement"])
    assert given["id"] == build["id"] and not given["new"]


def test_a_kept_build_is_walked_where_it_lies(daemon):
    recorded = vector("real_pager")
    places = {key: recorded["output"]["placement"][key]
              for key in ("base_tables_pa", "xlat_tables_pa")}
    build = daemon.call("build.create", platform=recorded, placement=places)
    walk = daemon.call("build.walk", id=build["id"], va="0xe100000")
    assert walk["mapped"] and walk["path"][0]["table_pa"] == places["base_tables_pa"]
    exported = base64.b64decode(daemon.call("build.export", id=build["id"])["bytes"])
    assert len(exported) == 0xe124000 - 0xe11c000


def test_the_client_takes_firmware_and_addresses(daemon, tmp_path):
    shown = daemon.mmpctl("build", "create", REAL / "real_default.json", "--placement", "firmware")
    assert shown.returncode == 0, shown.stderr
    assert "0x0e1c3000" in shown.stdout
    same = daemon.mmpctl("--json", "build", "create", REAL / "real_default.json", "--placement",
                         "base=0xe1c0000,xlat=0xe1c3000")
    assert json.loads(same.stdout)["new"] is False


@pytest.mark.parametrize("placement, says", [
    ("there", "placement: "),
    ("base=0xe1c0000,pool=1", "neither firmware nor"),
    ("base=0xe1c0000,xlat=0xe1c3800", "placement.user_l2_tables_pa: 0xe1c1800 is not a multiple of "
                                      "0x1000; 0xe1c2000 is"),
])
def test_a_placement_that_cannot_be_is_refused_with_what_would_do(daemon, placement, says):
    refused = daemon.mmpctl("build", "create", REAL / "real_default.json", "--placement", placement)
    assert refused.returncode == 2
    assert says in refused.stderr


def test_without_pool_and_placement_a_build_is_refused(daemon):
    with pytest.raises(mmp.Failure, match="pool: missing; without a placement"):
        daemon.call("build.create", platform=vector("real_default"))
