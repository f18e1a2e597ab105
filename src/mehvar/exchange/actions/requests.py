"""Ask for access to a service, answer it within working days, and see that late answers are known.

What the consumer submits are its terms: granting makes an agreement of exactly these (or uses one that holds already) and the rights
under it. Every step is dated, with who took it and what was said.
Source: S4.4; issue "Ledger and exchange", point 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from mehvar.exchange.actions import agreements, record, rights, telling
from mehvar.exchange.actions.subsystems import locked_subsystem
from mehvar.exchange.data.control import AgreementTerms, RequestState, RequestStep, RequestWords, ServiceState
from mehvar.exchange.models import AccessRequest, AccessRequestEvent, Agreement, Endpoint, ExchangeService
from mehvar.exchange.queries import names, scope
from mehvar.exchange.queries.days import today
from mehvar.exchange.rules import answering, checks
from mehvar.exchange.rules.lifecycles import REQUEST
from mehvar.kernel import clock, errors, identifiers
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.accounts.models import User

_TOLD = {
    RequestStep.RETURN: gettext_noop("{provider} has remarks on your request for “{service}”."),
    RequestStep.GRANT: gettext_noop("{provider} grants you access to “{service}”."),
    RequestStep.REFUSE: gettext_noop("{provider} refuses your request for “{service}”."),
}
REMIND_DAYS_BEFORE = 2


def begin(
    actor: User | None,
    *,
    subsystem_id: int,
    service: str,
    words: RequestWords | None = None,
    endpoint_ids: Iterable[int] = (),
) -> AccessRequest:
    """Begin a request of a subsystem for a service (public id), as an engineer of the consumer.

    Raises:
        NotFound, NotPermitted: Something is unknown, or the person does not speak for the consumer.
        Conflict: The service is not offered, or an open request waits already.
        InputError: An endpoint is not of the service, or the words are too long.
    """
    said = _cleaned(words or RequestWords())
    with transaction.atomic():
        client = locked_subsystem(actor, subsystem_id)
        record.demand_speaker(actor, client.member)
        offered = _offered(service)
        if client.requests.filter(service=offered, state__in=("draft", "submitted", "returned")).exists():
            raise errors.Conflict("A request for this service is open already.", code="request-open")
        row = AccessRequest.objects.create(
            public_id=identifiers.new_public_id(),
            subsystem=client,
            service=offered,
            author=actor,
            created_at=clock.now(),
            **said,
        )
        row.endpoints.set(_endpoints(offered, endpoint_ids))
        _enter(actor, row, RequestStep.BEGIN)
    return row


def change(
    actor: User | None,
    public_id: str,
    *,
    words: RequestWords,
    version: int,
    endpoint_ids: Iterable[int] | None = None,
) -> AccessRequest:
    """Change a request that is not with the provider; ``endpoint_ids`` None leaves them as they are.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale or submitted, or too long.
    """
    said = _cleaned(words)
    with transaction.atomic():
        row = _of_consumer(actor, public_id, version)
        state = REQUEST.transition(row.state, RequestStep.CHANGE)
        if endpoint_ids is not None:
            row.endpoints.set(_endpoints(row.service, endpoint_ids))
        record.changed(row, state=state, **said)
    return row


def submit(actor: User | None, public_id: str, *, version: int, note: str = "") -> AccessRequest:
    """Submit a request: the provider answers within the working days of its country.

    Raises:
        NotFound, NotPermitted, Conflict: There is none, no right to, stale, or not to be submitted.
        InputError: Purpose or legal basis is missing.
    """
    with transaction.atomic():
        row = _of_consumer(actor, public_id, version)
        state = REQUEST.transition(row.state, RequestStep.SUBMIT)
        _check_whole(row)
        due = _due_on(row)
        record.changed(
            row,
            state=state,
            submitted_at=clock.now(),
            due_on=due,
            first_due_on=row.first_due_on or due,
            reminded_for=None,
        )
        telling.tell(
            telling.engineers_of([row.service.subsystem.member]),
            key=f"request:{row.public_id}:{row.version}",
            message=gettext_noop("{client} asks for access to “{service}”; please answer by {date}."),
            path=_address(row),
            client=str(row.subsystem),
            service=row.service.title,
            date=due.isoformat(),
        )
        _enter(actor, row, RequestStep.SUBMIT, note=note)
    return row


def _due_on(row: AccessRequest) -> date:
    country = row.service.subsystem.member.organisation.pack
    return answering.nth_working_day(country, today(), settings.MEHVAR_EXCHANGE_ANSWER_DAYS)


def return_(actor: User | None, public_id: str, *, remarks: str, version: int) -> AccessRequest:
    """Give a request back with remarks, as the provider.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale or not submitted, no remarks.
    """
    return _answer(actor, public_id, RequestStep.RETURN, _remarks(remarks), version=version)


def refuse(actor: User | None, public_id: str, *, reason: str, version: int) -> AccessRequest:
    """Refuse a request with its reason, as the provider.

    Raises:
        NotFound, NotPermitted, Conflict, InputError: There is none, no right to, stale or not submitted, no reason.
    """
    return _answer(actor, public_id, RequestStep.REFUSE, _remarks(reason), version=version)


def withdraw(actor: User | None, public_id: str, *, version: int, reason: str = "") -> AccessRequest:
    """Take a request back, as the consumer.

    Raises:
        NotFound, NotPermitted, Conflict: There is none, no right to, stale, or decided.
    """
    with transaction.atomic():
        row = _of_consumer(actor, public_id, version)
        state = REQUEST.transition(row.state, RequestStep.WITHDRAW)
        record.changed(row, state=state, decided_at=clock.now(), due_on=None)
        _enter(actor, row, RequestStep.WITHDRAW, note=reason)
    return row


def grant(
    actor: User | None, public_id: str, *, version: int, agreement: str = "", note: str = ""
) -> AccessRequest:
    """Grant a request, as the provider: under an agreement that holds (public id), else under a new one of the terms asked for.

    Raises:
        NotFound, NotPermitted, InputError: There is none, no right to, or the agreement is with somebody else.
        Conflict: Stale or not submitted, or the agreement is not valid.
    """
    with transaction.atomic():
        row = _of_provider(actor, public_id, version)
        state = REQUEST.transition(row.state, RequestStep.GRANT)
        under = _agreement(agreement) if agreement else _agreed(actor, row)
        rights.check_grant(under, row.service, (row.subsystem, None))
        record.changed(row, state=state, agreement=under, decided_at=clock.now(), decision_note=note.strip())
        _grant_rights(actor, row, under)
        _tell_consumer(row, RequestStep.GRANT)
        _enter(actor, row, RequestStep.GRANT, note=note)
    return row


def _grant_rights(actor: User | None, row: AccessRequest, under: Agreement) -> None:
    held = row.service.rights.filter(agreement=under, subsystem=row.subsystem, revoked_at=None)
    known: set[int | None] = set(held.values_list("endpoint_id", flat=True))
    wanted: list[Endpoint | None] = [*row.endpoints.all()]
    for endpoint in wanted or [None]:
        if (endpoint.pk if endpoint else None) not in known:
            rights.make_right(actor, under, row.service, to=(row.subsystem, None), endpoint=endpoint)


def _agreed(actor: User | None, row: AccessRequest) -> Agreement:
    """Make an agreement of what the consumer submitted; granting it is the provider's acceptance."""
    starts = max(row.wanted_from or today(), today())
    terms = AgreementTerms(
        f"{row.service.title} · {row.subsystem.name}"[:300],
        row.legal_basis,
        row.purpose,
        starts,
        row.wanted_until,
    )
    made = agreements.make_agreement(
        row.service.subsystem.member, row.subsystem.member, agreements.cleaned(terms), gives=True, takes=True
    )
    agreements.note_agreement(actor, made, "agree")
    return made


