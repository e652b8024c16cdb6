"""Every command of mmpctl against a real mmpd and the simulated board."""

import hashlib
import json
import pathlib
import subprocess

import pytest

import boards
import documents
import mmp

PLATFORM = mmp.TOP / "platforms" / "qemu-armv8a.json"
POOL = "0xe1c4000+64K"
LOG = mmp.TOP / "tests" / "import" / "logs" / "aslr.log"

# A session in order: words, exit status, and what people read on stdout (or stderr, where it fails).
# BUILD and JOB stand for what the daemon named them; BOARD_LINE is the simulated board's.
SESSION = [
    ("platform list", 0, "No platforms yet"),
    (f"platform put {PLATFORM}", 0, "revision  1"),
    (f"platform put {PLATFORM} --if-revision 0", 1, "revision"),
    ("platform get qemu-armv8a", 0, "CONSOLE_UART_BASE"),
    ("platform list", 0, "optee-4.10-257"),
    ("region register qemu-armv8a MEM_AREA_IO_SEC 0xa000000 64K --name VIRTIO", 0, "VIRTIO"),
    ("region list qemu-armv8a", 0, "0x0a00ffff"),
    ("region remove qemu-armv8a 4 --if-revision 1", 1, "revision"),
    ("region remove qemu-armv8a 4 --if-revision 2", 0, "VIRTIO"),
    ("region remove qemu-armv8a 4", 3, "4"),
    ("platform history qemu-armv8a", 0, "region.register"),
    ("layout compute qemu-armv8a", 0, "MEM_AREA_TEE_RAM_RX"),
    ("layout compute qemu-armv8a --revision 2", 0, "0x0a000000"),
    (f"layout compute {PLATFORM} --detail map", 0, "TCR_EL1"),
    ("layout compute absent", 3, "absent"),
    ("layout budget qemu-armv8a --shm 4M", 0, "it begins at 0x1157b000, which is not a"),
    (f"layout budget {PLATFORM} --detail map --revision 1", 2, "revision"),
    ("layout budget absent", 3, "absent"),
    (f"layout sweep {mmp.TOP}/tests/vectors/real/real_aslr.json --first 0x60000000 --count 64", 0, "done"),
    ("check qemu-armv8a --against qemu-armv8a@1", 0, "qemu-armv8a: passed"),
    ("map qemu-armv8a@1", 0, "Physical space"),
    ("explain qemu-armv8a@1 0x9000000", 0, "its VA is 0x11200000"),
    ("diff qemu-armv8a@1 qemu-armv8a@2", 0, "registration new \"VIRTIO\""),
    ("platform revert qemu-armv8a 3", 0, "changed   no"),
    (f"platform import {LOG} --name logged --output logged.json", 0, "logged: optee-4.10-257"),
    (f"layout verify ./logged.json {LOG}", 0, "equal             yes"),
    ("memtype list", 0, "MEM_AREA_IO_SEC"),
    ("memtype list --rules optee-9", 2, "optee-9"),
    ("rules list", 0, "optee-3.22"),
    ("rules list", 0, "MEM_AREA_MANIFEST_DT"),
    ("layout compute qemu-armv8a --rules optee-3.4", 0, "optee-3.4"),
    ("layout compute qemu-armv8a --rules optee-3.99", 2, "optee-3.9"),
    ("policy list", 0, "tables-exhausted"),
    ("policy explain user_va_idx", 0, "no-user-va"),
    ("policy list --rules optee-3.4", 0, "merged-short"),
    ("descriptor encode --type MEM_AREA_IO_SEC --pa 0x9000000", 0, "0x0060000009000e03"),
    ("descriptor decode 0x0060000009000e03", 0, "secure P:rw-"),
    ("descriptor encode --attr 0x3851 --config bti=true --config cpu.bti=true", 0, "branch targets are checked"),
    ("config keys", 0, "CFG_CORE_ASLR"),
    ("service info", 0, "rule sets"),
    ("service backup copy.db", 0, "copy.db"),
    ("service whoami", 0, "admin"),
    ("service status", 0, "memory of requests"),
    ("service metrics", 0, "# EOF"),
    ("service reload", 0, "mmpd.conf"),
    ("rpc discover", 0, "layout.compute"),
    (f"build create qemu-armv8a --pool 0xe1c4000+4K", 2, "0x6000"),
    (f"build create qemu-armv8a --pool {POOL}", 0, "BUILD"),
    ("build list", 0, "qemu-armv8a"),
    ("build get BUILD", 0, "xlat"),
    ("build walk BUILD 0x11200000", 0, "0x09000000"),
    ("build walk BUILD 0x1000", 0, "translation fault"),
    ("build export BUILD --output pool.bin", 0, ""),
    ("build compare BUILD --address 0 --file logged.json", 2, "holds nothing of the build"),
    ("board put desk BOARD_LINE", 0, "desk"),
    ("board get desk", 0, "BOARD_LINE"),
    ("board list", 0, "desk"),
    ("board probe desk", 0, "mmpboard"),
    ("board history desk", 0, "Pushes"),
    ("board scan", 0, ""),
    ("board probe absent", 3, "absent"),
    ("push BUILD desk --record push.txt", 0, "done"),
    ("replay push.txt", 0, "the same way"),
    ("replay absent.txt", 1, "absent.txt"),
    ("push BUILD desk --idempotency-key once", 0, "done"),
    ("push BUILD absent", 3, "absent"),
    ("job list", 0, "done"),
    ("job list --board desk", 0, "desk"),
    ("job get JOB", 0, "done"),
    ("job watch JOB", 0, "done"),
    ("job cancel JOB", 1, "ended"),
    ("job get 999999", 3, "999999"),
    ("build remove BUILD", 1, "desk"),
    ("key new lab", 0, "file"),
    ("key list", 0, "lab"),
    ("key enroll desk", 5, "no memory for keys"),
    ("key trust lab desk", 5, "no memory for keys"),
    ("key revoke lab desk", 5, "no memory for keys"),
    ("board remove desk", 0, "desk"),
    ("build remove BUILD", 0, "BUILD"),
    ("build get BUILD", 3, "BUILD"),
    ("platform remove qemu-armv8a", 0, "qemu-armv8a"),
    ("platform get qemu-armv8a", 3, "qemu-armv8a"),
]


