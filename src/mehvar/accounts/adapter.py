"""Fit the sign-in library to a closed house: people are invited, nobody signs up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.urls import reverse

if TYPE_CHECKING:
    from django.http import HttpRequest


class InvitedPeopleAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Keep sign-up closed and write addresses with the installation's own base URL."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the library's signature
        """Refuse sign-up: an administrator invites people."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Give the address at which a password is set, whatever host name the request carried."""
        return f"{settings.MEHVAR_BASE_URL}{_set_password_path(key)}"

    def format_email_subject(self, subject: str) -> str:
        """Begin subjects with the product's name."""
        return f"Mehvar · {subject}"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - idem
        """Go back to the profile after a new password."""
        return reverse("accounts:profile")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail with the installation's address at hand."""
        super().send_mail(template_prefix, email, {"base_url": settings.MEHVAR_BASE_URL, **context})


def _set_password_path(key: str) -> str:
    """Give the path of the page on which a password is set by a key from an e-mail (``uid-key``)."""
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return path.replace("UID-KEY", key)
