"""Show calls, statistics, receipts, and whether the evidence holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.exchange.actions import evidence
from mehvar.exchange.forms.calls import PERIODS, PassForm, StatisticsForm
from mehvar.exchange.models import Agreement, ExchangeService
from mehvar.exchange.queries import calls, scope, statistics
from mehvar.exchange.rules.tallies import BOUNDS_MS
from mehvar.exchange.tables import phrases, words
from mehvar.exchange.tables.calls import OUTCOME_BADGES, OUTCOMES, CallTable
from mehvar.exchange.tables.statistics import statistics_file
from mehvar.exchange.views.objects import facts, home, person, viewer
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission, require
from mehvar.ui import notices
from mehvar.ui.components import badge
from mehvar.ui.data import Point, Series, StackedBar
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from mehvar.exchange.models import HourlyTally, IndexedCall
    from mehvar.exchange.queries.statistics import Figures
    from mehvar.organisations.data import Authority

MOST_LINES = 500
HOURLY_UP_TO_DAYS = 1


@login_required
@require_safe
def call_list(request: HttpRequest) -> HttpResponseBase:
    """List the calls in which one's members asked or were asked."""
    table = CallTable(calls.visible_calls(viewer(request)), request)
    return table.respond("exchange/calls/list.html", {"page_wide": True, "breadcrumbs": [home()]})


@login_required
@require_safe
def call_page(request: HttpRequest, request_id: str) -> HttpResponse:
    """Show one call and how to prove it."""
    row = calls.visible_call(viewer(request), request_id)
    context = {
        "row": row,
        "state": badge(OUTCOME_BADGES[row.outcome], dict(OUTCOMES)[row.outcome]),
        "facts": _facts(request, row),
        "service_title": row.service_row.title if row.service_row else row.service,
        "breadcrumbs": [home(), (_("Calls"), reverse("exchange:calls"))],
    }
    return render(request, "exchange/calls/call.html", context)


def _facts(request: HttpRequest, row: IndexedCall) -> Any:
    reader = reader_of(request)
    agreement = Agreement.objects.filter(public_id=row.agreement).first() if row.agreement else None
    client = row.client_member.organisation if row.client_member else None
    provider = row.provider_member.organisation if row.provider_member else None
    return facts(
        (_("When"), reader.moment(row.at)),
        (_("Who asked"), words.name_of(client)),
        (_("System"), row.client),
        (_("Provider"), words.name_of(provider)),
        (_("Service"), row.service),
        (_("Operation"), row.endpoint),
        (_("Purpose"), row.purpose),
        (_("Legal basis"), agreement.legal_basis if agreement else ""),
        (_("Agreement"), agreement.title if agreement else row.agreement),
        (_("Answer code"), reader.digits(row.status) if row.status else ""),
        (_("Error"), phrases.error_shown(row.error) if row.error else ""),
        (_("Took"), _("%(number)s ms") % {"number": reader.number(row.duration_ms)}),
        (_("Question"), reader.bytes(row.request_bytes)),
        (_("Answer"), reader.bytes(row.answer_bytes)),
        (_("How the client proved itself"), phrases.proof(row.authentication)),
        (_("Number of the call"), row.request_id),
        (_("Number of the message"), row.message_id),
        (_("Signed evidence"), _evidence(request, row)),
        (_("About a person"), _("yes, kept as a keyed token") if row.subject else _("no")),
    )


def _evidence(request: HttpRequest, row: IndexedCall) -> str:
    return _("gateway %(gateway)s, chain %(chain)s, batch %(batch)s") % {
        "gateway": phrases.code(str(row.gateway)),
        "chain": phrases.code(str(row.chain)),
        "batch": reader_of(request).number(row.batch),
    }


@login_required
@require_safe
def receipt_file(request: HttpRequest, request_id: str) -> HttpResponse:
    """Give the receipt of a call as a file; engineers of both sides get heads and bodies that are still kept."""
    authority = viewer(request)
    row = calls.visible_call(authority, request_id)
    return receipt_response(calls.receipt_of(row, with_parts=calls.reads_parts(authority, row)), request_id)


def receipt_response(content: bytes, request_id: str) -> HttpResponse:
    """Send a receipt for download."""
    response = HttpResponse(content, content_type="application/json")
    name = "".join(letter for letter in request_id if letter.isalnum() or letter in "-_")[:64]
    response["Content-Disposition"] = f'attachment; filename="receipt-{name}.json"'
    return response


@login_required
@require_safe
def gateway_key(request: HttpRequest, request_id: str) -> HttpResponse:
    """Give the public key with which a call's receipt is verified."""
    row = calls.visible_call(viewer(request), request_id)
    response = HttpResponse(calls.key_for(row), content_type="application/x-pem-file")
    response["Content-Disposition"] = 'attachment; filename="gateway.pem"'
    return response


