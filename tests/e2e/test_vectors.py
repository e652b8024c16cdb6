"""Every recorded vector of real firmware, through layout.compute and the socket.

What is compared, and what is not, is said in tests/vectors/README.md.
"""

import json

import pytest

import mmp

VECTORS = mmp.TOP / "tests/vectors"

# One line a folder, and how many vectors it must hold: none may be lost unnoticed.
FOLDERS = {"optee-4.10/lpae": 134, "optee-4.10/short": 30, "real": 59,
           "optee-3.4/lpae": 82, "optee-3.4/short": 26,
           "optee-3.4/platforms": 79, "optee-3.4/platforms-short": 10, "corners": 7,
           "tfa-2.15/map": 132}

RELEASES = {"3.0": 23, "3.1": 23, "3.2": 23, "3.3": 5, "3.5": 29, "3.6": 30, "3.7": 3, "3.8": 31,
            "3.9": 30, "3.10": 30, "3.11": 30, "3.12": 31, "3.13": 3, "3.14": 3, "3.15": 30,
            "3.16": 31, "3.17": 30, "3.18": 30, "3.19": 28, "3.20": 5, "3.21": 3, "3.22": 31,
            "4.0": 30, "4.1": 30, "4.2": 28, "4.3": 5, "4.4": 31, "4.5": 31, "4.6": 31, "4.7": 28,
            "4.8": 5, "4.9": 4, "4.10": 30}
FOLDERS |= {f"releases/{release}.0": count for release, count in RELEASES.items()}

# Every vector is compared in tests/test_vectors.c; of the releases, here, every fourth.
EVERY = 4

PASSED_OVER = {"boot_mem_used", "source", "placement", "table_pa", "ttbr0_base",
               "aslr_attempts", "core_base_va", "dt_nsec_ddr", "tables_captured",
               "xlat_tables_used_log", "log"}


def number(value):
    return int(value, 16) if isinstance(value, str) and value.startswith("0x") else value


