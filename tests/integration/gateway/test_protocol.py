"""The X-Road message protocol for REST, clause by clause (docs/exchange/protocol-conformance.md)."""

import base64
import hashlib
import json
from collections.abc import Iterator

import pytest

pytest.importorskip("httptools", reason="the gateway needs the extra [gateway]")

from mehvar.exchange.data.identifiers import RESERVED_SERVICE_CODES
from tests.integration.gateway.federation import (
    CLIENT,
    OTHER,
    PREFIX,
    PROVIDER,
    Client,
    Gateway,
    Provider,
    echo,
    reply,
    running,
)

Federation = tuple[Gateway, Provider]


def handler(connection: object, head: bytes, body: bytes) -> None:
    target = head.split(b" ")[1]
    if target == b"/openapi.json":
        reply(connection, b'{"openapi": "3.1.0"}')  # type: ignore[arg-type]
    elif target.startswith(b"/status/"):
        reply(
            connection,
            b"{}",
            status=f"{target[8:].decode()} Own",
            headers="Location: http://elsewhere/\r\nETag: x\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nConnection: X-Hop\r\n",
        )  # type: ignore[arg-type]
    else:
        echo(connection, head, body)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    with running(tmp_path_factory.mktemp("protocol"), handler) as pair:
        yield pair


@pytest.fixture
def client(federation: Federation) -> Iterator[Client]:
    with federation[0].client() as opened:
        yield opened


def test_4_1_the_provider_sees_path_and_query_behind_the_service(
    federation: Federation, client: Client
) -> None:
    client.ask("GET", f"{PREFIX}/kept/v1/bar/zyggy?quu=1&quu=2&x=%2F..")
    assert federation[1].seen[-1][0].startswith(b"GET /base/v1/bar/zyggy?quu=1&quu=2&x=%2F.. HTTP/1.1\r\n")
    client.ask("GET", f"{PREFIX}/fast")
    assert federation[1].seen[-1][0].startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize("target", ["/", "/r2/a/b/c/d", "/r1", "/r1/QF/GOV", "/other"])
def test_4_1_an_address_has_a_version_and_a_service(client: Client, target: str) -> None:
    answer = client.ask("GET", target)
    assert (answer.status, answer.error[:7]) == (400, "Client.")


def test_4_2_parts_are_encoded_one_by_one(client: Client) -> None:
    assert (
        client.ask("GET", "/r1/QF/GOV/300/%6Cand/p%61rcels/parcels/1", client="QF/%47OV/100/tax").status
        == 200
    )
    answer = client.ask("GET", "/r1/QF%2FGOV%2F300%2Fland%2Fparcels/parcels/1")
    assert (answer.status, answer.error) == (400, "Client.InvalidPath")


def test_4_3_the_client_is_mandatory_and_the_last_of_several_counts(client: Client) -> None:
    answer = client.ask("GET", f"{PREFIX}/parcels/parcels/1", client="")
    assert (answer.status, answer.error) == (400, "Client.MissingHeader")
    answer = client.ask(
        "GET", f"{PREFIX}/parcels/parcels/1", client=OTHER, headers=f"x-road-client: {CLIENT}\r\n"
    )
    assert answer.headers["x-road-client"] == CLIENT


@pytest.mark.parametrize(
    "text",
    [
        "QF",
        "QF/GOV",
        "QF/GOV/100/tax/x",
        "QF/GOV//tax",
        "QF/GOV/../tax",
        "QF/GOV/a_b",
        "Q%ZZ/GOV/1",
        "QF/GOV/%00",
    ],
)
def test_4_3_a_malformed_client_is_refused(client: Client, text: str) -> None:
    answer = client.ask("GET", f"{PREFIX}/parcels/parcels/1", client=text)
    assert (answer.status, answer.error) == (400, "Client.InvalidClientIdentifier")


def test_4_3_an_unknown_client_is_refused(client: Client) -> None:
    assert (
        client.ask("GET", f"{PREFIX}/fast/x", client="QF/GOV/999").error == "Server.ClientProxy.UnknownMember"
    )


def test_4_3_the_answer_names_client_service_id_and_request(client: Client) -> None:
    first = client.ask("GET", f"{PREFIX}/fast/x")
    second = client.ask("GET", f"{PREFIX}/fast/x", headers="X-Road-Id: abc-1\r\n")
    assert first.headers["x-road-service"] == f"{PROVIDER}/fast"
    assert len(first.headers["x-road-id"]) == 36
    assert second.headers["x-road-id"] == "abc-1"
    assert first.headers["x-road-request-id"] != second.headers["x-road-request-id"]
    assert "x-road-error" not in first.headers


