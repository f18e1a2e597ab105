"""Tell in which parts two published snapshots differ."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mehvar.exchange.models import (
    AccessRight,
    Agreement,
    ClientCertificate,
    ExchangeService,
    PublishedSnapshot,
    SigningKey,
)
from mehvar.exchange.queries.scope import missing

MOST = 500
_IDENTIFIER = re.compile(r"(?<![0-9a-z])[0-9a-z]{26}(?![0-9a-z])")


@dataclass(frozen=True, slots=True)
class Difference:
    """Hold one difference: in which part, of what, whether it is ``new``, ``gone`` or ``other``."""

    part: str
    name: str
    kind: str


def snapshot(number: int) -> PublishedSnapshot:
    """Give one published snapshot with its content.

    Raises:
        NotFound: There is none with this number.
    """
    found = PublishedSnapshot.objects.filter(number=number).first()
    if found is None:
        raise missing("snapshot")
    return found


def content_of(row: PublishedSnapshot) -> dict[str, Any]:
    """Give what a snapshot holds."""
    found: dict[str, Any] = json.loads(bytes(row.content))["snapshot"]
    return found


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Give what differs between two snapshots' contents, part by part, at most five hundred."""
    found: list[Difference] = []
    for part, rows in _PARTS.items():
        before, after = dict(rows(old)), dict(rows(new))
        found += [Difference(part, name, "gone") for name in before if name not in after]
        found += [Difference(part, name, "new") for name in after if name not in before]
        found += [
            Difference(part, name, "other")
            for name in before
            if name in after and before[name] != after[name]
        ]
    return found[:MOST]


def titles(names: Iterable[str]) -> dict[str, str]:
    """Give the titles of the agreements, services, rights and keys whose identifiers stand in names of differences and acts."""
    found = {word for name in names for word in _IDENTIFIER.findall(name)}
    if not found:
        return {}
    rights = AccessRight.objects.filter(public_id__in=found).select_related("service")
    return {
        **dict(Agreement.objects.filter(public_id__in=found).values_list("public_id", "title")),
        **dict(ExchangeService.objects.filter(public_id__in=found).values_list("public_id", "title")),
        **{row.public_id: row.service.title for row in rights},
        **dict(SigningKey.objects.filter(public_id__in=found).values_list("public_id", "label")),
        **dict(ClientCertificate.objects.filter(public_id__in=found).values_list("public_id", "label")),
    }


def retold(name: str, titles: Mapping[str, str]) -> str:
    """Give a difference's name with titles in the place of identifiers, and without the protocol's prefix of clients."""
    plain = _IDENTIFIER.sub(lambda found: titles.get(found[0], found[0]), name)
    return plain.removeprefix("client:")


_Rows = Iterable[tuple[str, Any]]


def _members(content: Mapping[str, Any]) -> _Rows:
    for one in content["members"]:
        subsystems = [part["code"] for part in one["subsystems"]]
        yield f"{one['member_class']}/{one['member_code']}", (one["name"], subsystems)


def _services(content: Mapping[str, Any]) -> _Rows:
    for one in content["members"]:
        for part in one["subsystems"]:
            for service in part["services"]:
                yield f"{one['member_class']}/{one['member_code']}/{part['code']}/{service['code']}", service


def _rights(content: Mapping[str, Any]) -> _Rows:
    for one in content["rights"]:
        what = f" {one['method']} {one['path']}" if one["method"] else ""
        yield f"{one['subject']} → {one['service']}{what} ({one['agreement']})", one


def _named(part: str, *fields: str) -> Callable[[Mapping[str, Any]], _Rows]:
    def rows(content: Mapping[str, Any]) -> _Rows:
        for one in content[part]:
            yield " · ".join(str(one[name]) for name in fields), one

    return rows


def _authorities(content: Mapping[str, Any]) -> _Rows:
    for number, one in enumerate(content["authorities"], start=1):
        yield f"#{number}", one


def _gateways(content: Mapping[str, Any]) -> _Rows:
    yield str(content.get("gateways", 1)), None


_PARTS: Mapping[str, Callable[[Mapping[str, Any]], _Rows]] = {
    "members": _members,
    "services": _services,
    "groups": _named("groups", "code"),
    "agreements": _named("agreements", "id"),
    "rights": _rights,
    "keys": _named("keys", "client", "id"),
    "certificates": _named("certificates", "client", "sha256"),
    "networks": _named("networks", "client", "network"),
    "quotas": _named("quotas", "client", "service"),
    "authorities": _authorities,
    "gateways": _gateways,
}