class Names:
    """What the daemon called things, put in place of the words of the session."""

    def __init__(self, daemon, board):
        self.daemon, self.known = daemon, {"BOARD_LINE": board.line}

    def fill(self, text):
        for word, value in self.known.items():
            text = text.replace(word, value)
        return text

    def learn(self):
        builds = self.daemon.call("build.list")["builds"]
        jobs = self.daemon.call("job.list")["jobs"]
        if builds:
            self.known["BUILD"] = builds[0]["id"]
        if jobs:
            self.known["JOB"] = str(jobs[0]["job"])


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_a_session_of_every_command(tmp_path, options):
    with mmp.Daemon(tmp_path) as daemon, boards.simulated(tmp_path) as board:
        names = Names(daemon, board)
        for words, status, said in SESSION:
            done = daemon.mmpctl(*options, *names.fill(words).split(), cwd=tmp_path)
            where = f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
            assert done.returncode == status, where
            names.learn()
            if options:
                value = json.loads(done.stdout)
                assert done.stderr == "" and (status != 0) == ("error" in value), where
            else:
                assert names.fill(said) in (done.stderr if status else done.stdout), where
                assert (done.stdout if status else done.stderr) == "", where


def test_the_session_above_has_every_command():
    help_text = mmp.mmpctl("--help").stdout
    commands = {line.split("  ")[1].strip() for line in help_text.splitlines()
                if line.startswith("  ") and line[2].islower()}
    used = {words for words, _, _ in SESSION}
    assert len(commands) > 25
    assert [name for name in commands if not any(f"{words} ".startswith(f"{name} ") for words in used)] == []


def test_every_method_of_the_daemon_has_its_command(daemon):
    methods = {method["name"] for method in daemon.call("rpc.discover")["methods"]}
    page = subprocess.run([mmp.BUILD / "mmpctl", "--generate", "mmpctl.1"], text=True,
                          capture_output=True, timeout=mmp.DEADLINE, check=True).stdout
    assert len(methods) > 25
    assert [method for method in methods if f"Method {method}." not in page] == []


