"""Read people and what waits for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext

from mehvar.accounts.models import ApiToken, Notification, User
from mehvar.kernel import clock, errors
from mehvar.ui.periods import period_name
from mehvar.ui.reader import ISOLATE_ANY, POP_ISOLATE, reader_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpRequest

    from mehvar.ui.reader import Reader

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")
NUMBERED = re.compile(r"[0-9]+(?:[/.][0-9]+)*")
"""A number of a document, a resolution or a session: digits and what parts them."""
ISO_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")


@dataclass(frozen=True, slots=True)
class Notice:
    """Hold a notification in the reader's language."""

    id: int
    text: str
    path: str
    created_at: datetime
    read_at: datetime | None


def person_in(request: HttpRequest) -> User:
    """Give the person for whom a request acts, on a page or a route that nobody else reaches."""
    return cast("User", request.user)


def person(user_id: int) -> User:
    """Give a person.

    Raises:
        NotFound: There is no such person.
    """
    found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise errors.NotFound("There is no such person.", code="unknown-person")
    return found


def person_by_email(email: str) -> User:
    """Give the person with an e-mail address, ignoring case.

    Raises:
        NotFound: Nobody has the address.
    """
    found = User.objects.filter(email__iexact=email.strip()).first()
    if found is None:
        raise errors.NotFound("Nobody has the address {email}.", code="unknown-person", email=email)
    return found


def people_by_email(addresses: Iterable[str]) -> dict[str, User]:
    """Give the people who have some addresses (in small letters), by address."""
    return {user.email.lower(): user for user in User.objects.filter(email__in=set(addresses))}


def administers_everything(user_id: int) -> bool:
    """Tell whether a person is administrator of the whole tree."""
    return User.objects.filter(pk=user_id, is_superuser=True).exists()


def people() -> QuerySet[Any, Any]:
    """Give all people as values, with whether they set up a second factor."""
    factors = Authenticator.objects.filter(user_id=OuterRef("pk")).exclude(
        type=Authenticator.Type.RECOVERY_CODES
    )
    return User.objects.annotate(second_factor=Exists(factors)).values(
        "id", "name", "email", "is_active", "last_login", "invited_at", "second_factor"
    )


def has_second_factor(user_id: int) -> bool:
    """Tell whether a person set up an authenticator app or a key."""
    own = Authenticator.objects.filter(user_id=user_id)
    found: bool = own.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
    return found


def sign_in_methods(user_id: int) -> Mapping[str, int]:
    """Count a person's authenticator apps (``totp``) and keys (``webauthn``)."""
    rows = Authenticator.objects.filter(user_id=user_id).values_list("type").annotate(number=Count("pk"))
    return dict(rows.order_by("type"))


def claim_of(user_id: int, name: str) -> str:
    """Give what the OpenID provider says of a person under a claim; empty without provider or claim."""
    rows = SocialAccount.objects.filter(user_id=user_id, provider="oidc").order_by("-last_login")
    for told in rows.values_list("extra_data", flat=True):
        for part in (told, told.get("userinfo"), told.get("id_token")):
            value = part.get(name) if isinstance(part, dict) else None
            if isinstance(value, str | int) and str(value).strip():
                return str(value).strip()
    return ""


def notifications_of(user_id: int) -> QuerySet[Notification]:
    """Give what a person was told, the newest first."""
    return Notification.objects.filter(user_id=user_id).order_by("-created_at", "-pk")


def unread_count(user_id: int) -> int:
    """Count what a person has not read yet."""
    return Notification.objects.filter(user_id=user_id, read_at__isnull=True).count()


def notices(rows: list[Notification]) -> list[Notice]:
    """Say notifications in the active language."""
    return [Notice(row.pk, said(row), row.path, row.created_at, row.read_at) for row in rows]


def said(row: Notification) -> str:
    """Say a notification in the active language, with names, days, periods and numbers as its reader writes them.

    What bears names in several languages is stored under its place and, for each language, ``<place>_<language>``.
    A translation with a wrong place falls back to the source.
    """
    reader = reader_of()
    told = {
        name: _told(name, row.params.get(f"{name}_{reader.language}") or value, reader)
        for name, value in row.params.items()
    }
    try:
        return gettext(row.message_id).format(**told)
    except (KeyError, IndexError, ValueError):
        return row.message_id


def _told(name: str, value: str | int, reader: Reader) -> str:
    if isinstance(value, int):
        return reader.number(value)
    if ISO_DAY.fullmatch(value):
        return reader.date(date.fromisoformat(value))
    if name == "period":
        return period_name(value, reader)
    if NUMBERED.fullmatch(value):
        return reader.digits(value)
    return (
        f"{ISOLATE_ANY}{value}{POP_ISOLATE}" if RIGHT_TO_LEFT.search(value) and not reader.is_rtl else value
    )


def waiting_for_mail() -> QuerySet[Notification]:
    """Give unread notifications of active people about which no e-mail was sent, with the person."""
    return (
        Notification.objects.filter(emailed_at__isnull=True, read_at__isnull=True, user__is_active=True)
        .exclude(Q(user__notification="none"))
        .select_related("user")
        .order_by("user_id", "created_at", "pk")
    )


@dataclass(frozen=True, slots=True)
class TokenRow:
    """Hold what is known of a token; its secret text is not."""

    id: int
    label: str
    beginning: str
    may_write: bool
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    is_valid: bool


def tokens_of(user_id: int) -> list[TokenRow]:
    """Give a person's tokens, the latest first, ended ones too."""
    now = clock.now()
    return [
        TokenRow(
            id=row.pk,
            label=row.label,
            beginning=row.beginning,
            may_write=row.may_write,
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
            is_valid=row.revoked_at is None and row.expires_at > now,
        )
        for row in ApiToken.objects.filter(user_id=user_id).order_by("-created_at", "-pk")
    ]
