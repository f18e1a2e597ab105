"""Review what was read out of a document over the HTTP API: accept, correct, merge, split, teach, finish."""

from collections.abc import Callable
from typing import Annotated, cast

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import review as actions
from mehvar.directives.api import shapes, showing
from mehvar.directives.api.imports import REVIEWERS, Flag, ImportRow, flag
from mehvar.directives.api.imports import shown as import_shown
from mehvar.directives.api.measures import MeasureEdit
from mehvar.directives.api.measures import shown as measure_shown
from mehvar.directives.models import ImportDocument, Measure
from mehvar.directives.queries import review as queries
from mehvar.directives.rules.drafting import MeasureChanges
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.ui.api import (
    Changed,
    Paging,
    Schema,
    Version,
    Versioned,
    allowed_to,
    page_of,
    said,
    version_if_given,
    version_seen,
)

router = Router(tags=["review"])


class ReviewRow(shapes.MeasureRow):
    """Show a row of a review: the measure, its doubts, and how sure the reader was of each field."""

    flags: list[Flag]
    confidence: dict[str, float]


class Accepted(Schema):
    """Say which rows are accepted; all that are open without a list."""

    rows: list[shapes.PublicId] | None = Field(None, max_length=10_000)
    versions: dict[shapes.PublicId, Version] | None = Field(
        None, description="The versions that you read, by row."
    )
    only_without_doubts: bool = Field(
        False, description="Accept every row about which the reader has no doubt."
    )


class Split(Versioned):
    """Say where a row's text is cut."""

    at: int = Field(ge=0, le=100_000, description="Number of characters of the first part.")


class Lesson(Schema):
    """Teach the register once that a wording means a body."""

    wording: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    body: shapes.BodyCode


class Finish(Schema):
    """Close a review."""

    differences_accepted: bool = Field(False, description="Accept that declared counts and findings differ.")


@router.get(
    "/{import_id}/rows", response=list[ReviewRow], summary="List rows, worst first", openapi_extra=REVIEWERS
)
def rows(
    request: HttpRequest,
    response: HttpResponse,
    import_id: str,
    paging: Query[Paging],
    *,
    in_order: bool = False,
) -> list[ReviewRow]:
    """List the rows of a review: flagged ones and least sure ones first, or in the document's order."""
    directive_id = _directive_id(request, import_id)
    ids = [row["public_id"] for row in queries.rows_of(directive_id, in_order=in_order)]
    wanted = page_of(request, response, ids, paging)
    found = Measure.objects.filter(public_id__in=wanted).select_related("directive", "field")
    by_id = {row.public_id: row for row in found}
    return _shown([by_id[public_id] for public_id in wanted])


def _shown(found: list[Measure]) -> list[ReviewRow]:
    return [
        ReviewRow(
            **shown.dict(),
            flags=[flag(item) for item in row.flags],
            confidence={name: float(value) for name, value in row.confidence.items()},
        )
        for row, shown in zip(found, showing.measures(found), strict=True)
    ]


@router.post("/{import_id}/accept", response=Changed, summary="Accept rows", openapi_extra=REVIEWERS)
def accept(request: HttpRequest, import_id: str, given: Accepted) -> Changed:
    """Accept rows and settle their doubts; gives how many were open."""
    document = _document(request, import_id)
    if given.only_without_doubts:
        return Changed(changed=actions.accept_clean_rows(accounts.person_in(request), document.public_id))
    changed = actions.accept_rows(
        accounts.person_in(request), document.public_id, given.rows, versions=given.versions
    )
    return Changed(changed=changed)


@router.patch(
    "/{import_id}/rows/{row_id}", response=shapes.MeasureRow, summary="Correct a row", openapi_extra=REVIEWERS
)
def correct(
    request: HttpRequest, response: HttpResponse, import_id: str, row_id: str, given: MeasureEdit
) -> shapes.MeasureRow:
    """Correct a row and accept it; 409 when another reviewer was quicker."""
    said = cast("MeasureChanges", given.dict(exclude_unset=True, exclude={"version"}))
    row = actions.correct_row(
        accounts.person_in(request),
        _document(request, import_id).public_id,
        row_id,
        version=version_seen(request, given.version),
        **said,
    )
    return measure_shown(response, row.pk)


