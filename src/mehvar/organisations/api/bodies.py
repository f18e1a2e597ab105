"""Read bodies over the HTTP API."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from mehvar.organisations import queries
from mehvar.organisations.api.asking import parents_of
from mehvar.organisations.api.shapes import BodyRow, BodyWhole, Code, NameRow, SuccessionRow, names_of
from mehvar.organisations.data import BodyType
from mehvar.organisations.models import Organisation
from mehvar.organisations.queries.tree import STEP
from mehvar.ui.api import Paging, Schema, allowed_to, page_of, tag

router = Router(tags=["organisations"])
ANYONE = allowed_to("everyone who is signed in")


class BodyFilter(Schema):
    """Choose which bodies are listed."""

    q: Annotated[str, StringConstraints(max_length=200)] = Field(
        "",
        description="Words of any name, in any language, past or present; accents and letter forms do not matter.",
    )
    type: BodyType | None = None
    pack: Annotated[str, StringConstraints(max_length=16)] | None = None
    parent: Code | None = Field(None, description="Only bodies directly below this one.")
    on: date | None = Field(None, description="Only bodies that exist on the day.")


@router.get("", response=list[BodyRow], summary="List bodies", openapi_extra=ANYONE)
def organisations(
    request: HttpRequest, response: HttpResponse, asked: Query[BodyFilter], paging: Query[Paging]
) -> list[BodyRow]:
    """List bodies in the register's order; the search looks into every name."""
    rows = queries.search(asked.q, pack=asked.pack, on=asked.on)
    if asked.type is not None:
        rows = rows.filter(type=asked.type)
    if asked.parent is not None:
        above = queries.organisation(asked.parent)
        rows = rows.filter(path__startswith=above.path, depth=above.depth + 1)
    return shown(page_of(request, response, rows, paging))


@router.get("/{code}", response=BodyWhole, summary="Read one body", openapi_extra=ANYONE)
def organisation(request: HttpRequest, response: HttpResponse, code: str) -> BodyWhole:  # noqa: ARG001 - ninja passes it
    """Give a body with its names and its successions; ``ETag`` carries its version."""
    return whole(response, queries.organisation(code))


@router.get("/{code}/children", response=list[BodyRow], summary="List the bodies below", openapi_extra=ANYONE)
def children(request: HttpRequest, response: HttpResponse, code: str, paging: Query[Paging]) -> list[BodyRow]:
    """List the bodies directly below a body."""
    rows: QuerySet[Organisation] = queries.children_of(queries.organisation(code).path)
    return shown(page_of(request, response, rows, paging))


def shown(bodies: list[Organisation]) -> list[BodyRow]:
    """Show bodies as rows; one query."""
    above = parents_of(bodies)
    return [_row(body, above) for body in bodies]


def _row(body: Organisation, above: Mapping[str, str]) -> BodyRow:
    return BodyRow(
        code=body.code,
        type=body.type,
        names=names_of(body),
        parent=above.get(body.path[:-STEP]),
        pack=body.pack,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        attributes=body.attributes,
        email=body.email,
        version=body.version,
    )


def whole(response: HttpResponse, body: Organisation) -> BodyWhole:
    """Show one body with all that is known of it; five queries."""
    tag(response, body.version)
    names = body.names.order_by("language", "kind", "valid_from", "pk")
    return BodyWhole(
        **shown([body])[0].dict(),
        all_names=[NameRow.from_orm(name) for name in names],
        successions=[*_successions(body)],
    )


def _successions(body: Organisation) -> list[SuccessionRow]:
    after = body.successions.select_related("predecessor", "successor").order_by("on", "pk")
    before = body.predecessions.select_related("predecessor", "successor").order_by("on", "pk")
    return [
        SuccessionRow(
            predecessor=item.predecessor.code,
            successor=item.successor.code if item.successor else None,
            on=item.on,
            kind=item.kind,
            note=item.note,
        )
        for item in (*before, *after)
    ]
