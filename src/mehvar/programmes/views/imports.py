"""Give lists out as spreadsheets and take them in: what an import would do is shown first, and how far it is while it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import InputError, MehvarError, NotFound, NotPermitted, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import imports as actions
from mehvar.programmes.data import RowResult, SheetKind, SheetState
from mehvar.programmes.forms.imports import SheetForm
from mehvar.programmes.queries import exports
from mehvar.programmes.queries import imports as queries
from mehvar.programmes.rules import imports as rules
from mehvar.programmes.rules.imports import ValueKind
from mehvar.programmes.tables import imports as tables
from mehvar.programmes.views import plan_words as words
from mehvar.programmes.views.programmes import POST_TOO
from mehvar.ui import components, notices
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done, filled, said

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from mehvar.programmes.models import SheetImport, SheetImportRow
    from mehvar.programmes.queries.imports import SheetPlace

POLL_S = 2
SHOWN = 100
_LIST_PAGES = {
    SheetKind.MEASURES: "programmes:programme",
    SheetKind.PLAN_ITEMS: "programmes:call",
    SheetKind.REPORTS: "programmes:round",
    SheetKind.OBSTACLES: "programmes:obstacles",
    SheetKind.MEETINGS: "programmes:stakeholders",
    SheetKind.COMMITMENTS: "programmes:commitments",
    SheetKind.PROPOSALS: "programmes:proposals",
    SheetKind.PROGRAMMES: "programmes:programmes",
    SheetKind.CALLS: "programmes:calls",
    SheetKind.ROUNDS: "programmes:rounds",
    SheetKind.FLAGSHIPS: "programmes:flagship_register",
    SheetKind.RECOGNITION: "programmes:recognition",
}


def _place(request: HttpRequest, kind: str, subject: str) -> SheetPlace:
    if kind not in set(SheetKind):
        raise NotFound(gettext_noop("There is no such list."), code="unknown-list")
    return queries.place_of(organisations.authority_in(request), SheetKind(kind), subject)


def kind_word(kind: str) -> str:
    """Give a list's name in the active language."""
    return str(dict(tables.KIND_WORDS)[kind])


def list_url(kind: SheetKind, subject: str) -> str:
    """Give the address of the page on which a list stands."""
    return reverse(_LIST_PAGES[kind], args=[subject] if subject else [])


def sheet_url(kind: SheetKind, subject: str) -> str:
    """Give the address of the page on which a list goes out and comes in."""
    return reverse("programmes:sheet", args=[kind.value, subject] if subject else [kind.value])


@login_required
@require_http_methods(POST_TOO)
def sheet(request: HttpRequest, kind: str, subject: str = "") -> HttpResponse:
    """Offer a list for download, say what its columns are, and take a filled one."""
    place = _place(request, kind, subject)
    form = SheetForm(words.posted(request), request.FILES or None, kind=place.kind)
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: _handed_in(request, place, form))
        if made is not None:
            return redirect("programmes:sheet_import", made.public_id)
    context = {
        "place": place,
        "form": form if place.may_hand_in else None,
        "name": kind_word(place.kind),
        "columns": list(_columns(place.kind)),
        "export_url": sheet_url(place.kind, place.subject) + "export/",
        "breadcrumbs": [(place.label or kind_word(place.kind), list_url(place.kind, place.subject))],
    }
    return render(request, "programmes/imports/sheet.html", context, status=422 if form.errors else 200)


def _handed_in(request: HttpRequest, place: SheetPlace, form: SheetForm) -> SheetImport:
    reader, given = reader_of(request), form.cleaned_data
    return actions.hand_in(
        words.person(request),
        place.kind,
        subject=place.subject,
        file_name=given["file"].name,
        content=given["file"],
        language=reader.language,
        calendar=Calendar(reader.calendar),
        submit=bool(given.get("submit")),
    )


def _columns(kind: SheetKind) -> Iterator[dict[str, Any]]:
    """Say of each column what may stand in it."""
    heads = rules.heads(kind, words.language())
    for key, spec in rules.COLUMNS[kind].items():
        yield {"head": heads[key], "needed": spec.needed, "what": _what(kind, key, spec)}