@pytest.mark.parametrize("body", [b"", b"some body"])
def test_4_3_the_request_hash_is_over_the_head_and_the_body(
    federation: Federation, client: Client, body: bytes
) -> None:
    answer = client.ask(
        "POST", f"{PREFIX}/fast/x?y=1", body=body, headers="X-Road-Id: i\r\nX-Own: v\r\nAccept: a/b\r\n"
    )
    lines = f"X-Own:v\r\nAccept:a/b\r\nX-Road-Client:{CLIENT}\r\nX-Road-Id:i\r\nX-Road-Request-Id:{answer.headers['x-road-request-id']}\r\n"
    head = hashlib.sha512(f"POST\r\n{PREFIX}/fast/x?y=1\r\n{lines}".encode()).digest()
    expected = hashlib.sha512(head + hashlib.sha512(body).digest()).digest() if body else head
    assert answer.headers["x-road-request-hash"] == base64.b64encode(expected).decode()
    assert lines.encode() in federation[1].seen[-1][0]  # forwarded exactly as hashed


def test_4_3_accept_is_json_unless_stated(federation: Federation, client: Client) -> None:
    client.ask("GET", f"{PREFIX}/fast/x")
    assert b"Accept:application/json\r\n" in federation[1].seen[-1][0]


def test_4_3_filtered_headers_do_not_pass_and_all_others_do(federation: Federation, client: Client) -> None:
    dropped = "User-Agent: me\r\nTE: trailers\r\nUpgrade: h2c\r\nProxy-Authorization: x\r\nKeep-Alive: 1\r\nX-Road-Request-Hash: forged\r\nX-Hop: 1\r\nConnection: X-Hop, X-Road-Client\r\n"
    passed = [
        "X-Road-UserId: QF1",
        "X-Road-Issue: i",
        "X-Road-Security-Server: a/b/c/d",
        "X-Road-Represented-Party: p",
        "Cache-Control: no-cache",
        "Cookie: a=b",
        "Authorization: Bearer t",
        "X-Powered-By: PHP",
    ]
    client.ask("GET", f"{PREFIX}/fast/x", headers=dropped + "".join(f"{line}\r\n" for line in passed))
    head = federation[1].seen[-1][0].decode()
    for line in passed:
        assert line.replace(": ", ":") in head
    for name in (
        "User-Agent",
        "TE:",
        "Upgrade",
        "Proxy-Authorization",
        "Keep-Alive",
        "forged",
        "X-Hop",
        "Host: gw",
    ):
        assert name not in head
    assert head.count("X-Road-Client:") == 1


def test_4_3_a_forged_answer_header_is_overwritten(client: Client) -> None:
    answer = client.ask("GET", f"{PREFIX}/fast/x", headers="X-Road-Id: true\r\n")
    assert answer.headers["x-road-id"] == "true"  # the provider answers with X-Road-Id: forged
    assert "server" not in answer.headers


