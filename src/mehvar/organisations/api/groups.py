"""Read generic addressees and their members over the HTTP API."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from mehvar.kernel import clock
from mehvar.organisations import queries
from mehvar.organisations.api.shapes import Code, GroupMemberRow, GroupRow, names_of
from mehvar.organisations.models import Group
from mehvar.ui.api import Names, Paging, Schema, allowed_to, page_of

router = Router(tags=["organisations"])
ANYONE = allowed_to("everyone who is signed in")
Pack = Annotated[str, StringConstraints(max_length=16)]


class GroupMemberFilter(Schema):
    """Say for which day and which issuer the members are asked."""

    pack: Pack | None = Field(None, description="The register; the installation's without it.")
    on: date | None = Field(None, description="The day; today without it.")
    issuer: Code | None = Field(
        None, description="The issuing body, on which groups such as its districts depend."
    )


@router.get("", response=list[GroupRow], summary="List groups", openapi_extra=ANYONE)
def groups(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], pack: Pack | None = None
) -> list[GroupRow]:
    """List the generic addressees of a register."""
    code = pack if pack is not None else queries.home_register().code
    rows = Group.objects.filter(pack=code).order_by("code")
    return [
        GroupRow(code=row.code, pack=row.pack, names=Names(fa=row.name_fa, vi=row.name_vi, en=row.name_en))
        for row in page_of(request, response, rows, paging)
    ]


@router.get(
    "/{code}/members", response=list[GroupMemberRow], summary="List a group's members", openapi_extra=ANYONE
)
def members(
    request: HttpRequest,
    response: HttpResponse,
    code: str,
    asked: Query[GroupMemberFilter],
    paging: Query[Paging],
) -> list[GroupMemberRow]:
    """List the bodies that belong to a group on a day."""
    rows = queries.members_of_group(asked.pack, code, asked.on or clock.today(), issuer=asked.issuer)
    return [
        GroupMemberRow(code=body.code, names=names_of(body), type=body.type)
        for body in page_of(request, response, rows, paging)
    ]