@login_required
@require_safe
def statistics_page(request: HttpRequest) -> HttpResponseBase:
    """Add up what was asked: tables, charts, files."""
    authority = viewer(request)
    everything = calls.visible_tallies(authority)
    form = StatisticsForm({"days": "30", **request.GET.dict()}, **_offered(everything, authority))
    chosen = form.cleaned_data if form.is_valid() else {}
    days = int(chosen.get("days") or 30)
    rows = _narrowed(statistics.since(everything, days=days), chosen)
    if request.GET.get("export") in {"csv", "xlsx"}:
        return statistics_file(statistics.grouped(rows, *_GROUPS), request.GET["export"], reader_of(request))
    grouped = statistics.grouped(rows, "service_row__title", "service")[:MOST_LINES]
    context = {
        "form": form,
        "total": statistics.total(rows),
        "services": [(keys["service_row__title"] or keys["service"], figures) for keys, figures in grouped],
        "members": _members(rows),
        "purposes": [
            (keys["purpose"] or "–", figures)
            for keys, figures in statistics.grouped(rows, "purpose")[:MOST_LINES]
        ],
        "days": _days(rows) if days > HOURLY_UP_TO_DAYS else [],
        "outcomes": [_bar(name, figures) for name, figures in _top(grouped)],
        "series": SERIES,
        "period": dict(PERIODS).get(str(days), ""),
        "query": request.GET.urlencode(),
        "slowest_s": BOUNDS_MS[-1] // 1_000,
        "page_wide": True,
        "breadcrumbs": [home()],
    }
    return render(request, "exchange/calls/statistics.html", context)


_GROUPS = ("hour", "service", "client", "purpose")
SERIES = (
    Series(dict(OUTCOMES)["answered"], "done"),
    Series(dict(OUTCOMES)["client"], "attention"),
    Series(dict(OUTCOMES)["provider"], "overdue"),
    Series(dict(OUTCOMES)["bus"], "late"),
    Series(dict(OUTCOMES)["refused"], "neutral"),
)


def _offered(rows: QuerySet[HourlyTally], authority: Authority) -> dict[str, list[tuple[str, str]]]:
    keys = rows.order_by().values("service_row").distinct()
    services = ExchangeService.objects.filter(pk__in=keys).order_by("title").values_list("pk", "title")
    purposes = rows.order_by("purpose").values_list("purpose", flat=True).distinct()[:200]
    return {
        "services": [(str(pk), title) for pk, title in services],
        "members": [(str(one.pk), words.name_of(one.organisation)) for one in calls.own_members(authority)],
        "purposes": [(one, one) for one in purposes if one],
    }


def _narrowed(rows: QuerySet[HourlyTally], chosen: dict[str, Any]) -> QuerySet[HourlyTally]:
    if chosen.get("service"):
        rows = rows.filter(service_row_id=chosen["service"])
    if chosen.get("member"):
        rows = rows.filter(client_member_id=chosen["member"]) | rows.filter(
            provider_member_id=chosen["member"]
        )
    return rows.filter(purpose=chosen["purpose"]) if chosen.get("purpose") else rows


def _members(rows: QuerySet[HourlyTally]) -> list[tuple[str, Figures]]:
    fields = [f"client_member__organisation__{name}" for name in organisations.NAME_FIELDS]
    found = statistics.grouped(rows, "client_member", *fields)[:MOST_LINES]
    return [
        (
            organisations.name_in(keys, words.language(), prefix="client_member__organisation__") or "–",
            figures,
        )
        for keys, figures in found
    ]


def _days(rows: QuerySet[HourlyTally]) -> list[Point]:
    reader = reader_of()
    return [Point(reader.date(day, "numeric"), figures.calls) for day, figures in statistics.per_day(rows)]


def _top(grouped: list[tuple[dict[str, Any], Figures]]) -> list[tuple[str, Figures]]:
    return [(str(keys["service_row__title"] or keys["service"]), figures) for keys, figures in grouped[:12]]


def _bar(name: str, found: Figures) -> StackedBar:
    parts = (found.answered, found.client_errors, found.provider_errors, found.bus_errors, found.refused)
    return StackedBar(name, tuple(float(part) for part in parts))


@login_required
@require_safe
def evidence_page(request: HttpRequest) -> HttpResponse:
    """Show how far the evidence was read, and every place where it does not hold."""
    authority = viewer(request)
    if not scope.sees_all(authority):
        require(authority, Permission.OPERATE_EXCHANGE)
    context = {
        "chains": calls.chains(),
        "faults": [(one, phrases.fault(one.message)) for one in calls.open_faults()],
        "settled": [(one, phrases.fault(one.message)) for one in calls.settled_faults()[:50]],
        "may_pass": scope.operates(authority),
        "breadcrumbs": [home()],
    }
    return render(request, "exchange/calls/evidence.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pass_fault(request: HttpRequest, fault_id: int) -> HttpResponse:
    """Let the operator go on behind a fault, with a reason on record."""
    require(viewer(request), Permission.OPERATE_EXCHANGE)
    fault = calls.fault(fault_id)
    form = PassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        passed = done(
            form, lambda: evidence.pass_fault(person(request), fault_id, reason=form.cleaned_data["reason"])
        )
        if passed is not None:
            notices.done(request, _("Reading goes on behind the fault; the reason is on record."))
            return redirect("exchange:evidence")
    context = {
        "form": form,
        "fault": fault,
        "words": phrases.fault(fault.message),
        "breadcrumbs": [home(), (_("Signed evidence"), reverse("exchange:evidence"))],
    }
    return render(request, "exchange/calls/pass.html", context, status=422 if form.errors else 200)


urlpatterns = [
    path("calls/", call_list, name="calls"),
    path("calls/<str:request_id>/", call_page, name="call"),
    path("calls/<str:request_id>/receipt.json", receipt_file, name="receipt"),
    path("calls/<str:request_id>/gateway.pem", gateway_key, name="gateway_key"),
    path("statistics/", statistics_page, name="statistics"),
    path("evidence/", evidence_page, name="evidence"),
    path("evidence/<int:fault_id>/pass/", pass_fault, name="evidence_pass"),
]
