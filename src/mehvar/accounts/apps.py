"""Register the room with Django."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from django.http import HttpRequest

    from mehvar.ui.data import NavigationItem, Notifications


class AccountsConfig(AppConfig):
    """Keep people and how they sign in."""

    name = "mehvar.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Listen to signing in and put the profile and notices into the shell."""
        from mehvar.ui import navigation

        _listen()
        navigation.register_user_link(_profile_link, order=10)
        navigation.register_user_link(_second_factor_link, order=20)
        navigation.register_notifications(_notifications)


def _listen() -> None:
    """Connect what the sign-in library announces with the ledger."""
    from allauth.account import signals as account
    from allauth.mfa import signals as mfa
    from django.contrib.auth import signals as auth

    from mehvar.accounts.actions import sign_ins

    for signal, receiver in (
        (auth.user_logged_in, sign_ins.signed_in),
        (auth.user_login_failed, sign_ins.failed_to_sign_in),
        (mfa.authenticator_added, sign_ins.factor_added),
        (mfa.authenticator_removed, sign_ins.factor_removed),
        (account.password_set, sign_ins.password_chosen),
        (account.password_changed, sign_ins.password_chosen),
        (account.password_reset, sign_ins.password_chosen),
    ):
        signal.connect(receiver)


def _profile_link(_request: HttpRequest) -> NavigationItem:
    """Lead to the person's profile."""
    from django.urls import reverse
    from django.utils.translation import gettext as _

    from mehvar.ui.data import NavigationItem

    return NavigationItem(label=_("Profile"), url=reverse("accounts:profile"))


def _second_factor_link(_request: HttpRequest) -> NavigationItem:
    """Lead to the person's second factor."""
    from django.urls import reverse
    from django.utils.translation import gettext as _

    from mehvar.ui.data import NavigationItem

    return NavigationItem(label=_("Second factor"), url=reverse("mfa_index"))


def _notifications(request: HttpRequest) -> Notifications | None:
    """Count what waits unread for the person who is signed in."""
    from django.urls import reverse

    from mehvar.accounts import queries
    from mehvar.ui.data import Notifications

    user_id = request.user.pk if request.user.is_authenticated else None
    if user_id is None:
        return None
    return Notifications(count=queries.unread_count(user_id), url=reverse("accounts:notifications"))
