"""Give a plan out as a workbook, take a filled one, show what was read cell by cell, and take it over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.kernel.errors import MehvarError, NotFound
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import sheets as actions
from mehvar.programmes.forms.plans import WorkbookForm
from mehvar.programmes.views import plan_words as words
from mehvar.programmes.views.grid import editable
from mehvar.programmes.views.plans import body_of, plan_crumbs, seen_plan
from mehvar.programmes.views.programmes import POST_TOO
from mehvar.ui import notices
from mehvar.ui.data import SummaryRow
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done, filled, said

if TYPE_CHECKING:
    from mehvar.programmes.models import Plan, PlanSheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200


@login_required
@require_safe
def workbook(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the plan out as a workbook in the reader's language."""
    plan = seen_plan(request, public_id)
    content = actions.workbook_of(plan, words.writing_for(plan.call, request))
    response = HttpResponse(content, content_type=XLSX)
    name = plan.organisation.code.replace(".", "-")
    response["Content-Disposition"] = f'attachment; filename="plan-{name}.xlsx"'
    return response


@login_required
@require_http_methods(POST_TOO)
def workbook_hand_in(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a filled workbook and go on to what it says."""
    plan = editable(request, public_id)
    form = WorkbookForm(words.posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sheet = done(form, lambda: _handed_in(request, plan, form))
        if sheet is not None:
            return redirect("programmes:workbook_preview", public_id, sheet.pk)
    context = {"plan": plan, "form": form, "body": body_of(plan), "breadcrumbs": _crumbs(request, plan)}
    status = 422 if request.method == "POST" else 200
    return render(request, "programmes/plans/hand_in.html", context, status=status)


def _handed_in(request: HttpRequest, plan: Plan, form: WorkbookForm) -> PlanSheet:
    upload = form.cleaned_data["file"]
    return actions.hand_in_workbook(
        words.person(request),
        plan.pk,
        file_name=upload.name,
        content=upload.read(),
        writing=words.writing_for(plan.call, request),
    )


def _crumbs(request: HttpRequest, plan: Plan) -> list[tuple[str, str]]:
    own = (body_of(plan), reverse("programmes:plan", args=[plan.public_id]))
    return [*plan_crumbs(plan, organisations.authority_in(request)), own]


@login_required
@require_http_methods(POST_TOO)
def workbook_preview(request: HttpRequest, public_id: str, sheet_id: int) -> HttpResponse:
    """Show what a workbook says, cell by cell where something is doubtful; take it over when that is confirmed."""
    plan = editable(request, public_id)
    sheet = plan.sheets.filter(pk=sheet_id, handed_in_by=words.person(request)).first()
    if sheet is None:
        raise NotFound("There is no such workbook.", code="unknown-workbook")
    if request.method == "POST":
        try:
            saved = actions.take_over(words.person(request), sheet.pk)
        except NotFound:
            raise
        except MehvarError as error:
            notices.failed(request, said(error))
            return redirect("programmes:workbook_preview", public_id, sheet_id)
        _tell(request, len(saved.changed) + len(saved.fresh), len(saved.clashes))
        return redirect("programmes:plan_grid", public_id)
    return render(request, "programmes/plans/preview.html", _preview(request, plan, sheet))


def _tell(request: HttpRequest, rows: int, clashes: int) -> None:
    reader = reader_of(request)
    text = ngettext("%(n)s item is taken over.", "%(n)s items are taken over.", rows)
    notices.done(request, text % {"n": reader.number(rows)})
    if clashes:
        text = ngettext(
            "%(n)s item was changed by somebody since the download; theirs stays. Compare with your workbook.",
            "%(n)s items were changed by somebody since the download; theirs stay. Compare with your workbook.",
            clashes,
        )
        notices.warned(request, text % {"n": reader.number(clashes)})


def _preview(request: HttpRequest, plan: Plan, sheet: PlanSheet) -> dict[str, Any]:
    reader = reader_of(request)
    found = actions.sheet_plan(sheet)
    wrong = [note for note in found.notes if not note.mild]
    mild = [note for note in found.notes if note.mild]
    return {
        "plan": plan,
        "sheet": sheet,
        "body": body_of(plan),
        "facts": [
            SummaryRow(_("File"), sheet.file_name),
            SummaryRow(_("New items"), reader.number(found.fresh)),
            SummaryRow(_("Changed items"), reader.number(found.changed)),
            SummaryRow(_("Unchanged items"), reader.number(found.unchanged)),
        ],
        "wrong": [_shown(note) for note in wrong[:SHOWN]],
        "mild": [_shown(note) for note in mild[:SHOWN]],
        "hidden": max(0, sheet.content["note_count"] - len(wrong[:SHOWN]) - len(mild[:SHOWN])),
        "clashing": ", ".join(reader.number(number) for number in found.clashing),
        "may_take": sheet.taken_over_at is None and (found.fresh or found.changed),
        "breadcrumbs": _crumbs(request, plan),
    }


def _shown(note: Any) -> dict[str, Any]:
    return {
        "sheet": note.sheet,
        "row": note.row,
        "column": note.column,
        "said": filled(note.message, dict(note.params)),
        "kept": note.kept,
    }


urlpatterns = [
    path("plans/<slug:public_id>/workbook/", workbook, name="workbook"),
    path("plans/<slug:public_id>/workbook/hand-in/", workbook_hand_in, name="workbook_hand_in"),
    path("plans/<slug:public_id>/workbook/<int:sheet_id>/", workbook_preview, name="workbook_preview"),
]
