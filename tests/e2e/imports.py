"""Calls of platform import, and images that are built here from our own source."""

import json
import shutil
import subprocess

import pytest

import mmp

IMAGE = mmp.TOP / "tests" / "import" / "image"
LOGS = mmp.TOP / "tests" / "import" / "logs"
TREES = mmp.TOP / "tests" / "import" / "trees"
SAMPLE = mmp.TOP / "platforms" / "sample-build"

# How each compiler is called: for 64 and 32 bits, gcc and clang.
COMPILERS = {
    "clang-64": ["clang", "--target=aarch64-linux-gnu", "-fuse-ld=lld", "-Wl,-z,norelro"],
    "clang-32": ["clang", "--target=armv7a-linux-gnueabihf", "-fuse-ld=lld", "-Wl,-z,norelro"],
    "gcc-64": ["aarch64-linux-gnu-gcc"],
    "gcc-32": ["arm-linux-gnueabihf-gcc"],
}


def run(*words, status=0, stdin=None, cwd=None):
    done = subprocess.run([mmp.BUILD / "mmpctl", *map(str, words)], text=True, capture_output=True, input=stdin,
                          timeout=mmp.DEADLINE, env=mmp.environment(), cwd=cwd)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def result(*words, **more):
    return json.loads(run("--json", "platform", "import", *words, **more).stdout)


def refusal(*words, status=2):
    return json.loads(run("--json", "platform", "import", *words, status=status).stdout)["error"]["message"]


def image(compiler, to, *flags, debug="-g3"):
    """An image of tests/import/image; skipped where the compiler is not here."""
    words = COMPILERS[compiler]
    if not shutil.which(words[0]):
        pytest.skip(f"no {words[0]} here")
    pie = [] if "-pie" in flags else ["-no-pie"]
    subprocess.run([*words, debug, "-O1", "-ffreestanding", "-nostdlib", *pie, "-Wl,-T,image.ld",
                    "-Wl,--build-id=none", *flags, "-o", to, "core_mmu.c"], cwd=IMAGE, check=True,
                   capture_output=True, timeout=mmp.DEADLINE)
    return to


def registrations(document):
    return [(one["section"], one["type"], one["name"], int(one["addr"], 0), int(one["size"], 0))
            for one in document["registrations"]]


def verify(platform, log, status=0):
    """The answer of layout verify."""
    return json.loads(run("--json", "layout", "verify", platform, log, status=status).stdout)
