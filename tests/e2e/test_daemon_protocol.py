"""What mmpd says to those who speak badly, and that it lives on."""

import json
import socket

import jsonschema
import pytest

import answers
import documents
import mmp

LINE_MAX = 32 << 20


def error_of(client, line):
    client.send(line)
    return client.read()["error"]


def padded(size):
    """A request for service.info of `size` bytes, blanks included."""
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "service.info"}).encode()
    return request + b" " * (size - len(request) - 1) + b"\t"


@pytest.mark.parametrize("line, code", [
    (b"{", -32700), (b'{"jsonrpc":"2.0",', -32700), (b"nonsense", -32700), (b"\x00", -32700),
    (b'{"a":"\\u0000"}', -32700), (b'"\xff\xfe"', -32700), (b'{"id":1,"id":2}', -32700),
    (b"[" * 100000, -32700), (b"[" * 100000 + b"]" * 100000, -32700), (b'{"a":' * 5000, -32700),
    (b"[]", -32600), (b"7", -32600), (b'{"jsonrpc":"1.0","id":1,"method":"x"}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"no.such"}', -32601),
    (b'{"jsonrpc":"2.0","id":1,"method":"platform.get","params":["virt"]}', -32602),
    (b'{"jsonrpc":"2.0","id":1,"method":"platform.get","params":{}}', -32602),
    (b'{"jsonrpc":"2.0","id":1,"method":"platform.get","params":{"name":7}}', -32602),
    (b'{"jsonrpc":"2.0","id":1,"method":"platform.get","params":{"nam":"x"}}', -32602),
], ids=lambda value: repr(value)[:60])
def test_each_bad_line_has_its_error_and_the_connection_goes_on(daemon, line, code):
    with daemon.client() as client:
        assert error_of(client, line + b"\n")["code"] == code
        assert client.call("service.info")["version"]


def test_a_name_that_is_nearly_right_is_told(daemon):
    with daemon.client() as client:
        with pytest.raises(mmp.Failure, match="did you mean platform.list"):
            client.call("platfrom.list")
        with pytest.raises(mmp.Failure, match="did you mean name"):
            client.call("platform.get", nam="x")
        with pytest.raises(mmp.Failure, match="registrations"):
            client.call("platform.put", document={**documents.QEMU, "registration": []})


def test_a_line_of_the_limit_is_answered_and_one_byte_more_ends_the_connection(daemon):
    with daemon.client() as client:
        client.send(padded(LINE_MAX) + b"\n")
        assert client.read()["result"]["version"]
        assert error_of(client, padded(LINE_MAX + 1) + b"\n")["data"]["kind"] == "too-large"
        assert client.read() is None
    assert daemon.call("service.info")


def test_a_line_of_100_megabytes_is_refused_and_costs_nobody_else(daemon):
    with daemon.client() as client:
        client.send(b"x" * 100_000_000 + b"\n")
        answer = client.read()
        assert answer["error"]["code"] == -32003 and answer["id"] is None
        assert client.read() is None
    assert daemon.call("service.info")


def test_batches_and_notifications(daemon):
    with daemon.client() as client:
        put = {"jsonrpc": "2.0", "method": "platform.put", "params": {"document": documents.QEMU}}
        client.send([put, {"jsonrpc": "2.0", "id": "a", "method": "platform.list"}, 1])
        answer = client.read()
        assert [one.get("id") for one in answer] == ["a", None]
        assert answer[0]["result"]["platforms"][0]["name"] == documents.QEMU["name"]
        name = documents.QEMU["name"]
        more = [{**put, "params": {"document": documents.platform(name, va_bits=bits)}} for bits in (36, 40, 32)]
        client.send(more[:2])
        client.send(more[2])
        assert client.call("platform.get", name=name)["revision"] == 4


def test_the_last_line_needs_no_newline_and_is_answered_after_the_client_has_shut(daemon):
    with daemon.client() as client:
        client.send(b'{"jsonrpc":"2.0","id":1,"method":"service.info"}\n'
                    b'{"jsonrpc":"2.0","id":2,"method":"service.info"}')
        client.socket.shutdown(socket.SHUT_WR)
        assert [client.read()["id"], client.read()["id"], client.read()] == [1, 2, None]


