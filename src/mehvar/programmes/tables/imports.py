"""Let lists go out in the form in which they come in again, and list a person's imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import FileResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.directives.queries.days import today
from mehvar.kernel import clock
from mehvar.kernel.calendars import Calendar
from mehvar.organisations import queries as organisations
from mehvar.programmes.data import SheetKind, SheetState
from mehvar.programmes.queries import exports
from mehvar.programmes.queries.imports import SheetPlace
from mehvar.programmes.rules import imports as rules
from mehvar.programmes.rules.lines import Writing
from mehvar.ui import tables
from mehvar.ui.data import EmptyState
from mehvar.ui.tables import Column

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from mehvar.ui.reader import Reader

Row = Mapping[str, Any]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("xlsx", "csv")

KIND_WORDS = (
    (SheetKind.MEASURES.value, _("Measures of a programme")),
    (SheetKind.PLAN_ITEMS.value, _("Items of plans")),
    (SheetKind.REPORTS.value, _("Progress reports")),
    (SheetKind.OBSTACLES.value, _("Obstacles and product gaps")),
    (SheetKind.MEETINGS.value, _("Meetings with stakeholders")),
    (SheetKind.COMMITMENTS.value, _("Commitments")),
    (SheetKind.PROPOSALS.value, _("Proposals of provincial committees")),
    (SheetKind.PROGRAMMES.value, _("Programmes")),
    (SheetKind.CALLS.value, _("Calls for plans")),
    (SheetKind.ROUNDS.value, _("Reporting rounds")),
    (SheetKind.FLAGSHIPS.value, _("Flagship register")),
    (SheetKind.RECOGNITION.value, _("Recognition of provinces")),
)
STATE_WORDS = (
    (SheetState.QUEUED.value, _("Waits to be checked")),
    (SheetState.CHECKING.value, _("Being checked")),
    (SheetState.CHECKED.value, _("Waits for your decision")),
    (SheetState.ACCEPTED.value, _("Waits to be taken over")),
    (SheetState.APPLYING.value, _("Being taken over")),
    (SheetState.DONE.value, _("Taken over")),
    (SheetState.FAILED.value, _("Stopped by a fault")),
    (SheetState.CANCELLED.value, _("Cancelled")),
)
STATE_BADGES = {
    "queued": "open",
    "checking": "open",
    "checked": "attention",
    "accepted": "open",
    "applying": "open",
    "done": "done",
    "failed": "overdue",
    "cancelled": "closed",
}


def writing_of(reader: Reader, currency: str = "") -> Writing:
    """Say how the reader of a page writes dates and amounts."""
    return Writing(reader.language, Calendar(reader.calendar), currency, today())


def sheet_response(
    kind: SheetKind, head: list[str], rows: Iterable[Any], reader: Reader, *, extension: str, name: str
) -> HttpResponseBase:
    """Send a table row by row as CSV, or as a workbook that was written row by row."""
    file_name = f"{name}-{clock.today():%Y-%m-%d}.{extension}"
    if extension == "csv":
        response = StreamingHttpResponse(rules.csv_lines(head, rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{file_name}"'
        return response
    book = rules.xlsx_of(head, rows, right_to_left=reader.is_rtl, kind=kind, language=reader.language)
    return FileResponse(book, as_attachment=True, filename=file_name, content_type=XLSX)


def export_response(
    place: SheetPlace, values: Iterable[Mapping[str, Any]], reader: Reader, *, extension: str
) -> HttpResponseBase:
    """Send the rows of a list in the form in which they come in again."""
    writing = writing_of(reader, place.currency)
    head = list(rules.heads(place.kind, reader.language).values())
    rows = (rules.written(place.kind, one, writing) for one in values)
    return sheet_response(place.kind, head, rows, reader, extension=extension, name=place.kind.value)


class SheetTable(tables.Table):
    """List rows whose export is a file that can be handed in again."""

    sheet_kind: ClassVar[SheetKind]

    def export(self, extension: str) -> HttpResponseBase:
        """Send all rows that match, in the form of the import, within the person's scope."""
        place = SheetPlace(self.sheet_kind)
        authority = organisations.authority_in(self.request)
        rows = exports.rows_of(authority, place, self.reader.language, self.queryset)
        return export_response(place, rows, self.reader, extension=extension)


class ImportTable(tables.Table):
    """List a person's imports, the latest first."""

    name = "sheet-imports"
    caption = _("Your imports")
    columns = (
        Column(
            "filename",
            _("File"),
            kind="link",
            filter="search",
            link=lambda row: reverse("programmes:sheet_import", args=[row["public_id"]]),
        ),
        Column("kind", _("List"), filter="choice", choices=KIND_WORDS),
        Column("state", _("State"), kind="badge", filter="choice", choices=STATE_WORDS, states=STATE_BADGES),
        Column("total", _("Rows"), kind="number"),
        Column("created", _("New"), kind="number"),
        Column("updated", _("Changed"), kind="number"),
        Column("refused", _("Refused"), kind="number"),
        Column("uploaded_at", _("Handed in"), kind="moment", sortable=True),
    )
    extra_fields = ("public_id",)
    default_sort = ("-uploaded_at",)
    exports = False
    empty = EmptyState(
        title=_("No imports yet"),
        text=_("Spreadsheets that you hand in stand here, with what became of their rows."),
    )
