"""All mistakes of a document in one answer, each with its line and column where mmpctl read the file."""

import json

import pytest

import documents
import mmp

LIMIT = 100  # MMP_MISTAKES_MAX

BAD = """{ "format": "mmp-platform-1", "name": "bad", "rules": "optee-4.10", "colour": 1,
  "config": { "arch": "arm65", "va_bits": 99,
              "trusted_dram": {"base": "0xe100000"},
              "tee_ram": {"start": "x", "ph_size": "0x200000", "va_sise": "0x200000"},
              "layout": {"unpg_rx": {"start": "0xe100000", "size": "0x8d000"}} },
  "registrations": [
    { "section": "phys_mem_map", "type": "MEM_AREA_IO_SEK", "name": "A", "addr": "0x9000000", "size": "4KB", "x": 1 },
    { "section": "phys_mem_mop", "type": "MEM_AREA_IO_SEC", "name": "B", "addr": "0x9000000", "size": "0x1000" },
    7 ],
  "waivers": [ { "finding": 3 } ] }
"""
WRONG = [("colour", 1, 69, "no such key"), ("config.arch", 2, 15, 'must be "arm64"'), ("config.va_bits", 2, 32, "99"),
         ("config.trusted_dram", 3, 15, "size: missing"), ("config.tee_ram.start", 4, 27, "not a number"),
         ("config.tee_ram.va_sise", 4, 64, 'nearest: "va_size"'), ("config.tee_ram", 4, 15, "va_size: missing"),
         ("registrations.0.x", 7, 110, "no such key"), ("registrations.0.type", 7, 34, "MEM_AREA_IO_SEC"),
         ("registrations.1.section", 8, 7, "phys_mem_mop"), ("registrations.2", 9, 5, "must be an object"),
         ("waivers", 10, 3, "finding")]


def mistakes_of(daemon, document, method="layout.compute", parameter="platform"):
    with pytest.raises(mmp.Failure) as caught:
        daemon.call(method, **{parameter: document})
    assert caught.value.kind == "invalid" and caught.value.data["parameter"] == parameter
    assert caught.value.data["mistakes"][0]["message"].endswith(str(caught.value).split(": ", 1)[-1])
    return caught.value.data


@pytest.mark.parametrize("method, parameter", [
    ("layout.compute", "platform"), ("platform.put", "document"), ("layout.check", "platform"),
    ("layout.explain", "platform"), ("layout.budget", "platform")])
def test_every_method_that_takes_a_document_tells_all_its_mistakes(daemon, method, parameter):
    params = {"what": "0"} if method == "layout.explain" else {}
    with pytest.raises(mmp.Failure) as caught:
        daemon.call(method, **{parameter: json.loads(BAD)}, **params)
    told = caught.value.data["mistakes"]
    assert [one["path"] for one in told] == [path for path, *_ in WRONG]
    assert all(words in one["message"] for one, (*_, words) in zip(told, WRONG))
    assert caught.value.data["mistakes_omitted"] == 0


@pytest.mark.parametrize("words", [
    ["layout", "compute"], ["check"], ["diff", str(mmp.TOP / "platforms/qemu-armv8a.json")], ["explain"], ["layout", "budget"]])
@pytest.mark.parametrize("from_stdin", [False, True])
def test_mmpctl_says_where_each_is_in_the_file(tmp_path, words, from_stdin):
    path = tmp_path / "bad.json"
    path.write_text(BAD)
    last = ["0x9000000"] if words == ["explain"] else []
    done = mmp.mmpctl("--local", *words, "-" if from_stdin else path, *last, stdin=BAD if from_stdin else None)
    assert done.returncode == 2
    said = done.stdout if words == ["check"] else done.stderr
    name = "stdin" if from_stdin else path
    joined = " ".join(said.split())
    assert all(f"{name}:{line}:{column}: " in joined and text in joined for _, line, column, text in WRONG), said