def test_4_3_continue_is_answered_by_the_gateway(client: Client) -> None:
    client.send(
        f"POST {PREFIX}/fast/x HTTP/1.1\r\nHost: gw\r\nX-Road-Client: {CLIENT}\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    assert client.socket.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(b"ab")
    assert client.answer().json["bytes"] == 2
    answer = client.ask("GET", f"{PREFIX}/fast/x", headers="Expect: magic\r\n")
    assert answer.error == "Client.BadRequest"


@pytest.mark.parametrize("status", [204, 301, 302, 304, 404, 405, 418, 500, 503])
def test_4_4_and_4_6_the_providers_status_passes_as_it_is(client: Client, status: int) -> None:
    answer = client.ask("GET", f"{PREFIX}/fast/status/{status}")
    assert answer.status == status
    assert answer.headers["location"] == "http://elsewhere/"
    assert answer.headers["etag"] == "x"
    assert "x-hop" not in answer.headers
    assert "keep-alive" not in answer.headers
    assert "x-road-error" not in answer.headers


def test_4_6_an_error_of_the_bus_has_type_message_detail(client: Client) -> None:
    answer = client.ask("GET", f"{PREFIX}/none/x")
    assert (answer.status, answer.headers["content-type"]) == (500, "application/json;charset=utf-8")
    assert set(answer.json) == {"type", "message", "detail"}
    assert answer.json["type"] == answer.error == "Server.ServerProxy.UnknownService"
    answer = client.ask("GET", f"{PREFIX}/none/x", headers="Accept: text/xml\r\n")
    assert answer.body.startswith(b"<error><type>Server.ServerProxy.UnknownService</type>")


def test_a_service_out_of_service_says_why(client: Client) -> None:
    answer = client.ask("GET", f"{PREFIX}/closed/x")
    assert (answer.error, answer.json["message"]) == (
        "Server.ServerProxy.ServiceDisabled",
        "Moved to the new registry.",
    )


def test_an_agreement_that_ended_opens_nothing(client: Client) -> None:
    assert (
        client.ask("GET", f"{PREFIX}/fast/x", client=OTHER).error
        == "Server.ServerProxy.AccessDenied.NoValidAgreement"
    )


def test_rights_on_endpoints_cover_method_and_path(client: Client) -> None:
    assert client.ask("GET", f"{PREFIX}/parcels/parcels/1", client=OTHER).status == 200
    assert client.ask("GET", f"{PREFIX}/parcels/open/a/b", client=OTHER).status == 200
    for method, path in (
        ("POST", "/parcels/1"),
        ("GET", "/parcels/1/2"),
        ("GET", "/parcels/"),
        ("GET", "/parcels"),
        ("DELETE", "/open/a"),
    ):
        assert (
            client.ask(method, f"{PREFIX}/parcels{path}", client=OTHER).error
            == "Server.ServerProxy.AccessDenied"
        )


def test_metadata_list_clients(client: Client) -> None:
    members = client.ask("GET", "/listClients", client="").json["member"]
    assert {
        "id": {
            "member_class": "COM",
            "member_code": "200",
            "object_type": "SUBSYSTEM",
            "subsystem_code": "bank",
            "xroad_instance": "QF",
        },
        "name": "Bank",
        "subsystem_name": "bank",
    } in members


def test_metadata_list_and_allowed_methods(client: Client) -> None:
    everything = client.ask("GET", f"{PREFIX}/listMethods", client=OTHER).json["service"]
    assert len(everything) == 7
    parcels = next(service for service in everything if service["service_code"] == "parcels")
    assert parcels["object_type"] == "SERVICE"
    assert {"method": "GET", "path": "/parcels/*"} in parcels["endpoint_list"]
    allowed = client.ask("GET", f"{PREFIX}/allowedMethods", client=OTHER).json["service"]
    assert [service["service_code"] for service in allowed] == ["parcels"]
    assert {"method": "POST", "path": "/parcels"} not in allowed[0]["endpoint_list"]


def test_metadata_get_openapi(client: Client) -> None:
    assert client.ask("GET", f"{PREFIX}/getOpenAPI?serviceCode=described", client=OTHER).json == {
        "openapi": "3.1.0"
    }
    assert (
        client.ask("GET", f"{PREFIX}/getOpenAPI?serviceCode=fast").error
        == "Server.ServerProxy.UnknownService"
    )
    assert client.ask("GET", f"{PREFIX}/getOpenAPI").error == "Server.ServerProxy.UnknownService"


@pytest.mark.parametrize(
    "code", sorted(RESERVED_SERVICE_CODES - {"listMethods", "allowedMethods", "getOpenAPI"})
)
def test_reserved_codes_are_no_services(client: Client, code: str) -> None:
    assert client.ask("GET", f"{PREFIX}/{code}").error == "Server.ServerProxy.UnknownService"


@pytest.mark.parametrize("service", ["fast", "parcels"])
def test_head_has_a_head_and_no_body(client: Client, service: str) -> None:
    answer = client.ask("HEAD", f"{PREFIX}/{service}/open/x")
    assert (answer.status, answer.body) == (200, b"")
    assert (
        client.ask("GET", f"{PREFIX}/{service}/open/x").json["method"] == "GET"
    )  # the connection is still in step


@pytest.mark.parametrize("service", ["fast", "kept"])
@pytest.mark.parametrize("size", [1, 65_536, 65_537, 3_000_000])
def test_bodies_stream_both_ways_whole(
    client: Client, federation: Federation, service: str, size: int
) -> None:
    answer = client.ask("PUT", f"{PREFIX}/{service}/x", body=b"u" * size)
    assert answer.json["bytes"] == size
    if service == "fast":
        assert client.ask("GET", f"{PREFIX}/fast/open/size/{size}").body == b"x" * size


def test_chunked_requests_pass_and_their_hash_is_known(client: Client, federation: Federation) -> None:
    client.send(
        f"POST {PREFIX}/parcels/parcels HTTP/1.1\r\nHost: gw\r\nX-Road-Client: {CLIENT}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    )
    for piece in (b"abc", b"d" * 70_000):
        client.send(b"%x\r\n%s\r\n" % (len(piece), piece))
    client.send(b"0\r\nX-Road-Client: QF/COM/200/bank\r\n\r\n")
    answer = client.answer()
    assert answer.json["bytes"] == 70_003
    assert answer.headers["x-road-client"] == CLIENT
    leaf = next(
        leaf
        for leaf in federation[0].leaves()
        if leaf["request_id"] == answer.headers["x-road-request-id"] and leaf["kind"] == "exchange"
    )
    assert (
        leaf["request"]["body_sha512"]
        == base64.b64encode(hashlib.sha512(b"abc" + b"d" * 70_000).digest()).decode()
    )


def test_pipelined_requests_are_answered_in_order(client: Client) -> None:
    asked = [
        f"POST {PREFIX}/fast/n{number} HTTP/1.1\r\nHost: gw\r\nX-Road-Client: {CLIENT}\r\nContent-Length: 3\r\n\r\nabc"
        for number in range(30)
    ]
    client.send("".join(asked).encode())
    assert [json.loads(client.answer().body)["target"] for _ in range(30)] == [
        f"/n{number}" for number in range(30)
    ]


def test_an_offer_to_upgrade_is_declined_silently(client: Client) -> None:
    answer = client.ask(
        "GET",
        f"{PREFIX}/fast/x",
        headers="Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
    )
    assert answer.status == 200
    assert client.ask("GET", f"{PREFIX}/fast/y").status == 200


def test_http_1_0_is_answered_and_closed(client: Client) -> None:
    client.send(f"GET {PREFIX}/fast/x HTTP/1.0\r\nX-Road-Client: {CLIENT}\r\n\r\n".encode())
    assert client.answer().headers["connection"] == "close"
    assert client.socket.recv(1) == b""
