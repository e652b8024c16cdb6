"""What `make install` puts where, and that it works from there."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

import documents
import mmp

PROGRAM = """
#include <stdio.h>
#include <mmp/mmp.h>

int main(int argc, char **argv)
{
	struct mmp_platform *platform;
	struct mmp_layout layout;
	struct mmp_error err;
	json_t *document = json_load_file(argv[argc - 1], 0, NULL);

	if (mmp_platform_read(document, &platform, &err)) {
		puts(err.text);
		return 1;
	}
	mmp_layout_init(&layout);
	if (mmp_layout_make(&layout, platform, NULL, &err)) {
		puts(err.text);
		return 1;
	}
	printf("%s: %u tables\\n", platform->name, (unsigned)mmp_tables_count(&layout.tables));
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
	json_decref(document);
	return 0;
}
"""


def run(*command, **more):
    done = subprocess.run(command, text=True, capture_output=True, timeout=300, **more)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A DESTDIR with everything in it; the prefix is as configured."""
    root = tmp_path_factory.mktemp("destdir")
    env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    run("make", "-s", "-C", mmp.BUILD, "install", f"DESTDIR={root}", env=env)
    return root / "usr/local"


def test_everything_is_where_it_belongs(root):
    for path in ("sbin/mmpd", "bin/mmpctl", "bin/mmpboard", "share/man/man1/mmpboard.1", "lib/libmmp.so", "lib/pkgconfig/mmp.pc",
                 "include/mmp/mmp.h", "share/man/man1/mmpctl.1", "share/man/man5/mmp-config.5",
                 "share/man/man7/mmp-findings.7", "share/man/man7/mmp-questions.7", "share/man/man8/mmpd.8", "lib/systemd/system/mmpd.service",
                 "lib/systemd/system/mmpd.socket", "lib/sysusers.d/mmpd.conf",
                 "lib/tmpfiles.d/mmpd.conf", "share/bash-completion/completions/mmpctl",
                 "share/zsh/site-functions/_mmpctl", "share/mmp/platforms/qemu-armv8a.json"):
        assert (root / path).is_file(), path


def test_the_simulated_board_is_installed_and_its_manual_knows_its_options(root):
    done = subprocess.run([root / "bin/mmpboard", "--help"], text=True, capture_output=True, timeout=60)
    options = {word.strip(",)") for word in done.stdout.split() if word.startswith("--")}
    manual = (root / "share/man/man1/mmpboard.1").read_text().replace("\\-", "-")
    assert done.returncode == 0 and len(options) > 5
    assert [option for option in sorted(options) if option not in manual] == []


def test_a_program_compiles_links_and_runs_against_it(root, tmp_path):
    source, program = tmp_path / "program.c", tmp_path / "program"
    source.write_text(PROGRAM)
    env = dict(os.environ, PKG_CONFIG_PATH=str(root / "lib/pkgconfig"))
    flags = run("pkg-config", f"--define-variable=prefix={root}", "--cflags", "--libs", "mmp", env=env)
    run("gcc", "-Wall", "-Wextra", "-Werror", "-o", program, source, *flags.split())
    said = run(program, root / "share/mmp/platforms/qemu-armv8a.json",
               env=dict(os.environ, LD_LIBRARY_PATH=str(root / "lib")))
    assert said == "qemu-armv8a: 13 tables\n"


def test_each_installed_header_compiles_alone(root):
    env = dict(os.environ, PKG_CONFIG_PATH=str(root / "lib/pkgconfig"))
    flags = run("pkg-config", f"--define-variable=prefix={root}", "--cflags", "mmp", env=env).split()
    headers = [path.relative_to(root / "include") for path in (root / "include/mmp").rglob("*.h")]
    assert len(headers) > 10
    for header in headers:
        run("gcc", "-std=gnu11", "-Wall", "-Werror", "-fsyntax-only", *flags, "-x", "c", "-",
            input=f"#include <{header}>\n")


def test_the_library_exports_its_own_names_and_no_others(root):
    names = [line.split()[-1] for line in
             run("nm", "-D", "--defined-only", root / "lib/libmmp.so").splitlines()]
    assert "mmp_layout_make" in names
    assert [name for name in names if not name.startswith("mmp_")] == []


