"""Bound what comes from people without an account: so many tries per network address, which is kept as a keyed hash only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django.utils.crypto import salted_hmac

from mehvar.accounts.actions import rates
from mehvar.kernel.errors import Unavailable, gettext_noop
from mehvar.kernel.outside import network_of

if TYPE_CHECKING:
    from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Give the network address of who asks, as the trusted proxy says it where there is one."""
    return str(get_adapter(request).get_client_ip(request))


def check_flood(address: str, purpose: str, *, most: int, window_s: int) -> None:
    """Count one more try of an address for a purpose, over all processes; an IPv6 network of 64 bits counts as one.

    Raises:
        Unavailable: There were too many in the window.
    """
    key = f"outside-{purpose}-{salted_hmac('mehvar.outside', network_of(address)).hexdigest()}"
    if rates.count(key, window_s=window_s) > most:
        raise Unavailable(
            gettext_noop("Too much was sent from your connection. Please try again later."), code="flood"
        )


def check_hour(count: int, most: int) -> None:
    """Refuse once the whole installation took enough within the hour.

    Raises:
        Unavailable: It did.
    """
    if count >= most:
        raise Unavailable(
            gettext_noop("Very many people are writing to us now. Please try again in an hour."), code="busy"
        )
