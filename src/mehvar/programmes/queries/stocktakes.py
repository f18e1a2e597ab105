"""Read stocktakes: which a person may hold, and the figures of each step, live while it runs and frozen afterwards.

Figures are JSON throughout, so that what was on the wall is what is hashed. Parts are computed one by one: a page reads its own.
Source: issue "programmes", point 5; S4.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db.models import F, QuerySet

from mehvar.directives.queries import council
from mehvar.directives.queries.days import today
from mehvar.kernel import identifiers
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.models import Delivery, Stocktake
from mehvar.programmes.queries import cells as cell_queries
from mehvar.programmes.queries import deliveries as delivery_queries
from mehvar.programmes.queries import obstacles as obstacle_queries
from mehvar.programmes.queries import progress as progress_queries
from mehvar.programmes.queries.cells import BodyCells, Narrowing
from mehvar.programmes.queries.scope import visible_deliveries
from mehvar.programmes.rules.stocktakes import MeetingStep, RedCourse, StocktakeState, red_facts

if TYPE_CHECKING:
    from datetime import date

    from mehvar.organisations.data import Authority

LANGUAGES = ("fa", "vi", "en")
LONGEST_LIST = 200
"""How many rows of each list stand on the wall and in the minutes; the counts are whole."""
FINISHED = ("done", "dropped")
BODY = organisations.NAME_FIELDS
EARLIER = {
    **{f"r_{name}": name for name in ("pk", "number", "text", "due_on", "state", "completed_on")},
    **{f"owner_{name}": f"owner__{name}" for name in BODY},
}
RED_FIELDS = (
    *("public_id", "text", "field_name", "starts_on", "due_on", "first_due_on", "done_on", "approved"),
    *("silent", "self_rating", "state", "weight", "organisation__path"),
)


def stocktakes_for(authority: Authority) -> QuerySet[Stocktake]:
    """Give the stocktakes of the bodies over which a person holds them."""
    rows = Stocktake.objects.select_related("organisation", "session")
    return organisations.scoped(rows, authority, Permission.HOLD_STOCKTAKE, "organisation__path")


def stocktake_for(authority: Authority, public_id: str) -> Stocktake:
    """Give one stocktake to somebody who holds it.

    Raises:
        NotFound: There is none, or not for this person.
    """
    rows = stocktakes_for(authority).select_related(
        "organisation", "session__committee__organisation", "directive", "programme"
    )
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such stocktake."), code="unknown-stocktake")
    return found


def may_run(authority: Authority, row: Stocktake) -> bool:
    """Tell whether a person may begin, decide and end: holds the stocktake and runs its committee's sessions."""
    path = row.organisation.path
    return permissions.allows(authority, Permission.HOLD_STOCKTAKE, path) and permissions.allows(
        authority, Permission.MANAGE_COUNCIL, path
    )


def committees_for(authority: Authority) -> list[tuple[int, str]]:
    """Give the committees whose sessions a person may run at a body whose stocktakes the person holds."""
    found: dict[int, str] = {}
    for path in permissions.paths_with(authority, Permission.HOLD_STOCKTAKE):
        for row in organisations.committees_below(path, on=today()):
            if permissions.allows(authority, Permission.MANAGE_COUNCIL, row.organisation.path):
                found[row.pk] = row.name
    return list(found.items())


def last_ended(organisation_id: int) -> Stocktake | None:
    """Give the latest stocktake of a body that was held to its end."""
    rows = Stocktake.objects.filter(organisation_id=organisation_id, state=StocktakeState.ENDED)
    return rows.order_by("-ended_at").first()


def narrowing_of(row: Stocktake) -> Narrowing:
    """Give what a stocktake is about: one directive, one programme, or everything."""
    return Narrowing(row.directive_id, row.programme_id)


def figures(authority: Authority, row: Stocktake, part: str) -> Any:
    """Give one part of the figures: as frozen when the stocktake is over, else as it stands."""
    if row.state == StocktakeState.ENDED:
        return row.figures[part]
    return PARTS[part](authority, row)


