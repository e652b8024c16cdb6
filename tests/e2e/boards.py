"""Boards for a test: QEMU with the loader in it, and the simulated one."""

import pathlib
import shutil
import subprocess

import mmp

LOADER = mmp.BUILD / "loader" / "loader.bin"
QEMU = shutil.which("qemu-system-aarch64")


class Board:
    """A process that has said a line when it was ready; .line is what mmp calls its line."""

    def __init__(self, line, command):
        self.line = line
        self.process = subprocess.Popen([str(word) for word in command], env=mmp.environment(),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if not self.process.stdout.readline():
            raise RuntimeError(f"{command[0]} ended with {self.process.wait()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        status = self.process.wait(mmp.DEADLINE)
        self.process.stdin.close()
        self.process.stdout.close()
        return status


def qemu(folder):
    """The loader at EL3 of QEMU's virt machine. Its QMP greeting comes once its sockets listen."""
    path = pathlib.Path(folder) / "qemu.sock"
    return Board(f"unix:{path}", [
        QEMU, "-M", "virt,secure=on", "-cpu", "cortex-a57", "-display", "none", "-net", "none",
        "-bios", LOADER, "-serial", "null", "-serial", f"unix:{path},server=on,wait=off",
        "-qmp", "stdio"])


def simulated(folder, *options, pty=True):
    path = pathlib.Path(folder) / ("board.pty" if pty else "board.sock")
    return Board(f"serial:{path}" if pty else f"unix:{path}",
                 [mmp.BUILD / "mmpboard", "--pty" if pty else "--unix", path, *options])
