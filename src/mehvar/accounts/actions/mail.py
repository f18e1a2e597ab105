"""Send by e-mail what waits for people, once, as each of them chose."""

from __future__ import annotations

import logging
from datetime import datetime
from itertools import groupby
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from mehvar.accounts import queries, rules
from mehvar.accounts.models import Notification, User
from mehvar.kernel import clock

logger = logging.getLogger(__name__)


def send_due_mail() -> int:
    """Send every person one e-mail with all that waits and was not mailed; give how many were sent.

    Rows are claimed before the mail goes out, so that two workers never send the same twice; when the mail server
    refuses, the claim is given back and the next run tries again.
    """
    sent = 0
    for _user_id, rows in groupby(queries.waiting_for_mail().iterator(), key=lambda row: row.user_id):
        waiting = list(rows)
        user = waiting[0].user
        if rules.mail_is_due(user.notification, now=clock.now(), last_sent_at=_last_sent(user)):
            sent += _send(user, [row.pk for row in waiting])
    return sent


def _last_sent(user: User) -> datetime | None:
    """Give when a person last got an e-mail about something that waits."""
    last: datetime | None = Notification.objects.filter(user_id=user.pk).aggregate(last=Max("emailed_at"))[
        "last"
    ]
    return last


def _send(user: User, ids: list[int]) -> int:
    """Claim, then send; give how many e-mails went out (0 or 1)."""
    now = clock.now()
    claimed = [
        pk for pk in ids if Notification.objects.filter(pk=pk, emailed_at__isnull=True).update(emailed_at=now)
    ]
    if not claimed:
        return 0
    try:
        _deliver(user, list(Notification.objects.filter(pk__in=claimed).order_by("created_at", "pk")))
    except (OSError, SMTPException) as refusal:
        Notification.objects.filter(pk__in=claimed).update(emailed_at=None)
        logger.warning("the e-mail to person %s was not sent: %s", user.pk, refusal)
        return 0
    return 1


def _deliver(user: User, rows: list[Notification]) -> None:
    """Write the e-mail in the language of the person and hand it over."""
    with translation.override(user.language or settings.LANGUAGE_CODE):
        notices = queries.notices(rows)
        base = settings.MEHVAR_BASE_URL
        facts = {
            "name": user.name,
            "notices": notices,
            "base_url": base,
            "profile_url": base + reverse("accounts:profile"),
        }
        subject = notices[0].text if len(notices) == 1 else gettext("Several things wait for you")
        body = render_to_string("accounts/email/notices.txt", facts).strip() + "\n"
        send_mail(f"Mehvar · {subject}".replace("\n", " "), body, None, [user.email])
