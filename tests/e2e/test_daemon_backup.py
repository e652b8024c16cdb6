"""Backups of a database in use."""

import sqlite3
import threading

import pytest

import documents
import mmp


def integrity(path):
    with sqlite3.connect(path) as database:
        return database.execute("PRAGMA integrity_check").fetchall()


def test_a_backup_taken_under_load_opens_and_is_whole(daemon, tmp_path):
    document = documents.platform("big")
    document["registrations"] += [documents.region(number) for number in range(20000)]
    ended = threading.Event()
    with daemon.client() as client:
        for revision in range(5):  # each with a change, as the same again is no revision
            document["registrations"][-1]["name"] = f"revision.{revision}"
            client.call("platform.put", document=document)
        client.call("platform.put", document=documents.platform())

    def write():
        number = 0
        with daemon.client() as client:
            while not ended.is_set():
                client.call("region.register", platform="virt", **documents.region(number))
                number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        done = [daemon.call("service.backup", name=f"copy{n}") for n in range(3)]
    finally:
        ended.set()
        writer.join(mmp.DEADLINE)
    for one in done:
        assert integrity(one["path"]) == [("ok",)]
        assert one["bytes"] > 5_000_000
        (tmp_path / "again").mkdir()
        (tmp_path / "again" / "mmpd.db").write_bytes(open(one["path"], "rb").read())
        with mmp.Daemon(tmp_path / "again") as copy:
            assert copy.call("platform.get", name="big", revision=3)["document"]["registrations"]
            history = copy.call("platform.history", name="virt")["history"]
            listed = copy.call("region.list", platform="virt")["registrations"]
            assert len(listed) == len(documents.QEMU["registrations"]) + len(history) - 1
        for path in (tmp_path / "again").iterdir():
            path.unlink()
        (tmp_path / "again").rmdir()
    assert not list(tmp_path.glob("**/*.part"))


@pytest.mark.parametrize("name", ["", ".hidden", "..", "../copy", "/tmp/copy", "a/b"])
def test_a_name_that_leads_elsewhere_is_refused(daemon, name):
    with pytest.raises(mmp.Failure) as failure:
        daemon.call("service.backup", name=name)
    assert failure.value.kind == "invalid"


def test_a_file_that_is_there_is_not_overwritten(daemon, tmp_path):
    path = tmp_path / "backups" / "mine"
    path.parent.mkdir()
    path.write_text("letter")
    with pytest.raises(mmp.Failure) as failure:
        daemon.call("service.backup", name="mine")
    assert failure.value.kind == "conflict"
    assert path.read_text() == "letter"


def test_a_client_that_goes_away_takes_its_backup_with_it(daemon, tmp_path):
    document = documents.platform("big")
    document["registrations"] += [documents.region(number) for number in range(100000)]
    daemon.call("platform.put", document=document)
    client = daemon.client()
    client.start("service.backup", name="copy")
    client.close()
    # The same path is free again soon, or was taken by the copy that was done in time.
    while True:
        try:
            daemon.call("service.backup", name="copy")
            break
        except mmp.Failure as failure:
            assert failure.kind == "conflict"
            if ".part" not in failure.args[0]:
                break
    assert integrity(tmp_path / "backups" / "copy") == [("ok",)]
    assert not list(tmp_path.glob("**/*.part"))


def test_a_backup_is_restored_as_the_manual_says_also_beside_the_journal_of_a_killed_mmpd(tmp_path):
    with mmp.Daemon(tmp_path) as daemon:
        assert "did not exist; a new, empty one was created" in daemon.words()
        daemon.call("platform.put", document=documents.platform("kept"))
        copy = daemon.call("service.backup", name="copy")["path"]
        for number in range(20):
            daemon.call("region.register", platform="kept", **documents.region(number))
        daemon.call("platform.put", document=documents.platform("later"))
        daemon.kill()
    beside = [tmp_path / f"mmpd.db{end}" for end in ("", "-wal", "-shm")]
    assert all(path.exists() for path in beside)
    for path in beside:
        path.rename(tmp_path / f"old.{path.name}")
    (tmp_path / "mmpd.log").unlink()
    (tmp_path / "mmpd.db").write_bytes(open(copy, "rb").read())
    with mmp.Daemon(tmp_path) as daemon, daemon.client() as client:
        assert "did not exist" not in daemon.words()
        assert [one["name"] for one in client.call("platform.list")["platforms"]] == ["kept"]
        assert client.call("platform.get", name="kept")["revision"] == 1
        assert client.call("region.register", platform="kept", **documents.region(1))["revision"] == 2
    assert integrity(tmp_path / "mmpd.db") == [("ok",)]


def test_without_its_write_ahead_log_nothing_more_is_acknowledged_and_nothing_is_lost(tmp_path):
    with mmp.Daemon(tmp_path, own_file=True) as daemon:
        daemon.call("platform.put", document=documents.platform("before"))
        (tmp_path / "mmpd.db-wal").unlink()
        with pytest.raises(mmp.Failure, match="its write-ahead log was deleted or replaced; restart mmpd"):
            daemon.call("platform.put", document=documents.platform("after"))
        daemon.stop()
        daemon.start()
        assert [one["name"] for one in daemon.call("platform.list")["platforms"]] == ["before"]
        daemon.call("platform.put", document=documents.platform("after"))


def test_a_backup_of_a_damaged_database_is_kept_and_called_damaged(tmp_path):
    daemon = mmp.Daemon(tmp_path, own_file=True)
    for number in range(60):
        daemon.call("platform.put", document=documents.platform(f"p{number}"))
    daemon.call("service.backup", name="whole")
    daemon.stop()
    damaged = bytearray(daemon.database.read_bytes())
    rows = [at for at in range(0, len(damaged), 4096) if damaged[at] == 13 and b"GICD_BASE" in damaged[at:at + 4096]]
    damaged[rows[-1] + 8:rows[-1] + 600] = b"\xff" * 592  # where the page says where its rows are
    daemon.database.write_bytes(damaged)
    daemon.start()
    with daemon, pytest.raises(mmp.Failure, match="backups/copy: the database is damaged, and so is this copy") as failure:
        daemon.call("service.backup", name="copy")
    assert failure.value.kind == "system" and (tmp_path / "backups" / "copy").exists()
