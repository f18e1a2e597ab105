"""Read from an address what of the deliveries is wanted: one directive, programme, body or field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mehvar.directives.queries import directives
from mehvar.organisations import queries as organisations
from mehvar.programmes.models import DeliveryMaking, Programme
from mehvar.programmes.queries.cells import Narrowing
from mehvar.programmes.queries.scope import scope_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from mehvar.organisations.data import Authority

MOST_NAMED = 3
NO_FIELD = "-"
"""How an address says "without a field"."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what is wanted, the words for it, and how the address says so.

    ``being_made`` names the directives (visible ones) whose deliveries are not all there yet.
    """

    narrowing: Narrowing
    directive: str = ""
    programme: str = ""
    body: str = ""
    field: str = ""
    label: str = ""
    being_made: tuple[str, ...] = ()

    def parameters(self) -> dict[str, str]:
        """Give the parameters of an address that asks the same."""
        found = {
            "directive": self.directive,
            "programme": self.programme,
            "body": self.body,
            "field": self.field,
        }
        return {key: value for key, value in found.items() if value}

    def query(self) -> str:
        """Give the end of an address that asks the same."""
        return "?" + urlencode(self.parameters()) if self.parameters() else ""

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the deliveries that are wanted."""
        return self.narrowing.apply(rows)


def asked_of(authority: Authority, query: Mapping[str, Any]) -> Asked:
    """Read an address; a directive that the person may not see is not found, unknown bodies give nothing.

    Raises:
        NotFound: There is no such directive, programme or body, or not for this person.
    """
    directive_id, programme_id, label = None, None, ""
    wanted = {name: str(query.get(name, ""))[:600] for name in ("directive", "programme", "body", "field")}
    if wanted["directive"]:
        found = directives.visible_directive(authority, wanted["directive"])
        directive_id, label = found.pk, found.title
    if wanted["programme"]:
        programme_id, label = _programme(authority, wanted["programme"])
    path = organisations.organisation(wanted["body"]).path if wanted["body"] else ""
    field = None if not wanted["field"] else ("" if wanted["field"] == NO_FIELD else wanted["field"])
    narrowing = Narrowing(directive_id, programme_id, path, field)
    return Asked(narrowing, label=label, being_made=_being_made(authority, directive_id), **wanted)


def _being_made(authority: Authority, directive_id: int | None) -> tuple[str, ...]:
    """Name the directives whose deliveries are being made, as far as the person sees them and they are wanted; one query."""
    rows = DeliveryMaking.objects.filter(
        finished_at=None, directive__in=directives.visible(authority).order_by()
    )
    rows = rows if directive_id is None else rows.filter(directive_id=directive_id)
    return tuple(rows.order_by("asked_at").values_list("directive__title", flat=True)[:MOST_NAMED])


def _programme(authority: Authority, public_id: str) -> tuple[int, str]:
    """Give a programme's key, and its title to those who watch over it; deliveries are narrowed to the person's scope anyway."""
    row = Programme.objects.filter(public_id=public_id).values_list("pk", "title", "organisation_id").first()
    if row is None:
        return 0, ""
    return row[0], row[1] if scope_of(authority).holds_issuer(row[2]) else ""
