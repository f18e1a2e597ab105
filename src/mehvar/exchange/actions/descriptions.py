"""Take new versions of a service's description, and keep its endpoints in step with them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.db import transaction

from mehvar.exchange.actions import record
from mehvar.exchange.actions.services import locked_service, publish_if_callable
from mehvar.exchange.data.snapshot import ServiceKind
from mehvar.exchange.models import Endpoint, ExchangeService, ServiceDescription
from mehvar.exchange.rules import compatibility, openapi
from mehvar.kernel import clock, errors
from mehvar.kernel.identifiers import canonical_json

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.exchange.rules.compatibility import Change


def upload_description(
    actor: User | None, public_id: str, *, content: bytes
) -> tuple[ServiceDescription, list[Change]]:
    """Take a description (OpenAPI 3, JSON or YAML) as the newest version; give it with what it changes for consumers.

    Its operations become endpoints. Endpoints that it no longer has go, unless rights were granted on them; where the person's
    identifier stands is kept where somebody wrote it by hand.

    Raises:
        NotFound, NotPermitted: There is no such service, or no right to.
        LimitExceeded, InputError: The document is too large or cannot be read.
        Conflict: It is the newest version already.
    """
    document = openapi.read_document(content)
    sha256 = hashlib.sha256(canonical_json(document)).hexdigest()
    with transaction.atomic():
        service = locked_service(actor, public_id)
        last = service.descriptions.order_by("-number").first()
        if last is not None and last.sha256 == sha256:
            raise errors.Conflict("This is the newest version already.", code="same-description")
        changes = compatibility.differences(last.document, document) if last else []
        title, stated = openapi.title_of(document)
        row = ServiceDescription.objects.create(
            service=service,
            number=(last.number if last else 0) + 1,
            document=document,
            sha256=sha256,
            title=title,
            stated_version=stated,
            uploaded_at=clock.now(),
        )
        _follow(service, openapi.operations_of(document))
        record.changed(service, kind=ServiceKind.OPENAPI)
        _note(actor, service, row, changes)
    return row, changes


def preview(service: ExchangeService, content: bytes) -> tuple[dict[str, Any], list[Change]]:
    """Read a document and tell what it would change for consumers, without keeping it.

    Raises:
        LimitExceeded, InputError: The document is too large or cannot be read.
    """
    document = openapi.read_document(content)
    last = service.descriptions.order_by("-number").first()
    return document, compatibility.differences(last.document, document) if last else []


def _follow(service: ExchangeService, operations: list[openapi.Operation]) -> None:
    known = {(row.method, row.path): row for row in service.endpoints.all()}
    wanted = {(one.method, one.path): one for one in operations}
    for place, row in known.items():
        if place not in wanted and row.described and not row.rights.exists():
            row.delete()
    fresh = []
    for place, one in wanted.items():
        if place not in known:
            fresh.append(_endpoint(service, one))
            continue
        row = known[place]
        row.summary, row.described = one.summary, True
        row.subject = row.subject or one.subject
        row.save(update_fields=["summary", "described", "subject"])
    Endpoint.objects.bulk_create(fresh)


def _endpoint(service: ExchangeService, one: openapi.Operation) -> Endpoint:
    return Endpoint(
        service=service,
        method=one.method,
        path=one.path,
        summary=one.summary,
        subject=one.subject,
        described=True,
    )


def _note(
    actor: User | None, service: ExchangeService, row: ServiceDescription, changes: list[Change]
) -> None:
    content = {
        "number": row.number,
        "sha256": row.sha256,
        "stated_version": row.stated_version,
        "breaking": sum(change.breaks for change in changes),
    }
    record.note(actor, "exchange.description.upload", record.of_service(service), content)
    publish_if_callable(service, "exchange.description.upload")
