"""Give every room's HTTP API the same pages of a list, versions in headers, and shapes of names.

Source: issue "the house", point 13; RFC 8288 (``Link``), RFC 9110 (``ETag``, ``If-Match``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Schema as NinjaSchema  # noqa: TID251 - the one place
from pydantic import Field, ModelWrapValidatorHandler, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from mehvar.kernel.errors import InputError, gettext_noop

_T = TypeVar("_T")

MOST_PER_PAGE = 200
PERMISSION = "x-permission"
"""The OpenAPI member in which an operation says who may call it."""

Key = Annotated[int, Field(ge=1, le=2**53, examples=[42])]
"""A number that names a row."""

Version = Annotated[int, Field(ge=1, le=2**31 - 1, examples=[3], description="The version that you read.")]

_TAG = re.compile(r'(?:W/)?"(\d{1,9})"')


class Schema(NinjaSchema):
    """Shape what the API takes or gives; what it takes must be an object wherever a shape stands.

    The framework reads members of a shape from the attributes of whatever it gets, as it should for rows that are given. Of a request it would
    so take a text or a list for an object without members, and the text's own methods for members.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _take_objects_only(
        cls, values: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        known = info.context or {}
        is_asked = "request" in known and "response_status" not in known
        if is_asked and not isinstance(values, Mapping | NinjaSchema):
            raise PydanticCustomError("object_type", "Input should be an object")
        return handler(values)


class Paging(Schema):
    """Ask for one page of a list."""

    page: int = Field(1, ge=1, le=1_000_000, description="Which page, from 1.")
    size: int = Field(50, ge=1, le=MOST_PER_PAGE, description="How many rows a page has.")


class Names(Schema):
    """Name something in the three languages; empty where no name is known."""

    fa: str = Field("", examples=["وزارت ارتباطات"])
    vi: str = Field("", examples=["Bộ Khoa học và Công nghệ"])
    en: str = Field("", examples=["Ministry of Science and Technology"])


class Versioned(Schema):
    """Say which version was read; the header If-Match may say it instead."""

    version: Version | None = None


class Changed(Schema):
    """Say how many rows a write changed."""

    changed: int


class Problem(Schema):
    """Say why a request failed (RFC 9457)."""

    type: str = Field(examples=["urn:mehvar:problem:stale"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    detail: str
    code: str = Field(examples=["stale"])
    field: str | None = None


def allowed_to(words: str) -> dict[str, Any]:
    """Say in an operation's description who may call it."""
    return {PERMISSION: words}


def page_of(
    request: HttpRequest, response: HttpResponse, rows: QuerySet[Any, _T] | Sequence[_T], paging: Paging
) -> list[_T]:
    """Cut one page out of a list and say in headers how many rows there are and where other pages begin.

    ``X-Total-Count`` holds the number of rows, ``Link`` the addresses of the first, previous, next and last page.
    """
    total = rows.count() if isinstance(rows, QuerySet) else len(rows)
    response["X-Total-Count"] = str(total)
    last = max(1, -(-total // paging.size))
    places = {"first": 1, "prev": paging.page - 1, "next": paging.page + 1, "last": last}
    links = [_link(request, page, name) for name, page in places.items() if 1 <= page <= last]
    response["Link"] = ", ".join(links)
    start = (paging.page - 1) * paging.size
    return list(rows[start : start + paging.size])


def _link(request: HttpRequest, page: int, relation: str) -> str:
    asked = request.GET.copy()
    asked["page"] = str(page)
    return f'<{request.build_absolute_uri(f"{request.path}?{asked.urlencode()}")}>; rel="{relation}"'


def tag(response: HttpResponse, version: int) -> None:
    """Send a row's version as its ``ETag``."""
    response["ETag"] = f'"{version}"'


def version_seen(request: HttpRequest, given: int | None) -> int:
    """Give the version that the caller read, from ``If-Match`` or from the body.

    Raises:
        InputError: Neither names one, the header is no version, or the two differ.
    """
    found = version_if_given(request, given)
    if found is None:
        raise InputError(
            gettext_noop("Say which version you read: “version” in the body, or the header If-Match."),
            code="version-required",
            field="version",
        )
    return found


def said(request: HttpRequest, given: Versioned) -> dict[str, Any]:
    """Give the members of a request's body by name; its version may stand in the header If-Match.

    Raises:
        InputError: The header is no version, or header and body differ.
    """
    return {**given.dict(exclude={"version"}), "version": version_if_given(request, given.version)}


def version_if_given(request: HttpRequest, given: int | None) -> int | None:
    """Give the version that the caller read, or None where neither header nor body names one.

    Raises:
        InputError: The header is no version, or header and body differ.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return given
    matched = _TAG.fullmatch(header.strip())
    if matched is None or given not in {None, int(matched[1])}:
        raise InputError(
            gettext_noop("The header If-Match does not name the version that you read."),
            code="version-mismatch",
            field="version",
        )
    return int(matched[1])
