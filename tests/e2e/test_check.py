"""The gate: mmpctl check, its waivers, its exit status, and its reports."""

import json
import shutil
import subprocess
import xml.etree.ElementTree

import jsonschema
import pytest

import documents
import mmp

TYPES = {"secure": "MEM_AREA_IO_SEC", "nonsecure": "MEM_AREA_IO_NSEC"}


def bad(name="board"):
    """A platform that boots with a warning: one page of memory that both worlds map."""
    document = documents.platform(name)
    document["registrations"] += [
        {"section": "phys_mem_map", "type": TYPES["secure"], "name": "MAILBOX",
         "addr": "0xa000000", "size": "0x1000"},
        {"section": "phys_mem_map", "type": TYPES["nonsecure"], "name": "MAILBOX_NS",
         "addr": "0xa000000", "size": "0x1000"}]
    return document


def stopping(name="board"):
    document = documents.platform(name)
    for one in document["registrations"]:
        if one["type"] == "MEM_AREA_NSEC_SHM":
            one["addr"] = document["config"]["reserved_shm"]["start"] = "0xe200000"
    return document


@pytest.fixture
def folder(tmp_path):
    """Documents as files, written as people write them: one key a line."""
    class Folder:
        path = tmp_path

        def write(self, name, value):
            (tmp_path / name).write_text(json.dumps(value, indent=2))
            return tmp_path / name
    return Folder()


def check(*words, **more):
    return mmp.mmpctl("--local", "check", *words, **more)


def answer(*words, **more):
    done = mmp.mmpctl("--local", "--json", "check", *words, **more)
    return done.returncode, json.loads(done.stdout)


def findings(platform, finding_id):
    return [one for one in platform["findings"] if one["id"] == finding_id]


def test_a_good_platform_passes_and_a_stopping_one_fails(folder):
    good = folder.write("good.json", documents.platform())
    stops = folder.write("stops.json", stopping())
    done = check(good)
    assert done.returncode == 0 and f"{good}: passed" in done.stdout
    done = check(stops)
    assert done.returncode == 4
    assert "stops the boot" in done.stdout and "fix: move the window" in done.stdout


def test_several_platforms_are_checked_each_and_the_worst_status_wins(folder):
    good, stops = folder.write("good.json", documents.platform()), folder.write("stops.json", stopping())
    broken = folder.write("broken.json", {"format": "mmp-platform-1"})
    status, value = answer(good, stops)
    assert status == 4 and [one["passed"] for one in value["platforms"]] == [True, False]
    status, value = answer(broken, stops, good)
    assert status == 2 and [one["passed"] for one in value["platforms"]] == [False, False, True]
    assert value["platforms"][0]["error"]["data"]["kind"] == "invalid"
    done = check(broken, good)
    assert f"{broken}: failed" in done.stdout and f"{good}: passed" in done.stdout


def test_fail_on_says_from_which_severity_on(folder):
    path = folder.write("bad.json", bad())
    status, value = answer(path)
    warnings = [one for one in value["platforms"][0]["findings"] if one["severity"] == "warning"]
    assert warnings and status == 0
    assert check(path, "--fail-on", "warning").returncode == 4
    assert check(folder.write("good.json", documents.platform()), "--fail-on", "info").returncode == 4
    assert check(path, "--fail-on", "nothing").returncode == 2


def test_a_finding_points_to_the_line_of_its_registration(folder):
    path = folder.write("bad.json", bad())
    _, value = answer(path)
    lines = path.read_text().splitlines()
    placed = [one for one in value["platforms"][0]["findings"] if any(
        region.get("name") == "MAILBOX" for region in one["regions"])]
    assert placed
    for one in placed:
        at = one["location"]
        assert at["file"] == str(path)
        assert lines[at["line"] - 1].strip() == "{"
        assert lines[at["line"]:][2].strip() in ('"name": "MAILBOX",', '"name": "MAILBOX_NS",')
        assert at["column"] == lines[at["line"] - 1].index("{") + 1


