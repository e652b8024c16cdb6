"""Platforms, their revisions, and those who change them."""

import base64
import copy
import json
import os
import pwd
import sqlite3

import pytest

import documents
import mmp


def fails(kind, words, call, *args, **params):
    with pytest.raises(mmp.Failure, match=words) as failure:
        call(*args, **params)
    assert failure.value.kind == kind
    return failure.value


def test_what_is_put_comes_back_whole(daemon):
    document = documents.platform(aslr_seed="0xfedcba9876543210")
    document["registrations"].append({"section": "nsec_ddr", "type": "MEM_AREA_DDR_OVERALL",
                                      "name": "€ \"\\ \u2028", "addr": "0xfffffffffffff000",
                                      "size": "0x0", "origin": "board.c"})
    with daemon.client() as client:
        client.call("platform.put", document=document)
        got = client.call("platform.get", name="virt")["document"]
        assert got["registrations"][-1] == document["registrations"][-1]
        assert got["config"]["aslr_seed"] == document["config"]["aslr_seed"]
        assert got["config"]["tee_ram"]["start"] == document["config"]["tee_ram"]["start"]
        assert client.call("platform.put", document=got)["revision"] == 1
        assert client.call("platform.get", name="virt")["document"] == got


def test_a_kept_platform_is_computed_as_its_document(daemon):
    with daemon.client() as client:
        client.call("platform.put", document=documents.platform())
        client.call("region.register", platform="virt", **documents.region(1))
        kept = client.call("layout.compute", platform="virt")
        document = documents.platform()
        document["registrations"].append(documents.region(1))
        assert client.call("layout.compute", platform=document) == kept
        first = client.call("layout.compute", platform="virt", revision=1)
        assert first == client.call("layout.compute", platform=documents.platform())
        assert first != kept
        assert "tables" not in client.call("layout.compute", platform="virt", detail="map")


def test_of_two_clients_with_one_revision_one_wins_and_history_shows_both(daemon):
    with daemon.client() as eva, daemon.client() as ion:
        assert eva.call("platform.put", document=documents.platform(), if_revision=0)["revision"] == 1
        requests = [one.start("region.register", platform="virt", if_revision=1,
                              **documents.region(number))
                    for number, one in enumerate([eva, ion])]
        outcomes = []
        for one, request in zip([eva, ion], requests):
            try:
                outcomes.append(one.answer(request)["revision"])
            except mmp.Failure as failure:
                outcomes.append(failure.kind)
        assert sorted(outcomes, key=str) == [2, "conflict"]
        loser = [eva, ion][outcomes.index("conflict")]
        loser.call("region.register", platform="virt", if_revision=2, **documents.region(7))
        history = eva.call("platform.history", name="virt")["history"]
    assert [row["revision"] for row in history] == [1, 2, 3]
    assert [row["method"] for row in history] == ["platform.put", "region.register", "region.register"]
    assert all(row["time"].endswith("Z") for row in history)


def test_history_says_who_as_the_kernel_knows_them(daemon):
    """Each of two users, where the test may be two; what they say of themselves is not asked."""
    who = [os.getuid(), os.getgid()]
    daemon.call("platform.put", document=documents.platform())
    os.chmod(daemon.socket, 0o666)
    os.chmod(daemon.folder, 0o711)
    with daemon.client() as client:
        if os.getuid() == 0:
            other = register_as(65534, daemon.socket)
        else:
            other = os.getpid()
            client.call("region.register", platform="virt", **documents.region(1))
        rows = client.call("platform.history", name="virt")["history"]
    assert [rows[0]["uid"], rows[0]["gid"], rows[0]["pid"]] == [*who, os.getpid()]
    assert rows[0]["user"] == pwd.getpwuid(os.getuid()).pw_name
    assert rows[1]["pid"] == other
    if os.getuid() == 0:
        assert (rows[1]["uid"], rows[1]["gid"], rows[1]["user"]) == (65534, 65534, "nobody")