def _agreement(public_id: str) -> Agreement:
    rows = Agreement.objects.select_related("provider__organisation", "consumer__organisation")
    return record.locked(rows.filter(public_id=public_id))


def _answer(
    actor: User | None, public_id: str, step: RequestStep, words: str, *, version: int
) -> AccessRequest:
    with transaction.atomic():
        row = _of_provider(actor, public_id, version)
        state = REQUEST.transition(row.state, step)
        record.changed(row, state=state, decided_at=clock.now(), decision_note=words, due_on=None)
        _tell_consumer(row, step)
        _enter(actor, row, step, note=words)
    return row


def _tell_consumer(row: AccessRequest, step: RequestStep) -> None:
    telling.tell(
        telling.engineers_of([row.subsystem.member]),
        key=f"request:{row.public_id}:{row.version}",
        message=_TOLD[step],
        path=_address(row),
        provider=str(row.service.subsystem.member),
        service=row.service.title,
    )


def _remarks(text: str) -> str:
    return checks.words(text, field="note", limit=4_000)


def _cleaned(words: RequestWords) -> dict[str, Any]:
    said = asdict(words)
    said["purpose"] = checks.words(words.purpose, field="purpose", limit=500, required=False)
    said["legal_basis"] = checks.words(words.legal_basis, field="legal_basis", required=False)
    if words.calls_per_day is not None and not 0 < words.calls_per_day <= checks.LARGEST_KEPT_BODY * 1_000:
        raise errors.InputError("Give a positive number of calls.", code="bad-quota", field="calls_per_day")
    if words.wanted_from and words.wanted_until:
        checks.dates(words.wanted_from, words.wanted_until, field="wanted_until")
    return said