def all_figures(authority: Authority, row: Stocktake) -> dict[str, Any]:
    """Give every part, with the decisions, for freezing."""
    return {
        "schema": "mehvar.stocktake/1",
        "id": row.public_id,
        "day": today().isoformat(),
        **{name: compute(authority, row) for name, compute in PARTS.items()},
        "decisions": decisions(row),
    }


def is_intact(row: Stocktake) -> bool:
    """Tell whether the frozen figures still have the hash that the ledger holds."""
    return bool(row.figures) and identifiers.content_hash(row.figures) == row.content_hash


def decisions(row: Stocktake) -> list[dict[str, Any]]:
    """Give the decisions that were taken in this stocktake, by number; one query."""
    if row.session is None:
        return []
    return [
        {
            "key": one.pk,
            "number": one.number,
            "text": one.text,
            "owner": {name: getattr(one.owner, name) for name in BODY},
            "due_on": _iso(one.due_on),
            "state": one.state,
        }
        for one in council.resolutions_of(row.session)
    ]


def attendance(row: Stocktake) -> list[dict[str, Any]]:
    """Give who was in the room, each seat named in every language; one query."""
    if row.session is None:
        return []
    return [
        {
            "name": {language: council.seat_name(seat.member, language) for language in LANGUAGES},
            "present": seat.present,
            "substitute": seat.substitute,
        }
        for seat in council.attendance_of(row.session)
    ]


def meeting_facts(row: Stocktake) -> dict[str, Any]:
    """Give what the head of the minutes says of the session."""
    about = row.directive or row.programme
    facts: dict[str, Any] = {"body": _names(row.organisation), "about": about.title if about else ""}
    if row.session is not None:
        facts |= {
            "committee": row.session.committee.name,
            "number": row.session.number,
            "chaired_by": row.session.chaired_by,
        }
    return facts


def _names(body: Any) -> dict[str, Any]:
    return {name: getattr(body, name) for name in BODY}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _body(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name: row[f"{prefix}{name}"] for name in BODY}


def _overview(authority: Authority, row: Stocktake) -> dict[str, Any]:
    rows = narrowing_of(row).apply(visible_deliveries(authority))
    rollup = delivery_queries.roll_up(rows)
    return {
        "cells": asdict(cell_queries.cells_total(authority, narrowing_of(row))),
        "colours": {colour.value: number for colour, number in rollup.counts.items()},
        "worst": rollup.worst.key if rollup.worst else "",
    }


def _fields(authority: Authority, row: Stocktake) -> list[dict[str, Any]]:
    found = cell_queries.cells_by_field(authority, narrowing_of(row))
    return [{"field": one.field_name, "cells": asdict(one.cells)} for one in found]


def _provinces(authority: Authority, row: Stocktake) -> list[dict[str, Any]]:
    return [_province(one) for one in cell_queries.cells_by_province(authority, narrowing_of(row))]


def _province(one: BodyCells) -> dict[str, Any]:
    attributes = one.body["attributes"]
    place = [attributes.get("tile_x"), attributes.get("tile_y")]
    has_place = all(value is not None for value in place)
    return {
        "body": _body(one.body, ""),
        "tile": [int(value) for value in place] if has_place else None,
        "cells": asdict(one.cells),
    }


def _red(authority: Authority, row: Stocktake) -> dict[str, Any]:
    rows = delivery_queries.red_list(narrowing_of(row).apply(visible_deliveries(authority)))
    tops = list(organisations.provinces(on=today()).values_list("path", "code"))
    listed = rows.order_by("-weight", "red_on", "pk").values(
        *RED_FIELDS, *(f"organisation__{name}" for name in BODY)
    )
    return {"count": rows.count(), "rows": [_red_row(one, tops) for one in listed[:LONGEST_LIST]]}


