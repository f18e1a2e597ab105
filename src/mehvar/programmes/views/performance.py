"""Show performance reports: drafted live, frozen, published; each number leads to the list on which it rests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from mehvar.directives.queries.days import today
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import InputError, MehvarError, NotFound
from mehvar.kernel.periods import Kind, Period
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import performance as actions
from mehvar.programmes.queries import audience
from mehvar.programmes.queries import performance as queries
from mehvar.programmes.rules import performance as rules
from mehvar.programmes.rules.performance import Number
from mehvar.programmes.tables import obstacle_words
from mehvar.programmes.tables.deliveries import DeliveryTable, language
from mehvar.programmes.tables.obstacles import ObstacleTable
from mehvar.programmes.tables.period_words import period_name
from mehvar.programmes.tables.plans import PlanItemTable
from mehvar.programmes.views import stocktake_words as kept
from mehvar.programmes.views.cell_tables import CellRow, cells_table
from mehvar.programmes.views.deliveries import with_columns
from mehvar.programmes.views.refusal_words import said
from mehvar.programmes.views.stocktake_papers import LANGUAGES, cell_words, cells_columns, cells_row
from mehvar.ui import notices, pdf
from mehvar.ui.data import FourCells
from mehvar.ui.reader import Reader, for_language, reader_of

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from mehvar.organisations.data import Authority
    from mehvar.programmes.models import PerformanceReport

NUMBERS = {
    Number.DUE: gettext_lazy("Measures due in the period"),
    Number.DONE_ON_TIME: gettext_lazy("Done on time"),
    Number.DONE_LATE: gettext_lazy("Done late"),
    Number.OPEN_IN_TIME: gettext_lazy("Open in time"),
    Number.OPEN_OVERDUE: gettext_lazy("Open overdue"),
    Number.MISSING: gettext_lazy("Not reported"),
    Number.DONE_IN_PERIOD: gettext_lazy("Completed and verified in the period"),
    Number.MOVED: gettext_lazy("Given a later date than the first"),
    Number.OBSTACLES_RAISED: gettext_lazy("Obstacles raised"),
    Number.OBSTACLES_REMOVED: gettext_lazy("Obstacles removed and confirmed"),
    Number.OBSTACLES_STANDING: gettext_lazy("Obstacles that still stand"),
    Number.NEXT: gettext_lazy("Measures due in the next period"),
    Number.PLANNED: gettext_lazy("Items of submitted plans for the next period, not yet accepted"),
}
CELL_NUMBERS = tuple(one.value for one in rules.CELLS)
EXAMPLES = {
    Calendar.JALALI: ("1399", "1399-H1", "1399-Q2", "1399-07", "2020-Q2"),
    Calendar.GREGORIAN: ("2020", "2020-H1", "2020-Q2", "2020-07", "1399-Q2"),
}
"""How periods are written, the reader's calendar first."""
RECENT = 3
"""How many past periods of each kind are offered."""


def period_words(written: str, reader: Reader) -> str:
    """Write a period's name with its days."""
    period = Period.parse(written)
    name = period_name(written, reader)
    if period.calendar != reader.calendar:
        return name
    return f"{name} ({reader.date(period.start, 'short')} – {reader.date(period.end, 'short')})"


def offered_periods(reader: Reader) -> list[tuple[str, str]]:
    """Offer the years and quarters up to now in the reader's calendar: code and name."""
    found = []
    for kind in (Kind.YEAR, Kind.QUARTER):
        period = Period.containing(today(), kind, reader.calendar)
        for _place in range(RECENT):
            found.append((period.id, period_name(period.id, reader)))
            period = period.previous()
    return found


def faces(content: dict[str, Any], reader: Reader, source: str = "") -> dict[str, Any]:
    """Give everything that page and document show of a report's content, in words of the active language."""
    numbers, progress = content["numbers"], content["progress"]
    cells = FourCells(**{one.value: numbers[one.value]["value"] for one in rules.CELLS})
    causes = dict(obstacle_words.CAUSES)
    return {
        "body_name": organisations.name_in(content["body"], reader.language),
        "period_words": period_words(content["period"], reader),
        "next_words": period_words(content["next_period"], reader),
        "day": kept.day_of(content["day"]),
        "cells": cells,
        "progress": progress,
        "numbers": [
            (
                str(label),
                numbers[one.value]["value"],
                f"{source}&number={one.value}" if source else "",
                one.value in CELL_NUMBERS,
            )
            for one, label in NUMBERS.items()
            if one.value in numbers
        ],
        "fields": [(kept.field_word(one["field"]), FourCells(**one["cells"])) for one in content["fields"]],
        "fields_table": cells_table(
            [
                CellRow(kept.field_word(one["field"]), "", FourCells(**one["cells"]))
                for one in content["fields"]
            ],
            caption=_("Four cells by field"),
            head=_("Field"),
            reader=reader,
        ),
        "causes": [(str(causes.get(key, key)), number) for key, number in sorted(content["causes"].items())],
        "plan": _grouped(content["plan"], reader),
    }


