"""List, read, begin and edit directives over the HTTP API."""

from datetime import date
from typing import Annotated, Any, cast

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import editor
from mehvar.directives.api import shapes, showing
from mehvar.directives.api.asking import readable
from mehvar.directives.data import DirectiveState
from mehvar.directives.models import Directive
from mehvar.directives.queries import directives as queries
from mehvar.directives.queries import lifecycle
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Paging, Schema, Version, allowed_to, page_of, tag, version_seen

router = Router(tags=["directives"])
READERS = allowed_to(
    "everyone for promulgated ones; view-drafts over the issuer, or asked to speak, for drafts"
)
DRAFTERS = allowed_to("draft-directive over the issuer")


class DirectiveFilter(Schema):
    """Choose which directives are listed."""

    q: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="Part of the title or the number."
    )
    state: DirectiveState | None = None
    issuer: shapes.BodyCode | None = Field(None, description="The issuer or a body above it.")
    language: Annotated[str, Field(pattern="^(fa|vi|en)$")] | None = None
    dated_from: date | None = None
    dated_to: date | None = None


class HeadIn(Schema):
    """Say what a directive says of itself; what is left out stays."""

    number: Annotated[str, StringConstraints(max_length=80)] = ""
    kind: Annotated[str, StringConstraints(max_length=32)] = "directive"
    goal: shapes.Long = ""
    motto: shapes.Line = Field("", examples=["Production leap"])
    legal_basis: shapes.Long = ""
    role_statement: shapes.Long = ""
    theme: int | None = Field(None, ge=1, le=2**53)
    dated_on: date | None = None
    effective_on: date | None = None
    acknowledge_within_days: int = Field(7, ge=1, le=365)


class NewDirective(HeadIn):
    """Begin a directive by hand."""

    issuer: shapes.BodyCode
    title: shapes.Line = Field(examples=["Directive on smart industry"])
    language: Annotated[str, Field(pattern="^(fa|vi|en)$", examples=["vi"])]


class HeadChanges(HeadIn):
    """Change a directive's head; what is left out stays."""

    title: shapes.Line = ""
    version: Version | None = None


@router.get("", response=list[shapes.DirectiveRow], summary="List directives", openapi_extra=READERS)
def directives(
    request: HttpRequest, response: HttpResponse, asked: Query[DirectiveFilter], paging: Query[Paging]
) -> list[shapes.DirectiveRow]:
    """List the directives that the person may see, the latest changed first."""
    rows = queries.listed(organisations.authority_in(request)).select_related("issuer")
    rows = rows.filter(_wanted(asked)).order_by("-changed_at", "-pk")
    return [_row(row) for row in page_of(request, response, rows, paging)]


def _wanted(asked: DirectiveFilter) -> Q:
    """Build the condition of a filter."""
    wanted = Q()
    if asked.q:
        wanted &= Q(title__icontains=asked.q) | Q(number__icontains=asked.q)
    if asked.state is not None:
        wanted &= Q(state=asked.state)
    if asked.issuer is not None:
        path = organisations.organisation(asked.issuer).path
        wanted &= organisations.within(path, path_field="issuer__path")
    if asked.language is not None:
        wanted &= Q(language=asked.language)
    if asked.dated_from is not None:
        wanted &= Q(dated_on__gte=asked.dated_from)
    if asked.dated_to is not None:
        wanted &= Q(dated_on__lte=asked.dated_to)
    return wanted


def _row(row: Any) -> shapes.DirectiveRow:
    same = {
        name: getattr(row, name) for name in shapes.DirectiveRow.model_fields if name not in {"id", "issuer"}
    }
    return shapes.DirectiveRow(id=row.public_id, issuer=showing.brief(row.issuer), **same)


@router.post("", response={201: shapes.DirectiveHead}, summary="Begin a directive", openapi_extra=DRAFTERS)
def create(request: HttpRequest, response: HttpResponse, given: NewDirective) -> Status[shapes.DirectiveHead]:
    """Begin a directive by hand, as a draft of the issuer."""
    said = given.dict(exclude_unset=True, exclude={"issuer", "title", "language"})
    made = editor.create_directive(
        accounts.person_in(request),
        issuer_code=given.issuer,
        title=given.title,
        language=given.language,
        **cast("editor.HeadValues", said),
    )
    return Status(201, _head(request, response, made.public_id))


@router.get(
    "/{public_id}", response=shapes.DirectiveHead, summary="Read one directive", openapi_extra=READERS
)
def directive(request: HttpRequest, response: HttpResponse, public_id: str) -> shapes.DirectiveHead:
    """Give a directive's head; ``ETag`` carries its version, ``/content`` its whole text."""
    return _head(request, response, public_id)


@router.patch("/{public_id}", response=shapes.DirectiveHead, summary="Edit the head", openapi_extra=DRAFTERS)
def edit(
    request: HttpRequest, response: HttpResponse, public_id: str, given: HeadChanges
) -> shapes.DirectiveHead:
    """Change the head of a draft; 409 when somebody else was quicker."""
    said = given.dict(exclude_unset=True, exclude={"version"})
    editor.edit_directive(
        accounts.person_in(request),
        readable(request, public_id).pk,
        version=version_seen(request, given.version),
        **cast("editor.HeadChanges", said),
    )
    return _head(request, response, public_id)


@router.get("/{public_id}/events", response=list[shapes.Step], summary="Read its life", openapi_extra=READERS)
def events(
    request: HttpRequest, response: HttpResponse, public_id: str, paging: Query[Paging]
) -> list[shapes.Step]:
    """List the dated steps of a directive's life, oldest first, with who took them and why."""
    rows = lifecycle.events_of(readable(request, public_id).pk).order_by("at", "id")
    return [
        shapes.Step(
            person=row["actor__name"],
            **{name: row[name] for name in row if name not in {"id", "actor__name"}},
        )
        for row in page_of(request, response, rows, paging)
    ]


def _head(request: HttpRequest, response: HttpResponse, public_id: str) -> shapes.DirectiveHead:
    found: Directive = readable(request, public_id)
    tag(response, found.version)
    return showing.head(found, may_edit=queries.may_edit(organisations.authority_in(request), found))