def test_the_document_of_the_manual_is_one(daemon):
    page = subprocess.run([mmp.BUILD / "mmpctl", "--generate", "mmp-config.5"], text=True,
                          capture_output=True, timeout=mmp.DEADLINE, check=True).stdout
    example = page.split(".EX\n")[1].split(".EE\n")[0].replace("\\-", "-")
    done = daemon.mmpctl("layout", "compute", "-", stdin=example)
    assert done.returncode == 0 and "MEM_AREA_IO_SEC" in done.stdout, done.stderr
    required = [line for line in page.split(".TP\n.B ") if line.startswith(("trusted_dram\n", "tee_ram\n"))]
    assert len(required) == 2 and all("Required." in words for words in required)


def vector(name):
    return mmp.TOP / "tests" / "vectors" / name


@pytest.mark.parametrize("name", ["real/real_default.json", "optee-4.10/lpae/d000_qemu_armv8a.json"])
@pytest.mark.parametrize("from_stdin", [False, True])
def test_layout_compute_takes_a_recorded_vector(daemon, name, from_stdin):
    text = vector(name).read_text()
    done = daemon.mmpctl("--json", "layout", "compute", "-" if from_stdin else vector(name),
                         stdin=text if from_stdin else None)
    assert done.returncode == 0, done.stdout
    got = json.loads(done.stdout)["memory_map"]
    assert all(region.pop("text") for region in got)
    assert all(bool(region.pop("attributes")) == (region["attr"] != "0x00000000") for region in got)
    assert got == json.loads(text)["output"]["memory_map"]


def test_a_firmware_stop_is_status_4_with_its_words(daemon):
    for path in sorted(vector("optee-4.10/lpae").glob("*.json")):
        recorded = json.loads(path.read_text())
        error = recorded["output"].get("error")
        if error and error["message"] and recorded["config"]["arch"] == "arm64":
            break
    done = daemon.mmpctl("layout", "compute", path)
    assert done.returncode == 4
    assert error["message"] in done.stderr and f"{error['func']}()" in done.stderr
    told = json.loads(daemon.mmpctl("--json", "layout", "compute", path).stdout)["error"]
    assert told["data"]["firmware"]["message"] == error["message"]


def test_no_table_is_wider_than_120_columns_and_no_word_of_it_is_lost(daemon, tmp_path):
    dump = tmp_path / "pool.bin"
    build = json.loads(daemon.mmpctl("--json", "build", "create", str(PLATFORM), "--pool", POOL).stdout)["id"]
    assert daemon.mmpctl("build", "export", build, "--output", str(dump)).returncode == 0
    memory = bytearray(dump.read_bytes())
    memory[0x1000] ^= 1
    memory[0x1038] ^= 0x80
    dump.write_bytes(memory)
    shown = {}
    for words in ("config keys", "policy list", "memtype list", "service info", "rpc discover",
                  f"layout budget {PLATFORM}", f"build compare {build} --address 0xe1c4000 --file {dump}"):
        shown[words] = daemon.mmpctl(*words.split()).stdout
        for row in shown[words].splitlines():
            assert len(row) <= 120 and row == row.rstrip(), (words, row)
    said = " ".join(shown["config keys"].split())
    assert "one past its last byte" in said and " required " in said and " yes " not in said
    assert "\n    change: " in shown[f"build compare {build} --address 0xe1c4000 --file {dump}"]


