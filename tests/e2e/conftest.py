import pytest

import mmp


@pytest.fixture
def daemon(tmp_path):
    """A mmpd of this test's own, with an empty database."""
    with mmp.Daemon(tmp_path) as daemon:
        yield daemon