def _red_row(one: Mapping[str, Any], tops: list[tuple[str, str]]) -> dict[str, Any]:
    keys = ("starts_on", "due_on", "first_due_on", "done_on", "approved", "silent", "self_rating")
    facts = red_facts(RedCourse(**{key: one[key] for key in keys}), today())
    path = one["organisation__path"]
    return {
        "id": one["public_id"],
        "text": one["text"],
        "body": _body(one, "organisation__"),
        "field": one["field_name"],
        "province": next((code for top, code in tops if path.startswith(top)), ""),
        "due_on": _iso(one["due_on"]),
        "why": asdict(facts),
    }


def _obstacles(_authority: Authority, row: Stocktake) -> dict[str, Any]:
    rows = obstacle_queries.waiting_for_decision(organisation=row.organisation)
    about = {"delivery__directive_id": row.directive_id, "delivery__programme_id": row.programme_id}
    rows = rows.filter(**{key: value for key, value in about.items() if value is not None})
    return {
        "count": rows.count(),
        "rows": [
            {
                "id": one.public_id,
                "title": one.title,
                "cause": one.cause,
                "needed": one.decision_needed,
                "level": one.level,
                "due_on": _iso(one.level_due_on),
                "body": {name: getattr(one.owner, name) for name in BODY},
            }
            for one in rows[:LONGEST_LIST]
        ],
    }


def _late(authority: Authority, row: Stocktake) -> dict[str, Any]:
    about = {"round__directive_id": row.directive_id, "round__programme_id": row.programme_id}
    rows = progress_queries.late_requests(authority).filter(
        **{key: value for key, value in about.items() if value is not None}
    )
    return {
        "count": rows.count(),
        "rows": [
            {
                "round": one.round.public_id,
                "period": one.round.period,
                "body": {name: getattr(one.organisation, name) for name in BODY},
                "due_on": _iso(one.round.due_on),
                "climbs": one.climbs,
            }
            for one in rows[:LONGEST_LIST]
        ],
    }


def _earlier(_authority: Authority, row: Stocktake) -> list[dict[str, Any]]:
    """Give the decisions of the last time, and what is unfinished of the times before; one query."""
    prefix = "session__resolutions__"
    rows: Iterable[Mapping[str, Any]] = (
        Stocktake.objects.filter(organisation_id=row.organisation_id, state=StocktakeState.ENDED)
        .exclude(pk=row.pk)
        .filter(**{f"{prefix}isnull": False})
        .order_by("-ended_at", f"{prefix}number")
        .values("pk", "held_on", **{name: F(f"{prefix}{path}") for name, path in EARLIER.items()})
    )
    listed = [one for one in rows if one["pk"] == row.previous_id or one["r_state"] not in FINISHED]
    return [
        {
            "key": one["r_pk"],
            "number": one["r_number"],
            "held_on": _iso(one["held_on"]),
            "text": one["r_text"],
            "owner": _body(one, "owner_"),
            "due_on": _iso(one["r_due_on"]),
            "state": one["r_state"],
            "completed_on": _iso(one["r_completed_on"]),
        }
        for one in listed[:LONGEST_LIST]
    ]


PARTS: Mapping[str, Callable[[Authority, Stocktake], Any]] = {
    MeetingStep.OVERVIEW.value: _overview,
    MeetingStep.FIELDS.value: _fields,
    MeetingStep.PROVINCES.value: _provinces,
    MeetingStep.RED.value: _red,
    MeetingStep.OBSTACLES.value: _obstacles,
    MeetingStep.LATE.value: _late,
    MeetingStep.EARLIER.value: _earlier,
}


def delivery_titles(keys: list[str]) -> dict[str, str]:
    """Give the words of deliveries by their public keys; one query, none without keys."""
    wanted = [key for key in keys if key]
    return (
        dict(Delivery.objects.filter(public_id__in=wanted).values_list("public_id", "text")) if wanted else {}
    )