def test_a_finding_about_a_key_points_to_its_line(folder):
    document = documents.platform()
    del document["config"]["layout"]["unpg_rx"]
    document["config"]["layout"]["identity_map"] = {"start": "0xe100000", "end": "0xe101000"}
    document = documents.platform(max_xlat_tables=5)
    path = folder.write("few.json", document)
    _, value = answer(path)
    lines = path.read_text().splitlines()
    named = [one for one in value["platforms"][0]["findings"] if "location" in one]
    assert named and all(one["location"]["line"] <= len(lines) for one in named)


# --- waivers ---------------------------------------------------------------------------------

def worst(value):
    """The first warning of the platform."""
    return next(one for one in value["platforms"][0]["findings"] if one["severity"] == "warning")


def waiver(finding, **more):
    return {"finding": finding["id"], "reason": "the mailbox is shared on purpose", "who": "kim", **more}


def waivers_of(path, **more):
    """Waivers for every warning of the document at `path`."""
    _, value = answer(path)
    ids = {one["id"] for one in value["platforms"][0]["findings"] if one["severity"] == "warning"}
    return [{"finding": one, "reason": "shared on purpose", "who": "kim", **more} for one in sorted(ids)]


def test_waived_findings_do_not_fail(folder):
    path = folder.write("bad.json", bad())
    given = folder.write("waivers.json", waivers_of(path, until="2026-12-31"))
    done = check(path, "--fail-on", "warning", "--waivers", given, "--today", "2026-12-31")
    assert done.returncode == 0, done.stdout
    assert "waived by: kim, until 2026-12-31: shared on purpose" in done.stdout
    _, value = answer(path, "--waivers", given, "--today", "2026-12-01")
    assert {one["state"] for one in value["platforms"][0]["waivers"]} == {"used"}


def test_an_expired_waiver_is_a_finding_and_waives_nothing(folder):
    path = folder.write("bad.json", bad())
    given = folder.write("waivers.json", {"waivers": waivers_of(path, until="2026-12-31")})
    status, value = answer(path, "--fail-on", "warning", "--waivers", given, "--today", "2027-01-01")
    platform = value["platforms"][0]
    assert status == 4 and findings(platform, "waiver-expired")
    assert {one["state"] for one in platform["waivers"]} == {"expired"}
    assert not any("waived" in one for one in platform["findings"])
    assert "2026-12-31" in findings(platform, "waiver-expired")[0]["message"]


def test_a_waiver_that_matches_nothing_is_a_finding(folder):
    path = folder.write("bad.json", bad())
    _, value = answer(path)
    one = waiver(worst(value), registration="no such name")
    status, value = answer(path, "--waivers", folder.write("w.json", [one]), "--fail-on", "warning")
    platform = value["platforms"][0]
    assert status == 4 and findings(platform, "waiver-unmatched")
    assert platform["waivers"][0]["state"] == "unmatched"


def test_a_waiver_names_a_registration_a_type_or_an_address(folder):
    path = folder.write("bad.json", bad())
    _, value = answer(path)
    finding = worst(value)
    region = finding["regions"][0]
    for more in ({"registration": region["name"]}, {"region": region["type"]},
                 {"region": hex(int(region["addr"], 16) + int(region["size"], 16) - 1)}):
        _, value = answer(path, "--waivers", folder.write("w.json", [waiver(finding, **more)]))
        assert value["platforms"][0]["waivers"][0]["state"] == "used", more
    for more in ({"region": "MEM_AREA_RAM_SEC"}, {"region": "SEC"},
                 {"region": hex(int(region["addr"], 16) + int(region["size"], 16))}):
        _, value = answer(path, "--waivers", folder.write("w.json", [waiver(finding, **more)]))
        assert value["platforms"][0]["waivers"][0]["state"] == "unmatched", more


def test_no_waiver_makes_a_stopping_platform_pass(folder):
    path = folder.write("stops.json", stopping())
    one = {"finding": "secure-nsec-overlap", "reason": "we know", "who": "kim"}
    status, value = answer(path, "--waivers", folder.write("w.json", [one]))
    platform = value["platforms"][0]
    assert status == 4 and findings(platform, "waiver-refused")
    assert platform["waivers"][0]["state"] == "refused"