def _grouped(plan: list[dict[str, Any]], reader: Reader) -> list[dict[str, Any]]:
    """Join the lines of one measure, date and origin that several bodies bear."""
    groups: dict[tuple[str, str, bool], dict[str, Any]] = {}
    for one in plan:
        key = (one["text"], one["due_on"], bool(one.get("planned")))
        found = groups.setdefault(key, {**one, "owners": []})
        found["owners"].append(kept.name_of(one["body"], reader.language))
    return [
        {
            **one,
            "due": kept.day_of(one["due_on"]),
            "owner": one["owners"][0] if len(one["owners"]) == 1 else _bodies(len(one["owners"]), reader),
            "from": _("Plan under review") if one.get("planned") else _("Measure in force"),
        }
        for one in groups.values()
    ]


def _bodies(number: int, reader: Reader) -> str:
    return ngettext("%(shown)s body", "%(shown)s bodies", number) % {"shown": reader.number(number)}


def _source(content: dict[str, Any], report: str = "") -> str:
    asked = {"body": content["body"]["code"], "period": content["period"], "report": report}
    query = urlencode({key: value for key, value in asked.items() if value})
    return reverse("programmes:performance_source") + "?" + query


@login_required
def performance(request: HttpRequest) -> HttpResponse:
    """Draft a report on a body and a period, and list the frozen ones."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    context: dict[str, Any] = {"frozen": _listed(queries.reports_for(authority).order_by("-made_at")[:50])}
    status, reader = 200, reader_of(request)
    written = {"body": request.GET.get("body", "").strip(), "period": request.GET.get("period", "").strip()}
    if written["period"]:
        try:
            code = _code(written["body"])
            subject = queries.subject_for(authority, code, written["period"])
            content = queries.content_of(authority, subject)
            context |= {
                "report": faces(content, reader, _source(content)),
                "code": subject.body.code,
            }
        except InputError as error:
            context["trouble"], status = said(error), 422
    context |= {
        "written": written,
        "may_freeze": queries.may_freeze(authority),
        "own": _own_name(authority),
        "periods": offered_periods(reader),
        "examples": [reader.digits(one) for one in EXAMPLES[reader.calendar]],
    }
    return render(request, "programmes/performance/draft.html", context, status=status)


def _own_name(authority: Authority) -> str:
    if not authority.held or not authority.held[0].organisation_id:
        return ""
    return organisations.name_in(
        organisations.organisation_by_id(authority.held[0].organisation_id), language()
    )


def _code(written: str) -> str:
    if not written:
        return ""
    return audience.body_named(written, organisations.ministry().pack, today()).code


def _listed(rows: Any) -> list[dict[str, Any]]:
    reader = reader_of()
    return [
        {
            "row": row,
            "name": organisations.name_in(row.organisation, language()),
            "period": period_words(row.period, reader),
        }
        for row in rows
    ]


@login_required
@require_POST
def freeze(request: HttpRequest) -> HttpResponse:
    """Freeze the drafted report."""
    body, period = request.POST.get("body", ""), request.POST.get("period", "")
    try:
        row = actions.freeze_report(request.user, body=body, period=period, language=language())  # type: ignore[arg-type]
    except NotFound:
        raise
    except MehvarError as error:
        notices.failed(request, said(error))
        return redirect("programmes:performance")
    notices.done(request, _("The report is frozen; its hash is on record."))
    return redirect("programmes:performance_report", row.public_id)


@require_safe
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a frozen report: to everybody when it is published."""
    authority = organisations.authority_in(request)
    row = queries.report_for(authority, public_id)
    may_look = request.user.is_authenticated and queries.may_see(authority, row.organisation)
    source = _source(row.content, row.public_id) if may_look else ""
    context = {
        "row": row,
        "report": faces(row.content, reader_of(request), source),
        "intact": queries.is_intact(row),
        "may_publish": row.published_at is None and queries.may_publish(authority, row.organisation),
        "languages": LANGUAGES,
    }
    return render(request, "programmes/performance/report.html", context)


@login_required
@require_POST
def publish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Publish a frozen report."""
    try:
        actions.publish_report(request.user, public_id)  # type: ignore[arg-type]
    except NotFound:
        raise
    except MehvarError as error:
        notices.failed(request, said(error))
    else:
        notices.done(request, _("The report is published; everyone can read it."))
    return redirect("programmes:performance_report", public_id)


@require_safe
def public_list(request: HttpRequest) -> HttpResponse:
    """Show everyone the published reports."""
    context = {"reports": _listed(queries.published_reports()[:200])}
    return render(request, "programmes/performance/public.html", context)


@login_required
@require_safe
def source_list(request: HttpRequest) -> HttpResponseBase:
    """List the rows on which a number rests, by the filter that counted them; say whether they are still the frozen ones."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    asked = request.GET.get("number", "")
    if asked not in set(Number):
        raise NotFound("There is no such number.", code="unknown-number")
    number = Number(asked)
    subject = queries.subject_for(authority, request.GET.get("body", ""), request.GET.get("period", ""))
    context = {
        "title": NUMBERS[number],
        "body_name": organisations.name_in(subject.body, language()),
        "period_words": period_words(subject.period.id, reader_of(request)),
        "page_wide": True,
        **_compared(request, subject, number),
    }
    table: ObstacleTable | DeliveryTable | PlanItemTable
    if number is Number.PLANNED:
        table = PlanItemTable(queries.items_behind(authority, subject), request)
    elif number in rules.OBSTACLES:
        table = ObstacleTable(queries.obstacles_behind(authority, subject, number), request)
    else:
        table = DeliveryTable(with_columns(queries.measures_behind(authority, subject, number)), request)
    return table.respond("programmes/performance/source.html", context)