def test_what_platform_get_prints_is_a_document_whose_lines_count_as_they_are(tmp_path):
    path = tmp_path / "got.json"
    path.write_text(json.dumps({"name": "x", "document": json.loads(BAD)}, indent=1))
    done = mmp.mmpctl("--local", "layout", "compute", path)
    lines = path.read_text().splitlines()
    told = [line for line in done.stderr.splitlines() if line.startswith(f"{path}:") and "config.arch" in line]
    assert '"arch"' in lines[int(told[0].split(":")[1]) - 1]


def test_one_mistake_is_one_line(tmp_path):
    path = tmp_path / "one.json"
    document = documents.platform()
    document["config"]["va_bits"] = 99
    path.write_text(json.dumps(document, indent=1))
    done = mmp.mmpctl("--local", "layout", "compute", path)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"mmpctl: {path}:") and "99 is not in" in done.stderr


@pytest.mark.parametrize("count", [LIMIT, LIMIT + 1])
def test_a_hundred_are_told_and_the_rest_is_counted(daemon, count):
    document = documents.platform()
    document["registrations"] = [dict(document["registrations"][0], type="NONE")] * count
    data = mistakes_of(daemon, document)
    assert (len(data["mistakes"]), data["mistakes_omitted"]) == (LIMIT, count - LIMIT)


def test_heads_and_other_things_are_told_as_far_as_they_can_be_read(daemon):
    def paths(**changes):
        return [one["path"] for one in mistakes_of(daemon, {**documents.platform(), **changes})["mistakes"]]
    assert paths(format="mmp-platform-2", name="") == ["format", "name"]
    assert paths(rules="optee-9.9") == ["rules"]
    assert paths(name="") == ["name"]
    assert paths(rules=7, name="", colour=1) == ["colour", "rules", "name"]
    assert paths(registrations=None) == ["registrations"]
    assert paths(dram=[7], sources=7, contexts=[{"x": 1}]) == ["contexts", "dram", "sources"]


HEAD = ["format", "name", "rules", "config", "registrations", "waivers", "contexts", "dram", "sources"]


@pytest.mark.parametrize("method, parameter", [("platform.put", "document"), ("layout.compute", "platform")])
def test_a_key_that_begins_like_another_is_told_and_the_service_goes_on(daemon, method, parameter):
    for key in [f"{head}{mark}{more}" for head in HEAD for mark in "[:." for more in ("x", "x" * 70)]:
        told = mistakes_of(daemon, {**documents.platform(), key: 1}, method, parameter)["mistakes"]
        assert len(told) == 1 and told[0]["message"].startswith(f"{key[:64]}: no such key")
    assert daemon.call("platform.list")["platforms"] == []
    assert daemon.call("layout.compute", platform=documents.platform())["memory_map"]


def test_all_such_keys_at_once_are_told_in_order(daemon):
    evil = {f"{head}[": 1 for head in HEAD}
    told = mistakes_of(daemon, {**evil, **documents.platform(), "name": "", "format": 7}, "platform.put", "document")
    assert [one["path"] for one in told["mistakes"]] == ["format", *evil, "name"]


@pytest.mark.parametrize("method, first, second", [("layout.diff", "before", "after"),
                                                   ("layout.check", "platform", "against")])
@pytest.mark.parametrize("turned", [False, True])
def test_of_two_bad_documents_the_answer_is_about_the_first(daemon, method, first, second, turned):
    params = {first: documents.platform(va_bits=99), second: documents.platform(va_bits=98)}
    if turned:
        params = dict(reversed(params.items()))
    with pytest.raises(mmp.Failure) as caught:
        daemon.call(method, **params)
    data = caught.value.data
    assert data["parameter"] == first and "99 is not in" in str(caught.value)
    assert [one["message"].split(" is ")[0] for one in data["mistakes"]] == ["config.va_bits: 99"]


@pytest.mark.parametrize("method, first, second", [("layout.diff", "before", "after"),
                                                   ("layout.check", "platform", "against")])
def test_the_second_is_told_where_the_first_is_right(daemon, method, first, second):
    daemon.call("platform.put", document=documents.platform("kept"))
    for right in (documents.platform(), "kept"):
        with pytest.raises(mmp.Failure) as caught:
            daemon.call(method, **{first: right, second: documents.platform(va_bits=98)})
        assert caught.value.data["parameter"] == second and "98 is not in" in str(caught.value)