def test_systemd_finds_no_fault_in_the_units(root, tmp_path):
    service = (root / "lib/systemd/system/mmpd.service").read_text()
    assert "ExecStart=/usr/local/sbin/mmpd " in service
    shutil.copy(root / "lib/systemd/system/mmpd.socket", tmp_path)
    unit = tmp_path / "mmpd.service"
    unit.write_text(service.replace("/usr/local/sbin", str(root / "sbin")))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit, tmp_path / "mmpd.socket"],
                          text=True, capture_output=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_makes_the_user_and_the_folder_that_the_units_name(root, tmp_path):
    (tmp_path / "etc").mkdir()
    run("systemd-sysusers", f"--root={tmp_path}", root / "lib/sysusers.d/mmpd.conf")
    user = (tmp_path / "etc/passwd").read_text().split(":")
    groups = {row.split(":")[0]: row.split(":") for row in (tmp_path / "etc/group").read_text().splitlines()}
    assert set(groups) == {"mmp", "mmp-operator"}
    group = groups["mmp"]
    assert (user[0], user[3], user[5]) == ("mmp", group[2], "/var/lib/mmpd")
    if os.getuid() == 0:  # who else may give a folder away?
        run("systemd-tmpfiles", f"--root={tmp_path}", "--create", root / "lib/tmpfiles.d/mmpd.conf")
        made = (tmp_path / "run/mmpd").stat()
        assert (made.st_uid, made.st_gid, made.st_mode & 0o777) == (int(user[2]), int(group[2]), 0o755)


def test_the_service_is_hardened(root):
    """2.0 of 10 is what is left when it needs serial lines and sockets."""
    run("systemd-analyze", "security", "--offline=true", "--threshold=20",
        root / "lib/systemd/system/mmpd.service")


def test_the_manual_pages_are_right_to_groff(root):
    for page in (root / "share/man").rglob("*.[0-9]"):
        done = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-z", page], text=True,
                              capture_output=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), page


def test_the_manual_names_every_command_and_config_key(root):
    page = (root / "share/man/man1/mmpctl.1").read_text().replace("\\-", "-")
    help_text = run(root / "bin/mmpctl", "--help")
    commands = [line.split("  ")[1].strip() for line in help_text.splitlines()
                if line.startswith("  ") and line[2].islower()]
    assert len(commands) > 25
    for command in commands:
        assert f".B mmpctl {command}" in page, command
    keys = (root / "share/man/man5/mmp-config.5").read_text()
    for key in json.loads(run(root / "bin/mmpctl", "--json", "config", "keys")):
        assert f".B {key['name']}\n" in keys, key["name"]


def test_the_manual_of_the_daemon_names_its_options(root):
    page = (root / "share/man/man8/mmpd.8").read_text().replace("\\-", "-")
    options = {word.rstrip(",") for word in run(root / "sbin/mmpd", "--help").split()
               if word.startswith("--")}
    assert "--socket" in options and "--database" in options
    for option in options:
        assert option in page, option


