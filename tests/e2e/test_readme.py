"""The first session of README.md, run as it stands there. `test_readme.py --write` puts in what was said."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import threading

import mmp

README = mmp.TOP / "README.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.S)
MARK = "--- said ---"
# What is another each time: when it was, and what a slow machine makes a line send again.
VARYING = [(re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z"), "TIME"),
           (re.compile(r"^(bytes (?:sent|received)|frames sent again)  +\d+$", re.M), r"\1")]


def blocks():
    """For each console block, its list of [command, output]."""
    result = []
    for block in BLOCK.findall(README.read_text()):
        steps = []
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append([line[2:], ""])
            else:
                steps[-1][1] += line + "\n"
        result.append(steps)
    return result


class Shell:
    """One shell for the whole session, as a person has."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.process = subprocess.Popen(
            ["bash", "--norc"], cwd=mmp.TOP, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True, env=mmp.environment())
        self.watchdog = threading.Timer(2 * mmp.DEADLINE, self.kill)
        self.watchdog.start()

    def do(self, command):
        """Run a command of the README, with our folder and build in place of its own; what it said."""
        command = command.replace("/tmp/mmp", self.folder).replace("$PWD/build", str(mmp.BUILD))
        if command.startswith("mkdir"):
            command = command.replace(f"mkdir {self.folder}", f"mkdir -p {self.folder}")
        self.process.stdin.write(f"{command}\necho '{MARK}'\n")
        self.process.stdin.flush()
        said = ""
        for line in self.process.stdout:
            if line.endswith(MARK + "\n"):
                break
            said += line
        return said.replace(self.folder, "/tmp/mmp")

    def kill(self):
        """Nothing of the session lives on, whatever became of it."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def end(self):
        self.watchdog.cancel()
        self.kill()
        self.process.stdin.close()
        self.process.wait()


def session(folder):
    """[command, said in README, said now] of every step."""
    shell = Shell(folder)
    try:
        return [[command, said, shell.do(command)] for steps in blocks() for command, said in steps]
    finally:
        shell.end()


def steady(text):
    for pattern, word in VARYING:
        text = pattern.sub(word, text)
    return text


def test_the_first_session_says_what_readme_says(tmp_path):
    for command, written, said in session(tmp_path / "mmp"):
        assert steady(said) == steady(written), command
    assert not (tmp_path / "mmp").exists()


def test_what_readme_points_at_is_there():
    for path in re.findall(r"\]\(([^)]+)\)", README.read_text()):
        assert (mmp.TOP / path).exists(), path


def write():
    """Put into README.md what its commands say now."""
    said = iter(session(pathlib.Path(f"/tmp/mmp-readme-{os.getpid()}/mmp")))

    def fill(match):
        lines = [line for line in match[1].splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"{line}\n{next(said)[2]}" for line in lines) + "```"

    README.write_text(BLOCK.sub(fill, README.read_text()))


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    write()
