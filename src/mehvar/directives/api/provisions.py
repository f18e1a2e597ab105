"""Read and write the clauses of a directive over the HTTP API."""

from typing import Annotated, Literal, cast

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import provisions as actions
from mehvar.directives.api import shapes
from mehvar.directives.api.asking import readable
from mehvar.directives.api.directives import DRAFTERS, READERS
from mehvar.directives.models import Provision
from mehvar.ui.api import Changed, Paging, Schema, Version, page_of, version_seen

router = Router(tags=["provisions"])
Kind = Literal["part", "chapter", "section", "article", "clause", "point", "note", "paragraph", "annex"]


class ProvisionRow(Schema):
    """Show a clause; ``parent`` is the id of the clause above."""

    id: str
    parent: str | None
    depth: int
    path: str
    kind: str
    number: str
    heading: str
    text: str
    version: int


class ProvisionIn(Schema):
    """Say what a clause holds; what is left out stays."""

    kind: Kind = "article"
    number: Annotated[str, StringConstraints(max_length=40)] = Field("", examples=["3"])
    heading: Annotated[str, StringConstraints(max_length=1000)] = ""
    text: shapes.Long = Field("", examples=["Every body names one officer."])


class NewProvision(ProvisionIn):
    """Write a clause below another one, or at the top."""

    parent: shapes.PublicId | None = None
    after: shapes.PublicId | None = Field(
        None, description="The clause of the same parent behind which it stands."
    )


class ProvisionChanges(ProvisionIn):
    """Change a clause."""

    version: Version | None = None


class MoveIn(Schema):
    """Say where a clause moves among its like, or a level in or out."""

    direction: Literal["up", "down", "in", "out"]


@router.get(
    "/{public_id}/provisions", response=list[ProvisionRow], summary="List clauses", openapi_extra=READERS
)
def provisions(
    request: HttpRequest, response: HttpResponse, public_id: str, paging: Query[Paging]
) -> list[ProvisionRow]:
    """List the clauses of a directive in reading order."""
    rows = readable(request, public_id).provisions.select_related("parent").order_by("position", "pk")
    return [_row(row) for row in page_of(request, response, rows, paging)]


@router.post(
    "/{public_id}/provisions", response={201: ProvisionRow}, summary="Write a clause", openapi_extra=DRAFTERS
)
def add(request: HttpRequest, public_id: str, given: NewProvision) -> Status[ProvisionRow]:
    """Write a clause into a draft."""
    said = given.dict(exclude={"parent", "after"})
    made = actions.add_provision(
        accounts.person_in(request),
        readable(request, public_id).pk,
        parent=given.parent,
        after=given.after,
        **cast("actions.ProvisionChanges", said),
    )
    return Status(201, _row(made))


@router.patch(
    "/{public_id}/provisions/{provision_id}",
    response=ProvisionRow,
    summary="Edit a clause",
    openapi_extra=DRAFTERS,
)
def edit(request: HttpRequest, public_id: str, provision_id: str, given: ProvisionChanges) -> ProvisionRow:
    """Change a clause of a draft; 409 when somebody else was quicker."""
    said = given.dict(exclude_unset=True, exclude={"version"})
    made = actions.edit_provision(
        accounts.person_in(request),
        readable(request, public_id).pk,
        provision_id,
        version=version_seen(request, given.version),
        **cast("actions.ProvisionChanges", said),
    )
    return _row(made)


@router.post(
    "/{public_id}/provisions/{provision_id}/moves",
    response=Changed,
    summary="Move a clause",
    openapi_extra=DRAFTERS,
)
def move(request: HttpRequest, public_id: str, provision_id: str, given: MoveIn) -> Changed:
    """Move a clause with all below it."""
    directive = readable(request, public_id)
    actions.move_provision(accounts.person_in(request), directive.pk, provision_id, direction=given.direction)
    return Changed(changed=1)


@router.delete(
    "/{public_id}/provisions/{provision_id}",
    response=Changed,
    summary="Delete a clause",
    openapi_extra=DRAFTERS,
)
def remove(request: HttpRequest, public_id: str, provision_id: str) -> Changed:
    """Delete a clause with all below it; its measures stay."""
    directive = readable(request, public_id)
    return Changed(changed=actions.remove_provision(accounts.person_in(request), directive.pk, provision_id))


def _row(row: Provision) -> ProvisionRow:
    same = {
        name: getattr(row, name) for name in ("depth", "path", "kind", "number", "heading", "text", "version")
    }
    return ProvisionRow(id=row.public_id, parent=row.parent.public_id if row.parent else None, **same)
