"""Take spreadsheets of bodies, names and positions: check, preview, take over; and give them out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.accounts import queries as accounts
from mehvar.kernel import clock
from mehvar.kernel.errors import InputError, LimitExceeded, NotFound
from mehvar.organisations import forms, queries
from mehvar.organisations.actions import sheets as sheet_actions
from mehvar.organisations.actions.sheets import Plan
from mehvar.organisations.models import SheetImport
from mehvar.organisations.rules.permissions import Permission
from mehvar.organisations.rules.sheets import COLUMNS, CellError, SheetKind, write_csv, write_xlsx
from mehvar.organisations.views.answers import may, refuse_unless
from mehvar.ui import notices
from mehvar.ui.data import SummaryRow
from mehvar.ui.reader import reader_of

SHOWN = 100
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _refuse_unless_administrator(request: HttpRequest) -> None:
    """Refuse whoever administers neither organisations nor people."""
    if not may(request, Permission.MANAGE_ORGANISATIONS):
        refuse_unless(request, Permission.MANAGE_PEOPLE)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_in(request: HttpRequest) -> HttpResponse:
    """Take a spreadsheet and go on to what it would change."""
    _refuse_unless_administrator(request)
    form = forms.SheetForm(request.POST or None, request.FILES or None, initial={"kind": "organisations"})
    status = 200
    if request.method == "POST":
        status = InputError.status
        if form.is_valid() and (sheet := _handed_in(request, form)) is not None:
            return redirect("organisations:sheet", sheet.pk)
    return render(request, "organisations/sheets.html", {"form": form, "exports": _exports()}, status=status)


def _handed_in(request: HttpRequest, form: forms.SheetForm) -> SheetImport | None:
    """Read the file, or say beside its field why it cannot be read."""
    upload = form.cleaned_data["file"]
    try:
        return sheet_actions.hand_in_sheet(
            accounts.person_in(request),
            kind=SheetKind(form.cleaned_data["kind"]),
            file_name=upload.name,
            content=upload.read(),
        )
    except (InputError, LimitExceeded) as wrong:
        form.add_error("file", forms.said(wrong))
        return None


def _exports() -> list[dict[str, Any]]:
    """Offer the exports with their columns."""
    labels = {
        SheetKind.ORGANISATIONS: _("Bodies"),
        SheetKind.NAMES: _("Names"),
        SheetKind.POSITIONS: _("Positions of people"),
    }
    return [
        {
            "label": labels[kind],
            "csv": reverse("organisations:export", args=[kind.value, "csv"]),
            "xlsx": reverse("organisations:export", args=[kind.value, "xlsx"]),
            "columns": ", ".join(COLUMNS[kind]),
        }
        for kind in SheetKind
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Show what a sheet would change; take it over when that is asked for."""
    _refuse_unless_administrator(request)
    user = accounts.person_in(request)
    sheet = SheetImport.objects.filter(pk=sheet_id, user=user).first()
    if sheet is None:
        raise NotFound("There is no such sheet.", code="unknown-sheet")
    if sheet.committed_at is not None:
        notices.note(request, _("This sheet was taken over already."))
        return redirect("organisations:sheets")
    if request.method == "POST":
        plan = sheet_actions.commit_sheet(user, sheet_id)
        if not plan.errors:
            notices.done(request, _("All rows are taken over."))
            return redirect("organisations:list")
        return _previewed(request, sheet, plan, status=InputError.status)
    return _previewed(request, sheet, sheet_actions.plan_of(user, sheet))


def _previewed(request: HttpRequest, sheet: SheetImport, plan: Plan, *, status: int = 200) -> HttpResponse:
    """Show a plan."""
    reader = reader_of(request)
    facts = {
        "facts": [
            SummaryRow(_("File"), sheet.file_name),
            SummaryRow(_("Rows"), reader.number(plan.rows)),
            SummaryRow(_("New"), reader.number(plan.created)),
            SummaryRow(_("Changed"), reader.number(plan.updated)),
            SummaryRow(_("Unchanged"), reader.number(plan.unchanged)),
        ],
        "errors": [_shown_error(error) for error in plan.errors[:SHOWN]],
        "errors_hidden": max(0, len(plan.errors) - SHOWN),
        "changes": plan.changes[:SHOWN],
        "changes_hidden": max(0, len(plan.changes) - SHOWN),
        "may_commit": bool(plan.changes) and not plan.errors,
    }
    return render(request, "organisations/sheet.html", facts, status=status)


def _shown_error(error: CellError) -> dict[str, Any]:
    """Say an error in the reader's language."""
    said = gettext(error.message).format(**error.params) if error.params else gettext(error.message)
    return {"row": error.row, "column": error.column, "said": said}


@login_required
@require_safe
def export(request: HttpRequest, kind: str, extension: str) -> HttpResponse:
    """Give out a sheet in the form in which it can be handed in again."""
    _refuse_unless_administrator(request)
    if kind not in set(SheetKind) or extension not in CONTENT_TYPES:
        raise Http404
    rows = queries.sheet_rows(SheetKind(kind), queries.authority_in(request))
    write = write_csv if extension == "csv" else write_xlsx
    response = HttpResponse(write(COLUMNS[SheetKind(kind)], rows), content_type=CONTENT_TYPES[extension])
    response["Content-Disposition"] = f'attachment; filename="{kind}-{clock.today():%Y-%m-%d}.{extension}"'
    return response
