"""Several mmpd that share a PostgreSQL: farm_*.py, and platforms in it as in a file. Each of them has a server of its own."""

import os
import subprocess
import sys

import pytest

import mmp

PYTEST = f"{sys.executable} -B -m pytest -q -x -p no:cacheprovider"
PLATFORMS = "test_daemon_platforms.py -k 'not thousand and not millions and not many and not large and not wrong'"
RUNS = {
    "whole": f"{PYTEST} farm_whole.py",
    "losses": f"{PYTEST} farm_losses.py",
    "shared": f"{PYTEST} farm_shared.py",
    "platforms": f"MMP_TEST_ON_POSTGRES=$MMP_TEST_POSTGRES {PYTEST} {PLATFORMS}",
}


@pytest.fixture(scope="module")
def runs():
    """All of them side by side, as each waits most of its time."""
    started = {name: subprocess.Popen([mmp.TOP / "tests" / "postgres", "sh", "-c", command], cwd=mmp.TOP / "tests" / "e2e",
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
               for name, command in RUNS.items()}
    yield started
    for run in started.values():
        run.terminate()  # one that has ended does not care
        run.communicate()


@pytest.mark.parametrize("name", RUNS)
def test_with_a_postgresql_of_its_own(runs, name, capsys):
    words, _ = runs[name].communicate(timeout=900)
    if runs[name].returncode == 77:
        pytest.skip(words.strip())
    assert runs[name].returncode == 0, words
    with capsys.disabled():
        print(*(line for line in words.splitlines() if line.startswith("farm:")), sep="\n")
