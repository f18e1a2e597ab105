"""Take documents in and follow their reading over the HTTP API."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field, StringConstraints

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import imports as actions
from mehvar.directives.api import shapes
from mehvar.directives.data import ImportState
from mehvar.directives.models import ImportDocument
from mehvar.directives.queries import review as queries
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Paging, Schema, allowed_to, page_of

router = Router(tags=["imports"])
REVIEWERS = allowed_to("review-import over the issuer")


class ImportIn(Schema):
    """Say in whose name a document is imported."""

    issuer: shapes.BodyCode
    pack: Annotated[str, StringConstraints(max_length=16)] = Field(
        "", description="The register by whose names bodies are found; the issuer's without it."
    )
    again: bool = Field(False, description="Import the same bytes once more.")


class ImportRow(Schema):
    """Show an imported document and how far its reading has come."""

    id: str
    directive: str | None
    filename: str
    sha256: str
    size: int
    pack: str
    issuer: str
    state: ImportState
    done: int
    total: int
    error: str | None
    uploaded_at: datetime
    finished_at: datetime | None


class Flag(Schema):
    """Show a doubt of the reader."""

    code: str
    field: str
    message: str
    settled: bool


class CountRow(Schema):
    """Compare a declared number of measures with what was found."""

    label: str
    declared: int
    found: int | None
    agrees: bool


class GapRow(Schema):
    """Show numbers that are missing in a section."""

    section: str
    after: str
    before: str
    missing: list[str]


class Findings(Schema):
    """Show what concerns the whole document, and how much of its review is left."""

    rows: int
    left: int
    without_doubts: int
    flags: list[Flag]
    warnings: list[str]
    counts: list[CountRow]
    gaps: list[GapRow]


@router.get("", response=list[ImportRow], summary="List imports", openapi_extra=REVIEWERS)
def imports(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], state: ImportState | None = None
) -> list[ImportRow]:
    """List the imported documents that the person may review, the latest first."""
    rows = queries.documents(organisations.authority_in(request)).select_related("directive", "issuer")
    if state is not None:
        rows = rows.filter(state=state)
    return [shown(row) for row in page_of(request, response, rows.order_by("-uploaded_at", "-pk"), paging)]


@router.post(
    "", response={201: ImportRow, 202: ImportRow}, summary="Import a document", openapi_extra=REVIEWERS
)
def take(request: HttpRequest, given: Form[ImportIn], file: File[UploadedFile]) -> Status[ImportRow]:
    """Take a document in: 201 when it was read at once, 202 when a worker reads it.

    The same bytes for the same issuer give the import that is there already, unless ``again``.
    """
    issuer = organisations.organisation(given.issuer)
    made = actions.import_document(
        accounts.person_in(request),
        data=file.read(),
        filename=file.name or "document",
        pack=given.pack or issuer.pack,
        issuer_id=issuer.pk,
        again=given.again,
    )
    waits = made.state in {ImportState.QUEUED, ImportState.READING}
    return Status(202 if waits else 201, shown(_document(request, made.public_id)))


@router.get("/{import_id}", response=ImportRow, summary="Read an import's state", openapi_extra=REVIEWERS)
def imported(request: HttpRequest, import_id: str) -> ImportRow:
    """Tell how far the reading of a document has come."""
    return shown(_document(request, import_id))


@router.post("/{import_id}/cancel", response=ImportRow, summary="Stop reading", openapi_extra=REVIEWERS)
def cancel(request: HttpRequest, import_id: str) -> ImportRow:
    """Stop the reading of a document; nothing of it is stored."""
    actions.cancel_import(accounts.person_in(request), _document(request, import_id).public_id)
    return shown(_document(request, import_id))


@router.post("/{import_id}/resume", response=ImportRow, summary="Read again", openapi_extra=REVIEWERS)
def resume(request: HttpRequest, import_id: str) -> ImportRow:
    """Let a worker read a document again whose reader died."""
    actions.resume_import(accounts.person_in(request), _document(request, import_id).public_id)
    return shown(_document(request, import_id))


@router.get("/{import_id}/findings", response=Findings, summary="Read the findings", openapi_extra=REVIEWERS)
def findings(request: HttpRequest, import_id: str) -> Findings:
    """Give the declared counts against what was found, the doubts about the whole, and the missing numbers."""
    document = _document(request, import_id)
    rows = queries.rows_of(document.directive_id) if document.directive_id else []
    progress = queries.progress(rows)
    return Findings(
        rows=progress.total,
        left=progress.left,
        without_doubts=progress.clean,
        flags=[flag(item) for item in document.findings.get("flags", [])],
        warnings=[_words(item) for item in document.findings.get("warnings", [])],
        counts=[
            CountRow(label=item.label, declared=item.declared, found=item.found, agrees=item.agrees)
            for item in queries.count_checks(document)
        ],
        gaps=[
            GapRow(section=gap.section, after=gap.after, before=gap.before, missing=list(gap.missing))
            for gap in (queries.gaps(document.directive_id) if document.directive_id else [])
        ],
    )


def flag(item: Any) -> Flag:
    """Show one doubt, its words filled in."""
    return Flag(
        code=item["code"], field=item["field"] or "", message=_words(item), settled=bool(item.get("settled"))
    )


def _words(item: Any) -> str:
    """Say what is kept as a message with places, or as plain words."""
    if isinstance(item, str):
        return item
    try:
        return str(item["message"]).format(**item.get("params", {}))
    except (KeyError, IndexError, ValueError):
        return str(item["message"])


def _document(request: HttpRequest, import_id: str) -> ImportDocument:
    return queries.document(organisations.authority_in(request), import_id)


def shown(row: ImportDocument) -> ImportRow:
    """Show an imported document."""
    same = {
        name: getattr(row, name)
        for name in (
            "filename",
            "sha256",
            "size",
            "pack",
            "state",
            "done",
            "total",
            "uploaded_at",
            "finished_at",
        )
    }
    return ImportRow(
        id=row.public_id,
        directive=row.directive.public_id if row.directive else None,
        issuer=row.issuer.code,
        error=_words(row.error) if row.error else None,
        **same,
    )
