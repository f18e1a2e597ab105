"""Give lists out as spreadsheets and take them in over the HTTP API; an import is checked first and taken over when that is asked."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field, StringConstraints

from mehvar.kernel.calendars import Calendar
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import imports as actions
from mehvar.programmes.api.shapes import WATCHERS, person
from mehvar.programmes.data import RowResult, SheetKind, SheetState
from mehvar.programmes.models import SheetImport, SheetImportRow
from mehvar.programmes.queries import exports
from mehvar.programmes.queries import imports as queries
from mehvar.programmes.rules import imports as rules
from mehvar.programmes.tables import imports as tables
from mehvar.ui.api import Paging, Schema, allowed_to, page_of
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import filled

router = Router(tags=["spreadsheet imports"])
sheets = Router(tags=["spreadsheets"])
OWNERS = allowed_to("who handed the spreadsheet in")
WRITERS = allowed_to("who may change something in the list; each row is permitted for itself")
Subject = Annotated[str, StringConstraints(max_length=40)]


class SheetIn(Schema):
    """Say which list a spreadsheet belongs to."""

    kind: SheetKind
    subject: Subject = Field(
        "", description="The programme of measures, the call of plan items, the round of reports; else empty."
    )
    submit: bool = Field(False, description="Submit the reports as well; else they are kept as drafts.")


class SheetImportShape(Schema):
    """Show an import: how far it is, what it would do (until it is accepted) or did, and why it stopped."""

    id: str
    kind: SheetKind
    subject: str
    filename: str
    sha256: str
    size: int
    state: SheetState
    total: int
    done: int
    created: int
    updated: int
    unchanged: int
    refused: int
    ignored_columns: list[str]
    error: str | None
    uploaded_at: datetime
    accepted_at: datetime | None
    finished_at: datetime | None


class RowNoteShape(Schema):
    """Say what is wrong with a cell, or how it was understood (``mild``); ``column`` is empty for the whole row."""

    column: str
    message: str
    mild: bool


class RowShape(Schema):
    """Show what became of a row; ``key`` is what it now goes out with."""

    row: int
    result: RowResult
    key: str
    notes: list[RowNoteShape]


class ColumnShape(Schema):
    """Show a column of a list; ``shown`` ones go out only."""

    key: str
    head: str
    needed: bool
    shown: bool
    choices: list[str]


@router.get("", response=list[SheetImportShape], summary="List imports", openapi_extra=OWNERS)
def sheet_imports(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], kind: SheetKind | None = None
) -> list[SheetImportShape]:
    """List the person's imports, the latest first."""
    rows = queries.imports_of(person(request).pk)
    if kind is not None:
        rows = rows.filter(kind=kind)
    return [_shown(row) for row in page_of(request, response, rows, paging)]


@router.post("", response={202: SheetImportShape}, summary="Hand a spreadsheet in", openapi_extra=WRITERS)
def hand_in(request: HttpRequest, given: Form[SheetIn], file: File[UploadedFile]) -> Status[SheetImportShape]:
    """Hand a spreadsheet in; it is checked in the background and changes nothing before it is accepted."""
    reader = reader_of(request)
    made = actions.hand_in(
        person(request),
        given.kind,
        subject=given.subject,
        file_name=file.name or "sheet",
        content=file,
        language=reader.language,
        calendar=Calendar(reader.calendar),
        submit=given.submit,
    )
    return Status(202, _own(request, made.public_id))


@router.get("/{import_id}", response=SheetImportShape, summary="Read an import's state", openapi_extra=OWNERS)
def sheet_import(request: HttpRequest, import_id: str) -> SheetImportShape:
    """Tell how far an import is, what it would do, or what it did."""
    return _own(request, import_id)


@router.get("/{import_id}/rows", response=list[RowShape], summary="What became of rows", openapi_extra=OWNERS)
def rows_told(
    request: HttpRequest,
    response: HttpResponse,
    import_id: str,
    paging: Query[Paging],
    result: RowResult | None = None,
) -> list[RowShape]:
    """List what there is to tell of the rows: refused ones with each wrong cell, entered ones with their keys."""
    row = queries.import_of(person(request).pk, import_id)
    told = queries.rows_told(row, result)
    return [_row(one) for one in page_of(request, response, told, paging)]