def register_as(uid, path):
    """A child of that user registers a region; its pid. A relative path, as folders above may be closed to it."""
    child = os.fork()
    if child == 0:
        try:
            os.chdir(path.parent)
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            with mmp.Client(path.name) as client:
                client.call("region.register", platform="virt", **documents.region(1))
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    return child


def test_the_highest_if_revision_there_is_is_a_condition_too(daemon):
    with daemon.client() as client:
        client.call("platform.put", document=documents.platform())
        fails("conflict", "revision 1 is the newest", client.call, "region.register", platform="virt",
              if_revision="0xffffffffffffffff", **documents.region(1))


def test_regions_come_and_go_in_order(daemon):
    with daemon.client() as client:
        client.call("platform.put", document=documents.platform())
        count = len(documents.QEMU["registrations"])
        added = [client.call("region.register", platform="virt", **documents.region(number))
                 for number in range(3)]
        assert [one["registration"]["ordinal"] for one in added] == [count, count + 1, count + 2]
        gone = client.call("region.remove", platform="virt", ordinal=count + 1)
        assert gone["registration"]["name"] == "r1"
        listed = client.call("region.list", platform="virt")["registrations"]
        assert [one["name"] for one in listed[count:]] == ["r0", "r2"]
        assert [one["ordinal"] for one in listed] == list(range(count + 2))
        before = client.call("region.list", platform="virt", revision=4)["registrations"]
        assert [one["name"] for one in before[count:]] == ["r0", "r1", "r2"]
        fails("not-found", "has no region 99", client.call, "region.remove", platform="virt", ordinal=99)


def test_a_removed_platform_is_gone_and_its_past_is_not(daemon):
    with daemon.client() as client:
        client.call("platform.put", document=documents.platform())
        fails("conflict", "if_revision is 9", client.call, "platform.remove", name="virt", if_revision=9)
        assert client.call("platform.remove", name="virt", if_revision=1)["revision"] == 2
        assert client.call("platform.list")["platforms"] == []
        fails("not-found", "was removed by its revision 2", client.call, "platform.get", name="virt")
        fails("not-found", "was removed", client.call, "layout.compute", platform="virt")
        assert client.call("platform.get", name="virt", revision=1)["document"]
        assert len(client.call("platform.history", name="virt")["history"]) == 2
        fails("not-found", "no such platform", client.call, "platform.history", name="other")


@pytest.mark.parametrize("change, words", [
    ({"rules": "optee-9.9"}, "optee-9.9"),
    ({"name": "x" * 10000}, "10000 bytes"),
    ({"name": ""}, "name"),
    ({"name": "a/b"}, "name"),
    ({"format": "mmp-platform-9"}, "mmp-platform-9"),
    ({"colour": "red"}, "colour: no such key; known: format name rules config registrations"),
    ({"config": documents.QEMU["config"] | {"asrl": True}}, 'config.asrl: no such key; nearest: "aslr"$'),
    ({"config": documents.QEMU["config"] | {"trusted_dram": {"start": 0}}},
     "config.trusted_dram.start: no such key; known: base size"),
    ({"config": []}, "config"),
    ({"registrations": {}}, "registrations"),
    ({"registrations": [{"section": "phys_mem_map"}]}, "registrations"),
    ({"registrations": [documents.region(1) | {"type": "MEM_AREA_IO_SEX"}]}, "MEM_AREA_IO_SEC"),
    ({"registrations": [documents.region(1) | {"type": "IO_SEX"}]}, "MEM_AREA_IO_SEC"),
    ({"registrations": [documents.region(1) | {"size": -1}]}, r'registrations\[0\] "r1": size: -1'),
    ({"registrations": [{k: v for k, v in documents.region(1).items() if k != "addr"}]}, "addr: missing"),
    ({"registrations": [documents.region(1, name="x" * 5000)]}, "5000|4095"),
], ids=lambda value: repr(value)[:40])
def test_a_document_that_is_wrong_is_refused_and_nothing_is_kept(daemon, change, words):
    with daemon.client() as client:
        for method, key in (("platform.put", "document"), ("layout.compute", "platform")):
            failure = fails("invalid", words, client.call, method,
                            **{key: {**documents.platform(), **change}})
            assert failure.code == -32602
        assert client.call("platform.list")["platforms"] == []


