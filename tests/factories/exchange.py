"""Make an exchange of two members of the small ministry, with the actions that people use.

``federation()`` gives: provider ``xx.min`` (class GOV, code min) with subsystem ``registry`` and the published service ``parcels``;
consumer ``xx.health`` (GOV/health) with subsystem ``clinic``; an operator and an engineer of each.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.exchange.actions import agreements as agreement_actions
from mehvar.exchange.actions import members, requests, rights, services, subsystems
from mehvar.exchange.data.control import AgreementTerms, RequestWords, ServiceTerms
from mehvar.exchange.models import AccessRequest, AccessRight, Agreement, ExchangeService, Member, Subsystem
from tests.factories.organisations import SmallMinistry, make_user, small_ministry

BEGINS = date(2020, 1, 1)


@dataclass
class Federation:
    """Hold what ``federation`` made."""

    house: SmallMinistry
    operator: User
    provider: Member
    consumer: Member
    registry: Subsystem
    clinic: Subsystem
    service: ExchangeService
    provider_engineer: User
    consumer_engineer: User


def file_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the routing snapshot and the authority's key be files in a folder of the test."""
    from django.conf import settings

    path = folder / "snapshot.json"
    monkeypatch.setattr(settings, "MEHVAR_EXCHANGE_SNAPSHOT_FILE", path)
    monkeypatch.setattr(settings, "MEHVAR_EXCHANGE_AUTHORITY_KEY_FILE", folder / "authority_key.pem")
    return path


def federation(*, base_url: str = "http://127.0.0.1:9", language: str = "en", **terms: Any) -> Federation:
    """Make the small ministry, two members, a published service with two endpoints."""
    house = small_ministry(language=language)
    operator = house.people[Role.EXCHANGE_OPERATOR]
    provider_engineer = house.people[Role.SYSTEM_ENGINEER]
    consumer_engineer = make_user(Role.SYSTEM_ENGINEER, house.health, name="health engineer")
    provider = members.enrol(operator, organisation_id=house.ministry.pk, member_class="GOV", code="min")
    consumer = members.enrol(operator, organisation_id=house.health.pk, member_class="GOV", code="health")
    registry = subsystems.open_subsystem(
        provider_engineer, provider.public_id, code="registry", name="Registers"
    )
    clinic = subsystems.open_subsystem(consumer_engineer, consumer.public_id, code="clinic", name="Clinics")
    service = published_service(provider_engineer, registry, base_url=base_url, **terms)
    return Federation(
        house, operator, provider, consumer, registry, clinic, service, provider_engineer, consumer_engineer
    )


def published_service(
    engineer: User,
    subsystem: Subsystem,
    *,
    code: str = "parcels",
    title: str = "Land parcels",
    base_url: str = "http://127.0.0.1:9",
    **terms: Any,
) -> ExchangeService:
    """Draft and publish a service with the endpoints GET /parcels/* (person at path:2) and POST /parcels."""
    said = ServiceTerms(title=title, base_url=base_url, summary="Who owns which parcel.", **terms)
    row = services.draft_service(engineer, subsystem.pk, code=code, terms=said)
    services.add_endpoint(engineer, row.public_id, method="GET", path="/parcels/*", subject="path:2")
    services.add_endpoint(engineer, row.public_id, method="POST", path="/parcels")
    row.refresh_from_db()
    return services.publish_service(engineer, row.public_id, version=row.version)


def agreed(made: Federation, *, valid_from: date = BEGINS, valid_until: date | None = None) -> Agreement:
    """Let both sides accept an agreement."""
    terms = AgreementTerms(
        "Parcels for clinics", "Health Act, section 4", "patient address", valid_from, valid_until
    )
    row = agreement_actions.propose(
        made.consumer_engineer,
        provider=made.provider.public_id,
        consumer=made.consumer.public_id,
        terms=terms,
    )
    return agreement_actions.accept(made.provider_engineer, row.public_id, version=row.version)


def granted(made: Federation, agreement: Agreement | None = None) -> AccessRight:
    """Grant the whole service to the clinic."""
    under = agreement or agreed(made)
    return rights.grant(
        made.provider_engineer,
        agreement=under.public_id,
        service=made.service.public_id,
        subsystem_id=made.clinic.pk,
    )


def submitted(made: Federation, **words: Any) -> AccessRequest:
    """Let the clinic ask for the service."""
    said = RequestWords(
        purpose="patient address", legal_basis="Health Act, section 4", calls_per_day=200, **words
    )
    row = requests.begin(
        made.consumer_engineer, subsystem_id=made.clinic.pk, service=made.service.public_id, words=said
    )
    return requests.submit(made.consumer_engineer, row.public_id, version=row.version)
