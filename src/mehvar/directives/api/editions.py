"""Read the text of a directive, its editions and what changed between two, over the HTTP API."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import revision as actions
from mehvar.directives.api import shapes
from mehvar.directives.api.asking import readable
from mehvar.directives.api.directives import DRAFTERS, READERS
from mehvar.directives.models import DirectiveVersion
from mehvar.directives.queries import revision as queries
from mehvar.directives.rules.content import DirectiveContent, hash_of
from mehvar.directives.rules.difference import PartChange
from mehvar.ui import diff
from mehvar.ui.api import Paging, Schema, Version, page_of, version_if_given

router = Router(tags=["directives"])
LAST_EDITION = 2**31 - 1


class EditionRow(Schema):
    """Show a frozen edition."""

    number: int
    content_hash: str
    note: str
    person: str | None
    created_at: datetime


class Piece(Schema):
    """Hold words that stayed, were added or were taken out."""

    kind: str = Field(examples=["added"])
    text: str


class TextDifference(Schema):
    """Show one text before and after, and word by word."""

    name: str
    old: str
    new: str
    words: list[Piece]


class PartDifference(Schema):
    """Show one part of the text that changed or moved."""

    kind: str
    key: str
    label: str
    status: str
    moved: bool
    texts: list[TextDifference]


class DifferenceOut(Schema):
    """Show what changed between two editions; 0 is the present text."""

    old: int
    new: int
    counts: dict[str, int]
    parts: list[PartDifference]


class NewEdition(Schema):
    """Say what changed and why."""

    note: shapes.Line = ""
    version: Version | None = None


class EditionQuery(Schema):
    """Say which edition is asked for; 0 is the present text."""

    edition: int = Field(0, ge=0, le=LAST_EDITION)


class DifferenceQuery(Schema):
    """Say which two editions are compared; 0 is the present text."""

    old: int = Field(ge=0, le=LAST_EDITION, examples=[1])
    new: int = Field(0, ge=0, le=LAST_EDITION)


@router.get(
    "/{public_id}/content",
    response=DirectiveContent,
    summary="Read the whole text",
    openapi_extra=READERS,
)
def content(
    request: HttpRequest, response: HttpResponse, public_id: str, asked: Query[EditionQuery]
) -> DirectiveContent:
    """Give the canonical content; ``X-Content-Hash`` is the SHA-256 of its canonical JSON (RFC 8785)."""
    found = queries.content_at(readable(request, public_id).pk, asked.edition)
    response["X-Content-Hash"] = hash_of(found)
    return found


@router.get(
    "/{public_id}/editions", response=list[EditionRow], summary="List editions", openapi_extra=READERS
)
def editions(
    request: HttpRequest, response: HttpResponse, public_id: str, paging: Query[Paging]
) -> list[EditionRow]:
    """List the frozen editions of a directive, first first."""
    rows = queries.editions_of(readable(request, public_id).pk)
    return [_edition(row) for row in page_of(request, response, rows, paging)]


@router.post(
    "/{public_id}/editions", response={201: EditionRow}, summary="Freeze an edition", openapi_extra=DRAFTERS
)
def keep(request: HttpRequest, public_id: str, given: NewEdition) -> Status[EditionRow]:
    """Freeze the present text as an edition of its own while it is drafted or revised."""
    made = actions.keep_edition(
        accounts.person_in(request),
        readable(request, public_id).pk,
        note=given.note,
        version=version_if_given(request, given.version),
    )
    return Status(201, _edition(made))


@router.get(
    "/{public_id}/difference", response=DifferenceOut, summary="Compare two editions", openapi_extra=READERS
)
def difference(request: HttpRequest, public_id: str, asked: Query[DifferenceQuery]) -> DifferenceOut:
    """Show what changed between two editions, part by part and word by word."""
    found = queries.difference(readable(request, public_id).pk, asked.old, asked.new)
    return DifferenceOut(
        old=asked.old,
        new=asked.new,
        counts=dict(found.counts),
        parts=[_part(part) for part in found.parts if not part.is_quiet],
    )


def _edition(row: DirectiveVersion) -> EditionRow:
    return EditionRow(
        number=row.number,
        content_hash=row.content_hash,
        note=row.note,
        person=row.created_by.name if row.created_by else None,
        created_at=row.created_at,
    )


def _part(part: PartChange) -> PartDifference:
    return PartDifference(
        kind=part.kind,
        key=part.key,
        label=part.label,
        status=part.status,
        moved=part.moved,
        texts=[
            TextDifference(name=text.name, old=text.old, new=text.new, words=_words(text.old, text.new))
            for text in part.changes
        ],
    )


def _words(old: str, new: str) -> list[Piece]:
    return [Piece(kind=piece.kind, text=piece.text) for piece in diff.word_diff(old, new)]