def _what(kind: SheetKind, key: str, spec: rules.ColumnSpec) -> str:
    if spec.shown:
        return _("For reading only; it is not taken.")
    if spec.choices:
        return " · ".join(rules.word_of(kind, key, value, words.language()) for value in spec.choices)
    return str(_KINDS[spec.kind]()) if spec.kind in _KINDS else ""


_KINDS = {
    ValueKind.BODY: lambda: _("The code of a body, or its name."),
    ValueKind.DAY: lambda: _("A day by the Gregorian or the Jalali calendar, in any digits."),
    ValueKind.PERCENT: lambda: _("A whole number from 0 to 100."),
    ValueKind.WEIGHT: lambda: _("A number above 0; empty counts as 1."),
    ValueKind.NUMBER: lambda: _("The number by which other rows name this one."),
    ValueKind.NEEDS: lambda: _("Numbers of the items that come before, as 1, 3."),
    ValueKind.MEASURE: lambda: _("The key of a measure (M12) or its words."),
    ValueKind.MILESTONES: lambda: _("One line each: day | milestone."),
    ValueKind.BUDGET: lambda: _("One line each: what for | amount | source of funds."),
    ValueKind.REFERENCE: lambda: _("The key of what is meant, or its title where only one bears it."),
    ValueKind.BODIES: lambda: _(
        "Codes or names of bodies, one a line; or “All provinces”, “Industrial provinces”."
    ),
    ValueKind.PERIOD: lambda: _("For example 1405, 1405-Q3, 2026 or 2026-H2."),
    ValueKind.COUNT: lambda: _("A whole number."),
    ValueKind.KEY: lambda: _(
        "Tells which row it is, and the state in which it went out; empty for a new row."
    ),
}


@login_required
@require_safe
def export(request: HttpRequest, kind: str, subject: str = "") -> HttpResponseBase:
    """Send a list, or (``empty``) only its columns."""
    place, reader = _place(request, kind, subject), reader_of(request)
    extension = request.GET.get("format", "xlsx")
    if extension not in tables.FORMATS:
        raise InputError(gettext_noop("Choose CSV or XLSX."), code="unknown-format", field="format")
    authority = organisations.authority_in(request)
    rows: Iterator[Mapping[str, Any]] = (
        iter(()) if request.GET.get("empty") else exports.rows_of(authority, place, reader.language)
    )
    return tables.export_response(place, rows, reader, extension=extension)


@login_required
@require_safe
def import_list(request: HttpRequest) -> HttpResponseBase:
    """List the person's imports."""
    table = tables.ImportTable(queries.imports_of(words.person(request).pk), request)
    return table.respond("programmes/imports/list.html", {"page_wide": True})