def test_a_name_of_10000_characters_is_looked_for_and_not_found(daemon):
    for method in ("platform.get", "platform.remove", "platform.history"):
        fails("not-found", "x", daemon.call, method, name="x" * 10000)


def test_ten_thousand_regions_are_kept_and_computed_or_refused(daemon):
    document = documents.platform()
    document["registrations"] += [documents.region(number) for number in range(10000)]
    with daemon.client() as client:
        client.call("platform.put", document=document)
        assert len(client.call("region.list", platform="virt")["registrations"]) == \
            len(document["registrations"])
        try:
            result = client.call("layout.compute", platform="virt", detail="map")
            assert result["memory_map"]
        except mmp.Failure as failure:
            assert failure.kind in ("firmware-stop", "too-large")
            assert failure.data
        assert client.call("service.info")


def long_one(client):
    """A platform that is read in parts; its newest revision is 2, and cached."""
    most = {row["name"]: row["value"] for row in client.call("service.info")["limits"]}["rows_at_once"]
    document = documents.platform()
    document["registrations"] += [documents.region(number) for number in range(2 * most)]
    client.call("platform.put", document=document)
    client.call("region.register", platform="virt", **documents.region(2 * most))
    return len(document["registrations"]) + 1


def test_a_registration_after_another_revision_is_refused_however_long_the_platform_is(daemon):
    with daemon.client() as client:
        count = long_one(client)
        for wrong in (1, 3):
            fails("conflict", f"if_revision is {wrong}, but revision 2 is the newest", client.call, "region.register",
                  platform="virt", if_revision=wrong, **documents.region(1))
        client.call("region.remove", platform="virt", ordinal=0)  # so that the cache is behind
        fails("conflict", "but revision 3 is the newest", client.call, "region.register", platform="virt", if_revision=2,
              **documents.region(1))
        made = client.call("region.register", platform="virt", if_revision=3, **documents.region(1))
        assert made["revision"] == 4 and made["registration"]["ordinal"] == count - 1


def test_a_registration_in_a_long_platform_ends_even_if_others_are_always_faster(tmp_path):
    with mmp.Daemon(tmp_path, own_file=True) as daemon, daemon.client() as client:
        count = long_one(client)
    with sqlite3.connect(tmp_path / "mmpd.db") as store:  # each UPDATE finds that the revision is not the newest
        store.execute("CREATE TRIGGER late BEFORE UPDATE ON platform BEGIN SELECT RAISE(IGNORE); END")
    store.close()
    with mmp.Daemon(tmp_path, own_file=True) as daemon, daemon.client() as client:
        fails("busy", '"virt": others changed it 4 times in between: try again', client.call, "region.register",
              platform="virt", **documents.region(1))
        assert len(client.call("region.list", platform="virt")["registrations"]) == count


def many(count, name="many"):
    document = documents.platform(name)
    document["registrations"] = [documents.region(number) for number in range(count)]
    return document


