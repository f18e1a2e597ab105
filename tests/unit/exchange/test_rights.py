"""Who may call what: services, endpoints with wildcards, groups, and agreements without which no right counts."""

from datetime import UTC, datetime

import pytest

from mehvar.exchange.data.errors import CallRefused, ErrorType
from mehvar.exchange.data.snapshot import (
    AccessRight,
    Agreement,
    Endpoint,
    Group,
    Member,
    Service,
    Snapshot,
    Subsystem,
)
from mehvar.exchange.rules import metadata, paths, rights

START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
DURING = datetime(2025, 6, 1, tzinfo=UTC).timestamp()
CLIENT, SERVICE = "QF/GOV/1/c", "QF/GOV/2/p/svc"


def routes(*granted: AccessRight, groups: tuple[Group, ...] = ()) -> rights.Routes:
    service = Service(
        "svc",
        "http://h",
        endpoints=(Endpoint("GET", "/pets/*"), Endpoint("POST", "/pets"), Endpoint("GET", "/a/**")),
    )
    own = Service("own", "http://h")
    members = (
        Member("GOV", "1", "One", (Subsystem("c"),)),
        Member(
            "GOV", "2", "Two", (Subsystem("p", (service,)), Subsystem("", (own, Service("p", "http://h"))))
        ),
    )
    agreements = (Agreement("a", "law", "purpose", START, END),)
    return rights.Routes(
        Snapshot("QF", 1, START, members=members, agreements=agreements, rights=granted, groups=groups)
    )


def decide(
    table: rights.Routes, method: str, rest: str, *, at: float = DURING, client: str = CLIENT
) -> rights.Grant:
    route, path = table.find(paths.parse_target(f"/r1/{SERVICE}{rest}".encode()))
    return rights.decide(route, client, method, path, at=at)


def right(
    method: str = "", path: str = "", subject: str = f"client:{CLIENT}", agreement: str = "a"
) -> AccessRight:
    return AccessRight(subject, SERVICE, agreement, method, path)


@pytest.mark.parametrize(
    ("pattern", "path", "covers"),
    [
        ("/pets/*", "/pets/1", True), ("/pets/*", "/pets/", False), ("/pets/*", "/pets/1/2", False), ("/pets/*", "/pets", False),
        ("/pets/*/photo", "/pets/1/photo", True), ("/pets/*/photo", "/pets/a/b/photo", False), ("/a/**", "/a/", True),
        ("/a/**", "/a/b/c", True), ("/a/**", "/a", False), ("**", "", True), ("/v*/x", "/v1/x", True), ("/x.y", "/xzy", False),
        ("/pets/*", "/pets/*", True), ("/a", "/A", False), ("/p+", "/pp", False),
    ],
)  # fmt: skip
def test_wildcards_cover_what_they_say_and_no_more(pattern: str, path: str, *, covers: bool) -> None:
    table = routes(right("GET", pattern))
    if covers:
        assert decide(table, "GET", path).agreement.id == "a"
    else:
        with pytest.raises(CallRefused, match="no right"):
            decide(table, "GET", path)


def test_a_method_is_granted_by_itself_or_by_a_star() -> None:
    with pytest.raises(CallRefused):
        decide(routes(right("GET", "/pets")), "POST", "/pets")
    assert decide(routes(right("*", "/pets")), "POST", "/pets")


def test_a_service_right_covers_every_call_of_it_but_no_other_client() -> None:
    table = routes(right())
    assert decide(table, "DELETE", "/anything/at/all")
    with pytest.raises(CallRefused) as refused:
        decide(table, "GET", "/pets/1", client="QF/GOV/1")
    assert refused.value.error is ErrorType.ACCESS_DENIED


def test_a_group_gives_its_right_to_its_clients() -> None:
    table = routes(right(subject="group:g"), groups=(Group("g", (CLIENT,)),))
    assert decide(table, "GET", "/x")
    with pytest.raises(CallRefused):
        decide(routes(right(subject="group:g"), groups=(Group("g"),)), "GET", "/x")


@pytest.mark.parametrize("at", [START.timestamp() - 1, END.timestamp(), END.timestamp() + 1e9])
def test_a_right_without_a_valid_agreement_does_not_count(at: float) -> None:
    with pytest.raises(CallRefused) as refused:
        decide(routes(right()), "GET", "/x", at=at)
    assert refused.value.error is ErrorType.NO_AGREEMENT


def test_a_right_under_an_unknown_agreement_does_not_count() -> None:
    with pytest.raises(CallRefused):
        decide(routes(right(agreement="other")), "GET", "/x")


def test_a_subsystem_comes_before_a_members_own_service_of_that_name() -> None:
    table = routes()
    assert table.find(paths.parse_target(b"/r1/QF/GOV/2/own/a"))[0].text == "QF/GOV/2/own"
    with pytest.raises(
        CallRefused
    ):  # "p" is a subsystem: never read as the member's service p with path /zzz
        table.find(paths.parse_target(b"/r1/QF/GOV/2/p/zzz"))


def test_allowed_methods_show_what_is_open_to_the_client() -> None:
    table = routes(right("GET", "/pets/*"))
    provider = table.find(paths.parse_target(f"/r1/{SERVICE}".encode()))[0].id.provider
    answer = metadata.allowed_methods(table, provider, CLIENT, at=DURING)
    assert b'"endpoint_list":[{"method":"GET","path":"/pets/*"}]' in answer
    assert b'"service":[]' in metadata.allowed_methods(table, provider, CLIENT, at=END.timestamp())
    assert metadata.list_methods(table, provider).count(b'"method"') == 3
