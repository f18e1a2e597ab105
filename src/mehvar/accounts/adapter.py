"""Fit the sign-in library to a closed house: people are invited, nobody signs up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_noop

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


SIGN_IN_WORDS = (
    gettext_noop("This account is currently inactive."),
    gettext_noop("The email address and/or password you specified are not correct."),
    gettext_noop("Please type your current password."),
    gettext_noop("Incorrect code."),
    gettext_noop("Incorrect password."),
    gettext_noop("Invalid or expired key."),
    gettext_noop("The password reset token was invalid."),
    gettext_noop("Too many failed login attempts. Try again later."),
    gettext_noop("The new value must be different from the current one."),
    gettext_noop("Be patient, you are sending too many requests."),
    gettext_noop("You cannot deactivate two-factor authentication."),
    gettext_noop("You cannot generate recovery codes without having two-factor authentication enabled."),
    gettext_noop("You cannot activate two-factor authentication until you have verified your email address."),
    gettext_noop("You must type the same password each time."),
    gettext_noop("Email"),
    gettext_noop("Email address"),
    gettext_noop("Password"),
    gettext_noop("Password (again)"),
    gettext_noop("Current Password"),
    gettext_noop("New Password"),
    gettext_noop("New Password (again)"),
    gettext_noop("Forgot your password?"),
    gettext_noop("Code"),
    gettext_noop("Authenticator code"),
    gettext_noop("Passwordless"),
    gettext_noop(
        "Enabling passwordless operation allows you to sign in using just this key, but imposes additional "
        "requirements such as biometrics or PIN protection."
    ),
    gettext_noop("Master key"),
    gettext_noop("Backup key"),
    gettext_noop("Key nr. {number}"),
)
"""Labels and messages of the library's own forms; pages, mails and notices have texts of our own.

The library is translated into Persian but not into Vietnamese. What stands here is collected with the room's own
strings, and the room comes before the library when Django looks for a translation.
"""
