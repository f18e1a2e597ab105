"""Take obstacles from people without an account, within limits, and send the receipt that they asked for.

Limits: so many per address and hour (the address only as a keyed hash), so many per hour for the whole installation; both counted in the
database, so that they hold over all processes.
Source: S4.4; issue "Programmes", point 3 (a public form that needs no account and resists abuse).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from mehvar.accounts.actions.outside import check_flood, check_hour
from mehvar.kernel import clock
from mehvar.kernel import outside as rules
from mehvar.programmes.actions import obstacles
from mehvar.programmes.models import Obstacle

if TYPE_CHECKING:
    from mehvar.programmes.actions.obstacles import Words

logger = logging.getLogger(__name__)
MOST_PER_HOUR = 120
"""Obstacles from outside that the whole installation takes within an hour."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Hold who tells, as far as they said it; ``address`` is the network address, which is never kept."""

    name: str = ""
    contact: str = ""
    email: str = ""
    address: str = ""


def tell_obstacle(
    words: Words, sender: Sender, *, submission_key: str, seconds: float, province_id: int | None = None
) -> tuple[Obstacle, str]:
    """Take an obstacle and give it with its tracking code, which is kept as a hash only.

    Raises:
        InputError: It was sent too fast, too long ago, or words are missing.
        Unavailable: Too much came from the address or altogether; nothing is kept.
        Conflict: The same form was sent before.
    """
    rules.check_fill_time(seconds)
    check_flood(sender.address, "tell", most=rules.MOST_PER_ADDRESS, window_s=rules.ADDRESS_WINDOW_S)
    _check_hour()
    code = rules.new_tracking_code()
    row = obstacles.raise_from_outside(
        words,
        name=sender.name,
        contact=" · ".join(filter(None, (sender.contact, sender.email)))[:200],
        tracking_sha256=rules.hash_of_code(code),
        submission_key=submission_key,
        province_id=province_id,
    )
    if sender.email:
        _send_receipt(sender.email, code)
    return row, code


def _check_hour() -> None:
    since = clock.now() - timedelta(hours=1)
    check_hour(Obstacle.objects.filter(raised_by__isnull=True, raised_at__gte=since).count(), MOST_PER_HOUR)


def _send_receipt(email: str, code: str) -> None:
    """Send the code; nothing that somebody typed is in the message, so that nobody can write to others through us."""
    address = settings.MEHVAR_BASE_URL + reverse("programmes:outside_track")
    body = render_to_string("programmes/outside/receipt.txt", {"code": code, "address": address})
    try:
        send_mail(gettext("Mehvar: your tracking code"), body.strip() + "\n", None, [email])
    except (OSError, SMTPException, ValueError) as refusal:
        logger.warning("a receipt was not sent: %s", type(refusal).__name__)
