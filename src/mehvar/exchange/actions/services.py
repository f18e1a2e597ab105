"""Draft, publish, disable and retire services, and keep their endpoints.

Source: issue "Ledger and exchange", point 2.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from mehvar.exchange.actions import publication, record
from mehvar.exchange.actions.subsystems import locked_subsystem
from mehvar.exchange.data.control import ServiceState, ServiceTerms
from mehvar.exchange.models import Endpoint, ExchangeService
from mehvar.exchange.queries import names, scope
from mehvar.exchange.rules import checks
from mehvar.exchange.rules.lifecycles import CALLABLE_SERVICES, SERVICE
from mehvar.kernel import clock, errors, identifiers
from mehvar.kernel.text import fold_for_search
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.accounts.models import User

_LINES = {"title": 200, "contact": 300}
_TEXTS = {"summary": 4_000, "legal_basis": 2_000}


def draft_service(
    actor: User | None, subsystem_id: int, *, code: str, terms: ServiceTerms
) -> ExchangeService:
    """Draft a service of a subsystem, as an engineer of the member or the operator.

    Raises:
        NotFound, NotPermitted: There is no such subsystem, or no right to.
        InputError: Code, address, words or limits cannot be so.
        Conflict: The subsystem has such a service.
    """
    clean, said = checks.service_code(code), cleaned(terms)
    with transaction.atomic():
        subsystem = locked_subsystem(actor, subsystem_id)
        try:
            with transaction.atomic():
                row = ExchangeService.objects.create(
                    public_id=identifiers.new_public_id(),
                    subsystem=subsystem,
                    code=clean,
                    created_at=clock.now(),
                    folded=_folded(clean, said),
                    **said,
                )
        except IntegrityError:
            raise errors.Conflict(
                "The subsystem has a service with this code.", code="service-taken", field="code"
            ) from None
        content = {"service": names.service_name(row), "title": row.title}
        record.note(actor, "exchange.service.draft", record.of_service(row), content)
    return row


def cleaned(terms: ServiceTerms) -> dict[str, Any]:
    """Give a service's terms as they are kept.

    Raises:
        InputError: An address, a word or a limit cannot be so.
    """
    checks.terms(terms)
    said = asdict(terms)
    said["base_url"] = checks.base_url(terms.base_url)
    said["test_base_url"] = checks.base_url(terms.test_base_url, field="test_base_url", required=False)
    said["provider_ca"] = terms.provider_ca.strip()
    for name, limit in {**_LINES, **_TEXTS}.items():
        said[name] = checks.words(said[name], field=name, limit=limit, required=name == "title")
    return said


def _folded(code: str, said: dict[str, Any]) -> str:
    return fold_for_search(" ".join((code, said["title"], said["summary"], said["legal_basis"])))


def change_service(
    actor: User | None, public_id: str, *, terms: ServiceTerms, version: int
) -> ExchangeService:
    """Change what is said about a service; of a published one gateways follow at once.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale, or out of range.
    """
    said = cleaned(terms)
    with transaction.atomic():
        row = locked_service(actor, public_id, version)
        if row.state == ServiceState.RETIRED:
            raise errors.Conflict("This service is retired.", code="service-retired")
        before = {name: getattr(row, name) for name in said}
        differs = {name: value for name, value in said.items() if before[name] != value}
        if not differs:
            return row
        record.changed(row, folded=_folded(row.code, said), **differs)
        record.note(actor, "exchange.service.change", record.of_service(row), {"changed": differs})
        publish_if_callable(row, "exchange.service.change")
    return row


def publish_service(actor: User | None, public_id: str, *, version: int) -> ExchangeService:
    """Publish a service, or open a disabled one again.

    Raises:
        NotFound, NotPermitted, Conflict: There is none, no right to, stale, or it is published or retired.
    """
    with transaction.atomic():
        row = locked_service(actor, public_id, version)
        state = SERVICE.transition(row.state, "publish")
        record.changed(row, state=state, disabled_notice="", published_at=row.published_at or clock.now())
        _note_state(actor, row, "publish")
    return row


def disable_service(actor: User | None, public_id: str, *, notice: str, version: int) -> ExchangeService:
    """Disable a service: callers are refused with the notice.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale, not published, no notice.
    """
    words = checks.words(notice, field="notice", limit=500)
    with transaction.atomic():
        row = locked_service(actor, public_id, version)
        state = SERVICE.transition(row.state, "disable")
        record.changed(row, state=state, disabled_notice=words)
        _note_state(actor, row, "disable", reason=words)
    return row


def retire_service(actor: User | None, public_id: str, *, reason: str, version: int) -> ExchangeService:
    """Retire a service for good.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale or retired, or no reason.
    """
    why = checks.words(reason, field="reason")
    with transaction.atomic():
        row = locked_service(actor, public_id, version)
        record.changed(row, state=SERVICE.transition(row.state, "retire"))
        _note_state(actor, row, "retire", reason=why)
    return row


def _note_state(actor: User | None, row: ExchangeService, action: str, *, reason: str = "") -> None:
    content = {"service": names.service_name(row), "title": row.title, "state": str(row.state)}
    subject = record.of_service(row)
    record.note(actor, f"exchange.service.{action}", subject, content, reason=reason, public=True)
    publication.changed(f"exchange.service.{action} {row.public_id}")


def add_endpoint(
    actor: User | None,
    public_id: str,
    *,
    method: str,
    path: str,
    summary: str = "",
    subject: str = "",
) -> Endpoint:
    """Name an operation of a service by hand: method and path with ``*``, and where the person's identifier stands.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, known already, or cannot be so.
    """
    verb, place = checks.endpoint(method, path)
    said = {
        "summary": checks.words(summary, field="summary", limit=300, required=False),
        "subject": checks.subject_place(subject),
    }
    with transaction.atomic():
        service = locked_service(actor, public_id)
        if service.endpoints.filter(method=verb, path=place).exists():
            raise errors.Conflict(
                "The service has this endpoint already.", code="endpoint-taken", field="path"
            )
        row = Endpoint.objects.create(service=service, method=verb, path=place, **said)
        _note_endpoint(actor, service, "add", row)
    return row


def change_endpoint(
    actor: User | None, public_id: str, endpoint_id: int, *, summary: str, subject: str
) -> Endpoint:
    """Change what an endpoint does, and where the person's identifier stands.

    Raises:
        NotFound, NotPermitted, InputError: There is none, no right to, or it cannot be so.
    """
    place = checks.subject_place(subject)
    words = checks.words(summary, field="summary", limit=300, required=False)
    with transaction.atomic():
        service = locked_service(actor, public_id)
        row = _endpoint(service, endpoint_id)
        row.summary, row.subject = words, place
        row.save(update_fields=["summary", "subject"])
        _note_endpoint(actor, service, "change", row)
    return row


def remove_endpoint(actor: User | None, public_id: str, endpoint_id: int) -> None:
    """Remove an endpoint on which no right was ever granted.

    Raises:
        NotFound, NotPermitted: There is none, or no right to.
        Conflict: Rights were granted on it.
    """
    with transaction.atomic():
        service = locked_service(actor, public_id)
        row = _endpoint(service, endpoint_id)
        if row.rights.exists():
            raise errors.Conflict(
                "Rights were granted on this endpoint; it stays, so that they can be understood.",
                code="endpoint-used",
            )
        kept = Endpoint(service=service, method=row.method, path=row.path, subject=row.subject)
        row.delete()
        _note_endpoint(actor, service, "remove", kept)


def _endpoint(service: ExchangeService, endpoint_id: int) -> Endpoint:
    found = service.endpoints.filter(pk=endpoint_id).first()
    if found is None:
        raise scope.missing("endpoint")
    return found


def _note_endpoint(actor: User | None, service: ExchangeService, action: str, row: Endpoint) -> None:
    record.changed(service)
    content = {"method": row.method, "path": row.path, "subject": row.subject}
    record.note(actor, f"exchange.endpoint.{action}", record.of_service(service), content)
    publish_if_callable(service, f"exchange.endpoint.{action}")


def publish_if_callable(row: ExchangeService, action: str) -> None:
    """Publish a snapshot where the service stands in it; shared by the room's actions."""
    if row.state in CALLABLE_SERVICES:
        publication.changed(f"{action} {row.public_id}")


def locked_service(actor: User | None, public_id: str, version: int | None = None) -> ExchangeService:
    """Give a service that the person manages, locked; shared by the room's actions.

    Raises:
        NotFound, NotPermitted, Conflict: There is none, no right to, or stale.
    """
    if actor is not None:
        scope.visible_service(organisations.authority_of(actor), public_id)
    rows = ExchangeService.objects.select_related("subsystem__member__organisation")
    row = record.locked(rows.filter(public_id=public_id), version)
    record.demand_manager(actor, row.subsystem.member)
    return row
