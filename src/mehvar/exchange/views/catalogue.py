"""Show the catalogue: what is offered, how to get it, try it, and call it from a program."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.exchange.actions import trying
from mehvar.exchange.forms.operations import OperationForm
from mehvar.exchange.queries import catalogue, names, scope, statistics
from mehvar.exchange.queries.catalogue import Wanted
from mehvar.exchange.rules import operations, questions
from mehvar.exchange.rules.snippets import CallFacts, snippets_of
from mehvar.exchange.tables import phrases, words
from mehvar.exchange.views.objects import facts, home, person
from mehvar.kernel.errors import MehvarError, NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.ui.data import Point
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import said

if TYPE_CHECKING:
    from django.http import HttpRequest

    from mehvar.exchange.actions.outward import Heard
    from mehvar.exchange.data.operations import Operation, Payload
    from mehvar.exchange.models import ExchangeService
    from mehvar.exchange.queries.statistics import Figures
    from mehvar.organisations.data import Authority

PER_PAGE = 24
SHOWN_BODY = 60_000


def reader_authority(request: HttpRequest) -> Authority:
    """Give the authority of somebody who reads the catalogue.

    Raises:
        NotPermitted: The person does not.
    """
    authority = organisations.authority_in(request)
    if not catalogue.reads_catalogue(authority):
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")
    return authority


@login_required
@require_safe
def catalogue_page(request: HttpRequest) -> HttpResponse:
    """List what is offered, narrowed by words, provider, theme, and whether personal data are given."""
    authority = reader_authority(request)
    wanted = Wanted(
        request.GET.get("q", "")[:200],
        request.GET.get("provider", "")[:40],
        request.GET.get("theme", "")[:100],
        request.GET.get("personal", ""),
        request.GET.get("try", "") == "1",
    )
    page = Paginator(catalogue.services(authority, wanted), PER_PAGE).get_page(request.GET.get("page"))
    figures = statistics.of_services([row.pk for row in page.object_list])
    context = {
        "cards": [_card(row, figures.get(row.pk)) for row in page.object_list],
        "page": page,
        "wanted": wanted,
        "is_narrowed": wanted != Wanted(),
        "providers": [
            (row.public_id, words.name_of(row.organisation)) for row in catalogue.providers(authority)
        ],
        "themes": catalogue.themes(authority),
        "breadcrumbs": [home()] if scope.takes_part(authority) else [],
    }
    return render(request, "exchange/catalogue/list.html", context)


def _card(row: ExchangeService, figures: Figures | None) -> dict[str, Any]:
    entry = getattr(row, "catalogue_entry", None)
    return {
        "row": row,
        "provider": words.name_of(row.subsystem.member.organisation),
        "name": names.service_name(row),
        "operations": entry.operations if entry else 0,
        "themes": [theme for theme in (entry.fields if entry else "").strip("|").split("|") if theme][:4],
        "figures": figures,
        "state": words.badge(words.SERVICES, row.state) if row.state != "published" else "",
    }


@login_required
@require_safe
def service_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one service: what it answers, on what legal basis, its operations, how well it works, and how one stands to it."""
    authority = reader_authority(request)
    row = catalogue.service(authority, public_id)
    described = catalogue.description_of(row)
    document = described.document if described else {}
    context = {
        "row": row,
        "name": names.service_name(row),
        "provider": words.name_of(row.subsystem.member.organisation),
        "state": words.badge(words.SERVICES, row.state),
        "facts": _facts(request, row),
        "operations": [_shown(document, one) for one in operations.operations_of(document, words.language())],
        "described": described,
        "figures": statistics.of_service(row.pk),
        "users": statistics.users_of_service(row.pk),
        "days": _days(row),
        "requests": [
            (one, words.badge(words.REQUESTS, one.state))
            for one in catalogue.own_requests(authority, row)
            if one.state not in {"granted", "withdrawn"}
        ],
        "rights": catalogue.own_rights(authority, row),
        "may_ask": scope.managed_subsystems(authority).exists(),
        "breadcrumbs": _crumbs(authority),
    }
    return render(request, "exchange/catalogue/service.html", context)


def _facts(request: HttpRequest, row: ExchangeService) -> Any:
    reader = reader_of(request)
    return facts(
        (_("Provider"), words.name_of(row.subsystem.member.organisation)),
        (_("Who helps developers"), row.contact or row.subsystem.member.contact_email),
        (_("Legal basis"), row.legal_basis),
        (_("Personal data"), _("Answers hold personal data") if row.personal_data else _("No personal data")),
        (_("Signed evidence"), words.word(words.MODES, row.mode)),
        (_("Published on"), reader.date(row.published_at) if row.published_at else ""),
    )


def _days(row: ExchangeService) -> list[Point]:
    reader = reader_of()
    rows = statistics.tallies_of(row.pk)
    return [Point(reader.date(day, "numeric"), figures.calls) for day, figures in statistics.per_day(rows)]


def _shown(document: Any, one: Operation) -> dict[str, Any]:
    return {
        "operation": one,
        "parameters": [
            (
                given,
                phrases.PLACES.get(given.place, given.place),
                operations.type_of(given.schema),
                operations.limits_of(given.schema),
            )
            for given in one.parameters
        ],
        "body": _payload(document, one.body) if one.body else None,
        "answers": [_payload(document, answer) for answer in one.answers],
    }