@login_required
@require_safe
def sheet_import(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show how far an import is, what it would do, or what it did; only that part for htmx."""
    row = queries.import_of(words.person(request).pk, public_id)
    kind = SheetKind(row.kind)
    context = {
        "sheet": row,
        "name": kind_word(row.kind),
        "poll_s": POLL_S,
        "breadcrumbs": [(kind_word(row.kind), sheet_url(kind, row.subject))],
        "list_url": list_url(kind, row.subject),
        "sheet_url": sheet_url(kind, row.subject),
        **_standing(request, row),
    }
    part = "part" if request.headers.get("HX-Request") else "import"
    return render(request, f"programmes/imports/{part}.html", context)


def _standing(request: HttpRequest, row: SheetImport) -> dict[str, Any]:
    reader = reader_of(request)
    is_open = row.state in queries.OPEN_STATES
    pace = queries.pace_of(row)
    refused = queries.rows_told(row, RowResult.REFUSED)
    told = [] if is_open else [_told(row, one) for one in refused[:SHOWN]]
    counted = queries.counts(row)
    return {
        "is_open": is_open,
        "is_silent": is_open and actions.is_silent(row),
        "is_check": row.accepted_at is None,
        "state": components.badge(tables.STATE_BADGES[row.state], dict(tables.STATE_WORDS)[row.state]),
        "pace": pace,
        "rate": reader.number(pace.rate, decimals=0 if pace.rate and pace.rate >= 1 else 1)
        if pace.rate
        else "",
        "counts": [
            (_("New"), reader.number(counted[RowResult.CREATED])),
            (_("Changed"), reader.number(counted[RowResult.UPDATED])),
            (_("Unchanged"), reader.number(counted[RowResult.UNCHANGED])),
            (_("Refused"), reader.number(counted[RowResult.REFUSED])),
        ],
        "refused": told,
        "hidden": max(0, counted[RowResult.REFUSED] - SHOWN),
        "understood": [] if is_open else _understood(row),
        "ignored": row.findings.get("ignored", []),
        "would_change": counted[RowResult.CREATED] + counted[RowResult.UPDATED],
        "error": filled(row.error["message"], dict(row.error.get("params", {}))) if row.error else "",
        "can_resume": row.state in {SheetState.FAILED, SheetState.CANCELLED},
    }


def _told(row: SheetImport, one: SheetImportRow) -> dict[str, Any]:
    return {"number": one.number, "said": [_note(row.kind, note) for note in one.notes if not note["mild"]]}


def _understood(row: SheetImport) -> list[dict[str, Any]]:
    """Give what was taken with a remark: formulas, merged cells, serial dates."""
    rows = queries.rows_told(row).exclude(result=RowResult.REFUSED).exclude(notes=[])
    return [
        {"number": one.number, "said": [_note(row.kind, note) for note in one.notes if note["mild"]]}
        for one in rows[:SHOWN]
    ]


def _note(kind: str, note: Mapping[str, Any]) -> dict[str, str]:
    heads = rules.heads(SheetKind(kind), words.language())
    return {"column": heads.get(note["column"], ""), "said": filled(note["message"], dict(note["params"]))}


@login_required
@require_POST
def accept(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a checked sheet over."""
    return _step(request, public_id, lambda: actions.accept_import(words.person(request), public_id))


@login_required
@require_POST
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stop an import."""
    return _step(request, public_id, lambda: actions.cancel_import(words.person(request), public_id))


@login_required
@require_POST
def resume(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let an import go on."""
    return _step(request, public_id, lambda: actions.resume_import(words.person(request), public_id))


def _step(request: HttpRequest, public_id: str, act: Any) -> HttpResponse:
    try:
        act()
    except (NotFound, NotPermitted):
        raise
    except MehvarError as error:
        notices.failed(request, said(error))
    return redirect("programmes:sheet_import", public_id)


@login_required
@require_safe
def table(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Send the handed-in table with what is wrong with its rows, to be mended and handed in again."""
    row = queries.import_of(words.person(request).pk, public_id)
    reader, extension = reader_of(request), request.GET.get("format", "xlsx")
    if extension not in tables.FORMATS:
        raise InputError(gettext_noop("Choose CSV or XLSX."), code="unknown-format", field="format")
    head, rows = actions.mended(
        row,
        reader.language,
        lambda note: _sentence(row.kind, note),
        only_refused=bool(request.GET.get("refused")),
    )
    return tables.sheet_response(
        SheetKind(row.kind), head, rows, reader, extension=extension, name=f"{row.kind}-checked"
    )


def _sentence(kind: str, note: Mapping[str, Any]) -> str:
    found = _note(kind, note)
    return f"{found['column']}: {found['said']}" if found["column"] else found["said"]


urlpatterns = [
    path("imports/", import_list, name="sheet_imports"),
    path("imports/<slug:public_id>/", sheet_import, name="sheet_import"),
    path("imports/<slug:public_id>/accept/", accept, name="sheet_accept"),
    path("imports/<slug:public_id>/cancel/", cancel, name="sheet_cancel"),
    path("imports/<slug:public_id>/resume/", resume, name="sheet_resume"),
    path("imports/<slug:public_id>/table/", table, name="sheet_table"),
    path("sheets/<slug:kind>/", sheet, name="sheet"),
    path("sheets/<slug:kind>/export/", export, name="sheet_export"),
    path("sheets/<slug:kind>/<slug:subject>/", sheet, name="sheet"),
    path("sheets/<slug:kind>/<slug:subject>/export/", export, name="sheet_export"),
]
