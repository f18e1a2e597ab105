"""Invite people, close and open accounts, and let people change their own profile.

Who may administer people hangs on positions, which the room above knows: its actions check that, then call these.
"""

from __future__ import annotations

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from mehvar.accounts import queries
from mehvar.accounts.data import NotificationChoice
from mehvar.accounts.models import User
from mehvar.kernel import clock, errors, text
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Actor, Subject

LANGUAGES = ("fa", "vi", "en")
LONGEST_NAME = 200


def subject_of(user: User) -> Subject:
    """Name a person the way the ledger does."""
    return Subject("person", str(user.pk), user.name)


def invite_person(
    actor: Actor, *, email: str, name: str, language: str = "", administrator: bool = False
) -> User:
    """Make an account without a password and send its owner a link for setting one.

    ``administrator`` gives the whole tree (the first administrator of an installation).

    Raises:
        InputError: The address or the name is not one.
        Conflict: Somebody has the address already.
    """
    address = _checked_address(email)
    clean = _checked_name(name)
    with transaction.atomic():
        if User.objects.filter(email__iexact=address).exists():
            raise errors.Conflict(
                "There is an account with this address already.", code="address-taken", field="email"
            )
        user = User.objects.create_user(
            address,
            name=clean,
            language=language if language in LANGUAGES else "",
            invited_at=clock.now(),
            is_staff=administrator,
            is_superuser=administrator,
        )
        ledger.record(
            actor=actor,
            action="person.invited",
            subject=subject_of(user),
            content={"administrator": administrator, "language": user.language},
        )
        transaction.on_commit(lambda: send_invitation(user), robust=True)
    return user


def invite_again(actor: Actor, user_id: int) -> User:
    """Send a person who has not signed in yet a new link.

    Raises:
        NotFound: There is no such person.
        Conflict: The person signed in already, or the account is closed.
    """
    user = queries.person(user_id)
    if user.last_login is not None or not user.is_active:
        raise errors.Conflict("This person needs no invitation.", code="not-waiting")
    with transaction.atomic():
        user.invited_at = clock.now()
        user.save(update_fields=["invited_at"])
        ledger.record(actor=actor, action="person.invited-again", subject=subject_of(user), content={})
        transaction.on_commit(lambda: send_invitation(user), robust=True)
    return user


def set_password_link(user: User) -> str:
    """Give the address at which a person sets a password; it holds for three days or until it is used."""
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    return f"{settings.MEHVAR_BASE_URL}{path}"


def send_invitation(user: User) -> None:
    """Send the invitation in the language of the person."""
    with translation.override(user.language or settings.LANGUAGE_CODE):
        facts = {"name": user.name, "base_url": settings.MEHVAR_BASE_URL, "link": set_password_link(user)}
        send_mail(
            gettext("Your account on Mehvar"),
            render_to_string("accounts/email/invitation.txt", facts).strip() + "\n",
            None,
            [user.email],
        )


def _checked_address(email: str) -> str:
    """Clean an e-mail address."""
    address = text.to_ascii_digits(email).strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise errors.InputError(
            "“{email}” is not an e-mail address.", code="bad-address", field="email", email=email
        ) from None
    return address


def _checked_name(name: str) -> str:
    """Clean a person's name."""
    clean = text.display_form(name).strip()
    if not clean or len(clean) > LONGEST_NAME:
        raise errors.InputError("A name has 1 to 200 characters.", code="bad-name", field="name")
    return clean


def close_account(actor: Actor, user_id: int) -> User:
    """Close a person's account: whoever is signed in with it is out at once; nothing they did is lost.

    Raises:
        NotFound: There is no such person.
        Conflict: The account is closed already, or it is the actor's own.
    """
    if actor.kind == "person" and actor.identifier == str(user_id):
        raise errors.Conflict("You cannot close your own account.", code="own-account")
    return _switch(actor, user_id, opened=False)


def open_account(actor: Actor, user_id: int) -> User:
    """Open a closed account again.

    Raises:
        NotFound: There is no such person.
        Conflict: The account is open already.
    """
    return _switch(actor, user_id, opened=True)


def _switch(actor: Actor, user_id: int, *, opened: bool) -> User:
    """Open or close an account."""
    with transaction.atomic():
        user = queries.person(user_id)
        if not User.objects.filter(pk=user_id, is_active=not opened).update(is_active=opened):
            raise errors.Conflict("Somebody has done this already.", code="already-done")
        user.is_active = opened
        action = "person.opened" if opened else "person.closed"
        ledger.record(actor=actor, action=action, subject=subject_of(user), content={})
    return user


def change_profile(
    user: User, *, name: str, language: str, calendar: str, notification: NotificationChoice
) -> User:
    """Let a person change name, language, calendar and which e-mails to get.

    Raises:
        InputError: The name is empty or too long.
    """
    user.name = _checked_name(name)
    user.language = language if language in LANGUAGES else ""
    user.calendar = calendar
    user.notification = notification
    with transaction.atomic():
        user.save(update_fields=["name", "language", "calendar", "notification"])
        ledger.record(
            actor=user.as_actor(),
            action="person.profile-changed",
            subject=subject_of(user),
            content={"language": user.language, "calendar": calendar, "notification": notification.value},
        )
    return user


def set_password(actor: Actor, user_id: int, password: str) -> User:
    """Set a person's password (from the server's console).

    Raises:
        NotFound: There is no such person.
        InputError: The password is too weak.
    """
    user = queries.person(user_id)
    try:
        validate_password(password, user)
    except ValidationError as weak:
        told = " ".join(weak.messages)
        raise errors.InputError(told, code="weak-password", field="password") from None
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        ledger.record(actor=actor, action="person.password-set", subject=subject_of(user), content={})
    return user
