"""Build a session's agenda from directives, legal duties, earlier resolutions and own matters.

Source: S0.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from mehvar.directives.actions.council import locked_item, locked_session, record
from mehvar.directives.models import AgendaItem, CouncilSession
from mehvar.directives.queries import council as queries
from mehvar.directives.queries.council import Suggestion
from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop

if TYPE_CHECKING:
    from mehvar.accounts.models import User

FIELD_OF_KIND = {"directive": "directive_id", "duty": "duty_id", "resolution": "earlier_resolution_id"}


def build_agenda(actor: User, session_id: int, *, chosen: Iterable[str] | None = None) -> int:
    """Put suggested matters on the agenda, all or the chosen ones (``kind-key``), and return how many are new.

    Raises:
        InputError: A chosen matter is not among the suggestions.
        NotPermitted: The person may not run this committee's sessions.
        Conflict: The session is over.
    """
    with transaction.atomic():
        session = locked_session(actor, session_id)
        offered = {item.value: item for item in queries.suggestions_for(session)}
        wanted = list(offered) if chosen is None else list(dict.fromkeys(chosen))
        missing = [value for value in wanted if value not in offered]
        if missing:
            raise errors.InputError(
                gettext_noop("A chosen matter is no longer waiting for an agenda."),
                code="unknown-suggestion",
                field="chosen",
            )
        for value in wanted:
            _add(session, offered[value])
        if wanted:
            record(actor, session, "agenda", {"added": [offered[value].title for value in wanted]})
    return len(wanted)


def add_matter(actor: User, session_id: int, title: str) -> AgendaItem:
    """Put a matter of one's own on the agenda.

    Raises:
        InputError: The title is empty.
        Conflict: The session is over.
    """
    if not title.strip():
        raise errors.InputError(gettext_noop("Please name the matter."), code="title-required", field="title")
    with transaction.atomic():
        session = locked_session(actor, session_id)
        item = AgendaItem.objects.create(session=session, position=_next(session), title=title.strip()[:600])
        record(actor, session, "agenda", {"added": [item.title]})
    return item


def move_item(actor: User, item_id: int, *, places: int) -> None:
    """Move an item up (negative) or down by some places; beyond the ends it stays at the end.

    Raises:
        NotFound: There is no such item.
        Conflict: The session is over.
    """
    with transaction.atomic():
        item, session = locked_item(actor, item_id)
        order = list(session.agenda.order_by("position", "pk"))
        index = next(index for index, other in enumerate(order) if other.pk == item.pk)
        target = max(0, min(len(order) - 1, index + places))
        if target == index:
            return
        order.insert(target, order.pop(index))
        _renumber(order)
        record(actor, session, "agenda", {"moved": item.title, "to": target + 1})


def remove_item(actor: User, item_id: int) -> None:
    """Take an item off the agenda.

    Raises:
        NotFound: There is no such item.
        Conflict: The session is over, or resolutions were adopted under the item.
    """
    with transaction.atomic():
        item, session = locked_item(actor, item_id)
        if item.resolutions.exists():
            raise errors.Conflict(
                gettext_noop("Resolutions were adopted under this matter."), code="item-has-resolutions"
            )
        title = item.title
        item.delete()
        _renumber(list(session.agenda.order_by("position", "pk")))
        record(actor, session, "agenda", {"removed": title})


def _add(session: CouncilSession, suggestion: Suggestion) -> AgendaItem:
    return AgendaItem.objects.create(
        session=session,
        position=_next(session),
        title=suggestion.title,
        **{FIELD_OF_KIND[suggestion.kind]: suggestion.key},
    )


def _next(session: CouncilSession) -> int:
    return int(session.agenda.aggregate(last=Max("position"))["last"] or 0) + 1


def _renumber(order: list[AgendaItem]) -> None:
    for position, item in enumerate(order, 1):
        item.position = position
    AgendaItem.objects.bulk_update(order, ["position"])
