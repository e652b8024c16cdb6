"""The driver for labgrid in doc/farm.md, with a stand-in for the few classes of labgrid that it uses."""

import functools
import re
import sys
import types

import attr
import pytest

import boards
import mmp


@attr.s(eq=False)
class Driver:
    """As labgrid's: bound to a target, with a name, and used only while it is active."""
    target = attr.ib()
    name = attr.ib()
    active = False

    @classmethod
    def check_active(cls, function):
        @functools.wraps(function)
        def call(self, *args, **more):
            if not self.active:
                raise RuntimeError(f"{self.name} has not been activated")
            return function(self, *args, **more)
        return call


def step(args=()):
    """labgrid's reporter takes the named arguments from the signature."""
    def wrap(function):
        assert set(args) <= set(function.__code__.co_varnames[:function.__code__.co_argcount])
        return function
    return wrap


@pytest.fixture
def driver_class(monkeypatch):
    registered = []
    factory = types.SimpleNamespace(reg_driver=lambda cls: registered.append(cls) or cls)
    for name, members in (("labgrid", {}), ("labgrid.driver", {"Driver": Driver}),
                          ("labgrid.factory", {"target_factory": factory}), ("labgrid.step", {"step": step})):
        module = types.ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    text = (mmp.TOP / "doc" / "farm.md").read_text()
    source, = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    scope = {"__name__": "mmp_labgrid"}
    exec(compile(source, "doc/farm.md", "exec"), scope)  # pylint: disable=exec-used
    assert registered == [scope["MmpDriver"]]
    return registered[0]


def test_the_driver_pushes_and_says_what_is_live(daemon, tmp_path, driver_class, monkeypatch):
    monkeypatch.setenv("PATH", f"{mmp.BUILD}:/usr/bin:/bin")
    with boards.simulated(tmp_path, pty=False) as board, daemon.client() as client:
        build = boards.prepare(client, tmp_path / "none")
        client.call("board.put", name="desk", line=board.line)
        driver = driver_class(target="main", name=None, board="desk", socket=str(daemon.socket))
        with pytest.raises(RuntimeError, match="has not been activated"):
            driver.live()
        driver.active = True
        assert driver.live() is None
        assert driver.push(build)["state"] == "done"
        assert driver.live() == build
        with pytest.raises(RuntimeError, match="no such build|no build"):
            driver.push("0" * 64)