def test_every_method_is_discovered_with_its_parameters(daemon):
    document = daemon.call("rpc.discover")
    names = {method["name"] for method in document["methods"]}
    fixed = """rpc.discover service.backup service.info memtype.list descriptor.encode descriptor.decode
        platform.put platform.get platform.list platform.remove platform.history region.register
        region.list region.remove layout.compute build.create build.get build.list build.export
        build.remove build.walk board.put board.get board.list board.remove board.probe push.start
        job.get job.list job.cancel job.watch""".split()
    assert names >= set(fixed)
    assert document["openrpc"].startswith("1.") and document["info"]["title"]
    assert document["info"]["version"] == daemon.call("service.info")["version"]
    assert len(names) == len(document["methods"])
    for method in document["methods"]:
        assert method["summary"] and method["paramStructure"] == "by-name"
        result = method["result"]
        assert result["name"] and result["schema"]["type"] == "object"
        assert result["schema"]["properties"] and result["schema"]["additionalProperties"] is False
        jsonschema.Draft7Validator.check_schema(result["schema"])
        assert len({param["name"] for param in method["params"]}) == len(method["params"])
        for param in method["params"]:
            assert param["name"] and param["summary"] and isinstance(param["required"], bool)
            assert param["schema"]["type"]


def test_an_answer_with_another_member_or_of_another_kind_is_told_apart(daemon):
    info = daemon.call("service.info")
    answers.check("service.info", info)
    for wrong in ({**info, "more": 1}, {**info, "schema": "7"}, {**info, "rules": [7]},
                  {**info, "limits": [{}]}, {k: v for k, v in info.items() if k != "uptime"}):
        with pytest.raises(AssertionError, match="service.info"):
            answers.check("service.info", wrong)


def test_what_is_discovered_as_required_is_what_is_missed(daemon):
    with daemon.client() as client:
        for method in client.call("rpc.discover")["methods"]:
            required = [param["name"] for param in method["params"] if param["required"]]
            if required:
                with pytest.raises(mmp.Failure, match=f"{required[0]}: missing") as failure:
                    client.call(method["name"])
                assert failure.value.kind == "invalid"


def test_the_errors_that_are_discovered_are_those_that_scripts_know(daemon):
    errors = daemon.call("rpc.discover")["x-errors"]
    assert {error["data"]["kind"]: error["code"] for error in errors} == {
        "parse": -32700, "bad-request": -32600, "no-method": -32601, "invalid": -32602,
        "system": -32603, "not-found": -32001, "conflict": -32002, "too-large": -32003,
        "firmware-stop": -32010, "denied": -32020, "busy": -32021, "link": -32030, "board": -32031}


def test_every_method_refuses_each_of_its_parameters_of_a_wrong_type(daemon):
    with daemon.client() as client:
        for method in client.call("rpc.discover")["methods"]:
            for param in method["params"]:
                with pytest.raises(mmp.Failure) as failure:
                    client.call(method["name"], **{param["name"]: [1]})
                assert failure.value.kind == "invalid", method["name"]
            with pytest.raises(mmp.Failure) as failure:
                client.call(method["name"], no_such_parameter=1)
            assert failure.value.kind == "invalid"


def test_service_info_gives_limits_with_units(daemon):
    info = daemon.call("service.info")
    limits = {limit["name"]: limit for limit in info["limits"]}
    assert limits["line"]["value"] == LINE_MAX and limits["line"]["unit"] == "bytes"
    assert "optee-4.10-257" in info["rules"]
    assert info["schema"] >= 1 and info["uptime"] >= 0


def test_an_answer_over_its_limit_is_refused_with_the_way_out(daemon):
    document = documents.platform()
    document["registrations"] += [documents.region(number, name="x" * 4000) for number in range(500)]
    request = {"jsonrpc": "2.0", "method": "platform.get", "params": {"name": "virt"}}
    with daemon.client() as client:
        client.call("platform.put", document=document)
        size = len(json.dumps(client.call("platform.get", name="virt")))
        fit = (64 << 20) // size
        client.send([{**request, "id": number} for number in range(fit + 10)])
        answer = client.read()
    refused = [one for one in answer if "error" in one]
    assert 5 <= len(refused) <= 15 and len(answer) == fit + 10
    assert all(one["error"]["data"]["kind"] == "too-large" for one in refused)
    assert "detail map" in refused[0]["error"]["message"]