@pytest.mark.parametrize("line, offered", [
    ("mmpctl ", {"platform", "push", "--json"}),
    ("mmpctl --socket x plat", {"platform"}),
    ("mmpctl platform ", {"put", "get", "list", "remove", "history"}),
    ("mmpctl push --no", {"--no-wait"}),
    ("mmpctl region register x --sec", {"--section"}),
    ("mmpctl platform put qem", {"qemu.json"}),
    ("mmpctl build export x --format ", {"raw", "ihex", "openocd"}),
    ("mmpctl build export x --format = o", {"openocd"}),
    ("mmpctl layout compute x --detail ", {"full", "map"}),
    ("mmpctl layout compute x --rules tfa", {"tfa-2.15"}),
    ("mmpctl build create x --placement fi", {"firmware"}),
    ("mmpctl check x --report ", {"sarif=", "junit=", "markdown="}),
    ("mmpctl check x --fail-on ", {"error", "warning", "info"}),
    ("mmpctl build export x --output qem", {"qemu.json"}),
])
def test_bash_completes(root, tmp_path, line, offered):
    (tmp_path / "qemu.json").write_text("{}")
    script = f"""
        source {root}/share/bash-completion/completions/mmpctl
        COMP_LINE=$1 COMP_POINT=${{#1}} COMP_WORDS=($1)
        [[ $1 == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _mmpctl
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    said = run("bash", "--norc", "-c", script, "bash", line, cwd=tmp_path).split()
    assert offered <= set(said)


def zsh_says(root, folder, line, commands=":", **environment):
    """What is on the screen when TAB and ENTER come after the line. zsh completes on a terminal only, so it gets one (its own, of zpty)."""
    script = f"""
        zmodload zsh/zpty
        zpty shell 'ZDOTDIR={folder} TERM=dumb zsh -f -i'
        zpty -w shell 'PS1= fpath=({root}/share/zsh/site-functions $fpath); autoload -U compinit; compinit -u -d {folder.parent}/zcompdump; bindkey "^I" complete-word; {commands}; print re""ady'
        zpty -r -m shell out '*ready*'
        zpty -w -n shell $'{line}\\t\\n'
        zpty -w shell 'print en""ded'
        zpty -r -m shell out '*ended*'
        print -r -- $out
    """
    return run("zsh", "-f", "-c", script, cwd=folder, env={**os.environ, **environment})


@pytest.mark.parametrize("line, offered", [
    ("mmpctl pla", ["platform"]),
    ("mmpctl platform his", ["history"]),
    ("mmpctl region register a b c d --sec", ["--section"]),
    ("mmpctl push --no", ["--no-wait"]),
    ("mmpctl build export x --format ih", ["ihex"]),
])
def test_zsh_completes(root, tmp_path, line, offered):
    said = zsh_says(root, tmp_path, line)
    for word in offered:
        assert word in said


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """A mmpd that keeps something of each kind, to complete names from."""
    folder = tmp_path_factory.mktemp("names")
    with mmp.Daemon(folder) as daemon:
        daemon.call("platform.put", document=documents.platform("alpha"))
        daemon.call("board.put", name="bench-7", line="unix:/nowhere")
        build = daemon.call("build.create", platform="alpha", pool=documents.POOL)["id"]
        yield daemon, build


LINES = [("mmpctl platform get al", "alpha"), ("mmpctl diff al", "alpha"), ("mmpctl board get be", "bench-7"),
         ("mmpctl push al", "alpha"), ("mmpctl build get BUILD", "BUILD"), ("mmpctl job list --board be", "bench-7"),
         ("mmpctl explain al", "alpha")]


@pytest.mark.parametrize("line, offered", LINES)
def test_bash_completes_names_from_the_daemon(root, names, tmp_path, line, offered):
    daemon, build = names
    script = f"""
        export MMPD_SOCKET={daemon.socket} PATH={root}/bin:$PATH
        source {root}/share/bash-completion/completions/mmpctl
        COMP_WORDS=($1) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _mmpctl
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    line, offered = line.replace("BUILD", build[:6]), offered.replace("BUILD", build)
    assert offered in run("bash", "--norc", "-c", script, "bash", line, cwd=tmp_path).split()


# Whoever stores a platform chooses its name, and nobody who presses TAB may run it.
COMMAND = "$(id>pwned)"


@pytest.mark.parametrize("line, offered", [("platform history", r"\$\(id\>pwned\)"), ("diff", COMMAND)])
def test_bash_runs_no_name_from_the_daemon(root, names, tmp_path, line, offered):
    daemon, _ = names
    daemon.call("platform.put", document=documents.platform(COMMAND))
    script = f"""
        export MMPD_SOCKET={daemon.socket} PATH={root}/bin:$PATH
        source {root}/share/bash-completion/completions/mmpctl
        COMP_WORDS=(mmpctl {line} '') COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _mmpctl
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    said = run("bash", "--norc", "-c", script, cwd=tmp_path)
    assert offered in said.splitlines()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("line, offered", LINES)
def test_zsh_completes_names_from_the_daemon(root, names, tmp_path, line, offered):
    daemon, build = names
    line, offered = line.replace("BUILD", build[:6]), offered.replace("BUILD", build)
    prints = 'mmpctl() { if [[ $1 == --timeout ]]; then command mmpctl "$@"; else print -r -- "was:$*:"; fi }'
    said = zsh_says(root, tmp_path, line, prints, MMPD_SOCKET=str(daemon.socket), PATH=f"{root}/bin:{os.environ['PATH']}")
    assert f"{line.removeprefix('mmpctl ').rpartition(' ')[0]} {offered}:" in said.replace(" :", ":"), said


def test_uninstall_leaves_no_file(root):
    folder = pathlib.Path(str(root).removesuffix("/usr/local"))
    run("make", "-s", "-C", mmp.BUILD, "uninstall", f"DESTDIR={folder}")
    assert [path for path in folder.rglob("*") if path.is_file()] == []