@pytest.mark.parametrize("one, says", [
    ({}, "finding: missing"), ({"finding": "x", "who": "kim"}, "reason: missing"),
    ({"finding": "x", "reason": "y"}, "who: missing"), ({"finding": ""}, "finding"),
    ({"finding": "x", "reason": "y", "who": "z", "until": "2027-02-29"}, "until"),
    ({"finding": "x", "reason": "y", "who": "z", "until": "tomorrow"}, "until"),
    ({"finding": "x", "reason": "y", "who": "z", "untill": "2027-01-01"}, "untill"),
    ("x", "object")])
def test_a_waiver_that_cannot_be_read_is_refused_by_its_place(folder, one, says):
    path = folder.write("bad.json", bad())
    status, value = answer(path, "--waivers", folder.write("w.json", [one]))
    message = value["platforms"][0]["error"]["message"]
    assert status == 2 and message.startswith("waivers[0]") and says in message


def test_waivers_of_a_document_are_kept_and_count(folder, daemon):
    document = bad()
    path = folder.write("bad.json", document)
    document["waivers"] = waivers_of(path, until="2026-12-31")
    folder.write("bad.json", document)
    assert check(path, "--fail-on", "warning", "--today", "2026-12-01").returncode == 0
    daemon.call("platform.put", document=document)
    kept = daemon.call("platform.get", name="board")["document"]
    assert kept["waivers"] == document["waivers"]
    done = daemon.mmpctl("check", "board", "--fail-on", "warning", "--today", "2026-12-01")
    assert done.returncode == 0, done.stdout
    assert daemon.mmpctl("check", "board", "--fail-on", "warning", "--today", "2027-12-01").returncode == 4
    plain = dict(document)
    del plain["waivers"]
    ids = [daemon.call("build.create", platform=one, pool=documents.POOL)["id"] for one in (plain, document)]
    assert ids[0] == ids[1], "what was accepted is no input of a build"


# --- against a base, and what must stay spare --------------------------------------------------

def test_findings_that_the_base_has_not_are_new(folder):
    base, path = folder.write("base.json", documents.platform()), folder.write("bad.json", bad())
    status, value = answer(path, "--against", base)
    new = {one["id"] for one in value["platforms"][0]["findings"] if one["new"]}
    old = {one["id"] for one in value["platforms"][0]["findings"] if not one["new"]}
    assert status == 0 and new and old and not new & old
    status, value = answer(path, "--against", base, "--no-new", "warning")
    assert status == 4
    assert any("new" in reason for reason in value["platforms"][0]["reasons"])
    assert answer(path, "--against", path, "--no-new", "any")[0] == 0
    assert answer(path, "--against", base, "--no-new", ",".join(sorted(new)))[0] == 4
    assert answer(path, "--against", base, "--no-new", "no-ddr")[0] == 0
    _, value = answer(base, "--against", path)
    assert {one["id"] for one in value["platforms"][0]["gone"]} == new


@pytest.mark.parametrize("names, says", [("nope", '"nope" is not the id of a finding, a severity or "any"'),
                                         ("warning,covred", 'did you mean "covered"?')])
def test_a_misspelt_finding_that_may_not_be_new_is_refused(folder, names, says):
    """It would otherwise let everything pass."""
    base, path = folder.write("base.json", documents.platform()), folder.write("bad.json", bad())
    done = mmp.mmpctl("--local", "check", path, "--against", base, "--no-new", names)
    assert done.returncode == 2 and says in " ".join(done.stdout.split())
    # One list serves platforms of several firmwares and releases.
    for known in ("covered,waiver-expired,info", "tfa-region-refused,ta-ram-missing"):
        assert answer(base, "--against", base, "--no-new", known)[0] == 0


@pytest.mark.parametrize("words", [["--no-new", ""], ["--no-new", ","], ["--min-spare", ""], ["--fail-on", ""]])
def test_an_option_without_a_value_does_not_turn_its_test_off(folder, words):
    path = folder.write("p.json", documents.platform())
    assert mmp.mmpctl("--local", "check", path, "--against", path, *words).returncode == 2


def test_what_must_stay_spare_may_be_given_in_several_options(folder):
    path = folder.write("p.json", documents.platform())
    assert answer(path, "--min-spare", "tables=1", "--min-spare", "map=1")[0] == 0
    assert answer(path, "--min-spare", "tables=100000", "--min-spare", "map=1")[0] == 4
    assert answer(path, "--min-spare", "tables=1", "--min-spare", "map=100000")[0] == 4


