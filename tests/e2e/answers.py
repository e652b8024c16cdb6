"""Whether answers look as rpc.discover says: the test suite holds each that it gets against its schema."""

import functools
import os
import tempfile

import fastjsonschema


@functools.lru_cache(maxsize=None)
def _discovered():
    """Schemas of results by method, asked once of a mmpd of our own."""
    import mmp

    with tempfile.TemporaryDirectory() as folder, mmp.Daemon(folder, own_file=True) as daemon:
        client = mmp.Client(daemon.socket, check=False)
        document = client.call("rpc.discover")
        client.close()
    return {method["name"]: method["result"]["schema"] for method in document["methods"]}


@functools.lru_cache(maxsize=None)
def _validator(method):
    return fastjsonschema.compile(_discovered()[method])


def check(method, result):
    """AssertionError where the result of this method is not as its schema says.

    MMP_CHECK_ANSWERS=0 leaves it out, for runs that measure time."""
    if os.environ.get("MMP_CHECK_ANSWERS") == "0" or method not in _discovered():
        return
    try:
        _validator(method)(result)
    except fastjsonschema.JsonSchemaException as wrong:
        raise AssertionError(f"{method}: {wrong.message}; its table in *shapes*.c says otherwise") from wrong


# Commands of mmpctl that print the answer of a method whose name is not theirs.
COMMANDS = {"explain": "layout.explain", "diff": "layout.diff", "map": "layout.map", "push": "push.start"}


def method_of(words):
    """The method whose answer `mmpctl --json WORDS` prints; None: that of none."""
    plain = [str(word) for word in words if not str(word).startswith("-")]
    name = COMMANDS.get(plain[0] if plain else "", ".".join(plain[:2]))
    return name if name in _discovered() else None
