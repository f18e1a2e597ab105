"""Say how bodies and texts of programmes look over the HTTP API, and who may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from pydantic import Field, StringConstraints

from mehvar.organisations import queries as organisations
from mehvar.ui.api import Names, Schema, Versioned, allowed_to

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from mehvar.accounts.models import User
    from mehvar.organisations.models import Organisation

PublicId = Annotated[str, StringConstraints(max_length=40), Field(examples=["01kqrs4wr06akh6h4ym1tjb2fe"])]
BodyCode = Annotated[str, StringConstraints(max_length=80), Field(examples=["ir.tehran"])]
Line = Annotated[str, StringConstraints(max_length=300)]
Long = Annotated[str, StringConstraints(max_length=10_000)]
Percent = Annotated[int, Field(ge=0, le=100, examples=[40])]
WATCHERS = allowed_to(
    "view-progress over the body that asks or the one that delivers; nothing of other bodies"
)


Reason = Annotated[str, StringConstraints(max_length=4000)]
Note = Annotated[str, StringConstraints(max_length=10_000)]
PeriodId = Annotated[str, StringConstraints(max_length=16), Field(examples=["1405-Q1"])]
Codes = Annotated[list[BodyCode], Field(min_length=1, max_length=500)]


class VersionedReason(Versioned):
    """Say which version was read, and why."""

    reason: Reason = ""


class ActingBody(Schema):
    """Name the body that asks, delivers, raises or removes."""

    code: str = Field(examples=["ir.tehran"])
    names: Names


def body_of(body: Organisation) -> ActingBody:
    """Name a body."""
    return ActingBody(code=body.code, names=Names(fa=body.name_fa, vi=body.name_vi, en=body.name_en))


def person(request: HttpRequest) -> User:
    """Give the person for whom the request acts."""
    return cast("User", request.user)


def key_of(code: str | None) -> int | None:
    """Give the key of a body by its code, None where none is named.

    Raises:
        NotFound: There is no such body.
    """
    return organisations.organisation(code).pk if code else None


def keys_of(codes: Iterable[str]) -> list[int]:
    """Give the keys of bodies by their codes, in the same order.

    Raises:
        NotFound: One of them is unknown.
    """
    return [organisations.organisation(code).pk for code in codes]
