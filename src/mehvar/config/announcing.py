"""Offer other rooms' news as public topics of the exchange: a directive that was promulgated.

A body that is a member of the exchange announces on its own topic with the code ``directives``; where no such topic is open
nothing is announced. Publishing twice changes nothing, so a minute's job makes good what a crash between commit and event would lose.
"""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from mehvar.directives.models import Promulgation
from mehvar.exchange.actions.events import topics
from mehvar.exchange.data.events import Event, TopicState
from mehvar.exchange.models import EventTopic
from mehvar.kernel import clock, events

if TYPE_CHECKING:
    from datetime import datetime

TOPIC = "directives"
PROMULGATED = "mehvar.directive.promulgated"
LOOK_BACK = timedelta(days=7)
_log = logging.getLogger(__name__)


def subscribe() -> None:
    """Listen for promulgated directives."""
    events.subscribe("directives.advanced", announce_step)


def announce_step(*, step: str, directive_id: int, **_facts: object) -> None:
    """Announce a directive as soon as it is promulgated; a failure is made good by the minute's job."""
    if step != "promulgate":
        return
    try:
        _announce(directive_id=directive_id)
    except Exception:  # noqa: BLE001 - a promulgation never fails because of an announcement
        _log.exception("directive %d is announced later", directive_id)


def announce_promulgated() -> int:
    """Announce what was promulgated within the last week and is not announced yet; return how many."""
    return _announce(since=clock.now() - LOOK_BACK)


def _announce(*, directive_id: int | None = None, since: datetime | None = None) -> int:
    open_ = EventTopic.objects.filter(code=TOPIC, state=TopicState.OPEN)
    open_ = open_.select_related("subsystem__member__organisation")
    by_body = {row.subsystem.member.organisation_id: row for row in open_}
    if not by_body:
        return 0
    made = Promulgation.objects.filter(directive__issuer__in=[*by_body]).select_related("directive")
    made = made.filter(directive=directive_id) if directive_id else made.filter(promulgated_at__gte=since)
    count = 0
    for one in made:
        (accepted,) = topics.publish(None, by_body[one.directive.issuer_id].public_id, [_event(one)])
        count += accepted.is_new
    return count


def _event(made: Promulgation) -> Event:
    directive = made.directive
    data: dict[str, Any] = {
        "directive": directive.public_id,
        "title": directive.title,
        "number": made.number,
        "language": directive.language,
        "address": settings.MEHVAR_BASE_URL + reverse("directives:public", args=[made.short_code]),
        "content_sha256": made.content_hash,
        "promulgated_at": made.promulgated_at.isoformat(),
    }
    return Event(
        id=f"{directive.public_id}:promulgated",
        source=settings.MEHVAR_BASE_URL,
        type=PROMULGATED,
        data=json.dumps(data, ensure_ascii=False).encode(),
        content_type="application/json",
        subject=directive.public_id,
        time=data["promulgated_at"],
    )