@pytest.mark.parametrize("limit", ["store_at_once", "rows_at_once", "compute_short"])
def test_a_platform_is_the_same_whether_it_is_read_at_once_or_in_parts(daemon, limit):
    with daemon.client() as client:
        most = {row["name"]: row["value"] for row in client.call("service.info")["limits"]}[limit]
        for count in (most, most + 1):
            document = many(count)
            assert client.call("platform.put", document=document)["changed"]
            assert not client.call("platform.put", document=document)["changed"]
            got = client.call("platform.get", name="many")["document"]["registrations"]
            rows = client.call("region.list", platform="many")["registrations"]
            assert [one["name"] for one in got] == [one["name"] for one in rows] == [f"r{n}" for n in range(count)]
            assert [one["ordinal"] for one in rows] == list(range(count))
            rows = client.call("region.list", platform="many", after=most - 2, limit=2)["registrations"]
            assert [one["ordinal"] for one in rows] == list(range(most - 1, count))
        history = client.call("platform.history", name="many")["history"]
        assert [row["revision"] for row in history] == [1, 2]


def test_registrations_that_do_not_wait_are_made_in_their_order_while_their_platform_is_read(daemon):
    with daemon.client() as client:
        client.call("platform.put", document=many(4000))
        asked = [client.start("region.register", platform="many", **documents.region(4000 + n)) for n in range(16)]
        made = {}
        while len(made) < len(asked):
            message = client.read()
            made[message["id"]] = message["result"]["registration"]["ordinal"]
        assert [made[one] for one in asked] == list(range(4000, 4016))


@pytest.mark.parametrize("name, given", [("va", "0x1000"), ("attr", "0x3"), ("granularity", "0x1000")])
def test_a_region_with_a_field_that_its_rules_do_not_have_is_refused(daemon, name, given):
    with daemon.client() as client:
        client.call("platform.put", document=documents.platform())
        fails("invalid", f"{name}: registrations of rules optee-[^ ]* have no such field; they have section, type, "
              "name, addr, size, origin$", client.call, "region.register", platform="virt", **documents.region(1),
              **{name: given})
        assert client.call("platform.get", name="virt")["revision"] == 1


def test_a_call_of_tfa_with_a_memory_type_is_refused(daemon):
    document = json.loads((mmp.TOP / "tests/tfa/imx93-bl31.json").read_text())
    added = {"addr": "0x80000000", "va": "0x80000000", "size": "0x1000", "attr": "0x2"}
    with daemon.client() as client:
        name = client.call("platform.put", document=document)["name"]
        fails("invalid", "type: registrations of rules tfa-2.15 have no such field; they have section, name, addr, va, "
              "size, attr, granularity, origin$", client.call, "region.register", platform=name, type="MT_MEMORY", **added)
        made = client.call("region.register", platform=name, **added)
        assert made["revision"] == 2 and made["registration"]["pa"] == "0x80000000"


def registered_at_once(client, first):
    """The answers to 16 registrations that do not wait for each other, in their order."""
    asked = [client.start("region.register", platform="virt", **documents.region(first + n)) for n in range(16)]
    answers = {}
    while len(answers) < len(asked):
        message = client.read()
        answers[message["id"]] = message
    return [answers[one] for one in asked]


def test_registrations_whose_commit_fails_are_refused_and_can_be_made_again(tmp_path):
    """Their verdict is computed during the commit; nobody gets it."""
    daemon = mmp.Daemon(tmp_path, own_file=True)
    away = tmp_path / "away"
    with daemon.client() as client:
        client.call("platform.put", document=documents.platform())
        for first in (1, 17):
            daemon.database.rename(away)
            refused = registered_at_once(client, first)
            assert all("does not exist any more" in one["error"]["message"] for one in refused)
            away.rename(daemon.database)
            made = [one["result"] for one in registered_at_once(client, first)]
            assert [one["revision"] for one in made] == list(range(first + 1, first + 17))
            assert made[-1]["verdict"] == "boots" and made[-1]["verdict_revision"] == first + 16
        assert len(client.call("platform.history", name="virt")["history"]) == 33
    daemon.stop()


def test_a_long_platform_is_put_although_others_change_it_all_the_time(daemon):
    with daemon.client() as client, daemon.client() as other:
        client.call("platform.put", document=many(1500))
        put = client.start("platform.put", document=many(1501))
        for number in range(12):
            other.call("region.register", platform="many", **documents.region(9000 + number))
        assert client.answer(put)["changed"]
        named = {one["name"] for one in client.call("region.list", platform="many")["registrations"]}
        assert {f"r{number}" for number in range(1501)} <= named