def _compared(request: HttpRequest, subject: queries.Subject, number: Number) -> dict[str, Any]:
    public_id = request.GET.get("report", "")
    if not public_id:
        return {}
    authority = organisations.authority_in(request)
    row = queries.report_for(authority, public_id)
    if (row.organisation_id, row.period) != (subject.body.pk, subject.period.id):
        return {}
    frozen = row.content["numbers"][number.value]
    now = rules.digest_of(queries.keys_behind(authority, subject, number))
    return {"row": row, "frozen": frozen["value"], "same": now == frozen["rows_hash"]}


@require_safe
def paper(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give a frozen report as PDF, in the language that is asked for."""
    row = queries.report_for(organisations.authority_in(request), public_id)
    asked = request.GET.get("language", "")
    address = request.build_absolute_uri(reverse("programmes:performance_report", args=[public_id]))
    content = report_pdf(row, language_=asked if asked in LANGUAGES else row.language, address=address)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="performance-{row.period}.pdf"'
    return response


def report_pdf(row: PerformanceReport, *, language_: str, address: str) -> bytes:
    """Make a frozen report as PDF; its seal leads to the page with the sources."""
    reader = for_language(language_)
    with translation.override(language_):
        data = _printed(row, faces(row.content, reader), reader)
    if row.published_at is not None:
        data["seal"] = pdf.seal(address)
    data["address"] = address
    return pdf.render_pdf("performance.typ", data, language=language_)


def _printed(row: PerformanceReport, found: dict[str, Any], reader: Reader) -> dict[str, Any]:
    progress = found["progress"]
    number = {"width": "70pt", "number": True}
    return {
        "title": found["body_name"],
        "kind": _("Performance report"),
        "period": found["period_words"],
        "facts": [
            [_("Period"), found["period_words"]],
            [_("As it stood on"), reader.date(found["day"])],
            [_("Verified progress"), reader.percent(progress["verified"])],
            [_("Verified for"), _of(progress["known"], progress["whole"], reader)],
        ],
        "cells": cell_words(found["cells"], reader),
        "numbers_title": _("The numbers"),
        "numbers_columns": [{"label": _("What is counted"), "width": "1fr"}, {"label": _("Count"), **number}],
        "numbers": [[label, reader.number(value)] for label, value, _url, _inside in found["numbers"]],
        "fields_title": _("By field"),
        "fields_columns": cells_columns(_("Field")),
        "fields": [cells_row(label, cells, reader) for label, cells in found["fields"]],
        "causes_title": _("Obstacles removed, by cause"),
        "causes_columns": [{"label": _("Cause"), "width": "1fr"}, {"label": _("Count"), **number}],
        "causes": [[label, reader.number(value)] for label, value in found["causes"]],
        "plan_title": _("Plan of the next period: %(period)s") % {"period": found["next_words"]},
        "plan_columns": [
            {"label": _("Measure"), "width": "2fr"},
            {"label": _("Body"), "width": "1fr"},
            {"label": pgettext("source", "From"), "width": "62pt"},
            {"label": _("Due"), "width": "62pt"},
        ],
        "plan": [
            [one["text"], one["owner"], one["from"], reader.date(one["due"], "short")]
            for one in found["plan"]
        ],
        "plan_empty": _("Nothing is due in the next period yet."),
        "source_word": _("Sources of every number:"),
        "fingerprint": [_("Fingerprint of the report (SHA-256)"), row.content_hash],
        "seal": None,
    }


def _of(part: int, whole: int, reader: Reader) -> str:
    return _("%(part)s of %(whole)s measures") % {"part": reader.number(part), "whole": reader.number(whole)}


urlpatterns = [
    path("performance/", performance, name="performance"),
    path("performance/freeze/", freeze, name="performance_freeze"),
    path("performance/source/", source_list, name="performance_source"),
    path("performance/published/", public_list, name="performance_public"),
    path("performance/<slug:public_id>/", report, name="performance_report"),
    path("performance/<slug:public_id>/publish/", publish, name="performance_publish"),
    path("performance/<slug:public_id>/report.pdf", paper, name="performance_pdf"),
]
