"""Put the room's places into the main navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import navigation
from mehvar.ui.data import NavigationItem

if TYPE_CHECKING:
    from django.http import HttpRequest


def directives_item(request: HttpRequest) -> NavigationItem | None:
    """Lead everybody who is signed in to the directives."""
    if not request.user.is_authenticated:
        return None
    return NavigationItem(
        label=_("Directives"), url=reverse("directives:list"), icon="document", prefix="/directives/"
    )


def duties_item(request: HttpRequest) -> NavigationItem | None:
    """Lead those who draft to the register of duties and themes."""
    if not request.user.is_authenticated:
        return None
    authority = organisations.authority_in(request)
    if not permissions.allows(authority, Permission.VIEW_DRAFTS):
        return None
    return NavigationItem(
        label=_("Duties and themes"),
        url=reverse("directives:duties"),
        icon="gavel",
        prefix="/directives/duties/",
    )


def register() -> None:
    """Register the room's places; called once when the room is ready."""
    navigation.register(directives_item, order=20)
    navigation.register(duties_item, order=25)