def wordy(over):
    """40 registrations that take so many bytes more than a document that is stored at once may have."""
    rest = len(json.dumps(documents.region(10)))
    return [{**documents.region(number), "name": "n" * ((128 * 1024 + over) // 40 - rest)} for number in range(40)]


@pytest.mark.parametrize("more", [[documents.region(number) for number in range(501)], wordy(1000), wordy(20000),
                                  wordy(-6000)],
                         ids=["many", "wordy", "wordier", "less wordy"])
def test_a_short_platform_takes_the_place_of_a_long_one(daemon, more):
    short, long = documents.platform(), documents.platform()
    long["registrations"] = short["registrations"] + more
    for revision, document in enumerate((long, short, long, short), 1):
        answer = daemon.call("platform.put", document=document)
        assert answer["revision"] == revision and answer["changed"]
        answer = daemon.call("platform.put", document=document)
        assert answer["revision"] == revision and not answer["changed"]
        assert len(daemon.call("region.list", platform="virt")["registrations"]) == len(document["registrations"])


def test_where_the_firmware_stops_the_error_says_it_in_its_words(daemon):
    document = documents.platform()
    document["registrations"].append(
        {"section": "phys_mem_map", "type": "MEM_AREA_IO_SEC", "name": "beyond",
         "addr": "0xfffffffff000", "size": "0x1000"})
    document["registrations"].append(copy.deepcopy(document["registrations"][-1]))
    document["config"]["boot_mem_size"] = "0x1000"
    failure = fails("firmware-stop", "", daemon.call, "layout.compute", platform=document)
    assert failure.code == -32010
    assert {"kind", "message", "func"} <= set(failure.data["firmware"])
    assert "xlat_tables_used" in failure.data
    assert failure.data["findings"]


def test_a_remembered_layout_is_never_older_than_the_last_change(daemon):
    """The same question again and again; each answer is of the newest revision."""
    document = json.loads((mmp.TOP / "platforms/qemu-armv8a.json").read_text())
    with mmp.Client(daemon.socket) as client, mmp.Client(daemon.socket) as other:
        client.call("platform.put", document=document)
        for i in range(20):
            before = client.call("layout.compute", platform=document["name"], detail="map")
            assert before == client.call("layout.compute", platform=document["name"],
                                         detail="map")
            other.call("region.register", platform=document["name"], type="MEM_AREA_IO_SEC",
                       section="phys_mem_map", name=f"extra {i}",
                       addr=hex(0x20000000 + i * 0x400000), size="2M")
            after = client.call("layout.compute", platform=document["name"], detail="map")
            assert len(after["memory_map"]) == len(before["memory_map"]) + 1
        first = client.call("layout.compute", platform=document["name"], revision=1,
                            detail="map")
        assert len(first["memory_map"]) == len(before["memory_map"]) - 19


def test_a_large_layout_is_computed_while_others_are_answered(daemon):
    """More registrations than the loop computes at once: a thread does it."""
    document = json.loads((mmp.TOP / "platforms/qemu-armv8a.json").read_text())
    document["config"]["va_bits"] = 48
    document["config"]["pa_bits"] = 48
    document["registrations"] += [
        {"section": "phys_mem_map", "type": "MEM_AREA_IO_SEC", "name": f"io {i}",
         "addr": hex(0x1000000000 + i * 0x400000), "size": "0x1000"} for i in range(3000)]
    document["config"]["trusted_dram"] = {"base": "0xe100000", "size": "0xf00000"}
    with mmp.Client(daemon.socket) as client, mmp.Client(daemon.socket) as other:
        request = client.start("layout.compute", platform=document, detail="full")
        assert other.call("service.info")["version"]
        try:
            assert len(client.answer(request)["memory_map"]) > 3000
        except mmp.Failure as failure:  # where user mode finds no slot, it says so
            assert failure.kind == "firmware-stop"
            assert failure.data["firmware"]["message"] == "user_va_idx != -1"


def test_a_small_document_with_millions_of_descriptors_is_refused_and_holds_up_nobody(daemon):
    """Without a limit, two lines of JSON would make mmpd write gigabytes of it."""
    document = documents.platform("vast", va_bits=48, pa_bits=48, core_debug=False,
                                  reserved_shm=None,
                                  trusted_dram={"base": "0xe100000", "size": "0x100000000000"})
    document["registrations"] = []
    with daemon.client() as client, daemon.client() as other:
        request = client.start("layout.compute", platform=document)
        assert other.call("service.info")["version"]
        fails("too-large", "ask with detail map", client.answer, request)
        assert client.call("layout.compute", platform=document, detail="map")["memory_map"]


def test_a_build_of_many_registrations_is_made_while_others_are_answered(daemon):
    """Whoever asks behind it is answered before it: the loop did not wait for the build."""
    document = documents.platform(va_bits=48, pa_bits=48, core_debug=False)
    document["registrations"] += [documents.region(number) for number in range(20000)]
    with daemon.client() as client:
        client.call("platform.put", document=document)
        for method, more in (("build.create", {}), ("build.compare", {"dump": []})):
            request = client.start(method, platform="virt", pool=documents.POOL, **more)
            assert client.call("service.info")
            assert client.notifications == [], "its own answer came first"
            with pytest.raises(mmp.Failure, match="0x10000 bytes are too few"):
                client.answer(request)
        document["registrations"] = document["registrations"][:1004]
        larger = client.call("build.create", platform=document, pool={"base": "0xe200000", "size": "8M"},
                             accept_findings=True)
        assert [f["id"] for f in larger["accepted_findings"]] == ["boot-memory-exhausted"]
        assert client.call("build.get", id=larger["id"])["id"] == larger["id"] and larger["new"]
        dump = [{"address": "0xe200000", "bytes": base64.b64encode(bytes(4096)).decode()}]
        for method, more in (("build.walk", {"va": "0x1000"}), ("build.compare", {"dump": dump})):
            request = client.start(method, id=larger["id"], **more)
            assert client.call("service.info")
            assert client.notifications == [], "its own answer came first"
            assert client.answer(request)["id" if method == "build.compare" else "path"]
            with daemon.client() as leaving:
                leaving.start(method, id=larger["id"], **more)
        assert client.call("build.walk", id=larger["id"], va="0x1000")


def test_a_client_that_leaves_before_its_large_layout_is_there_harms_nobody(daemon):
    document = json.loads((mmp.TOP / "platforms/qemu-armv8a.json").read_text())
    document["registrations"] += [
        {"section": "phys_mem_map", "type": "MEM_AREA_IO_SEC", "name": "",
         "addr": hex(0x10000000 + i * 0x4000), "size": "0x1000"} for i in range(5000)]
    for _ in range(5):
        with mmp.Client(daemon.socket) as client:
            client.start("layout.compute", platform=document)
    with mmp.Client(daemon.socket) as client:
        assert client.call("service.info")["version"]


def test_short_platforms_keep_their_place_in_a_long_batch(daemon):
    """What goes to a thread is chosen by the document, not by the line that has it."""
    calls = [("platform.put", {"document": documents.platform()}),
             ("region.register", {"platform": "virt", **documents.region(4000)}),
             ("platform.list", {"after": "x" * (200 << 10)})]
    with daemon.client(check=False) as client:
        client.send([{"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                     for number, (method, params) in enumerate(calls)])
        answers = {answer["id"]: answer for answer in client.read()}
    assert [answers[number].get("result", answers[number])["revision"] for number in range(2)] == [1, 2], answers
