"""Put stocktakes into the main navigation, and performance reports and the flagship register into the person's menu."""

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


def _may(request: HttpRequest, permission: Permission) -> bool:
    if not request.user.is_authenticated:
        return False
    return permissions.allows(organisations.authority_in(request), permission)


def stocktakes_item(request: HttpRequest) -> NavigationItem | None:
    """Lead those who hold stocktakes to them."""
    if not _may(request, Permission.HOLD_STOCKTAKE):
        return None
    url = reverse("programmes:stocktakes")
    return NavigationItem(label=_("Stocktakes"), url=url, icon="gavel", prefix=url)


def performance_link(request: HttpRequest) -> NavigationItem | None:
    """Lead everybody who follows progress to the performance reports."""
    if not _may(request, Permission.VIEW_PROGRESS):
        return None
    return NavigationItem(label=_("Performance report"), url=reverse("programmes:performance"), icon="chart")


def register_link(request: HttpRequest) -> NavigationItem | None:
    """Lead the keepers of the flagship register to it."""
    if not _may(request, Permission.MANAGE_FLAGSHIPS):
        return None
    return NavigationItem(
        label=_("Flagship register"), url=reverse("programmes:flagship_register"), icon="flag"
    )


def register() -> None:
    """Register the places; called once when the room is ready."""
    navigation.register(stocktakes_item, order=34)
    navigation.register_user_link(performance_link, order=40)
    navigation.register_user_link(register_link, order=41)
