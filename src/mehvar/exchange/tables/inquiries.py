"""Define the lists of questions and authorisations, and files of answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.rules.inquiries import RecordRow
from mehvar.ui import tables
from mehvar.ui.data import EmptyState
from mehvar.ui.tables import Column
from mehvar.ui.tables.export import as_csv, as_xlsx

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from mehvar.exchange.data.operations import Ask
    from mehvar.exchange.models import Inquiry
    from mehvar.ui.reader import Reader

Row = Mapping[str, Any]

STATES = (
    ("waiting", _("Waits")),
    ("asking", _("Being asked")),
    ("answered", _("Answered")),
    ("failed", _("Failed")),
    ("unknown", _("Outcome unknown")),
    ("dropped", _("Dropped")),
)
BADGES = {
    "waiting": "draft",
    "asking": "open",
    "answered": "done",
    "failed": "overdue",
    "unknown": "attention",
    "dropped": "closed",
}
FILE_STATES = (
    ("checked", _("Checked, waits for your word")),
    ("running", _("Being asked")),
    ("done", _("Asked")),
    ("cancelled", _("Dropped")),
    ("expired", _("Answers no longer kept")),
)
FILE_BADGES = {
    "checked": "attention",
    "running": "open",
    "done": "done",
    "cancelled": "closed",
    "expired": "closed",
}
MOST_COLUMNS = 60


class InquiryTable(tables.Table):
    """List one's own questions, the latest first."""

    name = "inquiries"
    caption = _("My questions")
    columns = (
        Column("asked_at", _("When"), kind="moment", sortable=True, filter="date"),
        Column(
            "service",
            _("What was asked"),
            kind="link",
            source="authorisation__right__service__title",
            link=lambda row: reverse("exchange:inquiry", args=[row["public_id"]]),
        ),
        Column("reference", _("Case"), filter="search"),
        Column("purpose", _("What for"), source="authorisation__purpose"),
        Column("state", _("State"), kind="badge", filter="choice", choices=STATES, states=BADGES),
        Column("status", _("Answer code"), kind="number"),
        Column("request_id", _("Number of the call"), filter="search", listed=False),
    )
    extra_fields = ("public_id",)
    default_sort = ("-pk",)
    empty = EmptyState(
        title=_("You have not asked anything yet"),
        text=_("Choose above what you may ask. Every question goes on record with its purpose and case."),
    )


class AuthorisationTable(tables.Table):
    """List who may ask what until when."""

    name = "authorisations"
    caption = _("Authorisations to inquire")
    columns = (
        Column("officer_name", _("Officer"), source="officer__name", sortable=True, filter="search"),
        Column("service", _("What may be asked"), source="right__service__title", filter="search"),
        Column("system", _("In the name of"), source="subsystem__name"),
        Column("purpose", _("What for")),
        Column("valid_until", _("Last day"), kind="date", sortable=True, filter="date"),
        Column("daily_limit", _("Questions a day"), kind="number"),
        Column("given_by_name", _("Given by"), source="given_by__name"),
        Column("ended_at", _("Taken back"), kind="moment"),
        Column(
            "act",
            "",
            kind="link",
            value=lambda row: _("Take back") if _can_be_ended(row) else "",
            link=lambda row: (
                reverse("exchange:authorisation_end", args=[row["public_id"]]) if _can_be_ended(row) else ""
            ),
            exported=False,
        ),
    )
    extra_fields = ("public_id", "ended_at", "is_own")
    default_sort = ("-pk",)
    empty = EmptyState(
        title=_("Nobody is authorised yet"),
        text=_("A director lets a named officer ask a service, for one purpose, until a day."),
    )


def _can_be_ended(row: Row) -> bool:
    return bool(row["is_own"]) and not row["ended_at"]


def answers_file(
    rows: Iterable[Inquiry], asks: tuple[Ask, ...], extension: str, reader: Reader, *, name: str
) -> HttpResponseBase:
    """Give the answers of a file of questions: what was asked, how it ended, and each plain member of the answer."""
    lines = [_line(row) for row in rows]
    found = dict.fromkeys(key for line in lines for key in line if key.startswith("answer."))
    columns = [
        Column("number", _("Row"), kind="number"),
        *[Column(ask.key, ask.label) for ask in asks],
        Column("state", _("State"), choices=STATES),
        Column("status", _("Answer code"), kind="number"),
        *[Column(key, key.removeprefix("answer.")) for key in list(found)[:MOST_COLUMNS]],
        Column("error", _("Error")),
        Column("request_id", _("Number of the call")),
    ]
    write = as_xlsx if extension == "xlsx" else as_csv
    return write(columns, lines, reader, name=name)


def _line(row: Inquiry) -> dict[str, Any]:
    facts = ("number", "state", "status", "error", "request_id")
    return {**row.values, **{name: getattr(row, name) for name in facts}, **_members(row.answer)}


def _members(answer: str) -> dict[str, Any]:
    """Give the members of an answer; what is nested stands as JSON."""
    try:
        found = json.loads(answer) if answer else {}
    except (ValueError, RecursionError):
        return {"answer.text": answer}
    if not isinstance(found, dict):
        return {"answer.text": answer}
    return {
        f"answer.{name}": json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
        for name, value in found.items()
    }


def indented(rows: Iterable[RecordRow]) -> list[tuple[RecordRow, int]]:
    """Give the lines of a record with how deep they stand, three steps at most."""
    return [(row, min(row.depth, 3)) for row in rows]