@pytest.mark.parametrize("words, near", [
    ("platfrom list", '"platform list"'), ("platform lst", '"platform list"'),
    ("platform list --jsn", "--json"), ("region register a b 0 1 --nam x", "--name"),
    ("memtype list --config btii=true", "bti"),
])
def test_a_slip_of_the_finger_is_answered_with_the_nearest_word(words, near):
    done = mmp.mmpctl(*words.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert near in done.stderr


@pytest.mark.parametrize("words, said", [
    ("", "--help"), ("--sokcet x platform list", "did you mean --socket"), ("--socket= platform list", "is empty"),
    (f"build compare --address 0 --file {PLATFORM}", "BUILD or --platform"),
    ("platform", "put import get list"), ("platform put", "needs FILE"),
    ("platform get a b", 'unexpected argument "b"'), ("--timeout never service info", "--timeout"),
    ("--timeout", "needs a value"), ("region list x --revision no", "revision"),
    ("region list x --revision", "needs a value"), ("config keys --json=yes", "--json"),
    ("build create x --pool 4096", "BASE+SIZE"), ("platform put absent.json", "absent.json"),
    ("--generate nonsense", "nonsense"),
])
def test_wrong_usage_is_status_2_and_says_what_would_be_right(words, said):
    done = mmp.mmpctl(*words.split())
    assert done.returncode == (3 if "absent" in words else 2), done.stderr
    assert said in done.stderr and done.stdout == ""


@pytest.mark.parametrize("text, said", [
    ("", "stdin"), ("{", "stdin"), ("[]", "array"), ('{"format": "mmp-platform-9"}', "mmp-platform"),
    ('{"a": 1, "a": 2}', "stdin"), ("\x00", "stdin"), ("[" * 100_000, "stdin"),
])
def test_a_document_that_is_none_is_refused_in_words(daemon, text, said):
    done = daemon.mmpctl("platform", "put", "-", stdin=text)
    assert done.returncode == 2
    assert said in done.stderr
    assert daemon.mmpctl("service", "info").returncode == 0


def test_build_export_writes_the_bytes_that_the_manifest_promises(daemon, tmp_path):
    daemon.mmpctl("platform", "put", PLATFORM)
    made = json.loads(daemon.mmpctl("--json", "build", "create", "qemu-armv8a", "--pool", POOL).stdout)
    for words, path in ((["--output", "pool.bin"], "pool.bin"), ([], None)):
        done = subprocess.run([mmp.BUILD / "mmpctl", "--socket", daemon.socket, "build", "export",
                               made["id"], *words], capture_output=True, cwd=tmp_path,
                              timeout=mmp.DEADLINE, check=True)
        data = (tmp_path / path).read_bytes() if path else done.stdout
        assert len(data) == made["manifest"]["length"]
        assert hashlib.sha256(data).hexdigest() == made["manifest"]["sha256"]


def test_a_backup_lands_in_the_folder_of_backups(daemon, tmp_path):
    done = daemon.mmpctl("service", "backup", "copy.db")
    assert done.returncode == 0 and str(tmp_path / "backups" / "copy.db") in done.stdout
    assert (tmp_path / "backups" / "copy.db").stat().st_size


def test_help_of_a_command_and_of_a_noun():
    assert "usage: mmpctl region register PLATFORM TYPE ADDRESS SIZE" in \
        mmp.mmpctl("region", "register", "--help").stdout
    assert "platform history" in mmp.mmpctl("help", "platform").stdout
    assert mmp.mmpctl("help", "nonsense").returncode == 2
    assert mmp.mmpctl("--version").stdout.startswith("mmpctl ")


def test_colour_is_for_terminals_alone(daemon):
    """script(1) gives the client a terminal."""
    daemon.mmpctl("platform", "put", PLATFORM)
    assert "\x1b" not in daemon.mmpctl("platform", "list").stdout

    def on_a_terminal(**more):
        command = f"{mmp.BUILD}/mmpctl --socket {daemon.socket} platform list"
        return subprocess.run(["script", "-qec", command, "/dev/null"], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=mmp.DEADLINE,
                              env=mmp.environment(TERM="xterm", **more)).stdout

    assert "\x1b[1m" in on_a_terminal()
    assert "\x1b" not in on_a_terminal(NO_COLOR="1")


def test_a_list_ends_at_its_limit_whatever_the_size_of_a_page(daemon):
    document = documents.platform("long")
    document["registrations"] += [documents.region(number) for number in range(2200)]
    daemon.call("platform.put", document=document)
    whole = daemon.call("region.list", platform="long")["registrations"]
    for limit in (1, 999, 1000, 1001, 2000, len(whole), len(whole) + 1, 0):
        done = daemon.mmpctl("--json", "region", "list", "long", "--limit", limit)
        assert json.loads(done.stdout)["registrations"] == whole[:limit or None], limit
    for words in (("platform", "history", "long"), ("platform", "list"), ("board", "list"), ("build", "list"), ("job", "list")):
        assert daemon.mmpctl(*words, "--limit", 1).returncode == 0
    wrong = daemon.mmpctl("job", "list", "--limit", "few")
    assert wrong.returncode == 2 and 'limit: "few" is not a number' in wrong.stderr