@router.delete(
    "/{import_id}/rows/{row_id}", response=Changed, summary="Take a row out", openapi_extra=REVIEWERS
)
def remove(request: HttpRequest, import_id: str, row_id: str) -> Changed:
    """Take out a row that is no task, such as a heading."""
    document = _document(request, import_id)
    actions.remove_row(
        accounts.person_in(request), document.public_id, row_id, version=version_if_given(request, None)
    )
    return Changed(changed=1)


@router.post(
    "/{import_id}/rows/{row_id}/merge",
    response=shapes.MeasureRow,
    summary="Merge with the row before",
    openapi_extra=REVIEWERS,
)
def merge(
    request: HttpRequest, response: HttpResponse, import_id: str, row_id: str, given: Versioned
) -> shapes.MeasureRow:
    """Join a row to the one before it; gives the joined row."""
    return _after(request, response, (import_id, row_id), given, actions.merge_with_previous)


@router.post(
    "/{import_id}/rows/{row_id}/split",
    response={201: shapes.MeasureRow},
    summary="Split a row",
    openapi_extra=REVIEWERS,
)
def split(
    request: HttpRequest, response: HttpResponse, import_id: str, row_id: str, given: Split
) -> Status[shapes.MeasureRow]:
    """Cut a row's text in two; gives the new row."""
    return Status(201, _after(request, response, (import_id, row_id), given, actions.split_row))


def _after(
    request: HttpRequest,
    response: HttpResponse,
    place: tuple[str, str],
    given: Versioned,
    act: Callable[..., Measure],
) -> shapes.MeasureRow:
    """Act on the row of a review (its import and its id) as the members of ``given`` say; give what came of it."""
    import_id, row_id = place
    row = act(
        accounts.person_in(request), _document(request, import_id).public_id, row_id, **said(request, given)
    )
    return measure_shown(response, row.pk)


@router.post(
    "/{import_id}/teach",
    response=Changed,
    summary="Teach a name once",
    openapi_extra=allowed_to("review-import over the issuer and teach-alias"),
)
def teach(request: HttpRequest, import_id: str, given: Lesson) -> Changed:
    """Teach the register that a wording means a body, and apply it to every row; gives how many rows changed."""
    taught = actions.teach_alias(
        accounts.person_in(request),
        _document(request, import_id).public_id,
        wording=given.wording,
        organisation_code=given.body,
    )
    return Changed(changed=taught.rows)


@router.post(
    "/{import_id}/settle", response=Changed, summary="Settle doubts about the whole", openapi_extra=REVIEWERS
)
def settle(request: HttpRequest, import_id: str) -> Changed:
    """Settle the doubts that concern the whole document."""
    return Changed(
        changed=actions.settle_findings(accounts.person_in(request), _document(request, import_id).public_id)
    )


@router.post("/{import_id}/undo", response=Changed, summary="Undo my last step", openapi_extra=REVIEWERS)
def undo(request: HttpRequest, import_id: str) -> Changed:
    """Undo the person's latest step in this review."""
    actions.undo_last(accounts.person_in(request), _document(request, import_id).public_id)
    return Changed(changed=1)


@router.post("/{import_id}/finish", response=ImportRow, summary="Finish the review", openapi_extra=REVIEWERS)
def finish(request: HttpRequest, import_id: str, given: Finish) -> ImportRow:
    """Close a review in which every row and doubt is settled."""
    document = _document(request, import_id)
    actions.finish_review(
        accounts.person_in(request), document.public_id, differences_accepted=given.differences_accepted
    )
    return import_shown(_document(request, import_id))


def _document(request: HttpRequest, import_id: str) -> ImportDocument:
    return queries.document(organisations.authority_in(request), import_id)


def _directive_id(request: HttpRequest, import_id: str) -> int:
    found = _document(request, import_id).directive_id
    if found is None:
        raise NotFound(gettext_noop("The document has not been read yet."), code="not-read-yet")
    return found
