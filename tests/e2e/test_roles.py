"""Who may do what: roles by user and group, from a file of settings."""

import json
import os
import signal
import subprocess
import sys

import pytest

import documents
import mmp

NOBODY = 65534
ELSE = 65533  # some user that owns nothing here

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become other users")


def settings(folder, text):
    path = folder / "mmpd.conf"
    path.write_text(text)
    return path


def open_to_all(daemon):
    os.chmod(daemon.folder, 0o755)
    os.chmod(daemon.socket, 0o666)


def call_as(daemon, uid, groups, method, **params):
    """The answer to a call of another user with these groups, as a message."""
    open_to_all(daemon)
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n"
    code = ("import os, socket, sys\n"
            f"s = socket.socket(socket.AF_UNIX)\nos.chdir({str(daemon.folder)!r})\nos.setgroups({groups!r})\nos.setgid({NOBODY})\nos.setuid({uid})\n"
            f"s.connect({daemon.socket.name!r})\ns.sendall({request!r}.encode())\n"
            "print(s.makefile().readline(), end='')\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=mmp.DEADLINE)
    assert not done.stderr, done.stderr
    return json.loads(done.stdout)


def kind(answer):
    return answer["error"]["data"]["kind"] if "error" in answer else "ok"


def test_who_runs_it_is_admin(daemon):
    me = daemon.call("service.whoami")
    assert me["uid"] == os.geteuid() and me["pid"] == os.getpid()
    assert me["roles"] == ["reader", "engineer", "operator", "admin"]


# What each method does, and so who may: the whole table, so that a new method is thought about.
ACCESS = {
    "reader": {"rpc.discover", "service.info", "service.status", "service.metrics", "service.whoami", "memtype.list",
               "descriptor.encode", "descriptor.decode", "platform.get", "platform.list", "platform.history",
               "region.list", "layout.compute", "build.get", "build.list", "build.export", "build.walk",
               "build.compare", "board.get", "board.list", "board.history", "board.scan", "key.list", "job.get", "job.list",
               "job.watch", "job.cancel", "policy.list", "policy.explain", "rules.list", "layout.explain", "layout.diff", "layout.map"},
    "engineer": {"platform.put", "platform.revert", "platform.remove", "region.register", "region.remove",
                 "layout.budget", "layout.sweep", "layout.check", "build.create", "build.remove"},
    "operator": {"push.start", "board.probe"},
    "admin": {"board.put", "board.remove", "key.new", "key.trust", "key.revoke", "key.enroll", "service.backup",
              "service.reload"},
}


def test_every_method_says_which_role_it_takes(daemon):
    methods = {one["name"]: one["x-access"] for one in daemon.call("rpc.discover")["methods"]}
    assert {role: {name for name in methods if methods[name] == role} for role in ACCESS} == ACCESS


def needed(schema):
    """Some value for each parameter that a method needs."""
    kinds = {"string": "x", "integer": 1, "object": {}, "array": [], "boolean": True}
    kind = schema["schema"].get("type", "string")
    return kinds[kind[0] if isinstance(kind, list) else kind]


@as_root
def test_every_method_is_denied_to_who_lacks_its_role_and_the_denial_names_it(tmp_path):
    conf = settings(tmp_path, "[roles]\nreader = others\nengineer = group:5001\noperator = group:5002\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon:
        methods = daemon.call("rpc.discover")["methods"]
        for one in methods:
            if one["x-access"] == "reader":
                continue
            params = {row["name"]: needed(row) for row in one["params"] if row.get("required")}
            groups = [5002] if one["x-access"] == "engineer" else [5001]
            error = call_as(daemon, NOBODY, groups, one["name"], **params)["error"]
            assert error["data"]["kind"] == "denied", (one["name"], error)
            assert f"{one['name']}: needs the role {one['x-access']}; you have: reader" in error["message"]


@as_root
def test_roles_come_from_user_and_group_and_a_denial_names_what_would_do(tmp_path):
    conf = settings(tmp_path, "[roles]\nreader = others\nengineer = group:5001\noperator = group:5002, user:65533\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon:
        rows = [
            (NOBODY, [], ["reader"]),
            (NOBODY, [5001], ["reader", "engineer"]),
            (NOBODY, [5002], ["reader", "operator"]),
            (NOBODY, [5001, 5002], ["reader", "engineer", "operator"]),
            (ELSE, [], ["reader", "operator"]),
        ]
        for uid, groups, roles in rows:
            assert call_as(daemon, uid, groups, "service.whoami")["result"]["roles"] == roles
            put = call_as(daemon, uid, groups, "platform.put", document=documents.platform())
            assert kind(put) == ("ok" if "engineer" in roles else "denied")
            assert kind(call_as(daemon, uid, groups, "board.put", name="desk", line="unix:/x")) == "denied"
            push = kind(call_as(daemon, uid, groups, "push.start", build="0" * 8, board="desk"))
            assert push == ("not-found" if "operator" in roles else "denied")
        denied = call_as(daemon, NOBODY, [], "platform.put", document=documents.platform())["error"]
        assert "platform.put: needs the role engineer; you have: reader" in denied["message"]
        assert denied["code"] == -32020


@as_root
def test_who_has_no_role_is_told_so(tmp_path):
    with mmp.Daemon(tmp_path, "--config", settings(tmp_path, "[roles]\nengineer = group:5001\n")) as daemon:
        denied = call_as(daemon, NOBODY, [], "service.info")["error"]
        assert denied["data"]["kind"] == "denied" and "you have: none" in denied["message"]


@as_root
def test_an_operator_has_the_boards_that_are_named(tmp_path):
    conf = settings(tmp_path, "[roles]\noperator = others\n[boards]\ngroup.5001 = desk-*, shelf\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon:
        for board, groups, wanted in (("desk-1", [5001], "not-found"), ("shelf", [5001], "not-found"),
                                      ("rack", [5001], "denied"), ("desk-1", [], "denied")):
            assert kind(call_as(daemon, NOBODY, groups, "board.probe", name=board)) == wanted
            assert kind(call_as(daemon, NOBODY, groups, "push.start", build="0" * 8, board=board)) == wanted


@as_root
def test_settings_are_read_anew_and_wrong_ones_change_nothing(tmp_path):
    conf = settings(tmp_path, "[roles]\nreader = others\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon:
        assert call_as(daemon, NOBODY, [], "service.whoami")["result"]["roles"] == ["reader"]
        conf.write_text("[roles]\nengineer = others\n")
        daemon.call("service.reload")
        assert call_as(daemon, NOBODY, [], "service.whoami")["result"]["roles"] == ["reader", "engineer"]
        conf.write_text("[roles]\nking = others\n")
        with pytest.raises(mmp.Failure) as failure:
            daemon.call("service.reload")
        assert failure.value.kind == "invalid" and f"{conf}:2: king" in failure.value.args[0]
        assert call_as(daemon, NOBODY, [], "service.whoami")["result"]["roles"] == ["reader", "engineer"]
        conf.write_text("[roles]\nreader = others\n")
        daemon.process.send_signal(signal.SIGHUP)
        while call_as(daemon, NOBODY, [], "service.whoami")["result"]["roles"] != ["reader"]:
            pass


@as_root
def test_a_role_that_is_taken_away_is_gone_for_who_is_connected(tmp_path):
    """As another user: who runs mmpd is always an admin."""
    conf = settings(tmp_path, "[roles]\nengineer = others\n")
    code = ("import os, socket, sys\n"
            "s = socket.socket(socket.AF_UNIX)\nos.chdir(sys.argv[1])\nos.setgroups([])\nos.setgid(65534)\nos.setuid(65534)\n"
            "s.connect('mmpd.sock')\nf = s.makefile()\n"
            "for line in sys.stdin:\n  s.sendall(line.encode())\n  print(f.readline(), end='', flush=True)\n")
    with mmp.Daemon(tmp_path, "--config", conf) as daemon:
        open_to_all(daemon)
        with subprocess.Popen([sys.executable, "-c", code, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            def ask(method, **params):
                other.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n")
                other.stdin.flush()
                return json.loads(other.stdout.readline())

            assert kind(ask("platform.put", document=documents.platform())) == "ok"
            conf.write_text("[roles]\nreader = others\n")
            daemon.call("service.reload")
            assert kind(ask("platform.put", document=documents.platform("second"))) == "denied"
            assert ask("service.whoami")["result"]["roles"] == ["reader"]
            other.stdin.close()


@pytest.mark.parametrize("text, words", [
    ("[roles]\nengineer = group:no-such-group-here\n", "no such group"),
    ("[roles]\nengineer = eva\n", "user:NAME or group:NAME"),
    ("[rules]\n\n[lols]\nx = 1\n", "no such section"),
    ("[limits]\nmemory = much\n", "much"),
    ("[limits]\nspeed = 1\n", "must be one of memory, user_memory, user_clients"),
    ("[retention]\nboards = 1\n", "must be one of jobs, history, builds"),
    ("nonsense\n", "NAME = VALUE"),
    ("[limits]\nmemory = 1048575\n", "memory: 1048575: must be from 1048576 to"),
    ("[limits]\nuser_clients = 257\n", "must be from 1 to 256"),
    ("[limits]\nuser_jobs = 0\n", "must be from 1 to 64"),
    ("[retention]\nbuilds = 36501\n", "must be from 0 to 36500"),
    ("[roles]\nengineer = user:4294967295\n", "the number must be below 4294967295"),
    ("[roles]\nengineer = user:0," + 180 * " " + "user:1\n", "a line may have at most 198 bytes"),
])
def test_settings_that_are_wrong_are_refused_with_their_line(tmp_path, text, words):
    with pytest.raises(RuntimeError) as failure:
        mmp.Daemon(tmp_path, "--config", settings(tmp_path, text))
    assert words in str(failure.value) and "mmpd.conf:" in str(failure.value)


def test_settings_that_are_no_file_are_refused(tmp_path):
    with pytest.raises(RuntimeError, match=f"{tmp_path}: it is not a file"):
        mmp.Daemon(tmp_path, "--config", tmp_path)


def test_dev_null_has_no_settings(tmp_path):
    with mmp.Daemon(tmp_path, "--config", "/dev/null") as daemon:
        assert "admin" in daemon.call("service.whoami")["roles"]


@as_root
def test_the_last_bytes_of_a_line_and_the_last_of_many_groups_count(tmp_path):
    line = "engineer = user:4294967294,"
    line += (198 - len(line) - len("group:7001")) * " " + "group:7001"
    text = f"[roles]\nreader = others\n{line}\n[limits]\nuser_clients = 256\nuser_jobs = 64\nmemory = 1M\n"
    with mmp.Daemon(tmp_path, "--config", settings(tmp_path, text)) as daemon:
        me = call_as(daemon, NOBODY, [*range(6000, 6200), 7001], "service.whoami")["result"]
        assert me["roles"] == ["reader", "engineer"] and 7001 in me["groups"]
        denied = call_as(daemon, ELSE, [], "platform.remove", name="x")["error"]["message"]
        assert str(tmp_path / "mmpd.conf") in denied


@as_root
def test_who_has_no_name_is_called_by_number(tmp_path):
    with mmp.Daemon(tmp_path) as daemon:
        assert call_as(daemon, ELSE, [], "service.whoami")["result"]["user"] == str(ELSE)


@as_root
def test_a_user_over_the_share_of_memory_is_busy_and_others_go_on(tmp_path):
    conf = settings(tmp_path, "[roles]\nengineer = others\n[limits]\nuser_memory = 24M\nmemory = 64M\n")
    document = documents.platform()
    document["registrations"] += [documents.region(number, name="x" * 4000) for number in range(256)]
    with mmp.Daemon(tmp_path, "--config", conf) as daemon, daemon.client() as slow:
        slow.call("platform.put", document=document)
        for _ in range(32):
            slow.start("platform.get", name="virt")  # a megabyte each, and not fetched
        waiting = daemon.client()
        while True:
            try:
                waiting.call("platform.list")
            except mmp.Failure as failure:
                assert failure.kind == "busy" and "the limit is 25165824" in failure.args[0]
                break
        assert kind(call_as(daemon, NOBODY, [], "platform.list")) == "ok"
        assert daemon.call("service.info")  # what costs nothing still answers
        outcomes = [slow.read() for _ in range(32)]
        assert {kind(one) for one in outcomes} <= {"ok", "busy"}
        assert waiting.call("platform.list")  # fetched: there is room again
        waiting.close()


def test_status_counts_calls_and_failures_by_method(daemon):
    with daemon.client() as client:
        for _ in range(3):
            client.call("platform.list")
        with pytest.raises(mmp.Failure):
            client.call("platform.get", name="nobody")
        methods = {one["method"]: one for one in client.call("service.status")["methods"]}
        assert methods["platform.list"]["calls"] == 3 and methods["platform.list"]["failed"] == 0
        assert methods["platform.get"]["calls"] == 1 and methods["platform.get"]["failed"] == 1
        text = client.call("service.metrics")["text"]
    assert 'mmpd_call_seconds_count{method="platform.list"} 3' in text
    assert 'mmpd_failed_calls_total{method="platform.get"} 1' in text
    assert "mmpd_clients 1" in text and text.endswith("# EOF\n")