def differences(wanted, got, where, skip):
    """Where a recorded value is not in the answer. Extra keys of the answer are fine."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in wanted.keys() - skip:
            if key not in got:
                yield f"{where}.{key} is missing"
            else:
                yield from differences(wanted[key], got[key], f"{where}.{key}", skip)
    elif isinstance(wanted, list) and isinstance(got, list):
        if len(wanted) != len(got):
            yield f"{where}: {len(wanted)} items recorded, {len(got)} answered"
        for i, pair in enumerate(zip(wanted, got)):
            yield from differences(*pair, f"{where}[{i}]", skip)
    elif type(number(wanted)) is not type(number(got)) or number(wanted) != number(got):
        yield f"{where}: {wanted!r} recorded, {got!r} answered"


def error_differences(wanted, got, where):
    keys = ["kind"] if wanted["kind"] == "undefined" else ["kind", "message", "func"]
    for key in keys:
        if wanted[key] != got.get(key):
            yield f"{where}.{key}: {wanted[key]!r} recorded, {got.get(key)!r} answered"
    if "call" in wanted and (wanted["call"] != got.get("call", "missing")):
        yield f"{where}.call: {wanted['call']!r} recorded, {got.get('call')!r} answered"


def stop_differences(wanted, failure):
    if "error" not in wanted:
        yield f"the firmware does not stop; answered: {failure}"
        return
    assert failure.kind == "firmware-stop" and failure.code == -32010
    yield from error_differences(wanted["error"], failure.data["firmware"], "error")
    if "xlat_tables_used_at_error" in wanted:
        yield from differences(wanted["xlat_tables_used_at_error"],
                               failure.data["xlat_tables_used"], "xlat_tables_used", set())
    for key in ("results", "memory_map"):
        if key in wanted:
            yield from differences(wanted[key], failure.data[key], key, PASSED_OVER)
    stops = [finding for finding in failure.data["findings"] if finding["stops"]]
    if len(stops) != 1:
        yield f"{len(stops)} findings stop the boot, one does"


def layout_differences(vector, got):
    wanted = dict(vector["output"])
    skip = set(PASSED_OVER)
    if vector.get("optee_version") == "3.4.0":
        skip |= {"map_offset", "ttbr0_core_offset"}
    if "error" in wanted:
        yield f"the firmware stops: {wanted['error']['message']!r}"
        return
    by_id = {table["id"]: table for table in got["tables"]}
    if "tables_captured" not in wanted and len(wanted["tables"]) != len(got["tables"]):
        yield f"{len(wanted['tables'])} tables recorded, {len(got['tables'])} answered"
    for table in wanted.pop("tables"):
        yield from differences(table, by_id.get(table["id"]), f"tables[{table['id']}]", skip)
    ddr = wanted.pop("nsec_ddr_error", None)
    if ddr:
        yield from error_differences(ddr, got.get("nsec_ddr_error", {}), "nsec_ddr_error")
    yield from differences(wanted, got, "output", skip)


@pytest.fixture(name="client", scope="module")
def connected(tmp_path_factory):
    with mmp.Daemon(tmp_path_factory.mktemp("vectors")) as daemon:
        with mmp.Client(daemon.socket) as client:
            yield client


def rules_of(vector, file=None):
    if file and file.parent.parent.name in ("optee-3.4", "optee-4.10"):
        return {"optee-3.4": "optee-3.4", "optee-4.10": "optee-4.10-257"}[file.parent.parent.name]
    if "tfa_version" in vector:
        return "tfa-" + vector["tfa_version"]
    version = vector.get("optee_version")
    return f"optee-{version.removesuffix('.0')}" if version else "optee-4.10-257"


def answer_differences(client, vector):
    document = {"format": "mmp-platform-1", "name": vector["name"],
                "rules": rules_of(vector),
                "config": vector["config"], "registrations": vector["registrations"]}
    try:
        return list(layout_differences(vector, client.call("layout.compute",
                                                           platform=document)))
    except mmp.Failure as failure:
        return list(stop_differences(vector["output"], failure))


@pytest.mark.parametrize("folder", FOLDERS)
def test_layouts_are_what_the_firmware_computed(client, folder, capsys):
    wrong = {}
    files = sorted((VECTORS / folder).glob("*.json"))
    compared = files[::EVERY] if folder.startswith("releases/") else files
    for file in compared:
        found = answer_differences(client, json.loads(file.read_text()))
        if found:
            wrong[file.name] = found[:5]
    with capsys.disabled():
        print(f"\n{folder}: {len(compared) - len(wrong)} of {len(compared)} vectors agree", end=" ")
    assert not wrong
    assert len(files) == FOLDERS[folder]


def test_no_folder_of_layouts_is_left_out(capsys):
    """What is recorded as a map is walked above, and what is none has tests of its own below."""
    formats = {}
    for file in sorted(VECTORS.rglob("*.json")):
        recorded = json.loads(file.read_text())["format"]
        formats.setdefault(recorded, []).append(str(file.parent.relative_to(VECTORS)))
    assert set(formats) == {"optee-map-vector-1", "optee-mattr-vector-1", "optee-type-attr-1",
                            "optee-demattr-vector-1", "optee-demattr-v7-1",
                            "tfa-map-vector-1", "tfa-attr-vector-1"}
    maps = formats["optee-map-vector-1"] + formats["tfa-map-vector-1"]
    assert {folder: maps.count(folder) for folder in maps} == FOLDERS
    with capsys.disabled():
        print(f"\nall folders: {len(maps)} vectors, none left out", end=" ")


def test_the_comparison_notices_a_single_changed_bit(client):
    """The test above can fail: each kind of recorded value, changed by one, is seen."""
    vector = json.loads((VECTORS / "real/real_noaslr.json").read_text())
    assert answer_differences(client, vector) == []
    output = vector["output"]
    table = next(t for t in output["tables"] if t["descriptors"])
    changes = [(table["descriptors"][3], 1), (output["memory_map"][2], "va"),
               (output["memory_map"][0], "attr"), (output["registers"], "tcr_el1"),
               (output, "map_offset")]
    for holder, key in changes:
        kept = holder[key]
        holder[key] = hex(int(kept, 16) ^ 1)
        assert len(answer_differences(client, vector)) == 1
        holder[key] = kept
    kept = output["tables"].pop()
    assert len(answer_differences(client, vector)) == 1
    output["tables"].append(kept)
    table["next_tables"].append([0, 1, "0x3"])
    assert answer_differences(client, vector)


def test_a_vector_as_it_is_gives_the_same_answer(client):
    vector = json.loads((VECTORS / "optee-3.4/platforms/d001_fvp.json").read_text())
    document = {"format": "mmp-platform-1", "name": vector["name"], "rules": "optee-3.4",
                "config": vector["config"], "registrations": vector["registrations"]}
    assert client.call("layout.compute", platform=vector) == \
        client.call("layout.compute", platform=document)


def batch(client, requests):
    """Many calls in one line; the results in the order of the requests."""
    client.send([{"jsonrpc": "2.0", "id": i, "method": method, "params": params}
                 for i, (method, params) in enumerate(requests)])
    answers = {answer["id"]: answer for answer in client.read()}
    return [answers[i] for i in range(len(requests))]


ATTRIBUTES = sorted(f"{file.parent.parent.name}/attr/{file.name}"
                    for file in VECTORS.glob("*/attr/*.json")
                    if json.loads(file.read_text())["format"] == "optee-mattr-vector-1")


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attribute_words_become_descriptors_and_come_back(client, name):
    """Every 16th row here, for time's sake; tests/test_attr.c has every one."""
    vector = json.loads((VECTORS / name).read_text())
    common = {"rules": rules_of(vector, VECTORS / name), "config": vector["config"]}
    rows = vector["rows"][::16] + vector.get("rows_with_undefined_bits", [])[::4]
    for row in rows:
        requests = []
        for i, level in enumerate(vector["levels"]):
            requests.append(("descriptor.encode",
                             {**common, "level": level, "attr": row[0]}))
            requests.append(("descriptor.decode",
                             {**common, "level": level, "descriptor": row[1 + 2 * i]}))
        answers = [answer["result"] for answer in batch(client, requests)]
        for i in range(len(vector["levels"])):
            assert number(answers[2 * i]["descriptor"]) == number(row[1 + 2 * i]), row
            assert number(answers[2 * i + 1]["attr"]) == number(row[2 + 2 * i]), row


@pytest.mark.parametrize("file", sorted(VECTORS.glob("*/attr/*type_to_attr*.json")),
                         ids=lambda file: f"{file.parent.parent.name}/{file.stem}")
def test_every_number_has_the_attributes_that_it_has_in_the_firmware(client, file):
    vector = json.loads(file.read_text())
    listed = client.call("memtype.list", rules=rules_of(vector, file),
                         config=vector.get("config", {}))
    types = {entry["number"]: entry for entry in listed["types"]}
    for row in vector["rows"]:
        got = types.get(row["number"])
        if got is None:
            assert row["type"] is None
            continue
        assert got["name"] == row["type"]
        assert got.get("panic") == row.get("panic")
        assert number(got.get("attr")) == number(row.get("attr"))
