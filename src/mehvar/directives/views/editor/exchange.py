"""Show export and import of tasks as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from mehvar.directives.actions import exchange as exchange_actions
from mehvar.directives.forms.directives import (
    TableUploadForm,
)
from mehvar.directives.queries import content as contents
from mehvar.directives.queries import directives as queries
from mehvar.directives.views import spreadsheets
from mehvar.directives.views.editor import desk
from mehvar.kernel.errors import MehvarError, NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.ui import notices
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import refuse

if TYPE_CHECKING:
    from django.http import HttpRequest

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
def exchange(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a table of tasks, or show where the export is."""
    directive = desk.open_draft(request, public_id)
    form = TableUploadForm(request.POST or None, request.FILES or None)
    errors: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            table = spreadsheets.read_table(upload.read(), upload.name)
            taken = exchange_actions.import_measures(request.user, directive.pk, table)  # type: ignore[arg-type]
        except MehvarError as error:
            if isinstance(error, NotPermitted):
                raise
            refuse(form, error)
        else:
            if not taken.errors:
                notices.done(request, _taken_words(request, taken), undo_url=desk.undo_url(directive))
                return redirect("directives:exchange", public_id)
            errors = [
                {"line": item.line, "column": item.column, "said": _(item.message).format(**item.params)}
                for item in taken.errors
            ]
    context = desk.context(directive, "exchange", form=form, errors=errors)
    return render(
        request, "directives/editor/exchange.html", context, status=422 if errors or form.errors else 200
    )


def _taken_words(request: HttpRequest, taken: exchange_actions.Taken) -> str:
    number = reader_of(request).number
    return _("%(changed)s tasks changed, %(added)s added, %(unchanged)s as they were.") % {
        "changed": number(taken.changed),
        "added": number(taken.added),
        "unchanged": number(taken.unchanged),
    }


@login_required
def export(request: HttpRequest, public_id: str, extension: str) -> HttpResponse:
    """Give the tasks of a directive as a file that can be imported again."""
    directive = queries.visible_directive(organisations.authority_in(request), public_id)
    measures = contents.content_of(directive.pk)["measures"]
    if extension == "xlsx":
        data = spreadsheets.as_xlsx(measures, right_to_left=directive.language == "fa")
        response = HttpResponse(data, content_type=XLSX_TYPE)
    else:
        response = HttpResponse(spreadsheets.as_csv(measures), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="measures-{public_id}.{extension}"'
    return response


urlpatterns = [
    path("<slug:public_id>/edit/exchange/", exchange, name="exchange"),
    path("<slug:public_id>/measures.csv", export, {"extension": "csv"}, name="export_csv"),
    path("<slug:public_id>/measures.xlsx", export, {"extension": "xlsx"}, name="export_xlsx"),
]