def test_a_base_may_be_a_revision_that_is_kept(folder, daemon):
    daemon.call("platform.put", document=documents.platform("board"))
    daemon.call("platform.put", document=bad("board"))
    done = daemon.mmpctl("check", "board", "--against", "board@1", "--no-new", "warning")
    assert done.returncode == 4 and "warning, new," in done.stdout
    done = daemon.mmpctl("check", "board@1", "--against", "board@1", "--no-new", "any")
    assert done.returncode == 0
    assert daemon.mmpctl("check", "board@3").returncode == 3
    assert daemon.mmpctl("check", "board", "--no-new", "any").returncode == 2


def test_what_must_stay_spare_is_asked_of_the_budget(folder):
    document = documents.platform(dyn_config=False, max_xlat_tables=20)
    path = folder.write("p.json", document)
    budget = json.loads(mmp.mmpctl("--local", "--json", "layout", "budget", path).stdout)
    spare, entries = budget["tables"]["spare"], budget["map"]["late"]
    assert check(path, "--min-spare", f"tables={spare}").returncode == 0
    status, value = answer(path, "--min-spare", f"tables={spare + 1}")
    platform = value["platforms"][0]
    assert status == 4 and platform["spare"]["tables"] == spare
    assert f"at least {spare + 1} must be" in platform["reasons"][0]
    assert spare > 0 and entries > 0
    assert check(path, "--min-spare", f"map={entries}").returncode == 0
    assert check(path, "--min-spare", f"map={entries + 1}").returncode == 4
    document = documents.platform(boot_mem_size="256K")
    path = folder.write("memory.json", document)
    memory = json.loads(mmp.mmpctl("--local", "--json", "layout", "budget", path).stdout)["tables"]["boot_memory"]
    left = int(memory["limit"], 16) - int(memory["needed"], 16)
    assert check(path, "--min-spare", f"boot-memory={left}").returncode == 0
    assert check(path, "--min-spare", f"boot-memory={left + 1}").returncode == 4
    assert check(path, "--min-spare", "tabels=1").returncode == 2
    assert check(path, "--min-spare", "tables").returncode == 2


# --- reports -----------------------------------------------------------------------------------

@pytest.fixture(scope="session")
def schemas(tmp_path_factory):
    """A folder with the published schemas; `bootstrap check` has fetched them."""
    for folder in (mmp.BUILD / "schemas", mmp.TOP / "build" / "schemas"):
        if (folder / "jenkins-junit.xsd").exists():
            return folder
    folder = tmp_path_factory.mktemp("schemas")
    if not shutil.which("npm") or subprocess.run([mmp.TOP / "tests" / "fetch-schemas", folder],
                                                 capture_output=True).returncode:
        pytest.skip("tests/fetch-schemas cannot fetch the schemas here")
    return folder


def reports(folder, *words):
    paths = {form: folder.path / f"report.{form}" for form in ("sarif", "junit", "markdown")}
    done = check(*words, *(word for form, path in paths.items() for word in ("--report", f"{form}={path}")))
    return done.returncode, {form: path.read_text() for form, path in paths.items()}


@pytest.fixture
def mixed(folder):
    """Arguments of a check with everything in it: new, gone, waived, failing, unreadable."""
    base = documents.platform("board")
    base["registrations"].append(dict(base["registrations"][0], name="TWICE"))
    path = folder.write("bad <&>.json", bad())
    warnings = waivers_of(path)
    given = folder.write("w.json", warnings[:1] + [dict(warnings[0], registration="nobody \x7f")])
    return [path, folder.write("stops.json", stopping()), folder.write("none.json", []),
            "--against", folder.write("base.json", base), "--waivers", given, "--fail-on", "warning"]