def _check_whole(row: AccessRequest) -> None:
    checks.words(row.purpose, field="purpose", limit=500)
    checks.words(row.legal_basis, field="legal_basis")
    if row.wanted_until is not None and row.wanted_until < today():
        raise errors.InputError("This day has passed.", code="day-passed", field="wanted_until")
    if row.service.state not in {ServiceState.PUBLISHED, ServiceState.DISABLED}:
        raise errors.Conflict("This service is not offered.", code="not-offered")


def _offered(public_id: str) -> ExchangeService:
    rows = ExchangeService.objects.select_related("subsystem__member__organisation")
    found = rows.filter(public_id=public_id, state__in=scope.OPEN_SERVICES).first()
    if found is None:
        raise scope.missing("service")
    return found


def _endpoints(service: ExchangeService, endpoint_ids: Iterable[int]) -> list[Endpoint]:
    wanted = set(endpoint_ids)
    found = list(service.endpoints.filter(pk__in=wanted))
    if len(found) != len(wanted):
        raise errors.InputError("An endpoint is not of this service.", code="bad-endpoint", field="endpoints")
    return found


def _locked(actor: User | None, public_id: str, version: int) -> AccessRequest:
    if actor is not None:
        scope.visible_request(organisations.authority_of(actor), public_id)
    rows = AccessRequest.objects.select_related(
        "subsystem__member__organisation", "service__subsystem__member__organisation", "agreement"
    )
    return record.locked(rows.filter(public_id=public_id), version)


def _of_consumer(actor: User | None, public_id: str, version: int) -> AccessRequest:
    row = _locked(actor, public_id, version)
    record.demand_speaker(actor, row.subsystem.member)
    return row


def _of_provider(actor: User | None, public_id: str, version: int) -> AccessRequest:
    row = _locked(actor, public_id, version)
    record.demand_speaker(actor, row.service.subsystem.member)
    return row


def _enter(actor: User | None, row: AccessRequest, step: RequestStep, *, note: str = "") -> None:
    """Add a step to the trail and put it on record, as the last step of its transaction."""
    words = note.strip()
    AccessRequestEvent.objects.create(
        request=row, action=step, state=row.state, actor=actor, note=words, at=clock.now()
    )
    content = {
        "client": names.client_name(row.subsystem),
        "service": names.service_name(row.service),
        "purpose": row.purpose,
        "legal_basis": row.legal_basis,
        "state": str(row.state),
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "agreement": row.agreement.public_id if row.agreement else None,
    }
    record.note(actor, f"exchange.request.{step}", record.of_request(row), content, reason=words)


def _address(row: AccessRequest) -> str:
    return reverse("exchange:request", args=[row.public_id])


def remind_answers() -> int:
    """Remind providers shortly before an answer is due, and tell the operator of late ones; give how many were told."""
    rows = AccessRequest.objects.select_related(
        "subsystem__member__organisation", "service__subsystem__member__organisation", "agreement"
    ).filter(state=RequestState.SUBMITTED)
    told = 0
    for row in rows.filter(due_on__isnull=False):
        due = row.due_on or today()
        country = row.service.subsystem.member.organisation.pack
        if due < today():
            told += _tell_late(row)
        elif (
            due <= answering.nth_working_day(country, today(), REMIND_DAYS_BEFORE) and row.reminded_for != due
        ):
            told += _remind(row, due)
    return told


def _remind(row: AccessRequest, due: date) -> int:
    with transaction.atomic():
        AccessRequest.objects.filter(pk=row.pk).update(reminded_for=due)
        return telling.tell(
            telling.engineers_of([row.service.subsystem.member]),
            key=f"request:{row.public_id}:due:{due}",
            message=gettext_noop("The answer to {client} about “{service}” is due on {date}."),
            path=_address(row),
            client=str(row.subsystem),
            service=row.service.title,
            date=due.isoformat(),
        )


def _tell_late(row: AccessRequest) -> int:
    """Tell operator and provider once that an answer is late; the trail knows it too."""
    with transaction.atomic():
        fresh = record.locked(AccessRequest.objects.filter(pk=row.pk))
        is_known = row.events.filter(action=RequestStep.LATE, at__gt=row.submitted_at).exists()
        if fresh.state != RequestState.SUBMITTED or is_known:
            return 0
        told = telling.tell(
            telling.operators() | telling.engineers_of([row.service.subsystem.member]),
            key=f"request:{row.public_id}:late:{row.due_on}",
            message=gettext_noop("{provider} has not answered {client} about “{service}” in time."),
            path=_address(row),
            provider=str(row.service.subsystem.member),
            client=str(row.subsystem),
            service=row.service.title,
        )
        _enter(None, row, RequestStep.LATE)
    return told