@router.get("/{import_id}/table", summary="The table with what is wrong", openapi_extra=OWNERS)
def mended_table(
    request: HttpRequest,
    import_id: str,
    form: Literal["csv", "xlsx"] = "xlsx",
    *,
    refused: bool = False,
) -> HttpResponse | FileResponse | StreamingHttpResponse:
    """Give the same table back with a column that says what is wrong, to be mended and handed in again."""
    row, reader = queries.import_of(person(request).pk, import_id), reader_of(request)
    head, rows = actions.mended(row, reader.language, lambda note: _said(row, note), only_refused=refused)
    name = f"{row.kind}-checked"
    return tables.sheet_response(SheetKind(row.kind), head, rows, reader, extension=form, name=name)  # type: ignore[return-value]


@router.post(
    "/{import_id}/acceptance", response=SheetImportShape, summary="Take it over", openapi_extra=WRITERS
)
def accept(request: HttpRequest, import_id: str) -> SheetImportShape:
    """Take a checked spreadsheet over, in the background; doing it again changes nothing."""
    actions.accept_import(person(request), import_id)
    return _own(request, import_id)


@router.post("/{import_id}/cancellation", response=SheetImportShape, summary="Stop it", openapi_extra=OWNERS)
def cancel(request: HttpRequest, import_id: str) -> SheetImportShape:
    """Stop an import; rows taken over so far stay."""
    actions.cancel_import(person(request), import_id)
    return _own(request, import_id)


@router.post(
    "/{import_id}/resumption", response=SheetImportShape, summary="Let it go on", openapi_extra=OWNERS
)
def resume(request: HttpRequest, import_id: str) -> SheetImportShape:
    """Let an import go on where it stopped."""
    actions.resume_import(person(request), import_id)
    return _own(request, import_id)


@sheets.get(
    "/{kind}/columns", response=list[ColumnShape], summary="Columns of a list", openapi_extra=WATCHERS
)
def columns(
    request: HttpRequest, response: HttpResponse, kind: SheetKind, paging: Query[Paging]
) -> list[ColumnShape]:
    """List the columns of a list with their heads in the person's language."""
    language = reader_of(request).language
    return [
        ColumnShape(
            key=key,
            head=head,
            needed=rules.COLUMNS[kind][key].needed,
            shown=rules.COLUMNS[kind][key].shown,
            choices=list(rules.COLUMNS[kind][key].choices or ()),
        )
        for key, head in page_of(request, response, list(rules.heads(kind, language).items()), paging)
    ]


@sheets.get("/{kind}", summary="Give a list out", openapi_extra=WATCHERS)
def export(
    request: HttpRequest, kind: SheetKind, subject: Subject = "", form: Literal["csv", "xlsx"] = "csv"
) -> HttpResponse | FileResponse | StreamingHttpResponse:
    """Give a list out row by row, in the form in which it comes in again, as far as the person may see it."""
    authority, reader = organisations.authority_in(request), reader_of(request)
    place = queries.place_of(authority, kind, subject)
    rows: Iterator[Any] = exports.rows_of(authority, place, reader.language)
    return tables.export_response(place, rows, reader, extension=form)  # type: ignore[return-value]


def _own(request: HttpRequest, import_id: str) -> SheetImportShape:
    return _shown(queries.import_of(person(request).pk, import_id))


def _shown(row: SheetImport) -> SheetImportShape:
    same = (
        "kind", "subject", "filename", "sha256", "size", "state", "total", "done", "created", "updated", "unchanged",
        "refused", "uploaded_at", "accepted_at", "finished_at",
    )  # fmt: skip
    return SheetImportShape(
        **{name: getattr(row, name) for name in same},
        id=row.public_id,
        ignored_columns=list(row.findings.get("ignored", ())),
        error=filled(row.error["message"], dict(row.error.get("params", {}))) if row.error else None,
    )


def _row(one: SheetImportRow) -> RowShape:
    notes = [
        RowNoteShape(
            column=note["column"], message=filled(note["message"], dict(note["params"])), mild=note["mild"]
        )
        for note in one.notes
    ]
    return RowShape(row=one.number, result=RowResult(one.result), key=one.key, notes=notes)


def _said(sheet: SheetImport, note: Any) -> str:
    head = rules.heads(SheetKind(sheet.kind), reader_of().language).get(note["column"], "")
    message = filled(note["message"], dict(note["params"]))
    return f"{head}: {message}" if head else message
