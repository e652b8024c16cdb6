"""What mmpd says of itself: OpenMetrics over HTTP, the page for people, log lines with request ids."""

import contextlib
import http.client
import os
import pathlib
import re
import socket
import time

import pytest

import boards
import documents
import mmp


class UnixHttp(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=mmp.DEADLINE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))  # waits, where a socket with a time-out would be told to try again
        self.sock.settimeout(mmp.DEADLINE)


def get(connection, path="/metrics", method="GET", **more):
    connection.request(method, path, **more)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Content-Type"), answer.read().decode()


SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)')
SUFFIXES = {"info": ["_info"], "gauge": [""], "counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}


def read(text):
    """The samples of an OpenMetrics text, {(name, labels): value}; each must belong to the family before it."""
    assert text.endswith("# EOF\n") and "\n\n" not in text
    samples, family, seen = {}, None, set()
    for line in text.splitlines()[:-1]:
        if line.startswith("# TYPE "):
            _, _, family, kind = line.split(" ")
            assert family not in seen, family
            seen.add(family)
        elif line.startswith("# HELP "):
            assert line.split(" ")[2] == family and '"' not in line and "\\" not in line  # which would have to be escaped
        else:
            name, labels, value = SAMPLE.fullmatch(line).groups()
            assert name in [family + suffix for suffix in SUFFIXES[kind]], line
            assert (name, labels) not in samples
            samples[name, labels] = float(value)
    return samples


def test_metrics_are_answered_over_http_on_a_unix_socket_and_nothing_else_is(tmp_path):
    path = tmp_path / "metrics.sock"
    with mmp.Daemon(tmp_path, "--metrics", f"unix:{path}") as daemon:
        for _ in range(3):
            daemon.call("service.whoami")
        with pytest.raises(mmp.Failure):
            daemon.call("platform.get", name="nope")
        status, kind, text = get(UnixHttp(path))
        assert status == 200 and kind.startswith("application/openmetrics-text; version=1.0.0")
        samples = read(text)
        assert samples["mmpd_call_seconds_count", 'method="service.whoami"'] == 3
        assert samples["mmpd_call_seconds_bucket", 'method="service.whoami",le="+Inf"'] == 3
        assert samples["mmpd_failed_calls_total", 'method="platform.get"'] == 1
        buckets = [value for (name, labels), value in samples.items()
                   if name == "mmpd_call_seconds_bucket" and 'whoami"' in labels]
        assert buckets == sorted(buckets) and len(buckets) == 14
        assert get(UnixHttp(path), "/")[0] == 404
        assert get(UnixHttp(path), method="POST")[0] in (405, 501)
        assert get(UnixHttp(path), headers={"X": "y" * 10000})[0] == 400
        assert read(daemon.call("service.metrics")["text"]).keys() >= samples.keys()
        assert path.stat().st_mode & 0o777 == 0o660
    assert not path.exists()


def canonical(number):
    """Whether a number is written as OpenMetrics says for the value of the label le."""
    return number == "+Inf" or "." in number or "e" in number


def test_the_command_prints_the_text_as_it_is_and_bounds_are_canonical(daemon):
    daemon.call("service.whoami")
    text = daemon.mmpctl("service", "metrics").stdout
    samples = read(text)
    assert samples["mmpd_call_seconds_count", 'method="service.whoami"'] == 1
    assert all(canonical(bound) for bound in re.findall(r'le="([^"]*)"', text))
    assert samples["mmpd_user_bytes", f'uid="{os.geteuid()}"'] > 0
    assert samples["mmpd_store_away", None] == 0


def test_the_memory_of_a_flood_is_returned_to_the_system_once_for_each_flood(tmp_path):
    with mmp.Daemon(tmp_path) as daemon, daemon.client() as client:
        def returned():
            return read(client.call("service.metrics")["text"])["mmpd_memory_returned_total", None]

        for flood in range(2):
            assert returned() == flood
            with pytest.raises(mmp.Failure) as failure:  # a line counts as what it may take up once it is parsed
                client.call("platform.get", name="x" * (8 << 20))
            assert failure.value.kind == "not-found"
            until = time.monotonic() + mmp.DEADLINE
            while returned() == flood:
                assert time.monotonic() < until


def test_metrics_are_answered_on_a_loopback_port(tmp_path):
    with mmp.free_port() as port, mmp.Daemon(tmp_path, "--metrics", f"127.0.0.1:{port}"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=mmp.DEADLINE)
        assert read(get(connection)[2])["mmpd_clients", None] == 0


def test_requests_over_http_that_are_never_completed_leave_half_of_the_descriptors_to_clients(tmp_path):
    path = tmp_path / "metrics.sock"
    with mmp.Daemon(tmp_path, "--metrics", f"unix:{path}", wrapper=["prlimit", "--nofile=100:100"]) as daemon:
        descriptors = pathlib.Path(f"/proc/{daemon.process.pid}/fd")
        with contextlib.ExitStack() as stack:
            for _ in range(90):
                one = stack.enter_context(socket.socket(socket.AF_UNIX))
                one.settimeout(0)
                with contextlib.suppress(BlockingIOError):
                    one.connect(str(path))
                    one.send(b"GET /metrics HTTP/1.1\r\n")
                daemon.call("service.whoami")
            clients = [stack.enter_context(daemon.client()) for _ in range(30)]
            assert all(client.call("service.whoami")["roles"] for client in clients)
            assert 50 < len(list(descriptors.iterdir())) <= 50 + 30 + 2
        assert get(UnixHttp(path))[0] == 200  # when those have left


@pytest.mark.parametrize("address", ["0.0.0.0:9464", "192.168.1.1:9464", "[::]:9464", "9464", "localhost", "127.0.0.1",
                                     "unix:relative", ""])
def test_metrics_stay_on_this_machine(tmp_path, address):
    with pytest.raises(RuntimeError, match="it has no access control, so it must stay on this machine"):
        mmp.Daemon(tmp_path, "--metrics", address)


def test_a_file_or_the_socket_of_another_is_not_replaced_by_that_of_the_metrics(tmp_path):
    file, path = tmp_path / "precious", tmp_path / "metrics.sock"
    file.write_text("bytes")
    with pytest.raises(RuntimeError, match="--metrics: socket .*precious: the file exists and is not a socket"):
        mmp.Daemon(tmp_path, "--metrics", f"unix:{file}")
    assert file.read_text() == "bytes"
    with mmp.Daemon(tmp_path, "--metrics", f"unix:{path}") as daemon:
        (tmp_path / "other").mkdir()
        for taken in (path, daemon.socket, tmp_path / "other" / "mmpd.sock"):  # the last one: its own
            with pytest.raises(RuntimeError, match="another process answers there"):
                mmp.Daemon(tmp_path / "other", "--metrics", f"unix:{taken}")
        assert get(UnixHttp(path))[0] == 200 and daemon.call("service.whoami")
        daemon.kill()
        daemon.start()  # in the place of what it left
        assert get(UnixHttp(path))[0] == 200


def test_the_line_to_each_board_is_counted_and_the_page_has_it(tmp_path):
    with mmp.Daemon(tmp_path) as daemon, boards.Board(tmp_path) as board, daemon.client() as client:
        build = boards.prepare(client, board.path, 'desk "2"')
        job = client.call("push.start", build=build, board='desk "2"')["job"]
        done = client.call("job.watch", job=job)
        assert done["state"] == "done"
        client.call("board.probe", name='desk "2"')
        [line] = client.call("service.status")["lines"]
        assert line["sessions"] == 2 and line["failed"] == 0
        assert line["frames"] > done["report"]["frames"]["sent"] > 2
        assert line["resent"] >= done["report"]["frames"]["resent"]
        samples = read(client.call("service.metrics")["text"])
        assert samples["mmpd_line_frames_sent_total", 'board="desk \\"2\\""'] == line["frames"]
        page = daemon.mmpctl("service", "status").stdout
        for words in ("Memory by user", "KiB", "clients connected", "clients at most", 'desk "2"', "MEDIAN MS", "push.start"):
            assert words in page


def test_a_call_has_a_number_in_the_log_with_who_asked_and_how_it_went(tmp_path):
    with mmp.Daemon(tmp_path, "--log-level", "debug") as daemon:
        daemon.call("platform.put", document=documents.platform())
        with pytest.raises(mmp.Failure):
            daemon.call("platform.get", name="nope")
    rows = [dict(word.split("=", 1) for word in line.split(" call ")[1].split())
            for line in daemon.words().splitlines() if " call " in line]
    assert [(row["method"], row["outcome"]) for row in rows] == [("platform.put", "ok"), ("platform.get", "not-found")]
    assert len({row["number"] for row in rows}) == 2
    for row in rows:
        assert row["id"] == "1" and "error" not in row and int(row["uid"]) >= 0 and float(row["ms"]) > 0 and int(row["bytes"]) > 0


def test_a_line_of_the_log_stays_pairs_whatever_the_request_and_says_why_mmpd_failed(tmp_path):
    with mmp.Daemon(tmp_path, "--log-level", "debug", own_file=True) as daemon, daemon.client(check=False) as client:
        for one in ("a b=c\n\"d\"", "", 1.5):
            client.send({"jsonrpc": "2.0", "id": one, "method": "service.whoami"})
            assert client.read()["id"] == one
        (tmp_path / "mmpd.db").unlink()
        with pytest.raises(mmp.Failure, match="does not exist any more"):
            client.call("platform.put", document=documents.platform())
    calls = [line.split(" call ")[1] for line in daemon.words().splitlines() if " call " in line]
    assert [call.split()[1] for call in calls[:3]] == ["id=a_b_c__d_", "id=-", "id=1.5"]
    assert re.search('outcome=system error="[^"]*mmpd.db: does not exist any more [^"]*; restart mmpd"$', calls[3])