def test_sarif_is_valid_by_its_published_schema(folder, mixed, schemas):
    schema = json.loads((schemas / "sarif-2.1.0.json").read_text())
    for words in (mixed, mixed[:1], [folder.write("good.json", documents.platform())]):
        _, texts = reports(folder, *words)
        jsonschema.validate(json.loads(texts["sarif"]), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": "2.1.0", "runs": [{}]}, schema)


def test_sarif_says_what_the_check_said(folder, mixed):
    status, texts = reports(folder, *mixed)
    _, value = answer(*mixed)
    log = json.loads(texts["sarif"])
    run = log["runs"][0]
    assert status == 2 and log["version"] == "2.1.0"
    states = {one.get("baselineState") for one in run["results"]}
    assert {"new", "unchanged", "absent"} <= states
    known = {one["id"] for one in run["tool"]["driver"]["rules"]}
    assert {one["ruleId"] for one in run["results"]} <= known
    assert any("suppressions" in one for one in run["results"])
    listed = sum(len(one.get("findings", [])) + len(one.get("gone", [])) for one in value["platforms"])
    assert len(run["results"]) == listed
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]
              if "physicalLocation" in one["locations"][0]]
    assert all(place["region"]["startLine"] >= 1 for place in places)
    assert any(place["artifactLocation"]["uri"].endswith("bad%20%3C%26%3E.json") for place in places)
    assert not run["invocations"][0]["executionSuccessful"]
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 1


# The elements and attributes of Jenkins' schema that are used, and which it demands.
JUNIT = {"testsuites": ({"name"}, set(), {"testsuite"}),
         "testsuite": ({"name", "tests", "failures", "errors", "skipped"},
                       {"name", "tests", "failures", "errors"}, {"testcase"}),
         "testcase": ({"name", "time", "classname"}, {"name"}, {"failure", "error"}),
         "failure": ({"type", "message"}, set(), set()), "error": ({"type", "message"}, set(), set())}


def test_junit_has_a_case_for_each_check_and_counts_them(folder, mixed):
    _, texts = reports(folder, *mixed)
    root = xml.etree.ElementTree.fromstring(texts["junit"])
    for element in root.iter():
        known, demanded, children = JUNIT[element.tag]
        assert demanded <= set(element.attrib) <= known
        assert {child.tag for child in element} <= children
    assert len(root) == 3
    for suite in root:
        cases = suite.findall("testcase")
        names = [case.get("name") for case in cases]
        assert len(names) == len(set(names)) == int(suite.get("tests"))
        assert int(suite.get("failures")) == sum(case.find("failure") is not None for case in cases)
        assert int(suite.get("errors")) == sum(case.find("error") is not None for case in cases)
    stops = root[1]
    failed = {case.get("name") for case in stops if case.find("failure") is not None}
    assert {"secure-nsec-overlap", "gate"} <= failed
    assert "move the window" in "".join(stops.itertext())


def test_junit_is_valid_by_its_published_schema(folder, mixed, schemas):
    for words in (mixed, mixed[:1], [folder.write("good.json", documents.platform())]):
        reports(folder, *words)
        done = subprocess.run(["xmllint", "--noout", "--schema", schemas / "jenkins-junit.xsd",
                               folder.path / "report.junit"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_markdown_keeps_names_from_becoming_markup(folder, mixed):
    _, texts = reports(folder, *mixed)
    assert "## mmp check: failed" in texts["markdown"]
    assert "bad \\<\\&\\>.json" in texts["markdown"]
    assert "secure-nsec-overlap" in texts["markdown"] and "**Waived** by kim" in texts["markdown"]


@pytest.mark.parametrize("report", ["sarif", "sarif=", "html=x", "=x", ""])
def test_a_report_that_nobody_writes_is_refused_before_anything_is_checked(folder, report):
    done = check(folder.write("p.json", documents.platform()), "--report", report)
    assert done.returncode == 2 and "sarif=FILE" in done.stderr and not done.stdout


def test_a_report_that_cannot_be_written_fails(folder):
    done = check(folder.write("p.json", documents.platform()), "--report", "sarif=/nowhere/x")
    assert done.returncode == 1 and "/nowhere/x" in done.stderr
    done = check(folder.write("p.json", documents.platform()), "--report", "junit=/dev/full")
    assert done.returncode == 1 and "/dev/full" in done.stderr


def test_with_json_there_is_one_value_on_stdout_whatever_happens(folder):
    for words in ([folder.write("p.json", documents.platform())], ["/nowhere.json"], []):
        done = mmp.mmpctl("--local", "--json", "check", *words)
        json.loads(done.stdout)
        assert done.stdout.count("\n") == 1
