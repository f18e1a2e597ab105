"""Describe the small federation: who takes part, who may ask whom and why; and compile it to a routing snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mehvar.exchange.data.snapshot import (
    AccessRight,
    Agreement,
    ClientCertificate,
    ClientKey,
    Endpoint,
    KeyAlgorithm,
    Member,
    Quota,
    Service,
    ServiceKind,
    Snapshot,
    Subsystem,
    Timeouts,
)
from mehvar.kernel.errors import gettext_noop

INSTANCE = "QF"
BANK_KEY = "bank-2026"
TIMEOUTS = Timeouts(connect_s=1.0, answer_s=5.0, idle_s=5.0, total_s=20.0)


@dataclass(frozen=True, slots=True)
class Party:
    """Name one subsystem of a member, as client, as provider or both; ``name`` is translated where it is shown."""

    code: str
    member_class: str
    member_code: str
    name: str

    @property
    def id(self) -> str:
        """Return what ``X-Road-Client`` says."""
        return f"{INSTANCE}/{self.member_class}/{self.member_code}/{self.code}"


LAND = Party("land", "GOV", "100", gettext_noop("Land Registry"))
CIVIL = Party("civil", "GOV", "200", gettext_noop("Civil Registry"))
POST = Party("post", "GOV", "300", gettext_noop("National Post"))
TAX = Party("assessment", "GOV", "400", gettext_noop("Tax Office"))
CITY = Party("permits", "GOV", "500", gettext_noop("City Council"))
BANK = Party("loans", "COM", "600", gettext_noop("Savings Bank"))
PROVIDERS = (LAND, CIVIL, POST)
CLIENTS = (TAX, CITY, LAND, BANK)
WITH_CERTIFICATE = (TAX, CITY, LAND)
SERVICES: Mapping[str, tuple[str, tuple[Endpoint, ...]]] = {
    "land": (
        "parcels",
        (
            Endpoint("GET", "/parcels/*"),
            Endpoint("GET", "/parcels", subject="query:owner"),
            Endpoint("POST", "/liens"),
        ),
    ),
    "civil": ("persons", (Endpoint("GET", "/persons/*", subject="path:2"),)),
    "post": ("postcodes", (Endpoint("GET", "/postcodes/*"),)),
}
PURPOSES = {
    "tax": gettext_noop("Assessment of property tax"),
    "permits": gettext_noop("Examination of building permits"),
    "deeds": gettext_noop("Transfer of a deed"),
    "loans": gettext_noop("Examination of a mortgage"),
}
_BASES = {
    "tax": "Property Tax Act, section 12",
    "permits": "Building Act, section 4",
    "deeds": "Registration Act, section 31",
    "loans": "Mortgage Act, section 7, with the borrower's consent",
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Hold with what the clients are known: SHA-256 of certificates by subsystem, the bank's public key (PEM)."""

    certificates: Mapping[str, str]
    bank_key: str
    authority: str


@dataclass(frozen=True, slots=True)
class Standing:
    """State what can be switched on the page. ``revoked``: when which subsystem's certificate was revoked."""

    version: int
    revoked: Mapping[str, datetime]
    bank_may_ask_persons: bool = False


def service_id(provider: Party) -> str:
    """Return the identifier of the provider's one service."""
    return f"{provider.id}/{SERVICES[provider.code][0]}"


def compile_snapshot(
    ports: Mapping[str, int], credentials: Credentials, standing: Standing, *, made_at: datetime
) -> Snapshot:
    """Return the routing snapshot of the federation as it stands; ``ports``: of the providers, by code."""
    since, until = made_at - timedelta(days=1), made_at + timedelta(days=30)
    return Snapshot(
        instance=INSTANCE,
        version=standing.version,
        made_at=made_at,
        members=tuple([_member(party, ports) for party in (LAND, CIVIL, POST, TAX, CITY, BANK)]),
        agreements=tuple([Agreement(name, _BASES[name], PURPOSES[name], since, until) for name in PURPOSES]),
        rights=_rights(standing),
        keys=(ClientKey(BANK_KEY, BANK.id, KeyAlgorithm.ED25519, credentials.bank_key, since, until),),
        certificates=tuple(
            [
                ClientCertificate(
                    credentials.certificates[party.code],
                    party.id,
                    since,
                    until,
                    standing.revoked.get(party.code),
                )
                for party in WITH_CERTIFICATE
            ]
        ),
        quotas=(Quota(BANK.id, "*", 4.0, 6),),
        authorities=(credentials.authority,),
    )


def _member(party: Party, ports: Mapping[str, int]) -> Member:
    services: tuple[Service, ...] = ()
    if party.code in ports:
        base = f"http://127.0.0.1:{ports[party.code]}"
        code, endpoints = SERVICES[party.code]
        services = (
            Service(
                code, base, kind=ServiceKind.OPENAPI, title=party.name, openapi_url=f"{base}/openapi.json",
                endpoints=endpoints, timeouts=TIMEOUTS, keep_bodies=True,
            ),
        )  # fmt: skip
    return Member(
        party.member_class, party.member_code, party.name, (Subsystem(party.code, services, party.name),)
    )


def _rights(standing: Standing) -> tuple[AccessRight, ...]:
    given = [
        AccessRight(f"client:{TAX.id}", service_id(LAND), "tax"),
        AccessRight(f"client:{TAX.id}", service_id(CIVIL), "tax", "GET", "/persons/*"),
        AccessRight(f"client:{CITY.id}", service_id(POST), "permits"),
        AccessRight(f"client:{CITY.id}", service_id(LAND), "permits", "GET", "/parcels/*"),
        AccessRight(f"client:{LAND.id}", service_id(CIVIL), "deeds", "GET", "/persons/*"),
        AccessRight(f"client:{BANK.id}", service_id(LAND), "loans", "GET", "/parcels/*"),
        AccessRight(f"client:{BANK.id}", service_id(POST), "loans"),
    ]
    if standing.bank_may_ask_persons:
        given.append(AccessRight(f"client:{BANK.id}", service_id(CIVIL), "loans", "GET", "/persons/*"))
    return tuple(given)
