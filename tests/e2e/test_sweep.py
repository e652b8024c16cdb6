"""layout.sweep: every ASLR seed of a platform, as a job."""

import json

import pytest

import documents
import mmp

PAGE = 0x1000


def few_tables(tables):
    return documents.vector("real/real_aslr", dyn_config=False, max_xlat_tables=tables)


@pytest.fixture(name="client")
def connected(tmp_path):
    with mmp.Daemon(tmp_path) as daemon, mmp.Client(daemon.socket) as client:
        yield client


def sweep(client, platform, **params):
    job = client.call("layout.sweep", platform=platform, **params)
    return client.call("job.watch", job=job["job"])


def test_every_base_of_the_qemu_platform_boots(client):
    job = sweep(client, documents.vector("real/real_aslr"))
    report = job["report"]
    assert job["state"] == "done"
    assert report["seeds"] == {"first": "0x0", "last": "0xffffffff", "step": "0x1000",
                               "count": 1 << 20, "sampled": False}
    assert report["failed"] == 0 and report["failures"] == []
    assert sum(report["candidates"].values()) == 1 << 20
    assert sum(count for _, count in report["xlat_tables"]["histogram"]) == 1 << 20
    steps = [m["params"]["progress"] for m in client.notifications
             if m["method"] == "job.progress" and "progress" in m["params"]]
    done = [step["done"] for step in steps]
    assert len(done) > 10 and done == sorted(done)


def test_the_worst_seed_needs_the_tables_that_the_report_says(client):
    """The number is that of layout.compute with this very seed, and one fewer would not do."""
    platform = few_tables(99)
    tables, with_few = (sweep(client, few_tables(limit), first="0x60000000",
                              count=0x10000)["report"]["xlat_tables"] for limit in (99, 6))
    assert with_few == tables
    platform["config"]["aslr_seed"] = tables["most_seed"]
    layout = client.call("layout.compute", platform=platform, detail="map")
    assert layout["xlat_tables_used"] == tables["most"]
    short = few_tables(tables["most"] - 1)
    short["config"]["aslr_seed"] = tables["most_seed"]
    with pytest.raises(mmp.Failure) as failure:
        client.call("layout.compute", platform=short)
    assert failure.value.kind == "firmware-stop"


def test_failing_seeds_are_intervals_and_compute_says_the_same_at_their_edges(client):
    report = sweep(client, few_tables(6), first="0x71c00000", count=2048)["report"]
    assert 0 < report["failed"] < 2048
    assert sum(interval["count"] for interval in report["failures"]) == report["failed"]

    def stops(seed):
        platform = few_tables(6)
        platform["config"]["aslr_seed"] = hex(seed)
        try:
            client.call("layout.compute", platform=platform, detail="map")
        except mmp.Failure as failure:
            assert failure.data["firmware"]["message"] == interval["message"]
            return True
        return False

    for interval in report["failures"]:
        first, last = int(interval["first"], 16), int(interval["last"], 16)
        assert last - first + 1 == interval["count"] * PAGE
        assert stops(first) and stops(last)
        if first > 0x71c00000:
            assert not stops(first - PAGE)
        if last + 1 < 0x71c00000 + 2048 * PAGE:
            assert not stops(last + 1)


def test_the_daemon_answers_others_while_it_sweeps(tmp_path):
    with mmp.Daemon(tmp_path) as daemon, mmp.Client(daemon.socket) as client:
        job = client.call("layout.sweep", platform=documents.vector("real/real_va48", aslr=True),
                          count=1 << 26)["job"]
        with mmp.Client(daemon.socket) as other:
            for _ in range(50):
                assert other.call("service.info")["version"]
            assert other.call("job.get", job=job)["state"] == "running"
            other.call("job.cancel", job=job)
        ended = client.call("job.watch", job=job)
        assert ended["state"] == "cancelled" and "report" not in ended
        with pytest.raises(mmp.Failure) as failure:
            client.call("job.cancel", job=job)
        assert failure.value.kind == "conflict"


def test_a_large_platform_is_swept_in_small_chunks(client):
    """A chunk holds up a cancel, and the end of the daemon: 4096 of these would take half a minute."""
    platform = documents.vector("real/real_aslr", core_debug=False)
    platform["registrations"] += [documents.region(number) | {"addr": hex(0x40000000 + number * PAGE)}
                                  for number in range(5000)]
    assert sweep(client, platform, count=400)["state"] == "done"
    done = [m["params"]["progress"]["done"] for m in client.notifications if "progress" in m["params"]]
    assert any(0 < count < 400 for count in done)


def test_sigterm_ends_the_daemon_in_the_middle_of_a_sweep(tmp_path):
    with mmp.Daemon(tmp_path) as daemon:
        with mmp.Client(daemon.socket) as client:
            job = client.call("layout.sweep", platform=documents.vector("real/real_va48", aslr=True), count=1 << 26)["job"]
        daemon.stop()  # which asserts that it ended well
        daemon.start()
        with mmp.Client(daemon.socket) as client:
            assert client.call("job.get", job=job)["state"] == "interrupted"


def test_the_client_says_no_where_a_seed_stops_the_boot(tmp_path):
    path = tmp_path / "few.json"
    path.write_text(json.dumps(few_tables(6)))
    with mmp.Daemon(tmp_path) as daemon:
        done = daemon.mmpctl("layout", "sweep", path, "--first", "0x71c00000", "--count", "2048")
        assert (done.returncode, done.stderr) == (4, "") and "Seeds that stop the boot" in done.stdout
        assert daemon.mmpctl("job", "watch", "1").returncode == 4
        assert daemon.mmpctl("job", "get", "1").returncode == 0
        path.write_text(json.dumps(few_tables(100)))
        assert daemon.mmpctl("layout", "sweep", path, "--count", "16").returncode == 0


def test_a_wide_address_space_is_sampled_and_says_so(client):
    report = sweep(client, documents.vector("real/real_va48", aslr=True), first="0x0",
                   step="0x10000000", count=4096)["report"]
    assert report["seeds"]["sampled"] is True
    assert report["seeds"]["count"] == 4096


@pytest.mark.parametrize("params, says", [
    ({"first": "0x800"}, "first 0x800, step 0x1000: they must be multiples of 0x1000"),
    ({"step": "0x0"}, "multiples of 0x1000"),
    ({"count": 0}, "1 to 67108864"),
    ({"count": (1 << 26) + 1}, "1 to 67108864"),
    ({"first": "0xfffffffffffff000", "count": 2}, "go past 2^64; at most 1 fit"),
    ({"revision": 3}, "revision"),
])
def test_seeds_that_cannot_be_are_refused(client, params, says):
    with pytest.raises(mmp.Failure) as failure:
        client.call("layout.sweep", platform=documents.vector("real/real_aslr"), **params)
    assert failure.value.kind == "invalid" and says in str(failure.value)


def test_the_last_seed_there_is_can_be_swept(client):
    report = sweep(client, documents.vector("real/real_aslr"), first="0xfffffffffffff000",
                   count=1)["report"]
    assert report["seeds"]["last"] == "0xffffffffffffffff"


def test_a_rule_set_without_aslr_has_no_seeds(client):
    recorded = json.loads(
        (mmp.TOP / "tests/vectors/optee-3.4/platforms/d001_fvp.json").read_text())
    with pytest.raises(mmp.Failure) as failure:
        client.call("layout.sweep", platform=recorded)
    assert failure.value.kind == "invalid" and "no ASLR" in str(failure.value)