def _payload(document: Any, payload: Payload) -> dict[str, Any]:
    rows = operations.schema_rows(document, payload.schema, words.language())
    schema = operations.resolved(document, payload.schema)
    return {
        "payload": payload,
        "rows": rows,
        "kind": operations.type_of(schema) if schema else "",
        "example": operations.pretty(payload.example) if payload.example is not None else "",
    }


@login_required
@require_safe
def description_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the newest description as a file."""
    row = catalogue.service(reader_authority(request), public_id)
    described = catalogue.description_of(row)
    if described is None:
        raise scope.missing("description")
    response = HttpResponse(
        json.dumps(described.document, ensure_ascii=False, indent=2), content_type="application/json"
    )
    response["Content-Disposition"] = (
        f'attachment; filename="{row.code.encode("ascii", "ignore").decode() or "service"}.openapi.json"'
    )
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def try_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask the test instance of a service one question and show all that came back."""
    authority = reader_authority(request)
    row, document, operation = _asked_operation(request, authority, public_id)
    asks = questions.asks_of(document, operation, words.language())
    form = (
        OperationForm(request.POST or None, asks=asks)
        if request.method == "POST"
        else OperationForm(asks=asks, initial=_examples(document, asks, operation))
    )
    heard, refusal = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            heard = trying.try_operation(person(request), public_id, operation.id, form.cleaned_data)
        except MehvarError as error:
            refusal = said(error)
    context = {
        "row": row,
        "operation": operation,
        "form": form,
        "heard": _answer(heard) if heard else None,
        "refusal": refusal,
        "breadcrumbs": [
            *_crumbs(authority),
            (row.title, reverse("exchange:catalogue_service", args=[public_id])),
        ],
    }
    return render(request, "exchange/catalogue/try.html", context, status=422 if form.errors else 200)


def _asked_operation(
    request: HttpRequest, authority: Authority, public_id: str
) -> tuple[ExchangeService, Any, Operation]:
    row = catalogue.service(authority, public_id)
    described = catalogue.description_of(row)
    document = described.document if described else {}
    wanted = request.GET.get("operation", "")[:600]
    if not wanted:
        first = operations.operations_of(document, words.language())[:1]
        if first:
            return row, document, first[0]
    return row, document, operations.operation_of(document, wanted, words.language())


def _examples(document: Any, asks: Any, operation: Operation) -> dict[str, str]:
    """Fill a form with examples, so that one press shows an answer."""
    schemas = {f"{one.place}.{one.name}": one.schema for one in operation.parameters}
    return {
        ask.key: ask.example
        or str(
            operations.example_of(document, schemas[ask.key])
            if ask.is_required and ask.key in schemas
            else ""
        )
        for ask in asks
    }


def _answer(heard: Heard) -> dict[str, Any]:
    text = heard.body[:SHOWN_BODY].decode("utf-8", "replace")
    if "json" in heard.media_type and not heard.is_cut:
        with contextlib.suppress(ValueError, RecursionError):
            text = operations.pretty(json.loads(text))
    return {
        "heard": heard,
        "status": reader_of().digits(heard.status),
        "text": text,
        "state": "done" if heard.status < 400 else "attention" if heard.status < 500 else "overdue",  # noqa: PLR2004 - HTTP's classes
        "is_cut": heard.is_cut or len(heard.body) > SHOWN_BODY,
    }


@login_required
@require_safe
def code_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show programs that make one call, with the names of one's own subsystem filled in."""
    authority = reader_authority(request)
    row, document, operation = _asked_operation(request, authority, public_id)
    clients = [(names.client_name(one), one.name) for one in scope.managed_subsystems(authority)]
    wanted = request.GET.get("client", "")
    client = (
        wanted
        if wanted in dict(clients)
        else clients[0][0]
        if clients
        else f"{names.instance()}/GOV/CODE/SYSTEM"
    )
    asks = questions.asks_of(document, operation)
    sample = {key: value for key, value in _examples(document, asks, operation).items() if value}
    values, _faults = questions.checked(asks, sample)
    values = {ask.key: values.get(ask.key, "1") for ask in asks if ask.is_required or ask.key in values}
    question = questions.question_of(operation, values)
    facts_of_call = CallFacts(catalogue.gateway_address(), client, names.service_name(row), question)
    context = {
        "row": row,
        "operation": operation,
        "operations": operations.operations_of(document, words.language()),
        "clients": clients,
        "client": client,
        "snippets": snippets_of(facts_of_call),
        "breadcrumbs": [
            *_crumbs(authority),
            (row.title, reverse("exchange:catalogue_service", args=[public_id])),
        ],
    }
    return render(request, "exchange/catalogue/code.html", context)


def _crumbs(authority: Authority) -> list[tuple[str, str]]:
    crumbs = [home()] if scope.takes_part(authority) else []
    return [*crumbs, (_("Catalogue"), reverse("exchange:catalogue"))]


urlpatterns = [
    path("catalogue/", catalogue_page, name="catalogue"),
    path("catalogue/<slug:public_id>/", service_page, name="catalogue_service"),
    path("catalogue/<slug:public_id>/openapi.json", description_file, name="catalogue_description"),
    path("catalogue/<slug:public_id>/try/", try_page, name="catalogue_try"),
    path("catalogue/<slug:public_id>/code/", code_page, name="catalogue_code"),
]
