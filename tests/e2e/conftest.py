import contextlib

import pytest

import hosts
import mmp


@pytest.fixture
def daemon(tmp_path):
    """A mmpd of this test's own, with an empty database."""
    with mmp.Daemon(tmp_path) as daemon:
        yield daemon


@pytest.fixture
def farm(tmp_path):
    """Three mmpd with an empty database on the server that they share."""
    hosts.sql("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(hosts.Host(tmp_path / name)) for name in hosts.NAMES]
