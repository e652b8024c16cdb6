"""Lines through a terminal server: Debian's ser2net before the simulated board, and servers that a test plays."""

import contextlib
import os
import pathlib
import select
import shutil
import socket
import subprocess
import time

import pytest

import boards
import mmp

SER2NET = shutil.which("ser2net", path=os.environ["PATH"] + ":/usr/sbin")
needs_ser2net = pytest.mark.skipif(not SER2NET, reason="needs ser2net")

IAC, SB, SE, WILL, DO, DONT = 0xff, 0xfa, 0xf0, 0xfb, 0xfd, 0xfe
COM_PORT = 44


@contextlib.contextmanager
def ser2net(folder, device, accepter="telnet(rfc2217),tcp", speed="9600n81"):
    """ser2net before a device; the port that it listens on, once it does."""
    with mmp.free_port() as port:
        config = folder / "ser2net.yaml"
        config.write_text(f"connection: &desk\n  accepter: {accepter},127.0.0.1,{port}\n"
                          f"  connector: serialdev,{device},{speed},local\n")
        process = subprocess.Popen([SER2NET, "-n", "-d", "-c", config, "-P", folder / "pid"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            wait_for_port(process, port)
            yield port
        finally:
            process.kill()
            process.wait(mmp.DEADLINE)
            process.stdout.close()


def wait_for_port(process, port):
    """Until it listens: /proc/net/tcp tells without a connection, which would open the device."""
    row, until = f"0100007F:{port:04X} 00000000:0000 0A", time.monotonic() + mmp.DEADLINE
    death = os.pidfd_open(process.pid)
    try:
        while row not in pathlib.Path("/proc/net/tcp").read_text():
            if select.select([death], [], [], 0.02)[0] or time.monotonic() > until:
                process.kill()
                raise RuntimeError(f"ser2net does not listen: {process.stdout.read().decode()}")
    finally:
        os.close(death)


def push(client, build):
    job = client.call("push.start", build=build, board="desk", force=True)["job"]
    done = client.call("job.watch", job=job)
    assert done["state"] == "done", done["error"]
    return done


@needs_ser2net
def test_a_push_through_ser2net_is_proved(daemon, tmp_path):
    """At a speed that is not the server's own: it is ready only when the server says that its port has it."""
    with boards.simulated(tmp_path) as board, daemon.client() as client:
        device = os.path.realpath(board.line.partition(":")[2])
        build = boards.prepare(client, tmp_path / "none")
        with ser2net(tmp_path, device) as port:
            client.call("board.put", name="desk", line=f"rfc2217://127.0.0.1:{port}?baud=57600")
            done = push(client, build)
            assert done["report"]["proof"]["difference_count"] == 0
            # A busy machine may be late once; bytes at a wrong speed would be lost each time.
            resent = [done["report"]["frames"]["resent"]]
            while resent[-1] and len(resent) < 5:
                resent.append(push(client, build)["report"]["frames"]["resent"])
            assert resent[-1] == 0, resent
            assert client.call("board.probe", name="desk")["build"] == build  # the port is free again


@needs_ser2net
def test_a_port_that_is_in_use_is_told(daemon, tmp_path):
    with boards.simulated(tmp_path) as board, daemon.client() as client:
        with ser2net(tmp_path, os.path.realpath(board.line.partition(":")[2])) as port:
            client.call("board.put", name="desk", line=f"rfc2217://127.0.0.1:{port}")
            with socket.create_connection(("127.0.0.1", port)) as other:
                assert other.recv(1) == b"\xff"  # it has the port now
                with pytest.raises(mmp.Failure, match="hung up before its port was set.*in use") as failed:
                    client.call("board.probe", name="desk")
                assert failed.value.kind == "link"


@needs_ser2net
def test_a_raw_port_of_ser2net_is_a_tcp_line(daemon, tmp_path):
    with boards.simulated(tmp_path) as board, daemon.client() as client:
        with ser2net(tmp_path, os.path.realpath(board.line.partition(":")[2]), accepter="tcp") as port:
            client.call("board.put", name="desk", line=f"tcp:127.0.0.1:{port}")
            assert client.call("board.probe", name="desk")["board"] == "mmpboard"


def refusing(connection):
    connection.sendall(bytes([IAC, DONT, COM_PORT]))
    connection.recv(4096)
    connection.recv(4096)


def slower(connection):
    connection.sendall(bytes([IAC, DO, COM_PORT, IAC, SB, COM_PORT, 101, 0, 0, 0x25, 0x80, IAC, SE]))
    while connection.recv(4096):
        pass


def leaving(connection):
    connection.recv(4096)
    connection.close()


def lost_later(connection):
    """Sets the port, takes hello, and goes."""
    ready = bytes([IAC, DO, COM_PORT])
    for command, value in ((101, [0, 1, 0xc2, 0]), (102, [8]), (103, [1]), (104, [1])):
        ready += bytes([IAC, SB, COM_PORT, command, *value, IAC, SE])
    connection.sendall(ready)
    taken = b""
    while b"mmp1" not in taken:
        taken += connection.recv(4096)
    connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("act, words", [
    (refusing, "the server refuses telnet's COM-PORT option .RFC 2217."),
    (slower, "asked for 115200 baud and has set 9600"),
    (leaving, "hung up before its port was set"),
    (lost_later, "the other end of the line has hung up"),
])
def test_a_server_that_does_not_serve_fails_in_words(daemon, tmp_path, act, words):
    with boards.Fake(tmp_path, act, socket.AF_INET) as fake, daemon.client() as client:
        client.call("board.put", name="desk", line=fake.line.replace("tcp:", "rfc2217://"))
        with pytest.raises(mmp.Failure, match=words) as failed:
            client.call("board.probe", name="desk")
        assert failed.value.kind == "link"
        assert fake.line.split(":")[-1] in str(failed.value) or act is lost_later  # the port is named


def test_a_port_that_nobody_serves_fails_in_words(daemon):
    with daemon.client() as client, mmp.free_port() as port:
        client.call("board.put", name="desk", line=f"rfc2217://127.0.0.1:{port}")
        with pytest.raises(mmp.Failure, match="cannot connect to .* port .*: Connection refused"):
            client.call("board.probe", name="desk")


def test_only_servers_on_this_machine_are_allowed_by_default(daemon):
    with daemon.client() as client:
        with pytest.raises(mmp.Failure, match="not among those that mmpd may use") as failed:
            client.call("board.put", name="desk", line="rfc2217://10.1.2.3:4001")
        assert failed.value.kind == "denied"
